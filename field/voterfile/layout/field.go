package layout

import (
	"slices"
	"strings"
)

// field is what a column holds. Its names (String) are those used in a Mapping.
type field uint8

// The fields. Districts are fields of their own: "district.congress" for a code, "district.congress.name" for a name.
const (
	fIgnored field = iota
	fStateID
	fCountyCode
	fCounty
	fCountyRegID
	fLastName
	fFirstName
	fMiddleName
	fNameSuffix
	fFullName // "LAST, FIRST MIDDLE" or "FIRST MIDDLE LAST"
	fStatusCode
	fStatusName // the status in words; decides when there is no code
	fReasonCode
	fReasonName
	fBirthYear
	fBirthDate
	fAge // in years, or at the end of the year in NC: below 18 marks a minor
	fSexCode
	fRaceCode
	fEthnicityCode
	fPartyCode
	fRegistered
	fHousePrefix
	fHouse
	fHouseSuffix
	fPreDir
	fStreetName
	fStreetType
	fPostDir
	fUnitType
	fUnit
	fStreetLine
	fStreetLine2
	fCity
	fState
	fZIP // 5 or 9 digits
	fZIP4
	fMail1
	fMail2
	fMail3
	fMail4
	fMail5
	fMailCity
	fMailState
	fMailZIP
	fMailZIP4
	fMailCountry
	fPhoneArea
	fPhoneNumber // with the area code, or without it beside PhoneArea
	fCellPhone
	fHomePhone
	fWorkPhone
	fEmail
	fPrecinct
	fPrecinctName
	fConfidential
	fVoteDate
	fVoteElection // the election's name
	fVoteType
	fVoteCode // an election code to be looked up in Mapping.Elections
	fVoteMethod
	fVoteAbsentee // Y or N
	fVoteParty
	fVoteCounty // where the vote was cast
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
func (f field) String() string { return nameOf(fieldNames[:], int(f)) }

// target says where a column's values go: a field, or the code or name of a district.
type target struct {
	field    field
	district DistrictKind
	part     part
}

// part is the code or the name of a district.
type part uint8

// The parts. noPart marks a target that is a field.
const (
	noPart part = iota
	partCode
	partName
)

// String returns the target's name as used in a Mapping.
func (t target) String() string {
	switch t.part {
	case partCode:
		return "district." + t.district.String()
	case partName:
		return "district." + t.district.String() + ".name"
	default:
		return t.field.String()
	}
}

// parseTarget is the inverse of String; "" is fIgnored.
func parseTarget(s string) (target, bool) {
	if s == "" {
		return target{}, true
	}
	if rest, ok := strings.CutPrefix(s, "district."); ok {
		p := partCode
		if kind, named := strings.CutSuffix(rest, ".name"); named {
			rest, p = kind, partName
		}
		k, ok := ParseDistrictKind(rest)
		return target{district: k, part: p}, ok
	}
	i := slices.Index(fieldNames[:], s)
	return target{field: field(max(i, 0))}, i >= 0
}

// Targets returns the names of everything a column can hold, for a mapping form, in order.
func Targets() []string {
	out := slices.Clone(fieldNames[:])
	for _, k := range DistrictKinds() {
		out = append(out, target{district: k, part: partCode}.String(), target{district: k, part: partName}.String())
	}
	return out
}
