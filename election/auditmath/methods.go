package auditmath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/audit/sampler"
)

// methodOps are the methods of audits as election offices run them today.
var methodOps = map[string]op{
	"bravo.sample_size":       taking(func(in pollingInput) (any, error) { return sizes(in.bravo().Sizes(in.rounds())) }),
	"bravo.risk":              taking(func(in pollingInput) (any, error) { return risk(in.bravo().Risk(in.rounds())) }),
	"minerva.sample_size":     taking(minervaSizes),
	"minerva.risk":            taking(func(in pollingInput) (any, error) { return risk(in.minerva().Risk(in.rounds())) }),
	"providence.sample_size":  taking(func(in pollingInput) (any, error) { return sizes(in.providence().Sizes(in.rounds())) }),
	"providence.risk":         taking(func(in pollingInput) (any, error) { return risk(in.providence().Risk(in.rounds())) }),
	"macro.bounds":            taking(macroBounds),
	"macro.sample_size":       taking(macroSize),
	"macro.risk":              taking(macroRisk),
	"sampler.ppeb":            taking(drawBatches),
	"supersimple.sample_size": taking(superSimpleSize),
	"supersimple.risk":        taking(superSimpleRisk),
	"suite.sample_size":       taking(suiteSize),
	"suite.risk":              taking(func(in suiteInput) (any, error) { return risk(in.suite().Risk()) }),
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

type batchInput struct {
	Key     sampler.Key `json:"key"`
	Ballots count       `json:"ballots"`
	Votes   *tally      `json:"votes"`
}

type macroInput struct {
	RiskLimit limitInput   `json:"risk_limit"`
	Contest   contestInput `json:"contest"`
	Batches   []batchInput `json:"batches"`
	Sample    []struct {
		Key     sampler.Key `json:"key"`
		Tickets []string    `json:"tickets"`
		Votes   *tally      `json:"votes"`
	} `json:"sample"`
	Combined [][]sampler.Key `json:"combined"`
}

// extraTicket is what Arlo prints for a batch that is counted for another reason than the draw.
const extraTicket = "EXTRA"

// macro reads the batches and the sample.
func (in macroInput) macro() (audit.MACRO, []audit.BatchSample, error) {
	m := audit.MACRO{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
	at := map[string]int{}
	for i, b := range in.Batches {
		if _, there := at[b.Key.String()]; there {
			return m, nil, fmt.Errorf("batch %s is listed twice", b.Key)
		}
		at[b.Key.String()] = i
		x := audit.Batch{Ballots: int(b.Ballots), Lacks: b.Votes == nil}
		if b.Votes != nil {
			x.Votes = b.Votes.tally()
		}
		m.Batches = append(m.Batches, x)
	}
	find := func(k sampler.Key) (int, error) {
		i, ok := at[k.String()]
		if !ok {
			return 0, fmt.Errorf("batch %s is not among the batches", k)
		}
		return i, nil
	}
	for _, group := range in.Combined {
		var members []int
		for _, k := range group {
			i, err := find(k)
			if err != nil {
				return m, nil, err
			}
			members = append(members, i)
		}
		m.Combined = append(m.Combined, members)
	}
	var sample []audit.BatchSample
	for _, s := range in.Sample {
		i, err := find(s.Key)
		if err != nil {
			return m, nil, err
		}
		x := audit.BatchSample{Batch: i, Lacks: s.Votes == nil}
		if s.Votes != nil {
			x.Votes = s.Votes.tally()
		}
		for _, t := range s.Tickets {
			if t != extraTicket {
				x.Draws++
			}
		}
		sample = append(sample, x)
	}
	return m, sample, nil
}

func macroRisk(in macroInput) (any, error) {
	m, sample, err := in.macro()
	if err != nil {
		return nil, err
	}
	return risk(m.Risk(sample))
}

// sizeResult is a number of draws.
type sizeResult struct {
	Size int `json:"size"`
}

func macroSize(in macroInput) (any, error) {
	m, sample, err := in.macro()
	if err != nil {
		return nil, err
	}
	n, err := m.Size(sample)
	return sizeResult{n}, kinded(err)
}

// number is a result that may be infinite. JSON has no word for that; 1e999 is read as infinite by most programs.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(n), 1) {
		return []byte("1e999"), nil
	}
	return json.Marshal(float64(n))
}

type boundsResult struct {
	Unaccounted int      `json:"unauditable_ballots"`
	U           number   `json:"U"`
	Each        []number `json:"u"`
}

func macroBounds(in macroInput) (any, error) {
	m, _, err := in.macro()
	if err != nil {
		return nil, err
	}
	b, err := m.Bounds()
	if err != nil {
		return nil, kinded(err)
	}
	out := boundsResult{b.Unaccounted, number(b.U), make([]number, len(b.Each))}
	for i, u := range b.Each {
		out.Each[i] = number(u)
	}
	return out, nil
}

type ppebInput struct {
	macroInput
	Seed       string        `json:"seed"`
	SampleSize int           `json:"sample_size"`
	Before     []sampler.Key `json:"previously_sampled"`
}

type batchDraw struct {
	Ticket string      `json:"ticket"`
	Key    sampler.Key `json:"key"`
}

func drawBatches(in ppebInput) (any, error) {
	out := draws[batchDraw]{[]batchDraw{}}
	m, _, err := in.macro()
	if err != nil {
		return nil, err
	}
	b, err := m.Bounds()
	if err != nil {
		return nil, kinded(err)
	}
	if b.U == 0 { // the contest is in no batch
		return out, nil
	}
	keys := make([]sampler.Key, len(in.Batches))
	for i, x := range in.Batches {
		keys[i] = x.Key
	}
	drawn, err := sampler.Batches(in.Seed, keys, b.Weights, in.SampleSize, in.Before)
	for _, d := range drawn {
		out.Draws = append(out.Draws, batchDraw{d.Ticket, keys[d.Batch]})
	}
	return out, err
}

// markInput is what a ballot says: votes by candidate, null where the contest is not on it, or "missing".
type markInput struct{ audit.Mark }

func (m *markInput) UnmarshalJSON(b []byte) error {
	m.Votes = audit.Tally{}
	switch string(bytes.TrimSpace(b)) {
	case "null":
		m.Absent = true
		return nil
	case `"missing"`:
		m.Missing = true
		return nil
	}
	var cells map[string]json.RawMessage
	if err := json.Unmarshal(b, &cells); err != nil {
		return err
	}
	for id, cell := range cells {
		switch string(cell) {
		case `"o"`:
			m.Over = true
		case `"u"`:
			m.Under = true
		default:
			var n count
			if err := n.UnmarshalJSON(cell); err != nil {
				return err
			}
			m.Votes[id] = int(n)
		}
	}
	return nil
}

type superSimpleInput struct {
	RiskLimit limitInput   `json:"risk_limit"`
	Contest   contestInput `json:"contest"`
	Sample    []struct {
		Times    count     `json:"times"`
		Reported markInput `json:"reported"`
		Audited  markInput `json:"audited"`
	} `json:"sample"`
	Observed *struct {
		Draws count `json:"draws"`
		O1    count `json:"o1"`
		O2    count `json:"o2"`
		U1    count `json:"u1"`
		U2    count `json:"u2"`
	} `json:"observed"`
}

func (in superSimpleInput) audit() audit.SuperSimple {
	return audit.SuperSimple{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
}

type discrepancy struct {
	Index   int `json:"index"`
	Counted int `json:"counted_as"`
}

type superSimpleResult struct {
	riskResult
	Discrepancies []discrepancy `json:"discrepancies"`
}

func superSimpleRisk(in superSimpleInput) (any, error) {
	var sample []audit.BallotSample
	for _, b := range in.Sample {
		sample = append(sample, audit.BallotSample{Times: int(b.Times), Reported: b.Reported.Mark, Audited: b.Audited.Mark})
	}
	r, found, err := in.audit().Risk(sample)
	if err != nil {
		return nil, kinded(err)
	}
	out := superSimpleResult{riskResult{P: r.P, Done: r.Met}, []discrepancy{}}
	for _, d := range found {
		out.Discrepancies = append(out.Discrepancies, discrepancy(d))
	}
	return out, nil
}

func superSimpleSize(in superSimpleInput) (any, error) {
	var o audit.Observed
	if x := in.Observed; x != nil {
		o = audit.Observed{Draws: int(x.Draws), O1: int(x.O1), O2: int(x.O2), U1: int(x.U1), U2: int(x.U2)}
	}
	n, err := in.audit().Size(o)
	return sizeResult{n}, kinded(err)
}

type suiteInput struct {
	RiskLimit limitInput   `json:"risk_limit"`
	Contest   contestInput `json:"contest"`
	Polling   struct {
		Ballots count   `json:"ballots"`
		Votes   tally   `json:"votes"`
		Size    count   `json:"sample_size"`
		Rounds  []tally `json:"rounds"`
	} `json:"polling"`
	Comparison struct {
		Ballots count `json:"ballots"`
		Votes   tally `json:"votes"`
		Size    count `json:"sample_size"`
		Errors  []struct {
			Winner string `json:"winner"`
			Loser  string `json:"loser"`
			O1     count  `json:"o1"`
			O2     count  `json:"o2"`
		} `json:"misstatements"`
	} `json:"comparison"`
}

func (in suiteInput) suite() audit.SUITE {
	s := audit.SUITE{Contest: in.Contest.contest(), Limit: in.RiskLimit.limit()}
	s.Polling = audit.PollingStratum{Ballots: int(in.Polling.Ballots), Votes: in.Polling.Votes.tally(), Drawn: int(in.Polling.Size)}
	for _, r := range in.Polling.Rounds {
		s.Polling.Found = append(s.Polling.Found, r.tally())
	}
	s.Comparison = audit.ComparisonStratum{Ballots: int(in.Comparison.Ballots), Votes: in.Comparison.Votes.tally(), Drawn: int(in.Comparison.Size), Errors: map[audit.PairID]audit.Overstatements{}}
	for _, e := range in.Comparison.Errors {
		s.Comparison.Errors[audit.PairID{Winner: e.Winner, Loser: e.Loser}] = audit.Overstatements{One: int(e.O1), Two: int(e.O2)}
	}
	return s
}

type strataResult struct {
	Comparison int `json:"comparison"`
	Polling    int `json:"polling"`
}

func suiteSize(in suiteInput) (any, error) {
	c, p, err := in.suite().Size()
	return strataResult{c, p}, kinded(err)
}
