package turf

import (
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/geo"
)

// Legs returns the walk of a turf as a line: from door to door by way of the crossings passed, for drawing.
func (g *Ground) Legs(p Plan, id int) []geo.XY {
	t, ok := p.Turf(id)
	if !ok {
		return nil
	}
	w := newWalker(&g.net)
	var line []geo.XY
	for i, d := range t.Doors {
		if i > 0 {
			line = append(line, g.way(w, g.inner[t.Doors[i-1]], g.inner[d])...)
		}
		if at := g.city.Doors[d].At; len(line) == 0 || line[len(line)-1] != at {
			line = append(line, at)
		}
	}
	return line
}

// way lists the crossings passed between two doors.
func (g *Ground) way(w *walker, a, b int32) []geo.XY {
	d, e := &g.doors[a], &g.doors[b]
	if d.edge < 0 || e.edge < 0 || d.edge == e.edge && !g.net.cutBetween(d.edge, d.along, e.along) {
		return nil
	}
	street, other := g.net.edges[d.edge], g.net.edges[e.edge]
	dFrom, dTo := g.net.toEnds(d.edge, d.along)
	eFrom, eTo := g.net.toEnds(e.edge, e.along)
	best := int32(math.MaxInt32)
	var crossings []int32
	for _, s := range [2]step{{dFrom, street.from}, {dTo, street.to}} {
		ends := [2]int32{other.from, other.to}
		off := [2]int32{eFrom, eTo}
		w.ways(s.node, ends[:], func(i int, cm int32) {
			if all := int64(s.cm) + int64(cm) + int64(off[i]); all < int64(best) && all < nowhere {
				best = int32(all)
				crossings = w.back(s.node, ends[i])
			}
		})
	}
	line := make([]geo.XY, 0, len(crossings))
	for _, c := range crossings {
		line = append(line, g.net.at[c])
	}
	return line
}

// back lists the crossings of the way just found, both ends included.
func (w *walker) back(from, to int32) []int32 {
	path := []int32{to}
	for at := to; at != from; {
		next := int32(-1)
		for _, a := range w.net.arcs[w.net.first[at]:w.net.first[at+1]] {
			if w.done[a.to] == w.turn && w.cm[a.to]+a.length == w.cm[at] && a.to != at && !slices.Contains(path, a.to) {
				next = a.to
				break
			}
		}
		if next < 0 {
			break
		}
		path = append(path, next)
		at = next
	}
	slices.Reverse(path)
	return path
}

// Follow measures the walk through doors, by index of City.Doors, in the order given: the loop back to the first, and its
// longest leg, both in metres.
func (g *Ground) Follow(doors []int32) (loop, longest float64) {
	s := newSurveyor(g)
	var m matrix
	stops := make([]stop, len(doors))
	for i, d := range doors {
		k := &g.doors[g.inner[d]]
		stops[i] = stop{edge: k.edge, along: k.along, side: k.side, at: k.at}
	}
	s.measure(&m, stops)
	for i := range stops {
		leg := metres(m.cost(int32(i), int32((i+1)%len(stops)))) // #nosec G115 -- MaxDoors
		loop, longest = loop+leg, max(longest, leg)
	}
	return loop, longest
}

// HangsTogether says whether the streets on which doors stand are connected: by shared crossings, or over one street on
// which none of them stands.
func (g *Ground) HangsTogether(doors []int32) bool {
	touch := newContact(&g.net)
	touch.begin()
	for _, d := range doors {
		if e := g.city.Doors[d].Edge; e >= 0 {
			touch.add(e)
		}
	}
	return touch.pieces() <= 1
}
