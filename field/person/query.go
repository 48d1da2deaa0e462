package person

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/person/personkey"
	"github.com/openprecinct/precinct/internal/fault"
)

// Way is one way to read what was typed.
type Way string

// The ways, as told to the one who searched.
const (
	ByName         Way = "name"
	ByAddress      Way = "address"
	ByPhone        Way = "phone"
	ByStateID      Way = "id"
	ByEmailAddress Way = "email"
)

const (
	longestQuery = 120 // letters
	mostWords    = 7
)

// query is what was typed, taken apart; several readings may hold at once ("2003 Cedar" is an address or a name with a year).
type query struct {
	names  []string // words of a name, and words that only narrow it: a city, a second name
	comma  int      // how many of names stood before a comma, 0 without one: "Aguilar, Rosa"
	year   int      // a year of birth beside a name
	zip    string   // five digits beside a name
	digits string   // a phone number: seven or ten digits
	email  string   // an email address or, of four letters or more, its beginning; lower case
	id     string   // a voter id without blanks and hyphens, upper case
	house  string   // of an address
	street []string // words after the house number, or before a street type
}

// titles are words around a name that nobody is registered under.
var titles = []string{"mr", "mrs", "ms", "miss", "dr", "sr", "sra", "srta", "don", "dona"}

// streetTypes mark a street without a house number and are no part of street_key.
var streetTypes = []string{"st", "street", "ave", "av", "avenue", "rd", "road", "dr", "drive", "ln", "lane", "ct", "court", "blvd", "boulevard",
	"cir", "circle", "pl", "place", "way", "ter", "terrace", "trl", "trail", "pkwy", "parkway", "hwy", "highway", "loop", "run", "sq", "square",
	"pike", "cv", "cove", "xing", "crossing", "aly", "alley", "pt", "point", "ext", "row", "walk", "path"}

var directions = []string{"n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"}

// parseQuery takes one line apart. It refuses what is empty or too long to be one person.
func parseQuery(line string) (query, error) {
	line = strings.TrimSpace(strings.ToValidUTF8(line, " "))
	if utf8.RuneCountInString(line) > longestQuery {
		return query{}, fault.Invalidf("This is too long for one person. Give a name, an address, a phone number or a voter id.")
	}
	var q query
	digits, letters := count(line)
	if digits == 0 && letters == 0 {
		return query{}, fault.Invalidf("Give a name, an address, a phone number or a voter id.")
	}
	q.email = emailOf(line)
	if strings.Contains(q.email, "@") {
		return q, nil
	}
	q.digits = phoneDigits(line, letters)
	q.id = stateID(line, digits)
	before, after, comma := strings.Cut(line, ",")
	words := personkey.Words(before)
	split := len(words)
	words = append(words, personkey.Words(after)...)
	q.readAddress(words, line)
	for i, w := range words {
		switch {
		case len(w) == 4 && numeric(w) && w >= "1890" && w <= "2019":
			q.year = atoi(w)
		case len(w) == 5 && numeric(w):
			q.zip = w
		case numeric(w), slices.Contains(titles, w) && len(words) > 2:
		case len(q.names) < mostWords && len(w) <= longestWord:
			q.names = append(q.names, w)
			if comma && i < split {
				q.comma = len(q.names)
			}
		}
	}
	if q.comma == len(q.names) || q.house != "" && q.comma > 0 {
		q.comma = 0
	}
	return q, nil
}

func count(s string) (digits, letters int) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits, letters
}

// phoneDigits returns ten or seven digits when s is nothing but a phone number.
func phoneDigits(s string, letters int) string {
	if letters > 0 {
		return ""
	}
	d := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	if len(d) != 7 && len(d) != 10 {
		return ""
	}
	return d
}

// emailOf returns s in lower case when it may be an email address, or the beginning of one that no name looks like: one word with a
// dot, an underscore or a digit beside its letters.
func emailOf(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">"))
	marks, letters := 0, 0
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			letters++
		case r >= '0' && r <= '9', r == '.', r == '_', r == '@':
			marks++
		case !strings.ContainsRune("!#$%&'*+-/=?^`{|}~", r):
			return ""
		}
	}
	if marks == 0 || letters == 0 || len(s) < emailBegins || strings.Count(s, "@") > 1 {
		return ""
	}
	return s
}

// stateID returns s as a voter id when it may be one: four digits or more, at most four letters, no other marks than blanks and
// hyphens, and not a house number with a street.
func stateID(s string, digits int) string {
	var b strings.Builder
	letters := 0
	for _, r := range strings.ToUpper(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			letters++
			b.WriteRune(r)
		case r == ' ' || r == '-':
		default:
			return ""
		}
	}
	if digits < 4 || letters > 4 || b.Len() > 24 {
		return ""
	}
	return b.String()
}

// readAddress finds a house number with a street after it, or a street with its type.
func (q *query) readAddress(words []string, line string) {
	if len(words) < 2 {
		return
	}
	if first := words[0]; first[0] >= '0' && first[0] <= '9' && len(first) <= 8 && !ordinal(first) {
		house, rest := houseOf(line, words)
		if _, letters := count(strings.Join(rest, "")); letters > 0 {
			q.house, q.street = house, rest
		}
		return
	}
	for i, w := range words[1:] {
		if slices.Contains(streetTypes, w) && i < 5 {
			q.street = words
			return
		}
	}
}

func ordinal(w string) bool {
	return len(w) > 2 && (strings.HasSuffix(w, "st") || strings.HasSuffix(w, "nd") || strings.HasSuffix(w, "rd") || strings.HasSuffix(w, "th")) &&
		numeric(w[:len(w)-2])
}

// houseOf returns the house number as it is stored, hyphens kept ("37-15"), and the words after it.
func houseOf(line string, words []string) (house string, rest []string) {
	house = strings.ToUpper(strings.Trim(strings.Fields(line)[0], ",;"))
	n := len(personkey.Words(house))
	return house, words[min(n, len(words)):]
}

// streetCandidates returns the ways in which the words may begin with a street's key, each with how many words it took: without
// directions and types, longest first.
func streetCandidates(words []string) []span {
	start := 0
	for start < len(words)-1 && slices.Contains(directions, words[start]) {
		start++
	}
	var all []span
	for _, from := range []int{start, 0} {
		key := ""
		for i := from; i < min(len(words), from+5); i++ {
			if i > from && slices.Contains(streetTypes, words[i]) {
				break
			}
			key += words[i]
			all = append(all, span{key: key, from: 0, to: i + 1})
		}
		if start == 0 {
			break
		}
	}
	slices.Reverse(all)
	return all
}

// span is words[from:to] of the query joined: "de la cruz" is one last name.
type span struct {
	key      string
	from, to int
}

// spans returns all runs of up to most words, single ones first.
func spans(words []string, most int) []span {
	var all []span
	for n := 1; n <= most; n++ {
		for i := 0; i+n <= len(words); i++ {
			all = append(all, span{strings.Join(words[i:i+n], ""), i, i + n})
		}
	}
	return all
}

func (s span) overlaps(t span) bool { return s.from < t.to && t.from < s.to }

func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// atoi reads a few digits.
func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
