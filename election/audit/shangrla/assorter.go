package shangrla

import (
	"fmt"
	"slices"
)

// Vote is what one card says in one contest. Candidates are numbered from 0.
type Vote struct {
	Absent  bool      // the contest is not on this card
	Marks   []int     // candidates marked, in a contest without ranks
	Ranking []int     // candidates in the order of the ranks, first choice first, in a ranked contest; other numbers stand for nobody on the list
	Scores  []float64 // points for each candidate, in a contest with scores
}

// Assorter gives every card a number between 0 and Upper, so that its assertion is true if and only if the mean over all cards is greater than 1/2. A card
// that says nothing about the assertion has the number 1/2.
type Assorter interface {
	// Value returns the number of a card. An absent contest is worth 1/2 here; a comparison with card styles asks [Comparison.Read] instead.
	Value(v Vote) float64
	// Upper returns the largest number a card can have.
	Upper() float64
	// String says the assertion, with candidates by number.
	String() string
}

// half is what a card is worth that speaks neither for nor against.
const half = 0.5

// between is the number of a card that gives w points of 0 or 1 to the winner and l to the loser.
func between(w, l bool) float64 {
	switch {
	case w == l:
		return half
	case w:
		return 1
	default:
		return 0
	}
}

// Plurality asserts that Winner got more votes than Loser: A = (w − l + 1)/2, at most 1 (SHANGRLA §2.1). A contest with several winners is right if and only
// if each winner beats each loser; approval voting is the same with Allowed 0.
type Plurality struct {
	Winner, Loser int
	Allowed       int // marks a voter may make; a card with more is an overvote and counts for nobody. 0 sets no limit.
}

// Value returns 1 for a vote for the winner alone, 0 for the loser alone, 1/2 otherwise.
func (a Plurality) Value(v Vote) float64 {
	if v.Absent || a.Allowed > 0 && len(v.Marks) > a.Allowed {
		return half
	}
	return between(slices.Contains(v.Marks, a.Winner), slices.Contains(v.Marks, a.Loser))
}

// Upper returns 1.
func (a Plurality) Upper() float64 { return 1 }

// String says the assertion.
func (a Plurality) String() string {
	return fmt.Sprintf("%d got more votes than %d", a.Winner, a.Loser)
}

// Supermajority asserts that Winner got more than the share Share of the valid votes, 0 < Share < 1: A = w/(2 Share) for a card with exactly one valid mark,
// 1/2 for any other, at most 1/(2 Share) (SHANGRLA §2.3). With Share 1/2 it is a majority.
type Supermajority struct {
	Winner int
	Share  float64
}

// Value returns 1/(2 Share), 0 or 1/2.
func (a Supermajority) Value(v Vote) float64 {
	switch {
	case v.Absent || len(v.Marks) != 1:
		return half
	case v.Marks[0] == a.Winner:
		return a.Upper()
	default:
		return 0
	}
}

// Upper returns 1/(2 Share).
func (a Supermajority) Upper() float64 { return 1 / (2 * a.Share) }

// String says the assertion.
func (a Supermajority) String() string {
	return fmt.Sprintf("%d got more than %g of the valid votes", a.Winner, a.Share)
}

// Pairwise asserts that more rankings put Winner before Loser than the other way round; a candidate who is not ranked comes after all who are. A Condorcet
// winner beats every other so.
type Pairwise struct{ Winner, Loser int }

// Value returns 1, 0 or 1/2.
func (a Pairwise) Value(v Vote) float64 {
	for _, c := range v.Ranking {
		if c == a.Winner || c == a.Loser {
			return between(c == a.Winner, c == a.Loser)
		}
	}
	return half
}

// Upper returns 1.
func (a Pairwise) Upper() float64 { return 1 }

// String says the assertion.
func (a Pairwise) String() string { return fmt.Sprintf("more rank %d before %d", a.Winner, a.Loser) }

// Scored asserts that Winner got more points than Loser in all, each card giving 0 to Most points to a candidate: A = (w − l + Most)/(2 Most), at most 1
// (SHANGRLA §2.4; score voting, Borda counts, the first part of STAR).
type Scored struct {
	Winner, Loser int
	Most          float64
}

// Value returns a number between 0 and 1. Points beyond the limits count as the limit.
func (a Scored) Value(v Vote) float64 {
	if v.Absent {
		return half
	}
	points := func(c int) float64 {
		if c < 0 || c >= len(v.Scores) || !(v.Scores[c] > 0) {
			return 0
		}
		return min(v.Scores[c], a.Most)
	}
	return (points(a.Winner) - points(a.Loser) + a.Most) / (2 * a.Most)
}

// Upper returns 1.
func (a Scored) Upper() float64 { return 1 }

// String says the assertion.
func (a Scored) String() string { return fmt.Sprintf("%d got more points than %d", a.Winner, a.Loser) }

// NotEliminatedBefore (NEB) asserts that Winner cannot be eliminated before Loser: the first preferences of Winner are more than all the votes that Loser
// can ever have while Winner stands, which are the rankings with Loser in them and Winner not before (Blom, Stuckey, Teague 2019, arXiv 1903.08804).
type NotEliminatedBefore struct{ Winner, Loser int }

// Value returns 1, 0 or 1/2.
func (a NotEliminatedBefore) Value(v Vote) float64 {
	for i, c := range v.Ranking {
		switch c {
		case a.Winner:
			return between(i == 0, false)
		case a.Loser:
			return 0
		}
	}
	return half
}

// Upper returns 1.
func (a NotEliminatedBefore) Upper() float64 { return 1 }

// String says the assertion.
func (a NotEliminatedBefore) String() string {
	return fmt.Sprintf("%d is not eliminated before %d", a.Winner, a.Loser)
}

// NotEliminatedNext (NEN) asserts that Winner has more votes than Loser when exactly the candidates in Eliminated are out, so that Winner is not the next to
// go (Blom, Stuckey, Teague 2019).
type NotEliminatedNext struct {
	Winner, Loser int
	Eliminated    []int
}

// Value returns 1, 0 or 1/2.
func (a NotEliminatedNext) Value(v Vote) float64 {
	for _, c := range v.Ranking {
		if c < 0 || slices.Contains(a.Eliminated, c) {
			continue
		}
		return between(c == a.Winner, c == a.Loser)
	}
	return half
}

// Upper returns 1.
func (a NotEliminatedNext) Upper() float64 { return 1 }

// String says the assertion.
func (a NotEliminatedNext) String() string {
	return fmt.Sprintf("%d has more votes than %d when %v are out", a.Winner, a.Loser, a.Eliminated)
}
