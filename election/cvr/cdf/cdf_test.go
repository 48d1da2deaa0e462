package cdf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/cvrtest"
)

func readAll(files ...cvr.Source) ([]cvr.Card, []cvr.Contest, error) {
	return cvrtest.All(New(files...))
}

// What is written is read again as it was.
func TestRoundTrip(t *testing.T) {
	contests := []cvr.Contest{
		{Name: "Governor, “State”", VotesAllowed: 2, Choices: []cvr.Choice{{Name: "Ann"}, {Name: "Bob"}, {Name: "Write-in", WriteIn: true}}},
		{Name: "Mayor", VotesAllowed: 1, Ranks: 3, Choices: []cvr.Choice{{Name: "Ann"}, {Name: "Zoë"}}},
	}
	rapid.Check(t, func(t *rapid.T) {
		var want []cvr.Card
		var b bytes.Buffer
		begin := NewWriter
		if rapid.Bool().Draw(t, "XML") {
			begin = NewXMLWriter
		}
		w, err := begin(&b, Head{Election: "E", Device: "1", Generated: time.Unix(0, 0)}, contests)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "cards") {
			c := cvr.Card{Tabulator: "T", Batch: "B", Position: i + 1, RecordID: fmt.Sprint("id", i), ImprintedID: "x", Precinct: "P", Style: "S"}
			if rapid.Bool().Draw(t, "first") {
				v := cvr.Vote{Contest: 0, Over: rapid.Bool().Draw(t, "over")}
				for k := range 3 {
					if !v.Over && rapid.Bool().Draw(t, "mark") {
						v.Marks = append(v.Marks, cvr.Mark{Choice: k})
					}
				}
				c.Votes = append(c.Votes, v)
			}
			if rapid.Bool().Draw(t, "second") {
				c.Votes = append(c.Votes, cvr.Vote{Contest: 1, Marks: []cvr.Mark{{Choice: rapid.IntRange(0, 1).Draw(t, "who"), Rank: 1}, {Choice: 0, Rank: 3}}})
			}
			want = append(want, c)
			if err := w.Write(&c); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, _, err := readAll(cvr.Bytes("f", b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

const (
	defs = `"Election":[{"Candidate":[{"@id":"a","Name":"Ann"}],"Contest":[{"@id":"k","Name":"Mayor","VotesAllowed":1,"ContestSelection":[{"@id":"s","CandidateIds":["a"]}]}]}]`
	mark = `{"@id":"1","CVRContest":[{"ContestId":"k","CVRContestSelection":[{"ContestSelectionId":"s","SelectionPosition":[{"HasIndication":"yes","NumberVotes":1}]}]}]}`
)

func TestRefusals(t *testing.T) {
	report := func(card string) string { return `{"CVR":[` + card + `],` + defs + `}` }
	for name, c := range map[string]struct{ text, want string }{
		"nothing":            {"", "f is empty"},
		"another file":       {"a,b", "f is neither JSON nor XML"},
		"another XML":        {"<Election/>", "f cannot be read behind card 0"},
		"a document type":    {"<!DOCTYPE a><CastVoteRecordReport/>", "f cannot be read behind card 0"},
		"cut off":            {report(`{"CurrentSnapshotId":"1","CVRSnapshot":[` + mark + `]}`)[:60], "f was cut off behind card 0"},
		"no snapshot":        {report(`{"CurrentSnapshotId":"2","CVRSnapshot":[` + mark + `]}`), "card 1 has no snapshot called “2”"},
		"an unknown contest": {report(`{"CVRSnapshot":[` + strings.Replace(mark, `"k"`, `"other"`, 1) + `]}`), "card 1 has the contest “other”, which the file does not define"},
		"an unknown choice":  {report(`{"CVRSnapshot":[` + strings.Replace(mark, `"s"`, `"z"`, 1) + `]}`), "card 1 has a mark for “z” in “Mayor”, which defines no such choice"},
		"a contest twice":    {report(`{"CVRSnapshot":[{"CVRContest":[{"ContestId":"k"},{"ContestId":"k"}]}]}`), "card 1 has the contest “Mayor” twice"},
		"a strange rank":     {report(`{"CVRSnapshot":[` + strings.Replace(mark, `"NumberVotes":1`, `"Rank":-1`, 1) + `]}`), "f cannot be read behind card 0"},
	} {
		if _, _, err := readAll(cvr.Bytes("f", []byte(c.text))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	other := cvr.Bytes("g", []byte(`{`+strings.Replace(defs, "Mayor", "Sheriff", 1)+`}`))
	if _, _, err := readAll(cvr.Bytes("f", []byte(report(""))), other); err == nil || !strings.Contains(err.Error(), "g calls the contest k “Sheriff”") {
		t.Errorf("two names: %v", err)
	}
}

// The folder of a peer's export is one report a card.
func TestFolderOfReports(t *testing.T) {
	const dir = "../../../../shared/samples/ballots/cvr"
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Skip("no samples of ballots beside the repository")
	}
	var want struct {
		Contests map[string]struct {
			Ballots int
			Votes   map[string]int
		}
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(dir + "/TEST*/*/cast-vote-record-report.json")
	if err != nil {
		t.Fatal(err)
	}
	var files []cvr.Source
	for _, p := range paths {
		files = append(files, cvr.Source{Name: p, Open: func() (io.ReadCloser, error) { return os.Open(p) }})
	}
	all, contests, err := readAll(files...)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]int{}
	ballots := map[string]int{}
	for _, c := range all {
		for _, v := range c.Votes {
			k := contests[v.Contest]
			ballots[k.ID]++
			if got[k.ID] == nil {
				got[k.ID] = map[string]int{}
			}
			if len(v.Marks) > k.VotesAllowed {
				continue
			}
			for _, m := range v.Marks {
				if id := k.Choices[m.Choice].ID; k.Choices[m.Choice].WriteIn {
					got[k.ID]["write-in"]++
				} else {
					got[k.ID][id]++
				}
			}
		}
	}
	for id, w := range want.Contests {
		if ballots[id] != w.Ballots {
			t.Errorf("%s: %d ballots, want %d", id, ballots[id], w.Ballots)
		}
		if diff := cmp.Diff(w.Votes, got[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestXML(t *testing.T) {
	const path = "../../../../shared/samples/rcv/rctab/nist_xml_cdf_2/nist_xml_cdf_2.xml"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skip("no samples of ranked counts beside the repository")
	}
	all, contests, err := readAll(cvr.Bytes("x", raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || len(all) != bytes.Count(raw, []byte("<cdf:CVR>")) {
		t.Fatalf("%d cards of %d", len(all), bytes.Count(raw, []byte("<cdf:CVR>")))
	}
	i := slices.IndexFunc(contests, func(c cvr.Contest) bool { return c.ID == "_5TS" })
	over := all[0].Votes[slices.IndexFunc(all[0].Votes, func(v cvr.Vote) bool { return v.Contest == i })]
	if len(over.Marks) != 2 || contests[i].VotesAllowed != 1 || contests[i].Choices[over.Marks[0].Choice].Name != "Connie Pillich" {
		t.Errorf("an overvoted contest %+v of %+v", over, contests[i])
	}
}

func FuzzCDF(f *testing.F) {
	f.Add([]byte(`{"CVR":[{"CVRSnapshot":[` + mark + `]}],` + defs + `}`))
	f.Add([]byte(`<CastVoteRecordReport><CVR><CVRSnapshot ObjectId="1"><CVRContest><ContestId>k</ContestId></CVRContest></CVRSnapshot></CVR></CastVoteRecordReport>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, contests, err := readAll(cvr.Bytes("f", b))
		if err != nil {
			return
		}
		for _, c := range all {
			for _, v := range c.Votes {
				for _, m := range v.Marks {
					if m.Choice >= len(contests[v.Contest].Choices) || m.Rank > contests[v.Contest].Ranks {
						t.Fatalf("mark %+v", m)
					}
				}
			}
		}
	})
}
