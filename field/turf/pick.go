package turf

import (
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/geo"
)

// Inside returns the doors within a ring, by index, ascending. The ring closes itself; where it crosses itself, a place is
// inside when a line out of it meets the ring an odd number of times.
func (g *Ground) Inside(ring []geo.XY) []int32 {
	var in []int32
	for i, d := range g.city.Doors {
		if inside(ring, d.At) {
			in = append(in, int32(i)) // #nosec G115 -- MaxDoors
		}
	}
	return in
}

func inside(ring []geo.XY, p geo.XY) bool {
	in := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			in = !in
		}
	}
	return in
}

// Nearest returns up to n doors that are free and nearest to a place, in the order of a walk that begins there: what a
// phone takes along when doors are not cut ahead. Distances are straight when choosing and on streets when ordering.
// Whole buildings are taken, the last one only if it fits or nothing else was taken.
func (g *Ground) Nearest(at geo.XY, free func(door int32) bool, n int) []int32 {
	type offer struct {
		doors []int32
		far   float64
	}
	var offers []offer
	for s := range g.sites {
		var mine []int32
		for _, k := range g.sites[s].doors {
			if free(g.order[k]) {
				mine = append(mine, k)
			}
		}
		if far := dist(g.sites[s].at, at); len(mine) > 0 && !math.IsNaN(far) {
			offers = append(offers, offer{mine, far})
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int {
		if a.far < b.far {
			return -1
		} else if a.far > b.far {
			return 1
		}
		return 0
	})
	var taken []int32
	for _, o := range offers {
		if len(taken) >= n {
			break
		}
		if len(taken) == 0 || len(taken)+len(o.doors) <= n {
			taken = append(taken, o.doors...)
		}
	}
	if len(taken) == 0 {
		return nil
	}
	var m matrix
	t := newSurveyor(g).tour(taken, false, &m, 2, 0)
	t.begin(&m, at)
	doors := t.doors(g)
	for i, k := range doors {
		doors[i] = g.order[k]
	}
	return doors
}
