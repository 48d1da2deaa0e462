package layout

// Michigan: EntireStateVoters.csv and EntireStateVoterHistory.csv (comma, every cell in quotation marks, Latin-1); before 2020 the
// fixed-width entire_state_v.lst and entire_state_h.lst. Source: Qualified Voter File layouts, Michigan Bureau of Elections. There is no
// party registration and only the year of birth. Since 8 April 2024 the header of the history file has one name too few: every row
// ends in one more, empty, cell.

var miVoters = spec{
	id: MI, kind: Voters,
	columns: columnsOf(`
LAST_NAME            last_name
FIRST_NAME           first_name
MIDDLE_NAME          middle_name
NAME_SUFFIX          name_suffix
YEAR_OF_BIRTH        birth_year
GENDER               sex
REGISTRATION_DATE    registered
STREET_NUMBER_PREFIX house_prefix
STREET_NUMBER        house
STREET_NUMBER_SUFFIX house_suffix
DIRECTION_PREFIX     pre_dir
STREET_NAME          street_name
STREET_TYPE          street_type
DIRECTION_SUFFIX     post_dir
EXTENSION            unit
CITY                 city
STATE                state
ZIP_CODE             zip
MAILING_ADDRESS_LINE_ONE     mail1
MAILING_ADDRESS_LINE_TWO     mail2
MAILING_ADDRESS_LINE_THREE   mail3
MAILING_ADDRESS_LINE_FOUR    mail4
MAILING_ADDRESS_LINE_FIVE    mail5
VOTER_IDENTIFICATION_NUMBER  state_id
COUNTY_CODE          county_code
COUNTY_NAME          county
JURISDICTION_CODE    district.jurisdiction
JURISDICTION_NAME    district.jurisdiction.name
PRECINCT             precinct
WARD                 district.ward
SCHOOL_DISTRICT_CODE district.school
SCHOOL_DISTRICT_NAME district.school.name
STATE_HOUSE_DISTRICT_CODE    district.state_house
STATE_HOUSE_DISTRICT_NAME    district.state_house.name
STATE_SENATE_DISTRICT_CODE   district.state_senate
STATE_SENATE_DISTRICT_NAME   district.state_senate.name
US_CONGRESS_DISTRICT_CODE    district.congress
US_CONGRESS_DISTRICT_NAME    district.congress.name
COUNTY_COMMISSIONER_DISTRICT_CODE    district.county_commission
COUNTY_COMMISSIONER_DISTRICT_NAME    district.county_commission.name
VILLAGE_DISTRICT_CODE        district.village
VILLAGE_DISTRICT_NAME        district.village.name
VILLAGE_PRECINCT     -
SCHOOL_PRECINCT      -
IS_PERM_AV_BALLOT_VOTER|IS_PERMANENT_ABSENTEE_VOTER  -
VOTER_STATUS_TYPE_CODE       status
UOCAVA_STATUS_CODE   -
UOCAVA_STATUS_NAME   -
IS_PERM_AV_APP_VOTER -
`),
	header: true, delimiter: ',', quoting: quoteAll, crlf: true, codes: &miCodes, source: "EntireStateVoters, Michigan Bureau of Elections",
}

var miVotersFixed = spec{
	id: MI, kind: Voters, gen: Fixed,
	columns: columnsOf(`
LAST_NAME            last_name
FIRST_NAME           first_name
MIDDLE_NAME          middle_name
NAME_SUFFIX          name_suffix
YEAR_OF_BIRTH        birth_year
GENDER               sex
REGISTRATION_DATE    registered
STREET_NUMBER_PREFIX house_prefix
STREET_NUMBER        house
STREET_NUMBER_SUFFIX house_suffix
DIRECTION_PREFIX     pre_dir
STREET_NAME          street_name
STREET_TYPE          street_type
DIRECTION_SUFFIX     post_dir
EXTENSION            unit
CITY                 city
STATE                state
ZIP_CODE             zip
MAILING_ADDRESS_LINE_ONE     mail1
MAILING_ADDRESS_LINE_TWO     mail2
MAILING_ADDRESS_LINE_THREE   mail3
MAILING_ADDRESS_LINE_FOUR    mail4
MAILING_ADDRESS_LINE_FIVE    mail5
VOTER_IDENTIFICATION_NUMBER  state_id
COUNTY_CODE          county_code
JURISDICTION_CODE    district.jurisdiction
WARD_PRECINCT        precinct
SCHOOL_DISTRICT_CODE district.school
STATE_HOUSE_DISTRICT_CODE    district.state_house
STATE_SENATE_DISTRICT_CODE   district.state_senate
US_CONGRESS_DISTRICT_CODE    district.congress
COUNTY_COMMISSIONER_DISTRICT_CODE    district.county_commission
VILLAGE_DISTRICT_CODE        district.village
VILLAGE_PRECINCT     -
SCHOOL_PRECINCT      -
IS_PERMANENT_ABSENTEE_VOTER  -
VOTER_STATUS_TYPE_CODE       status
UOCAVA_STATUS_CODE   -
`),
	cuts: []int{
		35, 55, 75, 78, 82, 83, 91, 92, 99, 103, 105, 135, 141, 143, 156, 191, 193, 198, 248, 298, 348, 398, 448, 461, 463, 468, 474,
		479, 484, 489, 494, 499, 504, 510, 516, 517, 519, 520,
	},
	crlf: true, codes: &miFixedCodes, source: "Voter File Layout (entire_state_v.lst), Michigan Bureau of Elections",
}

var miHistory = spec{
	id: MI, kind: History,
	columns: columnsOf(`
VOTER_IDENTIFICATION_NUMBER  state_id
COUNTY_CODE          vote_county
COUNTY_NAME          county
JURISDICTION_CODE    district.jurisdiction
JURISDICTION_NAME    district.jurisdiction.name
SCHOOL_DISTRICT_CODE district.school
SCHOOL_DISTRICT_NAME district.school.name
ELECTION_DATE        vote_date
IS_ABSENTEE_VOTER|IS_PERMANENT_ABSENTEE_VOTER        vote_absentee
`),
	header: true, delimiter: ',', quoting: quoteAll, crlf: true, codes: &miCodes, source: "EntireStateVoterHistory, Michigan Bureau of Elections",
}

var miHistoryFixed = spec{
	id: MI, kind: History, gen: Fixed,
	columns: columnsOf(`
VOTER_IDENTIFICATION_NUMBER  state_id
COUNTY_CODE          vote_county
JURISDICTION_CODE    district.jurisdiction
SCHOOL_DISTRICT_CODE district.school
ELECTION_CODE        vote_code
IS_ABSENTEE_VOTER    vote_absentee
`),
	cuts: []int{13, 15, 20, 25, 38, 39},
	crlf: true, codes: &miFixedCodes, source: "History File Layout (entire_state_h.lst), Michigan Bureau of Elections",
}

var miCodes = codes{
	dates:     AnyDate,
	idPattern: func(s string) bool { return len(s) >= 4 && len(s) <= 13 && allDigits(s) },
	idExample: "1234567890123",
	status:    map[string]Status{"A": Active, "V": Inactive, "C": Removed, "R": Removed, "CH": Active},
	method:    map[string]Method{},
	byDate:    typeByMonth,
	county: numbered(1, `ALCONA ALGER ALLEGAN ALPENA ANTRIM ARENAC BARAGA BARRY BAY BENZIE BERRIEN BRANCH CALHOUN CASS CHARLEVOIX
CHEBOYGAN CHIPPEWA CLARE CLINTON CRAWFORD DELTA DICKINSON EATON EMMET GENESEE GLADWIN GOGEBIC GRAND_TRAVERSE GRATIOT HILLSDALE
HOUGHTON HURON INGHAM IONIA IOSCO IRON ISABELLA JACKSON KALAMAZOO KALKASKA KENT KEWEENAW LAKE LAPEER LEELANAU LENAWEE LIVINGSTON LUCE
MACKINAC MACOMB MANISTEE MARQUETTE MASON MECOSTA MENOMINEE MIDLAND MISSAUKEE MONROE MONTCALM MONTMORENCY MUSKEGON NEWAYGO OAKLAND
OCEANA OGEMAW ONTONAGON OSCEOLA OSCODA OTSEGO OTTAWA PRESQUE_ISLE ROSCOMMON SAGINAW ST._CLAIR ST._JOSEPH SANILAC SCHOOLCRAFT
SHIAWASSEE TUSCOLA VAN_BUREN WASHTENAW WAYNE WEXFORD`, "%d"),
}

var miFixedCodes = codes{
	dates: USCompact, idPattern: miCodes.idPattern, idExample: miCodes.idExample, status: miCodes.status, method: miCodes.method,
	byDate: typeByMonth, county: miCodes.county,
}

// typeByMonth guesses the type of an election from its date where the file names none. Michigan and Washington both hold generals in
// November, primaries in August, and presidential primaries in spring of the presidential year; every other day is a special or local
// election.
func typeByMonth(d Date) ElectionType {
	switch m := d.Month(); {
	case m == 11:
		return General
	case m == 8:
		return Primary
	case d.Year()%4 == 0 && (m == 2 && d.Day() >= 20 || m == 3):
		return PresidentialPrimary
	default:
		return Special
	}
}
