package script

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// checker walks through a script and notes what is wrong.
type checker struct {
	content Content
	cat     Catalogue
	found   Problems
	place   map[string]int             // of steps, in the order in which they are walked through
	needs   map[string]map[string]need // of steps: which answers must have been given for it to be shown
}

// need is those answers of a step, of which it has one, that allow a later step to be shown.
type need []Value

// Check says what keeps a script from being used at a door, and, as warnings, what somebody should look at: languages that miss texts, definitions that are no
// longer offered. A script without errors can be walked through: conditions look back only, and every step can be reached.
func Check(c Content, cat Catalogue) Problems {
	k := &checker{content: c, cat: cat, place: map[string]int{}, needs: map[string]map[string]need{}}
	for _, p := range Parts() {
		for _, s := range c.Steps(p) {
			k.place[s.ID] = len(k.place)
		}
	}
	if len(k.place) == 0 {
		k.add(Problem{Step: -1}, fault.Invalidf("The script has no step yet. Add one."))
	}
	walked := map[string]bool{}
	for _, p := range Parts() {
		for i, s := range c.Steps(p) {
			at := Problem{Part: p, Step: i}
			k.step(at, s)
			k.when(at, s, walked)
			walked[s.ID] = true
		}
	}
	return k.found
}

func (k *checker) add(at Problem, err *fault.Error) {
	if len(k.found) < mostProblems {
		at.Err = err
		k.found = append(k.found, at)
	}
}

func (at Problem) about(setting string) Problem {
	at.About = setting
	return at
}

func (at Problem) warn() Problem {
	at.Warning = true
	return at
}

func (k *checker) step(at Problem, s Step) {
	switch s.Kind {
	case Question:
		k.question(at.about("question"), s)
	case Codes:
		if len(s.Codes) == 0 {
			k.add(at.about("codes"), fault.Invalidf("Choose at least one activist code."))
		}
		k.codes(at.about("codes"), s)
	case Ask:
		k.ask(at, s)
	}
	k.text(at.about("text"), s)
}

func (k *checker) question(at Problem, s Step) {
	if s.Question == 0 {
		k.add(at, fault.Invalidf("Choose the question."))
		return
	}
	q, ok := k.cat.Questions[s.Question]
	if !ok {
		k.add(at, fault.Invalidf("This question is gone, or no longer shared with your organization. Choose another."))
		return
	}
	if !q.Active {
		k.add(at.warn(), fault.Invalidf("The question “%s” is no longer offered. It can still be asked; consider another.", q.Name))
	}
	if !slices.ContainsFunc(q.Responses, func(r Response) bool { return r.Active }) {
		k.add(at, fault.Invalidf("The question “%s” has no response left to choose. Choose another.", q.Name))
	}
	k.names(at, s, func(v Value) (Named, bool) {
		r, ok := q.response(v)
		return r.Named, ok
	})
}

func (k *checker) codes(at Problem, s Step) {
	seen := map[int64]bool{}
	for _, id := range s.Codes {
		c, ok := k.cat.Codes[id]
		switch {
		case !ok:
			k.add(at, fault.Invalidf("An activist code is gone, or no longer shared with your organization. Choose another."))
		case seen[id]:
			k.add(at, fault.Invalidf("The code “%s” is chosen twice. Keep one.", c.Name))
		case !c.Active:
			k.add(at.warn(), fault.Invalidf("The code “%s” is no longer offered. It can still be given; consider another.", c.Name))
		}
		seen[id] = true
	}
	if s.Kind == Codes {
		k.names(at, s, func(v Value) (Named, bool) {
			id, _ := v.Number()
			c, ok := k.cat.Codes[id]
			return c, ok && seen[id]
		})
	}
}

func (k *checker) ask(at Problem, s Step) {
	if len(s.Codes) == 0 && s.Event == 0 {
		k.add(at.about("codes"), fault.Invalidf("Say what a yes records: an activist code, an event to sign up for, or both."))
	}
	if len(s.Codes) > 1 {
		k.add(at.about("codes"), fault.Invalidf("A yes gives one activist code at most."))
	}
	k.codes(at.about("codes"), s)
	if s.Event == 0 {
		return
	}
	e, ok := k.cat.Events[s.Event]
	switch {
	case !ok:
		k.add(at.about("event"), fault.Invalidf("The event is gone, or no longer shared with your organization. Choose another."))
	case !e.Active:
		k.add(at.about("event").warn(), fault.Invalidf("The event “%s” is no longer offered. Choose another.", e.Name))
	}
}

// names says in which languages the names of what is offered are missing; the codebook has them in one, the main language.
func (k *checker) names(at Problem, s Step, of func(Value) (Named, bool)) {
	for _, lang := range k.content.Languages[1:] {
		var missing []string
		for _, v := range k.offered(s) {
			if n, ok := of(v); ok && n.Active && s.Names[v][lang] == "" {
				missing = append(missing, n.Name)
			}
		}
		if len(missing) > 0 {
			k.add(at.about("names").warn(), fault.Invalidf("In %s these are said as in the codebook: %s.", LanguageName(lang), strings.Join(missing, ", ")))
		}
	}
}

// offered returns the answers of a step that can be given today.
func (k *checker) offered(s Step) []Value {
	var all []Value
	switch s.Kind {
	case Question:
		for _, r := range k.cat.Questions[s.Question].Responses {
			if r.Active {
				all = append(all, ID(r.ID))
			}
		}
	case Codes:
		for _, c := range s.Codes {
			all = append(all, ID(c))
		}
	case Ask:
		all = AskValues()
	}
	return all
}

var placeholder = regexp.MustCompile(`\{[^{}\n]{0,40}\}`)

func (k *checker) text(at Problem, s Step) {
	main := k.content.Languages[0]
	missing := s.Text.In(main, nil) == ""
	switch {
	case missing && (s.Kind == Say || s.Kind == Ask):
		k.add(at, fault.Invalidf("The words to say are missing in the main language, %s.", LanguageName(main)))
	case missing && s.Kind == Question && s.Question != 0 && k.cat.Questions[s.Question].Asked == "":
		k.add(at, fault.Invalidf("Write how the question is asked: neither the script nor the codebook says it in the main language, %s.", LanguageName(main)))
	}
	for _, lang := range k.content.Languages[1:] {
		if s.Text[lang] == "" && (s.Kind == Say || s.Kind == Ask || s.Kind == Question || s.Text[main] != "") {
			k.add(at.warn(), fault.Invalidf("The words are missing in %s; people hear them in %s.", LanguageName(lang), LanguageName(main)))
		}
	}
	for _, lang := range k.content.Languages {
		for _, name := range placeholder.FindAllString(s.Text[lang], -1) {
			switch {
			case !slices.Contains([]string{First, Last, Canvasser}, name):
				k.add(at, fault.Invalidf("Nothing is called %s. Texts may hold {first}, {last} and {canvasser}.", name))
			case at.Part == Household && name != Canvasser:
				k.add(at, fault.Invalidf("%s cannot stand in the household part: it is not known yet who answers the door.", name))
			}
		}
	}
}

// when checks the conditions of a step, and whether all can hold together.
func (k *checker) when(at Problem, s Step, walked map[string]bool) {
	at = at.about("when")
	mine := map[string]need{}
	sound := true
	for _, c := range s.When {
		on, _, _, known := k.content.Step(c.Step)
		switch {
		case !known:
			k.add(at, fault.Invalidf("A condition asks about a step that is gone. Choose another."))
		case !walked[c.Step]:
			k.add(at, fault.Invalidf("A condition asks about a later step. Move this step below it."))
		case !on.Kind.Answered():
			k.add(at, fault.Invalidf("A condition asks about a step that has no answer."))
		default:
			k.condition(at, on, c, mine)
			continue
		}
		sound = false
	}
	k.needs[s.ID] = mine
	if sound && slices.ContainsFunc(slices.Collect(maps.Values(mine)), func(n need) bool { return len(n) == 0 }) {
		k.add(at, fault.Invalidf("This step is never shown: its conditions, or those of the steps they ask about, cannot all hold."))
	}
}

// condition takes over what the step asked about needs, and narrows its answers. Of codes any can be given together, so they never exclude each other.
func (k *checker) condition(at Problem, on Step, c Condition, mine map[string]need) {
	possible := k.offered(on)
	var allowed need
	for _, v := range c.Is {
		switch {
		case slices.Contains(possible, v):
			allowed = append(allowed, v)
		case on.Kind == Question && k.known(on, v):
			k.add(at.warn(), fault.Invalidf("A condition names a response that is no longer offered."))
		case on.Kind == Question && k.cat.Questions[on.Question].Responses == nil: // said where the question stands
			allowed = append(allowed, v)
		default:
			k.add(at, fault.Invalidf("A condition names an answer that “%s” does not have. Choose its answers again.", on.Title(k.content.Languages[0], k.content.Languages, k.cat)))
			return
		}
	}
	for id, n := range k.needs[on.ID] {
		narrow(mine, id, n)
	}
	if on.Kind != Codes {
		narrow(mine, on.ID, allowed)
	}
}

func (k *checker) known(on Step, v Value) bool {
	_, ok := k.cat.Questions[on.Question].response(v)
	return ok
}

// narrow keeps of what a step may have answered only what is allowed.
func narrow(mine map[string]need, id string, allowed need) {
	was, ok := mine[id]
	if !ok {
		mine[id] = slices.Clone(allowed)
		return
	}
	mine[id] = slices.DeleteFunc(slices.Clone(was), func(v Value) bool { return !slices.Contains(allowed, v) })
}
