package export

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// exportRow is an export as it is stored.
type exportRow struct {
	ID          ID                `db:"id"`
	Org         org.ID            `db:"org_id"`
	File        voterfile.FileID  `db:"voterfile_id"`
	List        liststore.ListID  `db:"list_id"`
	Channel     liststore.Channel `db:"channel"`
	AlsoDropped bool              `db:"dropped"`
	Minors      bool              `db:"minors"`
	Criteria    string            `db:"criteria"`
	Sentence    string            `db:"sentence"`
	Form        Form              `db:"form"`
	Columns     string            `db:"columns"`
	Purpose     string            `db:"purpose"`
	State       State             `db:"state"`
	People      int64             `db:"people"`
	Rows        int64             `db:"rows_out"`
	SHA256      string            `db:"sha256"`
	By          int64             `db:"asked_by"`
	Asked       time.Time         `db:"asked_at"`
	DecidedBy   int64             `db:"decided_by"`
	Decided     time.Time         `db:"decided_at"`
	Reason      string            `db:"reason"`
	Done        time.Time         `db:"done_at"`
}

const exportColumns = `id, org_id, voterfile_id, list_id, channel, dropped, minors, criteria, sentence, form, columns, purpose, state, people, rows_out, sha256,
	asked_by, asked_at, decided_by, decided_at, reason, done_at`

func insertExport(ctx context.Context, tx *db.Tx, r exportRow) (ID, error) {
	return db.One[ID](ctx, tx, `INSERT INTO field_export (org_id, voterfile_id, list_id, channel, dropped, minors, criteria, sentence, form, columns, purpose,
		state, people, asked_by, asked_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Org, r.File, r.List, string(r.Channel), r.AlsoDropped, r.Minors, r.Criteria, r.Sentence, string(r.Form), r.Columns, r.Purpose,
		string(r.State), r.People, r.By, r.Asked, r.Decided)
}

// mostShown is how many exports a page shows.
const mostShown = 200

// exportRows returns exports of an organisation, newest first: of one account (by; -1: everybody's) and of one id (0: any).
func (s *Store) exportRows(ctx context.Context, in org.ID, by int64, id ID) ([]exportRow, error) {
	return db.AllOf[exportRow](ctx, s.db, db.Q(`SELECT `+exportColumns+` FROM field_export WHERE org_id = ?`, in).
		If(by >= 0, `AND asked_by = ?`, by).If(id != 0, `AND id = ?`, id).Add(`ORDER BY id DESC LIMIT ?`, mostShown))
}

func (s *Store) waiting(ctx context.Context, in org.ID, but int64) (int64, error) {
	return db.One[int64](ctx, s.db, `SELECT COUNT(*) FROM field_export WHERE org_id = ? AND state = 'waiting' AND asked_by <> ?`, in, but)
}

// lockExport reads an export that is about to be changed; nobody else decides about one meanwhile.
func lockExport(ctx context.Context, tx *db.Tx, id ID, in org.ID) (exportRow, error) {
	if err := db.Lock(ctx, tx, "field.export"); err != nil {
		return exportRow{}, err
	}
	return db.One[exportRow](ctx, tx, `SELECT `+exportColumns+` FROM field_export WHERE id = ? AND org_id = ?`, id, in)
}

func decideExport(ctx context.Context, tx *db.Tx, id ID, state State, by int64, at time.Time, reason string) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_export SET state = ?, decided_by = ?, decided_at = ?, reason = ? WHERE id = ?`, string(state), by, at, reason, id)
	return err
}

func finishExport(ctx context.Context, tx *db.Tx, id ID, rows int64, sum string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_export SET state = 'done', rows_out = ?, sha256 = ?, done_at = ? WHERE id = ?`, rows, sum, at, id)
	return err
}

func (s *Store) limits(ctx context.Context, in org.ID) (map[string]int64, error) {
	type row struct {
		Role   string `db:"role"`
		People int64  `db:"people"`
	}
	m := map[string]int64{}
	for r, err := range db.Each[row](ctx, s.db, `SELECT role, people FROM field_export_limit WHERE org_id = ?`, in) {
		if err != nil {
			return nil, err
		}
		m[r.Role] = r.People
	}
	return m, nil
}

func putLimit(ctx context.Context, tx *db.Tx, in org.ID, role string, people, by int64, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_export_limit (org_id, role, people, changed_by, changed_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, role) DO UPDATE SET people = excluded.people, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		in, role, people, by, at)
	return err
}
