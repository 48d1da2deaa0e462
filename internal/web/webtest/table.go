package webtest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Table is a site with real accounts and organisations in a database: the Halden Voter Table, kept by
// Dolores Achterberg.
type Table struct {
	*Site
	DB       *db.DB
	Accounts *account.Accounts
	Orgs     *org.Orgs
	Org      org.ID
	Dolores  account.ID

	t     testing.TB
	mu    sync.Mutex
	mails []account.Mail
	ahead time.Duration
}

// Send keeps a mail for Mails.
func (s *Table) Send(_ context.Context, _ *db.Tx, m account.Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	return nil
}

// Mails returns what was mailed so far.
func (s *Table) Mails() []account.Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

// Pass puts the clock of the site forward.
func (s *Table) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Now is the clock of the site.
func (s *Table) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// NewTable starts a site with the pages that routes makes of its accounts and organisations. Of c, the
// stores, permits and paths of signing in are set here.
func NewTable(t testing.TB, c web.Config, routes func(*account.Accounts, *org.Orgs) []web.Route, spanish ...[]byte) *Table {
	t.Helper()
	s := &Table{t: t, DB: dbtest.Open(t, db.Config{Dir: t.TempDir()}, ledger.Schema(), account.Schema(), org.Schema())}
	l, origin := Listen(t)
	var err error
	if c.Words, err = words.NewCatalog(append(spanish, web.Spanish, account.Spanish, org.Spanish)...); err != nil {
		t.Fatal(err)
	}
	const name = "Halden Voter Table"
	s.Accounts, err = account.New(account.Config{DB: s.DB, Origin: origin, Site: name, Key: [32]byte{7}, Mailer: s, Words: c.Words, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	if c.Permits, err = permit.NewCatalog(org.Permits); err != nil {
		t.Fatal(err)
	}
	s.Orgs = org.New(org.Config{DB: s.DB, Accounts: s.Accounts, Catalog: c.Permits, Mailer: s, Words: c.Words, Site: name, Now: s.Now})
	s.Write(func(ctx context.Context, tx *db.Tx) error {
		s.Org, s.Dolores, err = s.Orgs.Found(ctx, tx, name, "Dolores Achterberg", "dolores@halden.example", org.Administrator, words.EN)
		return err
	})
	c.Sessions, c.Seats, c.Keepers, c.Now = s.Accounts, s.Orgs, s.Orgs.Keepers, s.Now
	c.SignIn, c.SignOut, c.Factor, c.Account = "/sign-in", "/sign-out", "/confirm", "/account"
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Routes = append(c.Routes, routes(s.Accounts, s.Orgs)...)
	s.Site = ServeOn(t, l, origin, c)
	return s
}

// Write runs fn in a transaction that must succeed.
func (s *Table) Write(fn func(context.Context, *db.Tx) error) {
	s.t.Helper()
	if err := s.DB.Transact(context.Background(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// Link makes a one-time sign-in link.
func (s *Table) Link(of account.ID, factor bool) (url string) {
	s.t.Helper()
	var token string
	s.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = s.Accounts.Link(ctx, tx, of, time.Hour, factor)
		return err
	})
	return s.URL + "/sign-in/link?token=" + token
}

// Token signs an account in with a second factor and returns the session's token.
func (s *Table) Token(of account.ID) string {
	s.t.Helper()
	_, token, _ := strings.Cut(s.Link(of, true), "token=")
	session, err := s.Accounts.OpenLink(context.Background(), token, account.From{Address: "203.0.113.7"})
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

// Admit makes somebody a member of an organisation.
func (s *Table) Admit(in org.ID, name, email, role string) account.ID {
	s.t.Helper()
	all := permit.NewSet()
	for _, d := range s.Orgs.Catalog().All() {
		all = all.Union(permit.NewSet(d.Permit))
	}
	var id account.ID
	s.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = s.Orgs.Admit(ctx, tx, org.Operate(in, all), name, email, role, words.EN)
		return err
	})
	return id
}

// Admin returns Dolores as she acts for her table.
func (s *Table) Admin() org.Actor {
	s.t.Helper()
	session, err := s.Accounts.Session(context.Background(), s.Token(s.Dolores))
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := s.Orgs.Sit(context.Background(), session, s.Org)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// Enter gives the tab a session of an account.
func (s *Table) Enter(tab *Tab, of account.ID) {
	tab.t.Helper()
	tab.Open(s.URL + "/healthz")
	Eval[string](tab, "document.cookie = 'session="+s.Token(of)+"; path=/'")
}

// Dead fails the test unless a request with token is sent to sign-in.
func (s *Table) Dead(t testing.TB, token, path, why string) {
	t.Helper()
	res, err := s.Client(t, token).Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/sign-in") {
		t.Errorf("%s: %s answers %d to %q, want 303 to sign-in", why, path, res.StatusCode, res.Header.Get("Location"))
	}
}
