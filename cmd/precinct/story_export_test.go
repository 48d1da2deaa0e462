package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// saved keeps a search for active voters as a member of the first organisation would, and returns how many it finds.
func (p *product) saved(email, name string) liststore.Saved {
	p.t.Helper()
	ctx := context.Background()
	var who account.Account
	err := p.site.DB.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
		who, err = p.site.Accounts.ByEmail(ctx, tx, email)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	a, err := p.site.Orgs.Sit(ctx, account.Session{Account: who.ID, Name: who.Name, FactorAt: time.Now()}, 1)
	if err != nil {
		p.t.Fatal(err)
	}
	active := list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: list.Is{Attr: list.Status, Values: []string{"active"}}}}}
	l, err := field.Lists(&p.site.Ground, nil).Save(ctx, a, liststore.Save{Kind: liststore.Search, Name: name,
		Ask: liststore.Ask{File: 1, Criteria: active, Channel: person.ByDoor}})
	if err != nil {
		p.t.Fatal(err)
	}
	return l
}

// tick chooses one option of a group.
func (p *visitor) tick(name, value string) {
	p.t.Helper()
	p.Do(chromedp.Click(chromedp.CSS(`input[name="` + name + `"][value="` + value + `"]`)))
}

// An organizer wants more people than their role may take; a data associate says yes; the file leaves once it is approved, and not before.
func TestStoryExportWithApproval(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(2000)
	o := p.owner()
	o.goTo("/o/1/field/export")
	o.see("Nothing exported yet")
	o.check("exports empty")
	o.press("Set the limits")
	o.see("Limits of exports")
	o.check("limits of exports")
	o.checkSpanish("limits of exports")
	o.fill("people-organizer", "a few")
	o.press("Save the limits")
	o.see("Give a whole number from 0 to 1,000,000.")
	o.check("limits wrong")
	o.fill("people-organizer", "500")
	o.press("Save the limits")
	o.see("Nothing exported yet")

	ben := p.colleague("Ben Achterberg", "ben@halden.example", "organizer")
	l := p.saved("ben@halden.example", "Active voters")
	ben.goTo("/o/1/field/export/new?list=1")
	ben.see("Another person approves this export.")
	ben.check("export form")
	ben.checkSpanish("export form")
	ben.press("Ask for approval")
	if ben.Path() != "/o/1/field/export/new?list=1" { // the browser itself asks for the purpose
		t.Errorf("without a purpose the form went to %s", ben.Path())
	}
	ben.tick("form", "walk")
	ben.see("Results to tick")
	ben.check("export form walk list")
	ben.tick("form", "csv")
	ben.fill("purpose", "Door to door on Saturday")
	webtest.Eval[string](ben.Tab, `document.querySelectorAll('input[name=columns]').forEach(x => x.checked = false); ""`)
	ben.press("Ask for approval")
	ben.see("Choose at least one column.")
	ben.check("export form wrong")
	ben.press("Person")
	webtest.Eval[string](ben.Tab, `for (const k of ['person', 'last_name', 'first_name', 'address']) document.querySelector('input[name=columns][value=' + k + ']').checked = true; ""`)
	ben.fill("format", "Doors")
	ben.press("Ask for approval")
	ben.see("This export waits for another person's approval.")
	ben.check("export waits")
	ben.checkSpanish("export waits")

	ana := p.colleague("Ana Ruiz", "ana@halden.example", "data-associate")
	ana.goTo("/mail")
	ana.see("An export waits for your decision")
	ana.goTo("/o/1/field/export")
	ana.see("Waiting for your decision")
	ana.check("exports waiting")
	ana.checkSpanish("exports waiting")
	ana.press("Export 1")
	ana.see("Your decision")
	ana.press("Refuse the export")
	ana.see("Say why, so that the person who asked knows what to change.")
	ana.check("decision wrong")
	people := words.Translator{}.Number(l.People)
	ana.press("Approve " + people + " people")
	ana.see("Approved by")
	ana.check("export approved, as the approver sees it")

	ben.goTo("/mail")
	ben.see("Your export is approved")
	ben.goTo("/o/1/field/export/1")
	ben.see("The export is ready.")
	ben.check("export ready")
	ben.checkSpanish("export ready")
	file := webtest.Eval[string](ben.Tab, `fetch('/o/1/field/export/1/file', {method: 'POST'}).then(r => r.text())`)
	lines := strings.Split(strings.TrimSpace(file), "\r\n")
	if int64(len(lines)) != l.People+1 || !strings.HasSuffix(lines[0], "Person id,Last name,First name,Address") {
		t.Errorf("the file has %d lines and begins %q, want a head and %d people", len(lines), lines[0], l.People)
	}
	ben.goTo("/o/1/field/export/1")
	ben.see("Downloaded on")
	ben.see("SHA-256")
	ben.check("export downloaded")
	ben.goTo("/o/1/field/export/new?list=1")
	ben.see("Saved columns")
	ben.press("Doors")
	ben.see("3 of 11")
	ben.check("export form with saved columns")
	unsaved := `new URLSearchParams({file: '1', criteria: '{"version":1,"steps":[{"do":"start","where":{"is":{"attr":"status","values":["inactive"]}}}]}', channel: 'phone'})`
	if got := webtest.Eval[string](ben.Tab, `fetch('/o/1/field/export/new', {method: 'POST', body: `+unsaved+`}).then(r => r.text())`); !strings.Contains(got, "Prepare the export") ||
		!strings.Contains(got, "Inactive voters") {
		t.Errorf("a list that is not saved gives no form:\n%s", got)
	}
	if got := webtest.Eval[int64](ana.Tab, `fetch('/o/1/field/export/1/file', {method: 'POST'}).then(r => r.status)`); got != 403 {
		t.Errorf("the approver takes the file: %d, want 403", got)
	}
}
