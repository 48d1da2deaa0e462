package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

const (
	look   permit.Permit = "field.person.look"
	export permit.Permit = "field.person.export"
	never  permit.Permit = "field.person.never"
)

// errTold must reach the log and never a page.
var errTold = errors.New("secret detail of a failing store")

// house is a site with two organisations, one person in the first, and routes that go well and wrong.
func house(t *testing.T, change func(*web.Config)) (*webtest.Site, *webtest.House, web.Config) {
	t.Helper()
	ended := make(chan struct{})
	close(ended)
	return houseWith(t, ended, change)
}

// houseWith is a house whose stream of events ends when end is closed.
func houseWith(t *testing.T, end <-chan struct{}, change func(*web.Config)) (*webtest.Site, *webtest.House, web.Config) {
	t.Helper()
	h := webtest.NewHouse()
	h.SignIn("maribel", 1, "Maribel Ocampo")
	h.Seat(1, 3, "Lakeshore Neighbors", "Data associate", look, export)
	h.Seat(1, 4, "Tidewater Alliance", "Reader")
	h.SignIn("stranger", 2, "Tobias Brandt")
	h.Seat(2, 5, "Foundry Committee", "Reader", look)
	defs, err := permit.NewCatalog([]permit.Def{
		{Permit: look, Sentence: "Look up a person"}, {Permit: export, Sentence: "Export without phones", Danger: true},
		{Permit: never, Sentence: "Load the file"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := web.Config{
		Site:     web.Site{Name: "Halden Voter Table", Purpose: web.Organizing, Demo: true},
		Sessions: h, Seats: h, Permits: defs, Routes: routes(end),
		Areas: []web.Area{{Key: "field", Title: "Organizing", Path: "field/person"}, {Key: "kit", Title: "Equipment", Path: "kit/asset"}},
		Nav: []web.NavGroup{
			{Area: "field", Items: []web.NavItem{{Key: "person", Title: "Look up a person", Icon: "search", Path: "field/person", Permit: look}}},
			{Area: "field", Title: "What happened", Items: []web.NavItem{
				{Key: "files", Title: "Importing a voter file", Icon: "upload", Path: "field/import", Permit: look, Count: one(1204)},
				{Key: "export", Title: "Export without phones", Icon: "download", Path: "field/export", Permit: never},
			}},
			{Area: "kit", Items: []web.NavItem{{Key: "asset", Title: "Equipment", Icon: "box", Path: "kit/asset", Permit: look}}},
			{Title: "Who can see what", Items: []web.NavItem{{Key: "roles", Title: "Who can see what", Icon: "people", Path: "roles", Permit: look}}},
		},
		FindPath: "field/person", FindPermit: look,
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	return webtest.Serve(t, c), h, c
}

func one(n int64) func(context.Context, org.Actor) (int64, error) {
	return func(context.Context, org.Actor) (int64, error) { return n, nil }
}

func routes(end <-chan struct{}) []web.Route {
	var loads atomic.Int64
	page := func(v *web.Visit) error {
		return v.Page(200, web.Head{Title: v.T.T("Look up a person"), Current: "person"}, web.Text("canary of "+v.Path("x")))
	}
	failing := func(err error) func(*web.Visit) error { return func(*web.Visit) error { return err } }
	wrong := fault.Inputs{}
	wrong.Add("youngest", "Choose at least one party, or take the filter away.")
	return []web.Route{
		{Method: "GET", Path: "/welcome", Permit: permit.Public, Handle: func(v *web.Visit) error {
			return v.Page(200, web.Head{Title: v.T.T("Sign in"), Layout: web.Door}, templ.Raw("<h1>hello</h1>"))
		}},
		{Method: "POST", Path: "/sign-out", Permit: permit.Public, Handle: func(v *web.Visit) error {
			v.ClearSession()
			return v.Redirect("/welcome")
		}},
		{Method: "GET", Path: "/account", Permit: permit.SignedIn, Handle: page},
		{Method: "GET", Path: "/o/{org}/field/person", Permit: look, Handle: page},
		{Method: "GET", Path: "/o/{org}/field/person/{id}", Permit: look, Handle: func(v *web.Visit) error {
			id, err := web.ID[int64](v, "id")
			if err != nil {
				return err
			}
			return v.JSON(200, map[string]int64{"id": id})
		}},
		{Method: "POST", Path: "/o/{org}/field/person", Permit: look, Many: []string{"party"}, Handle: func(v *web.Visit) error {
			return v.JSON(200, map[string]any{"name": v.Value("name"), "party": v.Values("party")})
		}},
		{Method: "POST", Path: "/o/{org}/field/file", Permit: look, Body: 64, Handle: func(v *web.Visit) error {
			_, err := io.Copy(io.Discard, v.R.Body)
			return err
		}},
		{Method: "POST", Path: "/o/{org}/field/export", Permit: export, Handle: page},
		{Method: "GET", Path: "/o/{org}/field/never", Permit: never, Handle: page},
		{Method: "GET", Path: "/o/{org}/fail/busy", Permit: look, Handle: failing(fault.Busyf("There is nothing at this address."))},
		{Method: "GET", Path: "/o/{org}/fail/conflict", Permit: look, Handle: failing(fault.Conflictf("There is nothing at this address."))},
		{Method: "GET", Path: "/o/{org}/fail/inputs", Permit: look, Handle: failing(wrong.Or())},
		{Method: "GET", Path: "/o/{org}/fail/ours", Permit: look, Handle: failing(errTold)},
		{Method: "GET", Path: "/o/{org}/fail/panic", Permit: look, Handle: func(*web.Visit) error { panic(errTold) }},
		{Method: "GET", Path: "/o/{org}/fail/half", Permit: look, Handle: func(v *web.Visit) error {
			return v.Page(200, web.Head{Title: "half"}, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				fmt.Fprint(w, "first half ")
				return errTold
			}))
		}},
		{Method: "POST", Path: "/o/{org}/tell", Permit: look, Handle: func(v *web.Visit) error {
			return v.RedirectSaying(v.Path("field", "person"), v.Value("say"), "1", "<b>2</b>", "3")
		}},
		{Method: "GET", Path: "/o/{org}/form", Permit: look, Handle: func(v *web.Visit) error {
			live := ""
			if loads.Add(1) == 1 {
				live = ` data-live="events"`
			}
			return v.Page(200, web.Head{Title: "form", Islands: []string{"drop", "live"}}, templ.Raw(fmt.Sprintf(
				`<form method="post" action="tell"><input type="hidden" name="say" value="Role"><button name="b" value="x">Send</button></form>`+
					`<p id="loads">load %d</p><div id="live"%s>before</div>`, loads.Load(), live)))
		}},
		{Method: "GET", Path: "/o/{org}/events", Permit: look, Handle: func(v *web.Visit) error {
			e, err := v.Events()
			if err != nil {
				return err
			}
			if err := e.Show(web.Pill(web.OK, "line\nbreak")); err != nil {
				return err
			}
			select {
			case <-end:
				return e.Done()
			case <-v.R.Context().Done():
				return nil
			}
		}},
	}
}

// get returns status, headers and body of one request with the session token ("" for none).
func get(t *testing.T, s *webtest.Site, token, path string, h http.Header) (*http.Response, string) {
	t.Helper()
	return ask(t, s, token, http.MethodGet, path, "", h)
}

func ask(t *testing.T, s *webtest.Site, token, method, path, body string, h http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range h {
		if k == "Host" {
			req.Host = v[0]
			continue
		}
		req.Header[k] = v
	}
	res, err := s.Client(t, token).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}
