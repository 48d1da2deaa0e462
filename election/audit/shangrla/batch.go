package shangrla

import (
	"errors"
	"fmt"
	"math"

	"github.com/openprecinct/precinct/internal/fault"
)

// Batch is a stack of paper with a reported total for one assertion: the number of its cards by the manifest and the sum of the assorter over what is reported.
type Batch = Cards

// Batches compares stacks of paper with their reported totals, drawn with replacement in proportion to how much each could be overstated (Stark 2023 §4; the draw is
// PPEB, Aslam, Popa, Rivest 2008). With A_b the sum of the assorter over the paper of batch b and R_b what is reported, the outcome is right if and only if
//
//	Σ (R_b − A_b) < Σ R_b − N/2 = N v/2,
//
// and R_b − A_b is R_b at most, because A_b is not negative. A batch is drawn with chance p_b = R_b/R, R = Σ R_b, so that the number of a draw,
//
//	x = 1 − (R_b − A_b)/R_b = A_b/R_b,
//
// has the mean Σ A_b/R, which is at most N/2R if the outcome is wrong. Bets of ALPHA or Kaplan–Markov on x test that.
type Batches struct {
	upper   float64
	batches []Batch
	cards   int
	total   float64
}

// NewBatches makes the comparison of one assertion whose assorter has the given upper bound. It refuses sums that cannot be and reports that do not show the
// assertion true. A batch whose report could not be worse for the winner, with a sum of 0, is never drawn.
func NewBatches(upper float64, batches []Batch) (*Batches, error) {
	b := &Batches{upper: upper, batches: batches}
	var sum total
	for i, s := range batches {
		if s.Count < 0 || !(s.Sum >= 0 && s.Sum <= upper*float64(s.Count)*(1+slack)) {
			return nil, fmt.Errorf("batch %d: %d cards with a sum of %g", i, s.Count, s.Sum)
		}
		b.cards += s.Count
		sum.add(s.Sum)
	}
	b.total = sum.value()
	switch {
	case !(upper > 0) || math.IsInf(upper, 0):
		return nil, errors.New("the assorter has no upper bound")
	case !(b.total > half*float64(b.cards)):
		return nil, fault.Conflictf("The reported totals do not show this outcome, so no sample can confirm it. Count by hand.")
	}
	return b, nil
}

// Weights returns the chance of each batch in one draw; they add up to 1.
func (b *Batches) Weights() []float64 {
	w := make([]float64, len(b.batches))
	for i, s := range b.batches {
		w[i] = s.Sum / b.total
	}
	return w
}

// NullMean returns the mean of draws if the outcome is just wrong.
func (b *Batches) NullMean() float64 { return half * float64(b.cards) / b.total }

// Draw returns the number of a drawn batch whose paper has cards cards with the sum audited; cards that the manifest has and the paper has not are worth nothing.
// A batch with more cards than the manifest says is refused: the bound on the batch was wrong, and with it the draw. The number is cut at Upper.
func (b *Batches) Draw(batch int, audited Cards) (float64, error) {
	s := b.batches[batch]
	switch {
	case audited.Count > s.Count:
		return 0, fault.Conflictf("A batch holds %d cards and its manifest says %d. Correct the manifest and draw anew, or audit the batches together in which the cards belong.", audited.Count, s.Count)
	case s.Sum == 0:
		return 0, errors.New("this batch cannot be drawn")
	case !(audited.Sum >= 0 && audited.Sum <= b.upper*float64(audited.Count)*(1+slack)):
		return 0, fmt.Errorf("%d cards with a sum of %g", audited.Count, audited.Sum)
	}
	return min(audited.Sum/s.Sum, b.Upper()), nil
}

// Upper returns where the number of a draw is cut: 2 is a batch twice as good for the winner as reported. Cutting lowers the mean and so never helps the winner.
func (b *Batches) Upper() float64 { return 2 }

// Test returns a test for draws with replacement by Weights: bets of ALPHA on batches that are as reported, which have the number 1, with room for errors.
func (b *Batches) Test() Test {
	p := Defaults()
	p.Eta, p.C, p.D = 1, (1-b.NullMean())/2, 20
	return Test{Method: Alpha, Estimator: ShrinkTrunc, NullMean: b.NullMean(), Upper: b.Upper(), Params: p}
}
