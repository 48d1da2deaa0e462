package shangrla

import (
	"errors"
	"fmt"
	"math"

	"github.com/openprecinct/precinct/internal/fault"
)

// Cards are some cards and the sum of an assorter over what is recorded for them. It is all that an audit needs to know of records it did not draw.
type Cards struct {
	Count int
	Sum   float64
}

// Comparison turns an assertion into one about overstatements, for an audit that compares cards with their records (SHANGRLA §3.2): with a the number of what
// is recorded and b that of what the paper says,
//
//	B = (1 − (a − b)/u)/(2 − v/u),   v = 2 mean(a) − 1,
//
// has a mean greater than 1/2 if and only if b has. This holds whatever is put for a, so long as v is computed from the same numbers; so a card in a pool whose
// records cannot be told apart takes the pool's mean (ONEAudit, Stark 2023, arXiv 2303.03335), and a card without any record takes 0.
//
// The cards are those that may hold the contest: all of them, or with card styles those that their records show it on, and then Bound comes from the manifest and
// from what was printed or issued, never from the records themselves ("More style, less work", Glazer, Spertus, Stark 2021, arXiv 2012.03371). A record that is
// missing counts as a vote for the loser, both in v and when it is drawn, found or not. The paper takes 1/2 in v; 0 is as valid, and with it a deleted record can
// never make a sample speak for the winner more than before, draw by draw.
type Comparison struct {
	upper   float64 // of the assorter
	margin  float64 // v
	bound   int
	missing int
	pools   []Cards
}

// NewComparison makes the comparison of one assertion: upper is the assorter's, bound how many cards may hold the contest, linked the cards with a record of
// their own and pools those with a total only. It refuses more records than cards, sums that cannot be, and records that do not show the assertion true.
func NewComparison(upper float64, bound int, linked Cards, pools ...Cards) (*Comparison, error) {
	c := &Comparison{upper: upper, bound: bound, missing: bound, pools: pools}
	if !(upper > 0) || math.IsInf(upper, 0) {
		return nil, fmt.Errorf("the assorter's upper bound is %g", upper)
	}
	var sum total
	for i, p := range append([]Cards{linked}, pools...) {
		if p.Count < 0 || !(p.Sum >= 0 && p.Sum <= upper*float64(p.Count)*(1+slack)) || i > 0 && p.Count == 0 {
			return nil, fmt.Errorf("%d cards with a sum of %g", p.Count, p.Sum)
		}
		c.missing -= p.Count
		sum.add(p.Sum)
	}
	if c.missing < 0 {
		return nil, fault.Invalidf("There are %d records of this contest, but the manifest has %d cards for it at the most. Correct the manifest or find out where the other records come from.", bound-c.missing, bound)
	}
	if bound == 0 {
		return nil, errors.New("no cards")
	}
	c.margin = 2*sum.value()/float64(bound) - 1
	if !(c.margin > 0) {
		return nil, fault.Conflictf("The records, with %d missing ones counted against the winner, do not show this outcome. Count by hand.", c.missing)
	}
	return c, nil
}

// Margin returns v, twice the mean of what is recorded less 1, in votes per card.
func (c *Comparison) Margin() float64 { return c.margin }

// Missing returns how many cards have no record.
func (c *Comparison) Missing() int { return c.missing }

// Population returns how many cards there are to draw from.
func (c *Comparison) Population() int { return c.bound }

// Upper returns the bound of a draw's number, 2/(2 − v/u).
func (c *Comparison) Upper() float64 { return 2 / (2 - c.margin/c.upper) }

// Linked returns the number of a drawn card that has its own record: a of the record, b of the paper.
func (c *Comparison) Linked(a, b float64) float64 {
	return (1 - (a-b)/c.upper) / (2 - c.margin/c.upper)
}

// Pooled returns the number of a drawn card of a pool.
func (c *Comparison) Pooled(pool int, b float64) float64 {
	return c.Linked(c.pools[pool].Sum/float64(c.pools[pool].Count), b)
}

// Unrecorded returns the number of a drawn card without a record, whatever it says.
func (c *Comparison) Unrecorded() float64 { return c.Linked(0, 0) }

// Read returns b, the number of the paper, for a card that should hold the contest: nil is a card that could not be found; it and a card without the contest
// are worth 0, as if they said the worst.
func (c *Comparison) Read(a Assorter, found *Vote) float64 {
	if found == nil || found.Absent {
		return 0
	}
	return a.Value(*found)
}

// Test returns a test for draws without replacement from these cards, with bets that are best if the records are right but for a rate of two-vote overstatements of about
// rate2, which lies between 0 and 1 and is 1e-5 where nothing is known. Without pools they are ALPHA's; with pools, whose cards differ from their mean even when all is
// right, every bet is (μ − 1/2)/(σ² + (μ − 1/2)²), with the mean μ and variance σ² that the records say draws have (Kelly's bet, approximately).
func (c *Comparison) Test(rate2 float64) Test {
	p := Defaults()
	p.ErrorRate2 = rate2
	t := Test{Method: Alpha, Estimator: OptimalComparison, Population: c.bound, NullMean: half, Upper: c.Upper(), Params: p}
	if len(c.pools) > 0 {
		right := c.Linked(0, 0)
		variance := rate2 * right * right
		for _, s := range c.pools {
			mean := s.Sum / float64(s.Count) / c.upper
			variance += float64(s.Count) / float64(c.bound) * mean * (1 - mean) * right * right
		}
		ahead := right - half
		t.Method, t.Params.Lambda = Betting, min(1.9, ahead/(variance+ahead*ahead))
	}
	return t
}
