package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rankedFiles writes a made-up contest as an election office has it: votes as a table, and RCTab's settings.
func rankedFiles(t *testing.T, overvoteRule string) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("id,precinct,Rosa Peña,Sam Oak,Lin Wu,Write-in\n")
	n := 0
	for _, x := range []struct {
		times int
		ranks string
	}{{40, "1,,,"}, {38, ",1,2,"}, {10, ",2,1,"}, {9, "2,,1,"}, {3, "1,2,1,"}, {2, ",,,"}, {1, "2,,,1"}} {
		for range x.times {
			n++
			fmt.Fprintf(&b, "b-%d,P%d,%s\n", n, n%4, x.ranks)
		}
	}
	settings := `{"tabulatorVersion":"2.0.1","outputSettings":{"contestName":"School Board, District 4","contestDate":"2026-11-03","contestJurisdiction":"Springfield","contestOffice":"Director","tabulateByPrecinct":true},
 "cvrFileSources":[{"filePath":"votes.csv","provider":"genericCsv","firstVoteColumnIndex":"3","firstVoteRowIndex":"2","idColumnIndex":"1","precinctColumnIndex":"2","undeclaredWriteInLabel":"Write-in"}],
 "candidates":[{"name":"Rosa Peña"},{"name":"Sam Oak"},{"name":"Lin Wu"}],
 "rules":{"tiebreakMode":"useCandidateOrder","overvoteRule":"` + overvoteRule + `","winnerElectionMode":"singleWinnerMajority","numberOfWinners":"1","decimalPlacesForVoteArithmetic":"4","maxSkippedRanksAllowed":"unlimited","maxRankingsAllowed":"3"}}`
	for name, text := range map[string]string{"votes.csv": b.String(), "board_config.json": settings, "all.json": `["board_config.json","board_config.json"]`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Story: count a ranked contest and audit it. An office counts, is told that another rule for overvotes would elect somebody
// else, follows one of those ballots, corrects the rule, counts again, and gets what an audit has to prove.
func TestStoryCountARankedContestAndAuditIt(t *testing.T) {
	dir := rankedFiles(t, "exhaustImmediately")
	config := filepath.Join(dir, "board_config.json")
	code, out, errs := command(t, "election", "ranked", "tabulate", "--config", config, "--out", filepath.Join(dir, "first"), "--stamp", "night")
	if code != 0 || !strings.HasPrefix(out, "School Board, District 4: Rosa Peña\n103 ballots") {
		t.Fatalf("status %d, %s%s", code, out, errs)
	}
	if !strings.Contains(out, "alwaysSkipToNextRank instead of exhaustImmediately, would elect Sam Oak. It treats 3 ballots another way, the first in round 1.") {
		t.Errorf("no warning: %s", out)
	}
	code, out, _ = command(t, "election", "ranked", "trace", "--config", config, "--ballot", "b-98")
	if code != 0 || !strings.Contains(out, "Rosa Peña = Lin Wu > Sam Oak") || !strings.Contains(out, "an overvote, which ends the ballot") {
		t.Errorf("status %d, %s", code, out)
	}
	code, out, _ = command(t, "election", "ranked", "trace", "--config", config, "--ballot", "b-98", "--lang", "es")
	if code != 0 || !strings.Contains(out, "un voto de más, que agota la boleta") {
		t.Errorf("status %d, %s", code, out)
	}

	dir = rankedFiles(t, "alwaysSkipToNextRank")
	config = filepath.Join(dir, "board_config.json")
	report := filepath.Join(dir, "second")
	if code, out, errs = command(t, "election", "ranked", "tabulate", "--config", config, "--out", report, "--stamp", "corrected"); code != 0 || !strings.HasPrefix(out, "School Board, District 4: Sam Oak\n") {
		t.Fatalf("status %d, %s%s", code, out, errs)
	}
	for _, name := range []string{"corrected_board_detailed_report.json", "corrected_board_detailed_report.json.hash", "corrected_board_detailed_report.csv", "corrected_board_summary_report.csv",
		"corrected_board_rctab_cvr.csv", "corrected_board_by_precinct.csv", "corrected_board_rounds.es.svg", "corrected_board_rounds.en.txt", "corrected_board_other_rules.txt",
		"Tabulate by Precinct/corrected_board_P1_precinct_detailed_report.json"} {
		if info, err := os.Stat(filepath.Join(report, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(report, "*.part")); len(left) > 0 {
		t.Errorf("half-written files: %v", left)
	}

	code, out, errs = command(t, "election", "ranked", "assertions", "--config", config, "--json")
	var proof assertionsReport
	if code != 0 || json.Unmarshal([]byte(out), &proof) != nil || proof.Winner != "Sam Oak" || len(proof.Assertions) == 0 {
		t.Fatalf("status %d, %s%s", code, out, errs)
	}
	for _, a := range proof.Assertions {
		if a.Margin <= 0 {
			t.Errorf("%s has no margin", a.Says)
		}
	}
}

func TestRankedCommands(t *testing.T) {
	dir := rankedFiles(t, "alwaysSkipToNextRank")
	config := filepath.Join(dir, "board_config.json")
	code, out, errs := command(t, "election", "ranked", "tabulate", "--config", filepath.Join(dir, "all.json"), "--out", filepath.Join(dir, "out"), "--stamp", "x", "--json")
	if code != 0 || strings.Count(out, `"Sam Oak"`) != 2 {
		t.Errorf("two contests in one run: status %d, %s%s", code, out, errs)
	}
	for _, name := range []string{"School_Board__District_4", "School_Board__District_4_2"} {
		if _, err := os.Stat(filepath.Join(dir, "out", name, "x_board_detailed_report.json")); err != nil {
			t.Error(err)
		}
	}
	code, out, errs = command(t, "election", "ranked", "compare", "--config", config)
	for _, want := range []string{"bottomTwoRunoff", "condorcet", "firstChoices", "Rosa Peña"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d, no %s in %s%s", code, want, out, errs)
		}
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"trace", "--config", config, "--ballot", "b-9999"}, `has the id "b-9999"`},
		{[]string{"tabulate", "--config", filepath.Join(dir, "votes.csv"), "--out", dir}, "not JSON"},
		{[]string{"tabulate", "--config", config, "--out", dir, "--tie", "first"}, "give a round and a name"},
		{[]string{"trace", "--config", config, "--ballot", "b-1", "--lang", "fr"}, "there are en and es"},
	} {
		code, _, errs := command(t, append([]string{"election", "ranked"}, x.args...)...)
		if code == 0 || !strings.Contains(errs, x.want) {
			t.Errorf("%v: status %d, %s", x.args, code, errs)
		}
	}
}
