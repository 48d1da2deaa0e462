package list

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// vp says what somebody who meets one condition is or does, or, for its contrary, is not or does not: "voted in the last general election".
func (s speaker) vp(l lit) []Piece {
	if who, ok := l.Node.(LivesWith); ok {
		inner := s.people(s.conj(nil, who.Who, l.at.child(0)), l.at)
		if l.neg {
			return s.say(l.at, "do not share a household with any %s", inner)
		}
		return s.say(l.at, "share a household with %s", inner)
	}
	return s.phrase(l.at, l.neg, s.does(l.Node, l.neg))
}

func (s speaker) does(n Node, neg bool) string {
	switch n := n.(type) {
	case Is:
		return s.is(n, neg)
	case Between:
		return s.between(n, neg)
	case Known:
		return s.known(n.Attr, neg)
	case Name:
		return s.name(n, neg)
	case Voted:
		return s.voted(n, neg)
	case Inside:
		return s.lives(s.area(n), neg)
	case Near:
		return s.lives(s.circle(n), neg)
	case Phone:
		return s.phone(n, neg)
	case Email:
		return s.either(neg, "have an email address", "have no email address")
	case Suppressed:
		return s.suppressed(n, neg)
	}
	return s.learned(n, neg)
}

// learned says the conditions about what organisations define and record.
func (s speaker) learned(n Node, neg bool) string {
	switch n := n.(type) {
	case Score:
		return s.score(n, neg)
	case Answered:
		return s.answered(n, neg)
	case Code:
		what := s.list(s.quoted(n.Codes, func(id int64) string { return s.cat.Codes[id].Name }), " or ")
		if noted := s.noted(n.By, n.Days); noted != "" {
			return s.either(neg, "were given the code %s%s", "were not given the code %s%s", what, noted)
		}
		return s.either(neg, "have the code %s", "do not have the code %s", what)
	case Tag:
		return s.either(neg, "have the tag %s", "do not have the tag %s", s.list(s.quoted(n.Tags, func(id int64) string { return s.cat.Tags[id].Name }), " or "))
	case Contact:
		return s.contact(n, neg)
	case Event:
		return s.event(n, neg)
	case Custom:
		return s.custom(n, neg)
	case Target:
		return s.target(n, neg)
	case Saved:
		d := s.cat.Saved[n.List]
		name := s.quote(d.Name, n.List)
		if d.Criteria != nil {
			return s.either(neg, "are found by the search %s", "are not found by the search %s", name)
		}
		return s.either(neg, "are on the list %s", "are not on the list %s", name)
	case Turf:
		return s.turf(n, neg)
	}
	return s.t.T("meet a condition this program does not know")
}

// either says one of two sentences.
func (s speaker) either(neg bool, yes, no string, args ...any) string {
	if neg {
		return s.t.T(no, args...)
	}
	return s.t.T(yes, args...)
}

// quote says what somebody named a thing, or its number.
func (s speaker) quote(name string, id int64) string {
	if name == "" {
		return s.t.T("number %d", id)
	}
	return s.t.T("“%s”", name)
}

func (s speaker) quoted(ids []int64, name func(int64) string) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = s.quote(name(id), id)
	}
	return all
}

func quotedTexts(s speaker, all []string) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = s.t.T("“%s”", x)
	}
	return out
}

func (s speaker) is(n Is, neg bool) string {
	if len(n.Values) == 1 && n.Values[0] == "" {
		return s.known(n.Attr, !neg)
	}
	switch n.Attr {
	case Status:
		return s.either(neg, "are %s voters", "are not %s voters", s.values(n))
	case Party:
		return s.either(neg, "are registered %s", "are not registered %s", s.values(n))
	case Sex:
		return s.either(neg, "are %s", "are not %s", s.values(n))
	case Race:
		return s.either(neg, "are listed with the race %s", "are not listed with the race %s", s.values(n))
	case Ethnicity:
		return s.either(neg, "are listed with the ethnicity %s", "are not listed with the ethnicity %s", s.values(n))
	}
	return s.lives(s.places(n), neg)
}

func (s speaker) lives(where string, neg bool) string {
	return s.either(neg, "live in %s", "do not live in %s", where)
}

func (s speaker) known(a Attr, neg bool) string {
	switch a {
	case Door:
		return s.either(neg, "have an address to knock at", "have no address to knock at")
	case Place:
		return s.either(neg, "have a place on the map", "have no place on the map")
	}
	return s.either(neg, "have a known %s", "have no known %s", s.attr(a))
}

// span says how many: "0 or 1", "2 to 4", "at least 2", "at most 3", "exactly 2".
func (s speaker) span(from, to *int64) string {
	switch {
	case from == nil && to == nil:
		return s.t.T("any number")
	case to == nil:
		return s.t.T("at least %s", s.t.Number(*from))
	case from == nil:
		return s.t.T("at most %s", s.t.Number(*to))
	case *from == *to:
		return s.t.T("exactly %s", s.t.Number(*from))
	case *from+1 == *to:
		return s.number(*from) + s.joiner(" or ", []Piece{{Text: s.number(*to)}}) + s.number(*to)
	}
	return s.t.T("%s to %s", s.t.Number(*from), s.t.Number(*to))
}

func (s speaker) number(n int64) string { return s.t.Number(n) }

// aged says an age as it follows "aged".
func (s speaker) aged(n Between) string {
	switch {
	case n.To == nil:
		return s.t.T("%d or older", *n.From)
	case n.From == nil:
		return s.t.T("%d or younger", *n.To)
	case *n.From == *n.To:
		return s.t.T("exactly %d", *n.From)
	}
	return s.t.T("%[1]d–%[2]d", *n.From, *n.To)
}

func (s speaker) between(n Between, neg bool) string {
	if n.From == nil && n.To == nil {
		return s.known(n.Attr, neg)
	}
	switch n.Attr {
	case Age:
		return s.either(neg, "are aged %s", "are not aged %s", s.aged(n))
	case BirthYear:
		return s.either(neg, "were born %s", "were not born %s", s.years(n.From, n.To))
	case Birth:
		return s.either(neg, "were born %s", "were not born %s", s.days(n.From, n.To))
	case RegisteredOn:
		return s.either(neg, "registered %s", "did not register %s", s.days(n.From, n.To))
	case HouseholdSize:
		if n.To != nil && *n.To == 1 {
			return s.either(neg, "are the only voter in their household", "are not the only voter in their household")
		}
		return s.either(neg, "live in a household of %s people", "do not live in a household of %s people", s.span(n.From, n.To))
	case VotesCast:
		return s.either(neg, "voted in %s of all elections on file", "did not vote in %s of all elections on file", s.span(n.From, n.To))
	}
	return s.either(neg, "have %s as %s", "do not have %s as %s", s.span(n.From, n.To), s.attr(n.Attr))
}

func (s speaker) years(from, to *int64) string {
	switch {
	case to == nil:
		return s.t.T("in %d or later", *from)
	case from == nil:
		return s.t.T("in %d or before", *to)
	case *from == *to:
		return s.t.T("in %d", *from)
	}
	return s.t.T("in the years %d to %d", *from, *to)
}

func (s speaker) days(from, to *int64) string {
	switch {
	case to == nil:
		return s.t.T("on %s or later", s.day(*from))
	case from == nil:
		return s.t.T("on %s or before", s.day(*to))
	case *from == *to:
		return s.t.T("on %s", s.day(*from))
	}
	return s.t.T("from %s to %s", s.day(*from), s.day(*to))
}

func (s speaker) day(d int64) string {
	if !isDay(d) {
		return strconv.FormatInt(d, 10)
	}
	return s.t.Day(int(d/10_000), time.Month(d/100%100), int(d%100))
}

func (s speaker) name(n Name, neg bool) string {
	values := s.list(quotedTexts(s, n.Values), " or ")
	switch {
	case n.Part == "first" && n.Begins:
		return s.either(neg, "have a first name that begins with %s", "do not have a first name that begins with %s", values)
	case n.Part == "first":
		return s.either(neg, "have the first name %s", "do not have the first name %s", values)
	case n.Begins:
		return s.either(neg, "have a last name that begins with %s", "do not have a last name that begins with %s", values)
	}
	return s.either(neg, "have the last name %s", "do not have the last name %s", values)
}

// area says where the middle of an area is: two areas rarely share it.
func (s speaker) area(n Inside) string {
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, r := range n.Rings {
		for _, p := range r {
			west, east, south, north = min(west, p[0]), max(east, p[0]), min(south, p[1]), max(north, p[1])
		}
	}
	if west > east {
		return s.t.T("the area drawn on the map")
	}
	return s.t.T("the area drawn on the map around %s", coordinates((west+east)/2, (south+north)/2))
}

func coordinates(lon, lat float64) string { return fmt.Sprintf("%.4f, %.4f", lat, lon) }

func (s speaker) circle(n Near) string {
	far := s.t.T("%s m (%s mi)", s.t.Number(n.Metres), strconv.FormatFloat(float64(n.Metres)/1609.344, 'f', 2, 64))
	return s.t.T("a circle of %s around %s", far, coordinates(n.Lon, n.Lat))
}

func (s speaker) phone(n Phone, neg bool) string {
	kinds := s.list(s.words(n.Kinds, phoneWords), " or ")
	switch {
	case n.Textable && kinds == "":
		return s.either(neg, "have a cell number that may get texts", "have no cell number that may get texts")
	case n.Textable:
		return s.either(neg, "have a phone number (%s) that may get texts", "have no phone number (%s) that may get texts", kinds)
	case kinds == "":
		return s.either(neg, "have a phone number", "have no phone number")
	}
	return s.either(neg, "have a phone number (%s)", "have no phone number (%s)", kinds)
}

func (s speaker) suppressed(n Suppressed, neg bool) string {
	if len(n.Channels) == 0 {
		return s.either(neg, "are not to be contacted in some way", "may be contacted in every way")
	}
	return s.either(neg, "are not to be contacted %s", "may be contacted %s", s.list(s.words(n.Channels, channelWords), map[bool]string{true: " and ", false: " or "}[neg]))
}

func (s speaker) score(n Score, neg bool) string {
	name := s.quote(s.cat.Scores[n.Score].Name, n.Score)
	dec := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case n.From == nil && n.To == nil:
		return s.either(neg, "have a score for %s", "have no score for %s", name)
	case n.To == nil:
		return s.either(neg, "score %s or more on %s", "do not score %s or more on %s", dec(*n.From), name)
	case n.From == nil:
		return s.either(neg, "score %s or less on %s", "do not score %s or less on %s", dec(*n.To), name)
	case *n.From == *n.To:
		return s.either(neg, "score exactly %s on %s", "do not score exactly %s on %s", dec(*n.From), name)
	}
	return s.either(neg, "score %s to %s on %s", "do not score %s to %s on %s", dec(*n.From), dec(*n.To), name)
}

// noted says by whom and when something was written down, with what joins it to the words before; "" where it does not matter.
func (s speaker) noted(by []int64, d Days) string {
	out := s.when(d)
	if len(by) > 0 {
		out += s.t.T(", noted by %s", s.list(s.accounts(by), " or "))
	}
	return out
}

func (s speaker) accounts(by []int64) []string {
	all := make([]string, len(by))
	for i, a := range by {
		if all[i] = s.cat.People[a]; all[i] == "" {
			all[i] = s.t.T("account %d", a)
		}
	}
	return all
}

// when says the days, with a blank before it; "" for at any time.
func (s speaker) when(d Days) string {
	switch {
	case d.Within == 1:
		return " " + s.t.T("today")
	case d.Within > 0:
		return " " + s.t.T("in the last %s days", s.t.Number(d.Within))
	case d.Since != 0 && d.Since == d.Until:
		return " " + s.t.T("on %s", s.day(d.Since))
	case d.Since != 0 && d.Until != 0:
		return " " + s.t.T("from %s to %s", s.day(d.Since), s.day(d.Until))
	case d.Since != 0:
		return " " + s.t.T("since %[1]s", s.day(d.Since))
	case d.Until != 0:
		return " " + s.t.T("until %[1]s", s.day(d.Until))
	}
	return ""
}

func (s speaker) answered(n Answered, neg bool) string {
	q := s.cat.Questions[n.Question]
	name := s.quote(q.Name, n.Question)
	noted := s.noted(n.By, n.Days)
	if len(n.Responses) == 0 {
		return s.either(neg, "answered the question %s%s", "did not answer the question %s%s", name, noted)
	}
	responses := s.list(s.quoted(n.Responses, func(id int64) string { return nameIn(q.Responses, id) }), " or ")
	if n.Ever {
		return s.either(neg, "at some time answered %s to %s%s", "never answered %s to %s%s", responses, name, noted)
	}
	return s.either(neg, "answered %s to %s%s", "did not answer %s to %s%s", responses, name, noted)
}

func nameIn(all []Definition, id int64) string {
	if i := slices.IndexFunc(all, func(d Definition) bool { return d.ID == id }); i >= 0 {
		return all[i].Name
	}
	return ""
}

func (s speaker) contact(n Contact, neg bool) string {
	var b strings.Builder
	if len(n.Channels) > 0 {
		b.WriteString(" " + s.list(s.words(n.Channels, channelWords), " or "))
	}
	if len(n.Results) > 0 {
		b.WriteString(" " + s.t.T("with the result %s", s.list(quotedTexts(s, s.words(n.Results, resultWords)), " or ")))
	}
	if len(n.By) > 0 {
		b.WriteString(" " + s.t.T("by %s", s.list(s.accounts(n.By), " or ")))
	}
	b.WriteString(s.when(n.Days))
	from, to := wide(n.AtLeast), wide(n.AtMost)
	if from == nil {
		from = ptr(int64(1))
	}
	if *from == 0 && to != nil { // at most so many is not more than that
		from, to, neg = ptr(*to+1), nil, !neg
	}
	switch {
	case to == nil && *from <= 1:
		return s.either(neg != (*from == 0), "had a contact attempt%s", "had no contact attempt%s", b.String())
	case to == nil && neg:
		from, to, neg = nil, ptr(*from-1), false
	}
	if many := s.span(from, to); to == nil || *to > 1 {
		return s.either(neg, "had %s contact attempts%s", "did not have %s contact attempts%s", many, b.String())
	}
	return s.either(neg, "had %s contact attempt%s", "did not have %s contact attempt%s", s.span(from, to), b.String())
}

func wide(n *int) *int64 {
	if n == nil {
		return nil
	}
	return ptr(int64(*n))
}

func (s speaker) event(n Event, neg bool) string {
	events := s.list(s.quoted(n.Events, func(id int64) string { return s.cat.Events[id].Name }), " or ")
	if len(n.Statuses) == 0 {
		return s.either(neg, "are listed for the event %s", "are not listed for the event %s", events)
	}
	return s.either(neg, "have the state %s for the event %s", "do not have the state %s for the event %s", s.list(s.words(n.Statuses, signupWords), " or "), events)
}

func (s speaker) custom(n Custom, neg bool) string {
	f := s.cat.Customs[n.Field]
	name := s.quote(f.Name, n.Field)
	switch {
	case len(n.Values) > 0:
		return s.either(neg, "have %s in the field %s", "do not have %s in the field %s", s.list(quotedTexts(s, n.Values), " or "), name)
	case n.From == nil && n.To == nil:
		return s.either(neg, "have a value in the field %s", "have no value in the field %s", name)
	case f.Type == "date":
		return s.either(neg, "have a day %s in the field %s", "do not have a day %s in the field %s", s.days(n.From, n.To), name)
	}
	return s.either(neg, "have %s in the field %s", "do not have %s in the field %s", s.span(n.From, n.To), name)
}

// mostNamed is how many turfs a sentence names; more are counted.
const mostNamed = 6

func (s speaker) turf(n Turf, neg bool) string {
	mapName := func(id int64) string { return s.cat.Maps[id].Name }
	if len(n.Maps) > 0 {
		return s.either(neg, "are on the turf map %s", "are not on the turf map %s", s.list(s.quoted(n.Maps, mapName), " or "))
	}
	var maps []int64
	for _, id := range n.Turfs {
		if t, known := s.cat.Turfs[id]; known && !slices.Contains(maps, t.Map) {
			maps = append(maps, t.Map)
		}
	}
	of := s.list(s.quoted(maps, mapName), " or ")
	if len(n.Turfs) > mostNamed && len(maps) > 0 {
		return s.either(neg, "are in one of %s turfs of the map %s", "are in none of %s turfs of the map %s", s.t.Number(int64(len(n.Turfs))), of)
	}
	turfs := s.list(s.quoted(n.Turfs, func(id int64) string { return s.cat.Turfs[id].Name }), " or ")
	if len(maps) == 0 {
		return s.either(neg, "are in the turf %s", "are not in the turf %s", turfs)
	}
	return s.either(neg, "are in the turf %s of the map %s", "are not in the turf %s of the map %s", turfs, of)
}

func (s speaker) target(n Target, neg bool) string {
	t := s.cat.Targets[n.Target]
	name := s.quote(t.Name, n.Target)
	if len(n.Groups) == 0 {
		return s.either(neg, "are in the vote target %s", "are not in the vote target %s", name)
	}
	groups := s.list(s.quoted(n.Groups, func(id int64) string { return nameIn(t.Groups, id) }), " or ")
	return s.either(neg, "are in the group %s of the vote target %s", "are not in the group %s of the vote target %s", groups, name)
}
