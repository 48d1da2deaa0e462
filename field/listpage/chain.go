package listpage

import (
	"slices"

	"github.com/openprecinct/precinct/field/list"
)

// A block is what the panel edits as one: a step, or the beginning of the chain. The beginning is the start and every narrow before the
// first step that does more than add or take away conditions; each group of the panel has a step of its own there, so that one sees what each
// criterion keeps.
type block struct {
	steps []int // indexes in the chain
	step  list.Step
	terms []term
	main  bool
}

// blocks takes a chain apart. A chain without steps has one empty block.
func blocks(steps []list.Step) []block {
	first := block{main: true, step: list.Step{Do: list.Start}}
	var rest []block
	open := true // narrows still belong to the beginning
	for i, s := range steps {
		switch {
		case i == 0 && s.Do == list.Start, s.Do == list.Narrow && open:
			first.steps = append(first.steps, i)
			first.terms = append(first.terms, terms(s.Where)...)
			continue
		case s.Do != list.Remove:
			open = false
		}
		rest = append(rest, block{steps: []int{i}, step: s, terms: terms(s.Where)})
	}
	return append([]block{first}, rest...)
}

// conditional says whether a step has a condition that the panel edits.
func conditional(do list.Do) bool {
	switch do {
	case list.Start, list.Add, list.Narrow, list.Remove, list.Households:
		return true
	}
	return false
}

// chain puts blocks together. The conditions of where and registration are the start; each other group narrows, in the order chosen. A step
// that says nothing yet is written as an empty all.
func chain(all []block) []list.Step {
	var steps []list.Step
	for _, b := range all {
		if b.main {
			steps = append(steps, beginning(b.terms)...)
			continue
		}
		steps = append(steps, b.whole())
	}
	return steps
}

func (b block) whole() list.Step {
	s := b.step
	if conditional(s.Do) {
		s.Where = joined(b.terms)
	}
	if b.pending() {
		s.Where = list.All{}
	}
	return s
}

// pending reports whether the block needs a condition and has none yet: such a step changes nothing.
func (b block) pending() bool {
	return len(b.terms) == 0 && (b.step.Do == list.Add || b.step.Do == list.Narrow || b.step.Do == list.Remove)
}

// said returns the chain without the steps that say nothing yet, and for each step of the whole chain its place there, -1 for those.
func said(all []block) (steps []list.Step, at []int) {
	for _, b := range all {
		own := chain([]block{b})
		for _, s := range own {
			if b.pending() {
				at = append(at, -1)
				continue
			}
			at = append(at, len(steps))
			steps = append(steps, s)
		}
	}
	return steps, at
}

// flat returns the chain with its beginning as one step, for counting what options of a block would leave, and the place of the block in it. Steps that
// say nothing are left out, but for the block itself.
func flat(all []block, block int) (steps []list.Step, at int) {
	for i, b := range all {
		switch {
		case i == block:
			at = len(steps)
		case b.pending():
			continue
		}
		if b.main {
			steps = append(steps, list.Step{Do: list.Start, Where: joined(b.terms)})
			continue
		}
		steps = append(steps, b.whole())
	}
	return steps, at
}

func beginning(ts []term) []list.Step {
	var at []term
	var order []string
	groups := map[string][]term{}
	for _, t := range ts {
		g := groupOf(t.key)
		if g == groupWhere || g == groupRegistration || g == groupDistricts {
			at = append(at, t)
			continue
		}
		k := g
		if t.key == "" {
			k = "other" // several conditions nobody can show are one step
		}
		if !slices.Contains(order, k) {
			order = append(order, k)
		}
		groups[k] = append(groups[k], t)
	}
	slices.SortStableFunc(at, func(a, b term) int { return attrPlace(a.key) - attrPlace(b.key) })
	steps := []list.Step{{Do: list.Start, Where: joined(at)}}
	for _, k := range order {
		steps = append(steps, list.Step{Do: list.Narrow, Where: joined(groups[k])})
	}
	return steps
}

// blockOf returns the block to which a step belongs.
func blockOf(all []block, step int) int {
	for i, b := range all {
		if slices.Contains(b.steps, step) {
			return i
		}
	}
	return 0
}

// addable says where a new step of a sort goes: the new chain of blocks and the block to edit then.
func addStep(all []block, s list.Step) ([]block, int) {
	return append(all, block{step: s}), len(all)
}

// drop takes a step away. Of the beginning only the conditions of that step go; the start itself stays.
func drop(steps []list.Step, at int) []list.Step {
	if at < 0 || at >= len(steps) {
		return steps
	}
	if at == 0 {
		out := slices.Clone(steps)
		out[0] = list.Step{Do: list.Start}
		return out
	}
	return slices.Delete(slices.Clone(steps), at, at+1)
}
