// Package audit holds the methods of risk-limiting audits as election offices run them today.
//
// Ballot polling: [BRAVO], [Minerva], [Providence]. Batch comparison: [MACRO]. Ballot comparison: [SuperSimple]. Both at once: [SUITE]. Each says how
// many to draw and what a sample has shown, agrees with Arlo to the last digit that Arlo is sure of, and differs where Arlo is wrong;
// docs/audit-methods.md lists those places. Numbers on which a decision or a ceiling hangs are decided exactly.
//
// Everywhere: a p-value is the largest chance, over all ways in which the reported outcome could be wrong, that a sample would look at least as good for it
// as this one. The audit may end when it is at most the risk limit. The reported winners are those with the most votes; who is listed first comes first
// among equals. A pair is a reported winner and a reported loser; an outcome is right if every winner beat every loser.
package audit

import (
	"errors"
	"fmt"
	"slices"
)

// Limit is a risk limit in hundredths of a percent: 500 is 5 %.
type Limit int

// Percent returns a limit of whole percents.
func Percent(n int) Limit { return Limit(100 * n) }

// Alpha returns the limit as a fraction.
func (l Limit) Alpha() float64 { return float64(l) / 10_000 }

func (l Limit) check() error {
	if l <= 0 || l >= 10_000 {
		return fmt.Errorf("%w: a risk limit lies between 0 and 100 %%", ErrInput)
	}
	return nil
}

// Candidate is one who can be voted for in a contest, "Yes" and "No" too, with the votes reported.
type Candidate struct {
	ID    string
	Votes int
}

// Contest is one contest with the outcome reported.
type Contest struct {
	Ballots      int // cards with the contest on them
	NumWinners   int
	VotesAllowed int // votes a voter may cast in it
	Pending      int // ballots not yet counted when the audit began, each of which may hold an error of one vote in the margin
	Runoff       bool
	Candidates   []Candidate
}

// Tally is votes by candidate.
type Tally map[string]int

// Round is what one round of a polling audit found. Counts are of this round alone.
type Round struct {
	Size     int // ballots drawn
	Votes    Tally
	NotFound int // of those drawn; each counts as a vote for every loser
}

// Risk is what a sample has shown.
type Risk struct {
	P     float64 // from 0 to 1
	Met   bool    // the risk limit is met: the audit may end
	Pairs []PairRisk
}

// PairRisk is what a sample has shown about one pair, where the method tests pairs.
type PairRisk struct {
	Winner, Loser string
	P             float64
}

// Option is a size to choose.
type Option struct {
	Key  string  // "asn" for the expected size, or the chance as "0.7", "0.8", "0.9"
	Size int     // ballots to draw
	Prob float64 // chance to finish with this size if the report is right; negative where unknown
}

// Sizes are the sizes to choose from, or FullCount with the number of all ballots in Size.
type Sizes struct {
	FullCount bool
	Size      int
	Options   []Option
}

// What keeps a method from an answer.
var (
	ErrInput            = errors.New("the numbers contradict themselves")
	ErrNoLosers         = errors.New("nobody lost this contest, so there is nothing to audit")
	ErrAllAudited       = errors.New("all ballots have been audited")
	ErrAuditOver        = errors.New("the sample already meets the risk limit")
	ErrStratumRecount   = errors.New("one of the strata must be counted in full")
	ErrUnknownCandidate = fmt.Errorf("%w: a candidate is not in the contest", ErrInput)
)

// maxCount bounds every count, so that sums and products of two stay exact.
const maxCount = 1 << 31

// Check says what is impossible about a contest.
func (c Contest) Check() error {
	if c.Ballots < 0 || c.Ballots > maxCount {
		return fmt.Errorf("%w: a contest cannot have %d ballots", ErrInput, c.Ballots)
	}
	if c.NumWinners < 1 || c.VotesAllowed < 1 || c.VotesAllowed > maxCount || c.Pending < 0 || c.Pending > maxCount {
		return fmt.Errorf("%w: %d winners, %d votes allowed, %d ballots pending", ErrInput, c.NumWinners, c.VotesAllowed, c.Pending)
	}
	seen := map[string]bool{}
	total := 0
	for _, x := range c.Candidates {
		if seen[x.ID] {
			return fmt.Errorf("%w: candidate %q is listed twice", ErrInput, x.ID)
		}
		seen[x.ID] = true
		if x.Votes < 0 || x.Votes > maxCount {
			return fmt.Errorf("%w: candidate %q cannot have %d votes", ErrInput, x.ID, x.Votes)
		}
		total += x.Votes
	}
	if total > c.Ballots*c.VotesAllowed {
		return fmt.Errorf("%w: %d ballots with %d votes each cannot hold %d votes", ErrInput, c.Ballots, c.VotesAllowed, total)
	}
	return nil
}

// ranked are the candidates by votes, most first, those listed first before equals.
func (c Contest) ranked() []Candidate {
	all := slices.Clone(c.Candidates)
	slices.SortStableFunc(all, func(a, b Candidate) int { return b.Votes - a.Votes })
	return all
}

// Winners returns the reported winners, most votes first.
func (c Contest) Winners() []Candidate {
	all := c.ranked()
	return all[:min(c.NumWinners, len(all))]
}

// Losers returns the reported losers, most votes first.
func (c Contest) Losers() []Candidate {
	all := c.ranked()
	return all[min(c.NumWinners, len(all)):]
}

// pair is a reported winner and a reported loser.
type pair struct{ w, l Candidate }

// margin is by how many votes the pair is reported apart.
func (p pair) margin() int { return p.w.Votes - p.l.Votes }

// pairs are all pairs, winners by votes and in each losers by votes.
func (c Contest) pairs() []pair {
	var all []pair
	for _, w := range c.Winners() {
		for _, l := range c.Losers() {
			all = append(all, pair{w, l})
		}
	}
	return all
}

// closest is the smallest margin of a pair.
func (c Contest) closest() int {
	least := maxCount
	for _, p := range c.pairs() {
		least = min(least, p.margin())
	}
	return least
}

// begin checks what every method needs.
func (c Contest) begin(l Limit) error {
	if err := l.check(); err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	if len(c.Losers()) == 0 {
		return ErrNoLosers
	}
	return nil
}

// known says whether a tally names only candidates of the contest, with counts that can be.
func (c Contest) known(t Tally) error {
	for id, n := range t {
		if !slices.ContainsFunc(c.Candidates, func(x Candidate) bool { return x.ID == id }) {
			return fmt.Errorf("%w: %q", ErrUnknownCandidate, id)
		}
		if n < 0 || n > maxCount {
			return fmt.Errorf("%w: %q cannot have %d votes", ErrInput, id, n)
		}
	}
	return nil
}

// polled are rounds with the ballots not found counted against the winners, each round for itself.
func (c Contest) polled(rounds []Round) ([]Tally, error) {
	losers := c.Losers()
	out := make([]Tally, len(rounds))
	for i, r := range rounds {
		if r.Size < 0 || r.Size > maxCount || r.NotFound < 0 || r.NotFound > maxCount {
			return nil, fmt.Errorf("%w: round %d has %d ballots, %d of them not found", ErrInput, i+1, r.Size, r.NotFound)
		}
		if err := c.known(r.Votes); err != nil {
			return nil, fmt.Errorf("round %d: %w", i+1, err)
		}
		out[i] = Tally{}
		for id, n := range r.Votes {
			out[i][id] = n
		}
		for _, l := range losers {
			out[i][l.ID] += r.NotFound
		}
	}
	return out, nil
}

// sum adds up tallies.
func sum(tallies []Tally) Tally {
	all := Tally{}
	for _, t := range tallies {
		for id, n := range t {
			all[id] += n
		}
	}
	return all
}

// drawnIn is how many ballots the rounds drew.
func drawnIn(rounds []Round) int {
	n := 0
	for _, r := range rounds {
		n += r.Size
	}
	return n
}
