package person

import (
	"context"
	"slices"
	"strings"
)

// phone finds the number as typed, or seven digits behind every area code of the files.
func (s *finder) phone(ctx context.Context) error {
	numbers := []string{s.q.digits}
	if len(s.q.digits) == 7 {
		numbers = nil
		for _, l := range s.lex {
			for _, area := range l.areas {
				if n := area + s.q.digits; !slices.Contains(numbers, n) {
					numbers = append(numbers, n)
				}
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	rows, err := s.p.byPhone(ctx, s.f, numbers, MostHits+1)
	return s.takeAs(rows, err, same, WhyPhone)
}

func (s *finder) takeAs(rows []row, err error, cost int, why Why) error {
	s.more = s.more || len(rows) > MostHits
	for _, r := range rows {
		s.keep(r, reading{cost, []Why{why}})
	}
	return err
}

// stateID finds a whole voter id, or for those who may browse the beginning of one.
func (s *finder) stateID(ctx context.Context) error {
	rows, err := s.p.byStateID(ctx, s.f, s.q.id, MostHits+1)
	if err := s.takeAs(rows, err, same, WhyStateID); err != nil || len(rows) > 0 || !s.browse || len(s.q.id) < 5 {
		return err
	}
	rows, err = s.p.byStateIDBeginning(ctx, s.f, s.q.id, MostHits+1)
	return s.takeAs(rows, err, begins, WhyStateID)
}

// address finds the house on the street whose name is as typed, or else nearly so; words after the street rank the results.
func (s *finder) address(ctx context.Context) error {
	ways := streetCandidates(s.q.street)
	for _, how := range []func(string) []candidate{s.exactly(streetWord), s.roughly(streetWord, 12)} {
		for _, way := range ways {
			words := how(way.key)
			if len(words) == 0 {
				continue
			}
			rows, err := s.p.byStreet(ctx, s.f, wordsOf(words), s.q.house, rowsAtMost)
			if err != nil {
				return err
			}
			s.more = s.more || len(rows) >= rowsAtMost
			kept := 0
			for i := range rows {
				if !sameHouse(rows[i].House, s.q.house) {
					continue
				}
				kept++
				cost := costOf(words, rows[i].StreetKey) + s.restOfAddress(&rows[i], s.q.street[way.to:])
				s.keep(rows[i], reading{cost, []Why{WhyAddress}})
			}
			if kept > 0 {
				return nil
			}
		}
	}
	return nil
}

func wordsOf(all []candidate) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = c.word
	}
	return out
}

func costOf(all []candidate, word string) int {
	for _, c := range all {
		if c.word == word {
			return c.cost
		}
	}
	return far
}

// sameHouse compares a house number as stored ("1140", "1140 1/2", "1140A") with the one typed.
func sameHouse(stored, typed string) bool {
	if typed == "" {
		return true
	}
	rest, ok := strings.CutPrefix(strings.ToUpper(stored), typed)
	return ok && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

// restOfAddress weighs what was typed after the street: a unit, a city, a zip code.
func (s *finder) restOfAddress(r *row, words []string) int {
	w := r.words()
	cost := 0
	for _, x := range words {
		switch {
		case slices.Contains(streetTypes, x), slices.Contains(directions, x), slices.Contains(unitWords, x), x == strings.ToLower(r.Unit), w.others[x]:
		case len(x) == 2 && !numeric(x): // a state
		case numeric(x) && strings.HasPrefix(r.Zip, x):
		default:
			cost += min(2, restCost(x, w))
		}
	}
	return cost
}

var unitWords = []string{"apt", "apartment", "unit", "ste", "suite", "lot", "trlr", "rm", "room", "fl", "floor", "bldg", "no"}

// exactly returns the word itself when the files have it; without lexicons every word is taken.
func (s *finder) exactly(kind wordKind) func(string) []candidate {
	return func(w string) []candidate {
		if len(s.lex) == 0 {
			return []candidate{{w, same}}
		}
		for _, l := range s.lex {
			if l.of[kind].has(w) {
				return []candidate{{w, same}}
			}
		}
		return nil
	}
}

// roughly returns the words of the files that begin with w or are nearly w.
func (s *finder) roughly(kind wordKind, most int) func(string) []candidate {
	return func(w string) []candidate {
		var all []candidate
		for _, l := range s.lex {
			if len(w) >= 3 {
				all = append(all, l.of[kind].prefixed(w, most/2)...)
			}
			all = append(all, l.of[kind].alike(w, most)...)
		}
		return all
	}
}

// name finds people by name in steps, each slower and more forgiving than the one before, and stops when there are enough, or
// when somebody is named by every one of three words or more, a year of birth and a zip code among them.
func (s *finder) name(ctx context.Context) error {
	if len(s.q.names) == 1 {
		return s.oneName(ctx)
	}
	n := s.gather()
	for _, try := range []func(context.Context, *nameWords) error{s.asTyped, s.byBeginning, s.byMiddleName, s.oneWrong, s.allWrong} {
		if err := try(ctx, n); err != nil {
			return err
		}
		if s.good() >= enough || s.told() > 2 && s.exact() {
			return nil
		}
	}
	return nil
}

// told returns how many words narrow the query to one person.
func (s *finder) told() int {
	return len(s.q.names) + btoi(s.q.year != 0 && s.score.useYear) + btoi(s.q.zip != "")
}

// exact reports whether somebody matches to the letter.
func (s *finder) exact() bool {
	for _, h := range s.hits {
		if h.cost <= costOrder {
			return true
		}
	}
	return false
}

// nameWords are the words of the files that the words of the query may mean, by how surely.
type nameWords struct {
	last, first []string   // as typed; first with nicknames
	lastLike    [][]string // of each single word of the query: begun or misspelled
	firstLike   [][]string
}

func (s *finder) gather() *nameWords {
	n := &nameWords{}
	isLast, isFirst := s.exactly(lastWord), s.exactly(firstWord)
	for _, sp := range s.score.last {
		if sp.to-sp.from < len(s.q.names) {
			n.last = append(n.last, wordsOf(isLast(sp.key))...)
		}
	}
	for _, sp := range s.score.first {
		if sp.to-sp.from < len(s.q.names) {
			n.first = append(n.first, wordsOf(isFirst(sp.key))...)
			for _, nick := range nicknameOf[sp.key] {
				n.first = append(n.first, wordsOf(isFirst(nick))...)
			}
		}
	}
	slices.Sort(n.first)
	n.first = slices.Compact(n.first)
	return n
}

// likes finds the misspelled words, once, when a step needs them.
func (s *finder) likes(n *nameWords) {
	if n.lastLike != nil {
		return
	}
	most := 40
	if len(s.q.names) > 2 || s.exact() {
		most = 16
	}
	for _, w := range s.q.names {
		n.lastLike = append(n.lastLike, wordsOf(s.roughly(lastWord, most)(w)))
		n.firstLike = append(n.firstLike, wordsOf(s.roughly(firstWord, most)(w)))
	}
}

// pairs reads the people with one of these last names, or parts of one, and one of these first names.
func (s *finder) pairs(ctx context.Context, last, first []string) error {
	if len(last) == 0 || len(first) == 0 {
		return nil
	}
	rows, err := s.p.byPairs(ctx, s.f, last, first, narrow{}, rowsAtMost)
	if err != nil {
		return err
	}
	if len(rows) == rowsAtMost {
		if err := s.narrowed(ctx, last, first); err != nil {
			return err
		}
	}
	s.take(rows, rowsAtMost)
	return nil
}

// parts reads the people with one of these words as a part of a double last name.
func (s *finder) parts(ctx context.Context, last, first []string) error {
	if len(last) == 0 || len(first) == 0 {
		return nil
	}
	rows, err := s.p.byParts(ctx, s.f, last, first, rowsAtMost)
	s.take(rows, rowsAtMost)
	return err
}

// narrowed reads again, of a name that very many people have, those with the city, middle name, zip code or year also typed.
func (s *finder) narrowed(ctx context.Context, last, first []string) error {
	by := []narrow{}
	if s.q.zip != "" {
		by = append(by, narrow{zip: s.q.zip})
	}
	if s.q.year != 0 && s.score.useYear {
		by = append(by, narrow{year: s.q.year})
	}
	if len(s.q.names) > 2 {
		for _, w := range s.q.names {
			by = append(by, narrow{word: strings.ToUpper(w)})
		}
	}
	for _, n := range by {
		rows, err := s.p.byPairs(ctx, s.f, last, first, n, rowsAtMost)
		if err != nil {
			return err
		}
		s.take(rows, rowsAtMost)
	}
	return nil
}

func (s *finder) asTyped(ctx context.Context, n *nameWords) error {
	if err := s.pairs(ctx, n.last, n.first); err != nil {
		return err
	}
	return s.parts(ctx, n.last, n.first)
}

// byBeginning takes each word as the beginning of a first name ("j smith", "rob alvarez").
func (s *finder) byBeginning(ctx context.Context, n *nameWords) error {
	for _, w := range s.q.names {
		last := without(n.last, w)
		if len(last) == 0 || len(w) < 3 && !s.browse {
			continue
		}
		rows, err := s.p.byLastAndBeginning(ctx, s.f, last, w, rowsAtMost)
		if err != nil {
			return err
		}
		s.take(rows, rowsAtMost)
	}
	return nil
}

// byMiddleName finds those who go by their middle name, or by the second of two first names.
func (s *finder) byMiddleName(ctx context.Context, n *nameWords) error {
	for _, w := range s.q.names {
		last := without(n.last, w)
		if len(last) == 0 || len(w) < 3 {
			continue
		}
		for _, read := range []func(context.Context, fence, []string, string, int) ([]row, error){s.p.byMiddle, s.p.bySecondFirst} {
			rows, err := read(ctx, s.f, last[:min(len(last), 4)], strings.ToUpper(w), MostHits)
			if err != nil {
				return err
			}
			s.take(rows, MostHits)
		}
	}
	return nil
}

func without(all []string, w string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(x string) bool { return x == w })
}

// oneWrong takes one of the two names as typed and the other as misspelled.
func (s *finder) oneWrong(ctx context.Context, n *nameWords) error {
	s.likes(n)
	before := len(s.hits)
	for _, read := range []func(context.Context, []string, []string) error{s.pairs, s.parts} {
		for i, w := range s.q.names {
			if err := read(ctx, without(n.last, w), n.firstLike[i]); err != nil {
				return err
			}
			if err := read(ctx, n.lastLike[i], s.firstsBut(n, w)); err != nil {
				return err
			}
		}
		if len(s.hits) > before {
			return nil
		}
	}
	return nil
}

// firstsBut returns the first names as typed, with nicknames, that do not come from w.
func (s *finder) firstsBut(n *nameWords, w string) []string {
	return slices.DeleteFunc(slices.Clone(n.first), func(x string) bool { return x == w || sameByNickname(w, x) })
}

// allWrong takes both names as misspelled.
func (s *finder) allWrong(ctx context.Context, n *nameWords) error {
	if len(s.hits) > 0 {
		return nil
	}
	for i := range s.q.names {
		for j := range s.q.names {
			if i == j || len(s.q.names) > 3 && i != j+1 && j != i+1 {
				continue
			}
			if err := s.pairs(ctx, n.lastLike[i], n.firstLike[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
