package synth

import (
	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// person is one registration before it is spelled in a state's layout.
type person struct {
	number     int // position in the county's file, from 0; newcomers of later months follow
	last       string
	first      string
	middle     string
	suffix     string
	born       layout.Date
	registered layout.Date
	removed    int // year from which a removed registration has no votes, 0 for the others
	group      uint8
	sex        byte
	race       race
	hispanic   bool
	party      party
	status     layout.Status
	reason     int // 0 to 999: picks among the reasons of the status
	habit      int // 0 seldom votes to 15 nearly always
	phone      int // 0 none
	email      bool
	hidden     bool // confidential
	slip       slip
	poBox      int
	hash       uint64 // the person's own stream of chances
}

// party is a registration's party before a state's code.
type party uint8

const (
	noParty party = iota
	democratic
	republican
	libertarian
	green
)

// household is the people behind one door.
type household struct {
	people []person
	lean   party // the party most of them choose
	route  int   // rural route number, 0 when the mail knows the street
	box    int
}

// home kinds and their permille.
var homeKinds = []uint16{430, 330, 90, 70, 50, 30}

const (
	alone = iota
	couple
	parents
	oneParent
	sharing
	generations
)

// populate fills a home with people. left bounds their number, so that a county ends with exactly its count.
func (w *writer) populate(h *household, q *precinct, group uint8, left int) {
	c := w.r
	h.people = h.people[:0]
	h.route, h.lean = 0, w.chooseParty(group)
	g := &w.s.groups[group]
	last := w.family(g)
	switch c.weighted(homeKinds, 1000) {
	case alone:
		w.member(h, group, last, w.age(19, 94), w.sex())
	case couple:
		w.couple(h, group, last, w.age(23, 90))
	case parents:
		w.parents(h, group, last, c.in(41, 66), c.in(1, 4))
	case oneParent:
		w.member(h, group, last, c.in(38, 66), w.sex())
		w.children(h, group, last, -1, c.in(1, 2))
	case sharing:
		for range c.in(2, 4) {
			w.member(h, group, w.family(g), c.in(19, 36), w.sex())
		}
	case generations:
		w.parents(h, group, last, c.in(40, 54), c.in(1, 3))
		elder := ageOf(h.people[0].born, w.s.opts.Date) + c.in(21, 30)
		w.member(h, group, last, min(elder, 99), w.sex())
	}
	if len(h.people) > left {
		h.people = h.people[:left]
	}
	if q.town < 0 && c.permille(70) {
		h.route, h.box = c.in(1, 6), c.in(1, 499)
	}
}

// couple adds two adults; by the group's custom they share a family name or not.
func (w *writer) couple(h *household, group uint8, last string, age int) {
	g := &w.s.groups[group]
	first := w.sex()
	w.member(h, group, last, age, first)
	other := last
	switch {
	case w.r.n(1000) < g.fathers || w.r.permille(120):
		other = w.family(g)
	case w.r.permille(25) && first == layout.SexMale:
		other = w.names.join(w.family(g) + "-" + last)
	}
	second := layout.SexFemale
	if (first == layout.SexFemale) != w.r.permille(15) {
		second = layout.SexMale
	}
	w.member(h, group, other, min(98, max(19, age+w.r.in(-6, 5))), second)
}

func (w *writer) parents(h *household, group uint8, last string, age, children int) {
	w.couple(h, group, last, age)
	father := -1
	for i := range h.people {
		if h.people[i].sex == layout.SexMale && father < 0 {
			father = i
		}
	}
	w.children(h, group, last, father, children)
}

// children adds grown or nearly grown children to those in the home, now and then as twins or a son with his father's name.
func (w *writer) children(h *household, group uint8, last string, father, n int) {
	g, c := &w.s.groups[group], w.r
	oldest := ageOf(h.people[0].born, w.s.opts.Date) - 20
	for i := 0; i < n && len(h.people) < 6; i++ {
		age := c.in(18, max(19, min(oldest, 34)))
		if c.permille(70) {
			age = c.in(16, 17)
		}
		w.member(h, group, last, age, w.sex())
		child := &h.people[len(h.people)-1]
		if c.permille(45) && i+1 < n { // twins
			w.member(h, group, last, age, w.sex())
			twin := &h.people[len(h.people)-1]
			twin.born = h.people[len(h.people)-2].born
			i++
			continue
		}
		if father >= 0 && child.sex == layout.SexMale && c.n(1000) < 4*g.junior && h.people[father].last == last {
			f := &h.people[father]
			child.first, child.middle, child.suffix = f.first, f.middle, "JR"
			switch {
			case c.permille(150):
				f.suffix, child.suffix = "JR", "III"
			case c.permille(600):
				f.suffix = "SR"
			}
			father = -1
		}
	}
}

// family returns a family name of the group.
func (w *writer) family(g *community) string {
	if g.tail > 0 && w.r.n(1000) < g.tail {
		return w.names.rareSurname(w.r)
	}
	name := g.surnames[w.r.zipf(len(g.surnames))]
	if g.double > 0 && w.r.n(1000) < g.double {
		second := g.surnames[w.r.zipf(len(g.surnames))]
		if w.r.permille(120) {
			return w.names.join(name + "-" + second)
		}
		return w.names.join(name, second)
	}
	return name
}

// member adds one person of the given age to a home.
func (w *writer) member(h *household, group uint8, last string, age int, sex byte) {
	c, g := w.r, &w.s.groups[group]
	h.people = append(h.people, person{last: last, sex: sex, group: group, race: g.race, hispanic: g.hispanic})
	p := &h.people[len(h.people)-1]
	era := 0
	if age < 36 {
		era = 2
	} else if age < 61 {
		era = 1
	}
	pool := g.men[era]
	if sex == layout.SexFemale || sex != layout.SexMale && c.permille(500) {
		pool = g.women[era]
	}
	p.first = pool[c.zipf(len(pool))]
	if c.n(1000) < g.middle {
		p.middle = pool[c.n(len(pool))]
		if c.permille(180) {
			p.middle = initials[p.middle[0]&0x1f]
		}
		if p.middle == p.first {
			p.middle = ""
		}
	}
	p.born = born(w.s.opts.Date, age, c)
	p.party = h.lean
	if c.permille(270) {
		p.party = w.chooseParty(group)
	}
	if c.permille(35) {
		p.race = [...]race{multi, other, undesignated, undesignated}[c.n(4)]
	}
	p.habit = habits[c.n(len(habits))]
	p.reason = c.n(1000)
	p.hash = c.pcg.Uint64()
	w.register(p, age)
}

// initials are single letters by the low five bits of their code.
var initials = func() (out [32]string) {
	for i := range 26 {
		out[i+1] = string(rune('A' + i))
	}
	return out
}()

// habits spreads people between those who seldom vote and those who always do: many at both ends.
var habits = [...]int{0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15, 15}

// register gives a person a registration: when, in what state, and how to reach them.
func (w *writer) register(p *person, age int) {
	c, now := w.r, w.s.opts.Date
	if age < 18 {
		p.status = layout.Preregistered
		p.registered = addDays(now, -c.in(3, 500))
		p.habit = min(p.habit, 8)
	} else {
		p.status = layout.Active
		// Half the registrations are from the last dozen years; nobody registers before eighteen.
		years := min(age-18, min(c.n(52), c.n(52))+c.n(5))
		p.registered = addDays(now, -min(years*365+c.in(1, 364), max(1, daysSinceEighteen(p.born, now))))
		w.lapse(p, age)
	}
	p.hidden = c.permille(4)
	if c.permille(350) {
		p.phone = 1 + c.n(1<<20)
	}
	p.email = c.permille(220)
	if c.permille(25) {
		p.poBox = c.in(1, 4999)
	}
	p.slip = w.slips.draw(c, p)
}

// lapse makes a registration inactive, removed or pending by the state's habits.
func (w *writer) lapse(p *person, age int) {
	switch k := w.r.n(1000); {
	case k < w.s.code.removed:
		p.status, p.removed = layout.Removed, w.s.opts.Date.Year()-w.r.in(0, 8)
		if p.removed <= p.registered.Year() {
			p.removed = p.registered.Year() + 1
		}
		p.habit = min(p.habit, 7)
	case k < w.s.code.removed+95 && p.registered.Year()+4 <= w.s.opts.Date.Year():
		p.status, p.habit = layout.Inactive, p.habit/4
	case k < w.s.code.removed+95+25 && age < 75:
		p.status, p.habit = layout.Inactive, p.habit/3
	case k > 994 && w.s.code.pending:
		p.status = layout.Pending
	}
}

// chooseParty draws a party by the leaning of the group and of the county.
func (w *writer) chooseParty(group uint8) party {
	g := &w.s.groups[group]
	k := w.r.n(1000)
	switch {
	case k >= g.party:
		return noParty
	case k < 8:
		return libertarian
	case k < 10:
		return green
	case w.r.n(1000) < g.left+w.lean:
		return democratic
	}
	return republican
}

func (w *writer) sex() byte {
	switch k := w.r.n(1000); {
	case k < 522:
		return layout.SexFemale
	case k < 984:
		return layout.SexMale
	case k < 986:
		return layout.SexOther
	}
	return layout.SexUnknown
}

// age draws an adult age between lo and hi: even up to the sixties, thinner beyond.
func (w *writer) age(lo, hi int) int {
	a := w.r.in(lo, 70)
	if w.r.permille(140) {
		a = w.r.in(66, hi)
	}
	return max(lo, a)
}
