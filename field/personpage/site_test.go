package personpage

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

const home, elsewhere = 3, 4

// site is the pages on a database, with a person for each role: the token is the role's key.
type site struct {
	*webtest.Site
	people *person.Store
	routes []web.Route
}

func newSite(t testing.TB, fill func(t testing.TB, d *db.DB)) *site {
	t.Helper()
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), db.Line{Program: "field", FS: os.DirFS("../schema")})
	fill(t, d)
	log := slog.New(slog.DiscardHandler)
	people := person.New(person.Config{DB: d, Log: log})
	if err := people.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	catalog, err := permit.NewCatalog(person.Permits, voterfile.Permits, org.Permits, codebook.Permits, contact.Permits)
	if err != nil {
		t.Fatal(err)
	}
	h := webtest.NewHouse()
	for i, r := range person.Roles {
		id := account.ID(i + 1)
		h.SignIn(r.Key, id, "Maribel Ocampo")
		h.Seat(id, home, "Lakeshore Neighbors", r.Name, catalog.Expand(r.Permits...).List()...)
	}
	h.SignIn("bare", 90, "Tobias Brandt")
	h.Seat(90, home, "Lakeshore Neighbors", "Reader")
	h.SignIn("stranger", 91, "Luz Sandoval")
	h.Seat(91, elsewhere, "Tidewater Alliance", "Data associate", catalog.Expand(person.Roles[0].Permits...).List()...)
	s := &site{people: people, routes: Routes(people, place.New(d), Known{Codebook: &codebook.Store{DB: d}, Contacts: &contact.Store{DB: d}})}
	s.Site = webtest.Serve(t, web.Config{Site: web.Site{Name: "Halden Voter Table", Purpose: web.Organizing}, Sessions: h, Seats: h, Permits: catalog, Routes: s.routes,
		Areas: []web.Area{{Key: "field", Title: "Field", Path: "field"}}, Nav: Nav, FindPath: FindPath, FindPermit: person.PermitFind, Log: log},
		Spanish, person.Spanish, codebook.Spanish, contact.Spanish)
	return s
}

// town fills a site with persontest.Town, votes and a neighbouring organisation's secrets.
func town(t testing.TB, d *db.DB) {
	exec(t, d, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 3, 'NC', 'nc', 'North Carolina', 1)`)
	persontest.Insert(t, d, slices.Values(persontest.Town))
	exec(t, d, `INSERT INTO field_vote (person_id, election_id, method, party, county) VALUES (1, 2022110801, 1, '', ''), (1, 2024030502, 3, 'DEM', ''), (2, 2024110501, 2, '', '')`)
	exec(t, d, `INSERT INTO field_note (person_id, note_id, org_id, body, account_id, created_at) VALUES (1, 'x', 4, 'canary', 9, 1)`)
	exec(t, d, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 4, 1, 1, ?)`, time.Now().AddDate(1, 0, 0))
}

func exec(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// state fills a site with a made-up state, imported as a real one is, with its streets and precincts.
func state(t testing.TB, d *db.DB) {
	ctx := context.Background()
	s, err := synth.New(synth.Options{Layout: layout.NC, Voters: 4000, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	content := map[string]*bytes.Buffer{}
	m, err := s.Write(func(name string) (io.WriteCloser, error) {
		content[name] = &bytes.Buffer{}
		return nopCloser{content[name]}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := &voterfile.Store{DB: d, Blobs: blobs, Temp: t.TempDir(), Memory: 1 << 20}
	owner := org.Operate(home, permit.NewSet(voterfile.PermitSee, voterfile.PermitImport))
	file, err := files.Create(ctx, owner, voterfile.File{Name: "North Carolina, made up", Layout: layout.NC})
	if err != nil {
		t.Fatal(err)
	}
	var uploads []voterfile.Upload
	for _, f := range m.Files {
		switch f.Kind {
		case "voters":
			uploads = append(uploads, voterfile.Upload{Name: f.Name, Kind: layout.Voters, R: content[f.Name]})
		case "history":
			uploads = append(uploads, voterfile.Upload{Name: f.Name, Kind: layout.History, R: content[f.Name]})
		}
	}
	id, err := files.Receive(ctx, owner, file, uploads, synth.DefaultDate)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.Rehearse(ctx, owner, id, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Load(ctx, owner, id, voterfile.LoadOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"addresses.csv", "streets.geojson", "precincts.geojson"} {
		if _, err := place.New(d).Import(ctx, owner, name, content[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// get asks for a page as a role and returns its status and text.
func (s *site) get(t testing.TB, token, path string) (int, string) {
	t.Helper()
	return read(t, s.Client(t, token), http.MethodGet, s.URL+path, nil)
}

// find posts the look-up form, written as a query, and goes where the answer is.
func (s *site) find(t testing.TB, token, form string) (int, string) {
	t.Helper()
	q, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	status, to := s.post(t, token, "/o/3/field/person", q)
	if status != http.StatusSeeOther {
		t.Fatalf("a look-up answers %d itself, want 303 to its answer", status)
	}
	return s.get(t, token, to)
}

func (s *site) post(t testing.TB, token, path string, form url.Values) (int, string) {
	t.Helper()
	return read(t, s.Client(t, token), http.MethodPost, s.URL+path, form)
}

func read(t testing.TB, c *http.Client, method, at string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := c.Do(req)
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
