package scan

import (
	"math"

	"github.com/openprecinct/precinct/election/ballot"
)

// point is a place in a raster, in pixels.
type point struct{ x, y float64 }

// A timing mark, in inches.
const (
	markWidth  = ballot.MarkWidth
	markHeight = ballot.MarkHeight
)

// grid is where the timing marks of the left and right edges are, by rows from the top of the page: everything else lies between them.
type grid struct {
	left, right    []point
	found          int // marks that were seen, of both edges
	ppiX           float64
	scaleX, scaleY float64 // size of the print beside what it should be, if the paper is 8.5 inches wide
	skew           float64 // radians by which the rows are turned, clockwise
	upsideDown     bool
}

// How far marks may be from where their neighbours say, and how many may be missing.
const (
	agree     = 2.0 // pixels
	mostGap   = 3   // missing marks one after the other
	leastSeen = 0.8 // share of the marks of an edge
)

// pitches of the two kinds of ballots, in inches.
func pitches(e *ballot.Election) (x, y float64) {
	if e.Codes == ballot.TimingMarks {
		return 0.25, 0.25 // AccuVote
	}
	return ballot.ColumnPitch, e.Paper.RowPitch()
}

// fit finds the grid of a side. The reason is none when it did.
func (r *raster) fit(e *ballot.Election) (grid, Reason) {
	pitchX, pitchY := pitches(e)
	rows := e.Paper.Rows()
	strip := int(r.ppi)
	left, okL := chain(r.whole(r.findMarks(nil, 0, strip)), pitchY*r.ppi)
	right, okR := chain(r.whole(r.findMarks(nil, r.w-strip, r.w)), pitchY*r.ppi)
	if !okL || !okR {
		return grid{}, NoTimingMarks
	}
	if reason := line(&left, &right, rows); reason != None {
		return grid{}, reason
	}
	if !mend(&left) || !mend(&right) {
		return grid{}, TornTimingMarks
	}
	g := grid{left: left.at, right: right.at}
	for i := range rows {
		for _, seen := range []bool{left.seen[i], right.seen[i]} {
			if seen {
				g.found++
			}
		}
	}
	g.measure(r, pitchX, pitchY)
	if !r.refine(&g) {
		return grid{}, TornTimingMarks
	}
	g.measure(r, pitchX, pitchY)
	return g, None
}

// whole makes the centre of marks that the image's edge cuts off that of the whole mark.
func (r *raster) whole(marks []mark) []mark {
	wide := markWidth * r.ppi
	for i := range marks {
		m := &marks[i]
		switch short := wide - float64(m.x1-m.x0); {
		case short > 2 && m.x0 <= 2:
			m.x -= short / 2
		case short > 2 && m.x1 >= r.w-2:
			m.x += short / 2
		}
	}
	return marks
}

// line brings two columns to the same rows: rows run square to the columns. Together they must have as many as the paper; one may lack a mark at an end.
func line(l, r *column, rows int) Reason {
	slope := (l.slope + r.slope) / 2
	// The row of the right column's first mark, counted on the left.
	across := r.at[0].x - l.at[0].x
	y := r.at[0].y + slope*across
	pitch := (l.at[len(l.at)-1].y - l.at[0].y) / float64(len(l.at)-1)
	shift := int(math.Round((y - l.at[0].y) / pitch))
	first, last := min(0, shift), max(len(l.at), shift+len(r.at))
	if n := last - first; n != rows {
		if n > rows || n < rows-4 {
			return WrongPaper
		}
		return TornTimingMarks
	}
	if !pad(l, -first, rows) || !pad(r, shift-first, rows) {
		return TornTimingMarks
	}
	return None
}

// pad puts unseen rows before and behind a column.
func pad(c *column, before, rows int) bool {
	after := rows - before - len(c.at)
	if before > 1 || after > 1 {
		return false
	}
	if before == 1 {
		c.at, c.seen = append([]point{{}}, c.at...), append([]bool{false}, c.seen...)
	}
	if after == 1 {
		c.at, c.seen = append(c.at, point{}), append(c.seen, false)
	}
	return true
}

// mend drops marks that are smeared — not where both their neighbours say — and puts those that are missing where their neighbours say, as long as these agree.
func mend(c *column) bool {
	n := len(c.at)
	for i := 1; i < n-1; i++ {
		if c.seen[i-1] && c.seen[i] && c.seen[i+1] && !near(c.at[i], middle(c.at[i-1], c.at[i+1], 0.5), 1.5*agree) {
			if !smeared(c, i) {
				continue
			}
			c.seen[i] = false
		}
	}
	seen := 0
	for _, s := range c.seen {
		if s {
			seen++
		}
	}
	if float64(seen) < leastSeen*float64(n) {
		return false
	}
	for i := 0; i < n; i++ {
		if c.seen[i] {
			continue
		}
		j := i
		for j < n && !c.seen[j] {
			j++
		}
		if !bridge(c, i, j) {
			return false
		}
		i = j
	}
	return true
}

// smeared reports whether it is mark i, and not a neighbour, that is out of place: without it the neighbours follow from theirs.
func smeared(c *column, i int) bool {
	if i < 2 || i > len(c.at)-3 || !c.seen[i-2] || !c.seen[i+2] {
		return false
	}
	a, b := c.at[i-2], c.at[i+2]
	return near(c.at[i-1], middle(a, b, 0.25), agree) && near(c.at[i+1], middle(a, b, 0.75), agree)
}

// bridge fills in the marks from i up to j.
func bridge(c *column, i, j int) bool {
	n := len(c.at)
	switch {
	case j-i > mostGap:
		return false
	case i == 0:
		c.at[0] = middle(c.at[1], c.at[2], -1)
		return j == 1 && c.seen[2] && c.seen[3] && near(c.at[1], middle(c.at[2], c.at[3], -1), agree)
	case j == n:
		c.at[n-1] = middle(c.at[n-2], c.at[n-3], -1)
		return i == n-1 && c.seen[n-3] && c.seen[n-4] && near(c.at[n-2], middle(c.at[n-3], c.at[n-4], -1), agree)
	}
	for k := i; k < j; k++ {
		c.at[k] = middle(c.at[i-1], c.at[j], float64(k-i+1)/float64(j-i+1))
	}
	// What the marks before the gap say of its first mark, and those behind it of its last.
	before := i < 2 || !c.seen[i-2] || near(c.at[i], middle(c.at[i-1], c.at[i-2], -1), agree)
	behind := j > n-2 || !c.seen[j+1] || near(c.at[j-1], middle(c.at[j], c.at[j+1], -1), agree)
	return before && behind
}

func middle(a, b point, t float64) point { return point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)} }

func near(a, b point, by float64) bool {
	return math.Abs(a.x-b.x) <= by && math.Abs(a.y-b.y) <= by
}

// measure sets what is derived from the marks.
func (g *grid) measure(r *raster, pitchX, pitchY float64) {
	n := len(g.left) - 1
	width := (dist(g.left[0], g.right[0]) + dist(g.left[n], g.right[n])) / 2
	height := (dist(g.left[0], g.left[n]) + dist(g.right[0], g.right[n])) / 2
	g.scaleX = width / (ballot.Columns - 1) / (pitchX * r.ppi)
	g.scaleY = height / float64(n) / (pitchY * r.ppi)
	g.ppiX = r.ppi * g.scaleX
	mid := n / 2
	g.skew = math.Atan2(g.right[mid].y-g.left[mid].y, g.right[mid].x-g.left[mid].x)
}

func dist(a, b point) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }

// refine shifts the marks of left and right so that those along the top and the bottom are where they must be: the marks at the edges are cut off where a
// sheet was fed askew or cut too narrow, and then their centres are not what they seem.
func (r *raster) refine(g *grid) bool {
	n := len(g.left) - 1
	top, okTop := r.drift(g, 0)
	bottom, okBottom := r.drift(g, float64(n))
	switch {
	case !okTop && !okBottom:
		return true // edges says what is missing
	case !okTop:
		top = bottom
	case !okBottom:
		bottom = top
	}
	for _, d := range [4]float64{top[0], top[1], bottom[0], bottom[1]} {
		if math.Abs(d) > 0.5*markWidth*r.ppi {
			return false
		}
	}
	for i := range g.left {
		t := float64(i) / float64(n)
		g.left[i].x += top[0] + t*(bottom[0]-top[0])
		g.right[i].x += top[1] + t*(bottom[1]-top[1])
	}
	return true
}

// drift returns by how much the marks along a row are to the right of where they should be, at the left and at the right edge.
func (r *raster) drift(g *grid, row float64) (ends [2]float64, ok bool) {
	var cols, offs [ballot.Columns]float64
	n := 0
	for c := 1; c < ballot.Columns-1; c++ {
		p := g.at(ballot.Point{Col: float64(c), Row: row})
		if a, b, ok := r.runAt(int(math.Round(p.x)), int(math.Round(p.y))); ok {
			cols[n], offs[n] = float64(c)/(ballot.Columns-1), float64(a+b-1)/2-p.x
			n++
		}
	}
	if n < ballot.Columns/2 {
		return ends, false
	}
	// The line through most of them: least squares, twice, the second time without those that are off.
	a, b := 0.0, 0.0
	for pass := range 2 {
		var s, sx, sy, sxx, sxy float64
		for i := range n {
			if pass == 1 && math.Abs(offs[i]-a-b*cols[i]) > agree {
				continue
			}
			s, sx, sy, sxx, sxy = s+1, sx+cols[i], sy+offs[i], sxx+cols[i]*cols[i], sxy+cols[i]*offs[i]
		}
		d := s*sxx - sx*sx
		if s < ballot.Columns/2 || d <= 0 {
			return ends, false
		}
		b = (s*sxy - sx*sy) / d
		a = (sy - b*sx) / s
	}
	return [2]float64{a, a + b}, true
}

// runAt returns the dark run of a row around a column, if it is as wide as a mark.
func (r *raster) runAt(x, y int) (a, b int, ok bool) {
	wide := markWidth * r.ppi
	for a = x; a > x-int(wide) && r.dark(a-1, y); a-- {
		continue
	}
	for b = x; b < x+int(wide) && r.dark(b, y); b++ {
		continue
	}
	return a, b, math.Abs(float64(b-a)-wide) < 0.2*wide
}

// at returns where a point of the page is in the raster.
func (g *grid) at(p ballot.Point) point {
	n := len(g.left) - 1
	i := min(max(int(math.Floor(p.Row)), 0), n-1)
	t := p.Row - float64(i)
	return middle(middle(g.left[i], g.left[i+1], t), middle(g.right[i], g.right[i+1], t), p.Col/(ballot.Columns-1))
}

// turn makes a grid that of the page the other way up.
func (g *grid) turn() {
	n := len(g.left)
	l, r := make([]point, n), make([]point, n)
	for i := range n {
		l[i], r[i] = g.right[n-1-i], g.left[n-1-i]
	}
	g.left, g.right, g.upsideDown = l, r, !g.upsideDown
}

// markAt returns which share of a timing mark at a point is dark; only its middle is looked at.
func (r *raster) markAt(p point) float64 {
	w, h := 0.3*markWidth*r.ppi, 0.3*markHeight*r.ppi
	x, y := int(math.Round(p.x)), int(math.Round(p.y))
	return r.share(x-int(w), y-int(h), x+int(w)+1, y+int(h)+1)
}

// edges returns how many of the marks along the top and the bottom are there, and how many places between them are dark.
func (r *raster) edges(g *grid) (top, bottom, between int) {
	last := float64(len(g.left) - 1)
	for c := range ballot.Columns {
		if r.markAt(g.at(ballot.Point{Col: float64(c)})) >= 0.5 {
			top++
		}
		if r.markAt(g.at(ballot.Point{Col: float64(c), Row: last})) >= 0.5 {
			bottom++
		}
		if c < ballot.Columns-1 {
			p := g.at(ballot.Point{Col: float64(c) + 0.5})
			if x, y := int(p.x), int(p.y); r.dark(x, y) && r.dark(x, y-2) && r.dark(x, y+2) {
				between++
			}
		}
	}
	return top, bottom, between
}
