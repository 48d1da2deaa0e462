package person

import (
	"strings"

	"github.com/openprecinct/precinct/field/person/personkey"
)

// Why says in a word why a person is among the results; the page says it in a sentence.
type Why string

// The reasons. An exact name has none.
const (
	WhyBegins   Why = "begins"
	WhyNickname Why = "nickname"
	WhyNear     Why = "near"
	WhySounds   Why = "sounds"
	WhyMiddle   Why = "middle"
	WhyPart     Why = "part"
	WhyOrder    Why = "order"
	WhyAddress  Why = "address"
	WhyPhone    Why = "phone"
	WhyStateID  Why = "id"
	WhyFirst    Why = "first"
	WhyEmail    Why = "email"
)

func whyOf(cost int) Why {
	switch {
	case cost == begins:
		return WhyBegins
	case cost == nickname:
		return WhyNickname
	case cost == near, cost == far:
		return WhyNear
	case cost == sounds:
		return WhySounds
	}
	return ""
}

// Costs beside those of match.
const (
	costFirst    = 1 // a first name alone
	costPart     = 1 // one part of a double last name
	costMiddle   = 2 // the middle name used as the first
	costOrder    = 1 // last name first, without a comma
	costComma    = 4 // a comma, and yet the other order
	costLost     = 6 // a word that nothing in the record explains
	costWrongZip = 4
	costWrongAge = 5
	costMost     = 17 // farther than this is not shown
)

// reading is the best way to read the query as one person's name.
type reading struct {
	cost int
	whys []Why
}

// recordWords are the folded words of one record that a query may name.
type recordWords struct {
	parts  []string // of a last name of several
	firsts []string // of a first name of several
	middle []string
	others map[string]bool // city, county, street, suffix
}

func (r *row) words() recordWords {
	w := recordWords{middle: personkey.Words(r.Middle), others: make(map[string]bool, 4)}
	if strings.ContainsAny(r.Last, " -") {
		w.parts = personkey.Parts(r.Last)
	}
	if strings.ContainsAny(r.First, " -") {
		w.firsts = personkey.Words(r.First)
	}
	w.others[r.StreetKey], w.others[personkey.Fold(r.Suffix)] = true, true
	for _, c := range personkey.Words(r.City) {
		w.others[c] = true
	}
	return w
}

// scorer holds the spans of a query, made once.
type scorer struct {
	q           *query
	last, first []span
	useYear     bool
}

func newScorer(q *query, useYear bool) scorer {
	return scorer{q: q, last: spans(q.names, 3), first: spans(q.names, 2), useYear: useYear}
}

// score returns the nearest reading of the query as r's name; its cost is none when there is no reading.
func (s scorer) score(r *row) reading {
	w := r.words()
	best := reading{cost: none}
	for _, l := range s.last {
		costL, whyL := lastCost(l.key, r, w)
		if costL >= best.cost {
			continue
		}
		if len(s.q.names) == l.to-l.from {
			best = reading{costL, one(whyL)}
			continue
		}
		for _, f := range s.first {
			if l.overlaps(f) {
				continue
			}
			costF, whyF := firstCost(f.key, r, w)
			if costL+costF >= best.cost {
				continue
			}
			costO, whyO := s.order(l, f)
			rest := s.rest(l, f, w)
			if c := costL + costF + costO + rest; c < best.cost {
				best = reading{c, one(whyL, whyF, whyO)}
			}
		}
	}
	if best.cost < none {
		best.cost += s.narrowing(r)
	}
	return best
}

func one(whys ...Why) []Why {
	var all []Why
	for _, w := range whys {
		if w != "" {
			all = append(all, w)
		}
	}
	return all
}

func lastCost(q string, r *row, w recordWords) (int, Why) {
	best := match(q, r.LastKey, false)
	why := whyOf(best)
	for _, part := range w.parts {
		if c := match(q, part, false) + costPart; c < best {
			best, why = c, WhyPart
		}
	}
	return best, why
}

func firstCost(q string, r *row, w recordWords) (int, Why) {
	best := match(q, r.FirstKey, true)
	why := whyOf(best)
	for _, f := range w.firsts {
		if c := match(q, f, true); c < best {
			best, why = c, whyOf(c)
		}
	}
	for _, m := range w.middle {
		if c := match(q, m, true) + costMiddle; c < best {
			best, why = c, WhyMiddle
		}
	}
	return best, why
}

// scoreFirst returns how near the one name of the query is to r's first name.
func (s scorer) scoreFirst(r *row) reading {
	w := r.words()
	cost, why := none, Why("")
	for _, f := range s.first {
		if c, y := firstCost(f.key, r, w); len(s.q.names) == f.to-f.from && c < cost {
			cost, why = c, y
		}
	}
	return reading{cost + costFirst + s.narrowing(r), one(why, WhyFirst)}
}

func (s scorer) order(l, f span) (int, Why) {
	switch {
	case s.q.comma > 0 && (l.to > s.q.comma || f.from < s.q.comma):
		return costComma, WhyOrder
	case s.q.comma == 0 && l.from < f.from:
		return costOrder, WhyOrder
	}
	return 0, ""
}

// rest returns the cost of the words that are neither the last nor the first name.
func (s scorer) rest(l, f span, w recordWords) int {
	cost := 0
	for i, word := range s.q.names {
		if i >= l.from && i < l.to || i >= f.from && i < f.to {
			continue
		}
		cost += restCost(word, w)
	}
	return cost
}

func restCost(word string, w recordWords) int {
	if w.others[word] {
		return 0
	}
	best := costLost
	for _, m := range w.middle {
		best = min(best, match(word, m, true))
	}
	for _, part := range w.parts {
		best = min(best, match(word, part, false))
	}
	for _, f := range w.firsts {
		best = min(best, match(word, f, true))
	}
	for o := range w.others {
		if len(o) >= 4 && len(word) >= 3 {
			best = min(best, match(word, o, false))
		}
	}
	return best
}

// narrowing weighs a zip code and a year of birth beside the name.
func (s scorer) narrowing(r *row) int {
	cost := 0
	if s.q.zip != "" && !strings.HasPrefix(r.Zip, s.q.zip) {
		cost += costWrongZip
	}
	if s.q.year != 0 && s.useYear {
		switch d := s.q.year - r.BirthYear; {
		case d == 0:
		case d == 1 || d == -1:
			cost++
		default:
			cost += costWrongAge
		}
	}
	return cost
}
