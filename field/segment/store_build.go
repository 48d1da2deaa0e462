package segment

import (
	"context"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/internal/db"
)

// Many rows come as one text: a database hands out a text of a thousand rows about as fast as a row. Fields and rows end with characters that no field should
// hold; where one does, the text has not as many rows and fields as the database counted, and they are read one by one.
const (
	fieldEnd = "\x1f"
	rowEnd   = "\x1e"
)

// packed is many rows in one text.
type packed struct {
	Rows int64  `db:"n"`
	Text string `db:"t"`
}

// idRange is a stretch of person ids, to not included.
type idRange struct{ from, to int64 }

const personFields = `person_id, birth_year, birth_date, registered_on, household_key, address_key, confidential, minor, dropped_on,
	last_name, last_key, first_name, first_key, middle_name, suffix, house, street, unit,
	sex, race, ethnicity, party, status,
	city, zip, county, precinct, congress, state_senate, state_house, municipality, districts`

// personRow is what a segment keeps of field_person.
type personRow struct {
	ID           int64  `db:"person_id"`
	Last         string `db:"last_name"`
	LastKey      string `db:"last_key"`
	First        string `db:"first_name"`
	FirstKey     string `db:"first_key"`
	Middle       string `db:"middle_name"`
	Suffix       string `db:"suffix"`
	BirthYear    int64  `db:"birth_year"`
	BirthDate    int64  `db:"birth_date"`
	Sex          string `db:"sex"`
	Race         string `db:"race"`
	Ethnicity    string `db:"ethnicity"`
	Party        string `db:"party"`
	Status       string `db:"status"`
	RegisteredOn int64  `db:"registered_on"`
	House        string `db:"house"`
	Street       string `db:"street"`
	Unit         string `db:"unit"`
	City         string `db:"city"`
	ZIP          string `db:"zip"`
	Household    int64  `db:"household_key"`
	Door         int64  `db:"address_key"`
	County       string `db:"county"`
	Precinct     string `db:"precinct"`
	Congress     string `db:"congress"`
	StateSenate  string `db:"state_senate"`
	StateHouse   string `db:"state_house"`
	Municipality string `db:"municipality"`
	Districts    string `db:"districts"`
	Confidential int64  `db:"confidential"`
	Minor        int64  `db:"minor"`
	DroppedOn    int64  `db:"dropped_on"`
}

type voteRow struct {
	Person   int64  `db:"person_id"`
	Election int64  `db:"election_id"`
	Method   int64  `db:"method"`
	Party    string `db:"party"`
}

type placeRow struct {
	Key int64 `db:"key"`
	Lon int64 `db:"lon"`
	Lat int64 `db:"lat"`
}

func (e *Engine) siteName(ctx context.Context) string {
	s, err := e.db.SiteOf(ctx)
	if err != nil { // a database that nobody claimed, in tests
		return ""
	}
	return fmt.Sprintf("%s %d", s.Purpose, s.Created.UnixMilli())
}

// fileIDs returns between which person ids the people of a voter file are, and about how many they are. Where there is one file these are the ends of an
// index; to find those of one among several, all people are looked at.
func fileIDs(ctx context.Context, r db.Reader, file int64) (ids idRange, n int64, err error) {
	type row struct {
		From int64 `db:"a"`
		To   int64 `db:"b"`
		N    int64 `db:"n"`
	}
	files, err := db.One[int64](ctx, r, `SELECT COUNT(*) FROM field_voterfile`)
	if err != nil {
		return ids, 0, err
	}
	var x row
	if files == 1 {
		x, err = db.One[row](ctx, r, `SELECT COALESCE((SELECT MIN(person_id) FROM field_person), 0) AS a, COALESCE((SELECT MAX(person_id) FROM field_person), -1) AS b, 0 AS n`)
		x.N = x.To - x.From + 1
	} else {
		x, err = db.One[row](ctx, r, `SELECT COALESCE(MIN(person_id), 0) AS a, COALESCE(MAX(person_id), -1) AS b, COUNT(*) AS n FROM field_person WHERE voterfile_id = ?`, file)
	}
	return idRange{x.From, x.To + 1}, x.N, err
}

// Where in a sweep of people which field stands. Texts begin with what is a person's own and end with what many share.
const (
	sweptFile = iota
	sweptBirthYear
	sweptBirthDate
	sweptRegisteredOn
	sweptHousehold
	sweptDoor
	sweptConfidential
	sweptMinor
	sweptDroppedOn
)

const (
	sweptLast     = 0
	sweptLastKey  = 1
	sweptFirst    = 2
	sweptFirstKey = 3
	sweptMiddle   = 4  // to unit
	firstOfWho    = 9  // sex to status
	firstOfWhere  = 14 // city to districts
)

func sweepPeople(ids idRange) db.Sweep {
	return db.Sweep{Table: "field_person", Key: "person_id", From: ids.from, To: ids.to,
		Ints: []string{"voterfile_id", "birth_year", "birth_date", "registered_on", "household_key", "address_key", "confidential", "minor", "dropped_on"},
		Texts: []string{"last_name", "last_key", "first_name", "first_key", "middle_name", "suffix", "house", "street", "unit",
			"sex", "race", "ethnicity", "party", "status",
			"city", "zip", "county", "precinct", "congress", "state_senate", "state_house", "municipality", "districts"}}
}

// sweptPerson returns what many share of a person.
func sweptPerson(s *db.Swept) *personRow {
	t := func(i int) string { return string(s.Texts[i]) }
	return &personRow{Sex: t(9), Race: t(10), Ethnicity: t(11), Party: t(12), Status: t(13), City: t(14), ZIP: t(15), County: t(16), Precinct: t(17), Congress: t(18),
		StateSenate: t(19), StateHouse: t(20), Municipality: t(21), Districts: t(22)}
}

func sweepVotes(ids idRange) db.Sweep {
	return db.Sweep{Table: "field_vote", Key: "person_id", From: ids.from, To: ids.to, Ints: []string{"election_id", "method"}, Texts: []string{"party"}}
}

func sweepPhones(ids idRange) db.Sweep {
	return db.Sweep{Table: "field_phone", Key: "person_id", From: ids.from, To: ids.to, Ints: []string{"org_id", "wrong_at"}, Texts: []string{"number", "kind"}}
}

func sweepEmails(ids idRange) db.Sweep {
	return db.Sweep{Table: "field_email", Key: "person_id", From: ids.from, To: ids.to, Ints: []string{"org_id", "wrong_at"}, Texts: []string{"email"}}
}

func sweepPlaces(keys idRange) db.Sweep {
	return db.Sweep{Table: "place_address", Key: "key", From: keys.from, To: keys.to, Reals: []string{"lon", "lat"}}
}

func peopleByID(ctx context.Context, r db.Reader, file int64, ids []int64) ([]personRow, error) {
	return db.All[personRow](ctx, r, `SELECT `+personFields+` FROM field_person WHERE voterfile_id = ? AND person_id IN (?)`, file, ids)
}

func votesByID(ctx context.Context, r db.Reader, ids []int64) ([]voteRow, error) {
	return db.All[voteRow](ctx, r, `SELECT person_id, election_id, method, party FROM field_vote WHERE person_id IN (?)`, ids)
}

// micro brings degrees to whole microdegrees as list.ToMicro does.
const micro = `CAST(FLOOR(lon * 1000000.0 + 0.5) AS BIGINT) AS lon, CAST(FLOOR(lat * 1000000.0 + 0.5) AS BIGINT) AS lat`

func placesByKey(ctx context.Context, r db.Reader, keys []int64) ([]placeRow, error) {
	return db.All[placeRow](ctx, r, `SELECT key, `+micro+` FROM place_address WHERE key IN (?)`, keys)
}

func countPlaces(ctx context.Context, r db.Reader) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM place_address`)
}

// epochNow returns the newest number in the feed, and the oldest.
func epochNow(ctx context.Context, r db.Reader) (newest, oldest int64, err error) {
	type row struct {
		Newest int64 `db:"newest"`
		Oldest int64 `db:"oldest"`
	}
	x, err := db.One[row](ctx, r, `SELECT COALESCE(MAX(number), 0) AS newest, COALESCE(MIN(number), 0) AS oldest FROM field_change`)
	return x.Newest, x.Oldest, err
}

// fileThere refuses a voter file that does not exist.
func fileThere(ctx context.Context, r db.Reader, file int64) error {
	_, err := db.One[int64](ctx, r, `SELECT id FROM field_voterfile WHERE id = ?`, file)
	if errors.Is(err, db.ErrNone) {
		return fmt.Errorf("there is no voter file %d", file)
	}
	return err
}
