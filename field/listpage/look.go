package listpage

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/web"
)

// A look is all that the builder shows of one state.
type look struct {
	state
	files    []liststore.File
	cat      *list.Catalog
	answer   liststore.Answer
	counted  bool
	waiting  bool  // the count takes longer than the page should: its script asks again
	onFile   int64 // everybody the list could hold
	building segment.State
	panel    panel
	steps    []stepRow
	sentence []list.Piece
	tally    tally
	exports  bool
	rows     []liststore.Row
	table    *crosstab
	where    *shading
	reach    []reachRow
	hidden   int64
	folders  []folderChoice
	doubts   []list.Problem // areas that hold nobody
}

type stepRow struct {
	n        int // as people count
	at       int // in the chain
	block    int
	do       list.Do
	label    string
	text     []list.Piece
	people   int64
	before   int64
	counted  bool
	always   bool
	current  bool
	pending  bool
	kept     string // of the bar: x and widths, 0 to 100
	lost     string
	dropable bool
	step     list.Step
}

type reachRow struct {
	label string
	n     int64
}

type folderChoice struct {
	id   int64
	name string
}

// see evaluates the state. A criteria that cannot be asked leaves the counts out and says why in wrong.
func (p pages) see(v *web.Visit, s state) (look, error) {
	l := look{state: s}
	ctx := v.R.Context()
	var err error
	if l.cat, err = p.lists.Catalog(ctx, v.Actor, s.file, s.ask().Criteria); err != nil {
		return l, err
	}
	if len(s.wrong) == 0 {
		if err := p.countOr(v, &l); err != nil {
			in, ok := problems(v, err)
			if !ok {
				return l, err
			}
			l.wrong = append(l.wrong, in...)
		}
	}
	if l.counted && !l.answer.Slow { // the database would take its time
		if l.doubts, err = p.lists.Doubts(ctx, v.Actor, s.ask()); err != nil {
			return l, err
		}
	}
	own := list.Criteria{Version: list.Version}
	own.Steps, _ = said(s.blocks)
	l.sentence = list.Sentence(own, l.cat, v.T)
	l.stepRows(v)
	m := maker{t: v.T, cat: l.cat, terms: s.blocks[s.at].terms, tally: l.tally, find: s.find, open: l.opens, condition: s.condition, mayVotes: v.Actor.May(person.PermitVote)}
	l.panel = m.makePanel(l.wrong)
	return l, p.beside(v, &l)
}

// opens says whether a group of the panel is open: it is counted, or something is chosen in it.
func (l *look) opens(group string) bool {
	o := optionAsk{open: l.open}
	return o.wants(group, l.blocks[l.at].terms)
}

// beside reads what stands around the list: its files, folders, and how many lists are hidden.
func (p pages) beside(v *web.Visit, l *look) error {
	ctx := v.R.Context()
	var err error
	if l.files, err = p.lists.Files(ctx, v.Actor); err != nil {
		return err
	}
	found, err := p.lists.Lists(ctx, v.Actor, liststore.Find{File: l.file})
	if err != nil {
		return err
	}
	l.hidden = found.Hidden
	if l.vacant() {
		l.table, l.where, l.reach = nil, nil, nil // tables of nothing but zeros
	}
	if l.folders, err = p.folders(v); err != nil || !l.people || !l.counted || !v.Actor.May(liststore.PermitLook) {
		return err
	}
	l.rows, err = p.lists.Page(ctx, v.Actor, l.ask(), liststore.ByName, l.from, perPage)
	if l.rows == nil {
		l.rows = []liststore.Row{}
	}
	return err
}

// countOr counts, or, for a page that is only being opened, gives up after a while: the page stands then, and its script counts.
func (p pages) countOr(v *web.Visit, l *look) error {
	ctx := v.R.Context()
	if !l.opening {
		return p.count(ctx, v, l)
	}
	soon, stop := context.WithTimeout(ctx, p.wait)
	defer stop()
	empty := *l
	err := p.count(soon, v, l)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		*l = empty
		l.waiting = true
		return nil
	}
	return err
}

// count asks the engine everything at once: one snapshot answers all of a page.
func (p pages) count(ctx context.Context, v *web.Visit, l *look) error {
	plain := *l
	err := p.countFast(ctx, v, l)
	if !errors.Is(err, liststore.ErrNoSegment) && !errors.Is(err, segment.ErrDamaged) {
		return err
	}
	*l = plain
	if l.building, err = p.lists.Building(ctx, v.Actor, int64(l.file)); err != nil {
		return err
	}
	l.answer, err = p.lists.Count(ctx, v.Actor, l.ask())
	l.counted = err == nil
	return err
}

func (p pages) countFast(ctx context.Context, v *web.Visit, l *look) error {
	began := time.Now()
	view, checked, err := p.lists.View(ctx, v.Actor, l.ask())
	if err != nil {
		return err
	}
	result, err := view.Eval(ctx, checked.Plan)
	if err != nil {
		return err
	}
	n, err := result.Counts(ctx)
	if err != nil {
		return err
	}
	l.answer = liststore.Answer{Checked: checked, Counts: liststore.Counts(n), Epoch: view.Epoch()}
	before := int64(0)
	for i, st := range result.Steps {
		l.answer.Steps = append(l.answer.Steps, liststore.StepCount{Before: before, After: st.People, Always: slices.Contains(checked.Always, i)})
		before = st.People
	}
	l.counted = true
	if l.onFile, err = onFile(ctx, view, checked.Plan); err != nil {
		return err
	}
	a := asking{ctx: ctx, view: view, plan: checked.Plan, set: result.Set, cat: l.cat}
	if err := p.options(ctx, v, l, view); err != nil {
		return err
	}
	if err := a.evidence(v, p, l); err != nil {
		return err
	}
	l.answer.Took = time.Since(began)
	return nil
}

// onFile counts everybody that the list could hold.
func onFile(ctx context.Context, view *segment.View, plan list.Plan) (int64, error) {
	plan.Steps = []list.Step{{Do: list.Start}}
	r, err := view.Eval(ctx, plan)
	if err != nil {
		return 0, err
	}
	return r.Set.Len(), nil
}

// options counts what each option of the open groups would leave, and builds nothing else.
func (p pages) options(ctx context.Context, v *web.Visit, l *look, view *segment.View) error {
	steps, at := flat(l.blocks, l.at)
	k := l.ask()
	k.Criteria.Steps = steps
	checked, err := p.lists.Check(ctx, v.Actor, k)
	if err != nil {
		return err
	}
	o := optionAsk{cat: l.cat, open: l.open, all: l.all}
	o.gather(l.blocks[l.at].terms, l.state)
	counts, err := view.Options(ctx, checked.Plan, checked.At[at], o.groups)
	if err != nil {
		return err
	}
	l.tallied(o, counts)
	return nil
}

// asking is one snapshot with the people of the list in it.
type asking struct {
	ctx  context.Context
	view *segment.View
	plan list.Plan
	set  *segment.Set
	cat  *list.Catalog
}

func (a asking) histogram(g segment.Group) ([]segment.Option, int64, error) {
	return a.view.Histogram(a.ctx, a.plan.Universe, a.plan.Today, a.set, g)
}

// evidence is what stands beside a list: a table, a map, and how to reach its people.
func (a asking) evidence(v *web.Visit, p pages, l *look) error {
	var err error
	if l.reach, err = a.reach(v); err != nil {
		return err
	}
	if l.table, err = a.crosstab(v, l.state.rows, l.cols); err != nil {
		return err
	}
	l.where, err = a.shade(v, p)
	return err
}

func (a asking) reach(v *web.Visit) ([]reachRow, error) {
	nodes, labels := []list.Node{list.Known{Attr: list.Door}}, []string{v.T.T("At the door")}
	if a.cat.Phones {
		nodes = append(nodes, list.Phone{Textable: true}, list.Phone{}, list.Email{})
		labels = append(labels, v.T.T("By text"), v.T.T("By phone"), v.T.T("By email"))
	}
	counts, _, err := a.histogram(segment.Group{Kind: segment.Conditions, Nodes: nodes})
	if err != nil {
		return nil, err
	}
	rows := make([]reachRow, 0, len(counts))
	for i, c := range counts {
		if i < len(labels) {
			rows = append(rows, reachRow{labels[i], c.People})
		}
	}
	return rows, nil
}

// emptied is the number of the step after which nobody was left; 0 where somebody is on the list, or nobody was to begin with.
func (l look) emptied() int {
	if !l.counted || l.answer.People > 0 || l.onFile == 0 {
		return 0
	}
	for _, r := range l.steps {
		if r.counted && r.people == 0 {
			return r.n
		}
	}
	return 0
}

// vacant reports whether nobody at all could be on the list: the voter file is made, and nothing is loaded yet, or a file without voters was.
func (l look) vacant() bool {
	if !l.counted || l.answer.People > 0 || l.onFile > 0 {
		return false
	}
	return !l.answer.Slow || !slices.ContainsFunc(l.files, func(f liststore.File) bool { return f.ID == l.file && f.Loaded > 0 })
}

// stepRows pairs the chain with what each step kept and dropped, the always-on ones among them.
func (l *look) stepRows(v *web.Visit) {
	all := chain(l.blocks)
	_, at := said(l.blocks)
	own := list.Criteria{Version: list.Version}
	own.Steps, _ = said(l.blocks)
	texts := list.Steps(own, l.cat, v.T)
	again := blocksAgain(l.blocks)
	whole, top := 0, int64(1)
	for _, c := range l.answer.Steps {
		top = max(top, c.After)
	}
	for i, s := range all {
		r := stepRow{at: i, block: blockOf(again, i), do: s.Do, step: s, kept: "0", lost: "0", pending: at[i] < 0, dropable: i > 0 || s.Where != nil}
		r.current = r.block == l.at
		r.label = doWord(v.T, s.Do)
		if at[i] >= 0 && at[i] < len(texts) {
			r.label, r.text = texts[at[i]].Label, texts[at[i]].Pieces
		}
		if l.counted && at[i] >= 0 {
			for whole < l.answer.At[at[i]] {
				l.steps = append(l.steps, l.always(v, whole, top))
				whole++
			}
			r.count(l.answer.Steps[whole], top)
			whole++
		}
		r.n = len(l.steps) + 1
		l.steps = append(l.steps, r)
	}
	for l.counted && whole < len(l.answer.Steps) {
		l.steps = append(l.steps, l.always(v, whole, top))
		whole++
	}
}

func (l *look) always(v *web.Visit, whole int, top int64) stepRow {
	r := stepRow{n: len(l.steps) + 1, at: -1, do: list.Remove, label: v.T.T("Remove"), always: true}
	r.text = []list.Piece{{Text: v.T.T(liststore.WithoutSentence(l.channel))}}
	r.count(l.answer.Steps[whole], top)
	return r
}

func (r *stepRow) count(c liststore.StepCount, top int64) {
	r.people, r.before, r.counted = c.After, c.Before, true
	r.kept, r.lost = web.Share(c.After, top), web.Share(max(c.Before-c.After, 0), top)
}
