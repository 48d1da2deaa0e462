package audit

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawStrata makes a pair as two strata see it, with samples that may be anything.
func drawStrata(t *rapid.T) (SUITE, pair) {
	n1, n2 := rapid.IntRange(1, 3000).Draw(t, "n1"), rapid.IntRange(1, 3000).Draw(t, "n2")
	votes := func(n int, label string) (int, int) {
		w := rapid.IntRange(0, n).Draw(t, label)
		return w, rapid.IntRange(0, n-w).Draw(t, label)
	}
	w1, l1 := votes(n1, "comparison")
	w2, l2 := votes(n2, "polling")
	if w1+w2 < l1+l2 {
		w1, l1, w2, l2 = l1, w1, l2, w2
	}
	drawn := rapid.IntRange(0, min(n2, 300)).Draw(t, "drawn")
	nw := rapid.IntRange(0, drawn).Draw(t, "nw")
	s := SUITE{
		Contest: Contest{Ballots: n1 + n2, NumWinners: 1, VotesAllowed: 1, Candidates: []Candidate{{"W", w1 + w2}, {"L", l1 + l2}}}, Limit: Percent(rapid.IntRange(1, 20).Draw(t, "limit")),
		Comparison: ComparisonStratum{Ballots: n1, Votes: Tally{"W": w1, "L": l1}, Drawn: rapid.IntRange(0, 400).Draw(t, "draws"),
			Errors: map[PairID]Overstatements{{"W", "L"}: {rapid.IntRange(0, 3).Draw(t, "one"), rapid.IntRange(0, 2).Draw(t, "two")}}},
		Polling: PollingStratum{Ballots: n2, Votes: Tally{"W": w2, "L": l2}, Drawn: drawn, Found: []Tally{{"W": nw, "L": rapid.IntRange(0, drawn-nw).Draw(t, "nl")}}},
	}
	return s, s.Contest.pairs()[0]
}

// Halving finds what looking at every λ finds.
func TestEveryLambdaLookedAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, p := drawStrata(t)
		x, err := s.pairOf(p, s.Comparison.Drawn, s.Comparison.Errors[PairID{"W", "L"}], s.Polling.Drawn, sum(s.Polling.Found))
		if err != nil {
			t.Fatal(err)
		}
		if x.v <= 0 {
			return
		}
		lo, hi := x.lambdas()
		g := newGrid(lo, hi, math.Max(.05, (hi-lo)/2000))
		want := math.Inf(-1)
		for i := range g.n {
			want = math.Max(want, x.lnP1(g.at(i))+x.lnP2(g.at(i)))
		}
		if got, _ := x.highest(g); math.Abs(fisher(got)-fisher(want)) > 1e-6*fisher(want)+1e-15 {
			t.Fatalf("found %v (p %v), there is %v (p %v)", got, fisher(got), want, fisher(want))
		}
		if r, err := s.Risk(); err != nil || !(r.P >= 0 && r.P <= 1) {
			t.Fatal(r, err)
		}
	})
}

// The jump from one rise of the quantile to the next ends where going up one ballot at a time ends.
func TestSizesOfBravoAreFoundByJumping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10, 20_000).Draw(t, "ballots")
		w := rapid.IntRange(n/2, n-1).Draw(t, "w")
		l := rapid.IntRange(1, max(1, min(w-1, n-w))).Draw(t, "l")
		if w <= l || w+l > n {
			return
		}
		b := BRAVO{two(n, w, l), Percent(rapid.IntRange(1, 20).Draw(t, "limit"))}
		r := ratio{b.Contest.pairs()[0], rapid.IntRange(0, 50).Draw(t, "nw"), rapid.IntRange(0, 50).Draw(t, "nl")}
		q := rapid.SampledFrom([]float64{.7, .8, .9}).Draw(t, "q")
		x := b.plan(r)
		if x.thr <= 0 {
			return
		}
		got := b.within(r, q)
		// the least size from some start on, one by one
		reaches := func(size int) bool {
			k := float64(quantile(1-q, size, x.s))
			return k*x.a+(float64(size)-k)*x.b >= x.thr
		}
		size := int(math.Floor(float64(got) * x.of)) // back from the contest to the pair
		for _, near := range []int{size - 1, size, size + 1} {
			if near >= 1 && (reaches(near) || near >= n) {
				return
			}
		}
		t.Fatalf("%d ballots, %d votes: the quantile does not reach the threshold", got, size)
	})
}
