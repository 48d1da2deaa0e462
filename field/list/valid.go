package list

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

// valid returns what is wrong with a criteria whoever asks it. Areas are looked at only if wanted: that takes time, and making a plan does it too.
func valid(c Criteria, at place, areas bool) Problems {
	var found Problems
	at.found = &found
	if len(c.Steps) == 0 {
		at.wrong(fault.Invalidf("The criteria have no step. The first one is {\"do\": \"start\"}."))
	}
	if len(c.Steps) > MaxSteps {
		at.wrong(fault.Invalidf("A criteria has at most %d steps; this one has %d. Use a saved search for the first of them.", MaxSteps, len(c.Steps)))
		return found
	}
	v := validator{areas: areas}
	for i, s := range c.Steps {
		here := at
		here.Path = Path{Step: i}
		v.step(s, here)
	}
	return found
}

type validator struct {
	nodes int
	areas bool
}

func (v *validator) step(s Step, at place) {
	switch first := at.Step == 0; {
	case first && s.Do != Start && known(s.Do):
		at.wrong(fault.Invalidf("The first step must be \"start\"."))
	case !first && s.Do == Start:
		at.wrong(fault.Invalidf("Only the first step can be \"start\". Use \"add\", \"narrow\" or \"remove\"."))
	}
	random := s.Take != 0 || s.Part != 0 || s.Parts != 0 || s.Seed != 0 || s.Whole
	switch s.Do {
	case Start, Households:
		v.only(s, at, s.Prefer == "" && !random)
	case Add, Narrow, Remove:
		v.only(s, at, s.Prefer == "" && !random)
		if s.Where == nil {
			at.wrong(fault.Invalidf("Say who: this step needs \"where\"."))
		}
	case OnePerHousehold:
		v.only(s, at, s.Where == nil && !random)
		if !slices.Contains([]Prefer{Oldest, Youngest, MostVotes, LastToSignUp}, s.Prefer) {
			at.wrong(fault.Invalidf("Say whom to keep of each household: \"prefer\" is oldest, youngest, most_votes or latest_signup."))
		}
	case Sample:
		v.only(s, at, s.Where == nil && s.Prefer == "" && s.Part == 0 && s.Parts == 0)
		if s.Take < 1 {
			at.wrong(fault.Invalidf("Say how many to take: \"take\" is at least 1."))
		}
		v.seed(s, at)
	case Part:
		v.only(s, at, s.Where == nil && s.Prefer == "" && s.Take == 0)
		if s.Parts < 2 || s.Parts > 1000 || s.Part < 1 || s.Part > s.Parts {
			at.wrong(fault.Invalidf("Say which part of how many: \"parts\" is 2 to 1,000 and \"part\" 1 to that many."))
		}
		v.seed(s, at)
	default:
		at.wrong(fault.Invalidf("There is no step %q. The steps are start, add, narrow, remove, households, one_per_household, sample and part.", shown(string(s.Do))))
	}
	if s.Where != nil {
		v.node(s.Where, at)
	}
}

func known(d Do) bool {
	return slices.Contains([]Do{Start, Add, Narrow, Remove, Households, OnePerHousehold, Sample, Part}, d)
}

func (v *validator) only(s Step, at place, ok bool) {
	if !ok {
		at.wrong(fault.Invalidf("A step %q takes no such member. docs/criteria.md shows what each step takes.", string(s.Do)))
	}
}

func (v *validator) seed(s Step, at place) {
	if s.Seed < 0 || s.Seed > math.MaxInt32-1 {
		at.wrong(fault.Invalidf("The seed must be a whole number from 0 to 2147483646."))
	}
}

func (v *validator) node(n Node, at place) {
	if v.nodes++; v.nodes > MaxNodes {
		if v.nodes == MaxNodes+1 {
			at.wrong(tooMany())
		}
		return
	}
	if len(at.Nodes) >= MaxDepth {
		at.wrong(tooDeep())
		return
	}
	switch n := n.(type) {
	case nil:
		at.wrong(fault.Invalidf("A condition is missing here."))
	case All:
		v.many(n, KindAll, at)
	case Any:
		v.many(n, KindAny, at)
	case None:
		v.many(n, KindNone, at)
	case LivesWith:
		v.node(n.Who, at.down(KindLivesWith, 0))
	default:
		v.criterion(n, at)
	}
}

func (v *validator) many(all []Node, kind Kind, at place) {
	for i, n := range all {
		v.node(n, at.down(kind, i))
	}
}

func (v *validator) criterion(n Node, at place) {
	switch n := n.(type) {
	case Is:
		v.is(n, at)
	case Between:
		v.between(n, at)
	case Known:
		if n.Attr.sort() == unknownSort {
			at.wrong(noAttr(n.Attr))
		}
	case Name:
		v.some(len(n.Values), at)
		if n.Part != "first" && n.Part != "last" {
			at.wrong(fault.Invalidf("Say which name: \"part\" is first or last."))
		}
	case Voted:
		v.voted(n, at)
	case Inside:
		if v.areas {
			_, err := makeArea(n.Rings)
			if err != nil {
				at.wrong(err)
			}
		}
	case Near:
		v.near(n, at)
	case Phone:
		v.among(n.Kinds, phoneKinds, at)
	case Email:
	case Suppressed:
		v.among(n.Channels, channels, at)
	case Score:
		if n.From != nil && n.To != nil && *n.From > *n.To {
			at.wrong(upsideDown(*n.From, *n.To))
		}
	case Answered:
		v.most(len(n.Responses)+len(n.By), at)
		v.days(n.Days, at)
	case Code:
		v.some(len(n.Codes), at)
		v.most(len(n.By), at)
		v.days(n.Days, at)
	case Tag:
		v.some(len(n.Tags), at)
	case Contact:
		v.contact(n, at)
	case Event:
		v.some(len(n.Events), at)
		v.among(n.Statuses, signups, at)
	case Custom:
		v.custom(n, at)
	case Target:
		v.most(len(n.Groups), at)
	case Saved:
	case Turf:
		v.some(len(n.Turfs)+len(n.Maps), at)
		if len(n.Turfs) > 0 && len(n.Maps) > 0 {
			at.wrong(fault.Invalidf("Choose either turfs or whole maps, not both."))
		}
	default:
		at.wrong(fault.Invalidf("There is no kind of condition %q. docs/criteria.md names them all.", shown(string(n.Kind()))))
	}
}

// some wants at least one value, and not too many.
func (v *validator) some(n int, at place) {
	if n == 0 {
		at.wrong(fault.Invalidf("Choose at least one value, or take this condition away."))
	}
	v.most(n, at)
}

func (v *validator) most(n int, at place) {
	if n > MaxValues {
		at.wrong(fault.Invalidf("This condition has %d values; one takes at most %d. For people by the thousand make a saved list of a file.", n, MaxValues))
	}
}

// among wants every word to be one of a closed list.
func (v *validator) among(words, of []string, at place) {
	v.most(len(words), at)
	for _, w := range words {
		if !slices.Contains(of, w) {
			at.wrong(noValue(w, of))
			return
		}
	}
}

// storable refuses what no database keeps.
func (v *validator) storable(texts []string, at place) {
	for _, s := range texts {
		if strings.ContainsRune(s, 0) {
			at.wrong(fault.Invalidf("A text here has a letter that cannot be stored (NUL). Take it out."))
			return
		}
	}
}

func noValue(w string, of []string) *fault.Error {
	return fault.Invalidf("There is no value %q here. The values are %s.", shown(w), strings.Join(of, ", "))
}

func noAttr(a Attr) *fault.Error {
	return fault.Invalidf("There is no attribute %q. docs/criteria.md names them all.", shown(string(a)))
}

func upsideDown(from, to any) *fault.Error {
	return fault.Invalidf("The lower bound %v is above the upper bound %v. Exchange them.", from, to)
}

func (v *validator) is(n Is, at place) {
	v.some(len(n.Values), at)
	v.storable(n.Values, at)
	switch n.Attr.sort() {
	case unknownSort:
		at.wrong(noAttr(n.Attr))
		return
	case ordered, bare:
		at.wrong(fault.Invalidf("The attribute %q has no values to choose from. Use \"between\" or \"known\".", string(n.Attr)))
		return
	}
	if of := closed[n.Attr]; of != nil {
		for _, w := range n.Values {
			if w != "" && !slices.Contains(of, w) {
				at.wrong(noValue(w, of))
				return
			}
		}
	}
}

func (v *validator) between(n Between, at place) {
	switch n.Attr.sort() {
	case unknownSort:
		at.wrong(noAttr(n.Attr))
		return
	case valued, bare:
		at.wrong(fault.Invalidf("The attribute %q has no order. Use \"is\" or \"known\".", string(n.Attr)))
		return
	}
	if n.Attr == Birth || n.Attr == RegisteredOn {
		if v.day(n.From, at) && v.day(n.To, at) && n.From != nil && n.To != nil && *n.From > *n.To {
			at.wrong(upsideDown(dashed(*n.From), dashed(*n.To)))
		}
		return
	}
	v.order(n.From, n.To, at)
	most := map[Attr]int64{Age: 150, BirthYear: 9999, HouseholdSize: 1_000_000, VotesCast: 10_000}[n.Attr]
	for _, b := range []*int64{n.From, n.To} {
		if b != nil && (*b < 0 || *b > most) {
			at.wrong(fault.Invalidf("The bound %d must lie between 0 and %d.", *b, most))
			return
		}
	}
}

func (v *validator) order(from, to *int64, at place) {
	if from != nil && to != nil && *from > *to {
		at.wrong(upsideDown(*from, *to))
	}
}

// day wants a day of the calendar.
func (v *validator) day(d *int64, at place) bool {
	if d == nil || isDay(*d) {
		return true
	}
	at.wrong(fault.Invalidf("There is no day %d. Write days as year, month and day in eight digits: 20260315.", *d))
	return false
}

func isDay(d int64) bool {
	t := date(d, time.UTC)
	return d >= 1800_01_01 && d <= 9999_12_31 && t.Day() == int(d%100) && t.Month() == time.Month(d/100%100)
}

// date returns the first moment of yyyymmdd in a zone.
func date(d int64, zone *time.Location) time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, zone)
}

func dashed(d int64) string { return date(d, time.UTC).Format(time.DateOnly) }

func (v *validator) days(d Days, at place) {
	if d.Within < 0 || d.Within > 36_600 {
		at.wrong(fault.Invalidf("The last days are at least 1 and at most 36,600."))
	}
	if d.Within != 0 && (d.Since != 0 || d.Until != 0) {
		at.wrong(fault.Invalidf("Say either the last days (\"within\") or from when to when (\"since\", \"until\"), not both."))
		return
	}
	ok := true
	for _, x := range []int64{d.Since, d.Until} {
		if x != 0 {
			ok = v.day(&x, at) && ok
		}
	}
	if ok && d.Since != 0 && d.Until != 0 && d.Since > d.Until {
		at.wrong(upsideDown(dashed(d.Since), dashed(d.Until)))
	}
}

func (v *validator) voted(n Voted, at place) {
	v.most(len(n.Elections), at)
	v.most(len(n.Parties), at)
	v.storable(n.Parties, at)
	v.among(n.Methods, methods, at)
	of := len(n.Elections)
	switch {
	case of == 0 && n.Last == 0:
		at.wrong(fault.Invalidf("Choose elections, or say how many of the last."))
		return
	case of != 0 && (n.Last != 0 || n.LastType != ""):
		at.wrong(fault.Invalidf("Choose either elections or a number of the last, not both."))
		return
	case of == 0 && (n.Last < 1 || n.Last > 30):
		at.wrong(fault.Invalidf("The last elections are at least 1 and at most 30."))
		return
	case of == 0:
		of = n.Last
	}
	if n.LastType != "" {
		v.among([]string{n.LastType}, electionTypes, at)
	}
	if n.AtLeast == nil && n.AtMost == nil {
		at.wrong(fault.Invalidf("Say in how many of them: \"at_least\", \"at_most\" or both."))
		return
	}
	v.counts(n.AtLeast, n.AtMost, 0, at)
	if n.AtLeast != nil && *n.AtLeast > of {
		at.wrong(fault.Invalidf("Nobody can have voted in %d of %d elections. Ask for fewer.", *n.AtLeast, of))
	}
}

// counts wants bounds that are not below zero and not upside down; least stands for a missing lower one.
func (v *validator) counts(from, to *int, least int, at place) {
	lo, hi := least, math.MaxInt32
	if from != nil {
		lo = *from
	}
	if to != nil {
		hi = *to
	}
	switch {
	case lo < 0 || hi < 0:
		at.wrong(fault.Invalidf("A number of times cannot be below zero."))
	case lo > hi && from == nil:
		at.wrong(fault.Invalidf("At most %d times, and at least once, is nobody. For people who were never tried say \"at_least\": 0 and \"at_most\": 0.", hi))
	case lo > hi:
		at.wrong(upsideDown(lo, hi))
	}
}

func (v *validator) near(n Near, at place) {
	if !onEarth(n.Lon, n.Lat) {
		at.wrong(notOnEarth(n.Lon, n.Lat))
	}
	if n.Metres < 1 || n.Metres > 100_000 {
		at.wrong(fault.Invalidf("A distance is at least 1 and at most 100,000 metres."))
	}
}

func (v *validator) contact(n Contact, at place) {
	v.among(n.Channels, channels, at)
	v.among(n.Results, results(), at)
	v.most(len(n.By), at)
	v.counts(n.AtLeast, n.AtMost, 1, at)
	v.days(n.Days, at)
}

func (v *validator) custom(n Custom, at place) {
	v.most(len(n.Values), at)
	v.storable(n.Values, at)
	if len(n.Values) > 0 && (n.From != nil || n.To != nil) {
		at.wrong(fault.Invalidf("Give a custom field either values or bounds, not both."))
		return
	}
	v.order(n.From, n.To, at)
}
