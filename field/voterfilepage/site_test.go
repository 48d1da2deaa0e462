package voterfilepage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

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
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// site is the pages on a database. The tokens: data (may do everything), reader (sees), bare (no permit), stranger (data associate of
// the partner).
type site struct {
	*webtest.Site
	db            *db.DB
	store         *voterfile.Store
	run           *voterfile.Runner
	routes        []web.Route
	home, partner org.ID
}

func lines() []db.Line {
	return []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
}

// onBoth runs a test with a site on each engine.
func onBoth(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newSite(t, d)) })
}

func onSQLite(t *testing.T) *site {
	t.Helper()
	return newSite(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	ctx := context.Background()
	l, origin := webtest.Listen(t)
	catalog, err := permit.NewCatalog(voterfile.Permits, org.Permits)
	if err != nil {
		t.Fatal(err)
	}
	spoken, err := words.NewCatalog(Spanish, web.Spanish, account.Spanish, org.Spanish, voterfile.Spanish, layout.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := account.New(account.Config{DB: d, Origin: origin, Site: "Halden", Key: [32]byte{7}, Words: spoken, Mailer: noMail{}})
	if err != nil {
		t.Fatal(err)
	}
	orgs := org.New(org.Config{DB: d, Accounts: accounts, Catalog: catalog, Words: spoken, Site: "Halden", Mailer: noMail{}})
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{db: d, store: &voterfile.Store{DB: d, Blobs: blobs, Temp: t.TempDir(), Memory: 1 << 20}}
	err = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		s.home, _, err = orgs.Found(ctx, tx, "Halden Voter Table", "Dolores Achterberg", "dolores@halden.example", org.Administrator, words.EN)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []permit.Permit
	for _, d := range catalog.All() {
		all = append(all, d.Permit)
	}
	s.partner, _, err = orgs.AddPartner(ctx, org.Operate(s.home, permit.NewSet(all...)), org.Partner, "Lakeshore Neighbors", org.Invitee{Name: "Rosa Aguilar", Email: "rosa@lakeshore.example"})
	if err != nil {
		t.Fatal(err)
	}
	h := webtest.NewHouse()
	for i, who := range []struct {
		token string
		in    org.ID
		may   []permit.Permit
	}{{"data", s.home, all}, {"reader", s.home, []permit.Permit{voterfile.PermitSee}}, {"bare", s.home, nil}, {"stranger", s.partner, all}} {
		h.SignIn(who.token, account.ID(90+i), "Maribel Ocampo")
		h.Seat(account.ID(90+i), who.in, "Halden Voter Table", "Data associate", who.may...)
	}
	s.run = voterfile.NewRunner(s.store, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { s.run.Close() })
	s.routes = Routes(s.store, s.run, orgs)
	s.Site = webtest.ServeOn(t, l, origin, web.Config{Sessions: h, Seats: h, Permits: catalog, Routes: s.routes, Words: spoken,
		Areas: []web.Area{{Key: "field", Title: "Field", Path: "field"}}, Nav: Nav})
	return s
}

type noMail struct{}

func (noMail) Send(context.Context, *db.Tx, account.Mail) error { return nil }

// owner is who the stores are asked as beside the pages.
func (s *site) owner() org.Actor {
	return org.Operate(s.home, permit.NewSet(voterfile.PermitSee, voterfile.PermitImport, voterfile.PermitShare))
}

// answer is what a page answered.
type answer struct {
	status int
	to     string // where the reader is sent
	text   string
}

func (s *site) ask(t testing.TB, token, method, path, kind string, body io.Reader) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.URL+fmt.Sprintf("/o/%d/field/voterfile", s.home)+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
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
	_, to, _ := strings.Cut(res.Header.Get("Location"), "/field/voterfile")
	return answer{res.StatusCode, to, string(b)}
}

func (s *site) get(t testing.TB, token, path string) answer {
	t.Helper()
	return s.ask(t, token, http.MethodGet, path, "", http.NoBody)
}

func (s *site) post(t testing.TB, path string, form url.Values) answer {
	t.Helper()
	return s.ask(t, "data", http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// answered goes where a form was sent on to.
func (s *site) answered(t testing.TB, a answer) answer {
	t.Helper()
	if a.status != http.StatusSeeOther {
		t.Errorf("a form answers %d itself, want 303 to its answer", a.status)
	}
	return s.get(t, "data", a.to)
}

// sent is one file of a form.
type sent struct{ input, name, content string }

// upload sends a form with files as a browser does.
func (s *site) upload(t testing.TB, file voterfile.FileID, date string, files ...sent) answer {
	t.Helper()
	kind, body := form(t, date, files...)
	return s.ask(t, "data", http.MethodPost, fmt.Sprintf("/%d/import", file), kind, strings.NewReader(body))
}

func form(t testing.TB, date string, files ...sent) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if err := m.WriteField("date", date); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		w, err := m.CreateFormFile(f.input, f.name)
		if err == nil {
			_, err = io.WriteString(w, f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), b.String()
}

func (s *site) file(t testing.TB, id layout.ID) voterfile.FileID {
	t.Helper()
	f, err := s.store.Create(context.Background(), s.owner(), voterfile.File{Name: "The file of " + string(id), Layout: id, Terms: "Only for elections."})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// files are the files of a made-up state as a browser sends them.
func files(t testing.TB, s *synth.State) []sent {
	t.Helper()
	content := map[string]*bytes.Buffer{}
	m, err := s.Write(func(name string) (io.WriteCloser, error) {
		content[name] = &bytes.Buffer{}
		return nopCloser{content[name]}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []sent
	for _, f := range m.Files {
		if f.Kind == inputVoters || f.Kind == inputHistory {
			all = append(all, sent{f.Kind, f.Name, content[f.Name].String()})
		}
	}
	return all
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func state(t testing.TB, id layout.ID, voters int) *synth.State {
	t.Helper()
	s, err := synth.New(synth.Options{Layout: id, Voters: voters, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var reportPath = regexp.MustCompile(`^/(\d+)/import/(\d+)/(report|columns|layout)$`)

// sentOn checks that an answer sends the reader to a page of an import, and returns the path of the import.
func sentOn(t testing.TB, a answer, page string) (path string, id voterfile.ImportID) {
	t.Helper()
	m := reportPath.FindStringSubmatch(a.to)
	if a.status != http.StatusSeeOther || m == nil || m[3] != page {
		t.Fatalf("%d to %q, want 303 to the %s of an import:\n%s", a.status, a.to, page, told(a.text))
	}
	_, err := fmt.Sscan(m[2], &id)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/%s/import/%s", m[1], m[2]), id
}

// told is the text of a page's main part.
func told(page string) string {
	_, main, ok := strings.Cut(page, "<main")
	if !ok {
		return page
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " ")), " ")
}

// settle waits until nothing works on an import and returns its report page.
func (s *site) settle(t testing.TB, path string, id voterfile.ImportID) answer {
	t.Helper()
	for range 3000 {
		if s.run.Pace(id).Stage == "" {
			return s.get(t, "data", path+"/report")
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("import %d never ends: %+v", id, s.run.Pace(id))
	return answer{}
}

func (s *site) standing(t testing.TB, id voterfile.ImportID) voterfile.State {
	t.Helper()
	got, err := s.store.Standing(context.Background(), s.owner(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got.State
}

func (s *site) count(t testing.TB, table string) int64 {
	t.Helper()
	n, err := db.One[int64](db.WithSite(context.Background()), s.db, `SELECT COUNT(*) FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// says fails for each sentence that the page does not say.
func (a answer) says(t testing.TB, status int, sentences ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d to %q, want %d", a.status, a.to, status)
	}
	text := told(a.text)
	for _, want := range sentences {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%.1500s", want, text)
		}
	}
}
