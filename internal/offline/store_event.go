package offline

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

type eventRow struct {
	ID       string    `db:"id"`
	Device   string    `db:"device_id"`
	Seq      int64     `db:"seq"`
	Kind     string    `db:"kind"`
	Thing    string    `db:"thing"`
	Undoes   string    `db:"undoes"`
	Body     string    `db:"body"`
	At       int64     `db:"at"`
	When     time.Time `db:"corrected_at"`
	Received time.Time `db:"received_at"`
	State    State     `db:"state"`
	Why      string    `db:"why"`
}

func (r eventRow) event() Event {
	return Event{ID: r.ID, Seq: r.Seq, Kind: r.Kind, Thing: r.Thing, Of: r.Undoes, Body: []byte(r.Body), At: r.At, When: r.When, Received: r.Received, Device: r.Device}
}

const eventColumns = `SELECT id, device_id, seq, kind, thing, undoes, body, at, corrected_at, received_at, state, why FROM offline_event`

func eventsByID(ctx context.Context, r db.Reader, org int64, ids []string) ([]eventRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All[eventRow](ctx, r, eventColumns+` WHERE org_id = ? AND id IN (?)`, org, ids)
}

// undosOf returns the undos of a device that name one of ids and still wait for it.
func undosOf(ctx context.Context, tx *db.Tx, device string, ids []string) ([]eventRow, error) {
	return db.All[eventRow](ctx, tx, eventColumns+` WHERE device_id = ? AND undoes <> '' AND undoes IN (?) AND state = 'aside'`, device, ids)
}

type placeRow struct {
	Seq  int64     `db:"seq"`
	When time.Time `db:"corrected_at"`
}

// placesAround returns the events of a device from the last one before seq lo to the first one after seq hi.
func placesAround(ctx context.Context, tx *db.Tx, device string, lo, hi int64) ([]placeRow, error) {
	return db.All[placeRow](ctx, tx, `SELECT seq, corrected_at FROM offline_event WHERE device_id = ?
		AND seq >= COALESCE((SELECT MAX(seq) FROM offline_event WHERE device_id = ? AND seq < ?), ?)
		AND seq <= COALESCE((SELECT MIN(seq) FROM offline_event WHERE device_id = ? AND seq > ?), ?) ORDER BY seq`, device, device, lo, lo, device, hi, hi)
}

func insertEvents(ctx context.Context, tx *db.Tx, org int64, rows []eventRow) error {
	columns := []string{"org_id", "id", "device_id", "seq", "kind", "thing", "undoes", "body", "at", "corrected_at", "received_at", "state", "why"}
	return db.InsertNew(ctx, tx, "offline_event", columns, func(yield func([]any) bool) {
		for _, r := range rows {
			if !yield([]any{org, r.ID, r.Device, r.Seq, r.Kind, r.Thing, r.Undoes, r.Body, r.At, r.When, r.Received, string(r.State), r.Why}) {
				return
			}
		}
	})
}

func setState(ctx context.Context, tx *db.Tx, org int64, id string, s State) error {
	_, err := db.Exec(ctx, tx, `UPDATE offline_event SET state = ?, why = '' WHERE org_id = ? AND id = ?`, string(s), org, id)
	return err
}

func decide(ctx context.Context, tx *db.Tx, org int64, id string, s State, by int64, at time.Time, why string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE offline_event SET state = ?, decided_by = ?, decided_at = ?, decision = ? WHERE org_id = ? AND id = ? AND state = 'aside'`,
		string(s), by, at, why, org, id)
}

type asideRow struct {
	eventRow
	Account int64  `db:"account_id"`
	Label   string `db:"label"`
}

func asideOf(ctx context.Context, r db.Reader, org int64, program string, limit int) ([]asideRow, error) {
	return db.All[asideRow](ctx, r, `SELECT e.id, e.device_id, e.seq, e.kind, e.thing, e.undoes, e.body, e.at, e.corrected_at, e.received_at, e.state, e.why, d.account_id, d.label
		FROM offline_event e JOIN offline_device d ON d.id = e.device_id WHERE e.org_id = ? AND e.state = 'aside' AND d.program = ?
		ORDER BY e.received_at, e.device_id, e.seq LIMIT ?`, org, program, limit)
}

type thingRow struct {
	Thing string `db:"thing"`
	N     int64  `db:"n"`
}

func asideByThing(ctx context.Context, r db.Reader, org int64) ([]thingRow, error) {
	return db.All[thingRow](ctx, r, `SELECT thing, COUNT(*) AS n FROM offline_event WHERE org_id = ? AND state = 'aside' GROUP BY thing`, org)
}
