package list

import (
	"math"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/words"
)

// Here is one condition about the map, and where it stands in a criteria.
type Here struct {
	Node // Inside or Near

	at place
}

// Heres returns the conditions of a criteria about the map, without those of its saved searches. A place can be written in a wrong order and still be one, so
// whoever counts looks whether anybody lives there.
func Heres(c Criteria) []Here {
	var all []Here
	var walk func(n Node, at place)
	many := func(nodes []Node, kind Kind, at place) {
		for i, n := range nodes {
			walk(n, at.down(kind, i))
		}
	}
	walk = func(n Node, at place) {
		switch n := n.(type) {
		case All:
			many(n, KindAll, at)
		case Any:
			many(n, KindAny, at)
		case None:
			many(n, KindNone, at)
		case LivesWith:
			walk(n.Who, at.down(KindLivesWith, 0))
		case Inside, Near:
			all = append(all, Here{n, at})
		}
	}
	for i, s := range c.Steps {
		walk(s.Where, place{Path: Path{Step: i}})
	}
	return all
}

// Exchanged returns the condition with longitudes in the place of latitudes; false where that is no place on earth.
func (h Here) Exchanged() (Node, bool) {
	switch n := h.Node.(type) {
	case Near:
		n.Lon, n.Lat = n.Lat, n.Lon
		return n, onEarth(n.Lon, n.Lat)
	case Inside:
		out := Inside{Rings: make([][][2]float64, len(n.Rings))}
		for i, ring := range n.Rings {
			for _, p := range ring {
				if !onEarth(p[1], p[0]) {
					return nil, false
				}
				out.Rings[i] = append(out.Rings[i], [2]float64{p[1], p[0]})
			}
		}
		return out, true
	}
	return nil, false
}

// Deserted is what there is to say when nobody of the voter file lives there: exchanged is how many would, were the two numbers of places exchanged, placed
// how many people are on the map at all.
func (h Here) Deserted(exchanged, placed int64) Problem {
	p := Problem{Path: h.at.Path, In: h.at.in}
	lon, lat := h.middle()
	switch {
	case placed == 0:
		p.Err = fault.Invalidf("No address of this voter file is on the map yet, so nobody lives in any area. Load address points first.")
	case exchanged > 0:
		p.Err = fault.Invalidf("Nobody of this voter file lives around latitude %.4f, longitude %.4f. With the two exchanged it would be %s people. Exchange them.", lat, lon, grouped(exchanged))
	default:
		p.Err = fault.Invalidf("Nobody of this voter file lives around latitude %.4f, longitude %.4f. Is that place outside of the state, or are the two numbers exchanged?", lat, lon)
	}
	return p
}

// grouped writes a number as both languages of these pages do.
func grouped(n int64) string { return words.Translator{}.Number(n) }

func (h Here) middle() (lon, lat float64) {
	switch n := h.Node.(type) {
	case Near:
		return n.Lon, n.Lat
	case Inside:
		b := geo.EmptyBox()
		for _, ring := range n.Rings {
			for _, p := range ring {
				b = b.Extend(geo.Point{Lon: p[0], Lat: p[1]})
			}
		}
		return (b.West + b.East) / 2, (b.South + b.North) / 2
	}
	return 0, 0
}

func onEarth(lon, lat float64) bool { return math.Abs(lon) <= 180 && math.Abs(lat) <= 90 }
