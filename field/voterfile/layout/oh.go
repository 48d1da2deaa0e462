package layout

// Ohio: SWVF_1_22.txt, SWVF_23_44.txt, SWVF_45_66.txt, SWVF_67_88.txt. Comma, every cell in quotation marks, Latin-1, one column for
// each election after the 46 fixed ones. Source: Statewide Voter Files Download, Ohio Secretary of State (column order as published
// since 2016). A cell of an election is X, or the letter of the party whose primary ballot was taken.

var ohVoters = spec{
	id: OH, kind: Voters, elections: true,
	columns: columnsOf(`
SOS_VOTERID          state_id
COUNTY_NUMBER        county_code
COUNTY_ID            county_reg_id
LAST_NAME            last_name
FIRST_NAME           first_name
MIDDLE_NAME          middle_name
SUFFIX               name_suffix
DATE_OF_BIRTH        birth_date
REGISTRATION_DATE    registered
VOTER_STATUS         status
PARTY_AFFILIATION    party
RESIDENTIAL_ADDRESS1 street_line
RESIDENTIAL_SECONDARY_ADDR   street_line2
RESIDENTIAL_CITY     city
RESIDENTIAL_STATE    state
RESIDENTIAL_ZIP      zip
RESIDENTIAL_ZIP_PLUS4        zip4
RESIDENTIAL_COUNTRY  -
RESIDENTIAL_POSTALCODE       -
MAILING_ADDRESS1     mail1
MAILING_SECONDARY_ADDRESS    mail2
MAILING_CITY         mail_city
MAILING_STATE        mail_state
MAILING_ZIP          mail_zip
MAILING_ZIP_PLUS4    mail_zip4
MAILING_COUNTRY      mail_country
MAILING_POSTAL_CODE  -
CAREER_CENTER        district.career_center
CITY                 district.municipality
CITY_SCHOOL_DISTRICT district.school
COUNTY_COURT_DISTRICT        district.county_court
CONGRESSIONAL_DISTRICT       district.congress
COURT_OF_APPEALS     district.appeals_court
EDU_SERVICE_CENTER_DISTRICT  district.education_service
EXEMPTED_VILL_SCHOOL_DISTRICT        district.exempted_village_school
LIBRARY|LIBRARY_DISTRICT     district.library
LOCAL_SCHOOL_DISTRICT        district.local_school
MUNICIPAL_COURT_DISTRICT     district.municipal_court
PRECINCT_NAME        precinct_name
PRECINCT_CODE        precinct
STATE_BOARD_OF_EDUCATION     district.board_of_education
STATE_REPRESENTATIVE_DISTRICT        district.state_house
STATE_SENATE_DISTRICT        district.state_senate
TOWNSHIP             district.township
VILLAGE              district.village
WARD                 district.ward
`),
	header: true, delimiter: ',', quoting: quoteAll, codes: &ohCodes, source: "Statewide Voter Files, Ohio Secretary of State",
}

var ohCodes = codes{
	dates:     ISODate,
	idPattern: func(s string) bool { return lettersThenDigits(s, 2, 8, 11) && s[:2] == "OH" },
	idExample: "OH0012345678",
	status:    map[string]Status{"ACTIVE": Active, "CONFIRMATION": Inactive},
	party: map[string]string{
		"D": "Democratic", "R": "Republican", "L": "Libertarian", "G": "Green", "C": "Constitution", "N": "Natural Law",
		"E": "Reform", "S": "Socialist",
	},
	method: map[string]Method{},
	county: numbered(1, `ADAMS ALLEN ASHLAND ASHTABULA ATHENS AUGLAIZE BELMONT BROWN BUTLER CARROLL CHAMPAIGN CLARK CLERMONT CLINTON
COLUMBIANA COSHOCTON CRAWFORD CUYAHOGA DARKE DEFIANCE DELAWARE ERIE FAIRFIELD FAYETTE FRANKLIN FULTON GALLIA GEAUGA GREENE GUERNSEY
HAMILTON HANCOCK HARDIN HARRISON HENRY HIGHLAND HOCKING HOLMES HURON JACKSON JEFFERSON KNOX LAKE LAWRENCE LICKING LOGAN LORAIN LUCAS
MADISON MAHONING MARION MEDINA MEIGS MERCER MIAMI MONROE MONTGOMERY MORGAN MORROW MUSKINGUM NOBLE OTTAWA PAULDING PERRY PICKAWAY
PIKE PORTAGE PREBLE PUTNAM RICHLAND ROSS SANDUSKY SCIOTO SENECA SHELBY STARK SUMMIT TRUMBULL TUSCARAWAS UNION VAN_WERT VINTON WARREN
WASHINGTON WAYNE WILLIAMS WOOD WYANDOT`, "%02d"),
}
