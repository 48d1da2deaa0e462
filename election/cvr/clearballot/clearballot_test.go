package clearballot

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cvrtest"
)

func cards(files ...cvr.Source) ([]cvr.Card, []cvr.Contest, error) { return cvrtest.All(New(files...)) }

const head = "RowNumber,BoxID,BoxPosition,BallotID,PrecinctID,BallotStyleID,PrecinctStyleName,ScanComputerName,Status,Remade"

func TestCards(t *testing.T) {
	got, contests, err := cards(cvr.Bytes("cvr.csv", []byte(head+
		",\"Choice_1_1:Governor, State:Vote For 1:Ann:Non-Partisan\",Choice_2_1:Measure 3: Parks:Vote For 2:Yes:,Choice_3_1:Mayor:1:Vote For 1:Bob:Free,Choice_3_2:Mayor:2:Vote For 1:Bob:Free,\n"+
		"1,B1,3,M1-B1-3,p,bs,ps,M1,s,,1,,0,1,\n2,B1,4,M1-B1-4,p,bs,ps,M1,s,,0,1,,,\n")))
	if err != nil {
		t.Fatal(err)
	}
	wantContests := []cvr.Contest{
		{Name: "Governor, State", VotesAllowed: 1, Choices: []cvr.Choice{{Name: "Ann", Party: "Non-Partisan"}}},
		{Name: "Measure 3: Parks", VotesAllowed: 2, Choices: []cvr.Choice{{Name: "Yes"}}},
		{Name: "Mayor", VotesAllowed: 1, Ranks: 2, Choices: []cvr.Choice{{Name: "Bob", Party: "Free"}}},
	}
	if diff := cmp.Diff(wantContests, contests); diff != "" {
		t.Errorf("contests (-want +got):\n%s", diff)
	}
	want := []cvr.Card{
		{Tabulator: "M1", Batch: "B1", RecordID: "3", ImprintedID: "M1-B1-3", Precinct: "p", Portion: "ps", Style: "bs", Votes: []cvr.Vote{{Contest: 0, Marks: []cvr.Mark{{Choice: 0}}}, {Contest: 2, Marks: []cvr.Mark{{Choice: 0, Rank: 2}}}}},
		{Tabulator: "M1", Batch: "B1", RecordID: "4", ImprintedID: "M1-B1-4", Precinct: "p", Portion: "ps", Style: "bs", Votes: []cvr.Vote{{Contest: 0}, {Contest: 1, Marks: []cvr.Mark{{Choice: 0}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	const choice = ",Choice_1_1:Mayor:Vote For 1:Ann:Free"
	for name, c := range map[string]struct{ text, want string }{
		"no contest":     {head + "\n", "no column that begins with “Choice_”"},
		"no votes":       {head + ",Choice_1_1:Mayor:Ann:Free\n", "does not name a contest"},
		"a gap":          {head + choice + ",,Choice_1_2:Mayor:Vote For 1:Bob:Free\n", "does not name a contest"},
		"no box":         {strings.Replace(head, "BoxID", "Box", 1) + choice + "\n", "no column “BoxID”"},
		"an empty box":   {head + choice + "\n1,,3,x,p,b,s,M,s,,1\n", "line 2: the cell under “BoxID” is empty"},
		"no machine":     {head + choice + "\n1,B,3,x,p,b,s,,s,,1\n", "line 2: the cell under “ScanComputerName” is empty"},
		"a cell missing": {head + choice + "\n1,B,3,x,p,b,s,M,s,\n", "line 2: the line has 10 cells, and the head has 11"},
		"a strange vote": {head + choice + "\n1,B,3,x,p,b,s,M,s,,X\n", "line 2: “X” under “Mayor”"},
	} {
		if _, _, err := cards(cvr.Bytes("cvr.csv", []byte(c.text))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzClearBallot(f *testing.F) {
	f.Add([]byte(head + ",Choice_1_1:Mayor:Vote For 1:Ann:Free\n1,B,3,x,p,b,s,M,s,,1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, contests, err := cards(cvr.Bytes("f", b))
		if err != nil {
			return
		}
		for _, c := range all {
			for _, v := range c.Votes {
				for _, m := range v.Marks {
					if m.Choice >= len(contests[v.Contest].Choices) {
						t.Fatalf("mark %+v", m)
					}
				}
			}
		}
	})
}
