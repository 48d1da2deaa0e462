package turfstore

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Turf is one turf as it was saved.
type Turf struct {
	ID      TurfID    `db:"id"`
	Map     MapID     `db:"map_id"`
	Number  int       `db:"number"`
	Name    string    `db:"name"`
	Hue     int       `db:"hue"`
	Doors   int       `db:"doors"`
	People  int       `db:"people"`
	Metres  int       `db:"metres"`
	Minutes int       `db:"minutes"`
	Spare   bool      `db:"spare"`
	Hash    string    `db:"hash"` // of its doors in walk order
	By      int64     `db:"created_by"`
	Created time.Time `db:"created_at"`
	Retired time.Time `db:"retired_at"` // zero while it holds
}

// kept is what a saved turf keeps of its doors.
type kept struct {
	Doors   []keptDoor    `json:"doors"` // in walk order
	Outline [][]geo.Point `json:"outline"`
	Walk    []geo.Point   `json:"walk"`              // along the streets
	Dropped bool          `json:"dropped,omitempty"` // the list has people who are no longer in the newest voter file
}

type keptDoor struct {
	Key    int64     `json:"k"`
	At     geo.Point `json:"p"`
	People []int64   `json:"m"`
}

// Saved says what saving did.
type Saved struct {
	Turfs   int // the map has now
	Made    int // of them new
	Retired int // that were cut differently
}

// mostTurfs is how many turfs a map can have.
const mostTurfs = 5000

// Save makes turfs of a map's draft. A turf with the same doors in the same order stays what it was; others are retired and replaced. name says what a turf
// without a name of its own is called, by its number.
func (s *Store) Save(ctx context.Context, a org.Actor, id MapID, edition int64, name func(number int) string) (Saved, error) {
	if err := a.Must(PermitCut); err != nil {
		return Saved{}, err
	}
	d, err := s.Draft(ctx, a, id)
	if err != nil {
		return Saved{}, err
	}
	switch {
	case d.Map.Edition != edition:
		return Saved{}, errOlder()
	case !d.Map.Archived.IsZero():
		return Saved{}, fault.Conflictf("This map is put away. Make another map from its list.")
	case len(d.Turfs) > mostTurfs:
		return Saved{}, fault.Invalidf("A map can have %d turfs; this one would have %d. Make them larger.", mostTurfs, len(d.Turfs))
	}
	rows, contents, err := d.rows(int64(a.Account()), s.now(), name)
	if err != nil {
		return Saved{}, err
	}
	done := Saved{}
	err = s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		done = Saved{Turfs: len(rows)}
		if n, err := moveTo(ctx, tx, a.Org(), id, edition, d.Map.Step, s.now()); err != nil || n == 0 {
			if err == nil {
				err = errOlder()
			}
			return err
		}
		if err := s.replace(ctx, tx, a, id, rows, contents, &done); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindSave, Object: id.Object(),
			Data: map[string]any{"turfs": done.Turfs, "made": done.Made, "retired": done.Retired, "step": d.Map.Step}})
		return err
	})
	return done, err
}

// rows are the turfs of a draft as they are to be stored, each with its content.
func (d Draft) rows(by int64, now time.Time, name func(int) string) ([]Turf, [][]byte, error) {
	var rows []Turf
	var contents [][]byte
	outlines := d.Outlines()
	for _, t := range d.Turfs {
		r := Turf{Map: d.Map.ID, Number: t.ID, Name: t.Name, Hue: t.Hue, Doors: len(t.Doors), People: t.People, Metres: t.Metres, Minutes: t.Mins, Spare: t.Spare,
			Hash: d.o.hash(t.Turf), By: by, Created: now}
		if r.Name == "" {
			r.Name = name(t.ID)
		}
		k := kept{Outline: outlines[t.ID], Walk: d.Walk(t.ID), Dropped: d.o.ground.Dropped}
		for _, i := range t.Doors {
			x := d.o.ground.Doors[d.o.door[i]]
			k.Doors = append(k.Doors, keptDoor{Key: x.Key, At: x.At, People: x.People})
		}
		packed, err := pack(k)
		if err != nil {
			return nil, nil, err
		}
		rows, contents = append(rows, r), append(contents, packed)
	}
	return rows, contents, nil
}

// replace retires the turfs that are cut no more, and adds those that are new.
func (s *Store) replace(ctx context.Context, tx *db.Tx, a org.Actor, id MapID, rows []Turf, contents [][]byte, done *Saved) error {
	have, err := turfRows(ctx, tx, a.Org(), id)
	if err != nil {
		return err
	}
	held, err := heldTurfs(ctx, tx, a.Org(), id, s.now())
	if err != nil {
		return err
	}
	isHeld, at := make(map[TurfID]bool, len(held)), make(map[string]int, len(rows))
	for _, h := range held {
		isHeld[h.ID] = true
	}
	for i, r := range rows {
		at[r.Hash] = i
	}
	for _, old := range have {
		i, same := at[old.Hash]
		switch {
		case same && rows[i].ID == 0:
			rows[i].ID = old.ID
			if isHeld[old.ID] { // it is known by its name and number
				continue
			}
			if err := updateTurf(ctx, tx, a.Org(), rows[i]); err != nil {
				return err
			}
		case isHeld[old.ID]:
			return fault.Conflictf("%s is with somebody. Recall it before you change it.", old.Name)
		default:
			if err := retireTurf(ctx, tx, a.Org(), old.ID, s.now()); err != nil {
				return err
			}
			done.Retired++
		}
	}
	for i, r := range rows {
		if r.ID != 0 {
			continue
		}
		if err := insertTurf(ctx, tx, a.Org(), r, contents[i]); err != nil {
			return err
		}
		done.Made++
	}
	return nil
}

// Turfs returns the saved turfs of a map by number.
func (s *Store) Turfs(ctx context.Context, a org.Actor, id MapID) ([]Turf, error) {
	if _, err := s.Map(ctx, a, id); err != nil {
		return nil, err
	}
	all, err := turfRows(a.Within(ctx), s.db, a.Org(), id)
	if err != nil {
		return nil, fmt.Errorf("reading the turfs of a map: %w", err)
	}
	return all, nil
}
