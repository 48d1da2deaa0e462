package web

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Site is what a deployment is called and what it is for.
type Site struct {
	Name    string  // "Halden Voter Table"
	Purpose Purpose // never changes after the database was made
	Demo    bool    // made-up data: pages say so, and the page of all components is there
}

// Purpose is what a site is for. The two are never mixed in one deployment.
type Purpose string

const (
	Organizing Purpose = "organizing"
	Office     Purpose = "office"
)

// Sessions knows who is signed in; account.Accounts is one.
type Sessions interface {
	Session(ctx context.Context, token string) (account.Session, error)
}

// Seats knows who belongs where; org.Orgs is one.
type Seats interface {
	Sit(ctx context.Context, s account.Session, in org.ID) (org.Actor, error)
	Of(ctx context.Context, who account.ID) ([]org.Membership, error)
}

// Config says what a site is made of.
type Config struct {
	Site     Site
	Origins  []string // where it is reached: "https://table.example.org"; the first is the one in links
	Sessions Sessions
	Seats    Seats
	Words    *words.Catalog
	Permits  permit.Catalog
	Routes   []Route
	Areas    []Area
	Nav      []NavGroup
	Assets   []fs.FS // flat folders of bundled islands, beside web's own

	FindPath   string        // the look-up in the bar, below the organisation: "field/person"; "" for none
	FindPermit permit.Permit // who has it
	SignIn     string        // "/sign-in": where a reader without a session goes, with ?next=
	SignOut    string        // "/sign-out": where the button in the user menu posts to
	Factor     string        // where a dangerous act sends a reader whose second factor is long ago, with ?next=
	Account    string        // the reader's own account, from the user menu

	BaseMap BaseMap                                    // below the maps of pages
	Keepers func(context.Context, org.Actor) []string  // names of those who can change roles; nil: not named
	Limit   func(*http.Request, account.Session) error // a fault.Busy refuses the request; nil: no limit
	Ready   func(context.Context) error                // what /healthz asks; nil: always well
	Proxies Proxies                                    // whose word about a client's address is taken
	Log     *slog.Logger                               // nil: slog.Default
	Now     func() time.Time                           // nil: time.Now
}

// Server answers the requests of one site.
type Server struct {
	c       Config
	origins []*url.URL
	assets  *assets
	handler http.Handler
}

// New checks the declarations of c and returns the site. A route without a permit, one declared twice and
// an origin that browsers would not trust are errors.
func New(c Config) (*Server, error) {
	s := &Server{c: c}
	if s.c.Log == nil {
		s.c.Log = slog.Default()
	}
	if s.c.Now == nil {
		s.c.Now = time.Now
	}
	if len(c.Origins) == 0 || c.Sessions == nil || c.Seats == nil || c.Words == nil {
		return nil, errors.New("a site needs an origin, sessions, seats and words")
	}
	for _, o := range c.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Path != "" || (u.Scheme != "https" && u.Scheme != "http") {
			return nil, fmt.Errorf("origin %q: want https://host or http://host:port", o)
		}
		s.origins = append(s.origins, u)
	}
	var err error
	if s.assets, err = loadAssets(c.Assets); err != nil {
		return nil, err
	}
	s.handler, err = s.build()
	return s, err
}

// Routes returns every route the server answers, its own pages first.
func (s *Server) Routes() []Route { return append(s.ownRoutes(), s.c.Routes...) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// secure reports whether the site is reached over TLS.
func (s *Server) secure() bool { return s.origins[0].Scheme == "https" }
