package person

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// longestEmail is what SMTP can carry (RFC 5321 §4.5.3.1.3, less the brackets).
const longestEmail = 254

// AddEmail adds an email address of the organisation's own to a person.
func (p *Store) AddEmail(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, email string) error {
	if err := actor.Must(PermitEmailAdd); err != nil {
		return err
	}
	email = strings.ToLower(strings.TrimSpace(email))
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > longestEmail || !strings.Contains(email[strings.LastIndexByte(email, '@')+1:], ".") {
		var wrong fault.Inputs
		wrong.Add("email", "Write the whole email address: rosa@example.org.")
		return wrong.Or()
	}
	r, err := p.within(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	if r.Confidential {
		return fault.Deniedf("This voter's address is protected by law. No email address is kept for them here.")
	}
	if err := p.putEmail(ctx, tx, actor, id, emailRow{Email: email, Source: sourceOwn, Confidence: 60}); err != nil {
		return fmt.Errorf("adding an email address to person %d: %w", id, err)
	}
	return p.recordEmail(ctx, tx, actor, KindEmailAdd, id, email)
}

// RemoveEmail removes an address that the actor's own organisation added. One of the voter file stays; it can be corrected.
func (p *Store) RemoveEmail(ctx context.Context, tx *db.Tx, actor org.Actor, id ID, email string) error {
	if err := actor.Must(PermitEmailAdd); err != nil {
		return err
	}
	if _, err := p.within(ctx, tx, actor, id); err != nil {
		return err
	}
	n, err := p.deleteEmail(ctx, tx, actor, id, email)
	if err != nil {
		return fmt.Errorf("removing an email address of person %d: %w", id, err)
	}
	if n == 0 {
		return fault.NotFoundf("Your organization has added no such email address.")
	}
	return p.recordEmail(ctx, tx, actor, KindEmailRemove, id, email)
}

func (p *Store) recordEmail(ctx context.Context, tx *db.Tx, actor org.Actor, kind ledger.Kind, id ID, email string) error {
	n, err := ledger.Append(ctx, tx, actor.Who(), ledger.Entry{Kind: kind, Object: id.Object(), Personal: map[string]any{"email": email}})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Change{Person: int64(id), Org: int64(actor.Org()), What: change.Email})
}
