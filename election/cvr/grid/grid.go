// Package grid turns lines of 0, 1 and empty cells, one column for each choice of each contest, into votes.
package grid

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Grid knows the contests of one or several files and the columns of the one that is read.
type Grid struct {
	Contests []cvr.Contest

	byName  map[string]int
	named   map[name][]int // choices of a contest by their name
	used    map[name]int   // how many columns of the open file have the name and rank
	columns []column       // of the file that is open
	first   int            // cell of the first column
	marks   []cvr.Mark
	runs    []run
}

// name is what a column is called.
type name struct {
	contest int
	choice  string
	rank    int
}

// column is what a mark in it says.
type column struct {
	contest int32
	mark    cvr.Mark
}

// run is cells of one contest that stand together: marks[from:to].
type run struct{ contest, from, to int32 }

// Title is what the head of a file says about one column.
type Title struct {
	Contest string
	Allowed int // votes
	Ranks   int // of the contest, 0 if it is not ranked
	Choice  string
	Party   string
	Rank    int // of the column
}

// Begin forgets the columns of the file before; the first column of the next stands in cell first.
func (g *Grid) Begin(first int) { g.columns, g.first, g.used = g.columns[:0], first, map[name]int{} }

// First returns the cell of the first column.
func (g *Grid) First() int { return g.first }

// Add adds the next column, and its contest and choice unless they are known from an earlier column or file. A contest must allow as many votes wherever
// it is named. In one file the same choice twice in a contest is two choices: two lines for write-ins are.
func (g *Grid) Add(s *table.Scanner, t Title) error {
	i, ok := g.byName[t.Contest]
	if !ok {
		if g.byName == nil {
			g.byName = map[string]int{}
		}
		i = len(g.Contests)
		g.byName[t.Contest] = i
		g.Contests = append(g.Contests, cvr.Contest{Name: t.Contest, VotesAllowed: t.Allowed, Ranks: t.Ranks})
	}
	c := &g.Contests[i]
	if c.VotesAllowed != t.Allowed || c.Ranks > 0 != (t.Ranks > 0) {
		return fault.Invalidf("%s, line %d: the contest “%s” allows %d votes in one place and %d in another. Export the files together.", s.Name(), s.Line(), t.Contest, c.VotesAllowed, t.Allowed)
	}
	c.Ranks = max(c.Ranks, t.Ranks)
	g.columns = append(g.columns, column{int32(i), cvr.Mark{Choice: g.choice(i, t), Rank: t.Rank}}) // limited by the columns of a line
	return nil
}

// choice finds or adds a choice: the first of its name for the first column that calls it so, the second for the second.
func (g *Grid) choice(contest int, t Title) int {
	if g.named == nil {
		g.named = map[name][]int{}
	}
	use := name{contest, t.Choice, t.Rank}
	all := name{contest: contest, choice: t.Choice}
	n := g.used[use]
	g.used[use]++
	if same := g.named[all]; n < len(same) {
		return same[n]
	}
	c := &g.Contests[contest]
	i := len(c.Choices)
	g.named[all] = append(g.named[all], i)
	c.Choices = append(c.Choices, cvr.Choice{Name: t.Choice, Party: t.Party, WriteIn: WriteIn(t.Choice)})
	return i
}

// WriteIn reports whether a choice is called as vendors call names that voters write.
func WriteIn(name string) bool {
	n := table.Fold(name)
	return strings.HasPrefix(n, "write-in") || strings.HasPrefix(n, "writein")
}

// Votes reads the votes of the scanner's record into the card, whose slices stay valid until the next call. A contest is on the card if any of its cells
// has a value; a cell that is neither 0, 1 nor empty, a line that is shorter than the head and values beyond it are refused.
func (g *Grid) Votes(s *table.Scanner, c *cvr.Card) error {
	row, at := s.Row()
	last := g.first + len(g.columns)
	if len(at)-1 < last {
		return fault.Invalidf("%s, line %d: the line has %d cells, and the head has %d. It was cut off or edited; export the file again.", s.Name(), s.Line(), len(at)-1, last)
	}
	for i := last; i < len(at)-1; i++ {
		if at[i+1]-at[i] > 1 {
			return fault.Invalidf("%s, line %d: cell %d has a value and no contest above it. The line was edited; export the file again.", s.Name(), s.Line(), i+1)
		}
	}
	cells := at[g.first : last+1]
	g.marks, g.runs = g.marks[:0], g.runs[:0]
	contest := int32(-1)
	for i := range g.columns {
		from, to := cells[i], cells[i+1]-1
		if from == to {
			continue // not on the card
		}
		col := &g.columns[i]
		if col.contest != contest {
			contest = col.contest
			n := int32(len(g.marks)) // limited by the columns of a line
			g.runs = append(g.runs, run{contest, n, n})
		}
		switch {
		case to-from == 1 && row[from] == '0':
			continue
		case to-from == 1 && row[from] == '1':
		default:
			marked, err := g.odd(s, row[from:to], col)
			if err != nil {
				return err
			}
			if !marked {
				continue
			}
		}
		g.marks = append(g.marks, col.mark)
		g.runs[len(g.runs)-1].to++
	}
	g.fill(c)
	return nil
}

// odd reads a cell that is not one digit.
func (g *Grid) odd(s *table.Scanner, cell []byte, col *column) (marked bool, err error) {
	switch t := strings.TrimSpace(s.Decode(table.Plain(cell))); t {
	case "0", "1":
		return t == "1", nil
	default:
		return false, fault.Invalidf("%s, line %d: “%s” under “%s” is neither 0 nor 1. Export the file again with plain numbers.", s.Name(), s.Line(), t, g.Contests[col.contest].Name)
	}
}

// fill makes the card's votes of the runs, in the order of the contests.
func (g *Grid) fill(c *cvr.Card) {
	if !slices.IsSortedFunc(g.runs, func(a, b run) int { return int(a.contest - b.contest) }) || g.split() {
		g.gather(c)
	} else {
		for _, r := range g.runs {
			c.Votes = append(c.Votes, cvr.Vote{Contest: int(r.contest), Marks: g.marks[r.from:r.to:r.to]})
		}
	}
	for i := range c.Votes {
		if g.Contests[c.Votes[i].Contest].Ranks > 0 {
			slices.SortFunc(c.Votes[i].Marks, byRank)
		}
	}
}

// split reports whether a contest has two runs, one after the other.
func (g *Grid) split() bool {
	for i := 1; i < len(g.runs); i++ {
		if g.runs[i-1].contest == g.runs[i].contest {
			return true
		}
	}
	return false
}

// gather joins runs of the same contest.
func (g *Grid) gather(c *cvr.Card) {
	runs := slices.Clone(g.runs)
	slices.SortStableFunc(runs, func(a, b run) int { return int(a.contest - b.contest) })
	for _, r := range runs {
		marks := g.marks[r.from:r.to:r.to]
		if n := len(c.Votes); n > 0 && c.Votes[n-1].Contest == int(r.contest) {
			c.Votes[n-1].Marks = append(c.Votes[n-1].Marks, marks...)
			continue
		}
		c.Votes = append(c.Votes, cvr.Vote{Contest: int(r.contest), Marks: marks})
	}
}

func byRank(a, b cvr.Mark) int {
	if a.Rank != b.Rank {
		return a.Rank - b.Rank
	}
	return a.Choice - b.Choice
}
