package listpage

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
