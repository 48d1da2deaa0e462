package auditmath

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/election/audit/shangrla"
)

// alphaOps test assertions by betting.
var alphaOps = map[string]op{
	"alpha.p_value":       taking(alphaPValue),
	"shangrla.comparison": taking(shangrlaComparison),
}

// betting is how an input names a test, in the words of SHANGRLA's library.
type betting struct {
	Test      string `json:"test"`
	Estimator string `json:"estimator"`
	Bet       string `json:"bet"`
	Params    struct {
		Eta        *float64 `json:"eta"`
		C          *float64 `json:"c"`
		D          *float64 `json:"d"`
		F          *float64 `json:"f"`
		MinSD      *float64 `json:"minsd"`
		ErrorRate2 *float64 `json:"error_rate_2"`
		Lambda     *float64 `json:"lam"`
		Cap        *float64 `json:"c_grapa_0"`
		CapMost    *float64 `json:"c_grapa_max"`
		CapGrow    *float64 `json:"c_grapa_grow"`
		G          *float64 `json:"g"`
	} `json:"params"`
	RandomOrder *bool `json:"random_order"`
}

var (
	methods = map[string]shangrla.Method{
		"alpha_mart": shangrla.Alpha, "betting_mart": shangrla.Betting, "kaplan_kolmogorov": shangrla.KaplanKolmogorov,
		"kaplan_markov": shangrla.KaplanMarkov, "kaplan_wald": shangrla.KaplanWald, "wald_sprt": shangrla.WaldSPRT,
	}
	estimators = map[string]shangrla.Estimator{
		"": shangrla.FixedAlternative, "fixed_alternative_mean": shangrla.FixedAlternative, "shrink_trunc": shangrla.ShrinkTrunc,
		"optimal_comparison": shangrla.OptimalComparison,
	}
	bets = map[string]shangrla.Bet{"": shangrla.FixedBet, "fixed_bet": shangrla.FixedBet, "agrapa": shangrla.Agrapa}
)

// as returns the test that is named, for numbers between 0 and upper.
func (b betting) as(population int, null, upper float64) (shangrla.Test, error) {
	t := shangrla.Test{Population: population, NullMean: null, Upper: upper, Params: shangrla.Defaults()}
	var ok [3]bool
	t.Method, ok[0] = methods[b.Test]
	t.Estimator, ok[1] = estimators[b.Estimator]
	t.Bet, ok[2] = bets[b.Bet]
	if slices.Contains(ok[:], false) {
		return t, fmt.Errorf("no test is called %q with estimator %q or bet %q", b.Test, b.Estimator, b.Bet)
	}
	p := &t.Params
	if b.Estimator == "" { // the library's own default, when no estimator is named
		p.Eta = null + (upper-null)/2
	}
	for _, given := range []struct{ from, to *float64 }{
		{b.Params.Eta, &p.Eta}, {b.Params.C, &p.C}, {b.Params.D, &p.D}, {b.Params.F, &p.F}, {b.Params.MinSD, &p.MinSD},
		{b.Params.ErrorRate2, &p.ErrorRate2}, {b.Params.Lambda, &p.Lambda}, {b.Params.Cap, &p.Cap}, {b.Params.CapMost, &p.CapMost},
		{b.Params.CapGrow, &p.CapGrow}, {b.Params.G, &p.G},
	} {
		if given.from != nil {
			*given.to = *given.from
		}
	}
	t.Unordered = b.RandomOrder != nil && !*b.RandomOrder && t.Method != shangrla.Alpha && t.Method != shangrla.Betting
	return t, nil
}

// both asks a test as the library publishes it, and as it is valid after every draw whatever the null hypothesis. The second is missing where the test has no
// valid form for such a sample.
func both(t shangrla.Test, x []float64) (published shangrla.Result, valid *float64, err error) {
	t.Published = true
	if published, err = t.P(x); err != nil {
		return published, nil, err
	}
	t.Published = false
	if r, err := t.P(x); err == nil {
		valid = &r.P
	}
	return published, valid, nil
}

type alphaInput struct {
	betting
	Population *int      `json:"population_size"`
	NullMean   float64   `json:"null_mean"`
	Upper      float64   `json:"upper_bound"`
	X          []float64 `json:"x"`
}

type alphaResult struct {
	P       float64   `json:"p"`
	PValid  *float64  `json:"p_valid"` // a p-value after every draw; p is what the published library answers
	History []float64 `json:"p_history"`
}

func alphaPValue(in alphaInput) (alphaResult, error) {
	n := 0
	if in.Population != nil {
		if n = *in.Population; n <= 0 {
			return alphaResult{}, fmt.Errorf("a population of %d", n)
		}
	}
	t, err := in.as(n, in.NullMean, in.Upper)
	if err != nil {
		return alphaResult{}, err
	}
	r, valid, err := both(t, in.X)
	return alphaResult{r.P, valid, r.History}, err
}

// paper is what a record or a paper says: the marks by candidate, nil where the contest is not on the card, or missing.
type paper struct {
	missing bool
	votes   map[string]float64
}

// UnmarshalJSON reads {candidate: 0 or 1}, null or "missing".
func (p *paper) UnmarshalJSON(b []byte) error {
	if string(b) == `"missing"` {
		p.missing = true
		return nil
	}
	return json.Unmarshal(b, &p.votes)
}

// assorted is the plurality assorter of a card with votes by name.
func (p paper) assorted(w, l string) float64 { return (p.votes[w] - p.votes[l] + 1) / 2 }

type comparisonInput struct {
	betting
	RiskLimit float64 `json:"risk_limit"`
	Contest   struct {
		Ballots    int `json:"ballots"`
		NumWinners int `json:"num_winners"`
		Candidates []struct {
			ID    string `json:"id"`
			Votes int    `json:"votes"`
		} `json:"candidates"`
	} `json:"contest"`
	Sample []struct{ Reported, Audited paper } `json:"sample"`
}

type assertionResult struct {
	Winner string   `json:"winner"`
	Loser  string   `json:"loser"`
	Margin float64  `json:"margin"`
	P      float64  `json:"p"`
	PValid *float64 `json:"p_valid"`
}

type comparisonResult struct {
	Assertions []assertionResult `json:"assertions"`
	P          float64           `json:"p"`
	Done       bool              `json:"done"`
}

// noLosers is the kind of a contest that nobody can lose.
const noLosers Kind = "no_losers"

func shangrlaComparison(in comparisonInput) (comparisonResult, error) {
	var out comparisonResult
	c := in.Contest.Candidates
	slices.SortStableFunc(c, func(a, b struct {
		ID    string `json:"id"`
		Votes int    `json:"votes"`
	}) int {
		return b.Votes - a.Votes
	})
	k := in.Contest.NumWinners
	switch {
	case k < 1 || in.Contest.Ballots < 1:
		return out, errors.New("a contest has winners and ballots")
	case k >= len(c):
		return out, fmt.Errorf("%w: every candidate wins", noLosers)
	}
	for _, w := range c[:k] {
		for _, l := range c[k:] {
			a := assertionResult{Winner: w.ID, Loser: l.ID, Margin: float64(w.Votes-l.Votes) / float64(in.Contest.Ballots)}
			if err := in.test(&a); err != nil {
				return out, err
			}
			out.Assertions = append(out.Assertions, a)
			out.P = max(out.P, a.P)
		}
	}
	out.Done = out.P <= in.RiskLimit/100
	return out, nil
}

// test fills in the p-values of one assertion; one that the reported votes do not show has 1.
func (in comparisonInput) test(a *assertionResult) error {
	v := a.Margin
	if v <= 0 || v > 1 {
		a.P = 1
		return nil
	}
	x := make([]float64, len(in.Sample))
	for i, s := range in.Sample {
		recorded, read := s.Reported.assorted(a.Winner, a.Loser), s.Audited.assorted(a.Winner, a.Loser)
		if s.Reported.missing {
			recorded = 0.5
		}
		if s.Audited.missing {
			read = 0
		}
		x[i] = (1 - (recorded - read)) / (2 - v)
	}
	t, err := in.as(in.Contest.Ballots, 0.5, 2/(2-v))
	if err != nil {
		return err
	}
	r, valid, err := both(t, x)
	a.P, a.PValid = r.P, valid
	return err
}
