package canvass

import (
	"context"

	"github.com/openprecinct/precinct/internal/db"
)

func (q boardQuery) hours(ctx context.Context, r db.Reader) ([]Hour, error) {
	f := db.Q(`SELECT at / 3600000 AS hour, COUNT(*) AS attempts, SUM(talked) AS talked FROM field_canvass_door WHERE org_id = ? AND map_id IN (?) AND at >= ?
		GROUP BY at / 3600000 ORDER BY hour`, q.org, q.seen, q.Since)
	return db.AllOf[Hour](ctx, r, f)
}

func visited(ctx context.Context, r db.Reader, org, of int64) ([]Visited, error) {
	return db.All[Visited](ctx, r, `SELECT door, MAX(talked) AS talked FROM field_canvass_door WHERE org_id = ? AND map_id = ? AND door NOT LIKE 'n-%' GROUP BY door ORDER BY door`, org, of)
}
