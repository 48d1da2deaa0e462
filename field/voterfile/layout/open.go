package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// checkedRows is how many rows are looked at before a file is accepted.
const checkedRows = 200

// File is a voter file being read.
type File struct {
	// AsOf is the day the file speaks of. Set it before reading to mark voters under 18 by birth date; 0 leaves that to statuses and
	// to the ages a file gives.
	AsOf Date

	rows  *Reader
	plan  *plan
	drift Drift
	notes []*RowError

	lastDate string
	lastDay  Date

	lastStatus  string
	lastMeaning Status
	typeMemo    map[string]ElectionType
}

// Open begins to read a file of the given layout and kind. The mapping is needed for Generic; for a state it may be nil, or give
// overrides of encoding and delimiter and the dates of election codes.
//
// The first rows are checked: a file that is not what it is said to be is refused with what was expected and what was found.
func Open(id ID, kind Kind, src io.Reader, mapping *Mapping) (*File, error) {
	head := make([]byte, sampleSize)
	n, err := io.ReadFull(src, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("reading the start of the file: %w", err)
	}
	if err := refuseBinary(head); err != nil {
		return nil, err
	}
	o := opening{id: id, kind: kind, head: head, whole: n < sampleSize, mapping: mapping, dialect: Sniff(head)}
	if mapping != nil {
		if err := mapping.ValidateFor(id); err != nil {
			return nil, err
		}
		o.dialect = mapping.override(o.dialect)
	}
	if err := o.choose(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return o.file(io.MultiReader(bytes.NewReader(head), src))
}

// opening is a file about to be opened: what is known from its first bytes.
type opening struct {
	id      ID
	kind    Kind
	head    []byte
	whole   bool // the head is the whole file
	mapping *Mapping
	dialect Dialect

	form   *spec // nil for Generic
	plan   *plan
	header bool
	cuts   []int
	count  int // cells in a row
	drift  Drift
}

// sample reads up to n rows of the head, without errors of single rows.
func (o *opening) sample(n int) (rows [][]string, lines []int64) {
	d := o.dialect
	if d == (Dialect{}) {
		d.Delimiter = 0
	}
	r, err := newReader(bytes.NewReader(o.head), o.head, Options{Dialect: d, Cuts: o.cuts})
	if err != nil {
		return nil, nil
	}
	for len(rows) < n {
		err := r.Next()
		var bad *RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil || r.noNewline && !o.whole {
			break
		}
		cells := make([]string, r.Len())
		for i := range cells {
			cells[i] = r.Cell(i)
		}
		rows = append(rows, cells)
		lines = append(lines, r.row.Line)
	}
	return rows, lines
}

// choose finds the form of the layout that the file has and binds its columns.
func (o *opening) choose() error {
	rows, _ := o.sample(50)
	if o.id == Generic {
		return o.chooseGeneric(rows)
	}
	forms := formsOf(o.id, o.kind)
	if len(forms) == 0 {
		return fault.Invalidf("Ohio has no separate history files: the elections are columns of the voters file. Give the four SWVF files as voters.")
	}
	if f := o.fixedForm(forms); f != nil {
		o.form, o.cuts, o.count = f, f.cuts, len(f.columns)
		o.plan = bindPositions(f)
		return o.elections()
	}
	if len(rows) == 0 {
		return fault.Invalidf("The file has no whole row in its first %d bytes. Its line ends are missing, or it is cut off or no table; get it again.", len(o.head))
	}
	first := rows[0]
	best, matched := forms[0], 0
	for _, f := range forms {
		// A form that the header fills completely is better than one with more columns, of which some are missing.
		if m := f.matches(first); m > matched || m == matched && len(f.columns) < len(best.columns) {
			best, matched = f, m
		}
	}
	switch {
	case matched >= 3 && matched*10 >= len(first)*3 || matched >= 3 && matched*2 >= len(best.columns):
		o.bindHeader(best, first, rows[1:])
	case o.positional(forms, rows):
	default:
		return o.wrongLayout(best, first)
	}
	if err := o.required(); err != nil {
		return err
	}
	return o.elections()
}

// fixedForm returns the fixed-width form when the lines have its length and no delimiter.
func (o *opening) fixedForm(forms []*spec) *spec {
	for _, f := range forms {
		if len(f.cuts) == 0 {
			continue
		}
		lines := sampleLines(decodeSample(o.head, o.dialect))
		fits := 0
		for _, l := range lines {
			// The last columns may be blank and trimmed.
			if n := f.cuts[len(f.cuts)-1]; len(l) <= n && len(l) >= f.cuts[len(f.cuts)-4] {
				fits++
			}
		}
		if len(lines) > 0 && fits*10 >= len(lines)*9 {
			o.dialect.Delimiter, o.dialect.Quoted, o.dialect.Header = 0, false, false
			return f
		}
	}
	return nil
}

// bindHeader binds by name. Rows that all have one cell more than the header belong to a header with a name too few.
func (o *opening) bindHeader(f *spec, header []string, rows [][]string) {
	o.form, o.header = f, true
	o.count = max(len(header), usualLength(rows))
	if o.count > len(header)+3 {
		o.count = len(header)
	}
	names := append([]string{}, header...)
	for i := len(header); i < o.count; i++ {
		names = append(names, fmt.Sprintf("column %d", i+1))
	}
	o.plan = bindNames(f, names)
	o.drift = Compare(o.id, o.kind, header, nil)
	if o.count > len(header) {
		o.drift.add(change(HeaderShort, "", "", "The header has %d names and the rows have %d cells; the last cells are left without a name.", len(header), o.count))
	}
}

// positional binds by position: the form is known to come without a header, or has come without one.
func (o *opening) positional(forms []*spec, rows [][]string) bool {
	n := usualLength(rows)
	for _, f := range forms {
		if len(f.cuts) > 0 || n != len(f.columns) || o.dialect.Delimiter == 0 {
			continue
		}
		p := bindPositions(f)
		if p.has(fStateID) && fit(p, fStateID, rows) < 0.5 {
			continue
		}
		o.form, o.count, o.plan = f, n, p
		if f.header {
			o.drift.add(change(HeaderMissing, "", "", "The file has no header; its %d columns are read in the usual order.", n))
		}
		return true
	}
	return false
}

// usualLength is the most frequent number of cells.
func usualLength(rows [][]string) int {
	counts := map[int]int{}
	best := 0
	for _, r := range rows {
		counts[len(r)]++
		if c := counts[len(r)]; c > counts[best] || c == counts[best] && len(r) > best {
			best = len(r)
		}
	}
	return best
}

// elections gives the plan the election codes of the mapping.
func (o *opening) elections() error {
	if o.mapping != nil {
		o.plan.lookups = o.mapping.lookups(o.plan.codes.byDate)
	}
	if o.plan.has(fVoteCode) && len(o.plan.lookups) == 0 {
		return fault.Invalidf("This history file names elections by code only. Add the codes and their dates (the state's electionscd.lst) to the mapping, or use the CSV file, which has dates.")
	}
	return nil
}

// required refuses a file without the columns nothing can be done without.
func (o *opening) required() error {
	need := []field{fStateID, fLastName}
	if o.kind == History {
		need = []field{fStateID, fVoteDate}
	}
	for _, x := range need {
		if o.plan.has(x) || x == fLastName && o.plan.has(fFullName) || x == fVoteDate && o.plan.has(fVoteCode) {
			continue
		}
		name := x.String()
		if o.form != nil {
			for _, c := range o.form.columns {
				if c.target.part == noPart && c.target.field == x {
					name = c.name
				}
			}
		}
		return fault.Invalidf("The file has no column %s, without which its rows mean nothing. Its columns are: %s. Choose another layout, or describe the file with a mapping.", name, listNames(o.plan.names))
	}
	return nil
}

// wrongLayout says what was expected, what was found, and what the file looks like instead.
func (o *opening) wrongLayout(f *spec, first []string) error {
	expected := make([]string, 0, 6)
	for _, c := range f.columns[:min(6, len(f.columns))] {
		expected = append(expected, c.name)
	}
	looks := ""
	if g := Guess(o.head); len(g) > 0 && (g[0].ID != o.id || g[0].Kind != o.kind) {
		looks = g[0].ID.Title()
		if g[0].Kind == History {
			return fault.Invalidf("This is not the file you said: %d columns beginning with %s were expected, and %d beginning with %s were found. It looks like a history file of %s. Choose that, or another file.",
				len(f.columns), strings.Join(expected, ", "), len(first), listNames(first), looks)
		}
		return fault.Invalidf("This is not the file you said: %d columns beginning with %s were expected, and %d beginning with %s were found. It looks like a voters file of %s. Choose that, or another file.",
			len(f.columns), strings.Join(expected, ", "), len(first), listNames(first), looks)
	}
	return fault.Invalidf("This is not the file you said: %d columns beginning with %s were expected, and %d beginning with %s were found. Choose another layout or another file, or describe this one with a mapping.",
		len(f.columns), strings.Join(expected, ", "), len(first), listNames(first))
}

// listNames gives the first names of a header for a message.
func listNames(names []string) string {
	var b strings.Builder
	for i, n := range names {
		if i == 6 {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(cut(n, 30))
	}
	return b.String()
}

// file makes the reader of all rows and moves past the header.
func (o *opening) file(src io.Reader) (*File, error) {
	rows, err := newReader(src, o.head, Options{Dialect: o.dialect, Columns: o.count, Cuts: o.cuts})
	if err != nil {
		return nil, err
	}
	o.dialect.Header = o.header
	rows.dialect.Header = o.header
	f := &File{rows: rows, plan: o.plan, drift: o.drift, typeMemo: map[string]ElectionType{}}
	if o.header {
		rows.columns = 0
		if err := rows.Next(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		rows.columns = o.count
	}
	return f, nil
}

// ReadVoter reads the next registration into v. It returns io.EOF after the last; a *RowError for a row that is left out (go on with
// the next one); any other error means that the file as a whole is refused or could not be read.
func (f *File) ReadVoter(v *Voter) error {
	f.notes = f.notes[:0]
	if err := f.rows.Next(); err != nil {
		return err
	}
	return f.voter(v)
}

// ReadVote reads the next vote into x, passing over rows that say no ballot was cast. Errors are those of ReadVoter.
func (f *File) ReadVote(x *Vote) error {
	for {
		f.notes = f.notes[:0]
		if err := f.rows.Next(); err != nil {
			return err
		}
		if cast, err := f.vote(x); err != nil || cast {
			return err
		}
	}
}

// Row returns where the current row stands; also after a *RowError.
func (f *File) Row() Row { return f.rows.Row() }

// Raw returns the raw bytes of the current row; see Reader.Raw.
func (f *File) Raw() []byte { return f.rows.Raw() }

// Notes returns what was set aside in the current row (a date that is none, an unknown code) while the row was kept. The slice is
// reused by the next read.
func (f *File) Notes() []*RowError { return f.notes }

// Columns returns the names of the file's columns, made up from the layout where the file has no header.
func (f *File) Columns() []string { return f.plan.names }

// Elections returns the elections the file has columns for.
func (f *File) Elections() []ElectionColumn {
	var out []ElectionColumn
	for _, e := range f.plan.elections {
		out = append(out, ElectionColumn{Date: e.vote.Date, Type: e.vote.Type, Name: e.vote.Name})
	}
	return out
}

// Dialect returns how the file is written.
func (f *File) Dialect() Dialect { return f.rows.dialect }

// Drift returns how the columns differ from the newest known form of the layout.
func (f *File) Drift() Drift { return f.drift }
