package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// TestFenceHeaders asks every route, and what is no route, and looks at what browsers are told about the answer.
func TestFenceHeaders(t *testing.T) {
	e := newEstate(t, "", nil)
	admin := e.alpha.session[org.Administrator]
	type asked struct{ method, path, session string }
	var all []asked
	for _, r := range allRoutes(t, e.site.Web()) {
		p := under(r, fmt.Sprint(e.alpha.id))
		if r.Method == http.MethodGet {
			all = append(all, asked{r.Method, p, ""}, asked{r.Method, p, admin})
		}
		all = append(all, asked{"PUT", p, admin})
	}
	for _, p := range []string{"/nowhere", "/o/1/nowhere", "/healthz", "//", "/o/../o/2"} {
		all = append(all, asked{"GET", p, admin})
	}
	for _, a := range all {
		res := e.ask(a.session, a.method, a.path, nil)
		h := res.Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", a.method, a.path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s %s: the policy lacks %s", a.method, a.path, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "http:") {
			t.Errorf("%s %s: the policy allows too much: %s", a.method, a.path, csp)
		}
		if h.Get("Access-Control-Allow-Origin") != "" || h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
			t.Errorf("%s %s: %v", a.method, a.path, h)
		}
		for _, c := range res.Result().Cookies() {
			soundCookie(t, a.path, c)
		}
	}
}

func soundCookie(t *testing.T, path string, c *http.Cookie) {
	t.Helper()
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("%s sets %s", path, c)
	}
	if c.Name != "lang" && !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("%s sets %s without the prefix __Host-", path, c.Name)
	}
}

// TestFenceForeigners: other sites, other hosts, other places to go.
func TestFenceForeigners(t *testing.T) {
	e := newEstate(t, "", nil)
	routes := allRoutes(t, e.site.Web())
	admin := e.alpha.session[org.Administrator]
	t.Run("another site's page posts", func(t *testing.T) {
		for _, r := range routes {
			if r.Method == http.MethodGet {
				continue
			}
			for _, h := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}}, {"Origin": {"http://table.example.evil.example"}}} {
				req := request(admin, r.Method, under(r, fmt.Sprint(e.alpha.id)), fullForm())
				req.Header.Del("Sec-Fetch-Site")
				for k, v := range h {
					req.Header[k] = v
				}
				if res := reply(e.handler, req); res.Code != http.StatusForbidden || len(res.Result().Cookies()) > 0 {
					t.Errorf("%s %s with %v: %d, want 403", r.Method, r.Path, h, res.Code)
				}
			}
		}
	})
	t.Run("another host", func(t *testing.T) {
		for _, host := range []string{"evil.example", "table.example.evil.example", "table.example:8443", "127.0.0.1", "", "table.example@evil.example"} {
			for _, path := range []string{"/", "/sign-in", "/recover", fmt.Sprintf("/o/%d", e.alpha.id)} {
				req := request(admin, "GET", path, nil)
				req.Host = host
				if res := reply(e.handler, req); res.Code != http.StatusMisdirectedRequest || host != "" && strings.Contains(res.Body.String(), host) {
					t.Errorf("%s as host %q: %d", path, host, res.Code)
				}
			}
		}
		req := request("", "GET", "/recover", nil)
		req.Header.Set("X-Forwarded-Host", "evil.example")
		req.Header.Set("Forwarded", "host=evil.example")
		if res := reply(e.handler, req); strings.Contains(res.Body.String(), "evil.example") {
			t.Error("a forwarded host is on the page")
		}
	})
	t.Run("elsewhere next", func(t *testing.T) { e.nextElsewhere(t, routes) })
	t.Run("what is served by mistake", func(t *testing.T) {
		for _, p := range []string{"/.git/config", "/.git/HEAD", "/.env", "/debug/pprof/", "/debug/vars", "/metrics", "/static/", "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/go.mod",
			"/site.key", "/blob/", "/mail", "/components", "/demo", "/server-status", "/.well-known/security.txt~", "/sign-in.bak", "/precinct.db"} {
			if res := e.ask(admin, "GET", p, nil); res.Code != http.StatusNotFound && !(res.Code >= 300 && res.Code < 400) {
				t.Errorf("%s: %d, want 404", p, res.Code)
			} else if to := res.Header().Get("Location"); to != "" && e.ask(admin, "GET", to, nil).Code != http.StatusNotFound {
				t.Errorf("%s leads to %s", p, to)
			}
		}
	})
}

// nextElsewhere asks every route to send its reader to another site.
func (e *estate) nextElsewhere(t *testing.T, routes []web.Route) {
	for _, to := range []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, `\\evil.example`, "/\t/evil.example/", "javascript:alert(1)", "https:evil.example", "/%0d%0aSet-Cookie:x=1//evil.example", "http:///evil.example"} {
		for _, r := range routes {
			for _, session := range []string{"", e.alpha.session[org.Administrator]} {
				if r.Path == "/sign-out" && session != "" || strings.HasPrefix(r.Path, "/account") && r.Method != http.MethodGet {
					continue // would end what the others ask with
				}
				path, form := under(r, fmt.Sprint(e.alpha.id))+"?next="+url.QueryEscape(to)+"&to="+url.QueryEscape(to), url.Values(nil)
				if r.Method != http.MethodGet {
					form = url.Values{"next": {to}, "to": {to}}
					path = under(r, fmt.Sprint(e.alpha.id))
				}
				req := request(session, r.Method, path, form)
				req.Header.Set("Referer", to)
				p := page{path, reply(e.handler, req)}
				for _, l := range p.links() {
					if u, err := url.Parse(l); err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(l, "//") || strings.HasPrefix(l, `/\`) {
						t.Errorf("%s %s with next=%q leads to %q", r.Method, r.Path, to, l)
					}
				}
			}
		}
		// who opens a good link and is told to go elsewhere
		token := e.freshLink(e.alpha.account["volunteer"])
		res := e.ask("", "POST", "/sign-in/link", url.Values{"token": {token}, "next": {to}})
		if got := res.Header().Get("Location"); res.Code != http.StatusSeeOther || got != "/" && !strings.HasPrefix(got, "/%0") {
			t.Errorf("a sign-in with next=%q ends at %d %q", to, res.Code, got)
		}
		for _, c := range res.Result().Cookies() {
			soundCookie(t, "/sign-in/link", c)
		}
		if len(res.Result().Cookies()) == 0 {
			t.Error("a sign-in sets no cookie")
		}
	}
}

var (
	label = regexp.MustCompile(`(?s)<(?:dt|th|h2|h3|summary|label|legend)\b[^>]*>(.*?)</(?:dt|th|h2|h3|summary|label|legend)>`)
	tags  = regexp.MustCompile(`<[^>]*>`)
)

// TestFenceFacts holds, for each role, which facts the look-up and the profile show: a new one cannot come in silently.
func TestFenceFacts(t *testing.T) {
	e := newEstate(t, "", nil)
	e.alpha.keys = slices.DeleteFunc(e.alpha.keys, func(k string) bool { return k == e.alpha.role })
	home := fmt.Sprintf("/o/%d/field/person", e.alpha.id)
	var got strings.Builder
	for _, key := range append(slices.Sorted(slices.Values(e.alpha.keys)), nothing) {
		s := e.alpha.session[key]
		found := e.lookUp(s, fmt.Sprintf("/o/%d", e.alpha.id), url.Values{"q": {"rosa qzalpha"}, "purpose": {"question"}})
		profile := e.ask(s, "GET", fmt.Sprintf("%s/%d?purpose=question", home, e.alpha.person), nil)
		for _, p := range []page{{"look-up", found}, {"profile", profile}} {
			fmt.Fprintf(&got, "%s, %s: %d\n", key, p.path, p.Code)
			if p.Code == http.StatusOK {
				_, main, _ := strings.Cut(p.Body.String(), "<main")
				for _, m := range label.FindAllStringSubmatch(main, -1) {
					said := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(m[1], " "))), " ")
					if !strings.Contains(m[0], `scope="row"`) && !strings.Contains(strings.ToLower(said), "qzalpha") { // the head of a row is a value
						fmt.Fprintf(&got, "  %s\n", said)
					}
				}
			}
		}
	}
	const file = "testdata/facts.txt"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; it would hold:\n%s", err, got.String())
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("what the roles see changed. If that is meant, put it into %s (-held +now):\n%s", file, d)
	}
}
