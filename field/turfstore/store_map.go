package turfstore

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// mapRow is a map as it is stored.
type mapRow struct {
	Map
	LeftJSON string `db:"left_out"`
}

// mapRows returns maps of an organisation, last changed first: one (id) or all. A turf that is with somebody is not retired, so that hand-outs alone say how many are out.
func mapRows(ctx context.Context, r db.Reader, in org.ID, id MapID, archived bool, now time.Time) ([]mapRow, error) {
	return db.AllOf[mapRow](ctx, r, db.Q(`SELECT m.id, m.org_id, m.voterfile_id, m.list_id, COALESCE(l.name, '') AS list_name, m.folder_id, m.name, m.region, m.script_id,
		m.doors, m.people, m.left_out, m.step, m.edition, m.created_by, m.created_at, m.changed_at, m.archived_at,
		(SELECT COUNT(*) FROM field_turf t WHERE t.map_id = m.id AND t.retired_at = 0) AS turfs,
		(SELECT COUNT(DISTINCT h.turf_id) FROM field_turf_handout h WHERE h.map_id = m.id AND h.turf_id <> 0 AND h.recalled_at = 0 AND h.ends_at > ?) AS turfs_out
		FROM field_turf_map m LEFT JOIN field_list l ON l.id = m.list_id AND l.deleted_at = 0 WHERE m.org_id = ?`, now, in).
		If(id != 0, `AND m.id = ?`, id).If(!archived, `AND m.archived_at = 0`).Add(`ORDER BY m.changed_at DESC, m.id DESC`))
}

func insertMap(ctx context.Context, tx *db.Tx, r mapRow, ground []byte) (MapID, error) {
	return db.One[MapID](ctx, tx, `INSERT INTO field_turf_map (org_id, voterfile_id, list_id, folder_id, script_id, name, region, doors, people, left_out, ground,
		created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Org, r.File, r.List, r.Folder, r.Script, r.Name, r.Region, r.Doors, r.People, r.LeftJSON, ground, r.By, r.Created, r.Created)
}

func updateMap(ctx context.Context, tx *db.Tx, in org.ID, id MapID, x About, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_turf_map SET name = ?, region = ?, folder_id = ?, script_id = ?, changed_at = ? WHERE id = ? AND org_id = ?`,
		x.Name, x.Region, x.Folder, x.Script, at, id, in)
	return err
}

func archiveMap(ctx context.Context, tx *db.Tx, in org.ID, id MapID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_turf_map SET archived_at = ?, changed_at = ? WHERE id = ? AND org_id = ? AND archived_at = 0`, at, at, id, in)
	return err
}

func groundOf(ctx context.Context, r db.Reader, in org.ID, id MapID) ([]byte, error) {
	return db.One[[]byte](ctx, r, `SELECT ground FROM field_turf_map WHERE id = ? AND org_id = ?`, id, in)
}

// draftRow is one step of a map's drafts.
type draftRow struct {
	Map  MapID     `db:"map_id"`
	Step int64     `db:"step"`
	Org  org.ID    `db:"org_id"`
	What string    `db:"what"`
	Plan []byte    `db:"plan"`
	By   int64     `db:"made_by"`
	At   time.Time `db:"made_at"`
}

func insertDraft(ctx context.Context, tx *db.Tx, r draftRow) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_turf_draft (map_id, step, org_id, what, plan, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Map, r.Step, r.Org, r.What, r.Plan, r.By, r.At)
	return err
}

func draftAt(ctx context.Context, r db.Reader, in org.ID, id MapID, step int64) (draftRow, error) {
	return db.One[draftRow](ctx, r, `SELECT map_id, step, org_id, what, plan, made_by, made_at FROM field_turf_draft WHERE map_id = ? AND org_id = ? AND step = ?`, id, in, step)
}

// draftSteps returns which steps are kept, ascending.
func draftSteps(ctx context.Context, r db.Reader, in org.ID, id MapID) ([]int64, error) {
	return db.All[int64](ctx, r, `SELECT step FROM field_turf_draft WHERE map_id = ? AND org_id = ? ORDER BY step`, id, in)
}

// dropDrafts forgets the steps outside of from to to.
func dropDrafts(ctx context.Context, tx *db.Tx, in org.ID, id MapID, from, to int64) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_turf_draft WHERE map_id = ? AND org_id = ? AND (step < ? OR step > ?)`, id, in, from, to)
	return err
}

// moveTo makes step the draft that holds, if edition is still what the map has.
func moveTo(ctx context.Context, tx *db.Tx, in org.ID, id MapID, edition, step int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE field_turf_map SET step = ?, edition = edition + 1, changed_at = ? WHERE id = ? AND org_id = ? AND edition = ? AND archived_at = 0`,
		step, at, id, in, edition)
}
