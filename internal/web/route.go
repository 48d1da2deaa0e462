// Package web turns a request into a page for one person in one organisation.
//
// A Server holds a table of routes. Before a handler runs, the host, the origin of the form, the session, the
// organisation, the permit and the form's shape have been checked; what the handler returns as an error becomes
// a page that says what happened and what to do now. Pages are typed templ components inside one shell.
package web

import (
	"fmt"
	"strings"

	"github.com/openprecinct/precinct/internal/permit"
)

// Route is one line of a route table. Path is a net/http pattern without the method
// ("/o/{org}/field/person/{id}"). A route without a permit is refused when the site is built: write
// permit.Public or permit.SignedIn where no other is meant.
type Route struct {
	Method string
	Path   string
	Permit permit.Permit
	Handle func(v *Visit) error

	// Body is the largest request body in bytes; 0 means 1 MiB. Larger ones answer 413.
	Body int64
	// Many names the form inputs that may come more than once (groups of checkboxes). Any other name
	// sent twice is refused (ASVS 5.0 15.3.7).
	Many []string
}

// inOrg reports whether the route lies under an organisation.
func (r Route) inOrg() bool { return r.Path == "/o/{org}" || strings.HasPrefix(r.Path, "/o/{org}/") }

// check returns what is wrong with the declaration of r.
func (r Route) check(c permit.Catalog) error {
	where := r.Method + " " + r.Path
	switch {
	case r.Method == "" || !strings.HasPrefix(r.Path, "/") || r.Handle == nil:
		return fmt.Errorf("route %q: want a method, a path that begins with / and a handler", where)
	case r.Permit == "":
		return fmt.Errorf("route %q has no permit", where)
	case r.inOrg() && r.Permit == permit.Public:
		return fmt.Errorf("route %q lies under an organization and cannot be public", where)
	case r.Permit == permit.Public || r.Permit == permit.SignedIn:
		return nil
	case !r.inOrg():
		return fmt.Errorf("route %q asks for %s, which only an organization can give: move it under /o/{org}/", where, r.Permit)
	}
	if _, ok := c.Def(r.Permit); !ok {
		return fmt.Errorf("route %q asks for unknown permit %q", where, r.Permit)
	}
	return nil
}
