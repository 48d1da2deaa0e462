package voterfilepage

import (
	"net/http"
	"slices"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// tell is what the form of a new voter file sends for "look at the files": the layout is told from the first that comes.
const tell = "tell"

// layoutView is the page on which a person says which layout the files of an import have.
type layoutView struct {
	importView
	header  []string
	guesses []layout.Guessed // of voters, the likeliest first
	chosen  layout.ID
	wrong   fault.Inputs
}

// sure is the score from which a guess is offered, and near how far behind the best another one is as good.
const (
	sure = 0.8
	near = 0.1
)

// likely returns the layouts that a file of voters may have, the likeliest first.
func likely(all []layout.Guessed) []layout.Guessed {
	var good []layout.Guessed
	for _, g := range all {
		if g.Kind == layout.Voters && g.Score >= sure && (len(good) == 0 || g.Score >= good[0].Score-near) {
			good = append(good, g)
		}
	}
	return good
}

func (p pages) layoutView(v *web.Visit) (layoutView, error) {
	i, err := p.view(v)
	if err != nil {
		return layoutView{}, err
	}
	l := layoutView{importView: i, chosen: i.file.Layout}
	sample, err := p.store.Sample(v.R.Context(), v.Actor, i.ID)
	if fault.As(err) == nil && err != nil {
		return l, err
	}
	l.header, l.guesses = sample.Header, likely(sample.Guesses) // of a file that is no table there are none
	if len(l.guesses) > 0 {
		l.chosen = l.guesses[0].ID
	}
	return l, nil
}

func (p pages) layoutForm(v *web.Visit) error {
	l, err := p.layoutView(v)
	if err != nil {
		return err
	}
	return l.show(v, http.StatusOK)
}

func (l layoutView) show(v *web.Visit, status int) error {
	h := web.Head{Title: v.T.T("Which layout do these files have?"), Facts: importFacts(v.T, l.importView), Crumbs: crumbs(v, fileCrumb(v, l.file)), Current: navKey}
	return v.Page(status, h, layoutPage(v, l))
}

// chooseLayout reads the files by another layout from now on.
func (p pages) chooseLayout(v *web.Visit) error {
	l, err := p.layoutView(v)
	if err != nil {
		return err
	}
	l.chosen = layout.ID(v.Value("layout"))
	err = p.store.SetLayout(v.R.Context(), v.Actor, l.File, l.chosen)
	if in, ok := web.Inputs(err); ok {
		l.wrong = in
		return l.show(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	l.file.Layout = l.chosen
	return p.goOn(v, l.file, l.ID)
}

// afterReceive goes on to what a person has to say, or begins the rehearsal when there is nothing to say. The layout is told from the
// header of the first file: where the voter file has none yet, it is taken; where it has another one, a person is asked.
func (p pages) afterReceive(v *web.Visit, f voterfile.File, imp voterfile.ImportID) error {
	sample, err := p.store.Sample(v.R.Context(), v.Actor, imp)
	if fault.As(err) == nil && err != nil {
		return err
	}
	guesses := likely(sample.Guesses) // of a file that is no table there are none: the rehearsal says what is wrong with it
	own := f.Layout == layout.Generic && f.Mapping != ""
	if own || len(guesses) == 0 || slices.ContainsFunc(guesses, func(g layout.Guessed) bool { return g.ID == f.Layout }) {
		return p.goOn(v, f, imp)
	}
	if f.Layout != layout.Generic || len(guesses) > 1 {
		return v.Redirect(importPath(v, f.ID, imp, "layout"))
	}
	if err := p.store.SetLayout(v.R.Context(), v.Actor, f.ID, guesses[0].ID); err != nil {
		return err
	}
	f.Layout = guesses[0].ID
	return p.goOn(v, f, imp)
}

// goOn matches columns where a person must say what they are, and rehearses where nobody must.
func (p pages) goOn(v *web.Visit, f voterfile.File, imp voterfile.ImportID) error {
	if f.Layout == layout.Generic {
		return v.Redirect(importPath(v, f.ID, imp, "columns"))
	}
	p.run.Rehearse(v.Actor, imp)
	return v.Redirect(importPath(v, f.ID, imp, "report"))
}

// options are the layouts to choose from, those that fit with how well they do.
func (l layoutView) options(v *web.Visit) []web.Option {
	all := layoutOptions(v, string(l.chosen))
	for i := range all {
		for _, g := range l.guesses {
			if all[i].Value == string(g.ID) {
				all[i].Hint = v.T.T("%s of its %s columns are here", v.T.Number(int64(g.Matched)), v.T.Number(int64(g.Columns)))
			}
		}
	}
	return all
}

// title says what the files look like.
func (l layoutView) title(v *web.Visit) string {
	switch {
	case len(l.guesses) == 0:
		return v.T.T("The columns are those of no state we know.")
	case l.guesses[0].ID == l.file.Layout:
		return v.T.T("The columns are those of %s.", l.guesses[0].ID.Title())
	default:
		return v.T.T("The columns are those of %s; this voter file is set up for %s.", l.guesses[0].ID.Title(), layoutTitle(v.T, l.file.Layout))
	}
}
