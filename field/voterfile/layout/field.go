package layout

import (
	"slices"
	"strings"
)

// Field is what a column holds. Its names (String) are those used in a Mapping.
type Field uint8

// The fields. Districts are fields of their own: "district.congress" for a code, "district.congress.name" for a name.
const (
	Ignored Field = iota
	StateID
	CountyCode
	County
	CountyRegID
	LastName
	FirstName
	MiddleName
	NameSuffix
	FullName // "LAST, FIRST MIDDLE" or "FIRST MIDDLE LAST"
	StatusCode
	StatusName // the status in words; decides when there is no code
	ReasonCode
	ReasonName
	BirthYear
	BirthDate
	Age // in years, or at the end of the year in NC: below 18 marks a minor
	SexCode
	RaceCode
	EthnicityCode
	PartyCode
	Registered
	HousePrefix
	House
	HouseSuffix
	PreDir
	StreetName
	StreetType
	PostDir
	UnitType
	Unit
	StreetLine
	StreetLine2
	City
	State
	ZIP // 5 or 9 digits
	ZIP4
	Mail1
	Mail2
	Mail3
	Mail4
	Mail5
	MailCity
	MailState
	MailZIP
	MailZIP4
	MailCountry
	PhoneArea
	PhoneNumber // with the area code, or without it beside PhoneArea
	CellPhone
	HomePhone
	WorkPhone
	Email
	Precinct
	PrecinctName
	Confidential
	VoteDate
	VoteElection // the election's name
	VoteType
	VoteCode // an election code to be looked up in Mapping.Elections
	VoteMethod
	VoteAbsentee // Y or N
	VoteParty
	VoteCounty // where the vote was cast
	numFields
)

var fieldNames = [numFields]string{
	"-", "state_id", "county_code", "county", "county_reg_id", "last_name", "first_name", "middle_name", "name_suffix", "full_name",
	"status", "status_name", "reason_code", "reason", "birth_year", "birth_date", "age", "sex", "race", "ethnicity", "party",
	"registered", "house_prefix", "house", "house_suffix", "pre_dir", "street_name", "street_type", "post_dir", "unit_type", "unit",
	"street_line", "street_line2", "city", "state", "zip", "zip4", "mail1", "mail2", "mail3", "mail4", "mail5", "mail_city",
	"mail_state", "mail_zip", "mail_zip4", "mail_country", "phone_area", "phone", "cell_phone", "home_phone", "work_phone", "email",
	"precinct", "precinct_name", "confidential", "vote_date", "vote_election", "vote_type", "vote_code", "vote_method",
	"vote_absentee", "vote_party", "vote_county",
}

// String returns the field's name as used in a Mapping.
func (f Field) String() string { return nameOf(fieldNames[:], int(f)) }

// Target says where a column's values go: a field, or the code or name of a district.
type Target struct {
	Field    Field
	District DistrictKind
	Part     Part
}

// Part is the code or the name of a district.
type Part uint8

// The parts. NoPart marks a target that is a Field.
const (
	NoPart Part = iota
	Code
	Name
)

// String returns the target's name as used in a Mapping.
func (t Target) String() string {
	switch t.Part {
	case Code:
		return "district." + t.District.String()
	case Name:
		return "district." + t.District.String() + ".name"
	default:
		return t.Field.String()
	}
}

// ParseTarget is the inverse of String; "" is Ignored.
func ParseTarget(s string) (Target, bool) {
	if s == "" {
		return Target{}, true
	}
	if rest, ok := strings.CutPrefix(s, "district."); ok {
		part := Code
		if kind, named := strings.CutSuffix(rest, ".name"); named {
			rest, part = kind, Name
		}
		k, ok := ParseDistrictKind(rest)
		return Target{District: k, Part: part}, ok
	}
	i := slices.Index(fieldNames[:], s)
	return Target{Field: Field(max(i, 0))}, i >= 0
}

// Targets returns the names of everything a column can hold, for a mapping form, in order.
func Targets() []string {
	out := slices.Clone(fieldNames[:])
	for _, k := range DistrictKinds() {
		out = append(out, Target{District: k, Part: Code}.String(), Target{District: k, Part: Name}.String())
	}
	return out
}
