package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ballotSamples = "../../../shared/samples/ballots"

// tally counts exports by the command and returns what it answers.
func tally(t *testing.T, dirs ...string) (r tallyReport, failed bool) {
	t.Helper()
	var out strings.Builder
	c := cvrTallyCmd{answer: answer{JSON: true}, Election: ballotSamples + "/accuvote-scan/election.json", Dirs: dirs}
	err := c.Run(streams{&out, &out})
	if err != nil && err != errSaid { //nolint:errorlint // it is that very value
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		t.Fatal(err)
	}
	return r, err != nil
}

// TestTheSameStickTwice counts an export twice, half of it and then all, under another name and spoilt: totals stay those of its records.
func TestTheSameStickTwice(t *testing.T) {
	machine := ballotSamples + "/cvr/TEST__machine_0000__2024-01-01_00-00-00"
	if _, err := os.Stat(machine); err != nil {
		t.Skipf("NOT TESTED: the samples are not here: %v", err)
	}
	once, failed := tally(t, machine)
	if failed || once.Records != 8 || !once.Complete {
		t.Fatalf("%+v", once)
	}
	again := t.TempDir() + "/another name"
	if err := os.CopyFS(again, os.DirFS(machine)); err != nil {
		t.Fatal(err)
	}
	twice, _ := tally(t, machine, again)
	if diff := cmp.Diff(once.Contests, twice.Contests); diff != "" || twice.Exports[1].Again != 8 || twice.Records != 8 {
		t.Errorf("twice: %d again\n%s", twice.Exports[1].Again, diff)
	}

	entries, err := os.ReadDir(again)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries[:4] { // four records are no longer there
		if err := os.RemoveAll(filepath.Join(again, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	half, failed := tally(t, again, machine)
	if diff := cmp.Diff(once.Contests, half.Contests); diff != "" || !failed || half.Complete || half.Exports[0].Counted || half.Exports[1].Again != 0 {
		t.Errorf("half, then whole: %+v\n%s", half.Exports, diff)
	}
}
