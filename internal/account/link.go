package account

import (
	"context"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

const (
	purposeSignIn  = "sign-in"
	purposeRecover = "recover"
)

func errLink() error {
	return fault.NotFoundf("This link was used already or is over. Ask for a new one.")
}

// Link makes a one-time link that signs its holder in as an account: for the first owner of a site, whom
// the operator trusts, and for the demo. Unless factor, the session can only make a factor. Put the token
// into Origin + "/sign-in/link?token=…".
func (a *Accounts) Link(ctx context.Context, tx *db.Tx, of ID, ttl time.Duration, factor bool) (token string, err error) {
	token, hash := NewToken()
	if err := insertLink(ctx, tx, hash, purposeSignIn, linkRow{Account: of, Factor: factor, Ends: a.now().Add(ttl)}); err != nil {
		return "", err
	}
	_, err = ledger.Append(ctx, tx, ledger.Who{Via: "command"}, ledger.Entry{Kind: entryLink, Object: object(of), Data: map[string]any{"factor": factor}})
	return token, err
}

// LinkOwner returns whose sign-in link token is, without using it, or a NotFound fault.
func (a *Accounts) LinkOwner(ctx context.Context, token string) (Account, error) {
	return a.linkOwner(ctx, token, purposeSignIn)
}

func (a *Accounts) linkOwner(ctx context.Context, token, purpose string) (Account, error) {
	hash, ok := HashToken(token)
	if !ok {
		return Account{}, errLink()
	}
	l, err := linkByHash(ctx, a.db, hash, purpose)
	if errors.Is(err, db.ErrNone) {
		return Account{}, errLink()
	}
	if err != nil {
		return Account{}, err
	}
	owner, err := a.Account(ctx, l.Account)
	if err != nil {
		return Account{}, err
	}
	if !l.Used.IsZero() || !l.Ends.After(a.now()) || !owner.Disabled.IsZero() {
		return Account{}, errLink()
	}
	return owner, nil
}

// OpenLink signs the holder of a one-time link in and returns the session's token.
func (a *Accounts) OpenLink(ctx context.Context, token string, from From) (session string, err error) {
	owner, err := a.LinkOwner(ctx, token)
	if err != nil {
		return "", err
	}
	hash, _ := HashToken(token)
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := linkByHash(ctx, tx, hash, purposeSignIn)
		if err != nil {
			return err
		}
		ok, err := spendLink(ctx, tx, hash, a.now())
		if err != nil {
			return err
		}
		if !ok {
			return errLink()
		}
		session, err = a.start(ctx, tx, row{ID: owner.ID}, from, l.Factor, "link")
		return err
	})
	return session, err
}

// AskRecovery mails a recovery link to email when it has an account, and otherwise does nothing; the caller
// gives the same answer either way. The link alone opens nothing: Recover asks for a second factor.
func (a *Accounts) AskRecovery(ctx context.Context, email string, lang words.Lang, from From) error {
	if a.mailer == nil {
		return fault.Conflictf("This site sends no mail. Ask the person who looks after accounts.")
	}
	email, err := ParseEmail(email)
	if err != nil {
		return err
	}
	if err := a.charge(ctx, "recovery of "+email, from); err != nil { // never forgiven: a few mails a day are enough
		return err
	}
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := rowByEmail(ctx, tx, email)
		if fault.KindOf(err) == fault.NotFound || err == nil && !r.Disabled.IsZero() {
			_, err := ledger.Append(ctx, tx, ledger.Who{Via: "browser"}, ledger.Entry{Kind: entryRecoveryAsk, Personal: map[string]any{"email": email}})
			return err
		}
		if err != nil {
			return err
		}
		if err := spendLinks(ctx, tx, r.ID, purposeRecover, a.now()); err != nil {
			return err
		}
		token, hash := NewToken()
		if err := insertLink(ctx, tx, hash, purposeRecover, linkRow{Account: r.ID, Ends: a.now().Add(ResetTime)}); err != nil {
			return err
		}
		if err := a.mailer.Send(ctx, tx, a.recoveryMail(r, token, lang)); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, ledger.Who{Via: "browser"}, ledger.Entry{Kind: entryRecoveryAsk, Object: object(r.ID)})
		return err
	})
}

func (a *Accounts) recoveryMail(r row, token string, lang words.Lang) Mail {
	if r.Lang != "" {
		lang = r.Lang
	}
	t := a.words.In(lang)
	return Mail{To: r.Email, Lang: lang,
		Subject: t.T("Get back into %s", a.site),
		Text: t.T("Hello %s,", r.Name) + "\n\n" +
			t.T("someone, probably you, asked to get back into your account on %s. Open this link within %d minutes. You will also need a recovery code or a code from your app.", a.site, int(ResetTime/time.Minute)) +
			"\n\n" + a.Origin() + "/recover/link?token=" + token + "\n\n" +
			t.T("If it was not you, do nothing. Your account stays as it is.") + "\n"}
}

// RecoveryOwner returns whose recovery link token is, without using it, or a NotFound fault.
func (a *Accounts) RecoveryOwner(ctx context.Context, token string) (Account, error) {
	return a.linkOwner(ctx, token, purposeRecover)
}

// Recover signs the holder of a mailed link in who also types a recovery code or a code from the app, and
// sets a new password if one is given; the second factor stays as it was (ASVS 5.0 6.4.3). All other sessions end.
func (a *Accounts) Recover(ctx context.Context, token, typed, password string, from From) (session string, err error) {
	owner, err := a.RecoveryOwner(ctx, token)
	if err != nil {
		return "", err
	}
	hashed, err := a.newPassword(ctx, owner, password)
	if err != nil {
		return "", err
	}
	if err := a.charge(ctx, owner.Email, from); err != nil {
		return "", err
	}
	r, err := rowByID(ctx, a.db, owner.ID)
	if err != nil {
		return "", err
	}
	spend, ok, err := a.second(ctx, r, typed)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", a.refuse(ctx, r, r.Email, "recover")
	}
	hash, _ := HashToken(token)
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := spendLink(ctx, tx, hash, a.now())
		if err != nil {
			return err
		}
		if !ok {
			return errLink()
		}
		if err := spend(ctx, tx); err != nil {
			return err
		}
		if hashed != "" {
			if err := updatePassword(ctx, tx, r.ID, hashed); err != nil {
				return err
			}
		}
		if _, err := endSessions(ctx, tx, r.ID, 0, a.now(), "recovered"); err != nil {
			return err
		}
		if err := a.forgive(ctx, tx, r.Email, from); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, self(r.ID), ledger.Entry{Kind: entryRecoveryUse, Object: object(r.ID), Data: map[string]any{"password": hashed != ""}})
		if err != nil {
			return err
		}
		session, err = a.start(ctx, tx, r, from, true, "recovery")
		return err
	})
	return session, err
}

// newPassword judges and hashes a password for an owner; "" gives "".
func (a *Accounts) newPassword(ctx context.Context, owner Account, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	if err := judgePassword(password, owner.Name, owner.Email, a.site); err != nil {
		in := fault.Inputs{}
		in = append(in, fault.Input{Name: "password", Err: fault.As(err)})
		return "", in
	}
	return hashPassword(ctx, password)
}
