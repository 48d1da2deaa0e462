package ledger

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

func TestStandingSaysWhatTheCheckpointCoversAndWhatIsWrong(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		look := func() Standing {
			t.Helper()
			st, err := s.seal.Standing(ctx, s.d)
			if err != nil {
				t.Fatal(err)
			}
			return st
		}
		if st := look(); st.Entries != 0 || st.Checkpoint.Size != 0 || st.Wrong != nil || !st.Whole.At.IsZero() {
			t.Errorf("an empty ledger: %+v", st)
		}
		s.append(20)
		s.sign()
		s.append(5)
		if r, err := s.seal.Recompute(ctx, s.d); err != nil || !r.OK() {
			t.Fatalf("%+v, %v", r, err)
		}
		st := look()
		if st.Entries != 27 || st.Checkpoint.Size != 21 || st.Wrong != nil || st.Whole.Entries != 26 || st.Whole.Found != 0 || st.Whole.At.IsZero() {
			t.Errorf("a sound ledger: %+v", st)
		}
		s.steal("UPDATE ledger_entry SET purpose = 'x' WHERE n = 24") // after the checkpoint: seen at once
		if st := look(); st.Wrong == nil {
			t.Error("an edited entry after the checkpoint is not seen")
		}
		r, err := s.seal.Recompute(ctx, s.d)
		if err != nil || r.OK() {
			t.Fatalf("%+v, %v", r, err)
		}
		if st := look(); st.Whole.Found == 0 {
			t.Errorf("what was found is not told: %+v", st)
		}
	})
}

func TestStandingSeesATruncatedLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.append(6)
		if _, err := s.seal.Checkpoint(ctx, s.d); err != nil {
			t.Fatal(err)
		}
		s.steal("DELETE FROM ledger_entry WHERE n > 4")
		s.steal("DELETE FROM ledger_checkpoint")
		if st, err := s.seal.Standing(ctx, s.d); err != nil || st.Wrong == nil {
			t.Errorf("%+v, %v", st, err)
		}
	})
}

func TestEntriesByDayAndPage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
		var all []time.Time
		for day := 3; day <= 6; day++ {
			for hour := range 3 {
				all = append(all, at(day, 8+hour))
			}
		}
		s.must(func(ctx context.Context, tx *db.Tx) error {
			for i, when := range all {
				e := Entry{Kind: Kind([]string{"org.invite", "field.person.look"}[i%2])}
				if _, err := appendAll(ctx, tx, when, Who{Account: 7, Org: int64(4 + i%3/2), Via: "browser"}, []Entry{e}); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct {
			at   time.Time
			want int64
		}{{at(1, 0), 1}, {at(3, 8), 1}, {at(3, 9), 2}, {at(4, 0), 4}, {at(6, 10), 12}, {at(7, 0), 13}} {
			if got, err := FirstSince(ctx, s.d, c.at); err != nil || got != c.want {
				t.Errorf("since %s: %d, %v, want %d", c.at, got, err, c.want)
			}
		}
		if n, err := CountSince(ctx, s.d, 5, at(5, 0)); err != nil || n != 2 {
			t.Errorf("%d, %v, want 2 of the third organisation since the fifth", n, err)
		}
		numbers := func(f Filter) []int64 {
			t.Helper()
			rows, err := Entries(ctx, s.d, f)
			if err != nil {
				t.Fatal(err)
			}
			var n []int64
			for _, r := range rows {
				n = append(n, r.Number)
			}
			return n
		}
		for _, c := range []struct {
			name string
			f    Filter
			want []int64
		}{
			{"the newest page", Filter{Org: 4, Limit: 3}, []int64{11, 10, 8}},
			{"the next", Filter{Org: 4, Limit: 3, Before: 8}, []int64{7, 5, 4}},
			{"and back", Filter{Org: 4, Limit: 3, After: 7, Oldest: true}, []int64{11, 10, 8}},
			{"two kinds", Filter{Org: 5, Kinds: []Kind{"org.invite", "org.end"}}, []int64{9, 3}},
			{"no kind", Filter{Org: 5, Kinds: []Kind{}}, nil},
			{"a day", Filter{After: 3, Before: 7}, []int64{6, 5, 4}},
		} {
			if diff := cmp.Diff(c.want, numbers(c.f)); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
		if e, err := EntryOf(ctx, s.d, 5, 3); err != nil || e.Number != 3 || e.Hash.String() == "" {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := EntryOf(ctx, s.d, 4, 3); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another's entry: %v", err)
		}
	})
}

func TestProofAsJSON(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.append(9)
		if _, err := s.seal.Checkpoint(ctx, s.d); err != nil {
			t.Fatal(err)
		}
		p, err := Prove(ctx, s.d, 5)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := CheckProof(string(text), s.seal.Keys())
		if err != nil || got.Text() != p.Text() {
			t.Fatalf("%v\n%s", err, text)
		}
		for i := range text {
			bad := fmt.Sprintf("%s%c%s", text[:i], text[i]^1, text[i+1:])
			if g, err := CheckProof(bad, s.seal.Keys()); err == nil && (g.Number != 5 || string(g.Record) != string(p.Record) || g.Checkpoint.Root != p.Checkpoint.Root) {
				t.Fatalf("a proof changed at %d is believed", i)
			}
		}
	})
}
