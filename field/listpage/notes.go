package listpage

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/list"
)

// notes are what can be said of a choice besides its values: by whom and when it was written down, whether any answer counts or the latest, and how a
// signup stands. They belong to a key of the panel, and so to what is chosen and what is excluded under it.
type notes struct {
	ever     bool
	by       []int64
	days     list.Days
	statuses []string
}

func (x notes) none() bool { return reflect.DeepEqual(x, notes{}) }

// notesOf reads the notes of a choice. It is not ok where its parts say different things.
func notesOf(n list.Node) (x notes, ok bool) {
	switch n := n.(type) {
	case list.Answered:
		return notes{ever: n.Ever, by: n.By, days: n.Days}, true
	case list.Code:
		return notes{by: n.By, days: n.Days}, true
	case list.Event:
		return notes{statuses: n.Statuses}, true
	case list.Any:
		first := true
		for _, m := range n {
			if _, never := m.(list.None); never {
				continue
			}
			y, same := notesOf(m)
			if !same || !first && !reflect.DeepEqual(x, y) {
				return notes{}, false
			}
			x, first = y, false
		}
	}
	return x, true
}

// noted returns a choice with notes. What has none stays.
func noted(n list.Node, x notes) list.Node {
	switch n := n.(type) {
	case list.Answered:
		n.Ever, n.By, n.Days = x.ever && len(n.Responses) > 0, x.by, x.days
		return n
	case list.Code:
		n.By, n.Days = x.by, x.days
		return n
	case list.Event:
		n.Statuses = x.statuses
		return n
	case list.Any:
		all := make(list.Any, len(n))
		for i, m := range n {
			all[i] = noted(m, x)
		}
		return all
	}
	return n
}

// notable reports whether choices of a key can have notes.
func notable(key string) bool {
	kind, _, _ := strings.Cut(key, pre)
	return kind == "question" || key == keyCode || key == keyEvent
}

// notesIn returns the notes of what is chosen or excluded under a key.
func notesIn(ts []term, key string) (notes, bool) {
	for _, t := range ts {
		if t.key == key {
			x, _ := notesOf(t.node)
			return x, true
		}
	}
	return notes{}, false
}

// notesPart are the inputs for notes, where something is chosen that they are about.
type notesPart struct {
	notes
	answers  bool // the latest or any
	dated    bool
	accounts []choiceOption // who can be named; none where the role does not see them
	unnamed  bool
	signups  []choiceOption
}

type choiceOption struct{ value, label string }

// noted adds inputs for notes to a choice, once something is chosen.
func (m *maker) noted(p part) part {
	x, chosen := notesIn(m.terms, p.key)
	if !chosen || !notable(p.key) {
		return p
	}
	n := &notesPart{notes: x}
	if p.key == keyEvent {
		for _, s := range codebook.SignupStatuses() {
			n.signups = append(n.signups, choiceOption{s, codebook.SignupWord(m.t, s)})
		}
	} else {
		n.answers, n.dated = p.key != keyCode, true
		n.accounts, n.unnamed = m.accounts(x.by), len(m.cat.People) == 0
	}
	p.notes = n
	return p
}

// accounts lists who can be named as the one who wrote something down, and who is named already.
func (m *maker) accounts(chosen []int64) []choiceOption {
	all := make([]choiceOption, 0, len(m.cat.People))
	for n, name := range m.cat.People {
		all = append(all, choiceOption{id(n), name})
	}
	for _, n := range chosen {
		if _, known := m.cat.People[n]; !known {
			all = append(all, choiceOption{id(n), m.t.T("Account %s", id(n))})
		}
	}
	slices.SortFunc(all, func(a, b choiceOption) int {
		return cmp.Or(strings.Compare(fold(a.label), fold(b.label)), strings.Compare(a.value, b.value))
	})
	return all
}

// notes reads the notes under a key.
func (f *reader) notes(key string) notes {
	if !notable(key) {
		return notes{}
	}
	return notes{ever: f.get("ever."+key) == valueYes, by: f.who(key), days: f.days(key), statuses: choices(f.form["signup"])[key]}
}

// who reads the accounts named under a key.
func (f *reader) who(key string) []int64 {
	return numbers(choices(f.form["who"])[key])
}

// days reads when something was done.
func (f *reader) days(key string) list.Days {
	var d list.Days
	if n := f.number("within." + key); n != nil {
		d.Within = *n
	}
	since, until := f.date("since."+key), f.date("until."+key)
	f.ordered(key, since, until)
	if since != nil {
		d.Since = *since
	}
	if until != nil {
		d.Until = *until
	}
	if d.Within > 0 && (d.Since > 0 || d.Until > 0) {
		f.wrong.Add("within."+key, "Say either how many days back, or from when to when.")
	}
	return d
}
