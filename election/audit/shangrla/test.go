package shangrla

import (
	"errors"
	"fmt"
	"math"
)

// Method is how a sequence of draws becomes a p-value.
type Method uint8

const (
	// Alpha is the ALPHA supermartingale (Stark 2023): T_j = T_{j−1} (x_j η_j/m_j + (u − x_j)(u − η_j)/(u − m_j))/u, where m_j is the mean of what is left if
	// the null hypothesis just holds, (N t − S_{j−1})/(N − j + 1), or t when drawing with replacement, and η_j is an [Estimator]'s guess of the same mean.
	Alpha Method = iota
	// Betting is the same in the form of bets (Waudby-Smith, Ramdas 2024): T_j = T_{j−1} (1 + λ_j (x_j − m_j)), λ_j from a [Bet].
	Betting
	// KaplanKolmogorov is Π (x_j + g)/m_j without replacement, m_j computed with t + g.
	KaplanKolmogorov
	// KaplanMarkov is Π (x_j + g)/(t + g), with replacement (Stark 2009).
	KaplanMarkov
	// KaplanWald is Π ((1 − g) x_j/t + g), with replacement.
	KaplanWald
	// WaldSPRT is Wald's sequential probability ratio test, generalised to numbers between 0 and u: Alpha with a fixed alternative.
	WaldSPRT
)

// Estimator is how [Alpha] guesses the mean of what is left, from earlier draws only.
type Estimator uint8

const (
	// FixedAlternative is η_j = (N η − S_{j−1})/(N − j + 1), or η with replacement.
	FixedAlternative Estimator = iota
	// ShrinkTrunc is a mean of the draws so far, shrunk towards η (with the weight of D draws) and towards u (with weight F), and kept C/√(D + j − 1) away from
	// m_j and from u (Stark 2023 §2.5.2).
	ShrinkTrunc
	// OptimalComparison is the best constant for a comparison without one-vote errors and with the rate ErrorRate2 of two-vote overstatements.
	OptimalComparison
)

// Bet is how [Betting] chooses λ_j, from earlier draws only.
type Bet uint8

const (
	// FixedBet bets Lambda on every draw.
	FixedBet Bet = iota
	// Agrapa maximises the approximate growth rate, (μ̂ − m)/(σ̂² + (μ̂ − m)²), at most c_j/m_j (Waudby-Smith, Ramdas 2024 §B.3).
	Agrapa
)

// Params are the numbers that a method's bets hang on. [Defaults] has those of the published library.
type Params struct {
	Eta        float64 // expected mean; 0 is u
	C          float64 // ShrinkTrunc: distance from m_j and u; 0 is (η − t)/2
	D          float64 // ShrinkTrunc: how many draws η weighs
	F          float64 // ShrinkTrunc: weight of u
	MinSD      float64 // ShrinkTrunc: the least standard deviation
	ErrorRate2 float64 // OptimalComparison: rate of two-vote overstatements
	Lambda     float64 // FixedBet: every bet; Agrapa: the first
	Cap        float64 // Agrapa: c_1, how much of 1/m_j may be bet
	CapMost    float64 // Agrapa: what c_j grows to
	CapGrow    float64 // Agrapa: how fast, c_j = c_1 + (most − c_1)(1 − 1/(1 + grow √(j−1)))
	G          float64 // Kaplan's tests: what is added so that a zero does not ruin the fortune
}

// epsilon is the distance from 1 to the next number.
const epsilon = 0x1p-52

// Defaults returns the parameters that SHANGRLA's library uses where none are given.
func Defaults() Params {
	return Params{D: 100, MinSD: 1e-6, ErrorRate2: 1e-5, Lambda: half, Cap: 1 - epsilon, CapMost: 1 - epsilon}
}

// Test is a test of the null hypothesis that the mean of a population of numbers between 0 and Upper is at most NullMean.
type Test struct {
	Method     Method
	Estimator  Estimator
	Bet        Bet
	Population int     // N, drawn from without replacement; 0 draws with replacement
	NullMean   float64 // t
	Upper      float64 // u
	Params     Params
	// Unordered says that the draws are not in the order in which they were drawn. Then only the whole sample counts, and only Kaplan's tests and WaldSPRT with
	// replacement can be asked.
	Unordered bool
	// Published does what SHANGRLA's library does: η_j may leave [m_j, u] and λ_j may leave [0, 1/m_j], and WaldSPRT multiplies its running products once more.
	// The result may then be smaller than a p-value and must not end an audit. It is there to be compared with published numbers.
	Published bool
}

// Result is what a sample says.
type Result struct {
	P       float64   // p-value, at most 1
	History []float64 // what each draw's fortune alone would give, at most 1
}

// P tests a sample. It is an error if the sample is larger than the population, if a number lies outside [0, u], or if the method does not fit the way of
// drawing. The p-value of an empty sample is 1.
func (t Test) P(x []float64) (Result, error) {
	s, err := t.Begin()
	if err != nil {
		return Result{P: 1}, err
	}
	r := Result{History: make([]float64, 0, len(x))}
	for _, v := range x {
		if err := s.Draw(v); err != nil {
			return Result{P: 1}, err
		}
		r.History = append(r.History, s.Now())
	}
	r.P = s.P()
	return r, nil
}

// check refuses a test that means nothing.
func (t Test) check() error {
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	p := t.Params
	for _, v := range []float64{t.NullMean, t.Upper, p.Eta, p.C, p.D, p.F, p.MinSD, p.ErrorRate2, p.Lambda, p.Cap, p.CapMost, p.CapGrow, p.G} {
		if !finite(v) {
			return errors.New("a parameter is not a finite number")
		}
	}
	ordered := t.Method == Alpha || t.Method == Betting || t.Method == KaplanKolmogorov && !t.Published || t.Method == WaldSPRT && t.Population > 0
	switch {
	case t.Population < 0:
		return fmt.Errorf("a population of %d", t.Population)
	case !(t.Upper > 0):
		return fmt.Errorf("the upper bound is %g and must be positive", t.Upper)
	case !(t.NullMean > 0) || t.NullMean >= t.Upper:
		return fmt.Errorf("the mean of the null hypothesis is %g and must lie between 0 and the upper bound %g", t.NullMean, t.Upper)
	case t.Method > WaldSPRT || t.Estimator > OptimalComparison || t.Bet > Agrapa:
		return errors.New("no such method")
	case t.Method == KaplanKolmogorov && t.Population == 0:
		return errors.New("the test of Kaplan and Kolmogorov is for draws without replacement: say how large the population is")
	case t.Unordered && ordered:
		return errors.New("this test wants the draws in the order in which they were drawn")
	case p.G < 0, t.Method == KaplanWald && p.G > 1:
		return fmt.Errorf("g is %g: it lies between 0 and 1", p.G)
	case p.D < 0 || p.F < 0 || p.C < 0 || p.MinSD < 0 || p.CapGrow < 0:
		return errors.New("a weight is negative")
	case t.Method == Alpha && t.Estimator == OptimalComparison && t.Upper == 1:
		return errors.New("the optimal comparison is for comparisons, whose upper bound is greater than 1")
	}
	return nil
}
