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

// personFields begins with what is a person's own and ends with what many share, so that the end of a row is looked up as one text.
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

type phoneRow struct {
	Person int64  `db:"person_id"`
	Number string `db:"number"`
	Kind   string `db:"kind"`
	Wrong  int64  `db:"wrong_at"`
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

// fileIDs returns the least and greatest person id of a voter file and how many people it has.
func fileIDs(ctx context.Context, r db.Reader, file int64) (ids idRange, n int64, err error) {
	type row struct {
		From int64 `db:"a"`
		To   int64 `db:"b"`
		N    int64 `db:"n"`
	}
	x, err := db.One[row](ctx, r, `SELECT COALESCE(MIN(person_id), 0) AS a, COALESCE(MAX(person_id), -1) AS b, COUNT(*) AS n FROM field_person WHERE voterfile_id = ?`, file)
	return idRange{x.From, x.To + 1}, x.N, err
}

func packedPeople(ctx context.Context, r db.Reader, file int64, ids idRange) (packed, error) {
	return db.One[packed](ctx, r, `SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), `+personFields+`), CAST(? AS TEXT)) AS t FROM field_person
		WHERE voterfile_id = ? AND person_id >= ? AND person_id < ?`, fieldEnd, rowEnd, file, ids.from, ids.to)
}

func peopleIn(ctx context.Context, r db.Reader, file int64, ids idRange) ([]personRow, error) {
	return db.All[personRow](ctx, r, `SELECT `+personFields+` FROM field_person WHERE voterfile_id = ? AND person_id >= ? AND person_id < ?`, file, ids.from, ids.to)
}

func peopleByID(ctx context.Context, r db.Reader, file int64, ids []int64) ([]personRow, error) {
	return db.All[personRow](ctx, r, `SELECT `+personFields+` FROM field_person WHERE voterfile_id = ? AND person_id IN (?)`, file, ids)
}

func packedVotes(ctx context.Context, r db.Reader, ids idRange) (packed, error) {
	return db.One[packed](ctx, r, `SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), person_id, election_id, method, party), CAST(? AS TEXT)) AS t
		FROM field_vote WHERE person_id >= ? AND person_id < ?`, fieldEnd, rowEnd, ids.from, ids.to)
}

func votesIn(ctx context.Context, r db.Reader, ids idRange) ([]voteRow, error) {
	return db.All[voteRow](ctx, r, `SELECT person_id, election_id, method, party FROM field_vote WHERE person_id >= ? AND person_id < ?`, ids.from, ids.to)
}

func votesByID(ctx context.Context, r db.Reader, ids []int64) ([]voteRow, error) {
	return db.All[voteRow](ctx, r, `SELECT person_id, election_id, method, party FROM field_vote WHERE person_id IN (?)`, ids)
}

func packedPhones(ctx context.Context, r db.Reader, ids idRange) (packed, error) {
	return db.One[packed](ctx, r, `SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), person_id, number, kind, wrong_at), CAST(? AS TEXT)) AS t
		FROM field_phone WHERE org_id = 0 AND person_id >= ? AND person_id < ?`, fieldEnd, rowEnd, ids.from, ids.to)
}

func packedEmails(ctx context.Context, r db.Reader, ids idRange) (packed, error) {
	return db.One[packed](ctx, r, `SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), person_id, email, '', wrong_at), CAST(? AS TEXT)) AS t
		FROM field_email WHERE org_id = 0 AND person_id >= ? AND person_id < ?`, fieldEnd, rowEnd, ids.from, ids.to)
}

func phonesIn(ctx context.Context, r db.Reader, org int64, ids idRange) ([]phoneRow, error) {
	return db.All[phoneRow](ctx, r, `SELECT person_id, number, kind, wrong_at FROM field_phone WHERE org_id = ? AND person_id >= ? AND person_id < ?`, org, ids.from, ids.to)
}

func emailsIn(ctx context.Context, r db.Reader, org int64, ids idRange) ([]phoneRow, error) {
	return db.All[phoneRow](ctx, r, `SELECT person_id, email AS number, '' AS kind, wrong_at FROM field_email WHERE org_id = ? AND person_id >= ? AND person_id < ?`,
		org, ids.from, ids.to)
}

// micro brings degrees to whole microdegrees as list.ToMicro does.
const micro = `CAST(FLOOR(lon * 1000000.0 + 0.5) AS BIGINT) AS lon, CAST(FLOOR(lat * 1000000.0 + 0.5) AS BIGINT) AS lat`

func packedPlaces(ctx context.Context, r db.Reader, keys idRange) (packed, error) {
	return db.One[packed](ctx, r, `SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), key, lon, lat), CAST(? AS TEXT)) AS t FROM
		(SELECT key, `+micro+` FROM place_address WHERE key >= ? AND key <= ?) AS p`, fieldEnd, rowEnd, keys.from, keys.to)
}

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
