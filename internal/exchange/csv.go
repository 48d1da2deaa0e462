package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// Encodings of CSV files.
const (
	utf8Name    = "UTF-8"
	utf16Name   = "UTF-16"
	windowsName = "Windows-1252"
)

var utf8Mark = []byte("\xef\xbb\xbf")

// openCSV finds the encoding, the separator and the header.
func (f *File) openCSV() error {
	head := make([]byte, 64<<10)
	n, err := f.r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", f.Name, err)
	}
	head = head[:n]
	if f.Encoding, err = f.findEncoding(head); err != nil {
		return err
	}
	if f.Comma = f.shape.Comma; f.Comma == 0 {
		text, err := io.ReadAll(transform.NewReader(bytes.NewReader(head), decoder(f.Encoding)))
		if err != nil && len(text) == 0 {
			return fault.Invalidf("The file is not text. Choose a CSV or XLSX file.")
		}
		f.Comma = findComma(text, int64(n) == f.Size)
	}
	for row, err := range f.csvRows(true) {
		switch {
		case err != nil:
			return err
		case row.Err != nil:
			return row.Err
		}
		f.Headers, err = headers(append([]string(nil), row.Cells...), f.limits)
		return err
	}
	return fault.Invalidf("The file is empty.")
}

// findEncoding reads the whole file once: one letter far down decides between UTF-8 and Windows-1252.
func (f *File) findEncoding(head []byte) (string, error) {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return utf16Name, nil
	}
	if zeros := bytes.Count(head, []byte{0}); zeros > len(head)/100+8 {
		return "", fault.Invalidf("The file is not text. Choose a CSV or XLSX file.")
	}
	r := io.NewSectionReader(f.r, 0, f.Size)
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		whole := buf[:kept+n]
		kept = 0
		if utf8.Valid(whole) {
			whole = nil
		}
		for len(whole) > 0 {
			c, size := utf8.DecodeRune(whole)
			if c == utf8.RuneError && size == 1 {
				if !utf8.FullRune(whole) && err == nil {
					kept = copy(buf, whole) // the rest of the letter is in the next piece
					break
				}
				return windowsName, nil
			}
			whole = whole[size:]
		}
		if err == io.EOF {
			return utf8Name, nil
		}
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", f.Name, err)
		}
	}
}

func decoder(name string) transform.Transformer {
	switch name {
	case utf16Name:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case windowsName:
		return charmap.Windows1252.NewDecoder()
	}
	return transform.Nop
}

// findComma chooses the separator that gives the most rows as many cells as the first, at least two.
func findComma(text []byte, whole bool) rune {
	text = bytes.TrimPrefix(text, utf8Mark)
	if i := bytes.LastIndexByte(text, '\n'); i > 0 && !whole {
		text = text[:i]
	}
	best, most := ',', 0.0
	for _, c := range []rune{',', '\t', ';', '|'} {
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = c, -1, true
		first, rows, same := 0, 0, 0
		for rows < 200 {
			rec, err := r.Read()
			if err != nil {
				break
			}
			if rows == 0 {
				first = len(rec)
			}
			if len(rec) == first {
				same++
			}
			rows++
		}
		if first < 2 {
			continue
		}
		// Agreement of the rows counts first, the number of columns only between equals.
		if score := float64(same)/float64(rows) + float64(min(first, 99))/1000; score > most {
			best, most = c, score
		}
	}
	return best
}

// lineGuard stops a row that never ends before it fills the memory: the CSV reader holds one row at a time.
type lineGuard struct {
	r      io.Reader
	record int // most bytes of one row
	left   int
	broken bool
}

// readAhead is more than the CSV reader reads beyond the row it returns.
const readAhead = 8 << 10

func (g *lineGuard) next() { g.left = g.record + readAhead }

var errRecordTooLong = errors.New("row too long")

func (g *lineGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.broken = true
		return 0, errRecordTooLong
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// csvRows yields the header when header is set, and otherwise the rows below it.
func (f *File) csvRows(header bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		text := io.Reader(io.NewSectionReader(f.r, 0, f.Size))
		if f.Encoding == utf8Name {
			text = skipMark(text)
		} else {
			text = transform.NewReader(text, decoder(f.Encoding))
		}
		g := &lineGuard{r: text, record: f.limits.Record}
		r := csv.NewReader(g)
		r.Comma, r.FieldsPerRecord, r.ReuseRecord = f.Comma, -1, true
		folded := 0 // line breaks inside cells so far: a spreadsheet program does not count them
		open := 0   // the row above, when it has a quotation mark in the wrong place
		for first := true; ; {
			g.next()
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				if open > 0 {
					yield(Row{}, openQuote(open))
				}
				return
			}
			open = 0
			row, err := f.csvRow(r, cells, err, &folded)
			if g.broken {
				err = fault.Invalidf("A row has more than %s bytes. The file is damaged, or its separator or quotation marks are wrong.", number(int64(f.limits.Record)))
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if errors.Is(row.Err, csv.ErrQuote) {
				open = row.Number // it swallowed the end of the file, perhaps
			}
			isHeader := first && (row.Err != nil || !row.Blank())
			if first && !isHeader {
				continue // empty cells above the header
			}
			first = false
			if isHeader != header {
				continue
			}
			if !isHeader {
				f.fit(&row, true)
			}
			if !yield(row, nil) || isHeader {
				return
			}
		}
	}
}

func openQuote(row int) *fault.Error {
	return fault.Invalidf("Row %d opens a quotation mark that is not closed as it should be. Mend the row and choose the file again.", row)
}

// csvRow makes a row of what the CSV reader gave. A quotation mark in the wrong place spoils its own row; one that is never
// closed swallows the rows after it and ends the reading.
func (f *File) csvRow(r *csv.Reader, cells []string, err error, folded *int) (Row, error) {
	var p *csv.ParseError
	if errors.As(err, &p) && (errors.Is(p.Err, csv.ErrQuote) || errors.Is(p.Err, csv.ErrBareQuote)) {
		number := p.StartLine - *folded
		if p.Line != p.StartLine {
			return Row{}, openQuote(number)
		}
		return Row{Number: number, Err: fault.Invalidf("A quotation mark is in the wrong place. Double it inside a cell, or put the whole cell in quotation marks.").Because(p.Err)}, nil
	}
	if err != nil {
		return Row{}, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	line, _ := r.FieldPos(0)
	row := Row{Number: line - *folded, Cells: cells}
	if len(cells) > f.limits.Columns {
		row.Err = fault.Invalidf("The row has %d cells; at most %d are taken.", len(cells), f.limits.Columns)
		row.Cells = nil
		return row, nil
	}
	for i, c := range cells {
		*folded += strings.Count(c, "\n")
		if strings.IndexByte(c, 0) >= 0 {
			row.Err = fault.Invalidf("The row has a NUL byte: it is damaged.")
			c = strings.ReplaceAll(c, "\x00", "")
		}
		if len(c) > f.limits.Cell {
			row.Err = fault.Invalidf("A cell has more than %s bytes.", number(int64(f.limits.Cell)))
			c = ""
		}
		cells[i] = strings.TrimSpace(words.Disarmed(c))
	}
	return row, nil
}

// skipMark drops the byte order mark of UTF-8.
func skipMark(r io.Reader) io.Reader {
	mark := make([]byte, len(utf8Mark))
	n, err := io.ReadFull(r, mark)
	if err == nil && bytes.Equal(mark, utf8Mark) {
		return r
	}
	return io.MultiReader(bytes.NewReader(mark[:n]), r)
}
