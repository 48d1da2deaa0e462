package list

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The words of closed lists, as English keys. Each follows the phrase that it stands in: "are active voters", "are women".
var (
	statusWords = map[string]string{"active": "active", "inactive": "inactive", "removed": "removed", "pending": "pending",
		"preregistered": "preregistered", "unknown": "unknown-status"}
	sexWords  = map[string]string{"F": "women", "M": "men", "X": "people registered as X", "U": "people without a sex on file"}
	raceWords = map[string]string{"american_indian": "American Indian", "asian": "Asian", "asian_pacific": "Asian or Pacific Islander", "black": "Black",
		"hispanic": "Hispanic", "pacific_islander": "Pacific Islander", "white": "White", "multi": "more than one", "other": "another one"}
	ethnicityWords = map[string]string{"hispanic": "Hispanic", "not_hispanic": "not Hispanic"}
	methodWords    = map[string]string{"polls": "at the polls", "early": "early", "mail": "by mail", "provisional": "provisionally", "absentee": "absentee",
		"unknown": "in an unknown way"}
	phoneWords   = map[string]string{"cell": "cell", "home": "home", "work": "work", "unknown": "of unknown kind"}
	channelWords = map[string]string{"door": "at the door", "phone": "by phone", "text": "by text", "mail": "by mail", "email": "by email"}
	signupWords  = map[string]string{"invited": "“invited”", "signed_up": "“signed up”", "confirmed": "“confirmed”", "declined": "“declined”",
		"cancelled": "“canceled”", "came": "“came”", "no_show": "“did not come”", "walk_in": "“came without signing up”"}
	resultWords = map[string]string{"reached": "Reached", "not_home": "Not home", "refused": "Refused to talk", "call_back": "Come or call back",
		"left_message": "Left a message", "lit_dropped": "Left literature", "inaccessible": "Could not get to the door", "language": "No language in common",
		"moved": "Has moved", "deceased": "Deceased", "wrong_number": "Wrong number", "disconnected": "Disconnected", "busy": "Busy", "sent": "Sent",
		"undelivered": "Could not be delivered", "do_not_call": "Asked not to be called", "do_not_text": "Asked not to be texted", "do_not_knock": "Asked not to be visited",
		"do_not_email": "Asked not to get email", "do_not_mail": "Asked not to get mail", "hostile": "Hostile"}
	attrWords = map[Attr]string{Status: "registration status", Party: "party", Age: "age", BirthYear: "year of birth", Birth: "date of birth", Sex: "sex",
		Race: "race", Ethnicity: "ethnicity", RegisteredOn: "date of registration", County: "county", Precinct: "precinct", City: "city", ZIP: "ZIP code",
		Municipality: "city or town", Congress: "U.S. House district", StateSenate: "state senate district", StateHouse: "state house district",
		VotesCast: "number of votes", HouseholdSize: "household size"}
)

// electionWords names a type of election, one of them and several.
func electionWords(kind string) (one, many string) {
	switch kind {
	case "general":
		return "general election", "general elections"
	case "primary":
		return "primary", "primaries"
	case "presidential_primary":
		return "presidential primary", "presidential primaries"
	case "runoff":
		return "runoff", "runoffs"
	case "municipal":
		return "municipal election", "municipal elections"
	case "special":
		return "special election", "special elections"
	case "other":
		return "election of another type", "elections of other types"
	}
	return "election", "elections"
}

// words says words of a closed list; one that is not in it says itself.
func (s speaker) words(all []string, of map[string]string) []string {
	out := make([]string, len(all))
	for i, w := range all {
		if key, ok := of[w]; ok {
			out[i] = s.t.T(key)
		} else {
			out[i] = strings.ReplaceAll(w, "_", " ")
		}
	}
	return out
}

// attr names an attribute.
func (s speaker) attr(a Attr) string {
	if key, ok := attrWords[a]; ok {
		return s.t.T(key)
	}
	if kind, ok := a.Other(); ok {
		return s.t.T("district of the kind “%s”", s.kind(kind))
	}
	return string(a)
}

// kind names a kind of district.
func (s speaker) kind(kind string) string {
	if key, ok := districtWords[kind]; ok {
		return s.t.T(key)
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// lives reports whether a says where somebody lives.
func (a Attr) lives() bool {
	switch a {
	case County, Precinct, City, ZIP, Municipality, Congress, StateSenate, StateHouse:
		return true
	}
	_, other := a.Other()
	return other
}

// names returns the catalogue's names of values, else the values.
func (s speaker) names(a Attr, all []string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = v
		if j := slices.IndexFunc(s.cat.Values[a], func(x Value) bool { return x.Value == v }); j >= 0 && s.cat.Values[a][j].Name != "" {
			out[i] = s.cat.Values[a][j].Name
		}
		if v == "" {
			out[i] = s.t.T("none on file")
		}
	}
	return out
}

// values says the values of a condition.
func (s speaker) values(n Is) string {
	closedWords := map[Attr]map[string]string{Status: statusWords, Sex: sexWords, Race: raceWords, Ethnicity: ethnicityWords}[n.Attr]
	if closedWords == nil {
		return s.list(s.names(n.Attr, n.Values), " or ")
	}
	all := s.words(n.Values, closedWords)
	for i, v := range n.Values {
		if v == "" {
			all[i] = s.t.T("none on file")
		}
	}
	return s.list(all, " or ")
}

// places says where people live: "Port Ansel or Kettle Bay", "precincts 12-01 or 12-02".
func (s speaker) places(n Is) string {
	if n.Attr == Precinct {
		return s.precincts(n.Values)
	}
	all := s.names(n.Attr, n.Values)
	bare := slices.Equal(all, n.Values) // without names
	if n.Attr == City {
		for i := range all {
			all[i] = titled(all[i])
		}
	}
	what, one := s.list(all, " or "), len(all) == 1
	switch {
	case n.Attr == City:
		return what
	case n.Attr == County && bare:
		return s.numbered(one, "county %s", "counties %s", what)
	case n.Attr == County:
		for i := range all {
			all[i] = s.t.T("%s County", strings.TrimSuffix(all[i], " County"))
		}
		return s.list(all, " or ")
	case n.Attr == Municipality && !bare:
		return what
	case n.Attr == Municipality:
		return s.numbered(one, "the town with the number %s", "the towns with the numbers %s", what)
	case n.Attr == ZIP:
		return s.numbered(one, "ZIP code %s", "ZIP codes %s", what)
	case n.Attr == Congress && bare:
		return s.numbered(one, "U.S. House district %s", "U.S. House districts %s", what)
	case n.Attr == StateSenate && bare:
		return s.numbered(one, "state senate district %s", "state senate districts %s", what)
	case n.Attr == StateHouse && bare:
		return s.numbered(one, "state house district %s", "state house districts %s", what)
	case n.Attr.isOther():
		kind, _ := n.Attr.Other()
		if !bare {
			return what
		}
		if one {
			return s.t.T("district %s (%s)", what, s.kind(kind))
		}
		return s.t.T("districts %s (%s)", what, s.kind(kind))
	}
	return what
}

// precincts says precincts, and their county where the file has several.
func (s speaker) precincts(values []string) string {
	all := s.names(Precinct, values)
	counties := make([]string, len(values))
	for i, v := range values {
		county, short, _ := strings.Cut(v, "/")
		if counties[i] = county; all[i] == v {
			all[i] = short
		}
		if v == "" {
			all[i] = s.t.T("none on file")
		}
	}
	several := len(s.cat.Values[County]) > 1
	names := s.names(County, counties)
	same := len(slices.Compact(slices.Sorted(slices.Values(counties)))) == 1
	if several && !same {
		for i := range all {
			all[i] += " (" + names[i] + ")"
		}
	}
	out := s.numbered(len(all) == 1, "precinct %s", "precincts %s", s.list(all, " or "))
	if several && same {
		return s.t.T("%s of %s County", out, strings.TrimSuffix(names[0], " County"))
	}
	return out
}

// titled writes a name in capitals, as files have cities, as names are written.
func titled(name string) string {
	if strings.ToUpper(name) != name {
		return name
	}
	words := strings.Fields(name)
	for i, w := range words {
		r, n := utf8.DecodeRuneInString(w)
		words[i] = string(r) + strings.ToLower(w[n:])
	}
	return strings.Join(words, " ")
}

func (a Attr) isOther() bool {
	_, ok := a.Other()
	return ok
}

func (s speaker) numbered(single bool, one, many, what string) string {
	if single {
		return s.t.T(one, what)
	}
	return s.t.T(many, what)
}
