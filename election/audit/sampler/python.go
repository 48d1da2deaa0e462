package sampler

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Key names a batch. It is a tuple of texts, each of which may be missing — (jurisdiction, tabulator, batch) with no tabulator —, or one bare text.
// In JSON it is a list of texts and nulls, or a text.
type Key struct {
	parts []part
	bare  bool
}

type part struct {
	text string
	none bool
}

// Tuple makes a key of texts.
func Tuple(texts ...string) Key {
	k := Key{parts: make([]part, len(texts))}
	for i, t := range texts {
		k.parts[i].text = t
	}
	return k
}

// Bare makes a key that is one text and no tuple.
func Bare(text string) Key { return Key{[]part{{text: text}}, true} }

// Without returns the key with its i-th text missing.
func (k Key) Without(i int) Key {
	k.parts = slices.Clone(k.parts)
	k.parts[i] = part{none: true}
	return k
}

// Texts returns the texts of the key, "" for one that is missing.
func (k Key) Texts() []string {
	all := make([]string, len(k.parts))
	for i, p := range k.parts {
		all[i] = p.text
	}
	return all
}

// Compare orders keys as Python orders tuples: text by text, by code points; a missing text comes first.
func (k Key) Compare(other Key) int {
	return slices.CompareFunc(k.parts, other.parts, func(a, b part) int {
		switch {
		case a.none && b.none:
			return 0
		case a.none:
			return -1
		case b.none:
			return 1
		}
		return strings.Compare(a.text, b.text)
	})
}

// String is what Python's str() prints: a bare text is itself, a tuple is ('a', None, "it's").
func (k Key) String() string {
	if k.bare {
		return k.parts[0].text
	}
	return k.repr()
}

// repr is what Python prints for the key inside a tuple.
func (k Key) repr() string {
	if k.bare {
		return Repr(k.parts[0].text)
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, p := range k.parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.none {
			b.WriteString("None")
		} else {
			b.WriteString(Repr(p.text))
		}
	}
	if len(k.parts) == 1 {
		b.WriteByte(',')
	}
	b.WriteByte(')')
	return b.String()
}

// Repr is what Python's repr() prints for a text: single quotes, or double quotes if there are single ones and no double ones inside; a backslash before
// backslashes and the quotes in use; \n, \r and \t; and what cannot be printed as \xNN, \uNNNN or \UNNNNNNNN.
func Repr(text string) string {
	quote := '\''
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range text {
		switch {
		case r == quote || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// MarshalJSON writes a list of texts and nulls, or a text.
func (k Key) MarshalJSON() ([]byte, error) {
	if k.bare {
		return json.Marshal(k.parts[0].text)
	}
	list := make([]*string, len(k.parts))
	for i := range k.parts {
		if !k.parts[i].none {
			list[i] = &k.parts[i].text
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (k *Key) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil && len(b) > 0 && b[0] == '"' {
		*k = Bare(text)
		return nil
	}
	var list []*string
	if err := json.Unmarshal(b, &list); err != nil || list == nil {
		return errors.New("a batch is named by a text or by a list of texts and nulls")
	}
	*k = Key{parts: make([]part, len(list))}
	for i, t := range list {
		if t == nil {
			k.parts[i].none = true
		} else {
			k.parts[i].text = *t
		}
	}
	return nil
}

// ErrPython means that a text is not a tuple of texts as Python prints it.
var ErrPython = errors.New("not a tuple of texts as Python prints it")

// ParseKey reads what String prints for a tuple. It takes only what Python prints, so that a key has one text.
func ParseKey(s string) (Key, error) {
	k := Key{}
	rest, ok := strings.CutPrefix(s, "(")
	if !ok {
		return k, ErrPython
	}
	for !strings.HasPrefix(rest, ")") {
		var p part
		if after, ok := strings.CutPrefix(rest, "None"); ok {
			p.none, rest = true, after
		} else {
			text, after, err := parseText(rest)
			if err != nil {
				return Key{}, err
			}
			p.text, rest = text, after
		}
		k.parts = append(k.parts, p)
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, ","), " ")
		if rest == "" {
			return Key{}, ErrPython
		}
	}
	if k.repr() != s {
		return Key{}, ErrPython
	}
	return k, nil
}

// parseText reads one text in quotes and returns what follows it.
func parseText(s string) (text, rest string, err error) {
	if s == "" || s[0] != '\'' && s[0] != '"' {
		return "", "", ErrPython
	}
	quote, s := s[0], s[1:]
	var b strings.Builder
	for s != "" {
		if s[0] == quote {
			return b.String(), s[1:], nil
		}
		r, n := utf8.DecodeRuneInString(s)
		if s[0] == '\\' {
			if r, n, err = parseEscape(s); err != nil {
				return "", "", err
			}
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return "", "", ErrPython
}

// parseEscape reads one escape and says how long it is.
func parseEscape(s string) (r rune, n int, err error) {
	if len(s) < 2 {
		return 0, 0, ErrPython
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	switch {
	case digits == 0:
		plain, ok := map[byte]rune{'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '\'': '\'', '"': '"'}[s[1]]
		if !ok {
			return 0, 0, ErrPython
		}
		return plain, 2, nil
	case len(s) < 2+digits:
		return 0, 0, ErrPython
	}
	for _, d := range []byte(s[2 : 2+digits]) {
		v := strings.IndexByte("0123456789abcdef", d)
		if v < 0 || r > unicode.MaxRune {
			return 0, 0, ErrPython
		}
		r = r<<4 | rune(v) // #nosec G115 -- a digit
	}
	return r, 2 + digits, nil
}
