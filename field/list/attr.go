package list

import (
	"maps"
	"slices"
	"strings"
)

// Attrs returns every attribute there is, in the order to show them, District for all districts of other kinds. A catalogue says of each whether the
// asking role may use it.
func Attrs() []Attr {
	return []Attr{Status, Party, Age, BirthYear, Birth, Sex, Race, Ethnicity, RegisteredOn, County, Precinct, City, ZIP, Municipality, Congress, StateSenate,
		StateHouse, District, VotesCast, HouseholdSize, Door, Place}
}

// closed holds the values of the attributes whose values are the same in every state, "" left out.
var closed = map[Attr][]string{
	Status:    {"active", "inactive", "removed", "pending", "preregistered", "unknown"},
	Sex:       {"F", "M", "X", "U"},
	Race:      {"american_indian", "asian", "asian_pacific", "black", "hispanic", "pacific_islander", "white", "multi", "other"},
	Ethnicity: {"hispanic", "not_hispanic"},
}

// The other closed lists of words.
var (
	electionTypes = []string{"general", "primary", "presidential_primary", "runoff", "municipal", "special", "other"}
	methods       = []string{"polls", "early", "mail", "provisional", "absentee", "unknown"}
	phoneKinds    = []string{"cell", "home", "work", "unknown"}
	channels      = []string{"door", "phone", "text", "mail", "email"}
	signups       = []string{"invited", "signed_up", "confirmed", "declined", "cancelled", "came", "no_show", "walk_in"}
)

// Values returns the values that an attribute can have in every state, in the order to show them; nil where that depends on the file.
func (a Attr) Values() []string { return slices.Clone(closed[a]) }

// Other reports whether a is a district of another kind, and its kind.
func (a Attr) Other() (kind string, ok bool) {
	kind, ok = strings.CutPrefix(string(a), string(District))
	return kind, ok && kind != ""
}

// sort of an attribute: what may be asked about it.
type sort uint8

const (
	unknownSort sort = iota
	valued           // Is, Known
	ordered          // Between, Known
	bare             // Known
)

func (a Attr) sort() sort {
	switch a {
	case Status, Party, Sex, Race, Ethnicity, County, Precinct, City, ZIP, Congress, StateSenate, StateHouse, Municipality:
		return valued
	case Age, BirthYear, Birth, RegisteredOn, HouseholdSize, VotesCast:
		return ordered
	case Door, Place:
		return bare
	}
	if _, ok := a.Other(); ok {
		return valued
	}
	return unknownSort
}

// allowed reports whether the asking role may use a.
func (c *Catalog) allowed(a Attr) bool {
	if _, other := a.Other(); other && c.Attrs[District] {
		return true
	}
	return c.Attrs[a]
}

// results returns how contacts can go, as field/contact has them.
func results() []string { return slices.Sorted(maps.Keys(resultWords)) }
