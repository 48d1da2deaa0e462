package turfpage

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/turfstore/turftest"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// site is the pages over the village of turftest, with an organizer ("organizer"), who may all, and somebody who may only look ("looker").
type site struct {
	*webtest.Site
	*turftest.World
	organizer org.Actor
}

// run gives f a site. Pages are tried on SQLite alone; the store below them is tried on both.
func run(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	runOn(t, web.BaseMap{}, f)
}

// runOn is run on a site with a base map; routes serve its tiles.
func runOn(t *testing.T, base web.BaseMap, f func(t *testing.T, s *site), routes ...web.Route) {
	t.Helper()
	tiles := routes
	turftest.Run(t, func(w *turftest.World) {
		if w.DB.Engine() != db.SQLite {
			w.Skip("pages are tried on one engine")
		}
		s := &site{World: w, organizer: w.Sit(w.Table, "maribel", "organizer")}
		h := webtest.NewHouse()
		h.SignIn("organizer", s.organizer.Account(), "Maribel Ocampo")
		h.Seat(s.organizer.Account(), w.Table, "Lakeshore Neighbors", "Organizer", s.organizer.Permits().List()...)
		looker := w.Sit(w.Table, "tobias", "volunteer")
		h.SignIn("looker", looker.Account(), "Tobias Brandt")
		h.Seat(looker.Account(), w.Table, "Lakeshore Neighbors", "Reader", turfstore.PermitSee)
		bare := w.Sit(w.Table, "luz", "volunteer")
		h.SignIn("bare", bare.Account(), "Luz Sandoval")
		h.Seat(bare.Account(), w.Table, "Lakeshore Neighbors", "Volunteer")
		scripts := scriptstore.New(scriptstore.Config{DB: w.DB, Codebook: &codebook.Store{DB: w.DB}})
		routes := Routes(Config{Turfs: w.Turfs, Lists: w.Lists, Orgs: w.Orgs, Scripts: scripts, Places: w.Places, DB: w.DB, Origin: "https://halden.example"})
		s.Site = webtest.Serve(w.T, web.Config{Site: web.Site{Name: "Halden Voter Table", Purpose: web.Organizing}, Sessions: h, Seats: h, Permits: w.Catalog,
			BaseMap: base, Routes: append(append(routes, bareGround), tiles...), Areas: []web.Area{{Key: "field", Title: "Field", Path: "field"}}, Nav: Nav, Log: slog.New(slog.DiscardHandler),
			Assets: []fs.FS{os.DirFS("../built")}}, allSpanish(w.T)...)
		f(w.T, s)
	})
}

// bareGround answers the tiles below maps, which belong to the site, without anything in them.
var bareGround = web.Route{Method: http.MethodGet, Path: "/o/{org}/place/ground/{z}/{x}/{y}", Permit: permit.SignedIn,
	Handle: func(v *web.Visit) error { v.W.WriteHeader(http.StatusOK); return nil }}

// allSpanish reads every translation of the repository: pages say sentences of many packages.
func allSpanish(t testing.TB) (all [][]byte) {
	t.Helper()
	for _, pattern := range []string{"../es.json", "../*/es.json", "../*/*/es.json", "../../internal/*/es.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
	}
	return all
}

// ask sends a request as somebody; a nil form is a GET. It returns the status, and where a redirect goes or the page.
func (s *site) ask(t testing.TB, who, path string, form url.Values) (int, string) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := s.Site.Client(t, who).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if to := res.Header.Get("Location"); to != "" {
		return res.StatusCode, to
	}
	return res.StatusCode, string(b)
}

// signIn opens a tab as somebody.
func (s *site) signIn(t testing.TB, who string) *webtest.Tab {
	t.Helper()
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session="+who+"; path=/'")
	return tab
}

func (s *site) list(name string) liststore.Saved { return s.Saved(s.organizer, name) }

// has reports whether all parts are in a page, in this order.
func has(page string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool {
		_, after, ok := strings.Cut(page, p)
		page = after
		return !ok
	})
}
