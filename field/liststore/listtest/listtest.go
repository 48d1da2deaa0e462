// Package listtest gives tests of lists a small site: two organisations, people with every reason to be left out, and somebody of each role.
package listtest

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/exchange"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// World is a site. Its people are persontest.Town on voter file 1 of the table, which the partner was granted.
type World struct {
	*testing.T
	DB       *db.DB
	Accounts *account.Accounts
	Orgs     *org.Orgs
	Engine   *segment.Engine
	Lists    *liststore.Store
	Words    *words.Catalog
	At       time.Time
	Catalog  permit.Catalog

	Table, Partner org.ID
}

// File is the voter file of the world.
const File voterfile.FileID = 1

// Run gives f a world on each engine. Permits, roles and sentences of packages above come from the caller.
func Run(t *testing.T, more Above, f func(w *World)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), place.Schema(), exchange.Schema(), outbox.Schema(), {Program: "field", FS: os.DirFS(schema())}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		w := &World{T: t, DB: d, At: time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)}
		w.build(more)
		f(w)
	})
}

// schema is the folder of the program's tables, wherever the test runs.
func schema() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "schema")
}

// Above is what packages above liststore add to the world.
type Above struct {
	Permits []permit.Def
	Roles   []permit.Role
	Spanish [][]byte
}

func (w *World) build(more Above) {
	w.Helper()
	now := func() time.Time { return w.At }
	var err error
	if w.Words, err = words.NewCatalog(slices.Concat([][]byte{list.Spanish, liststore.Spanish}, more.Spanish)...); err != nil {
		w.Fatal(err)
	}
	if w.Accounts, err = account.New(account.Config{DB: w.DB, Origin: "http://localhost:1", Key: [32]byte{1}, Now: now}); err != nil {
		w.Fatal(err)
	}
	if w.Catalog, err = permit.NewCatalog(org.Permits, voterfile.Permits, person.Permits, codebook.Permits, liststore.Permits, more.Permits); err != nil {
		w.Fatal(err)
	}
	w.Orgs = org.New(org.Config{DB: w.DB, Accounts: w.Accounts, Catalog: w.Catalog, Now: now,
		Roles: slices.Concat(person.Roles, codebook.Roles, liststore.Roles, more.Roles)})
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		if w.Table, err = w.Orgs.Establish(ctx, tx, "Halden Voter Table"); err != nil {
			return err
		}
		if w.Partner, err = w.Orgs.Establish(ctx, tx, "Lakeshore Neighbors"); err != nil {
			return err
		}
		return files(ctx, tx)
	})
	persontest.Insert(w, w.DB, slices.Values(persontest.Town))
	w.Engine = segment.New(segment.Config{DB: w.DB, Dir: w.TempDir(), Now: now})
	w.Cleanup(func() { _ = w.Engine.Close() })
	w.Lists = liststore.New(liststore.Config{DB: w.DB, Orgs: w.Orgs, Accounts: w.Accounts, Engine: w.Engine, Now: now})
}

// Write writes as the site.
func (w *World) Write(fn func(context.Context, *db.Tx) error) {
	w.Helper()
	if err := w.DB.Transact(db.WithSite(w.Context()), fn); err != nil {
		w.Fatal(err)
	}
}

// Exec writes one statement as the site.
func (w *World) Exec(q string, args ...any) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	})
}

// Sit makes somebody of a role in an organisation and returns them at work there.
func (w *World) Sit(in org.ID, name, role string) org.Actor {
	w.Helper()
	var who account.ID
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		who, err = w.Orgs.Admit(ctx, tx, org.Operate(in, w.Catalog.Everything()), name, name+"@halden.example", role, words.EN)
		return err
	})
	a, err := w.Orgs.Sit(w.Context(), account.Session{Account: who, Name: name, FactorAt: w.At}, in)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// Ready waits until the segment knows of all that was written.
func (w *World) Ready(a org.Actor) {
	w.Helper()
	if err := w.Lists.Ready(w.Context(), a, File); err != nil {
		w.Fatal(err)
	}
}

// Everybody asks for everybody on the file.
func Everybody() liststore.Ask {
	return liststore.Ask{File: File, Criteria: list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start}}}}
}

// In asks for the people of a city.
func In(city string) liststore.Ask {
	k := Everybody()
	k.Criteria.Steps[0].Where = list.Is{Attr: list.City, Values: []string{city}}
	return k
}
