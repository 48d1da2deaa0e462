package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/codebook"
	spoken "github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// doorScript publishes a script with one question and one ask, and returns its id and the ids of the answers.
func (p *product) doorScript() (scriptstore.ID, codebook.Definition) {
	p.t.Helper()
	ctx := context.Background()
	a := org.Operate(1, p.site.Permits.Everything())
	book := &codebook.Store{DB: p.site.DB}
	id, err := book.Define(ctx, a, codebook.Definition{Kind: codebook.Question, Name: "Transit measure", Purpose: "Do you support Measure 4?", Cycle: time.Now().Year(),
		Parts: []codebook.Part{{Name: "Strong support"}, {Name: "Undecided"}, {Name: "Against"}}})
	if err != nil {
		p.t.Fatal(err)
	}
	d, err := book.Definition(ctx, a, codebook.Question, id)
	if err != nil {
		p.t.Fatal(err)
	}
	scripts := field.Scripts(&p.site.Ground)
	content := spoken.Content{Version: 1, Languages: []string{"en", "es"},
		Household: []spoken.Step{{ID: "h1", Kind: spoken.Say, Text: spoken.Text{"en": "Hello, I am {canvasser}.", "es": "Buenas tardes, soy {canvasser}."}}},
		Person: []spoken.Step{{ID: "s1", Kind: spoken.Question, Question: int64(id), Text: spoken.Text{"en": "Do you support Measure 4?", "es": "¿Apoya usted la medida 4?"},
			Names: map[spoken.Value]spoken.Text{spoken.Value(fmt.Sprint(d.Parts[0].ID)): {"es": "Apoyo firme"}, spoken.Value(fmt.Sprint(d.Parts[1].ID)): {"es": "No sabe"}, spoken.Value(fmt.Sprint(d.Parts[2].ID)): {"es": "En contra"}}}}}
	made, err := scripts.Make(ctx, a, scriptstore.Script{Name: "Saturday doors", Channel: "door"}, content)
	if err != nil {
		p.t.Fatal(err)
	}
	draft, err := scripts.Draft(ctx, a, made)
	if err == nil {
		_, err = scripts.Publish(ctx, a, made, draft.Mark)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return made, d
}

// ground loads where the addresses of the made-up state lie, and its streets.
func (p *product) ground() {
	p.t.Helper()
	dir, _ := syntheticNC(p.t, 2000, 0)
	files := []string{filepath.Join(dir, "addresses.csv"), filepath.Join(dir, "streets.geojson"), filepath.Join(dir, "landmarks.geojson")}
	if err := importPlaces(context.Background(), p.site.Places, org.Operate(1, p.site.Permits.Everything()), files); err != nil {
		p.t.Fatal(err)
	}
}

// canvasser is somebody at a door with a phone.
type canvasser struct{ *visitor }

func (p *product) canvasser() *canvasser {
	c := &canvasser{p.visitor()}
	c.Size(360, 740)
	return c
}

// tap taps what says words on the phone.
func (c *canvasser) tap(words string) {
	c.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ok, err := chromedp.Run(c.Ctx, chromedp.Evaluate[bool](fmt.Sprintf(`(() => {
			const all = [...document.querySelectorAll("button, a")].filter(e => e.getClientRects().length);
			const e = all.find(e => (e.getAttribute("aria-label") ?? "") === %[1]q || e.innerText.trim() === %[1]q) ?? all.find(e => e.innerText.includes(%[1]q));
			return e ? (e.click(), true) : false;
		})()`, words)))
		if err == nil && ok {
			return
		}
	}
	c.t.Fatalf("nothing on the phone says %q:\n%s", words, webtest.Eval[string](c.Tab, "document.body.innerText"))
}

// types fills the input with a label.
func (c *canvasser) types(label, text string) {
	c.t.Helper()
	c.see(label)
	if !webtest.Eval[bool](c.Tab, fmt.Sprintf(`(() => { const l = [...document.querySelectorAll("label")].find(l => l.innerText.trim() === %q); return l ? (l.control.value = %q, true) : false; })()`, label, text)) {
		c.t.Fatalf("the phone asks for no %q", label)
	}
}

func (c *canvasser) look(name string) {
	c.t.Helper()
	c.Axe()
	c.Overflow()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		c.Shot(filepath.Join(dir, "saturday-"+name+"-360.png"))
	}
}

func (p *product) number(query string, args ...any) int64 {
	p.t.Helper()
	n, err := db.One[int64](db.WithSite(context.Background()), p.site.DB, query, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *product) text(query string, args ...any) string {
	p.t.Helper()
	s, err := db.One[string](db.WithSite(context.Background()), p.site.DB, query, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// wait waits until a number in the database is as it should be.
func (p *product) wait(what string, want int64, query string, args ...any) {
	p.t.Helper()
	var got int64
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got = p.number(query, args...); got == want {
			return
		}
	}
	p.t.Fatalf("%s: %d, want %d", what, got, want)
}

var listNumber = regexp.MustCompile(`\d{4}-\d{3}`)

// A Saturday canvass: an organizer cuts turf from a list and hands a piece out; a volunteer without an account types its number, walks with and without
// signal; the board tells of it while it happens, and what was said counts in lists at once.
func TestStoryASaturdayCanvass(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	p.state(2000)
	o := p.owner()
	p.ground()
	p.doorScript()

	o.goTo("/o/1/field/list")
	o.press("Build a list")
	o.see("Each number is the list you would have if you picked it.")
	o.option("status=active")
	o.counts(p.people("status = 'active'"))
	o.fill("name", "Active voters")
	o.press("Save list")
	o.see("The list is saved.")

	o.goTo("/o/1/field/turf/new")
	o.see("Name of the map")
	o.choose("list", "1")
	o.fill("name", "Cedar Hill")
	o.choose("script", "1")
	o.fill("target", "15")
	o.press("Cut turf")
	o.see("Doors each")
	o.Do(chromedp.Click(chromedp.CSS("[data-save]")))
	o.see("Who has what")
	// The sixth lies in a town; the first ones are the open country, hours long.
	webtest.Eval[bool](o.Tab, `document.querySelectorAll('[name="turf"]')[5].click(), true`)
	o.press("Hand out the chosen turfs")
	o.see("To whom?")
	o.choose("who", "number")
	o.Do(chromedp.Click(chromedp.CSS(`main form[method="post"] button`)))
	o.see("Scan the code")
	number := listNumber.FindString(webtest.Eval[string](o.Tab, "document.body.innerText"))

	c := p.canvasser()
	c.Flaky()
	c.goTo("/canvass#" + number)
	c.types("Your first name and last name", "Sam Rivera")
	c.tap("Start canvassing")
	c.see("Choose a PIN")
	c.types("PIN", "4711")
	c.types("The same PIN again", "4711")
	c.tap("Lock this phone with the PIN")
	c.see("Next door:")
	webtest.Eval[bool](c.Tab, "navigator.serviceWorker.ready.then(() => true)")
	c.look("doors")
	c.tap("Next door:")
	c.see("Hello, I am Sam Rivera.")
	c.tap("Not home")
	c.see("Your answer is on the server")
	household := p.number(`SELECT COUNT(*) FROM field_contact`)
	if household == 0 {
		t.Fatal("a door where nobody was home counts for nobody")
	}

	c.Unplug(true)
	c.tap("Next door:")
	c.see("For the whole door")
	webtest.Eval[bool](c.Tab, `document.querySelector(".rows a").click(), true`)
	c.see("Do you support Measure 4?")
	c.tap("Español")
	c.see("¿Apoya usted la medida 4?")
	c.tap("Apoyo firme")
	c.see("answers are kept on this phone")
	c.look("question")
	if n := p.number(`SELECT COUNT(*) FROM field_answer`); n != 0 {
		t.Errorf("%d answers reached the server without a network", n)
	}
	c.goTo("/canvass") // the phone closed the app
	c.see("Locked")
	c.types("PIN", "4711")
	c.tap("Unlock")
	c.see("¿Apoya usted la medida 4?")
	c.tap("Done with")
	c.Unplug(false)
	c.see("All 3 answers are on the server")
	p.wait("answers", 1, `SELECT COUNT(*) FROM field_answer`)
	p.wait("attempts", household+1, `SELECT COUNT(*) FROM field_contact`)
	c.tap("More about this door")
	c.see("Add a note")
	c.look("about")

	// The board knew as soon as the phone did: who is out, how far, and who the people behind a number of the turf are.
	o.goTo("/o/1/field/canvass")
	o.see("Sam Rivera")
	o.see("Strong support")
	o.wait("two doors on the board", `+document.querySelector(".figs dd").innerText === 2`)
	if o.Path() != "/o/1/field/canvass" {
		t.Errorf("the board is at %s", o.Path())
	}
	turf := fmt.Sprintf("%s: show the people who were talked with", p.text(`SELECT name FROM field_turf WHERE id = 6`))
	o.Do(chromedp.Click(chromedp.Search(fmt.Sprintf(`//button[@title=%q]`, turf))))
	o.see("Each number is the list you would have if you picked it.")
	o.counts(1)

	// Another door while somebody looks: the number changes by itself, and whoever had a link in focus still has it.
	o.goTo("/o/1/field/canvass")
	o.see("Sam Rivera")
	o.wait("the board listens", `document.querySelector("[data-live] tbody a") !== null`)
	webtest.Eval[bool](o.Tab, `(() => { const a = document.querySelector("[data-live] tbody a"); a.focus(); window.held = a; return true })()`)
	c.tap("Back")
	c.see("For the whole door")
	c.tap("Back")
	c.tap("Next door:")
	c.see("For the whole door")
	c.tap("Not home")
	o.wait("three doors on the board", `+document.querySelector(".figs dd").innerText === 3`)
	if !webtest.Eval[bool](o.Tab, `document.activeElement === window.held`) {
		t.Error("the board lost the focus when it changed by itself")
	}
	o.check("board on saturday")
	o.checkSpanish("board on saturday")

	// What was said at the door is in the count of a list at once.
	o.goTo("/o/1/field/list")
	o.press("Build a list")
	o.see("Each number is the list you would have if you picked it.")
	o.Do(chromedp.WaitNotPresent(chromedp.CSS("[data-slow]")))
	o.option("question.1=1")
	o.counts(1)
}
