// Package offline takes in what devices recorded while nobody could hear them.
//
// A device is let in with a secret of its own and acts for one person in one organisation. What it records is an append-only log of events with
// random ids; it keeps each until the server says that it holds it. Receive writes a request's events, what they mean and the answer in one
// transaction, so an event that was acknowledged is on stable storage with all its effects, and one that comes twice changes nothing. Work that
// cannot be applied is set aside for a person to look at, and never dropped.
//
// What events mean is the business of a Program; this package knows only that one takes another back.
package offline

import (
	"context"
	"embed"
	"log/slog"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

//go:embed schema/*.sql
var schema embed.FS

// Schema returns the tables of this package. They come after those of org.
func Schema() db.Line { return db.Embedded("offline", schema) }

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Program is what devices are for, and what their events mean.
type Program struct {
	Name  string          // "canvass"
	Needs permit.Permit   // whoever holds it may work with a device
	May   []permit.Permit // what the work of a device may do, and no more, whatever else its person may
	See   permit.Permit   // to see devices and what was set aside
	Judge permit.Permit   // to revoke, and to decide about what was set aside

	// Floors sets the Floor of events: the moment before which each cannot have been recorded. It may be nil.
	Floors func(ctx context.Context, tx *db.Tx, a org.Actor, d Device, events []Event) error
	// Apply writes what new events mean, in the order given, and returns for each nil, or why it is set aside. It refuses no more than it must:
	// an error sets the whole batch back, and its events are tried one by one.
	Apply func(ctx context.Context, tx *db.Tx, a org.Actor, d Device, events []Event) ([]*fault.Error, error)
	// Undo takes back what applied events meant, and returns for each nil, or why it stands.
	Undo func(ctx context.Context, tx *db.Tx, a org.Actor, d Device, events []Event) ([]*fault.Error, error)
}

// Config says what a store of devices stands on.
type Config struct {
	DB       *db.DB
	Orgs     *org.Orgs
	Accounts *account.Accounts
	Program  Program
	Log      *slog.Logger     // nil: slog.Default
	Now      func() time.Time // nil: time.Now
}

// Store is the devices of one program and what they recorded.
type Store struct {
	db       *db.DB
	orgs     *org.Orgs
	accounts *account.Accounts
	program  Program
	log      *slog.Logger
	now      func() time.Time
}

// New returns the devices of c's program.
func New(c Config) *Store {
	s := &Store{db: c.DB, orgs: c.Orgs, accounts: c.Accounts, program: c.Program, log: c.Log, now: c.Now}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}
