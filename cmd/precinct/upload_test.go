package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
)

// TestUploadCommand rehearses a file of answers, is refused, and loads what fits.
func TestUploadCommand(t *testing.T) {
	site := t.TempDir()
	dir, _ := syntheticNC(t, 300, 0)
	if code, _, err := command(t, "field", "voterfile", "import", "--layout", "nc", "--voters", filepath.Join(dir, "ncvoter_Statewide.txt"), "--site", site); code != 0 {
		t.Fatalf("importing: %s", err)
	}
	d, err := db.Open(context.Background(), db.Config{Dir: site})
	if err != nil {
		t.Fatal(err)
	}
	all := db.WithSite(context.Background())
	err = d.Transact(all, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_question (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (4, 1, 'Transit measure', 'Transit', 'Tr', 'active', 1, 1, 1)`); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `INSERT INTO field_response (id, question_id, position, name, medium_name, short_name, status) VALUES (9, 4, 0, 'Strong support', 'SS', 'S', 'active')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ids, err := db.All[string](all, d, `SELECT state_id FROM field_voter_key ORDER BY state_id LIMIT 2`)
	if err != nil || len(ids) != 2 {
		t.Fatalf("%d voters, %v", len(ids), err)
	}
	given := func() int64 {
		t.Helper()
		n, err := db.One[int64](all, d, `SELECT COUNT(*) FROM field_answer`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	defer func() { _ = d.Close() }()
	file := write(t, "answers.csv", "Ballot id,Said\r\n"+ids[0]+",Strong support\r\n"+ids[1]+",S\r\nZZ999,S\r\n")
	args := func(more ...string) []string {
		return append([]string{"field", "upload", file, "--site", site, "--kind", "answer", "--of", "transit measure", "--column", "voter_id=Ballot id", "--column", "response=Said", "--json"}, more...)
	}
	var r uploaded
	code, out, errs := command(t, args()...)
	if code != 0 || json.Unmarshal([]byte(out), &r) != nil || r.Loaded || r.Read != 3 || r.Fit != 2 || r.Refused != 1 || len(r.Troubles) != 1 || r.Troubles[0].Said != "No voter of this file has this id." || given() != 0 {
		t.Fatalf("rehearsing: %d, %s %s", code, out, errs)
	}
	if code, _, errs = command(t, args("--load")...); code == 0 || !strings.Contains(errs, "nothing was loaded") || given() != 0 {
		t.Errorf("loading what is refused: %d, %s", code, errs)
	}
	code, out, errs = command(t, args("--load", "--leave")...)
	if r = (uploaded{}); code != 0 || json.Unmarshal([]byte(out), &r) != nil || !r.Loaded || given() != 2 {
		t.Errorf("loading the rest: %d, %s %s", code, out, errs)
	}
	for what, c := range map[string][]string{
		"--of":         {"field", "upload", file, "--site", site, "--kind", "answer"},
		"enum":         {"field", "upload", file, "--site", site, "--kind", "poem"},
		"no such file": {"field", "upload", filepath.Join(site, "nothing.csv"), "--site", site, "--kind", "phone"},
		"voter id":     {"field", "upload", write(t, "x.csv", "a,b\r\n1,2\r\n"), "--site", site, "--kind", "phone"},
	} {
		if code, _, errs := command(t, c...); code == 0 || what != "enum" && !strings.Contains(errs, what) {
			t.Errorf("%s: %d, %s", what, code, errs)
		}
	}
}
