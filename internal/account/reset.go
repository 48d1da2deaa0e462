package account

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// resetLinkTime is how long the link works that the operator hands over.
const resetLinkTime = time.Hour

// Cleared is what a reset takes away from an account.
type Cleared struct {
	Keys     int64 // passkeys and security keys
	Fallback bool  // a password with its code app
	Codes    int64 // recovery codes not used yet
	Sessions int64 // signed in now
}

// ToClear returns what Reset would take away.
func (a *Accounts) ToClear(ctx context.Context, of ID) (Cleared, error) {
	c, err := toClear(ctx, a.db, of)
	if err != nil {
		return c, err
	}
	sessions, err := a.Sessions(ctx, of)
	c.Sessions = int64(len(sessions))
	return c, err
}

func toClear(ctx context.Context, r db.Reader, of ID) (c Cleared, err error) {
	factors, err := factorRows(ctx, r, []ID{of})
	if err != nil {
		return c, err
	}
	if len(factors) == 0 {
		return c, fault.NotFoundf("There is no such account.")
	}
	c.Keys, c.Fallback = factors[0].Keys, factors[0].Fallback
	c.Codes, err = countRecovery(ctx, r, of)
	return c, err
}

// Reset takes every factor, session and link away from somebody who has lost what they signed in with, and returns the token of a one-time link
// whose session can only make a new one. The operator has made sure of the person: here nobody can. A disabled account stays as it is.
func (a *Accounts) Reset(ctx context.Context, by ledger.Who, of ID) (c Cleared, token string, err error) {
	err = a.change(ctx, of, func(ctx context.Context, tx *db.Tx) error {
		r, err := rowByID(ctx, tx, of)
		if err != nil {
			return err
		}
		if !r.Disabled.IsZero() {
			return fault.Conflictf("This account is disabled. Enable it first, if the person is to come back.")
		}
		if c, err = toClear(ctx, tx, of); err != nil {
			return err
		}
		if c.Sessions, err = endSessions(ctx, tx, of, 0, a.now(), "factors cleared"); err != nil {
			return err
		}
		if err := a.clear(ctx, tx, r); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryReset, Object: object(of),
			Data: map[string]any{"keys": c.Keys, "fallback": c.Fallback, "codes": c.Codes, "sessions": c.Sessions}})
		if err != nil {
			return err
		}
		token, err = a.Link(ctx, tx, of, resetLinkTime, false)
		return err
	})
	return c, token, err
}

func (a *Accounts) clear(ctx context.Context, tx *db.Tx, r row) error {
	if err := deleteKeys(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := updateFallback(ctx, tx, r.ID, "", "", 0); err != nil {
		return err
	}
	if err := deleteRecovery(ctx, tx, r.ID); err != nil {
		return err
	}
	for _, purpose := range []string{purposeSignIn, purposeRecover} {
		if err := spendLinks(ctx, tx, r.ID, purpose, a.now()); err != nil {
			return err
		}
	}
	return clearLimit(ctx, tx, a.emailName(r.Email)) // whoever guessed is no longer in the way
}
