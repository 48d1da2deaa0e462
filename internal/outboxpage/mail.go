// Package outboxpage shows the mail that a demonstration site catches instead of sending.
package outboxpage

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish is what the pages say, English to Spanish.
//
//go:embed es.json
var Spanish []byte

// shown is how many messages the list shows at once.
const shown = 50

// Routes returns the pages of caught mail. They are public, because an invitation is read before there is an account; on a
// site that really sends mail they do not exist.
func Routes(o *outbox.Outbox) []web.Route {
	p := pages{o}
	return []web.Route{
		{Method: http.MethodGet, Path: "/mail", Permit: permit.Public, Handle: p.list},
		{Method: http.MethodGet, Path: "/mail/{id}", Permit: permit.Public, Handle: p.one},
	}
}

type pages struct{ outbox *outbox.Outbox }

func nothing() error { return fault.NotFoundf("There is nothing at this address.") }

// listView is a page of the list, newest first.
type listView struct {
	*web.Visit
	rows  []outbox.Row
	older outbox.ID // the list goes on before this message; 0 at the end
	newer bool      // there are messages before the first one shown
}

func (p pages) list(v *web.Visit) error {
	if !p.outbox.Catches() {
		return nothing()
	}
	before, err := number(v.R.FormValue("before"))
	if err != nil {
		return err
	}
	rows, err := p.outbox.Recent(v.R.Context(), before, shown+1)
	if err != nil {
		return err
	}
	l := listView{Visit: v, rows: rows, newer: before > 0}
	if len(rows) > shown {
		l.rows = rows[:shown]
		l.older = l.rows[shown-1].ID
	}
	h := web.Head{Title: v.T.T("Mail"), Facts: v.T.T("This is a demonstration: mail is kept here and sent to nobody."),
		Actions: web.LinkButton(web.Action{Label: v.T.T("Look again"), Icon: "sync", Href: "/mail"})}
	return v.Page(http.StatusOK, h, listPage(l))
}

// number reads an id of a message; nothing is 0.
func number(s string) (outbox.ID, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, nothing()
	}
	return outbox.ID(n), nil
}

// letterView is one message.
type letterView struct {
	*web.Visit
	row outbox.Row
}

func (p pages) one(v *web.Visit) error {
	if !p.outbox.Catches() {
		return nothing()
	}
	id, err := number(v.R.PathValue("id"))
	if err != nil {
		return err
	}
	r, err := p.outbox.Row(v.R.Context(), id)
	if errors.Is(err, db.ErrNone) {
		return nothing()
	}
	if err != nil {
		return err
	}
	h := web.Head{Title: r.Subject, Crumbs: []web.Crumb{{Title: v.T.T("Mail"), Href: "/mail"}}}
	return v.Page(http.StatusOK, h, letterPage(letterView{Visit: v, row: r}))
}

// reader is to whom a message goes: "María Peña <maria@example.org>".
func reader(r outbox.Row) string {
	if r.Name == "" {
		return r.Email
	}
	return r.Name + " <" + r.Email + ">"
}

// paragraph writes the words and links of one paragraph with not a space more than the message has.
func paragraph(parts []outbox.Part) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, x := range parts {
			text := strings.ReplaceAll(templ.EscapeString(x.Text), "\n", "<br>")
			if x.URL != "" {
				text = `<a href="` + templ.EscapeString(string(templ.URL(x.URL))) + `">` + text + "</a>"
			}
			b.WriteString(text)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
