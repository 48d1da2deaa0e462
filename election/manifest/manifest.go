// Package manifest reads ballot manifests and batch tallies as election offices write them by hand and the audit tool Arlo takes them.
//
// A manifest says how many ballots lie in each batch. It is the one fact of an audit that does not come from the voting system, so nothing in it is guessed:
// a row that may be a total, a batch twice, a batch without ballots and a number that is none are refused, with the line and what to do.
package manifest

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// MaxBallots is the most ballots one manifest may list: more than any state has voters.
const MaxBallots = 100_000_000

// Batch is one stack of ballots.
type Batch struct {
	Container string // box or bag, "" if the manifest does not say
	Tabulator string // machine that read it, "" if the manifest does not say
	Name      string
	Ballots   int
	CVR       bool // of a hybrid audit: the machine kept a record of each ballot
	Line      int  // of the file
}

// Key names the batch as records do.
func (b Batch) Key() cvr.BatchKey { return cvr.BatchKey{Tabulator: b.Tabulator, Batch: b.Name} }

// Manifest is all batches in the order of the file.
type Manifest struct {
	Name    string // of the file
	Batches []Batch
	Ballots int // in all batches
}

// Options say what an audit needs of a manifest.
type Options struct {
	Tabulator bool // the column is there and tells batches of one name apart, as in audits that compare with records
	CVR       bool // the column is there, as in hybrid audits
}

var columns = []string{"Container", "Tabulator", "Batch Name", "Number of Ballots", "CVR"}

// Read reads a manifest.
func Read(name string, r io.Reader, o Options) (*Manifest, error) {
	s := table.New(name, r, table.Usual)
	if err := first(s); err != nil {
		return nil, err
	}
	cells, last, err := header(s, columns)
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		if cells[i] < 0 && (i == 2 || i == 3 || i == 1 && o.Tabulator || i == 4 && o.CVR) {
			_, err := s.Need(table.Columns{}, c)
			return nil, err
		}
	}
	m := &Manifest{Name: name}
	seen := map[cvr.BatchKey]int{}
	for {
		if err := s.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if s.Blank() {
			continue
		}
		b, err := batch(s, cells, last)
		if err != nil {
			return nil, err
		}
		key := cvr.BatchKey{Batch: b.Name}
		if o.Tabulator {
			key = b.Key()
		}
		if line, ok := seen[key]; ok {
			return nil, fault.Invalidf("%s, line %d: the batch “%s” is on line %d too. Give every batch a name of its own, or join the two if they are one stack.", name, b.Line, b.Name, line)
		}
		seen[key] = b.Line
		m.Batches = append(m.Batches, b)
		if m.Ballots += b.Ballots; m.Ballots > MaxBallots {
			return nil, fault.Invalidf("%s, line %d: the manifest has more than %d ballots. Correct the numbers.", name, b.Line, MaxBallots)
		}
	}
	return m, m.check()
}

// check refuses an empty manifest and one whose last row is the sum of the others.
func (m *Manifest) check() error {
	if len(m.Batches) == 0 {
		return fault.Invalidf("%s lists no batches. Write one line for each batch below the column names.", m.Name)
	}
	last := m.Batches[len(m.Batches)-1]
	if len(m.Batches) > 2 && 2*last.Ballots == m.Ballots {
		return fault.Invalidf("%s, line %d: “%s” has as many ballots as all batches before it, so it may be a total. Take the line out; if it is a batch, move it up.", m.Name, last.Line, last.Name)
	}
	return nil
}

// first reads the line of column names.
func first(s *table.Scanner) error {
	err := s.Next()
	if errors.Is(err, io.EOF) {
		return fault.Invalidf("%s lists no batches. Write one line for each batch below the column names.", s.Name())
	}
	return err
}

// header finds in the line of column names the cells of columns, -1 where there is none. Other columns are refused; empty ones at the end are not.
func header(s *table.Scanner, columns []string) (cells []int, last int, err error) {
	cells = make([]int, len(columns))
	for i := range cells {
		cells[i] = -1
	}
	for last = s.Len(); last > 0 && strings.TrimSpace(s.Text(last-1)) == ""; {
		last--
	}
next:
	for i := range last {
		name := strings.TrimSpace(s.Text(i))
		for k, c := range columns {
			if !strings.EqualFold(c, name) {
				continue
			}
			if cells[k] >= 0 {
				return nil, 0, fault.Invalidf("%s: two columns are called “%s”. Take one out.", s.Name(), c)
			}
			cells[k] = i
			continue next
		}
		return nil, 0, fault.Invalidf("%s: the column “%s” is not one of %s. Rename it or take it out.", s.Name(), name, strings.Join(columns, ", "))
	}
	return cells, last, nil
}

// total is a word for a sum that stands alone in a cell.
var total = regexp.MustCompile(`(?i)(^|[^a-z])(sub)?totals?($|[^a-z])`)

// row refuses a line that is no row of the table.
func row(s *table.Scanner, last int) error {
	for i := last; i < s.Len(); i++ {
		if len(bytes.TrimSpace(s.Bytes(i))) > 0 {
			return fault.Invalidf("%s, line %d: cell %d has a value and no column name above it. Take it out, or put numbers with commas between quotation marks.", s.Name(), s.Line(), i+1)
		}
	}
	for i := range last {
		if total.Match(s.Bytes(i)) {
			return fault.Invalidf("%s, line %d: “%s” looks like a total. Take the line out; if it is a batch, give it another name.", s.Name(), s.Line(), s.Text(i))
		}
	}
	return nil
}

func batch(s *table.Scanner, cells []int, last int) (Batch, error) {
	b := Batch{Line: s.Line()}
	if err := row(s, last); err != nil {
		return b, err
	}
	var text [5]string
	for i, c := range cells {
		if c < 0 {
			continue
		}
		text[i] = strings.TrimSpace(s.Decode(table.Plain(bytes.TrimSpace(s.Bytes(c)))))
		if text[i] == "" {
			return b, s.Missing(columns[i])
		}
	}
	b.Container, b.Tabulator, b.Name = text[0], text[1], text[2]
	var err error
	if b.Ballots, err = s.Number(cells[3], columns[3]); err != nil {
		return b, err
	}
	if b.Ballots == 0 {
		return b, fault.Invalidf("%s, line %d: the batch “%s” has no ballots. Take the line out, or correct the number.", s.Name(), s.Line(), b.Name)
	}
	switch strings.ToLower(text[4]) {
	case "", "n", "no":
	case "y", "yes":
		b.CVR = true
	default:
		return b, fault.Invalidf("%s, line %d: “%s” under “CVR” is neither Y nor N. Correct it.", s.Name(), s.Line(), text[4])
	}
	return b, nil
}

// Agrees refuses records that a manifest cannot hold: of a batch that it does not list, or more than it says the batch has ballots. Fewer are in order:
// the audit takes each ballot without a record for one that says the worst.
func (m *Manifest) Agrees(batches []cvr.BatchKey, cards []int) error {
	known := make(map[cvr.BatchKey]Batch, len(m.Batches))
	for _, b := range m.Batches {
		known[b.Key()] = b
	}
	for i, k := range batches {
		b, ok := known[k]
		switch {
		case !ok:
			return fault.Invalidf("%s has no batch “%s” of tabulator “%s”, but there are records of it. The names must be the same in both; correct the manifest or choose the right records.", m.Name, k.Batch, k.Tabulator)
		case cards[i] > b.Ballots:
			return fault.Invalidf("%s, line %d: the batch “%s” has %d ballots, and %d records. Count the batch by hand and correct the manifest, or find out which records are no ballots.", m.Name, b.Line, b.Name, b.Ballots, cards[i])
		}
	}
	return nil
}

// Machine names the machine of a card as the manifest does. It is for Hart's records alone, which mostly know only the batch: where one batch is called so,
// the manifest knows best; where several are, the record must know.
func (m *Manifest) Machine(c *cvr.Card) error {
	var found []Batch
	for _, b := range m.Batches {
		if b.Name == c.Batch {
			found = append(found, b)
		}
	}
	switch {
	case len(found) == 1:
		c.Tabulator = found[0].Tabulator
	case len(found) > 1 && c.Tabulator == "":
		return fault.Invalidf("%s has %d batches called “%s”, and nothing says which machine read the card %s. Load the lists of scanned ballots, or one zip file for each machine, called after it.",
			m.Name, len(found), c.Batch, c.ImprintedID)
	}
	return nil
}
