package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/openprecinct/precinct/internal/fault"
)

// The limits on what a file may hold. They are far above any real voter file and far below what hurts.
const (
	MaxLine    = 1 << 20  // bytes in one row
	MaxColumns = 1000     // cells in one row
	MaxCell    = 64 << 10 // bytes in one cell
)

const blockSize = 64 << 10

// RowError is one row or cell that cannot be taken while the rest of the file can.
type RowError struct {
	Line   int64  // 1-based line of the file on which the row begins
	Column string // the column's name as in the file, "" when the whole row is meant
	Value  string // what stands there, cut at 80 bytes
	Why    *fault.Error
}

// Error returns the English sentence.
func (e *RowError) Error() string { return e.Why.Error() }

// Unwrap returns the fault, so that fault.As finds the sentence and its arguments.
func (e *RowError) Unwrap() error { return e.Why }

// Row says where the current row stands in the file as it lies on disk.
type Row struct {
	Line   int64  // 1-based
	Offset int64  // bytes from the start of the file, a byte order mark included
	Length int    // bytes without the line end
	Hash   uint64 // Hash of the raw bytes
}

// Options says how to read rows.
type Options struct {
	// Dialect is how the file is written. The zero value means: sniff it from the first bytes.
	Dialect Dialect
	// Columns is the number of cells a row must have; 0 takes any. A row with more is accepted when the rest is empty.
	Columns int
	// Cuts are the 0-based starts of the columns after the first of a fixed-width file, and at the end the least length of a row.
	Cuts []int
}

// Reader splits a file into rows and cells. It is quote-aware, holds one block and one row at a time, and allocates nothing per row
// (one string for each block).
type Reader struct {
	src     io.Reader
	dialect Dialect
	columns int
	cuts    []int

	buf       []byte
	text      string // buf[:w] as a string: cells are cut from it
	next, w   int
	eof       bool
	readErr   error
	raw       int64 // offset of buf[next] in the file
	line      int64 // lines before buf[next]
	rowStart  int
	rowEnd    int // without the line end
	cells     []cell
	row       Row
	slow      bool // the row has bytes to decode or quotation marks to halve
	high      bool // the row has bytes to decode
	doubled   bool // some cell of the row holds "" for "
	noNewline bool // the row is the last and has no line end
}

// cell is a stretch of the buffer.
type cell struct{ start, end uint32 }

// NewReader returns a reader of rows. The first bytes are read at once; what is no text at all is refused here.
func NewReader(r io.Reader, opts Options) (*Reader, error) {
	head := make([]byte, sampleSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("reading the start of the file: %w", err)
	}
	return newReader(io.MultiReader(bytes.NewReader(head), r), head, opts)
}

// newReader reads from src, of which head is the beginning (not yet consumed).
func newReader(src io.Reader, head []byte, opts Options) (*Reader, error) {
	if err := refuseBinary(head); err != nil {
		return nil, err
	}
	d := opts.Dialect
	if d == (Dialect{}) {
		d = Sniff(head)
	}
	r := &Reader{src: src, dialect: d, columns: opts.Columns, cuts: opts.Cuts, buf: make([]byte, blockSize)}
	switch d.Encoding {
	case UTF16LE:
		r.src = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(src)
		r.raw = int64(2 * min(1, d.bomBytes()))
	case UTF16BE:
		r.src = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(src)
		r.raw = int64(2 * min(1, d.bomBytes()))
	default:
		if skip := d.bomBytes(); skip > 0 {
			if _, err := io.CopyN(io.Discard, src, int64(skip)); err != nil {
				return nil, fmt.Errorf("skipping the byte order mark: %w", err)
			}
			r.raw = int64(skip)
		}
	}
	return r, nil
}

// Dialect returns how the file is written.
func (r *Reader) Dialect() Dialect { return r.dialect }

// Row returns where the current row stands.
func (r *Reader) Row() Row { return r.row }

// Raw returns the bytes of the current row without the line end, in the file's own encoding (in UTF-8 for a UTF-16 file). They are
// overwritten by the next call of Next.
func (r *Reader) Raw() []byte { return r.buf[r.rowStart:r.rowEnd] }

// Len returns the number of cells of the current row.
func (r *Reader) Len() int { return len(r.cells) }

// Cell returns cell i without blanks around it, in UTF-8, or "" when the row has no such cell.
func (r *Reader) Cell(i int) string {
	if uint(i) >= uint(len(r.cells)) {
		return ""
	}
	c := r.cells[i]
	if c.start == c.end {
		return ""
	}
	s := r.text[c.start:c.end]
	if r.slow {
		s = r.decode(s, c)
	}
	if s != "" && (s[0] <= ' ' || s[len(s)-1] <= ' ') {
		return trim(s)
	}
	return s
}

// decode is Cell for the rows that need work.
func (r *Reader) decode(s string, c cell) string {
	quoted := int(c.start) > r.rowStart && r.buf[c.start-1] == '"'
	if r.doubled && quoted {
		s = strings.ReplaceAll(s, `""`, `"`)
	}
	if r.high {
		s = decodeCP1252(s)
	}
	return strings.Trim(s, "\u00a0")
}

func trim(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// Next moves to the next row that is not blank. It returns io.EOF after the last one, a *RowError for a row that cannot be taken
// (the following ones can), and any other error when the file as a whole is to be refused.
func (r *Reader) Next() error {
	for {
		end, got := r.scan()
		switch got {
		case wantMore:
			if err := r.fill(); err != nil {
				return err
			}
			continue
		case tooMany:
			return fault.Invalidf("Line %d has more than %d cells. The file may be no table, or its columns are separated by another sign; look at the file and choose the sign between columns.", r.line+1, MaxColumns)
		case lostQuote:
			return r.skipLine()
		case atEnd:
			return r.finish()
		}
		blank := r.rowEnd == r.rowStart || r.noNewline && isBlank(r.Raw())
		err := r.take(end)
		if blank {
			continue
		}
		return err
	}
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != 0x1a && c > ' ' { // 0x1a: the end-of-file sign of DOS
			return false
		}
	}
	return true
}

// take makes the scanned row the current one and moves past it.
func (r *Reader) take(end int) error {
	raw := r.Raw()
	hash, high, nul := survey(raw)
	r.row = Row{Line: r.line + 1, Offset: r.raw, Length: len(raw), Hash: hash}
	whole := r.buf[r.next:end]
	r.line += int64(bytes.Count(whole, newline))
	if r.noNewline {
		r.line++
	}
	r.raw += int64(len(whole))
	r.high = false
	if high && r.dialect.Encoding != UTF16LE && r.dialect.Encoding != UTF16BE {
		r.high = r.dialect.Encoding == Latin1 || !utf8.Valid(raw)
	}
	if wide := r.dialect.Encoding == UTF16LE || r.dialect.Encoding == UTF16BE; wide {
		r.row.Length = 2 * utf16Len(raw)
		r.raw += int64(2*utf16Len(whole) - len(whole))
	}
	r.slow = r.high || r.doubled
	r.next = end
	if nul {
		return r.refuse("", "", "Line %d holds NUL bytes, which no text has. The row is left out; if there are many, ask for the file again.", r.row.Line)
	}
	if len(raw) > MaxCell {
		for _, c := range r.cells {
			if int(c.end-c.start) > MaxCell {
				return r.refuse("", "", "Line %d has a cell of more than %d bytes. The row is left out.", r.row.Line, MaxCell)
			}
		}
	}
	return r.count()
}

var newline = []byte{'\n'}

// count checks the number of cells.
func (r *Reader) count() error {
	if r.columns == 0 || len(r.cells) == r.columns {
		return nil
	}
	if len(r.cells) < r.columns {
		if r.noNewline {
			return fault.Invalidf("The file ends in the middle of line %d, which has %d cells instead of %d: it was cut off. Get the whole file again.", r.row.Line, len(r.cells), r.columns)
		}
		return r.refuse("", "", "Line %d has %d cells; there should be %d. The row is left out.", r.row.Line, len(r.cells), r.columns)
	}
	for i := r.columns; i < len(r.cells); i++ {
		if r.Cell(i) != "" {
			return r.refuse("", r.Cell(i), "Line %d has %d cells; there should be %d. A cell may hold the sign that separates columns. The row is left out.", r.row.Line, len(r.cells), r.columns)
		}
	}
	return nil
}

// refuse makes the error for the current row.
func (r *Reader) refuse(column, value, format string, args ...any) *RowError {
	return &RowError{Line: r.row.Line, Column: column, Value: cut(value, 80), Why: fault.Invalidf(format, args...)}
}

// fill reads more. The strings handed out earlier keep their block.
func (r *Reader) fill() error {
	if r.readErr != nil {
		return r.readErr
	}
	if r.w-r.next >= MaxLine {
		return fault.Invalidf("Line %d is longer than %d bytes, which no voter file has. It may be another kind of file, or its line ends are missing; look at the file before trying again.", r.line+1, MaxLine)
	}
	copy(r.buf, r.buf[r.next:r.w])
	r.w -= r.next
	r.rowStart, r.rowEnd, r.next = 0, 0, 0
	if len(r.buf)-r.w < len(r.buf)/2 {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := io.ReadFull(r.src, r.buf[r.w:])
	r.w += n
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.eof = true
	case err != nil:
		r.readErr = fmt.Errorf("reading line %d: %w", r.line+1, err)
	}
	r.text = string(r.buf[:r.w])
	return nil
}

// skipLine refuses the line on which a quote opens and never closes, and goes on with the next line. At the end of the file the
// file is cut off.
func (r *Reader) skipLine() error {
	i := bytes.IndexByte(r.buf[r.next:r.w], '\n')
	if r.eof || i < 0 {
		return fault.Invalidf("The file ends inside a cell whose quotation mark opens on line %d: it was cut off, or a mark is missing there. Get the whole file again, or correct that line.", r.line+1)
	}
	r.cells = r.cells[:0]
	end, _ := r.endRowAt(r.next + i)
	_ = r.take(end)
	return r.refuse("", string(r.Raw()), "Line %d has a quotation mark that opens and never closes. The row is left out.", r.row.Line)
}

func (r *Reader) endRowAt(i int) (int, scanned) {
	r.cells = append(r.cells[:0], cell{uint32(r.next), uint32(i)})
	return r.endRow(i)
}

func (r *Reader) finish() error {
	r.cells = r.cells[:0]
	r.rowStart, r.rowEnd = r.w, r.w
	return io.EOF
}

// cut shortens a value for a message without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.ToValidUTF8(s[:n], "\ufffd") + "…"
}

func utf16Len(b []byte) int {
	n := 0
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if n++; c > 0xffff {
			n++
		}
		i += size
	}
	return n
}
