package xlsx

import (
	"bytes"
	"math"
	"strconv"

	"github.com/openprecinct/precinct/internal/fault"
)

// Cell is one cell that has a value.
type Cell struct {
	Col  int    // from 0
	Text []byte // until the next row is read
}

// Rows reads a worksheet row by row.
type Rows struct {
	s      *scanner
	shared *stringTable
	row    int
	cells  []Cell
	arena  []byte
	ends   []int // of each cell's text in the arena; -1 for one that lies elsewhere
	err    error
	inside bool
}

// Rows begins to read a worksheet; Close ends it.
func (f *File) Rows(sheet int) (*Rows, error) {
	s, err := f.part(f.sheets[sheet].part, MaxSheet)
	if err != nil {
		return nil, err
	}
	return &Rows{s: s, shared: &f.shared, row: -1}, nil
}

// Close lets go of the file. It may be called early and twice.
func (r *Rows) Close() { r.s.close() }

// Err returns what ended the rows, or nil at their end. It is a fault for people.
func (r *Rows) Err() error { return r.err }

// Row returns the number of the row, from 0: rows that are not written in the file are passed over.
func (r *Rows) Row() int { return r.row }

// Cells returns the cells of the row that have a value, in their order.
func (r *Rows) Cells() []Cell { return r.cells }

var (
	tagRow  = []byte("row")
	tagC    = []byte("c")
	tagV    = []byte("v")
	tagIs   = []byte("is")
	tagRPh  = []byte("rPh")
	tagData = []byte("sheetData")
)

// Next reads one row, an empty one too, if the file has it.
func (r *Rows) Next() bool {
	for r.err == nil {
		if !r.s.next() {
			r.err = r.s.err
			return false
		}
		s := r.s
		switch {
		case s.kind == textRun:
		case bytes.Equal(s.name, tagData):
			if s.kind == endTag {
				return false
			}
			r.inside = true
		case r.inside && s.kind == startTag && bytes.Equal(s.name, tagRow):
			return r.readRow()
		}
	}
	return false
}

func (r *Rows) fail(format string, args ...any) bool {
	if r.err == nil {
		r.err = fault.Invalidf(format, args...)
	}
	return false
}

// readRow reads the cells of a row whose tag is behind us.
func (r *Rows) readRow() bool {
	row := r.row + 1
	if at := r.s.attr("r"); at != nil {
		n, err := strconv.Atoi(string(at))
		if err != nil || n <= r.row+1 && r.row >= 0 || n < 1 {
			return r.fail("After row %d of the worksheet comes one numbered %q. Save the workbook anew.", r.row+1, at)
		}
		row = n - 1
	}
	if row >= MaxRows {
		return r.fail("The worksheet has more than %d rows. Split the file.", MaxRows)
	}
	r.row, r.cells, r.arena, r.ends = row, r.cells[:0], r.arena[:0], r.ends[:0]
	next := 0
	for r.s.next() {
		s := r.s
		switch {
		case s.kind == endTag && bytes.Equal(s.name, tagRow):
			r.settle()
			return true
		case s.kind == startTag && bytes.Equal(s.name, tagC):
			if !r.readCell(&next) {
				return false
			}
		}
	}
	r.err = r.s.err
	return false
}

// settle gives the cells their texts, now that the arena moves no more.
func (r *Rows) settle() {
	from := 0
	for i, end := range r.ends {
		if end >= 0 {
			r.cells[i].Text, from = r.arena[from:end:end], end
		}
	}
}

// readCell reads a cell whose tag is behind us. next is the column it has when it does not say.
func (r *Rows) readCell(next *int) bool {
	s := r.s
	col := *next
	if at := s.attr("r"); at != nil {
		c, ok := column(at)
		if !ok || c < *next {
			return r.fail("Row %d of the worksheet has a cell %q out of its order. Save the workbook anew.", r.row+1, at)
		}
		col = c
	}
	if col >= MaxColumns {
		return r.fail("Row %d of the worksheet has more than %d columns.", r.row+1, MaxColumns)
	}
	*next = col + 1
	kind := byte('n')
	if t := s.attr("t"); len(t) > 0 {
		kind = cellKind(t)
	}
	from, has, err := len(r.arena), false, false
	in, is, spoken := false, false, 0
	for s.next() {
		switch {
		case s.kind == textRun:
			if in && spoken == 0 {
				r.arena = append(r.arena, s.text...)
				err = err || len(r.arena)-from > MaxCell
			}
		case s.kind == endTag && bytes.Equal(s.name, tagC):
			if err {
				return r.fail("Row %d of the worksheet has a cell with more than a megabyte of text.", r.row+1)
			}
			return !has || r.take(col, kind, from)
		case bytes.Equal(s.name, tagV):
			in = s.kind == startTag
			has = true
		case bytes.Equal(s.name, tagIs):
			is = s.kind == startTag
			has = true
		case is && bytes.Equal(s.name, tagT):
			in = s.kind == startTag
		case bytes.Equal(s.name, tagRPh):
			spoken = depth(spoken, s.kind)
		}
	}
	r.err = s.err
	return false
}

// cellKind folds the types of cells (18.18.11, ST_CellType) into one letter.
func cellKind(t []byte) byte {
	switch string(t) {
	case "s":
		return 's'
	case "b":
		return 'b'
	case "n":
		return 'n'
	default: // str, inlineStr, e, d: their text
		return 't'
	}
}

// take makes a cell of the text that the arena holds since from.
func (r *Rows) take(col int, kind byte, from int) bool {
	raw := r.arena[from:]
	switch kind {
	case 's':
		i, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		text, ok := r.shared.at(i)
		if err != nil || !ok {
			return r.fail("Row %d of the worksheet refers to a text %q that the workbook lacks: it is damaged. Save it anew.", r.row+1, raw)
		}
		r.arena = r.arena[:from]
		r.cells, r.ends = append(r.cells, Cell{col, text}), append(r.ends, -1)
		return true
	case 'b':
		word := "FALSE"
		if string(bytes.TrimSpace(raw)) == "1" {
			word = "TRUE"
		}
		r.arena = append(r.arena[:from], word...)
	case 'n':
		r.arena = number(r.arena[:from], raw)
	}
	r.cells, r.ends = append(r.cells, Cell{col, nil}), append(r.ends, len(r.arena))
	return true
}

// number appends a number as people write it: 3 for 3.0 and for 0.3E1. Digits alone are left as they are.
func number(out, raw []byte) []byte {
	raw = bytes.TrimSpace(raw)
	if len(bytes.TrimLeft(raw, "0123456789")) == 0 {
		return append(out, raw...)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(f) >= 1e15 {
		return append(out, raw...)
	}
	return strconv.AppendFloat(out, f, 'f', -1, 64)
}

// column reads the letters of an address: A1 is 0, AB7 is 27.
func column(at []byte) (int, bool) {
	col, i := 0, 0
	for ; i < len(at) && at[i] >= 'A' && at[i] <= 'Z'; i++ {
		if col = col*26 + int(at[i]-'A') + 1; col > MaxColumns {
			return 0, false
		}
	}
	return col - 1, i > 0
}
