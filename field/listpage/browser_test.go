package listpage

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// signIn opens a tab as somebody.
func (s *site) signIn(t testing.TB, who string) *webtest.Tab {
	t.Helper()
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session="+who+"; path=/'")
	return tab
}

// rich is a list with everything that the builder can show.
func rich() url.Values {
	form := emptyForm()
	form["is"] = []string{"status=active", "county=32", "question.1=1", "question.1=never"}
	form["not"] = []string{"code=1"}
	form.Set("from.age", "18")
	form.Set("to.age", "54")
	form.Set("most", "3")
	form.Set("last", "4")
	form.Set("lasttype", "general")
	form.Set("channel", "door")
	return form
}

func (s *site) save(t testing.TB, form url.Values, kind, name string) string {
	t.Helper()
	form.Set("save", kind)
	form.Set("name", name)
	status, to := s.post(t, "associate", "/o/1/field/list/save", form)
	if status != 303 {
		t.Fatalf("saving %s: %d", name, status)
	}
	return to
}

// lookAll is webtest's Look with the page scrolled to its end, where the dock covers nothing that could be pressed.
func lookAll(t testing.TB, tab *webtest.Tab, name, at string) {
	t.Helper()
	for _, lang := range []words.Lang{words.EN, words.ES} {
		for _, width := range []int64{webtest.Desk, webtest.Phone} {
			tab.Size(width, 900)
			with := "?"
			if strings.Contains(at, "?") {
				with = "&"
			}
			tab.Open(at + with + "lang=" + string(lang))
			webtest.Eval[bool](tab, "scrollTo(0, document.body.scrollHeight), true")
			tab.Overflow()
			tab.Axe()
			if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
				tab.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
			}
		}
	}
}

// TestPagesInTheBrowser looks at every page of lists in Chromium, wide and narrow, in both languages: no violation of WCAG 2.2 AA, nothing wider
// than the screen, nothing that the content policy had to stop.
func TestPagesInTheBrowser(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	lookAll(t, tab, "lists-empty", s.URL+"/o/1/field/list")
	lookAll(t, tab, "list-new", s.URL+"/o/1/field/list/new")
	s.save(t, rich(), "list", "Young transit supporters")
	form := emptyForm()
	form["is"] = []string{"status=active"}
	s.save(t, form, "search", "All active voters of the state")
	for name, path := range map[string]string{"list-builder": "/1", "list-about": "/1/about", "lists": "", "list-compare": "/compare?a=1&b=2"} {
		lookAll(t, tab, name, s.URL+"/o/1/field/list"+path)
	}
	lookAll(t, s.signIn(t, "counter"), "list-counter", s.URL+"/o/1/field/list/new")
}

// total waits until the page counts want people, and fails when it does not.
func total(t testing.TB, tab *webtest.Tab, want string) {
	t.Helper()
	got := webtest.Eval[string](tab, `new Promise(done => {
		const until = Date.now() + 8000;
		const look = () => {
			const n = document.querySelector("#counts")?.dataset.people ?? "";
			const still = !document.querySelector("#builder.waiting");
			if (n === "`+want+`" && still || Date.now() > until) done(n); else setTimeout(look, 20);
		};
		look();
	})`)
	if got != want {
		t.Fatalf("the page counts %s people, want %s; faults: %s", got, want, webtest.Eval[string](tab, `document.querySelector("#faults")?.innerText ?? "none"`))
	}
}

func click(tab *webtest.Tab, selector string) {
	webtest.Eval[bool](tab, `document.querySelector(`+strconv.Quote(selector)+`).click(), true`)
}

func press(tab *webtest.Tab, key string) {
	tab.Do(chromedp.KeyEvent(key))
}

// TestBuildAUniverse is the job as a data associate does it: choose, watch the number, undo, exclude, take one per door.
func TestBuildAUniverse(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	tab.Size(webtest.Desk, 1000)
	tab.Open(s.URL + "/o/1/field/list/new")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#find-criterion")))
	total(t, tab, s.count(t, "1 = 1"))
	click(tab, `[id="o-party=DEM"]`)
	dem := s.count(t, "party = 'DEM'")
	total(t, tab, dem)
	if got := webtest.Eval[bool](tab, `document.activeElement !== document.body || document.querySelector('[id="o-party=DEM"]').checked`); !got {
		t.Error("the choice is gone")
	}
	click(tab, `[id="o-party=REP"]`)
	both := s.count(t, "party IN ('DEM', 'REP')")
	total(t, tab, both)
	tab.Open(s.URL + tab.Path()) // reloaded, or come back to, the list is as far as it was
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#find-criterion")))
	total(t, tab, both)
	tab.Do(chromedp.Click(chromedp.CSS(`a[hreflang="es"]`)))
	tab.Do(chromedp.WaitVisible(chromedp.CSS(`html[lang="es"] #find-criterion`)))
	total(t, tab, both)
	tab.Do(chromedp.Click(chromedp.CSS(`a[hreflang="en"]`)))
	tab.Do(chromedp.WaitVisible(chromedp.CSS(`html[lang="en"] #find-criterion`)))
	click(tab, `[id="o-party=REP"]`)
	total(t, tab, dem)
	click(tab, `[id="o-party=REP"]`)
	total(t, tab, both)
	click(tab, "[data-undo]")
	total(t, tab, dem)
	if webtest.Eval[bool](tab, `document.querySelector('[id="o-party=REP"]').checked`) {
		t.Error("undo left the option chosen")
	}
	click(tab, `.x[value="exclude:status=removed"]`)
	kept := s.count(t, "party = 'DEM' AND status <> 'removed'")
	total(t, tab, kept)
	webtest.Eval[bool](tab, `document.querySelector('[id="o-status=inactive"]').focus(), true`)
	press(tab, "n")
	kept = s.count(t, "party = 'DEM' AND status NOT IN ('removed', 'inactive')")
	total(t, tab, kept)
	if got := webtest.Eval[string](tab, `document.activeElement.value ?? ""`); got != "status=inactive" {
		t.Errorf("after a key the focus is on %q", got)
	}
	tab.Type(`[name="from.age"]`, "40")
	older := s.count(t, "party = 'DEM' AND status NOT IN ('removed', 'inactive') AND "+s.born(40))
	total(t, tab, older)
	click(tab, `button[value="doors:on"]`)
	doors, err := db.One[int64](db.WithSite(t.Context()), s.db, `SELECT COUNT(DISTINCT household_key) + SUM(CASE WHEN household_key = 0 THEN 1 ELSE 0 END) - MAX(CASE WHEN household_key = 0 THEN 1 ELSE 0 END) FROM field_person
		WHERE dropped_on = 0 AND minor = 0 AND confidential = 0 AND party = 'DEM' AND status NOT IN ('removed', 'inactive') AND `+s.born(40))
	if err != nil {
		t.Fatal(err)
	}
	total(t, tab, strconv.FormatInt(doors, 10))
	click(tab, `button[value="doors:off"]`)
	total(t, tab, older)
	webtest.Eval[bool](tab, `document.querySelector('[id="o-party=DEM"]').focus(), true`)
	press(tab, "u")
	total(t, tab, strconv.FormatInt(doors, 10))
	press(tab, "r")
	total(t, tab, older)
	press(tab, "?")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#keys")))
	tab.Axe()
	click(tab, "#keys [data-close]")
	click(tab, "button[data-people]")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#people table")))
	tab.Axe()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-people-en-1440.png"))
	}
	for _, stop := range tab.Stops(80) {
		if !stop.Ring {
			t.Errorf("nothing shows that %q has the focus", stop.Name)
		}
	}
}

// TestStepsInTheBrowser adds people, removes some, takes a sample, and drops a step again.
func TestStepsInTheBrowser(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	tab.Size(webtest.Desk, 1000)
	tab.Open(s.URL + "/o/1/field/list/new")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#find-criterion")))
	click(tab, `[id="o-party=DEM"]`)
	total(t, tab, s.count(t, "party = 'DEM'"))
	click(tab, `button[value="add:add"]`)
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".build.now .is-warn")))
	total(t, tab, s.count(t, "party = 'DEM'"))
	click(tab, `[id="o-party=GRE"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'GRE')"))
	click(tab, `button[value="add:remove"]`)
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".build.now .is-warn")))
	click(tab, `[id="o-status=active"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'GRE') AND status <> 'active'"))
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-steps-en-1440.png"))
	}
	click(tab, `button[value="drop:2"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'GRE')"))
	click(tab, `button[value="add:sample"]`)
	total(t, tab, "1000")
	tab.Axe()
}

// TestMapOfTheList opens the large map, where the people are drawn from tiles of this site, draws an area by the keyboard's way, and narrows to it.
func TestMapOfTheList(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	tab.Size(webtest.Desk, 1000)
	tab.Open(s.URL + "/o/1/field/list/new")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("[data-map]")))
	click(tab, `[id="o-county=32"]`)
	total(t, tab, s.count(t, "county = '32'"))
	click(tab, "[data-map]")
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".bigmap[data-ready]")))
	tab.Axe()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-map-far-1440.png"))
	}
	if fault := webtest.Eval[string](tab, `document.querySelector(".bigmap").dataset.fault ?? ""`); fault != "" {
		t.Errorf("the map: %s", fault)
	}
	pause := func() { webtest.Eval[bool](tab, "new Promise(r => setTimeout(() => r(true), 1500))") }
	for range 3 {
		click(tab, `[data-do="in"]`)
	}
	pause()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-map-near-1440.png"))
	}
	for range 3 { // back to where everybody is in view
		click(tab, `[data-do="out"]`)
	}
	pause()
	click(tab, `[data-do="draw"]`)
	for _, at := range [][2]int{{200, 200}, {1200, 200}, {1200, 900}, {200, 900}} {
		tab.Do(chromedp.MouseClickXY(float64(at[0]), float64(at[1])))
	}
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-map-drawn-1440.png"))
	}
	tab.Size(webtest.Phone, 740)
	tab.Overflow()
	tab.Axe()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "list-map-360.png"))
	}
	click(tab, `[data-do="finish"]`)
	tab.Do(chromedp.WaitVisible(chromedp.CSS(`[data-clear="inside"]`)))
	n, err := strconv.Atoi(webtest.Eval[string](tab, `document.querySelector("#counts").dataset.people`))
	if err != nil || n == 0 {
		t.Errorf("nobody lives in the area: %v", err)
	}
	click(tab, `[data-clear="inside"]`)
	total(t, tab, s.count(t, "county = '32'"))
}

// TestFastClicksInTheBrowser clicks faster than answers come: the last state counts, and nothing that was chosen meanwhile is lost.
func TestFastClicksInTheBrowser(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	tab.Size(webtest.Desk, 1000)
	tab.Open(s.URL + "/o/1/field/list/new")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#find-criterion")))
	clicks := func(selectors ...string) {
		for i, x := range selectors {
			selectors[i] = `document.querySelector(` + strconv.Quote(x) + `).click()`
		}
		webtest.Eval[bool](tab, strings.Join(selectors, ", ")+", true")
	}
	clicks(`[id="o-party=DEM"]`, `[id="o-party=GRE"]`, `[id="o-party=REP"]`, `[id="o-party=GRE"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'REP')"))
	clicks(`.x[value="exclude:status=removed"]`, `[id="o-party=LIB"]`, `[id="o-sex=F"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'REP', 'LIB') AND status <> 'removed' AND sex = 'F'"))
	clicks(`.x[value="exclude:status=inactive"]`, `.x[value="include:status=removed"]`)
	total(t, tab, s.count(t, "party IN ('DEM', 'REP', 'LIB') AND status <> 'inactive' AND sex = 'F'"))
}

// A page that came without its numbers asks for them at once.
func TestAPageWithoutNumbersFetchesThem(t *testing.T) {
	s := newSiteWaiting(t, 0)
	tab := s.signIn(t, "associate")
	tab.Open(s.URL + "/o/1/field/list/new")
	total(t, tab, s.count(t, "1 = 1"))
	if n := webtest.Eval[int](tab, `[...document.querySelectorAll("output")].filter(o => /\d/.test(o.textContent)).length`); n < 10 {
		t.Errorf("%d options have a number", n)
	}
}

// What is looked for among the criteria hides the others; what none is called says so, and Escape shows all again.
func TestFindingACriterion(t *testing.T) {
	s := newSite(t)
	tab := s.signIn(t, "associate")
	tab.Open(s.URL + "/o/1/field/list/new")
	total(t, tab, s.count(t, "1 = 1"))
	shown := func(text string) string {
		return webtest.Eval[string](tab, `(() => { const f = document.querySelector("#find-criterion"); f.focus(); f.value = `+strconv.Quote(text)+`;
			f.dispatchEvent(new Event("input", {bubbles: true}));
			return [...document.querySelectorAll("details.group")].filter(d => !d.hidden).length + " " + document.querySelector("#no-criterion").hidden })()`)
	}
	if got := shown("vote history"); got != "1 true" {
		t.Errorf("looking for vote history: %s", got)
	}
	if got := shown("horoscope"); got != "0 false" {
		t.Errorf("looking for what is not there: %s", got)
	}
	press(tab, "\u001b")
	if got := webtest.Eval[string](tab, `document.querySelector("#find-criterion").value + [...document.querySelectorAll("details.group")].some(d => d.hidden) + document.querySelector("#no-criterion").hidden`); got != "falsetrue" {
		t.Errorf("after Escape: %s", got)
	}
}
