// Package words finds the sentence for a reader in the reader's language.
//
// The English sentence is the key. Spanish comes from JSON objects {"English": "Spanish"} that lie
// beside the code that says the sentence; a test of the whole repository finds missing and dead ones.
package words

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Lang is a language the product speaks, as in an HTML lang attribute.
type Lang string

// The languages the product speaks.
const (
	EN Lang = "en"
	ES Lang = "es"
)

// ParseLang returns the language named s ("es", "es-MX"), or EN and false.
func ParseLang(s string) (Lang, bool) {
	tag, _, _ := strings.Cut(strings.ToLower(s), "-")
	switch Lang(tag) {
	case ES:
		return ES, true
	case EN:
		return EN, true
	}
	return EN, false
}

// Other returns the language the switch in the bar offers.
func (l Lang) Other() Lang {
	if l == ES {
		return EN
	}
	return ES
}

// Name returns the language's own name.
func (l Lang) Name() string {
	if l == ES {
		return "Español"
	}
	return "English"
}

// Catalog holds the Spanish for every English sentence.
type Catalog struct{ es map[string]string }

// NewCatalog joins JSON objects of English to Spanish. The same sentence with two different
// translations is an error, and so is a translation whose verbs differ from its sentence's.
func NewCatalog(files ...[]byte) (*Catalog, error) {
	c := &Catalog{es: map[string]string{}}
	for _, f := range files {
		var m map[string]string
		if err := json.Unmarshal(f, &m); err != nil {
			return nil, fmt.Errorf("reading Spanish sentences: %w", err)
		}
		for en, es := range m {
			if old, ok := c.es[en]; ok && old != es {
				return nil, fmt.Errorf("sentence %q has two translations: %q and %q", en, old, es)
			}
			if verbs(en) != verbs(es) {
				return nil, fmt.Errorf("sentence %q and %q have different fmt verbs", en, es)
			}
			c.es[en] = es
		}
	}
	return c, nil
}

// verbs counts the fmt verbs of s; order may differ between languages when verbs are indexed.
func verbs(s string) int {
	return strings.Count(strings.ReplaceAll(s, "%%", ""), "%")
}

// Has reports whether the sentence has a Spanish translation.
func (c *Catalog) Has(english string) bool {
	_, ok := c.es[english]
	return ok
}

// In returns a translator into l.
func (c *Catalog) In(l Lang) Translator { return Translator{Lang: l, c: c} }

// Translator says sentences, numbers and dates in one language. The zero value speaks English.
type Translator struct {
	Lang Lang
	c    *Catalog
}

// T returns the sentence in the reader's language, its fmt verbs filled with args. A sentence without
// a translation is said in English.
func (t Translator) T(english string, args ...any) string {
	s := english
	if t.Lang == ES && t.c != nil {
		if es, ok := t.c.es[english]; ok {
			s = es
		}
	}
	if len(args) == 0 {
		return strings.ReplaceAll(s, "%%", "%")
	}
	return fmt.Sprintf(s, args...)
}

// N chooses between one and many by n and fills the first verb with n, grouped ("12,847 doors"):
// both sentences hold one %s for the number.
func (t Translator) N(n int64, one, many string) string {
	if n == 1 {
		return t.T(one, t.Number(n))
	}
	return t.T(many, t.Number(n))
}
