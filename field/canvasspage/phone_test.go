package canvasspage

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// text is what stands on the screen.
func (p *phone) text() string {
	p.t.Helper()
	return webtest.Eval[string](p.Tab, "document.body.innerText")
}

// keeps reports whether the phone keeps anything.
func (p *phone) keeps() bool {
	p.t.Helper()
	return webtest.Eval[bool](p.Tab, `indexedDB.databases().then(all => all.some(d => d.name === "field-canvass"))`)
}

func TestRevokedPhoneIsEmptiedOnceAllIsSafe(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.Flaky()
	s.do(func() { s.fate = func() string { return "cut" }; s.revoked = true }) // the server takes it and says so, and nobody hears
	p.tap("Next door:")
	p.tap("Not home")
	p.see("1 answer is kept on this phone")
	if !p.keeps() {
		t.Fatal("the phone is emptied while something waits")
	}
	s.do(func() { s.fate = func() string { return "" } })
	p.tap("More")
	p.tap("What is on this phone")
	p.tap("Try to send now")
	p.see("This phone is empty")
	p.see("Everything recorded on it is on the server")
	p.look("erased-en")
	if p.keeps() {
		t.Error("a phone that was signed out keeps its database")
	}
	if s.count() != 1 {
		t.Errorf("the server holds %v", s.kinds())
	}
	p.tap("Start again")
	p.see("List number")
}

func TestTurfThatWasTakenBackGoesOnceAllIsSafe(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.Unplug(true)
	p.tap("Next door:")
	p.tap("Not home")
	p.see("1 answer is kept on this phone")
	s.do(func() {
		s.states[packetID] = "recalled"
		s.aside["attempt"] = "The turf was taken back before this came."
	})
	p.Unplug(false)
	p.see("Turf 14 is over or was taken back. Everything recorded there is on the server.")
	p.see("There is no turf on this phone.")
	if s.count() != 1 {
		t.Errorf("the server holds %v", s.kinds())
	}
	if text := p.text(); strings.Contains(text, "Okafor") {
		t.Errorf("names of a turf that was taken back are shown:\n%s", text)
	}
}

func TestPhoneThatIsNotKnownKeepsItsAnswers(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	s.do(func() { s.unknown = true })
	p.tap("Next door:")
	p.tap("Not home")
	p.see("The server does not know this phone any more. Answers are kept here.")
	s.do(func() { s.unknown = false })
	p.tap("More")
	p.tap("What is on this phone")
	p.tap("Try to send now")
	p.holds(1)
}

func TestWhatWasSetAsideSaysWhy(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	s.aside["attempt"] = "This door is not in the turf."
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.tap("Next door:")
	p.tap("Not home")
	p.holds(1)
	p.tap("More")
	p.tap("What is on this phone")
	p.see("Set aside")
	p.see("This door is not in the turf.")
	p.look("aside-en")
}

func TestForgottenPINCostsALookAtThePaper(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.Unplug(true)
	p.tap("Next door:")
	p.tap("Not home")
	p.see("1 answer is kept on this phone")
	p.open()
	p.see("1 answer waits on this phone")
	p.tap("Forgot the PIN")
	p.see("Open with a new PIN")
	again := func(number string) {
		p.fill("List number", number)
		p.fill("PIN", "86420")
		p.fill("The same PIN again", "86420")
		p.tap("Open with a new PIN")
	}
	again("4821-730")
	p.see("There is no signal here")
	p.Unplug(false)
	again("1111-111")
	p.see("That is not the list number")
	s.do(func() { s.revoked = true })
	again("4821-730")
	p.see("Answers still wait here")
	s.do(func() { s.revoked = false })
	again("4821-730")
	p.holds(1)
	p.open()
	p.see("Locked")
	p.fill("PIN", pin)
	p.tap("Unlock")
	p.see("That is not the PIN")
	p.fill("PIN", "86420")
	p.tap("Unlock")
	p.see("Next door:")
}

// away puts the app into the background, or back.
func (p *phone) away(hidden bool) {
	p.t.Helper()
	state := map[bool]string{true: "hidden", false: "visible"}[hidden]
	webtest.Eval[bool](p.Tab, fmt.Sprintf(`Object.defineProperty(document, "visibilityState", {value: %q, configurable: true}), document.dispatchEvent(new Event("visibilitychange")), true`, state))
}

func TestLocksAfterFiveMinutesAway(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	later := func(minutes int) {
		webtest.Eval[bool](p.Tab, fmt.Sprintf("globalThis.now0 ??= Date.now, Date.now = () => now0() + %d, true", minutes*60_000))
	}
	p.away(true)
	later(4)
	p.away(false)
	if text := p.text(); !strings.Contains(text, "Okafor") {
		t.Errorf("locked after four minutes:\n%s", text)
	}
	p.away(true)
	later(10)
	p.away(false)
	p.see("Locked")
	if text := p.text(); strings.Contains(text, "Okafor") {
		t.Errorf("names can be read on the locked screen:\n%s", text)
	}
	p.unlock()
	p.see("Okafor")
}

// TestOpensWithoutNetwork opens the app on a slow phone that has no signal. How long it takes is in docs/performance.md.
func TestOpensWithoutNetwork(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(60)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.Unplug(true)
	p.Slow(4)
	p.open()
	p.see("Locked")
	t.Logf("the locked screen stands after %.0f ms, with the processor at a quarter", webtest.Eval[float64](p.Tab, `performance.getEntriesByName("shown")[0].startTime`))
	began := `globalThis.began = performance.now(), true`
	webtest.Eval[bool](p.Tab, began)
	p.unlock()
	p.see("Next door:")
	t.Logf("60 doors stand %.0f ms after the PIN", webtest.Eval[float64](p.Tab, `performance.getEntriesByName("shown").pop().startTime - began`))
}

var shellFile = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// TestAppIsSmall holds the app, all that a phone must fetch to have it, to 200 kB as they travel, and a turf of 60 doors to 60 kB before that.
func TestAppIsSmall(t *testing.T) {
	s := newStub(t)
	get := func(path string) (int, string) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.site.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := s.site.Client(t, "").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
		}
		if res.Header.Get("Content-Encoding") != "gzip" {
			return len(b), string(b)
		}
		z, err := gzip.NewReader(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return len(b), string(plain)
	}
	total, shell := get("/canvass")
	files := shellFile.FindAllStringSubmatch(shell, -1)
	if len(files) < 5 {
		t.Fatalf("the shell names %d files", len(files))
	}
	seen := map[string]bool{}
	for _, path := range []string{"/canvass/worker.js", "/canvass/manifest.json", "/canvass/icon-192.png"} {
		n, _ := get(path)
		total += n
	}
	_, worker := get("/canvass/worker.js")
	for _, m := range files {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		n, _ := get(m[1])
		t.Logf("%6d %s", n, m[1])
		total += n
		if !strings.Contains(worker, `"`+m[1]+`"`) {
			t.Errorf("the worker does not keep %s, so the app would not open without a network", m[1])
		}
	}
	t.Logf("%6d in all", total)
	if total > 200_000 {
		t.Errorf("the app is %d bytes on the wire, at most 200,000", total)
	}
	if n := len(turfText(60)); n > 60_000 {
		t.Errorf("60 doors are %d bytes, at most 60,000", n)
	}
}

// TestNewerAppTakesOverWhenNobodyIsInTheMiddle changes the worker under a phone: the old app goes on until the screen is locked, and nothing is lost.
func TestNewerAppTakesOverWhenNobodyIsInTheMiddle(t *testing.T) {
	worker, err := os.ReadFile("../built/canvassworker.js")
	if err != nil {
		t.Fatal(err)
	}
	built := fstest.MapFS{"built/canvassworker.js": {Data: worker}}
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	s.built = built
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	versions := func() string { return webtest.Eval[string](p.Tab, "caches.keys().then(k => k.join())") }
	first := versions()
	p.tap("Next door:")
	p.tap("Not home")
	p.holds(1)
	s.do(func() { built["built/canvassworker.js"] = &fstest.MapFile{Data: append(worker, "//2"...)} })
	p.open()
	p.see("Locked")
	p.until(fmt.Sprintf("caches.keys().then(k => k.length === 1 && k[0] !== %q)", first), "the newer worker never takes over")
	p.see("Locked")
	if second := versions(); second == first || strings.Contains(second, ",") {
		t.Errorf("after the newer worker took over the phone keeps %q, before %q", second, first)
	}
	p.unlock()
	p.holds(1)
}

func TestShellIsPublicAndStrict(t *testing.T) {
	s := newStub(t)
	for path, want := range map[string]map[string]string{
		"/canvass":               {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"},
		"/canvass/worker.js":     {"Content-Type": "text/javascript; charset=utf-8", "Service-Worker-Allowed": "/canvass", "Cache-Control": "no-store"},
		"/canvass/manifest.json": {"Content-Type": "application/manifest+json"},
		"/canvass/icon-512.png":  {"Content-Type": "image/png"},
	} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.site.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.site.Client(t, "").Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || strings.Contains(res.Header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %d, %q", path, res.StatusCode, res.Header.Get("Content-Security-Policy"))
		}
		if got := strings.Contains(res.Header.Get("Permissions-Policy"), "geolocation=(self)"); got != (path == "/canvass") {
			t.Errorf("%s may ask where the phone is: %v", path, got)
		}
		for k, v := range want {
			if got := res.Header.Get(k); got != v {
				t.Errorf("%s: %s is %q, want %q", path, k, got, v)
			}
		}
	}
}

// TestNearestDoors takes doors from ground that nobody cut, from where the phone stands, and sees itself on the map.
func TestNearestDoors(t *testing.T) {
	s := newStub(t)
	s.ground = 12
	p := newPhone(t, webtest.Browser(t), s)
	p.At(s.site.URL, -76.2, 38.9)
	p.arrive()
	p.see("There is no turf on this phone.")
	p.see("20 doors")
	p.look("near-en")
	p.tap("Take the nearest doors")
	p.see("18 of 20 doors left")
	p.tap("Turf 14")
	p.tap("Show the map")
	p.see("Next: 1100 Cedar St")
	p.tap("Show where I am")
	p.see("Next: 1100 Cedar St, 0 m")
	drawn := `(() => { const c = document.querySelector("canvas"), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 0; i < d.length; i += 4) if (d[i] === 0x26 && d[i + 1] === 0x72 && d[i + 2] === 0xde) n++; return n > 20; })()`
	p.until(drawn, "the phone is not on its map")
	p.look("map-here-en")
	p.tap("Closer")
	p.tap("Whole turf")
	if aria := webtest.Eval[string](p.Tab, `document.querySelector("canvas").getAttribute("aria-label")`); aria != "Map: 18 doors left, drawn as rings; 2 done, drawn as dots" {
		t.Errorf("the map is described as %q", aria)
	}
	// A finger on a ring opens its door.
	p.Do(chromedp.TapXY(webtest.Eval[float64](p.Tab, ringX), webtest.Eval[float64](p.Tab, ringY)))
	p.see("For the whole door")
}

// Where the filled ring of the next door is: its pixels' middle.
const (
	ring  = `(() => { const c = document.querySelector("canvas"), r = c.getBoundingClientRect(), k = c.width / r.width, d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let [n, x, y] = [0, 0, 0]; for (let i = 0; i < d.length; i += 4) if (d[i] === 0x07 && d[i + 1] === 0x64 && d[i + 2] === 0x8d) { n++; x += i / 4 % c.width; y += Math.floor(i / 4 / c.width); } return [r.left + x / n / k, r.top + y / n / k]; })()`
	ringX = ring + "[0]"
	ringY = ring + "[1]"
)
