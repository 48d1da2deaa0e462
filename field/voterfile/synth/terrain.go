package synth

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// spot is a place on the ground: cm east and north of the state's south-west corner.
type spot struct{ x, y int }

// node is a street crossing on the fine lattice: eight blocks to a cell.
type node struct{ x, y int }

// id numbers the crossings of the whole state, as TIGER's TNIDF and TNIDT do.
func (s *State) nodeID(n node) int { return 100_000_000 + n.y*(s.width()*perCell+1) + n.x }

// warp is smooth noise, up to ±amplitude cm, that bends the lattice: values on a coarse lattice, blended between.
func (s *State) warp(k cell, step, amplitude int, salt uint64) int {
	ix, iy := k.x/step, k.y/step
	value := func(x, y int) int {
		return below(mix2(s.opts.Seed^salt, uint64(y)<<32|uint64(x)), 2*amplitude+1) - amplitude
	}
	// Smoothstep in 1/1024: 3t²-2t³.
	smooth := func(t int) int { return t * t * (3*1024 - 2*t) >> 20 }
	tx, ty := smooth(k.x%step*1024/step), smooth(k.y%step*1024/step)
	bottom := value(ix, iy)*(1024-tx) + value(ix+1, iy)*tx
	top := value(ix, iy+1)*(1024-tx) + value(ix+1, iy+1)*tx
	return (bottom*(1024-ty) + top*ty) / (1024 * 1024)
}

// corner returns where a corner of the lattice lies.
func (s *State) corner(k cell) spot {
	return spot{
		x: k.x*cellSize + s.warp(k, 24, 90_000, 'x') + s.warp(k, 6, 14_000, 'X'),
		y: k.y*cellSize + s.warp(k, 24, 90_000, 'y') + s.warp(k, 6, 14_000, 'Y'),
	}
}

// grid returns the nine by nine crossings of a cell. Those on its border lie on the straight lines between its corners, so
// that precinct borders are straight; those inside are moved by up to 9 m.
func (s *State) grid(k cell) (g [perCell + 1][perCell + 1]spot) {
	a, b := s.corner(k), s.corner(cell{k.x + 1, k.y})
	c, d := s.corner(cell{k.x, k.y + 1}), s.corner(cell{k.x + 1, k.y + 1})
	for i := range perCell + 1 {
		for j := range perCell + 1 {
			n := node{k.x*perCell + i, k.y*perCell + j}
			h := mix2(s.opts.Seed, uint64(s.nodeID(n)))
			u, v := i*128, j*128
			inside := i%perCell != 0 && j%perCell != 0
			switch {
			case inside:
			case i%perCell != 0:
				u += below(h, 25) - 12
			case j%perCell != 0:
				v += below(h, 25) - 12
			}
			g[i][j] = blend(a, b, c, d, u, v)
			if inside {
				g[i][j].x += below(h, 1801) - 900
				g[i][j].y += below(mix(h), 1801) - 900
			}
		}
	}
	return g
}

// blend is bilinear interpolation between four corners, u and v in 1/1024.
func blend(a, b, c, d spot, u, v int) spot {
	f := func(a, b, c, d int) int {
		return (a*(1024-u)*(1024-v) + b*u*(1024-v) + c*(1024-u)*v + d*u*v) >> 20
	}
	return spot{f(a.x, b.x, c.x, d.x), f(a.y, b.y, c.y, d.y)}
}

// degrees returns the place on the globe in 1e-7 degrees.
func (s *State) degrees(p spot) (lon, lat int) {
	return s.land.west + p.x*10_000_000/s.land.degreeLon, s.land.south + p.y*10_000_000/degreeLat
}

// point returns the place on the globe.
func (s *State) point(p spot) geo.Point {
	lon, lat := s.degrees(p)
	return geo.Point{Lon: float64(lon) / 1e7, Lat: float64(lat) / 1e7}
}

// length returns the distance between two spots in cm. The square root of an integer below 2^53 is exact everywhere.
func length(a, b spot) int {
	dx, dy := b.x-a.x, b.y-a.y
	return int(math.Sqrt(float64(dx*dx + dy*dy)))
}

// beside returns the spot t/1024 of the way from a to b and off cm to the left of it.
func beside(a, b spot, t, off int) spot {
	dx, dy, l := b.x-a.x, b.y-a.y, max(1, length(a, b))
	return spot{a.x + dx*t/1024 - dy*off/l, a.y + dy*t/1024 + dx*off/l}
}

// riverAt returns how far east the town's river flows at northing y, and whether it does.
func (s *State) riverAt(t *town, y int) (x int, ok bool) {
	if !t.river {
		return 0, false
	}
	middle := s.corner(t.middle)
	salt := uint64(t.county)<<8 | 'R'
	step := cellSize * 3 / 2
	k := (y - middle.y + 1000*step) / step
	f := (y - middle.y + 1000*step) % step * 1024 / step
	bend := func(k int) int { return below(mix2(s.opts.Seed^salt, uint64(k)), 2*cellSize/3+1) - cellSize/3 }
	return middle.x + t.riverSide*cellSize - cellSize*2/5 + (bend(k)*(1024-f)+bend(k+1)*f)/1024, true
}

const riverHalf = 3_500 // cm: half the river's width

// riverLine returns the river's course through the town and a little beyond, south to north.
func (s *State) riverLine(t *town) []spot {
	lo, hi := t.cells[0].y, t.cells[0].y
	for _, k := range t.cells {
		lo, hi = min(lo, k.y), max(hi, k.y)
	}
	var out []spot
	for y := (lo - 1) * cellSize; y <= (hi+2)*cellSize; y += cellSize / 4 {
		x, _ := s.riverAt(t, y)
		out = append(out, spot{x, y})
	}
	return out
}

// park is a rectangle of street blocks of a cell without houses or streets inside.
type park struct{ x0, y0, x1, y1 int }

// parkIn returns the park of a town cell, empty for most.
func (s *State) parkIn(k cell) park {
	h := mix2(s.opts.Seed^'P', uint64(k.y*s.width()+k.x))
	if below(h, 100) >= 30 {
		return park{}
	}
	w, d := 2+below(mix(h), 3), 2+below(mix(h+1), 3)
	x, y := 1+below(mix(h+2), perCell-1-w), 1+below(mix(h+3), perCell-1-d)
	return park{x, y, x + w, y + d}
}

func (p park) has(i, j int) bool { return i >= p.x0 && i < p.x1 && j >= p.y0 && j < p.y1 }
