package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// command runs one command line and returns its status and what it printed.
func command(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, streams{&o, &e})
	return code, o.String(), e.String()
}

// TestListCommands does by command what the pages do: count, explain, export, build, and the doctor's look at it.
func TestListCommands(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			files := t.TempDir()
			site := []string{"--site", files}
			if engine == "postgres" {
				site = []string{"--database", dbtest.PostgresURL(t), "--files", files}
			}
			dir, m := syntheticNC(t, 1000, 0)
			if code, _, err := command(t, append([]string{"field", "voterfile", "import", "--layout", "nc", "--voters", filepath.Join(dir, "ncvoter_Statewide.txt"),
				"--history", filepath.Join(dir, "ncvhis_Statewide.txt")}, site...)...); code != 0 {
				t.Fatalf("importing: %s", err)
			}
			in := func(name string, args ...string) []string {
				return append(append([]string{"field", "list", name}, args...), site...)
			}
			criteria := func(text string) string { return write(t, "criteria.json", text) }
			everybody := criteria(`{"version":1,"steps":[{"do":"start"}]}`)

			code, out, err := command(t, in("count", "--json", "--criteria", everybody)...)
			var n counted
			if code != 0 || json.Unmarshal([]byte(out), &n) != nil || n.People == 0 || n.People > int64(m.Voters) || n.Slow || n.Sentence != "Everybody on the voter file." {
				t.Fatalf("counting: %d, %s %s", code, out, err)
			}
			to := filepath.Join(t.TempDir(), "all.csv")
			code, out, err = command(t, in("export", "--json", "--criteria", everybody, "--purpose", "a test", "--to", to)...)
			var r struct {
				Rows   int64  `json:"rows"`
				SHA256 string `json:"sha256"`
			}
			b, _ := os.ReadFile(to)
			sum := sha256.Sum256(b)
			if code != 0 || json.Unmarshal([]byte(out), &r) != nil || r.Rows != n.People || r.SHA256 != hex.EncodeToString(sum[:]) || int64(bytes.Count(b, []byte("\r\n"))) != n.People+1 {
				t.Errorf("exporting: %d, %s %s", code, out, err)
			}
			if code, out, err = command(t, in("explain", "--channel", "door", "--criteria", everybody)...); code != 0 || !strings.Contains(out, "(always on)") || !strings.Contains(out, "suppressed") {
				t.Errorf("explaining: %d, %s %s", code, out, err)
			}
			elsewhere := criteria(`{"version":1,"steps":[{"do":"start","where":{"near":{"lon":10,"lat":50,"metres":1000}}}]}`)
			code, out, err = command(t, in("count", "--json", "--criteria", elsewhere)...)
			var doubted struct {
				People int64    `json:"people"`
				Doubts []string `json:"doubts"`
			}
			if code != 0 || json.Unmarshal([]byte(out), &doubted) != nil || doubted.People != 0 || len(doubted.Doubts) != 1 || !strings.Contains(doubted.Doubts[0], "No address of this voter file is on the map yet") {
				t.Errorf("an area of nobody: %d, %s %s", code, out, err)
			}
			if code, out, err = command(t, in("count", "--criteria", elsewhere)...); code != 0 || !strings.Contains(err, "Look again: ") || strings.Contains(out, "Look again") {
				t.Errorf("an area of nobody, in words: %d, %s %s", code, out, err)
			}
			if _, out, _ = command(t, in("count", "--json", "--criteria", everybody)...); strings.Contains(out, "doubts") {
				t.Errorf("nothing to doubt: %s", out)
			}
			for what, c := range map[string][2]string{
				"an unknown code":        {criteria(`{"version":1,"steps":[{"do":"start","where":{"code":{"codes":[7]}}}]}`), "code"},
				"an unknown member":      {criteria(`{"version":1,"steps":[{"do":"start","wher":{}}]}`), "wher"},
				"no JSON":                {criteria(`women`), "JSON"},
				"a file that is nowhere": {filepath.Join(files, "nothing.json"), "nothing.json"},
			} {
				if code, out, err := command(t, in("count", "--criteria", c[0])...); code == 0 || !strings.Contains(err, c[1]) {
					t.Errorf("%s: %d, %s %s", what, code, out, err)
				}
			}
			if code, _, err := command(t, in("count")...); code == 0 || !strings.Contains(err, "--criteria") {
				t.Errorf("nobody asked for: %d, %s", code, err)
			}
			if code, _, err := command(t, in("count", "--criteria", everybody, "--file", "77")...); code == 0 || !strings.Contains(err, "no such voter file") {
				t.Errorf("a foreign file: %d, %s", code, err)
			}
			damage(t, filepath.Join(files, "segments"))
			if code, out, err = command(t, in("count", "--json", "--criteria", everybody)...); code != 0 || !strings.Contains(out, `"people": `+strconv.FormatInt(n.People, 10)) {
				t.Errorf("after the segment was damaged: %d, %s %s", code, out, err)
			}
			if code, out, err = command(t, in("build")...); code != 0 {
				t.Errorf("building: %d, %s %s", code, out, err)
			}
			if code, out, err = command(t, append([]string{"doctor"}, site...)...); code != 0 {
				t.Errorf("the doctor: %d, %s %s", code, out, err)
			}
		})
	}
}

// damage cuts off half of every file of the segments.
func damage(t *testing.T, dir string) {
	t.Helper()
	cut := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		cut++
		return os.Truncate(path, i.Size()/2)
	})
	if err != nil || cut == 0 {
		t.Fatalf("%d files were cut, %v", cut, err)
	}
}
