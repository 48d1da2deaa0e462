// Package permit names what a person may do, groups permits into roles, and decides.
package permit

import (
	"fmt"
	"slices"
	"strings"
)

// Permit is one thing a person may do, spelled program.noun.verb ("field.person.look"); ground nouns
// have no program ("org.invite").
type Permit string

const (
	// Public marks a route that needs no session at all.
	Public Permit = "public"
	// SignedIn marks a route that needs a session and nothing else.
	SignedIn Permit = "signed-in"
)

// Def describes one permit for the page where roles are made.
type Def struct {
	Permit   Permit
	Sentence string // English, a verb phrase: "Look up a voter"
	Danger   bool   // needs a second factor in this session (VVSG 2.0 11.3.1-B, ASVS 6.3.3)
	Implies  []Permit
}

// Role is a named set of permits that comes with the product; an organisation may add its own.
type Role struct {
	Key     string // stable name in the database: "data-associate"
	Name    string // English name
	Purpose string // one English sentence: who has it
	Permits []Permit
}

// Set is a set of permits. The zero value holds none.
type Set struct{ has map[Permit]bool }

// NewSet returns the set of ps.
func NewSet(ps ...Permit) Set {
	s := Set{has: make(map[Permit]bool, len(ps))}
	for _, p := range ps {
		s.has[p] = true
	}
	return s
}

// Has reports whether p is in the set. Public and SignedIn are in every set.
func (s Set) Has(p Permit) bool { return p == Public || p == SignedIn || s.has[p] }

// Contains reports whether every permit of t is in s: a person may grant only what they hold.
func (s Set) Contains(t Set) bool {
	for p := range t.has {
		if !s.has[p] {
			return false
		}
	}
	return true
}

// Union returns the permits in s or t.
func (s Set) Union(t Set) Set {
	u := NewSet(s.List()...)
	for p := range t.has {
		u.has[p] = true
	}
	return u
}

// List returns the permits in alphabetical order.
func (s Set) List() []Permit {
	ps := make([]Permit, 0, len(s.has))
	for p := range s.has {
		ps = append(ps, p)
	}
	slices.Sort(ps)
	return ps
}

// Catalog is every permit a site knows.
type Catalog struct{ defs map[Permit]Def }

// NewCatalog joins the definitions of the ground and the programs. A permit defined twice, misspelled
// or implying an unknown one is an error.
func NewCatalog(defs ...[]Def) (Catalog, error) {
	c := Catalog{defs: map[Permit]Def{}}
	for _, group := range defs {
		for _, d := range group {
			if !wellSpelled(d.Permit) || d.Sentence == "" {
				return Catalog{}, fmt.Errorf("permit %q: want words joined by dots and a sentence", d.Permit)
			}
			if _, twice := c.defs[d.Permit]; twice {
				return Catalog{}, fmt.Errorf("permit %q is defined twice", d.Permit)
			}
			c.defs[d.Permit] = d
		}
	}
	for _, d := range c.defs {
		for _, p := range d.Implies {
			if _, ok := c.defs[p]; !ok {
				return Catalog{}, fmt.Errorf("permit %q implies unknown %q", d.Permit, p)
			}
		}
	}
	return c, nil
}

func wellSpelled(p Permit) bool {
	parts := strings.Split(string(p), ".")
	for _, w := range parts {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(parts) >= 2
}

// Def returns the definition of p.
func (c Catalog) Def(p Permit) (Def, bool) {
	d, ok := c.defs[p]
	return d, ok
}

// All returns every definition in alphabetical order of permit.
func (c Catalog) All() []Def {
	all := make([]Def, 0, len(c.defs))
	for _, d := range c.defs {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b Def) int { return strings.Compare(string(a.Permit), string(b.Permit)) })
	return all
}

// Expand returns ps, without the unknown ones, and all they imply.
func (c Catalog) Expand(ps ...Permit) Set {
	s := NewSet()
	var add func(Permit)
	add = func(p Permit) {
		d, ok := c.defs[p]
		if !ok || s.has[p] {
			return
		}
		s.has[p] = true
		for _, q := range d.Implies {
			add(q)
		}
	}
	for _, p := range ps {
		add(p)
	}
	return s
}

// Everything returns every permit of the catalogue.
func (c Catalog) Everything() Set {
	s := NewSet()
	for p := range c.defs {
		s.has[p] = true
	}
	return s
}
