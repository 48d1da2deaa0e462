package canvass

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

const turfNamed = `SELECT t.id AS turf_id, t.name, t.map_id, m.name AS map_name FROM field_turf t JOIN field_turf_map m ON m.id = t.map_id`

func turfByID(ctx context.Context, r db.Reader, org, turf int64) (GivenTurf, error) {
	return db.One[GivenTurf](ctx, r, turfNamed+` WHERE t.id = ? AND t.org_id = ?`, turf, org)
}

// hadTurf returns to whom a turf was handed out by name, the last first, then whose phones took it along.
func hadTurf(ctx context.Context, r db.Reader, org, turf int64) ([]nameRow, error) {
	return db.All[nameRow](ctx, r, `SELECT a.id, a.name FROM (SELECT to_id AS account_id, 0 AS place, given_at AS at FROM field_turf_handout WHERE org_id = ? AND turf_id = ? AND to_kind = 'account'
		UNION ALL SELECT account_id, 1 AS place, made_at AS at FROM field_canvass_packet WHERE org_id = ? AND turf_id = ? AND hash <> '') h
		JOIN account a ON a.id = h.account_id ORDER BY h.place, h.at DESC, a.id`, org, turf, org, turf)
}

func givenTurfs(ctx context.Context, r db.Reader, org int64, maps []int64, most int) ([]GivenTurf, error) {
	return db.All[GivenTurf](ctx, r, turfNamed+` JOIN (SELECT turf_id, MAX(given_at) AS at FROM field_turf_handout WHERE org_id = ? GROUP BY turf_id) h ON h.turf_id = t.id
		WHERE t.org_id = ? AND t.map_id IN (?) ORDER BY h.at DESC, m.name, t.number, t.id LIMIT ?`, org, org, maps, most)
}

// paperVisit is one visit at a door of a turf.
type paperVisit struct {
	ID, Door, Result string
	Talked           bool
	At               time.Time
}

func putPaperVisits(ctx context.Context, tx *db.Tx, org, in int64, p OnPaper, all []paperVisit) error {
	columns := []string{"org_id", "event_id", "map_id", "turf_id", "packet_id", "account_id", "door", "result", "talked", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_door", columns, func(yield func([]any) bool) {
		for _, x := range all {
			if !yield([]any{org, x.ID, in, p.Turf, "", p.By, x.Door, x.Result, x.Talked, x.At}) {
				return
			}
		}
	})
}

type paperAnswer struct {
	ID, Door                   string
	Person, Question, Response int64
	At                         time.Time
}

func putPaperAnswers(ctx context.Context, tx *db.Tx, org, in int64, p OnPaper, all []paperAnswer) error {
	columns := []string{"org_id", "event_id", "person_id", "map_id", "turf_id", "account_id", "door", "question_id", "response_id", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_answer", columns, func(yield func([]any) bool) {
		for _, x := range all {
			if !yield([]any{org, x.ID, x.Person, in, p.Turf, p.By, x.Door, x.Question, x.Response, x.At}) {
				return
			}
		}
	})
}
