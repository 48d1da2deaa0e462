package person

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
)

// row is one person as a look-up reads it.
type row struct {
	ID           ID     `db:"person_id"`
	File         int64  `db:"voterfile_id"`
	StateID      string `db:"state_id"`
	Last         string `db:"last_name"`
	First        string `db:"first_name"`
	Middle       string `db:"middle_name"`
	Suffix       string `db:"suffix"`
	LastKey      string `db:"last_key"`
	FirstKey     string `db:"first_key"`
	BirthYear    int    `db:"birth_year"`
	Status       Status `db:"status"`
	House        string `db:"house"`
	StreetKey    string `db:"street_key"`
	Unit         string `db:"unit"`
	Address      string `db:"address"`
	City         string `db:"city"`
	Zip          string `db:"zip"`
	County       string `db:"county"`
	Confidential bool   `db:"confidential"`
	Minor        bool   `db:"minor"`
	DroppedOn    int    `db:"dropped_on"`
}

const rowColumns = `p.person_id, p.voterfile_id, p.state_id, p.last_name, p.first_name, p.middle_name, p.suffix, p.last_key, p.first_key,
	p.birth_year, p.status, p.house, p.street_key, p.unit, p.address, p.city, p.zip, p.county, p.confidential, p.minor, p.dropped_on`

// fence is what every read of people carries: which files, and which marked people are let through.
type fence struct {
	files                        []int64
	confidential, minor, dropped bool
	org                          int64
}

// people begins a query for people inside the fence; the caller adds conditions with AND.
func (f fence) people(from string) *db.Query {
	return f.where(db.Q(`SELECT `+rowColumns+` FROM `+from+` WHERE p.voterfile_id IN (?)`, f.files))
}

// where adds which marked people are let through.
func (f fence) where(q *db.Query) *db.Query {
	return q.If(!f.confidential, `AND p.confidential = 0`).
		If(!f.minor, `AND p.minor = 0`).
		If(!f.dropped, `AND p.dropped_on = 0`)
}

// padded repeats the last value until a list has one of few lengths, so that the engines see few different statements and keep
// them prepared.
func padded(all []string) []string {
	for _, n := range []int{1, 4, 16, 48} {
		if len(all) <= n && len(all) > 0 {
			return append(slices.Clone(all), slices.Repeat(all[len(all)-1:], n-len(all))...)
		}
	}
	return all
}

// narrow picks among very many people of one name.
type narrow struct {
	word string // a city or middle name, upper case
	zip  string
	year int
}

func (p *Store) byPairs(ctx context.Context, f fence, last, first []string, n narrow, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.last_key IN (?) AND p.first_key IN (?)`, padded(last), padded(first)).
		If(n.word != "", `AND (UPPER(p.city) LIKE ? OR UPPER(p.middle_name) LIKE ?)`, n.word+"%", n.word+"%").
		If(n.zip != "", `AND p.zip LIKE ?`, n.zip+"%").
		If(n.year != 0, `AND p.birth_year = ?`, n.year).Add(`LIMIT ?`, most))
}

func (p *Store) byLastAndBeginning(ctx context.Context, f fence, last []string, first string, most int) ([]row, error) {
	end := after(first)
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.last_key IN (?) AND p.first_key >= ?`, padded(last), first).
		If(end != "", `AND p.first_key < ?`, end).Add(`LIMIT ?`, most))
}

func (p *Store) byParts(ctx context.Context, f fence, parts, first []string, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person_name_part n JOIN field_person p ON p.person_id = n.person_id`).
		Add(`AND n.part IN (?) AND n.first_key IN (?) LIMIT ?`, padded(parts), padded(first), most))
}

func (p *Store) byPart(ctx context.Context, f fence, part string, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person_name_part n JOIN field_person p ON p.person_id = n.person_id`).
		Add(`AND n.part = ? ORDER BY n.first_key LIMIT ?`, part, most))
}

// byMiddle goes to the index by the first three letters.
func (p *Store) byMiddle(ctx context.Context, f fence, last []string, middle string, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.last_key IN (?) AND p.middle_begin = ? AND LENGTH(p.middle_name) >= 3`, padded(last), middle[:3]).
		Add(`AND UPPER(p.middle_name) LIKE ? LIMIT ?`, middle+"%", most))
}

// bySecondFirst finds the second of several first names, by the index of those who have several.
func (p *Store) bySecondFirst(ctx context.Context, f fence, last []string, second string, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).Add(`AND p.last_key IN (?) AND p.first_name LIKE '% %'`, padded(last)).
		Add(`AND UPPER(p.first_name) LIKE ? LIMIT ?`, "% "+second+"%", most))
}

// narrowAmong is how many people of one name are searched for a zip code; a year of birth is in the index.
const narrowAmong = 2500

// byOne finds people by one name, last or first, in the order of the other.
func (p *Store) byOne(ctx context.Context, f fence, kind wordKind, words []string, n narrow, most int) ([]row, error) {
	column, order := `last_key`, `last_key, p.first_key`
	if kind == firstWord {
		column, order = `first_key`, `first_key, p.last_key`
	}
	if n.zip == "" {
		return db.AllOf[row](ctx, p.db, f.people(`field_person p`).Add(`AND p.`+column+` IN (?)`, padded(words)).
			If(n.year != 0, `AND p.birth_year = ?`, n.year).Add(`ORDER BY p.`+order+` LIMIT ?`, most))
	}
	among := db.Q(`SELECT `+rowColumns+` FROM (SELECT q.* FROM field_person q WHERE q.`+column+` IN (?) LIMIT ?) p WHERE p.voterfile_id IN (?)`,
		padded(words), narrowAmong, f.files)
	return db.AllOf[row](ctx, p.db, f.where(among).If(n.zip != "", `AND p.zip LIKE ?`, n.zip+"%").If(n.year != 0, `AND p.birth_year = ?`, n.year).
		Add(`ORDER BY p.`+order+` LIMIT ?`, most))
}

// byStreet never finds a confidential person: an address must not lead to one.
func (p *Store) byStreet(ctx context.Context, f fence, streets []string, house string, most int) ([]row, error) {
	f.confidential = false
	end := after(house)
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).Add(`AND p.street_key IN (?)`, padded(streets)).
		If(house != "", `AND p.house >= ?`, house).If(end != "", `AND p.house < ?`, end).
		Add(`ORDER BY p.street_key, p.house LIMIT ?`, most))
}

// byPhone sees the numbers of the voter file and of the actor's own organisation, and never finds a confidential person.
func (p *Store) byPhone(ctx context.Context, f fence, numbers []string, most int) ([]row, error) {
	f.confidential = false
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.person_id IN (SELECT h.person_id FROM field_phone h WHERE h.number IN (?) AND h.org_id IN (0, ?)) LIMIT ?`,
			padded(numbers), f.org, most))
}

// byEmail returns who has an address, or one that begins so; of the voter file and of the actor's own organisation.
func (p *Store) byEmail(ctx context.Context, f fence, email string, begun bool, most int) ([]int64, error) {
	return db.AllOf[int64](ctx, p.db, db.Q(`SELECT e.person_id FROM field_email e WHERE e.email_begin = ?`, email[:emailBegins]).
		If(!begun, `AND LOWER(e.email) = ?`, email).If(begun, `AND LOWER(e.email) LIKE ? ESCAPE '!'`, likeEscape.Replace(email)+"%").
		Add(`AND e.org_id IN (0, ?) ORDER BY e.person_id LIMIT ?`, f.org, most))
}

var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

type emailOfPerson struct {
	Person int64  `db:"person_id"`
	Email  string `db:"email"`
}

func (p *Store) emailsBegun(ctx context.Context, f fence, begin string, most int) ([]emailOfPerson, error) {
	return db.All[emailOfPerson](ctx, p.db, `SELECT e.person_id, LOWER(e.email) AS email FROM field_email e
		WHERE e.email_begin = ? AND e.org_id IN (0, ?) LIMIT ?`, begin, f.org, most)
}

// byIDs never finds a confidential person: neither an address nor a number must lead to one.
func (p *Store) byIDs(ctx context.Context, f fence, ids []int64, most int) ([]row, error) {
	f.confidential = false
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).Add(`AND p.person_id IN (?) ORDER BY p.person_id LIMIT ?`, ids, most))
}

func (p *Store) byStateID(ctx context.Context, f fence, id string, most int) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.person_id IN (SELECT k.person_id FROM field_voter_key k WHERE k.voterfile_id IN (?) AND k.state_id = ?) LIMIT ?`, f.files, id, most))
}

func (p *Store) byStateIDBeginning(ctx context.Context, f fence, id string, most int) ([]row, error) {
	end := after(id)
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.person_id IN (SELECT k.person_id FROM field_voter_key k WHERE k.voterfile_id IN (?) AND k.state_id >= ?`, f.files, id).
		If(end != "", `AND k.state_id < ?`, end).Add(`ORDER BY k.state_id LIMIT ?)`, most))
}

// after returns a text that sorts after everything that begins with s and before nearly everything else, in any collation that has
// digits before letters; "" when there is none.
func after(s string) string {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case 'z', 'Z':
			continue
		case '9':
			b[i] = 'A'
		default:
			b[i]++
		}
		return string(b[:i+1])
	}
	return ""
}

type wordRow struct {
	File int64  `db:"voterfile_id"`
	Kind int64  `db:"kind"`
	Word string `db:"word"`
}

func (p *Store) eachWord(ctx context.Context) iter.Seq2[wordRow, error] {
	return db.Each[wordRow](ctx, p.db, `SELECT voterfile_id, kind, word FROM field_person_word ORDER BY voterfile_id, kind, word`)
}

func (p *Store) importVersion(ctx context.Context) (int64, error) {
	return db.One[int64](ctx, p.db, `SELECT COALESCE(MAX(changed_at), 0) FROM field_voterfile_import WHERE state = 'loaded'`)
}

// areaCodes steps through the phone index from one area code to the next.
func (p *Store) areaCodes(ctx context.Context) ([]string, error) {
	var all []string
	for next := "0"; ; {
		n, err := db.One[string](ctx, p.db, `SELECT COALESCE(MIN(number), '') FROM field_phone WHERE number >= ?`, next)
		if err != nil || len(n) < 3 {
			return all, err
		}
		all = append(all, n[:3])
		if next = after(n[:3]); next == "" {
			return all, nil
		}
	}
}
