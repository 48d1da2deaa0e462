package account

import (
	"context"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// row is one account as stored.
type row struct {
	ID       ID         `db:"id"`
	Handle   string     `db:"handle"`
	Name     string     `db:"name"`
	Email    string     `db:"email"`
	Lang     words.Lang `db:"lang"`
	Password string     `db:"password"`
	Seed     string     `db:"code_seed"` // sealed
	Step     int64      `db:"code_step"`
	Created  time.Time  `db:"created_at"`
	Disabled time.Time  `db:"disabled_at"`
}

const rowColumns = `id, handle, name, email, lang, password, code_seed, code_step, created_at, disabled_at`

func rowByID(ctx context.Context, r db.Reader, id ID) (row, error) {
	return found(db.One[row](ctx, r, `SELECT `+rowColumns+` FROM account WHERE id = ?`, id))
}

func rowByEmail(ctx context.Context, r db.Reader, email string) (row, error) {
	return found(db.One[row](ctx, r, `SELECT `+rowColumns+` FROM account WHERE email = ?`, email))
}

func rowByHandle(ctx context.Context, r db.Reader, handle string) (row, error) {
	return found(db.One[row](ctx, r, `SELECT `+rowColumns+` FROM account WHERE handle = ?`, handle))
}

func found(r row, err error) (row, error) {
	if errors.Is(err, db.ErrNone) {
		return r, fault.NotFoundf("There is no such account.")
	}
	return r, err
}

func insertRow(ctx context.Context, tx *db.Tx, r row) (ID, error) {
	id, err := db.One[ID](ctx, tx, `INSERT INTO account (handle, name, email, lang, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (email) DO NOTHING RETURNING id`, r.Handle, r.Name, r.Email, r.Lang, r.Created)
	if errors.Is(err, db.ErrNone) {
		return 0, fault.Conflictf("There is an account with this email already.")
	}
	return id, err
}

func updateNameLang(ctx context.Context, tx *db.Tx, id ID, name string, lang words.Lang) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET name = ?, lang = ? WHERE id = ?`, name, lang, id)
	return err
}

func updateFallback(ctx context.Context, tx *db.Tx, id ID, password, seed string, step int64) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET password = ?, code_seed = ?, code_step = ? WHERE id = ?`, password, seed, step, id)
	return err
}

func updatePassword(ctx context.Context, tx *db.Tx, id ID, password string) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET password = ? WHERE id = ?`, password, id)
	return err
}

// spendStep marks a code's step as used; false when it or a later one already was.
func spendStep(ctx context.Context, tx *db.Tx, id ID, step int64) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE account SET code_step = ? WHERE id = ? AND code_step < ?`, step, id, step)
	return n == 1, err
}

func updateDisabled(ctx context.Context, tx *db.Tx, id ID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET disabled_at = ? WHERE id = ?`, at, id)
	return err
}

func deleteRecovery(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM account_recovery WHERE account_id = ?`, id)
	return err
}

func insertRecovery(ctx context.Context, tx *db.Tx, id ID, hash string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO account_recovery (account_id, hash) VALUES (?, ?)`, id, hash)
	return err
}

func hasRecovery(ctx context.Context, r db.Reader, id ID, hash string) (bool, error) {
	n, err := db.One[int64](ctx, r, `SELECT COUNT(*) FROM account_recovery WHERE account_id = ? AND hash = ? AND used_at = 0`, id, hash)
	return n == 1, err
}

// spendRecovery marks a recovery code as used; false when there is none left with this hash.
func spendRecovery(ctx context.Context, tx *db.Tx, id ID, hash string, at time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE account_recovery SET used_at = ? WHERE account_id = ? AND hash = ? AND used_at = 0`, at, id, hash)
	return n == 1, err
}

func countRecovery(ctx context.Context, r db.Reader, id ID) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM account_recovery WHERE account_id = ? AND used_at = 0`, id)
}

type linkRow struct {
	Account ID        `db:"account_id"`
	Factor  bool      `db:"factor"`
	Ends    time.Time `db:"ends_at"`
	Used    time.Time `db:"used_at"`
}

func insertLink(ctx context.Context, tx *db.Tx, hash, purpose string, l linkRow) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO account_link (hash, account_id, purpose, factor, ends_at) VALUES (?, ?, ?, ?, ?)`,
		hash, l.Account, purpose, l.Factor, l.Ends)
	return err
}

func linkByHash(ctx context.Context, r db.Reader, hash, purpose string) (linkRow, error) {
	return db.One[linkRow](ctx, r, `SELECT account_id, factor, ends_at, used_at FROM account_link WHERE hash = ? AND purpose = ?`, hash, purpose)
}

// spendLink marks a link as used; false when it was, or is over.
func spendLink(ctx context.Context, tx *db.Tx, hash string, now time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE account_link SET used_at = ? WHERE hash = ? AND used_at = 0 AND ends_at > ?`, now, hash, now)
	return n == 1, err
}

// spendLinks makes an account's unused links of one purpose worthless.
func spendLinks(ctx context.Context, tx *db.Tx, id ID, purpose string, now time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE account_link SET used_at = ? WHERE account_id = ? AND purpose = ? AND used_at = 0`, now, id, purpose)
	return err
}

// spendOnce notes that an answer was taken; false when it already was.
func spendOnce(ctx context.Context, tx *db.Tx, hash string, ends time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `INSERT INTO account_spent (hash, ends_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING`, hash, ends)
	return n == 1, err
}

func deleteSpent(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM account_spent WHERE ends_at < ?`, before)
	return err
}

type limitRow struct {
	Tries int64     `db:"tries"`
	Until time.Time `db:"until_at"`
}

// countTry adds one try and returns all since the memory began. The row is locked to the end of the transaction.
func countTry(ctx context.Context, tx *db.Tx, name string, now, forget time.Time) (limitRow, error) {
	return db.One[limitRow](ctx, tx, `INSERT INTO account_limit (name, tries, last_at) VALUES (?, 1, ?)
		ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at,
			tries = CASE WHEN account_limit.last_at < ? THEN 1 ELSE account_limit.tries + 1 END
		RETURNING tries, until_at`, name, now, forget)
}

func setLimit(ctx context.Context, tx *db.Tx, name string, until time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE account_limit SET until_at = ? WHERE name = ?`, until, name)
	return err
}

func uncountTry(ctx context.Context, tx *db.Tx, name string) error {
	_, err := db.Exec(ctx, tx, `UPDATE account_limit SET tries = tries - 1, until_at = 0 WHERE name = ? AND tries > 0`, name)
	return err
}

func clearLimit(ctx context.Context, tx *db.Tx, name string) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM account_limit WHERE name = ?`, name)
	return err
}
