package turfstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Content is the doors of a turf, in walk order, with who is there to visit now: whoever moved, is protected, left the voter file or asked not to be visited
// since the turf was cut is not among them, and doors where nobody is left are not either.
type Content struct {
	Map     Map
	Turf    Turf // zero for doors taken from a whole map
	Doors   []ContentDoor
	Outline [][]geo.Point
	Walk    []geo.Point // along the streets
	People  int         // who may be visited
	Gone    int         // doors of the turf that are not in it any more
}

// ContentDoor is one household.
type ContentDoor struct {
	Key                             int64 // household_key
	House, Street, Unit, City, Code string
	At                              geo.Point
	People                          []ContentPerson
}

// Side is the side of the street a door is on, as its number tells: "odd", "even" or "".
func (d ContentDoor) Side() string {
	n := number(d.House)
	switch {
	case n == 0:
		return ""
	case n%2 == 1:
		return "odd"
	}
	return "even"
}

// ContentPerson is one person of the list at a door.
type ContentPerson struct {
	ID                          int64
	First, Middle, Last, Suffix string
	BirthYear, BirthDate        int64 // 0 unknown
	Sex, Party                  string
	Knock                       bool // false: this person asks not to be visited, somebody else there may be
}

// Doors returns what somebody takes along of a turf.
//
// It asks for no permit of its own: whoever calls it has seen that the turf is handed out to the actor (Handout), or that the actor sees turf (Packet).
func (s *Store) Doors(ctx context.Context, r db.Reader, a org.Actor, id TurfID) (Content, error) {
	ctx = a.Within(ctx)
	t, err := turfRow(ctx, r, a.Org(), id)
	if errors.Is(err, db.ErrNone) {
		return Content{}, errNoTurf()
	}
	if err != nil {
		return Content{}, fmt.Errorf("reading a turf: %w", err)
	}
	packed, err := turfContent(ctx, r, a.Org(), id)
	if err != nil {
		return Content{}, fmt.Errorf("reading the doors of a turf: %w", err)
	}
	var k kept
	if err := unpack(packed, &k); err != nil {
		return Content{}, err
	}
	c := Content{Turf: t, Outline: k.Outline, Walk: k.Walk}
	return s.behind(ctx, r, a, t.Map, c, k)
}

// MapDoors returns the named doors of a whole map, in their order, as Doors does.
func (s *Store) MapDoors(ctx context.Context, r db.Reader, a org.Actor, id MapID, doors []int64) (Content, error) {
	ctx = a.Within(ctx)
	o, err := s.open(ctx, r, a, id, Wish{})
	if err != nil {
		return Content{}, err
	}
	at := make(map[int64]Door, len(o.ground.Doors))
	for _, d := range o.ground.Doors {
		at[d.Key] = d
	}
	k := kept{Dropped: o.ground.Dropped}
	for _, key := range doors {
		if d, ok := at[key]; ok {
			k.Doors = append(k.Doors, keptDoor{Key: key, At: d.At, People: d.People})
		}
	}
	return s.behind(ctx, r, a, id, Content{}, k)
}

// behind fills in who is behind doors now.
func (s *Store) behind(ctx context.Context, r db.Reader, a org.Actor, id MapID, c Content, k kept) (Content, error) {
	rows, err := mapRows(ctx, r, a.Org(), id, true, s.now())
	if err != nil {
		return Content{}, fmt.Errorf("reading a map: %w", err)
	}
	if len(rows) == 0 {
		return Content{}, errNoMap()
	}
	c.Map = rows[0].Map
	var ids []int64
	for _, d := range k.Doors {
		ids = append(ids, d.People...)
	}
	who, err := people(ctx, r, ids)
	if err != nil {
		return Content{}, fmt.Errorf("reading the people of a turf: %w", err)
	}
	not, err := unvisited(ctx, r, a.Org(), ids)
	if err != nil {
		return Content{}, fmt.Errorf("reading who asks not to be visited: %w", err)
	}
	for _, d := range k.Doors {
		x := ContentDoor{Key: d.Key, At: d.At}
		visit := 0
		for _, id := range d.People {
			p, ok := who[id]
			if !ok || p.Household != d.Key || p.DroppedOn != 0 && !k.Dropped {
				continue
			}
			x.House, x.Street, x.Unit, x.City, x.Code = p.House, p.Street, p.Unit, p.City, p.ZIP
			x.People = append(x.People, ContentPerson{ID: p.ID, First: p.First, Middle: p.Middle, Last: p.Last, Suffix: p.Suffix, BirthYear: p.BirthYear,
				BirthDate: p.BirthDate, Sex: p.Sex, Party: p.Party, Knock: !not[id]})
			if !not[id] {
				visit++
			}
		}
		if visit == 0 {
			c.Gone++
			continue
		}
		c.People += visit
		c.Doors = append(c.Doors, x)
	}
	return c, nil
}

// Claim takes the free doors of a map that are nearest to where a phone is, in the order to walk them, until a time. skip are doors that need no visit any
// more. Doors that other phones hold are free again when their time is over, or when they are given back (Release). The packet's own entry in the ledger
// tells of it.
func (s *Store) Claim(ctx context.Context, tx *db.Tx, a org.Actor, id MapID, packet string, at geo.Point, most int, until time.Time, skip map[int64]bool) ([]int64, error) {
	if !sound(at) {
		return nil, fault.Invalidf("The phone did not say where it is. Allow it to, or choose a place on the map.")
	}
	if err := db.Lock(ctx, tx, id.Object()); err != nil {
		return nil, err
	}
	if err := dropClaims(ctx, tx, a.Org(), id, s.now()); err != nil {
		return nil, err
	}
	held, err := claimed(ctx, tx, a.Org(), id, s.now())
	if err != nil {
		return nil, err
	}
	o, err := s.open(ctx, tx, a, id, Wish{})
	if err != nil {
		return nil, err
	}
	taken := make(map[int64]bool, len(held)+len(skip))
	for _, k := range held {
		taken[k] = true
	}
	free := func(i int32) bool {
		key := o.ground.Doors[o.door[i]].Key
		return !taken[key] && !skip[key]
	}
	var doors []int64
	for _, i := range o.cut.Nearest(o.plane.Project(at), free, min(max(most, 1), mostDoorsEach)) {
		doors = append(doors, o.ground.Doors[o.door[i]].Key)
	}
	if len(doors) == 0 {
		return nil, fault.Conflictf("All doors of this map are done or with somebody. Ask whoever leads the canvass for another.")
	}
	return doors, insertClaims(ctx, tx, a.Org(), id, packet, doors, until)
}

// Release gives back the doors that a packet holds and returns how many they were.
func (s *Store) Release(ctx context.Context, tx *db.Tx, a org.Actor, packet string) (int64, error) {
	return releaseClaims(ctx, tx, a.Org(), packet)
}

// Packet returns the content of turfs that are printed, and records it: paper leaves the site as a file does.
func (s *Store) Packet(ctx context.Context, a org.Actor, id MapID, turfs ...TurfID) ([]Content, error) {
	if err := a.Must(PermitGive); err != nil {
		return nil, err
	}
	have, err := s.Turfs(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if len(turfs) == 0 {
		return nil, errNoneChosen()
	}
	var all []Content
	n, who := 0, 0
	for _, t := range turfs {
		if !slices.ContainsFunc(have, func(x Turf) bool { return x.ID == t }) {
			return nil, errNoTurf()
		}
		c, err := s.Doors(ctx, s.db, a, t)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
		if n, who = n+len(c.Doors), who+c.People; n > mostPrinted {
			return nil, fault.Invalidf("At most %d doors can be printed at once. Choose fewer turfs.", mostPrinted)
		}
	}
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindPrint, Object: id.Object(), Data: map[string]any{"turfs": numbers(turfs), "doors": n, "people": who}})
		return err
	})
	return all, err
}

// mostPrinted is how many doors are printed at once: five hundred sheets.
const mostPrinted = 5000

func numbers(ids []TurfID) []int64 {
	all := make([]int64, len(ids))
	for i, id := range ids {
		all[i] = int64(id)
	}
	return all
}
