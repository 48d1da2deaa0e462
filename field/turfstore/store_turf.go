package turfstore

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

const turfColumns = `t.id, t.map_id, t.number, t.name, t.hue, t.doors, t.people, t.metres, t.minutes, t.spare, t.hash, t.created_by, t.created_at, t.retired_at`

// turfRows returns the turfs of a map that hold, by number.
func turfRows(ctx context.Context, r db.Reader, in org.ID, m MapID) ([]Turf, error) {
	return db.All[Turf](ctx, r, `SELECT `+turfColumns+` FROM field_turf t WHERE t.map_id = ? AND t.org_id = ? AND t.retired_at = 0 ORDER BY t.number, t.id`, m, in)
}

// heldTurfs returns those of them that are with somebody.
func heldTurfs(ctx context.Context, r db.Reader, in org.ID, m MapID, now time.Time) ([]Turf, error) {
	return db.All[Turf](ctx, r, `SELECT `+turfColumns+` FROM field_turf t WHERE t.map_id = ? AND t.org_id = ? AND t.retired_at = 0 AND t.id IN
		(SELECT h.turf_id FROM field_turf_handout h WHERE h.map_id = ? AND h.recalled_at = 0 AND h.ends_at > ?) ORDER BY t.number, t.id`, m, in, m, now)
}

// turfRow returns one turf, retired ones too.
func turfRow(ctx context.Context, r db.Reader, in org.ID, id TurfID) (Turf, error) {
	return db.One[Turf](ctx, r, `SELECT `+turfColumns+` FROM field_turf t WHERE t.id = ? AND t.org_id = ?`, id, in)
}

func turfContent(ctx context.Context, r db.Reader, in org.ID, id TurfID) ([]byte, error) {
	return db.One[[]byte](ctx, r, `SELECT content FROM field_turf WHERE id = ? AND org_id = ?`, id, in)
}

func insertTurf(ctx context.Context, tx *db.Tx, in org.ID, t Turf, content []byte) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_turf (map_id, org_id, number, name, hue, doors, people, metres, minutes, spare, hash, content, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Map, in, t.Number, t.Name, t.Hue, t.Doors, t.People, t.Metres, t.Minutes, t.Spare, t.Hash, content, t.By, t.Created)
	return err
}

// updateTurf changes what does not change whom a turf holds.
func updateTurf(ctx context.Context, tx *db.Tx, in org.ID, t Turf) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_turf SET number = ?, name = ?, hue = ?, spare = ? WHERE id = ? AND org_id = ?`, t.Number, t.Name, t.Hue, t.Spare, t.ID, in)
	return err
}

func retireTurf(ctx context.Context, tx *db.Tx, in org.ID, id TurfID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_turf SET retired_at = ? WHERE id = ? AND org_id = ?`, at, id, in)
	return err
}
