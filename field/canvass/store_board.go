package canvass

import (
	"context"
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

// tallied returns the counts by one column, as a table to join.
func (q boardQuery) tallied(column string) *db.Query {
	return db.Q(`SELECT `+column+`, `+tallies+` WHERE org_id = ? AND map_id IN (?) AND at >= ? GROUP BY `+column, q.now.Add(-lately), q.org, q.seen, q.Since)
}

const sums = `COALESCE(d.attempted, 0) AS attempted, COALESCE(d.talked, 0) AS talked, COALESCE(d.attempts, 0) AS attempts, COALESCE(d.lately, 0) AS lately,
	COALESCE(d.first_at, 0) AS first_at, COALESCE(d.last_at, 0) AS last_at`

func (q boardQuery) maps(ctx context.Context, r db.Reader) ([]MapFigures, error) {
	f := db.Q(`SELECT m.id AS map_id, m.name, m.voterfile_id, m.created_at, m.doors, `+sums+` FROM field_turf_map m LEFT JOIN (`).Join(q.tallied("map_id")).
		Add(`) d ON d.map_id = m.id WHERE m.org_id = ? AND m.id IN (?) ORDER BY m.name, m.id`, q.org, q.seen)
	return db.AllOf[MapFigures](ctx, r, f)
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

func (q boardQuery) turfs(ctx context.Context, r db.Reader) ([]TurfFigures, error) {
	f := db.Q(`SELECT t.id AS turf_id, t.map_id, t.name, t.hue, t.doors, t.people, `+sums+` FROM field_turf t LEFT JOIN (`).Join(q.tallied("turf_id")).
		Add(`) d ON d.turf_id = t.id WHERE t.org_id = ? AND t.map_id IN (?) AND (t.retired_at = 0 OR d.attempts > 0) ORDER BY t.map_id, t.number, t.id`, q.org, q.seen)
	return db.AllOf[TurfFigures](ctx, r, f)
}

func (q boardQuery) people(ctx context.Context, r db.Reader) ([]PersonFigures, error) {
	f := db.Q(`SELECT d.account_id, COALESCE(a.name, '') AS name, 0 AS doors, ` + sums + ` FROM (`).Join(q.tallied("account_id")).
		Add(`) d LEFT JOIN account a ON a.id = d.account_id ORDER BY attempted DESC, name, d.account_id`)
	return db.AllOf[PersonFigures](ctx, r, f)
}

func (q boardQuery) answers(ctx context.Context, r db.Reader) ([]AnswerFigures, error) {
	f := db.Q(`SELECT x.question_id, q.name AS question, x.response_id, p.name AS response, COUNT(*) AS people FROM (SELECT person_id, question_id, response_id,
		ROW_NUMBER() OVER (PARTITION BY person_id, question_id ORDER BY at DESC, event_id DESC) AS place FROM field_canvass_answer WHERE org_id = ? AND map_id IN (?) AND at >= ?) x JOIN field_question q ON q.id = x.question_id JOIN field_response p ON p.id = x.response_id WHERE x.place = 1
		GROUP BY x.question_id, q.name, x.response_id, p.name, p.position ORDER BY q.name, x.question_id, p.position`, q.org, q.seen, q.Since)
	return db.AllOf[AnswerFigures](ctx, r, f)
}

func (q boardQuery) results(ctx context.Context, r db.Reader) ([]ResultFigures, error) {
	f := db.Q(`SELECT result, COUNT(*) AS doors FROM (SELECT result, ROW_NUMBER() OVER (PARTITION BY map_id, door ORDER BY talked DESC, at DESC, event_id DESC) AS place
		FROM field_canvass_door WHERE org_id = ? AND map_id IN (?) AND at >= ?) x WHERE place = 1 GROUP BY result ORDER BY doors DESC, result`, q.org, q.seen, q.Since)
	return db.AllOf[ResultFigures](ctx, r, f)
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
