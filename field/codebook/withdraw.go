package codebook

import (
	"context"
	"fmt"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Withdraw takes answers of the actor's organisation to one question back, by ID and Person, as if they had never been given: an earlier answer
// of the person is the latest again. Those that are not there are none. A question that is no longer in use may be named.
func (s *Store) Withdraw(ctx context.Context, tx *db.Tx, a org.Actor, question ID, answers []Answer, b Batch) error {
	d, err := s.usable(ctx, tx, a, Question, question, false)
	if err != nil {
		return err
	}
	var people []int64
	for _, x := range answers {
		n, err := dropAnswer(ctx, tx, question, int64(a.Org()), x)
		if err != nil {
			return fmt.Errorf("taking back an answer to %s: %w", Question.Object(question), err)
		}
		if n > 0 {
			people = append(people, x.Person)
		}
	}
	return s.withdrawn(ctx, tx, a, d, b, change.Answer, people)
}

// WithdrawSignup takes people from an event again, as if they had never been asked.
func (s *Store) WithdrawSignup(ctx context.Context, tx *db.Tx, a org.Actor, event ID, people []int64, b Batch) error {
	d, err := s.usable(ctx, tx, a, Event, event, false)
	if err != nil {
		return err
	}
	n, err := dropSignups(ctx, tx, event, int64(a.Org()), people)
	if err != nil {
		return fmt.Errorf("taking people from %s: %w", Event.Object(event), err)
	}
	if n == 0 {
		return nil
	}
	return s.withdrawn(ctx, tx, a, d, b, change.Signup, people)
}

func (s *Store) withdrawn(ctx context.Context, tx *db.Tx, a org.Actor, d Definition, b Batch, w change.What, people []int64) error {
	if len(people) == 0 {
		return nil
	}
	return s.recorded(ctx, tx, a, KindWithdraw, d, b, w, people, nil)
}

// MayAnswer returns why the actor cannot record that response to a question now, or nil: for those who record many answers at once and want to
// know beforehand.
func (s *Store) MayAnswer(ctx context.Context, tx *db.Tx, a org.Actor, question, response ID) (*fault.Error, error) {
	d, err := s.usable(ctx, tx, a, Question, question, true)
	if f := fault.As(err); f != nil {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range d.Parts {
		if p.ID == response {
			return nil, nil
		}
	}
	return errNoResponse(d), nil
}

// MayUse returns why the actor cannot record with a definition now, or nil.
func (s *Store) MayUse(ctx context.Context, tx *db.Tx, a org.Actor, k Kind, id ID) (*fault.Error, error) {
	_, err := s.usable(ctx, tx, a, k, id, true)
	if f := fault.As(err); f != nil {
		return f, nil
	}
	return nil, err
}
