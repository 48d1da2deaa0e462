package export

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

type formatRow struct {
	ID      FormatID  `db:"id"`
	Name    string    `db:"name"`
	Form    Form      `db:"form"`
	Columns string    `db:"columns"`
	By      int64     `db:"created_by"`
	Created time.Time `db:"created_at"`
}

func (s *Store) formats(ctx context.Context, in org.ID) ([]formatRow, error) {
	return db.All[formatRow](ctx, s.db, `SELECT id, name, form, columns, created_by, created_at FROM field_export_format WHERE org_id = ? ORDER BY name, id`, in)
}

func putFormat(ctx context.Context, tx *db.Tx, in org.ID, name string, form Form, columns string, by int64, at time.Time) (FormatID, error) {
	return db.One[FormatID](ctx, tx, `INSERT INTO field_export_format (org_id, name, form, columns, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, name) DO UPDATE SET form = excluded.form, columns = excluded.columns RETURNING id`, in, name, string(form), columns, by, at)
}

func deleteFormat(ctx context.Context, tx *db.Tx, in org.ID, id FormatID) (name string, err error) {
	return db.One[string](ctx, tx, `DELETE FROM field_export_format WHERE id = ? AND org_id = ? RETURNING name`, id, in)
}
