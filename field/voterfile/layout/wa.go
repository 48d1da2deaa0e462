package layout

// Washington: yyyymmdd_VRDB_Extract.txt and two or more history files. The delimiter has been tab and pipe; Latin-1. Source: Voter
// Registration Database (VRDB) extract, Washington Secretary of State. There is no party registration; the birth date became a birth
// year. Some history files come without a header.

const waNames = `
FName                first_name
MName                middle_name
LName                last_name
NameSuffix           name_suffix
`

const waAfterBirth = `
Gender               sex
RegStNum             house
RegStFrac            house_suffix
RegStName            street_name
RegStType            street_type
RegUnitType          unit_type
RegStPreDirection    pre_dir
RegStPostDirection   post_dir
RegUnitNum|RegStUnitNum      unit
RegCity              city
RegState             state
RegZipCode           zip
CountyCode           county_code
PrecinctCode         precinct
PrecinctPart         district.precinct_part
LegislativeDistrict  district.state_senate
CongressionalDistrict        district.congress
Mail1                mail1
Mail2                mail2
Mail3                mail3
Mail4                mail4
MailCity             mail_city
MailZip              mail_zip
MailState            mail_state
MailCountry          mail_country
Registrationdate     registered
`

const waEnd = `
LastVoted            -
StatusCode           status
`

var waVoters = spec{
	id: WA, kind: Voters, columns: columnsOf("StateVoterID state_id\n" + waNames + "Birthyear birth_year\n" + waAfterBirth + waEnd),
	header: true, delimiter: '|', crlf: true, codes: &waCodes, source: "VRDB extract since 2023, Washington Secretary of State",
}

var waVotersOld = spec{
	id: WA, kind: Voters, gen: Before22,
	columns: columnsOf("StateVoterID state_id\nTitle -\n" + waNames + "Birthdate birth_date\n" + waAfterBirth + "AbsenteeType -\n" + waEnd),
	header:  true, delimiter: '\t', crlf: true, codes: &waCodes, source: "VRDB extract before 2012, Washington Secretary of State",
}

var waHistory = spec{
	id: WA, kind: History,
	columns: columnsOf(`
VoterHistoryID       -
CountyCode           county_code
CountyCode_Voting    vote_county
StateVoterID         state_id
ElectionDate         vote_date
`),
	header: true, delimiter: '|', crlf: true, codes: &waCodes, source: "VRDB voting history extract, Washington Secretary of State",
}

var waCodes = codes{
	dates:     AnyDate,
	idPattern: func(s string) bool { return lettersThenDigits(s, 0, 4, 11) && (isDigit(s[0]) || s[:2] == "WA") },
	idExample: "WA012345678",
	status: map[string]Status{
		"A": Active, "ACTIVE": Active, "A-DUP": Active, "I": Inactive, "INACTIVE": Inactive, "IM": Inactive, "I-DUP": Inactive,
		"IM-DUP": Inactive, "P": Pending, "PENDING": Pending, "PDETH": Pending, "PDUPL": Pending, "PFELN": Pending,
		"C": Removed, "CD": Removed, "CF": Removed, "CS": Removed, "CT": Removed, "CANCELLED": Removed,
	},
	method: map[string]Method{},
	byDate: typeByMonth,
	county: pairs(`AD ADAMS|AS ASOTIN|BE BENTON|CH CHELAN|CM CLALLAM|CR CLARK|CU COLUMBIA|CZ COWLITZ|DG DOUGLAS|FE FERRY|FR FRANKLIN|
GA GARFIELD|GR GRANT|GY GRAYS HARBOR|IS ISLAND|JE JEFFERSON|KI KING|KP KITSAP|KS KITTITAS|KT KLICKITAT|LE LEWIS|LI LINCOLN|MA MASON|
OK OKANOGAN|PA PACIFIC|PE PEND OREILLE|PI PIERCE|SJ SAN JUAN|SK SKAGIT|SM SKAMANIA|SN SNOHOMISH|SP SPOKANE|ST STEVENS|TH THURSTON|
WK WAHKIAKUM|WL WALLA WALLA|WM WHATCOM|WT WHITMAN|YA YAKIMA`),
}
