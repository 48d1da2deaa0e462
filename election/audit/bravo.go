package audit

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"
)

// BRAVO is ballot polling by the likelihood ratio of Wald's sequential test.
//
// M. Lindeman, P. B. Stark, V. Yates, BRAVO: Ballot-polling Risk-limiting Audits to Verify Outcomes, EVT/WOTE 2012. Per pair, with s = v_w/(v_w + v_l),
// T = (2s)^n_w · (2(1−s))^n_l over all rounds together; p = min(1, 1/T). Sizes after Lindeman's analysis. Ballots are drawn with replacement, so
// drawing as many times as there are ballots is no full count, and is not treated as one. The order of the sample does not matter.
type BRAVO struct {
	Contest Contest
	Limit   Limit
}

// Risk returns what the rounds have shown, with every pair. Errors: [ErrNoLosers], [ErrInput].
func (b BRAVO) Risk(rounds []Round) (Risk, error) {
	if err := b.Contest.begin(b.Limit); err != nil {
		return Risk{}, err
	}
	tallies, err := b.Contest.polled(rounds)
	if err != nil {
		return Risk{}, err
	}
	found := sum(tallies)
	out := Risk{Met: true}
	for _, p := range b.Contest.pairs() {
		n := ratio{p, found[p.w.ID], found[p.l.ID]}
		met, err := b.Limit.atMost(n.lnP(), n.addLnP)
		if err != nil {
			return Risk{}, err
		}
		out.Met = out.Met && met
		v := math.Exp(n.lnP())
		out.Pairs = append(out.Pairs, PairRisk{p.w.ID, p.l.ID, v})
		out.P = max(out.P, v)
	}
	return out, nil
}

// ratio is BRAVO's test of one pair.
type ratio struct {
	pair
	nw, nl int
}

// impossible says that the sample cannot be: it has a vote of a loser who is reported to have none. Neither can a pair without votes be told apart.
func (r ratio) impossible() bool { return r.l.Votes == 0 && r.nl > 0 || r.w.Votes == 0 }

// lnP is ln min(1, 1/T).
func (r ratio) lnP() float64 {
	if r.impossible() {
		return 0
	}
	lead := float64(r.margin()) / float64(r.w.Votes+r.l.Votes) // 2s − 1
	t := float64(r.nw) * math.Log1p(lead)
	if r.nl > 0 {
		t += float64(r.nl) * math.Log1p(-lead)
	}
	return math.Min(0, -t)
}

// addLnP adds ln 1/T.
func (r ratio) addLnP(g *logs) {
	if r.impossible() {
		return
	}
	all := r.w.Votes + r.l.Votes
	g.add(whole(-r.nw), rat(2*r.w.Votes, all))
	if r.nl > 0 {
		g.add(whole(-r.nl), rat(2*r.l.Votes, all))
	}
}

// Sizes returns how many ballots more to draw: the expected number, and in contests with one winner those that finish with a chance of 70, 80 and 90 % if the
// report is right. A tie needs a full count, and so does a large contest (over 100,000 ballots) that would draw a quarter of itself. If no loser has a
// vote, one ballot is expected.
// Errors: [ErrNoLosers], [ErrAllAudited] if as many were drawn as there are, [ErrAuditOver], [ErrInput].
func (b BRAVO) Sizes(rounds []Round) (Sizes, error) {
	c := b.Contest
	if b.Limit == 0 {
		return Sizes{FullCount: true, Size: c.Ballots}, c.Check()
	}
	if err := c.begin(b.Limit); err != nil {
		return Sizes{}, err
	}
	tallies, err := c.polled(rounds)
	if err != nil {
		return Sizes{}, err
	}
	switch {
	case len(rounds) > 0 && drawnIn(rounds) >= c.Ballots:
		return Sizes{}, ErrAllAudited
	case c.closest() == 0:
		return Sizes{FullCount: true, Size: c.Ballots}, nil
	case c.Losers()[0].Votes == 0:
		return Sizes{Options: []Option{{"asn", 1, 1}}}, nil
	}
	found := sum(tallies)
	asn, err := b.expected(found)
	if err != nil || c.NumWinners != 1 {
		return Sizes{Options: []Option{asn}}, err
	}
	out := Sizes{Options: []Option{asn}}
	for _, o := range []Option{{"0.7", 0, .7}, {"0.8", 0, .8}, {"0.9", 0, .9}} {
		for _, p := range c.pairs() {
			if p.l.Votes > 0 {
				o.Size = max(o.Size, b.within(ratio{p, found[p.w.ID], found[p.l.ID]}, o.Prob))
			}
		}
		if o.Size > 0 {
			out.Options = append(out.Options, o)
		}
		if o.Key == "0.9" && c.Ballots > 100_000 && 4*o.Size >= c.Ballots {
			return Sizes{FullCount: true, Size: c.Ballots}, nil
		}
	}
	return out, nil
}

// expected is the average sample number (Lindeman, Stark, Yates 2012, section 5), from what has been found on.
func (b BRAVO) expected(found Tally) (Option, error) {
	asn := Option{"asn", 0, -1}
	var worst ratio
	for _, p := range b.Contest.pairs() {
		if p.l.Votes == 0 {
			continue
		}
		r := ratio{p, found[p.w.ID], found[p.l.ID]}
		n, err := b.average(r)
		if err != nil {
			return asn, err
		}
		if n > asn.Size {
			asn.Size, worst = n, r
		}
	}
	if asn.Size == 0 {
		return asn, ErrAuditOver
	}
	if b.Contest.NumWinners == 1 {
		asn.Prob = b.chance(worst, asn.Size)
	}
	return asn, nil
}

// average is ceil((ln(1/(α T)) + z_w/2)/(p_w z_w + p_l z_l)) with z_w = ln 2s, z_l = ln 2(1−s) and p = v/N.
func (b BRAVO) average(r ratio) (int, error) {
	all, n := r.w.Votes+r.l.Votes, b.Contest.Ballots
	s2, f2 := rat(2*r.w.Votes, all), rat(2*r.l.Votes, all)
	over, under := newLogs(), newLogs()
	over.add(big.NewRat(-1, 1), b.Limit.alpha())
	over.add(whole(-r.nw), s2)
	over.add(whole(-r.nl), f2)
	over.add(half, s2)
	under.add(rat(r.w.Votes, n), s2)
	under.add(rat(r.l.Votes, n), f2)
	size, err := over.ceilOver(under)
	if err != nil {
		return 0, fmt.Errorf("the expected size for %q and %q: %w", r.w.ID, r.l.ID, err)
	}
	return size, nil
}

// plan is what Lindeman's analysis of one round needs of a pair.
type plan struct {
	s    float64 // share of the winner in the pair
	a, b float64 // ln 2s, ln 2(1−s): what a vote for each adds
	thr  float64 // what is still missing
	of   float64 // share of ballots with a vote for one of the two
}

func (b BRAVO) plan(r ratio) plan {
	all := float64(r.w.Votes + r.l.Votes)
	lead := float64(r.margin()) / all
	p := plan{s: float64(r.w.Votes) / all, a: math.Log1p(lead), b: math.Log1p(-lead), of: all / float64(b.Contest.Ballots)}
	p.thr = -math.Log(b.Limit.Alpha()) - float64(r.nw)*p.a - float64(r.nl)*p.b
	return p
}

// chance is how likely a round of a size ends the audit, by the normal approximation, rounded to percents as Arlo does.
func (b BRAVO) chance(r ratio, size int) float64 {
	p := b.plan(r)
	if p.thr <= 0 {
		return 0
	}
	n := float64(size) * p.of
	need := (p.thr - p.b*n) / (p.a - p.b)
	z := (need - n*p.s) / math.Sqrt(n*p.s*(1-p.s))
	return math.RoundToEven(100*distuv.UnitNormal.CDF(-z)) / 100
}

// Chance is how likely another round of a size ends the audit if the report is right, after the rounds so far: exactly, for the pair for which it is least
// likely, each pair getting the votes that its share of the ballots promises, rounded down. Errors as of [BRAVO.Risk].
func (b BRAVO) Chance(rounds []Round, size int) (float64, error) {
	if err := b.Contest.begin(b.Limit); err != nil {
		return 0, err
	}
	tallies, err := b.Contest.polled(rounds)
	if err != nil {
		return 0, err
	}
	found, least := sum(tallies), 1.
	for _, p := range b.Contest.pairs() {
		r := ratio{p, found[p.w.ID], found[p.l.ID]}
		if r.impossible() || p.margin() == 0 {
			return 0, nil
		}
		x, n := b.plan(r), share(size, p, b.Contest.Ballots)
		need := max(0, x.thr) / x.a // where the loser has no votes, all drawn are the winner's
		if p.l.Votes > 0 {
			need = (x.thr - x.b*float64(n)) / (x.a - x.b)
		}
		least = min(least, math.Exp(binomial{n, x.s}.lnAtLeast(int(math.Ceil(math.Min(need, maxCount))))))
	}
	return least, nil
}

// within is the size that ends the audit with chance q. It begins at the root of g²n² − (z²d + 2fg)n + f² = 0, which is the normal approximation, and
// goes up until the binomial quantile reaches the threshold. Between two quantiles the test only falls, so it looks only where the quantile rises: no
// number of ballots and no margin make it slow.
func (b BRAVO) within(r ratio, q float64) int {
	p := b.plan(r)
	if p.thr <= 0 {
		return 0
	}
	z := -distuv.UnitNormal.Quantile(q)
	d, f, g := p.s*(1-p.s), p.thr/(p.a-p.b), p.b/(p.a-p.b)+p.s
	qb := z*z*d + 2*f*g
	radical := math.Sqrt(math.Max(0, qb*qb-4*g*g*f*f))
	if q <= .5 {
		radical = -radical
	}
	root := math.Floor((qb + radical) / (2 * g * g))
	limit := b.Contest.Ballots
	if !(root < float64(maxCount)) {
		root = maxCount
	}
	n := max(1, int(root))
	for x := quantile(1-q, n, p.s); n < limit; x++ {
		if float64(x)*p.a+float64(n-x)*p.b >= p.thr {
			break
		}
		n = min(limit, rises(1-q, n, p.s, x))
	}
	return int(math.Ceil(float64(n) / p.of))
}

// rises is the least size above n whose quantile is above x.
func rises(q float64, n int, p float64, x int) int {
	above := func(n int) bool { return binomial{n, p}.below(x) < q }
	step := 1
	for !above(n + step) {
		n += step
		step *= 2
	}
	lo, hi := n, n+step // not above lo, above hi
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; above(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
