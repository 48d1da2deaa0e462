package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/election/audit/record"
)

// TestAnAuditFromAFolder does what an office does: it commits to its files, rolls a seed, draws, looks at paper, and publishes after each step; then an observer
// follows the record.
func TestAnAuditFromAFolder(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "record.zip")
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, "audit", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(says string) {
		t.Helper()
		var said strings.Builder
		c := auditRecordCmd{Dir: filepath.Join(dir, "audit"), Out: out}
		if err := c.Run(streams{&said, &said}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said.String(), says) {
			t.Errorf("it said\n%s\nwant %q", said.String(), says)
		}
	}
	records := "Town,5.10\n,,,,Mayor (Vote For=1),Mayor (Vote For=1)\n,,,,Ann,Bob\nTabulatorNum,BatchId,RecordId,ImprintedId,,\n"
	paper := map[int]string{}
	for n := 1; n <= 200; n++ {
		paper[n] = []string{"Bob", "Ann", "Ann"}[n%3]
		records += fmt.Sprintf("1,Box,%d,T-%d,%s\n", n, n, map[string]string{"Ann": "1,0", "Bob": "0,1"}[paper[n]])
	}
	put("parts/manifest.csv", "Tabulator,Batch Name,Number of Ballots\n1,Box,200\n")
	put("parts/cvr.csv", records)
	put("commitment.json", `{"election": "Town, spring", "contests": [{"name": "Mayor", "method": "supersimple", "risk_limit_hundredths_percent": 1000, "winners": 1, "votes_allowed": 1,
		"ballots": 200, "choices": [{"name": "Ann", "votes": 134}, {"name": "Bob", "votes": 66}]}],
		"jurisdictions": [{"name": "Town", "manifest": "parts/manifest.csv", "records": {"vendor": "dominion", "parts": ["parts/cvr.csv"]}}]}`)
	run("Next: roll the seed in public")
	put("seed.txt", "20261103201806151\n")
	run("Next: say in rounds.json what is drawn")
	put("rounds.json", `[{"contest": "Mayor", "draw": 40}]`)
	run("Round 1, Mayor: 40 draws are in ")

	list, err := os.ReadFile(filepath.Join(dir, "audit", "draws-1.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil || len(rows) != 41 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var found foundInRound
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		if n, _ := strconv.Atoi(r[4]); !seen[r[4]] {
			seen[r[4]] = true
			found.Found = append(found.Found, record.Found{Paper: record.Paper{Jurisdiction: r[1], Tabulator: r[2], Batch: r[3], Position: n}, Votes: map[string]int{paper[n]: 1}})
		}
	}
	text, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	put("found-1.json", string(text))
	run("the risk limit is met")

	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := record.Verify(bytes.NewReader(data), int64(len(data)), record.Expect{Seed: "20261103201806151"}); err != nil {
		t.Errorf("an observer cannot follow it: %v", err)
	}
	if _, err := record.Verify(bytes.NewReader(data), int64(len(data)), record.Expect{Seed: "1"}); err == nil {
		t.Error("another seed was heard, and it follows all the same")
	}
	put("found-1.json", `{"found": [], "notes": ""}`)
	if err := (&auditRecordCmd{Dir: filepath.Join(dir, "audit"), Out: out}).Run(streams{&strings.Builder{}, &strings.Builder{}}); err == nil || !strings.HasPrefix(err.Error(), "found-1.json cannot be read: ") {
		t.Errorf("a field nobody knows: %v", err)
	}
}
