package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// walk lets the demo's canvassers walk, and returns once their past hours are told.
func (p *product) walk() {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	if err := field.FillDemo(ctx, &p.site.Ground, org.Operate(1, p.site.Permits.Everything()), 1); err != nil {
		p.t.Fatal(err)
	}
	seat, err := demoSeat(ctx, p.site)
	if err == nil {
		err = field.FillCanvass(ctx, &p.site.Ground, seat, 1)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- field.WalkDemo(ctx, &p.site.Ground, seat) }()
	p.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	})
	p.wait("people met by the first canvasser", 1, `SELECT COUNT(*) FROM (SELECT 1 FROM field_canvass_met LIMIT 1) x`)
	p.wait("work set aside", 1, `SELECT COUNT(*) FROM offline_event WHERE state = 'aside'`)
}

// figure is the first number of the board.
const figure = `.figs .link`

// An organizer leads a canvass from the board: numbers grow by themselves and open the people behind them, what could not be applied is decided,
// somebody met at a door is found in the voter file, and canvassers get other results to choose from.
func TestStoryLeadingACanvass(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	p.state(6000)
	p.ground()
	o.goTo("/o/1/field/canvass")
	o.see("Nothing is being walked yet")
	o.check("board empty")
	p.walk()

	o.goTo("/o/1/field/canvass")
	o.see("Out now")
	o.check("board")
	doors := p.number(`SELECT COUNT(DISTINCT door) FROM field_canvass_door WHERE door NOT LIKE 'n-%'`)
	if err := p.site.DB.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_door (org_id, event_id, map_id, turf_id, packet_id, account_id, door, result, talked, at)
			SELECT org_id, 'one more', map_id, turf_id, packet_id, account_id, '17', result, talked, at FROM field_canvass_door ORDER BY at DESC LIMIT 1`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	o.wait("the board grows by itself", fmt.Sprintf(`+document.querySelector(%q).innerText >= %d`, figure, doors+1))
	o.Do(chromedp.Click(chromedp.CSS(figure)))
	o.see("Each number is the list you would have if you picked it.")

	o.goTo("/o/1/field/canvass")
	o.press("Look at it")
	o.see("It was recorded at a door that is not in the packet.")
	o.check("set aside")
	asides := p.number(`SELECT COUNT(*) FROM offline_event WHERE state = 'aside'`)
	o.press("Leave without effect")
	o.see("Say why this is left without effect.")
	o.Do(chromedp.SendKeys(chromedp.CSS(`[name="why"]`), "The number above the door is right"))
	o.press("Apply after all")
	o.see("Applied. It counts now.")
	p.wait("work still set aside", asides-1, `SELECT COUNT(*) FROM offline_event WHERE state = 'aside'`)

	known := p.number(`SELECT MIN(person_id) FROM field_person WHERE confidential = 0 AND minor = 0`)
	last, err := db.One[string](db.WithSite(t.Context()), p.site.DB, `SELECT first_name || ' ' || last_name FROM field_person WHERE person_id = ?`, known)
	if err != nil {
		t.Fatal(err)
	}
	waiting := p.number(`SELECT COUNT(*) FROM field_canvass_met WHERE state = 'waiting'`)
	o.goTo("/o/1/field/canvass/met")
	o.check("people met")
	webtest.Eval[bool](o.Tab, fmt.Sprintf(`document.querySelector('main [name="q"]').value = %q, true`, last))
	o.Do(chromedp.Click(chromedp.CSS(`main [value="look"]`)))
	o.see("This is the person")
	o.check("people met, looked up")
	o.Do(chromedp.Click(chromedp.CSS(`main [value^="match:"]`)))
	o.see("counts now.")
	p.wait("people who still wait", waiting-1, `SELECT COUNT(*) FROM field_canvass_met WHERE state = 'waiting'`)

	o.goTo("/o/1/field/canvass/results")
	o.check("results")
	o.Do(chromedp.Click(chromedp.CSS(`[value="drop:moved"]`)))
	o.see("Phones have it with the next turf they take.")
	if n := p.number(`SELECT COUNT(*) FROM field_canvass_result WHERE result = 'moved'`); n != 0 {
		t.Error("a result that is not offered any more is offered")
	}
	o.goTo("/o/1/field/canvass/phone")
	o.see("Last sent something")
	o.check("phones")
}
