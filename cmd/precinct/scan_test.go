package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/scan"
)

// TestABatchOfScansIsAnsweredLineByLine reads samples of all three kinds in one batch, with a line between them that cannot be read.
func TestABatchOfScansIsAnsweredLineByLine(t *testing.T) {
	samples, err := filepath.Abs("../../../shared/samples/ballots")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(samples); err != nil {
		t.Skipf("SKIPPED: the sample ballots are not beside the repository: %v", err)
	}
	in := func(p string) string { return filepath.Join(samples, p) }
	type m = map[string]any
	calls := []m{
		{"id": "S3", "election": in("vx-qr/elections/v40-city-primary/election.json"), "settings": in("vx-qr/elections/v40-city-primary/systemSettings.json"), "sideA": in("vx-qr/S3/side-a.jpg"), "sideB": in("vx-qr/S3/side-b.jpg")},
		{"id": "none", "election": in("no-such-election.json"), "sideA": "a", "sideB": "b"},
		{"id": "S5", "election": in("vx-qr/elections/v41-town/election.json"), "test": true, "sideA": in("vx-qr/S5/side-a.png"), "sideB": in("vx-qr/S5/side-b.png")},
		{"id": "S7", "election": in("legacy-mississippi/election.json"), "pages": []m{{"image": in("legacy-mississippi/page-1.png"), "template": in("legacy-mississippi/template.png"), "targets": in("legacy-mississippi/targets.json")}}},
	}
	var lines bytes.Buffer
	for _, c := range calls {
		if err := json.NewEncoder(&lines).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "batch.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&scanReadCmd{Batch: file}).batch(&out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for s := bufio.NewScanner(&out); s.Scan(); {
		var r struct {
			scan.Result
			Error string
		}
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		line := r.ID + " " + r.Outcome + " " + r.Reason
		if r.Error != "" {
			line = r.ID + " error"
		}
		if got = append(got, line); r.Outcome != "accepted" {
			continue
		}
		var want struct {
			Expected struct{ Votes map[string][]string }
		}
		data, err := os.ReadFile(in(map[string]string{"S3": "vx-qr/S3/expected.json", "S7": "legacy-mississippi/expected.json"}[r.ID]))
		if err == nil {
			err = json.Unmarshal(data, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.Expected.Votes, r.Votes); d != "" {
			t.Error(r.ID, d)
		}
	}
	if want := []string{"S3 accepted ", "none error", "S5 rejected vertical_streaks", "S7 accepted "}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}
