package web_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

func mustWords(t *testing.T) *words.Catalog {
	t.Helper()
	c, err := words.NewCatalog(web.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func record(h http.Handler, target string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	for k, v := range header {
		r.Header[k] = v
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestBadDeclarationsAreRefused(t *testing.T) {
	ok := func(*web.Visit) error { return nil }
	known, err := permit.NewCatalog([]permit.Def{{Permit: look, Sentence: "Look up a person"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, routes := range map[string][]web.Route{
		"no permit":           {{Method: "GET", Path: "/o/{org}/a", Handle: ok}},
		"no handler":          {{Method: "GET", Path: "/a", Permit: permit.Public}},
		"no method":           {{Path: "/a", Permit: permit.Public, Handle: ok}},
		"unknown permit":      {{Method: "GET", Path: "/o/{org}/a", Permit: "field.person.fly", Handle: ok}},
		"public in an org":    {{Method: "GET", Path: "/o/{org}/a", Permit: permit.Public, Handle: ok}},
		"permit without org":  {{Method: "GET", Path: "/a", Permit: look, Handle: ok}},
		"declared twice":      {{Method: "GET", Path: "/a", Permit: permit.Public, Handle: ok}, {Method: "GET", Path: "/a", Permit: permit.SignedIn, Handle: ok}},
		"patterns that clash": {{Method: "GET", Path: "/o/{org}/{a}/b", Permit: look, Handle: ok}, {Method: "GET", Path: "/o/{org}/a/{b}", Permit: look, Handle: ok}},
	} {
		h := webtest.NewHouse()
		_, err := web.New(web.Config{Origins: []string{"http://localhost:1"}, Sessions: h, Seats: h, Words: mustWords(t), Permits: known, Routes: routes})
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, origin := range []string{"", "localhost:1", "ftp://x", "https://x/path", "https://"} {
		h := webtest.NewHouse()
		if _, err := web.New(web.Config{Origins: []string{origin}, Sessions: h, Seats: h, Words: mustWords(t)}); err == nil {
			t.Errorf("origin %q: taken", origin)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "/o/3/field?q=a#b", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:alert(1)", "/%2f/evil.example", "/a//b"} {
		f.Add(s)
	}
	base, err := url.Parse("https://table.example.org/here")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := web.LocalPath(s)
		if p == "" {
			return
		}
		// Browsers drop tabs and newlines and read a backslash as a slash (WHATWG URL §4.4).
		as := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(p)
		u, err := base.Parse(as)
		if err != nil || u.Host != base.Host || u.Scheme != "https" || !strings.HasPrefix(as, "/") {
			t.Errorf("LocalPath(%q) = %q leads to %v", s, p, u)
		}
	})
}

func TestLocalPath(t *testing.T) {
	for s, want := range map[string]string{
		"/": "/", "/o/3?q=a": "/o/3?q=a", "": "", "o/3": "", "//evil.example/x": "", `/\evil.example`: "", "https://evil.example/": "", "javascript:x": "", "/a\r\nSet-Cookie: x": "",
	} {
		if got := web.LocalPath(s); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", s, got, want)
		}
	}
}

var asset = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// TestBudget holds the weights of ux.md §9, as they travel: style 12 kB, font 28 kB, script of a page 30 kB.
func TestBudget(t *testing.T) {
	site, _, _ := house(t, nil)
	_, page := get(t, site, "maribel", "/o/3/components", nil)
	weights := map[string]int{}
	for _, m := range asset.FindAllStringSubmatch(page, -1) {
		url := m[1]
		res, plain := get(t, site, "", url, http.Header{"Accept-Encoding": {"identity"}})
		if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d, %q", url, res.StatusCode, res.Header.Get("Cache-Control"))
		}
		res, packed := get(t, site, "", url, http.Header{"Accept-Encoding": {"gzip"}})
		if res.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(z); err != nil || string(b) != plain {
				t.Errorf("%s: the packed file is another (%v)", url, err)
			}
		}
		weights[filepath.Ext(url)] += len(packed)
	}
	for ext, limit := range map[string]int{".css": 12_000, ".woff2": 28_000, ".js": 30_000} {
		t.Logf("%s: %d of %d bytes", ext, weights[ext], limit)
		if weights[ext] == 0 || weights[ext] > limit {
			t.Errorf("%s: %d bytes on the wire, at most %d", ext, weights[ext], limit)
		}
	}
	res, packed := get(t, site, "maribel", "/o/3/components", http.Header{"Accept-Encoding": {"gzip"}})
	if res.Header.Get("Content-Encoding") != "gzip" || len(packed) > 60_000 {
		t.Errorf("the page travels as %d bytes, encoding %q", len(packed), res.Header.Get("Content-Encoding"))
	}
	_, css := get(t, site, "", asset.FindStringSubmatch(page[strings.Index(page, `rel="stylesheet"`):])[1], http.Header{"Accept-Encoding": {"identity"}})
	if m := regexp.MustCompile(`url\("(public-sans\.[0-9a-f]+\.woff2)"\)`).FindStringSubmatch(css); m == nil || !strings.Contains(page, "/static/"+m[1]) {
		t.Error("style and page name different fonts, so it would be fetched twice")
	}
}

func TestPagesHaveNoInlineStyleOrScriptAndTheirIcons(t *testing.T) {
	site, _, _ := house(t, nil)
	for _, path := range []string{"/o/3/components", "/o/3/help", "/welcome", "/o/3/fail/ours"} {
		_, page := get(t, site, "maribel", path, nil)
		if regexp.MustCompile(`<script>|<style|\sstyle="|\son[a-z]+="|javascript:`).MatchString(page) {
			t.Errorf("%s has inline style or script", path)
		}
		for _, m := range regexp.MustCompile(`href="#i-([a-z0-9]+)"`).FindAllStringSubmatch(page, -1) {
			if _, drawing, ok := strings.Cut(page, `<symbol id="i-`+m[1]+`" viewBox="0 0 20 20">`); !ok || strings.HasPrefix(drawing, "</symbol>") {
				t.Errorf("%s uses an icon %q that is not drawn", path, m[1])
			}
		}
	}
}

// TestEveryClassIsStyled finds misspelled classes in the templates of the whole house, and rules that no template uses.
func TestEveryClassIsStyled(t *testing.T) {
	css := ""
	sheets, err := filepath.Glob("style/*.css")
	if err != nil || len(sheets) < 3 {
		t.Fatalf("%v, %v", sheets, err)
	}
	for _, f := range sheets {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		css += regexp.MustCompile(`/\*[^*]*\*/|url\([^)]*\)`).ReplaceAllString(string(b), "")
	}
	styled := map[string]bool{}
	for _, m := range regexp.MustCompile(`\.([a-z][a-z0-9-]*)`).FindAllStringSubmatch(css, -1) {
		styled[m[1]] = true
	}
	made := regexp.MustCompile(`(?:\bh\(|\bbutton\(|\? )"[a-z0-9]+((?:\.[a-z][a-z0-9-]*)+)"`) // h("p.row.mute", …) of the phone apps
	apps, err := filepath.Glob("../../*/*/app/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range apps {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(b), -1) {
			for _, class := range strings.Split(m[1][1:], ".") {
				if !styled[class] {
					t.Errorf("%s: no style for class %q", f, class)
				}
			}
		}
	}
	literal := regexp.MustCompile(`class="([^"]*)"`)
	for _, pattern := range []string{"*.templ", "../*page/*.templ", "../../*/*page/*.templ"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
				for _, class := range strings.Fields(m[1]) {
					if !styled[class] {
						t.Errorf("%s: no style for class %q", f, class)
					}
				}
			}
		}
	}
}

func TestHelpAndComponentsAreSaidInSpanish(t *testing.T) {
	site, _, _ := house(t, nil)
	var es map[string]string
	if err := json.Unmarshal(web.Spanish, &es); err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`>([^<>]{12,})<`)
	for _, path := range []string{"/help", "/help/signing-in", "/help/looking-up", "/help/importing", "/help/who-sees-what", "/help/recorded", "/components", "/o/3/nothing", "/o/3/fail/ours"} {
		_, page := get(t, site, "maribel", path, http.Header{"Accept-Language": {"es"}})
		for _, m := range said.FindAllStringSubmatch(page, -1) {
			if _, english := es[strings.TrimSpace(m[1])]; english && es[m[1]] != m[1] {
				t.Errorf("%s says %q in English", path, m[1])
			}
		}
		_, page = get(t, site, "maribel", path, http.Header{"Accept-Language": {"en"}})
		for _, m := range said.FindAllStringSubmatch(page, -1) {
			s := strings.TrimSpace(m[1])
			if strings.HasPrefix(path, "/help") && regexp.MustCompile(`[a-z] [a-z]`).MatchString(s) && es[s] == "" && s != "Data associate" && !strings.Contains(s, "Voter Table") {
				t.Errorf("%s says %q, which has no Spanish", path, s)
			}
		}
	}
}
