package main

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// counts waits until the builder counts so many people.
func (p *visitor) counts(want int64) {
	p.t.Helper()
	p.see(words.Translator{}.Number(want))
	p.Do(chromedp.WaitVisible(chromedp.CSS(`#counts[data-people="` + strconv.FormatInt(want, 10) + `"]`)))
}

// option chooses an option of the panel as a click does.
func (p *visitor) option(value string) {
	webtest.Eval[bool](p.Tab, `document.querySelector('[id="o-`+value+`"]').click(), true`)
}

func (p *product) people(where string) int64 {
	p.t.Helper()
	n, err := db.One[int64](db.WithSite(context.Background()), p.site.DB, `SELECT COUNT(*) FROM field_person WHERE dropped_on = 0 AND minor = 0 AND confidential = 0 AND `+where)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// folder makes a folder that one colleague may keep things in and another sees.
func (p *product) folder(name, keeper, reader string) {
	p.t.Helper()
	ctx := context.Background()
	a := org.Operate(1, p.site.Permits.Everything())
	id, err := p.site.Orgs.PutFolder(ctx, a, 0, name)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, email := range []string{keeper, reader} {
		var who account.Account
		err := p.site.DB.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
			who, err = p.site.Accounts.ByEmail(ctx, tx, email)
			return err
		})
		if err == nil {
			err = p.site.Orgs.PutShare(ctx, a, id, org.Share{Kind: "account", Target: int64(who.ID), MayChange: email == keeper})
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// A data associate describes people, sees the number change with every click, reads the table, saves the list, shares it, and runs it again when the
// world has changed.
func TestStoryBuildSaveShareRunAgain(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(2000)
	p.owner()
	ana := p.colleague("Ana Ruiz", "ana@halden.example", "data-associate")
	ben := p.colleague("Ben Achterberg", "ben@halden.example", "organizer")
	ana.goTo("/o/1/field/list")
	ana.see("No lists yet")
	ana.press("Build a list")
	ana.see("Each number is the list you would have if you picked it.")
	ana.Do(chromedp.WaitNotPresent(chromedp.CSS("[data-slow]")))
	ana.counts(p.people("1 = 1"))
	ana.option("party=DEM")
	ana.counts(p.people("party = 'DEM'"))
	ana.option("status=active")
	active := p.people("party = 'DEM' AND status = 'active'")
	ana.counts(active)
	ana.see("Active Democratic voters")
	ana.icons("a list after two clicks")

	webtest.Eval[bool](ana.Tab, `document.querySelector("#rows").value = "sex", document.querySelector("#rows").dispatchEvent(new Event("change", {bubbles: true})), true`)
	ana.see("Sex by votes of the last 4 general elections")
	if got := ana.Text("#crosstab tfoot td:last-child"); strings.TrimSpace(got) != (words.Translator{}).Number(active) {
		t.Errorf("the table adds up to %s, the list has %d", got, active)
	}

	ana.see("Shares in each line")

	webtest.Eval[bool](ana.Tab, `(x => (document.querySelector("#g-other").open = true, x.value = '{"suppressed": {}}', x.dispatchEvent(new Event("input", {bubbles: true}))))(document.querySelector("#condition"))`)
	ana.press("Add the condition")
	ana.counts(0)
	ana.see("who are not to be contacted in some way")
	webtest.Eval[bool](ana.Tab, `document.querySelector('[id="o-suppressed=any"]').click(), true`)
	ana.counts(active)

	ana.fill("name", "Active Democrats")
	ana.press("Save list")
	ana.see("The list is saved.")
	ana.see("Saved by Ana Ruiz")
	ana.check("about a list")
	ana.checkSpanish("about a list")
	ben.goTo("/o/1/field/list/1/about")
	ben.see("There is no such list here, or it is not shared with you.")

	p.folder("Canvass", "ana@halden.example", "ben@halden.example")
	ana.goTo("/o/1/field/list/1/about")
	ana.choose("folder", "1")
	ana.press("Move the list")
	ana.see("The list is moved.")
	ben.goTo("/o/1/field/list")
	ben.see("Active Democrats")
	ben.press("Active Democrats")
	ben.see("Moved by Ana Ruiz")
	ben.press("Open in the builder") // an organizer may use the list, and not ask about parties
	ben.counts(active)
	ben.see("your role does not see them")
	ben.check("builder of a shared list")
	ben.press("Ask for access")
	ben.see("Those who can change your role are asked. They have a message.")
	ben.goTo("/mail")
	ben.see("Ben Achterberg asks for a right in Halden Voter Table")

	ana.press("Freeze anew")
	ana.see("The list is counted anew.")
	ana.see("Run again by Ana Ruiz")
}
