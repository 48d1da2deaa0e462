package offline

import (
	"context"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// SetAside is recorded work that waits for somebody to look at it.
type SetAside struct {
	Event
	By    account.ID // whose device recorded it
	Label string     // the device's
	Why   *fault.Error
}

// asideMost is how many are shown at once; the oldest come first.
const asideMost = 500

// Aside returns what waits in the actor's organisation, oldest first, at most 500.
func (s *Store) Aside(ctx context.Context, a org.Actor) ([]SetAside, error) {
	ctx = a.Within(ctx)
	if err := a.Must(s.program.See); err != nil {
		return nil, err
	}
	rows, err := asideOf(ctx, s.db, int64(a.Org()), s.program.Name, asideMost)
	all := make([]SetAside, len(rows))
	for i, r := range rows {
		all[i] = SetAside{Event: r.event(), By: account.ID(r.Account), Label: r.Label, Why: unwritten(r.Why)}
	}
	return all, err
}

// AsideByThing counts what waits in the actor's organisation by what it was recorded in.
func (s *Store) AsideByThing(ctx context.Context, a org.Actor) (map[string]int64, error) {
	ctx = a.Within(ctx)
	if err := a.Must(s.program.See); err != nil {
		return nil, err
	}
	rows, err := asideByThing(ctx, s.db, int64(a.Org()))
	m := make(map[string]int64, len(rows))
	for _, r := range rows {
		m[r.Thing] = r.N
	}
	return m, err
}

// Judge decides about one event that was set aside: to apply it after all, as the actor, or to keep it without effect. why is for those who ask
// later. An event that still cannot be applied stays where it is, and the fault says why.
func (s *Store) Judge(ctx context.Context, a org.Actor, id string, apply bool, why string) error {
	ctx = a.Within(ctx)
	if err := a.Must(s.program.Judge); err != nil {
		return err
	}
	if why = clip(why); why == "" && !apply {
		var wrong fault.Inputs
		wrong.Add("why", "Say why this is left without effect.")
		return wrong.Or()
	}
	return s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := eventsByID(ctx, tx, int64(a.Org()), []string{id})
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].State != Aside {
			return fault.NotFoundf("Nothing of this number waits to be looked at.")
		}
		state := Kept
		if apply {
			if state, err = s.applyJudged(ctx, tx, a, rows[0].event()); err != nil {
				return err
			}
		}
		if _, err := decide(ctx, tx, int64(a.Org()), id, state, int64(a.Account()), s.now(), why); err != nil {
			return fmt.Errorf("deciding about an event: %w", err)
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindJudge, Object: object(rows[0].Device), Data: map[string]any{"event": id, "state": string(state)},
			Personal: map[string]any{"why": why}})
		return err
	})
}

// applyJudged has the program write what an event means although it was set aside.
func (s *Store) applyJudged(ctx context.Context, tx *db.Tx, a org.Actor, e Event) (State, error) {
	d, err := deviceByID(ctx, tx, int64(a.Org()), e.Device)
	if errors.Is(err, db.ErrNone) {
		return "", fmt.Errorf("an event of a device that is not there: %s", e.Device)
	}
	if err != nil {
		return "", err
	}
	again, ok := parseEvent(e.Body)
	if !ok {
		return "", errBroken()
	}
	e.Broken, e.Judged = again.Broken, true
	t := &taking{Store: s, a: a, d: d, stands: org.Standing{Welcome: true}, now: s.now()}
	out := outcomes{}
	if err := t.apply(ctx, tx, []Event{e}, out); err != nil {
		return "", err
	}
	if o := out[e.ID]; o.state == Aside {
		return "", o.why
	}
	return out[e.ID].state, nil
}
