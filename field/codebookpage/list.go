package codebookpage

import (
	"net/http"
	"slices"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// listView is one kind's definitions.
type listView struct {
	kind     codebook.Kind
	counts   map[codebook.Kind]int64 // definitions of each kind, for the row of kinds
	all      []codebook.Definition
	uses     map[codebook.ID]int64
	archived bool // shown too
	waiting  []codebook.Load
	scores   map[codebook.ID]string // names, for those that wait
}

func (p pages) list(v *web.Visit) error {
	ctx := v.R.Context()
	l := listView{kind: codebook.Question, archived: v.Value("archived") != "", scores: map[codebook.ID]string{}}
	if k, ok := codebook.ParseKind(v.Value("kind")); ok {
		l.kind = k
	}
	var err error
	if l.counts, err = p.store.Numbers(ctx, v.Actor, l.archived); err != nil {
		return err
	}
	if l.all, err = p.store.Definitions(ctx, v.Actor, l.kind, l.archived); err != nil {
		return err
	}
	if l.uses, err = p.store.Uses(ctx, v.Actor, l.kind); err != nil {
		return err
	}
	if l.waiting, err = p.store.WaitingLoads(ctx, v.Actor); err != nil {
		return err
	}
	if err := p.name(v, &l); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Questions and codes"), Facts: v.T.T("What your organization records about people, and what others share with it"), Current: navKey}
	if v.Actor.May(codebook.PermitDefine) && len(l.all) > 0 {
		h.Actions = newButton(v, l.kind, web.Go)
	}
	return v.Page(http.StatusOK, h, listPage(v, l))
}

// name names the scores of which a file waits.
func (p pages) name(v *web.Visit, l *listView) error {
	if len(l.waiting) == 0 {
		return nil
	}
	scores, err := p.store.Definitions(v.R.Context(), v.Actor, codebook.Score, true)
	for _, d := range scores {
		l.scores[d.ID] = d.Name
	}
	return err
}

// kindOf returns the kind that the address names.
func kindOf(v *web.Visit) (codebook.Kind, error) {
	k, ok := codebook.ParseKind(v.R.PathValue("kind"))
	if !ok {
		return "", fault.NotFoundf("There is no such page.")
	}
	return k, nil
}

// asked returns the definition that the address names.
func (p pages) asked(v *web.Visit, k codebook.Kind) (codebook.Definition, error) {
	id, err := web.ID[codebook.ID](v, "id")
	if err != nil {
		return codebook.Definition{}, err
	}
	return p.store.Definition(v.R.Context(), v.Actor, k, id)
}

// own reports whether a definition is the reader's organisation's.
func own(v *web.Visit, d codebook.Definition) bool { return d.Org == int64(v.Actor.Org()) }

// partNames joins the names of the parts that are offered.
func partNames(d codebook.Definition) []string {
	var all []string
	for _, p := range d.Parts {
		if p.Active {
			all = append(all, p.Name)
		}
	}
	return all
}

func hasCycle(k codebook.Kind) bool {
	return slices.Contains([]codebook.Kind{codebook.Code, codebook.Question}, k)
}

func hasLengths(k codebook.Kind) bool {
	return slices.Contains([]codebook.Kind{codebook.Code, codebook.Question, codebook.Score}, k)
}
