package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/cvr"
)

func TestReadTolerates(t *testing.T) {
	want := []Batch{{Container: "Box 1", Tabulator: "007", Name: "José 1", Ballots: 1234, CVR: true}, {Container: "Box 2", Tabulator: "7", Name: "Subtotally 2", Ballots: 5}, {Container: "Box 2", Tabulator: "8", Name: "José 1", Ballots: 9}}
	for name, text := range map[string]string{
		"as it should be":    "Container,Tabulator,Batch Name,Number of Ballots,CVR\nBox 1,007,José 1,1234,Y\nBox 2,7,Subtotally 2,5,N\nBox 2,8,José 1,9,no\n",
		"from a spreadsheet": "\xef\xbb\xbfBATCH NAME , number of ballots,Container,cvr,Tabulator,,\r\n\r\nJosé 1,\"1,234\",Box 1,yes,=\"007\",,\r\n Subtotally 2 ,5,Box 2,n,7,,\r\n,,,,,,\r\nJosé 1,9,Box 2,N,8\r\n,,\r\n",
		"Windows-1252":       "Container,Tabulator,Batch Name,Number of Ballots,CVR\nBox 1,007,Jos\xe9 1,1234,Y\nBox 2,7,Subtotally 2,5,N\nBox 2,8,Jos\xe9 1,9,N\n",
	} {
		m, err := Read("m.csv", strings.NewReader(text), Options{Tabulator: true, CVR: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, m.Batches, cmpopts.IgnoreFields(Batch{}, "Line")); diff != "" || m.Ballots != 1248 {
			t.Errorf("%s: %d ballots (-want +got):\n%s", name, m.Ballots, diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const head = "Tabulator,Batch Name,Number of Ballots\n"
	for name, c := range map[string]struct{ text, want string }{
		"nothing below the names":  {head, "m.csv lists no batches"},
		"no column":                {"Tabulator,Batch Name\n1,A\n", "no column “Number of Ballots”"},
		"no tabulator":             {"Batch Name,Number of Ballots\nA,3\n", "no column “Tabulator”"},
		"a column nobody knows":    {"Tabulator,Batch Name,Number of Ballots,Notes\n1,A,3,x\n", "the column “Notes” is not one of"},
		"a column twice":           {"Tabulator,Batch Name,Batch name,Number of Ballots\n1,A,A,3\n", "two columns are called “Batch Name”"},
		"a total":                  {head + "1,A,3\n,Total,3\n", "line 3: “Total” looks like a total"},
		"a total in other words":   {head + "1,A,3\n1,B,4\n1,All,7\n", "line 4: “All” has as many ballots as all batches before it"},
		"no ballots":               {head + "1,A,0\n", "line 2: the batch “A” has no ballots"},
		"a batch twice":            {head + "1,A,3\n2,A,4\n1,A,5\n", "line 4: the batch “A” is on line 2 too"},
		"no number":                {head + "1,A,three\n", "line 2: “three” under “Number of Ballots” is not a whole number"},
		"a comma without quotes":   {head + "1,A,1,234\n", "line 2: cell 4 has a value and no column name above it"},
		"an empty name":            {head + "1,,3\n", "line 2: the cell under “Batch Name” is empty"},
		"tabs":                     {"Tabulator\tBatch Name\tNumber of Ballots\n1\tA\t3\n", "separated by tabs"},
		"more than a state":        {head + "1,A,99999999\n1,B,99999998\n", "more than 100000000 ballots"},
		"a line that is too short": {head + "1,A\n", "line 2: the cell under “Number of Ballots” is empty"},
	} {
		if _, err := Read("m.csv", strings.NewReader(c.text), Options{Tabulator: true}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := Read("m.csv", strings.NewReader("Batch Name,Number of Ballots,CVR\nA,3,maybe\n"), Options{CVR: true}); err == nil || !strings.Contains(err.Error(), "“maybe” under “CVR”") {
		t.Errorf("CVR maybe: %v", err)
	}
}

func TestAgrees(t *testing.T) {
	m, err := Read("m.csv", strings.NewReader("Tabulator,Batch Name,Number of Ballots\n1,A,3\n1,B,9\n"), Options{Tabulator: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Agrees([]cvr.BatchKey{{Tabulator: "1", Batch: "A"}, {Tabulator: "1", Batch: "B"}}, []int{3, 1}); err != nil {
		t.Errorf("fewer records than ballots: %v", err)
	}
	if err := m.Agrees([]cvr.BatchKey{{Tabulator: "1", Batch: "A"}}, []int{4}); err == nil || !strings.Contains(err.Error(), "m.csv, line 2: the batch “A” has 3 ballots, and 4 records") {
		t.Errorf("more records than ballots: %v", err)
	}
	if err := m.Agrees([]cvr.BatchKey{{Tabulator: "2", Batch: "A"}}, []int{1}); err == nil || !strings.Contains(err.Error(), "no batch “A” of tabulator “2”") {
		t.Errorf("unknown batch: %v", err)
	}
}

var (
	mayor  = Contest{Name: "Mayor", VotesAllowed: 1, Choices: []string{"Ann", "Bob, Jr."}}
	school = Contest{Name: "School", VotesAllowed: 2, Choices: []string{"Yes"}}
)

func TestTallies(t *testing.T) {
	m := &Manifest{Name: "m.csv", Batches: []Batch{{Name: "A", Ballots: 1000}, {Name: "B", Ballots: 3}}}
	for name, c := range map[string]struct {
		text     string
		contests []Contest
		want     []Tally
	}{
		"one contest":    {"Batch Name,\"Bob, Jr.\",ann\nB,1,2\nA,\"1,000\",0\n", []Contest{mayor}, []Tally{{0, [][]int{{0, 1000}}}, {1, [][]int{{2, 1}}}}},
		"its long names": {"Batch Name,\"Mayor - Bob, Jr.\",Mayor - Ann\nB,1,2\nA,10,0\n", []Contest{mayor}, []Tally{{0, [][]int{{0, 10}}}, {1, [][]int{{2, 1}}}}},
		"two contests":   {"Batch Name,\"Mayor - Bob, Jr.\",Mayor - Ann,School - Yes\nB,1,2,6\nA,10,0,3\n", []Contest{mayor, school}, []Tally{{0, [][]int{{0, 10}, {3}}}, {1, [][]int{{2, 1}, {6}}}}},
	} {
		got, err := ReadTallies("t.csv", strings.NewReader(c.text), m, c.contests)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"a choice missing":     {"Batch Name,Ann\nA,1\nB,1\n", "no column “Bob, Jr.”"},
		"another choice":       {"Batch Name,Ann,\"Bob, Jr.\",Cy\nA,1,1,1\nB,1,1,1\n", "the column “Cy” is not one of"},
		"a batch missing":      {"Batch Name,Ann,\"Bob, Jr.\"\nA,1,1\n", "no line for the batch “B”"},
		"a batch nobody knows": {"Batch Name,Ann,\"Bob, Jr.\"\nC,1,1\n", "line 2: the manifest has no batch “C”"},
		"a batch twice":        {"Batch Name,Ann,\"Bob, Jr.\"\nA,1,1\nA,1,1\n", "line 3: the batch “A” is on line 2 too"},
		"more votes than fit":  {"Batch Name,Ann,\"Bob, Jr.\"\nA,1,1\nB,2,2\n", "line 3: the batch “B” has 4 votes for “Mayor”, and its 3 ballots allow 3"},
		"a total":              {"Batch Name,Ann,\"Bob, Jr.\"\nA,1,1\nGrand Total,1,1\n", "line 3: “Grand Total” looks like a total"},
	} {
		if _, err := ReadTallies("t.csv", strings.NewReader(c.text), m, []Contest{mayor}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Whatever is read, the sum is that of the batches and no batch is empty or there twice.
func TestReadKeepsItsPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"A", "B", "Total", "1", "2", "3", ",", ",", ",", "\n", "\n", "\"", "0", "Y"}), 0, 60).Draw(t, "pieces")
		promise(t, "Tabulator,Batch Name,Number of Ballots\n"+strings.Join(pieces, ""))
	})
}

func promise(t interface{ Fatalf(string, ...any) }, text string) {
	m, err := Read("m.csv", strings.NewReader(text), Options{Tabulator: true})
	if err != nil {
		return
	}
	sum, seen := 0, map[cvr.BatchKey]bool{}
	for _, b := range m.Batches {
		if b.Ballots <= 0 || b.Name == "" || seen[b.Key()] {
			t.Fatalf("%q: batch %+v", text, b)
		}
		seen[b.Key()] = true
		sum += b.Ballots
	}
	if sum != m.Ballots || len(m.Batches) == 0 {
		t.Fatalf("%q: %d ballots in all, %d counted", text, m.Ballots, sum)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add("Tabulator,Batch Name,Number of Ballots\n1,A,3\n")
	f.Add("\xef\xbb\xbfBATCH NAME,Number of Ballots,Tabulator,,\r\nA,\"1,234\",=\"007\",,\r\n")
	f.Fuzz(func(t *testing.T, text string) { promise(t, text) })
}

func FuzzTallies(f *testing.F) {
	f.Add("Batch Name,Ann,\"Bob, Jr.\"\nA,1,1\nB,1,1\n")
	m := &Manifest{Batches: []Batch{{Name: "A", Ballots: 5}, {Name: "B", Ballots: 3}}}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadTallies("t.csv", strings.NewReader(text), m, []Contest{mayor})
		if err != nil {
			return
		}
		for i, x := range all {
			if x.Batch != i || x.Votes[0][0]+x.Votes[0][1] > m.Batches[i].Ballots {
				t.Fatalf("tally %+v", x)
			}
		}
	})
}
