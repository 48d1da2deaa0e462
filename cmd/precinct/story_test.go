package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// product is the whole product on one site, started for a story.
type product struct {
	t       *testing.T
	site    *app.Site
	browser *webtest.Chromium
}

// start makes a new organizing site and serves it until the test ends.
func start(t *testing.T, c db.Config) *product {
	t.Helper()
	return startFor(t, c, web.Organizing, "Halden Voter Table")
}

// startFor is start for a site of any purpose.
func startFor(t *testing.T, c db.Config, purpose web.Purpose, name string) *product {
	t.Helper()
	browser := webtest.Browser(t)
	if err := ledger.Declare(app.Kinds(append(programs(web.Organizing), programs(web.Office)...))); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	files := c.Dir
	if files == "" {
		files = t.TempDir()
	}
	site, err := app.Open(context.Background(), app.Config{DB: c, Files: files, Purpose: purpose, Name: name, New: true, Demo: true,
		Origins: []string{originOf(l)}, Programs: programs(purpose), Log: quietLog(streams{err: os.Stderr})})
	if err != nil {
		t.Fatal(err)
	}
	h, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- site.Serve(ctx, l, h) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serving: %v", err)
		}
		if err := site.Close(); err != nil {
			t.Errorf("closing the site: %v", err)
		}
	})
	return &product{t: t, site: site, browser: browser}
}

// visitor is somebody at a browser of their own.
type visitor struct {
	*webtest.Tab
	t      *testing.T
	origin string
}

func (p *product) visitor() *visitor {
	tab := p.browser.Tab(p.t)
	tab.Size(1440, 900)
	return &visitor{Tab: tab, t: p.t, origin: p.site.Origin}
}

// owner is the site's first person, with a passkey, signed in.
func (p *product) owner() *visitor {
	p.t.Helper()
	token, err := firstOwner(context.Background(), p.site, p.site.Site.Name, "Maribel Ocampo", "maribel@halden.example")
	if err != nil {
		p.t.Fatal(err)
	}
	o := p.visitor()
	o.goTo(signInLink(token))
	o.makePasskey()
	return o
}

// makePasskey goes through the first steps of a new account.
func (p *visitor) makePasskey() {
	p.t.Helper()
	p.Authenticator()
	p.check("make a passkey")
	p.Click("[data-passkey=create]")
	p.see("Keep a way back")
	p.press("Show my recovery codes")
	p.see("They are shown only now")
}

func (p *visitor) goTo(path string) {
	p.t.Helper()
	p.Open(p.origin + path)
}

// forget drops the browser's cookies; its passkeys stay.
func (p *visitor) forget() {
	p.t.Helper()
	if _, err := chromedp.Call(p.Ctx, network.ClearBrowserCookies, struct{}{}); err != nil {
		p.t.Fatal(err)
	}
}

// press clicks the button or link whose words are label.
func (p *visitor) press(label string) {
	p.t.Helper()
	path := `//*[self::button or self::a or self::summary or self::label][contains(normalize-space(.), "` + label + `")]`
	p.Do(chromedp.Click(chromedp.Search(path)))
}

// see waits until the page says words.
func (p *visitor) see(words string) {
	p.t.Helper()
	said := ""
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		now, err := chromedp.Run(p.Ctx, chromedp.Evaluate[string]("document.readyState === 'complete' ? document.body.innerText : ''"))
		if err == nil && strings.Contains(now, words) {
			return
		}
		if err == nil {
			said = now
		}
	}
	p.t.Fatalf("at %s: waited for %q, the page says:\n%s", p.Path(), words, said)
}

// check looks at the page as axe does, at both widths, and in both languages when PRECINCT_SHOTS names a folder for pictures.
func (p *visitor) check(name string) {
	p.t.Helper()
	p.icons(name)
	p.Axe()
	p.Size(360, 740)
	p.Overflow()
	p.Axe()
	p.picture(name, "360")
	p.Size(1440, 900)
	p.picture(name, "1440")
}

// icons looks whether every icon that the page uses is there, as it is not when a part of a page came without its own.
func (p *visitor) icons(name string) {
	p.t.Helper()
	if missing := webtest.Eval[string](p.Tab, `[...new Set([...document.querySelectorAll("use")].map(u => u.getAttribute("href")))].filter(h => h.startsWith("#") && !document.querySelector(h)).join(" ")`); missing != "" {
		p.t.Errorf("%s: icons that are used and not there: %s", name, missing)
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func (p *visitor) picture(name, width string) {
	dir := os.Getenv("PRECINCT_SHOTS")
	if dir == "" {
		return
	}
	file := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-")
	p.Shot(filepath.Join(dir, file+"-"+width+".png"))
}

// checkSpanish looks at the same page in Spanish.
func (p *visitor) checkSpanish(name string) {
	p.t.Helper()
	here := p.Path()
	sep := "?"
	if strings.Contains(here, "?") {
		sep = "&"
	}
	p.goTo(here + sep + "lang=es")
	p.check(name + " es")
	p.goTo(here + sep + "lang=en")
}

// fill sets an input to text.
func (p *visitor) fill(name, text string) {
	p.t.Helper()
	p.Do(chromedp.SetValue(chromedp.CSS(`main [name="`+name+`"]`), text))
}

// files chooses files in a file input.
func (p *visitor) files(name string, paths ...string) {
	p.t.Helper()
	p.Do(chromedp.SetUploadFiles(chromedp.CSS(`input[name="`+name+`"]`), paths))
}

// letter returns the first link in the newest mail whose subject holds words.
func (p *visitor) letter(words string) string {
	p.t.Helper()
	p.goTo("/mail")
	p.see(words)
	p.press(words)
	p.see("Open this link")
	link := webtest.Eval[string](p.Tab, `document.querySelector("main p a[href*='token=']").href`)
	u, err := url.Parse(link)
	if err != nil {
		p.t.Fatal(err)
	}
	return u.RequestURI()
}

// syntheticNC writes a small state and returns its folder and truth.
func syntheticNC(t *testing.T, voters, month int) (string, synth.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	m, err := writeSynth(synth.Options{Layout: layout.NC, Voters: voters, Seed: 7}, month, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// choose takes an option of a select by its words.
func (p *visitor) choose(name, option string) {
	p.t.Helper()
	p.Do(chromedp.SetValue(chromedp.CSS(`select[name="`+name+`"]`), option))
}
