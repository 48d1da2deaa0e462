package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Visit is one request by one person: who, for which organisation, in which language.
type Visit struct {
	W       http.ResponseWriter
	R       *http.Request
	Session account.Session  // the zero Session when nobody is signed in
	Actor   org.Actor        // the zero Actor outside /o/{org}/
	T       words.Translator // speaks the reader's language
	Now     time.Time        // when the request came, in the organisation's zone: days begin in v.Now.Location()

	server *Server
}

// SignedIn reports whether the request came with a live session.
func (v *Visit) SignedIn() bool { return v.Session.Account != 0 }

// Site returns what the site is called and what it is for.
func (v *Visit) Site() Site { return v.server.c.Site }

// Path joins elem to an escaped path under the organisation the visit is in: v.Path("field", "person", 7)
// is "/o/3/field/person/7". Elements may be any integer or string; strings are escaped, slashes too.
func (v *Visit) Path(elem ...any) string {
	return orgPath(v.Actor.Org(), elem...)
}

func orgPath(o org.ID, elem ...any) string {
	p := "/o/" + strconv.FormatInt(int64(o), 10)
	for _, e := range elem {
		p += "/" + url.PathEscape(fmt.Sprint(e))
	}
	return p
}

// Redirect sends the reader on with 303, which is how every POST that worked ends. Only paths of this
// site are followed; anything else is our mistake and an error (ASVS 5.0 3.7.2).
func (v *Visit) Redirect(path string) error {
	if LocalPath(path) == "" {
		return fmt.Errorf("redirecting to %q: not a path of this site", path)
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

// LocalPath returns s when it is an absolute path of this site, query included, and "" otherwise. Pages
// that are told where to go next pass it through here.
func LocalPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") ||
		strings.ContainsAny(s, "\\\r\n\t") {
		return ""
	}
	return s
}

// JSON answers with value as JSON.
func (v *Visit) JSON(status int, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	v.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.W.WriteHeader(status)
	_, _ = v.W.Write(b)
	return nil
}

// Value returns the trimmed value of a form input or, on a GET, of a query key; "" when it was not sent.
func (v *Visit) Value(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }

// Values returns all values of a group of checkboxes; the route names the group in Many.
func (v *Visit) Values(name string) []string {
	_ = v.R.FormValue(name) // reads the form
	return v.R.Form[name]
}

// ID returns the id in the path wildcard called name ("id" in "/o/{org}/field/person/{id}"). What is no
// positive number names nothing, so it is NotFound.
func ID[T ~int64](v *Visit, name string) (T, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.NotFoundf("There is nothing at this address.")
	}
	return T(n), nil
}

// Inputs returns what is wrong with the inputs of a form, when that is what err says. A page that gets
// true shows itself again with status 422 and the faults beside the inputs.
func Inputs(err error) (fault.Inputs, bool) {
	var in fault.Inputs
	return in, errors.As(err, &in)
}

// Say writes a fault's sentence in the reader's language; nil is "".
func Say(t words.Translator, e *fault.Error) string {
	if e == nil {
		return ""
	}
	return t.T(e.Format, e.Args...)
}
