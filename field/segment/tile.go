package segment

import (
	"math/bits"
	"runtime"
	"runtime/debug"

	"github.com/openprecinct/precinct/field/list"
)

// Cell is one cell of a grid on the map.
type Cell struct {
	X, Y   int
	People int64
}

// Cells counts the people of a set in the cells between edges, west to east and south to north, ascending. A place on an edge belongs to what lies east or
// north of it. Cells without people are left out.
func (v *View) Cells(s *Set, lon, lat []list.Micro) (cells []Cell, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return nil, ErrOther
	}
	if len(lon) < 2 || len(lat) < 2 {
		return nil, nil
	}
	wide := len(lon) - 1
	counts := make([][]int64, workers())
	in := Box{lon[0], lat[0], lon[wide], lat[len(lat)-1]}
	x, y := newRuler(lon), newRuler(lat)
	eachBlock(v.blocks(), func(w, b int) {
		v.eachPlace(s, b, in, func(_ int, east, north list.Micro) {
			if counts[w] == nil {
				counts[w] = make([]int64, wide*(len(lat)-1))
			}
			counts[w][y.at(north)*wide+x.at(east)]++
		})
	})
	var all []Cell
	for i := range wide * (len(lat) - 1) {
		n := int64(0)
		for _, c := range counts {
			if c != nil {
				n += c[i]
			}
		}
		if n > 0 {
			all = append(all, Cell{i % wide, i / wide, n})
		}
	}
	return all, nil
}

// Box is a part of the map; East and North are not in it.
type Box struct{ West, South, East, North list.Micro }

// eachPlace calls f for the rows of block b in s whose place is in a box.
func (v *View) eachPlace(s *Set, b int, in Box, f func(row int, lon, lat list.Micro)) {
	box := microCodes(in.West, in.South, in.East-1, in.North-1)
	lon, lat := v.cols["lon"].blocks[b].u32, v.cols["lat"].blocks[b].u32
	w := s.block(b)
	if isZero(w) {
		return
	}
	small := v.boxesOf(b)
	const each = miniRows / 64
	for i := range small.all {
		if small.all[i].apart(box) {
			continue
		}
		for j, m := range w[i*each : (i+1)*each] {
			for ; m != 0; m &= m - 1 {
				r := i*miniRows + j<<6 + bits.TrailingZeros64(m)
				x, y := lon[r], lat[r]
				if x != 0 && x >= box.west && x <= box.east && y >= box.south && y <= box.north {
					f(b<<16|r, lonOf(x), latOf(y))
				}
			}
		}
	}
}

// ruler finds between which edges a coordinate lies: a guess by proportion, and some steps from there.
type ruler struct {
	edges []list.Micro
	scale float64
}

func newRuler(edges []list.Micro) *ruler {
	n := len(edges) - 1
	return &ruler{edges, float64(n) / float64(max(int64(edges[n])-int64(edges[0]), 1))}
}

func (r *ruler) at(x list.Micro) int {
	n := len(r.edges) - 1
	i := min(int(float64(int64(x)-int64(r.edges[0]))*r.scale), n-1)
	for i > 0 && r.edges[i] > x {
		i--
	}
	for i < n-1 && r.edges[i+1] <= x {
		i++
	}
	return i
}

// Door is one address with somebody of a set.
type Door struct {
	Key      int64 // field_person.address_key
	Lon, Lat list.Micro
	People   int64
}

// Doors returns the addresses of a set's people in a box, up to limit in walk order, and whether there are more.
func (v *View) Doors(s *Set, in Box, limit int) (doors []Door, more bool, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return nil, false, ErrOther
	}
	at := map[int64]int{}
	for b := range v.blocks() {
		v.eachPlace(s, b, in, func(row int, lon, lat list.Micro) {
			key := v.doorOf(row)
			i, ok := at[key]
			if !ok {
				if len(doors) >= limit {
					more = true
					return
				}
				i = len(doors)
				at[key] = i
				doors = append(doors, Door{Key: key, Lon: lon, Lat: lat})
			}
			doors[i].People++
		})
		if more {
			break
		}
	}
	return doors, more, nil
}

// Bounds returns the box that holds the places of a set, false when none is known. Its East and North are in it.
func (v *View) Bounds(s *Set) (Box, bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what a damaged file ends is this call
	defer runtime.KeepAlive(v)
	all := Box{West: 1<<31 - 1, South: 1<<31 - 1, East: -1 << 31, North: -1 << 31}
	parts := make([]Box, v.blocks())
	eachBlock(v.blocks(), func(_, b int) {
		p := all
		v.eachPlace(s, b, Box{-180_000_000, -90_000_000, 180_000_001, 90_000_001}, func(_ int, lon, lat list.Micro) {
			p.West, p.East = min(p.West, lon), max(p.East, lon)
			p.South, p.North = min(p.South, lat), max(p.North, lat)
		})
		parts[b] = p
	})
	for _, p := range parts {
		all.West, all.East = min(all.West, p.West), max(all.East, p.East)
		all.South, all.North = min(all.South, p.South), max(all.North, p.North)
	}
	return all, all.West <= all.East
}
