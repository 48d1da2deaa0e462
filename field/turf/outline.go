package turf

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// Outline returns the rings around a turf for drawing: outer ones counter-clockwise, holes clockwise, none closed, the
// longest outer one first. Outlines of two turfs meet along the same line and do not overlap. Nil for an unknown turf.
func (g *Ground) Outline(p Plan, id int) [][]geo.XY {
	t, ok := p.Turf(id)
	if !ok || len(t.Doors) == 0 {
		return nil
	}
	o := newOutliner(g, p)
	return o.rings(t)
}

// Outlines returns the rings around every turf of a plan, by ID, as Outline does: a thousand of them cost little more than one.
func (g *Ground) Outlines(p Plan) map[int][][]geo.XY {
	o := newOutliner(g, p)
	rings := make([][][]geo.XY, len(p.Turfs))
	inParts(len(p.Turfs), worthOutlines, func(int) func(int) {
		return func(t int) {
			if len(p.Turfs[t].Doors) > 0 {
				rings[t] = o.rings(p.Turfs[t])
			}
		}
	})
	all := make(map[int][][]geo.XY, len(p.Turfs))
	for t, u := range p.Turfs {
		if len(u.Doors) > 0 {
			all[u.ID] = rings[t]
		}
	}
	return all
}

// worthOutlines is for how many outlines another processor is worth asking.
const worthOutlines = 16

// outliner draws outlines of one plan.
type outliner struct {
	*raster
	doors []door
	inner []int32
	in    []int32 // by inner number: position of its turf in the plan plus one, or 0
	pos   map[int]int32
}

func newOutliner(g *Ground, p Plan) *outliner {
	o := &outliner{raster: g.cells(), doors: g.doors, inner: g.inner, in: make([]int32, len(g.doors)), pos: map[int]int32{}}
	for t, u := range p.Turfs {
		o.pos[u.ID] = int32(t) + 1 // #nosec G115 -- MaxDoors
		for _, i := range u.Doors {
			if i >= 0 && int(i) < len(g.inner) {
				o.in[g.inner[i]] = int32(t) + 1 // #nosec G115 -- MaxDoors
			}
		}
	}
	return o
}

// label is the turf a cell belongs to, 0 for none.
func (o *outliner) label(x, y int) int32 {
	if x < 0 || y < 0 || x >= o.cols || y >= o.rows {
		return 0
	}
	k := o.door[y*o.cols+x]
	if k < 0 {
		return 0
	}
	return o.in[k]
}

// corner is a corner of cells: the south-west one of the cell with its numbers.
type corner struct{ x, y int }

// The four directions along the sides of cells, counter-clockwise from east.
var compass = [4]corner{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// side says whether the border of a label runs from a corner in a direction with the label on its left.
func (o *outliner) side(c corner, dir int, label int32) bool {
	left, right := c, c
	switch dir {
	case 0:
		right.y--
	case 1:
		left.x--
	case 2:
		left.x--
		left.y--
		right.x--
	case 3:
		left.y--
		right.x--
		right.y--
	}
	return o.label(left.x, left.y) == label && o.label(right.x, right.y) != label
}

func (o *outliner) rings(t Turf) [][]geo.XY {
	label := o.pos[t.ID]
	lowX, lowY, highX, highY := o.cols, o.rows, 0, 0
	reach := int(math.Max(farRim, 2*nearRim)/o.cell) + 2
	for _, i := range t.Doors {
		c := o.index(o.doors[o.inner[i]].at)
		lowX, highX = min(lowX, c%o.cols-reach), max(highX, c%o.cols+reach)
		lowY, highY = min(lowY, c/o.cols-reach), max(highY, c/o.cols+reach)
	}
	type start struct {
		c   corner
		dir int
	}
	done := map[start]bool{}
	var rings [][]geo.XY
	longest, most := 0, -1.0
	for y := max(0, lowY); y <= min(o.rows, highY); y++ {
		for x := max(0, lowX); x <= min(o.cols, highX); x++ {
			s := start{c: corner{x, y}} // every ring goes east somewhere
			if !o.side(s.c, s.dir, label) || done[s] {
				continue
			}
			var path []corner
			for at := s; !done[at]; {
				done[at] = true
				path = append(path, at.c)
				at.c = corner{at.c.x + compass[at.dir].x, at.c.y + compass[at.dir].y}
				at.dir = o.turn(at.c, at.dir, label)
			}
			ring := o.smooth(path)
			if a := area(ring); a > most {
				longest, most = len(rings), a
			}
			if len(ring) > 2 {
				rings = append(rings, ring)
			}
		}
	}
	if longest > 0 && longest < len(rings) {
		rings[0], rings[longest] = rings[longest], rings[0]
	}
	return rings
}

// turn chooses how a border goes on at a corner: left first, so that cells that only touch in a corner stay apart.
func (o *outliner) turn(c corner, dir int, label int32) int {
	for _, d := range [3]int{(dir + 1) % 4, dir, (dir + 3) % 4} {
		if o.side(c, d, label) {
			return d
		}
	}
	return dir
}

// junction says whether borders of more than two turfs meet in a corner, or two twice.
func (o *outliner) junction(c corner) bool {
	a, b := o.label(c.x, c.y), o.label(c.x-1, c.y)
	d, e := o.label(c.x-1, c.y-1), o.label(c.x, c.y-1)
	changes := 0
	for _, v := range [4]bool{a != b, b != d, d != e, e != a} {
		if v {
			changes++
		}
	}
	return changes > 2
}

// smooth straightens the steps of a border between its junctions. Both neighbours straighten a border they share from the
// same end, and so to the same line.
func (o *outliner) smooth(path []corner) []geo.XY {
	var fixed []int
	for i, c := range path {
		if o.junction(c) {
			fixed = append(fixed, i)
		}
	}
	if len(fixed) == 0 {
		fixed = poles(path)
	}
	var ring []geo.XY
	for k, from := range fixed {
		to := fixed[(k+1)%len(fixed)]
		if to <= from {
			to += len(path)
		}
		arc := make([]corner, 0, to-from+1)
		for i := from; i <= to; i++ {
			arc = append(arc, path[i%len(path)])
		}
		for _, c := range straighten(arc)[1:] {
			ring = append(ring, geo.XY{X: o.west + float64(c.x)*o.cell, Y: o.south + float64(c.y)*o.cell})
		}
	}
	return ring
}

// poles are two corners of a border without junctions: its first by number, and the one farthest from it.
func poles(path []corner) []int {
	first, far := 0, 0
	for i, c := range path {
		if c.y < path[first].y || c.y == path[first].y && c.x < path[first].x {
			first = i
		}
	}
	best := -1
	for i, c := range path {
		dx, dy := c.x-path[first].x, c.y-path[first].y
		if d := dx*dx + dy*dy; d > best || d == best && (c.y < path[far].y || c.y == path[far].y && c.x < path[far].x) {
			best, far = d, i
		}
	}
	return []int{min(first, far), max(first, far)}
}

// straighten leaves out the corners of an arc that are within a cell's width of the rest (Douglas and Peucker 1973).
func straighten(arc []corner) []corner {
	a, b := arc[0], arc[len(arc)-1]
	turned := b.y < a.y || b.y == a.y && b.x < a.x
	if a == b && len(arc) > 2 {
		p, q := arc[1], arc[len(arc)-2]
		turned = q.y < p.y || q.y == p.y && q.x < p.x
	}
	if turned {
		arc = reversed(arc)
	}
	keep := make([]bool, len(arc))
	keep[0], keep[len(arc)-1] = true, true
	markFar(arc, keep)
	var out []corner
	for i, k := range keep {
		if k {
			out = append(out, arc[i])
		}
	}
	if turned {
		out = reversed(out)
	}
	return out
}

func reversed(arc []corner) []corner {
	out := make([]corner, len(arc))
	for i, c := range arc {
		out[len(arc)-1-i] = c
	}
	return out
}

// tolerance is how far a drawn border may be from the cells' sides, in cells.
const tolerance = 0.95

func markFar(arc []corner, keep []bool) {
	if len(arc) < 3 {
		return
	}
	a, b := arc[0], arc[len(arc)-1]
	ux, uy := float64(b.x-a.x), float64(b.y-a.y)
	long := math.Hypot(ux, uy)
	far, at := tolerance, -1
	for i := 1; i < len(arc)-1; i++ {
		vx, vy := float64(arc[i].x-a.x), float64(arc[i].y-a.y)
		d := math.Hypot(vx, vy)
		if long > 0 {
			d = math.Abs(ux*vy-uy*vx) / long
		}
		if d > far {
			far, at = d, i
		}
	}
	if at < 0 {
		return
	}
	keep[at] = true
	markFar(arc[:at+1], keep[:at+1])
	markFar(arc[at:], keep[at:])
}

// area is the area within a ring, negative when it runs clockwise.
func area(ring []geo.XY) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.X*q.Y - q.X*p.Y
	}
	return sum / 2
}
