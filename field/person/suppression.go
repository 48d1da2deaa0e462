package person

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Channel is a way to reach a person.
type Channel string

// The channels.
const (
	ByDoor  Channel = "door"
	ByText  Channel = "text"
	ByCall  Channel = "phone"
	ByMail  Channel = "mail"
	ByEmail Channel = "email"
)

// Channels returns all channels in the order to show them.
func Channels() []Channel { return []Channel{ByDoor, ByText, ByCall, ByMail, ByEmail} }

// ParseChannel returns the channel named s.
func ParseChannel(s string) (Channel, bool) {
	return Channel(s), slices.Contains(Channels(), Channel(s))
}

// Suppression is a person's wish, or the law's, not to be reached by one channel.
type Suppression struct {
	Channel Channel   `json:"channel" db:"channel"`
	Reason  string    `json:"reason" db:"reason"`
	Org     int64     `json:"-" db:"org_id"`
	Account int64     `json:"-" db:"account_id"`
	At      time.Time `json:"at" db:"created_at"`
}

// SiteWide reports whether every organisation of the site must heed it.
func (s Suppression) SiteWide() bool { return s.Org == 0 }

const longestReason = 200 // letters

// reasonOf checks why a suppression is set or lifted: a later reader must be able to judge it.
func reasonOf(reason string) (string, error) {
	var wrong fault.Inputs
	reason = db.Storable(strings.TrimSpace(reason))
	switch {
	case reason == "":
		wrong.Add("reason", "Say why, in a few words: who asked, and when.")
	case utf8.RuneCountInString(reason) > longestReason:
		wrong.Add("reason", "A reason has at most %d letters. Shorten it.", longestReason)
	}
	return reason, wrong.Or()
}

// Suppress notes that the actor's organisation must not reach a person by one channel.
func (p *Store) Suppress(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, by Channel, reason string) error {
	if err := actor.Must(PermitSuppress); err != nil {
		return err
	}
	if _, ok := ParseChannel(string(by)); !ok {
		return fault.Invalidf("Choose how the person is not to be reached.")
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	if _, err := p.within(ctx, tx, actor, id); err != nil {
		return err
	}
	n, err := p.insertSuppression(ctx, tx, actor, id, by, reason)
	if err != nil {
		return fmt.Errorf("suppressing person %d: %w", id, err)
	}
	if n == 0 {
		return fault.Conflictf("This person is already not to be reached that way.")
	}
	return p.recordSuppression(ctx, tx, actor, KindSuppress, id, by, reason)
}

// Lift ends a suppression that the actor's own organisation set. One for the whole site stays.
func (p *Store) Lift(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, by Channel, reason string) error {
	if err := actor.Must(PermitSuppress); err != nil {
		return err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	if _, err := p.within(ctx, tx, actor, id); err != nil {
		return err
	}
	n, err := p.deleteSuppression(ctx, tx, actor, id, by)
	if err != nil {
		return fmt.Errorf("lifting a suppression of person %d: %w", id, err)
	}
	if n == 0 {
		return fault.Conflictf("Your organization has set no such wish for this person, so there is none to lift.")
	}
	return p.recordSuppression(ctx, tx, actor, KindLift, id, by, reason)
}

func (p *Store) recordSuppression(ctx context.Context, tx *db.Tx, actor org.Actor, kind ledger.Kind, id ID, by Channel, reason string) error {
	n, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: kind, Object: id.Object(),
		Data: map[string]any{"channel": string(by)}, Personal: map[string]any{"reason": reason}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Change{Person: int64(id), Org: int64(actor.Org()), What: change.Suppression})
}
