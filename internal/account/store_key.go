package account

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

type keyRow struct {
	ID         KeyID     `db:"id"`
	Account    ID        `db:"account_id"`
	Name       string    `db:"name"`
	Credential string    `db:"credential"` // base64url of the credential's id
	Record     string    `db:"record"`     // the library's JSON: public key, counter, transports
	Made       time.Time `db:"made_at"`
	Used       time.Time `db:"used_at"`
}

func keyRows(ctx context.Context, r db.Reader, of ID) ([]keyRow, error) {
	return db.All[keyRow](ctx, r, `SELECT id, account_id, name, credential, record, made_at, used_at FROM account_key WHERE account_id = ? ORDER BY made_at, id`, of)
}

func insertKey(ctx context.Context, tx *db.Tx, k keyRow) (int64, error) {
	return db.Exec(ctx, tx, `INSERT INTO account_key (account_id, name, credential, record, made_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (credential) DO NOTHING`, k.Account, k.Name, k.Credential, k.Record, k.Made)
}

func updateKeyUse(ctx context.Context, tx *db.Tx, credential, record string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE account_key SET record = ?, used_at = ? WHERE credential = ?`, record, at, credential)
	return err
}

func updateKeyName(ctx context.Context, tx *db.Tx, of ID, id KeyID, name string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE account_key SET name = ? WHERE id = ? AND account_id = ?`, name, id, of)
}

func deleteKey(ctx context.Context, tx *db.Tx, of ID, id KeyID) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM account_key WHERE id = ? AND account_id = ?`, id, of)
}

func deleteKeys(ctx context.Context, tx *db.Tx, of ID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM account_key WHERE account_id = ?`, of)
	return err
}

func countKeys(ctx context.Context, r db.Reader, of ID) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COUNT(*) FROM account_key WHERE account_id = ?`, of)
}

// factorRow says which factors an account has.
type factorRow struct {
	Account  ID    `db:"id"`
	Keys     int64 `db:"keys"`
	Fallback bool  `db:"fallback"`
}

func factorRows(ctx context.Context, r db.Reader, of []ID) ([]factorRow, error) {
	return db.All[factorRow](ctx, r, `SELECT a.id, (SELECT COUNT(*) FROM account_key k WHERE k.account_id = a.id) AS keys,
		CASE WHEN a.password <> '' AND a.code_seed <> '' THEN 1 ELSE 0 END AS fallback FROM account a WHERE a.id IN (?)`, of)
}
