package voterfile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// TestFilesThatNobodyNeedsAreGivenUp walks an import through what keeps its files: being young, being loaded, being where somebody's raw row is.
func TestFilesThatNobodyNeedsAreGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		_, _, people, _ := carolina(t, 200)
		file := create(t, s, layout.NC)
		first := receive(t, s, file, 20261003, voters("v.txt", people))
		loadAll(t, s, first)
		never := receive(t, s, file, 20261101, voters("w.txt", people+" "))
		over := func(at time.Time) (ids []ImportID) {
			t.Helper()
			all, err := s.Over(ctx, at)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				ids = append(ids, o.Import)
			}
			return ids
		}
		past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		if got := over(past); got != nil {
			t.Errorf("over, though just received: %v", got)
		}
		if got := over(future); !slices.Equal(got, []ImportID{never}) {
			t.Errorf("over: %v, want %v, and not the one that people were loaded from", got, never)
		}
		held, err := s.claim(db.WithSite(ctx), never)
		if err != nil {
			t.Fatal(err)
		}
		if got := over(time.Now().Add(-time.Minute)); got != nil {
			t.Errorf("over, though somebody works on it: %v", got)
		}
		held.release(db.WithSite(ctx))

		next := receive(t, s, file, 20261102, voters("n.txt", people+"\r\n"))
		loadAll(t, s, next) // nobody changed: every raw row still stands in the first
		if got := over(future); !slices.Equal(got, []ImportID{never}) {
			t.Errorf("after a newer file: %v over, want %v", got, never)
		}
		execute(t, s.DB, `UPDATE field_person SET raw_import_id = ? WHERE raw_import_id = ?`, next, first)
		if got := over(future); !slices.Equal(got, []ImportID{first, never}) {
			t.Errorf("with no row left in the first: %v over", got)
		}
		execute(t, s.DB, `UPDATE field_person SET raw_import_id = ? WHERE person_id = 1`, first)
		if err := s.Forget(ctx, future); err != nil {
			t.Fatal(err)
		}
		if got := over(future); got != nil {
			t.Errorf("over again: %v", got)
		}
		names, err := s.Held(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[ImportID]bool{first: true, next: true, never: false} {
			imp, err := s.Status(ctx, owner, id)
			if err != nil || imp.Gone.IsZero() != want || slices.Contains(names, imp.Files[0].Blob) != want {
				t.Errorf("import %d: %v, gone %v, held %v; want held %v", id, err, imp.Gone, slices.Contains(names, imp.Files[0].Blob), want)
			}
		}
		for what, do := range map[string]func() error{
			"Rehearse": func() error { _, err := s.Rehearse(ctx, owner, never, nil); return err },
			"Load":     func() error { _, err := s.Load(ctx, owner, never, LoadOptions{}, nil); return err },
			"Sample":   func() error { _, err := s.Sample(ctx, owner, never); return err },
		} {
			if err := do(); fault.As(err) == nil || !strings.Contains(err.Error(), "again") {
				t.Errorf("%s of files that are gone: %v", what, err)
			}
		}
		entries, err := ledger.Entries(ctx, s.DB, ledger.Filter{Kind: KindForget, Limit: 10})
		if err != nil || len(entries) != 1 || entries[0].Object != object(never) {
			t.Errorf("the ledger holds %+v, %v", entries, err)
		}
	})
}
