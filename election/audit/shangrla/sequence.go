package shangrla

import (
	"fmt"
	"math"
)

// Sequence is a test under way: draws come one by one and the p-value may be looked at after each.
type Sequence struct {
	t        Test
	eta, c   float64 // parameters with their defaults filled in
	j        int     // draws so far
	sum      total   // of what is drawn; for Kaplan–Kolmogorov of what is drawn and g
	fortune  product // now
	compound product // WaldSPRT as published: the product of all fortunes
	best     product // the largest fortune
	now      float64 // p by the fortune now
	impossible,
	spoiled bool // the null hypothesis cannot be true any more · a bet as published was 0/0
	mean, squares float64 // of the draws, by Welford
	nextBet       float64
}

// slack is how far rounding may move a sum of numbers of size u, relatively. A null hypothesis is impossible only beyond it.
const slack = 1e-12

// Begin starts a test.
func (t Test) Begin() (*Sequence, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	s := &Sequence{t: t, eta: t.Params.Eta, c: t.Params.C, fortune: one(), compound: one(), now: 1, nextBet: t.Params.Lambda}
	if s.eta == 0 {
		s.eta = t.Upper * (1 - epsilon)
	}
	if s.c == 0 {
		s.c = (s.eta-t.NullMean)/2 - epsilon
	}
	if t.Upper-s.c < t.NullMean+s.c {
		s.c = (t.Upper - s.c) / 2
	}
	return s, nil
}

// Draws returns how many draws there were.
func (s *Sequence) Draws() int { return s.j }

// P returns the p-value of all draws so far.
func (s *Sequence) P() float64 {
	switch {
	case s.spoiled || s.j == 0:
		return 1
	case s.impossible:
		return 0
	case s.t.Unordered:
		return s.now
	}
	return s.best.inverse()
}

// Now returns one over the fortune after the last draw, at most 1.
func (s *Sequence) Now() float64 {
	if s.impossible && !s.spoiled {
		return 0
	}
	return s.now
}

// Draw tells the test of the next draw.
func (s *Sequence) Draw(x float64) error {
	t := s.t
	switch {
	case t.Population > 0 && s.j >= t.Population:
		return fmt.Errorf("draw %d of a population of %d: the sample is larger than what it was drawn from", s.j+1, t.Population)
	case !(x >= -slack*t.Upper && x <= t.Upper*(1+1e-9)):
		return fmt.Errorf("draw %d is %g, outside 0 to %g", s.j+1, x, t.Upper)
	}
	x = min(max(x, 0), t.Upper)
	m, idle := s.left()
	if !s.impossible {
		s.multiply(x, m, idle)
	}
	s.learn(x, m)
	return nil
}

// padded returns the null mean with g, for the one test without replacement that adds it.
func (s *Sequence) padding() float64 {
	if s.t.Method == KaplanKolmogorov {
		return s.t.Params.G
	}
	return 0
}

// left returns the mean of what is left if the null hypothesis just holds, and whether nothing can be bet on it: because all that is left would be 0, or the
// mean is not below the upper bound. It finds that the null hypothesis is impossible when more is drawn than it has.
func (s *Sequence) left() (m float64, idle bool) {
	t, g := s.t, s.padding()
	if t.Population == 0 {
		return t.NullMean, false
	}
	n := float64(t.Population)
	all := n * (t.NullMean + g)
	m = (all - s.sum.value()) / (n - float64(s.j))
	if m < 0 && s.sum.value() > all*(1+slack) {
		s.impossible = true
	}
	if t.Method == KaplanKolmogorov {
		return m, m <= 0
	}
	return m, m <= 2*epsilon || t.Upper-m <= 2*epsilon+1e-6*math.Abs(m)
}

// multiply makes the bet on x.
func (s *Sequence) multiply(x, m float64, idle bool) {
	if f := s.factor(x, m, idle); math.IsNaN(f) || math.IsInf(f, 0) {
		s.spoiled = true
	} else {
		s.fortune.times(f)
	}
	worth := s.fortune
	if s.t.Method == WaldSPRT && s.t.Published {
		s.compound.times(s.fortune.mantissa)
		s.compound.exponent += s.fortune.exponent
		worth = s.compound
	}
	s.now = worth.inverse()
	if s.spoiled || idle {
		s.now = 1
		return
	}
	if worth.greater(s.best) {
		s.best = worth
	}
}

// factor is what the fortune is multiplied by.
func (s *Sequence) factor(x, m float64, idle bool) float64 {
	t, p := s.t, s.t.Params
	switch {
	case t.Method == KaplanMarkov:
		return (x + p.G) / (t.NullMean + p.G)
	case t.Method == KaplanWald:
		return (1-p.G)*x/t.NullMean + p.G
	case idle:
		return 1
	case t.Method == KaplanKolmogorov:
		return (x + p.G) / m
	case t.Method == Betting:
		b := s.bet(m)
		if !t.Published {
			b = min(max(b, 0), 1/m)
		}
		return 1 + b*(x-m)
	}
	u, eta := t.Upper, s.estimate(m)
	if !t.Published {
		eta = min(max(eta, m), u)
	}
	return (x*eta/m + (u-x)*(u-eta)/(u-m)) / u
}

// estimate is η_j.
func (s *Sequence) estimate(m float64) float64 {
	t, p, u := s.t, s.t.Params, s.t.Upper
	j, sum := float64(s.j), s.sum.value()
	switch {
	case t.Method == WaldSPRT || t.Estimator == FixedAlternative:
		if t.Population == 0 {
			return s.eta
		}
		n := float64(t.Population)
		return (n*s.eta - sum) / (n - j)
	case t.Estimator == OptimalComparison:
		return (1-u*(1-p.ErrorRate2))/(2-2*u) + u*(1-p.ErrorRate2) - half
	}
	sd := 1.0
	if s.j > 1 {
		sd = max(math.Sqrt(s.squares/j), p.MinSD)
	}
	w := ((p.D*s.eta+sum)/(p.D+j) + u*p.F/sd) / (1 + p.F/sd)
	away := s.c / math.Sqrt(p.D+j)
	return min(u*(1-epsilon)-away, max(w, m*(1+epsilon)+away))
}

// bet is λ_j before it is kept within its limits.
func (s *Sequence) bet(m float64) float64 {
	p := s.t.Params
	if s.t.Bet == FixedBet {
		return p.Lambda
	}
	c := p.Cap + (p.CapMost-p.Cap)*(1-1/(1+p.CapGrow*math.Sqrt(float64(s.j))))
	if math.IsNaN(s.nextBet) {
		return s.nextBet
	}
	return max(0, min(c/m, s.nextBet))
}

// learn keeps what later bets hang on.
func (s *Sequence) learn(x, m float64) {
	s.sum.add(x + s.padding())
	s.j++
	before := s.mean
	s.mean += (x - before) / float64(s.j)
	s.squares += (x - before) * (x - s.mean)
	if s.t.Method == Betting && s.t.Bet == Agrapa {
		away := s.mean - m
		s.nextBet = away / (s.squares/float64(s.j) + away*away)
		if math.IsNaN(s.nextBet) && !s.t.Published {
			s.nextBet = 0
		}
	}
	known := s.t.Method == Alpha || s.t.Method == Betting || !s.t.Published
	if n := float64(s.t.Population); known && n > 0 && s.sum.value() > n*(s.t.NullMean+s.padding())*(1+slack) {
		s.impossible = true
	}
}
