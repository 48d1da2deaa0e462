package place

import (
	"golang.org/x/text/unicode/norm"
)

// Key returns the number that an address has everywhere in Precinct: in field_person.address_key and in
// place_address.key. house is the house number with its letter or fraction ("1140", "12 1/2", "37-15"), street the
// rest of the line without the unit ("N Cedar Street"), zip five or nine digits. Two spellings of one address have
// one key: case, accents, punctuation and spaces do not count, and directions, street types, ordinals and highways
// are brought to the short forms of USPS Publication 28 (§233–§235, appendices C1 and F).
//
// Where there is a ZIP code the city does not count, since files name the post office, the town or the township as
// they please. Units share the key of their building. Key is 0 when the address cannot say where it is: no street,
// or neither city nor ZIP code.
//
// The keys are stored: a change to this function is a migration of every voter file.
func Key(house, street, city, zip string) int64 {
	var k keyText
	k.splitStreet(street)
	if k.n == 0 {
		return 0
	}
	h := hash64(fnvOffset)
	h.house(house)
	h.byte('|')
	k.shorten()
	for i := range k.n {
		h.text(k.word[i])
		h.byte(' ')
	}
	h.byte('|')
	if !h.zip(zip) && !h.city(city) {
		return 0
	}
	if sum := int64(h.mixed()); sum != 0 {
		return sum
	}
	return 1
}

// hash64 is FNV-1a, 64 bits, with the finaliser of MurmurHash3: short texts that differ in one letter end far apart.
type hash64 uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (h *hash64) byte(c byte) { *h = (*h ^ hash64(c)) * fnvPrime }

func (h *hash64) text(s string) {
	for i := range len(s) {
		h.byte(s[i])
	}
}

func (h hash64) mixed() uint64 {
	x := uint64(h)
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// house adds a house number without leading zeros, hyphens and spaces; a space stays between two numbers ("12 1/2").
func (h *hash64) house(s string) {
	last, space := byte(0), false
	for i := range len(s) {
		c := upper(s[i])
		if c == ' ' || c == '\t' {
			space = true
			continue
		}
		if !letterOrDigit(c) && c != '/' || c == '0' && last == 0 {
			continue
		}
		if space && isDigit(last) && isDigit(c) {
			h.byte(' ')
		}
		h.byte(c)
		last, space = c, false
	}
}

// zip adds the first five digits and reports whether there were five.
func (h *hash64) zip(s string) bool {
	n := 0
	before := *h
	for i := 0; i < len(s) && n < 5; i++ {
		if isDigit(s[i]) {
			h.byte(s[i])
			n++
		}
	}
	if n < 5 {
		*h = before
	}
	return n == 5
}

// city adds the city's letters and digits, SAINT, MOUNT and FORT short, and reports whether there were any.
func (h *hash64) city(s string) bool {
	var k keyText
	k.splitStreet(s)
	for i := range k.n {
		if short, ok := nameWords[k.word[i]]; ok {
			k.word[i] = short
		}
		h.text(k.word[i])
	}
	return k.n > 0
}

// keyText holds the words of one street in upper case. What has more words is cut: no street has.
type keyText struct {
	word [12]string
	n    int
}

// splitStreet fills word with the upper-case words of s.
func (k *keyText) splitStreet(s string) {
	s = clean(s)
	from := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != ' ' {
			continue
		}
		if i > from && k.n < len(k.word) {
			k.word[k.n] = s[from:i]
			k.n++
		}
		from = i + 1
	}
}

// clean returns s in upper-case letters, digits and spaces. Dots and apostrophes vanish; what else is no letter or
// digit becomes a space. Most files are in upper case already: then nothing is copied.
func clean(s string) string {
	if !ascii(s) {
		s = unaccent(s)
	}
	i := 0
	for i < len(s) && (letterOrDigit(s[i]) || s[i] == ' ') {
		i++
	}
	if i == len(s) {
		return s
	}
	out := make([]byte, i, len(s))
	copy(out, s)
	for ; i < len(s); i++ {
		switch c := upper(s[i]); {
		case letterOrDigit(c):
			out = append(out, c)
		case c != '.' && c != '\'':
			out = append(out, ' ')
		}
	}
	return string(out)
}

// ascii reports whether s needs no folding.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// unaccent drops what norm.NFD splits off a letter and keeps every other letter as it is.
func unaccent(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case r < 0x80:
			out = append(out, byte(r))
		case r == '’' || r >= 0x300 && r <= 0x36f: // an apostrophe; combining marks
		default:
			out = append(out, ' ')
		}
	}
	return string(out)
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func letterOrDigit(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' }
