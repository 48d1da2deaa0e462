// Package personkey folds names and streets to the keys that the import writes and a look-up compares.
//
// The keys are stored: a change to this package is a migration of every voter file.
package personkey

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s as plain lower-case letters a–z and digits, without accents, spaces and punctuation: "Núñez-O'Neal" is
// "nunezoneal", "DE LA CRUZ" is "delacruz". Letters of other alphabets vanish.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	return string(AppendFold(make([]byte, 0, len(s)), s))
}

func folded(s string) bool {
	for i := range len(s) {
		if !plain(s[i]) {
			return false
		}
	}
	return true
}

func plain(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// AppendFold appends Fold(s) to dst, without an allocation of its own when s is ASCII.
func AppendFold(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return appendFoldRunes(dst, s[i:])
		}
		dst = appendPlain(dst, s[i])
	}
	return dst
}

func appendPlain(dst []byte, c byte) []byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	if plain(c) {
		dst = append(dst, c)
	}
	return dst
}

func appendFoldRunes(dst []byte, s string) []byte {
	for _, r := range norm.NFD.String(s) {
		if r < 0x80 {
			dst = appendPlain(dst, byte(r))
			continue
		}
		dst = append(dst, letters[r]...)
	}
	return dst
}

// letters spells the letters that Unicode does not take apart.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ı': "i", 'ħ': "h", 'Ħ': "h",
}

// Words parts s at spaces, hyphens and every other mark but apostrophes and dots, and folds each part:
// "García-Lopez" is "garcia", "lopez"; "O'Neal Jr." is "oneal", "jr".
func Words(s string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(s, parts) {
		if w := Fold(part); w != "" {
			all = append(all, w)
		}
	}
	return all
}

func parts(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '\'', r == '.', r == '’', r == '`':
		return false
	}
	return r < 0x80
}

// particles belong to the word after them.
var particles = map[string]bool{
	"a": true, "al": true, "bin": true, "da": true, "das": true, "de": true, "del": true, "della": true, "den": true, "der": true,
	"di": true, "do": true, "dos": true, "du": true, "el": true, "ibn": true, "la": true, "las": true, "le": true, "los": true,
	"mac": true, "mc": true, "san": true, "santa": true, "st": true, "ten": true, "van": true, "vande": true, "vander": true,
	"von": true, "y": true, "e": true,
}

// Parts returns the words under which a last name of several parts is found besides its whole Fold, each once, in order:
// "López García" gives lopez, garcia; "de la Cruz Soto" gives delacruz, cruz, soto; "Smith" gives none.
func Parts(last string) []string {
	words := Words(last)
	if len(words) < 2 {
		return nil
	}
	whole := strings.Join(words, "")
	var all []string
	add := func(w string) {
		if len(w) > 1 && w != whole && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	prefix := ""
	for _, w := range words {
		if particles[w] {
			prefix += w
			continue
		}
		if prefix != "" && prefix != "y" && prefix != "e" {
			add(prefix + w)
		}
		add(w)
		prefix = ""
	}
	return all
}
