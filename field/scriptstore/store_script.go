package scriptstore

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

const selectScript = `SELECT s.id, s.org_id, o.name AS org_name, s.name, s.purpose, s.channel, s.status, s.shared, s.version, CASE s.draft WHEN '' THEN 0 ELSE 1 END AS drafted,
	s.created_at, s.changed_at FROM field_script s JOIN org o ON o.id = s.org_id`

func visible(ctx context.Context, r db.Reader, in int64, archived bool) ([]Script, error) {
	return db.All[Script](ctx, r, selectScript+` WHERE (s.org_id = ? OR s.shared = 1 AND s.version > 0) AND (s.status <> 'archived' OR ? = 1)
		ORDER BY s.name, s.id`, in, archived)
}

func selectOne(ctx context.Context, r db.Reader, id ID) (Script, error) {
	return db.One[Script](ctx, r, selectScript+` WHERE s.id = ?`, int64(id))
}

func nameTaken(ctx context.Context, tx *db.Tx, in int64, x Script) (bool, error) {
	n, err := db.One[int64](ctx, tx, `SELECT COUNT(*) FROM field_script WHERE org_id = ? AND name = ? AND id <> ?`, in, x.Name, int64(x.ID))
	return n > 0, err
}

func insert(ctx context.Context, tx *db.Tx, in, account int64, now time.Time, x Script, draft string) (ID, error) {
	return db.One[ID](ctx, tx, `INSERT INTO field_script (org_id, name, purpose, channel, status, shared, draft, version, created_by, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?) RETURNING id`, in, x.Name, x.Purpose, string(x.Channel), string(x.Status), x.Shared, draft, account, now, now)
}

func update(ctx context.Context, tx *db.Tx, now time.Time, x Script) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_script SET name = ?, purpose = ?, channel = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
		x.Name, x.Purpose, string(x.Channel), string(x.Status), x.Shared, now, int64(x.ID))
	return err
}

func selectDraft(ctx context.Context, r db.Reader, id ID) (string, error) {
	return db.One[string](ctx, r, `SELECT draft FROM field_script WHERE id = ?`, int64(id))
}

func putDraft(ctx context.Context, tx *db.Tx, id ID, now time.Time, draft string) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_script SET draft = ?, changed_at = ? WHERE id = ?`, draft, now, int64(id))
	return err
}

func selectContent(ctx context.Context, r db.Reader, id ID, version int64) (string, error) {
	return db.One[string](ctx, r, `SELECT content FROM field_script_version WHERE script_id = ? AND version = ?`, int64(id), version)
}

func insertVersion(ctx context.Context, tx *db.Tx, id ID, version int64, content string, account int64, now time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_script_version (script_id, version, content, published_by, published_at) VALUES (?, ?, ?, ?, ?)`,
		int64(id), version, content, account, now)
	return err
}

// putVersion names the newest version; what was written is published with it.
func putVersion(ctx context.Context, tx *db.Tx, id ID, now time.Time, version int64) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_script SET version = ?, draft = '', changed_at = ? WHERE id = ?`, version, now, int64(id))
	return err
}

func selectVersions(ctx context.Context, r db.Reader, id ID) ([]Version, error) {
	return db.All[Version](ctx, r, `SELECT version, published_by, published_at FROM field_script_version WHERE script_id = ? ORDER BY version DESC`, int64(id))
}
