package db

import (
	"context"
	_ "embed"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish is this package's sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Site says what a database is for. It is written once, when the site is made, and never changes: a database
// that serves organizing must never be opened as an election office's, nor the other way round.
type Site struct {
	Purpose string    `db:"purpose"` // organizing or office
	Name    string    `db:"name"`
	Created time.Time `db:"created_at"`
}

// Claim makes the database a site for purpose, called name. On one that is already a site for the same
// purpose it changes nothing, not even the name; one for the other purpose is refused.
func (d *DB) Claim(ctx context.Context, purpose, name string) error {
	ctx = WithSite(ctx)
	if err := d.ensureOwnTables(ctx); err != nil {
		return err
	}
	var there Site
	err := d.Transact(ctx, func(ctx context.Context, tx *Tx) (err error) {
		if err := Lock(ctx, tx, "site"); err != nil {
			return err
		}
		if there, err = siteOf(ctx, tx); errors.Is(err, ErrNone) {
			there = Site{Purpose: purpose, Name: name, Created: time.Now()}
			return insertSite(ctx, tx, there)
		}
		return err
	})
	if err == nil && there.Purpose != purpose {
		err = fault.Conflictf("This database holds an %s site, “%s”, and is never opened for %s: the two are kept apart. Name the folder or database of the %s site.", there.Purpose, there.Name, purpose, purpose)
	}
	return err
}

// SiteOf returns what the database is for, or a NotFound fault when nobody has claimed it.
func (d *DB) SiteOf(ctx context.Context) (Site, error) {
	ctx = WithSite(ctx)
	if err := d.ensureOwnTables(ctx); err != nil {
		return Site{}, err
	}
	s, err := siteOf(ctx, d)
	if errors.Is(err, ErrNone) {
		return Site{}, fault.NotFoundf("This database is not a site yet. Make one with “precinct init”.")
	}
	return s, err
}
