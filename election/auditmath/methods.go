package auditmath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/openprecinct/precinct/election/audit"
)

// methodOps are the methods of audits as election offices run them today.
var methodOps = map[string]op{
	"bravo.sample_size":      taking(func(in pollingInput) (any, error) { return sizes(in.bravo().Sizes(in.rounds())) }),
	"bravo.risk":             taking(func(in pollingInput) (any, error) { return risk(in.bravo().Risk(in.rounds())) }),
	"minerva.sample_size":    taking(minervaSizes),
	"minerva.risk":           taking(func(in pollingInput) (any, error) { return risk(in.minerva().Risk(in.rounds())) }),
	"providence.sample_size": taking(func(in pollingInput) (any, error) { return sizes(in.providence().Sizes(in.rounds())) }),
	"providence.risk":        taking(func(in pollingInput) (any, error) { return risk(in.providence().Risk(in.rounds())) }),
}

// kinds are the words of the protocol for what keeps a method from an answer.
var kinds = []struct {
	err  error
	kind Kind
}{
	{audit.ErrNoLosers, "no_losers"}, {audit.ErrAllAudited, "all_ballots_audited"}, {audit.ErrAuditOver, "audit_over"},
	{audit.ErrStratumRecount, "stratum_recount"},
}

// kinded gives an error of the methods its word.
func kinded(err error) error {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return fmt.Errorf("%w: %w", k.kind, err)
		}
	}
	return err
}

// count is a number of votes or ballots. Some programs write whole numbers as 12.0 or "12".
type count int

func (c *count) UnmarshalJSON(b []byte) error {
	var f float64
	if err := json.Unmarshal(bytes.Trim(b, `"`), &f); err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return fmt.Errorf("%s is no number of votes or ballots", b)
	}
	*c = count(f)
	return nil
}

type contestInput struct {
	Ballots      count `json:"ballots"`
	NumWinners   count `json:"num_winners"`
	VotesAllowed count `json:"votes_allowed"`
	Pending      count `json:"pending_ballots"`
	Runoff       bool  `json:"subject_to_runoff"`
	Candidates   []struct {
		ID    string `json:"id"`
		Votes count  `json:"votes"`
	} `json:"candidates"`
}

func (in contestInput) contest() audit.Contest {
	c := audit.Contest{Ballots: int(in.Ballots), NumWinners: int(in.NumWinners), VotesAllowed: int(in.VotesAllowed), Pending: int(in.Pending), Runoff: in.Runoff}
	for _, x := range in.Candidates {
		c.Candidates = append(c.Candidates, audit.Candidate{ID: x.ID, Votes: int(x.Votes)})
	}
	return c
}

// limitInput is a risk limit in percents.
type limitInput float64

func (l limitInput) limit() audit.Limit { return audit.Limit(math.Round(float64(l) * 100)) }

type tally map[string]count

func (t tally) tally() audit.Tally {
	out := audit.Tally{}
	for id, n := range t {
		out[id] = int(n)
	}
	return out
}

type pollingInput struct {
	RiskLimit limitInput   `json:"risk_limit"`
	Contest   contestInput `json:"contest"`
	Rounds    []struct {
		Size     count `json:"size"`
		Votes    tally `json:"votes"`
		NotFound count `json:"not_found"`
	} `json:"rounds"`
}

func (in pollingInput) bravo() audit.BRAVO {
	return audit.BRAVO{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
}

func (in pollingInput) minerva() audit.Minerva {
	return audit.Minerva{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
}

func (in pollingInput) providence() audit.Providence {
	return audit.Providence{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
}

func (in pollingInput) rounds() []audit.Round {
	var all []audit.Round
	for _, r := range in.Rounds {
		all = append(all, audit.Round{Size: int(r.Size), Votes: r.Votes.tally(), NotFound: int(r.NotFound)})
	}
	return all
}

type option struct {
	Key  string   `json:"key"`
	Size int      `json:"size"`
	Prob *float64 `json:"prob"`
}

type sizesResult struct {
	FullCount bool     `json:"full_count,omitempty"`
	Size      *int     `json:"size,omitempty"`
	Options   []option `json:"options,omitempty"`
	Computed  []option `json:"computed,omitempty"` // sizes that Arlo does not offer
}

func options(all []audit.Option) []option {
	var out []option
	for _, o := range all {
		x := option{Key: o.Key, Size: o.Size}
		if o.Prob >= 0 {
			x.Prob = &o.Prob
		}
		out = append(out, x)
	}
	return out
}

func sizes(s audit.Sizes, err error) (any, error) {
	if err != nil {
		return nil, kinded(err)
	}
	out := sizesResult{FullCount: s.FullCount, Options: options(s.Options)}
	if s.FullCount {
		out.Size = &s.Size
	}
	return out, nil
}

// minervaSizes answers the first round with sizes, and a later one with Arlo's fixed schedule and, apart, with sizes that have the chances they name.
func minervaSizes(in pollingInput) (any, error) {
	m := in.minerva()
	if len(in.Rounds) == 0 {
		return sizes(m.Sizes())
	}
	rounds := in.rounds()
	next := m.Schedule(rounds[0].Size, len(rounds))
	prob, err := m.Chance(rounds, next)
	if err != nil {
		return nil, kinded(err)
	}
	computed, err := m.Next(rounds)
	if err != nil {
		return nil, kinded(err)
	}
	return sizesResult{Options: []option{{"0.9", next, &prob}}, Computed: options(computed)}, nil
}

type pairResult struct {
	Winner string  `json:"winner"`
	Loser  string  `json:"loser"`
	P      float64 `json:"p"`
}

type riskResult struct {
	P     float64      `json:"p"`
	Done  bool         `json:"done"`
	Pairs []pairResult `json:"pairs,omitempty"`
}

func risk(r audit.Risk, err error) (any, error) {
	if err != nil {
		return nil, kinded(err)
	}
	out := riskResult{P: r.P, Done: r.Met}
	for _, p := range r.Pairs {
		out.Pairs = append(out.Pairs, pairResult(p))
	}
	return out, nil
}
