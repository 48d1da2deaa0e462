package codebook

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
)

func TestWhatIsRecordedAboutAPerson(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		a := actor(t, 1)
		shared, own := define(t, s, Code, true), define(t, s, Question, false)
		event, score := define(t, s, Event, false), define(t, s, Score, false)
		custom, err := s.Define(t.Context(), a, Definition{Kind: Custom, Name: "Joined", Type: Date})
		must(t, err)
		must(t, write(t, s, a, func(ctx context.Context, tx *db.Tx) error {
			if _, err := s.Mark(ctx, tx, a, Code, shared.ID, []int64{1}, true, Batch{}); err != nil {
				return err
			}
			answers := []Answer{{ID: "1", Person: 1, Response: own.Parts[0].ID, At: testNow.AddDate(0, 0, -2)}, {ID: "2", Person: 1, Response: own.Parts[2].ID, At: testNow.AddDate(0, 0, -1)}}
			if err := s.Answers(ctx, tx, a, own.ID, answers, Batch{}); err != nil {
				return err
			}
			if err := s.Fill(ctx, tx, a, custom, []Filling{{Person: 1, Number: 20240229}}, Batch{}); err != nil {
				return err
			}
			return s.SignUp(ctx, tx, a, event.ID, "came", []int64{1}, Batch{})
		}))
		id, err := stage(t, s, Staging{Score: score.ID, VoterFile: 1}, Value{1, 705})
		must(t, err)
		must(t, s.Approve(t.Context(), a, id, ""))
		read := func(o int64) []string {
			t.Helper()
			who := a
			if o == 2 {
				who = actor(t, 2)
			}
			facts, err := s.About(t.Context(), who, 1)
			must(t, err)
			var got []string
			for _, f := range facts {
				got = append(got, string(f.Kind)+" "+f.Name+" "+f.Value)
			}
			return got
		}
		want := []string{"question Transit support No", "code Volunteer ", "score Transit model 70.5", "custom Joined 2024-02-29", "event Launch came"}
		if diff := cmp.Diff(want, read(1)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"code Volunteer "}, read(2)); diff != "" {
			t.Errorf("another organisation: %s", diff)
		}
		if facts, err := s.About(t.Context(), a, people+1); err != nil || facts != nil {
			t.Errorf("about somebody of another file: %v %v", facts, err)
		}
		parts, err := s.PartUses(t.Context(), a, own)
		must(t, err)
		if diff := cmp.Diff(map[ID]int64{own.Parts[2].ID: 1}, parts); diff != "" {
			t.Error(diff)
		}
		n, err := s.Uses(t.Context(), a, Code)
		must(t, err)
		if n[shared.ID] != 1 {
			t.Errorf("uses %v", n)
		}
		bars, err := s.Spread(t.Context(), a, score)
		must(t, err)
		if bars[14] != 1 {
			t.Errorf("spread %v", bars)
		}
	})
}

func TestUnscaled(t *testing.T) {
	for _, c := range []struct {
		v        int64
		decimals int
		want     string
	}{{7025, 2, "70.25"}, {7000, 2, "70"}, {5, 2, "0.05"}, {-5, 1, "-0.5"}, {0, 3, "0"}, {12, 0, "12"}} {
		if got := Unscaled(c.v, c.decimals); got != c.want {
			t.Errorf("Unscaled(%d, %d) = %q, want %q", c.v, c.decimals, got, c.want)
		}
	}
}
