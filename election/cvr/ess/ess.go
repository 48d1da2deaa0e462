// Package ess reads the cast vote records of ES&S's Electionware: a zip file of one file of votes and files of ballots.
//
// The file of votes has a line a card: its number ("Cast Vote Record"), some columns about it, then one column a contest whose cell is the choice, "overvote",
// "undervote", or empty if the contest is not on the card. The files of ballots say in which batch each number lies and, as "Tabulator CVR", which machine
// read it: four digits for the machine and six for the card, or sixteen hexadecimal digits beside a column Machine. They may begin with five lines of title
// and end with a total. The two are joined by the number; a card that only one of them knows is refused.
package ess

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
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

// votesName is how a file is called that is the file of votes whatever it looks like.
const votesName = "cvr.csv"

// Reader reads the file of votes and finds each card's ballot. It is a [cvr.Reader]. It holds some forty bytes for each ballot.
type Reader struct {
	contests []cvr.Contest
	choices  []map[string]int // of each contest, by name
	columns  []int            // the cell of each contest
	ballots  *ballots
	number   int // cells of the file of votes
	precinct int
	style    int
	own      ballotCells // where the file of votes names batches itself
	files    grid.Files
	shared   table.Interner
	raw      table.Interner // text of choices
	marks    []cvr.Mark
}

// New returns a reader of the files of one export, in any order. Of the files one is of votes: the one called cvr.csv, or the only one that neither begins
// with "Ballots" nor has a column Tabulator CVR in its first line. A single file that has both is read alone.
func New(files ...cvr.Source) (*Reader, error) {
	votes, stacks, err := tellApart(files)
	if err != nil {
		return nil, err
	}
	r := &Reader{files: grid.Files{Left: []cvr.Source{votes}}}
	if len(stacks) > 0 {
		r.ballots = &ballots{at: map[uint32]ballot{}}
		for _, f := range stacks {
			if err := r.ballots.read(f); err != nil {
				return nil, err
			}
		}
	}
	s, err := r.files.Open()
	if err == nil {
		err = r.head(s)
	}
	if err != nil {
		return nil, errors.Join(err, r.files.Close())
	}
	return r, nil
}

// tellApart finds the file of votes.
func tellApart(files []cvr.Source) (votes cvr.Source, stacks []cvr.Source, err error) {
	var others []cvr.Source
	for _, f := range files {
		if !strings.EqualFold(f.Base(), votesName) {
			is, err := ofBallots(f)
			if err != nil {
				return votes, nil, err
			}
			if is {
				stacks = append(stacks, f)
				continue
			}
		}
		others = append(others, f)
	}
	if len(others) == 0 && len(stacks) == 1 {
		return stacks[0], nil, nil
	}
	if len(others) != 1 {
		var names []string
		for _, f := range others {
			names = append(names, f.Name)
		}
		return votes, nil, fault.Invalidf("One file with the votes of the cards is needed, and %d were found (%s). Call the file with the votes %s.", len(others), strings.Join(names, ", "), votesName)
	}
	return others[0], stacks, nil
}

// ofBallots looks at the first line of a file.
func ofBallots(f cvr.Source) (is bool, err error) {
	r, err := f.Open()
	if err != nil {
		return false, fmt.Errorf("opening %s: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s := table.New(f.Name, r, table.Usual)
	if err := s.Next(); errors.Is(err, io.EOF) {
		return false, fault.Invalidf("%s has no records. Export it again.", f.Name)
	} else if err != nil {
		return false, err
	}
	return strings.HasPrefix(s.Text(0), "Ballots") || s.Columns(s.Len()).Find("Tabulator CVR") >= 0, nil
}

// known are the columns of the file of votes that are no contests; the contests stand behind the last of them.
var known = []string{"Election ID", "Audit Number", "Tabulator CVR", "Cast Vote Record", "Batch", "Ballot Status", "Precinct", "Ballot Style", "Machine"}

func (r *Reader) head(s *table.Scanner) error {
	if err := s.Next(); errors.Is(err, io.EOF) {
		return fault.Invalidf("%s has no records. Export it again.", s.Name())
	} else if err != nil {
		return err
	}
	first := 0
	for i := range s.Len() {
		if slices.ContainsFunc(known, func(k string) bool { return table.Fold(k) == table.Fold(s.Text(i)) }) {
			first = i + 1
		}
	}
	c := s.Columns(first)
	var err error
	if r.number, err = s.Need(c, "Cast Vote Record"); err != nil {
		return err
	}
	r.precinct, r.style = c.Find("Precinct"), c.Find("Ballot Style")
	if r.ballots == nil {
		if r.own, err = cells(s, c); err != nil {
			return err
		}
	}
	for i := first; i < s.Len(); i++ {
		name := s.Text(i)
		if name == "" {
			continue
		}
		if slices.ContainsFunc(r.contests, func(c cvr.Contest) bool { return c.Name == name }) {
			return fault.Invalidf("%s, line %d: two columns are called “%s”. They may be two votes or two ranks, and the file does not say which; export the contest in one column.", s.Name(), s.Line(), name)
		}
		r.contests = append(r.contests, cvr.Contest{Name: name, VotesAllowed: 1})
		r.choices = append(r.choices, map[string]int{})
		r.columns = append(r.columns, i)
	}
	if len(r.contests) == 0 {
		return fault.Invalidf("%s, line %d: no contest stands behind the columns about the card. Export the file again with its contests.", s.Name(), s.Line())
	}
	return nil
}

// Close closes the file of votes; at its end a reader has closed it itself.
func (r *Reader) Close() error { return r.files.Close() }

// Contests returns the contests, each with the choices that were read so far: the files name a choice only where it is marked.
func (r *Reader) Contests() []cvr.Contest { return r.contests }

// Next reads the next card. At the end it refuses ballots of which there was no vote.
func (r *Reader) Next(c *cvr.Card) error {
	s, err := r.files.Next(r.head)
	if errors.Is(err, io.EOF) && r.ballots != nil {
		return r.ballots.left()
	}
	if err != nil {
		return err
	}
	n, err := cardNumber(s, r.number)
	if err != nil {
		return err
	}
	*c = cvr.Card{Votes: c.Votes[:0], Precinct: r.shared.String(s.Bytes(r.precinct), s.Decode), Style: r.shared.String(s.Bytes(r.style), s.Decode)}
	if err := r.place(s, n, c); err != nil {
		return err
	}
	return r.votes(s, c)
}

// place says where the card lies.
func (r *Reader) place(s *table.Scanner, n uint32, c *cvr.Card) error {
	if r.ballots == nil {
		b, err := readBallot(s, r.own, &r.shared)
		if err != nil {
			return err
		}
		b.onto(c)
		return nil
	}
	b, ok := r.ballots.at[n]
	if !ok {
		return fault.Invalidf("%s, line %d: there is no ballot number %d in the files of ballots, or its votes are here twice. Export votes and ballots again, together.", s.Name(), s.Line(), n)
	}
	delete(r.ballots.at, n)
	b.onto(c)
	return nil
}

// votes reads the cells of the contests.
func (r *Reader) votes(s *table.Scanner, c *cvr.Card) error {
	if last := r.columns[len(r.columns)-1]; s.Len() <= last {
		return fault.Invalidf("%s, line %d: the line has %d cells, and the head has %d. It was cut off or edited; export the file again.", s.Name(), s.Line(), s.Len(), last+1)
	}
	r.marks = r.marks[:0]
	for i, cell := range r.columns {
		b := s.Bytes(cell)
		if len(b) == 0 {
			continue
		}
		v := cvr.Vote{Contest: i}
		switch name := r.raw.String(b, s.Decode); name {
		case "overvote":
			v.Over = true
		case "undervote":
			v.Under = true
		default:
			r.marks = append(r.marks, cvr.Mark{Choice: r.choice(i, name)})
			v.Marks = r.marks[len(r.marks)-1 : len(r.marks) : len(r.marks)]
		}
		c.Votes = append(c.Votes, v)
	}
	return nil
}

func (r *Reader) choice(contest int, name string) int {
	i, ok := r.choices[contest][name]
	if !ok {
		i = len(r.contests[contest].Choices)
		r.choices[contest][name] = i
		r.contests[contest].Choices = append(r.contests[contest].Choices, cvr.Choice{Name: name, WriteIn: grid.WriteIn(name)})
	}
	return i
}

// cardNumber reads the number by which votes and ballots are joined.
func cardNumber(s *table.Scanner, cell int) (uint32, error) {
	b := table.Plain(s.Bytes(cell))
	if len(b) == 0 {
		return 0, s.Missing("Cast Vote Record")
	}
	n, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil {
		return 0, fault.Invalidf("%s, line %d: “%s” under “%s” is not a whole number. Correct it and load the file again.", s.Name(), s.Line(), s.Decode(b), "Cast Vote Record")
	}
	return uint32(n), nil
}
