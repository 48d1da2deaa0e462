package canvass

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

const metColumns = `SELECT id, event_id, packet_id, device_id, door, content, state, person_id, account_id, met_at FROM field_canvass_met`

func waitingMet(ctx context.Context, r db.Reader, org int64) ([]Met, error) {
	return db.All[Met](ctx, r, metColumns+` WHERE org_id = ? AND state = 'waiting' ORDER BY met_at, id LIMIT 500`, org)
}

func metByID(ctx context.Context, r db.Reader, org int64, id string) (Met, error) {
	return db.One[Met](ctx, r, metColumns+` WHERE org_id = ? AND id = ? AND state = 'waiting'`, org, id)
}

func decideMet(ctx context.Context, tx *db.Tx, org int64, id, state string, person, by int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE field_canvass_met SET state = ?, person_id = ?, decided_by = ?, decided_at = ? WHERE org_id = ? AND id = ? AND state = 'waiting'`, state, person, by, at, org, id)
}

type laterRow struct {
	ID     string    `db:"event_id"`
	Device string    `db:"device_id"`
	Packet string    `db:"packet_id"`
	Kind   string    `db:"kind"`
	Body   string    `db:"body"`
	At     time.Time `db:"at"`
}

func laterOf(ctx context.Context, tx *db.Tx, org int64, met string) ([]laterRow, error) {
	return db.All[laterRow](ctx, tx, `SELECT event_id, device_id, packet_id, kind, body, at FROM field_canvass_later WHERE org_id = ? AND met_id = ? ORDER BY at, event_id`, org, met)
}

func foundPlaces(ctx context.Context, r db.Reader, org int64) ([]Place, error) {
	return db.All[Place](ctx, r, `SELECT id, packet_id, content, account_id, found_at FROM field_canvass_place WHERE org_id = ? ORDER BY found_at DESC, id LIMIT 500`, org)
}
