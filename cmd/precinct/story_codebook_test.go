package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// state gives the first organisation a loaded voter file and returns the ids of its voters.
func (p *product) state(voters int) []string {
	p.t.Helper()
	ctx := context.Background()
	dir, m := syntheticNC(p.t, voters, 0)
	a := org.Operate(1, p.site.Permits.Everything())
	store := field.VoterFiles(&p.site.Ground)
	file, err := store.Create(ctx, a, voterfile.File{Name: "Statewide file", Layout: layout.NC})
	if err != nil {
		p.t.Fatal(err)
	}
	quiet := func(string, int64, int64) {}
	id, err := receiveSynth(ctx, store, a, file, m, dir)
	if err == nil {
		_, err = store.Rehearse(ctx, a, id, quiet)
	}
	if err == nil {
		_, err = store.Load(ctx, a, id, voterfile.LoadOptions{}, quiet)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	ids, err := db.All[string](db.WithSite(ctx), p.site.DB, `SELECT state_id FROM field_person WHERE confidential = 0 ORDER BY person_id LIMIT 100`)
	if err != nil {
		p.t.Fatal(err)
	}
	return ids
}

// colleague is somebody else of the first organisation, signed in.
func (p *product) colleague(name, email, role string) *visitor {
	p.t.Helper()
	a := org.Operate(1, p.site.Permits.Everything())
	var token string
	err := p.site.DB.Transact(a.Within(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		id, err := p.site.Orgs.Admit(ctx, tx, a, name, email, role, words.EN)
		if err == nil {
			token, err = p.site.Accounts.Link(ctx, tx, id, demoLinkTime, false)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	v := p.visitor()
	v.goTo(signInLink(token))
	v.makePasskey()
	return v
}

// write makes a file of lines and returns its path.
func write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The data associate defines a question and loads a phone bank's answers from a file in which two rows are wrong.
func TestStoryLoadAnswersFromAFile(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	ids := p.state(500)
	o := p.owner()
	o.goTo("/o/1/field/codebook")
	o.see("Survey questions: none yet")
	o.check("codebook empty")
	o.press("Make a question")
	o.see("Answers to choose from")
	o.check("make a question")
	o.checkSpanish("make a question")
	o.press("Make a question")
	o.fill("name", "Transit measure")
	o.fill("parts", "Strong support\nUndecided\nAgainst")
	o.press("Make a question")
	o.see("Nothing recorded yet")
	o.check("question")

	o.press("Load a file")
	o.see("Drop the file here")
	o.check("choose a file")
	o.checkSpanish("choose a file")
	file := write(t, "phones.csv", "Voter,Answer given,Called on", ids[0]+",Strong support,2026-10-01", ids[1]+",undecided,2026-10-02", "XX999,Against,2026-10-02", ids[2]+",Maybe,2026-10-02")
	o.files("upload", file)
	o.press("Send the file")
	o.see("Column of the file")
	o.check("match the columns")
	o.checkSpanish("match the columns")
	o.choose("voter_id", "Voter")
	o.choose("response", "Answer given")
	o.choose("day", "Called on")
	o.fill("name", "Phone bank")
	o.press("Rehearse the rows")
	o.see("No voter of this file has this id.")
	o.see("This must be one of: Strong support, Undecided, Against.")
	o.check("rehearsed upload")
	o.checkSpanish("rehearsed upload")
	o.press("Load 2 rows")
	o.see("2 rows are loaded.")
	o.check("loaded upload")
	o.goTo("/o/1/field/codebook/question/1")
	o.see("2 people were asked")
	o.check("question with answers")
	o.goTo("/o/1/field/upload")
	o.see("phones.csv")
	o.check("uploads")
	o.checkSpanish("uploads")
}

// Scores come in a file, and show only after somebody else has looked at them.
func TestStoryApproveScores(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	ids := p.state(500)
	o := p.owner()
	o.goTo("/o/1/field/codebook/score/new")
	o.fill("name", "Transit model")
	o.fill("decimals", "1")
	o.check("make a score")
	o.press("Make a score")
	o.see("No values yet")
	o.press("Load a file")
	o.see("Average the scores should have")
	o.check("choose a file of scores")
	o.fill("average", "50")
	o.fill("tolerance", "2")
	lines := []string{"Voter ID,Score"}
	for i, id := range ids {
		lines = append(lines, fmt.Sprintf("%s,%d.5", id, i%90))
	}
	o.files("upload", write(t, "model.csv", lines...))
	o.press("Send the file")
	o.see("Column of the file")
	o.press("Rehearse the rows")
	o.see("Rows that fit")
	o.press("Load 100 rows")
	o.see("wait for approval")
	o.press("Look at the file")
	o.see("Another person decides")
	o.check("own file of scores")

	d := p.colleague("Dolores Achterberg", "dolores@halden.example", "data-associate")
	d.goTo("/o/1/field/codebook?kind=score")
	d.see("waits for approval")
	d.check("scores waiting")
	d.press("Look at the file")
	d.see("was announced")
	d.check("file of scores")
	d.checkSpanish("file of scores")
	d.press("Approve 100 values")
	d.see("Say why these scores are right all the same")
	d.check("approve without a reason")
	d.fill("reason", "The vendor told us that the model was changed.")
	d.press("Approve 100 values")
	d.see("100 people have it")
	d.check("score")
	d.checkSpanish("score")
}

// A volunteer writes down by hand what came of a visit, and reads it on the profile.
func TestStoryRecordAVisit(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(500)
	o := p.owner()
	o.goTo("/o/1/field/codebook/question/new")
	o.fill("name", "Transit measure")
	o.fill("parts", "Strong support\nAgainst")
	o.press("Make a question")
	o.see("Nothing recorded yet")
	o.goTo("/o/1/field/codebook/code/new")
	o.fill("name", "Yard sign")
	o.press("Make a code")
	o.see("Nothing recorded yet")
	o.goTo("/o/1/field/person/5?purpose=follow-up")
	o.see("No contacts yet")
	o.press("Record a contact")
	o.see("How did it go?")
	o.check("record")
	o.checkSpanish("record")
	o.press("Record it")
	o.see("Nothing is chosen yet")
	o.choose("channel", "door")
	o.choose("result", "reached")
	o.choose("question-1", "1")
	o.press("Give Yard sign")
	o.press("Record it")
	o.see("Reached")
	o.see("Strong support")
	o.see("Yard sign")
	o.check("profile with contacts")
	o.checkSpanish("profile with contacts")
}
