package turf

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Line is a barrier drawn by hand, in the city's metres: walks do not cross it.
type Line []geo.XY

// Ground is a city made ready for cutting: who shares a building, the streets one may walk, and how far each crossing is
// from those around it. It never changes and may be used by many at once.
//
// Inside, doors are numbered by their Key, so that a plan does not depend on the order in which doors came.
type Ground struct {
	city  City
	order []int32 // inner number → index of City.Doors
	inner []int32 // and back

	doors []door
	sites []site // buildings: doors that stay together
	net   network

	doubted int // doors at one point with many other addresses

	gridOnce sync.Once
	grid     *raster
}

// door is what the algorithms need of a Door; lengths are whole centimetres.
type door struct {
	at     geo.XY
	edge   int32
	along  int32
	side   int8
	site   int32
	weight int32
}

// site is a building, or the part of one that may be cut off from the rest.
type site struct {
	doors  []int32 // inner numbers, ascending
	at     geo.XY
	edge   int32
	along  int32
	side   int8
	weight int32
}

// maxLines bounds the barriers drawn by hand.
const maxLines = 500

// Prepare checks a city and makes it ready. lines are barriers drawn by hand: streets that cross one are not walked there.
func Prepare(c City, lines []Line) (*Ground, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if len(lines) > maxLines {
		return nil, fault.Invalidf("There are %d barriers drawn by hand; at most %d are used.", len(lines), maxLines)
	}
	for _, l := range lines {
		if len(l) > 10_000 || slices.ContainsFunc(l, func(p geo.XY) bool { return !sound(p) }) {
			return nil, fault.Invalidf("A barrier drawn by hand has a corner that is nowhere. Draw it again.")
		}
	}
	g := &Ground{city: c}
	g.count()
	owner, doubted := addresses(c, g.order)
	g.build(owner)
	g.doubted = doubted
	g.net = newNetwork(c, lines, g.doors)
	return g, nil
}

// City returns the city the ground was made from.
func (g *Ground) City() City { return g.city }

// count gives doors their inner numbers, by Key.
func (g *Ground) count() {
	n := len(g.city.Doors)
	g.order, g.inner, g.doors = make([]int32, n), make([]int32, n), make([]door, n)
	for i := range g.order {
		g.order[i] = int32(i) // #nosec G115 -- MaxDoors
	}
	slices.SortFunc(g.order, func(a, b int32) int { return cmp.Compare(g.city.Doors[a].Key, g.city.Doors[b].Key) })
	for k, i := range g.order {
		d := g.city.Doors[i]
		g.inner[i] = int32(k)                                                                                           // #nosec G115 -- MaxDoors
		g.doors[k] = door{at: d.At, edge: d.Edge, along: centimetres(d.Along), side: d.Side, weight: int32(d.weight())} // #nosec G115 -- checked
		if d.Edge >= 0 {
			g.doors[k].along = min(g.doors[k].along, centimetres(g.city.Edges[d.Edge].Metres))
		}
	}
}

func centimetres(m float64) int32 { return int32(math.Round(min(m, maxCoord) * 100)) }

func metres(cm int64) float64 { return float64(cm) / 100 }

// build makes the sites of doors that share an owner number.
func (g *Ground) build(owner []int32) {
	g.sites = nil
	at := make([]int32, len(g.doors))
	for k, o := range owner {
		if int(o) == k {
			at[k] = int32(len(g.sites)) // #nosec G115 -- MaxDoors
			g.sites = append(g.sites, site{at: g.doors[k].at, edge: g.doors[k].edge, along: g.doors[k].along, side: g.doors[k].side})
		}
		s := &g.sites[at[o]]
		g.doors[k].site = at[o]
		s.doors = append(s.doors, int32(k)) // #nosec G115 -- MaxDoors
		s.weight += g.doors[k].weight
	}
}

// crowd is the number of doors at one point from which on the point is doubted: it is rather the middle of a postal
// code than a building, and falls apart into its addresses.
const crowd = 25

// addresses returns for each inner number the lowest inner number of its building: doors with one Building, and doors at
// one point, unless that point has a crowd of different addresses; so many doors stand at such points.
func addresses(c City, order []int32) (owner []int32, doubted int) {
	owner = make([]int32, len(order))
	for k := range owner {
		owner[k] = int32(k) // #nosec G115 -- MaxDoors
	}
	find := func(k int32) int32 {
		for owner[k] != k {
			owner[k] = owner[owner[k]]
			k = owner[k]
		}
		return k
	}
	join := func(a, b int32) {
		if a, b = find(a), find(b); a != b {
			owner[max(a, b)] = min(a, b)
		}
	}
	buildings := map[uint64]int32{}
	points := map[geo.XY][]int32{}
	for k, i := range order {
		k, d := int32(k), c.Doors[i] // #nosec G115 -- MaxDoors
		if d.Building != 0 {
			if first, ok := buildings[d.Building]; ok {
				join(first, k)
			} else {
				buildings[d.Building] = k
			}
		}
		points[d.At] = append(points[d.At], k)
	}
	type address struct {
		street string
		number int
	}
	for _, at := range points {
		first := map[address]int32{}
		for _, k := range at {
			d := c.Doors[order[k]]
			a := address{d.Street, d.Number}
			if _, ok := first[a]; !ok {
				first[a] = k
			}
			join(first[a], k)
		}
		if len(first) > 1 && len(at) > crowd {
			doubted += len(at)
		} else if len(first) > 1 {
			for _, k := range at {
				join(at[0], k)
			}
		}
	}
	for k := range owner {
		owner[k] = find(int32(k)) // #nosec G115 -- MaxDoors
	}
	return owner, doubted
}

// Doubted returns how many doors stand at a point with more than 25 doors of different addresses. It is rather the middle of a
// postal code than where they are: they are cut by their addresses, and what their walks measure says little.
func (g *Ground) Doubted() int { return g.doubted }
