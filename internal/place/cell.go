package place

import (
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// Streets are found by tiles of the globe at five levels, so that one index serves both databases. A street lies in the tile
// of its middle, at the first level whose tiles are at least as large as the street: so it reaches at most half a tile beyond
// its own, and a search looks that much further.
const (
	cellLevels = 5
	finestCell = 0.01 // degrees: about a kilometre
)

// cellSize returns the width of a tile of the level in degrees; each is four times the one before.
func cellSize(level int) float64 { return finestCell * float64(int(1)<<(2*level)) }

func cellOf(b geo.Box) int64 {
	size := max(b.East-b.West, b.North-b.South)
	level := 0
	for level < cellLevels-1 && cellSize(level) < size {
		level++
	}
	c := b.Center()
	return cellNumber(level, cellIndex(c.Lon, level), cellIndex(c.Lat, level))
}

func cellIndex(degrees float64, level int) int64 {
	return int64(math.Floor((degrees + 180) / cellSize(level)))
}

func cellNumber(level int, x, y int64) int64 { return int64(level)<<40 | x<<20 | y }

// cellsNear returns the tiles in which streets that touch b may lie, or false when there are too many to ask for.
func cellsNear(b geo.Box) ([]int64, bool) {
	const most = 2000
	var all []int64
	for level := range cellLevels {
		reach := cellSize(level) / 2
		if level == cellLevels-1 {
			reach = cellSize(level) // streets of any length
		}
		x0, x1 := cellIndex(b.West-reach, level), cellIndex(b.East+reach, level)
		y0, y1 := cellIndex(b.South-reach, level), cellIndex(b.North+reach, level)
		if (x1-x0+1)*(y1-y0+1) > most-int64(len(all)) {
			return nil, false
		}
		for x := x0; x <= x1; x++ {
			for y := y0; y <= y1; y++ {
				all = append(all, cellNumber(level, x, y))
			}
		}
	}
	return all, true
}
