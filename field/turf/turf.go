// Package turf divides the doors of a list into pieces of ground that one canvasser can walk, and orders each walk.
//
// A City is doors on streets in a plane of metres. Prepare makes a Ground of it: units of doors, the walking network
// and who lives near whom. Cut shares the doors out over turfs: recursive bisection along the principal axis, exchange
// of units between neighbours while the ground gets more compact, repair of what does not hang together, then an exchange
// measured by what the walks would really be, and regrouping of what still falls into pieces. Each walk is a travelling salesman's tour (package tsp) in the metric of a
// walker on streets. Edits are functions from one Plan to the next. Everything here is deterministic: the same city, rules
// and seed give the same plan, with any number of processors.
//
// Sources: Berger and Bokhari 1987 (recursive bisection), Hartigan and Wong 1979 (exchange of units, algorithm AS 136),
// Croes 1958 and Or 1976 (2-opt, Or-opt), Martin, Otto and Felten 1991 (kicks), DeFord, Duchin and Solomon 2021 (regrouping).
package turf

import (
	_ "embed"
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte

// Class says how a walker meets a street.
type Class uint8

const (
	// Local streets are crossed anywhere; crossing costs 12 metres.
	Local Class = iota
	// Arterial streets are crossed where one must; crossing costs 40 metres.
	Arterial
	// Barrier is not walked along and not crossed: motorways, rail, water.
	Barrier
)

// Crossing returns what it costs to change the side of a street of this class, in metres of walking.
func (c Class) Crossing() float64 {
	if c == Local {
		return 12
	}
	return 40
}

// String returns the class in one word, as the edges of a city's file have it.
func (c Class) String() string {
	switch c {
	case Arterial:
		return "arterial"
	case Barrier:
		return "barrier"
	default:
		return "local"
	}
}

// ClassOf reads a class: a word of a city's file or an MTFCC of the Census Bureau's TIGER/Line files. S1100 are
// limited-access highways, S1630 ramps, R1… rail and H… water: barriers. S1200 are main roads. Words that are not
// known are local streets, and known is false.
func ClassOf(word string) (c Class, known bool) {
	switch word {
	case "local", "residential", "S1400", "S1500", "S1640", "S1710", "S1720", "S1730", "S1740", "S1780", "S1820", "S1830":
		return Local, true
	case "arterial", "main", "primary", "secondary", "tertiary", "S1200":
		return Arterial, true
	case "barrier", "highway", "motorway", "rail", "river", "water", "S1100", "S1630":
		return Barrier, true
	}
	if len(word) == 5 && (word[0] == 'R' || word[0] == 'H') {
		return Barrier, true
	}
	return Local, false
}

// Edge is a piece of street between two nodes, on which doors stand.
type Edge struct {
	From, To int32   // indexes of City.Nodes
	Metres   float64 // length along the street, not below the straight line by much; finite and ≥ 0
	Class    Class
	Name     string
	Line     []geo.XY // its way from From to To; nil: straight
}

// Door is one household.
type Door struct {
	Key      uint64  // what names the door for the caller; no two alike
	Building uint64  // doors with the same one, not 0, are never put into different turfs; neither are doors at one point
	At       geo.XY  // metres
	Edge     int32   // index of City.Edges, or -1 for a door on no street
	Side     int8    // 0 or 1: which side of the edge
	Along    float64 // metres from the edge's From, within its length
	Number   int     // house number, 0 when unknown
	Unit     int     // orders the apartments of one house; 0 without
	Street   string
	Weight   int // how many doors it counts for; 0 counts as 1
}

func (d Door) weight() int { return max(1, d.Weight) }

// City is doors and the streets on which one walks between them, in a plane of metres.
type City struct {
	Nodes []geo.XY
	Edges []Edge
	Doors []Door
	Plane geo.Plane // where on the globe the metres lie; set by Match
}

// Limits of a city. They bound memory; a county of a million people is below them.
const (
	MaxDoors = 200_000
	MaxEdges = 1_000_000
	maxCoord = 1e7 // metres
)

// Check refuses a city that cannot be walked: indexes that name nothing, numbers that are none, doors told twice.
// Errors name the door by its Key and the edge by its index.
func (c City) Check() error {
	if len(c.Doors) > MaxDoors {
		return fault.Invalidf("There are %d doors; at most %d can be cut at once. Cut a smaller list, or cut it in parts.", len(c.Doors), MaxDoors)
	}
	if len(c.Edges) > MaxEdges || len(c.Nodes) > 2*MaxEdges {
		return fault.Invalidf("There are %d pieces of street; at most %d can be used. Leave out streets that are far from the doors.", len(c.Edges), MaxEdges)
	}
	for i, n := range c.Nodes {
		if !sound(n) {
			return fault.Invalidf("Crossing %d has no usable coordinates (%g, %g). Correct it in the file of streets.", i, n.X, n.Y)
		}
	}
	for i, e := range c.Edges {
		switch {
		case e.From < 0 || e.To < 0 || int(e.From) >= len(c.Nodes) || int(e.To) >= len(c.Nodes):
			return fault.Invalidf("Street piece %d ends at a crossing that is not there (%d to %d, of %d). Add the crossing, or leave the piece out.", i, e.From, e.To, len(c.Nodes))
		case !(e.Metres >= 0 && e.Metres <= maxCoord):
			return fault.Invalidf("Street piece %d has the length %g metres. Lengths are 0 or more.", i, e.Metres)
		case slices.ContainsFunc(e.Line, func(p geo.XY) bool { return !sound(p) }):
			return fault.Invalidf("Street piece %d runs through a place that is nowhere. Correct its line.", i)
		}
	}
	return c.checkDoors()
}

func (c City) checkDoors() error {
	seen := make(map[uint64]struct{}, len(c.Doors))
	for _, d := range c.Doors {
		if _, twice := seen[d.Key]; twice {
			return fault.Invalidf("Door %d is there twice. Each door may be there once.", d.Key)
		}
		seen[d.Key] = struct{}{}
		switch {
		case !sound(d.At):
			return fault.Invalidf("Door %d has no usable coordinates (%g, %g). Leave it out, or find its address first.", d.Key, d.At.X, d.At.Y)
		case d.Edge < -1 || int(d.Edge) >= len(c.Edges):
			return fault.Invalidf("Door %d stands on street piece %d, which is not there (there are %d).", d.Key, d.Edge, len(c.Edges))
		case d.Side < 0 || d.Side > 1:
			return fault.Invalidf("Door %d stands on side %d of its street; sides are 0 and 1.", d.Key, d.Side)
		case d.Edge >= 0 && !(d.Along >= 0 && d.Along <= c.Edges[d.Edge].Metres+1):
			return fault.Invalidf("Door %d stands %g metres along a piece of street that is %g metres long.", d.Key, d.Along, c.Edges[d.Edge].Metres)
		case d.Weight < 0 || d.Weight > 10_000:
			return fault.Invalidf("Door %d counts for %d doors; a door counts for 1 to 10,000.", d.Key, d.Weight)
		}
	}
	return nil
}

func sound(p geo.XY) bool {
	return math.Abs(p.X) <= maxCoord && math.Abs(p.Y) <= maxCoord // false for NaN
}
