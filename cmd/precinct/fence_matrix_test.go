package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// asker is one way to be somebody.
type asker struct {
	name    string
	session string
	live    bool       // the session opens something
	member  bool       // of the organisation whose pages are asked
	holds   permit.Set // there
}

// missing is an id that nothing has.
const missing = "987654321"

var wild = regexp.MustCompile(`\{[^}]*\}`)

// under writes a route's path in an organisation, with ids that nothing has.
func under(r web.Route, in string) string {
	p := strings.Replace(strings.ReplaceAll(r.Path, "{$}", ""), "{org}", in, 1)
	return wild.ReplaceAllString(p, missing)
}

func inOrg(r web.Route) bool { return strings.HasPrefix(r.Path, "/o/{org}") }

// askers are all the ways to stand before alpha's pages.
func (e *estate) askers() []asker {
	all := []asker{{name: "anonymous"}, {name: "guessed token", session: strings.Repeat("A", 43)}}
	for _, key := range e.alpha.keys {
		name := key
		if key == e.alpha.role {
			name = nothing
		}
		all = append(all, asker{name: name, session: e.alpha.session[name], live: true, member: true, holds: e.alpha.holds[key]})
	}
	for _, o := range []*tenant{e.bravo, e.table} {
		all = append(all, asker{name: "administrator of " + o.mark, session: o.session[org.Administrator], live: true})
	}
	var gone account.ID
	e.write(func(ctx context.Context, tx *db.Tx) (err error) {
		gone, err = e.site.Orgs.Admit(ctx, tx, e.alpha.operator, "Luz Sandoval", "gone@people.example", org.Administrator, "en")
		return err
	})
	ended, disabled := e.signIn(gone), e.signIn(gone)
	e.write(func(ctx context.Context, tx *db.Tx) error {
		return e.site.Accounts.Disable(ctx, tx, ledger.Who{Via: "command"}, gone)
	})
	return append(all, asker{name: "disabled", session: disabled}, asker{name: "disabled, other browser", session: ended})
}

// matrix asks every route as everybody, for their own organisation, for others', and for those that are not there, and returns
// what was not as the routes declare it.
func (e *estate) matrix(h http.Handler, routes []web.Route, all []asker) (wrong []string) {
	elsewhere := []string{fmt.Sprint(e.bravo.id), fmt.Sprint(e.table.id), missing, "0", "-1", "abc", "99999999999999999999", "1%00"}
	for _, r := range routes {
		for _, a := range all {
			tell := func(in, format string, args ...any) {
				wrong = append(wrong, fmt.Sprintf("%s %s as %s in %s: %s", r.Method, r.Path, a.name, in, fmt.Sprintf(format, args...)))
			}
			form := url.Values(nil)
			if r.Method != http.MethodGet {
				form = url.Values{}
			}
			if !inOrg(r) {
				if r.Permit == permit.SignedIn && !a.live {
					if res := reply(h, request(a.session, r.Method, under(r, ""), form)); !toSignIn(res.Code, res.Header()) {
						tell("no organization", "%d to %q, want sign-in", res.Code, res.Header().Get("Location"))
					}
				}
				continue
			}
			own := reply(h, request(a.session, r.Method, under(r, fmt.Sprint(e.alpha.id)), form))
			switch {
			case !a.live:
				if !toSignIn(own.Code, own.Header()) {
					tell("alpha", "%d, want sign-in", own.Code)
				}
				continue
			case !a.member:
				if own.Code != http.StatusNotFound {
					tell("alpha", "%d, want 404", own.Code)
				}
				continue
			case !a.holds.Has(r.Permit):
				if own.Code != http.StatusForbidden || !strings.Contains(own.Body.String(), "Your role does not include this") {
					tell("alpha", "%d, want 403 without %s", own.Code, r.Permit)
				}
			case own.Code == http.StatusForbidden && narrower[r.Path] == "" || own.Code >= 500 || toSignIn(own.Code, own.Header()):
				tell("alpha", "%d to somebody who holds %s", own.Code, r.Permit)
			}
			var nobody []byte
			for _, in := range elsewhere {
				res := reply(h, request(a.session, r.Method, under(r, in), form))
				if nobody == nil {
					nobody = res.Body.Bytes()
				}
				if res.Code != http.StatusNotFound || !bytes.Equal(nobody, res.Body.Bytes()) {
					tell(in, "%d and %d bytes, want 404 and the %d bytes of every other", res.Code, res.Body.Len(), len(nobody))
				}
			}
		}
	}
	return wrong
}

// narrower names the routes that refuse some who hold their permit, and why.
var narrower = map[string]string{
	"/o/{org}/org/person/{id}/disable": "only the table that keeps the site disables accounts",
}

func toSignIn(status int, h http.Header) bool {
	return status == http.StatusSeeOther && strings.HasPrefix(h.Get("Location"), "/sign-in")
}

// allRoutes is the whole route table, the server's own pages too.
func allRoutes(t testing.TB, c web.Config) []web.Route {
	t.Helper()
	s, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s.Routes()
}

// TestFenceEveryRoute is every route × everybody × every organisation, expected from what the routes declare.
func TestFenceEveryRoute(t *testing.T) {
	e := newEstate(t, "", nil)
	routes, all := allRoutes(t, e.site.Web()), e.askers()
	for _, r := range routes {
		if r.Permit == permit.Public && !slices.Contains(publicPaths, r.Path) {
			t.Errorf("%s %s is public and was not: say so here if it must be", r.Method, r.Path)
		}
	}
	for _, w := range e.matrix(e.handler, routes, all) {
		t.Error(w)
	}
	t.Run("mutants", func(t *testing.T) { e.mutants(t, routes, all) })
	t.Run("objects", func(t *testing.T) {
		for _, w := range e.objects(routes) {
			t.Error(w)
		}
		if res := e.ask(e.bravo.session[org.Administrator], "GET", fmt.Sprintf("/o/%d/field/person/%d?purpose=question", e.bravo.id, e.bravo.person), nil); res.Code != http.StatusOK {
			t.Errorf("bravo's own voter: %d; the test asks for nothing", res.Code)
		}
		c, sound := e.site.Web(), e.handler
		c.Seats = doors{Seats: c.Seats, sit: func(context.Context, account.Session, org.ID) (org.Actor, error) { return e.bravo.operator, nil }}
		var err error
		if e.handler, err = web.New(c); err != nil {
			t.Fatal(err)
		}
		if wrong := e.objects(readOnly(routes)); len(wrong) < 5 {
			t.Errorf("alpha's people act for bravo and the test saw it only %d times", len(wrong))
		}
		e.handler = sound
	})
	t.Run("second factor", func(t *testing.T) { e.secondFactor(t, routes) })
}

// publicPaths are all that may be seen without a session.
var publicPaths = []string{"/help", "/help/{topic}", "/sign-in", "/sign-in/passkey/begin", "/sign-in/passkey", "/sign-in/link", "/sign-out",
	"/recover", "/recover/link", "/invitation",
	// The phone app is the same for everybody; what it asks the server is let in by the phone's own secret (TestPhonesNeedTheirSecret).
	"/canvass", "/canvass/worker.js", "/canvass/manifest.json", "/canvass/icon-192.png", "/canvass/icon-512.png",
	"/canvass/keys", "/canvass/join", "/canvass/packets", "/canvass/packet/{id}", "/canvass/near", "/canvass/wrap", "/canvass/sync", "/canvass/parcel"}

// doors lets tests take down what web.Seats and web.Sessions keep.
type doors struct {
	web.Seats
	web.Sessions
	sit     func(context.Context, account.Session, org.ID) (org.Actor, error)
	session func(context.Context, string) (account.Session, error)
}

func (d doors) Sit(ctx context.Context, s account.Session, in org.ID) (org.Actor, error) {
	return d.sit(ctx, s, in)
}

func (d doors) Session(ctx context.Context, token string) (account.Session, error) {
	return d.session(ctx, token)
}

// mutants takes one fence down at a time: each time the matrix must see it.
func (e *estate) mutants(t *testing.T, routes []web.Route, all []asker) {
	everything := e.site.Permits.Everything()
	for name, mutate := range map[string]func(*web.Config){
		"everybody may sit anywhere": func(c *web.Config) {
			d := doors{Seats: c.Seats}
			d.sit = func(_ context.Context, _ account.Session, in org.ID) (org.Actor, error) {
				return org.Operate(in, everything), nil
			}
			c.Seats = d
		},
		"every member may do everything": func(c *web.Config) {
			d := doors{Seats: c.Seats}
			d.sit = func(ctx context.Context, s account.Session, in org.ID) (org.Actor, error) {
				a, err := e.site.Orgs.Sit(ctx, s, in)
				if err != nil {
					return a, err
				}
				return org.Operate(in, everything), nil
			}
			c.Seats = d
		},
		"every token opens a session": func(c *web.Config) {
			d := doors{Sessions: c.Sessions}
			d.session = func(ctx context.Context, token string) (account.Session, error) {
				s, err := e.site.Accounts.Session(ctx, token)
				if err != nil {
					return account.Session{Account: e.alpha.account[org.Administrator], FactorAt: time.Now()}, nil
				}
				return s, nil
			}
			c.Sessions = d
		},
		"one route forgot its permit": func(c *web.Config) {
			c.Routes = slices.Clone(c.Routes)
			i := slices.IndexFunc(c.Routes, func(r web.Route) bool { return r.Path == "/o/{org}/org/audit.csv" })
			c.Routes[i].Permit = permit.SignedIn
		},
		"an organization that exists answers in other words": func(c *web.Config) {
			d := doors{Seats: c.Seats}
			d.sit = func(ctx context.Context, s account.Session, in org.ID) (org.Actor, error) {
				a, err := e.site.Orgs.Sit(ctx, s, in)
				if err != nil && in == e.bravo.id {
					return a, fault.NotFoundf("You do not belong to this organization.")
				}
				return a, err
			}
			c.Seats = d
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := e.site.Web()
			mutate(&c)
			h, err := web.New(c)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := e.matrix(h, readOnly(routes), all); len(wrong) == 0 {
				t.Error("the fence is down and the matrix did not see it")
			}
		})
	}
}

// readOnly leaves out what a mutant could do harm with.
func readOnly(routes []web.Route) []web.Route {
	return slices.DeleteFunc(slices.Clone(routes), func(r web.Route) bool { return r.Method != http.MethodGet })
}

// object is where the id of a thing stands in a path, with the id of bravo's.
type object struct{ prefix, id string }

// objects asks alpha's pages, as somebody who may do everything there, for what belongs to bravo and to the table: the answer is
// the same as for what is not there at all.
func (e *estate) objects(routes []web.Route) (wrong []string) {
	tell := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	token := e.alpha.session[org.Administrator]
	asked := 0
	for _, b := range []*tenant{e.bravo, e.table} {
		ids := []object{
			{"/field/voterfile/{id}", fmt.Sprint(b.file)}, {"/field/person/{id}", fmt.Sprint(b.person)}, {"/org/person/{id}", fmt.Sprint(b.membership)},
			{"/org/invite/{id}", fmt.Sprint(b.invitation)}, {"/org/folder/{id}", fmt.Sprint(b.folder)}, {"/org/group/{id}", fmt.Sprint(b.group)},
			{"/org/partner/{id}", fmt.Sprint(b.id)}, {"/ledger/{id}", fmt.Sprint(b.entry)},
			{"/field/list/{id}", fmt.Sprint(b.list)}, {"/field/export/{id}", fmt.Sprint(b.export)}, {"/field/codebook/{kind}/{id}", fmt.Sprint(b.code)},
			{"/field/codebook/score/{id}", fmt.Sprint(b.score)}, {"/field/upload/{id}", fmt.Sprint(b.upload)}, {"/field/script/{id}", fmt.Sprint(b.script)},
			{"/field/turf/{id}", fmt.Sprint(b.turf)}, {"/field/canvass/map/{id}", fmt.Sprint(b.turf)},
		}
		for _, r := range routes {
			if !strings.Contains(r.Path, "/{id}") || !inOrg(r) {
				continue
			}
			base := strings.Replace(r.Path, "{org}", fmt.Sprint(e.alpha.id), 1)
			i := slices.IndexFunc(ids, func(o object) bool { return strings.Contains(r.Path, o.prefix) })
			if i < 0 {
				tell("%s %s: whose id is that? say it here", r.Method, r.Path)
				continue
			}
			// all of it another's; and another's import below one's own voter file
			pairs := [][2][2]string{{{ids[i].id, fmt.Sprint(b.imported)}, {missing, missing}}}
			if strings.Contains(r.Path, "{import}") {
				pairs = append(pairs, [2][2]string{{fmt.Sprint(e.alpha.file), fmt.Sprint(b.imported)}, {fmt.Sprint(e.alpha.file), missing}})
			}
			if strings.Contains(r.Path, "{load}") {
				pairs = [][2][2]string{{{ids[i].id, fmt.Sprint(b.load)}, {missing, missing}}, {{fmt.Sprint(e.alpha.score), fmt.Sprint(b.load)}, {fmt.Sprint(e.alpha.score), missing}}}
			}
			for _, p := range pairs {
				theirs := e.fill(base, p[0])
				none := e.fill(base, p[1])
				shown := ids[i].id
				switch {
				case strings.Contains(r.Path, "{import}"):
					shown = fmt.Sprint(b.imported)
				case strings.Contains(r.Path, "{load}"):
					shown = fmt.Sprint(b.load)
				}
				e.sameAnswer(tell, token, r.Method, theirs, none, shown)
				asked++
			}
		}
		e.namedInForms(tell, token, b, len(readOnly(routes)) == len(routes))
	}
	if asked < 20 {
		tell("only %d objects were asked for", asked)
	}
	return wrong
}

// fill puts the ids of a file or another thing, and of an import or a load below it, into a path.
func (e *estate) fill(path string, ids [2]string) string {
	return strings.NewReplacer("{id}", ids[0], "{import}", ids[1], "{load}", ids[1], "{kind}", "code", "{version}", "1").Replace(path) + "?purpose=question"
}

// fullForm has an answer for every input, so that what is refused is refused for whose it is.
func fullForm() url.Values {
	return url.Values{"name": {"Some name"}, "note": {"x"}, "phone": {"9195550199"}, "kind": {"home"}, "number": {"9195550199"}, "wrong": {"1"}, "channel": {"phone"},
		"reason": {"x"}, "role": {"member"}, "until": {time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}, "terms": {"x"}, "sure": {"1"}}
}

// sameAnswer asks for something of another's and for nothing. The answers may differ in the id that was asked for, shown.
func (e *estate) sameAnswer(tell func(string, ...any), token, method, theirs, none, shown string) {
	form := url.Values(nil)
	if method != http.MethodGet {
		form = fullForm()
	}
	a, b := e.ask(token, method, theirs, form), e.ask(token, method, none, form)
	if a.Code != http.StatusNotFound && a.Code != http.StatusForbidden || b.Code != a.Code || a.Body.String() != strings.ReplaceAll(b.Body.String(), missing, shown) {
		tell("%s %s: %d and %d bytes; %s, which is nothing: %d and %d", method, theirs, a.Code, a.Body.Len(), none, b.Code, b.Body.Len())
	}
}

// namedInForms names another's things in inputs and queries.
func (e *estate) namedInForms(tell func(string, ...any), token string, b *tenant, readOnly bool) {
	home := fmt.Sprintf("/o/%d", e.alpha.id)
	for _, c := range []struct{ method, path, input, theirs, none string }{
		{"GET", "/org/role/edit?role=%s", "", b.role, "own-" + missing},
		{"GET", "/org/group/edit?group=%s", "", fmt.Sprint(b.group), missing},
		{"POST", "/org/role/remove", "role", b.role, "own-" + missing},
		{"POST", "/org/role/edit", "role", b.role, "own-" + missing},
		{"POST", "/org/group/edit", "group", fmt.Sprint(b.group), missing},
		{"POST", "/org/group/edit", "people", fmt.Sprint(b.account[org.Administrator]), missing},
		{"POST", "/org/person/end", "member", fmt.Sprint(b.membership), missing},
		{"POST", "/org/invite", "role", b.role, "own-" + missing},
		{"POST", fmt.Sprintf("/org/folder/%d/share", e.alpha.folder), "with", fmt.Sprintf("account:%d", b.account[org.Administrator]), "account:" + missing},
		{"POST", fmt.Sprintf("/org/folder/%d/share", e.alpha.folder), "with", fmt.Sprintf("group:%d", b.group), "group:" + missing},
		{"POST", fmt.Sprintf("/org/folder/%d/unshare", e.alpha.folder), "with", fmt.Sprintf("group:%d", b.group), "group:" + missing},
		{"POST", fmt.Sprintf("/field/voterfile/%d/share", e.alpha.file), "partner", fmt.Sprint(b.id), missing},
		{"POST", "/ledger/seal", "entry", fmt.Sprint(b.entry), missing},
		{"POST", fmt.Sprintf("/field/voterfile/%d/unshare", e.alpha.file), "partner", fmt.Sprint(b.id), missing},
	} {
		if readOnly && c.method != "GET" {
			continue
		}
		ask := func(id string) (int, string) {
			path, form := home+c.path, url.Values(nil)
			if c.input == "" {
				path = home + fmt.Sprintf(c.path, id)
			} else {
				form = url.Values{"name": {"Some name"}, "email": {"x@people.example"}, "permit": {string(org.PermitPeople)}, "sure": {"1"},
					"until": {time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}, "terms": {"x"}}
				form.Set(c.input, id)
			}
			res := e.ask(token, c.method, path, form)
			return res.Code, strings.ReplaceAll(res.Header().Get("Location")+res.Body.String(), c.none, c.theirs)
		}
		code, body := ask(c.theirs)
		code2, body2 := ask(c.none)
		if code >= 500 || code != code2 || body != body2 {
			tell("%s %s with %s's %s=%s: %d and %d bytes, with one that is nothing %d and %d", c.method, c.path, b.mark, c.input, c.theirs, code, len(body), code2, len(body2))
		}
	}
}

// secondFactor asks again when the last second factor is long ago, and when there was none, and at last when the session is over.
func (e *estate) secondFactor(t *testing.T, routes []web.Route) {
	token := e.alpha.session[org.Administrator]
	var link string
	e.write(func(ctx context.Context, tx *db.Tx) (err error) {
		link, err = e.site.Accounts.Link(ctx, tx, e.alpha.account[org.Administrator], time.Hour, false)
		return err
	})
	bare, err := e.site.Accounts.OpenLink(context.Background(), link, account.From{Address: "203.0.113.8"})
	if err != nil {
		t.Fatal(err)
	}
	e.ahead.Store(int64(account.FactorTime + time.Minute))
	for _, r := range routes {
		if !inOrg(r) {
			continue
		}
		form := url.Values(nil)
		if r.Method != http.MethodGet {
			form = url.Values{}
		}
		res := e.ask(token, r.Method, under(r, fmt.Sprint(e.alpha.id)), form)
		d, _ := e.site.Permits.Def(r.Permit)
		if asks := strings.HasPrefix(res.Header().Get("Location"), "/confirm"); asks != d.Danger {
			t.Errorf("%s %s with an old second factor: %d to %q, dangerous: %t", r.Method, r.Path, res.Code, res.Header().Get("Location"), d.Danger)
		}
		if res := e.ask(bare, r.Method, under(r, fmt.Sprint(e.alpha.id)), form); !strings.HasPrefix(res.Header().Get("Location"), "/confirm") {
			t.Errorf("%s %s without any second factor: %d", r.Method, r.Path, res.Code)
		}
	}
	e.ahead.Store(int64(account.SessionTime + time.Hour))
	for _, r := range routes {
		if r.Permit == permit.Public {
			continue
		}
		form := url.Values(nil)
		if r.Method != http.MethodGet {
			form = url.Values{}
		}
		if res := e.ask(token, r.Method, under(r, fmt.Sprint(e.alpha.id)), form); !toSignIn(res.Code, res.Header()) {
			t.Errorf("%s %s with a session that is over: %d", r.Method, r.Path, res.Code)
		}
	}
}
