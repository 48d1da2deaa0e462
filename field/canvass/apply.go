package canvass

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// batch is what the codebook's ledger entries say about where records come from.
var batch = codebook.Batch{Source: contact.FromDoor}

// apply writes what events mean; those that cannot be applied get a reason.
func (s *Store) apply(ctx context.Context, tx *db.Tx, a org.Actor, d offline.Device, events []offline.Event) ([]*fault.Error, error) {
	w, err := s.open(ctx, tx, a, d, events)
	if err != nil {
		return nil, err
	}
	all, why, err := w.gather(ctx, tx, events)
	if err != nil {
		return nil, err
	}
	var good []said
	for i, x := range all {
		if why[i] != nil {
			continue
		}
		if why[i], err = w.check(ctx, tx, x); err != nil {
			return nil, err
		}
		if why[i] == nil && x.Kind == kindFix {
			why[i], err = w.fix(ctx, tx, x)
			if err != nil {
				return nil, err
			}
			continue
		}
		if why[i] == nil {
			good = append(good, x)
		}
	}
	return why, w.write(ctx, tx, good)
}

// write applies events that are in order.
func (w *work) write(ctx context.Context, tx *db.Tx, all []said) error {
	var later, now []said
	for _, x := range all {
		if x.met != "" && x.Kind != kindMet {
			later = append(later, x)
		} else {
			now = append(now, x)
		}
	}
	in := int64(w.a.Org())
	if err := putLater(ctx, tx, in, later); err != nil {
		return fmt.Errorf("keeping what was said about people met: %w", err)
	}
	if err := putDoors(ctx, tx, in, int64(w.d.Account), all); err != nil {
		return fmt.Errorf("keeping what was tried at doors: %w", err)
	}
	if err := putDoorAnswers(ctx, tx, in, int64(w.d.Account), now); err != nil {
		return fmt.Errorf("keeping what was answered at doors: %w", err)
	}
	marks, err := w.mark(ctx, tx, now)
	if err != nil {
		return err
	}
	if err := w.attempts(ctx, tx, now); err != nil {
		return err
	}
	if err := w.answers(ctx, tx, now); err != nil {
		return err
	}
	if err := w.settle(ctx, tx, marks); err != nil {
		return err
	}
	for _, x := range now {
		if err := w.one(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) attempts(ctx context.Context, tx *db.Tx, all []said) error {
	var tried []contact.Attempt
	for _, x := range all {
		if x.Kind != kindAttempt {
			continue
		}
		for _, p := range x.people {
			tried = append(tried, contact.Attempt{ID: x.own(p), Person: p, Channel: person.ByDoor, Result: contact.Result(x.data.Result), At: x.When})
		}
	}
	if len(tried) == 0 {
		return nil
	}
	return w.c.Contacts.Record(ctx, tx, w.a, contact.FromDoor, "", tried)
}

func (w *work) answers(ctx context.Context, tx *db.Tx, all []said) error {
	given := map[int64][]codebook.Answer{}
	for _, x := range all {
		if x.Kind != kindAnswer {
			continue
		}
		for _, p := range x.people {
			given[x.data.Question] = append(given[x.data.Question], codebook.Answer{ID: x.own(p), Person: p, Response: codebook.ID(x.data.Response), At: x.When})
		}
	}
	for _, q := range sorted(given) {
		if err := w.c.Codebook.Answers(ctx, tx, w.a, codebook.ID(q), given[q], batch); err != nil {
			return err
		}
	}
	return nil
}

func sorted[V any](m map[int64]V) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// one writes what stands alone: notes, people met, places found, and the corrections that two results bring with them.
func (w *work) one(ctx context.Context, tx *db.Tx, x said) error {
	in := int64(w.a.Org())
	switch x.Kind {
	case kindNote:
		text := db.Storable(strings.TrimSpace(x.data.Text))
		if x.about == 0 {
			return putHint(ctx, tx, in, int64(w.d.Account), x, text)
		}
		return w.c.People.PutNote(ctx, tx, w.a, person.ID(x.about), x.ID, x.When, text)
	case kindMet:
		return putMet(ctx, tx, in, int64(w.d.Account), x)
	case kindPlace:
		return putPlace(ctx, tx, in, int64(w.d.Account), x)
	case kindAttempt:
		kind, ok := brings(x)
		if !ok {
			return nil
		}
		for _, p := range x.people { // whoever looks after the data decides whether it is so
			if _, err := w.correct(ctx, tx, p, person.Said{ID: x.own(p), Kind: kind}); err != nil {
				return err
			}
		}
	}
	return nil
}

// broughtBy are the corrections that results bring with them.
var broughtBy = map[contact.Result]person.Mistake{contact.Moved: person.HasMoved, contact.Deceased: person.HasDied}

// brings returns the correction that an attempt brings with it, if any.
func brings(x said) (person.Mistake, bool) {
	kind, ok := broughtBy[contact.Result(x.data.Result)]
	return kind, ok
}

// fix puts a correction into the queue.
func (w *work) fix(ctx context.Context, tx *db.Tx, x said) (*fault.Error, error) {
	return w.correct(ctx, tx, x.about, person.Said{ID: x.ID, Kind: person.Mistake(x.data.What), About: x.data.About, Should: x.data.Should})
}

// correct returns why a correction is not taken. One that the organisation has said before is as good as said.
func (w *work) correct(ctx context.Context, tx *db.Tx, who int64, s person.Said) (*fault.Error, error) {
	err := w.c.People.Correct(ctx, tx, w.a, person.ID(who), s)
	if fault.KindOf(err) == fault.Conflict {
		return nil, nil
	}
	if fault.KindOf(err) == fault.Invalid && fault.As(err) == nil { // several inputs: the first says enough
		return firstInput(err), nil
	}
	if f := fault.As(err); f != nil {
		return f, nil
	}
	return nil, err
}
