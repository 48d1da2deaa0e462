package script

import "slices"

// Answers are what was answered so far, by step: one value of a question or an ask, any number of codes. A household's and one person's together.
type Answers map[string][]Value

// Visible returns the steps of a part that are shown after the answers, in order. A step is shown when every one of its conditions names an earlier step that is
// itself shown and has one of the named answers; so an answer to a step that has since been hidden counts for nothing, and no order of answering matters.
func Visible(c Content, part Part, answers Answers) []Step {
	shown := map[string]bool{}
	var all []Step
	for _, p := range Parts() {
		for _, s := range c.Steps(p) {
			if !holds(s.When, shown, answers) {
				continue
			}
			shown[s.ID] = true
			if p == part {
				all = append(all, s)
			}
		}
		if p == part {
			break
		}
	}
	return all
}

func holds(when []Condition, shown map[string]bool, answers Answers) bool {
	for _, c := range when {
		if !shown[c.Step] || !slices.ContainsFunc(answers[c.Step], func(v Value) bool { return slices.Contains(c.Is, v) }) {
			return false
		}
	}
	return true
}
