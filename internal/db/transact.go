package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/openprecinct/precinct/internal/fault"
)

// Tx is a running write transaction. It reads its own writes.
type Tx struct {
	tx       *sql.Tx
	conn     *sql.Conn // Postgres only: the connection tx runs on
	prepared *prepared // SQLite only
	engine   Engine
	fence    Fence
	over     atomic.Bool
	after    []func()
}

// Engine returns which database the transaction runs on.
func (t *Tx) Engine() Engine { return t.engine }

// SQL returns the driver's transaction, for a benchmark that compares this package with plain database/sql.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// AfterCommit has f called once the transaction is on stable storage, and never when it is not: to wake
// whoever waits for what it wrote.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

type inTransaction struct{}

// ErrNested is returned by Transact inside Transact: two transactions that wait for each other never end.
var ErrNested = errors.New("a transaction was begun inside another: use the one at hand")

// Transact runs fn in one transaction: all of it is kept, on stable storage, or nothing. An error or a panic
// of fn rolls back. fn may run more than once (after a serialization failure or deadlock on Postgres; after a
// neighbour in the shared flush to disk broke SQLite's transaction), so it must not have other effects. It
// must use the ctx it is given, and give back the first error of a statement: Postgres goes no further after one.
func (d *DB) Transact(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if ctx.Value(inTransaction{}) != nil {
		return ErrNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	inner := context.WithValue(ctx, inTransaction{}, true)
	if d.engine == SQLite {
		return d.group.do(inner, fn)
	}
	return d.transactPostgres(inner, fn)
}

const postgresTries = 5

func (d *DB) transactPostgres(ctx context.Context, fn func(context.Context, *Tx) error) error {
	for try := 1; ; try++ {
		err := d.onePostgres(ctx, fn)
		if err == nil || try == postgresTries || !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
		}
	}
}

func (d *DB) onePostgres(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	// A context that ends must not roll back from beside us: database/sql would use the connection while a bulk insert does. Each statement looks at the
	// context itself, and an error of fn rolls back below.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, ignoreTxDone(tx.Rollback()))
		}
	}()
	t := &Tx{tx: tx, conn: conn, engine: Postgres, fence: FenceOf(ctx)}
	err = fn(ctx, t)
	t.over.Store(true)
	if err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	for _, f := range t.after {
		f()
	}
	return nil
}

func ignoreTxDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// retryable reports a serialization failure (40001) or a deadlock (40P01).
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// busy turns SQLite's "database is locked" into a sentence: some other program has held the lock to write for
// as long as we were willing to wait.
func busy(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fault.Busyf("Another program is writing to this database and has not finished. Try again in a moment.").Because(err)
	}
	return err
}
