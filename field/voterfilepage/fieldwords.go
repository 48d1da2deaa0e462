package voterfilepage

// fieldWords says in English what a column can be loaded as, by the names of layout.Targets; the sentences are words keys.
var fieldWords = map[string]string{
	"-": "Not loaded", "state_id": "State id", "county_code": "County, code", "county": "County", "county_reg_id": "County's voter id",
	"last_name": "Last name", "first_name": "First name", "middle_name": "Middle name", "name_suffix": "Suffix (Jr, III)", "full_name": "Whole name, split by us",
	"status": "Registration status", "status_name": "Registration status in words", "reason_code": "Reason of the status, code", "reason": "Reason of the status",
	"birth_year": "Year of birth", "birth_date": "Date of birth", "age": "Age", "sex": "Sex", "race": "Race", "ethnicity": "Ethnicity", "party": "Party",
	"registered": "Date of registration", "house_prefix": "House number, before", "house": "House number", "house_suffix": "House number, after (1/2, A)",
	"pre_dir": "Direction before the street (N, SW)", "street_name": "Street", "street_type": "Type of street (St, Ave)", "post_dir": "Direction after the street",
	"unit_type": "Type of unit (Apt, Lot)", "unit": "Apartment", "street_line": "Home address, split by us", "street_line2": "Home address, second line",
	"city": "City", "state": "State of the address", "zip": "ZIP code", "zip4": "ZIP code, last four",
	"mail1": "Mail address, line 1", "mail2": "Mail address, line 2", "mail3": "Mail address, line 3", "mail4": "Mail address, line 4", "mail5": "Mail address, line 5",
	"mail_city": "Mail address, city", "mail_state": "Mail address, state", "mail_zip": "Mail address, ZIP code", "mail_zip4": "Mail address, last four of the ZIP code",
	"mail_country": "Mail address, country", "phone_area": "Phone, area code", "phone": "Phone", "cell_phone": "Cell phone", "home_phone": "Phone at home", "work_phone": "Phone at work",
	"email": "Email", "precinct": "Precinct", "precinct_name": "Precinct, name", "confidential": "Confidential (Y or N)",
	"vote_date": "Vote: day of the election", "vote_election": "Vote: name of the election", "vote_type": "Vote: type of the election", "vote_code": "Vote: code of the election",
	"vote_method": "Vote: how", "vote_absentee": "Vote: absentee", "vote_party": "Vote: party", "vote_county": "Vote: county",
}
