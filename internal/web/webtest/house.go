package webtest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// House is accounts and organisations held in memory, for tests of pages that need no database.
type House struct {
	Sessions map[string]account.Session // by token
	seats    map[seat]held
	members  map[account.ID][]org.Membership
	Down     error // when set, every question gets this answer
}

type seat struct {
	account account.ID
	org     org.ID
}

type held struct{ permits permit.Set }

// NewHouse returns a house with nobody in it.
func NewHouse() *House {
	return &House{Sessions: map[string]account.Session{}, seats: map[seat]held{}, members: map[account.ID][]org.Membership{}}
}

// SignIn adds a person whose session token is the name of the account; the second factor was shown just now.
func (h *House) SignIn(token string, id account.ID, name string) {
	h.Sessions[token] = account.Session{ID: account.SessionID(id), Account: id, Name: name, Email: token + "@example.org", FactorAt: time.Now()}
}

// Seat gives an account a role with permits in an organisation.
func (h *House) Seat(id account.ID, in org.ID, orgName, role string, ps ...permit.Permit) {
	h.seats[seat{id, in}] = held{permit.NewSet(ps...)}
	h.members[id] = append(h.members[id], org.Membership{Org: in, OrgName: orgName, Account: id, RoleName: role})
}

// Session is web.Sessions.
func (h *House) Session(_ context.Context, token string) (account.Session, error) {
	if h.Down != nil {
		return account.Session{}, h.Down
	}
	s, ok := h.Sessions[token]
	if !ok {
		return account.Session{}, account.ErrNoSession
	}
	return s, nil
}

// Sit is web.Seats.
func (h *House) Sit(_ context.Context, s account.Session, in org.ID) (org.Actor, error) {
	if h.Down != nil {
		return org.Actor{}, h.Down
	}
	x, ok := h.seats[seat{s.Account, in}]
	if !ok {
		return org.Actor{}, fault.NotFoundf("There is no such organization here, or you do not belong to it.")
	}
	return org.Operate(in, x.permits), nil
}

// Of is web.Seats.
func (h *House) Of(_ context.Context, who account.ID) ([]org.Membership, error) {
	return h.members[who], h.Down
}

// Site is a site that answers on a port of this machine.
type Site struct {
	URL    string // http://localhost:port
	Server *web.Server
}

// Serve starts c on a free port, which becomes its origin. What c leaves out is filled: words from Spanish,
// paths of signing in, a site's name, a log nobody reads.
func Serve(t testing.TB, c web.Config, spanish ...[]byte) *Site {
	t.Helper()
	l, at := Listen(t)
	return ServeOn(t, l, at, c, spanish...)
}

// Listen takes a free port, for tests that must know the origin before the site is made: passkeys are bound to it.
func Listen(t testing.TB) (l net.Listener, origin string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return l, "http://localhost:" + port
}

// ServeOn is Serve on a port taken with Listen.
func ServeOn(t testing.TB, l net.Listener, at string, c web.Config, spanish ...[]byte) *Site {
	t.Helper()
	var err error
	c.Origins = []string{at}
	if c.Words == nil {
		if c.Words, err = words.NewCatalog(append(spanish, web.Spanish)...); err != nil {
			t.Fatal(err)
		}
	}
	if c.Site.Name == "" {
		c.Site.Name, c.Site.Purpose = "Halden Voter Table", web.Organizing
	}
	if c.SignIn == "" {
		c.SignIn, c.SignOut, c.Factor, c.Account = "/sign-in", "/sign-out", "/account/factor", "/account"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}}
	server.Start()
	t.Cleanup(server.Close)
	return &Site{URL: at, Server: s}
}

// Client keeps cookies, does not follow redirects, and comes with a session token unless it is "".
func (s *Site) Client(t testing.TB, token string) *http.Client {
	t.Helper()
	jar := &jar{}
	if token != "" {
		jar.cookies = []*http.Cookie{{Name: "session", Value: token}}
	}
	return &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
}

// jar keeps the cookies of the one site a test talks to.
type jar struct{ cookies []*http.Cookie }

func (j *jar) SetCookies(_ *url.URL, set []*http.Cookie) {
	for _, c := range set {
		kept := j.cookies[:0]
		for _, old := range j.cookies {
			if old.Name != c.Name {
				kept = append(kept, old)
			}
		}
		j.cookies = kept
		if c.MaxAge >= 0 {
			j.cookies = append(j.cookies, c)
		}
	}
}

func (j *jar) Cookies(*url.URL) []*http.Cookie { return j.cookies }
