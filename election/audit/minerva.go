package audit

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Minerva is ballot polling that looks at a round as a whole.
//
// F. Zagórski, G. McClearn, S. Morin, N. McBurnett, P. L. Vora, Minerva — An Efficient Risk-Limiting Ballot Polling Audit, 2021 (arXiv:2008.02315).
// Per pair, with n the votes for either: the ratio of the chances of at least as many votes for the winner under a tie and under the report, over all
// samples that did not end the audit in an earlier round. The sizes of the rounds must not depend on what was found: that is what [Minerva.Schedule]
// is for. The order of the sample within a round does not matter.
type Minerva struct {
	Contest Contest
	Limit   Limit
}

// Risk returns what the last round has shown: the largest value over the pairs that no earlier round has settled. A vote for a candidate who is reported
// to have none makes it 1. Errors: [ErrNoLosers], [ErrInput].
func (m Minerva) Risk(rounds []Round) (Risk, error) {
	tests, err := m.tests(rounds, false)
	if err != nil {
		return Risk{}, err
	}
	out := Risk{}
	for _, t := range tests {
		if t.settled {
			continue
		}
		out.P = max(out.P, t.p)
	}
	if len(tests) > 0 && out.P == 0 { // all were settled before, or the values are too small for a number
		for _, t := range tests {
			out.P = max(out.P, t.p)
		}
	}
	out.Met = out.P <= m.Limit.Alpha()
	return out, nil
}

// tests are the tests of all pairs after some rounds; more says that another will follow.
func (m Minerva) tests(rounds []Round, more bool) ([]minervaTest, error) {
	if err := m.Contest.begin(m.Limit); err != nil {
		return nil, err
	}
	tallies, err := m.Contest.polled(rounds)
	if err != nil {
		return nil, err
	}
	var all []minervaTest
	for _, p := range m.Contest.pairs() {
		t := newMinervaTest(p, m.Limit.Alpha())
		for i, found := range tallies {
			t.round(found[p.w.ID], found[p.l.ID], more || i+1 < len(tallies))
		}
		all = append(all, t)
	}
	return all, nil
}

// minervaTest is the test of one pair, round after round.
type minervaTest struct {
	alpha           float64
	p1              float64 // share of the winner as reported
	k, n            int     // votes for the winner and for both, all rounds
	report, tie     walks   // of samples still going on
	p               float64 // value of the last round
	passed, settled bool    // the last round ended it, an earlier one did
	contradicted    bool    // a loser without votes has one
}

func newMinervaTest(p pair, alpha float64) minervaTest {
	t := minervaTest{alpha: alpha, p: 1, report: walks{at: []float64{1}}, tie: walks{at: []float64{1}}}
	if p.w.Votes > 0 {
		t.p1 = float64(p.w.Votes) / float64(p.w.Votes+p.l.Votes)
	}
	t.contradicted = p.margin() == 0
	return t
}

// round takes in what a round found; more says that another will follow.
func (t *minervaTest) round(w, l int, more bool) {
	t.settled = t.settled || t.passed
	if t.settled {
		return
	}
	t.k, t.n = t.k+w, t.n+w+l
	t.contradicted = t.contradicted || t.p1 == 1 && l > 0
	if t.contradicted {
		t.p = 1
		return
	}
	report, tie := t.report.then(w+l, t.p1), t.tie.then(w+l, .5)
	t.p = math.Min(1, quotient(tie.atLeast(t.k), report.atLeast(t.k), t.k, float64(t.n)*t.p1))
	kmin, ok := t.least(t.n, report, tie)
	t.passed = ok && t.k >= kmin
	if !more || t.passed {
		return
	}
	if !ok {
		kmin = t.n + 1
	}
	t.report, t.tie = report.until(kmin), tie.until(kmin)
}

// quotient is a/b; where both are too small for a number it is 0 if more was found than the report promises and 1 if less.
func quotient(a, b float64, k int, promised float64) float64 {
	if b > 0 {
		return a / b
	}
	if float64(k) > promised {
		return 0
	}
	return 1
}

// least is kmin: the fewest votes for the winner of n in all, at least half of them, that would end the audit.
func (t *minervaTest) least(n int, report, tie stride) (int, bool) {
	return leastOf(n/2, min(n, wald(n, t.p1, t.alpha)), func(k int) bool {
		s1 := report.atLeast(k)
		return s1 > 0 && t.alpha*s1 >= tie.atLeast(k)
	})
}

// wald is the kmin of BRAVO, which is never smaller than Minerva's.
func wald(n int, p, alpha float64) int {
	if p == 1 {
		return n
	}
	m := 2*p - 1
	x := math.Ceil((float64(n)*math.Log1p(-m) + math.Log(alpha)) / (math.Log1p(-m) - math.Log1p(m)))
	if x > float64(n) {
		return n
	}
	return int(x)
}

// walks are the chances of each number of votes for the winner, from an offset on.
type walks struct {
	from int
	at   []float64
}

// stride is walks that go on for a round, not yet walked: most questions are about one number of votes and do not need the rest.
type stride struct {
	walks
	lo         int       // offset of the round's own numbers
	step, tail []float64 // their chances, and the chances of each or more
}

// spread is how many standard deviations of a round are looked at on either side; what lies beyond has a chance below 10^-18.
const spread = 9

// then lets the walks go on for n votes, each for the winner with chance p.
func (w walks) then(n int, p float64) stride {
	b := binomial{n, p}
	mid, reach := float64(n)*p, spread*math.Sqrt(float64(n)*p*(1-p))+30
	lo, hi := max(0, int(mid-reach)), min(n, int(mid+reach)+1)
	s := stride{w, lo, make([]float64, hi-lo+1), make([]float64, hi-lo+2)}
	for i := hi - lo; i >= 0; i-- {
		s.step[i] = math.Exp(b.lnPmf(lo + i))
		s.tail[i] = s.tail[i+1] + s.step[i]
	}
	return s
}

// atLeast is the chance of k or more.
func (s stride) atLeast(k int) float64 {
	total := 0.
	for i, a := range s.at {
		total += a * s.tail[min(max(0, k-s.from-i-s.lo), len(s.step))]
	}
	return total
}

// until walks, and ends the walks that reach k.
func (s stride) until(k int) walks {
	out := walks{s.from + s.lo, make([]float64, max(1, min(len(s.at)+len(s.step)-1, k-s.from-s.lo)))}
	for i, a := range s.at {
		if i >= len(out.at) || a == 0 {
			continue
		}
		for j, x := range s.step[:min(len(s.step), len(out.at)-i)] {
			out.at[i+j] += a * x
		}
	}
	if k <= out.from {
		out.at[0] = 0
	}
	return out
}

// quantiles are the chances to finish that sizes are offered for.
var quantiles = []Option{{"0.7", 0, .7}, {"0.8", 0, .8}, {"0.9", 0, .9}}

// Sizes returns how many ballots to draw in the first round, to finish with a chance of 70, 80 and 90 % if the report is right. A tie needs a full count.
// Candidates without a vote are tested too; in Arlo one of them makes every size 4. Errors: [ErrNoLosers], [ErrInput].
func (m Minerva) Sizes() (Sizes, error) {
	if err := m.Contest.begin(m.Limit); err != nil {
		return Sizes{}, err
	}
	return m.Contest.largest(func(p pair, q float64) int { return firstRound(p, m.Limit.Alpha(), q) }), nil
}

// largest scales the size that each pair needs to the whole contest, and takes the largest. Ties need a full count.
func (c Contest) largest(need func(p pair, q float64) int) Sizes {
	if c.closest() == 0 {
		out := Sizes{FullCount: true, Size: c.Ballots}
		for _, o := range quantiles {
			o.Size = c.Ballots
			out.Options = append(out.Options, o)
		}
		return out
	}
	var out Sizes
	for _, o := range quantiles {
		for _, p := range c.pairs() {
			o.Size = max(o.Size, ceilQuo(need(p, o.Prob), c.Ballots, p.w.Votes+p.l.Votes))
		}
		out.Options = append(out.Options, o)
	}
	return out
}

// ceilQuo is ceil(n a / b) of counts.
func ceilQuo(n, a, b int) int {
	if n > maxCount {
		n = maxCount
	}
	return (n*a + b - 1) / b
}

// approximated is the margin of a pair below which the first round is computed by the normal approximation, as the Athena library does.
const approximated = .015

// firstRound is how many votes for either a pair needs.
func firstRound(p pair, alpha, q float64) int {
	share := float64(p.w.Votes) / float64(p.w.Votes+p.l.Votes)
	if m := 2*share - 1; m < approximated {
		za, zb := -distuv.UnitNormal.Quantile(q), -distuv.UnitNormal.Quantile(alpha*q)
		x := (za*math.Sqrt(share*(1-share)) - .5*zb) / (share - .5)
		return int(math.Min(maxCount, math.Ceil(x*x)))
	}
	stop := func(n int) float64 { return firstStop(n, share, alpha) }
	hi := 10_000
	for stop(hi) < q {
		hi *= 2
	}
	lo := 1
	for hi-lo > 1 {
		if mid := (hi + lo) / 2; stop(mid) <= q {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// firstStop is the chance that a first round of n votes for a pair ends its test.
func firstStop(n int, share, alpha float64) float64 {
	kmin, ok := leastOf(n/2, min(n, wald(n, share, alpha)), func(k int) bool {
		return math.Log(alpha)+binomial{n, share}.lnAtLeast(k) >= binomial{n, .5}.lnAtLeast(k)
	})
	if !ok {
		return 0
	}
	return math.Exp(binomial{n, share}.lnAtLeast(kmin))
}

// leastOf is the least k from lo to hi that is enough; more is enough too.
func leastOf(lo, hi int, enough func(int) bool) (int, bool) {
	if hi < lo || !enough(hi) {
		return 0, false
	}
	for lo < hi {
		if mid := lo + (hi-lo)/2; enough(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo, true
}

// Schedule is the size of the round after some rounds, as Arlo fixes it when the audit begins: floor(n · 1.5^(k+1)), n the size of the first round and k
// how many rounds are done. It does not depend on what was found, which is what the proof of Minerva asks for; its chance to finish is what [Minerva.Chance]
// says, not the 90 % that Arlo prints beside it.
func (m Minerva) Schedule(first, done int) int {
	return int(math.Min(maxCount, math.Floor(float64(first)*math.Pow(1.5, float64(done+1)))))
}

// Chance is how likely another round of a size ends the audit if the report is right, after the rounds so far: for the pair for which it is least likely.
// Of a round, each pair gets the votes that its share of the ballots promises, rounded down. Errors as of [Minerva.Risk].
func (m Minerva) Chance(rounds []Round, size int) (float64, error) {
	tests, err := m.tests(rounds, true)
	if err != nil {
		return 0, err
	}
	return m.chance(tests, size, 0), nil
}

// chance is the least chance over the pairs, or any chance below some.
func (m Minerva) chance(tests []minervaTest, size int, below float64) float64 {
	least := 1.
	for i, p := range m.Contest.pairs() {
		if t := tests[i]; !t.passed && !t.settled {
			least = min(least, t.chance(share(size, p, m.Contest.Ballots)))
		}
		if least < below {
			break
		}
	}
	return least
}

// share is how many votes for a pair a round of a size promises.
func share(size int, p pair, ballots int) int {
	return int(float64(size) * float64(p.w.Votes+p.l.Votes) / float64(max(1, ballots)))
}

// chance is how likely n more votes end the test.
func (t *minervaTest) chance(n int) float64 {
	if t.contradicted {
		return 0
	}
	kmin, ok := t.least(t.n+n, t.report.then(n, t.p1), t.tie.then(n, .5))
	if !ok {
		return 0
	}
	return math.Exp(binomial{n, t.p1}.lnAtLeast(kmin - t.k))
}

// Next returns sizes of the next round that really have a chance of 70, 80 and 90 % to end the audit, which Arlo does not offer. An audit that uses them lets
// its rounds depend on what it found, beyond what the proof of Minerva covers; [Providence] is made for that. A size is 0 where no round of
// the contest's size would do. Errors as of [Minerva.Risk].
func (m Minerva) Next(rounds []Round) ([]Option, error) {
	tests, err := m.tests(rounds, true)
	if err != nil {
		return nil, err
	}
	out := append([]Option(nil), quantiles...)
	lo := 0 // is not enough, for any that follow
	for i := range out {
		o := &out[i]
		hi := max(1, lo)
		for ; hi <= m.Contest.Ballots && m.chance(tests, hi, o.Prob) < o.Prob; hi *= 2 {
			lo = hi
		}
		if hi > m.Contest.Ballots {
			break
		}
		for hi-lo > max(1, lo/200) { // the chance is a saw: half a percent is as near as it is smooth
			if mid := lo + (hi-lo)/2; m.chance(tests, mid, o.Prob) < o.Prob {
				lo = mid
			} else {
				hi = mid
			}
		}
		o.Size = hi
	}
	return out, nil
}
