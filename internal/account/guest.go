package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// guestMark stands where an account's e-mail would: every account has one of its own, and nothing that begins like this is an e-mail
// address, so no way of signing in or of recovery ever finds it.
const guestMark = "guest:"

// Reachable returns the e-mail of an account as stored, or "" for a guest's.
func Reachable(stored string) string {
	if strings.HasPrefix(stored, guestMark) {
		return ""
	}
	return stored
}

// CreateGuest makes an account without e-mail that nobody can ever sign in to: it stands for a person who works on a device that was let in
// another way, so that what they do has a doer.
func (a *Accounts) CreateGuest(ctx context.Context, tx *db.Tx, by ledger.Who, name string, lang words.Lang) (ID, error) {
	name, err := ParseName(name)
	if err != nil {
		return 0, err
	}
	handle, mark := NewToken()
	id, err := insertRow(ctx, tx, row{Handle: handle, Name: name, Email: guestMark + mark, Lang: lang, Created: a.now()})
	if err != nil {
		return 0, err
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryGuest, Object: object(id), Personal: map[string]any{"name": name}})
	return id, err
}

// Derive returns 32 bytes for one purpose that only this site can make: from its key, which lies outside the database. The same purpose
// gives the same bytes.
func (a *Accounts) Derive(purpose string) [sha256.Size]byte {
	m := hmac.New(sha256.New, a.vault.mac)
	m.Write([]byte("derive\x00" + purpose))
	return [sha256.Size]byte(m.Sum(nil))
}

// Slow counts one try to guess a short secret from a network, and returns a Busy fault when there were too many. Forget it with Guessed after
// a try that was no guess.
func (a *Accounts) Slow(ctx context.Context, what string, from From) error {
	err := a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		return a.chargeOne(ctx, tx, networkLimit, a.vault.keyed("limit "+what, from.network()))
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Busy {
		return fault.Busyf("Too many wrong numbers were tried from this network. Wait %d min and try again.", f.Args...)
	}
	return err
}

// Guessed gives back a try that Slow counted.
func (a *Accounts) Guessed(ctx context.Context, tx *db.Tx, what string, from From) error {
	return uncountTry(ctx, tx, a.vault.keyed("limit "+what, from.network()))
}
