package main

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// page is one answer of a crawl.
type page struct {
	path string
	*httptest.ResponseRecorder
}

var linked = regexp.MustCompile(`(?:href|src|action|formaction|data-[a-z]{2,})="([^"]*)"`)

// links returns the addresses that a page names, and where it sends its reader.
func (p page) links() []string {
	var all []string
	for _, m := range linked.FindAllStringSubmatch(p.Body.String(), -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	if to := p.Header().Get("Location"); to != "" {
		all = append(all, to)
	}
	return all
}

// crawl asks, with a session, for every page of the route table with the organisation's own ids, for a look-up of its first voter,
// and for everything those link to.
func (e *estate) crawl(o *tenant, session string, routes []web.Route) []page {
	ids := map[string]any{"/field/voterfile/{id}": o.file, "/field/person/{id}": o.person, "/org/person/{id}": o.membership, "/org/folder/{id}": o.folder, "/ledger/{id}": o.entry, "/help/{topic}": "importing"}
	var todo []string
	for _, r := range routes {
		if r.Method != http.MethodGet {
			continue
		}
		p := strings.ReplaceAll(r.Path, "{$}", "")
		for prefix, id := range ids {
			if strings.Contains(p, prefix) {
				p = strings.Replace(p, wild.FindString(prefix), fmt.Sprint(id), 1)
			}
		}
		p = strings.NewReplacer("{org}", fmt.Sprint(o.id), "{import}", fmt.Sprint(o.imported)).Replace(p)
		todo = append(todo, p)
	}
	home := fmt.Sprintf("/o/%d", o.id)
	todo = append(todo, fmt.Sprintf("%s/field/person/%d?purpose=question", home, o.person), home+"/org/role/edit?role="+o.role, fmt.Sprintf("%s/org/group/edit?group=%d", home, o.group))
	found := page{"POST " + home + "/field/person", e.lookUp(session, home, url.Values{"q": {"rosa " + o.mark}, "purpose": {"question"}})}
	pages := []page{found}
	todo = append(todo, found.links()...)
	seen := map[string]bool{}
	for len(todo) > 0 {
		next, _, _ := strings.Cut(todo[0], "#")
		todo = todo[1:]
		if seen[next] || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "/static/") || strings.Contains(next, "lang=") || len(seen) > 400 {
			continue
		}
		seen[next] = true
		p := page{next, e.ask(session, "GET", next, nil)}
		pages = append(pages, p)
		todo = append(todo, p.links()...)
	}
	return pages
}

// marks are what no page of another organisation may say of o.
func (o *tenant) marks() []string {
	nice := func(n string) string { return "(" + n[:3] + ") " + n[3:6] + "-" + n[6:] }
	return []string{strings.ToLower(o.mark), o.phone, o.ownPhone, nice(o.phone), nice(o.ownPhone)}
}

// TestFenceCanaries looks on everything that the people of one organisation can open for anything of the others.
func TestFenceCanaries(t *testing.T) {
	e := newEstate(t, "", nil)
	routes := allRoutes(t, e.site.Web())
	var said strings.Builder
	for name, session := range e.alpha.session {
		pages := e.crawl(e.alpha, session, routes)
		if len(pages) < 15 {
			t.Errorf("%s: the crawl found %d pages", name, len(pages))
		}
		for _, p := range pages {
			body := strings.ToLower(p.Body.String())
			said.WriteString(body)
			for _, mark := range append(e.bravo.marks(), e.table.marks()...) {
				if strings.Contains(body, mark) {
					t.Errorf("%s reads %q on %s", name, mark, p.path)
				}
			}
			if p.Code >= 500 {
				t.Errorf("%s: %s answers %d", name, p.path, p.Code)
			}
		}
	}
	for _, own := range []string{"person a", "invited", "folder", "group", "role", "purpose", "file", "terms", "note", "reason"} {
		if !strings.Contains(said.String(), "qzalpha "+own) {
			t.Errorf("nobody of alpha found their own %q: the crawl does not look where it should", own)
		}
	}
	if !strings.Contains(said.String(), "name,email,role") {
		t.Error("the crawl did not fetch the user audit as CSV")
	}

	// The table knows that bravo is its partner, and nothing that bravo has.
	for _, p := range e.crawl(e.table, e.table.session[org.Administrator], routes) {
		body := strings.ToLower(p.Body.String())
		body = strings.ReplaceAll(body, "qzbravo neighbors", "")
		for _, mark := range e.bravo.marks() {
			if strings.Contains(body, mark) {
				t.Errorf("the table reads %q on %s", mark, p.path)
			}
		}
	}
	e.lookUpOthers(t)
	e.onPaper(t)
}

// onPaper looks at what was mailed to alpha's people and at what the ledger says alpha did.
func (e *estate) onPaper(t *testing.T) {
	ctx := t.Context()
	mails, err := e.site.Outbox.Recent(ctx, 1<<40, 100)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := ledger.Entries(ctx, e.site.DB, ledger.Filter{Org: int64(e.alpha.id), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	look := func(what, said string) {
		said = strings.ToLower(said)
		if strings.Contains(said, "qzalpha") {
			own++
		}
		for _, mark := range append(e.bravo.marks(), e.table.marks()...) {
			if strings.Contains(said, mark) {
				t.Errorf("%s says %q: %s", what, mark, said)
			}
		}
	}
	for _, m := range mails {
		if strings.HasPrefix(m.Email, "qzalpha") {
			look("a mail to alpha", m.Subject+" "+m.Text)
		}
	}
	for _, entry := range entries {
		if entry.Kind != person.KindFind { // what alpha typed is alpha's
			look("the ledger of alpha", fmt.Sprint(entry.Object, entry.Data, entry.Personal))
		}
	}
	if own < 5 {
		t.Errorf("alpha itself is named %d times: the test does not look where it should", own)
	}
}

// TestFenceAnswerOfAFormInTheOtherLanguage: the answer to a form has no address, and its link to the other language leads to the
// page that the form was on.
func TestFenceAnswerOfAFormInTheOtherLanguage(t *testing.T) {
	e := newEstate(t, "", nil)
	home := fmt.Sprintf("/o/%d", e.alpha.id)
	for referer, want := range map[string]string{estateOrigin + home + "/org/audit?sign=shared": home + "/org/audit?lang=es&sign=shared", "https://evil.example/x": "/?lang=es", "": "/?lang=es"} {
		req := request(e.alpha.session[org.Administrator], "POST", home+"/org/person", url.Values{"q": {"nobody"}})
		req.Header.Set("Referer", referer)
		p := page{"", reply(e.handler, req)}
		if !slices.Contains(p.links(), want) {
			t.Errorf("from %q the answer has no link to %s", referer, want)
		}
	}
}

// lookUpOthers looks bravo's first voter up in all ways.
func (e *estate) lookUpOthers(t *testing.T) {
	for _, q := range []string{"rosa qzbravo", "qzbravo", e.bravo.phone, e.bravo.ownPhone, "qzbravoo roza"} {
		res := e.lookUp(e.alpha.session[org.Administrator], fmt.Sprintf("/o/%d", e.alpha.id), url.Values{"q": {q}, "purpose": {"question"}, "dropped": {"1"}})
		if strings.Contains(res.Body.String(), fmt.Sprintf(`/field/person/%d"`, e.bravo.person)) || strings.Contains(res.Body.String(), "Qzbravo, ") {
			t.Errorf("alpha finds bravo's voter by %q", q)
		}
	}
}

// evil is what a person with bad intentions types: it ends an attribute, begins a script, a formula and a template.
const evil = `=1+1"'><script>window.x=1</script>{{7*7}}javascript:x `

var (
	tag      = regexp.MustCompile(`<[a-zA-Z][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>`)
	script   = regexp.MustCompile(`(?i)^<script\b`)
	sourced  = regexp.MustCompile(`^<script type="module" src="/static/[^"]+">$`)
	data     = regexp.MustCompile(`^<script id="[a-z]+" type="application/json">$`) // runs nowhere
	handler  = regexp.MustCompile(`(?i)\s(?:on[a-z]+|style|srcdoc)\s*=`)
	dangling = regexp.MustCompile(`(?i)(?:href|src|action|formaction)\s*=\s*["']?\s*(?:javascript|data|vbscript):`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
)

// active returns the parts of a page that would run something that no page of ours runs.
func active(page string) (found []string) {
	for _, m := range tag.FindAllString(page, -1) {
		if script.MatchString(m) && !sourced.MatchString(m) && !data.MatchString(m) || handler.MatchString(quoted.ReplaceAllString(m, `""`)) || dangling.MatchString(m) {
			found = append(found, m)
		}
	}
	return found
}

// TestFenceTypedTextRunsNowhere puts hostile text into everything that can be typed or imported, and opens every page.
func TestFenceTypedTextRunsNowhere(t *testing.T) {
	for _, s := range []string{`<p><script>window.x=1</script>`, `<a href="javascript:x">`, `<img src="/x" onerror="y">`, `<b style="x">`, `<script src="https://evil.example/x.js"></script>`} {
		if len(active(s)) == 0 {
			t.Fatalf("the test does not see %s", s)
		}
	}
	e := newEstate(t, evil, map[string]string{
		"last_name": evil + "MARK", "middle_name": evil, "res_street_address": "12 " + evil + " ST", "res_city_desc": evil, "mail_addr1": evil, "mail_city": evil,
		"precinct_desc": evil, "municipality_desc": evil, "school_dist_desc": evil, "voter_status_reason_desc": evil,
	})
	routes := allRoutes(t, e.site.Web())
	pages := e.crawl(e.alpha, e.alpha.session[org.Administrator], routes)
	pages = append(pages, e.crawl(e.table, e.table.session[org.Administrator], routes)...)
	pages = append(pages, e.refused(e.alpha, routes)...)
	shown, sheets, refused := 0, 0, false
	for _, p := range pages {
		body := p.Body.String()
		switch kind, _, _ := strings.Cut(p.Header().Get("Content-Type"), ";"); kind {
		case "text/html":
			for _, a := range active(body) {
				t.Errorf("%s: %.120s", p.path, a)
			}
			if strings.Contains(strings.ToLower(html.UnescapeString(body)), "window.x=1") {
				shown++
			}
		case "text/csv":
			sheets++
			refused = refused || strings.Contains(body, "1+1")
			safeSheet(t, p.path, body)
		case "text/event-stream", "application/json", "":
		case "text/javascript", "application/manifest+json", "image/png":
			if !strings.HasPrefix(p.path, "/canvass/") { // of the phone app, the same for everybody
				t.Errorf("%s is %q", p.path, kind)
			}
		default:
			t.Errorf("%s is %q", p.path, kind)
		}
	}
	for _, where := range []string{fmt.Sprintf("/o/%d/field/person/%d?purpose=question", e.alpha.id, e.alpha.person), fmt.Sprintf("POST /o/%d/field/person", e.alpha.id),
		fmt.Sprintf("/o/%d/field/voterfile/%d", e.alpha.id, e.alpha.file), fmt.Sprintf("/o/%d/org/folder/%d", e.alpha.id, e.alpha.folder)} {
		i := slices.IndexFunc(pages, func(p page) bool { return p.path == where })
		if i < 0 || !strings.Contains(strings.ToLower(html.UnescapeString(pages[i].Body.String())), "<script>window.x=1") {
			t.Errorf("%s does not show the text: the test does not look where it should", where)
		}
	}
	t.Logf("shown on %d pages, %d CSV files", shown, sheets)
	if shown < 12 || sheets < 2 || !refused {
		t.Errorf("the text was shown on %d pages, %d CSV files were read, the formula was in one: %t; the test does not look where it should", shown, sheets, refused)
	}
}

// refused sends every form with hostile text in all inputs, so that forms come back with it.
func (e *estate) refused(o *tenant, routes []web.Route) (pages []page) {
	for _, r := range routes {
		if r.Method != http.MethodPost || strings.HasPrefix(r.Path, "/account") || r.Path == "/sign-out" {
			continue
		}
		form := url.Values{}
		for _, name := range []string{"q", "name", "email", "note", "phone", "reason", "terms", "org", "role", "until", "purpose", "layout", "number", "channel", "kind", "next", "token", "code", "password"} {
			form.Set(name, evil)
		}
		p := strings.NewReplacer("{org}", fmt.Sprint(o.id), "{import}", fmt.Sprint(o.imported)).Replace(r.Path)
		for prefix, id := range map[string]any{"/voterfile/{id}": o.file, "/field/person/{id}": o.person, "/org/folder/{id}": o.folder, "/org/person/{id}": o.membership} {
			if strings.Contains(p, prefix) && !strings.HasSuffix(p, "/end") && !strings.HasSuffix(p, "/remove") {
				p = strings.Replace(p, "{id}", fmt.Sprint(id), 1)
			}
		}
		pages = append(pages, page{"POST " + p, e.ask(o.session[org.Administrator], "POST", wild.ReplaceAllString(p, missing), form)})
	}
	return pages
}

// safeSheet fails for a cell that a spreadsheet would run.
func safeSheet(t *testing.T, path, body string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s: the cell %q is a formula", path, cell)
			}
		}
	}
}

// TestFenceNobodyInAddressesAndLogs runs the flows and looks for people and secrets where they must not be: in addresses, and in
// the log.
func TestFenceNobodyInAddressesAndLogs(t *testing.T) {
	e := newEstate(t, "", nil)
	routes := allRoutes(t, e.site.Web())
	var pages []page
	for _, name := range []string{org.Administrator, "organizer", "volunteer"} {
		pages = append(pages, e.crawl(e.alpha, e.alpha.session[name], routes)...)
	}
	pages = append(pages, e.refusedFlows()...)
	secrets := append([]string{"@", "%40", "rosa", "horsebattery", "somebody", "qzcode"}, e.alpha.marks()...)
	for _, p := range pages {
		for _, l := range p.links() {
			for _, s := range secrets {
				if strings.Contains(strings.ToLower(l), s) {
					t.Errorf("%s names %q in the address %s", p.path, s, l)
				}
			}
		}
	}
	log := strings.ToLower(e.log.String())
	for _, o := range []*tenant{e.alpha, e.bravo, e.table} {
		for _, token := range o.session {
			secrets = append(secrets, strings.ToLower(token))
		}
	}
	secrets = append(secrets, "qzbravo", "qztango", "qztoken", "token=", "?q=", "next=", "purpose=")
	for _, s := range slices.Compact(secrets) {
		if i := strings.Index(log, s); i >= 0 {
			t.Errorf("the log says %q: …%.160s…", s, log[max(0, i-80):])
		}
	}
	if !strings.Contains(log, "path=/o/") {
		t.Error("the log is empty: the test looks at nothing")
	}
}

// refusedFlows are those in which something goes wrong while a secret is in the hand.
func (e *estate) refusedFlows() []page {
	home := fmt.Sprintf("/o/%d", e.alpha.id)
	admin := e.alpha.session[org.Administrator]
	var all []page
	for _, c := range []struct {
		session, method, path string
		form                  url.Values
	}{
		{"", "POST", "/sign-in", url.Values{"email": {e.alpha.emails[0]}, "password": {"correct-horsebattery"}, "code": {"123456"}, "next": {home}}},
		{"", "POST", "/recover", url.Values{"email": {e.alpha.emails[0]}}},
		{"", "POST", "/recover/link", url.Values{"token": {"qztoken"}, "code": {"qzcode"}, "password": {"correct-horsebattery"}}},
		{"", "GET", "/invitation?token=qztoken", nil},
		{"", "GET", "/sign-in/link?token=qztoken", nil},
		{"", "POST", home + "/field/person", url.Values{"q": {"rosa qzalpha"}}},
		{"", "GET", home + "/field/person/1?purpose=question&q=qzalpha", nil},
		{admin, "POST", home + "/field/person", url.Values{"q": {"…"}, "purpose": {"question"}}},
		{admin, "POST", home + "/org/person", url.Values{"q": {"qzalpha"}}},
		{admin, "POST", home + "/org/invite", url.Values{"name": {"Qz Somebody"}, "email": {"qz.somebody@people.example"}, "role": {"member"}, "until": {"2020-01-01"}}},
		{admin, "GET", home + "/field/person?q=qzalpha", nil},
		{"guessed", "GET", home + "/field/person?q=qzalpha", nil},
	} {
		p := page{c.method + " " + c.path, e.ask(c.session, c.method, c.path, c.form)}
		if strings.Contains(c.path, "q=") { // the reader wrote it into the address; that the site sends it back through sign-in is its own matter
			p.Header().Del("Location")
			p.Body.Reset()
		}
		all = append(all, p)
	}
	return all
}
