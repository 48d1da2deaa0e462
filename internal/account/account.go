// Package account signs people in: passkeys and security keys first, password and one-time code as the fallback.
//
// Every way in shows two factors, or is a one-time link that opens nothing but the making of a factor.
// A session is a random token of which only the SHA-256 is stored, and it ends at once when the account
// is disabled, when a factor changes and when a role is taken away.
package account

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/words"
)

// ID names one person's account on this site.
type ID int64

// SessionID names one session; it is no secret and opens nothing.
type SessionID int64

// How long things last. NIST SP 800-63B-4 §2.2.3 (AAL2) asks for at most 24 hours in all and one hour of
// inactivity; ASVS 5.0 7.3.1 and 7.3.2 ask that the choice be written down.
const (
	SessionTime  = 12 * time.Hour   // from sign-in, whatever happens
	IdleTime     = time.Hour        // since the last request; Config.Idle can change it
	FactorTime   = 30 * time.Minute // a dangerous act needs a factor shown no longer ago than this
	ResetTime    = 30 * time.Minute // a mailed recovery link
	ceremonyTime = 5 * time.Minute  // from the challenge to the key's answer
)

// ErrNoSession means that the token opens nothing: never issued, ended, expired, or its account is disabled.
var ErrNoSession = errors.New("no such session")

// Mail is one message to one person.
type Mail struct {
	To, Subject, Text string
	Lang              words.Lang
}

// Mailer takes mail for later delivery, in the caller's transaction: no commit, no mail.
type Mailer interface {
	Send(ctx context.Context, tx *db.Tx, m Mail) error
}

// Config says how the site signs people in.
type Config struct {
	DB     *db.DB
	Origin string   // https://host[:port], or http://localhost:port; passkeys are bound to its host
	Site   string   // the site's name as authenticators show it
	Key    [32]byte // seals one-time-code seeds; lives outside the database
	Mailer Mailer   // nil: no mail is sent and recovery by mail is not offered
	Words  *words.Catalog
	Now    func() time.Time // nil: time.Now
	Idle   time.Duration    // 0: IdleTime
}

// Accounts is the site's accounts and their sessions.
type Accounts struct {
	db     *db.DB
	origin *url.URL
	mailer Mailer
	words  *words.Catalog
	now    func() time.Time
	idle   time.Duration
}

// New checks c and returns the site's accounts.
func New(c Config) (*Accounts, error) {
	origin, err := url.Parse(c.Origin)
	if err != nil || origin.Host == "" || (origin.Scheme != "https" && origin.Hostname() != "localhost") {
		return nil, fmt.Errorf("origin %q: want https://host or http://localhost:port, as passkeys need", c.Origin)
	}
	a := &Accounts{db: c.DB, origin: origin, mailer: c.Mailer, words: c.Words, now: c.Now, idle: c.Idle}
	if a.now == nil {
		a.now = time.Now
	}
	if a.idle == 0 {
		a.idle = IdleTime
	}
	return a, nil
}
