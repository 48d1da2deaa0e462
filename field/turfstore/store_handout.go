package turfstore

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

const handoutSelect = `SELECT h.id, h.org_id, h.map_id, m.name AS map_name, h.turf_id, COALESCE(t.name, '') AS turf_name, h.to_kind, h.to_id, h.list_number, h.script_id,
	h.script_version, h.doors_each, h.days, h.given_by, h.given_at, h.ends_at, h.recalled_by, h.recalled_at
	FROM field_turf_handout h JOIN field_turf_map m ON m.id = h.map_id LEFT JOIN field_turf t ON t.id = h.turf_id`

func insertHandout(ctx context.Context, tx *db.Tx, h Handout) (HandoutID, error) {
	return db.One[HandoutID](ctx, tx, `INSERT INTO field_turf_handout (org_id, map_id, turf_id, to_kind, to_id, list_number, script_id, script_version, doors_each,
		days, given_by, given_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		h.Org, h.Map, h.Turf, string(h.To), h.ToID, h.Number, h.Script, h.ScriptVersion, h.DoorsEach, h.Days, h.GivenBy, h.Given, h.Ends)
}

// liveHandouts returns what of a map (0: of all) is handed out.
func liveHandouts(ctx context.Context, r db.Reader, in org.ID, m MapID, now time.Time) ([]Handout, error) {
	return db.AllOf[Handout](ctx, r, db.Q(handoutSelect+` WHERE h.org_id = ? AND h.recalled_at = 0 AND h.ends_at > ?`, in, now).
		If(m != 0, `AND h.map_id = ?`, m).Add(`ORDER BY h.id DESC`))
}

// takenNumber reports whether a list number was given and not taken back, in any organisation.
func takenNumber(ctx context.Context, r db.Reader, digits string) (bool, error) {
	n, err := db.One[int64](ctx, r, `SELECT COUNT(*) FROM field_turf_handout WHERE list_number = ? AND list_number <> '' AND recalled_at = 0`, digits)
	return n > 0, err
}

func handoutsByNumber(ctx context.Context, r db.Reader, digits string, now time.Time) ([]Handout, error) {
	return db.All[Handout](ctx, r, handoutSelect+` WHERE h.list_number = ? AND h.list_number <> '' AND h.recalled_at = 0 AND h.ends_at > ? ORDER BY h.id`, digits, now)
}

// handoutsFor returns what an account may take along, by itself or through its groups.
func handoutsFor(ctx context.Context, r db.Reader, in org.ID, who int64, now time.Time) ([]Handout, error) {
	return db.All[Handout](ctx, r, handoutSelect+` WHERE h.org_id = ? AND h.recalled_at = 0 AND h.ends_at > ? AND (h.to_kind = 'account' AND h.to_id = ?
		OR h.to_kind = 'group' AND h.to_id IN (SELECT g.id FROM org_group g JOIN org_group_member p ON p.group_id = g.id
			WHERE g.org_id = ? AND g.ended_at = 0 AND p.account_id = ?)) ORDER BY h.id`, in, now, who, in, who)
}

func handout(ctx context.Context, r db.Reader, in org.ID, id HandoutID) (Handout, error) {
	return db.One[Handout](ctx, r, handoutSelect+` WHERE h.id = ? AND h.org_id = ?`, id, in)
}

func recall(ctx context.Context, tx *db.Tx, in org.ID, id HandoutID, by int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE field_turf_handout SET recalled_by = ?, recalled_at = ? WHERE id = ? AND org_id = ? AND recalled_at = 0`, by, at, id, in)
}

func recallMap(ctx context.Context, tx *db.Tx, in org.ID, m MapID, by int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE field_turf_handout SET recalled_by = ?, recalled_at = ? WHERE map_id = ? AND org_id = ? AND recalled_at = 0 AND ends_at > ?`, by, at, m, in, at)
}

func claimed(ctx context.Context, r db.Reader, in org.ID, m MapID, now time.Time) ([]int64, error) {
	return db.All[int64](ctx, r, `SELECT door FROM field_turf_claim WHERE map_id = ? AND org_id = ? AND until_at > ?`, m, in, now)
}

func dropClaims(ctx context.Context, tx *db.Tx, in org.ID, m MapID, before time.Time) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_turf_claim WHERE map_id = ? AND org_id = ? AND until_at <= ?`, m, in, before)
	return err
}

func insertClaims(ctx context.Context, tx *db.Tx, in org.ID, m MapID, packet string, doors []int64, until time.Time) error {
	_, err := db.Bulk(ctx, tx, "field_turf_claim", []string{"map_id", "door", "org_id", "packet_id", "until_at"}, func(yield func([]any) bool) {
		for _, d := range doors {
			if !yield([]any{int64(m), d, int64(in), packet, until}) {
				return
			}
		}
	})
	return err
}

func releaseClaims(ctx context.Context, tx *db.Tx, in org.ID, packet string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_turf_claim WHERE org_id = ? AND packet_id = ?`, in, packet)
}
