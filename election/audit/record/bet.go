package record

import (
	"slices"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/audit/shangrla"
)

// usualRate is the rate of two-vote errors that SHANGRLA expects where the commitment names none.
const usualRate = 1e-5

// bet tests every pair by ALPHA on the draws in their order: the assertion that the winner has more votes than the loser, compared with the records. The bound
// on the cards is the manifest, so a card without a record counts against the winner whatever it says.
func (c *contest) bet() (audit.Risk, error) {
	a := c.audited()
	cards := 0
	for _, p := range c.places {
		cards += p.records
	}
	rate := c.ErrorRate2
	if rate == 0 {
		rate = usualRate
	}
	var r audit.Risk
	for _, w := range a.Winners() {
		for _, l := range a.Losers() {
			p, err := c.betOn(w, l, cards, rate)
			if err != nil {
				return r, err
			}
			r.Pairs = append(r.Pairs, audit.PairRisk{Winner: w.ID, Loser: l.ID, P: p})
			r.P = max(r.P, p)
		}
	}
	if len(r.Pairs) == 0 {
		return r, audit.ErrNoLosers
	}
	r.Met = r.P <= audit.Limit(c.RiskLimit).Alpha()
	return r, nil
}

func (c *contest) betOn(w, l audit.Candidate, cards int, rate float64) (float64, error) {
	assertion := shangrla.Plurality{Winner: c.index(w.ID), Loser: c.index(l.ID), Allowed: c.VotesAllowed}
	linked := shangrla.Cards{Count: cards, Sum: (float64(cards) + float64(w.Votes-l.Votes)) / 2}
	k, err := shangrla.NewComparison(assertion.Upper(), c.Ballots, linked)
	if err != nil {
		return 1, err
	}
	var x []float64
	for _, r := range c.rounds[:c.judged] {
		for _, d := range r.draws {
			found := 0.0
			if f := c.found[d.Paper]; !f.Missing {
				found = assertion.Value(c.vote(f.Votes))
			}
			m, ok := c.reported[d.Paper]
			if !ok {
				x = append(x, k.Unrecorded())
				continue
			}
			x = append(x, k.Linked(assertion.Value(c.vote(m.votes)), found))
		}
	}
	p, err := k.Test(rate).P(x)
	return p.P, err
}

// vote numbers the choices of a ballot.
func (c *contest) vote(votes map[string]int) (v shangrla.Vote) {
	for i, o := range c.Choices {
		if votes[o.Name] > 0 {
			v.Marks = append(v.Marks, i)
		}
	}
	return v
}

func (c *contest) index(name string) int {
	return slices.IndexFunc(c.Choices, func(o Choice) bool { return o.Name == name })
}

// suite puts both strata together.
func (c *contest) suite(sample []audit.BallotSample) (audit.Risk, error) {
	s := audit.SUITE{
		Contest: c.audited(), Limit: audit.Limit(c.RiskLimit),
		Comparison: audit.ComparisonStratum{Votes: audit.Tally{}, Errors: map[audit.PairID]audit.Overstatements{}},
		Polling:    audit.PollingStratum{Votes: audit.Tally{}},
	}
	for _, p := range c.places {
		for _, b := range p.manifest.Batches {
			if b.CVR {
				s.Comparison.Ballots += b.Ballots
			} else {
				s.Polling.Ballots += b.Ballots
			}
		}
	}
	for _, o := range c.Choices {
		s.Comparison.Votes[o.Name] = c.counted[o.Name]
		s.Polling.Votes[o.Name] = o.Votes - c.counted[o.Name]
	}
	for _, b := range sample {
		s.Comparison.Drawn += b.Times
	}
	losers := s.Contest.Losers()
	for _, w := range s.Contest.Winners() {
		for _, l := range losers {
			s.Comparison.Errors[audit.PairID{Winner: w.ID, Loser: l.ID}] = c.overstatements(sample, w.ID, l.ID)
		}
	}
	for _, r := range c.rounds[:c.judged] {
		t := audit.Tally{}
		for _, d := range r.polled {
			f := c.found[d.Paper]
			for name, n := range c.audit(f).Votes {
				t[name] += n
			}
			for _, l := range losers {
				if f.Missing {
					t[l.ID]++
				}
			}
		}
		s.Polling.Drawn += len(r.polled)
		s.Polling.Found = append(s.Polling.Found, t)
	}
	return s.Risk()
}

// overstatements counts the draws that show a pair too far apart.
func (c *contest) overstatements(sample []audit.BallotSample, w, l string) (o audit.Overstatements) {
	for _, b := range sample {
		over := b.Reported.Votes[w] - b.Reported.Votes[l] - b.Audited.Votes[w] + b.Audited.Votes[l]
		if b.Reported.Missing || b.Audited.Missing {
			over = 2
		}
		switch over {
		case 1:
			o.One += b.Times
		case 2:
			o.Two += b.Times
		}
	}
	return o
}
