package canvass

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
)

const packetSelect = `SELECT p.id, p.map_id, p.turf_id, p.handout_id, p.device_id, p.account_id, p.script_id, p.script_version, p.doors, p.hash, p.content, p.made_at, p.ends_at,
	p.returned_at, COALESCE(h.recalled_at, 0) AS recalled_at, COALESCE(m.name, '') AS map_name, COALESCE(t.name, '') AS turf_name,
	CASE WHEN t.retired_at = 0 THEN t.number ELSE 0 END AS turf_number
	FROM field_canvass_packet p LEFT JOIN field_turf_handout h ON h.id = p.handout_id LEFT JOIN field_turf_map m ON m.id = p.map_id LEFT JOIN field_turf t ON t.id = p.turf_id`

func insertPacket(ctx context.Context, tx *db.Tx, org int64, p Packet) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_packet (id, org_id, map_id, turf_id, handout_id, device_id, account_id, script_id, script_version, doors, content, made_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.ID, org, p.Map, p.Turf, p.Handout, p.Device, p.Account, p.Script, p.ScriptVersion, p.Doors, p.Content, p.Made, p.Ends)
	return err
}

func packetByID(ctx context.Context, r db.Reader, org int64, id string) (Packet, error) {
	return db.One[Packet](ctx, r, packetSelect+` WHERE p.id = ? AND p.org_id = ?`, id, org)
}

func packetsByID(ctx context.Context, r db.Reader, org int64, ids []string) ([]Packet, error) {
	return db.All[Packet](ctx, r, packetSelect+` WHERE p.org_id = ? AND p.id IN (?)`, org, ids)
}

func packetsOf(ctx context.Context, r db.Reader, org int64, device string) ([]Packet, error) {
	return db.All[Packet](ctx, r, packetSelect+` WHERE p.device_id = ? AND p.org_id = ? ORDER BY p.made_at DESC, p.id`, device, org)
}

func tookPacket(ctx context.Context, tx *db.Tx, org int64, id, hash, content string, doors int, version int64) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_canvass_packet SET hash = ?, content = ?, doors = ?, script_version = ? WHERE id = ? AND org_id = ?`, hash, content, doors, version, id, org)
	return err
}

func returnPacket(ctx context.Context, tx *db.Tx, org int64, id string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_canvass_packet SET returned_at = ? WHERE id = ? AND org_id = ? AND returned_at = 0`, at, id, org)
	return err
}

func insertJoin(ctx context.Context, tx *db.Tx, org int64, device string, handout int64, at time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_join (device_id, handout_id, org_id, joined_at) VALUES (?, ?, ?, ?) ON CONFLICT (device_id, handout_id) DO NOTHING`, device, handout, org, at)
	return err
}

func joinedBy(ctx context.Context, r db.Reader, org int64, device string) ([]int64, error) {
	return db.All[int64](ctx, r, `SELECT handout_id FROM field_canvass_join WHERE device_id = ? AND org_id = ? ORDER BY joined_at, handout_id`, device, org)
}

// attemptedDoors returns the doors of a map at which somebody was, by household.
func attemptedDoors(ctx context.Context, r db.Reader, org, m int64) (map[int64]bool, error) {
	all, err := db.All[int64](ctx, r, `SELECT DISTINCT CAST(door AS BIGINT) FROM field_canvass_door WHERE org_id = ? AND map_id = ? AND door NOT LIKE 'n-%'`, org, m)
	done := make(map[int64]bool, len(all))
	for _, d := range all {
		done[d] = true
	}
	return done, err
}

func results(ctx context.Context, r db.Reader, org int64, c person.Channel) ([]contact.Result, error) {
	return db.All[contact.Result](ctx, r, `SELECT result FROM field_canvass_result WHERE org_id = ? AND channel = ? ORDER BY place`, org, string(c))
}

func putResults(ctx context.Context, tx *db.Tx, org int64, c person.Channel, chosen []contact.Result) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM field_canvass_result WHERE org_id = ? AND channel = ?`, org, string(c)); err != nil {
		return err
	}
	for i, r := range chosen {
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_result (org_id, channel, place, result) VALUES (?, ?, ?, ?)`, org, string(c), i, string(r)); err != nil {
			return err
		}
	}
	return nil
}

type answerRow struct {
	Person   int64 `db:"person_id"`
	Question int64 `db:"question_id"`
	Response int64 `db:"response_id"`
}

// latestAnswers returns the newest answer of each person to each question that the organisation may see.
func latestAnswers(ctx context.Context, r db.Reader, org int64, people, questions []int64) ([]answerRow, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	return db.All[answerRow](ctx, r, `SELECT person_id, question_id, response_id FROM (SELECT a.person_id, a.question_id, a.response_id,
		ROW_NUMBER() OVER (PARTITION BY a.person_id, a.question_id ORDER BY a.answered_at DESC, a.answer_id DESC) AS place
		FROM field_answer a JOIN field_question q ON q.id = a.question_id WHERE a.person_id IN (?) AND a.question_id IN (?) AND (a.org_id = ? OR q.shared = 1)) latest WHERE place = 1`,
		people, questions, org)
}

type codeRow struct {
	Person int64 `db:"person_id"`
	Code   int64 `db:"code_id"`
}

func givenCodes(ctx context.Context, r db.Reader, org int64, people, codes []int64) ([]codeRow, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	return db.All[codeRow](ctx, r, `SELECT person_id, code_id FROM field_person_code WHERE person_id IN (?) AND code_id IN (?) AND org_id = ? ORDER BY person_id, code_id`, people, codes, org)
}

type attemptRow struct {
	Person int64          `db:"person_id"`
	Result contact.Result `db:"result"`
	At     time.Time      `db:"tried_at"`
}

func latestAttempts(ctx context.Context, r db.Reader, org int64, people []int64) ([]attemptRow, error) {
	return db.All[attemptRow](ctx, r, `SELECT person_id, result, tried_at FROM (SELECT person_id, result, tried_at,
		ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY tried_at DESC, contact_id DESC) AS place FROM field_contact WHERE person_id IN (?) AND org_id = ?) latest WHERE place = 1`, people, org)
}

type hintRow struct {
	Door string `db:"door"`
	Body string `db:"body"`
}

// hintsAt returns the newest note about each of some doors.
func hintsAt(ctx context.Context, r db.Reader, org int64, doors []string) ([]hintRow, error) {
	return db.All[hintRow](ctx, r, `SELECT door, body FROM (SELECT door, body, ROW_NUMBER() OVER (PARTITION BY door ORDER BY at DESC, event_id DESC) AS place
		FROM field_canvass_hint WHERE org_id = ? AND door IN (?)) latest WHERE place = 1`, org, doors)
}

// shown returns those of people whom the organisation may see now.
func shown(ctx context.Context, r db.Reader, files []voterfile.FileID, people []int64) ([]int64, error) {
	if len(files) == 0 || len(people) == 0 {
		return nil, nil
	}
	return db.All[int64](ctx, r, `SELECT person_id FROM field_person WHERE person_id IN (?) AND voterfile_id IN (?)`, people, files)
}
