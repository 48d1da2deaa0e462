package canvass

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// Met is somebody met at a door who is not on the list.
type Met struct {
	ID      string    `db:"id"`
	Event   string    `db:"event_id"`
	Packet  string    `db:"packet_id"`
	Device  string    `db:"device_id"`
	Door    string    `db:"door"`
	Content string    `db:"content"`
	State   string    `db:"state"`
	Person  int64     `db:"person_id"`
	Account int64     `db:"account_id"`
	At      time.Time `db:"met_at"`
	Said    MetSaid   `db:"-"`
}

// MetSaid is what was written down about them.
type MetSaid struct {
	First string `json:"first"`
	Last  string `json:"last"`
	Phone string `json:"phone"`
	Email string `json:"email"`
	Year  int    `json:"year"`
	Wants string `json:"wants"`
}

// Place is a unit or household that is not in the file.
type Place struct {
	ID      string    `db:"id"`
	Packet  string    `db:"packet_id"`
	Content string    `db:"content"`
	Account int64     `db:"account_id"`
	At      time.Time `db:"found_at"`
	Said    PlaceSaid `db:"-"`
}

// PlaceSaid is what was written down about it.
type PlaceSaid struct {
	House  string      `json:"house"`
	Street string      `json:"street"`
	Unit   string      `json:"unit"`
	City   string      `json:"city"`
	ZIP    string      `json:"zip"`
	At     *[2]float64 `json:"at"`
}

// Waiting returns the people met who wait to be looked at, oldest first, at most 500, but for those met in maps that the actor does not see.
func (s *Store) Waiting(ctx context.Context, a org.Actor) ([]Met, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	all, err := waitingMet(ctx, s.c.DB, int64(a.Org()))
	if err != nil {
		return nil, err
	}
	var packets []string
	for _, m := range all {
		packets = append(packets, m.Packet)
	}
	hidden, err := s.unseen(ctx, a, packets)
	all = slices.DeleteFunc(all, func(m Met) bool { return hidden[m.Packet] })
	for i := range all {
		_ = json.Unmarshal([]byte(all[i].Content), &all[i].Said) // what is no such thing shows as empty, beside what was sent
	}
	return all, err
}

// Found returns the places found by canvassers, newest first, at most 500, but for those in maps that the actor does not see.
func (s *Store) Found(ctx context.Context, a org.Actor) ([]Place, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	all, err := foundPlaces(ctx, s.c.DB, int64(a.Org()))
	if err != nil {
		return nil, err
	}
	var packets []string
	for _, p := range all {
		packets = append(packets, p.Packet)
	}
	hidden, err := s.unseen(ctx, a, packets)
	all = slices.DeleteFunc(all, func(p Place) bool { return hidden[p.Packet] })
	for i := range all {
		_ = json.Unmarshal([]byte(all[i].Content), &all[i].Said)
	}
	return all, err
}

func errNoMet() *fault.Error {
	return fault.NotFoundf("Nobody met at a door waits under this number. Somebody else may have decided.")
}

// Match says who somebody met is: what was recorded about them becomes that person's, and so does what comes later. What cannot be applied to them is
// returned, and stays on record.
func (s *Store) Match(ctx context.Context, a org.Actor, id string, who person.ID) (left []*fault.Error, err error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitJudge); err != nil {
		return nil, err
	}
	if err := s.mayMeet(ctx, a, id); err != nil {
		return nil, err
	}
	err = s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		left = nil
		if err := voterfile.MustShow(ctx, tx, a, s.c.Now(), []int64{int64(who)}); err != nil {
			return err
		}
		m, err := metByID(ctx, tx, int64(a.Org()), id)
		if errors.Is(err, db.ErrNone) {
			return errNoMet()
		}
		if err != nil {
			return err
		}
		if _, err := decideMet(ctx, tx, int64(a.Org()), id, "matched", int64(who), int64(a.Account()), s.c.Now()); err != nil {
			return fmt.Errorf("matching somebody met: %w", err)
		}
		later, err := laterOf(ctx, tx, int64(a.Org()), id)
		if err != nil {
			return err
		}
		if left, err = s.applyLater(ctx, tx, a, m, later); err != nil {
			return err
		}
		if err := s.wants(ctx, tx, a, m, who); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindMatch, Object: who.Object(), Data: map[string]any{"met": id, "events": len(later)}})
		return err
	})
	return left, err
}

// applyLater applies what was recorded about somebody met, now that it is known who that is.
func (s *Store) applyLater(ctx context.Context, tx *db.Tx, a org.Actor, m Met, later []laterRow) (left []*fault.Error, err error) {
	events := make([]offline.Event, len(later))
	for i, x := range later {
		events[i] = offline.Event{ID: x.ID, Kind: x.Kind, Thing: x.Packet, Device: x.Device, Body: []byte(x.Body), When: x.At, Judged: true}
	}
	if len(events) == 0 {
		return nil, nil
	}
	why, err := s.apply(ctx, tx, a, offline.Device{ID: m.Device, Org: a.Org(), Account: a.Account()}, events)
	if err != nil {
		return nil, err
	}
	for _, f := range why {
		if f != nil {
			left = append(left, f)
		}
	}
	return left, nil
}

// wants turns what somebody met asked for into a note.
func (s *Store) wants(ctx context.Context, tx *db.Tx, a org.Actor, m Met, who person.ID) error {
	var x MetSaid
	if json.Unmarshal([]byte(m.Content), &x) != nil || strings.TrimSpace(x.Wants) == "" {
		return nil
	}
	body := strings.TrimSpace(x.Wants)
	if r := []rune(body); len(r) > longestNote {
		body = string(r[:longestNote])
	}
	return s.c.People.PutNote(ctx, tx, a, who, m.Event, m.At, body)
}

// Keep leaves somebody met without a match: what was recorded stays, about nobody in the file.
func (s *Store) Keep(ctx context.Context, a org.Actor, id string) error {
	ctx = a.Within(ctx)
	if err := a.Must(PermitJudge); err != nil {
		return err
	}
	if err := s.mayMeet(ctx, a, id); err != nil {
		return err
	}
	return s.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := decideMet(ctx, tx, int64(a.Org()), id, "kept", 0, int64(a.Account()), s.c.Now())
		if err != nil {
			return fmt.Errorf("keeping somebody met: %w", err)
		}
		if n == 0 {
			return errNoMet()
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindKeep, Object: "field_canvass_met/" + id})
		return err
	})
}
