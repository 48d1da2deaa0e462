package exportpage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

func idText[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

func byLabel(all []web.Option) []web.Option {
	slices.SortFunc(all, func(x, y web.Option) int {
		return cmp.Or(strings.Compare(x.Label, y.Label), strings.Compare(x.Value, y.Value))
	})
	return all
}

func (p pages) list(v *web.Visit) error {
	all, err := p.exports.Exports(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	facts := v.T.T("What you took out of here, and why")
	if v.Actor.May(export.PermitApprove) {
		facts = v.T.T("What was taken out of here, by whom and why")
	}
	h := web.Head{Title: v.T.T("Exports"), Facts: facts, Current: navKey}
	if v.Actor.May(export.PermitLimit) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Set the limits"), Href: v.Path("field", "export", "limit")})
	}
	return v.Page(http.StatusOK, h, listPage(v, all))
}

func (p pages) show(v *web.Visit) error { return p.showOne(v, http.StatusOK, nil) }

func (p pages) showOne(v *web.Visit, status int, wrong fault.Inputs) error {
	id, err := web.ID[export.ID](v, "id")
	if err != nil {
		return err
	}
	e, err := p.exports.Export(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	columns, err := p.exports.Columns(v.R.Context(), v.Actor, e.File)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Export %s", idText(e.ID)), Facts: v.T.T(e.Form.Name()) + " · " + v.T.N(e.People, "%s person", "%s people"), Crumbs: crumbs(v), Current: navKey}
	return v.Page(status, h, showPage(v, e, columnNames(v.T, e, columns), wrong))
}

// columnNames are the chosen columns as people call them; those the reader does not see are named by their key.
func columnNames(t words.Translator, e export.Export, all []export.Column) string {
	if !e.Form.Table() {
		return "" // a printed form has its own
	}
	var names []string
	for _, key := range e.Columns {
		name := key
		if i := slices.IndexFunc(all, func(c export.Column) bool { return c.Key == key }); i >= 0 {
			name = all[i].Label(t)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// file is the download. What goes wrong before its first byte is a page.
func (p pages) file(v *web.Visit) error {
	id, err := web.ID[export.ID](v, "id")
	if err != nil {
		return err
	}
	e, err := p.exports.Export(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	d := exchange.NewDownload(v.W, p.exports.FileName(e), e.Ending())
	_, err = p.exports.Write(v.R.Context(), v.Actor, id, d)
	d.CutOff(err)
	return err
}

func (p pages) approve(v *web.Visit) error { return p.decide(v, true) }

func (p pages) refuse(v *web.Visit) error { return p.decide(v, false) }

func (p pages) decide(v *web.Visit, yes bool) error {
	id, err := web.ID[export.ID](v, "id")
	if err != nil {
		return err
	}
	err = p.exports.Decide(v.R.Context(), v.Actor, id, yes, v.Value("reason"))
	if in, ok := web.Inputs(err); ok {
		return p.showOne(v, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	return v.Redirect(path(v, id))
}

func (p pages) limits(v *web.Visit) error { return p.showLimits(v, http.StatusOK, nil) }

func (p pages) showLimits(v *web.Visit, status int, wrong fault.Inputs) error {
	all, err := p.exports.Limits(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Limits of exports"), Facts: v.T.T("An export of more people waits until another person approves it"), Crumbs: crumbs(v), Current: navKey}
	return v.Page(status, h, limitPage(v, all, wrong))
}

func (p pages) setLimits(v *web.Visit) error {
	all, err := p.exports.Limits(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	var wrong fault.Inputs
	for _, l := range all {
		text := v.Value("people-" + l.Role)
		n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
		if err != nil {
			n = -1
		}
		if n == l.People {
			continue
		}
		if err := p.exports.SetLimit(v.R.Context(), v.Actor, l.Role, n); err != nil {
			in, ok := web.Inputs(err)
			if !ok {
				return err
			}
			wrong = append(wrong, in...)
		}
	}
	if len(wrong) > 0 {
		return p.showLimits(v, http.StatusUnprocessableEntity, wrong)
	}
	return v.Redirect(v.Path("field", "export"))
}

func stateTone(s export.State) web.Tone {
	switch s {
	case export.Waiting:
		return web.Warn
	case export.Approved:
		return web.On
	case export.Done:
		return web.OK
	case export.Refused:
		return web.Stop
	}
	return web.Neutral
}

func stateWord(t words.Translator, s export.State) string {
	switch s {
	case export.Waiting:
		return t.T("Waits for approval")
	case export.Approved:
		return t.T("Ready to download")
	case export.Done:
		return t.T("Downloaded")
	case export.Refused:
		return t.T("Refused")
	}
	return t.T("Its day is over")
}

// decidedWord says by whom an export was let out.
func decidedWord(t words.Translator, e export.Export) string {
	switch {
	case e.Decided.IsZero():
		return ""
	case e.DecidedBy == 0:
		return t.T("Within the limit of the role, %s", t.Time(e.Decided))
	}
	return fmt.Sprintf("%s, %s", e.Decider, t.Time(e.Decided))
}

func readyText(v *web.Visit, e export.Export) string {
	s := v.T.T("The file is written while you download it, and no copy stays here. Until %s you can download it.", v.T.Time(e.Until()))
	if n := e.Files(); n > 1 {
		s += " " + v.T.T("It is a ZIP archive with about %s numbered PDFs.", v.T.Number(n))
	}
	return s
}
