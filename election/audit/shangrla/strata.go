package shangrla

import (
	"container/heap"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Stratum is a part of the cards that was sampled by itself, without replacement.
//
// Against the mean m of what is left, a draw is bet on with λ = (μ̂ − m)/v, at least 0 and at most 0.99/m, where μ̂ and v come from the draws before (as aGRAPA's,
// Waudby-Smith, Ramdas 2024). So nothing is lost by bets against a mean that is supposed to be higher than the stratum's own. λ falls when m rises, and this is all
// that [Combine] needs to bound what happens between two means.
type Stratum struct {
	cards int     // N_s
	upper float64 // of the assorter
	scale float64 // the mean of draws if the mean of the assorter is θ is shift + scale θ
	shift float64
	most  float64 // upper bound of a draw
	sum   float64 // of the draws
	draws []draw
}

// draw is one draw with what was known before it.
type draw struct {
	x, before float64 // its number, and the sum of those before
	share     float64 // 1 over how many cards were left
	mean      float64 // μ̂
	per       float64 // 1/v
}

// Guess is what draws are expected to be like before the first: as if Draws of them had been made with this mean and standard deviation. A wrong guess costs draws and
// never the risk limit.
type Guess struct{ Mean, SD, Draws float64 }

// NewPolling makes a stratum whose draws are numbers of an assorter between 0 and upper, in the order in which they were drawn.
func NewPolling(cards int, upper float64, draws []float64, g Guess) (*Stratum, error) {
	return newStratum(&Stratum{cards: cards, upper: upper, scale: 1, most: upper}, draws, g)
}

// NewCompared makes a stratum with records: reported is the mean of the assorter over them, and overstated the record's number less the paper's for each draw, between
// −upper and upper. A draw is then 1 − overstated/upper, whose mean is 1 − (reported − θ)/upper; the guess is about that.
func NewCompared(cards int, upper, reported float64, overstated []float64, g Guess) (*Stratum, error) {
	x := make([]float64, len(overstated))
	for i, o := range overstated {
		x[i] = 1 - o/upper
	}
	if !(reported >= 0 && reported <= upper) {
		return nil, fmt.Errorf("the mean of records is %g, outside 0 to %g", reported, upper)
	}
	return newStratum(&Stratum{cards: cards, upper: upper, shift: 1 - reported/upper, scale: 1 / upper, most: 2}, x, g)
}

func newStratum(s *Stratum, draws []float64, g Guess) (*Stratum, error) {
	switch {
	case s.cards < 1 || len(draws) > s.cards || !(s.upper > 0) || math.IsInf(s.upper, 0):
		return nil, fmt.Errorf("%d draws from a stratum of %d cards with the upper bound %g", len(draws), s.cards, s.upper)
	case !(g.Draws > 0 && g.SD > 0 && g.Mean > 0 && g.Mean <= s.most && g.SD <= s.most && g.Draws < 1e9):
		return nil, fmt.Errorf("a guess of mean %g ± %g with the weight of %g draws", g.Mean, g.SD, g.Draws)
	}
	n, sum, squares := g.Draws, g.Draws*g.Mean, g.Draws*(g.SD*g.SD+g.Mean*g.Mean)
	nominal := s.shift + s.scale*half // the mean of draws if this stratum were tied
	var all total
	for i, x := range draws {
		if !(x >= -slack && x <= s.most*(1+1e-9)) {
			return nil, fmt.Errorf("draw %d is %g, outside 0 to %g", i+1, x, s.most)
		}
		x = min(max(x, 0), s.most)
		mean := sum / n
		away := mean - nominal
		s.draws = append(s.draws, draw{x, all.value(), 1 / float64(s.cards-i), mean, 1 / (max(1e-6, squares/n-mean*mean) + away*away)})
		n, sum, squares = n+1, sum+x, squares+x*x
		all.add(x)
	}
	s.sum = all.value()
	return s, nil
}

// possible returns the least and the largest mean of the assorter that the stratum can still have.
func (s *Stratum) possible() (lo, hi float64) {
	n := float64(s.cards)
	theta := func(sum float64) float64 { return (sum/n - s.shift) / s.scale }
	return max(0, theta(s.sum)), min(s.upper, theta(s.sum+s.most*(n-float64(len(s.draws)))))
}

// capped is how much of 1/m may be bet: not all, so that no draw of 0 ends everything.
const capped = 0.99

// bet returns λ (x − b) for a bet against the mean m of what is left.
func (d *draw) bet(m, b float64) float64 {
	switch l := (d.mean - m) * d.per; {
	case l <= 0:
		return 0
	case l*m < capped:
		return l * (d.x - b)
	default:
		return capped / m * (d.x - b)
	}
}

// fortunes bounds from below the logarithms of the fortune after the last draw, and of the largest on the way, against every mean θ from lo to hi; with lo = hi they are
// exact. Between the means a ≤ b of what is left, a factor 1 + λ(m)(x − m) is at least 1 + λ(b)(x − b) where x is b or more, because all it is made of falls in m; where
// x is less it is at least 1 + λ(a)(x − b), and at least 1 + 0.99 (x/b − 1), because λ is 0.99/m at the most.
func (s *Stratum) fortunes(lo, hi float64) (last, best float64) {
	n := float64(s.cards)
	allLo, allHi := n*(s.shift+s.scale*lo), n*(s.shift+s.scale*hi)
	fortune, peak := 1.0, 1.0 // since last
	for i := range s.draws {
		d := &s.draws[i]
		b := min(max(0, (allHi-d.before)*d.share), s.most)
		if d.x >= b {
			fortune *= 1 + d.bet(b, b)
			if fortune > peak {
				peak = fortune
			}
		} else {
			a := min(max(0, (allLo-d.before)*d.share), b)
			fortune *= 1 + max(d.bet(a, b), capped*(d.x/b-1))
		}
		if fortune < 1e-200 || fortune > 1e200 {
			best = max(best, last+math.Log(peak))
			last += math.Log(fortune)
			fortune, peak = 1, 1
		}
	}
	return last + math.Log(fortune), max(best, last+math.Log(peak))
}

// Combination is how the evidence of several strata becomes one.
type Combination uint8

const (
	// Fisher adds up −2 ln of the p-values, which has a chi-squared distribution with twice as many degrees of freedom as there are strata (SUITE, Ottoboni et al. 2018).
	// The size of each stratum's sample must not depend on what was seen in another.
	Fisher Combination = iota
	// Product multiplies the fortunes: it may be looked at whenever one likes, whichever stratum the next draw is from (Spertus, Stark 2022).
	Product
)

// Combined is what several strata say together.
type Combined struct {
	P     float64   // p-value: never smaller than the maximum over all ways to be wrong, and a hundredth of it greater at the most
	Worst []float64 // means of the strata at about which the maximum lies
	Tight bool      // false if the search ended before the bound was as close; P is then still a p-value, only a cautious one
}

// Combine tests that the mean of the assorter over all strata together is at most 1/2. The outcome may be wrong in many ways, each a mean θ_s for each stratum with
// Σ N_s θ_s ≤ N/2; the p-value is the largest over all of them that the draws leave possible. It is found by branch and bound, not on a grid: for a box of means there
// is a bound that no way in it exceeds. Boxes are halved, the one with the largest bound first, until that bound is within a hundredth of a value actually attained; the
// bound is the answer.
func Combine(how Combination, strata ...*Stratum) (Combined, error) {
	if len(strata) == 0 || how > Product {
		return Combined{P: 1}, errors.New("no strata to combine, or no such way to")
	}
	c := &combining{how: how, strata: strata}
	first := box{lo: make([]float64, len(strata)), hi: make([]float64, len(strata))}
	for i, s := range strata {
		c.cards += float64(s.cards)
		first.lo[i], first.hi[i] = s.possible()
	}
	c.push(first, nil)
	return c.search(), nil
}

// box is a range of means for each stratum.
type box struct {
	lo, hi []float64
	worth  []float64 // the bound of each stratum's evidence between them
	bound  float64
}

type boxes []box

func (b boxes) Len() int           { return len(b) }
func (b boxes) Less(i, j int) bool { return b[i].bound > b[j].bound }
func (b boxes) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

// Push adds a box, for container/heap.
func (b *boxes) Push(x any) { *b = append(*b, x.(box)) }

// Pop takes the last box, for container/heap.
func (b *boxes) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// combining is a search under way.
type combining struct {
	how    Combination
	strata []*Stratum
	cards  float64
	open   boxes
	best   float64 // the largest value attained
	at     []float64
}

// push cuts a box down to where the null hypothesis can hold and bounds it; from is the box it is a half of.
func (c *combining) push(b box, from *box) {
	spent := 0.0
	for i, s := range c.strata {
		spent += float64(s.cards) * b.lo[i]
	}
	room := half*c.cards - spent
	if room < -slack*c.cards {
		return
	}
	worth := make([]float64, len(c.strata))
	for i, s := range c.strata {
		b.hi[i] = min(b.hi[i], b.lo[i]+max(0, room)/float64(s.cards))
		if from != nil && b.lo[i] == from.lo[i] && b.hi[i] == from.hi[i] {
			worth[i] = from.worth[i]
		} else {
			worth[i] = c.evidence(i, b.lo[i], b.hi[i])
		}
	}
	b.worth = worth
	if b.bound = c.together(worth); b.bound > 0 {
		heap.Push(&c.open, b)
	}
}

// near is how close to a value attained the bound has to be; tiny is small enough whatever is attained.
const (
	near = 1e-2
	tiny = 1e-12
)

// search halves boxes.
func (c *combining) search() Combined {
	const most = 20_000
	for steps := 0; len(c.open) > 0; steps++ {
		b := heap.Pop(&c.open).(box)
		exact := c.try(b)
		if b.bound <= c.best*(1+near) || b.bound < tiny {
			return Combined{P: min(1, b.bound), Worst: c.at, Tight: true}
		}
		if steps == most {
			return Combined{P: min(1, b.bound), Worst: c.at}
		}
		wide := 0
		for i := range exact {
			if exact[i]-b.worth[i] > exact[wide]-b.worth[wide] {
				wide = i
			}
		}
		mid := (b.lo[wide] + b.hi[wide]) / 2
		c.push(box{lo: clone(b.lo), hi: with(b.hi, wide, mid)}, &b)
		c.push(box{lo: with(b.lo, wide, mid), hi: clone(b.hi)}, &b)
	}
	return Combined{P: c.best, Worst: c.at, Tight: true}
}

func clone(a []float64) []float64 { return append([]float64(nil), a...) }

func with(a []float64, i int, v float64) []float64 {
	b := clone(a)
	b[i] = v
	return b
}

// try computes the value at a point of the box on the edge of the null hypothesis: from its lower corner as far towards the upper as the total allows. It
// returns the evidence of each stratum there.
func (c *combining) try(b box) []float64 {
	low, high := 0.0, 0.0
	for i, s := range c.strata {
		low += float64(s.cards) * b.lo[i]
		high += float64(s.cards) * b.hi[i]
	}
	share := 1.0
	if high > low {
		share = min(1, max(0, (half*c.cards-low)/(high-low)))
	}
	at := make([]float64, len(b.lo))
	for i := range at {
		at[i] = b.lo[i] + share*(b.hi[i]-b.lo[i])
	}
	worth := c.each(at)
	if v := c.together(worth); v > c.best || c.at == nil {
		c.best, c.at = v, at
	}
	return worth
}

// evidence is the bound from below of the logarithm of one stratum's fortune, as the combination takes it.
func (c *combining) evidence(stratum int, lo, hi float64) float64 {
	last, best := c.strata[stratum].fortunes(lo, hi)
	if c.how == Product {
		return last
	}
	return best
}

// together makes one p-value of the evidence of all.
func (c *combining) together(worth []float64) float64 {
	var sum float64
	for _, w := range worth {
		sum += w
	}
	if c.how == Product {
		return math.Exp(min(0, -sum))
	}
	return mathext.GammaIncRegComp(float64(len(worth)), sum) // of chi-squared with twice the degrees at 2 sum
}

// each is the evidence of every stratum against one way to be wrong.
func (c *combining) each(theta []float64) []float64 {
	worth := make([]float64, len(theta))
	for i, t := range theta {
		worth[i] = c.evidence(i, t, t)
	}
	return worth
}
