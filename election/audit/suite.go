package audit

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// SUITE is one audit of two strata: ballots with cast vote records, compared, and ballots without, polled.
//
// K. Ottoboni, P. B. Stark, M. Lindeman, N. McBurnett, Risk-Limiting Audits by Stratified Union-Intersection Tests of Elections, 2018 (arXiv:1809.04235). Per pair
// with margin V, for every share λ of the error that would overturn it lying in the first stratum: p₁(λ) by Kaplan and Markov, p₂(1−λ) by the largest
// likelihood ratio without replacement, combined by Fisher; the largest over λ counts. The order of the samples does not matter.
//
// The comparison stratum is drawn from with replacement, so that no number of draws counts it in full. The polling stratum is drawn from without; once all
// of it has been drawn its true margin is known, and the other stratum alone has to show that it does not overturn it.
type SUITE struct {
	Contest    Contest
	Limit      Limit
	Comparison ComparisonStratum
	Polling    PollingStratum
}

// ComparisonStratum is the ballots with records. Understatements are not used.
type ComparisonStratum struct {
	Ballots int
	Votes   Tally
	Drawn   int // draws, with replacement
	Errors  map[PairID]Overstatements
}

// PairID names a pair.
type PairID struct{ Winner, Loser string }

// Overstatements are how many draws showed a pair too far apart, by one vote and by two.
type Overstatements struct{ One, Two int }

// PollingStratum is the ballots without records.
type PollingStratum struct {
	Ballots int
	Votes   Tally
	Drawn   int // without replacement
	Found   []Tally
}

func (s SUITE) check() error {
	if err := s.Contest.begin(s.Limit); err != nil {
		return err
	}
	for _, n := range []int{s.Comparison.Ballots, s.Comparison.Drawn, s.Polling.Ballots, s.Polling.Drawn} {
		if n < 0 || n > maxCount {
			return fmt.Errorf("%w: a stratum cannot have %d ballots", ErrInput, n)
		}
	}
	for _, t := range append([]Tally{s.Comparison.Votes, s.Polling.Votes}, s.Polling.Found...) {
		if err := s.Contest.known(t); err != nil {
			return err
		}
	}
	if s.Polling.Drawn > s.Polling.Ballots {
		return fmt.Errorf("%w: more ballots were drawn than the stratum has", ErrInput)
	}
	for id, e := range s.Comparison.Errors {
		if e.One < 0 || e.Two < 0 || e.One > maxCount || e.Two > maxCount {
			return fmt.Errorf("%w: %d and %d draws with errors between %q and %q", ErrInput, e.One, e.Two, id.Winner, id.Loser)
		}
	}
	return nil
}

// strata are both strata as one pair sees them.
type strata struct {
	v              float64 // margin of the pair
	n1, d1         float64 // comparison: ballots, margin
	draws1         float64
	one, two       float64
	n2, vw, vl     float64 // polling: ballots, votes
	nw, nl, nu     float64 // found
	lnReported     float64 // likelihood of what was found if the report is right
	out2, complete bool    // more was found than reported; all was drawn
}

// gammaFloat is γ.
const gammaFloat = 1.03905

// twoFactor and oneFactor are ln(1 − 1/γ) and ln(1 − 1/2γ).
var twoFactor, oneFactor = math.Log(1 - 1/gammaFloat), math.Log(1 - 1/(2*gammaFloat))

// pairOf prepares a pair for a sample: drawn2 ballots polled with the votes found.
func (s SUITE) pairOf(p pair, draws1 int, errors Overstatements, drawn2 int, found Tally) (*strata, error) {
	c, q := s.Comparison, s.Polling
	w, l := p.w.ID, p.l.ID
	if c.Votes[w]+q.Votes[w] != p.w.Votes || c.Votes[l]+q.Votes[l] != p.l.Votes {
		return nil, fmt.Errorf("%w: the votes of the strata for %q and %q do not add up to those of the contest", ErrInput, w, l)
	}
	t := &strata{
		v: float64(p.margin()), n1: float64(c.Ballots), d1: float64(c.Votes[w] - c.Votes[l]), draws1: float64(draws1), one: float64(errors.One), two: float64(errors.Two),
		n2: float64(q.Ballots), vw: float64(q.Votes[w]), vl: float64(q.Votes[l]), nw: float64(found[w]), nl: float64(found[l]),
	}
	t.nu = float64(drawn2) - t.nw - t.nl
	if t.nu < 0 {
		return nil, fmt.Errorf("%w: %d ballots polled cannot hold %d votes for %q and %d for %q", ErrInput, drawn2, found[w], w, found[l], l)
	}
	t.out2 = t.vw < t.nw || t.vl < t.nl || t.n2-t.vw-t.vl < t.nu
	t.complete = drawn2 >= q.Ballots
	t.lnReported = falling(t.vw, t.nw) + falling(t.vl, t.nl) + falling(t.n2-t.vw-t.vl, t.nu)
	return t, nil
}

// falling is Σ ln(x − i) for i < n, −Inf where a factor is not positive.
func falling(x, n float64) float64 {
	switch {
	case n == 0:
		return 0
	case x-n+1 <= 0:
		return math.Inf(-1)
	case n <= 32:
		total := 0.
		for i := 0.; i < n; i++ {
			total += math.Log(x - i)
		}
		return total
	}
	a, _ := math.Lgamma(x + 1)
	b, _ := math.Lgamma(x - n + 1)
	return a - b
}

// lnP1 is ln p₁(λ).
func (t *strata) lnP1(lambda float64) float64 {
	if t.draws1 == 0 || t.v == 0 {
		return 0
	}
	lost := lambda * t.v / (2 * gammaFloat * t.n1)
	if lost >= 1 { // more error than the stratum can hold
		return 0
	}
	return math.Min(0, t.draws1*math.Log1p(-lost)-t.one*oneFactor-t.two*twoFactor)
}

// lnP2 is ln p₂ when the polling stratum holds 1 − λ of the error.
func (t *strata) lnP2(lambda float64) float64 {
	if t.nw+t.nl+t.nu == 0 || t.v == 0 || t.out2 {
		return 0
	}
	c := t.nullMargin(lambda)
	lo, hi := math.Max(t.nw, t.nl+c), (t.n2-t.nu+c)/2
	if hi < lo {
		return math.Inf(-1)
	}
	return math.Min(0, t.lnNull(t.nuisance(c, lo, hi), c)-t.lnReported)
}

// nullMargin is the margin of the polling stratum when it holds 1 − λ of the error.
func (t *strata) nullMargin(lambda float64) float64 { return t.vw - t.vl - (1-lambda)*t.v }

func (t *strata) lnNull(x, c float64) float64 {
	return falling(x, t.nw) + falling(x-c, t.nl) + falling(t.n2-2*x+c, t.nu)
}

// slope is the derivative of lnNull, which falls: the likelihood has one maximum.
func (t *strata) slope(x, c float64) float64 {
	sumOf := func(x, n float64) float64 { // Σ 1/(x − i) for i < n
		if n == 0 {
			return 0
		}
		if n <= 32 {
			total := 0.
			for i := 0.; i < n; i++ {
				total += 1 / (x - i)
			}
			return total
		}
		return mathext.Digamma(x+1) - mathext.Digamma(x-n+1)
	}
	return sumOf(x, t.nw) + sumOf(x-c, t.nl) - 2*sumOf(t.n2-2*x+c, t.nu)
}

// nuisance is the number of votes for the winner that makes the null likeliest.
func (t *strata) nuisance(c, lo, hi float64) float64 {
	switch {
	case t.slope(lo, c) <= 0:
		return lo
	case t.slope(hi, c) >= 0:
		return hi
	}
	a, b := t.slope(lo, c), t.slope(hi, c)
	for range 100 { // false position, halving the side that stays (the Illinois method)
		if hi-lo <= 1e-7*math.Max(1, math.Abs(hi)) || math.IsInf(a, 0) || math.IsInf(b, 0) {
			break
		}
		mid := hi - b*(hi-lo)/(b-a)
		switch m := t.slope(mid, c); {
		case m == 0:
			return mid
		case m > 0:
			lo, a, b = mid, m, b/2
		default:
			hi, b, a = mid, m, a/2
		}
	}
	return lo + (hi-lo)/2
}

// lambdas is where λ can lie: no stratum holds more error than it has ballots for.
func (t *strata) lambdas() (lo, hi float64) {
	d2 := t.vw - t.vl
	return math.Max(t.d1-t.n1, t.v-(d2+t.n2)) / t.v, math.Min(t.d1+t.n1, t.v-(d2-t.n2)) / t.v
}

// value is the combined p-value: the largest over λ.
func (t *strata) value(alpha float64) float64 {
	if t.v <= 0 {
		return 1
	}
	if t.complete {
		return t.known()
	}
	chi2 := distuv.ChiSquared{K: 4}
	lo, hi := t.lambdas()
	step, p := .05, 1.
	for range 20 {
		g := newGrid(lo, hi, step)
		if g.n < 5 {
			step = (hi + 1 - lo) / 5
			g = newGrid(lo, hi, step)
		}
		best, at := t.highest(g)
		p = fisher(best)
		if p > alpha || t.modulus(step) <= math.Abs(chi2.Quantile(1-p)-chi2.Quantile(1-alpha)) {
			return p
		}
		lo, hi = g.at(at)-2*step, g.at(at)+2*step
		step /= 10
	}
	return p
}

// known is the p-value once the polling stratum has been counted in full: the comparison stratum must not be wrong by its margin and the counted one together.
func (t *strata) known() float64 {
	lead := t.d1 + t.nw - t.nl
	if lead <= 0 {
		return 1
	}
	return math.Exp(t.lnP1(lead / t.v))
}

// grid is the points that numpy.arange(lo, hi + step, step) gives, rounded as it rounds: in a stratum of which all but a ballot has been seen the sixteenth digit
// of λ decides whether a margin is possible.
type grid struct {
	from, by float64
	n        int
}

func newGrid(lo, hi, step float64) grid {
	return grid{lo, lo + step - lo, max(0, int(math.Ceil((hi+step-lo)/step)))}
}

func (g grid) at(i int) float64 { return g.from + float64(i)*g.by }

// highest is the largest ln p₁ + ln p₂ on a grid of λ, and where. Both are concave in λ where they are finite (logarithms of linear functions, one of them
// maximized over a second variable of which they are jointly concave), so it is found by halving. Past the point where the comparison stratum cannot hold
// the error p₁ is 1; those λ are looked at one by one.
func (t *strata) highest(g grid) (best float64, at int) {
	best = math.Inf(-1)
	look := func(i int) float64 { return t.lnP1(g.at(i)) + t.lnP2(g.at(i)) }
	keep := func(i int) {
		if x := look(i); x > best {
			best, at = x, i
		}
	}
	end := g.n // first point at which the comparison stratum is too small
	for end > 0 && t.draws1 > 0 && g.at(end-1)*t.v >= 2*gammaFloat*t.n1 {
		end--
		keep(end)
	}
	from, to := t.possible(g, end)
	for to-from > 2 {
		mid := from + (to-from)/2
		if look(mid) < look(mid+1) {
			from = mid + 1
		} else {
			to = mid
		}
	}
	for i := from; i <= to; i++ {
		keep(i)
	}
	return best, at
}

// possible are the first and the last point below end at which the polling stratum's margin can be what λ says, given what was found in it. The margin rises
// with λ: it must be large enough for the votes found for the winner, and small enough for those found for the loser.
func (t *strata) possible(g grid, end int) (from, to int) {
	if t.nw+t.nl+t.nu == 0 || t.out2 {
		return 0, end - 1
	}
	top := func(i int) (hi, c float64) {
		c = t.nullMargin(g.at(i))
		return (t.n2 - t.nu + c) / 2, c
	}
	from = sort.Search(end, func(i int) bool { hi, _ := top(i); return hi >= t.nw })
	to = sort.Search(end, func(i int) bool { hi, c := top(i); return hi-c < t.nl }) - 1
	return from, to
}

// fisher combines two p-values, given the sum of their logarithms: 1 − F(χ²₄ ≤ −2 sum), which is (1 − sum) e^sum.
func fisher(lnSum float64) float64 {
	if math.IsInf(lnSum, -1) {
		return 0
	}
	return math.Min(1, (1-lnSum)*math.Exp(lnSum))
}

// modulus bounds how much the statistic can change within a step.
func (t *strata) modulus(step float64) float64 {
	vh := t.v * step
	m := 2*(t.nw+t.nl)*math.Log1p(vh) + 2*t.nu*math.Log1p(2*vh)
	if t.n1 > 0 {
		m += 2 * t.draws1 * math.Log1p(vh/(2*t.n1*gammaFloat))
	}
	return m
}

// Risk returns what both samples have shown: the largest combined p-value of a pair. Errors: [ErrNoLosers], [ErrInput].
func (s SUITE) Risk() (Risk, error) {
	if err := s.check(); err != nil {
		return Risk{}, err
	}
	found, out := sum(s.Polling.Found), Risk{}
	for _, p := range s.Contest.pairs() {
		t, err := s.pairOf(p, s.Comparison.Drawn, s.Comparison.Errors[PairID{p.w.ID, p.l.ID}], s.Polling.Drawn, found)
		if err != nil {
			return Risk{}, err
		}
		v := t.value(s.Limit.Alpha())
		out.Pairs = append(out.Pairs, PairRisk{p.w.ID, p.l.ID, v})
		out.P = max(out.P, v)
	}
	out.Met = out.P <= s.Limit.Alpha()
	return out, nil
}

// leastDrawn is the smallest sample considered.
const leastDrawn = 5

// Size returns how many ballots must have been drawn from each stratum in all, split as the strata are large, if samples go on as they began; before the first
// round errors are not expected. Errors: [ErrStratumRecount] if one stratum would be drawn in full, [ErrNoLosers], [ErrInput].
func (s SUITE) Size() (comparison, polling int, err error) {
	if err := s.check(); err != nil {
		return 0, 0, err
	}
	if s.Comparison.Ballots+s.Polling.Ballots == 0 {
		return 0, 0, fmt.Errorf("%w: both strata are empty", ErrInput)
	}
	pairs := s.Contest.pairs()
	if s.Comparison.Drawn == 0 && s.Polling.Drawn == 0 {
		pairs = []pair{s.tightest(pairs)}
	}
	for _, p := range pairs {
		c, q, err := s.sizeOf(p)
		if err != nil {
			return 0, 0, err
		}
		if c+q > comparison+polling {
			comparison, polling = c, q
		}
	}
	if comparison == s.Comparison.Ballots || polling == s.Polling.Ballots {
		return 0, 0, ErrStratumRecount
	}
	return comparison, polling, nil
}

// tightest is the pair of the winner with the fewest votes and the loser with the most, first listed among equals.
func (s SUITE) tightest(pairs []pair) pair {
	best := pairs[0]
	for _, p := range pairs {
		if p.w.Votes < best.w.Votes || p.w.Votes == best.w.Votes && p.l.Votes > best.l.Votes {
			best = p
		}
	}
	return best
}

// split shares a sample out over the strata.
func (s SUITE) split(n int) (comparison, polling int) {
	all := s.Comparison.Ballots + s.Polling.Ballots
	comparison = ceilQuo(n, s.Comparison.Ballots, all)
	return comparison, n - comparison
}

// sizeOf grows a sample until it would end the audit, then halves back.
func (s SUITE) sizeOf(p pair) (comparison, polling int, err error) {
	alpha := s.Limit.Alpha()
	n, grow := max(leastDrawn, s.Comparison.Drawn+s.Polling.Drawn), 1.1
	if s.Comparison.Drawn == 0 && s.Polling.Drawn == 0 {
		grow = 2
	}
	for v := 1.; v > alpha; {
		if n = max(n+1, int(grow*float64(n))); n > s.Contest.Ballots {
			comparison, polling = s.split(s.Contest.Ballots)
			return comparison, polling, nil
		}
		if v, err = s.expected(p, n); err != nil {
			return 0, 0, err
		}
	}
	lo, hi := float64(n)/grow, float64(n)
	for v := 1.; v > alpha || v < .8*alpha; {
		mid := math.Floor((lo + hi) / 2)
		if mid == lo || mid == hi {
			break
		}
		if v, err = s.expected(p, int(mid)); err != nil {
			return 0, 0, err
		}
		if v <= alpha {
			hi = mid
		} else {
			lo = mid
		}
	}
	comparison, polling = s.split(int(hi))
	return comparison, polling, nil
}

// expected is the p-value that a sample of n in all would give if it went on as it began.
func (s SUITE) expected(p pair, n int) (float64, error) {
	c, q := s.split(n)
	if c < s.Comparison.Drawn || q < s.Polling.Drawn {
		return 1, nil
	}
	errors := s.Comparison.Errors[PairID{p.w.ID, p.l.ID}]
	if d := s.Comparison.Drawn; d > 0 {
		more := float64(n - d)
		errors.One += int(math.Ceil(float64(errors.One) / float64(d) * more))
		errors.Two += int(math.Ceil(float64(errors.Two) / float64(d) * more))
	}
	q = min(q, s.Polling.Ballots)
	found := s.foreseen(p, q)
	t, err := s.pairOf(p, c, errors, q, found)
	if err != nil {
		return 0, err
	}
	t.complete = false // what is foreseen has not been counted
	return t.value(s.Limit.Alpha()), nil
}

// foreseen is what a polling sample of a size would hold: the reported shares, or those found so far.
func (s SUITE) foreseen(p pair, size int) Tally {
	w, l := p.w.ID, p.l.ID
	votes, of, more := s.Polling.Votes, s.Polling.Ballots, size
	found := sum(s.Polling.Found)
	if s.Polling.Drawn > 0 {
		votes, of, more = found, s.Polling.Drawn, size-s.Polling.Drawn
	}
	if of == 0 {
		return Tally{}
	}
	x := float64(more)
	fw := min(int(x*(float64(votes[w])/float64(of))), s.Polling.Votes[w])
	fl := min(int(math.Ceil(x*(float64(votes[l])/float64(of)))), s.Polling.Votes[l])
	if s.Polling.Drawn == 0 {
		found = Tally{}
	}
	return Tally{w: found[w] + fw, l: min(found[l]+fl, size-found[w]-fw)}
}
