package liststore_test

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// naive answers a plan by reading the contract aloud, one person at a time.
type naive struct {
	*made
	u        list.Universe
	universe []*human
}

func (w *made) naive(p list.Plan) []int64 {
	n := &naive{made: w, u: p.Universe}
	for _, h := range w.humans {
		if h.file == n.u.VoterFile && (h.dropped == 0 || n.u.Dropped) && (h.minor == 0 || n.u.Minors) && (h.confidential == 0 || n.u.Confidential) {
			n.universe = append(n.universe, h)
		}
	}
	ids := []int64{}
	for _, h := range n.steps(p.Steps) {
		ids = append(ids, h.id)
	}
	slices.Sort(ids)
	return ids
}

func (n *naive) who(of []*human, meets func(h *human) bool) []*human {
	var out []*human
	for _, h := range of {
		if meets(h) {
			out = append(out, h)
		}
	}
	return out
}

func (n *naive) steps(steps []list.Step) []*human {
	var set []*human
	for _, s := range steps {
		var in map[int64]bool
		meets := func(h *human) bool {
			if s.Where == nil {
				return true
			}
			if in == nil {
				in = n.meet(s.Where)
			}
			return in[h.id]
		}
		has, homes := map[int64]bool{}, map[int64]bool{}
		for _, h := range set {
			has[h.id], homes[h.household] = true, true
		}
		switch s.Do {
		case list.Start:
			set = n.who(n.universe, meets)
		case list.Add:
			set = n.who(n.universe, func(h *human) bool { return has[h.id] || meets(h) })
		case list.Narrow:
			set = n.who(set, meets)
		case list.Remove:
			set = n.who(set, func(h *human) bool { return !meets(h) })
		case list.Households:
			set = n.who(n.universe, func(h *human) bool { return has[h.id] || h.household != 0 && homes[h.household] && meets(h) })
		case list.OnePerHousehold:
			set = n.onePerHousehold(set, s.Prefer)
		default:
			set = n.random(set, s)
		}
	}
	return set
}

func (n *naive) onePerHousehold(set []*human, p list.Prefer) []*human {
	key := func(h *human) int64 {
		b := list.Born(h.birthDate, h.birthYear)
		switch p {
		case list.Oldest:
			if b == 0 {
				return math.MaxInt64
			}
			return b
		case list.Youngest:
			return -b
		case list.MostVotes:
			return -n.votesCast(h)
		}
		return -h.registered
	}
	best := map[int64]*human{}
	for _, h := range set {
		if b := best[h.household]; b == nil || cmp.Or(cmp.Compare(key(h), key(b)), cmp.Compare(h.id, b.id)) < 0 {
			best[h.household] = h
		}
	}
	return n.who(set, func(h *human) bool { return h.household == 0 || best[h.household] == h })
}

func (n *naive) random(set []*human, s list.Step) []*human {
	unit := func(h *human) int64 {
		if s.Whole && h.household != 0 {
			return h.household
		}
		return h.id
	}
	var units []int64
	for _, h := range set {
		units = append(units, unit(h))
	}
	slices.Sort(units)
	units = slices.Compact(units)
	slices.SortFunc(units, func(a, b int64) int {
		return cmp.Or(cmp.Compare(list.Rank(a, s.Seed), list.Rank(b, s.Seed)), cmp.Compare(a, b))
	})
	from, to := 0, int(min(s.Take, int64(len(units))))
	if s.Do == list.Part {
		from, to = (s.Part-1)*len(units)/s.Parts, s.Part*len(units)/s.Parts
	}
	taken := units[from:to]
	return n.who(set, func(h *human) bool { return slices.Contains(taken, unit(h)) })
}

// meet returns who of the universe meets a node.
func (n *naive) meet(node list.Node) map[int64]bool {
	out := map[int64]bool{}
	set := func(meets func(h *human) bool) map[int64]bool {
		for _, h := range n.universe {
			if meets(h) {
				out[h.id] = true
			}
		}
		return out
	}
	sets := func(all []list.Node) (s []map[int64]bool) {
		for _, x := range all {
			s = append(s, n.meet(x))
		}
		return s
	}
	switch x := node.(type) {
	case list.All:
		all := sets(x)
		return set(func(h *human) bool { return !slices.ContainsFunc(all, func(s map[int64]bool) bool { return !s[h.id] }) })
	case list.Any:
		all := sets(x)
		return set(func(h *human) bool { return slices.ContainsFunc(all, func(s map[int64]bool) bool { return s[h.id] }) })
	case list.None:
		all := sets(x)
		return set(func(h *human) bool { return !slices.ContainsFunc(all, func(s map[int64]bool) bool { return s[h.id] }) })
	case list.LivesWith:
		who, homes := n.meet(x.Who), map[int64]bool{}
		for _, h := range n.universe {
			homes[h.household] = homes[h.household] || who[h.id]
		}
		return set(func(h *human) bool { return who[h.id] || h.household != 0 && homes[h.household] })
	case list.Sub:
		found := n.steps(x.Steps)
		return set(func(h *human) bool { return slices.Contains(found, h) })
	case list.Saved:
		return set(func(h *human) bool { return slices.Contains(n.lists[x.List], h.id) })
	case list.Turf:
		return set(func(h *human) bool {
			return slices.ContainsFunc(append(x.Turfs, x.Maps...), func(id int64) bool { return slices.Contains(n.turfs[id], h.id) })
		})
	}
	return set(func(h *human) bool { return n.meets(h, node) })
}

func (n *naive) value(h *human, a list.Attr) string {
	if kind, ok := a.Other(); ok {
		return h.districts[kind]
	}
	switch a {
	case list.Precinct:
		return list.PrecinctValue(h.text[list.County], h.text[list.Precinct])
	case list.ZIP:
		return list.ZIPValue(h.text[list.ZIP])
	}
	return h.text[a]
}

func (n *naive) votesCast(h *human) int64 {
	c := int64(0)
	for _, v := range h.votes {
		if v.method != layout.NotCounted {
			c++
		}
	}
	return c
}

func between(x int64, from, to *int64) bool {
	return (from == nil || x >= *from) && (to == nil || x <= *to)
}

func oneOf[T comparable](x T, of []T) bool { return len(of) == 0 || slices.Contains(of, x) }

func (n *naive) meets(h *human, node list.Node) bool {
	switch x := node.(type) {
	case list.Is:
		return slices.Contains(x.Values, n.value(h, x.Attr))
	case list.Between:
		switch x.Attr {
		case list.Birth:
			b := list.Born(h.birthDate, h.birthYear)
			return b != 0 && between(b, x.From, x.To)
		case list.RegisteredOn:
			return h.registered != 0 && between(h.registered, x.From, x.To)
		case list.VotesCast:
			return between(n.votesCast(h), x.From, x.To)
		case list.HouseholdSize:
			size := int64(len(n.who(n.universe, func(o *human) bool { return o == h || h.household != 0 && o.household == h.household })))
			return between(size, x.From, x.To)
		}
	case list.Known:
		_, placed := n.at[h.address]
		return map[list.Attr]bool{list.Birth: h.birthDate+h.birthYear != 0, list.RegisteredOn: h.registered != 0, list.Door: h.household != 0, list.Place: placed}[x.Attr]
	case list.Name:
		name := map[string]string{"last": h.last, "first": h.first}[x.Part]
		return slices.ContainsFunc(x.Values, func(v string) bool { return name == v || x.Begins && strings.HasPrefix(name, v) })
	case list.Voted:
		c := 0
		for _, v := range h.votes {
			if v.method != layout.NotCounted && slices.Contains(x.Elections, v.election) && oneOf(v.method.String(), x.Methods) && oneOf(v.party, x.Parties) {
				c++
			}
		}
		return c >= *x.AtLeast && c <= *x.AtMost
	case list.Area:
		at, ok := n.at[h.address]
		return ok && x.Has(list.ToMicro(at[0]), list.ToMicro(at[1]))
	case list.Disc:
		at, ok := n.at[h.address]
		return ok && x.Has(list.ToMicro(at[0]), list.ToMicro(at[1]))
	}
	return n.learned(h, node)
}

// right returns the numbers or addresses of a person that are right for who asks.
func (n *naive) right(all []reach) []reach {
	var out []reach
	for _, x := range all {
		mine := func(o reach) bool { return o.what == x.what && o.org == n.u.Org }
		if !x.wrong && (x.org == n.u.Org || x.org == 0 && !slices.ContainsFunc(all, mine)) {
			out = append(out, x)
		}
	}
	return out
}

func (n *naive) suppressed(h *human, channels []string) bool {
	return slices.ContainsFunc(h.suppressions, func(s suppression) bool { return (s.org == 0 || s.org == n.u.Org) && oneOf(s.channel, channels) })
}

func during(at int64, d list.Days) bool {
	return (d.Since == 0 || at >= d.Since) && (d.Until == 0 || at < d.Until)
}

// visible returns the rows about one of some definitions that who asks may count.
func (n *naive) visible(kind string, all []fact, ids ...int64) []fact {
	var out []fact
	for _, x := range all {
		d := n.def(kind, x.def)
		if slices.Contains(ids, x.def) && (d.shared || d.org == n.u.Org && (x.org == d.org)) {
			out = append(out, x)
		}
	}
	return out
}

func (n *naive) learned(h *human, node list.Node) bool {
	has := slices.ContainsFunc[[]fact]
	switch x := node.(type) {
	case list.Phone:
		right := n.right(h.phones)
		is := func(p reach) bool { return oneOf(p.kind, x.Kinds) && (!x.Textable || p.kind == "cell") }
		return slices.ContainsFunc(right, is) && !(x.Textable && n.suppressed(h, []string{"text"}))
	case list.Email:
		return len(n.right(h.emails)) > 0
	case list.Suppressed:
		return n.suppressed(h, x.Channels)
	case list.Scored:
		return has(n.visible("score", h.scores, x.Score), func(f fact) bool { return f.number >= x.From && f.number <= x.To })
	case list.Code:
		return has(n.visible("code", h.codes, x.Codes...), func(f fact) bool { return oneOf(f.account, x.By) && during(f.at, x.Days) })
	case list.Tag:
		return len(n.visible("tag", h.tags, x.Tags...)) > 0
	case list.Answered:
		var looked []fact
		for _, f := range n.visible("question", h.answers, x.Question) {
			if oneOf(f.account, x.By) && during(f.at, x.Days) {
				looked = append(looked, f)
			}
		}
		slices.SortFunc(looked, func(a, b fact) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
		if !x.Ever && len(looked) > 1 {
			looked = looked[len(looked)-1:]
		}
		return has(looked, func(f fact) bool { return oneOf(f.part, x.Responses) })
	case list.Contact:
		c := 0
		for _, k := range h.contacts {
			if slices.Contains(n.u.Contacts, k.org) && oneOf(k.channel, x.Channels) && oneOf(k.result, x.Results) && oneOf(k.account, x.By) && during(k.at, x.Days) {
				c++
			}
		}
		return c >= *x.AtLeast && (x.AtMost == nil || c <= *x.AtMost)
	case list.Event:
		return has(n.visible("event", h.signups, x.Events...), func(f fact) bool { return oneOf(f.text, x.Statuses) })
	case list.Custom:
		return has(n.visible("custom", h.customs, x.Field), func(f fact) bool { return oneOf(f.text, x.Values) && between(f.number, x.From, x.To) })
	case list.Target:
		return has(n.visible("target", h.groups, x.Target), func(f fact) bool { return oneOf(f.part, x.Groups) })
	}
	text, _ := json.Marshal(node)
	panic("a node that the contract does not have: " + string(text))
}

// counts returns people, doors, phones and e-mails of a set.
func (w *made) counts(u list.Universe, ids []int64) (people, doors, phones, emails int64) {
	n := &naive{made: w, u: u}
	homes, numbers, addresses := map[int64]bool{}, map[string]bool{}, map[string]bool{}
	for _, h := range w.humans {
		if !slices.Contains(ids, h.id) {
			continue
		}
		if h.household != 0 {
			homes[h.household] = true
		}
		for _, p := range n.right(h.phones) {
			numbers[p.what] = true
		}
		for _, e := range n.right(h.emails) {
			addresses[e.what] = true
		}
	}
	return int64(len(ids)), int64(len(homes)), int64(len(numbers)), int64(len(addresses))
}
