// Package turfstore keeps maps: the doors of a list, cut into turfs, and who walks which.
//
// A map is made from a list and holds its doors as they were then. How they are cut is a draft, of which every edit is another step that can be undone.
// Saving makes turfs of it; a turf never changes, it is retired and another takes its place. Turfs are handed out until a day, and what a canvasser takes
// along is read again at that moment, so that who moved, is protected or asked not to be visited since is not in it.
package turfstore

import (
	"context"
	_ "embed"
	"fmt"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Config is what a Store stands on.
type Config struct {
	DB       *db.DB
	Lists    *liststore.Store
	Orgs     *org.Orgs
	Accounts *account.Accounts // for the names of those who cut and walk; nil leaves them out
	Places   *place.Store
	Now      func() time.Time // nil: time.Now
}

// Store keeps maps, turfs and hand-outs.
type Store struct {
	db       *db.DB
	lists    *liststore.Store
	orgs     *org.Orgs
	accounts *account.Accounts
	places   *place.Store
	now      func() time.Time

	mu      sync.Mutex
	grounds []*opened // of the maps that were cut last
}

// New returns the turfs of a site.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{db: c.DB, lists: c.Lists, orgs: c.Orgs, accounts: c.Accounts, places: c.Places, now: c.Now}
}

// MapID names one map, TurfID one turf of it, HandoutID one giving of a turf to somebody.
type (
	MapID     int64
	TurfID    int64
	HandoutID int64
)

// Object returns the map's name in the ledger.
func (id MapID) Object() string { return fmt.Sprintf("field_turf_map/%d", int64(id)) }

// Object returns the turf's name in the ledger.
func (id TurfID) Object() string { return fmt.Sprintf("field_turf/%d", int64(id)) }

// Object returns the hand-out's name in the ledger.
func (id HandoutID) Object() string { return fmt.Sprintf("field_turf_handout/%d", int64(id)) }

// The same whether there is none or the actor may not see it.
func errNoMap() error {
	return fault.NotFoundf("There is no such map here, or its folder is not shared with you.")
}
func errNoTurf() error {
	return fault.NotFoundf("There is no such turf here, or its folder is not shared with you.")
}

// names says what accounts are called, and asks for each once.
func (s *Store) names(ctx context.Context) func(int64) string {
	known := map[int64]string{}
	return func(id int64) string {
		name, ok := known[id]
		if !ok {
			name = s.nameOf(ctx, id)
			known[id] = name
		}
		return name
	}
}

// nameOf returns the name of an account.
func (s *Store) nameOf(ctx context.Context, id int64) string {
	if s.accounts == nil || id == 0 {
		return person.Nobody
	}
	a, err := s.accounts.Account(ctx, account.ID(id))
	if err != nil {
		return person.Nobody
	}
	return a.Name
}
