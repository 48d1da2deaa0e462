package person

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// record is a person's own row, as a profile reads it.
type record struct {
	row
	BirthDate    int    `db:"birth_date"`
	Sex          string `db:"sex"`
	Race         string `db:"race"`
	Ethnicity    string `db:"ethnicity"`
	Party        string `db:"party"`
	StatusCode   string `db:"status_code"`
	Reason       string `db:"status_reason"`
	RegisteredOn int    `db:"registered_on"`
	Region       string `db:"region"`
	Household    int64  `db:"household_key"`
	AddressKey   int64  `db:"address_key"`
	Precinct     string `db:"precinct"`
	Congress     string `db:"congress"`
	StateSenate  string `db:"state_senate"`
	StateHouse   string `db:"state_house"`
	Municipality string `db:"municipality"`
	Districts    string `db:"districts"`
}

const recordColumns = rowColumns + `, p.birth_date, p.sex, p.race, p.ethnicity, p.party, p.status_code, p.status_reason, p.registered_on, p.region,
	p.household_key, p.address_key, p.precinct, p.congress, p.state_senate, p.state_house, p.municipality, p.districts`

// record returns one person inside the fence, or db.ErrNone.
func (p *Store) record(ctx context.Context, r db.Reader, f fence, id ID) (record, error) {
	return db.OneOf[record](ctx, r, f.where(db.Q(`SELECT `+recordColumns+` FROM field_person p WHERE p.voterfile_id IN (?)`, f.files)).
		Add(`AND p.person_id = ?`, int64(id)))
}

// fileRow is a voter file as a profile names it.
type fileRow struct {
	Layout string `db:"layout"`
	Made   int    `db:"made"` // yyyymmdd of the newest one loaded
}

func (p *Store) newestFile(ctx context.Context, file int64) (fileRow, error) {
	return db.One[fileRow](ctx, p.db, `SELECT layout, COALESCE((SELECT MAX(i.file_date) FROM field_voterfile_import i
		WHERE i.voterfile_id = f.id AND i.state = 'loaded'), 0) AS made FROM field_voterfile f WHERE f.id = ?`, file)
}

type voteRow struct {
	Election int64  `db:"election_id"`
	Method   int    `db:"method"`
	Party    string `db:"party"`
}

func (p *Store) votesOf(ctx context.Context, id ID) ([]voteRow, error) {
	return db.All[voteRow](ctx, p.db, `SELECT election_id, method, party FROM field_vote WHERE person_id = ?`, int64(id))
}

// votesNear counts in which elections the neighbours in the file voted.
func (p *Store) votesNear(ctx context.Context, first, last int64) ([]heldRow, error) {
	ctx = db.WithSite(ctx) // a count that names nobody
	return db.All[heldRow](ctx, p.db, `SELECT election_id, COUNT(*) AS voters FROM field_vote WHERE person_id BETWEEN ? AND ? GROUP BY election_id`,
		first, last)
}

func (p *Store) electionNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	type named struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	names := map[int64]string{}
	for n, err := range db.Each[named](ctx, p.db, `SELECT id, name FROM field_election WHERE id IN (?)`, ids) {
		if err != nil {
			return nil, err
		}
		names[n.ID] = n.Name
	}
	return names, nil
}

type phoneRow struct {
	Number     string    `db:"number"`
	Org        int64     `db:"org_id"`
	Kind       string    `db:"kind"`
	Source     string    `db:"source"`
	Confidence int       `db:"confidence"`
	WrongAt    time.Time `db:"wrong_at"`
}

func (p *Store) phonesOf(ctx context.Context, r db.Reader, id ID, orgID int64) ([]phoneRow, error) {
	return db.All[phoneRow](ctx, r, `SELECT number, org_id, kind, source, confidence, wrong_at FROM field_phone
		WHERE person_id = ? AND org_id IN (0, ?) ORDER BY number, org_id`, int64(id), orgID)
}

type emailRow struct {
	Email      string    `db:"email"`
	Org        int64     `db:"org_id"`
	Source     string    `db:"source"`
	Confidence int       `db:"confidence"`
	WrongAt    time.Time `db:"wrong_at"`
}

func (p *Store) emailsOf(ctx context.Context, r db.Reader, id ID, orgID int64) ([]emailRow, error) {
	return db.All[emailRow](ctx, r, `SELECT email, org_id, source, confidence, wrong_at FROM field_email
		WHERE person_id = ? AND org_id IN (0, ?) ORDER BY email, org_id`, int64(id), orgID)
}

func (p *Store) household(ctx context.Context, f fence, key int64, but ID) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).
		Add(`AND p.household_key = ? AND p.person_id <> ? ORDER BY p.birth_year, p.person_id LIMIT 30`, key, int64(but)))
}

func (p *Store) notesOf(ctx context.Context, id ID, orgID int64) ([]Note, error) {
	return db.All[Note](ctx, p.db, `SELECT body, account_id, created_at FROM field_note WHERE person_id = ? AND org_id = ?
		ORDER BY created_at DESC, note_id LIMIT 100`, int64(id), orgID)
}

func (p *Store) suppressionsOf(ctx context.Context, r db.Reader, id ID, orgID int64) ([]Suppression, error) {
	return db.All[Suppression](ctx, r, `SELECT channel, reason, org_id, account_id, created_at FROM field_suppression
		WHERE person_id = ? AND org_id IN (0, ?) ORDER BY channel, org_id`, int64(id), orgID)
}
