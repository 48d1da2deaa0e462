package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// small limits, so that buffers have to grow and limits are met.
var small = Limits{Cell: 1 << 10, Record: 4 << 10, Columns: 100}

// all reads every record as text.
func all(r io.Reader, lim Limits) (rows [][]string, err error) {
	s := New("f.csv", r, lim)
	for {
		if err := s.Next(); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		var row []string
		for i := range s.Len() {
			row = append(row, string(s.Bytes(i)))
		}
		rows = append(rows, row)
	}
}

// standard reads with encoding/csv.
func standard(b []byte) (rows [][]string) {
	r := csv.NewReader(bytes.NewReader(b))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	for {
		row, err := r.Read()
		if err != nil {
			return rows
		}
		rows = append(rows, row)
	}
}

// agree compares ours with the standard, cell by cell, unless ours refuses the text.
func agree(t interface{ Fatalf(string, ...any) }, text []byte) {
	got, err := all(iotest.OneByteReader(bytes.NewReader(text)), Usual)
	if err != nil {
		return
	}
	want := standard(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q (-encoding/csv +ours):\n%s", text, diff)
	}
	again, err := all(bytes.NewReader(text), Usual)
	if err != nil || cmp.Diff(got, again) != "" {
		t.Fatalf("%q: read in one piece it is %v, %v; byte by byte %v", text, again, err, got)
	}
}

func TestAgreesWithEncodingCSV(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "bc", ",", ",", "\"", "\"\"", "\n", "\r\n", "=", "=\"001\"", "é", "\xe9", " ", "\t", "\r", "\",", "\"\n", "1", "0,"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
		if !strings.Contains(text, "\n") && strings.Contains(text, "\r") {
			return // ours takes it for a file of an old Mac
		}
		agree(t, []byte(text))
	})
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\nb\",c\r\n", "=\"001\",\"x \"\" y\"\n", "\xef\xbb\xbfa,b\n", "\xff\xfea\x00,\x00b\x00\n\x00", "a,\"b", "a\rb\rc", "a;b\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || !bytes.Contains(b, []byte("\n")) && bytes.Contains(b, []byte("\r")) {
			if _, err := all(bytes.NewReader(b), small); err != nil {
				return
			}
			return
		}
		agree(t, b)
	})
}

func TestEncodings(t *testing.T) {
	const text = "Zoë,Çelik\nJosé,—\n"
	want := [][]string{{"Zoë", "Çelik"}, {"José", "—"}}
	win, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"UTF-8": text, "with a mark": "\xef\xbb\xbf" + text, "Windows-1252": win, "UTF-16": wide, "Windows lines": strings.ReplaceAll(text, "\n", "\r\n"),
		"old Mac": strings.ReplaceAll(text, "\n", "\r"), "no last line end": strings.TrimSuffix(text, "\n"), "blank lines": "\n" + strings.ReplaceAll(text, "\n", "\n\n"),
	} {
		s := New(name, strings.NewReader(in), Usual)
		var got [][]string
		for s.Next() == nil {
			got = append(got, []string{s.Text(0), s.Text(1)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing":          {"", "f.csv is empty"},
		"a mark alone":     {"\xef\xbb\xbf", "f.csv is empty"},
		"tabs":             {"Batch Name\tNumber of Ballots\nA\t3\n", "separated by tabs"},
		"semicolons":       {"Batch Name;Number\nA;3\n", "separated by tabs or semicolons"},
		"Excel":            {"PK\x03\x04\x14\x00\x06", "is an Excel or zip file"},
		"zeros":            {"a,b\x00\n", "is not a text file"},
		"an open quote":    {"a,b\n1,\"2\n3,4\n", "f.csv, line 2: a quotation mark is opened and never closed"},
		"a long cell":      {"a,b\n1," + strings.Repeat("x", 1<<10+1) + "\n", "f.csv, line 2: cell 2 is longer than 1024 bytes"},
		"a long quote":     {"a,b\n1,\"" + strings.Repeat("x\n", 4<<10) + "\"\n", "line 2: the line is longer than 4096 bytes"},
		"a line of no end": {"a,b\n" + strings.Repeat("x,", 1<<20), "f.csv, line 2: the line is longer than 4096 bytes"},
		"many cells":       {"a,b\n" + strings.Repeat(",", 100) + "\n", "f.csv, line 2: the line has 101 cells, and at most 100"},
	} {
		if _, err := all(strings.NewReader(c.in), small); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]int{"12": 12, "1,234": 1234, "12,345,678": 12345678, "1,23": -1, ",123": -1, "1.5": -1, "-1": -1, "": -1, "99999999999": -1, "1,234,": -1, "٣": -1} {
		n, ok := number([]byte(in))
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("number(%q) = %d, want %d", in, n, want)
		}
	}
}
