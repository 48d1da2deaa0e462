package turfpage

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// look opens a page wide and narrow in both languages: nothing that WCAG 2.2 AA forbids, nothing wider than the screen.
func look(t testing.TB, tab *webtest.Tab, name, at, ready string) {
	t.Helper()
	for _, lang := range []words.Lang{words.EN, words.ES} {
		for _, width := range []int64{webtest.Desk, webtest.Phone} {
			tab.Size(width, 900)
			with := "?"
			if strings.Contains(at, "?") {
				with = "&"
			}
			tab.Open(at + with + "lang=" + string(lang))
			if ready != "" {
				tab.Do(chromedp.WaitVisible(chromedp.CSS(ready)))
			}
			tab.Overflow()
			tab.Axe()
			if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
				tab.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
			}
		}
	}
}

func TestPagesInTheBrowser(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		tab := s.signIn(t, "organizer")
		root := s.URL + "/o/1/field/turf"
		look(t, tab, "turf-empty", root, "")
		m, turfs := s.Cut(s.organizer, "Millbrook")
		give := func(g turfstore.Give) turfstore.Handout {
			t.Helper()
			g.Map = m.ID
			all, err := s.Turfs.Give(t.Context(), s.organizer, g)
			if err != nil {
				t.Fatal(err)
			}
			return all[0]
		}
		give(turfstore.Give{Turfs: []turfstore.TurfID{turfs[0].ID}, To: turfstore.ToNumber})
		give(turfstore.Give{Turfs: []turfstore.TurfID{turfs[1].ID}, To: turfstore.ToAccount, ToID: int64(s.organizer.Account())})
		at := root + "/" + idText(m.ID)
		look(t, tab, "turf-maps", root, "")
		look(t, tab, "turf-new", root+"/new", "")
		look(t, tab, "turf-cut", at+"?chosen=3", "#cut[data-ready]")
		look(t, tab, "turf-handout", at+"/handout", "")
		look(t, tab, "turf-give", at+"/give", "")
		look(t, tab, "turf-whole", at+"/give?whole=1", "")
		look(t, tab, "turf-number", at+"/number", "")
		look(t, tab, "turf-about", at+"/about", "")
	})
}

// TestABaseMapLiesBelow draws vector tiles and pictures that the site has itself.
func TestABaseMapLiesBelow(t *testing.T) {
	dot, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	roads := mvt.NewLayer("roads")
	roads.Add(mvt.Line, [][]mvt.XY{{{X: 0, Y: 0}, {X: 4096, Y: 4096}}}, map[string]any{"kind": "highway", "name": "Diagonal Rd"})
	for name, c := range map[string]struct {
		raster bool
		kind   string
		tile   []byte
	}{"vector": {false, "application/vnd.mapbox-vector-tile", roads.Append(nil)}, "pictures": {true, "image/png", dot}} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			tiles := web.Route{Method: http.MethodGet, Path: "/o/{org}/place/base/{z}/{x}/{y}", Permit: permit.SignedIn, Handle: func(v *web.Visit) error {
				asked.Add(1)
				v.W.Header().Set("Content-Type", c.kind)
				_, err := v.W.Write(c.tile)
				return err
			}}
			runOn(t, web.BaseMap{Own: true, Raster: c.raster, Max: 14, Credit: "© the makers"}, func(t *testing.T, s *site) {
				m := s.Made(s.organizer, "Millbrook")
				tab := s.signIn(t, "organizer")
				tab.Size(webtest.Desk, 900)
				tab.Open(s.URL + "/o/1/field/turf/" + idText(m.ID))
				tab.Do(chromedp.WaitVisible(chromedp.CSS("#cut[data-ready]")))
				if f := webtest.Eval[string](tab, "document.querySelector('#cut').getAttribute('data-fault') ?? ''"); f != "" || asked.Load() == 0 {
					t.Errorf("%d tiles were asked for; the map says: %s", asked.Load(), f)
				}
				if credit := tab.Text("#credit"); credit != "© the makers" {
					t.Errorf("the map names %q", credit)
				}
				if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
					tab.Shot(filepath.Join(dir, "turf-base-"+name+".png"))
				}
			}, tiles)
		})
	}
}

// steps waits until the page has drawn the plan of another edition.
func waits(t testing.TB, tab *webtest.Tab, what, condition string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if webtest.Eval[bool](tab, condition) {
			return
		}
	}
	t.Fatalf("%s: %s never held; the map says %q", what, condition, webtest.Eval[string](tab, "document.querySelector('#bar').textContent"))
}

// TestTheMapIsDrawnOn cuts with the tools: the slider, keys, a shape drawn by hand.
func TestTheMapIsDrawnOn(t *testing.T) {
	run(t, func(t *testing.T, s *site) {
		m := s.Made(s.organizer, "Millbrook")
		tab := s.signIn(t, "organizer")
		tab.Size(webtest.Desk, 900)
		tab.Open(s.URL + "/o/1/field/turf/" + idText(m.ID))
		tab.Do(chromedp.WaitVisible(chromedp.CSS("#cut[data-ready]")))
		if f := webtest.Eval[string](tab, "document.querySelector('#cut').getAttribute('data-fault') ?? ''"); f != "" {
			t.Errorf("the map says: %s", f)
		}
		rows := func() int { return webtest.Eval[int](tab, "document.querySelectorAll('#turfs tbody tr').length") }
		edition := func() string { return webtest.Eval[string](tab, "document.querySelector('#cut').dataset.edition") }
		before := rows()

		// The slider cuts while it moves, and keeps the last when it is let go.
		webtest.Eval[bool](tab, `(() => { const s = document.querySelector('#slide'); s.value = 40; s.dispatchEvent(new Event('input', {bubbles: true})); return true })()`)
		waits(t, tab, "moving the slider", fmt.Sprintf("document.querySelectorAll('#turfs tbody tr').length < %d", before))
		if e := edition(); e != fmt.Sprint(m.Edition) {
			t.Errorf("a slider that still moves made edition %s", e)
		}
		webtest.Eval[bool](tab, `(() => { document.querySelector('#slide').dispatchEvent(new Event('change', {bubbles: true})); return true })()`)
		waits(t, tab, "letting the slider go", fmt.Sprintf("document.querySelector('#cut').dataset.edition === '%d'", m.Edition+1))
		few := rows()

		// Keys: next turf, split it, undo.
		key := func(k string) {
			t.Helper()
			webtest.Eval[bool](tab, fmt.Sprintf(`(() => { document.activeElement.blur(); document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true})); return true })()`, k))
		}
		key("n")
		waits(t, tab, "n", "document.querySelector('#turf-1.chosen') !== null && document.querySelector('#one') !== null")
		key("s")
		waits(t, tab, "s", fmt.Sprintf("document.querySelectorAll('#turfs tbody tr').length === %d", few+1))
		key("u")
		waits(t, tab, "u", fmt.Sprintf("document.querySelectorAll('#turfs tbody tr').length === %d", few))
		key("k")
		waits(t, tab, "k", "document.querySelector('#turf-1').textContent.includes('locked')")

		// A rectangle drawn over a corner of the map becomes a turf.
		key("d")
		tab.Click(`#bar [data-act="rectangle"]`)
		box := webtest.Eval[[]float64](tab, "(() => { const r = document.querySelector('#sheet').getBoundingClientRect(); return [r.left, r.top, r.width, r.height] })()")
		x, y := box[0]+box[2]*0.55, box[1]+box[3]*0.52
		tab.Do(chromedp.MouseEvent("mousePressed", x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)),
			chromedp.MouseEvent("mouseMoved", x+80, y+60, chromedp.ButtonLeft), chromedp.MouseEvent("mouseMoved", x+160, y+140, chromedp.ButtonLeft),
			chromedp.MouseEvent("mouseReleased", x+160, y+140, chromedp.ButtonLeft, chromedp.ClickCount(1)))
		waits(t, tab, "drawing", "/^[1-9]\\d* doors · [1-9]\\d* people$/.test(document.querySelector('#bar [data-figures]').textContent)")
		if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
			tab.Shot(filepath.Join(dir, "turf-drawing.png"))
		}
		tab.Click(`#bar [data-act="new"]`)
		waits(t, tab, "a new turf", fmt.Sprintf("document.querySelectorAll('#turfs tbody tr').length === %d", few+1))

		// A line that no walk crosses is drawn, kept by every cut, and removed.
		key("l")
		for _, at := range []float64{0.2, 0.8} {
			cx, cy := box[0]+box[2]*at, box[1]+box[3]*0.5
			tab.Do(chromedp.MouseEvent("mousePressed", cx, cy, chromedp.ButtonLeft, chromedp.ClickCount(1)), chromedp.MouseEvent("mouseReleased", cx, cy, chromedp.ButtonLeft, chromedp.ClickCount(1)))
			time.Sleep(400 * time.Millisecond) // two clicks in a row would be a double click, which brings the map closer
		}
		tab.Click(`#bar [data-act="barrier"]`)
		waits(t, tab, "a line", "document.querySelector('#lines') !== null && document.querySelector('#wish [name=lines]').value.split(' ').length === 2")
		if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
			tab.Shot(filepath.Join(dir, "turf-line.png"))
		}
		webtest.Eval[bool](tab, "document.querySelector('#lines button').click(), true")
		waits(t, tab, "removing the line", "document.querySelector('#lines') === null")
		key("u") // the line
		waits(t, tab, "u, the line", "document.querySelector('#lines') !== null")
		key("u")
		waits(t, tab, "u, before the line", fmt.Sprintf("document.querySelector('#lines') === null && document.querySelectorAll('#turfs tbody tr').length === %d", few+1))

		// An address is found by its key and what one types.
		key("/")
		if id := webtest.Eval[string](tab, "document.activeElement.id"); id != "address" {
			t.Errorf("/ goes to %q", id)
		}
		tab.Do(chromedp.SendKeys(chromedp.CSS("#address"), "104 bld"))
		waits(t, tab, "finding", "document.querySelectorAll('#found [data-at]').length === 1")
		if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
			webtest.Eval[bool](tab, "document.querySelector('#layers').open = true")
			tab.Shot(filepath.Join(dir, "turf-found.png"))
		}
		tab.Click("#found [data-at]")
		waits(t, tab, "the address", "document.querySelector('#one') !== null && document.querySelector('#turf-' + document.querySelector('#found [data-at]').dataset.in).classList.contains('chosen')")

		// What the map shows is remembered.
		webtest.Eval[bool](tab, "document.querySelector('[data-layer=turfs]').click(), true")
		if off := webtest.Eval[string](tab, "localStorage.getItem('turf-layers-off')"); off != "turfs" {
			t.Errorf("turned off: %q", off)
		}
		tab.Click("[data-save]")
		tab.Do(chromedp.WaitVisible(chromedp.CSS("#choose")))
		all, err := s.Turfs.Turfs(t.Context(), s.organizer, m.ID)
		if err != nil || len(all) != few+1 {
			t.Errorf("%d turfs are saved, %v; want %d", len(all), err, few+1)
		}
	})
}
