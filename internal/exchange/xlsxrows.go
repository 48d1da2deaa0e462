package exchange

import (
	"encoding/xml"
	"iter"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// The edges of a worksheet and of a cell, as spreadsheet programs have them.
const (
	maxXLSXRow    = 1 << 20
	maxXLSXColumn = 1 << 14
	maxXLSXCell   = 32_766 // letters: one less than they allow, since an apostrophe may be added
)

// xlsxRows yields the header when header is set, and otherwise the rows below it.
func (f *File) xlsxRows(header bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		name := ""
		for _, s := range f.book.sheets {
			if s.name == f.Worksheet && !s.hidden {
				name = s.path
				break
			}
		}
		p, err := f.part(name)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer p.close()
		s := sheetReader{file: f, part: p, row: Row{Number: 0}}
		for first := true; ; {
			row, err := s.next()
			if err != nil {
				yield(Row{}, err)
				return
			}
			if row == nil {
				return
			}
			isHeader := first && (!row.Blank() || len(row.Notes) > 0)
			if first && !isHeader {
				continue
			}
			first = false
			if isHeader != header {
				continue
			}
			if !isHeader {
				f.fit(row, false)
			}
			if !yield(*row, nil) || isHeader {
				return
			}
		}
	}
}

// sheetReader reads the rows of one worksheet.
type sheetReader struct {
	file *File
	part *part
	row  Row
}

// next returns the next row, or nil at the end.
func (s *sheetReader) next() (*Row, error) {
	for {
		t, err := s.part.next()
		if err != nil || t == nil {
			return nil, err
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		number := s.row.Number + 1
		if r := attr(e, "r"); r != "" {
			if number, err = strconv.Atoi(r); err != nil || number <= s.row.Number || number > maxXLSXRow {
				return nil, notXLSX()
			}
		}
		s.row = Row{Number: number, Cells: s.row.Cells[:0]}
		return &s.row, s.cells()
	}
}

// cells reads to the end of the row.
func (s *sheetReader) cells() error {
	at := 0
	for {
		t, err := s.part.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case nil:
			return notXLSX()
		case xml.EndElement:
			if t.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.part.Skip(); err != nil {
					return notXLSX().Because(err)
				}
				continue
			}
			if r := attr(t, "r"); r != "" {
				if at = column(r); at < 0 {
					return notXLSX()
				}
			}
			if err := s.cell(t, at); err != nil {
				return err
			}
			at++
		}
	}
}

// column reads the letters of a cell's name: 0 for A1, 27 for AB7, -1 for nonsense.
func column(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 || n > maxXLSXColumn {
		return -1
	}
	return n - 1
}

// cell reads one cell into the row. A formula's stored value is taken and noted.
func (s *sheetReader) cell(e xml.StartElement, at int) error {
	var raw, formula string
	hasFormula, hasValue := false, false
	for {
		t, err := s.part.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case nil:
			return notXLSX()
		case xml.EndElement: // of the cell itself: what is inside is read to its own end below
			return s.put(e, at, raw, formula, hasFormula, hasValue)
		case xml.StartElement:
			limit := 4 * s.file.limits.Cell
			switch t.Name.Local {
			case "v", "is":
				raw, err = s.part.text(limit, "rPh")
				hasValue = true
			case "f":
				formula, err = s.part.text(limit, "")
				hasFormula = true
			default:
				_, err = s.part.text(s.file.limits.Record, "")
			}
			if err != nil {
				return err
			}
		}
	}
}

func (s *sheetReader) put(e xml.StartElement, at int, raw, formula string, hasFormula, hasValue bool) error {
	kind := attr(e, "t")
	value := raw
	note := func(value string, fatal bool, err *fault.Error) {
		s.row.Notes = append(s.row.Notes, Note{Column: at, Value: value, Err: err, Fatal: fatal})
	}
	switch {
	case hasFormula && !hasValue:
		value = ""
		note("="+formula, true, fault.Invalidf("The cell has a formula without a result. Open the file in a spreadsheet program, save it and choose it again."))
	case kind == "e":
		value = ""
		note(raw, true, fault.Invalidf("The cell shows an error of the spreadsheet program."))
	case !hasValue:
		value = ""
	case kind == "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || i < 0 || i >= len(s.file.book.texts) {
			return notXLSX()
		}
		value = s.file.book.texts[i]
	case kind == "b":
		value = "FALSE"
		if isTrue(raw) {
			value = "TRUE"
		}
	case kind == "" || kind == "n":
		n := 0
		if a := attr(e, "s"); a != "" {
			n, _ = strconv.Atoi(a)
		}
		value = s.file.book.numberText(strings.TrimSpace(raw), n)
	}
	if hasFormula && hasValue && kind != "e" {
		note("="+formula, false, fault.Invalidf("The cell has a formula. The value it showed when it was saved is taken."))
	}
	if len(value) > s.file.limits.Cell {
		note("", true, fault.Invalidf("A cell has more than %s bytes.", number(int64(s.file.limits.Cell))))
		value = ""
	}
	value = strings.TrimSpace(words.Disarmed(strings.ReplaceAll(value, "\x00", "")))
	if value == "" && len(s.row.Notes) == 0 && at >= len(s.row.Cells) {
		return nil // formatting far to the right is no cell
	}
	if at >= s.file.limits.Columns {
		s.row.Err = fault.Invalidf("The row has %d cells; at most %d are taken.", at+1, s.file.limits.Columns)
		return nil
	}
	for len(s.row.Cells) <= at {
		s.row.Cells = append(s.row.Cells, "")
	}
	s.row.Cells[at] = value
	return nil
}
