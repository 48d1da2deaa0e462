package list

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/fault"
)

// Check resolves a criteria for who asks, or returns as Problems all that keeps it from being asked. What the catalogue lacks is answered with the same
// sentence whether it does not exist or is somebody else's.
func Check(c Criteria, cat *Catalog) (Plan, error) { return CheckAs(0, c, cat) }

// CheckAs is Check for a criteria about to be saved as the search self, so that it may not use itself on any way.
func CheckAs(self int64, c Criteria, cat *Catalog) (Plan, error) {
	var found Problems
	at := place{Path: Path{Step: -1}, found: &found}
	found = valid(c, at, false)
	if len(found) > 0 {
		return Plan{}, found
	}
	k := &checker{cat: cat}
	if self != 0 {
		k.within = append(k.within, self)
	}
	p := Plan{Universe: cat.Universe, Today: cat.Today, Steps: k.steps(c, at)}
	return p, found.or()
}

// mostPlanNodes bounds what saved searches within saved searches can grow to.
const mostPlanNodes = 20_000

type checker struct {
	cat    *Catalog
	within []int64 // the saved searches we are in
	nodes  int
}

func (k *checker) steps(c Criteria, at place) []Step {
	all := make([]Step, len(c.Steps))
	for i, s := range c.Steps {
		here := at
		if at.saved == "" {
			here.Path = Path{Step: i}
		}
		all[i] = k.step(s, here)
	}
	return all
}

func (k *checker) step(s Step, at place) Step {
	if s.Where != nil {
		s.Where = normal(k.node(s.Where, at))
		if isEverybody(s.Where) && (s.Do == Start || s.Do == Households) {
			s.Where = nil
		}
	}
	switch s.Prefer {
	case Oldest, Youngest:
		if !k.cat.allowed(Birth) && !k.cat.allowed(Age) && !k.cat.allowed(BirthYear) {
			at.wrong(notAllowed(Birth))
		}
	case MostVotes:
		k.allow(VotesCast, at)
	case LastToSignUp:
		k.allow(RegisteredOn, at)
	}
	return s
}

func (k *checker) allow(a Attr, at place) {
	if !k.cat.allowed(a) {
		at.wrong(notAllowed(a))
	}
}

func notAllowed(a Attr) *fault.Error {
	return fault.Invalidf("Your role may not ask about the attribute %q, or this voter file does not have it. Take this condition away, or ask your administrator.", string(a))
}

func (k *checker) many(all []Node, kind Kind, at place) []Node {
	out := make([]Node, len(all))
	for i, n := range all {
		out[i] = k.node(n, at.down(kind, i))
	}
	return out
}

func (k *checker) node(n Node, at place) Node {
	if k.nodes++; k.nodes > mostPlanNodes {
		if k.nodes == mostPlanNodes+1 {
			at.wrong(fault.Invalidf("The saved searches in these criteria use each other so often that they have more than %d conditions. Save one of them as a list.", mostPlanNodes))
		}
		return All{}
	}
	switch n := n.(type) {
	case All:
		return All(k.many(n, KindAll, at))
	case Any:
		return Any(k.many(n, KindAny, at))
	case None:
		return None(k.many(n, KindNone, at))
	case LivesWith:
		return LivesWith{k.node(n.Who, at.down(KindLivesWith, 0))}
	case Is:
		k.allow(n.Attr, at)
		return Is{n.Attr, once(n.Values)}
	case Between:
		k.allow(n.Attr, at)
		return k.between(n)
	case Known:
		k.allow(n.Attr, at)
		return k.known(n)
	case Name:
		return k.name(n, at)
	case Voted:
		return k.voted(n, at)
	case Inside:
		return k.inside(n, at)
	case Near:
		k.allow(Place, at)
		return makeDisc(n)
	case Phone:
		k.phones(at)
		return Phone{once(n.Kinds), n.Textable}
	case Email:
		k.phones(at)
		return n
	case Suppressed:
		k.contacts(at)
		return Suppressed{once(n.Channels)}
	case Contact:
		k.contacts(at)
		return k.contact(n, at)
	}
	return k.defined(n, at)
}

// once returns values sorted, each once.
func once[T cmp.Ordered](all []T) []T {
	out := slices.Clone(all)
	slices.Sort(out)
	return slices.Compact(out)
}

func (k *checker) between(n Between) Node {
	if n.From == nil && n.To == nil {
		return k.known(Known{n.Attr})
	}
	out := Between{Attr: n.Attr}
	switch n.Attr {
	case Age: // floor((today - birth) / 10000), both as yyyymmdd, is the age in whole years
		out.Attr = Birth
		if n.From != nil {
			out.To = ptr(k.cat.Today - *n.From*10_000)
		}
		if n.To != nil {
			out.From = ptr(k.cat.Today - (*n.To+1)*10_000 + 1)
		}
	case BirthYear:
		out.Attr = Birth
		if n.From != nil {
			out.From = ptr(*n.From * 10_000)
		}
		if n.To != nil {
			out.To = ptr(*n.To*10_000 + 1231)
		}
	default:
		out.From, out.To = n.From, n.To
	}
	return out
}

func ptr[T any](x T) *T { return &x }

func (k *checker) known(n Known) Node {
	switch n.Attr {
	case Age, BirthYear, Birth:
		return Known{Birth}
	case HouseholdSize, VotesCast:
		return All{}
	case Sex:
		return None{Is{Sex, []string{"", "U"}}}
	case Status:
		return None{Is{Status, []string{"", "unknown"}}}
	}
	if n.Attr.sort() == valued {
		return None{Is{n.Attr, []string{""}}}
	}
	return n
}

func (k *checker) name(n Name, at place) Node {
	out := Name{Part: n.Part, Begins: n.Begins}
	for _, v := range n.Values {
		key := personkey.Fold(v)
		if key == "" {
			at.wrong(fault.Invalidf("The name %q has no letter to look for.", shown(v)))
		}
		out.Values = append(out.Values, key)
	}
	out.Values = once(out.Values)
	return out
}

func (k *checker) voted(n Voted, at place) Node {
	out := Voted{Elections: once(n.Elections), Methods: once(n.Methods), Parties: once(n.Parties)}
	if n.Last > 0 {
		out.Elections = k.last(n, at)
	}
	for _, id := range n.Elections {
		if !slices.ContainsFunc(k.cat.Elections, func(e Election) bool { return e.ID == id }) {
			at.wrong(fault.Invalidf("No vote of the election %d is on this voter file, or your role may not ask about votes.", id))
			break
		}
	}
	out.AtLeast, out.AtMost = ptr(0), ptr(len(out.Elections))
	if n.AtLeast != nil {
		out.AtLeast = n.AtLeast
	}
	if n.AtMost != nil {
		out.AtMost = ptr(min(*n.AtMost, len(out.Elections)))
	}
	return out
}

// last returns the elections that "the last n" means today.
func (k *checker) last(n Voted, at place) []int64 {
	var ids []int64
	for _, e := range k.cat.lastElections(n) {
		ids = append(ids, e.ID)
	}
	if len(ids) < n.Last {
		at.wrong(fault.Invalidf("This voter file knows of %d elections of that type before today, or your role may not ask about votes; the last %d cannot be told.", len(ids), n.Last))
	}
	slices.Sort(ids)
	return ids
}

// lastElections returns the newest elections that n.Last and n.LastType mean.
func (c *Catalog) lastElections(n Voted) []Election {
	var all []Election
	for _, e := range c.Elections {
		if e.Day < c.Today && (n.LastType == "" || e.Type == n.LastType) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Election) int { return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(b.ID, a.ID)) })
	return all[:min(len(all), n.Last)]
}

func (k *checker) inside(n Inside, at place) Node {
	k.allow(Place, at)
	a, err := makeArea(n.Rings)
	if err != nil {
		at.wrong(err)
	}
	return a
}

func (k *checker) phones(at place) {
	if !k.cat.Phones {
		at.wrong(fault.Invalidf("Your role may not ask about phone numbers and email addresses. Take this condition away, or ask your administrator."))
	}
}

func (k *checker) contacts(at place) {
	if !k.cat.Contacts {
		at.wrong(fault.Invalidf("Your role may not ask about contacts and suppressions. Take this condition away, or ask your administrator."))
	}
}

func (k *checker) contact(n Contact, at place) Node {
	out := Contact{Channels: once(n.Channels), Results: once(n.Results), By: k.by(n.By, at), AtLeast: n.AtLeast, AtMost: n.AtMost, Days: k.days(n.Days)}
	if n.AtLeast == nil {
		out.AtLeast = ptr(1)
	}
	return out
}

func (k *checker) by(accounts []int64, at place) []int64 {
	for _, a := range accounts {
		if _, ok := k.cat.People[a]; !ok {
			at.wrong(fault.Invalidf("There is no account %d that your organization can ask about.", a))
			break
		}
	}
	return once(accounts)
}

// days turns days into moments.
func (k *checker) days(d Days) Days {
	zone := k.cat.Zone
	if zone == nil {
		zone = time.UTC
	}
	if d.Within > 0 {
		d.Since, d.Until = fromDate(date(k.cat.Today, zone).AddDate(0, 0, 1-int(d.Within))), k.cat.Today
	}
	out := Days{}
	if d.Since != 0 {
		out.Since = date(d.Since, zone).UnixMilli()
	}
	if d.Until != 0 {
		out.Until = date(d.Until, zone).AddDate(0, 0, 1).UnixMilli()
	}
	return out
}

func fromDate(t time.Time) int64 {
	return int64(t.Year())*10_000 + int64(t.Month())*100 + int64(t.Day())
}

// defined checks what asks about something that an organisation defined.
func (k *checker) defined(n Node, at place) Node {
	switch n := n.(type) {
	case Score:
		return k.score(n, at)
	case Answered:
		return k.answered(n, at)
	case Code:
		for _, id := range n.Codes {
			is(k.cat.Codes, id, at, "There is no activist code %d here: it does not exist, or is not shared with your organization.")
		}
		return Code{once(n.Codes), k.by(n.By, at), k.days(n.Days)}
	case Tag:
		for _, id := range n.Tags {
			is(k.cat.Tags, id, at, "There is no tag %d here: it does not exist, or is not shared with your organization.")
		}
		return Tag{once(n.Tags)}
	case Event:
		for _, id := range n.Events {
			is(k.cat.Events, id, at, "There is no event %d here: it does not exist, or is not shared with your organization.")
		}
		return Event{once(n.Events), once(n.Statuses)}
	case Custom:
		return k.custom(n, at)
	case Target:
		if t, ok := is(k.cat.Targets, n.Target, at, "There is no vote target %d here: it does not exist, or is not shared with your organization."); ok {
			k.part(n.Groups, t.Groups, at)
		}
		return Target{n.Target, once(n.Groups)}
	case Saved:
		return k.savedList(n, at)
	case Turf:
		return k.turf(n, at)
	}
	return n
}

func (k *checker) turf(n Turf, at place) Node {
	for _, id := range n.Turfs {
		if _, ok := is(k.cat.Turfs, id, at, "There is no turf %d on this voter file, or you do not see its map."); !ok {
			break
		}
	}
	for _, id := range n.Maps {
		if _, ok := is(k.cat.Maps, id, at, "There is no map of turf %d on this voter file, or you do not see it."); !ok {
			break
		}
	}
	return Turf{once(n.Turfs), once(n.Maps)}
}

// is returns a definition of the catalogue, or complains with a sentence that holds its number.
func is[T any](all map[int64]T, id int64, at place, sentence string) (T, bool) {
	d, ok := all[id]
	if !ok {
		at.wrong(fault.Invalidf(sentence, id))
	}
	return d, ok
}

// part complains about what is not one of a definition's own parts: responses, groups.
func (k *checker) part(ids []int64, of []Definition, at place) {
	for _, id := range ids {
		if !slices.ContainsFunc(of, func(d Definition) bool { return d.ID == id }) {
			at.wrong(fault.Invalidf("%d is no answer or group of that question or target. Choose one of its own.", id))
			return
		}
	}
}

func (k *checker) score(n Score, at place) Node {
	s, ok := is(k.cat.Scores, n.Score, at, "There is no score %d here: it does not exist, or is not shared with your organization.")
	if !ok {
		return Scored{}
	}
	out := Scored{n.Score, math.MinInt64, math.MaxInt64}
	unit := math.Pow10(s.Decimals)
	const tiny = 1e-6 // what decimal fractions lose as floats
	if n.From != nil {
		out.From = whole(math.Ceil(*n.From*unit - tiny))
	}
	if n.To != nil {
		out.To = whole(math.Floor(*n.To*unit + tiny))
	}
	return out
}

func whole(f float64) int64 { return int64(max(-1e18, min(1e18, f))) }

func (k *checker) answered(n Answered, at place) Node {
	if q, ok := is(k.cat.Questions, n.Question, at, "There is no survey question %d here: it does not exist, or is not shared with your organization."); ok {
		k.part(n.Responses, q.Responses, at)
	}
	return Answered{n.Question, once(n.Responses), n.Ever, k.by(n.By, at), k.days(n.Days)}
}

func (k *checker) custom(n Custom, at place) Node {
	f, ok := is(k.cat.Customs, n.Field, at, "There is no custom field %d here: it does not exist, or is not shared with your organization.")
	if !ok {
		return n
	}
	counted := f.Type == "number" || f.Type == "date"
	switch {
	case counted && len(n.Values) > 0:
		at.wrong(fault.Invalidf("The custom field “%s” has an order. Ask for it with \"from\" and \"to\".", f.Name))
	case !counted && (n.From != nil || n.To != nil):
		at.wrong(fault.Invalidf("The custom field “%s” has no order. Ask for its values.", f.Name))
	case f.Type == "choice":
		for _, v := range n.Values {
			if !slices.Contains(f.Choices, v) {
				at.wrong(fault.Invalidf("The custom field “%s” has no choice %q.", f.Name, shown(v)))
				break
			}
		}
	case f.Type == "date":
		v := validator{}
		_ = v.day(n.From, at) && v.day(n.To, at)
	}
	n.Values = once(n.Values)
	return n
}

func (k *checker) savedList(n Saved, at place) Node {
	s, ok := is(k.cat.Saved, n.List, at, "There is no saved list or search %d here: it was deleted, or is not shared with your organization.")
	if !ok || s.Criteria == nil {
		return n
	}
	if i := slices.Index(k.within, n.List); i >= 0 {
		at.wrong(k.cycle(k.within[i:]))
		return All{}
	}
	if len(k.within) >= MaxDepth {
		at.wrong(fault.Invalidf("Saved searches use each other more than %d deep here. Save one of them as a list.", MaxDepth))
		return All{}
	}
	inner := at
	inner.saved = s.Name
	var found Problems
	check := at
	check.found = &found
	if found = valid(*s.Criteria, check, false); len(found) > 0 {
		inner.wrong(fault.Invalidf("It can no longer be read. Open it, correct it and save it again."))
		return All{}
	}
	k.within = append(k.within, n.List)
	steps := k.steps(*s.Criteria, inner)
	k.within = k.within[:len(k.within)-1]
	return Sub{n.List, steps}
}

// cycle says how saved searches use each other in a ring.
func (k *checker) cycle(ring []int64) *fault.Error {
	name := func(id int64) string { return k.cat.Saved[id].Name }
	if len(ring) == 1 {
		return fault.Invalidf("The saved search “%s” uses itself. Take that condition away.", name(ring[0]))
	}
	if len(ring) == 2 {
		return fault.Invalidf("The saved search “%s” uses “%s”, which uses “%s” again. Take one of these conditions away.", name(ring[0]), name(ring[1]), name(ring[0]))
	}
	return fault.Invalidf("The saved search “%s” uses “%s”, which by way of %d others uses “%s” again. Take one of these conditions away.", name(ring[0]), name(ring[1]), len(ring)-2, name(ring[0]))
}
