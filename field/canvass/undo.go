package canvass

import (
	"context"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

func errJudgedAlready() *fault.Error {
	return fault.Conflictf("It takes back a correction that somebody has judged already.")
}
func errMatchedAlready() *fault.Error {
	return fault.Conflictf("It takes back somebody met at a door whom staff has looked at already.")
}

// undo takes back what events meant, as if they had never been recorded. What was said since about the same stands.
func (s *Store) undo(ctx context.Context, tx *db.Tx, a org.Actor, d offline.Device, events []offline.Event) ([]*fault.Error, error) {
	w, err := s.open(ctx, tx, a, d, events)
	if err != nil {
		return nil, err
	}
	events = slices.Clone(events)
	for i := range events {
		events[i].Judged = true // it was applied: that it was in order is not asked again
	}
	all, unread, err := w.gather(ctx, tx, events)
	if err != nil {
		return nil, err
	}
	why := make([]*fault.Error, len(events))
	var back []said
	for i, x := range all {
		if unread[i] != nil && len(x.people) == 0 && x.about != 0 {
			why[i] = unread[i]
			continue
		}
		if why[i], err = w.undoOne(ctx, tx, x); err != nil {
			return nil, err
		}
		if why[i] == nil {
			back = append(back, x)
		}
	}
	if err := w.unwrite(ctx, tx, back); err != nil {
		return nil, err
	}
	return why, w.sayAgain(ctx, tx)
}

// undoOne takes back what stands alone, or says why it cannot be.
func (w *work) undoOne(ctx context.Context, tx *db.Tx, x said) (*fault.Error, error) {
	in := int64(w.a.Org())
	switch x.Kind {
	case kindNote:
		if x.about == 0 {
			return nil, dropHint(ctx, tx, in, x.door, x.ID)
		}
		return nil, w.c.People.WithdrawNote(ctx, tx, w.a, person.ID(x.about), x.ID)
	case kindFix:
		_, why, err := w.withdraw(ctx, tx, x.about, x.ID)
		return why, err
	case kindMet:
		n, err := dropMet(ctx, tx, in, x.ID)
		if err == nil && n == 0 {
			return errMatchedAlready(), nil
		}
		return nil, err
	case kindPlace:
		return nil, dropPlace(ctx, tx, in, x.ID)
	case kindAttempt:
		if _, ok := brings(x); !ok {
			return nil, nil
		}
		for _, p := range x.people { // one that was judged stands: it is no longer the canvasser's word
			took, _, err := w.withdraw(ctx, tx, p, x.own(p))
			if err != nil {
				return nil, err
			}
			if took {
				w.bare = append(w.bare, bared{p, contact.Result(x.data.Result)})
			}
		}
	}
	return nil, nil
}

// withdraw takes back a correction that waits, and reports whether there was one. One that was never taken, since the organisation had said it before, is none.
func (w *work) withdraw(ctx context.Context, tx *db.Tx, who int64, id string) (took bool, why *fault.Error, err error) {
	switch err := w.c.People.Withdraw(ctx, tx, w.a, person.ID(who), id); fault.KindOf(err) {
	case fault.NotFound:
		return false, nil, nil
	case fault.Conflict, fault.Denied:
		return false, errJudgedAlready(), nil
	default:
		return err == nil, nil, err
	}
}

// bared is somebody of whom a correction was taken back that an attempt had brought.
type bared struct {
	person int64
	result contact.Result
}

// sayAgain makes the corrections anew that were taken back with one attempt while another, which found them said already, stands.
func (w *work) sayAgain(ctx context.Context, tx *db.Tx) error {
	for _, b := range w.bare {
		id, by, err := w.c.Contacts.Newest(ctx, tx, w.a, contact.FromDoor, b.person, b.result)
		if err != nil {
			return err
		}
		if id == "" {
			continue
		}
		if _, err := w.correct(ctx, tx, b.person, person.Said{ID: id, Kind: broughtBy[b.result], By: by}); err != nil {
			return err
		}
	}
	return nil
}

// unwrite takes back what is written many at a time.
func (w *work) unwrite(ctx context.Context, tx *db.Tx, all []said) error {
	if len(all) == 0 {
		return nil
	}
	in := int64(w.a.Org())
	ids := make([]string, len(all))
	var tried []contact.Taken
	given := map[int64][]codebook.Answer{}
	for i, x := range all {
		ids[i] = x.ID
		for _, p := range x.people {
			switch x.Kind {
			case kindAttempt:
				tried = append(tried, contact.Taken{ID: x.own(p), Person: p})
			case kindAnswer:
				given[x.data.Question] = append(given[x.data.Question], codebook.Answer{ID: x.own(p), Person: p})
			}
		}
	}
	marks, err := w.unmark(ctx, tx, ids)
	if err != nil {
		return err
	}
	if err := dropProjections(ctx, tx, in, ids); err != nil {
		return fmt.Errorf("taking back what was tried at doors: %w", err)
	}
	if len(tried) > 0 {
		if err := w.c.Contacts.Withdraw(ctx, tx, w.a, contact.FromDoor, tried); err != nil {
			return err
		}
	}
	for _, q := range sorted(given) {
		if err := w.c.Codebook.Withdraw(ctx, tx, w.a, codebook.ID(q), given[q], batch); err != nil {
			return err
		}
	}
	return w.settle(ctx, tx, marks)
}

// unmark forgets what events said, and returns the facts that this uncovers. One that was said otherwise since is not among them.
func (w *work) unmark(ctx context.Context, tx *db.Tx, events []string) ([]mark, error) {
	gone, err := marksOf(ctx, tx, int64(w.a.Org()), events)
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	if err := dropMarks(ctx, tx, int64(w.a.Org()), events); err != nil {
		return nil, err
	}
	newest, err := w.newest(ctx, tx, gone)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(newest, func(m mark) bool {
		return !slices.ContainsFunc(gone, func(g mark) bool {
			return g.key() == m.key() && (g.At > m.At || g.At == m.At && g.Event > m.Event)
		})
	}), nil
}
