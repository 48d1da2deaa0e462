package upload

import (
	"context"
	"encoding/json"
	"time"

	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/org"
)

func insertUpload(ctx context.Context, tx *db.Tx, a org.Actor, w What, name string, ref blob.Ref, m exchange.Mapping, now time.Time) (ID, error) {
	c, err := json.Marshal(choices{Remove: w.Remove, Whole: w.Whole, Average: w.Average, Tolerance: w.Tolerance})
	if err != nil {
		return 0, err
	}
	mapping, err := json.Marshal(m)
	if err != nil {
		return 0, err
	}
	return db.One[ID](ctx, tx, `INSERT INTO field_upload (org_id, voterfile_id, kind, object_id, choices, state, file_name, file_hash, file_size, mapping, created_by, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, 'received', ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		int64(a.Org()), int64(w.File), string(w.Kind), int64(w.Object), string(c), name, ref.Hash, ref.Size, string(mapping), int64(a.Account()), now, now)
}

const uploadColumns = `SELECT id, org_id, voterfile_id, kind, object_id, choices, state, file_name, file_hash, file_size, mapping, report, message, run_token, load_id,
	created_by, created_at, changed_at FROM field_upload`

func uploads(ctx context.Context, r db.Reader, org int64) ([]Upload, error) {
	rows, err := db.All[uploadRow](ctx, r, uploadColumns+` WHERE org_id = ? ORDER BY id DESC LIMIT 100`, org)
	all := make([]Upload, len(rows))
	for i, x := range rows {
		if all[i], err = x.upload(); err != nil {
			return nil, err
		}
	}
	return all, err
}

func uploadOf(ctx context.Context, r db.Reader, org int64, id ID) (Upload, string, error) {
	x, err := db.One[uploadRow](ctx, r, uploadColumns+` WHERE org_id = ? AND id = ?`, org, int64(id))
	if err != nil {
		return Upload{}, "", err
	}
	u, err := x.upload()
	return u, x.Token, err
}

func putMapping(ctx context.Context, tx *db.Tx, id ID, m exchange.Mapping, now time.Time) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `UPDATE field_upload SET mapping = ?, state = 'received', changed_at = ? WHERE id = ? AND state <> 'loaded'`, string(text), now, int64(id))
	return err
}

// beginState claims an upload for a stage, unless this run of the program is at it already.
func beginState(ctx context.Context, tx *db.Tx, id ID, stage State, now time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE field_upload SET state = ?, run_token = ?, changed_at = ? WHERE id = ?
		AND (state NOT IN ('rehearsing', 'loading', 'loaded') OR state <> 'loaded' AND run_token <> ?)`, string(stage), runToken, now, int64(id), runToken)
}

func putState(ctx context.Context, tx *db.Tx, id ID, state State, report, message string, load int64, now time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_upload SET state = ?, report = ?, message = ?, load_id = ?, run_token = ?, changed_at = ? WHERE id = ?`,
		string(state), report, message, load, runToken, now, int64(id))
	return err
}
