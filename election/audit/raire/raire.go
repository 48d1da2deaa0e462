// Package raire finds what has to be true of the ballots for the winner of a ranked contest to have won, and proves that it suffices.
//
// Instant-runoff counts have more ways to be wrong than can be listed: every order in which candidates may be eliminated so that another one is last. Blom,
// Stuckey and Teague ("RAIRE: risk-limiting audits for IRV elections", 2019, arXiv 1903.08804) rule them all out with a few *assertions* about tallies, each of
// which an audit can test (package shangrla). An assertion rules out every order that contradicts it:
//
//	NEB(w, l)     the first preferences of w are more than all rankings in which l comes before w or w is missing; so w cannot be eliminated before l.
//	NEN(w, l, E)  with exactly E eliminated, w has more votes than l; so w is not the next to be eliminated.
//
// The margin of an assertion is the difference of its two tallies in ballots; the fewer, the more ballots an audit draws (in proportion to 1/margin). [Assertions]
// finds a set whose smallest margin is the largest there is. It reads every order from its end: what an assertion says of the elimination of c, with the
// candidates S still standing, hangs on c and S alone. So the orders are paths through the sets of candidates, from one who is not the winner to all, and the
// question is which path's best assertion is the worst: a bottleneck path, found by Dijkstra's method over those sets that matter. Nothing is dropped because
// something else seems to subsume it, which is how tied losers can leave orders open.
//
// Whatever it finds is then read by [Sufficient], which shares no code with the search and knows no margins: it goes through all elimination orders and finds the
// first that no assertion excludes. A set that does not pass is never returned.
package raire

import (
	_ "embed" // es.json
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/openprecinct/precinct/election/audit/shangrla"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte

// MaxCandidates is how many candidates a contest may have.
const MaxCandidates = 64

// Unlisted stands in a ranking for a name that is not among the candidates: it is never elected and takes up its rank.
const Unlisted = -1

// Group is one ranking and how many ballots have it.
type Group struct {
	Ranking []int8 // candidates by number, first choice first; Unlisted is possible, and only the first place of a candidate counts
	Count   int
}

// Profile is what the ballots of one contest say, identical rankings together.
type Profile struct {
	Names   []string // candidates
	Groups  []Group
	Ballots int // with and without a ranking
	at      map[string]int
}

// NewProfile returns an empty profile of these candidates.
func NewProfile(names []string) (*Profile, error) {
	if len(names) == 0 || len(names) > MaxCandidates {
		return nil, fault.Invalidf("A ranked contest has %d candidates here; it may have 1 to %d.", len(names), MaxCandidates)
	}
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return nil, fault.Invalidf("Two candidates are called “%s”. Give each a name of its own.", n)
		}
	}
	return &Profile{Names: slices.Clone(names), at: map[string]int{}}, nil
}

// Number returns the number of a candidate, or Unlisted.
func (p *Profile) Number(name string) int { return slices.Index(p.Names, name) }

// Add counts ballots with the same ranking; an empty one is a ballot without a preference.
func (p *Profile) Add(ranking []int8, count int) error {
	if count < 0 || count > 1<<31-1-p.Ballots {
		return fmt.Errorf("a ranking is on %d ballots", count)
	}
	key := make([]byte, len(ranking))
	for i, c := range ranking {
		if c < Unlisted || int(c) >= len(p.Names) {
			return fmt.Errorf("there is no candidate %d", c)
		}
		key[i] = byte(c + 1) // #nosec G115 -- 0 to 64
	}
	p.Ballots += count
	if len(ranking) == 0 || count == 0 {
		return nil
	}
	if g, ok := p.at[string(key)]; ok {
		p.Groups[g].Count += count
		return nil
	}
	p.at[string(key)] = len(p.Groups)
	p.Groups = append(p.Groups, Group{slices.Clone(ranking), count})
	return nil
}

// Kind is which of the two assertions one is.
type Kind uint8

const (
	// NEB is not eliminated before.
	NEB Kind = iota
	// NEN is not eliminated next.
	NEN
)

// String returns "NEB" or "NEN".
func (k Kind) String() string { return [...]string{"NEB", "NEN"}[k&1] }

// Assertion is one statement about tallies.
type Assertion struct {
	Kind          Kind
	Winner, Loser int
	Eliminated    []int // for NEN: who is out, ascending
	Margin        int   // tally of the winner less that of the loser, in ballots
}

// Assorter returns the assorter that tests the assertion.
func (a Assertion) Assorter() shangrla.Assorter {
	if a.Kind == NEB {
		return shangrla.NotEliminatedBefore{Winner: a.Winner, Loser: a.Loser}
	}
	return shangrla.NotEliminatedNext{Winner: a.Winner, Loser: a.Loser, Eliminated: a.Eliminated}
}

// Points returns whether a ranking is a vote for the winner and whether it is one for the loser of the assertion.
func (a Assertion) Points(ranking []int8) (winner, loser bool) {
	return a.points(ranking, setOf(a.Eliminated))
}

// points is Points with the eliminated as a set.
func (a Assertion) points(ranking []int8, out uint64) (winner, loser bool) {
	if a.Kind == NEB {
		for i, c := range ranking {
			switch int(c) {
			case a.Winner:
				return i == 0, false
			case a.Loser:
				return false, true
			}
		}
		return false, false
	}
	for _, c := range ranking {
		if c != Unlisted && out>>uint(c)&1 == 0 { // #nosec G115 -- not negative
			return int(c) == a.Winner, int(c) == a.Loser
		}
	}
	return false, false
}

// Margin returns the margin of an assertion in this profile, in ballots; it does not look at a.Margin.
func (p *Profile) Margin(a Assertion) int {
	m, out := 0, setOf(a.Eliminated)
	for _, g := range p.Groups {
		w, l := a.points(g.Ranking, out)
		if w {
			m += g.Count
		}
		if l {
			m -= g.Count
		}
	}
	return m
}

// Say says an assertion with names, in the notation of the papers.
func (p *Profile) Say(a Assertion) string {
	if a.Kind == NEB {
		return fmt.Sprintf("NEB(%s, %s)", p.Names[a.Winner], p.Names[a.Loser])
	}
	out := make([]string, len(a.Eliminated))
	for i, c := range a.Eliminated {
		out[i] = p.Names[c]
	}
	return fmt.Sprintf("NEN(%s, %s, %v)", p.Names[a.Winner], p.Names[a.Loser], out)
}

// tallies counts each ranking for its first candidate in the set.
func (p *Profile) tallies(set uint64, into []int32) {
	clear(into)
	for i := range p.Groups {
		g := &p.Groups[i]
		for _, c := range g.Ranking {
			if c >= 0 && set>>uint(c)&1 == 1 { // #nosec G115 -- not negative
				into[c] += int32(g.Count) // #nosec G115 -- all ballots fit
				break
			}
		}
	}
}

// Elect counts the contest by elimination of the candidate with the fewest votes, one at a time. tied says that a tie was met on the way; the one listed later was
// then eliminated.
func (p *Profile) Elect() (winner int, tied bool) {
	n := len(p.Names)
	standing := all(n)
	t := make([]int32, n)
	for bits.OnesCount64(standing) > 1 {
		p.tallies(standing, t)
		least, equal := -1, false
		for c := n - 1; c >= 0; c-- {
			if standing>>uint(c)&1 == 0 { // #nosec G115 -- not negative
				continue
			}
			switch {
			case least < 0 || t[c] < t[least]:
				least, equal = c, false
			case t[c] == t[least]:
				equal = true
			}
		}
		tied = tied || equal
		standing &^= 1 << uint(least) // #nosec G115 -- somebody stands
	}
	return bits.TrailingZeros64(standing), tied
}

// setOf is some candidates as bits.
func setOf(candidates []int) (bits uint64) {
	for _, c := range candidates {
		bits |= 1 << uint(c) // #nosec G115 -- a candidate
	}
	return bits
}

// all is the set of n candidates.
func all(n int) uint64 { return ^uint64(0) >> (64 - uint(n)) } // #nosec G115 -- 1 to 64

// errOpen is our mistake, or a bit flipped in memory: the search and the proof do not agree.
var errOpen = errors.New("the assertions found leave an elimination order open")
