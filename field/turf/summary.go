package turf

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// Summary returns a plan of the ground in figures.
func (g *Ground) Summary(p Plan) Summary {
	s := Summary{Loose: len(p.Loose), Turfs: len(p.Turfs), Smallest: math.MaxInt}
	blocks, points := map[int32]int{}, map[geo.XY]int{}
	split := map[int32]bool{}
	splitPoint := map[geo.XY]bool{}
	var sum, squares, loop, path float64
	for _, t := range p.Turfs {
		s.Doors += len(t.Doors)
		s.Smallest, s.Largest = min(s.Smallest, t.Size), max(s.Largest, t.Size)
		if p.Rules.within(&t) {
			s.InBounds++
		}
		if !t.Whole {
			s.Apart++
		}
		sum += float64(t.Size)
		squares += float64(t.Size) * float64(t.Size)
		loop, path, s.Minutes = loop+t.Loop, path+t.Path, s.Minutes+t.Minutes
		for _, i := range t.Doors {
			d := &g.city.Doors[i]
			if first, ok := points[d.At]; ok && first != t.ID {
				splitPoint[d.At] = true
			}
			points[d.At] = t.ID
			if d.Edge < 0 {
				continue
			}
			if first, ok := blocks[d.Edge]; ok && first != t.ID {
				split[d.Edge] = true
			}
			blocks[d.Edge] = t.ID
		}
	}
	s.Blocks, s.SplitBlocks, s.Buildings, s.SplitBuilding = len(blocks), len(split), len(points), len(splitPoint)
	if s.Turfs == 0 {
		s.Smallest = 0
		return s
	}
	n := float64(s.Turfs)
	s.Deviation = math.Sqrt(max(0, squares/n-(sum/n)*(sum/n)))
	s.LoopPerDoor, s.PathPerDoor = loop/float64(s.Doors), path/float64(s.Doors)
	return s
}
