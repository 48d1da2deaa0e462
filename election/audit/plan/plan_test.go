package plan

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/audit"
)

func ask(t *testing.T, q Question) Answer {
	t.Helper()
	a, err := q.Ask()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func question(m Method, ballots int, margin float64) Question {
	return Question{Contest: FromMargin(ballots, margin), Method: m, Limit: audit.Percent(5), Rates: Expected, BatchSize: 500, Minutes: 3, Seed: 1, Runs: 300}
}

// The plan for one round is what the method itself offers.
func TestPlansAgreeWithTheMethods(t *testing.T) {
	c := FromMargin(100_000, .05)
	at90 := func(a Answer) int { return a.Targets[slices.Index(Chances, .9)].Draws }
	s, err := audit.Minerva{Contest: c, Limit: audit.Percent(5)}.Sizes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := at90(ask(t, question(Minerva, 100_000, .05))), s.Options[2].Size; math.Abs(float64(got-want)) > .01*float64(want) {
		t.Errorf("Minerva: %d, want about %d", got, want)
	}
	b, err := audit.BRAVO{Contest: c, Limit: audit.Percent(5)}.Sizes(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := at90(ask(t, question(BRAVO, 100_000, .05))), b.Options[3].Size; math.Abs(float64(got-want)) > .01*float64(want) {
		t.Errorf("BRAVO: %d, want about %d", got, want)
	}
	clean := question(SuperSimple, 100_000, .05)
	clean.Rates = Rates{}
	want := int(math.Ceil(math.Log(.05) / math.Log1p(-.05/(2*gamma))))
	if got := at90(ask(t, clean)); got != want {
		t.Errorf("SuperSimple without errors: %d, want %d", got, want)
	}
}

func TestPlans(t *testing.T) {
	for _, m := range Methods {
		a := ask(t, question(m, 200_000, .04))
		if again := ask(t, question(m, 200_000, .04)); !cmp.Equal(a, again) {
			t.Errorf("%s: the same question has two answers", m)
		}
		last := 0
		for _, x := range a.Targets {
			if x.Draws < last || x.Ballots < 1 || x.Hours <= 0 {
				t.Errorf("%s: %+v", m, x)
			}
			last = x.Draws
		}
		wide := ask(t, question(m, 200_000, .2))
		if wide.Expected >= a.Expected || a.Expected <= 0 {
			t.Errorf("%s: %d ballots at a margin of 20 %%, %d at 4 %%", m, wide.Expected, a.Expected)
		}
		if errs := question(m, 200_000, .04); m.Compares() {
			errs.Rates = Rates{Over1: .005, Over2: .002}
			if more := ask(t, errs); more.Expected <= a.Expected {
				t.Errorf("%s: %d with many errors, %d with few", m, more.Expected, a.Expected)
			}
		}
		tie := ask(t, question(m, 1000, 0))
		if !tie.Targets[0].Full || tie.Targets[0].Ballots != 1000 {
			t.Errorf("%s: a tie is counted in full: %+v", m, tie.Targets[0])
		}
	}
}

func TestCountiesShareTheWork(t *testing.T) {
	q := question(AlphaComparison, 100_000, .05)
	q.Counties = []County{{"Adams", 75_000, 3}, {"Brandt", 25_000, 0}}
	a := ask(t, q)
	for _, x := range a.Targets {
		w := x.Each
		if len(w) != 2 || math.Abs(float64(w[0].Ballots)-3*float64(w[1].Ballots)) > 3 || x.Hours != max(w[0].Hours, w[1].Hours) {
			t.Errorf("%+v", x)
		}
	}
	q.Counties[0].Ballots--
	if _, err := q.Ask(); !errors.Is(err, audit.ErrInput) {
		t.Error(err)
	}
}

func TestQuestionsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Question){
		"method": func(q *Question) { q.Method = "dice" }, "rates": func(q *Question) { q.Rates.Over1 = 2 }, "minutes": func(q *Question) { q.Minutes = -1 },
		"limit": func(q *Question) { q.Limit = 0 }, "batches": func(q *Question) { q.Method, q.BatchSize = MACRO, 0 }, "rates that are no numbers": func(q *Question) { q.Rates.Over2 = math.NaN() },
	} {
		q := question(BRAVO, 1000, .1)
		change(&q)
		if _, err := q.Ask(); !errors.Is(err, audit.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The largest contest with the smallest margin, and more errors than any audit survives: a full count, and no hour of waiting for it.
func TestHopelessPlans(t *testing.T) {
	for _, m := range []Method{SuperSimple, AlphaComparison, MACRO} {
		for name, q := range map[string]Question{"one vote": question(m, 100_000_000, 2e-8), "a fifth wrong": question(m, 1_000_000, .001)} {
			q.BatchSize, q.Rates, q.Runs = 1, Rates{Over1: .2, Over2: .2}, 20
			if a := ask(t, q); !a.Targets[0].Full {
				t.Errorf("%s, %s: %+v", m, name, a.Targets[0])
			}
		}
	}
}

func TestAnyPlanEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := question(rapid.SampledFrom(Methods).Draw(t, "method"), rapid.SampledFrom([]int{1, 2, 50, 3000, 5_000_000}).Draw(t, "ballots"), rapid.Float64Range(0, 1).Draw(t, "margin"))
		q.BatchSize, q.Runs = min(q.BatchSize, q.Contest.Ballots), 40
		a, err := q.Ask()
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(a.Curve); i++ {
			if a.Curve[i].Draws <= a.Curve[i-1].Draws || a.Curve[i].Chance < a.Curve[i-1].Chance || a.Curve[i].Chance > 1 {
				t.Fatalf("%+v", a.Curve)
			}
		}
		if a.Expected < 0 || a.Expected > q.Contest.Ballots {
			t.Fatal(a.Expected)
		}
	})
}
