package layout

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"testing"
)

const benchRows = 50_000

func benchVoters(b *testing.B) []byte {
	voters := make([]Voter, benchRows)
	for i := range voters {
		voters[i] = Voter{
			StateID: fmt.Sprintf("AA%06d", i), CountyCode: "92", CountyRegID: fmt.Sprintf("%012d", i), Last: "WASHINGTON-SMITH", First: "JACQUELINE",
			Middle: "MARIE", StatusCode: "A", ReasonCode: "AV", Reason: "VERIFIED", BirthYear: int16(1930 + i%75), Sex: 'F', RaceCode: "B",
			EthnCode: "NL", Party: "DEM", Registered: 20081004, Precinct: "01-07", PrecinctName: "PRECINCT 01-07",
			Residence: Address{Line: fmt.Sprintf("%d N MARTIN LUTHER KING BLVD APT %d", 100+i%9000, i%40), City: "RALEIGH", State: "NC", ZIP5: "27601", ZIP4: "1234"},
			Mailing:   Mail{Lines: [4]string{"PO BOX 1234"}, City: "RALEIGH", State: "NC", ZIP: "27601"},
			Phones:    []Phone{{Number: "9195550123"}},
			Districts: []District{
				{Municipality, "RAL", "RALEIGH"}, {Ward, "C", "RALEIGH WARD C"}, {Congress, "02", ""}, {SuperiorCourt, "10B", ""},
				{Judicial, "10", ""}, {StateSenate, "14", ""}, {StateHouse, "38", ""}, {CountyCommission, "3", "COMMISSIONERS DISTRICT 3"},
				{Township, "TWP", "RALEIGH TOWNSHIP"}, {School, "5", "SCHOOL DISTRICT 5"}, {Prosecutorial, "10", "10TH PROSECUTORIAL"}, {VTD, "01-07", "01-07"},
			},
		}
	}
	return writeVoters(b, form{NC, Current}, voters)
}

func benchVotes(b *testing.B) []byte {
	var out bytes.Buffer
	w, err := NewWriter(&out, NC, Current, History, WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchRows {
		v := Vote{StateID: fmt.Sprintf("AA%06d", i), Date: 20241105, Name: "11/05/2024 GENERAL", Code: "ELECTION DAY IN-PERSON", Party: "DEM", CountyCode: "92"}
		if err := w.WriteVote(&v, nil); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// rate reports rows a second beside ns/op.
func rate(b *testing.B, data []byte) {
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(len(data))/benchRows, "bytes/row")
}

func BenchmarkReadNC(b *testing.B) {
	data := benchVoters(b)
	b.Run("typed", func(b *testing.B) {
		b.ReportAllocs()
		var v Voter
		for range b.N {
			f, err := Open(NC, Voters, bytes.NewReader(data), nil)
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				err = f.ReadVoter(&v)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
		rate(b, data)
	})
	b.Run("split", func(b *testing.B) { benchSplit(b, data) })
	b.Run("encoding-csv", func(b *testing.B) { benchCSV(b, data) })
}

func BenchmarkReadHistory(b *testing.B) {
	data := benchVotes(b)
	b.Run("typed", func(b *testing.B) {
		b.ReportAllocs()
		var v Vote
		for range b.N {
			f, err := Open(NC, History, bytes.NewReader(data), nil)
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				err = f.ReadVote(&v)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
		rate(b, data)
	})
	b.Run("split", func(b *testing.B) { benchSplit(b, data) })
	b.Run("encoding-csv", func(b *testing.B) { benchCSV(b, data) })
}

func benchSplit(b *testing.B, data []byte) {
	b.ReportAllocs()
	for range b.N {
		r, err := NewReader(bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			err = r.Next()
		}
	}
	rate(b, data)
}

// benchCSV is the alternative: the standard library's reader, cells only, no types.
func benchCSV(b *testing.B, data []byte) {
	b.ReportAllocs()
	for range b.N {
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma, r.ReuseRecord, r.LazyQuotes = '\t', true, true
		var err error
		for err == nil {
			_, err = r.Read()
		}
	}
	rate(b, data)
}

func BenchmarkWriteNC(b *testing.B) {
	f, err := Open(NC, Voters, bytes.NewReader(benchVoters(b)), nil)
	if err != nil {
		b.Fatal(err)
	}
	var v Voter
	if err := f.ReadVoter(&v); err != nil {
		b.Fatal(err)
	}
	w, err := NewWriter(io.Discard, NC, Current, Voters, WriterOptions{AsOf: 20261121})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for range b.N {
		if err := w.WriteVoter(&v); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkParseStreet(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		ParseStreet("1234 N MARTIN LUTHER KING BLVD APT 12")
	}
}
