package layout

import "strconv"

// The codes that most files share. A Mapping adds to them and replaces them.

var commonStatus = map[string]Status{
	"A": Active, "ACTIVE": Active, "ACT": Active, "Y": Active, "REGISTERED": Active, "I": Inactive, "INACTIVE": Inactive, "INA": Inactive,
	"CONFIRMATION": Inactive, "SUSPENSE": Inactive, "S": Inactive, "V": Inactive, "R": Removed, "REMOVED": Removed, "C": Removed,
	"CANCELLED": Removed, "CANCELED": Removed, "PURGED": Removed, "D": Removed, "DELETED": Removed, "DENIED": Removed, "P": Pending,
	"PENDING": Pending, "PRE": Preregistered, "PREREGISTERED": Preregistered, "PRE-REGISTERED": Preregistered, "UNREGISTERED": Removed,
}

var commonRace = map[string]Race{
	"W": RaceWhite, "WHITE": RaceWhite, "CAUCASIAN": RaceWhite, "B": RaceBlack, "BLACK": RaceBlack, "AFRICAN AMERICAN": RaceBlack,
	"AFRICAN-AMERICAN": RaceBlack, "BLACK OR AFRICAN AMERICAN": RaceBlack, "A": RaceAsian, "ASIAN": RaceAsian,
	"I": RaceAmericanIndian, "NATIVE AMERICAN": RaceAmericanIndian, "AMERICAN INDIAN": RaceAmericanIndian,
	"AMERICAN INDIAN OR ALASKA NATIVE": RaceAmericanIndian, "P": RacePacificIslander, "PACIFIC ISLANDER": RacePacificIslander,
	"M": RaceMulti, "MULTI": RaceMulti, "TWO OR MORE RACES": RaceMulti, "O": RaceOther, "OTHER": RaceOther, "H": RaceHispanic,
	"HISPANIC": RaceHispanic, "LATINO": RaceHispanic, "U": RaceUnknown, "UNKNOWN": RaceUnknown,
}

var commonEthnicity = map[string]Ethnicity{
	"HL": Hispanic, "H": Hispanic, "HISPANIC": Hispanic, "Y": Hispanic, "NL": NotHispanic, "NH": NotHispanic, "N": NotHispanic,
	"NOT HISPANIC": NotHispanic, "UN": EthnicityUnknown,
}

var commonMethod = map[string]Method{
	"POLLS": Polls, "POLLING PLACE": Polls, "ELECTION DAY": Polls, "IN-PERSON": Polls, "IN PERSON": Polls, "PP": Polls, "EARLY": Early,
	"EV": Early, "EARLY VOTING": Early, "MAIL": ByMail, "BY MAIL": ByMail, "MB": ByMail, "VBM": ByMail, "ABSENTEE": Absentee,
	"AB": Absentee, "ABS": Absentee, "PROVISIONAL": Provisional, "PV": Provisional, "PROV": Provisional,
}

func itoa(n int) string { return strconv.Itoa(n) }
