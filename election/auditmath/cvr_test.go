package auditmath

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cvrCase is an expected.json beside the files of a voting system.
type cvrCase struct {
	Vendor, Manifest, CVR string
	Expect                any
}

func TestImportEqualsThePeer(t *testing.T) {
	paths, err := filepath.Glob("../../../shared/samples/audit/cvr/*/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("no samples of cast vote records beside the repository")
	}
	for _, p := range paths {
		dir := filepath.Dir(p)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			raw, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			var c cvrCase
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			got, err := importCVRs(importInput{Vendor: c.Vendor, Manifest: filepath.Join(dir, c.Manifest), CVR: filepath.Join(dir, c.CVR)})
			if err != nil {
				t.Fatal(err)
			}
			raw, err = json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var plain any
			if err := json.Unmarshal(raw, &plain); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Expect, plain); diff != "" {
				t.Errorf("import (-peer +ours):\n%.3000s", diff)
			}
		})
	}
}

// The peer's guess of an encoding is a rule of ours made from its samples; these are its edges.
func TestOneLetter(t *testing.T) {
	for text, want := range map[string]bool{
		"Ann,Bob": false, "Çelik,Bob": true, "Çelik,Zoë": false, "\xc7elik": false, "\xef\xbb\xbfÇelik": false, "abc\xc3": false, "Ç\xc3": true,
	} {
		if got := oneLetter([]byte(text)); got != want {
			t.Errorf("oneLetter(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	const head = "E,5.10\n,,,,Mayor (Vote For=1),Mayor (Vote For=1)\n,,,,Ann,Bob\nTabulatorNum,BatchId,RecordId,ImprintedId,,\n"
	for name, c := range map[string]struct{ manifest, cvr, want string }{
		"a manifest smaller than its records": {"Tabulator,Batch Name,Number of Ballots\n1,A,1\n1,B,9\n", head + "1,A,1,x,0,1\n1,A,2,y,0,1\n", "has 1 ballots, and 2 records"},
		"a batch that is not in the manifest": {"Tabulator,Batch Name,Number of Ballots\n1,A,1\n", head + "1,C,1,x,0,1\n", "no batch “C” of tabulator “1”"},
		"one record twice":                    {"Tabulator,Batch Name,Number of Ballots\n1,A,7\n", head + "1,A,1,x,0,1\n1,A,1,x,0,1\n", "Two records have the number 1"},
	} {
		dir := t.TempDir()
		in := importInput{Vendor: "dominion", Manifest: filepath.Join(dir, "m.csv"), CVR: filepath.Join(dir, "c.csv")}
		for path, text := range map[string]string{in.Manifest: c.manifest, in.CVR: c.cvr} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := importCVRs(in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
