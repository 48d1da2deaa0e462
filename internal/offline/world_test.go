package offline

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

const (
	walk  permit.Permit = "test.walk"
	see   permit.Permit = "test.see"
	judge permit.Permit = "test.judge"
	may   permit.Permit = "test.write"
)

// world is a site whose program writes down which events were applied, and refuses those of kind "wrong"; "broken" ones fail.
type world struct {
	*testing.T
	*Store
	at  time.Time
	org org.ID
}

func run(t *testing.T, f func(w *world)) {
	t.Helper()
	toy := db.Line{Program: "toy", FS: fstest.MapFS{"0001_toy.sql": {Data: []byte(`CREATE TABLE toy_effect (org_id @int NOT NULL, id @text NOT NULL, said_at @int NOT NULL, PRIMARY KEY (org_id, id)) @strict;`)},
		"fence.sql": {Data: []byte(`FENCE toy_effect BY org_id;`)}}}
	dbtest.Run(t, []db.Line{ledger.Schema(), account.Schema(), org.Schema(), Schema(), toy}, func(t *testing.T, d *db.DB) {
		w := &world{T: t, at: time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)}
		now := func() time.Time { return w.at }
		accounts, err := account.New(account.Config{DB: d, Origin: "http://localhost:1", Key: [32]byte{1}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		catalog, err := permit.NewCatalog(org.Permits, []permit.Def{{Permit: walk, Sentence: "a"}, {Permit: see, Sentence: "b"}, {Permit: judge, Sentence: "c"}, {Permit: may, Sentence: "d"}})
		if err != nil {
			t.Fatal(err)
		}
		orgs := org.New(org.Config{DB: d, Accounts: accounts, Catalog: catalog, Now: now, Roles: []permit.Role{{Key: "canvasser", Permits: []permit.Permit{walk}}}})
		w.Store = New(Config{DB: d, Orgs: orgs, Accounts: accounts, Now: now,
			Program: Program{Name: "toy", Needs: walk, May: []permit.Permit{may}, See: see, Judge: judge, Apply: applyToy, Undo: undoToy}})
		w.org = w.found()
		f(w)
	})
}

func applyToy(ctx context.Context, tx *db.Tx, a org.Actor, _ Device, events []Event) ([]*fault.Error, error) {
	if err := a.Must(may); err != nil {
		return nil, err
	}
	why := make([]*fault.Error, len(events))
	for i, e := range events {
		switch {
		case e.Kind == "broken":
			return nil, fmt.Errorf("the program fails")
		case e.Kind == "wrong" && !e.Judged:
			why[i] = fault.Invalidf("Wrong by %d.", 3)
			continue
		}
		if _, err := db.Exec(ctx, tx, `INSERT INTO toy_effect (org_id, id, said_at) VALUES (?, ?, ?)`, int64(a.Org()), e.ID, e.When); err != nil {
			return nil, err
		}
	}
	return why, nil
}

func undoToy(ctx context.Context, tx *db.Tx, a org.Actor, _ Device, events []Event) ([]*fault.Error, error) {
	for _, e := range events {
		if n, err := db.Exec(ctx, tx, `DELETE FROM toy_effect WHERE org_id = ? AND id = ?`, int64(a.Org()), e.ID); err != nil || n != 1 {
			return nil, fmt.Errorf("undoing %s: %d %w", e.ID, n, err)
		}
	}
	return make([]*fault.Error, len(events)), nil
}

func (w *world) found() (id org.ID) {
	w.write(db.WithSite(w.Context()), func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.orgs.Establish(ctx, tx, "Halden Voter Table")
		return err
	})
	return id
}

func (w *world) write(ctx context.Context, fn func(context.Context, *db.Tx) error) {
	w.Helper()
	if err := w.db.Transact(ctx, fn); err != nil {
		w.Fatal(err)
	}
}

// staff is somebody of an organisation who may see and judge.
func (w *world) staff(in org.ID) org.Actor { return org.Operate(in, permit.NewSet(see, judge, may)) }

func (w *world) guest(in org.ID) (d Device, token string) {
	w.Helper()
	w.write(w.staff(in).Within(w.Context()), func(ctx context.Context, tx *db.Tx) (err error) {
		d, token, err = w.EnrolGuest(ctx, tx, Guest{Org: in, Name: "Sam", Lang: words.EN, Role: "canvasser", Ends: w.at.AddDate(1, 0, 0)}, "phone", "")
		return err
	})
	return d, token
}

// end ends the membership of a device's person now.
func (w *world) end(d Device) {
	w.Helper()
	w.write(db.WithSite(w.Context()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE org_membership SET ended_at = ? WHERE account_id = ? AND org_id = ?`, w.at, int64(d.Account), int64(d.Org))
		return err
	})
}

// event writes one event as a device would.
func event(id string, seq int64, at time.Time, kind string, data map[string]any) json.RawMessage {
	b, err := json.Marshal(map[string]any{"id": id, "seq": seq, "at": at.UnixMilli(), "packet": "p1", "kind": kind, "data": data})
	if err != nil {
		panic(err)
	}
	return b
}

func body(now time.Time, events ...json.RawMessage) []byte {
	b, err := json.Marshal(map[string]any{"now": now.UnixMilli(), "held": []string{}, "events": events})
	if err != nil {
		panic(err)
	}
	return b
}

// send has a device send events and returns the answer.
func (w *world) send(token string, now time.Time, events ...json.RawMessage) Receipt {
	w.Helper()
	b, err := ParseBatch(body(now, events...))
	if err != nil {
		w.Fatal(err)
	}
	d, err := w.Known(w.Context(), token)
	if err != nil {
		w.Fatal(err)
	}
	r, err := w.Receive(w.Context(), d, b)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// states returns what became of the events of an organisation.
func (w *world) states(in org.ID) map[string]State {
	w.Helper()
	rows, err := db.All[eventRow](w.staff(in).Within(w.Context()), w.db, eventColumns+` WHERE org_id = ?`, int64(in))
	if err != nil {
		w.Fatal(err)
	}
	m := map[string]State{}
	for _, r := range rows {
		m[r.ID] = r.State
	}
	return m
}

// effects returns what the program wrote down.
func (w *world) effects(in org.ID) map[string]bool {
	w.Helper()
	ids, err := db.All[string](w.staff(in).Within(w.Context()), w.db, `SELECT id FROM toy_effect WHERE org_id = ?`, int64(in))
	if err != nil {
		w.Fatal(err)
	}
	m := map[string]bool{}
	for _, id := range ids {
		m[id] = true
	}
	return m
}
