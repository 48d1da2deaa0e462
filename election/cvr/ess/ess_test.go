package ess

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cvrtest"
)

func cards(files ...cvr.Source) ([]cvr.Card, []cvr.Contest, error) { return cvrtest.All(New(files...)) }

func file(name string, lines ...string) cvr.Source {
	return cvr.Bytes("export.zip: "+name, []byte(strings.Join(lines, "\n")+"\n"))
}

const votesHead = "Cast Vote Record,Precinct,Ballot Style,Mayor,\"Council \"\"At Large\"\"\""

var (
	title   = []string{"Ballots,,,,", "GEN26,,,,", `"County, State",,,,`, `"November 3, 2026",,,,`, ",,,,"}
	ballot1 = file("ballots_a.csv", append(title, "Cast Vote Record,Batch,Ballot Status,Reporting Group,Tabulator CVR", "3,B1,Not Reviewed,Mail,0001000007", "1,B1,Not Reviewed,Mail,0001000001", "Total : 2,,,,")...)
	ballot2 = file("ballots_b.csv", "Cast Vote Record,Batch,Machine,Tabulator CVR", "2,B9,M-4,00f1e2d3c4b5a697")
	votes   = file("votes.csv", votesHead, "1,P1,S,Ann,", "2,P1,S,undervote,Bob", "3,P2,S,overvote,Bob")
)

func TestVotesAndBallotsAreJoined(t *testing.T) {
	for _, order := range [][]cvr.Source{{votes, ballot1, ballot2}, {ballot2, votes, ballot1}} {
		got, contests, err := cards(order...)
		if err != nil {
			t.Fatal(err)
		}
		wantContests := []cvr.Contest{{Name: "Mayor", VotesAllowed: 1, Choices: []cvr.Choice{{Name: "Ann"}}}, {Name: `Council "At Large"`, VotesAllowed: 1, Choices: []cvr.Choice{{Name: "Bob"}}}}
		if diff := cmp.Diff(wantContests, contests); diff != "" {
			t.Errorf("contests (-want +got):\n%s", diff)
		}
		want := []cvr.Card{
			{Tabulator: "0001", Batch: "B1", RecordID: "1", ImprintedID: "0001000001", Group: "Mail", Precinct: "P1", Style: "S", Votes: []cvr.Vote{{Contest: 0, Marks: []cvr.Mark{{Choice: 0}}}}},
			// 0x00f1e2d3c4b5a697 = 68084868553483927, over 10^10
			{Tabulator: "M-4", Batch: "B9", RecordID: "6808486", ImprintedID: "00f1e2d3c4b5a697", Precinct: "P1", Style: "S", Votes: []cvr.Vote{{Contest: 0, Under: true}, {Contest: 1, Marks: []cvr.Mark{{Choice: 0}}}}},
			{Tabulator: "0001", Batch: "B1", RecordID: "7", ImprintedID: "0001000007", Group: "Mail", Precinct: "P2", Style: "S", Votes: []cvr.Vote{{Contest: 0, Over: true}, {Contest: 1, Marks: []cvr.Mark{{Choice: 0}}}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cards (-want +got):\n%s", diff)
		}
	}
}

// A file of votes that looks like one of ballots is found by its name, and one that has both needs no other.
func TestOverridesAndSingleFiles(t *testing.T) {
	both := []string{"Cast Vote Record,Batch,Tabulator CVR,Precinct,Ballot Style,Mayor", "1,B1,0001000001,P,S,Ann", "3,B1,0001000007,P,S,Bob"}
	if got, _, err := cards(file("CVR.csv", both...), ballot1); err != nil || len(got) != 2 {
		t.Errorf("named cvr.csv: %d cards, %v", len(got), err)
	}
	got, _, err := cards(file("all.csv", both...))
	if err != nil || len(got) != 2 || got[1].Batch != "B1" || got[1].Tabulator != "0001" || got[1].RecordID != "7" {
		t.Errorf("one file: %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	two := file("ballots_b.csv", "Cast Vote Record,Batch,Tabulator CVR", "2,B9,0002000001")
	for name, c := range map[string]struct {
		files []cvr.Source
		want  string
	}{
		"no votes":               {[]cvr.Source{ballot1, ballot2}, "0 were found"},
		"votes twice":            {[]cvr.Source{votes, file("more.csv", votesHead, "4,P,S,Ann,"), ballot1}, "2 were found (export.zip: votes.csv, export.zip: more.csv)"},
		"a vote of no ballot":    {[]cvr.Source{votes, ballot1}, "line 3: there is no ballot number 2"},
		"a ballot without votes": {[]cvr.Source{file("votes.csv", votesHead, "1,P,S,Ann,", "3,P,S,Ann,"), ballot1, two}, "list 1 ballots of which the file of votes has nothing, first number 2"},
		"votes of one card twice": {[]cvr.Source{file("votes.csv", votesHead, "1,P,S,Ann,", "1,P,S,Ann,", "3,P,S,Ann,"), ballot1},
			"line 3: there is no ballot number 1 in the files of ballots, or its votes are here twice"},
		"a ballot twice":   {[]cvr.Source{votes, ballot1, ballot2, file("c.csv", "Cast Vote Record,Batch,Tabulator CVR", "2,B9,0002000001")}, "the ballot number 2 is listed twice"},
		"zeros taken away": {[]cvr.Source{votes, ballot1, file("b.csv", "Cast Vote Record,Batch,Tabulator CVR", "2,B9,2000001")}, "“2000001” under “Tabulator CVR” is not ten digits"},
		"changed by a spreadsheet": {[]cvr.Source{votes, ballot1, file("b.csv", "Cast Vote Record,Batch,Machine,Tabulator CVR", "2,B9,M,6.8085E+16")},
			"“6.8085E+16” under “Tabulator CVR” is neither ten digits nor sixteen"},
		"two columns of one name": {[]cvr.Source{file("votes.csv", "Cast Vote Record,Ballot Style,Mayor,Mayor", "1,S,Ann,Bob"), ballot1}, "two columns are called “Mayor”"},
		"no contest":              {[]cvr.Source{file("votes.csv", "Cast Vote Record,Ballot Style", "1,S"), ballot1}, "no contest stands behind"},
		"a cell missing":          {[]cvr.Source{file("votes.csv", votesHead, "1,P,S,Ann"), ballot1}, "line 2: the line has 4 cells, and the head has 5"},
		"no number":               {[]cvr.Source{file("votes.csv", votesHead, "one,P,S,Ann,"), ballot1}, "“one” under “Cast Vote Record” is not a whole number"},
		"no names":                {[]cvr.Source{votes, file("b.csv", "Ballots,,", "1,B,0001000001")}, "has no line of column names"},
	} {
		if _, _, err := cards(c.files...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzESS(f *testing.F) {
	f.Add([]byte(votesHead+"\n1,P,S,Ann,\n"), []byte("Cast Vote Record,Batch,Tabulator CVR\n1,B,0001000001\n"))
	f.Add([]byte(votesHead+"\n1,P,S,overvote,Bob\n"), []byte("Ballots,,\nG\n\nCast Vote Record,Batch,Machine,Tabulator CVR\n1,B,M,00f1e2d3c4b5a697\nTotal : 1\n"))
	f.Fuzz(func(t *testing.T, v, b []byte) {
		all, contests, err := cards(cvr.Bytes("cvr.csv", v), cvr.Bytes("b.csv", b))
		if err != nil {
			return
		}
		for _, c := range all {
			for _, x := range c.Votes {
				if len(x.Marks) > 1 || len(x.Marks) == 1 && x.Marks[0].Choice >= len(contests[x.Contest].Choices) {
					t.Fatalf("vote %+v", x)
				}
			}
		}
	})
}
