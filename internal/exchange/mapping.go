package exchange

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/openprecinct/precinct/internal/fault"
)

// Mapping says which header of a file holds which column of a noun: column key → header.
type Mapping map[string]string

// Suggest maps what the headers say by themselves: equal names first, then names of which one contains the other's words.
// A header is given to one column only. What stays unclear is left to the reader.
func Suggest(n Noun, headers []string) Mapping {
	m := Mapping{}
	taken := make([]bool, len(headers))
	for _, like := range []func(name, header string) bool{
		func(name, header string) bool { return folded(name) == folded(header) },
		func(name, header string) bool { return within(name, header) },
	} {
		for _, c := range n.Columns {
			if m[c.Key] != "" {
				continue
			}
			names := append([]string{c.Label, c.Key}, c.Names...)
			for i, h := range headers {
				if taken[i] || !slices.ContainsFunc(names, func(name string) bool { return like(name, h) }) {
					continue
				}
				m[c.Key], taken[i] = h, true
				break
			}
		}
	}
	return m
}

// folded leaves only letters and digits, in lower case.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// within reports whether every word of name is a word of header, as in "Home Phone" for "phone".
func within(name, header string) bool {
	have := wordsOf(header)
	want := wordsOf(name)
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return len(want) > 0
}

// wordsOf splits "HomePhone", "home_phone" and "Home Phone" alike.
func wordsOf(s string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Check reports what is wrong with m for files with these headers: an unknown column, a header that is not there or is used
// twice, a required column without a header.
func (m Mapping) Check(n Noun, headers []string) error {
	var in fault.Inputs
	used := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		h := m[key]
		switch {
		case h == "":
		case !n.has(key):
			in.Add(key, "There is no column %q here.", key)
		case !slices.Contains(headers, h):
			in.Add(key, "The file has no column %q. It has: %s.", h, strings.Join(headers, ", "))
		case used[h] != "":
			in.Add(key, "The file's column %q is used twice.", h)
		}
		used[h] = key
	}
	for _, c := range n.Columns {
		if c.Required && m[c.Key] == "" {
			in.Add(c.Key, "Choose the file's column for %s. A row cannot be taken without it.", c.Label)
		}
	}
	return in.Or()
}
