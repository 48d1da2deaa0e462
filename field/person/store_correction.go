package person

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

const correctionColumns = `c.correction_id, c.person_id, c.kind, c.about, c.was, c.should, c.why, c.state, c.account_id, c.created_at, c.decided_by,
	c.decided_at, c.answer`

func (p *Store) insertCorrection(ctx context.Context, tx *db.Tx, actor org.Actor, c Correction) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_correction (person_id, correction_id, org_id, kind, about, was, should, why, state, account_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(c.Person), c.ID, int64(actor.Org()), string(c.Kind), c.About, c.Was, c.Should, c.Why,
		string(c.State), c.Account, c.At)
	return err
}

// saidAlready reports whether the organisation has said the same, and it waits or was accepted.
func (p *Store) saidAlready(ctx context.Context, tx *db.Tx, actor org.Actor, c Correction) (bool, error) {
	n, err := db.One[int64](ctx, tx, `SELECT COUNT(*) FROM field_correction WHERE person_id = ? AND org_id = ? AND kind = ? AND about = ? AND should = ?
		AND state IN ('waiting', 'accepted')`, int64(c.Person), int64(actor.Org()), string(c.Kind), c.About, c.Should)
	return n > 0, err
}

func (p *Store) correction(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, correction string) (Correction, error) {
	return db.One[Correction](ctx, tx, `SELECT `+correctionColumns+` FROM field_correction c WHERE c.person_id = ? AND c.correction_id = ? AND c.org_id = ?`,
		int64(id), correction, int64(actor.Org()))
}

func (p *Store) decideCorrection(ctx context.Context, tx *db.Tx, actor org.Actor, c Correction) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_correction SET state = ?, decided_by = ?, decided_at = ?, answer = ?
		WHERE person_id = ? AND correction_id = ? AND org_id = ? AND state = 'waiting'`,
		string(c.State), c.DecidedBy, c.DecidedAt, c.Answer, int64(c.Person), c.ID, int64(actor.Org()))
	return err
}

func (p *Store) correctionsOf(ctx context.Context, id ID, orgID int64) ([]Correction, error) {
	return db.All[Correction](ctx, p.db, `SELECT `+correctionColumns+` FROM field_correction c WHERE c.person_id = ? AND c.org_id = ?
		AND c.state IN ('waiting', 'accepted') ORDER BY c.created_at DESC, c.correction_id LIMIT 50`, int64(id), orgID)
}

// queue reads the corrections about people inside the fence, said by those whom the reader may read.
func (p *Store) queue(ctx context.Context, f fence, judged bool, by said, most int) ([]queuedRow, error) {
	states, order := []string{string(Waiting)}, `ORDER BY c.created_at, c.correction_id`
	if judged {
		states, order = []string{string(Accepted), string(Declined), string(Withdrawn)}, `ORDER BY c.decided_at DESC, c.correction_id`
	}
	q := db.Q(`SELECT `+correctionColumns+`, p.last_name, p.first_name, p.middle_name, p.suffix, p.city, p.confidential
		FROM field_correction c JOIN field_person p ON p.person_id = c.person_id WHERE c.org_id = ? AND c.state IN (?) AND p.voterfile_id IN (?)`,
		f.org, states, f.files)
	return db.AllOf[queuedRow](ctx, p.db, f.where(q).If(!by.everybody, `AND c.account_id = ?`, by.account).Add(order+` LIMIT ?`, most))
}

func (p *Store) fixRate(ctx context.Context, orgID int64, by said, since, due time.Time, within time.Duration) (FixRate, error) {
	type counts struct {
		Waiting  int64     `db:"waiting"`
		Oldest   time.Time `db:"oldest"`
		Of       int64     `db:"due"`
		InTime   int64     `db:"in_time"`
		Accepted int64     `db:"accepted"`
		Declined int64     `db:"declined"`
	}
	c, err := db.OneOf[counts](ctx, p.db, db.Q(`SELECT COUNT(CASE WHEN c.state = 'waiting' THEN 1 END) AS waiting,
		COALESCE(MIN(CASE WHEN c.state = 'waiting' THEN c.created_at END), 0) AS oldest,
		COUNT(CASE WHEN c.created_at >= ? AND (c.state <> 'waiting' OR c.created_at < ?) THEN 1 END) AS due,
		COUNT(CASE WHEN c.created_at >= ? AND c.state = 'accepted' AND c.decided_at - c.created_at <= ? THEN 1 END) AS in_time,
		COUNT(CASE WHEN c.created_at >= ? AND c.state = 'accepted' THEN 1 END) AS accepted,
		COUNT(CASE WHEN c.created_at >= ? AND c.state = 'declined' THEN 1 END) AS declined
		FROM field_correction c WHERE c.org_id = ? AND c.state IN ('waiting', 'accepted', 'declined')`,
		since, due, since, within.Milliseconds(), since, since, orgID).If(!by.everybody, `AND c.account_id = ?`, by.account))
	return FixRate(c), err
}
