package offline

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

func insertDevice(ctx context.Context, tx *db.Tx, program, token string, d Device) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO offline_device (id, org_id, account_id, program, label, agent, token, made_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, int64(d.Org), int64(d.Account), program, d.Label, d.Agent, token, d.Made, d.Seen)
	return err
}

const deviceColumns = `SELECT id, org_id, account_id, label, agent, made_at, seen_at, synced_at, skew, revoked_at, revoked_by, revoked_why FROM offline_device`

func deviceByToken(ctx context.Context, r db.Reader, program, token string) (Device, error) {
	return db.One[Device](ctx, r, deviceColumns+` WHERE token = ? AND program = ?`, token, program)
}

func deviceByID(ctx context.Context, r db.Reader, org int64, id string) (Device, error) {
	return db.One[Device](ctx, r, deviceColumns+` WHERE id = ? AND org_id = ?`, id, org)
}

func devicesOf(ctx context.Context, r db.Reader, org int64, program string) ([]Device, error) {
	return db.All[Device](ctx, r, deviceColumns+` WHERE org_id = ? AND program = ? ORDER BY seen_at DESC, id`, org, program)
}

// heardOf notes that a device was heard of, and how its clock stands.
func heardOf(ctx context.Context, tx *db.Tx, id string, at time.Time, skew int64) error {
	_, err := db.Exec(ctx, tx, `UPDATE offline_device SET seen_at = ?, skew = ? WHERE id = ?`, at, skew, id)
	return err
}

// sentBy notes that a device sent something new.
func sentBy(ctx context.Context, tx *db.Tx, id string, at time.Time, skew int64) error {
	_, err := db.Exec(ctx, tx, `UPDATE offline_device SET seen_at = ?, synced_at = ?, skew = ? WHERE id = ?`, at, at, skew, id)
	return err
}

func revokeDevice(ctx context.Context, tx *db.Tx, org int64, id string, by int64, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE offline_device SET revoked_at = ?, revoked_by = ?, revoked_why = ? WHERE id = ? AND org_id = ? AND revoked_at = 0`, at, by, why, id, org)
}

// isRevoked is asked inside the transaction that takes events in: it may have happened since the device was let through.
func isRevoked(ctx context.Context, tx *db.Tx, id string) (bool, error) {
	n, err := db.One[int64](ctx, tx, `SELECT COUNT(*) FROM offline_device WHERE id = ? AND revoked_at <> 0`, id)
	return n > 0, err
}
