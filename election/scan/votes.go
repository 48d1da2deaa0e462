package scan

import (
	"fmt"
	"image"
	"slices"

	"github.com/openprecinct/precinct/election/ballot"
)

// Contest is what a sheet says in one contest.
type Contest struct {
	ID         string
	Votes      []string // option ids and write-in-N, in the order of the positions; more than seats where it is overvoted
	Overvotes  int      // as many as seats where more are marked, as VotingWorks' records have it, so that all counts make ballots times seats
	Undervotes int
	Marked     int
}

// Status returns the words of NIST SP 1500-103 for a contest.
func (c Contest) Status() []string {
	switch {
	case c.Overvotes > 0:
		return []string{"overvoted", "invalidated-rules"}
	case c.Marked == 0:
		return []string{"not-indicated", "undervoted"}
	case c.Undervotes > 0:
		return []string{"undervoted"}
	}
	return []string{}
}

// WriteIn is a line on which a name may be written.
type WriteIn struct {
	Contest string
	Index   int
	Side    int
	Ink     float64         // share of the line's area that is dark
	Crop    image.Rectangle // in the given image's pixels
	// Unmarked says that something is written and the oval is empty.
	Unmarked bool
}

// OptionID returns the id of what an oval stands for; a write-in line has one by its number.
func OptionID(p ballot.Position) string {
	if p.Option == "" {
		return fmt.Sprintf("write-in-%d", p.WriteIn)
	}
	return p.Option
}

// count makes votes of ovals: the contests of a sheet in the order of its positions. A candidate of several parties is one vote, however often marked.
func count(e *ballot.Election, ovals []Oval) []Contest {
	var all []Contest
	for i := range ovals {
		o := &ovals[i]
		at := slices.IndexFunc(all, func(c Contest) bool { return c.ID == o.Position.Contest })
		if at < 0 {
			at, all = len(all), append(all, Contest{ID: o.Position.Contest, Votes: []string{}})
		}
		if id := OptionID(o.Position); o.Class == Marked && !slices.Contains(all[at].Votes, id) {
			all[at].Votes = append(all[at].Votes, id)
			all[at].Marked++
		}
	}
	for i := range all {
		c := &all[i]
		seats := 1
		if def, ok := e.Contest(c.ID); ok {
			seats = def.Seats
		}
		if c.Marked > seats {
			c.Overvotes = seats
		} else {
			c.Undervotes = seats - c.Marked
		}
	}
	return all
}
