package layout

import (
	"fmt"
	"strings"
)

// North Carolina: ncvoter_Statewide.txt and ncvhis_Statewide.txt. Tab, every cell in quotation marks, CRLF, Latin-1.
// Sources: layout_ncvoter.txt of 11 February 2022 and of 1 February 2026, layout_ncvhis.txt of 17 June 2021, North Carolina State
// Board of Elections (dl.ncsbe.gov); N.C.G.S. 163-82.10 (birth dates are confidential, so only the year is given).

const ncIdentity = `
county_id            county_code
county_desc          county
voter_reg_num        county_reg_id
ncid                 state_id
last_name            last_name
first_name           first_name
middle_name|midl_name          middle_name
name_suffix_lbl|name_sufx_cd   name_suffix
status_cd            status
voter_status_desc    status_name
reason_cd            reason_code
voter_status_reason_desc       reason
res_street_address   street_line
res_city_desc        city
state_cd             state
zip_code             zip
mail_addr1           mail1
mail_addr2           mail2
mail_addr3           mail3
mail_addr4           mail4
mail_city            mail_city
mail_state           mail_state
mail_zipcode         mail_zip
full_phone_number    phone
confidential_ind     confidential
registr_dt           registered
race_code            race
ethnic_code          ethnicity
party_cd             party
gender_code          sex
birth_year           birth_year
age_at_year_end|birth_age      age
birth_state|birth_place        -
drivers_lic          -
`

const ncChecks = `
ssn                  -
no_dl_ssn_chkbx      -
hava_id_req          -
`

const ncDistricts = `
precinct_abbrv       precinct
precinct_desc        precinct_name
municipality_abbrv   district.municipality
municipality_desc    district.municipality.name
ward_abbrv           district.ward
ward_desc            district.ward.name
cong_dist_abbrv      district.congress
super_court_abbrv    district.superior_court
judic_dist_abbrv     district.judicial
nc_senate_abbrv      district.state_senate
nc_house_abbrv       district.state_house
county_commiss_abbrv district.county_commission
county_commiss_desc  district.county_commission.name
township_abbrv       district.township
township_desc        district.township.name
school_dist_abbrv    district.school
school_dist_desc     district.school.name
fire_dist_abbrv      district.fire
fire_dist_desc       district.fire.name
water_dist_abbrv     district.water
water_dist_desc      district.water.name
sewer_dist_abbrv     district.sewer
sewer_dist_desc      district.sewer.name
sanit_dist_abbrv     district.sanitation
sanit_dist_desc      district.sanitation.name
rescue_dist_abbrv    district.rescue
rescue_dist_desc     district.rescue.name
munic_dist_abbrv     district.municipal_district
munic_dist_desc      district.municipal_district.name
dist_1_abbrv         district.prosecutorial
dist_1_desc          district.prosecutorial.name
`

const ncVTD = `
vtd_abbrv            district.vtd
vtd_desc             district.vtd.name
`

// ncOld is the order before February 2022: two more columns in front, two more districts, three columns at the end.
const ncOld = `
county_id            county_code
county_desc          county
voter_reg_num        county_reg_id
status_cd            status
voter_status_desc    status_name
reason_cd            reason_code
voter_status_reason_desc  reason
absent_ind           -
name_prefx_cd        -
last_name            last_name
first_name           first_name
midl_name|middle_name          middle_name
name_sufx_cd|name_suffix_lbl   name_suffix
res_street_address   street_line
res_city_desc        city
state_cd             state
zip_code             zip
mail_addr1           mail1
mail_addr2           mail2
mail_addr3           mail3
mail_addr4           mail4
mail_city            mail_city
mail_state           mail_state
mail_zipcode         mail_zip
full_phone_number    phone
race_code            race
ethnic_code          ethnicity
party_cd             party
gender_code          sex
birth_age|age_at_year_end      age
birth_place|birth_state        -
drivers_lic          -
registr_dt           registered
` + ncDistricts + `
dist_2_abbrv         -
dist_2_desc          -
Confidential_ind     confidential
birth_year           birth_year
ncid                 state_id
` + ncVTD

var ncVoters = spec{
	id: NC, kind: Voters, gen: Current, columns: columnsOf(ncIdentity + ncChecks + ncDistricts + ncVTD),
	header: true, delimiter: '\t', quoting: quoteAll, crlf: true, codes: &ncCodes, source: "layout_ncvoter.txt, 1 February 2026",
}

var ncVoters22 = spec{
	id: NC, kind: Voters, gen: Since22, columns: columnsOf(ncIdentity + ncDistricts + ncVTD),
	header: true, delimiter: '\t', quoting: quoteAll, crlf: true, codes: &ncCodes, source: "layout_ncvoter.txt, 11 February 2022",
}

var ncVotersOld = spec{
	id: NC, kind: Voters, gen: Before22, columns: columnsOf(ncOld),
	header: true, delimiter: '\t', quoting: quoteAll, crlf: true, codes: &ncCodes, source: "layout_ncvoter.txt before February 2022",
}

var ncHistory = spec{
	id: NC, kind: History, columns: columnsOf(`
county_id            county_code
county_desc          county
voter_reg_num        county_reg_id
election_lbl         vote_date
election_desc        vote_election
voting_method        vote_method
voted_party_cd       vote_party
voted_party_desc     -
pct_label            precinct
pct_description      precinct_name
ncid                 state_id
voted_county_id      vote_county
voted_county_desc    -
vtd_label            district.vtd
vtd_description      district.vtd.name
`),
	header: true, delimiter: '\t', quoting: quoteAll, crlf: true, codes: &ncCodes, source: "layout_ncvhis.txt, 17 June 2021",
}

var ncCodes = codes{
	dates:     USDate,
	idPattern: ncID,
	idExample: "AA123456",
	status: map[string]Status{
		"A": Active, "I": Inactive, "R": Removed, "D": Removed, "S": Active,
		"ACTIVE": Active, "INACTIVE": Inactive, "REMOVED": Removed, "DENIED": Removed, "TEMPORARY": Active,
	},
	race: map[string]Race{
		"A": RaceAsian, "B": RaceBlack, "I": RaceAmericanIndian, "M": RaceMulti, "O": RaceOther, "P": RacePacificIslander,
		"U": RaceUnknown, "W": RaceWhite,
	},
	ethnicity: map[string]Ethnicity{"HL": Hispanic, "NL": NotHispanic, "UN": EthnicityUnknown},
	party: map[string]string{
		"DEM": "Democratic", "REP": "Republican", "LIB": "Libertarian", "UNA": "Unaffiliated", "GRE": "Green", "CST": "Constitution",
		"NLB": "No Labels", "JFA": "Justice for All", "WTP": "We the People",
	},
	method: map[string]Method{
		"IN-PERSON": Polls, "ELECTION DAY IN-PERSON": Polls, "CURBSIDE": Polls, "ELECTION DAY CURBSIDE": Polls, "TRANSFER": Polls,
		"ABSENTEE ONESTOP": Early, "ABSENTEE CURBSIDE": Early, "EARLY VOTING IN-PERSON": Early, "EARLY VOTING CURBSIDE": Early,
		"ABSENTEE BY MAIL": ByMail, "ABSENTEE": Absentee, "PROVISIONAL": Provisional, "LEGACY": MethodUnknown,
		"ELIGIBLE DID NOT VOTE": NotCounted, "DID NOT VOTE": NotCounted, "UNCOUNTED": NotCounted,
	},
	notVoted: map[string]bool{"ELIGIBLE DID NOT VOTE": true, "DID NOT VOTE": true},
	county: numbered(1, `ALAMANCE ALEXANDER ALLEGHANY ANSON ASHE AVERY BEAUFORT BERTIE BLADEN BRUNSWICK BUNCOMBE BURKE CABARRUS
CALDWELL CAMDEN CARTERET CASWELL CATAWBA CHATHAM CHEROKEE CHOWAN CLAY CLEVELAND COLUMBUS CRAVEN CUMBERLAND CURRITUCK DARE DAVIDSON
DAVIE DUPLIN DURHAM EDGECOMBE FORSYTH FRANKLIN GASTON GATES GRAHAM GRANVILLE GREENE GUILFORD HALIFAX HARNETT HAYWOOD HENDERSON
HERTFORD HOKE HYDE IREDELL JACKSON JOHNSTON JONES LEE LENOIR LINCOLN MACON MADISON MARTIN MCDOWELL MECKLENBURG MITCHELL MONTGOMERY
MOORE NASH NEW_HANOVER NORTHAMPTON ONSLOW ORANGE PAMLICO PASQUOTANK PENDER PERQUIMANS PERSON PITT POLK RANDOLPH RICHMOND ROBESON
ROCKINGHAM ROWAN RUTHERFORD SAMPSON SCOTLAND STANLY STOKES SURRY SWAIN TRANSYLVANIA TYRRELL UNION VANCE WAKE WARREN WASHINGTON
WATAUGA WAYNE WILKES WILSON YADKIN YANCEY`, "%d"),
}

// ncID accepts one or two letters and digits: AA123456, EH1234567.
func ncID(s string) bool { return lettersThenDigits(s, 1, 1, 10) }

// lettersThenDigits is the form of every state's ids: at most two letters, then digits.
func lettersThenDigits(s string, minLetters, minDigits, maxDigits int) bool {
	n := 0
	for n < len(s) && (s[n]|0x20) >= 'a' && (s[n]|0x20) <= 'z' {
		n++
	}
	d := len(s) - n
	return n >= minLetters && n <= 2 && d >= minDigits && d <= maxDigits && (d == 0 || allDigits(s[n:]))
}

// numbered gives the words of list the codes first, first+1, ... written with format; _ stands for a blank.
func numbered(first int, list, format string) map[string]string {
	out := map[string]string{}
	for i, name := range strings.Fields(list) {
		out[fmt.Sprintf(format, first+i)] = strings.ReplaceAll(name, "_", " ")
	}
	return out
}

// pairs reads "CODE NAME|CODE NAME".
func pairs(list string) map[string]string {
	out := map[string]string{}
	for _, p := range strings.Split(list, "|") {
		code, name, _ := strings.Cut(strings.TrimSpace(p), " ")
		out[code] = name
	}
	return out
}
