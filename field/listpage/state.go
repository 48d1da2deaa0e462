package listpage

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// state is what the builder's form says: the chain, which part of it the panel edits, and what is shown beside it.
type state struct {
	saved   *liststore.Saved // the list that is edited; nil for a new one
	file    voterfile.FileID
	channel liststore.Channel
	blocks  []block
	at      int // the block that the panel edits

	open       []string // groups of the panel that are counted
	all        bool     // all of them are: without script nobody asks again when one is opened
	finds      url.Values
	rows, cols string // axes of the table
	people     bool   // show some people, from the from-th on
	from       int
	name       string
	folder     int64
	draft      string   // the word under which the state is kept, "" where it is not
	before     string   // the criteria before the last change, for undo
	shown      []string // keys of the panel's inputs
	condition  string   // written by hand, and not yet a part of the block
	opening    bool     // somebody comes to the page: there is nothing to look at yet
	wrong      fault.Inputs
}

// opened are the groups that a new list counts at once.
var opened = []string{groupWhere, groupRegistration, groupAge, groupVotes}

func (s state) criteria() list.Criteria {
	return list.Criteria{Version: list.Version, Steps: chain(s.blocks)}
}

func (s state) ask() liststore.Ask {
	steps, _ := said(s.blocks)
	return liststore.Ask{File: s.file, Channel: s.channel, Criteria: list.Criteria{Version: list.Version, Steps: steps}}
}

// text is the criteria as the form carries it.
func (s state) text() string {
	b, err := json.Marshal(s.criteria())
	if err != nil { // a node nobody can write
		return ""
	}
	return string(b)
}

// askText is the criteria as it is asked, without steps that say nothing yet.
func (s state) askText() string {
	b, err := json.Marshal(s.ask().Criteria)
	if err != nil {
		return ""
	}
	return string(b)
}

// set puts a criteria into the state and keeps the panel where it was, if that part is still there.
func (s *state) set(c list.Criteria) {
	s.blocks = blocks(c.Steps)
	if s.at >= len(s.blocks) {
		s.at = 0
	}
}

// readState reads the builder's form.
func readState(v *web.Visit) (state, error) {
	form := v.R.Form
	s := state{finds: form, rows: v.Value("rows"), cols: v.Value("cols"), name: v.Value("name"), before: v.Value("before"), condition: strings.TrimSpace(v.Value("condition"))}
	n, err := strconv.ParseInt(v.Value("file"), 10, 64)
	if err != nil {
		return s, fault.Invalidf("The form does not say which voter file is asked. Open the page again.")
	}
	s.file = voterfile.FileID(n)
	if s.channel, err = channel(v.Value("channel")); err != nil {
		return s, err
	}
	s.folder, _ = strconv.ParseInt(v.Value("folder"), 10, 64)
	if s.from, err = strconv.Atoi(v.Value("people")); err == nil && s.from >= 0 {
		s.people = true
	}
	s.open, s.all = strings.Split(v.Value("open"), ","), v.R.Header.Get(partHeader) == ""
	c, err := parse(v.Value("criteria"))
	if err != nil {
		return s, err
	}
	s.at, _ = strconv.Atoi(v.Value("at"))
	s.at = max(s.at, 0)
	do, what, _ := strings.Cut(v.Value("do"), ":")
	what, shown, _ := strings.Cut(what, "~") // a phrase also names its group of the panel
	if shown != "" && !slices.Contains(s.open, shown) {
		s.open = append(s.open, shown)
	}
	if do == "set" || do == "undo" { // the criteria says all; the panel is of another one
		text := v.Value("criteria")
		if do == "undo" && s.before != "" {
			text, s.before = s.before, text
		}
		if c, err = parse(text); err != nil {
			return s, err
		}
		s.set(c)
		return s, nil
	}
	s.set(c)
	old := s.text()
	s.readPanel(form)
	s.act(do, what, v.T)
	if now := s.text(); now != old {
		s.before = old
	}
	return s, nil
}

func channel(text string) (liststore.Channel, error) {
	c, ok := liststore.ParseChannel(text)
	if !ok {
		return "", fault.Invalidf("There is no way of contact called “%s”.", short(text))
	}
	return c, nil
}

func parse(text string) (list.Criteria, error) {
	if text == "" {
		return list.Criteria{Version: list.Version}, nil
	}
	return list.Parse([]byte(text))
}

// readPanel takes over what the panel and the rows of the steps say.
func (s *state) readPanel(form url.Values) {
	s.shown = strings.Split(form.Get("shown"), ",")
	if form.Has("shown") && conditional(s.blocks[s.at].step.Do) {
		s.blocks[s.at].terms, s.wrong = readTerms(form, s.blocks[s.at].terms)
	}
	f := reader{form: form}
	for i := range s.blocks {
		b := &s.blocks[i]
		n := strconv.Itoa(i)
		if p := form.Get("prefer." + n); b.step.Do == list.OnePerHousehold && p != "" {
			b.step.Prefer = list.Prefer(p)
		}
		if b.step.Do != list.Sample && b.step.Do != list.Part || !form.Has("seed."+n) {
			continue
		}
		b.step.Whole = form.Get("whole."+n) != ""
		set := func(name string, into func(int64)) {
			if x := f.number(name + "." + n); x != nil {
				into(*x)
			}
		}
		set("seed", func(x int64) { b.step.Seed = x })
		set("take", func(x int64) { b.step.Take = x })
		set("part", func(x int64) { b.step.Part = int(x) })
		set("parts", func(x int64) { b.step.Parts = int(x) })
	}
	s.wrong = append(s.wrong, f.wrong...)
}

// act does what the pressed button says.
func (s *state) act(do, what string, t words.Translator) {
	n, err := strconv.Atoi(what)
	numbered := err == nil && n >= 0
	switch {
	case do == "step" && numbered: // a step of the chain as it was shown, which is how chain writes it
		s.at = blockOf(blocksAgain(s.blocks), n)
	case do == "drop" && numbered:
		steps := drop(chain(s.blocks), n)
		s.blocks, s.at = blocks(steps), 0
	case do == "add":
		s.add(list.Do(what))
	case do == "doors":
		s.doors(what == "on")
	case do == "exclude" || do == "include":
		key, value, _ := strings.Cut(what, "=")
		s.turn(key, value, do == "exclude")
	case do == "condition":
		s.addCondition(t)
	case do == "unkeep" && numbered:
		s.unkeep(n)
	case do == "clear":
		b := &s.blocks[s.at]
		b.terms = slices.DeleteFunc(slices.Clone(b.terms), func(t term) bool { return t.key == what })
	}
}

// blocksAgain numbers the steps of blocks as chain writes them.
func blocksAgain(all []block) []block { return blocks(chain(all)) }

// add appends a step and turns the panel to it, where it has conditions.
func (s *state) add(do list.Do) {
	step := list.Step{Do: do}
	switch do {
	case list.OnePerHousehold:
		step.Prefer = list.Oldest
	case list.Sample:
		step.Take, step.Seed = 1000, 1
	case list.Part:
		step.Part, step.Parts, step.Seed = 1, 2, 1
	case list.Add, list.Narrow, list.Remove, list.Households:
	default:
		return
	}
	blocks, at := addStep(s.blocks, step)
	s.blocks = blocks
	if conditional(do) {
		s.at = at
	}
}

// doors makes the list one of doors, or of people again: a last step that keeps one of each household.
func (s *state) doors(on bool) {
	if s.perDoor() == on {
		return
	}
	if on {
		s.blocks, _ = addStep(s.blocks, list.Step{Do: list.OnePerHousehold, Prefer: list.Oldest})
		return
	}
	s.blocks = s.blocks[:len(s.blocks)-1]
	s.at = min(s.at, len(s.blocks)-1)
}

func (s state) perDoor() bool { return s.blocks[len(s.blocks)-1].step.Do == list.OnePerHousehold }

// turn excludes an option of the panel, or lifts that again.
func (s *state) turn(key, value string, out bool) {
	b := &s.blocks[s.at]
	about, _ := notesIn(b.terms, key)
	take := func(not bool, with bool) {
		var values []string
		var at = -1
		for i, t := range b.terms {
			if t.key == key && t.not == not {
				_, values, _ = choiceOf(t.node)
				at = i
			}
		}
		values = slices.DeleteFunc(slices.Clone(values), func(x string) bool { return x == value })
		if with {
			values = append(values, value)
		}
		n := noted(choice(key, values), about)
		switch {
		case at < 0 && n != nil:
			b.terms = append(b.terms, term{key: key, not: not, node: n})
		case at >= 0 && n == nil:
			b.terms = slices.Delete(slices.Clone(b.terms), at, at+1)
		case at >= 0:
			b.terms = slices.Clone(b.terms)
			b.terms[at].node = n
		}
	}
	take(false, false)
	take(true, out)
}

// addCondition adds the condition that was written by hand. One that cannot be read stays beside its input.
func (s *state) addCondition(t words.Translator) {
	if s.condition == "" {
		s.wrong.Add("condition", "Write a condition first.")
		return
	}
	n, err := list.ParseNode([]byte(s.condition))
	var ps list.Problems
	switch {
	case errors.As(err, &ps) && len(ps) > 0:
		s.wrong = append(s.wrong, fault.Input{Name: "condition", Err: fault.Invalidf("%s", ps[0].Within(t))})
		return
	case err != nil:
		s.wrong = append(s.wrong, fault.Input{Name: "condition", Err: fault.As(err)})
		return
	}
	b := &s.blocks[s.at]
	b.terms, s.condition = terms(list.All(append(nodes(b.terms), n))), ""
}

func nodes(ts []term) []list.Node {
	all := make([]list.Node, len(ts))
	for i, t := range ts {
		all[i] = t.whole()
	}
	return all
}

// unkeep takes the n-th condition away that the panel has no inputs for.
func (s *state) unkeep(n int) {
	b := &s.blocks[s.at]
	i := slices.IndexFunc(b.terms, func(t term) bool {
		if t.key == "" || !slices.Contains(s.shown, t.key) {
			n--
		}
		return n < 0
	})
	if i >= 0 {
		b.terms = slices.Delete(slices.Clone(b.terms), i, i+1)
	}
}

// problems turns what Check said into faults of the form: all of them above the panel, in its order.
func problems(v *web.Visit, err error) (fault.Inputs, bool) {
	var ps list.Problems
	if errors.As(err, &ps) {
		var in fault.Inputs
		for _, p := range ps {
			in = append(in, fault.Input{Name: "steps", Err: fault.Invalidf("%s", p.Sentence(v.T))})
		}
		return in, true
	}
	return web.Inputs(err)
}
