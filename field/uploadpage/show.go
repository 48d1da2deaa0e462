package uploadpage

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// asked returns the upload that the address names.
func (p pages) asked(v *web.Visit) (upload.Upload, error) {
	id, err := web.ID[upload.ID](v, "id")
	if err != nil {
		return upload.Upload{}, err
	}
	return p.store.Upload(v.R.Context(), v.Actor, id)
}

// columnsView says which column of a file is which.
type columnsView struct {
	upload.Upload
	noun      exchange.Noun
	headers   []string
	examples  map[string]string // the first filled cell below each header
	templates []exchange.Template
	chosen    exchange.Mapping
	template  string // the name to keep it under
	wrong     fault.Inputs
}

func (p pages) columns(v *web.Visit) error {
	u, err := p.asked(v)
	if err != nil {
		return err
	}
	return p.showColumns(v, http.StatusOK, columnsView{Upload: u, chosen: u.Mapping})
}

func (p pages) showColumns(v *web.Visit, status int, c columnsView) error {
	n, f, templates, err := p.store.Columns(v.R.Context(), v.Actor, c.Upload)
	if err != nil {
		return err
	}
	c.noun, c.headers, c.templates = n, f.Headers, templates
	if c.examples, err = examples(v.R.Context(), f); err != nil {
		return err
	}
	for _, t := range templates {
		if v.Value("template") != "" && v.Value("template") == fmt.Sprint(int64(t.ID)) && v.R.Method == http.MethodGet {
			if c.chosen, err = t.Mapping(); err != nil {
				return err
			}
		}
	}
	h := web.Head{Title: v.T.T("Match the columns"), Facts: c.Name + " · " + sortWord(v.T, c.What.Kind), Crumbs: crumbs(v), Current: navKey}
	return v.Page(status, h, columnsPage(v, c))
}

// examplesFrom is how many rows are looked at for an example of each column.
const examplesFrom = 50

func examples(ctx context.Context, f *exchange.File) (map[string]string, error) {
	out := map[string]string{}
	n := 0
	for row, err := range f.Rows(ctx) {
		if err != nil {
			return out, nil //nolint:nilerr // the rehearsal says what is wrong with the file, with its row
		}
		for i, cell := range row.Cells[:min(len(row.Cells), len(f.Headers))] {
			if out[f.Headers[i]] == "" {
				out[f.Headers[i]] = cell
			}
		}
		if n++; n == examplesFrom {
			break
		}
	}
	return out, nil
}

func (p pages) saveColumns(v *web.Visit) error {
	u, err := p.asked(v)
	if err != nil {
		return err
	}
	n, err := p.store.Noun(v.R.Context(), v.Actor, u.What)
	if err != nil {
		return err
	}
	c := columnsView{Upload: u, chosen: exchange.Mapping{}, template: v.Value("name")}
	for _, col := range n.Columns {
		if h := v.Value(col.Key); h != "" {
			c.chosen[col.Key] = h
		}
	}
	err = p.store.Map(v.R.Context(), v.Actor, u, c.chosen, c.template)
	if in, ok := web.Inputs(err); ok {
		c.wrong = in
		return p.showColumns(v, http.StatusUnprocessableEntity, c)
	}
	if e := fault.As(err); e != nil && e.Kind == fault.Invalid {
		c.wrong = fault.Inputs{{Name: n.Columns[0].Key, Err: e}}
		return p.showColumns(v, http.StatusUnprocessableEntity, c)
	}
	if err != nil {
		return err
	}
	p.run.Rehearse(v.Actor, u.ID)
	return v.Redirect(uploadPath(v, u.ID))
}

// showView is one upload.
type showView struct {
	upload.Upload
	definition codebook.Definition
	by         string
}

func (p pages) show(v *web.Visit) error {
	u, err := p.asked(v)
	if err != nil {
		return err
	}
	if u.State == upload.Received {
		return v.Redirect(uploadPath(v, u.ID, "columns"))
	}
	s := showView{Upload: u, by: p.people.NameOf(v.R.Context(), u.By)}
	if sort, _ := upload.SortOf(u.What.Kind); sort.Definition != "" {
		if s.definition, err = p.codebook.Definition(v.R.Context(), v.Actor, sort.Definition, u.What.Object); err != nil {
			return err
		}
	}
	h := web.Head{Title: u.Name, Facts: showFacts(v, s), Crumbs: crumbs(v), Current: navKey}
	if u.State == upload.Rehearsing || u.State == upload.Loading {
		h.Reload = 2
	}
	return v.Page(http.StatusOK, h, showPage(v, s))
}

func showFacts(v *web.Visit, s showView) string {
	facts := sortWord(v.T, s.What.Kind)
	if s.definition.Name != "" {
		facts += " · " + s.definition.Name
	}
	return facts + " · " + v.T.T("sent by %s", s.by) + " · " + v.T.Time(s.At)
}

func (p pages) load(v *web.Visit) error {
	u, err := p.asked(v)
	if err != nil {
		return err
	}
	p.run.Load(v.Actor, u.ID, v.Value("leave") != "")
	return v.Redirect(uploadPath(v, u.ID))
}

func (p pages) troubles(v *web.Visit) error {
	return p.csv(v, "troubles", exchange.WriteTroubles)
}

func (p pages) refused(v *web.Visit) error {
	return p.csv(v, "refused", exchange.WriteRefused)
}

func (p pages) csv(v *web.Visit, name string, write func(context.Context, exchange.Plan, io.Writer, words.Translator) error) error {
	u, err := p.asked(v)
	if err != nil {
		return err
	}
	plan, err := p.store.PlanOf(v.R.Context(), v.Actor, u)
	if err != nil {
		return err
	}
	exchange.Attach(v.W.Header(), fmt.Sprintf("upload-%d-%s", int64(u.ID), name), exchange.CSV)
	return write(v.Actor.Within(v.R.Context()), plan, v.W, v.T)
}
