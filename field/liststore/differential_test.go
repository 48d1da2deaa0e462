package liststore_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

var lines = []db.Line{ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), {Program: "field", FS: os.DirFS("../schema")}}

// PRECINCT_TREES asks for more trees than the everyday number, PRECINCT_SEED for others than the everyday ones, PRECINCT_PEOPLE for more or fewer people.
func trials(everyday int) int { return int(setting("PRECINCT_TREES", uint64(everyday))) }

func seed() uint64 { return setting("PRECINCT_SEED", 20261121) }

func setting(name string, everyday uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 32); err == nil {
		return n
	}
	return everyday
}

// A plan means the same to both databases, to column segments, and to somebody who reads the contract: the same people, the same counts, the same after each step.
func TestEveryEngineFindsTheSamePeople(t *testing.T) {
	w := makeWorld(rand.New(rand.NewPCG(seed(), 1)), int(setting("PRECINCT_PEOPLE", 2000)))
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		w.write(t, d, false)
		ctx := db.WithSite(t.Context())
		engine := engineOn(t, d)
		view, err := engine.View(ctx, theFile)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed(), 2))
		found := 0
		for i := range trials(300) {
			g := trees{Rand: r, w: w, org: pick[int64](r, ours, theirs)}
			cat := w.catalog(g.org, list.Universe{Dropped: i%3 == 0, Minors: i%4 == 0, Confidential: i%5 == 0})
			if i%7 == 0 { // one day organisations may count each other's contacts
				cat.Universe.Contacts = []int64{ours, theirs}
			}
			cat.Saved[1003] = list.SavedDef{Criteria: ptr(trees{Rand: r, w: w, org: g.org}.criteriaWithout(1003))}
			c := g.criteria()
			p, err := list.Check(c, cat)
			if err != nil {
				t.Fatalf("%s: %v", form(c), err)
			}
			want := w.naive(p)
			found += min(1, len(want))
			got, err := liststore.Slow(ctx, d, p)
			if err != nil {
				t.Fatalf("%s: %v", form(c), err)
			}
			if diff := cmp.Diff(want, append([]int64{}, got...)); diff != "" {
				t.Fatalf("tree %d: %s\n%s\nthe database finds others than the contract: %.300s", i, form(c), list.Explain(p), diff)
			}
			if i%4 == 0 {
				checkCounts(ctx, t, d, w, p, want, i)
			}
			checkSegment(ctx, t, view, w, p, want, i)
		}
		if found < trials(300)/2 {
			t.Errorf("only %d of %d trees find anybody: the test sees too little", found, trials(300))
		}
	})
}

// criteriaWithout draws a criteria that does not use one saved search.
func (g trees) criteriaWithout(search int64) list.Criteria {
	for {
		if c := g.criteria(); !strings.Contains(form(c), strconv.FormatInt(search, 10)) {
			return c
		}
	}
}

func form(c list.Criteria) string {
	b, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func engineOn(t *testing.T, d *db.DB) *segment.Engine {
	t.Helper()
	e := segment.New(segment.Config{DB: d, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: now})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func checkCounts(ctx context.Context, t *testing.T, d *db.DB, w *made, p list.Plan, want []int64, i int) {
	t.Helper()
	got, err := liststore.SlowCounts(ctx, d, p)
	if err != nil {
		t.Fatal(err)
	}
	people, doors, phones, emails := w.counts(p.Universe, want)
	steps := got.Steps
	got.Steps = nil
	if diff := cmp.Diff(liststore.SlowFigures{People: people, Doors: doors, Phones: phones, Emails: emails}, got); diff != "" {
		t.Fatalf("tree %d: %s\nthe database counts otherwise: %s", i, list.Explain(p), diff)
	}
	for s := range p.Steps {
		upTo := p
		upTo.Steps = p.Steps[:s+1]
		if n := int64(len(w.naive(upTo))); n != steps[s] {
			t.Fatalf("tree %d: %s\nafter step %d the database has %d people, not %d", i, list.Explain(p), s+1, steps[s], n)
		}
	}
}

func checkSegment(ctx context.Context, t *testing.T, view *segment.View, w *made, p list.Plan, want []int64, i int) {
	t.Helper()
	res, err := view.Eval(ctx, p)
	if err != nil {
		t.Fatalf("tree %d: %s\nthe segments: %v", i, list.Explain(p), err)
	}
	got := append([]int64{}, slices.Sorted(res.Set.IDs())...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tree %d: %s\nthe segments find others: %.300s", i, list.Explain(p), diff)
		return
	}
	c, err := res.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	people, doors, phones, emails := w.counts(p.Universe, want)
	if diff := cmp.Diff([]int64{people, doors, phones, emails}, []int64{c.People, c.Doors, c.Phones, c.Emails}); diff != "" {
		t.Errorf("tree %d: %s\nthe segments count otherwise: %s", i, list.Explain(p), diff)
	}
}

// No combination of criteria lets one organisation learn anything about what another keeps to itself: whatever that changes to, every answer and every error stays.
func TestNobodyLearnsWhatAnotherKeepsToItself(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		w := makeWorld(rand.New(rand.NewPCG(seed(), 3)), 600)
		w.write(t, d, false)
		ctx := db.WithSite(t.Context()) // without the database's own fence: this one must hold alone
		r := rand.New(rand.NewPCG(seed(), 4))
		var plans []list.Criteria
		for range trials(100) {
			plans = append(plans, trees{Rand: r, w: w, org: ours, unknown: true}.criteria())
		}
		before := answers(ctx, t, d, w, plans)
		secretly(r, w, theirs)
		w.write(t, d, true)
		if diff := cmp.Diff(before, answers(ctx, t, d, w, plans)); diff != "" {
			t.Errorf("an organisation sees what another changed in private: %s", diff)
		}
		secretly(r, w, ours)
		w.write(t, d, true)
		if cmp.Equal(before, answers(ctx, t, d, w, plans)) {
			t.Error("nor does it see what it changes itself: the test sees nothing")
		}
	})
}

// secretly changes all that an organisation keeps to itself.
func secretly(r *rand.Rand, w *made, org int64) {
	w.forget(org)
	w.private = true
	w.learn(r, org)
}

// answer is all that one organisation is told.
type answer struct {
	Error   string
	Figures liststore.SlowFigures
	People  []int64
	Segment []int64
}

func answers(ctx context.Context, t *testing.T, d *db.DB, w *made, plans []list.Criteria) []answer {
	t.Helper()
	view, err := engineOn(t, d).View(ctx, theFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []answer
	for _, c := range plans {
		p, err := list.Check(c, w.catalog(ours, list.Universe{}))
		if err != nil {
			all = append(all, answer{Error: err.Error()})
			continue
		}
		var a answer
		if a.People, err = liststore.Slow(ctx, d, p); err != nil {
			t.Fatal(err)
		}
		if a.Figures, err = liststore.SlowCounts(ctx, d, p); err != nil {
			t.Fatal(err)
		}
		res, err := view.Eval(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		a.Segment = slices.Sorted(res.Set.IDs())
		all = append(all, a)
	}
	return all
}

// A plan that was not made by Check, and names what the organisation may not see, finds nobody by it.
func TestASecondFenceStandsBelowCheck(t *testing.T) {
	w := makeWorld(rand.New(rand.NewPCG(seed(), 5)), 300)
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		w.write(t, d, false)
		ctx := db.WithSite(t.Context())
		view, err := engineOn(t, d).View(ctx, theFile)
		if err != nil {
			t.Fatal(err)
		}
		for org, secret := range map[int64]int{ours: 3, theirs: 0} {
			id := func(kind string) int64 { return w.defs[kind][secret].id }
			for _, n := range []list.Node{list.Code{Codes: []int64{id("code")}}, list.Tag{Tags: []int64{id("tag")}}, list.Answered{Question: id("question"), Ever: true},
				list.Answered{Question: id("question"), Responses: w.defs["question"][secret].parts}, list.Scored{Score: id("score"), From: -1, To: 5000}, list.Custom{Field: id("custom")},
				list.Target{Target: id("target")}, list.Event{Events: []int64{id("event")}}, list.Turf{Turfs: []int64{2001}}, list.Turf{Maps: []int64{2000}}} {
				if n.Kind() == list.KindTurf && org == ours { // all of it is ours
					continue
				}
				p := list.Plan{Universe: w.catalog(org, list.Universe{}).Universe, Today: today, Steps: []list.Step{{Do: list.Start, Where: n}}}
				if got, err := liststore.Slow(ctx, d, p); err != nil || len(got) > 0 {
					t.Errorf("organisation %d finds %d people by another's %s in the database: %v", org, len(got), n.Kind(), err)
				}
				if res, err := view.Eval(ctx, p); err == nil && res.Set.Len() > 0 {
					t.Errorf("organisation %d finds %d people by another's %s in the segments", org, res.Set.Len(), n.Kind())
				}
				p.Universe.Org = map[int64]int64{ours: theirs, theirs: ours}[org]
				if got, err := liststore.Slow(ctx, d, p); err != nil || len(got) == 0 {
					t.Errorf("organisation %d finds nobody by its own %s: %v", p.Universe.Org, n.Kind(), err)
				}
			}
		}
	})
}
