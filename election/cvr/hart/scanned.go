package hart

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Scanned is what a list of scanned ballots says about a card.
type Scanned struct {
	ID          string // printed on the card
	Workstation string
}

// ReadScanned reads lists of scanned ballots: a first line with #FormatVersion, a line of column names, a line a card. The result is by the guid of the card.
// Two lists may name the same card if they agree.
func ReadScanned(files ...cvr.Source) (map[string]Scanned, error) {
	all := map[string]Scanned{}
	for _, f := range files {
		if err := readScanned(f, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readScanned(f cvr.Source, all map[string]Scanned) (err error) {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s := table.New(f.Name, r, table.Usual)
	for line := range 2 {
		if err := s.Next(); errors.Is(err, io.EOF) || err == nil && line == 0 && !strings.Contains(s.Text(0), "#FormatVersion") {
			return fault.Invalidf("%s is not a list of scanned ballots: it begins with a line #FormatVersion and a line of column names. Export it again.", f.Name)
		} else if err != nil {
			return err
		}
	}
	c := s.Columns(s.Len())
	var cells [3]int
	names := [3]string{"CvrId", "UniqueIdentifier", "Workstation"}
	for i, n := range names {
		if cells[i], err = s.Need(c, n); err != nil {
			return err
		}
	}
	var shared table.Interner
	for {
		if err := s.Next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if s.Blank() {
			continue
		}
		for i, n := range names {
			if len(s.Bytes(cells[i])) == 0 {
				return s.Missing(n)
			}
		}
		id, one := s.Text(cells[0]), Scanned{ID: s.Text(cells[1]), Workstation: shared.String(s.Bytes(cells[2]), s.Decode)}
		if other, ok := all[id]; ok && other != one {
			return fault.Invalidf("%s, line %d: the card %s is %s of %s here, and %s of %s in another list. Export the lists again.",
				s.Name(), s.Line(), id, one.ID, one.Workstation, other.ID, other.Workstation)
		}
		all[id] = one
	}
}
