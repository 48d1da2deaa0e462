package offline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// Device is something a person took along.
type Device struct {
	ID         string     `db:"id"` // 32 hexadecimal digits
	Org        org.ID     `db:"org_id"`
	Account    account.ID `db:"account_id"`
	Label      string     `db:"label"`
	Agent      string     `db:"agent"`
	Made       time.Time  `db:"made_at"`
	Seen       time.Time  `db:"seen_at"`
	Synced     time.Time  `db:"synced_at"` // zero: never
	Skew       int64      `db:"skew"`      // how far its clock is behind ours, in milliseconds
	Revoked    time.Time  `db:"revoked_at"`
	RevokedBy  account.ID `db:"revoked_by"`
	RevokedWhy string     `db:"revoked_why"`
}

// ErrNoDevice means that a token opens nothing: it was never issued.
var ErrNoDevice = errors.New("no such device")

// errUnwelcome is said to a device whose person may no longer work with it.
func errUnwelcome() *fault.Error {
	return fault.Deniedf("This device may no longer be used here: its access has ended. What it recorded is kept.")
}

// Unwelcome reports whether err says that a device is shut out and should be emptied.
func Unwelcome(err error) bool {
	f := fault.As(err)
	return f != nil && f.Format == errUnwelcome().Format
}

const longestLabel = 60 // letters

// NewID returns 32 random hexadecimal digits, as devices, packets and events are numbered.
func NewID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// ValidID reports whether s is written as NewID writes.
func ValidID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// Guest is somebody who has no account and showed a secret that the organisation gave out.
type Guest struct {
	Org  org.ID
	Name string
	Lang words.Lang
	Role string    // of their membership
	Ends time.Time // and when that ends
}

// EnrolGuest makes a guest of an organisation and a device for them. The caller has checked the secret. It returns the device's token, which is
// shown once.
func (s *Store) EnrolGuest(ctx context.Context, tx *db.Tx, g Guest, label, agent string) (Device, string, error) {
	who, err := s.orgs.AdmitGuest(ctx, tx, g.Org, g.Name, g.Lang, g.Role, g.Ends)
	if err != nil {
		return Device{}, "", err
	}
	return s.enrol(ctx, tx, g.Org, who, label, agent)
}

// Enrol makes a device for the actor, and returns its token, which is shown once.
func (s *Store) Enrol(ctx context.Context, tx *db.Tx, a org.Actor, label, agent string) (Device, string, error) {
	if err := a.Must(s.program.Needs); err != nil {
		return Device{}, "", err
	}
	return s.enrol(ctx, tx, a.Org(), a.Account(), label, agent)
}

func (s *Store) enrol(ctx context.Context, tx *db.Tx, in org.ID, who account.ID, label, agent string) (Device, string, error) {
	token, hash := account.NewToken()
	now := s.now()
	d := Device{ID: NewID(), Org: in, Account: who, Label: clip(label), Agent: clip(account.AgentName(agent)), Made: now, Seen: now}
	if err := insertDevice(ctx, tx, s.program.Name, hash, d); err != nil {
		return d, "", fmt.Errorf("letting a device in: %w", err)
	}
	_, err := ledger.Append(ctx, tx, ledger.Who{Account: int64(who), Org: int64(in), Via: "device"}, ledger.Entry{Kind: KindEnrol, Object: object(d.ID),
		Data: map[string]any{"program": s.program.Name, "account": int64(who)}, Personal: map[string]any{"agent": d.Agent, "label": d.Label}})
	return d, token, err
}

// Prolong lets the guest of a device stay until ends, if that is later than agreed.
func (s *Store) Prolong(ctx context.Context, tx *db.Tx, d Device, ends time.Time) error {
	return s.orgs.Prolong(ctx, tx, d.Org, d.Account, ends)
}

// clip makes s storable and short.
func clip(s string) string {
	s = db.Storable(strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) > longestLabel {
		s = string([]rune(s)[:longestLabel])
	}
	return s
}

// Known returns the device that token opens, shut out or not, or ErrNoDevice.
func (s *Store) Known(ctx context.Context, token string) (Device, error) {
	hash, ok := account.HashToken(token)
	if !ok {
		return Device{}, ErrNoDevice
	}
	d, err := deviceByToken(db.WithSite(ctx), s.db, s.program.Name, hash)
	if errors.Is(err, db.ErrNone) {
		return d, ErrNoDevice
	}
	if err != nil {
		return d, fmt.Errorf("looking for a device: %w", err)
	}
	return d, nil
}

// Welcome returns the device that token opens and its person as actor. Whoever is shut out gets a fault for which Unwelcome is true.
func (s *Store) Welcome(ctx context.Context, token string) (Device, org.Actor, error) {
	d, err := s.Known(ctx, token)
	if err != nil {
		return d, org.Actor{}, err
	}
	return s.WelcomeOf(ctx, d)
}

// WelcomeOf is Welcome of a device that is known.
func (s *Store) WelcomeOf(ctx context.Context, d Device) (Device, org.Actor, error) {
	a, standing, err := s.sit(ctx, d)
	if err == nil && !standing.Welcome {
		return d, org.Actor{}, errUnwelcome()
	}
	return d, a, err
}

// sit returns the actor of a device and how it stands. One that was shut out holds nothing; one whose person's access ended holds what their work until
// then needs.
func (s *Store) sit(ctx context.Context, d Device) (org.Actor, org.Standing, error) {
	may := s.program.May
	if !d.Revoked.IsZero() {
		may = nil
	}
	a, standing, err := s.orgs.SitByDevice(ctx, s.db, d.Account, d.Org, s.program.Needs, may)
	if !d.Revoked.IsZero() {
		standing = org.Standing{}
	}
	return a, standing, err
}

// Wrap returns the half key with which a welcome device unlocks what it stored. It is the same every time and is kept nowhere: it is made from
// the site's key, which lies outside the database.
func (s *Store) Wrap(d Device) [32]byte { return s.accounts.Derive("offline wrap\x00" + d.ID) }

// Devices returns the devices of the actor's organisation, last heard of first.
func (s *Store) Devices(ctx context.Context, a org.Actor) ([]Device, error) {
	ctx = a.Within(ctx)
	if err := a.Must(s.program.See); err != nil {
		return nil, err
	}
	return devicesOf(ctx, s.db, int64(a.Org()), s.program.Name)
}

// Revoke shuts a device out: its token opens nothing more, what it still sends is set aside, and it is told to empty itself.
func (s *Store) Revoke(ctx context.Context, a org.Actor, id, why string) error {
	ctx = a.Within(ctx)
	if err := a.Must(s.program.Judge); err != nil {
		return err
	}
	why = clip(why)
	return s.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := revokeDevice(ctx, tx, int64(a.Org()), id, int64(a.Account()), s.now(), why)
		if err != nil {
			return fmt.Errorf("shutting a device out: %w", err)
		}
		if n == 0 {
			return fault.NotFoundf("There is no such device here, or it is shut out already.")
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindRevoke, Object: object(id), Personal: map[string]any{"why": why}})
		return err
	})
}
