package audit

import (
	"fmt"
	"math"
	"math/big"
)

// SuperSimple is ballot comparison by the test of Kaplan and Markov.
//
// P. B. Stark, Super-Simple Simultaneous Single-Ballot Risk-Limiting Audits, EVT/WOTE 2010, with γ = 1.03905. With μ the smallest margin of a pair over
// the ballots and e the largest error of a ballot relative to the margin of its pair: P = Π (1 − μ/2γ)/(1 − e·V/2γ) over the draws, V the smallest margin.
// The limit is met if 0 < P < α. Ballots are drawn with replacement; only when every ballot has been seen has the contest been counted in full, and then
// what was seen decides. The order of the sample does not matter.
type SuperSimple struct {
	Contest Contest
	Limit   Limit
}

// gamma is the γ of Stark's tools, of Colorado and of Arlo: 1.03905.
var gamma = big.NewRat(103905, 100000)

// Mark is what a ballot says of one contest, by a cast vote record or by the people who looked at it.
type Mark struct {
	Votes   Tally // 1 for each candidate voted for
	Absent  bool  // the contest is not on the ballot
	Missing bool  // there is no record, or the ballot was not found
	Over    bool  // the record says only that there are too many votes (ES&S)
	Under   bool  // the record says only that there are too few
}

// BallotSample is a ballot drawn.
type BallotSample struct {
	Times             int // how often it was drawn
	Reported, Audited Mark
}

// Discrepancy is a ballot on which record and paper differ.
type Discrepancy struct {
	Index   int // into the sample
	Counted int // votes by which its worst pair is overstated: from −2, an understatement, to 2
}

// Risk returns what the sample has shown, and where record and paper differ. Errors: [ErrNoLosers], [ErrInput].
func (s SuperSimple) Risk(sample []BallotSample) (Risk, []Discrepancy, error) {
	if err := s.Contest.begin(s.Limit); err != nil {
		return Risk{}, nil, err
	}
	pairs := s.Contest.pairs()
	worst := make([]*big.Rat, 0, 4) // the errors found, relative to the margin of their pair
	times := map[string]int{}
	var found []Discrepancy
	draws := 0
	for i, b := range sample {
		if err := s.check(b); err != nil {
			return Risk{}, nil, fmt.Errorf("ballot %d of the sample: %w", i+1, err)
		}
		draws += b.Times
		e, counted, differs := s.compare(b, pairs)
		if differs {
			found = append(found, Discrepancy{i, counted})
		}
		if e.Sign() > 0 {
			if times[e.RatString()] == 0 {
				worst = append(worst, e)
			}
			times[e.RatString()] += b.Times
		}
	}
	if len(sample) >= s.Contest.Ballots && s.Contest.Ballots > 0 {
		return s.counted(sample, pairs), found, nil
	}
	r, err := s.value(worst, times, draws)
	return r, found, err
}

func (s SuperSimple) check(b BallotSample) error {
	if b.Times < 1 || b.Times > maxCount {
		return fmt.Errorf("%w: a ballot cannot be drawn %d times", ErrInput, b.Times)
	}
	for _, m := range []Mark{b.Reported, b.Audited} {
		if err := s.Contest.known(m.Votes); err != nil {
			return err
		}
		for id, n := range m.Votes {
			if n > 1 {
				return fmt.Errorf("%w: one ballot with %d votes for %q", ErrInput, n, id)
			}
		}
	}
	return nil
}

// compare returns the error of a ballot relative to the margin of its pair, the largest over the pairs and at least 0; the votes by which the worst pair is
// overstated; and whether record and paper differ for any pair. Missing ballots and records count as two votes for every pair.
func (s SuperSimple) compare(b BallotSample, pairs []pair) (e *big.Rat, counted int, differs bool) {
	e = new(big.Rat)
	counted = -3
	for _, p := range pairs {
		v := s.overstatement(b, p)
		if v == 0 {
			continue
		}
		differs = true
		counted = max(counted, v)
		if r := rat(v, max(1, p.margin())); v > 0 && r.Cmp(e) > 0 {
			e = r
		}
	}
	return e, counted, differs
}

// overstatement is by how many votes the record shows a pair further apart than the paper.
func (s SuperSimple) overstatement(b BallotSample, p pair) int {
	if b.Reported.Missing || b.Audited.Missing {
		return 2
	}
	if b.Reported.Over && s.total(b.Audited) > s.Contest.VotesAllowed || b.Reported.Under && s.total(b.Audited) < s.Contest.VotesAllowed {
		return 0
	}
	return b.Reported.lead(p) - b.Audited.lead(p)
}

func (s SuperSimple) total(m Mark) int {
	n := 0
	if !m.Absent {
		for _, v := range m.Votes {
			n += v
		}
	}
	return n
}

// lead is the votes for the winner less those for the loser. A record of too many votes has one for everybody, one of too few has none.
func (m Mark) lead(p pair) int {
	if m.Absent || m.Over || m.Under {
		return 0
	}
	return m.Votes[p.w.ID] - m.Votes[p.l.ID]
}

// value is P for the errors found and so many draws.
func (s SuperSimple) value(errors []*big.Rat, times map[string]int, draws int) (Risk, error) {
	v := s.Contest.closest()
	if v == 0 || draws == 0 {
		return Risk{P: 1}, nil
	}
	twoGamma := new(big.Rat).Add(gamma, gamma)
	keep := new(big.Rat).Sub(one, new(big.Rat).Quo(rat(v, s.Contest.Ballots), twoGamma))
	factors := []factor{{keep, draws}}
	for _, e := range errors {
		lost := new(big.Rat).Quo(new(big.Rat).Mul(e, whole(v)), twoGamma)
		factors = append(factors, factor{lost.Sub(one, lost), -times[e.RatString()]})
	}
	lnP := lnProduct(factors)
	above := func(g *logs) { // met needs less than the limit, so it is asked whether 1/P is at most 1/α
		for _, f := range factors {
			g.add(whole(f.times), f.value)
		}
	}
	met, err := s.Limit.less(lnP, above)
	return Risk{P: math.Min(1, math.Exp(lnP)), Met: met && lnP < 0}, err
}

// less says whether a p-value is less than the limit, as atMost.
func (l Limit) less(lnP float64, exactly func(*logs)) (bool, error) {
	diff := lnP - math.Log(l.Alpha())
	if math.Abs(diff) > doubt*math.Max(1, math.Abs(lnP)) {
		return diff < 0, nil
	}
	g := newLogs()
	exactly(g)
	g.add(big.NewRat(-1, 1), l.alpha())
	sign, err := g.sign()
	return sign < 0, err
}

// counted is the answer when every ballot has been seen. A ballot that could not be found counts for every loser.
func (s SuperSimple) counted(sample []BallotSample, pairs []pair) Risk {
	for _, p := range pairs {
		lead := 0
		for _, b := range sample {
			if b.Audited.Missing {
				lead--
			} else {
				lead += b.Audited.lead(p)
			}
		}
		if lead <= 0 {
			return Risk{P: 1}
		}
	}
	return Risk{P: 0, Met: true}
}

// Observed is what earlier draws found: draws, and over- and understatements by one and by two votes.
type Observed struct{ Draws, O1, O2, U1, U2 int }

// Size returns how many ballots more to draw, if errors go on as observed; before the first round one ballot in a thousand with an error of one vote each way
// and one in ten thousand with two are expected. It is all ballots where errors as frequent would never let the audit end. Errors: [ErrNoLosers], [ErrInput].
func (s SuperSimple) Size(o Observed) (int, error) {
	if err := s.Contest.begin(s.Limit); err != nil {
		return 0, err
	}
	for _, n := range []int{o.Draws, o.O1, o.O2, o.U1, o.U2} {
		if n < 0 || n > maxCount {
			return 0, fmt.Errorf("%w: %+v was not observed", ErrInput, o)
		}
	}
	v, n := s.Contest.closest(), s.Contest.Ballots
	if v == 0 {
		return n, nil
	}
	r1, r2, s1, s2 := rat(1, 1000), rat(1, 10_000), rat(1, 1000), rat(1, 10_000)
	if o.Draws > 0 {
		r1, r2, s1, s2 = rat(o.O1, o.Draws), rat(o.O2, o.Draws), new(big.Rat), new(big.Rat)
	}
	per, limit := newLogs(), newLogs()
	mu := rat(v, n)
	per.add(one, new(big.Rat).Sub(one, new(big.Rat).Quo(mu, new(big.Rat).Add(gamma, gamma))))
	addErrors(per, -1, r1, r2, s1, s2)
	if sign, err := per.sign(); err != nil || sign >= 0 {
		return n, err
	}
	limit.add(one, s.Limit.alpha())
	n0, err := limit.ceilOver(per)
	if err != nil {
		return 0, err
	}
	o1, o2, u1, u2 := ceilRat(r1, n0), roundRat(r2, n0), ceilRat(s1, n0), roundRat(s2, n0)
	over, under := newLogs(), &logs{ed: per.ed}
	minus := new(big.Rat).Mul(gamma, big.NewRat(-2, 1))
	over.add(minus, s.Limit.alpha())
	addErrors(over, 1, new(big.Rat).Mul(minus, whole(o1)), new(big.Rat).Mul(minus, whole(o2)), new(big.Rat).Mul(minus, whole(u1)), new(big.Rat).Mul(minus, whole(u2)))
	under.sum.Set(under.value(mu))
	size, err := over.ceilOver(under)
	return max(0, min(n, max(o1+o2+u1+u2, size))-o.Draws), err
}

// addErrors adds ±(o1 ln(1−1/2γ) + o2 ln(1−1/γ) + u1 ln(1+1/2γ) + u2 ln(1+1/γ)).
func addErrors(g *logs, sign int, o1, o2, u1, u2 *big.Rat) {
	inv := new(big.Rat).Inv(gamma)
	halfInv := new(big.Rat).Mul(inv, half)
	for _, x := range []struct{ times, of *big.Rat }{
		{o1, new(big.Rat).Sub(one, halfInv)}, {o2, new(big.Rat).Sub(one, inv)}, {u1, new(big.Rat).Add(one, halfInv)}, {u2, new(big.Rat).Add(one, inv)},
	} {
		g.add(new(big.Rat).Mul(whole(sign), x.times), x.of)
	}
}

// ceilRat is ceil(r n).
func ceilRat(r *big.Rat, n int) int {
	x := new(big.Rat).Mul(r, whole(n))
	q, m := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if m.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return int(q.Int64())
}

// roundRat is r n rounded, halves up.
func roundRat(r *big.Rat, n int) int {
	x := new(big.Rat).Add(new(big.Rat).Mul(r, whole(n)), half)
	return int(new(big.Int).Quo(x.Num(), x.Denom()).Int64())
}
