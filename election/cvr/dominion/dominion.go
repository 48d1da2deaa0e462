// Package dominion reads the comma-separated cast vote records of Dominion's Democracy Suite (5.x).
//
// Four lines of head: the election and the version; the contest of each column, as "Mayor (Vote For=1)" or, ranked, as
// "Mayor (Number of positions=1, Number of ranks=3)"; the choice of each column, ranked as "Ann(2)"; the names of the first columns, and then parties.
// Then one line a card: 1 marked, 0 not marked, and empty cells where the contest is not on the card. Real files have commas and line breaks in names, a
// CountingGroup or none, ImprintedId or UniqueVotingIdentifier, and cells written ="001".
package dominion

import (
	_ "embed"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/grid"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Reader reads one file after another. It is a [cvr.Reader].
type Reader struct {
	files  grid.Files
	grid   grid.Grid
	ids    idCells
	shared [5]table.Interner // one for each column whose cells repeat
}

// idCells are the cells of the columns before the contests, -1 where there is none.
type idCells struct{ tabulator, batch, record, imprinted, voting, group, portion, style int }

// New returns a reader of files that belong to one election, in their order. The heads of later files are read when their turn comes; a contest that an
// earlier file has too must allow as many votes.
func New(files ...cvr.Source) (*Reader, error) {
	r := &Reader{files: grid.Files{Left: files}}
	if err := r.files.Begin(r.head); err != nil {
		return nil, err
	}
	return r, nil
}

// Close closes the file that is open; at its end a reader has closed it itself.
func (r *Reader) Close() error { return r.files.Close() }

// Contests returns the contests of the files opened so far, in the order of their columns.
func (r *Reader) Contests() []cvr.Contest { return r.grid.Contests }

// Next reads the next card. Position is not set: [cvr.Places] finds it from the record ids.
func (r *Reader) Next(c *cvr.Card) error {
	s, err := r.files.Next(r.head)
	if err != nil {
		return err
	}
	if err := r.identify(s, c); err != nil {
		return err
	}
	return r.grid.Votes(s, c)
}

// head reads the four lines before the records.
func (r *Reader) head(s *table.Scanner) error {
	var titles []string
	for line := range 4 {
		if err := s.Next(); errors.Is(err, io.EOF) {
			return fault.Invalidf("%s ends in its head, before the first record. Export it again.", s.Name())
		} else if err != nil {
			return err
		}
		switch line {
		case 1:
			for c := range s.Len() {
				titles = append(titles, oneLine(s.Text(c)))
			}
			first := slices.IndexFunc(titles, func(t string) bool { return t != "" })
			if first < 0 {
				return fault.Invalidf("%s names no contest in its second line. Export the cast vote records with their contests.", s.Name())
			}
			r.grid.Begin(first)
			titles = trimEnd(titles[first:])
		case 2:
			for i, t := range titles {
				if err := r.column(s, t, s.Text(r.grid.First()+i)); err != nil {
					return err
				}
			}
		}
	}
	return r.names(s)
}

// trimEnd takes off the empty columns that spreadsheets add.
func trimEnd(titles []string) []string {
	for titles[len(titles)-1] == "" {
		titles = titles[:len(titles)-1]
	}
	return titles
}

// names finds the cells before the contests.
func (r *Reader) names(s *table.Scanner) (err error) {
	c := s.Columns(r.grid.First())
	if r.ids.tabulator, err = s.Need(c, "TabulatorNum"); err != nil {
		return err
	}
	if r.ids.batch, err = s.Need(c, "BatchId"); err != nil {
		return err
	}
	if r.ids.record, err = s.Need(c, "RecordId"); err != nil {
		return err
	}
	r.ids.imprinted, r.ids.voting = c.Find("ImprintedId"), c.Find("UniqueVotingIdentifier")
	r.ids.group = c.Find("CountingGroup", "CountingGroupName", "CountingGroupId")
	r.ids.portion = c.Find("PrecinctPortion", "PrecinctPortionId", "PrecinctPortionName")
	r.ids.style = c.Find("BallotType", "BallotTypeId", "BallotStyle")
	return nil
}

var (
	voteFor = regexp.MustCompile(`^(.+?) ?\(Vote For=([0-9]{1,4})\)$`)
	ranked  = regexp.MustCompile(`^(.+?) ?\(Number of positions=([0-9]{1,4}), ?Number of ranks=([0-9]{1,4})\)$`)
	rankOf  = regexp.MustCompile(`^(.*)\(([0-9]{1,4})\)$`)
)

// column adds a column with its contest and choice.
func (r *Reader) column(s *table.Scanner, title, choice string) error {
	t := grid.Title{Choice: choice}
	if m := voteFor.FindStringSubmatch(title); m != nil {
		t.Contest, t.Allowed = m[1], number(m[2])
	} else if m := ranked.FindStringSubmatch(title); m != nil {
		t.Contest, t.Allowed, t.Ranks = m[1], number(m[2]), number(m[3])
	} else {
		return fault.Invalidf("%s, line 2: “%s” does not say how many votes are allowed, as in “Mayor (Vote For=1)”. Export the file again.", s.Name(), title)
	}
	if t.Ranks > 0 {
		m := rankOf.FindStringSubmatch(choice)
		if m == nil || number(m[2]) < 1 || number(m[2]) > t.Ranks {
			return fault.Invalidf("%s, line 3: “%s” does not say which rank it is, as in “Ann(2)”. Export the file again.", s.Name(), choice)
		}
		t.Choice, t.Rank = m[1], number(m[2])
	}
	return r.grid.Add(s, t)
}

// identify reads the cells before the contests.
func (r *Reader) identify(s *table.Scanner, c *cvr.Card) error {
	*c = cvr.Card{Votes: c.Votes[:0]}
	for _, f := range [...]struct {
		to     *string
		cell   int
		column string // named if the cell must not be empty
		shared *table.Interner
	}{
		{&c.Tabulator, r.ids.tabulator, "TabulatorNum", &r.shared[0]},
		{&c.Batch, r.ids.batch, "BatchId", &r.shared[1]},
		{&c.RecordID, r.ids.record, "RecordId", nil},
		{&c.ImprintedID, r.ids.imprinted, "", nil},
		{&c.Group, r.ids.group, "", &r.shared[2]},
		{&c.Portion, r.ids.portion, "", &r.shared[3]},
		{&c.Style, r.ids.style, "", &r.shared[4]},
	} {
		cell := table.Plain(s.Bytes(f.cell))
		switch {
		case len(cell) == 0 && f.column != "":
			return s.Missing(f.column)
		case f.shared != nil:
			*f.to = f.shared.String(cell, s.Decode)
		default:
			*f.to = s.Decode(cell)
		}
	}
	if c.ImprintedID == "" {
		c.ImprintedID = s.Decode(table.Plain(s.Bytes(r.ids.voting)))
	}
	return nil
}

// oneLine joins the lines of a name.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// number reads digits that a pattern found.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
