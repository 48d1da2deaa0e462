// Package table reads the comma-separated files that voting systems and election offices write, fast and within limits.
//
// It splits as RFC 4180 and encoding/csv (with LazyQuotes) do, so that a cell such as ="001" stays what it is, and is tolerant where offices are: a byte
// order mark, UTF-16, Windows-1252, line ends of three kinds. It never guesses where a wrong guess would lose a record: a quotation mark that is never
// closed, a cell without end and a spreadsheet saved under the wrong name are refused.
package table

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Limits bound what one record of a file may be.
type Limits struct {
	Cell    int // bytes of one cell
	Record  int // bytes of one record with its separators
	Columns int // cells of one record
}

// Usual are limits far above any real file: Orange County's 214 contests make fewer than 2,000 columns.
var Usual = Limits{Cell: 64 << 10, Record: 4 << 20, Columns: 20_000}

// Scanner reads one file record by record and holds one record at a time.
type Scanner struct {
	name  string
	lim   Limits
	r     io.Reader
	buf   []byte
	start int // of what is not read yet in buf
	end   int
	eof   bool
	begun bool

	next int // number of the next line, from 1
	line int // line on which the record begins
	row  []byte
	at   []int32 // cell i is row[at[i] : at[i+1]-1]
	kept []byte  // row of a record with quotation marks
}

// New returns a scanner of r. The name is what errors call the file.
func New(name string, r io.Reader, lim Limits) *Scanner {
	return &Scanner{name: name, r: r, lim: lim, next: 1}
}

// Name returns what errors call the file.
func (s *Scanner) Name() string { return s.name }

// Line returns the line of the file on which the record begins, from 1.
func (s *Scanner) Line() int { return s.line }

// Len returns the number of cells of the record.
func (s *Scanner) Len() int { return len(s.at) - 1 }

// Bytes returns cell i as it stands in the file, without its quotation marks; it is valid until the next call of Next. A cell that the record does
// not have is empty.
func (s *Scanner) Bytes(i int) []byte {
	if i < 0 || i >= len(s.at)-1 {
		return nil
	}
	return s.row[s.at[i] : s.at[i+1]-1]
}

// Row returns the whole record and, for each cell, where it begins; one more entry ends the last. Cell i is row[at[i] : at[i+1]-1]. For readers in a hurry.
func (s *Scanner) Row() (row []byte, at []int32) { return s.row, s.at }

// Text returns cell i as text.
func (s *Scanner) Text(i int) string { return s.Decode(s.Bytes(i)) }

// Decode returns bytes of the file as text: UTF-8 if they are that, and Windows-1252 otherwise. Equal bytes always become equal text.
func (s *Scanner) Decode(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	t, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil { // the table has an entry for every byte
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(t)
}

// Blank reports whether every cell of the record is empty or white space.
func (s *Scanner) Blank() bool {
	for _, c := range s.row {
		if c != ',' && c != ' ' && c != '\t' && c != '"' {
			return false
		}
	}
	return true
}

// Next reads the next record. Empty lines are passed over. At the end it returns io.EOF; any other error is a fault with file, line and remedy, or came
// from the reader.
func (s *Scanner) Next() error {
	if !s.begun {
		if err := s.begin(); err != nil {
			return err
		}
	}
	for {
		line, err := s.readLine()
		if err != nil {
			return err
		}
		s.line = s.next - 1
		body := dropEnd(line)
		if len(body) == 0 {
			continue
		}
		if bytes.IndexByte(body, '"') < 0 {
			return s.split(body)
		}
		return s.splitQuoted(line)
	}
}

// split cuts a line without quotation marks.
func (s *Scanner) split(line []byte) error {
	at := append(s.at[:0], 0)
	for i, c := range line {
		if c == ',' {
			at = append(at, int32(i)+1) // a record is shorter than 2 GB by its limit
		}
	}
	s.at = append(at, int32(len(line))+1)
	s.row = line
	return s.check()
}

// check holds the record against the limits.
func (s *Scanner) check() error {
	if n := len(s.at) - 1; n > s.lim.Columns {
		return fault.Invalidf("%s, line %d: the line has %d cells, and at most %d can be read. Export the file again.", s.name, s.line, n, s.lim.Columns)
	}
	if len(s.row) <= s.lim.Cell {
		return nil
	}
	for i := range len(s.at) - 1 {
		if int(s.at[i+1]-s.at[i])-1 > s.lim.Cell {
			return fault.Invalidf("%s, line %d: cell %d is longer than %d bytes. Export the file again.", s.name, s.line, i+1, s.lim.Cell)
		}
	}
	return nil
}

var beginsQuoted = []byte(`,"`)

// splitQuoted cuts a record in which there is a quotation mark, over as many lines as it has.
func (s *Scanner) splitQuoted(line []byte) error {
	row, at := s.kept[:0], append(s.at[:0], 0)
	done := func() { // ends a cell
		row = append(row, ',')
		at = append(at, int32(len(row))) // a record is shorter than 2 GB by its limit
	}
	for {
		if len(line) == 0 || line[0] != '"' {
			plain, _, more := bytes.Cut(line, beginsQuoted) // cells up to the next that begins with a mark
			line = line[len(plain):]
			if !more {
				plain = dropEnd(plain)
			}
			for i, c := range plain {
				if c == ',' {
					at = append(at, int32(len(row)+i)+1)
				}
			}
			row = append(row, plain...)
			done()
			if !more {
				break
			}
			line = line[1:]
			continue
		}
		var err error
		row, line, err = s.quoted(row, line[1:])
		if err != nil {
			return err
		}
		done()
		if len(line) == 0 || line[0] != ',' {
			break
		}
		line = line[1:]
	}
	s.kept, s.row, s.at = row, row[:len(row)-1], at
	return s.check()
}

// quoted appends the cell whose opening mark was just read, and returns what stands behind its closing mark: a comma, or the end of the line.
func (s *Scanner) quoted(row, line []byte) (more, rest []byte, err error) {
	for {
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			row = append(row, normal(line)...)
			if len(row) > s.lim.Record {
				return nil, nil, s.tooLong()
			}
			if line, err = s.readLine(); errors.Is(err, io.EOF) {
				return nil, nil, fault.Invalidf("%s, line %d: a quotation mark is opened and never closed. The file was cut off or edited; export it again.", s.name, s.line)
			} else if err != nil {
				return nil, nil, err
			}
			continue
		}
		row, line = append(row, line[:i]...), line[i+1:]
		switch {
		case len(line) > 0 && line[0] == '"':
			row, line = append(row, '"'), line[1:]
		case len(line) > 0 && line[0] == ',':
			return row, line, nil
		case len(dropEnd(line)) == 0:
			return row, nil, nil
		default:
			row = append(row, '"')
		}
	}
}

func (s *Scanner) tooLong() error {
	return fault.Invalidf("%s, line %d: the line is longer than %d bytes. The file is damaged or is not a CSV file; export it again.", s.name, s.line, s.lim.Record)
}

// readLine returns the next line with its end.
func (s *Scanner) readLine() ([]byte, error) {
	looked := 0
	for {
		if i := bytes.IndexByte(s.buf[s.start+looked:s.end], '\n'); i >= 0 {
			line := s.buf[s.start : s.start+looked+i+1]
			s.start += looked + i + 1
			s.next++
			return line, nil
		}
		looked = s.end - s.start
		if s.eof {
			if looked == 0 {
				return nil, io.EOF
			}
			line := s.buf[s.start:s.end]
			s.start = s.end
			s.next++
			return line, nil
		}
		if looked > s.lim.Record {
			s.line = s.next
			return nil, s.tooLong()
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more behind what is not read yet.
func (s *Scanner) fill() error {
	if s.start > 0 {
		s.end = copy(s.buf, s.buf[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buf) {
		bigger := make([]byte, max(256<<10, 2*len(s.buf)))
		copy(bigger, s.buf[:s.end])
		s.buf = bigger
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.name, err)
		}
		if n > 0 {
			return nil
		}
	}
	return fmt.Errorf("reading %s: %w", s.name, io.ErrNoProgress)
}

// dropEnd takes off one line end, and one carriage return before it or at the end of the file.
func dropEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// normal makes the line end inside a cell one line feed, as encoding/csv does.
func normal(line []byte) []byte {
	if n := len(line); n > 1 && line[n-1] == '\n' && line[n-2] == '\r' {
		line[n-2] = '\n'
		return line[:n-1]
	}
	return line
}

// begin looks at the first bytes: encoding, line ends, and whether this is a text at all.
func (s *Scanner) begin() error {
	s.begun = true
	for s.end < 4096 && !s.eof {
		if err := s.fill(); err != nil {
			return err
		}
	}
	head := s.buf[:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.start = 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		s.r = transform.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(head)), s.r), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
		s.buf, s.end, s.eof = nil, 0, false
		if err := s.fill(); err != nil {
			return err
		}
		head = s.buf[:s.end]
	}
	switch {
	case len(head[s.start:]) == 0:
		return fault.Invalidf("%s is empty. Export it again.", s.name)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return fault.Invalidf("%s is an Excel or zip file and not a CSV file. Open it and save it as “CSV (comma delimited)”, or unpack it.", s.name)
	case bytes.IndexByte(head, 0) >= 0:
		return fault.Invalidf("%s is not a text file. Export it again as CSV.", s.name)
	}
	if i := bytes.IndexByte(head, '\r'); i >= 0 && i < len(head)-1 && bytes.IndexByte(head, '\n') < 0 {
		s.r = oldMac{s.r} // line ends of a Mac before 2001, which its Excel still offers
		crToLF(head)
	}
	return s.commas()
}

// commas refuses a file whose first line is separated by something else.
func (s *Scanner) commas() error {
	head, _, _ := bytes.Cut(s.buf[s.start:s.end], []byte{'\n'})
	if bytes.IndexByte(head, ',') >= 0 {
		return nil
	}
	if bytes.IndexByte(head, '\t') >= 0 || bytes.IndexByte(head, ';') >= 0 {
		return fault.Invalidf("%s has columns separated by tabs or semicolons. Save it as “CSV (comma delimited)”.", s.name)
	}
	return nil
}

// oldMac turns carriage returns into line feeds.
type oldMac struct{ r io.Reader }

func (m oldMac) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	crToLF(p[:n])
	return n, err
}

func crToLF(b []byte) {
	for i, c := range b {
		if c == '\r' {
			b[i] = '\n'
		}
	}
}
