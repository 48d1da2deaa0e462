package layout

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/openprecinct/precinct/internal/fault"
)

// ncFile is a small NC file: its header and rows, each row a voter.
func ncFile(t fataler, n int) []byte {
	voters := make([]Voter, n)
	for i := range voters {
		voters[i] = Voter{
			StateID: "AA" + itoa(100+i), CountyCode: "92", Last: "SMITH", First: "ANA", StatusCode: "A", BirthYear: 1980, Sex: 'F',
			RaceCode: "W", EthnCode: "NL", Party: "UNA", Registered: 20100102, Residence: Address{Line: "1 MAIN ST", City: "CARY", State: "NC", ZIP5: "27511"},
		}
	}
	return writeVoters(t, form{NC, Current}, voters)
}

// read reads a whole voters file and returns the voters, the refused rows, and the error that ended it (nil at the end).
func read(id ID, r io.Reader, m *Mapping) (voters []Voter, refused []*RowError, err error) {
	f, err := Open(id, Voters, r, m)
	if err != nil {
		return nil, nil, err
	}
	for {
		var v Voter
		err := f.ReadVoter(&v)
		var bad *RowError
		switch {
		case errors.Is(err, io.EOF):
			return voters, refused, nil
		case errors.As(err, &bad):
			refused = append(refused, bad)
		case err != nil:
			return voters, refused, err
		default:
			voters = append(voters, v.Clone())
		}
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	good := string(ncFile(t, 5))
	lines := strings.SplitAfter(good, "\r\n")
	shifted := lines[0]
	for _, l := range lines[1:6] {
		shifted += strings.Replace(l, `"92"`, "\"\"\t\"92\"", 1)
		shifted = strings.TrimSuffix(shifted, "\t\"\"\r\n") + "\r\n"
	}
	for name, c := range map[string]struct {
		id   ID
		kind Kind
		data string
		want string // part of the sentence
	}{
		"empty":                   {NC, Voters, "", "The file is empty"},
		"zip or xlsx":             {NC, Voters, "PK\x03\x04rest", "ZIP archive"},
		"gzip":                    {NC, Voters, "\x1f\x8brest", "gzip"},
		"pdf":                     {NC, Voters, "%PDF-1.7", "PDF"},
		"binary":                  {NC, Voters, strings.Repeat("\x00\x01\x02\x00", 100), "NUL"},
		"truncated in a row":      {NC, Voters, good[:len(good)-40], "cut off"},
		"truncated in quotes":     {NC, Voters, good[:strings.LastIndex(good, "UNA")], "cut off"},
		"wrong delimiter":         {NC, Voters, strings.ReplaceAll(good, "\t", "~"), "This is not the file"},
		"endless line":            {NC, Voters, lines[0] + strings.Repeat("A", 3*MaxLine), "longer than"},
		"endless line at once":    {NC, Voters, strings.Repeat("A", 3*MaxLine), "no whole row"},
		"too many columns":        {NC, Voters, lines[0] + lines[1] + strings.Repeat("\t", 2000) + "\n", "more than 1000 cells"},
		"Ohio as NC":              {NC, Voters, string(ohFile(t)), "Ohio"},
		"history as voters":       {NC, Voters, string(ncHistoryFile(t)), "It looks like a history file of North Carolina"},
		"voters as history":       {NC, History, good, "It looks like a voters file of North Carolina"},
		"Ohio history":            {OH, History, good, "no separate history"},
		"shifted":                 {NC, Voters, shifted, "columns to the right"},
		"ids of another state":    {NC, Voters, strings.ReplaceAll(good, "\"AA", "\"1234-"), "should hold voter ids such as AA123456"},
		"no id column":            {NC, Voters, strings.Replace(good, `"ncid"`, `"other"`, 1), "no column ncid"},
		"generic without mapping": {Generic, Voters, good, "needs a mapping"},
		"only a header of words":  {NC, Voters, "alpha\tbeta\tgamma\n", "This is not the file"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(c.id, c.kind, strings.NewReader(c.data), nil)
			var v Voter
			for err == nil {
				if err = f.ReadVoter(&v); errors.As(err, new(*RowError)) {
					err = nil
				}
			}
			if errors.Is(err, io.EOF) || err == nil {
				t.Fatalf("the file was taken")
			}
			if fault.As(err) == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want something about %q", err, c.want)
			}
		})
	}
}

func ohFile(t fataler) []byte {
	v := Voter{StateID: "OH0012345678", CountyCode: "25", Last: "SMITH", First: "ANA", StatusCode: "ACTIVE", BirthDate: 19800101, Registered: 20100102}
	return writeVoters(t, form{OH, Current}, []Voter{v, v})
}

func ncHistoryFile(t fataler) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, NC, Current, History, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := w.WriteVote(&Vote{StateID: "AA1", Date: 20241105, Name: "11/05/2024 GENERAL", Code: "PROVISIONAL", CountyCode: "92"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// One bad row is left out with its line and the reason; the others are read.
func TestBadRowsAreLeftOut(t *testing.T) {
	good := string(ncFile(t, 12))
	lines := strings.SplitAfter(good, "\r\n")
	lines = lines[:len(lines)-1]
	for name, c := range map[string]struct {
		bad  string
		want string
	}{
		"too few cells":  {"\"92\"\t\"WAKE\"\r\n", "has 2 cells; there should be 70"},
		"too many cells": {strings.TrimSpace(lines[5]) + "\t\"x\"\r\n", "has 71 cells; there should be 70"},
		"NUL":            {strings.Replace(lines[5], "SMITH", "SM\x00TH", 1), "NUL"},
		"no id":          {strings.Replace(lines[5], `"AA104"`, `""`, 1), "no voter id"},
		"bad id":         {strings.Replace(lines[5], `"AA104"`, `"=1+1"`, 1), `"=1+1"`},
		"huge cell":      {strings.Replace(lines[5], "SMITH", strings.Repeat("S", MaxCell+1), 1), "cell of more than"},
		"open quote":     {strings.Replace(lines[5], `"SMITH"`, `"SMITH`, 1), "has 69 cells"},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Join(lines[:5], "") + c.bad + strings.Join(lines[6:], "")
			voters, refused, err := read(NC, strings.NewReader(data), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(voters) != 11 || len(refused) != 1 {
				t.Fatalf("%d voters, %d refused: %v", len(voters), len(refused), refused)
			}
			if r := refused[0]; r.Line != 6 || !strings.Contains(r.Error(), c.want) {
				t.Errorf("line %d: %q, want something about %q", r.Line, r, c.want)
			}
		})
	}
}

// A quotation mark that opens in an unquoted file and never closes costs one row, not the rest of the file.
func TestLostQuoteCostsOneRow(t *testing.T) {
	row := "A,1,2,3\n"
	data := "\"x\",\"y\",1,2\n" + "\"lost,1,2,3\n" + strings.Repeat(row, 2*MaxCell/len(row))
	r, err := NewReader(strings.NewReader(data), Options{Dialect: Dialect{Delimiter: ',', Quoted: true}, Columns: 4})
	if err != nil {
		t.Fatal(err)
	}
	rows, refused := 0, 0
	for {
		err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *RowError
		if errors.As(err, &bad) {
			if refused++; bad.Line != 2 {
				t.Errorf("line %d refused: %v", bad.Line, bad)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if want := 1 + 2*MaxCell/len(row); rows != want || refused != 1 {
		t.Errorf("%d rows and %d refused, want %d and 1", rows, refused, want)
	}
}

// A value that is no date or an unknown code is set aside with a note; the row stays.
func TestOddValuesAreNoted(t *testing.T) {
	good := string(ncFile(t, 30))
	odd := strings.Replace(good, `"01/02/2010"`, `"99/99/2010"`, 1)
	odd = strings.Replace(odd, "\"A\"\t\"ACTIVE\"", "\"Z\"\t\"ODD\"", 1)
	f, err := Open(NC, Voters, strings.NewReader(odd), nil)
	if err != nil {
		t.Fatal(err)
	}
	var v Voter
	if err := f.ReadVoter(&v); err != nil {
		t.Fatal(err)
	}
	if v.Registered != 0 || v.Status != StatusUnknown || v.StatusCode != "Z" || len(f.Notes()) != 2 {
		t.Errorf("registered %v, status %v %q, notes %v", v.Registered, v.Status, v.StatusCode, f.Notes())
	}
	if err := f.ReadVoter(&v); err != nil || len(f.Notes()) != 0 {
		t.Errorf("the next row: %v, notes %v", err, f.Notes())
	}
}

func TestEncodings(t *testing.T) {
	utf8Text := "state_id,last,first\nA1,NÚÑEZ,JOSÉ\nA2,“O’NEIL”,ZOË\n"
	m := genericMapping()
	wide := func(big bool) string {
		b := []byte{0xff, 0xfe}
		if big {
			b = []byte{0xfe, 0xff}
		}
		for _, u := range utf16.Encode([]rune(utf8Text)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return string(b)
	}
	for name, data := range map[string]string{
		"utf-8":            utf8Text,
		"utf-8 with BOM":   "\xef\xbb\xbf" + utf8Text,
		"windows-1252":     string(appendCP1252(nil, utf8Text)),
		"utf-16le":         wide(false),
		"utf-16be":         wide(true),
		"CRLF":             strings.ReplaceAll(utf8Text, "\n", "\r\n"),
		"no final newline": strings.TrimSuffix(utf8Text, "\n"),
		"blank lines":      strings.ReplaceAll(utf8Text, "\n", "\n\n"),
	} {
		voters, refused, err := read(Generic, strings.NewReader(data), m)
		if err != nil || len(refused) > 0 || len(voters) != 2 {
			t.Errorf("%s: %d voters, %v, %v", name, len(voters), refused, err)
			continue
		}
		if voters[0].Last != "NÚÑEZ" || voters[0].First != "JOSÉ" || voters[1].Last != "“O’NEIL”" || voters[1].First != "ZOË" {
			t.Errorf("%s: %q %q, %q %q", name, voters[0].Last, voters[0].First, voters[1].Last, voters[1].First)
		}
	}
}

// Where two systems wrote into one UTF-8 file, the rows that are not UTF-8 are read as CP1252.
func TestMixedEncodings(t *testing.T) {
	m := genericMapping()
	m.Encoding = "utf-8"
	voters, _, err := read(Generic, strings.NewReader("state_id,last,first\nA1,N\xda\xd1EZ,JOS\xc9\nA2,O’NEIL,ZOË\n"), m)
	if err != nil || len(voters) != 2 || voters[0].Last != "NÚÑEZ" || voters[1].Last != "O’NEIL" {
		t.Errorf("%v, %v", voters, err)
	}
}

func genericMapping() *Mapping {
	return &Mapping{Version: 1, Kind: "voters", Columns: []ColumnMapping{
		{Name: "state_id", Field: "state_id"}, {Name: "last", Field: "last_name"}, {Name: "first", Field: "first_name"},
	}}
}

// Offsets are those of the file on disk also when it is UTF-16.
func TestWideOffsets(t *testing.T) {
	text := "id;last\n1;Ñ\n2;𝒜B\n3;C\n"
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	r, err := NewReader(bytes.NewReader(b), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for want := ""; ; {
		err := r.Next()
		if errors.Is(err, io.EOF) {
			if want != "3;C" {
				t.Errorf("last row %q", want)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		want = string(r.Raw())
		var units []uint16
		for i := r.Row().Offset; i < r.Row().Offset+int64(r.Row().Length); i += 2 {
			units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
		}
		if got := string(utf16.Decode(units)); got != want {
			t.Errorf("at %d: %q, want %q", r.Row().Offset, got, want)
		}
	}
}
