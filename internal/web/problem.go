package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
)

var errPanic = errors.New("the handler panicked")

// lacking is the refusal of a route whose permit the actor does not hold.
type lacking struct{ permit permit.Permit }

func (l *lacking) Error() string { return "needs the permit " + string(l.permit) }

// problem is what an error page says: what happened, what it means and what to do now.
type problem struct {
	status int
	title  string
	texts  []string
	wrong  fault.Inputs
	icon   string
	ours   bool // our mistake: says the reference
	ask    permit.Permit
}

// fail answers with an error page. What is ours is logged with the technical cause, what is the reader's is not.
func (s *Server) fail(v *Visit, err error) {
	p := v.problem(err)
	if p.ours && !errors.Is(err, errPanic) {
		s.c.Log.ErrorContext(v.R.Context(), "request failed", slog.String("reference", v.Reference()), slog.Any("error", err))
	}
	if a, ok := v.W.(*answered); ok && a.status != 0 {
		return // the answer has begun; the log is all that is left
	}
	if p.status == http.StatusTooManyRequests {
		v.W.Header().Set("Retry-After", "60")
	}
	if wantsJSON(v.R) {
		_ = v.JSON(p.status, map[string]any{"error": strings.Join(append([]string{p.title}, p.texts...), " "), "reference": v.Reference()})
		return
	}
	h := Head{Title: p.title, Layout: Door}
	if v.Actor.Org() != 0 {
		h.Layout = Flush
	}
	if err := v.Page(p.status, h, problemPage(v, p)); err != nil {
		h.Layout = Door // asks nothing of the stores
		if err := v.Page(p.status, h, problemPage(v, p)); err != nil {
			http.Error(v.W, p.title+" "+v.Reference(), p.status)
		}
	}
}

func wantsJSON(r *http.Request) bool {
	a := r.Header.Get("Accept")
	return strings.Contains(a, "application/json") && !strings.Contains(a, "text/html")
}

func (v *Visit) problem(err error) problem {
	t := v.T
	var large *http.MaxBytesError
	var lack *lacking
	switch {
	case errors.As(err, &large):
		return problem{status: http.StatusRequestEntityTooLarge, icon: "stop", title: t.T("This is too large"),
			texts: []string{t.T("At most %s can be sent here. Nothing was saved.", t.Bytes(large.Limit))}}
	case errors.As(err, &lack):
		return v.lacks(lack.permit)
	}
	var said []string
	if f := fault.As(err); f != nil {
		said = []string{Say(t, f)}
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		in, _ := Inputs(err)
		return problem{status: http.StatusUnprocessableEntity, icon: "warn", title: t.T("This cannot be taken as it is"), texts: said, wrong: in}
	case fault.NotFound:
		return problem{status: http.StatusNotFound, icon: "search", title: t.T("There is nothing here"),
			texts: append(said, t.T("The address may be mistyped, what was here may have been removed, or it belongs to an organization you are not in."))}
	case fault.Denied:
		return problem{status: http.StatusForbidden, icon: "lock", title: t.T("This was refused"), texts: said}
	case fault.Conflict:
		return problem{status: http.StatusConflict, icon: "sync", title: t.T("This has changed meanwhile"), texts: said}
	case fault.Busy:
		return problem{status: http.StatusTooManyRequests, icon: "clock", title: t.T("Please wait a moment"), texts: said}
	default:
		return problem{status: http.StatusInternalServerError, icon: "warn", ours: true, title: t.T("This is our mistake, not yours"),
			texts: []string{t.T("The page could not be made. What you sent in this step was not saved; everything before it is safe."),
				t.T("Go back and try again. If it happens again, tell whoever looks after this site, with the number below.")}}
	}
}

// lacks says which right is missing, which role the reader has, and who can change it.
func (v *Visit) lacks(p permit.Permit) problem {
	t := v.T
	pr := problem{status: http.StatusForbidden, icon: "lock", title: t.T("Your role does not include this")}
	if d, ok := v.server.c.Permits.Def(p); ok {
		pr.ask = p
		pr.texts = append(pr.texts, t.T("This page needs the right “%s”.", t.T(d.Sentence)))
	}
	all, err := v.server.c.Seats.Of(v.R.Context(), v.Session.Account)
	if err != nil {
		v.server.c.Log.ErrorContext(v.R.Context(), "reading memberships", slog.Any("error", err))
	}
	for _, m := range all {
		if m.Org == v.Actor.Org() {
			pr.texts = append(pr.texts, t.T("Your role in %s is %s.", m.OrgName, t.T(m.RoleName)))
		}
	}
	var keepers []string
	if v.server.c.Keepers != nil {
		keepers = v.server.c.Keepers(v.R.Context(), v.Actor)
	}
	if len(keepers) == 0 {
		pr.texts = append(pr.texts, t.T("An administrator of the organization can change that."))
		return pr
	}
	pr.texts = append(pr.texts, t.T("These people can change that: %s.", strings.Join(keepers, ", ")))
	return pr
}

// orgOf returns the organisation in a path: "3" of "/o/3/field".
func orgOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/o/")
	id, _, _ := strings.Cut(rest, "/")
	return id, ok && id != ""
}
