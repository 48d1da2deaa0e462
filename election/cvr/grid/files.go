package grid

import (
	"errors"
	"fmt"
	"io"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Files opens files one after another, each when the one before is at its end.
type Files struct {
	Left []cvr.Source
	open io.Closer
	s    *table.Scanner
}

// Begin opens the first file, whose head is read by head. It refuses to begin without one.
func (f *Files) Begin(head func(*table.Scanner) error) error {
	s, err := f.Open()
	if errors.Is(err, io.EOF) {
		return fault.Invalidf("There is no file of cast vote records. Choose at least one.")
	}
	if err == nil {
		err = head(s)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return nil
}

// Open opens the next file, or returns io.EOF if there is none.
func (f *Files) Open() (*table.Scanner, error) {
	if err := f.Close(); err != nil || len(f.Left) == 0 {
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	next := f.Left[0]
	f.Left = f.Left[1:]
	r, err := next.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", next.Name, err)
	}
	f.open, f.s = r, table.New(next.Name, r, table.Usual)
	return f.s, nil
}

// Close closes the file that is open, if any.
func (f *Files) Close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open, f.s = nil, nil
	if err != nil {
		return fmt.Errorf("closing records: %w", err)
	}
	return nil
}

// Next reads the next record that is not blank. When a file ends it opens the following one, whose head is read by head.
func (f *Files) Next(head func(*table.Scanner) error) (*table.Scanner, error) {
	for {
		if f.s == nil {
			return nil, io.EOF
		}
		err := f.s.Next()
		switch {
		case errors.Is(err, io.EOF):
			s, err := f.Open()
			if err != nil {
				return nil, err
			}
			if err := head(s); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case !f.s.Blank():
			return f.s, nil
		}
	}
}
