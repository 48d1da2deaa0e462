package layout

// Florida: one file for each of 67 counties (ALA_20241008.txt) and one of history (ALA_H_20241008.txt). Tab, no header, no quotation
// marks. Source: Voter Extract File Layout, Florida Division of Elections; Florida Administrative Code 1S-2.053, table 3 (vote history
// codes); s. 97.0585 and 119.071, Florida Statutes (public-records exemption: addresses are blank).

var flVoters = spec{
	id: FL, kind: Voters,
	columns: columnsOf(`
County_Code          county_code
Voter_ID             state_id
Name_Last            last_name
Name_Suffix          name_suffix
Name_First           first_name
Name_Middle          middle_name
Requested_public_records_exemption   confidential
Residence_Address_Line_1     street_line
Residence_Address_Line_2     street_line2
Residence_City       city
Residence_State      state
Residence_Zipcode    zip
Mailing_Address_Line_1       mail1
Mailing_Address_Line_2       mail2
Mailing_Address_Line_3       mail3
Mailing_City         mail_city
Mailing_State        mail_state
Mailing_Zipcode      mail_zip
Mailing_Country      mail_country
Gender               sex
Race                 race
Birth_Date           birth_date
Registration_Date    registered
Party_Affiliation    party
Precinct             precinct
Precinct_Group       -
Precinct_Split       district.precinct_part
Precinct_Suffix      -
Voter_Status         status
Congressional_District       district.congress
House_District       district.state_house
Senate_District      district.state_senate
County_Commission_District   district.county_commission
School_Board_District        district.school_board
Daytime_Area_Code    phone_area
Daytime_Phone_Number phone
Daytime_Phone_Extension      -
Email_address        email
`),
	delimiter: '\t', crlf: true, codes: &flCodes, source: "Voter Extract File Layout, Florida Division of Elections",
}

var flHistory = spec{
	id: FL, kind: History,
	columns: columnsOf(`
County_Code          county_code
Voter_ID             state_id
Election_Date        vote_date
Election_Type        vote_type
History_Code         vote_method
`),
	delimiter: '\t', crlf: true, codes: &flCodes, source: "Voter Extract File Layout, Florida Division of Elections",
}

var flCodes = codes{
	dates:     USDate,
	idPattern: func(s string) bool { return len(s) >= 6 && len(s) <= 10 && allDigits(s) },
	idExample: "123456789",
	status:    map[string]Status{"ACT": Active, "INA": Inactive, "PRE": Preregistered},
	race: map[string]Race{
		"1": RaceAmericanIndian, "2": RaceAsianPacific, "3": RaceBlack, "4": RaceHispanic, "5": RaceWhite, "6": RaceOther,
		"7": RaceMulti, "9": RaceUnknown,
	},
	party: map[string]string{
		"DEM": "Democratic", "REP": "Republican", "NPA": "No party affiliation", "LPF": "Libertarian", "GRE": "Green",
		"CPF": "Constitution", "ECO": "Ecology", "IND": "Independent", "PSL": "Socialism and Liberation", "REF": "Reform",
		"UPF": "Unity", "CSV": "Conservative", "JFA": "Justice for All", "FFP": "Florida Forward",
	},
	method: map[string]Method{
		"Y": Polls, "E": Early, "A": ByMail, "F": Provisional, "Z": Provisional, "B": NotCounted, "L": NotCounted, "P": NotCounted,
		"N": NotCounted,
	},
	notVoted: map[string]bool{"N": true},
	county:   flCounties,
}

var flCounties = pairs(`ALA ALACHUA|BAK BAKER|BAY BAY|BRA BRADFORD|BRE BREVARD|BRO BROWARD|CAL CALHOUN|CHA CHARLOTTE|CIT CITRUS|CLA CLAY|
CLL COLLIER|CLM COLUMBIA|DAD MIAMI-DADE|DES DESOTO|DIX DIXIE|DUV DUVAL|ESC ESCAMBIA|FLA FLAGLER|FRA FRANKLIN|GAD GADSDEN|
GIL GILCHRIST|GLA GLADES|GUL GULF|HAM HAMILTON|HAR HARDEE|HEN HENDRY|HER HERNANDO|HIG HIGHLANDS|HIL HILLSBOROUGH|HOL HOLMES|
IND INDIAN RIVER|JAC JACKSON|JEF JEFFERSON|LAF LAFAYETTE|LAK LAKE|LEE LEE|LEO LEON|LEV LEVY|LIB LIBERTY|MAD MADISON|MAN MANATEE|
MRN MARION|MRT MARTIN|MON MONROE|NAS NASSAU|OKA OKALOOSA|OKE OKEECHOBEE|ORA ORANGE|OSC OSCEOLA|PAL PALM BEACH|PAS PASCO|
PIN PINELLAS|POL POLK|PUT PUTNAM|SAN SANTA ROSA|SAR SARASOTA|SEM SEMINOLE|STJ ST. JOHNS|STL ST. LUCIE|SUM SUMTER|SUW SUWANNEE|
TAY TAYLOR|UNI UNION|VOL VOLUSIA|WAK WAKULLA|WAL WALTON|WAS WASHINGTON`)
