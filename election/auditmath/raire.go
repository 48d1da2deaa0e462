package auditmath

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/openprecinct/precinct/election/audit/raire"
	"github.com/openprecinct/precinct/internal/fault"
)

// raireOps find and test what proves the winner of a ranked contest.
var raireOps = map[string]op{
	"raire.assertions":             taking(raireAssertions),
	"raire.file":                   taking(raireFile),
	"raire_comparison.sample_size": taking(raireSize),
	"raire_comparison.risk":        taking(raireRisk),
}

type ranking struct {
	Ranking []string `json:"ranking"`
	Count   int      `json:"count"`
}

// profileOf counts rankings by name. Names that are not candidates keep their rank.
func profileOf(candidates []string, rankings []ranking) (*raire.Profile, error) {
	p, err := raire.NewProfile(candidates)
	if err != nil {
		return nil, err
	}
	for _, r := range rankings {
		if err := p.Add(numbers(p, r.Ranking), r.Count); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func numbers(p *raire.Profile, names []string) []int8 {
	out := make([]int8, len(names))
	for i, n := range names {
		out[i] = int8(p.Number(n)) // #nosec G115 -- at most 64
	}
	return out
}

type raireInput struct {
	Candidates []string  `json:"candidates"`
	Winner     string    `json:"winner"`
	Profile    []ranking `json:"profile"`
}

type raireAssertion struct {
	Type       string   `json:"type"`
	Winner     string   `json:"winner"`
	Loser      string   `json:"loser"`
	Eliminated []string `json:"eliminated"`
	Margin     int      `json:"margin"`
}

type raireResult struct {
	Contest    string           `json:"contest,omitempty"`
	Possible   bool             `json:"possible"`
	Why        string           `json:"why,omitempty"` // why it is not
	Hardest    int              `json:"hardest_margin,omitempty"`
	Assertions []raireAssertion `json:"assertions"`
}

// proven says what proves a winner, or why nothing can.
func proven(p *raire.Profile, winner string) (raireResult, error) {
	out := raireResult{Assertions: []raireAssertion{}}
	f, err := raire.Assertions(p, p.Number(winner), 0)
	switch {
	case fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.Invalid:
		out.Why = err.Error()
		return out, nil
	case err != nil:
		return out, err
	}
	out.Possible, out.Hardest = true, f.Hardest
	for _, a := range f.Assertions {
		r := raireAssertion{a.Kind.String(), p.Names[a.Winner], p.Names[a.Loser], []string{}, a.Margin}
		for _, e := range a.Eliminated {
			r.Eliminated = append(r.Eliminated, p.Names[e])
		}
		out.Assertions = append(out.Assertions, r)
	}
	return out, nil
}

func raireAssertions(in raireInput) (raireResult, error) {
	p, err := profileOf(in.Candidates, in.Profile)
	if err != nil {
		return raireResult{}, err
	}
	return proven(p, in.Winner)
}

type raireFileResult struct {
	Contests []raireResult `json:"contests"`
}

func raireFile(in struct{ Path string }) (raireFileResult, error) {
	out := raireFileResult{Contests: []raireResult{}}
	f, err := os.Open(in.Path)
	if err != nil {
		return out, err
	}
	defer func() { _ = f.Close() }()
	contests, err := raire.ReadFile(f)
	if err != nil {
		return out, err
	}
	for _, c := range contests {
		r, err := proven(c.Profile, c.Winner)
		if err != nil {
			return out, fmt.Errorf("contest %s: %w", c.ID, err)
		}
		r.Contest = c.ID
		out.Contests = append(out.Contests, r)
	}
	return out, nil
}

// ranked is a ranking, or "missing"; null counts as missing too, because nobody can say what such a ballot says.
type ranked struct {
	missing bool
	names   []string
}

// UnmarshalJSON reads a list of names, null or "missing".
func (r *ranked) UnmarshalJSON(b []byte) error {
	if string(b) == `"missing"` || string(b) == "null" {
		r.missing = true
		return nil
	}
	return json.Unmarshal(b, &r.names)
}

type raireComparison struct {
	RiskLimit float64 `json:"risk_limit"`
	Contest   struct {
		Ballots    int `json:"ballots"`
		Candidates []struct {
			ID string `json:"id"`
		} `json:"candidates"`
	} `json:"contest"`
	Profile    []ranking        `json:"profile"`
	Assertions []raireAssertion `json:"assertions"`
	Observed   []struct {
		Draws, O1, O2 int
	} `json:"observed"`
	Sample []struct {
		Times             int
		Reported, Audited ranked
	} `json:"sample"`
}

// decoded returns the profile and the assertions by number.
func (in raireComparison) decoded() (*raire.Profile, []raire.Assertion, error) {
	names := make([]string, len(in.Contest.Candidates))
	for i, c := range in.Contest.Candidates {
		names[i] = c.ID
	}
	p, err := profileOf(names, in.Profile)
	if err != nil {
		return nil, nil, err
	}
	all := make([]raire.Assertion, len(in.Assertions))
	for i, a := range in.Assertions {
		b := raire.Assertion{Winner: p.Number(a.Winner), Loser: p.Number(a.Loser)}
		switch a.Type {
		case "NEB":
		case "NEN":
			b.Kind = raire.NEN
		default:
			return nil, nil, fmt.Errorf("no assertion is called %q", a.Type)
		}
		for _, e := range a.Eliminated {
			b.Eliminated = append(b.Eliminated, p.Number(e))
		}
		if b.Winner < 0 || b.Loser < 0 || b.Winner == b.Loser {
			return nil, nil, errors.New("an assertion is about two candidates of the contest")
		}
		all[i] = b
	}
	return p, all, nil
}

type raireSizeResult struct {
	Size int `json:"size"`
}

func raireSize(in raireComparison) (raireSizeResult, error) {
	p, all, err := in.decoded()
	if err != nil {
		return raireSizeResult{}, err
	}
	var seen []raire.Observed
	for _, o := range in.Observed {
		seen = append(seen, raire.Observed{Draws: o.Draws, One: o.O1, Two: o.O2})
	}
	n, err := raire.Size(p, in.Contest.Ballots, in.RiskLimit/100, all, seen)
	return raireSizeResult{n}, err
}

type raireRiskResult struct {
	P    float64 `json:"p"`
	Done bool    `json:"done"`
}

func raireRisk(in raireComparison) (raireRiskResult, error) {
	p, all, err := in.decoded()
	if err != nil {
		return raireRiskResult{}, err
	}
	sample := make([]raire.Sampled, len(in.Sample))
	for i, s := range in.Sample {
		if s.Times < 1 {
			return raireRiskResult{}, fmt.Errorf("ballot %d was drawn %d times", i, s.Times)
		}
		sample[i] = raire.Sampled{Times: s.Times, Reported: numbers(p, s.Reported.names), Audited: numbers(p, s.Audited.names), NoRecord: s.Reported.missing, NotFound: s.Audited.missing}
	}
	risk, err := raire.Risk(p, in.Contest.Ballots, all, sample)
	return raireRiskResult{risk, risk < in.RiskLimit/100}, err
}
