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
		return list.StatusName(t, v.Value)
	case list.Sex:
		return list.SexName(t, v.Value)
	case list.Race:
		return list.RaceName(t, v.Value)
	case list.Ethnicity:
		return list.EthnicityName(t, v.Value)
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

// partyWord names a party: as everybody does, else as the voter file's state does.
func partyWord(t words.Translator, v list.Value) string {
	if name := list.PartyName(t, v.Value); name != v.Value || v.Name == "" {
		return name
	}
	return v.Name
}

func phoneWord(t words.Translator, kind string) string {
	switch kind {
	case valueAny:
		return t.T("Any phone number")
	case valueTextable:
		return t.T("May be texted")
	case valueEmail:
		return t.T("Email address")
	}
	return list.PhoneName(t, kind)
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
	return list.DistrictName(t, kind)
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
