package listpage

import (
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
)

const (
	firstAge, lastAge = 16, 100
	shownElections    = 6
)

// makePanel builds the panel of a block.
func (m *maker) makePanel(wrong fault.Inputs) panel {
	m.taken = map[string]bool{}
	t := m.t
	p := panel{wrong: wrong}
	add := func(id, title string, parts []part) {
		if len(parts) == 0 {
			return
		}
		if len(parts) == 1 && parts[0].title != "" && id != groupScores && id != groupAnswers && id != groupCustom && id != groupTargets {
			parts[0].title = ""
		}
		foldParts(id, parts)
		p.groups = append(p.groups, panelGroup{id: id, title: title, said: m.said(parts), open: m.open(id), parts: parts})
	}
	add(groupWhere, t.T("Where"), m.attrs(list.County, list.City, list.Precinct, list.ZIP))
	add(groupRegistration, t.T("Registration"), append(m.attrs(list.Status, list.Party, list.Sex, list.Race, list.Ethnicity), m.withheld(m.cat.Attrs[list.Party], person.PermitDemographic,
		t.T("Party, sex, race and ethnicity are not offered: your role does not see them."))...))
	add(groupAge, t.T("Age"), m.age())
	add(groupVotes, t.T("Vote history"), m.votes())
	add(groupScores, t.T("Scores"), m.scores())
	add(groupAnswers, t.T("Survey answers"), m.answers())
	add(groupCodes, t.T("Activist codes"), m.definitions(keyCode, "", m.cat.Codes))
	add(groupTags, t.T("Tags"), m.definitions(keyTag, "", m.cat.Tags))
	add(groupContact, t.T("Contact history"), m.contacts())
	add(groupPhones, t.T("Phones and email"), m.phones())
	add(groupHouseholds, t.T("Households"), m.households())
	add(groupDistricts, t.T("Districts"), m.districts())
	add(groupSince, t.T("Registered since"), m.since())
	add(groupNames, t.T("Names"), m.names())
	add(groupEvents, t.T("Events"), m.definitions(keyEvent, "", m.cat.Events))
	add(groupCustom, t.T("Custom fields"), m.customs())
	add(groupTargets, t.T("Targets"), m.targets())
	add(groupArea, t.T("Area and distance"), m.area())
	add(groupSaved, t.T("Saved lists"), m.saved())
	add(groupTurf, t.T("Turf"), m.turf())
	add(groupOther, t.T("Other conditions"), m.other())
	return p
}

// kept says whether the panel has no inputs for a term.
func (m *maker) kept(x term) bool { return x.key == "" || !m.taken[x.key] }

func (m *maker) other() []part {
	o := &otherPart{text: m.condition}
	for _, x := range m.terms {
		if m.kept(x) {
			own := list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: x.whole()}}}
			o.kept = append(o.kept, list.Plain(list.Sentence(own, m.cat, m.t)))
		}
	}
	return []part{{other: o}}
}

// foldParts closes the choices of a group that has many, but for the first and those in which something is chosen.
func foldParts(group string, parts []part) {
	stay := map[string]int{groupWhere: 1, groupRegistration: 2, groupDistricts: 1, groupAnswers: 2, groupTargets: 2}[group]
	n := 0
	for i := range parts {
		if len(parts[i].options) == 0 {
			continue
		}
		if n++; n <= stay || stay == 0 || parts[i].find != "" {
			continue
		}
		parts[i].folded = !slices.ContainsFunc(parts[i].options, func(o option) bool { return o.chosen || o.excluded })
	}
}

// said is what a group says when it is closed: what is chosen in it.
func (m *maker) said(parts []part) string {
	var chosen []string
	for _, p := range parts {
		for _, o := range p.options {
			switch {
			case o.chosen:
				chosen = append(chosen, o.label)
			case o.excluded:
				chosen = append(chosen, m.t.T("not %s", o.label))
			}
		}
		switch {
		case p.span != nil && (p.span.from != "" || p.span.to != ""):
			chosen = append(chosen, p.span.said())
		case p.last != nil && (p.last.least != "" || p.last.most != ""):
			chosen = append(chosen, m.t.T("%s of %s", spanText(p.last.least, p.last.most), p.last.last))
		case p.contact != nil && p.contact.tried != "":
			chosen = append(chosen, map[string]string{valueYes: m.t.T("Tried"), valueNo: m.t.T("Not tried")}[p.contact.tried])
		case p.name != nil && p.name.value != "":
			chosen = append(chosen, p.name.value)
		case p.area != nil && p.area.inside != "":
			chosen = append(chosen, m.t.T("Drawn"))
		case p.other != nil:
			chosen = append(chosen, p.other.kept...)
		}
		for _, e := range p.elections {
			if e.in.chosen || e.not.chosen {
				chosen = append(chosen, e.name)
			}
		}
	}
	switch len(chosen) {
	case 0:
		return ""
	case 1:
		return chosen[0]
	}
	return m.t.T("%s chosen", strconv.Itoa(len(chosen)))
}

func (s *span) said() string { return spanText(s.from, s.to) }

func spanText(from, to string) string {
	switch {
	case from == "":
		return "≤ " + to
	case to == "":
		return "≥ " + from
	}
	return from + "–" + to
}

func (m *maker) age() []part {
	if !m.cat.Attrs[list.Age] {
		return nil
	}
	p := m.span(string(list.Age), "", "")
	p.span.floor = firstAge
	all := []part{p}
	for _, a := range []list.Attr{list.BirthYear, list.Birth} {
		if m.cat.Attrs[a] {
			all = append(all, m.span(string(a), attrWord(m.t, a), ""))
		}
	}
	return all
}

func (m *maker) votes() []part {
	if len(m.cat.Elections) == 0 {
		return m.withheld(m.mayVotes, person.PermitVote, m.t.T("Your role does not see who voted when."))
	}
	last := &lastPart{last: "4", kind: "general"}
	if x, ok := m.term(keyLast, false); ok {
		v := x.node.(list.Voted)
		last = &lastPart{last: strconv.Itoa(v.Last), kind: v.LastType, least: number(v.AtLeast), most: number(v.AtMost), methods: v.Methods, ballots: v.Parties}
	}
	if m.cat.Attrs[list.Party] {
		for _, v := range m.cat.Values[list.Party] {
			if v.Value != "" {
				last.parties = append(last.parties, choiceOption{v.Value, valueWord(m.t, list.Party, v)})
			}
		}
	}
	m.taken[keyLast] = true
	all := []part{{key: keyLast, last: last}}
	var rows []electionRow
	for i, e := range m.cat.Elections {
		key := "election" + pre + id(e.ID)
		yes, no := m.cell(key, valueYes), m.cell(key, valueNo)
		if i >= shownElections && !yes.chosen && !no.chosen && m.find("election") == "" {
			continue
		}
		m.taken[key] = true
		name := electionName(m.t, e)
		yes.label, no.label = m.t.T("Voted, %s", name), m.t.T("Did not vote, %s", name)
		rows = append(rows, electionRow{name: name, in: yes, not: no})
	}
	all = append(all, part{key: "elections", elections: rows, more: len(m.cat.Elections) - len(rows)})
	if m.cat.Attrs[list.VotesCast] {
		all = append(all, m.span(string(list.VotesCast), attrWord(m.t, list.VotesCast), m.t.T("Of all elections on file")))
	}
	return all
}

// withheld says why something is not offered, unless the reader may.
func (m *maker) withheld(may bool, right permit.Permit, why string) []part {
	if may {
		return nil
	}
	return []part{{locked: why, right: right}}
}

func (m *maker) cell(key, value string) option {
	return option{key: key, value: value, count: m.tally.options[key][value], counted: m.tally.options[key] != nil, chosen: slices.Contains(m.chosen(key, false), value)}
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func (m *maker) scores() []part {
	var all []part
	for _, v := range valuesOf(defs(m.cat.Scores, func(s list.ScoreDef) list.Definition { return s.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		s := m.cat.Scores[n]
		unit := pow10(s.Decimals)
		p := m.span("score"+pre+v.Value, v.Name, m.t.T("%s to %s", trim(float64(s.Min)/unit), trim(float64(s.Max)/unit)))
		p.span.decimal = true
		all = append(all, p)
	}
	return all
}

func trim(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func pow10(n int) float64 {
	f := 1.0
	for range n {
		f *= 10
	}
	return f
}

func defs[D any](all map[int64]D, of func(D) list.Definition) map[int64]list.Definition {
	out := make(map[int64]list.Definition, len(all))
	for k, d := range all {
		out[k] = of(d)
	}
	return out
}

func (m *maker) answers() []part {
	var all []part
	for _, v := range valuesOf(defs(m.cat.Questions, func(q list.Question) list.Definition { return q.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		values := append(parts(m.cat.Questions[n].Responses), list.Value{Value: valueAny, Name: m.t.T("Any answer")}, list.Value{Value: valueNever, Name: m.t.T("Never asked")})
		all = append(all, m.pick("question"+pre+v.Value, v.Name, values, nameOf))
	}
	return all
}

func (m *maker) contacts() []part {
	if !m.cat.Contacts {
		return m.withheld(false, person.PermitLook, m.t.T("Your role does not see whom your organization tried to reach."))
	}
	c := &contactPart{notes: notesPart{dated: true}}
	if x, ok := m.term(keyContact, false); ok {
		n := x.node.(list.Contact)
		c.by, c.results, c.tried = n.Channels, n.Results, valueYes
		if n.AtMost != nil && *n.AtMost == 0 {
			c.tried = valueNo
		} else if n.AtLeast != nil && *n.AtLeast > 1 {
			c.times = strconv.Itoa(*n.AtLeast)
		}
		c.notes.by, c.notes.days = n.By, n.Days
	}
	c.notes.accounts, c.notes.unnamed = m.accounts(c.notes.by), len(m.cat.People) == 0
	m.taken[keyContact] = true
	return []part{{key: keyContact, contact: c}}
}

func (m *maker) phones() []part {
	if !m.cat.Phones {
		return m.withheld(false, person.PermitPhone, m.t.T("Your role does not see phone numbers."))
	}
	var values []list.Value
	for _, v := range []string{valueAny, "cell", valueTextable, "home", "work", "unknown", valueEmail} {
		values = append(values, list.Value{Value: v, Name: phoneWord(m.t, v)})
	}
	all := []part{m.pick(keyPhone, m.t.T("Can be reached"), values, nameOf)}
	if !m.cat.Contacts {
		return all
	}
	values = []list.Value{{Value: valueAny, Name: m.t.T("In any way")}}
	for _, c := range person.Channels() {
		values = append(values, list.Value{Value: string(c), Name: channelWord(m.t, string(c))})
	}
	return append(all, m.pick(keyAsked, m.t.T("Asked not to be contacted"), values, nameOf))
}

func (m *maker) households() []part {
	all := []part{m.span(string(list.HouseholdSize), attrWord(m.t, list.HouseholdSize), "")}
	if m.cat.Attrs[list.Party] && len(m.cat.Values[list.Party]) > 0 {
		all = append(all, m.pick(keyLives, m.t.T("Somebody at the door is"), m.cat.Values[list.Party], func(v list.Value) string { return valueWord(m.t, list.Party, v) }))
	}
	yes := []list.Value{{Value: valueYes, Name: m.t.T("Has an address to knock at")}}
	all = append(all, m.pick("known"+pre+string(list.Door), "", yes, nameOf))
	yes = []list.Value{{Value: valueYes, Name: m.t.T("Is on the map")}}
	return append(all, m.pick("known"+pre+string(list.Place), "", yes, nameOf))
}

func (m *maker) districts() []part {
	all := m.attrs(list.Congress, list.StateSenate, list.StateHouse, list.Municipality)
	var others []list.Attr
	for a := range m.cat.Values {
		if len(a) > len(list.District) && a[:len(list.District)] == list.District {
			others = append(others, a)
		}
	}
	slices.Sort(others)
	return append(all, m.attrs(others...)...)
}

func (m *maker) since() []part {
	if !m.cat.Attrs[list.RegisteredOn] {
		return nil
	}
	return []part{m.span(string(list.RegisteredOn), "", "")}
}

func (m *maker) names() []part {
	var all []part
	for _, x := range []struct{ part, title string }{{"first", m.t.T("First names")}, {"last", m.t.T("Last names")}} {
		key := "name" + pre + x.part
		n := &namePart{}
		if t, ok := m.term(key, false); ok {
			name := t.node.(list.Name)
			n.begins, n.value = name.Begins, strings.Join(name.Values, ", ")
		}
		m.taken[key] = true
		all = append(all, part{key: key, title: x.title, name: n})
	}
	return all
}

func (m *maker) customs() []part {
	var all []part
	for _, v := range valuesOf(defs(m.cat.Customs, func(c list.CustomDef) list.Definition { return c.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		c := m.cat.Customs[n]
		key := "custom" + pre + v.Value
		switch c.Type {
		case "number", "date":
			p := m.span(key, v.Name, "")
			p.span.date = c.Type == "date"
			all = append(all, p)
		case "choice":
			var values []list.Value
			for _, s := range c.Choices {
				values = append(values, list.Value{Value: s})
			}
			all = append(all, m.pick(key, v.Name, values, nameOf))
		case "text":
			m.taken[key] = true
			n := &namePart{whole: true}
			if x, ok := m.term(key, false); ok {
				n.value = strings.Join(x.node.(list.Custom).Values, ", ")
			}
			all = append(all, part{key: key, title: v.Name, name: n})
		}
	}
	return all
}

func (m *maker) targets() []part {
	var all []part
	for _, v := range valuesOf(defs(m.cat.Targets, func(t list.TargetDef) list.Definition { return t.Definition })) {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		if groups := m.cat.Targets[n].Groups; len(groups) > 0 {
			all = append(all, m.pick("target"+pre+v.Value, v.Name, parts(groups), nameOf))
		}
	}
	return all
}

func (m *maker) area() []part {
	a := &areaPart{}
	if x, ok := m.term(keyInside, false); ok {
		a.inside = drawn(x.node.(list.Inside))
	}
	if x, ok := m.term(keyNear, false); ok {
		n := x.node.(list.Near)
		a.at, a.metres = trim(n.Lat)+", "+trim(n.Lon), id(n.Metres)
	}
	m.taken[keyInside], m.taken[keyNear] = true, true
	return []part{{key: keyInside, area: a}, {key: keyNear}}
}

// turf offers whole maps. Of turfs, which can be thousands, only those stay that somebody came with from the page of a map or its board.
func (m *maker) turf() []part {
	var all []part
	if len(m.cat.Maps) > 0 {
		all = append(all, m.pick(keyMap, m.t.T("On the map"), valuesOf(m.cat.Maps), nameOf))
	}
	named := map[int64]list.Definition{}
	for _, n := range numbers(append(m.chosen(keyTurf, false), m.chosen(keyTurf, true)...)) {
		named[n] = list.Definition{ID: n, Name: m.cat.Turfs[n].Name}
	}
	if len(named) > 0 {
		all = append(all, m.pick(keyTurf, m.t.T("In the turf"), valuesOf(named), nameOf))
	}
	return all
}

func (m *maker) saved() []part {
	if len(m.cat.Saved) == 0 {
		return nil
	}
	return []part{m.pick(keySaved, "", valuesOf(defs(m.cat.Saved, func(s list.SavedDef) list.Definition { return s.Definition })), nameOf)}
}
