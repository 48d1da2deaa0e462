package codebook

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
)

func TestWhatIsTakenBackLeavesTheEarlierAnswer(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		q, event := define(t, s, Question, false), define(t, s, Event, false)
		one, two := actor(t, 1), actor(t, 2)
		at := s.now().Add(-time.Hour)
		must(t, write(t, s, one, func(ctx context.Context, tx *db.Tx) error {
			err := s.Answers(ctx, tx, one, q.ID, []Answer{{ID: "a", Person: 1, Response: q.Parts[0].ID, At: at}, {ID: "b", Person: 1, Response: q.Parts[1].ID, At: at.Add(time.Minute)}}, Batch{Source: "door"})
			if err != nil {
				return err
			}
			return s.SignUp(ctx, tx, one, event.ID, "signed_up", []int64{1, 2}, Batch{Source: "door"})
		}))
		if err := write(t, s, two, func(ctx context.Context, tx *db.Tx) error {
			return s.Withdraw(ctx, tx, two, q.ID, []Answer{{ID: "b", Person: 1}}, Batch{Source: "door"})
		}); err == nil {
			t.Error("another organisation took an answer back")
		}
		for range 2 { // the second time there is nothing left to do
			must(t, write(t, s, one, func(ctx context.Context, tx *db.Tx) error {
				if err := s.Withdraw(ctx, tx, one, q.ID, []Answer{{ID: "b", Person: 1}, {ID: "zz", Person: 2}}, Batch{Source: "door"}); err != nil {
					return err
				}
				return s.WithdrawSignup(ctx, tx, one, event.ID, []int64{1}, Batch{Source: "door"})
			}))
		}
		if diff := cmp.Diff([]string{"a"}, rows(t, s, `SELECT answer_id FROM field_answer`)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"2"}, rows(t, s, `SELECT CAST(person_id AS TEXT) FROM field_signup`)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"answer 1", "signup 1"}, rows(t, s, `SELECT what || ' ' || person_id FROM field_change c JOIN ledger_entry e ON e.n = c.number
			WHERE e.kind = 'field.codebook.withdraw' ORDER BY what`)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhetherOneMayAnswerIsKnownBeforehand(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		q := define(t, s, Question, false)
		for name, c := range map[string]struct {
			org      int64
			response ID
			may      bool
		}{"a response of it": {1, q.Parts[0].ID, true}, "another": {1, 999, false}, "another organisation": {2, q.Parts[0].ID, false}} {
			a := actor(t, 1)
			if c.org == 2 {
				a = actor(t, 2)
			}
			must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
				why, err := s.MayAnswer(ctx, tx, a, q.ID, c.response)
				if (why == nil) != c.may {
					t.Errorf("%s: %v", name, why)
				}
				return err
			}))
		}
	})
}
