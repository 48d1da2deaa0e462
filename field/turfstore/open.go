package turfstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
)

// Wish is what is asked of a cut.
type Wish struct {
	Rules  turf.Rules    `json:"rules"`
	Divide bool          `json:"divide,omitempty"` // turfs do not lie on both sides of main roads or water
	Lines  [][]geo.Point `json:"lines,omitempty"`  // barriers drawn by hand
}

// barriers names what of a wish divides the ground.
func (w Wish) barriers() string {
	b, err := json.Marshal(struct {
		Divide bool
		Lines  [][]geo.Point
	}{w.Divide, w.Lines})
	if err != nil { // numbers that are none are refused before
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// opened is a map made ready for cutting.
type opened struct {
	id       MapID
	barriers string
	ground   ground
	cut      *turf.Ground
	plane    geo.Plane
	door     []int // of ground.Doors, by the index that the plan has
}

// mostOpen is how many doors the maps that are kept ready have together: some 300 MB.
const mostOpen = 250_000

// open returns a map ready for cutting, from memory where it was cut just now.
func (s *Store) open(ctx context.Context, r db.Reader, a org.Actor, id MapID, w Wish) (*opened, error) {
	name := w.barriers()
	s.mu.Lock()
	var same *opened
	for i, o := range s.grounds {
		if o.id != id {
			continue
		}
		if same = o; o.barriers == name {
			s.grounds = append(slices.Delete(s.grounds, i, i+1), o)
			s.mu.Unlock()
			return o, nil
		}
	}
	s.mu.Unlock()
	var g ground
	if same != nil {
		g = same.ground
	} else {
		packed, err := groundOf(a.Within(ctx), r, a.Org(), id)
		if errors.Is(err, db.ErrNone) {
			return nil, errNoMap()
		}
		if err != nil {
			return nil, fmt.Errorf("reading the doors of a map: %w", err)
		}
		if err := unpack(packed, &g); err != nil {
			return nil, err
		}
	}
	o, _, err := prepare(g, w)
	if err != nil {
		return nil, err
	}
	o.id = id
	s.keep(o)
	return o, nil
}

// keep holds on to a map that was made ready, and lets go of those that were not used for longest.
func (s *Store) keep(o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grounds = append(s.grounds, o)
	n := 0
	for i := len(s.grounds) - 1; i >= 0; i-- {
		if n += len(s.grounds[i].ground.Doors); n > mostOpen && i < len(s.grounds)-1 {
			s.grounds = slices.Clone(s.grounds[i+1:])
			return
		}
	}
}

// prepare puts a map's doors onto its streets. Doors that lie apart from all others are returned by key.
func prepare(g ground, w Wish) (*opened, []int64, error) {
	streets := make([]turf.Street, 0, len(g.Streets))
	for _, x := range g.Streets {
		class, _ := turf.ClassOf(x.Class)
		streets = append(streets, turf.Street{Name: x.Name, Class: class, Line: x.Line})
	}
	byKey := make(map[uint64]int, len(g.Doors))
	doors := make([]turf.Address, len(g.Doors))
	for i, d := range g.Doors {
		byKey[bits(d.Key)] = i
		doors[i] = turf.Address{Key: bits(d.Key), Building: bits(d.Building), At: d.At, Located: true, Street: d.Street, Number: number(d.House), Unit: unitOrder(d.Unit)}
	}
	city, apart, err := turf.Match(streets, doors)
	if err != nil {
		return nil, nil, err
	}
	var out []int64
	for _, x := range apart {
		out = append(out, g.Doors[byKey[x.Key]].Key)
	}
	o := &opened{barriers: w.barriers(), ground: g, plane: city.Plane, door: make([]int, len(city.Doors))}
	for i, d := range city.Doors {
		o.door[i] = byKey[d.Key]
	}
	o.cut, err = turf.Prepare(city, w.lines(g, city))
	return o, out, err
}

// mostBarriers is how many lines package turf takes.
const mostBarriers = 500

// lines are the barriers of a wish in metres: those drawn by hand, and with Divide the banks of water and the middle of main roads. Where doors stand on a main
// road it stays open: whoever visits them is there anyway.
func (w Wish) lines(g ground, city turf.City) (all []turf.Line) {
	put := func(line []geo.Point) {
		b := make(turf.Line, len(line))
		for i, p := range line {
			b[i] = city.Plane.Project(p)
		}
		all = append(all, b)
	}
	for _, l := range w.Lines {
		put(l)
	}
	if !w.Divide {
		return all
	}
	for _, p := range g.Water {
		for _, ring := range p {
			put(ring)
		}
	}
	all = append(all, mains(city)...)
	return all[:min(len(all), mostBarriers)]
}

// mains joins the pieces of main roads on which no door stands to lines as long as they go.
func mains(city turf.City) (all []turf.Line) {
	busy := make([]bool, len(city.Edges))
	for _, d := range city.Doors {
		if d.Edge >= 0 {
			busy[d.Edge] = true
		}
	}
	ends := map[int32]int{} // the line that ends at a node
	for i, e := range city.Edges {
		if e.Class != turf.Arterial || busy[i] {
			continue
		}
		path := e.Line
		if len(path) < 2 {
			path = turf.Line{city.Nodes[e.From], city.Nodes[e.To]}
		}
		at, ok := ends[e.From]
		if ok {
			delete(ends, e.From)
			all[at] = append(all[at], path[1:]...)
		} else {
			at = len(all)
			all = append(all, slices.Clone(turf.Line(path)))
		}
		ends[e.To] = at
	}
	slices.SortStableFunc(all, func(x, y turf.Line) int { return len(y) - len(x) })
	return all
}

// bits is a key as package turf has it: the same 64 bits without a sign.
func bits(key int64) uint64 { return uint64(key) } // every bit is kept

// number is the number that a house has, 0 where it has none: "1140", "12 1/2", "37-15".
func number(house string) int {
	end := strings.IndexFunc(house, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(house)
	}
	n, err := strconv.Atoi(house[:min(end, 9)])
	if err != nil {
		return 0
	}
	return n
}

// unitOrder orders the units of a house as people count them: "APT 2" before "APT 10", "5A" before "5B", and wings ("A12") after what begins with a digit.
func unitOrder(unit string) int {
	words := strings.Fields(strings.ToUpper(unit))
	if len(words) == 0 {
		return 0
	}
	last := strings.TrimLeft(words[len(words)-1], "#")
	isLetter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	letter := 0
	if i := strings.IndexFunc(last, isLetter); i >= 0 {
		letter = 1 + int(last[i]-'A')
	}
	const letters, most = 32, 99_999 // a unit with more digits is no number that is counted
	n := min(number(strings.TrimLeftFunc(last, isLetter)), most)
	if strings.IndexFunc(last, isLetter) == 0 {
		return letter*letters*(most+1) + n
	}
	return n*letters + letter
}
