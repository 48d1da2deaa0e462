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
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
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
	site   string
	vault  vault
	keys   *webauthn.WebAuthn
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
	if c.Key == ([32]byte{}) {
		return nil, errors.New("accounts need the site's key: 32 random bytes kept outside the database")
	}
	a := &Accounts{db: c.DB, origin: origin, site: c.Site, mailer: c.Mailer, words: c.Words, now: c.Now, idle: c.Idle}
	if a.site == "" {
		a.site = "Precinct"
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.idle == 0 {
		a.idle = IdleTime
	}
	if a.vault, err = newVault(c.Key); err != nil {
		return nil, err
	}
	a.keys, err = newWebAuthn(origin, a.site)
	return a, err
}

// Origin returns the site's own address, without a path.
func (a *Accounts) Origin() string { return a.origin.Scheme + "://" + a.origin.Host }

// Mails reports whether the site can send mail.
func (a *Accounts) Mails() bool { return a.mailer != nil }

// Account is one person's account as its owner and administrators may see it.
type Account struct {
	ID       ID
	Name     string
	Email    string     // "" for a guest's
	Lang     words.Lang // "" until the person chooses
	Created  time.Time
	Disabled time.Time // zero while it can be used
	Fallback bool      // has a password and a code app
}

func (r row) account() Account {
	return Account{ID: r.ID, Name: r.Name, Email: Reachable(r.Email), Lang: r.Lang, Created: r.Created, Disabled: r.Disabled,
		Fallback: r.Password != "" && r.Seed != ""}
}

// Account returns one account, or a NotFound fault.
func (a *Accounts) Account(ctx context.Context, id ID) (Account, error) {
	r, err := rowByID(ctx, a.db, id)
	return r.account(), err
}

// ByEmail returns the account with this e-mail, or a NotFound fault. r may be a transaction. Never tell the
// public which of the two it was.
func (a *Accounts) ByEmail(ctx context.Context, r db.Reader, email string) (Account, error) {
	e, err := ParseEmail(email)
	if err != nil {
		return Account{}, err
	}
	found, err := rowByEmail(ctx, r, e)
	return found.account(), err
}

// ParseEmail returns an e-mail address in the spelling under which accounts are kept: lower case, nothing but the address.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	parsed, err := mail.ParseAddress(s)
	if len(s) > 254 || at < 1 || err != nil || parsed.Name != "" || parsed.Address != s || !strings.Contains(s[at:], ".") {
		return "", fault.Invalidf("This is not an email address. It looks like name@example.org.")
	}
	return strings.ToLower(s), nil
}

// ParseName returns a person's name without surplus spaces.
func ParseName(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || utf8.RuneCountInString(s) > 100 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.Invalidf("Write the name as others should see it, up to 100 characters.")
	}
	return s, nil
}

// Create makes an account that nobody can sign in to yet: give its owner a Link, or start a session in the
// same step. An e-mail that is taken is a Conflict.
func (a *Accounts) Create(ctx context.Context, tx *db.Tx, by ledger.Who, name, email string, lang words.Lang) (ID, error) {
	name, err := ParseName(name)
	if err != nil {
		return 0, err
	}
	if email, err = ParseEmail(email); err != nil {
		return 0, err
	}
	handle, _ := NewToken()
	id, err := insertRow(ctx, tx, row{Handle: handle, Name: name, Email: email, Lang: lang, Created: a.now()})
	if err != nil {
		return 0, err
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryCreate, Object: object(id), Personal: map[string]any{"name": name, "email": email}})
	return id, err
}

// Change sets the session's person's name and language.
func (a *Accounts) Change(ctx context.Context, s Session, name string, lang words.Lang) error {
	name, err := ParseName(name)
	if err != nil {
		return err
	}
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := updateNameLang(ctx, tx, s.Account, name, lang); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryChange, Object: object(s.Account),
			Data: map[string]any{"lang": string(lang)}, Personal: map[string]any{"name": name}})
		return err
	})
}

// Disable closes an account and ends its sessions at once.
func (a *Accounts) Disable(ctx context.Context, tx *db.Tx, by ledger.Who, id ID) error {
	if err := updateDisabled(ctx, tx, id, a.now()); err != nil {
		return err
	}
	n, err := endSessions(ctx, tx, id, 0, a.now(), "disabled")
	if err != nil {
		return err
	}
	if err := spendLinks(ctx, tx, id, purposeSignIn, a.now()); err != nil {
		return err
	}
	if err := spendLinks(ctx, tx, id, purposeRecover, a.now()); err != nil {
		return err
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryDisable, Object: object(id), Data: map[string]any{"sessions": n}})
	return err
}

// Enable opens a disabled account again. Its sessions stay ended.
func (a *Accounts) Enable(ctx context.Context, tx *db.Tx, by ledger.Who, id ID) error {
	if err := updateDisabled(ctx, tx, id, time.Time{}); err != nil {
		return err
	}
	_, err := ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryEnable, Object: object(id)})
	return err
}
