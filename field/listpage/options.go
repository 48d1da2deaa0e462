package listpage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
)

// optionAsk gathers what the panel asks the engine: a group for each key in an open group of the panel.
type optionAsk struct {
	cat    *list.Catalog
	open   []string
	all    bool
	terms  []term // of the block
	groups []segment.Group
	keys   []string   // of each group
	values [][]string // of each group of conditions, what each of them is
}

func (o *optionAsk) put(key string, g segment.Group, values ...string) {
	o.groups, o.keys, o.values = append(o.groups, g), append(o.keys, key), append(o.values, values)
}

// wants reports whether a group of the panel is open, or has something chosen in it.
func (o *optionAsk) wants(group string, ts []term) bool {
	return o.all || slices.Contains(o.open, group) || slices.ContainsFunc(ts, func(t term) bool { return t.key != "" && groupOf(t.key) == group })
}

// gather asks for everything that is open. Attributes that the role may not use are not in the catalogue, and so not asked.
func (o *optionAsk) gather(ts []term, s state) {
	o.terms = ts
	for a := range o.cat.Values {
		if o.cat.Attrs[a] && o.wants(groupOf(string(a)), ts) {
			o.put(string(a), segment.Group{Kind: segment.Attribute, Attr: a})
		}
	}
	if o.wants(groupAge, ts) && o.cat.Attrs[list.Age] {
		o.put(string(list.Age), segment.Group{Kind: segment.Bands, Attr: list.Age, Edges: edges(firstAge, lastAge+1, 1)})
	}
	if o.wants(groupHouseholds, ts) {
		o.households()
	}
	if o.wants(groupVotes, ts) {
		o.elections(s, ts)
	}
	if o.wants(groupPhones, ts) && o.cat.Phones {
		o.conditions(keyPhone, []string{valueAny, "cell", valueTextable, "home", "work", "unknown", valueEmail})
		o.suppressed()
	}
	if o.wants(groupSaved, ts) {
		o.few(s, keySaved, defs(o.cat.Saved, func(d list.SavedDef) list.Definition { return d.Definition }))
	}
	if o.wants(groupTurf, ts) {
		o.few(s, keyMap, o.cat.Maps)
		o.few(s, keyTurf, nil)
	}
	o.defined(ts)
}

func (o *optionAsk) households() {
	o.put(string(list.HouseholdSize), segment.Group{Kind: segment.Bands, Attr: list.HouseholdSize, Edges: edges(1, 10, 1)})
	for _, a := range []list.Attr{list.Door, list.Place} {
		o.conditions("known"+pre+string(a), []string{valueYes})
	}
	if !o.cat.Attrs[list.Party] {
		return
	}
	var parties []string
	for _, v := range o.cat.Values[list.Party] {
		parties = append(parties, v.Value)
	}
	o.conditions(keyLives, parties)
}

// conditions asks for values that no column of the segment holds: each is a condition of its own.
func (o *optionAsk) conditions(key string, values []string) {
	about, _ := notesIn(o.terms, key)
	var nodes []list.Node
	for _, v := range values {
		nodes = append(nodes, planned(o.cat, noted(choice(key, []string{v}), about)))
	}
	if len(nodes) > 0 {
		o.put(key, segment.Group{Kind: segment.Conditions, Nodes: append(nodes, o.chosen(key)...)}, values...)
	}
}

// chosen returns what is chosen under a key. The engine lifts what it finds among a group's nodes before it counts them, and a choice of several values may be
// one node.
func (o *optionAsk) chosen(key string) []list.Node {
	var all []list.Node
	var leaves func(list.Node)
	leaves = func(n list.Node) {
		switch n := n.(type) {
		case list.Any:
			for _, m := range n {
				leaves(m)
			}
		case list.None:
			for _, m := range n {
				leaves(m)
			}
		default:
			all = append(all, n)
		}
	}
	for _, t := range o.terms {
		if t.key == key {
			leaves(planned(o.cat, t.node))
		}
	}
	return all
}

func (o *optionAsk) suppressed() {
	if !o.cat.Contacts {
		return
	}
	values := []string{valueAny}
	for _, c := range person.Channels() {
		values = append(values, string(c))
	}
	o.conditions(keyAsked, values)
}

// planned returns a condition as plans have it. What cannot be asked becomes what nobody meets.
func planned(cat *list.Catalog, n list.Node) list.Node {
	plan, err := list.Check(list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: n}}}, cat)
	if err != nil || len(plan.Steps) != 1 || plan.Steps[0].Where == nil {
		return list.Any{}
	}
	return plan.Steps[0].Where
}

func (o *optionAsk) elections(s state, ts []term) {
	for i, e := range o.cat.Elections {
		key := "election" + pre + id(e.ID)
		chosen := slices.ContainsFunc(ts, func(t term) bool { return t.key == key })
		if i < shownElections || chosen || s.find("election") != "" {
			o.conditions(key, []string{valueYes, valueNo})
		}
	}
}

// mostSaved bounds how many saved lists are counted: each is a set of people of its own.
const mostSaved = 12

// few asks for what is chosen under a key, and for some of what else there is.
func (o *optionAsk) few(s state, key string, of map[int64]list.Definition) {
	var ids []string
	for _, t := range o.terms {
		if _, vs, _ := choiceOf(t.node); t.key == key {
			ids = append(ids, vs...)
		}
	}
	n := len(ids)
	for _, v := range valuesOf(of) {
		fits := s.find(key) == "" || strings.Contains(fold(v.Name), fold(s.find(key)))
		if fits && !slices.Contains(ids, v.Value) && len(ids) < n+mostSaved {
			ids = append(ids, v.Value)
		}
	}
	o.conditions(key, ids)
}

// defined asks for what the organisation defined.
func (o *optionAsk) defined(ts []term) {
	if o.wants(groupCodes, ts) && len(o.cat.Codes) > 0 {
		o.codes()
	}
	if o.wants(groupTags, ts) && len(o.cat.Tags) > 0 {
		o.put(keyTag, segment.Group{Kind: segment.Tags})
	}
	if o.wants(groupEvents, ts) && len(o.cat.Events) > 0 {
		var events []string
		for _, v := range valuesOf(o.cat.Events) {
			events = append(events, v.Value)
		}
		o.conditions(keyEvent, events)
	}
	for n, q := range o.cat.Questions {
		if o.wants(groupAnswers, ts) && q.ID == n {
			o.question(q)
		}
	}
	for n, d := range o.cat.Scores {
		if o.wants(groupScores, ts) {
			o.put("score"+pre+id(n), segment.Group{Kind: segment.ScoreBands, Object: n, Edges: scoreEdges(d)})
		}
	}
	for n, d := range o.cat.Customs {
		if o.wants(groupCustom, ts) && d.Type == "choice" {
			o.put("custom"+pre+id(n), segment.Group{Kind: segment.CustomValues, Object: n})
		}
	}
	for n := range o.cat.Targets {
		if o.wants(groupTargets, ts) {
			o.put("target"+pre+id(n), segment.Group{Kind: segment.TargetGroups, Object: n})
		}
	}
}

// codes are a column of the segment, unless it matters who applied them and when.
func (o *optionAsk) codes() {
	about, _ := notesIn(o.terms, keyCode)
	if about.none() {
		o.put(keyCode, segment.Group{Kind: segment.Codes})
		return
	}
	var all []string
	for _, v := range valuesOf(o.cat.Codes) {
		all = append(all, v.Value)
	}
	o.conditions(keyCode, all)
}

// question asks for the answers to a question. The latest ones are a column of the segment; whether there is any is not.
func (o *optionAsk) question(q list.Question) {
	key := "question" + pre + id(q.ID)
	about, _ := notesIn(o.terms, key)
	if about.none() {
		o.put(key, segment.Group{Kind: segment.Responses, Object: q.ID})
		o.conditions(key, []string{valueAny})
		return
	}
	var all []string
	for _, v := range parts(q.Responses) {
		all = append(all, v.Value)
	}
	o.conditions(key, append(all, valueAny, valueNever))
}

// edges are the bounds of bands of a width, from first to last.
func edges(first, last, width int64) []int64 {
	var all []int64
	for e := first; e < last; e += width {
		all = append(all, e)
	}
	return append(all, last)
}

// scoreBands is in how many bands a score is drawn.
const scoreBands = 40

func scoreEdges(d list.ScoreDef) []int64 {
	width := max((d.Max-d.Min+scoreBands)/scoreBands, 1)
	all := edges(d.Min, d.Max, width)
	all[len(all)-1] = d.Max + 1 // the highest value is in the last band
	return all
}

// tallied sorts what the engine counted by key and value.
func (l *look) tallied(o optionAsk, counts *segment.Panel) {
	l.panel = panel{}
	t := tally{options: map[string]map[string]int64{}, without: map[string]int64{}, bins: map[string][]int64{}, people: l.answer.People, early: !counts.Final}
	for i, g := range counts.Groups {
		key := o.keys[i]
		t.without[key] = g.None
		switch o.groups[i].Kind {
		case segment.Bands, segment.ScoreBands:
			for _, x := range g.Options {
				t.bins[key] = append(t.bins[key], apartFrom(x.People, g.None))
			}
			continue
		}
		by := t.options[key] // of a question whose answers are asked for in two ways
		if by == nil {
			by = map[string]int64{}
		}
		for j, x := range g.Options {
			switch {
			case o.groups[i].Kind == segment.Conditions && j >= len(o.values[i]): // what is chosen, to be lifted
			case o.groups[i].Kind == segment.Conditions:
				by[o.values[i][j]] = x.People
			case x.ID != 0:
				by[id(x.ID)] = x.People
			default:
				by[x.Value] = x.People
			}
		}
		switch {
		case o.groups[i].Kind == segment.Responses:
			by[valueNever] = g.Unknown
		case o.groups[i].Kind == segment.Attribute:
			by[""] = g.Unknown
		}
		t.options[key] = by
	}
	l.tally = t
}

func (s state) find(key string) string {
	return strings.TrimSpace(cmp.Or(s.finds.Get("find."+key), ""))
}
