package audit

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// MACRO is batch comparison of one contest, by the largest error that each batch holds relative to the margins.
//
// P. B. Stark, Efficient Post-Election Audits of Multiple Contests (2009, SSRN 1443314), of which this is the case of one contest; batches are drawn in
// proportion to their bounds (Aslam, Popa, Rivest 2008; package sampler). With V the margin of a pair less what is pending and what no batch accounts
// for: bound u_b = max((v_w − v_l + n_b)/V, 0) over pairs, U = Σ u_b, error e_b = max(((v_w − v_l) − (a_w − a_l))/V, 0), taint t = e_b/u_b, and
// P = Π (1 − 1/U)/(1 − t) over the draws. A taint above 1 is 1, and then P is 1 whatever else was drawn. The order of the sample does not matter.
//
// A contest with Runoff that nobody won with more than half is audited for its two first against all others, and for the first not having more than half; one
// that somebody did win, for that too.
type MACRO struct {
	Contest  Contest
	Limit    Limit
	Batches  []Batch
	Combined [][]int // batches whose ballots were mixed, as indices; each was counted as one
}

// Batch is a batch as reported.
type Batch struct {
	Ballots int
	Votes   Tally
	Lacks   bool // the contest is on none of its ballots; Votes are not looked at
}

// BatchSample is a batch drawn and counted by hand.
type BatchSample struct {
	Batch int // index into the batches
	Draws int // how often it was drawn; 0 for a batch counted for another reason, which does not count for the risk
	Votes Tally
	Lacks bool // no ballot with the contest was in it
}

// Bounds are the bounds on the errors of the batches.
type Bounds struct {
	Unaccounted int       // ballots whose votes are in the result and in no batch
	U           float64   // sum; +Inf where a margin is used up
	Each        []float64 // of each batch
	Weights     []float64 // Each/U as the nearest numbers of 64 bits, from which batches are drawn; nil if U is 0 or infinite
}

// assertion says that one sum of votes is larger than another. Plurality has one for each pair.
type assertion struct {
	w, l   []string
	margin int  // reported margin less what is pending and unaccounted for
	tie    bool // equal sums confirm it too
}

func (a assertion) lead(t Tally) int {
	n := 0
	for _, id := range a.w {
		n += t[id]
	}
	for _, id := range a.l {
		n -= t[id]
	}
	return n
}

// macro is an audit prepared: assertions, bounds and which combination a batch belongs to.
type macro struct {
	MACRO
	assertions []assertion
	missing    int
	bound      []*big.Rat // of each batch; nil everywhere if a margin is used up
	u          *big.Rat   // sum
	group      []int      // of each batch: index of its combination, or -1
}

// Bounds returns the bounds. Errors: [ErrNoLosers], [ErrInput].
func (m MACRO) Bounds() (Bounds, error) {
	if m.Limit == 0 {
		m.Limit = Percent(10) // bounds do not depend on it
	}
	a, err := m.prepare()
	if err != nil {
		return Bounds{}, err
	}
	out := Bounds{Unaccounted: a.missing, Each: make([]float64, len(m.Batches))}
	if a.u == nil {
		out.U = math.Inf(1)
		for i, b := range m.Batches {
			if !b.Lacks {
				out.Each[i] = math.Inf(1)
			}
		}
		return out, nil
	}
	out.U, _ = a.u.Float64()
	for i, u := range a.bound {
		out.Each[i], _ = u.Float64()
	}
	if a.u.Sign() > 0 {
		out.Weights = make([]float64, len(a.bound))
		for i, u := range a.bound {
			out.Weights[i], _ = new(big.Rat).Quo(u, a.u).Float64()
		}
	}
	return out, nil
}

func (m MACRO) prepare() (*macro, error) {
	if err := m.Contest.begin(m.Limit); err != nil {
		return nil, err
	}
	a := &macro{MACRO: m}
	if err := a.account(); err != nil {
		return nil, err
	}
	a.assertions = m.Contest.assertions(m.Contest.Pending + a.missing)
	if err := a.combine(); err != nil {
		return nil, err
	}
	for _, x := range a.assertions {
		if x.margin <= 0 {
			return a, nil
		}
	}
	a.bound = make([]*big.Rat, len(m.Batches))
	sums := make([]big.Int, len(a.assertions)) // of the numerators of the bounds, by assertion: adding fractions one by one is slow
	for i, b := range m.Batches {
		which, over := a.largest(b)
		a.bound[i] = new(big.Rat)
		if over > 0 {
			a.bound[i].SetFrac64(int64(over), int64(a.assertions[which].margin))
			sums[which].Add(&sums[which], big.NewInt(int64(over)))
		}
	}
	a.u = new(big.Rat)
	for k := range sums {
		a.u.Add(a.u, new(big.Rat).SetFrac(&sums[k], big.NewInt(int64(a.assertions[k].margin))))
	}
	return a, nil
}

// account checks the batches and counts the ballots that are in none of them.
func (a *macro) account() error {
	all, in := 0, 0
	for i, b := range a.Batches {
		if b.Ballots < 0 || b.Ballots > maxCount {
			return fmt.Errorf("%w: batch %d cannot have %d ballots", ErrInput, i+1, b.Ballots)
		}
		if b.Lacks {
			continue
		}
		if err := a.Contest.known(b.Votes); err != nil {
			return fmt.Errorf("batch %d: %w", i+1, err)
		}
		for _, n := range b.Votes {
			in += n
		}
	}
	for _, x := range a.Contest.Candidates {
		all += x.Votes
	}
	if all > in {
		a.missing = (all - in + a.Contest.VotesAllowed - 1) / a.Contest.VotesAllowed
	}
	return nil
}

// combine notes which batches were counted as one.
func (a *macro) combine() error {
	a.group = slices.Repeat([]int{-1}, len(a.Batches))
	for g, members := range a.Combined {
		for _, i := range members {
			if i < 0 || i >= len(a.Batches) || a.group[i] >= 0 {
				return fmt.Errorf("%w: a combination names a batch that is not there, or that is in another", ErrInput)
			}
			a.group[i] = g
		}
	}
	return nil
}

// assertions are what the reported outcome says, with margins less some votes.
func (c Contest) assertions(less int) []assertion {
	c, extra := c.runoff()
	var all []assertion
	for _, p := range c.pairs() {
		all = append(all, assertion{w: []string{p.w.ID}, l: []string{p.l.ID}, margin: p.margin() - less})
	}
	if extra != nil {
		extra.margin -= less
		all = append(all, *extra)
	}
	return all
}

// runoff is the contest with the winners that a rule of majority gives it, and what that rule asserts besides the pairs.
func (c Contest) runoff() (Contest, *assertion) {
	if !c.Runoff || len(c.Candidates) < 2 {
		return c, nil
	}
	order := c.ranked()
	first, others, votes := order[0], []string(nil), 0
	for _, x := range order[1:] {
		others = append(others, x.ID)
		votes += x.Votes
	}
	if first.Votes > votes {
		c.NumWinners = 1
		return c, &assertion{w: []string{first.ID}, l: others, margin: first.Votes - votes}
	}
	c.NumWinners = 2
	return c, &assertion{w: others, l: []string{first.ID}, margin: votes - first.Votes, tie: true}
}

// largest is the assertion of which a batch could hold the largest error, and that error.
func (a *macro) largest(b Batch) (which, over int) {
	if b.Lacks {
		return 0, 0
	}
	for k, x := range a.assertions {
		if n := x.lead(b.Votes) + b.Ballots; n > 0 && larger(n, x.margin, over, a.assertions[which].margin) {
			which, over = k, n
		}
	}
	return which, over
}

// larger says whether a/b > c/d, none negative.
func larger(a, b, c, d int) bool {
	hi1, lo1 := bits.Mul64(uint64(a), uint64(d)) // #nosec G115 -- not negative
	hi2, lo2 := bits.Mul64(uint64(c), uint64(b)) // #nosec G115 -- not negative
	return hi1 > hi2 || hi1 == hi2 && lo1 > lo2
}

// finding is what the hand count of a batch found.
type finding struct {
	reported, counted Tally    // of the whole combination, if it is in one
	bound             *big.Rat // of the batch itself
	whole             *big.Rat // of the whole combination
	draws             int
	again             bool // the same count as of an earlier batch
}

// findings are what the sample found, batch by batch.
func (a *macro) findings(sample []BatchSample) ([]finding, error) {
	seen := make([]bool, len(a.Batches))
	counted := map[int]bool{}
	var all []finding
	for _, s := range sample {
		if s.Batch < 0 || s.Batch >= len(a.Batches) || seen[s.Batch] || s.Draws < 0 || s.Draws > maxCount {
			return nil, fmt.Errorf("%w: a batch in the sample is not there, or is in it twice", ErrInput)
		}
		seen[s.Batch] = true
		if err := a.Contest.known(s.Votes); err != nil {
			return nil, fmt.Errorf("the count of a batch: %w", err)
		}
		g := a.group[s.Batch]
		if g < 0 {
			if b := a.Batches[s.Batch]; !b.Lacks || !s.Lacks && len(s.Votes) > 0 {
				u := a.boundOf(s.Batch)
				all = append(all, finding{a.reported(s.Batch), s.Votes, u, u, s.Draws, false})
			}
			continue
		}
		f := finding{Tally{}, s.Votes, a.boundOf(s.Batch), new(big.Rat), s.Draws, counted[g]}
		counted[g] = true
		for _, i := range a.Combined[g] {
			f.reported = sum([]Tally{f.reported, a.reported(i)})
			f.whole.Add(f.whole, a.boundOf(i))
		}
		all = append(all, f)
	}
	return all, nil
}

func (a *macro) reported(i int) Tally {
	if a.Batches[i].Lacks {
		return Tally{}
	}
	return a.Batches[i].Votes
}

func (a *macro) boundOf(i int) *big.Rat {
	if a.bound == nil {
		return new(big.Rat)
	}
	return a.bound[i]
}

// taint is the error found as a share of its bound, at most 1; an error where none can be is 1. The error of batches counted as one is held against the bound of
// the batch that was drawn, which is more than it need be, as Arlo does; an error that this batch alone cannot hold, against the bounds of all of them.
func (a *macro) taint(f finding) *big.Rat {
	worst := new(big.Rat)
	for _, x := range a.assertions {
		if e := x.lead(f.reported) - x.lead(f.counted); e > 0 {
			if r := rat(e, x.margin); r.Cmp(worst) > 0 {
				worst = r
			}
		}
	}
	switch {
	case worst.Sign() == 0:
		return worst
	case worst.Cmp(f.bound) < 0:
		return worst.Quo(worst, f.bound)
	case worst.Cmp(f.whole) < 0:
		return worst.Quo(worst, f.whole)
	}
	return new(big.Rat).Set(one)
}

// complete says whether every batch has been drawn and counted, and whether the counts confirm the outcome.
func (a *macro) complete(sample []BatchSample, found []finding) (all, confirmed bool) {
	if len(a.Batches) == 0 || len(sample) < len(a.Batches) { // none is in the sample twice
		return false, false
	}
	var tallies []Tally
	for _, f := range found {
		if !f.again {
			tallies = append(tallies, f.counted)
		}
	}
	total, less := sum(tallies), a.Contest.Pending+a.missing
	for _, x := range a.assertions {
		if n := x.lead(total) - less; n < 0 || n == 0 && !x.tie {
			return true, false
		}
	}
	return true, true
}

// Risk returns what the sample has shown. When every batch has been counted, it is 0 if the counts confirm the outcome and 1 if not.
// Errors: [ErrNoLosers], [ErrInput].
func (m MACRO) Risk(sample []BatchSample) (Risk, error) {
	a, err := m.prepare()
	if err != nil {
		return Risk{}, err
	}
	found, err := a.findings(sample)
	if err != nil {
		return Risk{}, err
	}
	if all, confirmed := a.complete(sample, found); all {
		if confirmed {
			return Risk{P: 0, Met: true}, nil
		}
		return Risk{P: 1}, nil
	}
	factors, ok := a.factors(found)
	if !ok {
		return Risk{P: 1}, nil
	}
	lnP := lnProduct(factors)
	met, err := m.Limit.atMost(lnP, func(g *logs) {
		for _, f := range factors {
			g.add(whole(f.times), f.value)
		}
	})
	return Risk{P: math.Min(1, math.Exp(lnP)), Met: met}, err
}

// factor is a factor of a p-value.
type factor struct {
	value *big.Rat
	times int
}

func lnProduct(all []factor) float64 {
	total := 0.
	for _, f := range all {
		v, _ := f.value.Float64()
		total += float64(f.times) * math.Log(v)
	}
	return total
}

// factors are the factors of P. There are none if P is 1 whatever else was drawn: a margin is used up, an error fills its bound, or the bounds together could
// not overturn the outcome, which they always could if the batches were those of the contest.
func (a *macro) factors(found []finding) ([]factor, bool) {
	if a.u == nil || a.u.Cmp(one) <= 0 {
		return nil, false
	}
	keep := new(big.Rat).Sub(one, new(big.Rat).Inv(a.u))
	var all []factor
	for _, f := range found {
		t := a.taint(f)
		if t.Cmp(one) == 0 {
			return nil, false
		}
		if f.draws > 0 {
			all = append(all, factor{new(big.Rat).Quo(keep, t.Sub(one, t)), f.draws})
		}
	}
	return all, true
}

// Size returns how many batches more to draw: ceil((ln α − ln P)/ln(1 − 1/U)) + 1, at most all, 0 if the limit is met.
// Errors: [ErrNoLosers], [ErrAllAudited], [ErrInput].
func (m MACRO) Size(sample []BatchSample) (int, error) {
	a, err := m.prepare()
	if err != nil {
		return 0, err
	}
	found, err := a.findings(sample)
	if err != nil {
		return 0, err
	}
	if all, _ := a.complete(sample, found); all {
		return 0, ErrAllAudited
	}
	factors, ok := a.factors(found)
	if !ok {
		return len(m.Batches), nil
	}
	over, under := newLogs(), newLogs()
	over.add(one, m.Limit.alpha())
	for _, f := range factors {
		over.add(whole(-f.times), f.value)
	}
	if s, err := over.sign(); err != nil || s >= 0 {
		return 0, err
	}
	under.add(one, new(big.Rat).Sub(one, new(big.Rat).Inv(a.u)))
	n, err := over.ceilOver(under)
	return min(n+1, len(m.Batches)), err
}
