package canvass

import (
	"context"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/internal/db"
)

// putDoors keeps attempts for the boards.
func putDoors(ctx context.Context, tx *db.Tx, org, account int64, all []said) error {
	columns := []string{"org_id", "event_id", "map_id", "turf_id", "packet_id", "account_id", "door", "result", "talked", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_door", columns, func(yield func([]any) bool) {
		for _, x := range all {
			if x.Kind != kindAttempt {
				continue
			}
			m, _ := contact.MeaningOf(contact.Result(x.data.Result))
			if !yield([]any{org, x.ID, x.packet.Map, x.packet.Turf, x.packet.ID, account, x.door, x.data.Result, m.Counts, x.When}) {
				return
			}
		}
	})
}

// putDoorAnswers keeps answers for the boards.
func putDoorAnswers(ctx context.Context, tx *db.Tx, org, account int64, all []said) error {
	columns := []string{"org_id", "event_id", "person_id", "map_id", "turf_id", "account_id", "door", "question_id", "response_id", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_answer", columns, func(yield func([]any) bool) {
		for _, x := range all {
			if x.Kind != kindAnswer {
				continue
			}
			for _, p := range x.people {
				if !yield([]any{org, x.ID, p, x.packet.Map, x.packet.Turf, account, x.door, x.data.Question, x.data.Response, x.When}) {
					return
				}
			}
		}
	})
}

func dropProjections(ctx context.Context, tx *db.Tx, org int64, events []string) error {
	for _, q := range []string{`DELETE FROM field_canvass_door WHERE org_id = ? AND event_id IN (?)`, `DELETE FROM field_canvass_answer WHERE org_id = ? AND event_id IN (?)`,
		`DELETE FROM field_canvass_later WHERE org_id = ? AND event_id IN (?)`} {
		if _, err := db.Exec(ctx, tx, q, org, events); err != nil {
			return err
		}
	}
	return nil
}

func putMarks(ctx context.Context, tx *db.Tx, org int64, all []mark) error {
	columns := []string{"org_id", "person_id", "what", "event_id", "value", "was", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_mark", columns, func(yield func([]any) bool) {
		for _, m := range all {
			if !yield([]any{org, m.Person, m.What, m.Event, m.Value, m.Was, m.At}) {
				return
			}
		}
	})
}

const markColumns = `SELECT person_id, what, event_id, value, was, at FROM field_canvass_mark`

// marksOn returns all marks of the people that some marks are about.
func marksOn(ctx context.Context, tx *db.Tx, org int64, of []mark) ([]mark, error) {
	people, whats := []int64{}, []string{}
	seen := map[string]bool{}
	for _, m := range of {
		people = append(people, m.Person)
		if !seen[m.What] {
			seen[m.What] = true
			whats = append(whats, m.What)
		}
	}
	return db.All[mark](ctx, tx, markColumns+` WHERE org_id = ? AND person_id IN (?) AND what IN (?)`, org, people, whats)
}

func marksOf(ctx context.Context, tx *db.Tx, org int64, events []string) ([]mark, error) {
	return db.All[mark](ctx, tx, markColumns+` WHERE org_id = ? AND event_id IN (?)`, org, events)
}

func dropMarks(ctx context.Context, tx *db.Tx, org int64, events []string) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_canvass_mark WHERE org_id = ? AND event_id IN (?)`, org, events)
	return err
}

type signupRow struct {
	Person int64  `db:"person_id"`
	Event  int64  `db:"event_id"`
	Status string `db:"status"`
}

func signups(ctx context.Context, r db.Reader, org int64, people, events []int64) ([]signupRow, error) {
	if len(events) == 0 {
		return nil, nil
	}
	return db.All[signupRow](ctx, r, `SELECT person_id, event_id, status FROM field_signup WHERE person_id IN (?) AND event_id IN (?) AND org_id = ?`, people, events, org)
}

type suppressedRow struct {
	Person  int64  `db:"person_id"`
	Channel string `db:"channel"`
}

func suppressed(ctx context.Context, r db.Reader, org int64, people []int64) ([]suppressedRow, error) {
	return db.All[suppressedRow](ctx, r, `SELECT person_id, channel FROM field_suppression WHERE person_id IN (?) AND org_id = ?`, people, org)
}

func putHint(ctx context.Context, tx *db.Tx, org, account int64, x said, body string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_hint (org_id, door, event_id, body, account_id, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, door, event_id) DO NOTHING`,
		org, x.door, x.ID, body, account, x.When)
	return err
}

func dropHint(ctx context.Context, tx *db.Tx, org int64, door, event string) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_canvass_hint WHERE org_id = ? AND door = ? AND event_id = ?`, org, door, event)
	return err
}

func putMet(ctx context.Context, tx *db.Tx, org, account int64, x said) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_met (org_id, id, event_id, packet_id, device_id, door, content, state, account_id, met_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)
		ON CONFLICT (org_id, id) DO UPDATE SET content = excluded.content, event_id = excluded.event_id, met_at = excluded.met_at
		WHERE field_canvass_met.state = 'waiting' AND field_canvass_met.met_at < excluded.met_at`, org, x.met, x.ID, x.packet.ID, x.Device, x.door, string(x.data.Raw), account, x.When)
	return err
}

// dropMet forgets somebody met whom nobody has looked at; 0 when somebody has.
func dropMet(ctx context.Context, tx *db.Tx, org int64, event string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_canvass_met WHERE org_id = ? AND event_id = ? AND state = 'waiting'`, org, event)
}

func putPlace(ctx context.Context, tx *db.Tx, org, account int64, x said) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_canvass_place (org_id, id, event_id, packet_id, content, account_id, found_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, id) DO NOTHING`,
		org, x.door, x.ID, x.packet.ID, string(x.data.Raw), account, x.When)
	return err
}

func dropPlace(ctx context.Context, tx *db.Tx, org int64, event string) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_canvass_place WHERE org_id = ? AND event_id = ?`, org, event)
	return err
}

func putLater(ctx context.Context, tx *db.Tx, org int64, all []said) error {
	columns := []string{"org_id", "event_id", "met_id", "device_id", "packet_id", "kind", "body", "at"}
	return db.InsertNew(ctx, tx, "field_canvass_later", columns, func(yield func([]any) bool) {
		for _, x := range all {
			if !yield([]any{org, x.ID, x.met, x.Device, x.packet.ID, x.Kind, string(x.Body), x.When}) {
				return
			}
		}
	})
}

type metAsRow struct {
	ID     string `db:"id"`
	Person int64  `db:"person_id"`
}

// matchedAs returns who people met turned out to be, as far as that is known.
func matchedAs(ctx context.Context, tx *db.Tx, org int64, met []string) (map[string]int64, error) {
	if len(met) == 0 {
		return nil, nil
	}
	rows, err := db.All[metAsRow](ctx, tx, `SELECT id, person_id FROM field_canvass_met WHERE org_id = ? AND id IN (?) AND state = 'matched'`, org, met)
	m := make(map[string]int64, len(rows))
	for _, r := range rows {
		m[r.ID] = r.Person
	}
	return m, err
}
