package ledgerpage

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// site is the pages on a database. The tokens: reader (may read the ledger), bare (no permit), stranger (reads the partner's).
type site struct {
	*webtest.Site
	db            *db.DB
	seal          *ledger.Seal
	routes        []web.Route
	home, partner org.ID
	maribel       account.ID
	desmond       account.ID
	began         int64 // the last entry of setting up
}

func lines() []db.Line { return []db.Line{ledger.Schema(), account.Schema(), org.Schema()} }

func onBoth(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newSite(t, d)) })
}

// voters stand for the kinds of a program.
var voters = []ledger.KindDef{
	{Kind: "field.person.look", Sentence: "A person's profile was opened", Purposes: func(code string) string {
		return map[string]string{"question": "To answer a question they asked"}[code]
	}},
	{Kind: "field.person.note.add", Sentence: "A note about a person was written"},
}

var voterSpanish = []byte(`{"A person's profile was opened": "Se abrió la ficha de una persona", "A note about a person was written": "Se escribió una nota sobre una persona",
	"To answer a question they asked": "Para responder a una pregunta suya", "People": "Personas"}`)

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	ctx := context.Background()
	l, origin := webtest.Listen(t)
	catalog, err := permit.NewCatalog(org.Permits, Permits)
	if err != nil {
		t.Fatal(err)
	}
	spoken, err := words.NewCatalog(Spanish, web.Spanish, account.Spanish, org.Spanish, ledger.Spanish, voterSpanish)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := account.New(account.Config{DB: d, Origin: origin, Site: "Halden", Key: [32]byte{7}, Words: spoken, Mailer: noMail{}})
	if err != nil {
		t.Fatal(err)
	}
	orgs := org.New(org.Config{DB: d, Accounts: accounts, Catalog: catalog, Words: spoken, Site: "Halden", Mailer: noMail{}})
	s := &site{db: d}
	if s.seal, err = ledger.OpenSeal(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	s.write(t, func(ctx context.Context, tx *db.Tx) error {
		s.home, s.maribel, err = orgs.Found(ctx, tx, "Halden Voter Table", "Maribel Ocampo", "maribel@halden.example", org.Administrator, words.EN)
		return err
	})
	operator := org.Operate(s.home, catalog.Everything())
	s.partner, _, err = orgs.AddPartner(ctx, operator, org.Partner, "Lakeshore Neighbors", org.Invitee{Name: "Rosa Aguilar", Email: "rosa@lakeshore.example"})
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, func(ctx context.Context, tx *db.Tx) error {
		s.desmond, err = orgs.Admit(ctx, tx, operator, "Desmond Pruitt", "desmond@halden.example", "member", words.EN)
		return err
	})
	st, err := s.seal.Standing(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	s.began = st.Entries
	h := webtest.NewHouse()
	h.SignIn("reader", 90, "Lucía Sandoval")
	h.Seat(90, s.home, "Halden Voter Table", "Auditor", catalog.Expand(PermitRead).List()...)
	h.SignIn("bare", 91, "Tobias Brandt")
	h.Seat(91, s.home, "Halden Voter Table", "Reader")
	h.SignIn("stranger", 92, "Rosa Aguilar")
	h.Seat(92, s.partner, "Lakeshore Neighbors", "Auditor", catalog.Expand(PermitRead).List()...)
	s.routes = Routes(Config{DB: d, Seal: s.seal, Accounts: accounts, Orgs: orgs, Groups: []Group{{Key: "org", Title: "People and rights", Kinds: org.Kinds}, {Key: "field.person", Title: "People", Kinds: voters}}})
	s.Site = webtest.ServeOn(t, l, origin, web.Config{Sessions: h, Seats: h, Permits: catalog, Routes: s.routes, Words: spoken, Nav: Nav,
		Areas: []web.Area{{Key: "field", Title: "Field", Path: "field"}}})
	return s
}

type noMail struct{}

func (noMail) Send(context.Context, *db.Tx, account.Mail) error { return nil }

func (s *site) write(t testing.TB, f func(context.Context, *db.Tx) error) {
	t.Helper()
	if err := s.db.Transact(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// do records n acts of an organisation and returns the number of the first.
func (s *site) do(t testing.TB, in org.ID, who account.ID, n int) (first int64) {
	t.Helper()
	var all []ledger.Entry
	for i := range n {
		e := ledger.Entry{Kind: "field.person.look", Object: fmt.Sprintf("field_person/%d", 1200+i%7), Purpose: "question", Data: map[string]any{"page": "profile"}}
		if i%3 == 2 {
			e = ledger.Entry{Kind: "field.person.note.add", Object: "field_person/1204", Personal: map[string]any{"note": "canary"}}
		}
		all = append(all, e)
	}
	s.write(t, func(ctx context.Context, tx *db.Tx) (err error) {
		first, err = ledger.AppendAll(ctx, tx, ledger.Who{Account: int64(who), Org: int64(in), Via: "browser"}, all...)
		return err
	})
	return first
}

// ask returns the status, the address sent to, and the page.
func (s *site) ask(t testing.TB, token, method, path string, form url.Values) (int, string, string) {
	t.Helper()
	in := s.home
	if token == "stranger" {
		in = s.partner
	}
	req, err := http.NewRequestWithContext(context.Background(), method, s.URL+fmt.Sprintf("/o/%d/ledger", in)+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
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
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

func (s *site) get(t testing.TB, path string) (int, string) {
	t.Helper()
	status, _, page := s.ask(t, "reader", http.MethodGet, path, nil)
	return status, page
}

var entryLink = regexp.MustCompile(`<th scope="row"><a href="/o/\d+/ledger/(\d+)"`)

// numbers are the entries a page shows.
func numbers(page string) []int64 {
	var all []int64
	for _, m := range entryLink.FindAllStringSubmatch(page, -1) {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		all = append(all, n)
	}
	return all
}

func span(from, to int64) []int64 {
	var all []int64
	for n := from; n >= to; n-- {
		all = append(all, n)
	}
	return all
}

// mainOf is what a page says, without a number.
func mainOf(page string, n int64) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return strings.ReplaceAll(page, fmt.Sprint(n), "")
}

func TestRoutesRefuse(t *testing.T) {
	s := newSite(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
	webtest.Refusing{URL: s.URL, Routes: s.routes, SignIn: "/sign-in", Bare: func() *http.Client { return s.Client(t, "bare") },
		Home: int64(s.home), Other: int64(s.partner), Nowhere: 99}.Exercise(t)
}

func TestPagesGoByNumberAndShowOnlyOwnEntries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		first := s.do(t, s.home, s.maribel, 80)
		foreign := s.do(t, s.partner, s.desmond, 5)
		s.do(t, s.home, s.desmond, 30)
		last := first + 114
		status, page := s.get(t, "")
		got := numbers(page)
		want := append(span(last, last-29), span(first+79, first+60)...)
		if diff := cmp.Diff(want, got); status != http.StatusOK || diff != "" {
			t.Fatalf("%d %s", status, diff)
		}
		for _, must := range []string{"A person&#39;s profile was opened", "To answer a question they asked", "Maribel Ocampo", "Desmond Pruitt", "Entries today", "field_person/1204"} {
			if !strings.Contains(page, must) {
				t.Errorf("the page does not say %q", must)
			}
		}
		if strings.Contains(page, "canary") {
			t.Error("the page shows what is about persons")
		}
		_, page = s.get(t, fmt.Sprintf("?before=%d", got[len(got)-1]))
		second := numbers(page)
		if diff := cmp.Diff(span(first+59, first+10), second); diff != "" {
			t.Errorf("the second page: %s", diff)
		}
		s.do(t, s.home, s.maribel, 1) // made meanwhile: pages by number do not move
		_, page = s.get(t, fmt.Sprintf("?after=%d", second[0]))
		if diff := cmp.Diff(want, numbers(page)); diff != "" || !strings.Contains(page, fmt.Sprintf("after=%d", want[0])) {
			t.Errorf("back again: %s", diff)
		}
		for _, c := range []struct {
			name, query string
			want        []int64
		}{
			{"by person", fmt.Sprintf("?who=%d&before=%d", s.desmond, last+1), span(last, last-29)},
			{"by kind", fmt.Sprintf("?kind=org&before=%d", first), nil},
			{"about a person", "?about=field_person/1206", nil},
			{"before these days", "?to=2026-01-01", nil},
			{"after these days", "?from=2999-01-01", nil},
		} {
			status, page := s.get(t, c.query)
			got := numbers(page)
			if status != http.StatusOK {
				t.Errorf("%s: %d", c.name, status)
			}
			switch {
			case c.want != nil && !slices.Equal(c.want, got):
				t.Errorf("%s: %v", c.name, got)
			case strings.Contains(c.name, "days") && (len(got) > 0 || !strings.Contains(page, "No entry matches")):
				t.Errorf("%s: %v", c.name, got)
			case c.name == "by kind" && (len(got) == 0 || strings.Contains(page, "profile was opened")):
				t.Errorf("%s: %v", c.name, got)
			case c.name == "about a person" && len(got) == 0:
				t.Errorf("%s: none", c.name)
			}
		}
		today := time.Now().UTC().Format(time.DateOnly)
		if _, page := s.get(t, "?from="+today+"&to="+today); len(numbers(page)) != pageRows {
			t.Errorf("today: %d entries", len(numbers(page)))
		}
		for _, q := range []string{"?from=yesterday", "?to=2026-13-01"} {
			if status, page := s.get(t, q); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Give the day as year, month and day") {
				t.Errorf("%s: %d", q, status)
			}
		}
		for _, q := range []string{"?kind=nothing", "?who=x", "?before=-1", "/0", "/abc", fmt.Sprintf("/%d", last+500)} {
			if status, _ := s.get(t, q); status != http.StatusNotFound {
				t.Errorf("%s: %d", q, status)
			}
		}
		_, none := s.get(t, fmt.Sprintf("/%d", last+500))
		status, others := s.get(t, fmt.Sprintf("/%d", foreign))
		if status != http.StatusNotFound || mainOf(others, foreign) != mainOf(none, last+500) {
			t.Errorf("another's entry: %d; it must look as one that does not exist", status)
		}
		if status, _ := s.get(t, fmt.Sprintf("/%d/proof.json", foreign)); status != http.StatusNotFound {
			t.Errorf("another's proof: %d", status)
		}
	})
}

func TestEntryIsProved(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		n := s.do(t, s.home, s.maribel, 9) + 2
		foreign := s.do(t, s.partner, s.desmond, 1)
		if _, page := s.get(t, fmt.Sprintf("/%d", n)); !strings.Contains(page, "No signed checkpoint counts this entry yet") || strings.Contains(page, "canary") {
			t.Errorf("before a checkpoint: %s", page)
		}
		if status, _ := s.get(t, fmt.Sprintf("/%d/proof.json", n)); status != http.StatusConflict {
			t.Errorf("the proof before a checkpoint: %d", status)
		}
		for _, bad := range []string{fmt.Sprint(foreign), "x", ""} {
			if status, _, _ := s.ask(t, "reader", http.MethodPost, "/seal", url.Values{"entry": {bad}}); status != http.StatusNotFound {
				t.Errorf("sealing for %q: %d", bad, status)
			}
		}
		if status, to, _ := s.ask(t, "reader", http.MethodPost, "/seal", url.Values{"entry": {fmt.Sprint(n)}}); status != http.StatusSeeOther || !strings.HasSuffix(to, fmt.Sprintf("/ledger/%d", n)) {
			t.Fatalf("sealing: %d to %s", status, to)
		}
		_, page := s.get(t, fmt.Sprintf("/%d", n))
		for _, must := range []string{"This entry is in the ledger, as it was written.", fmt.Sprintf("precinct ledger check ledger-entry-%d.json", n), "A note about a person was written", "Kept apart, and not shown here"} {
			if !strings.Contains(page, must) {
				t.Errorf("the page does not say %q", must)
			}
		}
		status, proof := s.get(t, fmt.Sprintf("/%d/proof.json", n))
		p, err := ledger.CheckProof(proof, s.seal.Keys())
		if status != http.StatusOK || err != nil || p.Number != n || strings.Contains(proof, "canary") {
			t.Errorf("%d, %+v, %v", status, p, err)
		}
		if _, page := s.get(t, ""); !strings.Contains(page, "signature and entries agree") {
			t.Error("the checkpoint is not said to agree")
		}
		if _, err := s.seal.Recompute(ctx, s.db); err != nil {
			t.Fatal(err)
		}
		if _, page := s.get(t, ""); !strings.Contains(page, "all as written") {
			t.Error("the recomputation is not told")
		}
	})
}

func TestTamperedLedgerIsSaid(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t, dbtest.Open(t, db.Config{Dir: dir}, lines()...))
	n := s.do(t, s.home, s.maribel, 9)
	if _, err := s.seal.Checkpoint(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	thief, err := sql.Open("sqlite", "file:"+filepath.Join(dir, db.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer thief.Close()
	for _, q := range []string{`DROP TRIGGER ledger_entry_unchanged`, fmt.Sprintf(`UPDATE ledger_entry SET purpose = 'other' WHERE n = %d`, n)} {
		if _, err := thief.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, page := s.get(t, fmt.Sprintf("/%d", n)); !strings.Contains(page, "This entry cannot be proved.") {
		t.Error("an edited entry is said to be proved")
	}
	if _, err := s.seal.Recompute(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	if _, page := s.get(t, ""); !strings.Contains(page, "The ledger is not what was written.") || !strings.Contains(page, "1 thing is not as written") {
		t.Error("the list does not say that the ledger was edited")
	}
}

// TestPagesInTheBrowser looks at every state in Chromium, and proves an entry as a person does.
func TestPagesInTheBrowser(t *testing.T) {
	tab := webtest.Browser(t).Tab(t)
	s := newSite(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
	s.do(t, s.home, s.maribel, 61)
	n := s.do(t, s.home, s.desmond, 8) + 5
	if _, err := s.seal.Recompute(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	tab.Open(s.URL + "/healthz")
	webtest.Eval[string](tab, "document.cookie = 'session=reader; path=/'")
	at := s.URL + fmt.Sprintf("/o/%d/ledger", s.home)
	entry := fmt.Sprintf("%s/%d", at, n)
	tab.Look("ledger-unsealed", entry)
	tab.Open(entry + "?lang=en")
	tab.Click("main form .go")
	if got := tab.Text("main .note.ok b"); got != "This entry is in the ledger, as it was written." {
		t.Errorf("after signing the page says %q", got)
	}
	tab.Look("ledger-proved", entry)
	tab.Look("ledger-list", at)
	tab.Look("ledger-filtered", fmt.Sprintf("%s?kind=field.person&who=%d&about=field_person/1204&from=2026-01-01", at, s.desmond))
	tab.Look("ledger-none", at+"?to=2026-01-01")
	tab.Look("ledger-wrong-day", at+"?to=yesterday")
}
