package turfstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

// mostDoors is how many doors a map may have: a thousand turfs are a weekend's work of a whole county.
const mostDoors = 50_000

// mostPeople is how many people of a list are looked at for one map.
const mostPeople = 400_000

// Reason says why a door could not be cut in. Each has a sentence (Sentence).
type Reason string

// The reasons.
const (
	NoAddress Reason = "address" // the voter file has no street address
	NoPlace   Reason = "place"   // nobody here knows where the address lies
	Far       Reason = "far"     // the address lies too far from most others to be on one map with them
	Asked     Reason = "asked"   // everybody on the list who lives there asks not to be visited
)

// Reasons returns all of them in the order to tell them.
func Reasons() []Reason { return []Reason{NoPlace, Far, NoAddress, Asked} }

// Sentence returns what a reason means, in English, as a words key.
func (r Reason) Sentence() string {
	switch r {
	case NoAddress:
		return "Without a street address in the voter file"
	case NoPlace:
		return "Nobody here knows where the address lies"
	case Far:
		return "More than 150 km away from most doors of the list"
	}
	return "Everybody there asks not to be visited"
}

// Door is one household of a map as it was when the map was made.
type Door struct {
	Key      int64     `json:"k"` // household_key
	Building int64     `json:"b"` // address_key
	At       geo.Point `json:"p"`
	House    string    `json:"h"`
	Street   string    `json:"s"`
	Unit     string    `json:"u,omitempty"`
	City     string    `json:"c,omitempty"`
	ZIP      string    `json:"z,omitempty"`
	People   []int64   `json:"m"`           // on the list
	Visit    int       `json:"v,omitempty"` // how many of them may be visited
}

// LeftDoor is a door that could not be cut in.
type LeftDoor struct {
	House  string `json:"h,omitempty"`
	Street string `json:"s,omitempty"`
	Unit   string `json:"u,omitempty"`
	City   string `json:"c,omitempty"`
	People int    `json:"m"`
	Why    Reason `json:"w"`
}

// ground is what a map keeps for good.
type ground struct {
	Doors   []Door         `json:"doors"`
	Left    []LeftDoor     `json:"left,omitempty"`
	Streets []place.Street `json:"streets,omitempty"`
	Water   []geo.Polygon  `json:"water,omitempty"`
	Dropped bool           `json:"dropped,omitempty"` // the list has people who are no longer in the newest voter file
}

// figures counts what a ground holds.
func (g ground) figures() (doors, people int64, left map[Reason]int) {
	left = map[Reason]int{}
	for _, d := range g.Doors {
		people += int64(d.Visit)
	}
	for _, d := range g.Left {
		left[d.Why]++
	}
	return int64(len(g.Doors)), people, left
}

// freeze reads the doors of a saved list as they are now.
func (s *Store) freeze(ctx context.Context, a org.Actor, l liststore.Saved) (ground, error) {
	ask := l.Ask
	if l.Kind == liststore.Frozen {
		ask.Criteria = liststore.Of(l.ID)
	}
	c, err := s.lists.Check(ctx, a, ask)
	if err != nil {
		return ground{}, err
	}
	rows, n, _, err := s.lists.Each(ctx, c, liststore.Walk)
	if err != nil {
		return ground{}, fmt.Errorf("reading the people of a list: %w", err)
	}
	if n > mostPeople {
		return ground{}, errTooMany()
	}
	var ids []int64
	for r, err := range rows {
		if err != nil {
			return ground{}, fmt.Errorf("reading the people of a list: %w", err)
		}
		ids = append(ids, r.Person)
	}
	ctx = a.Within(ctx)
	who, err := people(ctx, s.db, ids)
	if err != nil {
		return ground{}, fmt.Errorf("reading the people of a list: %w", err)
	}
	not, err := unvisited(ctx, s.db, a.Org(), ids)
	if err != nil {
		return ground{}, fmt.Errorf("reading who asks not to be visited: %w", err)
	}
	g := ground{Dropped: ask.Dropped}
	doors := household(ids, who, not, &g)
	if g.Doors, err = s.placed(ctx, doors, &g); err != nil {
		return ground{}, err
	}
	if len(g.Doors) > mostDoors {
		return ground{}, errTooMany()
	}
	if len(g.Doors) == 0 {
		return ground{}, fault.Invalidf("This list has no door that can be walked to: %d could not be placed on the map. Load address points for this area, or choose another list.", len(g.Left))
	}
	return g, s.surroundings(ctx, &g)
}

func errTooMany() error {
	return fault.Invalidf("A map can have %d doors, and this list has more. Save it in parts, for example by precinct, and cut each.", mostDoors)
}

// household puts people behind their doors, in the order in which they come. Who has no address is left out at once, and so are doors where everybody asks
// not to be visited.
func household(ids []int64, who map[int64]personRow, not map[int64]bool, g *ground) []Door {
	at := map[int64]int{}
	var doors []Door
	for _, id := range ids {
		p, ok := who[id]
		switch {
		case !ok: // protected
			continue
		case p.Household == 0 || p.Address == 0:
			g.Left = append(g.Left, LeftDoor{House: p.House, Street: p.Street, Unit: p.Unit, City: p.City, People: 1, Why: NoAddress})
			continue
		}
		i, ok := at[p.Household]
		if !ok {
			i = len(doors)
			at[p.Household] = i
			doors = append(doors, Door{Key: p.Household, Building: p.Address, House: p.House, Street: p.Street, Unit: p.Unit, City: p.City, ZIP: p.ZIP})
		}
		doors[i].People = append(doors[i].People, id)
		if !not[id] {
			doors[i].Visit++
		}
	}
	return slices.DeleteFunc(doors, func(d Door) bool {
		if d.Visit > 0 {
			return false
		}
		g.Left = append(g.Left, d.left(Asked))
		return true
	})
}

func (d Door) left(why Reason) LeftDoor {
	return LeftDoor{House: d.House, Street: d.Street, Unit: d.Unit, City: d.City, People: len(d.People), Why: why}
}

// placed says where doors lie and leaves out those of which nobody knows.
func (s *Store) placed(ctx context.Context, doors []Door, g *ground) ([]Door, error) {
	keys := make([]int64, len(doors))
	for i, d := range doors {
		keys[i] = d.Building
	}
	slices.Sort(keys)
	points, err := s.places.Points(ctx, slices.Compact(keys))
	if err != nil {
		return nil, fmt.Errorf("placing the doors of a list: %w", err)
	}
	known := doors[:0]
	for _, d := range doors {
		var ok bool
		if d.At, ok = points[d.Building]; !ok {
			g.Left = append(g.Left, d.left(NoPlace))
			continue
		}
		known = append(known, d)
	}
	return known, nil
}

// A map's streets are read tile by tile, so that doors far apart do not ask for all that lies between them.
const (
	streetTile  = 0.05   // degrees
	streetReach = 0.004  // degrees around the doors of a tile, some 400 metres
	mostStreets = 60_000 // pieces of one map
	mostWater   = 200    // areas of one tile
)

// surroundings reads the pieces of street around doors, each once, and the water between them, in an order that depends on the doors alone.
func (s *Store) surroundings(ctx context.Context, g *ground) error {
	tiles := map[[2]int]geo.Box{}
	for _, d := range g.Doors {
		t := [2]int{int(d.At.Lon / streetTile), int(d.At.Lat / streetTile)}
		b, ok := tiles[t]
		if !ok {
			b = geo.EmptyBox()
		}
		tiles[t] = b.Extend(d.At)
	}
	seen := map[string]bool{}
	water := map[place.AreaID]bool{}
	for _, t := range slices.SortedFunc(maps.Keys(tiles), func(x, y [2]int) int { return slices.Compare(x[:], y[:]) }) {
		b := tiles[t]
		b = geo.Box{West: b.West - streetReach, South: b.South - streetReach, East: b.East + streetReach, North: b.North + streetReach}
		near, err := s.places.StreetsNear(ctx, b, mostStreets)
		if err != nil {
			return fmt.Errorf("reading the streets of a map: %w", err)
		}
		for _, x := range near {
			name := string(geo.AppendLine([]byte(x.Class+x.Name), x.Line))
			if !seen[name] && len(g.Streets) < mostStreets {
				seen[name] = true
				g.Streets = append(g.Streets, x)
			}
		}
		areas, err := s.places.AreasNear(ctx, b, mostWater, place.Water)
		if err != nil {
			return fmt.Errorf("reading the water of a map: %w", err)
		}
		for _, x := range areas {
			if !water[x.ID] {
				water[x.ID] = true
				g.Water = append(g.Water, x.Shape...)
			}
		}
	}
	return nil
}
