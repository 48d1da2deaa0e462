package canvass

import (
	"context"
	"iter"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// boardQuery asks for the figures of one board, one query each.
type boardQuery struct {
	Scope
	seen  []int64 // the maps it is about
	waits []int64 // and those in which people were met who still wait: put away ones too
	org   int64
	now   time.Time
}

type mapFolder struct {
	ID       int64 `db:"id"`
	Folder   int64 `db:"folder_id"`
	Archived int64 `db:"archived_at"`
}

func mapFolders(ctx context.Context, r db.Reader, org int64) ([]mapFolder, error) {
	return db.All[mapFolder](ctx, r, `SELECT id, folder_id, archived_at FROM field_turf_map WHERE org_id = ? ORDER BY id`, org)
}

// tallies are the counts of visits; doors that a phone made up are visits and no doors of the file.
const tallies = `COUNT(DISTINCT CASE WHEN door NOT LIKE 'n-%' THEN door END) AS attempted, COUNT(DISTINCT CASE WHEN door NOT LIKE 'n-%' AND talked = 1 THEN door END) AS talked,
	COUNT(*) AS attempts, COUNT(DISTINCT CASE WHEN at > ? AND door NOT LIKE 'n-%' THEN door END) AS lately, MIN(at) AS first_at, MAX(at) AS last_at FROM field_canvass_door`

// printRow is the print of one turf.
type printRow struct {
	mapTurf
	print
}

// prints reads the index of the visits only.
func (q boardQuery) prints(ctx context.Context, r db.Reader) ([]printRow, error) {
	return db.All[printRow](ctx, r, `SELECT map_id, turf_id, COUNT(*) AS n, CAST(SUM(at) AS BIGINT) AS sum_at, MAX(at) AS last_at FROM field_canvass_door
		WHERE org_id = ? AND map_id IN (?) GROUP BY map_id, turf_id`, q.org, q.seen)
}

func (q boardQuery) visits(ctx context.Context, r db.Reader, maps, turfs []int64) iter.Seq2[visitRow, error] {
	return db.Each[visitRow](ctx, r, `SELECT map_id, turf_id, account_id, door, result, talked, at FROM field_canvass_door
		WHERE org_id = ? AND map_id IN (?) AND turf_id IN (?) ORDER BY at, event_id`, q.org, maps, turfs)
}

func (q boardQuery) maps(ctx context.Context, r db.Reader) ([]MapFigures, error) {
	return db.All[MapFigures](ctx, r, `SELECT id AS map_id, name, voterfile_id, created_at, doors FROM field_turf_map WHERE org_id = ? AND id IN (?) ORDER BY name, id`, q.org, q.seen)
}

// orgs returns the figures of the maps by whose they are.
func (q boardQuery) orgs(ctx context.Context, r db.Reader, owners []int64) ([]OrgFigures, error) {
	return db.All[OrgFigures](ctx, r, `SELECT m.org_id, o.name, COUNT(*) AS maps, SUM(m.doors) AS doors, COALESCE(SUM(d.attempted), 0) AS attempted, COALESCE(SUM(d.talked), 0) AS talked,
		COALESCE(SUM(d.attempts), 0) AS attempts, COALESCE(SUM(d.lately), 0) AS lately, COALESCE(MIN(d.first_at), 0) AS first_at, COALESCE(MAX(d.last_at), 0) AS last_at
		FROM field_turf_map m JOIN org o ON o.id = m.org_id LEFT JOIN (SELECT map_id, `+tallies+` WHERE org_id IN (?) AND map_id IN (?) AND at >= ? GROUP BY map_id) d ON d.map_id = m.id
		WHERE m.id IN (?) GROUP BY m.org_id, o.name ORDER BY o.name, m.org_id`, q.now.Add(-lately), owners, q.seen, q.Since, q.seen)
}

type sharedMap struct {
	ID     int64 `db:"id"`
	Org    int64 `db:"org_id"`
	Folder int64 `db:"folder_id"`
}

func mapsInFolders(ctx context.Context, r db.Reader, folders []int64) ([]sharedMap, error) {
	return db.All[sharedMap](ctx, r, `SELECT id, org_id, folder_id FROM field_turf_map WHERE folder_id IN (?) AND archived_at = 0 ORDER BY id`, folders)
}

// turfs returns the turfs of the maps, retired ones too.
func (q boardQuery) turfs(ctx context.Context, r db.Reader) ([]turfRow, error) {
	return db.All[turfRow](ctx, r, `SELECT id AS turf_id, map_id, name, hue, CASE WHEN retired_at = 0 THEN number ELSE 0 END AS number, doors, people, retired_at FROM field_turf WHERE org_id = ? AND map_id IN (?) ORDER BY map_id, number, id`, q.org, q.seen)
}

// givenRow is who handed out a turf, or a whole map, last.
type givenRow struct {
	mapTurf
	By int64 `db:"given_by"`
}

func (q boardQuery) given(ctx context.Context, r db.Reader) ([]givenRow, error) {
	return db.All[givenRow](ctx, r, `SELECT map_id, turf_id, given_by FROM (SELECT map_id, turf_id, given_by,
		ROW_NUMBER() OVER (PARTITION BY map_id, turf_id ORDER BY id DESC) AS place FROM field_turf_handout WHERE org_id = ? AND map_id IN (?)) h
		WHERE h.place = 1 ORDER BY map_id, turf_id`, q.org, q.seen)
}

type turfRow struct {
	TurfFigures
	Retired int64 `db:"retired_at"`
}

type nameRow struct {
	ID   int64  `db:"id"`
	Name string `db:"name"`
}

func accountNames(ctx context.Context, r db.Reader, ids []int64) ([]nameRow, error) {
	return db.All[nameRow](ctx, r, `SELECT id, name FROM account WHERE id IN (?)`, db.Many[int64](ids))
}

// answerPrint tells whether the answers of a map are those that are kept. Names of questions are theirs too, so they are part of it.
type answerPrint struct {
	Map   int64 `db:"map_id"`
	N     int64 `db:"n"`
	Sum   int64 `db:"sum_at"`
	Named int64 `db:"named"`
}

func (q boardQuery) answerPrints(ctx context.Context, r db.Reader) ([]answerPrint, error) {
	return db.All[answerPrint](ctx, r, `SELECT x.map_id, COUNT(*) AS n, CAST(SUM(x.at) AS BIGINT) AS sum_at, MAX(q.changed_at) AS named FROM field_canvass_answer x
		JOIN field_question q ON q.id = x.question_id WHERE x.org_id = ? AND x.map_id IN (?) GROUP BY x.map_id ORDER BY x.map_id`, q.org, q.seen)
}

func (q boardQuery) answers(ctx context.Context, r db.Reader) ([]AnswerFigures, error) {
	f := db.Q(`SELECT x.question_id, q.name AS question, x.response_id, p.name AS response, COUNT(*) AS people FROM (SELECT person_id, question_id, response_id,
		ROW_NUMBER() OVER (PARTITION BY person_id, question_id ORDER BY at DESC, event_id DESC) AS place FROM field_canvass_answer WHERE org_id = ? AND map_id IN (?) AND at >= ?) x JOIN field_question q ON q.id = x.question_id JOIN field_response p ON p.id = x.response_id WHERE x.place = 1
		GROUP BY x.question_id, q.name, x.response_id, p.name, p.position ORDER BY q.name, x.question_id, p.position`, q.org, q.seen, q.Since)
	return db.AllOf[AnswerFigures](ctx, r, f)
}

// out returns the phones that have turf now.
func (q boardQuery) out(ctx context.Context, r db.Reader) ([]Out, error) {
	f := db.Q(`SELECT p.id, p.map_id, p.turf_id, p.device_id, p.account_id, COALESCE(a.name, '') AS name, p.doors, p.made_at, p.ends_at, d.seen_at, d.synced_at
		FROM field_canvass_packet p JOIN offline_device d ON d.id = p.device_id LEFT JOIN account a ON a.id = p.account_id LEFT JOIN field_turf_handout h ON h.id = p.handout_id
		WHERE p.org_id = ? AND p.hash <> '' AND p.returned_at = 0 AND p.ends_at > ? AND d.revoked_at = 0 AND COALESCE(h.recalled_at, 0) = 0
		AND p.map_id IN (?) ORDER BY d.seen_at DESC, p.id`, q.org, q.now, q.seen)
	return db.AllOf[Out](ctx, r, f)
}

func (q boardQuery) met(ctx context.Context, r db.Reader) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM field_canvass_met w JOIN field_canvass_packet p ON p.id = w.packet_id
		WHERE w.org_id = ? AND w.state = 'waiting' AND p.map_id IN (?)`, q.org, q.waits)
}

// packetGround is where a packet is of.
type packetGround struct {
	ID   string `db:"id"`
	Map  int64  `db:"map_id"`
	Turf int64  `db:"turf_id"`
}

func groundsOfPackets(ctx context.Context, r db.Reader, org int64, ids []string) ([]packetGround, error) {
	return db.All[packetGround](ctx, r, `SELECT id, map_id, turf_id FROM field_canvass_packet WHERE org_id = ? AND id IN (?)`, org, ids)
}
