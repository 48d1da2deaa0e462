package listpage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// The groups of the panel.
const (
	groupWhere        = "where"
	groupRegistration = "registration"
	groupAge          = "age"
	groupVotes        = "votes"
	groupScores       = "scores"
	groupAnswers      = "answers"
	groupCodes        = "codes"
	groupTags         = "tags"
	groupContact      = "contacts"
	groupPhones       = "phones"
	groupHouseholds   = "households"
	groupDistricts    = "districts"
	groupSince        = "since"
	groupNames        = "names"
	groupEvents       = "events"
	groupCustom       = "custom"
	groupTargets      = "targets"
	groupArea         = "area"
	groupSaved        = "saved"
	groupTurf         = "turf"
	groupSuppressed   = "suppressed"
	groupOther        = "other"
)

// attrOrder is the order of attributes in the panel and in the first step.
var attrOrder = []list.Attr{list.County, list.City, list.Municipality, list.Precinct, list.ZIP, list.Congress, list.StateSenate, list.StateHouse,
	list.Status, list.Party, list.Sex, list.Race, list.Ethnicity}

func attrPlace(key string) int {
	if i := slices.Index(attrOrder, list.Attr(key)); i >= 0 {
		return i
	}
	return len(attrOrder)
}

// groupOf returns the group in which a key stands.
func groupOf(key string) string {
	kind, rest, _ := strings.Cut(key, pre)
	switch kind {
	case "county", "city", "precinct", "zip":
		return groupWhere
	case "congress", "state_senate", "state_house", "municipality":
		return groupDistricts
	case "status", "party", "sex", "race", "ethnicity":
		return groupRegistration
	case "age", "birth_year", "birth":
		return groupAge
	case "last", "election", "votes_cast":
		return groupVotes
	case "score":
		return groupScores
	case "question":
		return groupAnswers
	case "code":
		return groupCodes
	case "tag":
		return groupTags
	case "contact":
		return groupContact
	case "phone", keyAsked:
		return groupPhones
	case "household_size", "lives":
		return groupHouseholds
	case "registered_on":
		return groupSince
	case "name":
		return groupNames
	case "event":
		return groupEvents
	case "custom":
		return groupCustom
	case "target":
		return groupTargets
	case "inside", "near":
		return groupArea
	case "saved":
		return groupSaved
	case keyTurf, keyMap:
		return groupTurf
	case "known":
		if rest == string(list.Door) || rest == string(list.Place) {
			return groupHouseholds
		}
	}
	if strings.HasPrefix(key, string(list.District)) {
		return groupDistricts
	}
	return groupOther
}

// tally is what the engine counted for the panel of one block.
type tally struct {
	options map[string]map[string]int64 // by key, then value
	without map[string]int64            // by key: were nothing of it met; how far an option is from that is whom it moves
	bins    map[string][]int64          // by key: people per unit from floor on
	people  int64
	early   bool // counted before a later step that works on households or at random
}

type option struct {
	key, value, label string
	count             int64
	counted           bool  // count is known
	moves             int64 // whom it adds or takes away
	chosen, excluded  bool
	width             int64 // of the bar, 0 to 100
}

type electionRow struct {
	name    string
	not, in option
}

// part is one control of a group: exactly one of its sorts is set.
type part struct {
	key, title string
	folded     bool // one of several choices of its group, closed until somebody wants it

	options []option
	more    int    // values that are not shown
	find    string // what the reader looks for among them
	long    bool   // has a box to find a value

	span      *span
	elections []electionRow
	last      *lastPart
	name      *namePart
	contact   *contactPart
	area      *areaPart
	notes     *notesPart // beside options
	other     *otherPart
	locked    string        // why there is nothing to choose
	right     permit.Permit // that is missing then
}

// span is a range of numbers or dates.
type span struct {
	from, to string
	date     bool
	decimal  bool
	floor    int64
	bins     []int64
	hint     string
}

type lastPart struct {
	least, most, last, kind string
	methods, ballots        []string
	parties                 []choiceOption
}

type namePart struct {
	value  string
	begins bool
	whole  bool // values are compared whole
}

type contactPart struct {
	tried, times string
	by, results  []string
	notes        notesPart // who and when
}

// otherPart are the conditions that have no inputs of their own, and a place to write one.
type otherPart struct {
	kept []string // each as a sentence
	text string
}

type areaPart struct {
	inside, at, metres string
}

type panelGroup struct {
	id, title, said string
	open            bool
	parts           []part
}

type panel struct {
	groups []panelGroup
	wrong  fault.Inputs
}

// shown lists the keys the panel has inputs for, for the hidden input that tells readTerms.
func (p panel) shown() string {
	var keys []string
	for _, g := range p.groups {
		for _, x := range g.parts {
			if x.elections != nil {
				for _, e := range x.elections {
					keys = append(keys, e.in.key)
				}
				continue
			}
			if x.key != "" {
				keys = append(keys, x.key)
			}
		}
	}
	return strings.Join(keys, ",")
}

// fewest is how many values of a long choice are shown at once; many of them have a box to find others.
const (
	shownValues = 8
	longChoice  = 14
)

// maker builds the panel of one block.
type maker struct {
	t     words.Translator
	cat   *list.Catalog
	terms []term
	tally tally
	find  func(key string) string

	condition string // written by hand, and refused
	mayVotes  bool   // see who voted
	open      func(group string) bool
	taken     map[string]bool // keys that have a control
}

func (m *maker) term(key string, not bool) (term, bool) {
	for _, t := range m.terms {
		if t.key == key && t.not == not {
			return t, true
		}
	}
	return term{}, false
}

func (m *maker) chosen(key string, not bool) []string {
	t, ok := m.term(key, not)
	if !ok {
		return nil
	}
	_, values, _ := choiceOf(t.node)
	return values
}

// pick makes a choice of values, given with their names.
func (m *maker) pick(key, title string, values []list.Value, name func(list.Value) string) part {
	m.taken[key] = true
	p := part{key: key, title: title, long: len(values) > longChoice, find: m.find(key)}
	in, out := m.chosen(key, false), m.chosen(key, true)
	for _, v := range values {
		o := option{key: key, value: v.Value, label: name(v), count: m.tally.options[key][v.Value], counted: m.tally.options[key] != nil,
			chosen: slices.Contains(in, v.Value), excluded: slices.Contains(out, v.Value)}
		o.moves = apartFrom(o.count, m.tally.without[key])
		p.options = append(p.options, o)
	}
	for _, v := range slices.Concat(in, out) { // chosen once, and no longer among the known ones
		if !slices.ContainsFunc(p.options, func(o option) bool { return o.value == v }) {
			p.options = append(p.options, option{key: key, value: v, label: name(list.Value{Value: v}), chosen: slices.Contains(in, v), excluded: slices.Contains(out, v)})
		}
	}
	if p.long {
		p.options, p.more = fewer(p.options, p.find)
	}
	m.bars(p.options)
	return m.noted(p)
}

func apartFrom(a, b int64) int64 { return max(a-b, b-a) }

func (m *maker) bars(all []option) {
	most := max(m.tally.people, 1)
	for _, o := range all {
		most = max(most, o.count)
	}
	for i := range all {
		all[i].width = all[i].count * 100 / most
	}
}

// fewer returns the values of a long choice that are shown: those chosen, then those that fit what is looked for, or the largest.
func fewer(all []option, find string) (shown []option, more int) {
	fits := func(o option) bool { return find == "" || strings.Contains(fold(o.label), fold(find)) }
	rest := slices.Clone(all)
	rest = slices.DeleteFunc(rest, func(o option) bool {
		if o.chosen || o.excluded {
			shown = append(shown, o)
			return true
		}
		return !fits(o)
	})
	if find == "" {
		slices.SortStableFunc(rest, func(a, b option) int { return cmp.Compare(b.moves, a.moves) })
	}
	n := min(len(rest), shownValues)
	return append(shown, rest[:n]...), len(rest) - n
}

func (m *maker) attr(a list.Attr) (part, bool) {
	values := m.cat.Values[a]
	if !m.cat.Attrs[a] || len(values) == 0 {
		return part{}, false
	}
	return m.pick(string(a), attrWord(m.t, a), values, func(v list.Value) string { return valueWord(m.t, a, v) }), true
}

func (m *maker) attrs(all ...list.Attr) []part {
	var parts []part
	for _, a := range all {
		if p, ok := m.attr(a); ok {
			parts = append(parts, p)
		}
	}
	return parts
}

func (m *maker) span(key, title, hint string) part {
	m.taken[key] = true
	s := &span{bins: m.tally.bins[key], hint: hint}
	if t, ok := m.term(key, false); ok {
		_, s.from, s.to, _ = rangeOf(t.node)
		if b, isBetween := t.node.(list.Between); isBetween && dated(b.Attr) {
			s.from, s.to = iso(b.From), iso(b.To)
		}
	}
	s.date = dated(list.Attr(key))
	return part{key: key, title: title, span: s}
}

// definitions makes a choice of things an organisation defined.
func (m *maker) definitions(key, title string, all map[int64]list.Definition) []part {
	if len(all) == 0 {
		return nil
	}
	return []part{m.pick(key, title, valuesOf(all), nameOf)}
}

func nameOf(v list.Value) string { return cmp.Or(v.Name, v.Value) }

// valuesOf lists definitions by name.
func valuesOf(all map[int64]list.Definition) []list.Value {
	values := make([]list.Value, 0, len(all))
	for _, d := range all {
		values = append(values, list.Value{Value: id(d.ID), Name: d.Name})
	}
	slices.SortFunc(values, byName)
	return values
}

func byName(a, b list.Value) int {
	return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), cmp.Compare(a.Value, b.Value))
}

func fold(s string) string { return strings.ToLower(s) }

func parts(all []list.Definition) []list.Value {
	values := make([]list.Value, len(all))
	for i, d := range all {
		values[i] = list.Value{Value: id(d.ID), Name: d.Name}
	}
	return values
}
