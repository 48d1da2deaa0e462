package synth

// Manifest is the truth about the files of a state, for tests and demonstrations.
type Manifest struct {
	Layout     string         `json:"layout"`
	Generation int            `json:"generation"`
	Seed       uint64         `json:"seed"`
	Date       string         `json:"date"` // of the file, ISO 8601
	Months     int            `json:"months"`
	Voters     int            `json:"voters"` // well-formed rows in the voter files
	Votes      int            `json:"votes"`  // rows in the history files, or filled election cells
	Households int            `json:"households"`
	Doors      int            `json:"doors"` // including empty ones
	Precincts  int            `json:"precincts"`
	Files      []FileTruth    `json:"files"`
	Counties   []CountyTruth  `json:"counties"`
	Statuses   map[string]int `json:"statuses"`
	Hidden     int            `json:"confidential"`
	Minors     int            `json:"minors"`
	Phones     int            `json:"phones"`
	Emails     int            `json:"emails"`
	Slips      map[string]int `json:"slips"`   // errors that an importer lives with, by kind
	Refused    []RefusedRow   `json:"refused"` // rows that an importer must refuse (Options.Dirty)
}

// FileTruth describes one file. Rows does not count a header.
type FileTruth struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"` // voters, history, streets, precincts, districts, landmarks, addresses, elections, mapping
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// CountyTruth counts a county's registrations, against the file before where there is one.
type CountyTruth struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Read      int    `json:"read"`
	New       int    `json:"new"`
	Moved     int    `json:"moved"`
	Party     int    `json:"party"`   // changed party
	Status    int    `json:"status"`  // changed status: pre-registrants who turned eighteen
	Dropped   int    `json:"dropped"` // in the file before and not in this one
	Unchanged int    `json:"unchanged"`
}

// Changed is the number of registrations that were in both files and differ.
func (c CountyTruth) Changed() int { return c.Moved + c.Party + c.Status }

// RefusedRow is a broken row.
type RefusedRow struct {
	File string `json:"file"`
	Line int    `json:"line"` // counted from 1, header included
	Why  string `json:"why"`  // duplicate_id, no_id, bad_id, short_row
}
