package person

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

func (p *Store) insertNote(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, note string, at time.Time, body string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_note (person_id, note_id, org_id, body, account_id, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(id), note, int64(actor.Org()), body, int64(actor.Account()), at)
	return err
}

func (p *Store) deleteNote(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, note string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_note WHERE person_id = ? AND note_id = ? AND org_id = ?`, int64(id), note, int64(actor.Org()))
}

// insertSuppression returns 0 when there is one already.
func (p *Store) insertSuppression(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, by Channel, reason string) (int64, error) {
	return db.Exec(ctx, tx, `INSERT INTO field_suppression (person_id, org_id, channel, reason, account_id, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (person_id, org_id, channel) DO NOTHING`,
		int64(id), int64(actor.Org()), string(by), reason, int64(actor.Account()), p.now())
}

func (p *Store) deleteSuppression(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, by Channel) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_suppression WHERE person_id = ? AND org_id = ? AND channel = ?`,
		int64(id), int64(actor.Org()), string(by))
}

// putEmail writes the organisation's own row of an email address.
func (p *Store) putEmail(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, r emailRow) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_email (person_id, email, org_id, source, confidence, wrong_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (person_id, email, org_id) DO UPDATE SET wrong_at = excluded.wrong_at`,
		int64(id), r.Email, int64(actor.Org()), r.Source, r.Confidence, r.WrongAt)
	return err
}

// deleteEmail removes an address the organisation added, not what it says about one of the voter file.
func (p *Store) deleteEmail(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, email string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_email WHERE person_id = ? AND email = ? AND org_id = ? AND source <> ?`, int64(id), email, int64(actor.Org()), sourceMark)
}

// putPhone writes the organisation's own row of a number.
func (p *Store) putPhone(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, r phoneRow) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence, wrong_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (person_id, number, org_id) DO UPDATE SET kind = excluded.kind, source = excluded.source, confidence = excluded.confidence,
		wrong_at = excluded.wrong_at`, int64(id), r.Number, int64(actor.Org()), r.Kind, r.Source, r.Confidence, r.WrongAt)
	return err
}
