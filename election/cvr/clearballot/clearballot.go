// Package clearballot reads the comma-separated cast vote records of Clear Ballot's ClearVote.
//
// One line of head: RowNumber, BoxID, BoxPosition, BallotID, ScanComputerName and others, then a column for each choice, called
// "Choice_1_1:Sheriff:Vote For 2:Ann:Non-Partisan" or, ranked, "Choice_1_1:Mayor:2:Vote For 1:Ann:Non-Partisan". Then one line a card: 1 marked, 0 not
// marked, empty where the contest is not on the card.
package clearballot

import (
	_ "embed"
	"errors"
	"io"
	"regexp"
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
	shared table.Interner
}

// idCells are the cells of the columns before the contests, -1 where there is none.
type idCells struct{ box, position, ballot, computer, precinct, portion, style int }

// New returns a reader of files that belong to one election, in their order.
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

// Next reads the next card. BoxPosition is its RecordID: it counts what was scanned, with gaps, so [cvr.Places] finds the place in the stack.
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

func (r *Reader) head(s *table.Scanner) error {
	if err := s.Next(); errors.Is(err, io.EOF) {
		return fault.Invalidf("%s ends in its head, before the first record. Export it again.", s.Name())
	} else if err != nil {
		return err
	}
	first := 0
	for first < s.Len() && !strings.HasPrefix(s.Text(first), "Choice_") {
		first++
	}
	if first == s.Len() {
		return fault.Invalidf("%s has no column that begins with “Choice_”. Export the cast vote records with their contests.", s.Name())
	}
	r.grid.Begin(first)
	for i := first; i < s.Len(); i++ {
		title := s.Text(i)
		if title == "" && trailing(s, i) {
			break
		}
		if err := r.column(s, title); err != nil {
			return err
		}
	}
	return r.names(s)
}

// trailing reports whether the record has only empty cells from i on.
func trailing(s *table.Scanner, i int) bool {
	for ; i < s.Len(); i++ {
		if len(s.Bytes(i)) > 0 {
			return false
		}
	}
	return true
}

func (r *Reader) names(s *table.Scanner) (err error) {
	c := s.Columns(r.grid.First())
	if r.ids.box, err = s.Need(c, "BoxID"); err != nil {
		return err
	}
	if r.ids.position, err = s.Need(c, "BoxPosition"); err != nil {
		return err
	}
	if r.ids.computer, err = s.Need(c, "ScanComputerName"); err != nil {
		return err
	}
	r.ids.ballot, r.ids.precinct = c.Find("BallotID"), c.Find("PrecinctID")
	r.ids.portion, r.ids.style = c.Find("PrecinctStyleName"), c.Find("BallotStyleID")
	return nil
}

var (
	title  = regexp.MustCompile(`(?s)^[^:]*:(.*):Vote For ([0-9]{1,4}):(.*):(.*)$`)
	rankOf = regexp.MustCompile(`(?s)^(.+):([0-9]{1,3})$`)
)

func (r *Reader) column(s *table.Scanner, head string) error {
	m := title.FindStringSubmatch(head)
	if m == nil {
		return fault.Invalidf("%s, line %d: “%s” does not name a contest, its votes, a choice and a party, as in “Choice_1_1:Sheriff:Vote For 1:Ann:Non-Partisan”. Export the file again.",
			s.Name(), s.Line(), head)
	}
	t := grid.Title{Contest: m[1], Allowed: number(m[2]), Choice: m[3], Party: m[4]}
	if rm := rankOf.FindStringSubmatch(t.Contest); rm != nil && number(rm[2]) > 0 {
		t.Contest, t.Rank = rm[1], number(rm[2])
		t.Ranks = t.Rank
	}
	return r.grid.Add(s, t)
}

func (r *Reader) identify(s *table.Scanner, c *cvr.Card) error {
	*c = cvr.Card{
		Tabulator:   r.shared.String(table.Plain(s.Bytes(r.ids.computer)), s.Decode),
		Batch:       r.shared.String(table.Plain(s.Bytes(r.ids.box)), s.Decode),
		RecordID:    s.Decode(table.Plain(s.Bytes(r.ids.position))),
		ImprintedID: s.Decode(table.Plain(s.Bytes(r.ids.ballot))),
		Precinct:    r.shared.String(s.Bytes(r.ids.precinct), s.Decode),
		Portion:     r.shared.String(s.Bytes(r.ids.portion), s.Decode),
		Style:       r.shared.String(s.Bytes(r.ids.style), s.Decode),
		Votes:       c.Votes[:0],
	}
	switch "" {
	case c.Tabulator:
		return s.Missing("ScanComputerName")
	case c.Batch:
		return s.Missing("BoxID")
	case c.RecordID:
		return s.Missing("BoxPosition")
	}
	return nil
}

// number reads digits that a pattern found.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
