package codebookpage

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// oneView is one definition and what was recorded with it.
type oneView struct {
	codebook.Definition
	people int64
	parts  map[codebook.ID]int64
	bars   []int64 // of a score
	loads  []codebook.Load
}

func (p pages) one(v *web.Visit) error {
	ctx := v.R.Context()
	k, err := kindOf(v)
	if err != nil {
		return err
	}
	o := oneView{}
	if o.Definition, err = p.asked(v, k); err != nil {
		return err
	}
	uses, err := p.store.Uses(ctx, v.Actor, k)
	if err != nil {
		return err
	}
	o.people = uses[o.ID]
	switch k {
	case codebook.Question, codebook.Target:
		o.parts, err = p.store.PartUses(ctx, v.Actor, o.Definition)
	case codebook.Score:
		if o.bars, err = p.store.Spread(ctx, v.Actor, o.Definition); err == nil {
			o.loads, err = p.store.Loads(ctx, v.Actor, o.ID)
		}
	}
	if err != nil {
		return err
	}
	h := web.Head{Title: o.Name, Facts: oneFacts(v, o), Crumbs: crumbs(v, kindCrumb(v, k)), Current: navKey}
	if own(v, o.Definition) && v.Actor.May(codebook.PermitDefine) {
		h.Actions = oneActions(v, o)
	}
	return v.Page(http.StatusOK, h, onePage(v, o))
}

func oneFacts(v *web.Visit, o oneView) string {
	facts := v.T.N(o.people, "%s person has it", "%s people have it")
	if o.Kind == codebook.Question {
		facts = v.T.N(o.people, "%s person was asked", "%s people were asked")
	}
	if o.Cycle != 0 {
		facts += " · " + strconv.Itoa(o.Cycle)
	}
	switch {
	case !own(v, o.Definition):
		facts += " · " + v.T.T("shared by %s", o.OrgName)
	case o.Shared:
		facts += " · " + v.T.T("shared with every organization on this site")
	}
	return facts
}

// uploadHref is where a file for the definition is loaded.
func uploadHref(v *web.Visit, d codebook.Definition) string {
	for _, s := range upload.Sorts() {
		if s.Definition == d.Kind {
			return v.Path("field", "upload", "new") + fmt.Sprintf("?kind=%s&object=%d", s.Kind, int64(d.ID))
		}
	}
	return ""
}

// loadView is one file of scores.
type loadView struct {
	codebook.Load
	score  codebook.Definition
	by     string
	wrong  fault.Inputs
	reason string
	other  bool // the reader did not load the file and may decide
}

func (p pages) load(v *web.Visit) error { return p.showLoad(v, http.StatusOK, nil) }

func (p pages) showLoad(v *web.Visit, status int, wrong fault.Inputs) error {
	l, err := p.askedLoad(v)
	if err != nil {
		return err
	}
	l.wrong, l.reason = wrong, v.Value("reason")
	h := web.Head{Title: v.T.T("File of scores: %s", l.File), Facts: v.T.T("Loaded by %s on %s", l.by, v.T.Time(l.At)), Current: navKey,
		Crumbs: crumbs(v, kindCrumb(v, codebook.Score), web.Crumb{Title: l.score.Name, Href: onePath(v, codebook.Score, l.score.ID)})}
	return v.Page(status, h, loadPage(v, l))
}

func (p pages) askedLoad(v *web.Visit) (loadView, error) {
	d, err := p.asked(v, codebook.Score)
	if err != nil {
		return loadView{}, err
	}
	id, err := web.ID[codebook.LoadID](v, "load")
	if err != nil {
		return loadView{}, err
	}
	all, err := p.store.Loads(v.R.Context(), v.Actor, d.ID)
	if err != nil {
		return loadView{}, err
	}
	for _, l := range all {
		if l.ID == id {
			by := p.people.NameOf(v.R.Context(), l.By)
			mine := l.By == int64(v.Actor.Account()) && l.By != 0
			return loadView{Load: l, score: d, by: by, other: v.Actor.May(codebook.PermitApprove) && !mine}, nil
		}
	}
	return loadView{}, fault.NotFoundf("Your organization has no such file of scores.")
}

func (p pages) approve(v *web.Visit) error {
	return p.decide(v, func(id codebook.LoadID) error { return p.store.Approve(v.R.Context(), v.Actor, id, v.Value("reason")) })
}

func (p pages) refuse(v *web.Visit) error {
	return p.decide(v, func(id codebook.LoadID) error { return p.store.Refuse(v.R.Context(), v.Actor, id, v.Value("reason")) })
}

func (p pages) decide(v *web.Visit, do func(codebook.LoadID) error) error {
	l, err := p.askedLoad(v)
	if err != nil {
		return err
	}
	err = do(l.ID)
	if in, ok := web.Inputs(err); ok {
		return p.showLoad(v, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	return v.Redirect(onePath(v, codebook.Score, l.score.ID))
}
