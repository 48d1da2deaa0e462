package person

import (
	"strings"
	"unicode"
)

// listName writes a name as lists do: "Aguilar, Rosa Elena, Jr".
func listName(last, first, middle, suffix string) string {
	s := Proper(last)
	if given := strings.TrimSpace(Proper(first) + " " + Proper(middle)); given != "" {
		s += ", " + given
	}
	if suffix != "" {
		s += ", " + properSuffix(suffix)
	}
	return s
}

// spokenName writes a name as people say it: "Rosa Elena Aguilar Jr".
func spokenName(last, first, suffix string) string {
	s := strings.TrimSpace(Proper(first) + " " + Proper(last))
	if suffix != "" {
		s += " " + properSuffix(suffix)
	}
	return s
}

// Proper gives a name written in capitals the case people use; a name that has lower-case letters already is left alone.
func Proper(s string) string {
	if strings.ContainsFunc(s, unicode.IsLower) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	up, word := true, 0
	for i, r := range s {
		if up {
			word = i
			b.WriteRune(r)
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		mc := i == word+1 && s[word] == 'M' && r == 'C'
		up = mc || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	return b.String()
}

// keepUpper are the words of an address that stay in capitals.
var keepUpper = map[string]bool{"N": true, "S": true, "E": true, "W": true, "NE": true, "NW": true, "SE": true, "SW": true, "PO": true,
	"RR": true, "HC": true, "US": true, "NC": true, "II": true, "III": true}

// ProperAddress gives an address line or a city written in capitals the case people use: "1140 N Cedar St Apt 3B", "5th Ave".
func ProperAddress(s string) string {
	if strings.ContainsFunc(s, unicode.IsLower) {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		switch {
		case keepUpper[strings.Trim(w, ".,")]:
		case ordinal(strings.ToLower(w)):
			words[i] = strings.ToLower(w)
		case w[0] < '0' || w[0] > '9':
			words[i] = Proper(w)
		}
	}
	return strings.Join(words, " ")
}

func properSuffix(s string) string {
	if strings.Trim(s, "IVX") == "" {
		return s
	}
	return Proper(s)
}
