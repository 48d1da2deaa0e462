package ess

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// ballots are the lines of the files of ballots by their number, until the votes of each were read.
type ballots struct {
	at     map[uint32]ballot
	shared table.Interner
}

// ballot is where a card lies. The strings are shared, but for tabulatorCVR.
type ballot struct{ machine, batch, group, tabulatorCVR string }

// ballotCells are the cells of a line about a ballot, -1 where there is none.
type ballotCells struct{ number, batch, cvr, machine, group int }

func cells(s *table.Scanner, c table.Columns) (b ballotCells, err error) {
	if b.number, err = s.Need(c, "Cast Vote Record"); err != nil {
		return b, err
	}
	if b.batch, err = s.Need(c, "Batch"); err != nil {
		return b, err
	}
	if b.cvr, err = s.Need(c, "Tabulator CVR"); err != nil {
		return b, err
	}
	b.machine, b.group = c.Find("Machine"), c.Find("Reporting Group")
	return b, nil
}

func (b *ballots) read(f cvr.Source) (err error) {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s := table.New(f.Name, r, table.Usual)
	c, err := heading(s)
	if err != nil {
		return err
	}
	for {
		switch err := s.Next(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case s.Blank() || strings.HasPrefix(s.Text(0), "Total"):
			continue
		}
		n, err := cardNumber(s, c.number)
		if err != nil {
			return err
		}
		one, err := readBallot(s, c, &b.shared)
		if err != nil {
			return err
		}
		if _, twice := b.at[n]; twice {
			return fault.Invalidf("%s, line %d: the ballot number %d is listed twice. Export the files of ballots again.", s.Name(), s.Line(), n)
		}
		b.at[n] = one
	}
}

// heading finds the line of column names, behind the title if there is one.
func heading(s *table.Scanner) (ballotCells, error) {
	for range 8 {
		if err := s.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return ballotCells{}, err
		}
		if c := s.Columns(s.Len()); c.Find("Cast Vote Record") >= 0 {
			return cells(s, c)
		}
	}
	return ballotCells{}, fault.Invalidf("%s has no line of column names with “Cast Vote Record”. Export the files of ballots again.", s.Name())
}

func readBallot(s *table.Scanner, c ballotCells, shared *table.Interner) (ballot, error) {
	b := ballot{
		batch: shared.String(table.Plain(s.Bytes(c.batch)), s.Decode), machine: shared.String(table.Plain(s.Bytes(c.machine)), s.Decode),
		group: shared.String(s.Bytes(c.group), s.Decode), tabulatorCVR: s.Decode(table.Plain(s.Bytes(c.cvr))),
	}
	switch {
	case b.batch == "":
		return b, s.Missing("Batch")
	case b.tabulatorCVR == "":
		return b, s.Missing("Tabulator CVR")
	case b.machine == "" && c.machine >= 0:
		return b, s.Missing("Machine")
	case b.machine == "" && !tenDigits(b.tabulatorCVR):
		return b, fault.Invalidf("%s, line %d: “%s” under “Tabulator CVR” is not ten digits, and there is no column “Machine”. If a spreadsheet took zeros away, export the file again and do not open it.",
			s.Name(), s.Line(), b.tabulatorCVR)
	case !tenDigits(b.tabulatorCVR) && !hex(b.tabulatorCVR):
		return b, fault.Invalidf("%s, line %d: “%s” under “Tabulator CVR” is neither ten digits nor sixteen hexadecimal ones. If a spreadsheet changed it, export the file again and do not open it.",
			s.Name(), s.Line(), b.tabulatorCVR)
	}
	return b, nil
}

// onto writes where the ballot lies on its card.
func (b ballot) onto(c *cvr.Card) {
	c.Batch, c.Group, c.ImprintedID = b.batch, b.group, b.tabulatorCVR
	c.Tabulator = b.machine
	if tenDigits(b.tabulatorCVR) {
		if b.machine == "" {
			c.Tabulator = b.tabulatorCVR[:4]
		}
		c.RecordID = strings.TrimLeft(b.tabulatorCVR[4:9], "0") + b.tabulatorCVR[9:]
		return
	}
	c.RecordID = hexRecord(b.tabulatorCVR)
}

func tenDigits(s string) bool {
	return len(s) == 10 && strings.Trim(s, "0123456789") == ""
}

func hex(s string) bool {
	_, err := strconv.ParseUint(s, 16, 64)
	return len(s) == 16 && err == nil
}

// hexRecord makes the number of a card in its batch of sixteen hexadecimal digits: floor(n / 10^10), the quotient rounded to float64 first, as the peer
// audit system does, so that both number the cards of a batch alike.
func hexRecord(s string) string {
	n, ok := new(big.Int).SetString(s, 16)
	if !ok {
		return ""
	}
	q, _ := new(big.Rat).SetFrac(n, big.NewInt(10_000_000_000)).Float64()
	return strconv.FormatInt(int64(q), 10)
}

// left refuses ballots of which there was no vote, and ends the file otherwise.
func (b *ballots) left() error {
	if len(b.at) == 0 {
		return io.EOF
	}
	numbers := make([]uint32, 0, len(b.at))
	for n := range b.at {
		numbers = append(numbers, n)
	}
	return fault.Invalidf("The files of ballots list %d ballots of which the file of votes has nothing, first number %d. Export votes and ballots again, together.", len(numbers), slices.Min(numbers))
}
