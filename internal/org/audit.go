package org

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// Sign is one thing about a member that an administrator should look at.
type Sign string

// The signs of the user audit.
const (
	Dormant  Sign = "dormant"  // not here for DormantTime
	Expiring Sign = "expiring" // access ends within WarnTime
	NoFactor Sign = "factor"   // has made no passkey and no code app yet
	Shared   Sign = "shared"   // signed in from several places at once: perhaps more than one person
)

// Signs lists them in the order of the page.
var Signs = []Sign{Shared, Dormant, NoFactor, Expiring}

// Seat is one line of the user audit: a member and what to look at.
type Seat struct {
	Membership
	Factors account.Factors
	Signs   []Sign
}

// Has reports whether the seat shows a sign; every seat shows "".
func (s Seat) Has(sign Sign) bool { return sign == "" || slices.Contains(s.Signs, sign) }

// sharedWithin is how far back the audit looks for shared sign-ins.
const sharedWithin = 30 * 24 * time.Hour

// Audit returns who has what in the actor's organisation, and what to look at. Looking is recorded.
func (o *Orgs) Audit(ctx context.Context, a Actor) ([]Seat, error) {
	seats, err := o.audit(ctx, a)
	if err != nil {
		return nil, err
	}
	return seats, o.noteAudit(ctx, a, entryAudit, len(seats))
}

func (o *Orgs) noteAudit(ctx context.Context, a Actor, kind ledger.Kind, n int) error {
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: kind, Object: object("org", a.org), Data: map[string]any{"people": n}})
		return err
	})
}

func (o *Orgs) audit(ctx context.Context, a Actor) ([]Seat, error) {
	if err := a.Must(PermitAudit); err != nil {
		return nil, err
	}
	people, err := o.people(ctx, o.db, a.org)
	if err != nil {
		return nil, err
	}
	ids := make([]account.ID, len(people))
	for i, m := range people {
		ids[i] = m.Account
	}
	now := o.now()
	factors, err := o.accounts.FactorsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	sessions, err := o.accounts.Recent(ctx, ids, now.Add(-sharedWithin))
	if err != nil {
		return nil, err
	}
	of := map[account.ID][]account.Session{}
	for _, s := range sessions {
		of[s.Account] = append(of[s.Account], s)
	}
	seats := make([]Seat, len(people))
	for i, m := range people {
		seats[i] = Seat{Membership: m, Factors: factors[m.Account]}
		seats[i].Signs = signs(seats[i], of[m.Account], now)
	}
	return seats, nil
}

// signs says what to look at.
func signs(s Seat, sessions []account.Session, now time.Time) []Sign {
	var all []Sign
	if shared(sessions) {
		all = append(all, Shared)
	}
	last := s.Seen
	if last.IsZero() {
		last = s.Began
	}
	if now.Sub(last) > DormantTime {
		all = append(all, Dormant)
	}
	if !s.Factors.Any() && s.Email != "" { // a guest has nothing to sign in to
		all = append(all, NoFactor)
	}
	if s.Expires.Sub(now) <= WarnTime {
		all = append(all, Expiring)
	}
	return all
}

// shared reports sessions that overlap in a way one person hardly makes: in use at the same time on three
// networks, or on two networks from two computers. A computer and a phone are one person.
func shared(sessions []account.Session) bool {
	for _, s := range sessions {
		networks := map[string]bool{}
		desks := map[string]bool{}
		for _, o := range sessions {
			if o.Started.After(s.Seen) || o.Seen.Before(s.Seen) { // not in use when s was last used
				continue
			}
			networks[o.Network] = true
			if !pocket(o.Agent) {
				desks[o.Network] = true
			}
		}
		if len(networks) >= 3 || len(desks) >= 2 {
			return true
		}
	}
	return false
}

func pocket(agent string) bool {
	return strings.Contains(agent, "Android") || strings.Contains(agent, "iPhone") || strings.Contains(agent, "iPad")
}

// signWords are the signs as people read them.
var signWords = map[Sign]string{
	Dormant: "Not here for 60 days", Expiring: "Ends within 14 days", NoFactor: "No passkey yet", Shared: "Perhaps shared",
}

// String returns the sign in English.
func (s Sign) String() string { return signWords[s] }

// ExportAudit writes the user audit as CSV in the reader's language; the export is recorded before the
// first byte is written. Cells that a spreadsheet would run as a formula are made plain text.
func (o *Orgs) ExportAudit(ctx context.Context, a Actor, t words.Translator, w io.Writer) error {
	seats, err := o.audit(ctx, a)
	if err != nil {
		return err
	}
	if err := o.noteAudit(ctx, a, entryAuditExport, len(seats)); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	rows := [][]string{{t.T("Name"), t.T("Email"), t.T("Role"), t.T("Member since"), t.T("Access ends"), t.T("Last here"), t.T("Passkeys"), t.T("Password and code app"), t.T("Look at")}}
	for _, s := range seats {
		var look []string
		for _, sign := range s.Signs {
			look = append(look, t.T(sign.String()))
		}
		rows = append(rows, []string{s.Name, s.Email, t.T(s.RoleName), day(s.Began), day(s.Expires), day(s.Seen), fmt.Sprint(s.Factors.Keys), yesNo(t, s.Factors.Fallback), strings.Join(look, "; ")})
	}
	for _, r := range rows {
		for i := range r {
			r[i] = words.Armed(r[i])
		}
		if err := out.Write(r); err != nil {
			return fmt.Errorf("writing the user audit: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func yesNo(t words.Translator, b bool) string {
	if b {
		return t.T("yes")
	}
	return t.T("no")
}

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}
