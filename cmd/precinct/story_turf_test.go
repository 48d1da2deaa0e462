package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// wait waits until an expression of the page holds.
func (p *visitor) wait(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if webtest.Eval[bool](p.Tab, expression) {
			return
		}
	}
	p.t.Fatalf("%s: %s never held", what, expression)
}

// An organizer cuts a saved list into turfs on the map, corrects what the machine did, saves, and hands the turfs out: one by list number, which opens it.
func TestStoryCutTurf(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(2000)
	p.owner()
	p.colleague("Ben Achterberg", "ben@halden.example", "organizer")
	olga := p.colleague("Olga Brandt", "olga@halden.example", "organizer")
	p.places(2000)
	l := p.saved("olga@halden.example", "Door to door in October")

	olga.goTo("/o/1/field/list/" + strconv.FormatInt(int64(l.ID), 10) + "/about")
	olga.press("Cut turf")
	olga.see("Its people are taken as they are now.")
	olga.check("a new map")
	olga.fill("region", "North")
	olga.press("Cut turf")
	olga.Do(chromedp.WaitVisible(chromedp.CSS("#cut[data-ready]")))
	olga.see("Doors each")
	olga.check("cutting turf")
	rows := func() int { return webtest.Eval[int](olga.Tab, "document.querySelectorAll('#turfs tbody tr').length") }
	before := rows()

	// Smaller turfs by the slider, then one of them by hand.
	webtest.Eval[bool](olga.Tab, `(() => { const s = document.querySelector('#slide'); s.value = 25; for (const e of ['input', 'change']) s.dispatchEvent(new Event(e, {bubbles: true})); return true })()`)
	olga.wait("smaller turfs", "document.querySelector('#cut').dataset.edition === '2'")
	if rows() <= before {
		t.Errorf("%d turfs of 25 doors, %d of 45", rows(), before)
	}
	webtest.Eval[bool](olga.Tab, "document.querySelector('[data-turf]').click(), true")
	olga.see("Name turf")
	olga.fill("name", "Riverside")
	olga.press("Name turf")
	olga.wait("the name", "document.querySelector('#turfs tbody tr').textContent.includes('Riverside')")
	olga.press("Lock")
	olga.wait("the lock", "document.querySelector('#turfs tbody tr').textContent.includes('locked')")
	webtest.Eval[bool](olga.Tab, "document.querySelector('[data-save]').click(), true")
	olga.see("Who has what")
	olga.see("Riverside")

	// One turf by number, one to a colleague.
	webtest.Eval[bool](olga.Tab, "document.querySelectorAll('[name=turf]')[0].click(), true")
	olga.press("Hand out the chosen turfs")
	olga.see("For how many days?")
	olga.check("handing out")
	olga.press("Hand out")
	olga.see("Scan the code")
	olga.checkSpanish("a list number")
	number := strings.TrimSpace(olga.Text(".number-card .num"))
	found, err := field.Turfs(&p.site.Ground, nil).ByNumber(db.WithSite(context.Background()), p.site.DB, number)
	if err != nil || len(found) != 1 || found[0].TurfName != "Riverside" {
		t.Errorf("the number %q opens %v, %v", number, found, err)
	}
	olga.goTo("/o/1/field/turf/1/handout")
	webtest.Eval[bool](olga.Tab, "document.querySelectorAll('[name=turf]')[1].click(), true")
	olga.press("Hand out the chosen turfs")
	olga.see("To whom?")
	who := webtest.Eval[string](olga.Tab, "[...document.querySelectorAll('#who option')].find(o => o.textContent === 'Ben Achterberg').value")
	olga.choose("who", who)
	olga.press("Hand out")
	olga.see("Handed out.")
	olga.see("Ben Achterberg")

	// What somebody has stays as it is.
	olga.goTo("/o/1/field/turf/1?chosen=2")
	olga.Do(chromedp.WaitVisible(chromedp.CSS("#cut[data-ready]")))
	webtest.Eval[bool](olga.Tab, `[...document.querySelectorAll('#turfs button')].find(b => b.value === 'bisect').click(), true`)
	olga.see("is with somebody. Recall it before you change it.")
}

// places loads the addresses and streets of the state that state made.
func (p *product) places(voters int) {
	p.t.Helper()
	dir, _ := syntheticNC(p.t, voters, 0)
	for _, name := range []string{"addresses.csv", "streets.geojson"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			p.t.Fatal(err)
		}
		_, err = p.site.Places.Import(context.Background(), org.Operate(1, p.site.Permits.Everything()), name, f)
		if err := errors.Join(err, f.Close()); err != nil {
			p.t.Fatal(err)
		}
	}
}
