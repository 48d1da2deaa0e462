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
// Its bets do not depend on the null hypothesis except that none may exceed 1/m, so the fortune of a stratum falls when the mean it is supposed to have rises: with
// m(θ) rising, the factor 1 + min(λ, c/m)(x − m) is 1 + λ(x − m) or 1 + c(x/m − 1), of which both fall in m, and is the smaller of the two where x ≥ m and the larger
// where x ≤ m. [Combine] rests on that.
type Stratum struct {
	cards  int       // N_s
	upper  float64   // of the assorter
	scale  float64   // the mean of draws if the mean of the assorter is θ is shift + scale θ
	shift  float64   //
	most   float64   // upper bound of a draw
	x      []float64 // draws in order
	lambda []float64 // bet on each, made before it
}

// Bets makes the bet on each draw from those before it.
type Bets func(before []float64) float64

// FixedBets bets the same on every draw.
func FixedBets(lambda float64) Bets { return func([]float64) float64 { return lambda } }

// LearningBets bets what would have been best for the draws before, approximately, against the mean against (aGRAPA with the nominal null mean), counting first as
// draws already made, of which the mean is prior and the standard deviation spread.
func LearningBets(against, prior, spread, first float64) Bets {
	return func(before []float64) float64 {
		n, sum, squares := first, first*prior, first*(spread*spread+prior*prior)
		for _, x := range before {
			n, sum, squares = n+1, sum+x, squares+x*x
		}
		away := sum/n - against
		return max(0, away/(max(0, squares/n-sum*sum/(n*n))+away*away))
	}
}

// NewPolling makes a stratum whose draws are numbers of an assorter between 0 and upper, in the order in which they were drawn.
func NewPolling(cards int, upper float64, draws []float64, bets Bets) (*Stratum, error) {
	return newStratum(&Stratum{cards: cards, upper: upper, scale: 1, most: upper}, draws, bets)
}

// NewCompared makes a stratum with records: reported is the mean of the assorter over them, and overstated the record's number less the paper's for each draw, between
// −upper and upper. A draw is then 1 − overstated/upper, whose mean is 1 − (reported − θ)/upper.
func NewCompared(cards int, upper, reported float64, overstated []float64, bets Bets) (*Stratum, error) {
	x := make([]float64, len(overstated))
	for i, o := range overstated {
		x[i] = 1 - o/upper
	}
	if !(reported >= 0 && reported <= upper) {
		return nil, fmt.Errorf("the mean of records is %g, outside 0 to %g", reported, upper)
	}
	return newStratum(&Stratum{cards: cards, upper: upper, shift: 1 - reported/upper, scale: 1 / upper, most: 2}, x, bets)
}

func newStratum(s *Stratum, draws []float64, bets Bets) (*Stratum, error) {
	if s.cards < 1 || len(draws) > s.cards || !(s.upper > 0) || math.IsInf(s.upper, 0) {
		return nil, fmt.Errorf("%d draws from a stratum of %d cards with the upper bound %g", len(draws), s.cards, s.upper)
	}
	for i, x := range draws {
		if !(x >= -slack && x <= s.most*(1+1e-9)) {
			return nil, fmt.Errorf("draw %d is %g, outside 0 to %g", i+1, x, s.most)
		}
		s.x = append(s.x, min(max(x, 0), s.most))
		s.lambda = append(s.lambda, max(0, bets(s.x[:i])))
	}
	return s, nil
}

// cap is how much of 1/m may be bet: not all, so that no draw of 0 ends everything.
const capped = 0.99

// fortunes returns the logarithms of the fortune after the last draw and of the largest on the way, against the mean θ of the assorter. Both fall in θ. They are
// +Inf where the draws leave θ impossible.
func (s *Stratum) fortunes(theta float64) (last, best float64) {
	n := float64(s.cards)
	all := n * (s.shift + s.scale*theta)
	var sum total
	for i, x := range s.x {
		left := n - float64(i)
		m := min(max(0, (all-sum.value())/left), s.most)
		last += math.Log1p(min(s.lambda[i], capped/m) * (x - m))
		best = max(best, last)
		sum.add(x)
	}
	if sum.value() > all+slack*n {
		return math.Inf(1), math.Inf(1)
	}
	return last, best
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
	P     float64   // p-value: never smaller than the maximum over all ways to be wrong, and at most a thousandth of it greater
	Worst []float64 // means of the strata at about which the maximum lies
	Tight bool      // false if the search ended before the bound was as close; P is then still a p-value, only a cautious one
}

// Combine tests that the mean of the assorter over all strata together is at most 1/2. The outcome may be wrong in many ways, each a mean θ_s for each stratum with
// Σ N_s θ_s ≤ N/2; the p-value is the largest over all of them. It is found by branch and bound, not on a grid: each stratum's evidence falls when its θ rises, so in a
// box of θ the combined value is at most that of the box's upper corner. Boxes are halved, the one with the largest bound first, until it is within a thousandth of
// a value actually attained.
func Combine(how Combination, strata ...*Stratum) (Combined, error) {
	if len(strata) == 0 || how > Product {
		return Combined{P: 1}, errors.New("no strata to combine, or no such way to")
	}
	c := &combining{how: how, strata: strata}
	for _, s := range strata {
		c.cards += float64(s.cards)
	}
	first := box{lo: make([]float64, len(strata)), hi: make([]float64, len(strata))}
	for i, s := range strata {
		first.hi[i] = s.upper
	}
	c.push(first)
	return c.search(), nil
}

// box is a range of means for each stratum.
type box struct {
	lo, hi []float64
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

// push cuts a box down to where the null hypothesis can hold and bounds it.
func (c *combining) push(b box) {
	spent := 0.0
	for i, s := range c.strata {
		spent += float64(s.cards) * b.lo[i]
	}
	room := half*c.cards - spent
	if room < -slack*c.cards {
		return
	}
	for i, s := range c.strata {
		b.hi[i] = min(b.hi[i], b.lo[i]+max(0, room)/float64(s.cards))
	}
	if b.bound = c.value(b.hi); b.bound > 0 {
		heap.Push(&c.open, b)
	}
}

// near is how close to a value attained the bound has to be.
const near = 1e-3

// search halves boxes.
func (c *combining) search() Combined {
	const most = 20_000
	for steps := 0; len(c.open) > 0; steps++ {
		b := heap.Pop(&c.open).(box)
		c.try(b)
		if b.bound <= c.best*(1+near) || b.bound < 1e-15 {
			return Combined{P: min(1, b.bound), Worst: c.at, Tight: true}
		}
		if steps == most {
			return Combined{P: min(1, b.bound), Worst: c.at}
		}
		wide := 0
		for i, s := range c.strata {
			if float64(s.cards)*(b.hi[i]-b.lo[i]) > float64(c.strata[wide].cards)*(b.hi[wide]-b.lo[wide]) {
				wide = i
			}
		}
		mid := (b.lo[wide] + b.hi[wide]) / 2
		c.push(box{lo: clone(b.lo), hi: with(b.hi, wide, mid)})
		c.push(box{lo: with(b.lo, wide, mid), hi: clone(b.hi)})
	}
	return Combined{P: c.best, Worst: c.at, Tight: true}
}

func clone(a []float64) []float64 { return append([]float64(nil), a...) }

func with(a []float64, i int, v float64) []float64 {
	b := clone(a)
	b[i] = v
	return b
}

// try computes the value at a point of the box on the edge of the null hypothesis: from its lower corner as far towards the upper as the total allows.
func (c *combining) try(b box) {
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
	if v := c.value(at); v > c.best || c.at == nil {
		c.best, c.at = v, at
	}
}

// value is the combined p-value against one way to be wrong.
func (c *combining) value(theta []float64) float64 {
	var sum float64
	for i, s := range c.strata {
		last, best := s.fortunes(theta[i])
		if c.how == Product {
			best = last
		}
		sum += best
	}
	if math.IsInf(sum, 1) {
		return 0
	}
	if c.how == Product {
		return math.Exp(min(0, -sum))
	}
	return mathext.GammaIncRegComp(float64(len(c.strata)), sum) // of chi-squared with twice the degrees at 2 sum
}
