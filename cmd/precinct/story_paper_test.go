package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// A walk list comes back with ink on it, and somebody enters it with a hand scanner, which is a keyboard that types digits and return.
func TestStoryScanAWalkList(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(500)
	o := p.owner()
	o.goTo("/o/1/field/codebook/question/new")
	o.fill("name", "Transit measure")
	o.fill("parts", "Strong support\nAgainst")
	o.press("Make a question")
	o.see("Nothing recorded yet")

	o.goTo("/o/1/field/canvass/paper")
	o.see("0 codes on this sheet")
	o.check("paper without codes")
	o.checkSpanish("paper without codes")
	yes := export.Scan{Kind: export.ScanResponse, Object: 1, Person: 5}
	no := export.Scan{Kind: export.ScanResponse, Object: 2, Person: 5}
	notHome := export.Scan{Kind: export.ScanResult, Object: 1, Person: 6}
	// Faster than any page loads: nothing is lost between two codes.
	for _, code := range []string{yes.String(), notHome.String(), no.String(), "4711"} {
		o.Do(chromedp.SendKeys(chromedp.CSS("#scan"), code+kb.Enter))
	}
	o.see("“4711” is no code of a walk list or call sheet.")
	o.see("3 codes on this sheet")
	o.see("a later code says otherwise")
	o.see("Record 2 answers")
	o.check("paper with codes")
	o.Do(chromedp.Click(chromedp.CSS(`button[value="drop:` + no.String() + `"]`)))
	o.see("2 codes on this sheet")
	o.press("Record 2 answers")
	o.see("2 answers from paper are recorded.")
	o.goTo("/o/1/field/person/5?purpose=follow-up")
	o.see("Strong support")
	o.see("Reached")
	n, err := db.One[int64](db.WithSite(t.Context()), p.site.DB, `SELECT COUNT(*) FROM field_contact WHERE source = 'scan'`)
	if err != nil || n != 2 {
		t.Errorf("%d attempts are recorded: %v", n, err)
	}

	// The same as a grid of a saved list: rows are recorded when somebody leaves them.
	p.saved("maribel@halden.example", "Everybody")
	o.goTo("/o/1/field/canvass/paper/grid")
	o.see("Columns beside the result")
	o.check("grid to choose")
	o.checkSpanish("grid to choose")
	o.press("Open the grid")
	o.see("Recorded before")
	o.check("grid")
	o.checkSpanish("grid")
	first := "main tbody tr:first-child "
	o.Do(chromedp.SetValue(chromedp.CSS(first+"select"), "not_home"), chromedp.Focus(chromedp.CSS(first+"select")), chromedp.Focus(chromedp.CSS("main [name=day]")))
	o.see("Recorded now: Not home")
	o.Do(chromedp.SetValue(chromedp.CSS("main tbody tr:nth-child(2) select"), "refused"))
	o.press("Save this page")
	o.see("1 answers from paper are recorded.")
	o.see("Refused to talk")
	o.see("Not home")

	// Turf that Ben walked with a packet of paper: Maribel types it in, and it is his.
	p.colleague("Ben Achterberg", "ben@halden.example", "organizer")
	p.givenTurf("Ben Achterberg")
	o.goTo("/o/1/field/canvass/paper")
	o.see("Turf that was walked")
	o.choose("turf", "1")
	o.press("Choose")
	o.see("What is recorded here counts for this turf.")
	if who := webtest.Eval[string](o.Tab, `document.querySelector("#who").selectedOptions[0].text`); who != "Ben Achterberg" {
		t.Errorf("the work of the turf is taken for that of %q", who)
	}
	o.check("paper of a turf")
	o.checkSpanish("paper of a turf")
	o.press("Fill in a grid")
	o.see("Columns beside the result")
	o.check("grid of a turf to choose")
	o.choose("turf", "1")
	o.press("Open the grid")
	o.see("Who walked or called?")
	o.check("grid of a turf")
	o.checkSpanish("grid of a turf")
	o.Do(chromedp.SetValue(chromedp.CSS(first+"select"), "not_home"))
	o.press("Save this page")
	o.see("1 answers from paper are recorded.")
	o.see("Ben Achterberg")
	o.goTo("/o/1/field/canvass")
	o.see("By turf")
	o.see("Ben Achterberg")

	// Without script each code loads a page, and the sheet travels along.
	o.goTo("/o/1/field/canvass/paper")
	o.see("0 codes on this sheet")
	webtest.Eval[bool](o.Tab, `(() => { const f = document.querySelector("#paper"); f.scan.value = "`+yes.String()+`"; f.submit(); return true })()`)
	o.see("1 code on this sheet")
	o.check("paper without script")
}

// givenTurf cuts the first saved list and hands its first turf to somebody.
func (p *product) givenTurf(name string) {
	p.t.Helper()
	p.places(500)
	a, err := demoSeat(context.Background(), p.site)
	if err != nil {
		p.t.Fatal(err)
	}
	who := p.number(`SELECT id FROM account WHERE name = ?`, name)
	turfs := field.Turfs(&p.site.Ground, field.Lists(&p.site.Ground, nil))
	m, err := turfs.Make(context.Background(), a, 1, turfstore.About{Name: "Cedar Hill"}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
	if err == nil {
		_, err = turfs.Save(context.Background(), a, m.ID, m.Edition, func(n int) string { return fmt.Sprintf("Turf %d", n) })
	}
	if err == nil {
		_, err = turfs.Give(context.Background(), a, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{1}, To: turfstore.ToAccount, ToID: who})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
