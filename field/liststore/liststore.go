// Package liststore asks who on a voter file meets a criteria, for one person of one organisation, and keeps what they save of it.
//
// It is the fence of lists: Catalog says what the person may ask about, Check refuses everything else, and nothing below it decides again. Column
// segments (field/segment) answer where they are built; until then the database does, with the same result.
package liststore

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
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
	Orgs     *org.Orgs
	Accounts *account.Accounts // for the names of those who made lists; nil leaves them out
	Places   *place.Store      // for the names of districts; nil leaves them out
	Engine   *segment.Engine   // nil: the database answers everything
	Now      func() time.Time  // nil: time.Now
	Log      *slog.Logger      // nil: slog.Default()
}

// Store asks, and keeps lists.
type Store struct {
	db       *db.DB
	orgs     *org.Orgs
	accounts *account.Accounts
	places   *place.Store
	engine   *segment.Engine
	now      func() time.Time
	log      *slog.Logger

	mu          sync.Mutex
	values      map[voterfile.FileID]fileValues
	definitions map[definitionKey]definitions
}

// New returns the lists of a site.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Store{db: c.DB, orgs: c.Orgs, accounts: c.Accounts, places: c.Places, engine: c.Engine, now: c.Now, log: c.Log,
		values: map[voterfile.FileID]fileValues{}, definitions: map[definitionKey]definitions{}}
}

// today returns the day as criteria count days: yyyymmdd, in UTC as all days here.
func (s *Store) today() int64 {
	y, m, d := s.now().UTC().Date()
	return int64(y)*10000 + int64(m)*100 + int64(d)
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

// Channel is the way by which the people of a list are to be contacted, as suppressions name it; "" for lists that are not for contact.
type Channel = person.Channel

// NoContact is the channel of lists that are not for contact.
const NoContact Channel = ""

// ParseChannel returns the channel called s; "" is NoContact.
func ParseChannel(s string) (Channel, bool) {
	if s == "" {
		return NoContact, true
	}
	return person.ParseChannel(s)
}

// WithoutSentence returns whom a list for contact by a channel leaves out, in English, as a words key.
func WithoutSentence(c Channel) string {
	switch c {
	case person.ByDoor:
		return "Without people who ask not to be visited"
	case person.ByCall:
		return "Without people who ask not to be called"
	case person.ByText:
		return "Without people who ask not to get texts"
	case person.ByMail:
		return "Without people who ask not to get mail"
	case person.ByEmail:
		return "Without people who ask not to get email"
	}
	return "Not for contact"
}

// Ask is a question about the people of one voter file.
type Ask struct {
	File     voterfile.FileID
	Criteria list.Criteria // as the person wrote it
	Channel  Channel       // for contact by this way: those who do not wish it are taken out, always
	Dropped  bool          // also people no longer in the newest file
	Minors   bool          // also 16- and 17-year-olds who registered ahead
}

// Checked is an Ask that may be asked.
type Checked struct {
	Ask
	Whole   list.Criteria // Criteria with the steps that are always on
	Always  []int         // which steps of Whole those are
	At      []int         // where in Whole each step of Criteria stands
	Plan    list.Plan
	Catalog *list.Catalog
}

// Counts are exact.
type Counts struct {
	People int64 `json:"people"`
	Doors  int64 `json:"doors"`  // distinct households
	Phones int64 `json:"phones"` // distinct numbers not known to be wrong
	Emails int64 `json:"emails"`
}

// StepCount says what one step of Checked.Whole did.
type StepCount struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
	Always bool  `json:"always,omitempty"`
}

// Answer is what Count found.
type Answer struct {
	Checked
	Counts
	Steps []StepCount
	Epoch int64         // the ledger number of the newest change that is counted
	Slow  bool          // the database answered: there is no segment yet
	Took  time.Duration //
}

// ErrNoSegment says that the segment of a voter file is not built yet: counts work, options and charts do not.
var ErrNoSegment = errors.New("the segment of this voter file is not built yet")
