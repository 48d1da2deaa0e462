package turf

import (
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Street is a piece of street as TIGER/Line has edges: pieces meet where their ends are at one point.
type Street struct {
	Name  string
	Class Class
	Line  geo.Line // two points or more, lon and lat
}

// Address is a household to be put onto streets.
type Address struct {
	Key      uint64
	Building uint64    // households with the same one, not 0, stay together
	At       geo.Point // where it is, when Located
	Located  bool
	Street   string
	Number   int
	Unit     int // orders the apartments of one house; 0 without
	Weight   int // how many doors it counts for; 0 counts as 1
}

// Apart is a household that cannot be cut in, and why.
type Apart struct {
	Key uint64 `json:"key"`
	Why Why    `json:"why"`
}

// The reasons for which a household is not cut in.
const (
	WhyNowhere Why = "Nobody knows yet where this address is."
	WhyAstray  Why = "Its place on the map is far from all others, and probably wrong."
)

// Measures of Match, in metres.
const (
	onStreet  = 60.0      // a door is on a street this near
	offStreet = 400.0     // and, where none is, still on one this near: houses at the end of long driveways
	sameName  = 45.0      // how much farther a street of the right name may be
	astray    = 150_000.0 // from the middle of all others
)

// Match puts households onto the streets nearest to them, rather onto one that has the address's name, and returns them as
// a city with those that have no place. Streets that are far from all doors are left out. Without streets every door stands
// on none, and walks are measured straight. A household on no street within reach stands on none too.
func Match(streets []Street, doors []Address) (City, []Apart, error) {
	var apart []Apart
	middle, ok := medianPlace(doors)
	if !ok {
		for _, d := range doors {
			apart = append(apart, Apart{d.Key, WhyNowhere})
		}
		return City{Plane: geo.NewPlane(geo.Point{})}, apart, nil
	}
	c := City{Plane: geo.NewPlane(middle)}
	for _, a := range doors {
		d := Door{Key: a.Key, Building: a.Building, Edge: -1, Number: a.Number, Unit: a.Unit, Street: a.Street, Weight: a.Weight}
		if !a.Located || !a.At.Valid() || a.At == (geo.Point{}) {
			apart = append(apart, Apart{a.Key, WhyNowhere})
			continue
		}
		if d.At = c.Plane.Project(a.At); math.Hypot(d.At.X, d.At.Y) > astray {
			apart = append(apart, Apart{a.Key, WhyAstray})
			continue
		}
		c.Doors = append(c.Doors, d)
	}
	if err := c.addStreets(streets); err != nil {
		return City{}, nil, err
	}
	c.Stand()
	return c, apart, c.Check()
}

func medianPlace(doors []Address) (geo.Point, bool) {
	var lon, lat []float64
	for _, d := range doors {
		if d.Located && d.At.Valid() && d.At != (geo.Point{}) {
			lon, lat = append(lon, d.At.Lon), append(lat, d.At.Lat)
		}
	}
	if len(lon) == 0 {
		return geo.Point{}, false
	}
	slices.Sort(lon)
	slices.Sort(lat)
	return geo.Point{Lon: lon[len(lon)/2], Lat: lat[len(lat)/2]}, true
}

// margin is how far from the doors streets are kept, in metres: walks may lead around.
const margin = 1500

func (c *City) addStreets(streets []Street) error {
	var west, south, east, north = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, d := range c.Doors {
		west, east = min(west, d.At.X-margin), max(east, d.At.X+margin)
		south, north = min(south, d.At.Y-margin), max(north, d.At.Y+margin)
	}
	nodes := map[[2]int64]int32{}
	node := func(p geo.Point) int32 {
		key := [2]int64{int64(math.Round(p.Lon * 1e6)), int64(math.Round(p.Lat * 1e6))}
		n, ok := nodes[key]
		if !ok {
			n = int32(len(c.Nodes)) // #nosec G115 -- bounded by MaxEdges
			nodes[key] = n
			c.Nodes = append(c.Nodes, c.Plane.Project(p))
		}
		return n
	}
	for i, s := range streets {
		if len(s.Line) < 2 || slices.ContainsFunc(s.Line, func(p geo.Point) bool { return !p.Valid() }) {
			return fault.Invalidf("Street piece %d runs through a place that is nowhere. Correct its line.", i)
		}
		line := make([]geo.XY, len(s.Line))
		in := false
		for k, p := range s.Line {
			line[k] = c.Plane.Project(p)
			in = in || line[k].X >= west && line[k].X <= east && line[k].Y >= south && line[k].Y <= north
		}
		if !in {
			continue
		}
		if len(c.Edges) == MaxEdges {
			return fault.Invalidf("There are %d pieces of street; at most %d can be used. Leave out streets that are far from the doors.", len(streets), MaxEdges)
		}
		c.Edges = append(c.Edges, Edge{From: node(s.Line[0]), To: node(s.Line[len(s.Line)-1]), Metres: length(line), Class: s.Class, Name: s.Name, Line: line})
	}
	return nil
}

// pegs is the legs of all streets by square cell, to find those near a door.
type pegs struct {
	cell float64
	legs map[[2]int32][]leg
}

type leg struct {
	edge, leg int32
	before    float64 // metres of the street before the leg
}

func (c *City) pegs(cell float64) pegs {
	p := pegs{cell, map[[2]int32][]leg{}}
	for e := range c.Edges {
		if c.Edges[e].Class == Barrier {
			continue // nobody lives on a motorway
		}
		before := 0.0
		line := c.path(e)
		for k := 1; k < len(line); k++ {
			a, b := p.at(line[k-1]), p.at(line[k])
			for x := min(a[0], b[0]); x <= max(a[0], b[0]); x++ {
				for y := min(a[1], b[1]); y <= max(a[1], b[1]); y++ {
					p.legs[[2]int32{x, y}] = append(p.legs[[2]int32{x, y}], leg{int32(e), int32(k), before}) // #nosec G115 -- MaxEdges
				}
			}
			before += dist(line[k-1], line[k])
		}
	}
	return p
}

func (p pegs) at(q geo.XY) [2]int32 {
	return [2]int32{int32(math.Floor(q.X / p.cell)), int32(math.Floor(q.Y / p.cell))}
}

// Stand puts the doors that stand on no street onto the nearest within reach.
func (c *City) Stand() {
	if len(c.Edges) == 0 {
		return
	}
	near := c.pegs(onStreet + sameName)
	var far pegs
	for i := range c.Doors {
		d := &c.Doors[i]
		if d.Edge >= 0 || c.onto(d, near, onStreet) {
			continue
		}
		if far.legs == nil {
			far = c.pegs(offStreet)
		}
		c.onto(d, far, offStreet)
	}
}

// onto puts a door onto the best street within reach, counting one with the address's name as nearer.
func (c *City) onto(d *Door, p pegs, reach float64) bool {
	at := p.at(d.At)
	best := math.Inf(1)
	for x := at[0] - 1; x <= at[0]+1; x++ {
		for y := at[1] - 1; y <= at[1]+1; y++ {
			for _, l := range p.legs[[2]int32{x, y}] {
				line := c.path(int(l.edge))
				a, b := line[l.leg-1], line[l.leg]
				t, off := foot(d.At, a, b)
				score := off
				if d.Street != "" && c.Edges[l.edge].Name == d.Street {
					score -= sameName
				}
				if score > reach || score > best || score == best && l.edge >= d.Edge {
					continue
				}
				best = score
				d.Edge, d.Along = l.edge, min(c.Edges[l.edge].Metres, l.before+t*dist(a, b))
				d.Side = 0
				if (b.X-a.X)*(d.At.Y-a.Y)-(b.Y-a.Y)*(d.At.X-a.X) < 0 {
					d.Side = 1
				}
			}
		}
	}
	return !math.IsInf(best, 1)
}

// foot returns the share of ab at which p's nearest point lies, and how far p is from it.
func foot(p, a, b geo.XY) (t, off float64) {
	dx, dy := b.X-a.X, b.Y-a.Y
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/l))
	}
	return t, dist(p, geo.XY{X: a.X + t*dx, Y: a.Y + t*dy})
}
