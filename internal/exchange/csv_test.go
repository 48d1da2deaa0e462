package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
)

// read opens a file and returns its rows as "number: cell|cell", a row that cannot be read as "number! reason".
func read(data []byte, s exchange.Shape, l exchange.Limits) (*exchange.File, []string, error) {
	f, err := exchange.Open(bytes.NewReader(data), int64(len(data)), "people", s, l)
	if err != nil {
		return nil, nil, err
	}
	var rows []string
	for r, err := range f.Rows(context.Background()) {
		if err != nil {
			return f, rows, err
		}
		line := fmt.Sprintf("%d: %s", r.Number, strings.Join(r.Cells, "|"))
		if r.Err != nil {
			line = fmt.Sprintf("%d! %v", r.Number, r.Err)
		}
		for _, n := range r.Notes {
			line += fmt.Sprintf(" [%d %s fatal=%v]", n.Column, n.Value, n.Fatal)
		}
		rows = append(rows, line)
	}
	return f, rows, nil
}

func TestCSVOfManyShapes(t *testing.T) {
	want := []string{"2: Peña, Rosa|27601", "3: Nguyễn|02139"}
	latin := []string{"2: Peña, Rosa|27601", "3: Nguyen|02139"}
	utf16 := func(s string) string {
		var b strings.Builder
		b.WriteString("\xff\xfe")
		for _, r := range s {
			b.WriteByte(byte(r))
			b.WriteByte(byte(r >> 8))
		}
		return b.String()
	}
	for _, c := range []struct {
		name, in string
		comma    rune
		encoding string
		rows     []string
	}{
		{"comma", "name,zip\n\"Peña, Rosa\",27601\nNguyễn,02139\n", ',', "UTF-8", want},
		{"CRLF and no end of line", "name,zip\r\n\"Peña, Rosa\",27601\r\nNguyễn,02139", ',', "UTF-8", want},
		{"byte order mark", "\xef\xbb\xbfname,zip\n\"Peña, Rosa\",27601\nNguyễn,02139\n", ',', "UTF-8", want},
		{"tab", "name\tzip\nPeña, Rosa\t27601\nNguyễn\t02139\n", '\t', "UTF-8", want},
		{"semicolon", "name;zip\nPeña, Rosa;27601\nNguyễn;02139\n", ';', "UTF-8", want},
		{"bar", "name|zip\nPeña, Rosa|27601\nNguyễn|02139\n", '|', "UTF-8", want},
		{"UTF-16", utf16("name\tzip\r\nPeña, Rosa\t27601\r\nNguyễn\t02139\r\n"), '\t', "UTF-16", want},
		{"Windows-1252", "name\tzip\nPe\xf1a, Rosa\t27601\nNguyen\t02139\n", '\t', "Windows-1252", latin},
		{"blank rows", "\n , \nname,zip\n\"Peña, Rosa\",27601\n,\n\nNguyễn,02139\n\n", ',', "UTF-8", []string{"4: Peña, Rosa|27601", "7: Nguyễn|02139"}},
		{"line break in a cell", "name,zip\n\"Peña\nRosa\",27601\nNguyễn,02139\n", ',', "UTF-8", []string{"2: Peña\nRosa|27601", "3: Nguyễn|02139"}},
		{"empty cells at the end", "name,zip,,\n\"Peña, Rosa\",27601,,\nNguyễn,02139,,,\n", ',', "UTF-8", want},
		{"armed cells", "name,zip\n\"'=Peña, Rosa\",27601\n'Nguyễn,'02139\n", ',', "UTF-8", []string{"2: =Peña, Rosa|27601", "3: 'Nguyễn|'02139"}},
		{"one column", "name\nPeña\n", ',', "UTF-8", []string{"2: Peña"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, rows, err := read([]byte(c.in), exchange.Shape{}, exchange.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if f.Comma != c.comma || f.Encoding != c.encoding || f.Headers[0] != "name" {
				t.Errorf("read as %q, %s, headers %q", f.Comma, f.Encoding, f.Headers)
			}
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALetterFarDownDecidesTheEncoding(t *testing.T) {
	for encoding, letter := range map[string]string{"UTF-8": "ñ", "Windows-1252": "\xf1"} {
		in := "name,zip\n" + strings.Repeat("Smith,27601\n", 60_000) + "Pe" + letter + "a,27601\n"
		f, rows, err := read([]byte(in), exchange.Shape{}, exchange.Limits{})
		if err != nil || f.Encoding != encoding || rows[len(rows)-1] != "60002: Peña|27601" {
			t.Errorf("%v: %s", err, rows[len(rows)-1])
		}
	}
	// Every split of a letter between two pieces of the reading.
	for pad := range 8 {
		in := "name\n" + strings.Repeat("a", 256<<10-8-5+pad) + "ñễ😀\n"
		if f, _, err := read([]byte(in), exchange.Shape{}, exchange.Limits{Record: 1 << 20, Cell: 1 << 20}); err != nil || f.Encoding != "UTF-8" {
			t.Errorf("pad %d: %v %v", pad, f, err)
		}
	}
}

func TestHeadersAreNamedOnce(t *testing.T) {
	f, _, err := read([]byte("phone,,phone,Phone\n1,2,3,4\n"), exchange.Shape{}, exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"phone", "Column 2", "phone (2)", "Phone"}, f.Headers); diff != "" {
		t.Error(diff)
	}
}

func TestBadCSV(t *testing.T) {
	small := exchange.Limits{Rows: 3, Columns: 3, Cell: 10, Record: 100, Bytes: 2000}
	for _, c := range []struct {
		name, in string
		rows     []string
		err      string // a part of the sentence
	}{
		{name: "empty", in: "", err: "empty"},
		{name: "only blank rows", in: "\n,,\n\n", err: "empty"},
		{name: "not text", in: "\x00\x01\x02\x00" + strings.Repeat("\x00ab", 100), err: "not text"},
		{name: "old Excel", in: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", err: "old Excel"},
		{name: "PDF", in: "%PDF-1.7 …", err: "PDF"},
		{name: "too large", in: "a\n" + strings.Repeat("b\n", 1000), err: "bytes"},
		{name: "too many rows", in: "a\n1\n2\n3\n4\n", rows: []string{"2: 1", "3: 2", "4: 3"}, err: "more than 3 rows"},
		{name: "too many columns", in: "a,b,c,d\n", err: "4 cells"},
		{name: "a long row", in: "a\n" + strings.Repeat("b", 9000), err: "bytes"},
		{name: "cut off in a row", in: "a,b\n1,2\n3", rows: []string{"2: 1|2", "3! The row has only 1 of 2 cells. The file may be cut off here."}},
		{name: "cut off in quotes", in: "a,b\n1,2\n3,\"4\n5,6\n", rows: []string{"2: 1|2"}, err: "Row 3 opens a quotation mark"},
		{name: "cut off in quotes of the last row", in: "a,b\n1,2\n3,\"4", rows: []string{"2: 1|2", "3! A quotation mark is in the wrong place. Double it inside a cell, or put the whole cell in quotation marks."}, err: "Row 3 opens"},
		{name: "quotation mark in a cell", in: "a,b\n1,b\"c\n3,4\n", rows: []string{"2! A quotation mark is in the wrong place. Double it inside a cell, or put the whole cell in quotation marks.", "3: 3|4"}},
		{name: "too many cells", in: "a,b\n1,2,3\n3,4\n", rows: []string{"2! The row has 3 cells, but the header has 2. A cell with a separator inside needs quotation marks.", "3: 3|4"}},
		{name: "NUL", in: "a,b\n1,x\x00y\n3,4\n", rows: []string{"2! The row has a NUL byte: it is damaged.", "3: 3|4"}},
		{name: "long cell", in: "a,b\n1,12345678901\n3,4\n", rows: []string{"2! A cell has more than 10 bytes.", "3: 3|4"}},
		{name: "row of many cells", in: "a,b\n1,2,3,4,5\n3,4\n", rows: []string{"2! The row has 5 cells; at most 3 are taken.", "3: 3|4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := small
			if c.name == "a long row" {
				l.Bytes = 10_000
			}
			_, rows, err := read([]byte(c.in), exchange.Shape{}, l)
			if c.err == "" && err != nil || c.err != "" && (err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheWrongSeparatorIsNoticed(t *testing.T) {
	data := []byte("name;zip\nPeña;27601\n")
	f, err := exchange.Open(bytes.NewReader(data), int64(len(data)), "people", exchange.Shape{Comma: ','}, exchange.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	noun := exchange.Noun{Key: "t", Columns: []exchange.Column{{Key: "name", Label: "Name", Required: true}, {Key: "zip", Label: "ZIP code"}}}
	_, err = exchange.Rehearse(context.Background(), exchange.Plan{File: f, Noun: noun, Mapping: exchange.Mapping{"name": "name", "zip": "zip"}})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), `The file has no column "name". It has: name;zip.`) {
		t.Errorf("got %v", err)
	}
}

// endless is a file of one line that never ends.
type endless struct{ head string }

var xs = bytes.Repeat([]byte("x"), 1<<20)

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(e.head)) {
		n = copy(p, e.head[off:])
	}
	for n < len(p) {
		n += copy(p[n:], xs)
	}
	return n, nil
}

func TestALineOfAGigabyteIsRefusedInLittleMemory(t *testing.T) {
	for name, head := range map[string]string{"bare": "a,b\n1,2\n", "in quotes": "a,b\n1,2\n3,\"", "header": ""} {
		t.Run(name, func(t *testing.T) {
			const gigabyte = 1 << 30
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := exchange.Open(endless{head}, gigabyte, "endless", exchange.Shape{}, exchange.Limits{Bytes: 2 << 30})
			if err == nil {
				for _, err = range f.Rows(context.Background()) {
					if err != nil {
						break
					}
				}
			}
			runtime.ReadMemStats(&after)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "A row has more than 1,048,576 bytes") {
				t.Errorf("got %v", err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("%d MB were allocated on the way", used>>20)
			}
		})
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xef\xbb\xbfa;b\r\n\"1\n2\";3", "\xff\xfea\x00\n\x00", "a\tb\n\"x", "a,b\n'=1,\x00\n", "a\n\"b\"c\n", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	l := exchange.Limits{Bytes: 1 << 16, Rows: 50, Columns: 20, Cell: 100, Record: 1000}
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, data, l) })
}

// checkRead holds for any bytes: an error is a fault with a sentence, and a row has one cell for each header.
func checkRead(t *testing.T, data []byte, l exchange.Limits) {
	f, err := exchange.Open(bytes.NewReader(data), int64(len(data)), "x", exchange.Shape{}, l)
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%v is no fault", err)
		}
		return
	}
	n, last := 0, 0
	for r, err := range f.Rows(context.Background()) {
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		if len(r.Cells) != len(f.Headers) && r.Err == nil {
			t.Fatalf("%d cells under %d headers", len(r.Cells), len(f.Headers))
		}
		for _, c := range r.Cells {
			if len(c) > l.Cell || strings.ContainsRune(c, 0) {
				t.Fatalf("cell %q", c)
			}
		}
		if n++; n > l.Rows || r.Number <= last {
			t.Fatalf("row %d after %d, %d in all", r.Number, last, n)
		}
		last = r.Number
	}
}
