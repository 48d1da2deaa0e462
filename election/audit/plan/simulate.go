package plan

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/audit/sampler"
	"github.com/openprecinct/precinct/election/audit/shangrla"
)

// gamma is the γ of [audit.SuperSimple].
const gamma = 1.03905

func (q Question) generator() *sampler.PCG64 {
	return sampler.NewPCG64(binary.BigEndian.AppendUint64(nil, q.Seed))
}

// superSimple simulates the errors of audits: in each, after which draw the next one comes. A round ends the audit if the errors in it are few enough.
func (q Question) superSimple(most int) chances {
	g := q.generator()
	keep := math.Log1p(-float64(q.margin()) / float64(q.Contest.Ballots) / (2 * gamma))
	one, two := -math.Log1p(-1/(2*gamma)), -math.Log1p(-1/gamma)
	lnAlpha := math.Log(q.Limit.Alpha())
	rate := q.Rates.Over1 + q.Rates.Over2
	// no round is looked at that is larger than one with fifty times the draws of a clean sample, or that holds hundreds of thousands of errors
	horizon := int(math.Min(float64(most), math.Min(50*math.Ceil(lnAlpha/keep), mostErrors/math.Max(rate, 1e-9))))
	runs := make([][2][]int, min(q.Runs, max(20, int(20*mostErrors/(1+rate*float64(horizon))))))
	for i := range runs {
		for k, rate := range []float64{q.Rates.Over1, q.Rates.Over2} {
			for at := gap(g, rate); at <= horizon; at += gap(g, rate) {
				runs[i][k] = append(runs[i][k], at)
			}
		}
	}
	return func(n int) float64 {
		done := 0
		for _, r := range runs {
			o1, _ := slices.BinarySearch(r[0], n+1)
			o2, _ := slices.BinarySearch(r[1], n+1)
			if n <= horizon && float64(n)*keep+float64(o1)*one+float64(o2)*two < lnAlpha {
				done++
			}
		}
		return float64(done) / float64(len(runs))
	}
}

// mostErrors is how many errors one audit is simulated with.
const mostErrors = 200_000

// gap is after how many draws the next of some rare things comes.
func gap(g *sampler.PCG64, rate float64) int {
	if rate <= 0 {
		return math.MaxInt32
	}
	return 1 + int(math.Min(math.MaxInt32-1, math.Log1p(-g.Float64())/math.Log1p(-math.Min(rate, 1-1e-12))))
}

// macro simulates batches that are alike, with errors as rare as in the rates.
func (q Question) macro(most int) chances {
	g := q.generator()
	v, n := float64(q.margin()), float64(q.Contest.Ballots)
	u := 1 + n/v // every bound is (margin + ballots of the batch)/V
	keep, lnAlpha := math.Log1p(-1/u), math.Log(q.Limit.Alpha())
	most = int(math.Min(math.Min(float64(most), mostBatches), 4*math.Ceil(lnAlpha/keep)+100))
	runs := min(q.Runs, max(50, 50*mostBatches/max(1, most)))
	ends := make([][]float64, runs) // ln P after each draw
	size := float64(q.BatchSize)
	for i := range ends {
		ends[i] = make([]float64, most+1)
		for d := 1; d <= most; d++ {
			e := poisson(g, size*q.Rates.Over1) + 2*poisson(g, size*q.Rates.Over2) - poisson(g, size*q.Rates.Under1) - 2*poisson(g, size*q.Rates.Under2)
			taint := math.Min(1, math.Max(0, float64(e)/(u*v*size/n)))
			ends[i][d] = ends[i][d-1] + keep - math.Log1p(-taint)
		}
	}
	return func(n int) float64 {
		done := 0
		for _, e := range ends {
			if e[min(n, most)] <= lnAlpha {
				done++
			}
		}
		return float64(done) / float64(len(ends))
	}
}

// mostBatches is after how many draws a simulated audit of batches is given up.
const mostBatches = 60_000

// poisson is how many of many rare things come, by counting (Knuth); means above 30 are rounded to themselves.
func poisson(g *sampler.PCG64, mean float64) int {
	if mean <= 0 {
		return 0
	}
	if mean > 30 {
		return int(math.Round(mean))
	}
	k, p := 0, g.Float64()
	for limit := math.Exp(-mean); p > limit; k++ {
		p *= g.Float64()
	}
	return k
}

// steps bounds how many draws are simulated in all: of audits that end, and of audits that are given up.
const steps, stepsGivenUp = 1_000_000, 20_000_000

// alpha simulates the tests of package shangrla, which stop at the first draw that suffices, for the closest pair.
func (q Question) alpha(most int) (chances, error) {
	test, population, err := q.assertion()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audit.ErrInput, err)
	}
	lead := float64(q.margin()) / float64(q.Contest.Ballots)
	need := -math.Log(q.Limit.Alpha()) / lead * 2
	if q.Method == AlphaPolling {
		need = -math.Log(q.Limit.Alpha()) / (lead * lead) * 4
	}
	horizon := int(math.Min(float64(most), 20*need+200))
	runs := min(q.Runs, max(20, int(steps/math.Min(need, float64(horizon)))))
	horizon = min(horizon, stepsGivenUp/runs)
	f, err := test.Simulate(population, q.Limit.Alpha(), horizon, runs, q.Seed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audit.ErrInput, err)
	}
	return f.Chance, nil
}

// assertion is the test of the closest pair and what it would draw from.
func (q Question) assertion() (shangrla.Test, []shangrla.Share, error) {
	w, l := q.Contest.Winners(), q.Contest.Losers()
	n := q.Contest.Ballots
	first, second := w[len(w)-1].Votes, l[0].Votes
	sum := float64(first) + float64(n-first-second)/2
	if q.Method == AlphaComparison {
		c, err := shangrla.NewComparison(1, n, shangrla.Cards{Count: n, Sum: sum})
		if err != nil {
			return shangrla.Test{}, nil, err
		}
		return c.Test(math.Max(1e-5, q.Rates.Over2)), c.Errors(shangrla.Rates(q.Rates)), nil
	}
	p := shangrla.Defaults()
	p.Eta = sum / float64(n)
	t := shangrla.Test{Method: shangrla.Alpha, Estimator: shangrla.ShrinkTrunc, Population: n, NullMean: .5, Upper: 1, Params: p}
	all := float64(n)
	return t, []shangrla.Share{{X: 1, Of: float64(first) / all}, {X: 0, Of: float64(second) / all}, {X: .5, Of: float64(n-first-second) / all}}, nil
}
