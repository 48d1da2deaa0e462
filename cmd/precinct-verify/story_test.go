package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/election/audit/record"
	"github.com/openprecinct/precinct/election/cvr"
)

// town is an election of four batches of fifty ballots. The paper says what voters marked; the records say what a machine read.
type town struct {
	manifest, records string
	paper             map[record.Paper]record.Found
}

// vote makes the town vote. The machine reads the ballot called misread for the other.
func vote(misread int) town {
	w := town{manifest: "Tabulator,Batch Name,Number of Ballots\n", paper: map[record.Paper]record.Found{}}
	w.records = "Town,5.10\n,,,,Mayor (Vote For=1),Mayor (Vote For=1)\n,,,,Ann,Bob\nTabulatorNum,BatchId,RecordId,ImprintedId,,\n"
	for b := range 4 {
		w.manifest += fmt.Sprintf("1,Box %d,50\n", b+1)
		for i := range 50 {
			n := 50*b + i
			ann := n%3 != 0
			p := record.Paper{Jurisdiction: "Town", Tabulator: "1", Batch: fmt.Sprintf("Box %d", b+1), Position: i + 1}
			w.paper[p] = record.Found{Paper: p, Votes: map[string]int{name(ann): 1}}
			if n == misread {
				ann = !ann
			}
			cells := "0,1"
			if ann {
				cells = "1,0"
			}
			w.records += fmt.Sprintf("1,Box %d,%d,T-%d,%s\n", b+1, i+1, n, cells)
		}
	}
	return w
}

func name(ann bool) string {
	if ann {
		return "Ann"
	}
	return "Bob"
}

// votes counts the records.
func (w town) votes() (ann, bob int) {
	return strings.Count(w.records, ",1,0\n"), strings.Count(w.records, ",0,1\n")
}

// audit is what the office does in public: it commits, rolls dice, draws, looks at papers, publishes. It returns the fingerprint of the commitment and
// which papers were drawn.
func (w town) audit(t *testing.T, path, seed string, size int) (commitment string, drawn []record.Draw) {
	t.Helper()
	var b record.Builder
	for part, text := range map[string]string{"parts/manifest.csv": w.manifest, "parts/cvr.csv": w.records} {
		if err := b.AddPart(part, cvr.Bytes(part, []byte(text))); err != nil {
			t.Fatal(err)
		}
	}
	ann, bob := w.votes()
	commitment, err := b.Commit(record.Commitment{
		Election:      "Town, spring",
		Contests:      []record.Contest{{Name: "Mayor", Method: record.SuperSimple, RiskLimit: 1000, Winners: 1, VotesAllowed: 1, Ballots: 200, Choices: []record.Choice{{Name: "Ann", Votes: ann}, {Name: "Bob", Votes: bob}}}},
		Jurisdictions: []record.Jurisdiction{{Name: "Town", Manifest: "parts/manifest.csv", Records: &record.Records{Vendor: "dominion", Parts: []string{"parts/cvr.csv"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Seed(seed); err != nil {
		t.Fatal(err)
	}
	if drawn, err = b.Draw("Mayor", size, 0); err != nil {
		t.Fatal(err)
	}
	var found []record.Found
	seen := map[record.Paper]bool{}
	for _, d := range drawn {
		if !seen[d.Paper] {
			found = append(found, w.paper[d.Paper])
		}
		seen[d.Paper] = true
	}
	if _, _, err := b.Audit("Mayor", found); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := b.Write(&file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return commitment, drawn
}

// ask runs the command.
func ask(args ...string) (code int, out string) {
	var o, e bytes.Buffer
	code = run(args, "C", &o, &e)
	return code, o.String() + e.String()
}

// rewrite changes files of a record.
func rewrite(t *testing.T, from, to string, change func(name string, b []byte) []byte) {
	t.Helper()
	z, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(change(f.Name, b)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestObserverFindsAChangedBallot(t *testing.T) {
	const seed = "90210486013275518846"
	dir := t.TempDir()
	published := filepath.Join(dir, "town.zip")
	_, drawn := vote(-1).audit(t, published, seed, 25)

	// The observer wrote down the fingerprint in the newspaper and the dice in the room, and follows the record at home.
	read := vote(-1)
	commitment, _ := read.audit(t, published, seed, 25)
	code, out := ask("audit", published, "--commitment", commitment, "--seed", seed)
	if code != follows || !strings.Contains(out, "the seed gives exactly the 25 draws") || !strings.Contains(out, "the audit confirms the outcome") {
		t.Fatalf("the record as published: %d\n%s", code, out)
	}

	// Somebody changes one ballot in the records afterwards.
	changed := filepath.Join(dir, "changed.zip")
	rewrite(t, published, changed, func(name string, b []byte) []byte {
		if name == "parts/cvr.csv" {
			return bytes.Replace(b, []byte("T-7,1,0"), []byte("T-7,0,1"), 1)
		}
		return b
	})
	code, out = ask("audit", "--commitment", commitment, changed)
	if code != doesNot || !strings.Contains(out, "The part “parts/cvr.csv” has the fingerprint") || !strings.Contains(out, "It was changed after the commitment.") {
		t.Errorf("a changed ballot: %d\n%s", code, out)
	}

	// And makes a new commitment to the changed file, and new fingerprints: the votes reported are no longer those of the records.
	forged := filepath.Join(dir, "forged.zip")
	refasten(t, changed, forged)
	code, out = ask("audit", forged)
	if code != doesNot || !strings.Contains(out, "votes are reported for “Ann”, and the records hold") {
		t.Errorf("a changed ballot with new fingerprints: %d\n%s", code, out)
	}

	// A machine that read a ballot wrong before anything was published is found if the ballot is drawn, and the p-value says so.
	wrong := 50*int(drawn[0].Batch[len("Box ")]-'1') + drawn[0].Position - 1
	misread := filepath.Join(dir, "misread.zip")
	vote(wrong).audit(t, misread, seed, 25)
	code, out = ask("audit", misread)
	if code != follows || !strings.Contains(out, "1 of them other than reported") {
		t.Errorf("a ballot read wrong: %d\n%s", code, out)
	}
	if !strings.Contains(out, "No file can prove that the papers are those that were cast") {
		t.Errorf("what cannot be proven is not said:\n%s", out)
	}

	// The same in Spanish.
	code, out = ask("audit", changed, "--lang", "es")
	if code != doesNot || !strings.Contains(out, "Se cambió después del compromiso.") {
		t.Errorf("in Spanish: %d\n%s", code, out)
	}
}

// refasten writes the fingerprints of a record anew, from the first to the last.
func refasten(t *testing.T, from, to string) {
	t.Helper()
	all := map[string][]byte{}
	rewrite(t, from, to, func(name string, b []byte) []byte { all[name] = b; return b })
	sum := func(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
	for i := 1; ; i++ {
		step := fmt.Sprintf("steps/%04d.json", i)
		raw, ok := all[step]
		if !ok {
			break
		}
		var s map[string]any
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			s["commitment"].(map[string]any)["parts"] = map[string]string{"parts/cvr.csv": sum(all["parts/cvr.csv"]), "parts/manifest.csv": sum(all["parts/manifest.csv"])}
		} else {
			s["before"] = sum(all[fmt.Sprintf("steps/%04d.json", i-1)])
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		all[step] = raw
	}
	rewrite(t, from, to, func(name string, _ []byte) []byte { return all[name] })
}

func TestBadQuestions(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(text, []byte("not a record"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, notProper, "say what is to be verified"},
		{[]string{"ledger"}, notProper, "say what is to be verified"},
		{[]string{"audit"}, notProper, "name the file with the record"},
		{[]string{"audit", "a", "b"}, notProper, "name one file, not a and b"},
		{[]string{"audit", "--sed", "1", "a"}, notProper, "flag provided but not defined"},
		{[]string{"audit", filepath.Join(dir, "nothing")}, notProper, "no such file"},
		{[]string{"audit", text}, doesNot, "record is damaged or is not a zip file"},
	} {
		if code, out := ask(c.args...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d, want %d and %q:\n%s", c.args, code, c.code, c.want, out)
		}
	}
}

// Every sentence has its Spanish where the command says it.
func TestSpanishIsWhole(t *testing.T) {
	if _, err := translator("es"); err != nil {
		t.Error(err)
	}
}
