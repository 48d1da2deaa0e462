package auditbench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/election/audit/sampler"
	"github.com/openprecinct/precinct/election/audit/shangrla"
)

// alphaRows measures a p-value after every draw, a plan by simulation and two strata together. The naive way computes every p-value from the first draw on.
func alphaRows(context.Context) ([]Row, error) {
	const cards, draws = 1_000_000, 4000
	c, err := shangrla.NewComparison(1, cards, shangrla.Cards{Count: cards, Sum: 505_000})
	if err != nil {
		return nil, err
	}
	x := make([]float64, draws)
	g := sampler.NewPCG64([]byte("errors that did not happen"))
	for i := range x {
		if x[i] = c.Linked(0, 0); g.Float64() < .001 {
			x[i] /= 2
		}
	}
	test := c.Test(1e-4)
	var p float64
	each := func() error {
		s, err := test.Begin()
		for i := 0; i < draws && err == nil; i++ {
			err = s.Draw(x[i])
			p = s.P()
		}
		return err
	}
	took, err := best(5, each)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for i := range x {
		if r, err := test.P(x[:i+1]); err != nil || i == draws-1 && r.P != p {
			return nil, errors.Join(err, errors.New("the naive p-value is another one"))
		}
	}
	rows := []Row{{What: "ALPHA: a p-value after every draw", Size: fmt.Sprintf("%d draws of %d cards", draws, cards), Ours: took, Naive: time.Since(began), How: "from the first draw each time"}}
	var f shangrla.Finish
	took, err = best(3, func() (err error) {
		f, err = test.Simulate(c.Errors(shangrla.Rates{Over1: .001, Under1: .001, Over2: 1e-4, Under2: 1e-4}), .05, 20_000, 500, 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	n, _ := f.Draws(.9)
	rows = append(rows, Row{What: "A plan by simulation", Size: fmt.Sprintf("500 audits of %d cards, margin 1 %%", cards), Ours: took, Rate: fmt.Sprintf("90 %% end within %d draws", n)})
	strata, err := strataRow(g)
	return append(rows, strata), err
}

// strataRow measures the combination of a stratum with records and one without.
func strataRow(g *sampler.PCG64) (Row, error) {
	polled := make([]float64, 400)
	for i := range polled {
		if g.Float64() < .58 {
			polled[i] = 1
		}
	}
	compared, err := shangrla.NewCompared(60_000, 1, .53, make([]float64, 300), shangrla.Guess{Mean: .999, SD: .03, Draws: 50})
	if err != nil {
		return Row{}, err
	}
	without, err := shangrla.NewPolling(20_000, 1, polled, shangrla.Guess{Mean: .55, SD: .5, Draws: 20})
	if err != nil {
		return Row{}, err
	}
	var c shangrla.Combined
	took, err := best(5, func() (err error) { c, err = shangrla.Combine(shangrla.Fisher, compared, without); return err })
	return Row{What: "Two strata together", Size: "300 draws with records, 400 without", Ours: took, Rate: fmt.Sprintf("p = %.3g, proven to 1 %%", c.P), Target: "≤ 50 ms (SUITE)"}, err
}
