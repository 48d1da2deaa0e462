package list

import (
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// StatusName names a registration status, as Status has it, for labels: "Active".
func StatusName(t words.Translator, value string) string {
	switch value {
	case "active":
		return t.T("Active")
	case "inactive":
		return t.T("Inactive")
	case "pending":
		return t.T("Pending")
	case "preregistered":
		return t.T("Registered ahead")
	case "removed":
		return t.T("Removed")
	}
	return t.T("Unknown")
}

// PartyName names a party by the code that a state writes, where it is one of those that most states have; else it returns the code, and "None" for none.
func PartyName(t words.Translator, code string) string {
	switch code {
	case "":
		return t.T("None")
	case "UNA", "NPA", "U", "NP":
		return t.T("Unaffiliated")
	case "DEM", "D":
		return t.T("Democratic")
	case "REP", "R":
		return t.T("Republican")
	case "LIB", "L", "LPF":
		return t.T("Libertarian")
	case "GRE", "G":
		return t.T("Green")
	}
	return code
}

// SexName names a sex, as Sex has it: F, M, X; "Not given" for everything else.
func SexName(t words.Translator, code string) string {
	switch code {
	case "F":
		return t.T("Female")
	case "M":
		return t.T("Male")
	case "X":
		return t.T("Another sex")
	}
	return t.T("Not given")
}

// RaceName names a race, as Race has it.
func RaceName(t words.Translator, race string) string {
	switch race {
	case "american_indian":
		return t.T("American Indian or Alaska Native")
	case "asian":
		return t.T("Asian")
	case "asian_pacific":
		return t.T("Asian or Pacific Islander")
	case "black":
		return t.T("Black")
	case "hispanic":
		return t.T("Hispanic")
	case "pacific_islander":
		return t.T("Pacific Islander")
	case "white":
		return t.T("White")
	case "multi":
		return t.T("More than one race")
	case "other":
		return t.T("Another race")
	}
	return t.T("Not given")
}

// EthnicityName names an ethnicity, as Ethnicity has it: hispanic, not_hispanic.
func EthnicityName(t words.Translator, code string) string {
	switch code {
	case "hispanic":
		return t.T("Hispanic")
	case "not_hispanic":
		return t.T("not Hispanic")
	}
	return t.T("Not given")
}

// PhoneName names a kind of phone: cell, home, work.
func PhoneName(t words.Translator, kind string) string {
	switch kind {
	case "cell":
		return t.T("Cell")
	case "home":
		return t.T("Home")
	case "work":
		return t.T("Work")
	}
	return t.T("Kind unknown")
}

// DistrictName names a kind of district as layout.DistrictKinds spells it; one that has no name says itself.
func DistrictName(t words.Translator, kind string) string {
	if key, ok := districtWords[kind]; ok {
		return t.T(key)
	}
	return t.T("Another district") + " · " + strings.ReplaceAll(kind, "_", " ")
}
