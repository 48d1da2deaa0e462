package audit

import "math"

// Providence is ballot polling in rounds of which each may be chosen after the last.
//
// O. Broadrick, P. Vora, F. Zagórski, PROVIDENCE: a Flexible Round-by-Round Risk-Limiting Audit, USENIX Security 2023 (arXiv:2210.08717). Per pair, with k′ of n′
// votes for the winner before the round and k of n after it: 1/ω = [b(k′; n′, ½)/b(k′; n′, p)] · [P(X ≥ k−k′; n−n′, ½)/P(X ≥ k−k′; n−n′, p)].
// The order of the sample within a round does not matter.
type Providence struct {
	Contest Contest
	Limit   Limit
}

// Risk returns the smallest value of a round, each the largest over the pairs that no earlier round has settled. Errors: [ErrNoLosers], [ErrInput].
func (v Providence) Risk(rounds []Round) (Risk, error) {
	tests, values, err := v.tests(rounds)
	if err != nil || len(tests) == 0 {
		return Risk{P: 1}, err
	}
	out := Risk{P: 1}
	for _, x := range values {
		out.P = min(out.P, x)
	}
	out.Met = out.P <= v.Limit.Alpha()
	return out, nil
}

// providenceTest is the test of one pair.
type providenceTest struct {
	pair
	p1           float64
	k, n         int
	passed       bool
	contradicted bool
}

func (v Providence) tests(rounds []Round) (tests []providenceTest, values []float64, err error) {
	if err := v.Contest.begin(v.Limit); err != nil {
		return nil, nil, err
	}
	tallies, err := v.Contest.polled(rounds)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range v.Contest.pairs() {
		t := providenceTest{pair: p, contradicted: p.margin() == 0}
		if p.w.Votes > 0 {
			t.p1 = float64(p.w.Votes) / float64(p.w.Votes+p.l.Votes)
		}
		tests = append(tests, t)
	}
	for _, found := range tallies {
		worst := 0.
		for i := range tests {
			if t := &tests[i]; !t.passed {
				x := t.round(found[t.w.ID], found[t.l.ID])
				t.passed = x <= v.Limit.Alpha()
				worst = max(worst, x)
			}
		}
		values = append(values, worst)
	}
	return tests, values, nil
}

// round takes in what a round found and returns its value.
func (t *providenceTest) round(w, l int) float64 {
	before := *t
	t.k, t.n = t.k+w, t.n+w+l
	t.contradicted = t.contradicted || t.p1 == 1 && l > 0
	if t.contradicted {
		return 1
	}
	return math.Min(1, math.Exp(before.lnValue(w, w+l)))
}

// lnValue is ln 1/ω for k of n votes of a round after what was found before.
func (t *providenceTest) lnValue(k, n int) float64 {
	before := float64(t.n) * math.Ln2 // ln of b(k′; n′, p)/b(k′; n′, ½)
	before += float64(t.k) * math.Log(t.p1)
	if t.n > t.k {
		before += float64(t.n-t.k) * math.Log1p(-t.p1)
	}
	return binomial{n, .5}.lnAtLeast(k) - binomial{n, t.p1}.lnAtLeast(k) - before
}

// stop is the chance that n more votes end the test.
func (t *providenceTest) stop(n int, alpha float64) float64 {
	if t.contradicted || n <= 0 {
		return 0
	}
	enough := func(k int) bool { return t.lnValue(k, n) <= math.Log(alpha) }
	kmin, ok := leastOf(max(0, (t.n+n+1)/2-t.k), n, enough)
	if !ok {
		return 0
	}
	return math.Exp(binomial{n, t.p1}.lnAtLeast(kmin))
}

// Chance is how likely another round of a size ends the audit if the report is right, after the rounds so far: exactly, for the pair for which it is least
// likely, each pair getting the votes that its share of the ballots promises, rounded down. Errors as of [Providence.Risk].
func (v Providence) Chance(rounds []Round, size int) (float64, error) {
	tests, _, err := v.tests(rounds)
	if err != nil {
		return 0, err
	}
	least := 1.
	for i := range tests {
		if t := &tests[i]; !t.passed {
			least = min(least, t.stop(share(size, t.pair, v.Contest.Ballots), v.Limit.Alpha()))
		}
	}
	return least, nil
}

// Sizes returns how many ballots must have been drawn in all, earlier rounds included, to finish with the next round with a chance of 70, 80 and 90 % if the
// report is right. They are the totals of the R2B2 library, which Arlo takes for additional ballots: of each pair, votes still to draw are added to all ballots
// drawn, and the sum is scaled from the pair to the contest, so after a round they are never too small and can be larger than needed. A tie needs a full
// count. If the audit is over, the sizes are what was drawn. Errors: [ErrNoLosers], [ErrInput].
func (v Providence) Sizes(rounds []Round) (Sizes, error) {
	tests, _, err := v.tests(rounds)
	if err != nil {
		return Sizes{}, err
	}
	drawn, over := drawnIn(rounds), true
	byPair := map[[2]string]*providenceTest{}
	for i := range tests {
		over = over && tests[i].passed
		byPair[[2]string{tests[i].w.ID, tests[i].l.ID}] = &tests[i]
	}
	out := v.Contest.largest(func(p pair, q float64) int {
		return byPair[[2]string{p.w.ID, p.l.ID}].need(q, v.Limit.Alpha(), drawn)
	})
	if over {
		for i := range out.Options {
			out.Options[i].Size = drawn
		}
	}
	return out, nil
}

// mostNeeded is where the search for a size ends.
const mostNeeded = 10_000_000

// need is the least total at which the pair's test ends with chance q, when the votes drawn beyond the ballots drawn so far are all for the pair. The chance is
// a saw, so what is least depends on the search: it halves (n′+1, 10^i), then (10^i, 10^(i+1)) …, as R2B2 does.
func (t *providenceTest) need(q, alpha float64, drawn int) int {
	enough := func(n int) bool { return t.stop(n-drawn, alpha) >= q }
	if enough(t.n + 1) {
		return t.n + 1
	}
	top := 10
	for top <= t.n+1 {
		top *= 10
	}
	for lo := t.n + 1; top < mostNeeded; lo, top = top, 10*top {
		lo, hi := lo, top
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; enough(mid) {
				hi = mid
			} else {
				lo = mid
			}
		}
		for _, n := range []int{lo, lo + 1} {
			if enough(n) {
				return n
			}
		}
	}
	return mostNeeded
}
