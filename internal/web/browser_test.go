package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// looks are the pages that are looked at in every width and language.
var looks = []struct{ name, path string }{
	{"components", "/o/3/components"}, {"components-door", "/components"},
	{"help", "/o/3/help"}, {"help-topic", "/o/3/help/importing"},
	{"page", "/o/3/field/person"},
	{"403", "/o/3/field/never"}, {"404-inside", "/o/3/nothing"}, {"404-outside", "/o/5/field/person"},
	{"409", "/o/3/fail/conflict"}, {"422", "/o/3/fail/inputs"}, {"429", "/o/3/fail/busy"}, {"500", "/o/3/fail/ours"},
	{"door", "/welcome"},
}

func signIn(tab *webtest.Tab, site *webtest.Site, token string) {
	tab.Open(site.URL + "/healthz")
	webtest.Eval[string](tab, fmt.Sprintf("document.cookie = 'session=%s; path=/'", token))
}

// TestEveryPageForEverybody looks at every page of this package at phone and desk width in both languages:
// no violation of WCAG 2.2 AA, nothing wider than the screen, nothing the content policy had to stop.
func TestEveryPageForEverybody(t *testing.T) {
	browser := webtest.Browser(t)
	site, _, _ := house(t, nil)
	tab := browser.Tab(t)
	signIn(tab, site, "maribel")
	for _, l := range looks {
		tab.Look(l.name, site.URL+l.path)
	}
	office, _, _ := house(t, func(c *web.Config) {
		c.Site = web.Site{Name: "Marrow County Elections", Purpose: web.Office}
	})
	tab = browser.Tab(t)
	signIn(tab, office, "maribel")
	tab.Look("office", office.URL+"/o/3/field/person")
}

func TestLanguageSwitchKeepsPageAndQuery(t *testing.T) {
	site, _, _ := house(t, nil)
	tab := webtest.Browser(t).Tab(t)
	signIn(tab, site, "maribel")
	tab.Size(1440, 900)
	tab.Open(site.URL + "/o/3/field/person?q=Rosa+N%C3%BA%C3%B1ez&page=2")
	tab.Click(`a[hreflang="es"].wide`)
	tab.Do(chromedp.WaitVisible(chromedp.CSS(`html[lang="es"] h1`)))
	if got, want := tab.Path(), "/o/3/field/person?page=2&q=Rosa+N%C3%BA%C3%B1ez"; got != want {
		t.Errorf("after the switch at %s, want %s", got, want)
	}
	if got := tab.Text("h1"); got != "Buscar a una persona" {
		t.Errorf("title %q", got)
	}
	tab.Open(site.URL + "/o/3/help")
	if got := tab.Text("h1"); got != "Ayuda" {
		t.Errorf("the next page is titled %q: the choice was forgotten", got)
	}
}

func TestKeyboardReachesEverythingAndShowsWhere(t *testing.T) {
	site, _, _ := house(t, nil)
	tab := webtest.Browser(t).Tab(t)
	signIn(tab, site, "maribel")
	tab.Size(1440, 900)
	tab.Open(site.URL + "/o/3/field/person")
	stops := tab.Stops(40)
	var names []string
	for _, s := range stops {
		names = append(names, s.Name)
		if !s.Ring {
			t.Errorf("nothing shows that %q has the focus", s.Name)
		}
	}
	all := strings.Join(names, " | ")
	for _, want := range []string{"Skip to main content", "Organization: Lakeshore Neighbors", "Find a person", "Help", "Español", "Maribel Ocampo", "Look up a person", "Importing a voter file 1,204"} {
		if !strings.Contains(all, want) {
			t.Errorf("the Tab key never reaches %q: %s", want, all)
		}
	}
	if strings.Contains(all, "Export without phones") {
		t.Error("the navigation offers what the role does not include")
	}
	if names[0] != "Skip to main content" {
		t.Errorf("first stop %q", names[0])
	}
}

func TestMenusAndSearchKey(t *testing.T) {
	site, _, _ := house(t, nil)
	browser := webtest.Browser(t)
	tab := browser.Tab(t)
	signIn(tab, site, "maribel")
	tab.Size(1440, 900)
	tab.Open(site.URL + "/o/3/field/person")

	tab.Click(".orgs summary")
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".orgs ul")))
	if got := tab.Text(".orgs ul"); !strings.Contains(got, "Tidewater Alliance") || !strings.Contains(got, "Data associate") {
		t.Errorf("the organization menu says %q", got)
	}
	tab.Axe()
	tab.Do(chromedp.KeyEvent("\x1b"))
	if webtest.Eval[bool](tab, `document.querySelector(".orgs").open`) {
		t.Error("Escape leaves the menu open")
	}
	tab.Click(".menu.end summary")
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".menu.end ul")))
	tab.Axe()
	tab.Do(chromedp.MouseClickXY(700, 600))
	if webtest.Eval[bool](tab, `document.querySelector(".menu.end").open`) {
		t.Error("a click beside the menu leaves it open")
	}
	tab.Do(chromedp.KeyEvent("/"))
	if got := webtest.Eval[string](tab, "document.activeElement.id"); got != "find" {
		t.Errorf("the / key puts the focus on %q", got)
	}

	tab.Size(360, 780)
	tab.Open(site.URL + "/o/3/field/person")
	tab.Click(".drawer > summary")
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".drawer .side")))
	tab.Axe()
	tab.Overflow()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, "menu-en-360.png"))
	}
	if got := tab.Text(".drawer > div"); !strings.Contains(got, "Importing a voter file") || !strings.Contains(got, "Sign out") || !strings.Contains(got, "Español") {
		t.Errorf("the phone's menu says %q", got)
	}
	tab.Click(".drawer form button")
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".door")))
	if got := tab.Path(); got != "/welcome" {
		t.Errorf("signing out goes to %s", got)
	}
	if got := webtest.Eval[string](tab, "document.cookie"); strings.Contains(got, "session") {
		t.Errorf("cookies after signing out: %q", got)
	}
}

func TestIslands(t *testing.T) {
	end := make(chan struct{})
	site, _, _ := houseWith(t, end, nil)
	tab := webtest.Browser(t).Tab(t)
	signIn(tab, site, "maribel")
	tab.Size(1440, 900)

	tab.Open(site.URL + "/o/3/form")
	if got := tab.Text("#live .pill"); got != "line break" {
		t.Errorf("the live part shows %q", got)
	}
	close(end)
	tab.Do(chromedp.WaitNotPresent(chromedp.CSS("#live .pill")))
	if got := tab.Text("#loads"); got != "load 2" {
		t.Errorf("after the stream ended the page is %q, not asked for again", got)
	}

	webtest.Eval[bool](tab, `document.addEventListener("submit", e => e.preventDefault()), true`)
	tab.Click("main form button")
	tab.Do(chromedp.WaitReady(chromedp.CSS("main form button[aria-busy]:disabled")))

	file := filepath.Join(t.TempDir(), "voters.txt")
	if err := os.WriteFile(file, make([]byte, 3_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Open(site.URL + "/o/3/components")
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	if got := tab.Text(".drop output"); got != "voters.txt, 3 MB" {
		t.Errorf("the file input says %q", got)
	}
}
