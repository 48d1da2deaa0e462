package turf

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// raster says which door is nearest to each cell of the ground. It does not depend on any plan: a plan's turfs are drawn
// by asking for the turf of each cell's door, so that outlines cannot overlap and an edit redraws nothing else.
type raster struct {
	west, south, cell float64
	cols, rows        int
	door              []int32 // by cell, row by row from the south: inner number, or -1
}

// Measures of the raster, in metres: the finest cell, how many cells at most, and how far around a door its turf is drawn.
const (
	finest   = 12.0
	maxCells = 1 << 19
	nearRim  = 60.0
	farRim   = 250.0
)

// cells returns the raster, made at the first call.
func (g *Ground) cells() *raster {
	g.gridOnce.Do(func() { g.grid = newRaster(g.doors) })
	return g.grid
}

func newRaster(doors []door) *raster {
	r := &raster{west: math.Inf(1), south: math.Inf(1)}
	east, north := math.Inf(-1), math.Inf(-1)
	for i := range doors {
		at := doors[i].at
		r.west, east = min(r.west, at.X), max(east, at.X)
		r.south, north = min(r.south, at.Y), max(north, at.Y)
	}
	if len(doors) == 0 {
		return r
	}
	r.west, r.south = r.west-2*nearRim, r.south-2*nearRim
	wide, deep := east+2*nearRim-r.west, north+2*nearRim-r.south
	r.cell = max(finest, math.Sqrt(wide*deep/maxCells), max(wide, deep)/maxCells*4)
	r.cols, r.rows = int(wide/r.cell)+2, int(deep/r.cell)+2
	r.door = make([]int32, r.cols*r.rows)
	for i := range r.door {
		r.door[i] = -1
	}
	for k := range doors {
		c := r.index(doors[k].at)
		r.offer(doors, c, int32(k)) // #nosec G115 -- MaxDoors
	}
	r.spread(doors)
	r.trim(doors)
	return r
}

func (r *raster) index(p geo.XY) int {
	return int((p.Y-r.south)/r.cell)*r.cols + int((p.X-r.west)/r.cell)
}

// middle is the middle of a cell.
func (r *raster) middle(c int) geo.XY {
	return geo.XY{X: r.west + (float64(c%r.cols)+0.5)*r.cell, Y: r.south + (float64(c/r.cols)+0.5)*r.cell}
}

// offer gives a cell to a door that is nearer to its middle than the one it has.
func (r *raster) offer(doors []door, c int, k int32) {
	old := r.door[c]
	if k < 0 || k == old {
		return
	}
	if old >= 0 {
		m := r.middle(c)
		if near, was := square(doors[k].at, m), square(doors[old].at, m); near > was || near == was && k > old {
			return
		}
	}
	r.door[c] = k
}

func square(a, b geo.XY) float64 {
	dx, dy := a.X-b.X, a.Y-b.Y
	return float64(dx*dx) + float64(dy*dy)
}

// spread gives each cell the door of the best of its neighbours, in two passes over all (Danielsson 1980).
func (r *raster) spread(doors []door) {
	for row := range r.rows {
		r.pass(doors, row, -r.cols)
	}
	for row := r.rows - 1; row >= 0; row-- {
		r.pass(doors, row, r.cols)
	}
}

// pass offers each cell of a row the doors of the three cells of the row before it, and of the cells beside it.
func (r *raster) pass(doors []door, row, up int) {
	n := len(r.door)
	m := geo.XY{Y: r.south + (float64(row)+0.5)*r.cell}
	for x := range r.cols {
		c := row*r.cols + x
		m.X = r.west + (float64(x)+0.5)*r.cell
		best := chosen{r.door[c], math.Inf(1)}
		if best.door >= 0 {
			best.far = square(doors[best.door].at, m)
		}
		if v := c + up; v >= 0 && v < n {
			best.offer(doors, m, r.door[v])
			if x > 0 {
				best.offer(doors, m, r.door[v-1])
			}
			if x+1 < r.cols {
				best.offer(doors, m, r.door[v+1])
			}
		}
		if x > 0 {
			best.offer(doors, m, r.door[c-1])
		}
		r.door[c] = best.door
	}
	for x := r.cols - 2; x >= 0; x-- {
		r.offer(doors, row*r.cols+x, r.door[row*r.cols+x+1])
	}
}

// chosen is the best door for a cell so far.
type chosen struct {
	door int32
	far  float64 // squared
}

func (b *chosen) offer(doors []door, middle geo.XY, k int32) {
	if k < 0 || k == b.door {
		return
	}
	if far := square(doors[k].at, middle); far < b.far || far == b.far && k < b.door {
		b.door, b.far = k, far
	}
}

// trim empties the cells that are far from any door; lone doors reach further.
func (r *raster) trim(doors []door) {
	rim := make([]float64, len(doors))
	for c, k := range r.door { // doors are lone when no other door's cells begin near them
		if k < 0 {
			continue
		}
		for _, v := range [2]int{c + 1, c + r.cols} {
			if v < len(r.door) && r.door[v] != k && r.door[v] >= 0 {
				o := r.door[v]
				d := dist(doors[k].at, doors[o].at)
				for _, m := range [2]int32{k, o} {
					if rim[m] == 0 || d < rim[m] {
						rim[m] = d
					}
				}
			}
		}
	}
	for c, k := range r.door {
		if k < 0 {
			continue
		}
		reach := max(nearRim, r.cell, min(farRim, 0.6*rim[k]))
		if square(doors[k].at, r.middle(c)) > reach*reach {
			r.door[c] = -1
		}
	}
	for k := range doors { // the cell a door stands in is kept, so that no turf is without a place on the map
		if c := r.index(doors[k].at); r.door[c] < 0 {
			r.door[c] = int32(k) // #nosec G115 -- MaxDoors
		}
	}
}
