package listpage

import (
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/words"
)

// day writes a date kept as yyyymmdd.
func day(t words.Translator, d int64) string {
	if d == 0 {
		return "–"
	}
	return t.Day(int(d/10000), time.Month(max(1, d/100%100)), int(d%100))
}

// iso writes a date kept as yyyymmdd as inputs for dates want it.
func iso(d *int64) string {
	if d == nil {
		return ""
	}
	return time.Date(int(*d/10000), time.Month(*d/100%100), int(*d%100), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// conditionExample shows how a condition is written by hand.
const conditionExample = `{"any": [{"lives_with": {"who": {"voted": {"last": 2, "methods": ["mail"]}}}}, {"email": {}}]}`

func dayInput(d int64) string {
	if d == 0 {
		return ""
	}
	return iso(&d)
}

func positive(n int64) string {
	if n == 0 {
		return ""
	}
	return id(n)
}

// valueWord names one value of an attribute.
func valueWord(t words.Translator, a list.Attr, v list.Value) string {
	switch a {
	case list.Status:
		return statusWord(t, v.Value)
	case list.Sex:
		return sexWord(t, v.Value)
	case list.Race:
		return raceWord(t, v.Value)
	case list.Ethnicity:
		return ethnicityWord(t, v.Value)
	case list.Party:
		return partyWord(t, v)
	}
	switch {
	case v.Name != "":
		return named(v.Name)
	case v.Value == "":
		return t.T("Unknown")
	case a == list.Precinct:
		_, precinct, _ := strings.Cut(v.Value, "/")
		return named(precinct)
	}
	return named(v.Value)
}

// named writes a name that a file has in capitals as names are written.
func named(s string) string { return words.Name(s) }

func statusWord(t words.Translator, s string) string {
	switch s {
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
	default:
		return t.T("Unknown")
	}
}

func partyWord(t words.Translator, v list.Value) string {
	switch v.Value {
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
	if v.Name != "" {
		return v.Name
	}
	return v.Value
}

func sexWord(t words.Translator, code string) string {
	switch code {
	case "F":
		return t.T("Female")
	case "M":
		return t.T("Male")
	case "X":
		return t.T("Another sex")
	default:
		return t.T("Not given")
	}
}

func raceWord(t words.Translator, race string) string {
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
	default:
		return t.T("Not given")
	}
}

func ethnicityWord(t words.Translator, code string) string {
	switch code {
	case "hispanic":
		return t.T("Hispanic")
	case "not_hispanic":
		return t.T("not Hispanic")
	default:
		return t.T("Not given")
	}
}

func phoneWord(t words.Translator, kind string) string {
	switch kind {
	case valueAny:
		return t.T("Any phone number")
	case valueTextable:
		return t.T("May be texted")
	case valueEmail:
		return t.T("Email address")
	case "cell":
		return t.T("Cell")
	case "home":
		return t.T("Home")
	case "work":
		return t.T("Work")
	default:
		return t.T("Kind unknown")
	}
}

func methodWord(t words.Translator, method string) string {
	switch method {
	case "polls":
		return t.T("At the polls")
	case "early":
		return t.T("Early")
	case "mail":
		return t.T("By mail")
	case "provisional":
		return t.T("Provisional ballot")
	case "absentee":
		return t.T("Absentee")
	default:
		return t.T("Unknown")
	}
}

func electionWord(t words.Translator, kind string) string {
	switch kind {
	case "general":
		return t.T("General")
	case "primary":
		return t.T("Primary")
	case "presidential_primary":
		return t.T("Presidential primary")
	case "runoff":
		return t.T("Runoff")
	case "municipal":
		return t.T("City")
	case "special":
		return t.T("Special")
	case "":
		return t.T("Any election")
	default:
		return t.T("Other")
	}
}

// electionName names one election: "Nov 2026 · General".
func electionName(t words.Translator, e list.Election) string {
	return t.Month(int(e.Day/10000), time.Month(max(1, e.Day/100%100))) + " · " + electionWord(t, e.Type)
}

func channelWord(t words.Translator, c string) string {
	switch c {
	case "door":
		return t.T("Door")
	case "phone":
		return t.T("Call")
	case "text":
		return t.T("Text")
	case "mail":
		return t.T("Mail")
	case "email":
		return t.T("Email")
	default:
		return t.T("Not for contact")
	}
}

func attrWord(t words.Translator, a list.Attr) string {
	switch a {
	case list.Status:
		return t.T("Status")
	case list.Party:
		return t.T("Party")
	case list.Sex:
		return t.T("Sex")
	case list.Race:
		return t.T("Race")
	case list.Ethnicity:
		return t.T("Ethnicity")
	case list.County:
		return t.T("County")
	case list.Precinct:
		return t.T("Precinct")
	case list.City:
		return t.T("City or town")
	case list.ZIP:
		return t.T("ZIP code")
	case list.Congress:
		return t.T("Congress")
	case list.StateSenate:
		return t.T("State senate")
	case list.StateHouse:
		return t.T("State house")
	case list.Municipality:
		return t.T("Municipality")
	case list.Age:
		return t.T("Age")
	case list.HouseholdSize:
		return t.T("People at the door")
	case list.VotesCast:
		return t.T("Elections voted in")
	case list.RegisteredOn:
		return t.T("Registered on")
	case list.BirthYear:
		return t.T("Year of birth")
	case list.Birth:
		return t.T("Date of birth")
	}
	kind, _ := strings.CutPrefix(string(a), string(list.District))
	return districtWord(t, kind)
}

// districtWord names a kind of district that has no attribute of its own.
func districtWord(t words.Translator, kind string) string {
	switch kind {
	case "county_commission":
		return t.T("County commission")
	case "ward", "municipal_district":
		return t.T("Ward")
	case "school", "local_school", "exempted_village_school":
		return t.T("School district")
	case "school_board", "board_of_education":
		return t.T("School board")
	case "judicial", "superior_court", "appeals_court", "county_court", "municipal_court", "prosecutorial":
		return t.T("Court district") + " · " + strings.ReplaceAll(kind, "_", " ")
	case "township", "village", "jurisdiction":
		return t.T("Township")
	case "fire", "rescue":
		return t.T("Fire and rescue")
	case "water", "sewer", "sanitation":
		return t.T("Water and sewer")
	default:
		return t.T("Other district") + " · " + strings.ReplaceAll(kind, "_", " ")
	}
}

func doWord(t words.Translator, do list.Do) string {
	switch do {
	case list.Start:
		return t.T("Start with")
	case list.Narrow:
		return t.T("Narrow")
	case list.Remove:
		return t.T("Remove")
	case list.Add, list.Households:
		return t.T("Add")
	case list.OnePerHousehold:
		return t.T("Keep")
	default:
		return t.T("Take")
	}
}

func preferWord(t words.Translator, p list.Prefer) string {
	switch p {
	case list.Youngest:
		return t.T("The youngest")
	case list.MostVotes:
		return t.T("Who voted most often")
	case list.LastToSignUp:
		return t.T("Who registered last")
	default:
		return t.T("The oldest")
	}
}

func kindWord(t words.Translator, k liststore.Kind) string {
	if k == liststore.Search {
		return t.T("Search")
	}
	return t.T("List")
}
