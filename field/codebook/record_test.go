package codebook

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// rows returns the rows of a query as text, as the whole site sees them.
func rows(t *testing.T, s *Store, q string, args ...any) []string {
	t.Helper()
	all, err := db.All[string](db.WithSite(t.Context()), s.DB, q, args...)
	must(t, err)
	return all
}

func TestMarkAndUnmark(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		d := define(t, s, Code, true)
		one, two := actor(t, 1), actor(t, 2)
		mark := func(o int, on bool, people ...int64) {
			t.Helper()
			a := one
			if o == 2 {
				a = two
			}
			must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
				_, err := s.Mark(ctx, tx, a, Code, d.ID, people, on, Batch{Source: "hand"})
				return err
			}))
		}
		mark(1, true, 3, 1, 3)
		mark(1, true, 1) // again: harmless
		mark(2, true, 1, 7)
		mark(1, false, 1, 5)
		got := rows(t, s, `SELECT person_id || '/' || org_id FROM field_person_code ORDER BY person_id, org_id`)
		if diff := cmp.Diff([]string{"1/2", "3/1", "7/2"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingIsRecordedAboutPeopleOfOtherFiles(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		code, question, custom, event := define(t, s, Code, false), define(t, s, Question, false), define(t, s, Custom, false), define(t, s, Event, false)
		target := define(t, s, Target, false)
		all := []int64{1, people + 1}
		for name, f := range map[string]func(ctx context.Context, tx *db.Tx) error{
			"mark": func(ctx context.Context, tx *db.Tx) error {
				_, err := s.Mark(ctx, tx, a, Code, code.ID, all, true, Batch{})
				return err
			},
			"answer": func(ctx context.Context, tx *db.Tx) error {
				return s.Answers(ctx, tx, a, question.ID, []Answer{{Person: people + 1, Response: question.Parts[0].ID}}, Batch{})
			},
			"fill": func(ctx context.Context, tx *db.Tx) error {
				return s.Fill(ctx, tx, a, custom.ID, []Filling{{Person: people + 1, Text: "M"}}, Batch{})
			},
			"sign up": func(ctx context.Context, tx *db.Tx) error {
				return s.SignUp(ctx, tx, a, event.ID, "came", all, Batch{})
			},
			"aim": func(ctx context.Context, tx *db.Tx) error {
				return s.Aim(ctx, tx, a, target.ID, target.Parts[0].ID, all, Batch{})
			},
		} {
			if err := write(t, s, a, f); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(rows(t, s, `SELECT person_id FROM field_person_code UNION ALL SELECT person_id FROM field_answer UNION ALL SELECT person_id FROM field_person_custom
			UNION ALL SELECT person_id FROM field_signup UNION ALL SELECT person_id FROM field_person_target`)); n != 0 {
			t.Errorf("%d rows were written all the same", n)
		}
	})
}

func TestAnswers(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		d := define(t, s, Question, false)
		answers := []Answer{{ID: "a", Person: 1, Response: d.Parts[0].ID}, {Person: 1, Response: d.Parts[1].ID}}
		for range 2 { // the phone that did not hear back sends again
			must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
				return s.Answers(ctx, tx, a, d.ID, answers[:1], Batch{Source: "door"})
			}))
		}
		must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
			return s.Answers(ctx, tx, a, d.ID, answers[1:], Batch{Source: "door"})
		}))
		if n := len(rows(t, s, `SELECT answer_id FROM field_answer`)); n != 2 {
			t.Errorf("%d answers are kept, want both and each once", n)
		}
		other := define(t, s, Target, false)
		for name, x := range map[string]Answer{
			"no response of it": {Person: 1, Response: other.Parts[0].ID + 1000},
			"tomorrow":          {Person: 1, Response: d.Parts[0].ID, At: testNow.AddDate(0, 0, 3)},
		} {
			err := write(t, s, a, func(ctx context.Context, tx *db.Tx) error { return s.Answers(ctx, tx, a, d.ID, []Answer{x}, Batch{}) })
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCustomFieldsHoldWhatTheyAreFor(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		choice := define(t, s, Custom, false)
		id, err := s.Define(t.Context(), a, Definition{Kind: Custom, Name: "Joined", Type: Date})
		must(t, err)
		fill := func(field ID, f ...Filling) error {
			return write(t, s, a, func(ctx context.Context, tx *db.Tx) error { return s.Fill(ctx, tx, a, field, f, Batch{Source: "hand"}) })
		}
		must(t, fill(choice.ID, Filling{Person: 1, Text: "M"}, Filling{Person: 2, Text: "S"}, Filling{Person: 1, Text: "L"}))
		must(t, fill(choice.ID, Filling{Person: 2, Clear: true}))
		must(t, fill(id, Filling{Person: 1, Number: 20270228}))
		if diff := cmp.Diff([]string{"1=L0", "1=20270228"}, rows(t, s, `SELECT person_id || '=' || text_value || number_value FROM field_person_custom ORDER BY custom_id, person_id`)); diff != "" {
			t.Error(diff)
		}
		for _, f := range []Filling{{Person: 1, Text: "XXL"}, {Person: 1}} {
			if fault.KindOf(fill(choice.ID, f)) != fault.Invalid {
				t.Errorf("took %+v as a choice", f)
			}
		}
		if fault.KindOf(fill(id, Filling{Person: 1, Number: 20270230})) != fault.Invalid {
			t.Error("took February 30 as a date")
		}
	})
}

func TestEveryRecordIsInTheFeedUnderItsLedgerNumber(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		d := define(t, s, Code, false)
		before, err := change.Newest(t.Context(), s.DB)
		must(t, err)
		many := make([]int64, people)
		for i := range many {
			many[i] = int64(i + 1)
		}
		must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Mark(ctx, tx, a, Code, d.ID, many, true, Batch{})
			return err
		}))
		got, err := change.Since(t.Context(), s.DB, before, 1000)
		must(t, err)
		entries := rows(t, s, `SELECT kind FROM ledger_entry WHERE n = ?`, got[0].Number)
		if len(got) != people || got[0] != (change.Change{Number: got[0].Number, Person: 1, Org: 1, What: change.Code, Object: int64(d.ID)}) || entries[0] != string(KindMark) {
			t.Errorf("%d changes, first %+v, under the entry %v", len(got), got[0], entries)
		}
		must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error { return change.Trim(ctx, tx, got[0].Number) }))
		if left, err := change.Since(t.Context(), s.DB, 0, 10); err != nil || len(left) != 0 {
			t.Errorf("after trimming: %v %v", left, err)
		}
	})
}

// values yields v as rows of a file of scores.
func values(v ...Value) iter.Seq2[Value, error] {
	return func(yield func(Value, error) bool) {
		for _, x := range v {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func stage(t *testing.T, s *Store, g Staging, v ...Value) (id LoadID, err error) {
	t.Helper()
	a := actor(t, 1)
	err = write(t, s, a, func(ctx context.Context, tx *db.Tx) error { id, err = s.Stage(ctx, tx, a, g, values(v...)); return err })
	return id, err
}

func scores(t *testing.T, s *Store) []string {
	t.Helper()
	return rows(t, s, `SELECT person_id || '=' || value FROM field_person_score ORDER BY person_id`)
}

func TestScoresShowOnlyOnceApproved(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a, d := actor(t, 1), define(t, s, Score, false)
		first, err := stage(t, s, Staging{Score: d.ID, VoterFile: 1, File: "may.csv"}, Value{1, 100}, Value{2, 500}, Value{3, 900}, Value{4, 1001})
		must(t, err)
		if got := scores(t, s); len(got) != 0 {
			t.Errorf("scores show before anybody approved them: %v", got)
		}
		must(t, s.Approve(t.Context(), a, first, ""))
		if diff := cmp.Diff([]string{"1=100", "2=500", "3=900"}, scores(t, s)); diff != "" {
			t.Error(diff)
		}
		if err := s.Approve(t.Context(), a, first, ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("approved twice: %v", err)
		}
		second, err := stage(t, s, Staging{Score: d.ID, VoterFile: 1, File: "june.csv", Whole: true}, Value{1, 100}, Value{2, 700}, Value{5, 10})
		must(t, err)
		loads, err := s.Loads(t.Context(), a, d.ID)
		must(t, err)
		f := loads[0].Figures
		if f.Rows != 3 || f.New != 1 || f.Raised != 1 || f.Same != 1 || f.Dropped != 1 || f.Median != 100 || f.Min != 10 || f.Max != 700 || f.Average != 270 {
			t.Errorf("figures %+v", f)
		}
		if loads[1].Figures.OutOfRange != 1 || loads[1].State != Approved {
			t.Errorf("the first load reads %+v", loads[1])
		}
		must(t, s.Approve(t.Context(), a, second, ""))
		if diff := cmp.Diff([]string{"1=100", "2=700", "5=10"}, scores(t, s)); diff != "" {
			t.Error(diff)
		}
		if left := rows(t, s, `SELECT load_id || '' FROM field_score_row`); len(left) != 0 {
			t.Errorf("%d staged rows are left", len(left))
		}
	})
}

func TestScoresOffTheAverageNeedAReason(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a, d := actor(t, 1), define(t, s, Score, false)
		average, tolerance := int64(500), int64(20)
		id, err := stage(t, s, Staging{Score: d.ID, VoterFile: 1, Average: &average, Tolerance: &tolerance}, Value{1, 400}, Value{2, 500})
		must(t, err)
		if err := s.Approve(t.Context(), a, id, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("approved without a reason: %v", err)
		}
		must(t, s.Refuse(t.Context(), a, id, "wrong month"))
		if err := s.Approve(t.Context(), a, id, "after all"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("approved after it was refused: %v", err)
		}
	})
}

func TestAFileOfScoresIsAllOrNothing(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a, d := actor(t, 1), define(t, s, Score, false)
		if _, err := stage(t, s, Staging{Score: d.ID, VoterFile: 1}, Value{1, 5}, Value{people + 1, 5}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a stranger was taken in: %v", err)
		}
		broken := func(yield func(Value, error) bool) {
			_ = yield(Value{1, 5}, nil) && yield(Value{}, fmt.Errorf("line 3 is cut off"))
		}
		err := write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Stage(ctx, tx, a, Staging{Score: d.ID, VoterFile: 1}, broken)
			return err
		})
		if err == nil {
			t.Error("a broken file was staged")
		}
		if n := len(rows(t, s, `SELECT id || '' FROM field_score_load`)) + len(rows(t, s, `SELECT load_id || '' FROM field_score_row`)); n != 0 {
			t.Errorf("%d rows of refused files are left", n)
		}
	})
}
