package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

const usualBody = 1 << 20 // the largest body of a route that does not say otherwise

// errOtherSite is the refusal of a request that another site's page made the browser send.
var errOtherSite = fault.Deniedf("This request came from another site, so nothing was changed. Open the page here and try again.")

// build joins the routes with what stands before them.
func (s *Server) build() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range s.Routes() {
		if err := r.check(s.c.Permits); err != nil {
			return nil, err
		}
		if err := register(mux, r.Method+" "+r.Path, s.serve(r)); err != nil {
			return nil, err
		}
	}
	mux.Handle("GET /static/", s.assets)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("/", s.nowhere)

	guard := http.NewCrossOriginProtection()
	for _, o := range s.origins {
		if err := guard.AddTrustedOrigin(o.String()); err != nil {
			return nil, fmt.Errorf("origin %s: %w", o, err)
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(s.visit(w, r), errOtherSite)
	}))
	return s.observed(s.onlyOurHosts(headers(s.secure(), guard.Handler(s.switchLanguage(mux))))), nil
}

// register turns the panic of a pattern that meets another into an error at construction.
func register(mux *http.ServeMux, pattern string, h http.HandlerFunc) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %q: %v", pattern, p)
		}
	}()
	mux.HandleFunc(pattern, h)
	return nil
}

// visit begins a visit without a session: enough to say no in the reader's language.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{W: w, R: r, Now: s.c.Now(), server: s}
	v.T = s.c.Words.In(s.language(r, v.Session))
	return v
}

// serve answers one route: session, organisation, permit, form, handler.
func (s *Server) serve(route Route) http.HandlerFunc {
	limit := route.Body
	if limit == 0 {
		limit = usualBody
	}
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		if r.ContentLength > limit {
			s.fail(v, &http.MaxBytesError{Limit: limit})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := s.answer(v, route); err != nil {
			s.fail(v, err)
		}
	}
}

func (s *Server) answer(v *Visit, route Route) error {
	if err := s.signIn(v); err != nil {
		return err
	}
	if s.c.Limit != nil {
		if err := s.c.Limit(v.R, v.Session); err != nil {
			return err
		}
	}
	if route.Permit != permit.Public && !v.SignedIn() {
		return v.Redirect(withNext(s.c.SignIn, v.backHere()))
	}
	if route.inOrg() {
		if v.Session.FactorAt.IsZero() { // came by a bare link: shows or makes a factor first
			return v.Redirect(withNext(s.c.Factor, v.backHere()))
		}
		if err := s.sit(v, v.R.PathValue("org")); err != nil {
			return err
		}
		if !v.Actor.May(route.Permit) {
			return &lacking{permit: route.Permit}
		}
		if s.needsFactor(v, route.Permit) {
			return v.Redirect(withNext(s.c.Factor, v.backHere()))
		}
	}
	if err := v.readForm(route.Many); err != nil {
		return err
	}
	return route.Handle(v)
}

// signIn fills the session of the visit. A token that opens nothing is as good as none; a store that
// cannot answer is an error, never an open door.
func (s *Server) signIn(v *Visit) error {
	token := v.SessionToken()
	if token == "" {
		return nil
	}
	session, err := s.c.Sessions.Session(v.R.Context(), token)
	if errors.Is(err, account.ErrNoSession) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the session: %w", err)
	}
	v.Session = session
	v.T = s.c.Words.In(s.language(v.R, session))
	note(v.R.Context(), slog.Int64("account", int64(session.Account)))
	return nil
}

func (s *Server) sit(v *Visit, in string) error {
	id, err := strconv.ParseInt(in, 10, 64)
	if err != nil || id <= 0 {
		id = 0 // the same answer as for an organisation the reader is not in
	}
	v.Actor, err = s.c.Seats.Sit(v.R.Context(), v.Session, org.ID(id))
	if err != nil {
		v.Actor = org.Actor{}
		return err
	}
	if zone := v.Actor.Zone(); zone != nil {
		v.Now = v.Now.In(zone)
	}
	v.R = v.R.WithContext(v.Actor.Within(v.R.Context()))
	note(v.R.Context(), slog.Int64("org", id))
	return nil
}

// needsFactor reports whether p is dangerous and the session's last second factor is too long ago.
func (s *Server) needsFactor(v *Visit, p permit.Permit) bool {
	d, _ := s.c.Permits.Def(p)
	return d.Danger && v.Now.Sub(v.Session.FactorAt) > account.FactorTime
}

// backHere is where the reader is to return after signing in: this page, or the page a form was on.
func (v *Visit) backHere() string {
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		return LocalPath(v.R.URL.RequestURI())
	}
	from, err := url.Parse(v.R.Referer())
	if err != nil || from.Host != v.R.Host {
		return ""
	}
	return LocalPath(from.RequestURI())
}

func withNext(path, next string) string {
	if next == "" || next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// readForm reads a form sent as a URL would be, and refuses inputs that come twice. Forms with files are
// read by their handlers, which know what to do with the files.
func (v *Visit) readForm(many []string) error {
	if err := v.R.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return large
		}
		return fault.Invalidf("The form could not be read. Go back and send it again.").Because(err)
	}
	for name, values := range v.R.Form {
		if len(values) > 1 && !slices.Contains(many, name) {
			return fault.Invalidf("The form holds “%s” twice. Go back and send it again.", name)
		}
	}
	return nil
}

// nowhere answers every address that no route has.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	if err := s.signIn(v); err != nil {
		s.fail(v, err)
		return
	}
	if in, ok := orgOf(r.URL.Path); ok && v.SignedIn() {
		if err := s.sit(v, in); err != nil {
			s.fail(v, err)
			return
		}
	}
	s.fail(v, fault.NotFoundf("There is nothing at this address."))
}

// health answers a monitor: 200 while the site can do its work.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if s.c.Ready != nil {
		ctx, stop := context.WithTimeout(r.Context(), 5*time.Second)
		defer stop()
		if err := s.c.Ready(ctx); err != nil {
			s.c.Log.ErrorContext(ctx, "not ready", slog.Any("error", err))
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ready\n"))
			return
		}
	}
	_, _ = w.Write([]byte("ok\n"))
}
