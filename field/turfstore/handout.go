package turfstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// ToKind says to whom something is handed out.
type ToKind string

// The kinds.
const (
	ToAccount ToKind = "account"
	ToGroup   ToKind = "group"
	ToNumber  ToKind = "number" // whoever types the list number
)

// Handout is a turf, or a whole map, given to somebody until a day.
type Handout struct {
	ID            HandoutID `db:"id"`
	Org           org.ID    `db:"org_id"`
	Map           MapID     `db:"map_id"`
	MapName       string    `db:"map_name"`
	Turf          TurfID    `db:"turf_id"` // 0: the whole map, whose doors phones take as they go
	TurfName      string    `db:"turf_name"`
	To            ToKind    `db:"to_kind"`
	ToID          int64     `db:"to_id"`
	ToName        string    `db:"-"`           // of the account or group, where the reader may know it
	Number        string    `db:"list_number"` // digits
	Script        int64     `db:"script_id"`
	ScriptVersion int64     `db:"script_version"` // 0: the newest
	DoorsEach     int       `db:"doors_each"`
	Days          int       `db:"days"`
	GivenBy       int64     `db:"given_by"`
	Given         time.Time `db:"given_at"`
	Ends          time.Time `db:"ends_at"`
	RecalledBy    int64     `db:"recalled_by"`
	RecalledAt    time.Time `db:"recalled_at"` // zero while it is not
}

// Live reports whether the hand-out still holds.
func (h Handout) Live(now time.Time) bool { return h.RecalledAt.IsZero() && now.Before(h.Ends) }

// Bounds of a hand-out.
const (
	usualDays     = 30  // a hand-out holds
	mostDays      = 180 // and at most
	usualHold     = 2   // days a phone keeps doors of a whole map
	mostHold      = 14
	usualDoors    = 30 // a phone takes of a whole map
	mostDoorsEach = 150
	mostAtOnce    = 500 // turfs
)

// Give is what is to be handed out.
type Give struct {
	Map           MapID
	Turfs         []TurfID // none: the whole map
	To            ToKind
	ToID          int64
	Script        int64
	ScriptVersion int64
	Days          int  // how long it holds; 0: 30
	DoorsEach     int  // of a whole map; 0: 30
	Hold          int  // days a phone keeps them; 0: 2
	Also          bool // also turfs that somebody has already
}

func errNoHandout() error {
	return fault.NotFoundf("There is no such hand-out here. Somebody may have recalled it.")
}

// check completes g or says what is wrong, beside its input.
func (g *Give) check() error {
	var in fault.Inputs
	if g.To != ToAccount && g.To != ToGroup && g.To != ToNumber {
		in.Add("to", "Choose a person, a group or a list number.")
	}
	bounded := func(n *int, usual, most int, name string) {
		if *n == 0 {
			*n = usual
		}
		if *n < 1 || *n > most {
			in.Add(name, "Give a number from 1 to %d.", most)
		}
	}
	bounded(&g.Days, usualDays, mostDays, "days")
	if len(g.Turfs) == 0 {
		bounded(&g.DoorsEach, usualDoors, mostDoorsEach, "each")
		bounded(&g.Hold, usualHold, mostHold, "hold")
	} else {
		g.DoorsEach, g.Hold = 0, 0
	}
	if len(g.Turfs) > mostAtOnce {
		in.Add("turfs", "At most %d turfs can be handed out at once.", mostAtOnce)
	}
	return in.Or()
}

// Give hands turfs out, each by itself, or a whole map. Each that goes by list number gets a number of its own.
func (s *Store) Give(ctx context.Context, a org.Actor, g Give) ([]Handout, error) {
	if err := a.Must(PermitGive); err != nil {
		return nil, err
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if _, err := s.Map(ctx, a, g.Map); err != nil {
		return nil, err
	}
	if err := s.receives(ctx, a, g); err != nil {
		return nil, err
	}
	turfs := slices.Compact(slices.Sorted(slices.Values(g.Turfs)))
	if len(turfs) == 0 {
		turfs = []TurfID{0}
	}
	numbers := make([]string, len(turfs))
	if g.To == ToNumber {
		g.ToID = 0
		var err error
		if numbers, err = s.newNumbers(ctx, len(turfs)); err != nil {
			return nil, err
		}
	}
	ctx = a.Within(ctx)
	var all []Handout
	err := s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		all = all[:0]
		if err := db.Lock(ctx, tx, "field.turf.handout"); err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, a, g, turfs); err != nil {
			return err
		}
		var entry []map[string]any
		for i, t := range turfs {
			h, err := s.give(ctx, tx, a, g, t, numbers[i])
			if err != nil {
				return err
			}
			all = append(all, h)
			entry = append(entry, map[string]any{"handout": int64(h.ID), "turf": int64(t)})
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindGive, Object: g.Map.Object(),
			Data: map[string]any{"to": string(g.To), "id": g.ToID, "days": g.Days, "turfs": entry}})
		return err
	})
	return all, err
}

// receives refuses people and groups that are none of the organisation's.
func (s *Store) receives(ctx context.Context, a org.Actor, g Give) error {
	switch g.To {
	case ToAccount:
		all, err := s.orgs.People(ctx, a)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(m org.Membership) bool { return m.Account == account.ID(g.ToID) }) {
			return fault.Inputs{{Name: "who", Err: fault.Invalidf("Choose a person of your organization.")}}
		}
	case ToGroup:
		all, err := s.orgs.Groups(ctx, a)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(x org.Group) bool { return x.ID == org.GroupID(g.ToID) }) {
			return fault.Inputs{{Name: "who", Err: fault.Invalidf("Choose a group of your organization.")}}
		}
	}
	return nil
}

// mayGive refuses turfs that are not of the map, are retired, or are with somebody already.
func (s *Store) mayGive(ctx context.Context, tx *db.Tx, a org.Actor, g Give, turfs []TurfID) error {
	if turfs[0] == 0 {
		return nil
	}
	have, err := turfRows(ctx, tx, a.Org(), g.Map)
	if err != nil {
		return err
	}
	out, err := liveHandouts(ctx, tx, a.Org(), g.Map, s.now())
	if err != nil {
		return err
	}
	name, held := make(map[TurfID]string, len(have)), make(map[TurfID]bool, len(out))
	for _, r := range have {
		name[r.ID] = r.Name
	}
	for _, h := range out {
		held[h.Turf] = true
	}
	for _, t := range turfs {
		if _, ok := name[t]; !ok {
			return errNoTurf()
		}
		if held[t] && !g.Also {
			return fault.Conflictf("%s is with somebody already. Recall it first, or choose to hand it out to both.", name[t])
		}
	}
	return nil
}

func (s *Store) give(ctx context.Context, tx *db.Tx, a org.Actor, g Give, t TurfID, number string) (Handout, error) {
	now := s.now()
	id, err := insertHandout(ctx, tx, Handout{Org: a.Org(), Map: g.Map, Turf: t, To: g.To, ToID: g.ToID, Number: number, Script: g.Script, ScriptVersion: g.ScriptVersion,
		DoorsEach: g.DoorsEach, Days: g.Hold, GivenBy: int64(a.Account()), Given: now, Ends: now.AddDate(0, 0, g.Days)})
	if err != nil {
		return Handout{}, err
	}
	return handout(ctx, tx, a.Org(), id)
}

// Recall ends hand-outs: nobody can take them along any more, and phones that have them are told.
func (s *Store) Recall(ctx context.Context, a org.Actor, ids ...HandoutID) error {
	if err := a.Must(PermitGive); err != nil {
		return err
	}
	for _, id := range ids {
		h, err := s.Handout(ctx, s.db, a, id)
		if err != nil {
			return err
		}
		if _, err := s.Map(ctx, a, h.Map); err != nil {
			return err
		}
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		var done []int64
		for _, id := range ids {
			n, err := recall(ctx, tx, a.Org(), id, int64(a.Account()), s.now())
			if err != nil {
				return err
			}
			if n > 0 {
				done = append(done, int64(id))
			}
		}
		if len(done) == 0 {
			return nil
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRecall, Object: HandoutID(done[0]).Object(), Data: map[string]any{"handouts": done}})
		return err
	})
}

// Handouts returns what of a map is handed out now, newest first, with the names of those who have it.
func (s *Store) Handouts(ctx context.Context, a org.Actor, m MapID) ([]Handout, error) {
	if _, err := s.Map(ctx, a, m); err != nil {
		return nil, err
	}
	all, err := liveHandouts(a.Within(ctx), s.db, a.Org(), m, s.now())
	if err != nil {
		return nil, err
	}
	return s.named(ctx, a, all)
}

// named puts in the names of those who have something.
func (s *Store) named(ctx context.Context, a org.Actor, all []Handout) ([]Handout, error) {
	groups := map[org.GroupID]string{}
	if a.May(org.PermitPeople) {
		of, err := s.orgs.Groups(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, g := range of {
			groups[g.ID] = g.Name
		}
	}
	names := s.names(ctx)
	for i := range all {
		h := &all[i]
		switch h.To {
		case ToAccount:
			h.ToName = names(h.ToID)
		case ToGroup:
			h.ToName = groups[org.GroupID(h.ToID)]
		}
	}
	return all, nil
}

// ByNumber returns what is handed out under a list number, live ones only, of whatever organisation; none for a number that nobody has. Who calls it has
// counted the try (guessing must be slow) and reads as the site.
func (s *Store) ByNumber(ctx context.Context, r db.Reader, digits string) ([]Handout, error) {
	n, ok := ParseNumber(digits)
	if !ok {
		return nil, nil
	}
	all, err := handoutsByNumber(ctx, r, n, s.now())
	if err != nil {
		return nil, fmt.Errorf("looking for a list number: %w", err)
	}
	return all, nil
}

// For returns what is handed out to the actor now, or to a group the actor is in.
func (s *Store) For(ctx context.Context, r db.Reader, a org.Actor) ([]Handout, error) {
	all, err := handoutsFor(a.Within(ctx), r, a.Org(), int64(a.Account()), s.now())
	if err != nil {
		return nil, fmt.Errorf("looking for what is handed out to an account: %w", err)
	}
	return all, nil
}

// Handout returns one hand-out of the actor's organisation, ended and recalled ones too.
func (s *Store) Handout(ctx context.Context, r db.Reader, a org.Actor, id HandoutID) (Handout, error) {
	h, err := handout(a.Within(ctx), r, a.Org(), id)
	if errors.Is(err, db.ErrNone) {
		return Handout{}, errNoHandout()
	}
	return h, err
}
