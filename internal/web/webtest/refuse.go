package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Refusing says how to ask every route for what it must refuse.
type Refusing struct {
	URL     string // of the site
	Routes  []web.Route
	SignIn  string              // where a reader without a session is sent
	Bare    func() *http.Client // signed in, belongs to Home, holds no permit there
	Home    int64               // an organisation Bare belongs to
	Other   int64               // one that exists and that Bare does not belong to
	Nowhere int64               // one that does not exist
}

// Exercise asks every route: without a session, in another's organisation, in one that does not exist,
// without the permit, and from another site's page. A route that answers any of these as if all were well
// fails the test.
func (r Refusing) Exercise(t *testing.T) {
	for _, route := range r.Routes {
		t.Run(route.Method+" "+route.Path, func(t *testing.T) {
			if route.Method != http.MethodGet {
				r.otherSite(t, route)
			}
			if route.Permit == permit.Public {
				return
			}
			r.noSession(t, route)
			if !strings.HasPrefix(route.Path, "/o/{org}") {
				return
			}
			r.otherOrg(t, route)
			if route.Permit != permit.SignedIn {
				r.noPermit(t, route)
			}
		})
	}
}

func (r Refusing) otherSite(t testing.TB, route web.Route) {
	status, _, body := r.ask(t, r.Bare(), route, r.Home, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://elsewhere.example"}})
	if status != http.StatusForbidden {
		t.Errorf("from another site: %d, want 403\n%.200s", status, body)
	}
}

func (r Refusing) noSession(t testing.TB, route web.Route) {
	anonymous := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status, to, body := r.ask(t, anonymous, route, r.Home, nil)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, r.SignIn) {
		t.Errorf("without a session: %d to %q, want 303 to %s\n%.200s", status, to, r.SignIn, body)
	}
}

func (r Refusing) otherOrg(t testing.TB, route web.Route) {
	status, _, other := r.ask(t, r.Bare(), route, r.Other, nil)
	if status != http.StatusNotFound {
		t.Errorf("in another's organization: %d, want 404\n%.200s", status, other)
	}
	status, _, none := r.ask(t, r.Bare(), route, r.Nowhere, nil)
	if status != http.StatusNotFound || !bytes.Equal(other, none) {
		t.Errorf("an organization that does not exist answers %d and %d bytes, one of others 404 and %d: the difference tells which exist", status, len(none), len(other))
	}
}

func (r Refusing) noPermit(t testing.TB, route web.Route) {
	status, _, body := r.ask(t, r.Bare(), route, r.Home, nil)
	if status != http.StatusForbidden {
		t.Errorf("without the permit %s: %d, want 403\n%.200s", route.Permit, status, body)
	}
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

func (r Refusing) ask(t testing.TB, c *http.Client, route web.Route, in int64, h http.Header) (int, string, []byte) {
	t.Helper()
	path := strings.Replace(route.Path, "{org}", fmt.Sprint(in), 1)
	path = strings.ReplaceAll(path, "{$}", "")
	path = wildcard.ReplaceAllString(path, "1")
	req, err := http.NewRequestWithContext(context.Background(), route.Method, r.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range h {
		req.Header[k] = v
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), body
}
