package segment_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/db"
)

// filesIn returns the files of the newest generation, the larger ones: pages at the end of small ones are still there when they are cut.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"))
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// A file that somebody cuts short while it is mapped ends no program and makes no number wrong: a count fails, and what is built anew answers the next.
func TestAFileCutShortWhileItIsRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a mapped file cannot be cut there")
	}
	run(t, 3000, func(t *testing.T, w *world) {
		ctx := db.WithSite(context.Background())
		dir := t.TempDir()
		e := w.engine(t, dir)
		v, err := e.View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(4, 4))
		plans := make([]list.Plan, 60)
		want := make([]segment.Counts, len(plans))
		for i := range plans {
			plans[i] = plan(r)
			res, err := v.Eval(ctx, plans[i])
			if err != nil {
				t.Fatal(err)
			}
			if want[i], err = res.Counts(ctx); err != nil {
				t.Fatal(err)
			}
		}
		v.Forget() // what was kept of conditions
		for _, f := range filesIn(t, dir) {
			if filepath.Base(f) == "manifest.json" {
				continue
			}
			if err := os.Truncate(f, 0); err != nil {
				t.Fatal(err)
			}
		}
		damaged := 0
		for i, p := range plans {
			n, err := countsOf(ctx, v, p)
			switch {
			case errors.Is(err, segment.ErrDamaged):
				damaged++
			case err != nil:
				t.Fatal(err)
			case n != want[i]:
				t.Fatalf("plan %d counts %+v from a damaged file, want %+v", i, n, want[i])
			}
		}
		if damaged == 0 {
			t.Fatal("nothing was noticed")
		}
		if _, err := v.Page(ctx, universe, emptySet(t, v), segment.Walk, 0, 5); err != nil && !errors.Is(err, segment.ErrDamaged) {
			t.Error(err)
		}
		fresh, err := e.View(ctx, fileID)
		if err != nil || fresh == v {
			t.Fatalf("the damaged view still stands: %v", err)
		}
		for i, p := range plans {
			if n, err := countsOf(ctx, fresh, p); err != nil || n != want[i] {
				t.Fatalf("built anew, plan %d counts %+v, want %+v: %v", i, n, want[i], err)
			}
		}
	})
}

// A byte that somebody writes into a file is noticed by the file's time, before long; the file is checked then.
func TestAFileWrittenIntoWhileItIsRead(t *testing.T) {
	run(t, 500, func(t *testing.T, w *world) {
		ctx := db.WithSite(context.Background())
		dir := t.TempDir()
		e := w.engine(t, dir)
		v, err := e.View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Follow(ctx); err != nil {
			t.Fatal(err)
		}
		name := filesIn(t, dir)[0]
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		e.LookAgain()
		if err := e.Follow(ctx); err != nil {
			t.Fatal(err)
		}
		if fresh, err := e.View(ctx, fileID); err != nil || fresh == v {
			t.Errorf("a file that was written into is still believed: %v", err)
		}
	})
}

func countsOf(ctx context.Context, v *segment.View, p list.Plan) (segment.Counts, error) {
	res, err := v.Eval(ctx, p)
	if err != nil {
		return segment.Counts{}, err
	}
	return res.Counts(ctx)
}

func emptySet(t *testing.T, v *segment.View) *segment.Set {
	t.Helper()
	s, _ := v.SetOf(func(func(int64) bool) {})
	return s
}
