package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// spelling is how one state writes what a person is: its codes, as the state's layout documents them.
type spelling struct {
	removed   int  // permille of the file that was removed but is still listed
	pending   bool // the file lists pending registrations
	closed    bool // primaries are for registered members of a party only
	parties   [5]string
	ballots   bool // history says whose primary ballot was taken
	races     [7]string
	hispanic  string // a race of its own (FL)
	ethnicity [3]string
	status    [6]string // by layout.Status
	reasons   map[layout.Status][][2]string
	methods   [5]string
	normal    [5]layout.Method
	fullBirth bool
	unitApart bool // the unit has a line or column of its own
	phones    bool
	emails    bool
}

var spellings = map[layout.ID]spelling{
	layout.NC: {
		removed: 60, parties: [5]string{"UNA", "DEM", "REP", "LIB", "GRE"}, ballots: true,
		races: [7]string{"W", "B", "A", "I", "M", "O", "U"}, ethnicity: [3]string{"NL", "HL", "UN"},
		status: [6]string{"", "A", "I", "R", "D", "A"},
		reasons: map[layout.Status][][2]string{
			layout.Active:        {{"AV", "VERIFIED"}, {"AV", "VERIFIED"}, {"AV", "VERIFIED"}, {"AV", "VERIFIED"}, {"AL", "LEGACY DATA"}, {"AP", "VERIFICATION PENDING"}, {"AU", "UNVERIFIED"}},
			layout.Preregistered: {{"AV", "VERIFIED"}},
			layout.Inactive:      {{"IN", "CONFIRMATION NOT RETURNED"}, {"IN", "CONFIRMATION NOT RETURNED"}, {"IU", "CONFIRMATION RETURNED UNDELIVERABLE"}},
			layout.Removed: {{"RD", "DECEASED"}, {"RL", "MOVED FROM COUNTY"}, {"RS", "MOVED FROM STATE"}, {"RM", "REMOVED AFTER 2 FED GENERAL ELECTIONS IN INACTIVE STATUS"},
				{"RF", "FELONY CONVICTION"}, {"RQ", "REQUEST FROM VOTER"}, {"RA", "ADMINISTRATIVE"}},
		},
		methods: [5]string{"IN-PERSON", "ABSENTEE ONESTOP", "ABSENTEE CURBSIDE", "ABSENTEE BY MAIL", "PROVISIONAL"},
		normal:  [5]layout.Method{layout.Polls, layout.Early, layout.Early, layout.ByMail, layout.Provisional},
		phones:  true,
	},
	layout.OH: {
		parties: [5]string{"", "D", "R", "L", "G"}, ballots: true,
		status:  [6]string{"", "ACTIVE", "CONFIRMATION", "", "", "ACTIVE"},
		methods: [5]string{"X", "X", "X", "X", "X"}, fullBirth: true, unitApart: true,
	},
	layout.FL: {
		closed: true, parties: [5]string{"NPA", "DEM", "REP", "LPF", "GRE"},
		races: [7]string{"5", "3", "2", "1", "7", "6", "9"}, hispanic: "4",
		status:  [6]string{"", "ACT", "INA", "", "", "PRE"},
		methods: [5]string{"Y", "E", "E", "A", "Z"},
		normal:  [5]layout.Method{layout.Polls, layout.Early, layout.Early, layout.ByMail, layout.Provisional},
		phones:  true, emails: true, fullBirth: true, unitApart: true,
	},
	layout.MI: {
		removed: 12, status: [6]string{"", "A", "V", "C", "", "A"},
		methods: [5]string{"N", "N", "N", "Y", "N"}, unitApart: true,
		normal: [5]layout.Method{layout.Polls, layout.Polls, layout.Polls, layout.Absentee, layout.Polls},
	},
	layout.WA: {
		removed: 0, pending: true, status: [6]string{"", "Active", "Inactive", "", "P", "P"}, unitApart: true,
		normal: [5]layout.Method{},
	},
}

// ballot returns whose primary ballot a member of p takes. Those without a party choose one.
func (c *spelling) ballot(p party, h uint64) party {
	switch {
	case c.closed && p != democratic && p != republican:
		return noParty
	case p != noParty:
		return p
	case h&1 == 0:
		return democratic
	}
	return republican
}

var normalRaces = [7]layout.Race{layout.RaceWhite, layout.RaceBlack, layout.RaceAsian, layout.RaceAmericanIndian, layout.RaceMulti, layout.RaceOther, layout.RaceUnknown}

// lands are the states' places on the drawn map and on the globe.
var lands = map[layout.ID]land{
	layout.NC: {cols: 20, rows: 5, width: 48, height: 64, west: -843_000_000, south: 340_000_000, degreeLon: 9_062_700, zip: 27006,
		areaCodes: []int{919, 984, 704, 980, 336, 252, 910, 828}, fips: "37", congress: 14, senate: 50, house: 120, city: "DURHAM"},
	layout.OH: {cols: 11, rows: 8, width: 40, height: 56, west: -848_000_000, south: 384_000_000, degreeLon: 8_530_000, zip: 43001,
		areaCodes: []int{614, 216, 513, 419, 330, 937, 740, 440}, fips: "39", congress: 15, senate: 33, house: 99, city: "FRANKLIN"},
	layout.FL: {cols: 10, rows: 7, width: 44, height: 62, west: -838_000_000, south: 271_000_000, degreeLon: 9_751_000, zip: 32003,
		areaCodes: []int{305, 786, 407, 813, 904, 850, 561, 941}, fips: "12", congress: 28, senate: 40, house: 120, city: "HILLSBOROUGH"},
	layout.MI: {cols: 11, rows: 8, width: 40, height: 58, west: -866_000_000, south: 417_000_000, degreeLon: 8_060_000, zip: 48001,
		areaCodes: []int{313, 248, 517, 616, 734, 810, 906, 989}, fips: "26", congress: 13, senate: 38, house: 110, city: "WAYNE"},
	layout.WA: {cols: 8, rows: 5, width: 80, height: 76, west: -1_246_000_000, south: 456_000_000, degreeLon: 7_520_000, zip: 98001,
		areaCodes: []int{206, 253, 360, 425, 509}, fips: "53", congress: 10, senate: 49, house: 49, city: "KING"},
}

// countyRows returns the state's counties with their codes as its file writes them.
func countyRows(id layout.ID) []countyRow {
	switch id {
	case layout.NC:
		return parseCounties(countiesNC, false)
	case layout.OH:
		rows := parseCounties(countiesOH, false)
		for i := range rows {
			rows[i].code = two(i + 1)
		}
		return rows
	case layout.FL:
		return parseCounties(countiesFL, true)
	case layout.MI:
		return parseCounties(countiesMI, false)
	}
	return parseCounties(countiesWA, true)
}

// leans says by how many permille a county's mix of communities votes to the left of their average in the country.
var leans = map[byte]int{'u': 130, 's': -20, 'r': -130, 'm': -150, 'b': 10, 'l': -40, 'h': -30, 'n': 0, 'a': 60, 'o': 110, 'c': 70, 'd': -30, 'w': 150}
