// Package canvass is what canvassers take along, what they bring back, and what that means.
//
// A packet is a turf as one phone takes it: doors, people, script, results, signed by the site. What is recorded in it comes back as events (package
// offline), in whatever order and however late; here each becomes attempts, answers, codes, notes, wishes and corrections, as if it had been recorded
// that moment in the office. Only the newest word counts where there can be but one, and an event that is taken back leaves nothing behind.
package canvass

import (
	"context"
	_ "embed"
	"log/slog"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Turfs is what canvassing needs of turfs and of who has them; turfstore.Store is one.
type Turfs interface {
	ByNumber(ctx context.Context, r db.Reader, digits string) ([]turfstore.Handout, error)
	For(ctx context.Context, r db.Reader, a org.Actor) ([]turfstore.Handout, error)
	Handout(ctx context.Context, r db.Reader, a org.Actor, id turfstore.HandoutID) (turfstore.Handout, error)
	Doors(ctx context.Context, r db.Reader, a org.Actor, id turfstore.TurfID) (turfstore.Content, error)
	MapDoors(ctx context.Context, r db.Reader, a org.Actor, id turfstore.MapID, doors []int64) (turfstore.Content, error)
	Claim(ctx context.Context, tx *db.Tx, a org.Actor, id turfstore.MapID, packet string, at geo.Point, most int, until time.Time, skip map[int64]bool) ([]int64, error)
	Release(ctx context.Context, tx *db.Tx, a org.Actor, packet string) (int64, error)
}

// Scripts is what canvassing needs of scripts; scriptstore.Store is one.
type Scripts interface {
	Packet(ctx context.Context, r db.Reader, a org.Actor, id scriptstore.ID, version int64) (scriptstore.Packet, error)
}

// Config is what a Store stands on.
type Config struct {
	DB       *db.DB
	Orgs     *org.Orgs
	Accounts *account.Accounts
	Turfs    Turfs
	Scripts  Scripts
	Contacts *contact.Store
	Codebook *codebook.Store
	People   *person.Store
	Places   *place.Store // streets and water for the phone's map; nil: none
	Words    *words.Catalog
	Log      *slog.Logger
	Now      func() time.Time // nil: time.Now
}

// Store is the canvassing of a site.
type Store struct {
	c       Config
	devices *offline.Store
	key     signer
	visits  visits
}

// New returns the canvassing of a site.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Store{c: c, key: newSigner(c.Accounts.Derive("canvass packet"))}
	s.devices = offline.New(offline.Config{DB: c.DB, Orgs: c.Orgs, Accounts: c.Accounts, Log: c.Log, Now: c.Now,
		Program: offline.Program{Name: "canvass", Needs: PermitWalk, May: deviceMay, See: PermitSee, Judge: PermitJudge, Floors: s.floors, Apply: s.apply, Undo: s.undo}})
	return s
}

// Devices returns the phones of the site: who has them, what was set aside, and the way to shut one out.
func (s *Store) Devices() *offline.Store { return s.devices }
