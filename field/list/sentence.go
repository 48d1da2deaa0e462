package list

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/words"
)

// Piece is a part of a sentence about a criteria.
type Piece struct {
	Text     string
	Path     Path // of the node or step it speaks of
	Phrase   bool // says one condition, or one step that has none; else it joins those that do
	Negative bool // says who is left out
}

// Plain joins pieces to the sentence they are.
func Plain(all []Piece) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Sentence says a criteria in one sentence, in the reader's language: "Active voters aged 25–40 in Port Ansel who voted in at least 2 of the last 4 general
// elections, except those who had a contact attempt in the last 30 days; one per household, the oldest." Whatever the catalogue has no name for is called
// by its number.
func Sentence(c Criteria, cat *Catalog, t words.Translator) []Piece {
	s := speaker{cat, t}
	if len(c.Steps) == 0 {
		return s.phrase(Path{Step: -1}, false, t.T("Nobody."))
	}
	var lits []lit
	rest := len(c.Steps)
	for i, x := range c.Steps { // the first step and those that narrow it are one description
		if i > 0 && x.Do != Narrow || i == 0 && x.Do != Start {
			rest = i
			break
		}
		if x.Where != nil {
			lits = s.conj(lits, x.Where, Path{Step: i})
		}
	}
	out := s.people(lits, Path{})
	for i, x := range c.Steps[rest:] {
		at := Path{Step: rest + i}
		if i > 0 && x.Do == Remove && c.Steps[rest+i-1].Do == Remove {
			out = append(out, s.say(at, " and those who %s", s.where(x, at, true))...)
			continue
		}
		out = append(out, s.further(x, at)...)
	}
	if !strings.HasSuffix(Plain(out), ".") {
		out = append(out, Piece{Text: "."})
	}
	return capital(out)
}

// StepText is one step as its line in a panel says it.
type StepText struct {
	Label  string // what is done: "Start with", "Narrow", "Remove"
	Pieces []Piece
}

// Steps says each step by itself.
func Steps(c Criteria, cat *Catalog, t words.Translator) []StepText {
	s := speaker{cat, t}
	all := make([]StepText, len(c.Steps))
	for i, x := range c.Steps {
		at := Path{Step: i}
		all[i] = StepText{s.label(x.Do), capital(s.line(x, at))}
	}
	return all
}

func (s speaker) label(d Do) string {
	switch d {
	case Start:
		return s.t.T("Start with")
	case Narrow:
		return s.t.T("Narrow")
	case Remove:
		return s.t.T("Remove")
	case Add, Households:
		return s.t.T("Add")
	case OnePerHousehold:
		return s.t.T("Keep")
	default:
		return s.t.T("Take")
	}
}

// line says a step without what joins it to the one before.
func (s speaker) line(x Step, at Path) []Piece {
	switch x.Do {
	case Start, Add:
		var lits []lit
		if x.Where != nil {
			lits = s.conj(nil, x.Where, at)
		}
		return s.people(lits, at)
	case Narrow, Remove:
		if x.Where == nil {
			return s.phrase(at, false, s.t.T("are on the voter file"))
		}
		return s.short(s.conj(nil, x.Where, at), at, x.Do == Remove)
	case Households:
		if x.Where == nil {
			return s.phrase(at, false, s.t.T("everybody who lives with them"))
		}
		return s.say(at, "all in their households who %s", s.where(x, at, false))
	case OnePerHousehold:
		return s.phrase(at, false, s.t.T("one per household, %s", s.prefer(x.Prefer)))
	case Sample:
		return s.phrase(at, false, s.sample(x))
	}
	return s.phrase(at, false, s.part(x))
}

// further says a step after the first description, with what joins it.
func (s speaker) further(x Step, at Path) []Piece {
	switch x.Do {
	case Start, Add:
		return s.say(at, "; and also %s", s.line(x, at))
	case Narrow:
		return s.say(at, "; of all these only those who %s", s.where(x, at, false))
	case Remove:
		return s.say(at, ", except those who %s", s.where(x, at, true))
	case Households:
		return s.say(at, "; together with %s", s.line(x, at))
	}
	return s.say(at, "; %s", s.line(x, at))
}

// where says a step's condition as what they do, of whom left says that they are left out.
func (s speaker) where(x Step, at Path, left bool) []Piece {
	if x.Where == nil {
		return s.phrase(at, left, s.t.T("are on the voter file"))
	}
	all := s.and(s.conj(nil, x.Where, at), at)
	if left {
		for i := range all {
			all[i].Negative = true
		}
	}
	return all
}

func (s speaker) prefer(p Prefer) string {
	switch p {
	case Oldest:
		return s.t.T("the oldest")
	case Youngest:
		return s.t.T("the youngest")
	case MostVotes:
		return s.t.T("the one who voted most often")
	default:
		return s.t.T("the last to register")
	}
}

func (s speaker) sample(x Step) string {
	if x.Whole {
		return s.t.T("everybody in %s of their households at random (seed %d)", s.t.Number(x.Take), x.Seed)
	}
	return s.t.T("%s of them at random (seed %d)", s.t.Number(x.Take), x.Seed)
}

func (s speaker) part(x Step) string {
	if x.Whole {
		return s.t.T("part %d of %d at random, households kept together (seed %d)", x.Part, x.Parts, x.Seed)
	}
	return s.t.T("part %d of %d at random (seed %d)", x.Part, x.Parts, x.Seed)
}

// capital makes the first letter of a sentence a capital.
func capital(all []Piece) []Piece {
	for i := range all {
		if r, n := utf8.DecodeRuneInString(all[i].Text); n > 0 {
			all[i].Text = string(unicode.ToUpper(r)) + all[i].Text[n:]
			break
		}
	}
	return all
}

// speaker says things about what a catalogue names in one language.
type speaker struct {
	cat *Catalog
	t   words.Translator
}

// phrase is a piece of its own.
func (s speaker) phrase(at Path, negative bool, text string) []Piece {
	return []Piece{{text, at, true, negative}}
}

// joint is a piece that joins others.
func (s speaker) joint(at Path, text string) Piece { return Piece{Text: text, Path: at} }

// say fills a sentence with pieces, in the order that the reader's language has them; the words between them join.
func (s speaker) say(at Path, sentence string, args ...[]Piece) []Piece {
	marks := make([]any, len(args))
	for i := range args {
		marks[i] = fmt.Sprintf("\x00%d\x00", i)
	}
	var out []Piece
	for i, part := range strings.Split(s.t.T(sentence, marks...), "\x00") {
		if i%2 == 1 {
			n := 0
			_, _ = fmt.Sscan(part, &n) // we wrote it
			out = append(out, args[n]...)
		} else if part != "" {
			out = append(out, s.joint(at, part))
		}
	}
	return out
}

// lit is a condition or its contrary, not a list all of whose members must be met.
type lit struct {
	Node
	at  Path
	neg bool
}

// children returns the nodes of a list, whether all of them (else one) must be met, and whether each is turned to its contrary.
func (l lit) children() (all []Node, every, neg, isList bool) {
	switch n := l.Node.(type) {
	case All:
		return n, !l.neg, l.neg, true
	case Any:
		return n, l.neg, l.neg, true
	case None:
		return n, !l.neg, !l.neg, true
	}
	return nil, false, false, false
}

// conj appends the conditions that somebody who meets n must all meet.
func (s speaker) conj(to []lit, n Node, at Path) []lit {
	return s.flat(to, lit{n, at, false}, true)
}

// flat appends the parts of l that are joined by and (every) or by or.
func (s speaker) flat(to []lit, l lit, every bool) []lit {
	all, isEvery, neg, isList := l.children()
	if !isList || len(all) != 1 && isEvery != every || len(all) == 0 && !every {
		return append(to, l)
	}
	for i, x := range all {
		to = s.flat(to, lit{x, l.at.child(i), neg}, every)
	}
	return to
}

// and joins what they do: a, b and c. Alternatives come last, the only ones as "either a or b".
func (s speaker) and(all []lit, at Path) []Piece {
	if len(all) == 0 {
		return s.phrase(at, false, s.t.T("are on the voter file"))
	}
	var simple, several [][]Piece
	var only lit
	for _, l := range all {
		if _, _, _, isList := l.children(); isList {
			only = l
			several = append(several, s.or(l, at))
		} else {
			simple = append(simple, s.vp(l))
		}
	}
	switch {
	case len(several) == 1 && len(simple) == 0:
		return several[0]
	case len(several) == 1 && len(s.flat(nil, only, false)) > 1:
		several[0] = s.say(only.at, "either %s", several[0])
	default:
		for i := range several {
			several[i] = s.say(at, "(%s)", several[i])
		}
	}
	return s.joined(append(simple, several...), at, " and ")
}

// or joins alternatives: a, b or c.
func (s speaker) or(l lit, at Path) []Piece {
	all := s.flat(nil, l, false)
	if len(all) == 1 {
		if n, every, _, isList := all[0].children(); isList && len(n) == 0 {
			return s.constant(all[0].at, every)
		}
	}
	var parts [][]Piece
	for _, x := range all {
		if n, _, _, isList := x.children(); isList {
			inner := s.and(s.flat(nil, x, true), x.at)
			if len(n) > 1 {
				inner = s.say(x.at, "(%s)", inner)
			}
			parts = append(parts, inner)
			continue
		}
		parts = append(parts, s.vp(x))
	}
	return s.joined(parts, at, " or ")
}

// constant says everybody or nobody.
func (s speaker) constant(at Path, everybody bool) []Piece {
	if everybody {
		return s.phrase(at, false, s.t.T("are on the voter file"))
	}
	return s.phrase(at, false, s.t.T("meet no condition at all"))
}

// joined lists parts with commas and the word before the last.
func (s speaker) joined(parts [][]Piece, at Path, word string) []Piece {
	var out []Piece
	for i, p := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1:
			out = append(out, s.joint(at, s.joiner(word, p)))
		default:
			out = append(out, s.joint(at, ", "))
		}
		out = append(out, p...)
	}
	return out
}

// joiner says and or or as the language has it before what follows: in Spanish "y" is "e" before the sound of an i, and "o" is "u" before that of an o.
func (s speaker) joiner(word string, next []Piece) string {
	text := strings.ToLower(strings.TrimLeft(Plain(next), "«“("))
	if s.t.Lang == words.ES {
		begins := func(all ...string) bool {
			for _, x := range all {
				if strings.HasPrefix(text, x) {
					return true
				}
			}
			return false
		}
		switch {
		case word == " and " && begins("i", "í", "hi") && !begins("hie", "hia", "ie", "ia"):
			return " e "
		case word == " or " && begins("o", "ó", "ho", "hó", "8", "11"):
			return " u "
		}
	}
	switch word {
	case " and ":
		return s.t.T(" and ")
	case " and in ":
		return s.t.T(" and in ")
	}
	return s.t.T(" or ")
}

// list joins words: "a, b or c". Of very many it names the first few and counts the others.
func (s speaker) list(all []string, word string) string {
	const most = 8
	if len(all) > most {
		all = append(all[:most-3:most-3], s.t.T("%s more", s.t.Number(int64(len(all)-most+3))))
	}
	var parts [][]Piece
	for _, x := range all {
		parts = append(parts, []Piece{{Text: x}})
	}
	return Plain(s.joined(parts, Path{}, word))
}

// people describes people as a noun with what they are, where they live, and what they did.
func (s speaker) people(all []lit, at Path) []Piece {
	if len(all) == 0 {
		return s.phrase(at, false, s.t.T("everybody on the voter file"))
	}
	h := s.head(all)
	out := h.noun
	// The forms with numbers set off their part with commas in Spanish, where the noun has adjectives.
	aged, in, who := "%s aged %s", "%s in %s", "%s who %s"
	if h.adjectives {
		aged, in = "%[1]s aged %[2]s", "%[1]s in %[2]s"
		if len(h.aged)+len(h.living) > 0 {
			who = "%[1]s who %[2]s"
		}
	}
	if len(h.aged) > 0 {
		out = s.say(at, aged, out, h.aged)
	}
	if len(h.living) > 0 {
		out = s.say(at, in, out, s.joined(h.living, at, " and in "))
	}
	if len(h.rest) > 0 {
		out = s.say(at, who, out, s.and(h.rest, at))
	}
	return out
}

// head is a description taken apart: one condition at most becomes the noun, its adjectives and the age.
type head struct {
	noun, aged []Piece
	living     [][]Piece
	rest       []lit
	adjectives bool
}

func (s speaker) head(all []lit) head {
	var h head
	var status, party, sex, age *lit
	for i := range all {
		l := &all[i]
		attr, names := s.slot(*l)
		switch {
		case attr == Status && status == nil:
			status = l
		case attr == Party && party == nil:
			party = l
		case attr == Sex && sex == nil:
			sex = l
		case attr == Age && age == nil:
			age = l
			h.aged = s.phrase(l.at, false, s.aged(l.Node.(Between)))
		case attr == Place:
			h.living = append(h.living, s.phrase(l.at, false, names))
		default:
			h.rest = append(h.rest, *l)
		}
	}
	h.adjectives = status != nil || party != nil
	h.noun = s.noun(status, party, sex, all[0].at.Step)
	return h
}

// slot says which place in the description of people a condition can take, and the words of a place to live in.
func (s speaker) slot(l lit) (Attr, string) {
	if l.neg {
		return "", ""
	}
	switch n := l.Node.(type) {
	case Is:
		for _, v := range n.Values {
			if v == "" {
				return "", ""
			}
		}
		switch {
		case n.Attr == Status, n.Attr == Party:
			return n.Attr, ""
		case n.Attr == Sex && len(n.Values) == 1 && (n.Values[0] == "F" || n.Values[0] == "M"):
			return Sex, ""
		case n.Attr.lives():
			return Place, s.places(n)
		}
	case Between:
		if n.Attr == Age && (n.From != nil || n.To != nil) {
			return Age, ""
		}
	case Inside:
		return Place, s.area(n)
	case Near:
		return Place, s.circle(n)
	}
	return "", ""
}

// noun says "active Democratic women", as far as there is something to say.
func (s speaker) noun(status, party, sex *lit, step int) []Piece {
	var st, pa []Piece
	if status != nil {
		st = s.phrase(status.at, false, s.values(status.Node.(Is)))
	}
	if party != nil {
		pa = s.phrase(party.at, false, s.values(party.Node.(Is)))
	}
	at := Path{Step: step}
	if sex == nil {
		switch {
		case st != nil && pa != nil:
			return s.say(at, "%[1]s %[2]s voters", st, pa)
		case st != nil:
			return s.say(at, "%[1]s voters", st)
		case pa != nil:
			return s.say(at, "%[2]s voters", nil, pa)
		}
		return []Piece{s.joint(at, s.t.T("people"))}
	}
	who := s.t.T("women")
	if sex.Node.(Is).Values[0] == "M" {
		who = s.t.T("men")
	}
	noun := s.phrase(sex.at, false, who)
	switch {
	case st != nil && pa != nil:
		return s.say(at, "%[1]s %[2]s %[3]s", st, pa, noun)
	case st != nil:
		return s.say(at, "%[1]s %[3]s", st, nil, noun)
	case pa != nil:
		return s.say(at, "%[2]s %[3]s", nil, pa, noun)
	}
	return noun
}

// short says the conditions of one step: a single one in the form it has in a description.
func (s speaker) short(all []lit, at Path, left bool) []Piece {
	out := s.and(all, at)
	if len(all) == 1 {
		switch attr, names := s.slot(all[0]); attr {
		case Age:
			out = s.say(at, "aged %s", s.phrase(all[0].at, false, s.aged(all[0].Node.(Between))))
		case Place:
			out = s.say(at, "in %s", s.phrase(all[0].at, false, names))
		}
	}
	if left {
		for i := range out {
			out[i].Negative = true
		}
	}
	return out
}
