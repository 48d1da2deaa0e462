package scriptstore

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

// world is a site with a question of organisation 1.
type world struct {
	*Store
	db       *db.DB
	book     *codebook.Store
	question codebook.Definition
}

func run(t *testing.T, f func(t *testing.T, w world)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		err := d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `INSERT INTO org (id, name, kind, created_at) VALUES (1, 'Halden Voter Table', 'table', 1), (2, 'Lakeshore Neighbors', 'partner', 1)`)
			return err
		})
		must(t, err)
		now := func() time.Time { return testNow }
		w := world{db: d, book: &codebook.Store{DB: d, Now: now}}
		w.Store = New(Config{DB: d, Codebook: w.book, Now: now})
		a := actor(t, 1)
		id, err := w.book.Define(t.Context(), a, codebook.Definition{Kind: codebook.Question, Name: "Support", Purpose: "Can we count on you?", Shared: true,
			Parts: []codebook.Part{{Name: "Yes"}, {Name: "No"}}})
		must(t, err)
		w.question, err = w.book.Definition(t.Context(), a, codebook.Question, id)
		must(t, err)
		f(t, w)
	})
}

func actor(t testing.TB, o org.ID, ps ...permit.Permit) org.Actor {
	t.Helper()
	c, err := permit.NewCatalog(Permits, codebook.Permits)
	must(t, err)
	if len(ps) == 0 {
		ps = []permit.Permit{PermitShare, codebook.PermitShare}
	}
	return org.Operate(o, c.Expand(ps...))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// greeting is a script with one line.
func greeting(text string) script.Content {
	return script.Content{Version: 1, Languages: []string{"en"}, Person: []script.Step{{ID: "s1", Kind: script.Say, Text: script.Text{"en": text}}}}
}

func (w world) asking() script.Content {
	c := greeting("Hello {first}")
	c.Person = append(c.Person, script.Step{ID: "s2", Kind: script.Question, Question: int64(w.question.ID)})
	return c
}

func door(name string) Script { return Script{Name: name, Channel: person.ByDoor} }

func (w world) made(t *testing.T, x Script, c script.Content) ID {
	t.Helper()
	id, err := w.Make(t.Context(), actor(t, 1), x, c)
	must(t, err)
	return id
}

func (w world) published(t *testing.T, x Script, c script.Content) ID {
	t.Helper()
	id := w.made(t, x, c)
	d, err := w.Draft(t.Context(), actor(t, 1), id)
	must(t, err)
	_, err = w.Publish(t.Context(), actor(t, 1), id, d.Mark)
	must(t, err)
	return id
}

func TestAVersionNeverChanges(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, a := t.Context(), actor(t, 1)
		id := w.published(t, door("Doors"), greeting("One"))
		d, err := w.Draft(ctx, a, id)
		must(t, err)
		mark, err := w.SaveDraft(ctx, a, id, d.Mark, greeting("Two"))
		must(t, err)
		first, err := w.Content(ctx, a, id, 1)
		must(t, err)
		if diff := cmp.Diff(greeting("One"), first); diff != "" {
			t.Error("a draft changed version 1:", diff)
		}
		n, err := w.Publish(ctx, a, id, mark)
		must(t, err)
		if n != 2 {
			t.Errorf("the second version is %d", n)
		}
		n, err = w.Restore(ctx, a, id, 1)
		must(t, err)
		third, err := w.Content(ctx, a, id, n)
		must(t, err)
		if n != 3 || !cmp.Equal(third, greeting("One")) {
			t.Errorf("restored as version %d: %v", n, third)
		}
		second, err := w.Content(ctx, a, id, 2)
		must(t, err)
		if !cmp.Equal(second, greeting("Two")) {
			t.Error("version 2 became", second)
		}
		all, err := w.Versions(ctx, a, id)
		must(t, err)
		if len(all) != 3 || all[0].Version != 3 || !all[0].At.Equal(testNow) {
			t.Errorf("versions: %+v", all)
		}
	})
}

func TestTwoWritersNoticeEachOther(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, a := t.Context(), actor(t, 1)
		id := w.made(t, door("Doors"), greeting("One"))
		d, err := w.Draft(ctx, a, id)
		must(t, err)
		mark, err := w.SaveDraft(ctx, a, id, d.Mark, greeting("Mine"))
		must(t, err)
		if _, err := w.SaveDraft(ctx, a, id, d.Mark, greeting("Yours")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the second writer got %v", err)
		}
		if again, err := w.SaveDraft(ctx, a, id, d.Mark, greeting("Mine")); err != nil || again != mark {
			t.Errorf("saving twice what was sent twice: mark %q, want %q, %v", again, mark, err)
		}
		if _, err := w.Publish(ctx, a, id, d.Mark); fault.KindOf(err) != fault.Conflict {
			t.Errorf("publishing what one has not seen: %v", err)
		}
		now, err := w.Draft(ctx, a, id)
		must(t, err)
		if now.Mark != mark || !cmp.Equal(now.Content, greeting("Mine")) {
			t.Errorf("kept: %+v", now)
		}
	})
}

func TestDrafts(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, a := t.Context(), actor(t, 1)
		id := w.made(t, door("Doors"), greeting("One"))
		d, err := w.Draft(ctx, a, id)
		must(t, err)
		if err := w.DropDraft(ctx, a, id, d.Mark); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a script that was never published lost its draft: %v", err)
		}
		_, err = w.Publish(ctx, a, id, d.Mark)
		must(t, err)
		if _, err := w.Publish(ctx, a, id, d.Mark); fault.KindOf(err) != fault.Conflict {
			t.Errorf("published twice: %v", err)
		}
		mark, err := w.SaveDraft(ctx, a, id, d.Mark, greeting("Two"))
		must(t, err)
		if _, err := w.Restore(ctx, a, id, 1); fault.KindOf(err) != fault.Conflict {
			t.Errorf("restored over a draft: %v", err)
		}
		mark, err = w.SaveDraft(ctx, a, id, mark, greeting("One"))
		must(t, err)
		if x, err := w.Script(ctx, a, id); err != nil || x.Draft {
			t.Errorf("a draft that says what version 1 says is still one: %+v %v", x, err)
		}
		mark, err = w.SaveDraft(ctx, a, id, mark, greeting("Three"))
		must(t, err)
		must(t, w.DropDraft(ctx, a, id, mark))
		now, err := w.Draft(ctx, a, id)
		must(t, err)
		if !cmp.Equal(now.Content, greeting("One")) {
			t.Errorf("after the draft was dropped: %v", now.Content)
		}
	})
}

func TestWhatCannotBeWalkedThroughIsNotPublished(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, a := t.Context(), actor(t, 1)
		bad := w.asking()
		bad.Person[1].Question = 999
		id := w.made(t, door("Doors"), bad)
		d, err := w.Draft(ctx, a, id)
		must(t, err)
		_, err = w.Publish(ctx, a, id, d.Mark)
		if wrong := (script.Problems{}); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "This question is gone") {
			t.Errorf("published: %v", err)
		}
		bad.Person[1].ID = "Not an id"
		if _, err := w.SaveDraft(ctx, a, id, d.Mark, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("kept what cannot be read again: %v", err)
		}
	})
}

func TestOthersSeeWhatIsSharedAndPublished(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, mine, theirs := t.Context(), actor(t, 1), actor(t, 2)
		shared := door("Shared")
		shared.Shared = true
		open, private := w.published(t, shared, w.asking()), w.published(t, door("Private"), greeting("x"))
		half := shared
		half.Name = "Half written"
		unwritten := w.made(t, half, greeting("x"))
		all, err := w.All(ctx, theirs, true)
		must(t, err)
		if len(all) != 1 || all[0].ID != open || all[0].OrgName != "Halden Voter Table" {
			t.Errorf("the other organization sees %+v", all)
		}
		for _, id := range []ID{private, unwritten} {
			if _, err := w.Script(ctx, theirs, id); fault.KindOf(err) != fault.NotFound {
				t.Errorf("script %d: %v", id, err)
			}
			if _, err := w.Packet(ctx, w.db, theirs, id, 0); fault.KindOf(err) != fault.NotFound {
				t.Errorf("packet of script %d: %v", id, err)
			}
		}
		if _, err := w.Draft(ctx, theirs, open); fault.KindOf(err) != fault.Denied {
			t.Errorf("writes another's script: %v", err)
		}
		x, err := w.Script(ctx, theirs, open)
		must(t, err)
		if err := w.Change(ctx, theirs, x); fault.KindOf(err) != fault.Denied {
			t.Errorf("changes another's script: %v", err)
		}
		if err := w.Change(ctx, actor(t, 1, PermitWrite), Script{ID: open, Name: "Mine now", Channel: person.ByDoor}); fault.KindOf(err) != fault.Denied {
			t.Errorf("stopped sharing without the permit to share: %v", err)
		}
		p, err := w.Packet(ctx, w.db, org.Operate(2, permit.Set{}), open, 0)
		must(t, err)
		if p.Version != 1 || p.Name != "Shared" || len(p.Person) != 2 || len(p.Person[1].Responses) != 2 || p.Person[1].Text["en"] != "Can we count on you?" {
			t.Errorf("the packet is %+v", p)
		}
		offered, err := w.Offered(ctx, mine, person.ByDoor)
		must(t, err)
		if len(offered) != 2 {
			t.Errorf("offered: %+v", offered)
		}
		if offered, err = w.Offered(ctx, mine, person.ByCall); err != nil || len(offered) != 0 {
			t.Errorf("offered on the phone: %+v %v", offered, err)
		}
	})
}

func TestNames(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx, a := t.Context(), actor(t, 1)
		id := w.made(t, door("  Saturday \n doors "), greeting("x"))
		x, err := w.Script(ctx, a, id)
		must(t, err)
		if x.Name != "Saturday doors" || x.Status != codebook.Active || !x.Draft || x.Version != 0 {
			t.Errorf("made as %+v", x)
		}
		for _, bad := range []Script{{}, {Name: strings.Repeat("a", 81), Channel: person.ByDoor}, {Name: "x", Channel: person.ByMail}, door("Saturday doors")} {
			if _, err := w.Make(ctx, a, bad, greeting("x")); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		x.Name, x.Status = "Sunday doors", codebook.Archived
		must(t, w.Change(ctx, a, x))
		if all, err := w.All(ctx, a, false); err != nil || len(all) != 0 {
			t.Errorf("archived and still listed: %+v %v", all, err)
		}
	})
}

func TestPermits(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		ctx := t.Context()
		id := w.published(t, door("Doors"), greeting("x"))
		see, nobody := actor(t, 1, PermitSee), org.Operate(1, permit.Set{})
		for name, err := range map[string]error{
			"make":      second(w.Make(ctx, see, door("Other"), greeting("x"))),
			"change":    w.Change(ctx, see, Script{ID: id, Name: "x", Channel: person.ByDoor}),
			"draft":     second(w.Draft(ctx, see, id)),
			"save":      second(w.SaveDraft(ctx, see, id, "", greeting("y"))),
			"drop":      w.DropDraft(ctx, see, id, ""),
			"publish":   second(w.Publish(ctx, see, id, "")),
			"restore":   second(w.Restore(ctx, see, id, 1)),
			"share":     second(w.Make(ctx, actor(t, 1, PermitWrite), Script{Name: "Other", Channel: person.ByDoor, Shared: true}, greeting("x"))),
			"all":       second(w.All(ctx, nobody, false)),
			"script":    second(w.Script(ctx, nobody, id)),
			"content":   second(w.Content(ctx, nobody, id, 1)),
			"versions":  second(w.Versions(ctx, nobody, id)),
			"catalogue": second(w.Catalogue(ctx, nobody)),
		} {
			if fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestWhatASharedScriptAsksWithCanBeSharedToo(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		a := actor(t, 1)
		var ids []int64
		for _, d := range []codebook.Definition{{Kind: codebook.Question, Name: "Issue", Purpose: "What matters?", Parts: []codebook.Part{{Name: "Schools"}, {Name: "Roads"}}}, {Kind: codebook.Code, Name: "Yard sign"}, {Kind: codebook.Code, Name: "Not asked"}} {
			id, err := w.book.Define(t.Context(), a, d)
			must(t, err)
			ids = append(ids, int64(id))
		}
		issue, err := w.book.Definition(t.Context(), a, codebook.Question, codebook.ID(ids[0]))
		must(t, err)
		issue.Parts = issue.Parts[:1] // the other is no longer offered
		must(t, w.book.Change(t.Context(), a, issue))
		id, err := w.Make(t.Context(), a, Script{Name: "Doors", Channel: person.ByDoor, Shared: true}, script.Content{Version: 1, Languages: []string{"en"}, Household: []script.Step{}, Person: []script.Step{
			{ID: "s1", Kind: script.Question, Question: int64(w.question.ID), Text: script.Text{"en": "?"}}, {ID: "s2", Kind: script.Question, Question: ids[0], Text: script.Text{"en": "?"}},
			{ID: "s3", Kind: script.Ask, Codes: []int64{ids[1]}, Text: script.Text{"en": "?"}}}})
		must(t, err)
		e, err := w.Draft(t.Context(), a, id)
		must(t, err)
		_, err = w.Publish(t.Context(), a, id, e.Mark)
		must(t, err)
		asked := func(o org.ID) int {
			p, err := w.Packet(t.Context(), w.db, actor(t, o), id, 0)
			must(t, err)
			return len(p.Person)
		}
		if all, err := w.Unshared(t.Context(), a, e.Content); err != nil || len(all) != 2 || all[0].Name != "Issue" || all[1].Name != "Yard sign" {
			t.Errorf("%+v %v", all, err)
		}
		if asked(1) != 3 || asked(2) != 1 {
			t.Errorf("before: %d steps here, %d for others", asked(1), asked(2))
		}
		if _, err := w.ShareAsked(t.Context(), actor(t, 1, PermitShare), id); fault.KindOf(err) != fault.Denied {
			t.Errorf("who may not share definitions: %v", err)
		}
		if _, err := w.ShareAsked(t.Context(), actor(t, 2), id); fault.KindOf(err) != fault.Denied {
			t.Errorf("another organization: %v", err)
		}
		for want := range 2 {
			n, err := w.ShareAsked(t.Context(), a, id)
			must(t, err)
			if n != 2-2*want {
				t.Errorf("%d shared", n)
			}
		}
		if asked(2) != 3 {
			t.Errorf("after: %d steps for others", asked(2))
		}
		p, err := w.Packet(t.Context(), w.db, actor(t, 2), id, 0)
		must(t, err)
		if len(p.Person[1].Responses) != 1 {
			t.Errorf("a response that was not offered any more is: %+v", p.Person[1].Responses)
		}
	})
}
