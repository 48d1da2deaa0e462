package webtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// verdict is a test that remembers what it was failed for.
type verdict struct {
	testing.TB
	said []string
}

func (v *verdict) Errorf(format string, args ...any) {
	v.said = append(v.said, fmt.Sprintf(format, args...))
}
func (v *verdict) Helper()        {}
func (v *verdict) Cleanup(func()) {}

func (v *verdict) mustSay(t *testing.T, what string) {
	t.Helper()
	if all := strings.Join(v.said, "\n"); !strings.Contains(all, what) {
		t.Errorf("nobody noticed %q; said was %q", what, all)
	}
	v.said = nil
}

func bad(v *web.Visit) error {
	return v.Page(200, web.Head{Title: "bad"}, templ.Raw(
		`<img src="/static/none.svg"><p onclick="x()">wide</p><script>document.title = "taken over"</script><pre>`+strings.Repeat("w", 4000)+`</pre>`))
}

func TestTheBrowserNoticesBadPages(t *testing.T) {
	h := NewHouse()
	site := Serve(t, web.Config{Sessions: h, Seats: h, Routes: []web.Route{
		{Method: "GET", Path: "/bad", Permit: permit.Public, Handle: bad},
	}})
	v := &verdict{TB: t}
	tab := Browser(t).Tab(v)
	tab.Open(site.URL + "/bad")
	tab.Axe()
	v.mustSay(t, "image-alt")
	tab.Overflow()
	v.mustSay(t, "scrolls sideways")
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if all := strings.Join(tab.troubles, "\n"); !strings.Contains(all, "Content Security Policy") && !strings.Contains(all, "inline") {
		t.Errorf("nobody noticed the inline script: %q", all)
	}
	if got := Eval[string](tab, "document.title"); strings.Contains(got, "taken over") {
		t.Error("the inline script ran")
	}
}

// TestExerciseNoticesOpenDoors serves routes as if everybody might use them, and asks as if they were guarded.
func TestExerciseNoticesOpenDoors(t *testing.T) {
	const p permit.Permit = "field.person.look"
	h := NewHouse()
	open := func(v *web.Visit) error { return v.JSON(200, v.R.URL.Path) }
	site := Serve(t, web.Config{Sessions: h, Seats: h, Routes: []web.Route{
		{Method: "GET", Path: "/x/{org}/person", Permit: permit.Public, Handle: open},
	}})
	r := Refusing{URL: site.URL, SignIn: "/sign-in", Bare: func() *http.Client { return site.Client(t, "") }, Home: 1, Other: 2, Nowhere: 3}
	route := web.Route{Method: "GET", Path: "/x/{org}/person", Permit: p}
	v := &verdict{TB: t}
	r.noSession(v, route)
	v.mustSay(t, "without a session: 200")
	r.noPermit(v, route)
	v.mustSay(t, "without the permit field.person.look: 200")
	r.otherOrg(v, route)
	v.mustSay(t, "in another's organization: 200")
	r.otherSite(v, route)
	v.mustSay(t, "from another site: 200")
}
