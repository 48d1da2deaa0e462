package dominion

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cvrtest"
)

// cards reads everything, keeping what readers use again.
func cards(files ...cvr.Source) ([]cvr.Card, []cvr.Contest, error) { return cvrtest.All(New(files...)) }

func file(lines ...string) cvr.Source {
	return cvr.Bytes("cvr.csv", []byte(strings.Join(lines, "\n")+"\n"))
}

func TestEverythingOdd(t *testing.T) {
	got, contests, err := cards(file(
		"\xef\xbb\xbfGeneral,5.10.50.85,,,,,,,,,,",
		`,,,,,,,"Governor, State (Vote For=1)","Governor, State (Vote For=1)","Mayor of`+"\r\n"+`the City (Vote For=2)","Mayor of`+"\r\n"+`the City (Vote For=2)",,`,
		",,,,,,,Ann,\"Bob \"\"B\"\" Day, Jr.\",Write-in,Write-in,,",
		"CvrNumber,TabulatorNum,BatchId,RecordId,UniqueVotingIdentifier,CountingGroup,BallotType,DEM,,,,,",
		`="1",="002",="B1",="7",="002-B1-7","Mail, early",T1,1,0,,,,`,
		`2,002,B1,8,x,Mail,T2,,,0,1,,`,
		",,,,,,,,,,,,",
		`3,002,B1,9,y,Mail,T2,0,0,1,1,,`,
	))
	if err != nil {
		t.Fatal(err)
	}
	wantContests := []cvr.Contest{
		{Name: "Governor, State", VotesAllowed: 1, Choices: []cvr.Choice{{Name: "Ann"}, {Name: `Bob "B" Day, Jr.`}}},
		{Name: "Mayor of the City", VotesAllowed: 2, Choices: []cvr.Choice{{Name: "Write-in", WriteIn: true}, {Name: "Write-in", WriteIn: true}}},
	}
	if diff := cmp.Diff(wantContests, contests); diff != "" {
		t.Errorf("contests (-want +got):\n%s", diff)
	}
	want := []cvr.Card{
		{Tabulator: "002", Batch: "B1", RecordID: "7", ImprintedID: "002-B1-7", Group: "Mail, early", Style: "T1", Votes: []cvr.Vote{{Contest: 0, Marks: []cvr.Mark{{Choice: 0}}}}},
		{Tabulator: "002", Batch: "B1", RecordID: "8", ImprintedID: "x", Group: "Mail", Style: "T2", Votes: []cvr.Vote{{Contest: 1, Marks: []cvr.Mark{{Choice: 1}}}}},
		{Tabulator: "002", Batch: "B1", RecordID: "9", ImprintedID: "y", Group: "Mail", Style: "T2", Votes: []cvr.Vote{
			{Contest: 0}, {Contest: 1, Marks: []cvr.Mark{{Choice: 0}, {Choice: 1}}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
}

func TestRankedContestsAndSeveralFiles(t *testing.T) {
	head := []string{
		"E,5.17", ",,," + strings.Repeat(`"Mayor (Number of positions=1, Number of ranks=2)",`, 4),
		",,,Ann(1),Bob(1),Ann(2),Bob(2)", "TabulatorNum,BatchId,RecordId,,,,",
	}
	other := []string{"E,5.17", `,,,Sheriff (Vote For=1),"Mayor (Number of positions=1, Number of ranks=2)"`, ",,,Cy,Bob(2)", "TabulatorNum,BatchId,RecordId,,"}
	got, contests, err := cards(file(append(head, "1,A,1,0,1,1,0")...), file(append(other, "2,A,1,1,1", "2,A,2,,0")...))
	if err != nil {
		t.Fatal(err)
	}
	want := []cvr.Contest{{Name: "Mayor", VotesAllowed: 1, Ranks: 2, Choices: []cvr.Choice{{Name: "Ann"}, {Name: "Bob"}}}, {Name: "Sheriff", VotesAllowed: 1, Choices: []cvr.Choice{{Name: "Cy"}}}}
	if diff := cmp.Diff(want, contests); diff != "" {
		t.Errorf("contests (-want +got):\n%s", diff)
	}
	wantVotes := [][]cvr.Vote{
		{{Contest: 0, Marks: []cvr.Mark{{Choice: 1, Rank: 1}, {Choice: 0, Rank: 2}}}},
		{{Contest: 0, Marks: []cvr.Mark{{Choice: 1, Rank: 2}}}, {Contest: 1, Marks: []cvr.Mark{{Choice: 0}}}},
		{{Contest: 0}},
	}
	for i, c := range got {
		if diff := cmp.Diff(wantVotes[i], c.Votes); diff != "" {
			t.Errorf("card %d (-want +got):\n%s", i, diff)
		}
	}
}

var good = []string{"E,5.10", ",,,,Mayor (Vote For=1),Mayor (Vote For=1)", ",,,,Ann,Bob", "TabulatorNum,BatchId,RecordId,ImprintedId,,"}

func TestRefusals(t *testing.T) {
	with := func(line int, text string) []string {
		l := append([]string{}, good...)
		l[line] = text
		return append(l, "1,A,1,x,0,1")
	}
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"only a head":        {good[:2], "ends in its head"},
		"no contest":         {with(1, ",,,,,"), "names no contest"},
		"no votes allowed":   {with(1, ",,,,Mayor,Mayor"), "does not say how many votes"},
		"two numbers":        {with(1, ",,,,Mayor (Vote For=1),Mayor (Vote For=2)"), "allows 1 votes in one place and 2"},
		"no rank":            {with(1, `,,,,"M (Number of positions=1, Number of ranks=2)","M (Number of positions=1, Number of ranks=2)"`), "does not say which rank"},
		"no batch":           {with(3, "TabulatorNum,Box,RecordId,ImprintedId,,"), "no column “BatchId”"},
		"a cell missing":     {append(append([]string{}, good...), "1,A,1,x,0"), "line 5: the line has 5 cells, and the head has 6"},
		"a value beyond":     {append(append([]string{}, good...), "1,A,1,x,0,1,1"), "line 5: cell 7 has a value"},
		"a fraction":         {append(append([]string{}, good...), "1,A,1,x,0,0.5"), "“0.5” under “Mayor” is neither 0 nor 1"},
		"a vote of two":      {append(append([]string{}, good...), "1,A,1,x,0,2"), "“2” under “Mayor”"},
		"an empty batch":     {append(append([]string{}, good...), "1,A,1,x,0,1", `1,="",2,x,0,1`), "line 6: the cell under “BatchId” is empty"},
		"an empty record id": {append(append([]string{}, good...), "1,A,,x,0,1"), "line 5: the cell under “RecordId” is empty"},
	} {
		if _, _, err := cards(file(c.lines...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzDominion(f *testing.F) {
	f.Add([]byte(strings.Join(append(good, "1,A,1,x,0,1", "1,A,2,\"y\",,"), "\n")))
	f.Add([]byte(strings.Join(append(good, `="1",A,2,"y",1,`), "\r\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, contests, err := cards(cvr.Bytes("f", b))
		if err != nil {
			return
		}
		for _, c := range all {
			for i, v := range c.Votes {
				if i > 0 && c.Votes[i-1].Contest >= v.Contest {
					t.Fatalf("contests out of order: %v", c.Votes)
				}
				for _, m := range v.Marks {
					if m.Choice >= len(contests[v.Contest].Choices) {
						t.Fatalf("mark %v of a choice that is not there", m)
					}
				}
			}
		}
	})
}

// county makes a file of n cards and 160 columns of votes, like those of a large county.
func county(n int) []byte {
	var b bytes.Buffer
	b.WriteString("E,5.10\n,,,,,,,")
	for k := range 40 {
		for range 4 {
			fmt.Fprintf(&b, ",Contest %d (Vote For=1)", k)
		}
	}
	b.WriteString("\n,,,,,,,")
	for range 40 {
		b.WriteString(",Ann,Bob,Cy,Write-in")
	}
	b.WriteString("\nCvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup,PrecinctPortion,BallotType" + strings.Repeat(",", 160) + "\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%d,%d,%d,%d-%d-%d,Mail,P-%d,BT %d", i+1, i/5000, i/100, i%100, i/5000, i/100, i%100, i%300, i%7)
		for k := range 40 {
			if (i*7+k)%4 == 0 {
				b.WriteString(",,,,")
				continue
			}
			b.WriteString([]string{",1,0,0,0", ",0,1,0,0", ",0,0,1,0", ",0,0,0,0"}[(i+k*k)%4])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func BenchmarkImport(b *testing.B) {
	data := county(20_000)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			r, err := New(cvr.Source{Name: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
			if err != nil {
				b.Fatal(err)
			}
			var c cvr.Card
			for err = r.Next(&c); err == nil; err = r.Next(&c) {
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(data))
			r.FieldsPerRecord, r.ReuseRecord = -1, true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
