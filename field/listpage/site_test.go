package listpage

import (
	"bytes"
	"context"
	"fmt"
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
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
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

const (
	home   = 1
	voters = 6000
)

// site is the pages over a made-up state, with a data associate ("associate"), who may all, and a counter, who may only count.
type site struct {
	*webtest.Site
	lists *liststore.Store
	db    *db.DB
}

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteWaiting(t, time.Hour)
}

// newSiteWaiting is newSite whose pages wait so long for their first numbers.
func newSiteWaiting(t testing.TB, wait time.Duration) *site {
	t.Helper()
	ctx := context.Background()
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), db.Line{Program: "field", FS: os.DirFS("../schema")})
	madeUp(t, d)
	learned(t, d)
	log := slog.New(slog.DiscardHandler)
	catalog, err := permit.NewCatalog(person.Permits, voterfile.Permits, org.Permits, liststore.Permits, codebook.Permits)
	if err != nil {
		t.Fatal(err)
	}
	engine := segment.New(segment.Config{DB: d, Dir: t.TempDir(), Log: log})
	t.Cleanup(func() { _ = engine.Close() })
	if _, err := engine.View(ctx, 1); err != nil {
		t.Fatal(err)
	}
	orgs := org.New(org.Config{DB: d, Catalog: catalog})
	places := place.New(d)
	lists := liststore.New(liststore.Config{DB: d, Orgs: orgs, Places: places, Engine: engine, Log: log})
	h := webtest.NewHouse()
	var all []permit.Permit
	for _, def := range slices.Concat(person.Permits, liststore.Permits, codebook.Permits) {
		all = append(all, def.Permit)
	}
	h.SignIn("associate", 1, "Maribel Ocampo")
	h.Seat(1, home, "Lakeshore Neighbors", "Data associate", catalog.Expand(all...).List()...)
	h.SignIn("counter", 2, "Tobias Brandt")
	h.Seat(2, home, "Lakeshore Neighbors", "Counter", liststore.PermitCount)
	h.SignIn("loader", 4, "Dolores Achterberg")
	h.Seat(4, home, "Lakeshore Neighbors", "Loader", liststore.PermitCount, voterfile.PermitSee)
	h.SignIn("bare", 3, "Luz Sandoval")
	h.Seat(3, home, "Lakeshore Neighbors", "Reader")
	s := &site{lists: lists, db: d}
	s.Site = webtest.Serve(t, web.Config{Site: web.Site{Name: "Halden Voter Table", Purpose: web.Organizing}, Sessions: h, Seats: h, Permits: catalog, Routes: append(routes(lists, places, wait), bareGround),
		Areas: []web.Area{{Key: "field", Title: "Field", Path: "field"}}, Nav: Nav, Log: log, Assets: []fs.FS{os.DirFS("../built")}},
		allSpanish(t)...)
	return s
}

// bareGround answers the tiles below maps, which belong to the site, without anything in them.
var bareGround = web.Route{Method: http.MethodGet, Path: "/o/{org}/place/ground/{z}/{x}/{y}", Permit: permit.SignedIn,
	Handle: func(v *web.Visit) error { return answerTile(v, nil) }}

// allSpanish reads every translation of the repository: pages say sentences of many packages.
func allSpanish(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, pattern := range []string{"../es.json", "../*/es.json", "../voterfile/*/es.json", "../../internal/*/es.json"} {
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

// madeUp fills a site with a made-up state, imported as a real one is, with its streets and precincts.
func madeUp(t testing.TB, d *db.DB) {
	t.Helper()
	ctx := context.Background()
	exec(t, d, `INSERT INTO org (id, kind, name, created_at) VALUES (1, 'table', 'Lakeshore Neighbors', 1)`)
	s, err := synth.New(synth.Options{Layout: layout.NC, Voters: voters, Seed: 7})
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

// learned fills in what an organisation knows of some people.
func learned(t testing.TB, d *db.DB) {
	t.Helper()
	exec(t, d, `INSERT INTO field_question (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (1, 1, 'Transit measure', 'Transit', 'Tr', 'active', 1, 1, 1)`)
	for i, name := range []string{"Strong support", "Leaning", "Undecided"} {
		exec(t, d, `INSERT INTO field_response (id, question_id, position, name, medium_name, short_name, status) VALUES (?, 1, ?, ?, ?, ?, 'active')`, i+1, i, name, name, name[:2])
	}
	exec(t, d, `INSERT INTO field_answer (person_id, answer_id, question_id, response_id, org_id, account_id, source, answered_at)
		SELECT person_id, 'a' || person_id, 1, 1 + person_id % 3, 1, 1, 'door', 1700000000000 FROM field_person WHERE person_id % 5 = 0`)
	exec(t, d, `INSERT INTO field_code (id, org_id, name, medium_name, short_name, status, created_by, created_at, changed_at) VALUES (1, 1, 'Volunteer', 'Volunteer', 'Vol', 'active', 1, 1, 1)`)
	exec(t, d, `INSERT INTO field_person_code (person_id, code_id, org_id, account_id, applied_at) SELECT person_id, 1, 1, 1, 1700000000000 FROM field_person WHERE person_id % 17 = 0`)
	exec(t, d, `INSERT INTO field_score (id, org_id, name, medium_name, short_name, decimals, min_value, max_value, status, created_by, created_at, changed_at) VALUES (1, 1, 'Transit support', 'Transit', 'Tr', 1, 0, 1000, 'active', 1, 1, 1)`)
	exec(t, d, `INSERT INTO field_person_score (person_id, score_id, value) SELECT person_id, 1, (person_id * 7919) % 1001 FROM field_person WHERE person_id % 3 <> 0`)
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

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func (s *site) get(t testing.TB, token, path string) (int, string) {
	t.Helper()
	return s.ask(t, token, http.MethodGet, path, nil)
}

func (s *site) post(t testing.TB, token, path string, form url.Values) (int, string) {
	t.Helper()
	return s.ask(t, token, http.MethodPost, path, form)
}

func (s *site) ask(t testing.TB, token, method, path string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := s.Client(t, token).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if to := res.Header.Get("Location"); strings.Contains(to, "?draft=") { // the builder's answer has an address of its own
		return s.get(t, token, to)
	} else if to != "" {
		return res.StatusCode, to
	}
	return res.StatusCode, string(b)
}

// count asks the database how many people meet a condition.
func (s *site) count(t testing.TB, where string) string {
	t.Helper()
	n, err := db.One[int64](db.WithSite(context.Background()), s.db, `SELECT COUNT(*) FROM field_person WHERE dropped_on = 0 AND minor = 0 AND confidential = 0 AND `+where)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(n)
}

func (s *site) number(t testing.TB, q string) float64 {
	t.Helper()
	x, err := db.One[float64](db.WithSite(context.Background()), s.db, q)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// born is the condition in SQL that somebody is at least so old today. A birth known by year only counts as the first of January.
func (s *site) born(age int) string {
	now := time.Now().UTC()
	day := (now.Year()-age)*10000 + int(now.Month())*100 + now.Day()
	return fmt.Sprintf("CASE WHEN birth_date <> 0 THEN birth_date WHEN birth_year <> 0 THEN birth_year * 10000 + 101 ELSE 99999999 END <= %d", day)
}
