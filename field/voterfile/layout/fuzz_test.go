package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// FuzzReader: rows never overlap, lie inside the file in order, and give the bytes they name.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), byte(','), true)
	f.Add([]byte("\"a\"\t\"b \"\"x\"\"\"\r\n\"1\"\t\"2"), byte('\t'), true)
	f.Add([]byte("\xef\xbb\xbfa|b\n|\n\x1a"), byte('|'), false)
	f.Add([]byte("\xff\xfea\x00;\x00b\x00\n\x00"), byte(0), false)
	f.Add([]byte("\"a\"\r\"b\"\n"), byte(','), true)
	f.Fuzz(func(t *testing.T, data []byte, delim byte, quoted bool) {
		d := Dialect{}
		if strings.IndexByte("\t,|;", delim) >= 0 {
			d = sniffEncoding(data)
			d.Delimiter, d.Quoted = delim, quoted
		}
		r, err := NewReader(bytes.NewReader(data), Options{Dialect: d})
		if err != nil {
			return
		}
		at, line := int64(0), int64(0)
		wide := r.dialect.Encoding == UTF16LE || r.dialect.Encoding == UTF16BE
		for {
			err := r.Next()
			if errors.Is(err, io.EOF) || err != nil && !errors.As(err, new(*RowError)) {
				return
			}
			row := r.Row()
			if row.Offset < at || row.Line <= line {
				t.Fatalf("row %+v after offset %d, line %d", row, at, line)
			}
			at, line = row.Offset+int64(row.Length), row.Line
			if !wide && (at > int64(len(data)) || !bytes.Equal(data[row.Offset:at], r.Raw())) {
				t.Fatalf("row %+v is %q", row, r.Raw())
			}
			for i := range r.Len() {
				if s := r.Cell(i); !utf8.ValidString(s) || strings.TrimSpace(s) != s && s[0] <= ' ' {
					t.Fatalf("cell %q", s)
				}
			}
		}
	})
}

// FuzzOpen: no file makes a layout panic, and what it gives is sound.
func FuzzOpen(f *testing.F) {
	for i, id := range All() {
		if id == Generic {
			f.Add([]byte("state_id,last,first\nA1,B,C\n"), byte(i), false)
			continue
		}
		v := Voter{StateID: idOf(id), Last: "SMITH", CountyCode: countyOf(id), BirthYear: 1980, BirthDate: 19800102, Registered: 20200103}
		f.Add(writeVoters(f, form{id, Current}, []Voter{v}), byte(i), false)
	}
	f.Add(writeVoters(f, form{MI, Fixed}, []Voter{{StateID: idOf(MI), Last: "SMITH"}}), byte(1), false)
	f.Add(ncHistoryFile(f), byte(2), true)
	f.Fuzz(func(t *testing.T, data []byte, which byte, history bool) {
		id := All()[int(which)%len(All())]
		var m *Mapping
		if id == Generic {
			m = genericMapping()
		}
		kind := Voters
		if history {
			kind = History
		}
		Guess(data)
		file, err := Open(id, kind, bytes.NewReader(data), m)
		for err == nil {
			if history {
				var v Vote
				if err = file.ReadVote(&v); err == nil && (v.StateID == "" || v.Date == 0) {
					t.Fatalf("a vote without id or date: %+v", v)
				}
			} else {
				var v Voter
				if err = file.ReadVoter(&v); err == nil && v.StateID == "" {
					t.Fatalf("a voter without id: %+v", v)
				}
			}
			if errors.As(err, new(*RowError)) {
				err = nil
			}
		}
		if !errors.Is(err, io.EOF) && fault.As(err) == nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("an error that says nothing to people: %v", err)
		}
	})
}

// FuzzMapping: what passes Validate can be used, written and read again.
func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"version":1,"name":"x","kind":"voters","columns":[{"name":"a","field":"state_id"},{"position":2,"field":"last_name"}],"election_columns":[{"pattern":"G{date}"}]}`), "a,b,G2024-11-05\n1,SMITH,Y\n")
	f.Add([]byte(`{"version":1,"kind":"history","header":false,"columns":[{"position":1,"field":"state_id"},{"position":2,"field":"vote_date"}],"values":{"sex":{"1":"F"}}}`), "1;2024-11-05\n")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		m, err := DecodeMapping(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeMapping(again); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		kind := Voters
		if m.Kind == History.String() {
			kind = History
		}
		file, err := Open(Generic, kind, strings.NewReader(text), m)
		for n := 0; err == nil && n < 100; n++ {
			if kind == History {
				err = file.ReadVote(&Vote{})
			} else {
				err = file.ReadVoter(&Voter{})
			}
		}
	})
}

// FuzzSniff: looking at a file never fails, and a mapping suggested from it is valid or lacks only required columns.
func FuzzSniff(f *testing.F) {
	f.Add([]byte("Voter ID,Last Name,General_2024_11_05\n1,SMITH,Y\n"))
	f.Add([]byte("\xff\xfe"))
	f.Add([]byte("\x00\x00\x00"))
	f.Add([]byte(",,,\n\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := Sniff(data)
		if strings.IndexByte("\x00\t,|;", d.Delimiter) < 0 {
			t.Fatalf("delimiter %q", d.Delimiter)
		}
		lines := sampleLines(decodeSample(data, d))
		if len(lines) == 0 || d.Delimiter == 0 {
			return
		}
		header := splitLine(lines[0], d.Delimiter, d.Quoted)
		m := Suggest(header, [][]string{header})
		for _, c := range m.Columns {
			if _, ok := parseTarget(c.Field); !ok || c.Position < 1 || c.Position > len(header) {
				t.Fatalf("suggested %+v", c)
			}
		}
		Compare(NC, Voters, header, nil)
	})
}
