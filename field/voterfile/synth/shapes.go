package synth

import "github.com/openprecinct/precinct/internal/geo"

// step is one side of a cell on the border of an area, the area on its left.
type step struct{ from, to cell }

// outline returns the areas of all labels 0 to n-1 that label gives the cells; a negative label is no area. Outer rings
// run counter-clockwise, holes clockwise. Areas that touch only at a corner are parts of their own.
func (s *State) outline(n int, label func(p int) int) []geo.MultiPolygon {
	sides := make([][]step, n)
	for y := range s.height() {
		for x := range s.width() {
			k := cell{x, y}
			here := s.owner(k)
			l := label(here)
			if l < 0 {
				continue
			}
			apart := func(dx, dy int) bool { // most neighbours are of the same precinct: that is the quick way out
				p := s.owner(cell{x + dx, y + dy})
				return p != here && (p < 0 || label(p) != l)
			}
			a, b, c, d := k, cell{x + 1, y}, cell{x + 1, y + 1}, cell{x, y + 1}
			if apart(0, -1) {
				sides[l] = append(sides[l], step{a, b})
			}
			if apart(1, 0) {
				sides[l] = append(sides[l], step{b, c})
			}
			if apart(0, 1) {
				sides[l] = append(sides[l], step{c, d})
			}
			if apart(-1, 0) {
				sides[l] = append(sides[l], step{d, a})
			}
		}
	}
	out := make([]geo.MultiPolygon, n)
	for l := range out {
		out[l] = s.assemble(chain(sides[l]))
	}
	return out
}

// chain joins sides to closed rings of corners, without repeating the first.
func chain(sides []step) [][]cell {
	next := make(map[cell][]cell, len(sides))
	for _, e := range sides {
		next[e.from] = append(next[e.from], e.to)
	}
	var rings [][]cell
	for _, e := range sides {
		if len(next[e.from]) == 0 {
			continue
		}
		var ring []cell
		at, came := e.from, e.from
		for {
			to := turnLeft(came, at, next[at])
			rest := next[at]
			for i := range rest {
				if rest[i] == to {
					next[at] = append(rest[:i:i], rest[i+1:]...)
					break
				}
			}
			ring = append(ring, at)
			came, at = at, to
			if at == e.from {
				break
			}
		}
		rings = append(rings, ring)
	}
	return rings
}

// turnLeft picks the leftmost of the ways on, so that parts that touch at a corner stay apart.
func turnLeft(came, at cell, ways []cell) cell {
	if len(ways) == 1 || came == at {
		return ways[0]
	}
	dx, dy := at.x-came.x, at.y-came.y
	for _, w := range ways {
		if w == (cell{at.x - dy, at.y + dx}) {
			return w
		}
	}
	return ways[0]
}

// assemble puts holes into the outer rings around them and corners on the globe.
func (s *State) assemble(rings [][]cell) geo.MultiPolygon {
	var out geo.MultiPolygon
	var outer [][]cell
	var holes [][]cell
	for _, r := range rings {
		if twiceArea(r) > 0 {
			outer = append(outer, r)
			out = append(out, geo.Polygon{s.ring(r)})
		} else {
			holes = append(holes, r)
		}
	}
	for _, h := range holes {
		best := -1
		for i, r := range outer {
			if surrounds(r, h[0]) && (best < 0 || twiceArea(r) < twiceArea(outer[best])) {
				best = i
			}
		}
		if best >= 0 {
			out[best] = append(out[best], s.ring(h))
		}
	}
	return out
}

func twiceArea(r []cell) int {
	sum := 0
	for i, a := range r {
		b := r[(i+1)%len(r)]
		sum += a.x*b.y - b.x*a.y
	}
	return sum
}

// surrounds reports whether the ring goes round a hole that begins at corner k: a ray to the east from the hole's cell
// north-west of k crosses upright sides an odd number of times. (A hole is met first from the south, going west.)
func surrounds(r []cell, k cell) bool {
	odd := false
	for i, a := range r {
		b := r[(i+1)%len(r)]
		if a.x == b.x && a.x > k.x && min(a.y, b.y) <= k.y && k.y < max(a.y, b.y) {
			odd = !odd
		}
	}
	return odd
}

func (s *State) ring(r []cell) geo.Ring {
	out := make(geo.Ring, 0, len(r)+1)
	for _, k := range r {
		out = append(out, s.point(s.corner(k)))
	}
	return append(out, out[0])
}
