package table

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// Columns says which cell stands under which name. Names are compared without regard to case, spaces around and within, and a leading #.
type Columns map[string]int

// Fold returns a column's name as names are compared.
func Fold(name string) string {
	name = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "#"))
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, name)
}

// Columns names the cells before end of the record, which is a header. Of two cells with the same name the first counts.
func (s *Scanner) Columns(end int) Columns {
	c := Columns{}
	for i := range min(end, s.Len()) {
		name := Fold(s.Text(i))
		if _, ok := c[name]; !ok && name != "" {
			c[name] = i
		}
	}
	return c
}

// Find returns the cell under the first of the names that the file has, or -1.
func (c Columns) Find(names ...string) int {
	for _, n := range names {
		if i, ok := c[Fold(n)]; ok {
			return i
		}
	}
	return -1
}

// Need returns the cell under the name, or a fault that names it.
func (s *Scanner) Need(c Columns, name string) (int, error) {
	if i := c.Find(name); i >= 0 {
		return i, nil
	}
	return 0, fault.Invalidf("%s, line %d: there is no column “%s”. Export the file again with this column.", s.name, s.line, name)
}

// Plain takes off the ="…" that some exports put around numbers so that spreadsheets keep their zeros.
func Plain(cell []byte) []byte {
	if n := len(cell); n >= 3 && cell[0] == '=' && cell[1] == '"' && cell[n-1] == '"' {
		return cell[2 : n-1]
	}
	return cell
}

// Missing returns the fault of a cell that must not be empty.
func (s *Scanner) Missing(column string) error {
	return fault.Invalidf("%s, line %d: the cell under “%s” is empty. Every record needs it; export the file again.", s.name, s.line, column)
}

// Number reads a whole number that is not negative. Commas between digits are separators of thousands.
func (s *Scanner) Number(i int, column string) (int, error) {
	cell := bytes.TrimSpace(Plain(bytes.TrimSpace(s.Bytes(i))))
	if len(cell) == 0 {
		return 0, s.Missing(column)
	}
	n, ok := number(cell)
	if !ok {
		return 0, fault.Invalidf("%s, line %d: “%s” under “%s” is not a whole number. Correct it and load the file again.", s.name, s.line, s.Decode(cell), column)
	}
	return n, nil
}

// number reads digits, or digits in groups of three.
func number(b []byte) (int, bool) {
	digits := string(b)
	if head, rest, grouped := strings.Cut(digits, ","); grouped {
		if len(head) == 0 || len(head) > 3 {
			return 0, false
		}
		for _, g := range strings.Split(rest, ",") {
			if len(g) != 3 {
				return 0, false
			}
			head += g
		}
		digits = head
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return int(min(n, math.MaxInt)), err == nil && n <= math.MaxInt32
}

// Interner gives equal cells the same string, so that a million records do not hold a million copies of their batch.
type Interner struct {
	last string
	all  map[string]string
}

// String returns the text of cell, which dec decodes once.
func (n *Interner) String(cell []byte, dec func([]byte) string) string {
	if string(cell) == n.last {
		return n.all[n.last]
	}
	t, ok := n.all[string(cell)]
	raw := string(cell)
	if !ok {
		if n.all == nil {
			n.all = map[string]string{}
		}
		t = dec(cell)
		n.all[raw] = t
	}
	n.last = raw
	return t
}
