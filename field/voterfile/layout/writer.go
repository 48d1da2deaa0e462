package layout

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// WriterOptions are what a layout leaves open.
type WriterOptions struct {
	// AsOf is the day the file speaks of; NC needs it for the age at the end of the year, which is left empty without it.
	AsOf Date
	// Elections are the columns after the fixed ones in a layout that has a column for each election (OH), in the order of the file.
	Elections []ElectionColumn
	// ShortHeader leaves out the last name of the header, as Michigan does in its history file since 8 April 2024; the last cell of
	// every row is empty then.
	ShortHeader bool
	// Delimiter replaces the usual one where a state has used several (WA: '|' or '\t').
	Delimiter byte
}

// Header returns the names of the columns of a layout in one generation, nil when there is no such file. A layout whose files have no
// header (FL, fixed width) has names too: those of its documentation.
func Header(id ID, gen Generation, kind Kind) []string {
	s := formOf(id, gen, kind)
	if s == nil {
		return nil
	}
	out := make([]string, len(s.columns))
	for i, c := range s.columns {
		out[i] = c.name
	}
	return out
}

// Writer writes a file byte for byte as a state does: its delimiter, quotation marks, CP1252, line ends and header. Columns that a
// Voter has no field for stay empty.
type Writer struct {
	w         *bufio.Writer
	spec      *spec
	written   written
	opts      WriterOptions
	delimiter byte
	buf       []byte
	scratch   []byte
	mail      [5]string
	election  map[string]int
	cells     []string
}

// NewWriter returns a writer and writes the header where the layout has one. Call Flush at the end.
func NewWriter(w io.Writer, id ID, gen Generation, kind Kind, opts WriterOptions) (*Writer, error) {
	s := formOf(id, gen, kind)
	if s == nil {
		return nil, fmt.Errorf("writing a file: layout %q has no %s files", id, kind)
	}
	x := &Writer{w: bufio.NewWriterSize(w, 64<<10), spec: s, written: writtenBy[id], opts: opts, delimiter: s.delimiter}
	if opts.Delimiter != 0 && s.delimiter != 0 {
		x.delimiter = opts.Delimiter
	}
	if s.elections {
		x.election = map[string]int{}
		x.cells = make([]string, len(opts.Elections))
		for i, e := range opts.Elections {
			x.election[e.Name] = i
		}
	}
	if !s.header {
		return x, nil
	}
	names := Header(id, gen, kind)
	for _, e := range opts.Elections {
		if s.elections {
			names = append(names, e.Name)
		}
	}
	if opts.ShortHeader {
		names = names[:len(names)-1]
	}
	for i, n := range names {
		x.cell(i, n)
	}
	return x, x.endRow()
}

// Flush writes what is still held back.
func (x *Writer) Flush() error {
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("writing the end of the file: %w", err)
	}
	return nil
}

// WriteVoter writes one registration.
func (x *Writer) WriteVoter(v *Voter) error {
	if x.spec.kind != Voters {
		return errors.New("writing a voter: this is a history file")
	}
	x.mailLines(v)
	for i, c := range x.spec.columns {
		x.cell(i, x.voterCell(c.target, v))
	}
	if x.spec.elections {
		x.votes(v)
	}
	return x.endRow()
}

// WriteVote writes one vote. Some states repeat in the history what the voter's registration says (NC: number in the county, precinct
// and VTD; MI: jurisdiction and school district): these columns are filled from who, or stay empty when who is nil.
func (x *Writer) WriteVote(v *Vote, who *Voter) error {
	if x.spec.kind != History {
		return errors.New("writing a vote: this is a voters file")
	}
	if who == nil {
		who = &Voter{CountyCode: v.CountyCode}
	}
	last := len(x.spec.columns) - 1
	for i, c := range x.spec.columns {
		if x.opts.ShortHeader && i == last {
			x.cell(i, "")
			continue
		}
		x.cell(i, x.voteCell(&c, v, who))
	}
	return x.endRow()
}

// cell appends cell i.
func (x *Writer) cell(i int, s string) {
	if len(x.spec.cuts) > 0 {
		x.fixedCell(i, s)
		return
	}
	if i > 0 {
		x.buf = append(x.buf, x.delimiter)
	}
	if x.spec.quoting != quoteAll {
		from := len(x.buf)
		x.buf = appendText(x.buf, s)
		for k := from; k < len(x.buf); k++ {
			if c := x.buf[k]; c == x.delimiter || c < ' ' {
				x.buf[k] = ' '
			}
		}
		return
	}
	x.buf = append(x.buf, '"')
	for k := 0; k < len(s); k++ {
		if s[k] == '"' || s[k] >= 0x80 {
			x.buf = x.appendQuoted(s[k:])
			x.buf = append(x.buf, '"')
			return
		}
		x.buf = append(x.buf, s[k])
	}
	x.buf = append(x.buf, '"')
}

// appendQuoted appends text with its quotation marks doubled.
func (x *Writer) appendQuoted(s string) []byte {
	x.scratch = appendText(x.scratch[:0], s)
	b := x.buf
	for _, c := range x.scratch {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return b
}

// appendText appends s in CP1252.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return appendCP1252(append(b, s[:i]...), s[i:])
		}
	}
	return append(b, s...)
}

// fixedCell pads or cuts to the column's width.
func (x *Writer) fixedCell(i int, s string) {
	start := 0
	if i > 0 {
		start = x.spec.cuts[i-1]
	}
	width := x.spec.cuts[i] - start
	x.scratch = appendText(x.scratch[:0], s)
	for k := range width {
		c := byte(' ')
		if k < len(x.scratch) && x.scratch[k] >= ' ' {
			c = x.scratch[k]
		}
		x.buf = append(x.buf, c)
	}
}

func (x *Writer) endRow() error {
	if x.spec.crlf {
		x.buf = append(x.buf, '\r')
	}
	x.buf = append(x.buf, '\n')
	_, err := x.w.Write(x.buf)
	x.buf = x.buf[:0]
	if err != nil {
		return fmt.Errorf("writing a row: %w", err)
	}
	return nil
}

// votes appends the election columns: the party whose primary ballot was taken, else X.
func (x *Writer) votes(v *Voter) {
	clear(x.cells)
	for i := range v.Votes {
		k, ok := x.election[v.Votes[i].Name]
		if !ok {
			continue
		}
		if x.cells[k] = v.Votes[i].Party; x.cells[k] == "" {
			x.cells[k] = "X"
		}
	}
	for i, s := range x.cells {
		x.cell(len(x.spec.columns)+i, s)
	}
}
