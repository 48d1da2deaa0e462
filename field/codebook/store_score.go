package codebook

import (
	"context"
	"encoding/json"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
)

func insertLoad(ctx context.Context, tx *db.Tx, org, account int64, now time.Time, g Staging) (LoadID, error) {
	var average, tolerance any
	if g.Average != nil {
		average, tolerance = *g.Average, *g.Tolerance
	}
	return db.One[LoadID](ctx, tx, `INSERT INTO field_score_load (score_id, voterfile_id, org_id, file_name, whole, state, wanted_average, tolerance, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?) RETURNING id`, int64(g.Score), int64(g.VoterFile), org, g.File, g.Whole, average, tolerance, account, now)
}

// strangers counts the staged people who are in none of the files.
func strangers(ctx context.Context, tx *db.Tx, id LoadID, files []voterfile.FileID) (int64, error) {
	if len(files) == 0 {
		return db.One[int64](ctx, tx, `SELECT COUNT(*) FROM field_score_row WHERE load_id = ?`, int64(id))
	}
	return db.One[int64](ctx, tx, `SELECT COUNT(*) FROM field_score_row r WHERE r.load_id = ?
		AND NOT EXISTS (SELECT 1 FROM field_person p WHERE p.person_id = r.person_id AND p.voterfile_id IN (?))`, int64(id), files)
}

// bins is how many equal parts of the range Figures.Bins counts.
const bins = 20

type bin struct {
	Bin int   `db:"bin"`
	N   int64 `db:"n"`
}

func figures(ctx context.Context, tx *db.Tx, id LoadID, g Staging, d Definition) (Figures, error) {
	f, err := db.One[Figures](ctx, tx, `SELECT COUNT(*) AS rows, COALESCE(AVG(r.value * 1.0), 0) AS average, COALESCE(MIN(r.value), 0) AS low, COALESCE(MAX(r.value), 0) AS high,
		COALESCE(SUM(CASE WHEN s.value IS NULL THEN 1 ELSE 0 END), 0) AS fresh, COALESCE(SUM(CASE WHEN r.value > s.value THEN 1 ELSE 0 END), 0) AS raised,
		COALESCE(SUM(CASE WHEN r.value < s.value THEN 1 ELSE 0 END), 0) AS lowered, COALESCE(SUM(CASE WHEN r.value = s.value THEN 1 ELSE 0 END), 0) AS same
		FROM field_score_row r LEFT JOIN field_person_score s ON s.person_id = r.person_id AND s.score_id = ? WHERE r.load_id = ?`, int64(g.Score), int64(id))
	if err != nil || f.Rows == 0 {
		return f, err
	}
	f.Median, err = db.One[int64](ctx, tx, `SELECT value FROM field_score_row WHERE load_id = ? ORDER BY value LIMIT 1 OFFSET ?`, int64(id), (f.Rows-1)/2)
	if err != nil {
		return f, err
	}
	counted, err := db.All[bin](ctx, tx, `SELECT (value - ?) * ? / ? AS bin, COUNT(*) AS n FROM field_score_row WHERE load_id = ? GROUP BY 1`,
		d.Min, int64(bins), d.Max-d.Min+1, int64(id))
	f.Bins = make([]int64, bins)
	for _, b := range counted {
		f.Bins[b.Bin] = b.N
	}
	if err == nil && g.Whole {
		f.Dropped, err = db.One[int64](ctx, tx, `SELECT COUNT(*) FROM field_person_score s JOIN field_person p ON p.person_id = s.person_id
			WHERE s.score_id = ? AND p.voterfile_id = ? AND NOT EXISTS (SELECT 1 FROM field_score_row r WHERE r.load_id = ? AND r.person_id = s.person_id)`,
			int64(g.Score), int64(g.VoterFile), int64(id))
	}
	return f, err
}

func putFigures(ctx context.Context, tx *db.Tx, id LoadID, f Figures) error {
	stored, err := json.Marshal(f)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `UPDATE field_score_load SET figures = ? WHERE id = ?`, string(stored), int64(id))
	return err
}

const loadColumns = `SELECT id, score_id, voterfile_id, org_id, file_name, whole, state, wanted_average, tolerance, figures, created_by, created_at, decided_by, decided_at FROM field_score_load`

func loads(ctx context.Context, r db.Reader, org int64, score ID) ([]Load, error) {
	return loadsFrom(db.All[loadRow](ctx, r, loadColumns+` WHERE org_id = ? AND score_id = ? ORDER BY id DESC LIMIT 200`, org, int64(score)))
}

func waitingLoads(ctx context.Context, r db.Reader, org int64) ([]Load, error) {
	return loadsFrom(db.All[loadRow](ctx, r, loadColumns+` WHERE org_id = ? AND state IN ('waiting', 'approving') ORDER BY id`, org))
}

func loadsFrom(rows []loadRow, err error) ([]Load, error) {
	all := make([]Load, len(rows))
	for i, x := range rows {
		if all[i], err = x.load(); err != nil {
			return nil, err
		}
	}
	return all, err
}

func loadOf(ctx context.Context, r db.Reader, org int64, id LoadID) (Load, error) {
	x, err := db.One[loadRow](ctx, r, loadColumns+` WHERE org_id = ? AND id = ?`, org, int64(id))
	if err != nil {
		return Load{}, err
	}
	return x.load()
}

// moveLoad changes the state of a load that still stands at from.
func moveLoad(ctx context.Context, tx *db.Tx, id LoadID, from, to LoadState, by int64, at time.Time) error {
	n, err := db.Exec(ctx, tx, `UPDATE field_score_load SET state = ?, decided_by = ?, decided_at = ? WHERE id = ? AND state = ?`, string(to), by, at, int64(id), string(from))
	if err == nil && n == 0 {
		err = errDecided()
	}
	return err
}

// stepEnd returns the last person of the next step of a load, ErrNone or 0 when none is left.
func stepEnd(ctx context.Context, tx *db.Tx, id LoadID, step int) (int64, error) {
	return db.One[int64](ctx, tx, `SELECT COALESCE(MAX(person_id), 0) FROM (SELECT person_id FROM field_score_row WHERE load_id = ? ORDER BY person_id LIMIT ?) AS step`, int64(id), step)
}

// moveRows puts the staged values up to person last in place.
func moveRows(ctx context.Context, tx *db.Tx, l Load, last int64) (int64, error) {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_person_score (person_id, score_id, value) SELECT person_id, CAST(? AS BIGINT), value FROM field_score_row WHERE load_id = ? AND person_id <= ?
		ON CONFLICT (person_id, score_id) DO UPDATE SET value = excluded.value`, int64(l.Score), int64(l.ID), last)
	if err != nil {
		return 0, err
	}
	if l.Whole { // they are needed to know who is not among them
		return db.Exec(ctx, tx, `UPDATE field_score_row SET load_id = ? WHERE load_id = ? AND person_id <= ?`, -int64(l.ID), int64(l.ID), last)
	}
	return db.Exec(ctx, tx, `DELETE FROM field_score_row WHERE load_id = ? AND person_id <= ?`, int64(l.ID), last)
}

// dropOthers takes the score from some people of the voter file who were not in a whole file, and returns how many: 0 when none are left.
func dropOthers(ctx context.Context, tx *db.Tx, l Load) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_person_score WHERE score_id = ? AND person_id IN (SELECT s.person_id FROM field_person_score s
		JOIN field_person p ON p.person_id = s.person_id WHERE s.score_id = ? AND p.voterfile_id = ?
		AND NOT EXISTS (SELECT 1 FROM field_score_row r WHERE r.load_id = ? AND r.person_id = s.person_id) LIMIT ?)`,
		int64(l.Score), int64(l.Score), l.VoterFile, -int64(l.ID), approveStep)
}

func dropRows(ctx context.Context, tx *db.Tx, id LoadID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_score_row WHERE load_id IN (?)`, []int64{int64(id), -int64(id)})
	return err
}
