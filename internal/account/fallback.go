package account

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// errNoMatch is the one answer to every wrong e-mail, password or code.
func errNoMatch() error {
	return fault.Invalidf("These do not match. Check the email, the password and the code, and try again.")
}

// spender takes a one-time code out of circulation inside the transaction that honours it.
type spender func(ctx context.Context, tx *db.Tx) error

// second checks a code from the app or a recovery code, at the same cost for every account.
func (a *Accounts) second(ctx context.Context, r row, typed string) (spender, bool, error) {
	t := ParseTyped(typed)
	seed := newSeed()
	if r.Seed != "" {
		plain, err := a.vault.open("seed", r.Seed)
		if err != nil {
			return nil, false, err
		}
		seed = string(plain)
	}
	step := matchCode(seed, t.Code, a.now(), r.Step)
	hash := a.vault.keyed("recovery", t.Recovery)
	left, err := hasRecovery(ctx, a.db, r.ID, hash)
	if err != nil {
		return nil, false, err
	}
	switch {
	case r.Seed != "" && step > 0:
		return func(ctx context.Context, tx *db.Tx) error { return once(spendStep(ctx, tx, r.ID, step)) }, true, nil
	case t.Recovery != "" && left:
		return func(ctx context.Context, tx *db.Tx) error { return once(spendRecovery(ctx, tx, r.ID, hash, a.now())) }, true, nil
	}
	return nil, false, nil
}

func once(ok bool, err error) error {
	if err == nil && !ok {
		return errNoMatch()
	}
	return err
}

// SignInPassword takes an e-mail, a password and a code from the app or a recovery code, all at once, and returns the
// session's token. Which of them was wrong is not told, and unknown e-mails take as long as known ones.
func (a *Accounts) SignInPassword(ctx context.Context, email, password, typed string, from From) (session string, err error) {
	email, err = ParseEmail(email)
	if err != nil {
		return "", errNoMatch()
	}
	if err := a.charge(ctx, email, from); err != nil {
		return "", err
	}
	r, err := rowByEmail(ctx, a.db, email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	spend, ok, err := a.both(ctx, r, password, typed)
	if err != nil {
		return "", err
	}
	if !ok || !r.Disabled.IsZero() {
		return "", a.refuse(ctx, r, email, "password")
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := spend(ctx, tx); err != nil {
			return err
		}
		if err := a.forgive(ctx, tx, email, from); err != nil {
			return err
		}
		session, err = a.start(ctx, tx, r, from, true, "password")
		return err
	})
	return session, err
}

// both checks password and code; neither is skipped when the other is wrong.
func (a *Accounts) both(ctx context.Context, r row, password, typed string) (spender, bool, error) {
	first, err := checkPassword(ctx, r.Password, password)
	if err != nil {
		return nil, false, err
	}
	spend, second, err := a.second(ctx, r, typed)
	return spend, first && second && r.ID != 0, err
}

// refuse records a refusal and returns the answer to it.
func (a *Accounts) refuse(ctx context.Context, r row, email, how string) error {
	e := ledger.Entry{Kind: entryRefuse, Data: map[string]any{"how": how}, Personal: map[string]any{"email": email}}
	if r.ID != 0 {
		e.Object = object(r.ID)
	}
	err := a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := ledger.Append(ctx, tx, ledger.Who{Via: "browser"}, e)
		return err
	})
	if err != nil {
		return err
	}
	return errNoMatch()
}

// ConfirmPassword shows both factors again in a session, before a dangerous act, and returns the session's new token.
func (a *Accounts) ConfirmPassword(ctx context.Context, s Session, password, typed string, from From) (session string, err error) {
	if err := a.charge(ctx, s.Email, from); err != nil {
		return "", err
	}
	r, err := rowByID(ctx, a.db, s.Account)
	if err != nil {
		return "", err
	}
	spend, ok, err := a.both(ctx, r, password, typed)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", a.refuse(ctx, r, r.Email, "confirm")
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := spend(ctx, tx); err != nil {
			return err
		}
		if err := a.forgive(ctx, tx, r.Email, from); err != nil {
			return err
		}
		session, err = a.confirmed(ctx, tx, s, "password")
		return err
	})
	return session, err
}

func (a *Accounts) confirmed(ctx context.Context, tx *db.Tx, s Session, how string) (string, error) {
	token, err := a.renew(ctx, tx, s, a.now())
	if err != nil {
		return "", err
	}
	_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryConfirm, Object: object(s.Account), Data: map[string]any{"how": how}})
	return token, err
}

// errConfirm asks for a fresh second factor.
func errConfirm() error {
	return fault.Deniedf("Show your passkey or code again before you change how you sign in.")
}

// mayChangeFactors holds for a session that showed its factors recently, and for one that came by a bare
// link to an account that has none yet.
func (a *Accounts) mayChangeFactors(ctx context.Context, r db.Reader, s Session) error {
	if s.Confirmed(a.now()) {
		return nil
	}
	f, err := factorRows(ctx, r, []ID{s.Account})
	if err != nil {
		return err
	}
	if len(f) == 1 && f[0].Keys == 0 && !f[0].Fallback {
		return nil
	}
	return errConfirm()
}

// CodeSetup is what a person needs to set up a code app.
type CodeSetup struct {
	Sealed string // give it back with SetFallback
	Seed   string // for typing it in
	URI    string // for the QR code
}

// BeginFallback returns a new seed for the code app. Nothing is stored until SetFallback. A sealed setup
// from a page that failed is taken up again, so that the QR code does not change under the person's hands.
func (a *Accounts) BeginFallback(s Session, sealed string) (CodeSetup, error) {
	seed, err := openCeremony[string](a.vault, "fallback "+object(s.Account), a.now(), sealed)
	if err != nil {
		seed = newSeed()
	}
	sealed, err = sealCeremony(a.vault, "fallback "+object(s.Account), a.now(), seed)
	return CodeSetup{Sealed: sealed, Seed: seed, URI: codeURI(a.site, s.Email, seed)}, err
}

// SetFallback sets a password and a code app for who cannot use a passkey; code proves that the app works.
// It returns the session's new token; the other sessions end.
func (a *Accounts) SetFallback(ctx context.Context, s Session, sealed, password, code string) (session string, err error) {
	if err := a.mayChangeFactors(ctx, a.db, s); err != nil {
		return "", err
	}
	var in fault.Inputs
	if err := judgePassword(password, s.Name, s.Email, a.site); err != nil {
		in = append(in, fault.Input{Name: "password", Err: fault.As(err)})
	}
	seed, err := openCeremony[string](a.vault, "fallback "+object(s.Account), a.now(), sealed)
	step := int64(0)
	if err == nil {
		step = matchCode(seed, ParseTyped(code).Code, a.now(), 0)
	}
	if step == 0 {
		in.Add("code", "This code does not fit. Type the six digits that the app shows right now; the clock of the phone must be right.")
	}
	if err := in.Or(); err != nil {
		return "", err
	}
	hashed, err := hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.mayChangeFactors(ctx, tx, s); err != nil {
			return err
		}
		if err := updateFallback(ctx, tx, s.Account, hashed, a.vault.seal("seed", []byte(seed)), step); err != nil {
			return err
		}
		if session, err = a.changed(ctx, tx, s, a.now()); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryFallbackSet, Object: object(s.Account)})
		return err
	})
	return session, err
}

// RemoveFallback removes password and code app; a passkey must be left. It returns the session's new token.
func (a *Accounts) RemoveFallback(ctx context.Context, s Session) (session string, err error) {
	err = a.change(ctx, s.Account, func(ctx context.Context, tx *db.Tx) error {
		if err := a.mayChangeFactors(ctx, tx, s); err != nil {
			return err
		}
		n, err := countKeys(ctx, tx, s.Account)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLastWay()
		}
		if err := updateFallback(ctx, tx, s.Account, "", "", 0); err != nil {
			return err
		}
		if session, err = a.changed(ctx, tx, s, s.FactorAt); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryFallbackDrop, Object: object(s.Account)})
		return err
	})
	return session, err
}

// change runs fn while nobody else changes the account's factors: two removals at the same moment would leave none.
func (a *Accounts) change(ctx context.Context, of ID, fn func(context.Context, *db.Tx) error) error {
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := db.Lock(ctx, tx, object(of)); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

func errLastWay() error {
	return fault.Conflictf("This is your only way to sign in. Add another one first.")
}

// NewRecoveryCodes makes ten new recovery codes, each good once, and forgets the old ones. They are shown
// now and never again: only keyed hashes are kept.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, s Session) (codes []string, err error) {
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		codes = nil
		if !s.Confirmed(a.now()) {
			return errConfirm()
		}
		if err := deleteRecovery(ctx, tx, s.Account); err != nil {
			return err
		}
		for range recoveryCount {
			c := newRecovery()
			if err := insertRecovery(ctx, tx, s.Account, a.vault.keyed("recovery", c)); err != nil {
				return err
			}
			codes = append(codes, spellRecovery(c))
		}
		_, err := ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryRecoveryMake, Object: object(s.Account)})
		return err
	})
	return codes, err
}

// RecoveryCodesLeft counts the recovery codes not used yet.
func (a *Accounts) RecoveryCodesLeft(ctx context.Context, of ID) (int64, error) {
	return countRecovery(ctx, a.db, of)
}

// Sweep forgets what no longer matters: answers that can no longer be repeated. Call it now and then.
func (a *Accounts) Sweep(ctx context.Context) error {
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		return deleteSpent(ctx, tx, a.now().Add(-time.Hour))
	})
}
