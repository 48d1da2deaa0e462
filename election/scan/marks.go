package scan

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// mark is a dark shape of a timing mark's size.
type mark struct {
	x, y   float64 // its centre
	x0, x1 int     // its sides
}

// shape is a mark that is being put together, row by row.
type shape struct {
	x0, x1   int // of the last row
	top, end int // first and last row
	area     int // of its runs
	sx, sy   float64
	lo, hi   int
}

// Sizes of a timing mark that are taken for one, as shares of what they should be: printing and a threshold make them fatter or thinner, an image's edge cuts
// them off.
const (
	leastMarkWidth, mostMarkWidth   = 0.45, 1.45
	leastMarkHeight, mostMarkHeight = 0.5, 1.8
	speck                           = 2 // pixels of light in a run that are dust
	fold                            = 3 // rows of light in a mark that are a fold
)

// findMarks appends the shapes of a mark's size between the columns x0 and x1.
func (r *raster) findMarks(found []mark, x0, x1 int) []mark {
	wide, tall := markWidth*r.ppi, markHeight*r.ppi
	least, most := int(leastMarkWidth*wide), int(mostMarkWidth*wide)
	var open []shape
	for y := range r.h {
		r.runs(x0, x1, y, func(a, b int) {
			if b-a < least || b-a > most {
				return
			}
			for i := range open {
				s := &open[i]
				if over := min(b, s.x1) - max(a, s.x0); s.end < y && 10*over >= 6*min(b-a, s.x1-s.x0) {
					s.add(a, b, y)
					return
				}
			}
			s := shape{top: y, lo: a, hi: b}
			s.add(a, b, y)
			open = append(open, s)
		})
		open = slices.DeleteFunc(open, func(s shape) bool {
			if y-s.end <= fold && y < r.h-1 {
				return false
			}
			if high := float64(s.end - s.top + 1); high >= leastMarkHeight*tall && high <= mostMarkHeight*tall && 4*s.area >= 3*(s.hi-s.lo)*int(high) {
				found = append(found, mark{s.sx / float64(s.area), s.sy / float64(s.area), s.lo, s.hi})
			}
			return true
		})
	}
	return found
}

func (s *shape) add(a, b, y int) {
	n := b - a
	s.x0, s.x1, s.end = a, b, y
	s.area += n
	s.sx += float64(n) * float64(a+b-1) / 2
	s.sy += float64(n) * float64(y)
	s.lo, s.hi = min(s.lo, a), max(s.hi, b)
}

// runs calls with the first column of each dark run of a row and the one behind its last. Specks of light do not end a run.
func (r *raster) runs(x0, x1, y int, call func(a, b int)) {
	start, end := -1, -1
	for x := x0; x < x1; x += 64 {
		w := r.window(x, y)
		if left := x1 - x; left < 64 {
			w &= 1<<left - 1
		}
		for at := 0; w != 0; {
			skip := bits.TrailingZeros64(w)
			at, w = at+skip, w>>skip
			n := bits.TrailingZeros64(^w)
			if a := x + at; start < 0 {
				start = a
			} else if a > end+speck {
				call(start, end)
				start = a
			}
			end = x + at + n
			at, w = at+n, w>>n
		}
	}
	if start >= 0 {
		call(start, end)
	}
}

// column is the timing marks of one side of the paper, from top to bottom. Rows are counted from the first that was found.
type column struct {
	at    []point
	seen  []bool
	slope float64 // columns to a row
}

// chain finds the longest row of marks that stand on a line nearly upright, one pitch apart or a few.
func chain(marks []mark, pitch float64) (column, bool) {
	line := upright(marks, pitch)
	if len(line) < 4 {
		return column{}, false
	}
	slices.SortFunc(line, func(a, b mark) int { return cmp.Compare(a.y, b.y) })
	pitch = usualStep(line, pitch)
	best, from := make([]float64, len(line)), make([]int, len(line))
	end := 0
	for i, m := range line {
		best[i], from[i] = 1, -1
		for j := i - 1; j >= 0; j-- {
			steps := math.Round((m.y - line[j].y) / pitch)
			if steps > 5 {
				break
			}
			if off := math.Abs(m.y - line[j].y - steps*pitch); steps < 1 || off > (0.06+0.02*steps)*pitch {
				continue
			}
			if s := best[j] + 1 - 0.2*(steps-1); s > best[i] {
				best[i], from[i] = s, j
			}
		}
		if best[i] > best[end] {
			end = i
		}
	}
	return unroll(line, from, end, pitch), true
}

// unroll lays out a chain by rows.
func unroll(line []mark, from []int, end int, pitch float64) column {
	var c column
	for i := end; i >= 0; i = from[i] {
		c.at, c.seen = append(c.at, point{line[i].x, line[i].y}), append(c.seen, true)
		if from[i] >= 0 {
			for range int(math.Round((line[i].y-line[from[i]].y)/pitch)) - 1 {
				c.at, c.seen = append(c.at, point{}), append(c.seen, false)
			}
		}
	}
	slices.Reverse(c.at)
	slices.Reverse(c.seen)
	n := len(c.at) - 1
	c.slope = (c.at[n].x - c.at[0].x) / math.Max(1, c.at[n].y-c.at[0].y)
	return c
}

// upright returns the marks nearest to the upright line that has the most of them.
func upright(marks []mark, pitch float64) []mark {
	const near, turn = 5.0, 0.06
	if len(marks) > 400 {
		return nil // a picture, or a screen of dots
	}
	most, a0, b0 := 0, 0.0, 0.0
	for i, m := range marks {
		for _, o := range marks[i+1:] {
			dy := o.y - m.y
			if math.Abs(dy) < 8*pitch || math.Abs(o.x-m.x) > turn*math.Abs(dy) {
				continue
			}
			b := (o.x - m.x) / dy
			a, n := m.x-b*m.y, 0
			for _, p := range marks {
				if math.Abs(p.x-a-b*p.y) <= near {
					n++
				}
			}
			if n > most {
				most, a0, b0 = n, a, b
			}
		}
	}
	var line []mark
	for _, p := range marks {
		if most > 0 && math.Abs(p.x-a0-b0*p.y) <= near+2 {
			line = append(line, p)
		}
	}
	return line
}

// usualStep returns the median of the steps that may be one pitch.
func usualStep(line []mark, pitch float64) float64 {
	var steps []float64
	for i := 1; i < len(line); i++ {
		if d := line[i].y - line[i-1].y; math.Abs(d-pitch) < 0.12*pitch {
			steps = append(steps, d)
		}
	}
	if len(steps) < 3 {
		return pitch
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}
