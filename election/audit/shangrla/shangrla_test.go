package shangrla

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// elections is how many wrong outcomes each test is asked about: some in every run, PRECINCT_AUDIT_ELECTIONS in a long one.
func elections(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("PRECINCT_AUDIT_ELECTIONS")); err == nil && n > 0 {
		return n
	}
	return 300
}

// within fails if more of n wrong outcomes were confirmed than a risk limit allows, chance included (about 1 in 30,000 by chance alone).
func within(t *testing.T, what string, confirmed, n int, limit float64) {
	t.Helper()
	if most := limit*float64(n) + 4*math.Sqrt(limit*(1-limit)*float64(n)); float64(confirmed) > most {
		t.Errorf("%s: %d of %d wrong outcomes were confirmed; %.1f at the most", what, confirmed, n, most)
	}
}

func TestAssorters(t *testing.T) {
	for _, c := range []struct {
		a    Assorter
		v    Vote
		want float64
	}{
		{Plurality{0, 1, 1}, Vote{Marks: []int{0}}, 1},
		{Plurality{0, 1, 1}, Vote{Marks: []int{1}}, 0},
		{Plurality{0, 1, 1}, Vote{Marks: []int{2}}, .5},
		{Plurality{0, 1, 1}, Vote{Marks: []int{0, 2}}, .5},
		{Plurality{0, 1, 2}, Vote{Marks: []int{0, 2}}, 1},
		{Plurality{0, 1, 0}, Vote{Marks: []int{0, 1, 2}}, .5},
		{Plurality{0, 1, 1}, Vote{}, .5},
		{Plurality{0, 1, 1}, Vote{Absent: true, Marks: []int{0}}, .5},
		{Supermajority{0, .6}, Vote{Marks: []int{0}}, 1 / 1.2},
		{Supermajority{0, .6}, Vote{Marks: []int{1}}, 0},
		{Supermajority{0, .6}, Vote{Marks: []int{0, 1}}, .5},
		{Supermajority{0, .6}, Vote{}, .5},
		{Pairwise{0, 1}, Vote{Ranking: []int{2, 0, 1}}, 1},
		{Pairwise{0, 1}, Vote{Ranking: []int{1}}, 0},
		{Pairwise{0, 1}, Vote{Ranking: []int{2}}, .5},
		{Scored{0, 1, 5}, Vote{Scores: []float64{5, 0}}, 1},
		{Scored{0, 1, 5}, Vote{Scores: []float64{2, 9}}, .2},
		{Scored{0, 1, 5}, Vote{Scores: []float64{3}}, .8},
		{Scored{0, 1, 5}, Vote{Scores: []float64{math.NaN(), -3}}, .5},
		{NotEliminatedBefore{0, 1}, Vote{Ranking: []int{0, 1}}, 1},
		{NotEliminatedBefore{0, 1}, Vote{Ranking: []int{2, 0, 1}}, .5},
		{NotEliminatedBefore{0, 1}, Vote{Ranking: []int{2, 1, 0}}, 0},
		{NotEliminatedBefore{0, 1}, Vote{Ranking: []int{-1, 0}}, .5},
		{NotEliminatedNext{0, 1, []int{2}}, Vote{Ranking: []int{2, 0}}, 1},
		{NotEliminatedNext{0, 1, []int{2}}, Vote{Ranking: []int{-1, 2, 1, 0}}, 0},
		{NotEliminatedNext{0, 1, []int{2}}, Vote{Ranking: []int{3, 0}}, .5},
		{NotEliminatedNext{0, 1, []int{2}}, Vote{Ranking: []int{2}}, .5},
	} {
		if got := c.a.Value(c.v); math.Abs(got-c.want) > 1e-15 || got > c.a.Upper() {
			t.Errorf("%v of %v: %g, want %g", c.a, c.v, got, c.want)
		}
	}
}

// The mean of the assorter is above one half exactly when the assertion is true of the votes.
func TestAssortersSayWhoWon(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		n, w, l, valid, sum, super := 1+r.IntN(40), 0, 0, 0, 0.0, 0.0
		for range n {
			v := Vote{Marks: r.Perm(3)[:r.IntN(3)]}
			if len(v.Marks) == 1 {
				valid++
				switch v.Marks[0] {
				case 0:
					w++
				case 1:
					l++
				}
			}
			sum += Plurality{0, 1, 1}.Value(v)
			super += Supermajority{0, .55}.Value(v)
		}
		if (2*sum > float64(n)) != (w > l) {
			t.Fatal("plurality", sum, n, w, l)
		}
		if d := float64(w) - .55*float64(valid); math.Abs(d) > 1e-9 && (2*super > float64(n)) != (d > 0) {
			t.Fatal("supermajority", super, n, w, valid)
		}
	}
}

// tests returns every test there is for numbers up to u.
func tests(n int, u float64) map[string]Test {
	mk := func(f func(*Test)) Test {
		t := Test{Population: n, NullMean: half, Upper: u, Params: Defaults()}
		f(&t)
		return t
	}
	all := map[string]Test{
		"alpha fixed":      mk(func(t *Test) { t.Params.Eta = half + (u-half)/3 }),
		"alpha fixed high": mk(func(t *Test) {}),
		"alpha shrink":     mk(func(t *Test) { t.Estimator = ShrinkTrunc; t.Params.Eta, t.Params.D, t.Params.F = .6, 20, .01 }),
		"alpha eager":      mk(func(t *Test) { t.Estimator = ShrinkTrunc; t.Params.Eta, t.Params.D, t.Params.C = u, 1, .4 }),
		"betting fixed":    mk(func(t *Test) { t.Method = Betting; t.Params.Lambda = .7 }),
		"betting high":     mk(func(t *Test) { t.Method = Betting; t.Params.Lambda = 1.99 }),
		"betting agrapa":   mk(func(t *Test) { t.Method, t.Bet = Betting, Agrapa; t.Params.Cap, t.Params.CapGrow = .5, .1 }),
		"sprt":             mk(func(t *Test) { t.Method = WaldSPRT; t.Params.Eta = .65 }),
	}
	if u > 1 {
		all["optimal comparison"] = mk(func(t *Test) { t.Estimator = OptimalComparison; t.Params.ErrorRate2 = 1e-3 })
	}
	if n > 0 {
		all["kaplan kolmogorov"] = mk(func(t *Test) { t.Method = KaplanKolmogorov; t.Params.G = .1 })
	} else {
		all["kaplan markov"] = mk(func(t *Test) { t.Method = KaplanMarkov; t.Params.G = .1 })
		all["kaplan wald"] = mk(func(t *Test) { t.Method = KaplanWald; t.Params.G = .1 })
	}
	return all
}

// Whatever the test and the population, a true null hypothesis is rejected no more often than the risk limit allows, looking after every draw.
func TestRiskOfEveryTest(t *testing.T) {
	const limit = 0.1
	runs := elections(t)
	populations := map[string][]Share{ // each with a mean of 1/2 or little less
		"a tie":             {{.5, .2}, {1, .4}, {0, .4}},
		"few errors of two": {{1 / 1.9, .95}, {0, .05}},
		"errors of one":     {{1 / 1.9, .9}, {.5 / 1.9, .1}},
		"all the same":      {{.5, 1}},
		"a clear loss":      {{0, .6}, {1, .4}},
	}
	for _, n := range []int{0, 400} {
		for name, pop := range populations {
			for test, mk := range tests(n, 2/1.9) {
				f, err := mk.Simulate(pop, limit, 300, runs, 17)
				if err != nil {
					t.Fatal(test, err)
				}
				within(t, name+", "+test, int(math.Round(f.Chance(300)*float64(runs))), runs, limit)
			}
		}
	}
}

// A test that never finishes would keep every risk limit: each must confirm a clear win.
func TestPowerOfEveryTest(t *testing.T) {
	for _, n := range []int{0, 2000} {
		for test, mk := range tests(n, 2/1.8) {
			f, err := mk.Simulate([]Share{{1 / 1.8, 1}}, .05, 1500, 1, 3)
			if d, ok := f.Draws(1); err != nil || !ok {
				t.Errorf("%s of %d is not done after %d draws: %v", test, n, d, err)
			}
		}
	}
}

func TestSamplesThatCannotBe(t *testing.T) {
	good := Test{Population: 3, NullMean: half, Upper: 1, Params: Defaults()}
	for name, c := range map[string]struct {
		t Test
		x []float64
	}{
		"more than all":     {good, []float64{1, 0, 1, 0}},
		"above the bound":   {good, []float64{1.1}},
		"below nothing":     {good, []float64{-.1}},
		"no number":         {good, []float64{math.NaN()}},
		"no bound":          {Test{NullMean: half, Params: Defaults()}, nil},
		"mean at the bound": {Test{NullMean: 1, Upper: 1, Params: Defaults()}, nil},
		"infinite":          {Test{NullMean: half, Upper: math.Inf(1), Params: Defaults()}, nil},
		"unordered":         {Test{Population: 3, NullMean: half, Upper: 1, Params: Defaults(), Unordered: true}, nil},
		"kolmogorov":        {Test{Method: KaplanKolmogorov, NullMean: half, Upper: 1, Params: Defaults()}, nil},
		"no such test":      {Test{Method: 99, NullMean: half, Upper: 1, Params: Defaults()}, nil},
		"padding":           {Test{Method: KaplanWald, NullMean: half, Upper: 1, Params: Params{G: 2}}, nil},
	} {
		if r, err := c.t.P(c.x); err == nil || r.P != 1 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	if r, err := good.P(nil); err != nil || r.P != 1 {
		t.Error("an empty sample says nothing:", r, err)
	}
}

// A sample that makes the null hypothesis impossible has p = 0; one that makes the alternative impossible never has less than before.
func TestWholePopulation(t *testing.T) {
	for name, test := range tests(5, 1) {
		if r, err := test.P([]float64{1, 1, 1, 0, 0}); err != nil || r.P != 0 {
			t.Errorf("%s: three of five: %v %v", name, r.P, err)
		}
		if r, err := test.P([]float64{0, 0, 0, 1, 1}); err != nil || r.P != 1 {
			t.Errorf("%s: two of five: %v %v", name, r.P, err)
		}
		if r, err := test.P([]float64{0, 1, 0, 1, .5}); err != nil || r.P == 0 {
			t.Errorf("%s: a tie: %v %v", name, r.P, err)
		}
	}
}

// Nothing overflows in long samples: 200,000 draws that all say the same.
func TestLongSamples(t *testing.T) {
	for name, test := range tests(0, 2/1.5) {
		for _, x := range []float64{0, .5, 1, 2 / 1.5} {
			s, err := test.Begin()
			if err != nil {
				t.Fatal(err)
			}
			before := 1.0
			for range 200_000 {
				if err := s.Draw(x); err != nil {
					t.Fatal(err)
				}
			}
			if p := s.P(); math.IsNaN(p) || p < 0 || p > before || x <= .5 && p < .9 || x >= 1 && p > 1e-6 {
				t.Errorf("%s, always %g: %g", name, x, p)
			}
		}
	}
}

// The p-value after each draw is one over the best fortune so far: it never rises, and it is the least of the history.
func TestPNeverRises(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for name, test := range tests(300, 1) {
		s, _ := test.Begin()
		last, least := 1.0, 1.0
		for range 300 {
			if err := s.Draw(math.Round(r.Float64()*2) / 2); err != nil {
				t.Fatal(err)
			}
			least = min(least, s.Now())
			if p := s.P(); p > last || p != least {
				t.Fatalf("%s: %g after %g, least %g", name, p, last, least)
			}
			last = s.P()
		}
	}
}

// Kaplan–Markov looks at a whole sample in any order.
func TestOrderOfUnorderedSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	test := Test{Method: KaplanMarkov, NullMean: half, Upper: 1, Params: Params{G: .1}, Unordered: true}
	x := make([]float64, 50)
	for i := range x {
		x[i] = math.Round(r.Float64()*2) / 2
	}
	a, _ := test.P(x)
	r.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
	if b, _ := test.P(x); math.Abs(a.P-b.P) > 1e-12*a.P {
		t.Error(a.P, b.P)
	}
}

func TestSimulateIsTheSameAgain(t *testing.T) {
	test := Test{Population: 1000, NullMean: half, Upper: 1, Params: Defaults(), Estimator: ShrinkTrunc}
	pop := []Share{{0, .3}, {1, .6}, {.5, .1}}
	a, err := test.Simulate(pop, .05, 1000, 50, 1)
	b, _ := test.Simulate(pop, .05, 1000, 50, 1)
	if d := cmp.Diff(a, b, cmp.AllowUnexported(Finish{})); d != "" || err != nil {
		t.Error(d, err)
	}
	half, ok := a.Draws(.5)
	if c := a.Chance(half); !ok || c < .5 || a.Chance(half-1) >= .5 || a.Chance(1000) != 1 || a.Chance(0) != 0 {
		t.Error(half, c)
	}
	for _, bad := range [][]Share{nil, {{1, 1}, {0, 2}}, {{1, 0}, {0, .7}, {1, .7}}, {{2, 1}}} {
		if _, err := test.Simulate(bad, .05, 10, 1, 1); err == nil {
			t.Error(bad)
		}
	}
}
