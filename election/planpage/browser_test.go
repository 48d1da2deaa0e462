package planpage

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// enter opens a tab in which the administrator is signed in.
func enter(t *testing.T, s *webtest.Site) *webtest.Tab {
	t.Helper()
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=planner; path=/'")
	return tab
}

// written is the answer of the page as it stands, a part a line.
const written = `document.querySelector("[data-answer]").innerHTML.replace(/\s*([<>])\s*/g, "$1").replaceAll("><", ">\n<")`

// answered lets the browser answer once more after an input, and waits for it: a minute at most.
const answered = `new Promise((done, fail) => {
	const desk = document.querySelector("[data-plan]");
	const before = desk.dataset.answered;
	new MutationObserver(() => { if (desk.dataset.answered !== before) done(true) }).observe(desk, {attributes: true});
	setTimeout(() => fail(new Error("no answer")), 60000);
	desk.querySelector("form").dispatchEvent(new Event("input"));
})`

// changed puts texts into the form.
func changed(tab *webtest.Tab, q url.Values) {
	for name, v := range q {
		webtest.Eval[string](tab, `document.getElementById("`+name+`").value = decodeURIComponent("`+url.PathEscape(v[0])+`")`)
	}
}

func with(more url.Values) url.Values {
	q := maps.Clone(halden)
	maps.Copy(q, more)
	return q
}

var questions = map[string]url.Values{
	"ALPHA":            halden,
	"Kaplan-Markov":    with(url.Values{"method": {"supersimple"}}),
	"MACRO":            with(url.Values{"method": {"macro"}, "batch": {"300"}}),
	"BRAVO":            with(url.Values{"method": {"bravo"}}),
	"Minerva":          with(url.Values{"method": {"minerva"}}),
	"Providence":       with(url.Values{"method": {"providence"}}),
	"ALPHA polling":    with(url.Values{"method": {"alpha-polling"}, "margin": {"8"}}),
	"one place":        with(url.Values{"counties": {""}}),
	"votes":            {"ballots": {"9000"}, "tally": {"Ávila, Ana: 3,000\nO'Brien; 2500\nNo 100"}, "winners": {"1"}},
	"several win":      {"ballots": {"9000"}, "tally": {"A, 3000\nB, 2500\nC, 1900"}, "winners": {"2"}, "limit": {"10"}},
	"a tie":            with(url.Values{"margin": {"0"}}),
	"many errors":      with(url.Values{"over1": {"20"}, "over2": {"10"}}),
	"a markup's signs": with(url.Values{"counties": {"<b>Halden & \"Brandt\"</b>, 150000, 2"}}),
	"the largest":      with(url.Values{"ballots": {"100000000"}, "margin": {"0.5"}, "counties": {""}, "minutes": {"0.1"}}),
}

func TestServerAndBrowserSayTheSame(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	for _, lang := range []string{"en", "es"} {
		for name, q := range questions {
			tab.Open(s.URL + page7 + "?lang=" + lang + "&" + q.Encode())
			want := webtest.Eval[string](tab, written)
			webtest.Eval[string](tab, `document.querySelector("[data-answer]").firstElementChild.textContent = "of the server"`)
			webtest.Eval[bool](tab, answered)
			got := webtest.Eval[string](tab, written)
			if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(want, "<path") {
				t.Errorf("%s in %s: the server's answer (-) and the browser's (+):\n%s", name, lang, diff)
			}
		}
	}
}

func TestTheAnswerFollowsTheTyping(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	tab.Open(s.URL + page7 + "?ballots=&margin=&tally=")
	if tab.Text(".faults") == "" {
		t.Fatal("the server says nothing of what is wrong")
	}
	changed(tab, url.Values{"ballots": {"150,000"}, "method": {"bravo"}})
	webtest.Eval[bool](tab, answered)
	if said := tab.Text("[data-said]"); said != "Give the margin, or the votes below." {
		t.Errorf("without a margin: %q", said)
	}
	changed(tab, url.Values{"margin": {"2.5"}})
	webtest.Eval[bool](tab, answered)
	if said, hint := tab.Text("[data-said]"), tab.Text("#method-hint"); !strings.HasPrefix(said, "Draw ") || !strings.HasPrefix(hint, "Ballots are read by hand") {
		t.Errorf("%q, %q", said, hint)
	}
	if left := webtest.Eval[int](tab, `document.querySelectorAll(".faults, .fault, .wrong, [aria-invalid]").length`); left > 0 {
		t.Errorf("%d faults of the question before are still there", left)
	}
	if at := tab.Path(); !strings.Contains(at, "margin=2.5") || !strings.Contains(at, "method=bravo") {
		t.Errorf("the address does not hold the question: %s", at)
	}
	tab.Axe()
}

// On a phone the answer grows above the form: what somebody types in stays where it is.
func TestTheFormStaysWhereItIs(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	tab.Size(webtest.Phone, 700)
	tab.Open(s.URL + page7)
	changed(tab, halden)
	const top = `Math.round(document.getElementById("minutes").getBoundingClientRect().top)`
	webtest.Eval[bool](tab, `document.getElementById("minutes").scrollIntoView(), true`)
	before := webtest.Eval[int](tab, top)
	webtest.Eval[bool](tab, answered)
	if after := webtest.Eval[int](tab, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(`+top+`))))`); after != before {
		t.Errorf("the input went from %d to %d", before, after)
	}
}

// A browser that cannot unpack the module has the form, as without a script.
func TestOldBrowsersHaveTheForm(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	old := devtools.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.DecompressionStream"}
	if _, err := chromedp.Call(tab.Ctx, devtools.AddScriptToEvaluateOnNewDocument, old); err != nil {
		t.Fatal(err)
	}
	tab.Open(s.URL + page7)
	changed(tab, url.Values{"ballots": {"150000"}, "margin": {"2.5"}})
	webtest.Eval[bool](tab, `document.querySelector("[data-plan] form").dispatchEvent(new Event("input"))`)
	tab.Click("[data-plan] form button")
	tab.Do(chromedp.WaitReady(chromedp.CSS("[data-answer] dl")))
	if text := tab.Text("[data-answer]"); !strings.Contains(text, "If the reported outcome is right") {
		t.Errorf("after the button: %s", text)
	}
}

// Only the planner's page may compile modules.
func TestTheModulesPolicy(t *testing.T) {
	s := serve(t)
	for path, want := range map[string]bool{page7: true, page7 + "?" + halden.Encode(): true, page7 + "/planner": false, "/healthz": false} {
		r, err := s.Client(t, "planner").Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		csp := r.Header.Get("Content-Security-Policy")
		if strings.Contains(csp, "script-src 'self' 'wasm-unsafe-eval';") != want || strings.Contains(csp, "wasm") != want || strings.Contains(csp, "'unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
	}
}

// The page to take along answers from a file, and the same as the site.
func TestThePageToTakeAlong(t *testing.T) {
	s := serve(t)
	tab := enter(t, s)
	for lang, said := range map[string]string{"en": "Nothing that you type leaves this computer", "es": "Nada de lo que usted escriba sale de esta computadora"} {
		tab.Open(s.URL + page7 + "?lang=" + lang + "&" + halden.Encode())
		want := webtest.Eval[string](tab, written)
		file := "file://" + keep(t, s, lang)
		tab.Unplug(true)
		tab.Open(file)
		if text := webtest.Eval[string](tab, "document.body.innerText"); !strings.Contains(text, said) || !strings.Contains(text, "Precinct") {
			t.Errorf("%s: the page does not say what it is: %s", lang, text)
		}
		changed(tab, halden)
		webtest.Eval[bool](tab, answered)
		if diff := cmp.Diff(want, webtest.Eval[string](tab, written)); diff != "" {
			t.Errorf("%s: the site's answer (-) and the file's (+):\n%s", lang, diff)
		}
		for width, name := range map[int64]string{webtest.Desk: "1440", webtest.Phone: "360"} {
			tab.Size(width, 900)
			tab.Overflow()
			tab.Axe()
			if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
				tab.Shot(filepath.Join(dir, "plan-along-"+lang+"-"+name+".png"))
			}
		}
		tab.Unplug(false)
	}
}

// keep loads the page down.
func keep(t *testing.T, s *webtest.Site, lang string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+page7+"/planner", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", lang)
	res, err := s.Client(t, "planner").Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="precinct-planner-`+lang+`.html"` {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "planner.html")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
