package segment

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// Panel is how many people the list would have with each option of each group.
type Panel struct {
	Groups []GroupCount
	At     int  // the step after which was counted
	Final  bool // it is the last: what is counted is the whole list
	Epoch  int64
}

// GroupCount is one group's options. Options of most groups exclude each other; then those of several together are None and, for each, what its count has above
// None.
type GroupCount struct {
	Group   Group
	None    int64 // people, were the group's condition met by nobody
	All     int64 // people, were the group left out
	Unknown int64 // people with None and those of no option
	Options []Option
}

// Options counts, for every option of groups, how many people the list of p would have were that option alone chosen in its group at a step, the other
// groups staying as they are. Steps from Start to Remove decide person by person, so the list with an option is the list were the group's condition met by nobody,
// and of the further people that it would have were the condition met by everybody, those with the option. Where a later step needs the whole
// list, the people before it are counted.
func (v *View) Options(ctx context.Context, p list.Plan, step int, groups []Group) (panel *Panel, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if p.Universe.VoterFile != v.gen.file || step < 0 || step >= len(p.Steps) || !byPerson(p.Steps[step].Do) {
		return nil, fmt.Errorf("the options of step %d of a plan for voter file %d cannot be counted", step, p.Universe.VoterFile)
	}
	end := step + 1
	for end < len(p.Steps) && byPerson(p.Steps[end].Do) {
		end++
	}
	q := &asking{c: v.compiler(ctx, p.Universe), today: p.Today, step: p.Steps[step], after: p.Steps[step+1 : end]}
	if q.before, _, err = q.c.steps(p.Steps[:step]); err != nil {
		return nil, err
	}
	panel = &Panel{At: end - 1, Final: end == len(p.Steps), Epoch: v.epoch}
	for _, g := range groups {
		n, err := q.group(g)
		if err != nil {
			return nil, err
		}
		panel.Groups = append(panel.Groups, n)
	}
	return panel, nil
}

// asking is the options of one step being counted.
type asking struct {
	c      *compiler
	today  int64
	before *Set // the people before the step
	step   list.Step
	after  []list.Step
	nobody *Set // the list were the step's condition met by nobody
	whole  *Set // the list as it is
}

// with returns the list with another condition of the step.
func (q *asking) with(where list.Node) (*Set, error) {
	v := q.c.v
	s := v.newSet()
	copy(s.bits, q.before.bits)
	st := q.step
	st.Where = where
	steps := append([]list.Step{st}, q.after...)
	return s, q.c.together(s, steps, make([]StepCount, len(steps)))
}

func (q *asking) group(g Group) (GroupCount, error) {
	n := GroupCount{Group: g}
	v := q.c.v
	if q.nobody == nil {
		var err error
		if q.nobody, err = q.with(list.Any{}); err != nil {
			return n, err
		}
		if q.whole, err = q.with(q.step.Where); err != nil {
			return n, err
		}
	}
	all := q.whole
	if rest, lifted := without(q.step.Where, g); lifted {
		var err error
		if all, err = q.with(rest); err != nil {
			return n, err
		}
	}
	n.None, n.All = q.nobody.Len(), all.Len()
	// Whoever is on the list only when the condition is met; with a step that removes, only when it is not.
	gain, loss := v.newSet(), v.newSet()
	for i := range all.bits {
		gain.bits[i] = all.bits[i] &^ q.nobody.bits[i]
		loss.bits[i] = q.nobody.bits[i] &^ all.bits[i]
	}
	count, err := q.countOptions(g, gain)
	if err != nil {
		return n, err
	}
	n.Options, n.Unknown = count.options, n.None+count.unknown
	if loss.Len() > 0 {
		less, err := q.countOptions(g, loss)
		if err != nil {
			return n, err
		}
		for i := range n.Options {
			n.Options[i].People -= less.options[i].People
		}
		n.Unknown -= less.unknown
	}
	for i := range n.Options {
		n.Options[i].People += n.None
	}
	return n, nil
}

type optionCount struct {
	options []Option
	unknown int64
}

// countOptions counts the people of a set by the options of a group.
func (q *asking) countOptions(g Group, s *Set) (optionCount, error) {
	return q.c.countOptions(g, q.today, s)
}

func (c *compiler) countOptions(g Group, today int64, s *Set) (optionCount, error) {
	k, err := c.exclusive(g, today)
	if err != nil {
		return optionCount{}, err
	}
	if k != nil {
		counts := c.v.countIn(s, k)
		for i := range k.options {
			k.options[i].People = counts[i+1]
		}
		return optionCount{k.options, counts[0]}, nil
	}
	if g.Kind == Codes || g.Kind == Tags {
		return c.countApplied(g, s)
	}
	options, ops, err := c.conditions(g)
	if err != nil {
		return optionCount{}, err
	}
	counts := c.v.countEach(s, ops)
	for i := range options {
		options[i].People = counts[i]
	}
	return optionCount{options, counts[len(options)]}, nil
}

// countApplied counts codes or tags.
func (c *compiler) countApplied(g Group, s *Set) (optionCount, error) {
	what := change.Code
	if g.Kind == Tags {
		what = change.Tag
	}
	ids, err := c.allowed(what, g.IDs)
	if err != nil {
		return optionCount{}, err
	}
	pieces, err := c.pieces(what, ids)
	if err != nil {
		return optionCount{}, err
	}
	counts := c.v.countApplied(s, pieces)
	options := make([]Option, len(ids))
	for i, id := range ids {
		options[i] = Option{ID: id, People: counts[i]}
	}
	return optionCount{options, counts[len(ids)]}, nil
}

// without returns a condition less what a group chose in it: members of its top All.
func without(where list.Node, g Group) (rest list.Node, lifted bool) {
	all, ok := where.(list.All)
	if !ok {
		if where == nil || !chosen(where, g) {
			return where, false
		}
		return list.All{}, true
	}
	kept := list.All{}
	for _, n := range all {
		if !chosen(n, g) {
			kept = append(kept, n)
		}
	}
	return kept, len(kept) < len(all)
}

// chosen reports whether a node is what somebody chose in a group, or a choice of several or of the opposite.
func chosen(n list.Node, g Group) bool {
	switch n := n.(type) {
	case list.Any:
		return len(n) > 0 && !slices.ContainsFunc(n, func(x list.Node) bool { return !chosen(x, g) })
	case list.None:
		return len(n) > 0 && !slices.ContainsFunc(n, func(x list.Node) bool { return !chosen(x, g) })
	case list.Is:
		if g.Kind == Attribute {
			return n.Attr == g.Attr
		}
	case list.Between:
		if g.Kind == Bands {
			return n.Attr == g.Attr || n.Attr == list.Birth && (g.Attr == list.Age || g.Attr == list.BirthYear)
		}
	case list.Known:
		if g.Kind == Attribute || g.Kind == Bands {
			return n.Attr == g.Attr
		}
	case list.Scored:
		if g.Kind == ScoreBands {
			return n.Score == g.Object
		}
	case list.Answered:
		if g.Kind == Responses {
			return n.Question == g.Object
		}
	case list.Code:
		if g.Kind == Codes {
			return true
		}
	case list.Tag:
		if g.Kind == Tags {
			return true
		}
	case list.Custom:
		if g.Kind == CustomValues {
			return n.Field == g.Object
		}
	case list.Target:
		if g.Kind == TargetGroups {
			return n.Target == g.Object
		}
	case list.Event:
		if g.Kind == Statuses {
			return slices.Contains(n.Events, g.Object)
		}
	}
	return g.Kind == Conditions && slices.ContainsFunc(g.Nodes, func(x list.Node) bool { return reflect.DeepEqual(x, n) })
}
