package sems

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/ballot"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../../shared/samples/ballots/sems", name))
	if err != nil {
		t.Skipf("NOT TESTED: the samples are not here: %v", err)
	}
	return b
}

func read(t testing.TB) *File {
	t.Helper()
	f, err := Read(bytes.NewReader(sample(t, "sems-election.txt")), bytes.NewReader(sample(t, "sems-candmap.txt")), [2]string{"election.txt", "candmap.txt"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestResultsAreByteForByteTheStates(t *testing.T) {
	f := read(t)
	tallies, err := ReadTallies(bytes.NewReader(sample(t, "tallies.json")))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	warnings, err := f.WriteResults(&out, tallies)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if diff := cmp.Diff(string(sample(t, "expected-sems-results.txt")), out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestAnElectionOfTheState(t *testing.T) {
	e, err := read(t).Election()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ballot.Check(e) {
		t.Errorf("%s", p)
	}
	if _, err := ballot.Define(e, ballot.V41); err != nil {
		t.Error(err)
	}
	var got []string
	for _, c := range e.Contests {
		line := fmt.Sprint(c.ID, " ", c.Kind, " ", c.Section, " | ", c.Title, " | ", c.Term, " | ", c.Prompt, " |")
		for _, o := range c.Options {
			line += " " + o.ID + " " + o.Name + ";"
		}
		got = append(got, line)
	}
	want := []string{
		"990000101 0 United States | Senate | 6 YEAR TERM |  | 990000401 Mary Ash; 990000402 John Birch;",
		"990000102 0 Supervisor 01 | Supervisor  01 | 4 YEAR TERM |  | 990000403 Ann Cedar;",
		"990000201 3  | Ballot Measure 1 |  | VOTE FOR APPROVAL OF EITHER, OR AGAINST BOTH | 990000301 FOR APPROVAL OF EITHER Initiative No. 70 OR Alternative Measure No. 70 A; 990000302 AGAINST BOTH Initiative Measure No. 70 AND Alternative Measure No. 70 A;",
		"990000202 4  | Ballot Measure 1 |  | AND VOTE FOR ONE | 990000303 FOR Initiative Measure No. 70; 990000304 FOR Alternative Measure 70 A;",
		"990000203 1  | Ballot Measure 2: House Concurrent Resolution No. 99 |  | Vote for ONE | 990000305 YES; 990000306 NO;"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const (
	smallElection = "0, \"GEMS Import Data\", 1\r\n1, \"Town\", \"6/2/2026\"\r\n2, -1, 1, \"State\"\r\n4, 1, 10, 100, \"North\", 0, \"1\"\r\n5, 100, 1\r\n7, 5, \"Mayor\",0, 0, 1, 1, 1, \"Town\\nMayor\", 0, 0\r\n8, 5, 1, \"ASH\",0, 1, 0, \"Ana \"\"Bo\"\" Ash\"\r\n"
	smallMap      = "9, \"7\", 5, 1, 501\r\n, , , , 0\r\n"
)

func TestFilesThatAreWrong(t *testing.T) {
	for _, c := range []struct{ what, election, candmap, says string }{
		{"another election's map", smallElection, "9, \"7\", 6, 1, 501\r\n", "map, line 1 maps a candidate of contest 6, which the election does not have. The two files must be of the same election."},
		{"somebody too many in the map", smallElection, "9, \"7\", 5, 4, 501\r\n", "map, line 1 maps candidate 4 of contest 5, whom the election does not have. The two files must be of the same election."},
		{"nobody in the map", smallElection, ", , , , 0\r\n", "map does not map “ASH” of contest 5: their votes could not be reported. Ask the state for the candidate map of this election."},
		{"two counties", smallElection, smallMap + "9, \"8\", 5, 1, 501\r\n", "map, line 3 is of county 8, and those before it of 7."},
		{"half a file", smallElection[:len(smallElection)-6], smallMap, "election, line 7 cannot be read: a quotation mark is missing or stands where none may. Export the file again."},
		{"a short row", "7, 5, \"Mayor\"\r\n", smallMap, "election, line 1 has 3 values, and a row that begins with 7 has at least 9. Export the file again."},
		{"a row nobody knows", "12, 5\r\n", smallMap, "election, line 1 begins with 12: no such row is known. Export the file again."},
		{"no row of SEMS", "hello, 5\r\n", smallMap, "election, line 1: value 1 is “hello”, not a number. Export the file again."},
		{"a split out of nowhere", "5, 9, 1\r\n", smallMap, "election, line 1 gives a district to split 9, which no row before it names. Export the file again."},
		{"a candidate out of nowhere", "8, 5, 1, \"ASH\",0, 1, 0, \"Ash\"\r\n", smallMap, "election, line 1: “ASH” runs in contest 5, which no row before it names."},
		{"a contest twice", smallElection + "7, 5, \"Mayor\",0, 0, 1, 1, 1, \"Town\", 0, 0\r\n", smallMap, "election, line 8: contest 5 comes twice."},
		{"nothing", "", "", "election holds no election: a row with its title, precincts and contests are needed."},
	} {
		_, err := Read(strings.NewReader(c.election), strings.NewReader(c.candmap), [2]string{"election", "map"})
		if err == nil || err.Error() != c.says {
			t.Errorf("%s: %v\nwant %s", c.what, err, c.says)
		}
	}
}

func TestTalliesThatAreWrong(t *testing.T) {
	f, err := Read(strings.NewReader(smallElection), strings.NewReader(smallMap), [2]string{"election", "map"})
	if err != nil {
		t.Fatal(err)
	}
	for text, says := range map[string]string{
		`{"talliesByPrecinct":{"11":{}}}`:                                         "The tallies have precinct 11, which the election does not have. They must be of the same election.",
		`{"talliesByPrecinct":{"10":{"6":{}}}}`:                                   "The tallies have contest 6 in precinct 10, whose voters do not vote in it.",
		`{"talliesByPrecinct":{"10":{"5":{"votes":{"502":1}}}}}`:                  "The tallies of contest 5 in precinct 10 have votes for 502, who does not stand there.",
		`{"talliesByPrecinct":{"10":{"5":{"ballots":3,"votes":{"501":1}}}}}`:      "Contest 5 in precinct 10: 1 votes, 0 over and 0 under voted do not make 3 ballots times 1.",
		`{"talliesByPrecinct":{"10":{"5":{"ballots":1,"votes":{"write-in":1}}}}}`: "",
	} {
		tallies, err := ReadTallies(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		warnings, err := f.WriteResults(&out, tallies)
		got := ""
		if err != nil {
			got = err.Error()
		} else if len(warnings) > 0 {
			got = warnings[0].Error()
		}
		if got != says {
			t.Errorf("%s: %q\nwant %q", text, got, says)
		}
		if err == nil && !strings.Contains(out.String(), `"501","Ana ""Bo"" Ash","0","NP",`) {
			t.Errorf("%s: %s", text, out.String())
		}
	}
}

func TestTheEncodingStays(t *testing.T) {
	election := strings.ReplaceAll(smallElection, "Ana", "Jos\xe9")
	f, err := Read(strings.NewReader(election), strings.NewReader(smallMap), [2]string{"election", "map"})
	if err != nil {
		t.Fatal(err)
	}
	if name := f.Contests[0].Options[0].Lines[0]; name != `José "Bo" Ash` {
		t.Errorf("read as %q", name)
	}
	var out bytes.Buffer
	if _, err := f.WriteResults(&out, &Tallies{}); err != nil || !strings.Contains(out.String(), "Jos\xe9") {
		t.Errorf("%v, %q", err, out.String())
	}
}

func FuzzRead(f *testing.F) {
	f.Add(smallElection, smallMap)
	f.Fuzz(func(t *testing.T, election, candmap string) {
		x, err := Read(strings.NewReader(election), strings.NewReader(candmap), [2]string{"election", "map"})
		if err != nil {
			return
		}
		if e, err := x.Election(); err == nil {
			ballot.Check(e)
		}
		if _, err := x.WriteResults(&bytes.Buffer{}, &Tallies{}); err != nil && !x.windows1252 {
			t.Error(err)
		}
	})
}
