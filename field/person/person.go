// Package person finds people in the voter files an organisation may see, shows each as far as a role allows, and records every look.
//
// A look-up (Find) takes one line: a name, an address, a phone number or a voter id, forgiving of typos and order. A profile
// (Look) is put together permit by permit: what a role may not see is not read. Both are in the ledger with their purpose.
// What an organisation adds (notes, its own phone numbers, suppressions) is seen by that organisation alone.
package person

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// ID names one person on this site.
type ID int64

// Object returns the person's name in the ledger.
func (id ID) Object() string { return fmt.Sprintf("field_person/%d", int64(id)) }

// Config is what a Store stands on.
type Config struct {
	DB       *db.DB
	Accounts *account.Accounts // for the names of those who wrote and looked; nil leaves them out
	Now      func() time.Time  // nil: time.Now
	Log      *slog.Logger      // nil: slog.Default()
}

// Store looks up and shows the people of a site.
type Store struct {
	db       *db.DB
	accounts *account.Accounts
	now      func() time.Time
	log      *slog.Logger
	words    words
	throttle throttle
	trails   trails
	near     heldNear
}

// New returns the people of a site. The words of its voter files are read at the first look-up, or earlier by Refresh.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	p := &Store{db: c.DB, accounts: c.Accounts, now: c.Now, log: c.Log}
	p.throttle.took = map[bucketKey]bucket{}
	p.trails.of = map[trailKey]trail{}
	p.near.of = map[int64]heldBlock{}
	return p
}

// DB returns the database that the writing methods want a transaction of.
func (p *Store) DB() *db.DB { return p.db }

// Nobody is the name of an account that cannot be read any more.
const Nobody = "–"

// NameOf returns the name of an account, for notes and looks.
func (p *Store) NameOf(ctx context.Context, id int64) string {
	if p.accounts == nil || id == 0 {
		return Nobody
	}
	a, err := p.accounts.Account(ctx, account.ID(id))
	if err != nil {
		return Nobody
	}
	return a.Name
}

// Status is the state of a registration as stored: one of these words.
type Status string

// The statuses, best first.
const (
	Active        Status = "active"
	Inactive      Status = "inactive"
	Pending       Status = "pending"
	Preregistered Status = "preregistered"
	Unknown       Status = "unknown"
	Removed       Status = "removed"
)

// rank orders people who match equally well.
func (s Status) rank() int {
	switch s {
	case Active:
		return 0
	case Inactive:
		return 1
	case Removed:
		return 3
	default:
		return 2
	}
}

// Purpose is why somebody looks: one of a short list, so that looks can be counted and compared.
type Purpose string

// The purposes.
const (
	CheckRegistration Purpose = "registration"
	AnswerQuestion    Purpose = "question"
	FollowUp          Purpose = "follow-up"
	DataQuality       Purpose = "data-quality"
	Training          Purpose = "training"
)

// Purposes returns all purposes in the order to offer them.
func Purposes() []Purpose {
	return []Purpose{CheckRegistration, AnswerQuestion, FollowUp, DataQuality, Training}
}

// ParsePurpose returns the purpose named s.
func ParsePurpose(s string) (Purpose, bool) {
	for _, p := range Purposes() {
		if string(p) == s {
			return p, true
		}
	}
	return "", false
}

// Sentence returns the purpose for people, in English, as a words key.
func (p Purpose) Sentence() string {
	switch p {
	case CheckRegistration:
		return "To check a registration"
	case AnswerQuestion:
		return "To answer a question they asked"
	case FollowUp:
		return "To follow up after a contact"
	case DataQuality:
		return "To correct the data"
	default:
		return "To learn or to teach"
	}
}
