// Package exchange takes rows in from CSV and XLSX files and writes them out again.
//
// In: Open reads a file's shape, a Mapping says which of its columns is which, Rehearse tries every row and writes nothing,
// Load writes all of it in one transaction or nothing. Out: Export streams CSV or XLSX, asks for a purpose and leaves what
// was taken, by whom and why in the ledger.
//
// XLSX is read and written here and not by a library: files of strangers need a limit at every step (entries, ratio, bytes
// while inflating, length of a token), formulas must be seen, and an export must not pass through a temporary file.
package exchange

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

//go:embed schema/*.sql
var schema embed.FS

// Spanish is what this package says, English to Spanish.
//
//go:embed es.json
var Spanish []byte

// Schema returns the tables of this package.
func Schema() db.Line { return db.Embedded("exchange", schema) }

// Format is the kind of an exchange file.
type Format uint8

// The formats.
const (
	CSV Format = iota // also tab, semicolon and bar between the cells
	XLSX
)

// String returns the format's usual name ending.
func (f Format) String() string {
	if f == XLSX {
		return "xlsx"
	}
	return "csv"
}

// ParseFormat reads the name ending of a format.
func ParseFormat(s string) (Format, error) {
	switch strings.ToLower(s) {
	case "", "csv":
		return CSV, nil
	case "xlsx":
		return XLSX, nil
	}
	return CSV, fault.Invalidf("There is no export as %q. Choose csv or xlsx.", s)
}

// Limits bound what is taken from a file. A zero field means its default.
type Limits struct {
	Bytes    int64 // of the file; 256 MiB
	Rows     int   // 1,000,000
	Columns  int   // 500
	Cell     int   // bytes of one cell; 65,536
	Record   int   // bytes of one row of a CSV file, or of one token of an XLSX file; 1 MiB
	Entries  int   // files inside an XLSX file; 1,000
	Inflated int64 // bytes of all of them unpacked; 1 GiB
	Ratio    int64 // of unpacked to packed bytes of one of them, beyond its first MiB; 200
	Texts    int64 // bytes of the texts that an XLSX file's cells share, which are held in memory; 128 MiB
}

func (l Limits) orDefault() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set64 := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	set64(&l.Bytes, 256<<20)
	set(&l.Rows, 1_000_000)
	set(&l.Columns, 500)
	set(&l.Cell, 65_536)
	set(&l.Record, 1<<20)
	set(&l.Entries, 1_000)
	set64(&l.Inflated, 1<<30)
	set64(&l.Ratio, 200)
	set64(&l.Texts, 128<<20)
	return l
}

// Row is one row of a file below its header.
type Row struct {
	Number int      // as a spreadsheet program counts; the header is row 1 of most files
	Cells  []string // one for each header, trimmed; to be copied by who keeps them
	Notes  []Note   // what is odd about single cells
	Err    error    // why this row cannot be read at all: a fault; Cells has what there was
}

// Blank reports whether no cell holds anything.
func (r Row) Blank() bool {
	for _, c := range r.Cells {
		if c != "" {
			return false
		}
	}
	return true
}

// Note is something odd about one cell.
type Note struct {
	Column int // index in File.Headers
	Value  string
	Err    *fault.Error
	Fatal  bool // the cell has no value that could be taken
}

// Shape is what a reader may choose about a file. The zero value lets Open find out.
type Shape struct {
	Comma     rune   // between the cells of a CSV file
	Worksheet string // of an XLSX file; its first visible one when empty
}

// File is an exchange file ready to be read, as often as needed.
type File struct {
	Name       string
	Format     Format
	Size       int64
	Hash       string // SHA-256 of the bytes, hexadecimal
	Headers    []string
	Comma      rune     // CSV: what stands between the cells
	Encoding   string   // CSV: "UTF-8", "UTF-16" or "Windows-1252"
	Worksheets []string // XLSX: the visible ones
	Worksheet  string   // XLSX: the one that is read

	r      io.ReaderAt
	limits Limits
	shape  Shape
	book   *workbook // XLSX
}

// Open looks at a file: what it is (by its bytes, not by its name), its encoding and its headers. Errors are faults that
// say what is wrong with the file.
func Open(r io.ReaderAt, size int64, name string, s Shape, l Limits) (*File, error) {
	l = l.orDefault()
	hash := ""
	if size <= l.Bytes {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		hash = hex.EncodeToString(sum.Sum(nil))
	}
	return open(r, size, name, hash, s, l)
}

// open is Open for a file whose hash is known.
func open(r io.ReaderAt, size int64, name, hash string, s Shape, l Limits) (*File, error) {
	f := &File{Name: name, Size: size, Hash: hash, r: r, limits: l.orDefault(), shape: s}
	if size > f.limits.Bytes {
		return nil, fault.Invalidf("The file has %s bytes; at most %s are taken. Split it.", number(size), number(f.limits.Bytes))
	}
	if size == 0 {
		return nil, fault.Invalidf("The file is empty.")
	}
	var magic [8]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var err error
	switch {
	case strings.HasPrefix(string(magic[:]), "PK\x03\x04"):
		f.Format = XLSX
		err = f.openXLSX()
	case string(magic[:]) == "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
		err = fault.Invalidf("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password and choose it again.")
	case strings.HasPrefix(string(magic[:]), "%PDF"):
		err = fault.Invalidf("This is a PDF, which has no rows. Ask for the same as CSV or XLSX.")
	default:
		err = f.openCSV()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rows yields the rows below the header, blank ones left out. A row that cannot be read has Err set and the next follows;
// an error beside it ends the reading: the file is damaged or too large.
func (f *File) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		n := 0
		for row, err := range f.records() {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && n >= f.limits.Rows {
				err = fault.Invalidf("The file has more than %s rows. Split it.", number(int64(f.limits.Rows)))
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if row.Err == nil && row.Blank() && len(row.Notes) == 0 {
				continue
			}
			n++
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (f *File) records() iter.Seq2[Row, error] {
	if f.Format == XLSX {
		return f.xlsxRows(false)
	}
	return f.csvRows(false)
}

// fit brings the cells of a row to the number of headers. Cells beyond them must be empty; too few are a fault when strict.
func (f *File) fit(row *Row, strict bool) {
	want := len(f.Headers)
	for len(row.Cells) > want && row.Cells[len(row.Cells)-1] == "" {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	switch n := len(row.Cells); {
	case row.Err != nil || n == want:
	case n > want:
		row.Err = fault.Invalidf("The row has %d cells, but the header has %d. A cell with a separator inside needs quotation marks.", n, want)
	case strict && n > 0:
		row.Err = fault.Invalidf("The row has only %d of %d cells. The file may be cut off here.", n, want)
	}
	for len(row.Cells) < want {
		row.Cells = append(row.Cells, "")
	}
}

// headers names every column: an empty header after its place, the second of two alike with its number.
func headers(cells []string, l Limits) ([]string, error) {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil, fault.Invalidf("The file has no header. Its first row must name the columns.")
	}
	if len(cells) > l.Columns {
		return nil, fault.Invalidf("The file has %d columns; at most %d are taken.", len(cells), l.Columns)
	}
	out := make([]string, len(cells))
	seen := map[string]int{}
	for i, c := range cells {
		if c == "" {
			c = "Column " + strconv.Itoa(i+1)
		}
		if seen[c]++; seen[c] > 1 {
			c += " (" + strconv.Itoa(seen[c]) + ")"
		}
		out[i] = c
	}
	return out, nil
}

// number writes n with commas, for sentences.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
