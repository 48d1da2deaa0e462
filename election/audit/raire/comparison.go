package raire

import (
	"errors"
	"math"
)

// gamma inflates the errors that Kaplan and Markov's test allows for, as Stark's tools and Colorado's do (Stark 2010, "Super-simple simultaneous single-ballot
// risk-limiting audits").
const gamma = 1.03905

// Sampled is one ballot of a sample drawn with replacement, and how often it was drawn.
type Sampled struct {
	Times    int
	Reported []int8 // its record; nil with NoRecord
	Audited  []int8 // what the paper says
	NoRecord bool   // there is no record of it
	NotFound bool   // the paper could not be found
}

// Overstatement returns by how many votes the record favours the assertion more than the paper does, −2 to 2. A ballot without record or paper has 2.
func (a Assertion) Overstatement(s Sampled) int {
	if s.NoRecord || s.NotFound {
		return 2
	}
	vote := func(r []int8) int {
		w, l := a.Points(r)
		switch {
		case w:
			return 1
		case l:
			return -1
		}
		return 0
	}
	return vote(s.Reported) - vote(s.Audited)
}

// Risk returns Kaplan and Markov's p-value of a sample drawn with replacement from ballots cards, by the margins in the profile: the largest over the assertions of
//
//	Π over draws of (1 − m/2γ)/(1 − e/2γ),   m = margin/ballots, e = max(0, overstatement).
//
// Understatements count as no error. An assertion whose margin is not positive has 1, and so has an empty list of assertions. When every single ballot has been drawn
// it is a full count, and the answer is 0 or 1.
func Risk(p *Profile, ballots int, assertions []Assertion, sample []Sampled) (float64, error) {
	if ballots <= 0 {
		return 1, errors.New("a contest has ballots")
	}
	if len(assertions) == 0 {
		return 1, nil
	}
	var worst float64
	for _, a := range assertions {
		worst = max(worst, a.risk(p.Margin(a), ballots, sample))
	}
	return worst, nil
}

// risk is the p-value of one assertion.
func (a Assertion) risk(margin, ballots int, sample []Sampled) float64 {
	if len(sample) >= ballots {
		return a.counted(sample)
	}
	if margin <= 0 {
		return 1
	}
	step := math.Log1p(-float64(margin) / float64(ballots) / (2 * gamma))
	var log float64
	for _, s := range sample {
		e := max(0, a.Overstatement(s))
		log += float64(s.Times) * (step - math.Log1p(-float64(e)/(2*gamma)))
	}
	return math.Exp(min(0, log))
}

// counted is the answer of a full count: 0 if the papers show the assertion true, a lost paper being a vote for the loser.
func (a Assertion) counted(sample []Sampled) float64 {
	margin := 0
	for _, s := range sample {
		w, l := a.Points(s.Audited)
		if s.NotFound {
			w, l = false, true
		}
		if w {
			margin++
		}
		if l {
			margin--
		}
	}
	if margin > 0 {
		return 0
	}
	return 1
}

// Observed is what a sample has shown so far about one assertion: draws, and how many of them overstated it by one vote and by two.
type Observed struct{ Draws, One, Two int }

// Size returns how many more draws with replacement are expected to bring [Risk] to the risk limit, at most ballots in all: the largest over the assertions, by the
// rates of error seen so far (observed, one for each assertion) or, without a sample, by 1 in 1,000 for errors of one vote and 1 in 10,000 for two, both ways. As in
// Arlo's formula the rate of two-vote errors is not multiplied by the size.
func Size(p *Profile, ballots int, limit float64, assertions []Assertion, observed []Observed) (int, error) {
	if ballots <= 0 || !(limit > 0) || limit >= 1 {
		return 0, errors.New("a contest has ballots and a risk limit between 0 and 1")
	}
	if observed != nil && len(observed) != len(assertions) {
		return 0, errors.New("what was observed is not of these assertions")
	}
	more := 0
	for i, a := range assertions {
		var o Observed
		if observed != nil {
			o = observed[i]
		}
		m := float64(p.Margin(a)) / float64(ballots)
		more = max(more, stop(m, limit, float64(ballots), o)-o.Draws)
	}
	return more, nil
}

// stop is the size of the whole sample at which the test of an assertion with diluted margin m is expected to stop.
func stop(m, limit, ballots float64, o Observed) int {
	one, two, under1, under2 := 0.001, 0.0001, 0.001, 0.0001
	if o.Draws > 0 {
		one, two, under1, under2 = float64(o.One)/float64(o.Draws), float64(o.Two)/float64(o.Draws), 0, 0
	}
	over1, over2 := math.Log1p(-1/(2*gamma)), math.Log1p(-1/gamma)
	less1, less2 := math.Log1p(1/(2*gamma)), math.Log1p(1/gamma)
	d := math.Log1p(-m/(2*gamma)) - one*over1 - two*over2 - under1*less1 - under2*less2
	if m <= 0 || d >= 0 {
		return int(ballots)
	}
	n := math.Ceil(math.Log(limit) / d)
	one, under1 = math.Ceil(one*n), math.Ceil(under1*n)
	size := math.Ceil(-2 * gamma * (math.Log(limit) + one*over1 + two*over2 + under1*less1 + under2*less2) / m)
	return int(min(ballots, max(size, one+two+under1+under2)))
}
