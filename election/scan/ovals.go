package scan

import (
	"image"
	"math"
	"math/bits"

	"github.com/openprecinct/precinct/election/ballot"
)

// Class is what an oval is taken for.
type Class uint8

// The classes. A marginal oval is one on which a person decides: it is no vote until then.
const (
	Blank Class = iota
	Marginal
	Marked
)

// String returns the word for a class.
func (c Class) String() string { return [...]string{"blank", "marginal", "marked"}[min(c, 2)] }

// Doubt is why an oval is marginal though its darkness alone does not make it so.
type Doubt uint8

// The doubts.
const (
	Sure Doubt = iota
	// NotFound: the oval's line is not where it must be.
	NotFound
	// Faint: nothing is dark, yet the inside is darker than the paper around it: light pencil, or shading.
	Faint
	// Shaded: it is dark, but so is the paper around it.
	Shaded
	// Crossed: a straight line runs through the oval and far beyond it: a scratch, a fold, or a stroke meant for something else.
	Crossed
)

// String returns the word for a doubt.
func (d Doubt) String() string {
	return [...]string{"", "not_found", "faint", "shaded", "crossed"}[min(d, Crossed)]
}

// Oval is what was seen of one position.
type Oval struct {
	Position ballot.Position
	Side     int             // 0 or 1, as the images were given
	Page     int             // number of the page
	Crop     image.Rectangle // in the given image's pixels: the oval and a little around it
	Match    float64         // share of the oval's line that is dark where the line was found
	Fill     float64         // share of its inside that is dark, by the threshold of the whole side
	Adaptive float64         // share of its inside that is darker than the paper around it
	Dx, Dy   int             // how far it was from where the timing marks say, in pixels at 200 to an inch
	Class    Class
	Doubt    Doubt
}

const (
	reach      = 7    // pixels that an oval may be from where it is expected
	leastMatch = 0.55 // share of the line that must be dark

	lineShare  = 0.35 // of the way from paper to ink, from which on a pixel may be one of the line
	faintShare = 0.25 // of the way from paper to ink, from which on a pixel is darker than the paper
	faintFill  = 0.12 // share of an inside that is so
)

// stencil is an oval as it is printed, at one size and turn: which pixels are line, which are surely inside, which are just outside.
type stencil struct {
	w, h               int
	line, inside, ring []uint64
	core               []uint64 // the inside, further from the line
	nLine, nInside     int
	nRing, nCore       int
}

// make draws an oval for a grid.
func (s *stencil) make(g *grid, scaleY float64) {
	const rim = 3
	kx, ky := g.ppiX, scaleY
	w, h := ballot.OvalWidth*kx, ballot.OvalHeight*ky
	sin, cos := math.Sincos(g.skew)
	s.w, s.h = min(int(math.Ceil(w+h*math.Abs(sin)))+2*rim, 64-2*reach), int(math.Ceil(h+w*math.Abs(sin)))+2*rim
	s.line, s.inside, s.ring, s.core = resize(s.line, s.h), resize(s.inside, s.h), resize(s.ring, s.h), resize(s.core, s.h)
	s.nLine, s.nInside, s.nRing, s.nCore = 0, 0, 0, 0
	half := ballot.OvalLine * kx / 2
	round := math.Min(ballot.OvalRadius*kx, h/2)
	for y := range s.h {
		for x := range s.w {
			u, v := float64(x)-float64(s.w-1)/2, float64(y)-float64(s.h-1)/2
			u, v = u*cos+v*sin, v*cos-u*sin
			// The distance from the middle of the line, which runs half its width within the box.
			d := boxDistance(u, v, w/2, h/2, round) + half
			bit := uint64(1) << x
			switch {
			case math.Abs(d) <= half:
				s.line[y] |= bit
				s.nLine++
			case d <= -half-0.9:
				s.inside[y] |= bit
				s.nInside++
				if d <= -half-2.2 {
					s.core[y] |= bit
					s.nCore++
				}
			case d >= half+0.9 && d <= half+2.5:
				s.ring[y] |= bit
				s.nRing++
			}
		}
	}
}

// boxDistance returns how far a point is outside a box with round corners, negative within it.
func boxDistance(x, y, halfW, halfH, radius float64) float64 {
	dx, dy := math.Abs(x)-halfW+radius, math.Abs(y)-halfH+radius
	return math.Hypot(math.Max(dx, 0), math.Max(dy, 0)) + math.Min(math.Max(dx, dy), 0) - radius
}

func resize(s []uint64, n int) []uint64 {
	if cap(s) < n {
		return make([]uint64, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// find looks for an oval around a place and measures it.
func (r *raster) find(s *stencil, at point, o *Oval) {
	x0, y0 := int(math.Round(at.x-float64(s.w-1)/2)), int(math.Round(at.y-float64(s.h-1)/2))
	paper := r.paperAround(x0, y0, s)
	var rows [64]uint64
	r.soft(&rows, x0-reach, y0-reach, s.w+2*reach, min(s.h+2*reach, len(rows)), paper-lineShare*(r.paper-r.ink))
	best, bestX, bestY, bestLine := math.Inf(-1), 0, 0, 0
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			line, ring := 0, 0
			for y := range s.h {
				w := rows[y+dy+reach] >> (dx + reach)
				line += bits.OnesCount64(w & s.line[y])
				ring += bits.OnesCount64(w & s.ring[y])
			}
			score := float64(line)/float64(s.nLine) - 0.6*float64(ring)/float64(s.nRing) - 0.002*float64(dx*dx+dy*dy)
			if score > best {
				best, bestX, bestY, bestLine = score, dx, dy, line
			}
		}
	}
	inside := 0
	for y := range s.h {
		inside += bits.OnesCount64(r.window(x0+bestX, y0+bestY+y) & s.inside[y])
	}
	o.Dx, o.Dy = bestX, bestY
	o.Match, o.Fill = float64(bestLine)/float64(s.nLine), float64(inside)/float64(s.nInside)
	x0, y0 = x0+bestX, y0+bestY
	o.Crop = r.given(float64(x0-6), float64(y0-6), float64(x0+s.w+6), float64(y0+s.h+6))
	o.Adaptive = r.adaptive(s, x0, y0, paper-faintShare*(r.paper-r.ink))
}

// paperAround returns the level of the paper near an oval: a quarter of the pixels are lighter.
func (r *raster) paperAround(x0, y0 int, s *stencil) float64 {
	const margin = 8
	var hist [256]int
	box := image.Rect(x0-margin, y0-margin, x0+s.w+margin, y0+s.h+margin).Add(r.crop.Min).Intersect(r.crop)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		at := r.grey.PixOffset(box.Min.X, y)
		for _, p := range r.grey.Pix[at : at+box.Dx()] {
			hist[p]++
		}
	}
	left, level := box.Dx()*box.Dy()/4, 255
	for ; level > 0 && left > hist[level]; level-- {
		left -= hist[level]
	}
	return float64(level)
}

// soft fills in which pixels are darker than a limit, one row of at most 64 after the other. Nothing outside the paper is.
func (r *raster) soft(rows *[64]uint64, x0, y0, w, h int, limit float64) {
	t := uint8(max(0, min(255, limit)))
	from, to := max(0, -x0), min(w, 64, r.w-x0)
	for i := max(0, -y0); i < min(h, r.h-y0) && from < to; i++ {
		at := r.grey.PixOffset(r.crop.Min.X+x0+from, r.crop.Min.Y+y0+i)
		bits := uint64(0)
		for k, p := range r.grey.Pix[at : at+to-from] {
			if p < t {
				bits |= 1 << (from + k)
			}
		}
		rows[i] = bits
	}
}

// adaptive returns which share of the inside is darker than a limit.
func (r *raster) adaptive(s *stencil, x0, y0 int, limit float64) float64 {
	var rows [64]uint64
	r.soft(&rows, x0, y0, s.w, s.h, limit)
	n := 0
	for y := range s.h {
		n += bits.OnesCount64(rows[y] & s.core[y])
	}
	return float64(n) / float64(s.nCore)
}

// classify decides what an oval is taken for.
func (r *raster) classify(s *stencil, at point, t ballot.Thresholds, o *Oval) {
	switch {
	case o.Match < leastMatch:
		o.Class, o.Doubt = Marginal, NotFound
	case o.Fill >= t.Marginal && r.crossed(s, at, o):
		o.Class, o.Doubt = Marginal, Crossed
	case o.Fill >= t.Definite:
		o.Class = Marked
		if o.Adaptive < t.Marginal/2 && o.Fill > 2*t.Definite {
			o.Class, o.Doubt = Marginal, Shaded
		}
	case o.Fill >= t.Marginal:
		o.Class = Marginal
	case o.Adaptive >= faintFill:
		o.Class, o.Doubt = Marginal, Faint
	}
}

// crossed reports whether what is dark in an oval is a thin straight line that goes on far beyond it on both sides, upright or level.
func (r *raster) crossed(s *stencil, at point, o *Oval) bool {
	const beyond, most = 50, 0.45
	if o.Fill > most {
		return false
	}
	cx, cy := int(math.Round(at.x))+o.Dx, int(math.Round(at.y))+o.Dy
	for x := cx - s.w/2 + 6; x <= cx+s.w/2-6; x++ {
		if r.upright(x, cy-s.h/2-beyond, cy+s.h/2+beyond) {
			return true
		}
	}
	for y := cy - s.h/2 + 6; y <= cy+s.h/2-6; y++ {
		x0, x1 := cx-s.w/2-beyond, cx+s.w/2+beyond
		if n := r.count(x0, x1, y); 20*n >= 19*(x1-x0) {
			return true
		}
	}
	return false
}

// upright reports whether nearly all pixels of a column are dark between two rows.
func (r *raster) upright(x, y0, y1 int) bool {
	light := 0
	for y := y0; y < y1; y++ {
		if !r.dark(x, y) {
			if light++; 20*light > y1-y0 {
				return false
			}
		}
	}
	return true
}

// area returns which share of a box of the page is dark.
func (r *raster) area(g *grid, b ballot.Box) (float64, image.Rectangle) {
	tl, tr := g.at(ballot.Point{Col: b.Col, Row: b.Row}), g.at(ballot.Point{Col: b.Col + b.Width, Row: b.Row})
	bl, br := g.at(ballot.Point{Col: b.Col, Row: b.Row + b.Height}), g.at(ballot.Point{Col: b.Col + b.Width, Row: b.Row + b.Height})
	if tl.y > bl.y { // upside down
		tl, tr, bl, br = br, bl, tr, tl
	}
	n, all := 0, 0
	high := int(math.Round((bl.y + br.y - tl.y - tr.y) / 2))
	for i := range high {
		t := (float64(i) + 0.5) / float64(high)
		l, q := middle(tl, bl, t), middle(tr, br, t)
		// Along a turned row the line steps; each stretch of 64 pixels is on one row.
		for x := int(math.Round(l.x)); x < int(math.Round(q.x)); x += 64 {
			end := min(x+64, int(math.Round(q.x)))
			y := int(math.Round(l.y + (q.y-l.y)*(float64(x+end)/2-l.x)/math.Max(1, q.x-l.x)))
			n, all = n+r.count(x, end, y), all+end-x
		}
	}
	box := r.given(math.Min(tl.x, bl.x), math.Min(tl.y, tr.y), math.Max(tr.x, br.x), math.Max(bl.y, br.y))
	return float64(n) / float64(max(all, 1)), box
}
