package segment_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// lite gives a test a world on SQLite alone: what it tests is in files and memory.
func lite(t *testing.T, n int) *world {
	t.Helper()
	return newWorld(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...), n)
}

var everybody = list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start}}}

// generation returns the one folder of files there is.
func generation(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "1", "*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("there are %v, want one generation (%v)", all, err)
	}
	return all[0]
}

// TestFilesThatAreNotAsWrittenAreBuiltAnew damages each file in each way, and counts.
func TestFilesThatAreNotAsWrittenAreBuiltAnew(t *testing.T) {
	w := lite(t, 300)
	ctx := context.Background()
	dir := t.TempDir()
	e := w.engine(t, dir)
	v, err := e.View(ctx, fileID)
	if err != nil {
		t.Fatal(err)
	}
	res, err := v.Eval(ctx, everybody)
	if err != nil {
		t.Fatal(err)
	}
	want := res.Set.Len()
	flip := func(at func(n int) int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[at(len(b))] ^= 4
			return b
		}
	}
	ways := map[string]func([]byte) []byte{
		"cut short":          func(b []byte) []byte { return b[:len(b)/2] },
		"empty":              func([]byte) []byte { return nil },
		"longer":             func(b []byte) []byte { return append(b, 0) },
		"one bit, beginning": flip(func(int) int { return 20 }),
		"one bit, middle":    flip(func(n int) int { return n / 2 }),
		"one bit, end":       flip(func(n int) int { return n - 1 }),
		"gone":               nil,
	}
	files, err := filepath.Glob(filepath.Join(generation(t, dir), "*"))
	if err != nil || len(files) < 30 {
		t.Fatal(len(files), err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for way, change := range ways {
		for range 3 {
			files, _ := filepath.Glob(filepath.Join(generation(t, dir), "*"))
			path := files[r.IntN(len(files))]
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, ".json") && (way == "one bit, beginning" || way == "one bit, end" || way == "longer") {
				continue // white space, or a number that the sums below it hold up
			}
			if change == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, change(b), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, said := count(t, w, dir)
			if got != want || !strings.Contains(said, "cannot be used and is built anew") {
				t.Errorf("%s %s: %d people instead of %d; the log says %q", filepath.Base(path), way, got, want, said)
			}
		}
	}
}

// count opens the segments with a new engine and counts everybody.
func count(t *testing.T, w *world, dir string) (int64, string) {
	t.Helper()
	var log bytes.Buffer
	e := segment.New(segment.Config{DB: w.d, Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer e.Close()
	v, err := e.View(context.Background(), fileID)
	if err != nil {
		t.Fatal(err)
	}
	res, err := v.Eval(context.Background(), everybody)
	if err != nil {
		t.Fatal(err)
	}
	return res.Set.Len(), log.String()
}

// TestOldAndForeignFilesAreBuiltAnew opens files of another format and of another voter file, and what a build that was killed left behind.
func TestOldAndForeignFilesAreBuiltAnew(t *testing.T) {
	w := lite(t, 200)
	dir := t.TempDir()
	want, _ := count(t, w, dir)
	if again, said := count(t, w, dir); again != want || strings.Contains(said, "anew") || strings.Contains(said, "built") {
		t.Fatalf("good files were not opened: %d people, %q", again, said)
	}
	for _, change := range [][2]string{{`"format": 3`, `"format": 2`}, {`"voterfile": 1`, `"voterfile": 2`}, {`"site": "`, `"site": "another `}, {`"rows": `, `"rows": 9`}, {`"order": `, `"order": 1`}} {
		path := filepath.Join(generation(t, dir), "manifest.json")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(b), change[0], change[1], 1)
		if changed == string(b) {
			t.Fatalf("the manifest has no %s", change[0])
		}
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, said := count(t, w, dir); got != want || !strings.Contains(said, "is built anew") {
			t.Errorf("with %s: %d people instead of %d; the log says %q", change[1], got, want, said)
		}
	}
	// A build killed between two files leaves a folder without a manifest and without a number; one killed by a power cut perhaps a number without all files.
	left := filepath.Join(dir, "1", "new-123")
	half := filepath.Join(dir, "1", "99")
	for _, d := range []string{left, half} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d, "rows"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, said := count(t, w, dir); got != want || !strings.Contains(said, "anew") {
		t.Errorf("after a build that was killed: %d people instead of %d; the log says %q", got, want, said)
	}
	if g := generation(t, dir); filepath.Base(g) != "100" {
		t.Errorf("what was left behind is not swept: %s", g)
	}
}

// TestNobodyCountsWhatIsNotTheirs asks, for another organisation, about everything that is organisation 1's alone.
func TestNobodyCountsWhatIsNotTheirs(t *testing.T) {
	w := lite(t, 400)
	ctx := context.Background()
	e := w.engine(t, t.TempDir())
	v, err := e.View(ctx, fileID)
	if err != nil {
		t.Fatal(err)
	}
	foreign := []list.Node{
		list.Code{Codes: []int64{1}}, list.Code{Codes: []int64{2, 1}}, list.Tag{Tags: []int64{1}}, list.Answered{Question: 1}, list.Scored{Score: 1, To: 1000},
		list.Custom{Field: 1, Values: []string{"c"}}, list.Target{Target: 1}, list.Event{Events: []int64{1}},
	}
	for _, warm := range []bool{false, true} {
		for _, n := range foreign {
			for _, wrapped := range []list.Node{n, list.None{n}, list.Any{list.Is{Attr: list.Sex, Values: []string{"F"}}, list.All{n}}, list.LivesWith{Who: n},
				list.Sub{Steps: []list.Step{{Do: list.Start}, {Do: list.Remove, Where: n}}}} {
				p := list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start}, {Do: list.Narrow, Where: wrapped}}}
				if _, err := v.Eval(ctx, p); warm && err != nil { // organisation 1 asks first, so that pieces and kept bits are there
					t.Fatal(err)
				}
				p.Universe.Org = other
				if _, err := v.Eval(ctx, p); !errors.Is(err, segment.ErrFence) {
					t.Errorf("organization 2 was told about %+v: %v", wrapped, err)
				}
			}
		}
	}
	for _, g := range []segment.Group{{Kind: segment.Responses, Object: 1}, {Kind: segment.ScoreBands, Object: 1, Edges: []int64{0, 1000}}, {Kind: segment.CustomValues, Object: 1},
		{Kind: segment.TargetGroups, Object: 1}, {Kind: segment.Statuses, Object: 1}, {Kind: segment.Codes, IDs: []int64{1}}, {Kind: segment.Tags, IDs: []int64{1}}} {
		p := everybody
		p.Universe.Org = other
		if _, err := v.Options(ctx, p, 0, []segment.Group{g}); !errors.Is(err, segment.ErrFence) {
			t.Errorf("organization 2 was told the options of %+v: %v", g, err)
		}
	}
	p := everybody
	p.Universe.Org = other
	panel, err := v.Options(ctx, p, 0, []segment.Group{{Kind: segment.Codes}, {Kind: segment.Tags}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range panel.Groups {
		for _, o := range g.Options {
			if o.ID != sharedObject {
				t.Errorf("organization 2 is offered %s %d", g.Group.Kind, o.ID)
			}
		}
	}
	p.Universe.VoterFile = 2
	if _, err := v.Eval(ctx, p); !errors.Is(err, segment.ErrFence) {
		t.Errorf("a plan for another voter file was answered: %v", err)
	}
}

// TestReadersNeverWaitForWriters counts from many goroutines while others write and the feed is followed; run it with -race.
func TestReadersNeverWaitForWriters(t *testing.T) {
	w := lite(t, 400)
	e := w.engine(t, t.TempDir())
	if _, err := e.View(context.Background(), fileID); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Run(ctx) })
	for i := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(9, uint64(i)))
			for ctx.Err() == nil {
				v, err := e.View(context.Background(), fileID)
				if err != nil {
					t.Error(err)
					return
				}
				p := plan(r)
				res, err := v.Eval(context.Background(), p)
				if err == nil {
					_, err = res.Counts(context.Background())
				}
				if err == nil {
					_, err = v.Options(context.Background(), everybody, 0, []segment.Group{{Kind: segment.Attribute, Attr: list.City}, {Kind: segment.Codes}})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(10, 10))
	for ctx.Err() == nil {
		w.write(r)
	}
	wg.Wait()
	v, err := e.Wait(context.Background(), fileID, w.number)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, w, v, everybody, 0)
	compare(t, w, v, plan(r), 0)
}

// TestPiecesOutliveARestart reads what is known once, writes on while nobody listens, and counts with a new engine that finds the piece on disk, and again when the file was
// damaged.
func TestPiecesOutliveARestart(t *testing.T) {
	w := lite(t, 300)
	ctx := context.Background()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(4, 4))
	p := list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start, Where: list.Any{list.Scored{Score: 1, To: 400}, list.Scored{Score: 2, From: 900, To: 1 << 40}}}}}
	for round := range 4 {
		e := segment.New(segment.Config{DB: w.d, Dir: dir})
		v, err := e.View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, w, v, p, round)
		if err := e.Close(); err != nil { // waits for what is written
			t.Fatal(err)
		}
		kept, err := filepath.Glob(filepath.Join(generation(t, dir), "piece-score-*"))
		if err != nil || len(kept) != 2 {
			t.Fatalf("round %d: on disk are %v (%v)", round, kept, err)
		}
		if round == 2 {
			b, err := os.ReadFile(kept[0])
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(kept[0], b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for range 6 {
			w.writeScore(r, w.person(r))
		}
	}
}
