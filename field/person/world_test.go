package person

import (
	"context"
	"iter"
	"os"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

func lines() []db.Line {
	return []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
}

// run gives a test a site on each engine with voter file 1 of organisation 1.
func run(t *testing.T, f func(t *testing.T, p *Store)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newPeople(t, d)) })
}

func newPeople(t testing.TB, d *db.DB) *Store {
	p := New(Config{DB: d, Now: func() time.Time { return testNow }})
	exec(t, d, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'North Carolina', 1)`)
	return p
}

func exec(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Transact(db.WithSite(context.Background()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func catalog(t testing.TB) permit.Catalog {
	c, err := permit.NewCatalog(Permits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// role returns an actor of organisation o with the role's permits.
func role(t testing.TB, o org.ID, key string) org.Actor {
	for _, r := range Roles {
		if r.Key == key {
			return org.Operate(o, catalog(t).Expand(r.Permits...))
		}
	}
	t.Fatalf("no role %q", key)
	return org.Actor{}
}

func holding(t testing.TB, o org.ID, ps ...permit.Permit) org.Actor {
	return org.Operate(o, catalog(t).Expand(ps...))
}

type human = persontest.Human

// insert writes people and reads their words.
func insert(t testing.TB, p *Store, humans iter.Seq[human]) {
	t.Helper()
	persontest.Insert(t, p.db, humans)
	if err := p.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
}
