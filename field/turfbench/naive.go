package turfbench

import (
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/tsp"
	"github.com/openprecinct/precinct/internal/geo"
)

// naive cuts as simple tools do: doors along a Hilbert curve, a new turf whenever the last is full, each walk the
// shortest by straight lines. It knows no streets and no buildings.
func naive(c turf.City, target int) [][]int32 {
	x, y := coordinates(c, nil)
	order := tsp.Hilbert(x, y)
	n := max(1, (len(order)+target/2)/target)
	groups := make([][]int32, n)
	for t := range groups {
		part := order[len(order)*t/n : len(order)*(t+1)/n]
		px, py := coordinates(c, part)
		tour := shortest(px, py)
		for _, i := range tour {
			groups[t] = append(groups[t], part[i])
		}
	}
	return groups
}

func coordinates(c turf.City, doors []int32) (x, y []float64) {
	add := func(at geo.XY) { x, y = append(x, at.X), append(y, at.Y) }
	if doors == nil {
		for _, d := range c.Doors {
			add(d.At)
		}
		return x, y
	}
	for _, i := range doors {
		add(c.Doors[i].At)
	}
	return x, y
}

// shortest orders points by straight lines.
func shortest(x, y []float64) []int32 {
	cost := func(a, b int32) int64 { return int64(100 * straight(x, y, a, b)) }
	tour, _ := tsp.Solve(tsp.Problem{N: len(x), Cost: cost, Near: tsp.Around(x, y), Depth: 1}, tsp.Hilbert(x, y), len(x), 1)
	return tour
}
