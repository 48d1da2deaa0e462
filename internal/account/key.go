package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// KeyID names one passkey or security key of an account.
type KeyID int64

// Key is one passkey or security key.
type Key struct {
	ID     KeyID
	Name   string
	Synced bool // kept by a service and so on several devices
	Made   time.Time
	Used   time.Time // zero when never
}

// newWebAuthn configures Web Authentication Level 3: every key finds its account itself (a discoverable credential), so that no
// e-mail need be asked and none can be tried out; and every key checks its holder (user verification), so
// that it is two factors in one.
func newWebAuthn(origin *url.URL, site string) (*webauthn.WebAuthn, error) {
	yes := true
	times := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyTime, TimeoutUVD: ceremonyTime}
	w, err := webauthn.New(&webauthn.Config{
		RPID: origin.Hostname(), RPDisplayName: site, RPOrigins: []string{origin.Scheme + "://" + origin.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &yes, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		Timeouts: webauthn.TimeoutsConfig{Login: times, Registration: times},
	})
	if err != nil {
		return nil, fmt.Errorf("setting up passkeys: %w", err)
	}
	return w, nil
}

// holder is an account as the library wants to see it.
type holder struct {
	row  row
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte {
	b, _ := base64.RawURLEncoding.DecodeString(h.row.Handle) // made by NewToken
	return b
}
func (h holder) WebAuthnName() string                       { return h.row.Email }
func (h holder) WebAuthnDisplayName() string                { return h.row.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (a *Accounts) holder(ctx context.Context, r row) (holder, error) {
	rows, err := keyRows(ctx, a.db, r.ID)
	if err != nil {
		return holder{}, err
	}
	h := holder{row: r}
	for _, k := range rows {
		c, err := k.record()
		if err != nil {
			return holder{}, err
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

func (k keyRow) record() (c webauthn.Credential, err error) {
	if err := json.Unmarshal([]byte(k.Record), &c); err != nil {
		return c, fmt.Errorf("reading key %d: %w", k.ID, err)
	}
	return c, nil
}

func credentialName(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// Challenge is a question to an authenticator: Options go to the browser's Web Authentication call, Sealed
// comes back with its answer.
type Challenge struct {
	Options json.RawMessage `json:"options"`
	Sealed  string          `json:"sealed"`
}

func (a *Accounts) challenge(purpose string, options any, state *webauthn.SessionData) (Challenge, error) {
	o, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, fmt.Errorf("writing a challenge: %w", err)
	}
	sealed, err := sealCeremony(a.vault, purpose, a.now(), *state)
	return Challenge{Options: o, Sealed: sealed}, err
}

// Keys returns an account's passkeys and security keys, oldest first.
func (a *Accounts) Keys(ctx context.Context, of ID) ([]Key, error) {
	rows, err := keyRows(ctx, a.db, of)
	if err != nil {
		return nil, err
	}
	all := make([]Key, len(rows))
	for i, k := range rows {
		c, err := k.record()
		if err != nil {
			return nil, err
		}
		all[i] = Key{ID: k.ID, Name: k.Name, Synced: c.Flags.BackupEligible, Made: k.Made, Used: k.Used}
	}
	return all, nil
}

// BeginKey asks the person's authenticator for a new key.
func (a *Accounts) BeginKey(ctx context.Context, s Session) (Challenge, error) {
	if err := a.mayChangeFactors(ctx, a.db, s); err != nil {
		return Challenge{}, err
	}
	r, err := rowByID(ctx, a.db, s.Account)
	if err != nil {
		return Challenge{}, err
	}
	h, err := a.holder(ctx, r)
	if err != nil {
		return Challenge{}, err
	}
	var have []protocol.CredentialDescriptor
	for _, c := range h.keys {
		have = append(have, c.Descriptor())
	}
	options, state, err := a.keys.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return Challenge{}, fmt.Errorf("asking for a new key: %w", err)
	}
	return a.challenge("add key "+object(s.Account), options.Response, state)
}

// errKey answers an authenticator's answer that does not hold.
func errKey(cause error) error {
	return fault.Invalidf("This passkey was not accepted. Try again, or use another way to sign in.").Because(cause)
}

// AddKey keeps the key the authenticator made and returns the session's new token; other sessions end.
func (a *Accounts) AddKey(ctx context.Context, s Session, sealed, name string, answer []byte) (session string, err error) {
	if name, err = ParseName(name); err != nil {
		return "", err
	}
	state, err := openCeremony[webauthn.SessionData](a.vault, "add key "+object(s.Account), a.now(), sealed)
	if err != nil {
		return "", errKey(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return "", errKey(err)
	}
	r, err := rowByID(ctx, a.db, s.Account)
	if err != nil {
		return "", err
	}
	c, err := a.keys.CreateCredential(holder{row: r}, state, parsed)
	if err != nil {
		return "", errKey(err)
	}
	record, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("keeping a key: %w", err)
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.mayChangeFactors(ctx, tx, s); err != nil {
			return err
		}
		if err := a.spendAnswer(ctx, tx, state); err != nil {
			return err
		}
		n, err := insertKey(ctx, tx, keyRow{Account: s.Account, Name: name, Credential: credentialName(c.ID), Record: string(record), Made: a.now()})
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflictf("This key is in use already.")
		}
		if session, err = a.changed(ctx, tx, s, a.now()); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryKeyAdd, Object: object(s.Account), Personal: map[string]any{"name": name}})
		return err
	})
	return session, err
}

// spendAnswer refuses an answer that was taken before.
func (a *Accounts) spendAnswer(ctx context.Context, tx *db.Tx, state webauthn.SessionData) error {
	ok, err := spendOnce(ctx, tx, hashBytes([]byte(state.Challenge)), a.now().Add(2*ceremonyTime))
	if err == nil && !ok {
		return errKey(nil)
	}
	return err
}

// RenameKey gives one of the person's keys another name.
func (a *Accounts) RenameKey(ctx context.Context, s Session, id KeyID, name string) error {
	name, err := ParseName(name)
	if err != nil {
		return err
	}
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := updateKeyName(ctx, tx, s.Account, id, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoKey()
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryKeyRename, Object: object(s.Account),
			Data: map[string]any{"key": int64(id)}, Personal: map[string]any{"name": name}})
		return err
	})
}

func errNoKey() error { return fault.NotFoundf("There is no such key on your account.") }

// RemoveKey removes one of the person's keys and returns the session's new token; another way in must be
// left, and the other sessions end.
func (a *Accounts) RemoveKey(ctx context.Context, s Session, id KeyID) (session string, err error) {
	err = a.change(ctx, s.Account, func(ctx context.Context, tx *db.Tx) error {
		if !s.Confirmed(a.now()) {
			return errConfirm()
		}
		n, err := deleteKey(ctx, tx, s.Account, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoKey()
		}
		left, err := factorRows(ctx, tx, []ID{s.Account})
		if err != nil {
			return err
		}
		if len(left) != 1 || left[0].Keys == 0 && !left[0].Fallback {
			return errLastWay()
		}
		if session, err = a.changed(ctx, tx, s, s.FactorAt); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, self(s.Account), ledger.Entry{Kind: entryKeyRemove, Object: object(s.Account), Data: map[string]any{"key": int64(id)}})
		return err
	})
	return session, err
}

// BeginKeySignIn asks any passkey of this site.
func (a *Accounts) BeginKeySignIn() (Challenge, error) {
	options, state, err := a.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return a.challenge("sign in", options.Response, state)
}

// SignInKey checks a passkey's answer and returns the new session's token.
func (a *Accounts) SignInKey(ctx context.Context, sealed string, answer []byte, from From) (session string, err error) {
	if err := a.charge(ctx, "", from); err != nil {
		return "", err
	}
	h, c, state, err := a.checkKey(ctx, "sign in", sealed, answer)
	if err != nil || !h.row.Disabled.IsZero() {
		return "", a.refuseKey(ctx, h, err)
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.usedKey(ctx, tx, c, state); err != nil {
			return err
		}
		if err := a.forgive(ctx, tx, "", from); err != nil {
			return err
		}
		session, err = a.start(ctx, tx, h.row, from, true, "passkey")
		return err
	})
	return session, err
}

// refuseKey records a passkey that was refused, unless the trouble is ours.
func (a *Accounts) refuseKey(ctx context.Context, h holder, cause error) error {
	if cause != nil && fault.As(cause) == nil {
		return cause
	}
	if err := a.refuse(ctx, h.row, h.row.Email, "passkey"); fault.KindOf(err) == fault.Internal {
		return err
	}
	return errKey(cause)
}

// ConfirmKey checks a passkey's answer inside a session, before a dangerous act, and returns the session's new token.
func (a *Accounts) ConfirmKey(ctx context.Context, s Session, sealed string, answer []byte, from From) (session string, err error) {
	if err := a.charge(ctx, "", from); err != nil {
		return "", err
	}
	h, c, state, err := a.checkKey(ctx, "sign in", sealed, answer)
	if err != nil || h.row.ID != s.Account {
		return "", a.refuseKey(ctx, h, err)
	}
	err = a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.usedKey(ctx, tx, c, state); err != nil {
			return err
		}
		if err := a.forgive(ctx, tx, "", from); err != nil {
			return err
		}
		session, err = a.confirmed(ctx, tx, s, "passkey")
		return err
	})
	return session, err
}

func (a *Accounts) usedKey(ctx context.Context, tx *db.Tx, c *webauthn.Credential, state webauthn.SessionData) error {
	if err := a.spendAnswer(ctx, tx, state); err != nil {
		return err
	}
	record, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keeping a key: %w", err)
	}
	return updateKeyUse(ctx, tx, credentialName(c.ID), string(record), a.now())
}

// checkKey finds whose passkey answered and whether the answer holds. An answer that does not is a fault.
func (a *Accounts) checkKey(ctx context.Context, purpose, sealed string, answer []byte) (h holder, c *webauthn.Credential, state webauthn.SessionData, err error) {
	if state, err = openCeremony[webauthn.SessionData](a.vault, purpose, a.now(), sealed); err != nil {
		return h, nil, state, errKey(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return h, nil, state, errKey(err)
	}
	var ours error // a trouble of the database is not the person's
	find := func(_, handle []byte) (webauthn.User, error) {
		r, err := rowByHandle(ctx, a.db, base64.RawURLEncoding.EncodeToString(handle))
		if err == nil {
			h, err = a.holder(ctx, r)
		}
		if err != nil && fault.As(err) == nil {
			ours = err
		}
		return h, err
	}
	_, c, err = a.keys.ValidatePasskeyLogin(find, state, parsed)
	switch {
	case ours != nil:
		return h, nil, state, ours
	case err != nil:
		return h, nil, state, errKey(err)
	case c.Authenticator.CloneWarning:
		return h, nil, state, errKey(fmt.Errorf("the key's counter went backwards: it may have been copied"))
	}
	return h, c, state, nil
}
