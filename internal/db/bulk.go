package db

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Bulk inserts rows into table, in order, and returns how many: COPY on Postgres, prepared multi-row
// statements on SQLite. Each row has one value per column and may be reused by the caller after the yield.
func Bulk(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any]) (int64, error) {
	if tx.engine == SQLite {
		return insertMany(ctx, tx, table, columns, rows, "")
	}
	fenced, err := One[bool](ctx, tx, `SELECT row_security_active(?)`, table)
	switch {
	case err != nil:
		return 0, err
	case fenced: // COPY into a table with row-level security is refused by Postgres
		return upsertPostgres(ctx, tx, table, columns, rows, "")
	}
	return bulkPostgres(ctx, tx, table, columns, rows)
}

// sqliteBulkValues keeps a multi-row statement below SQLite's limit of 32,766 bound values and at a size
// where longer ones no longer pay.
const sqliteBulkValues = 2000

// insertMany inserts rows with one statement for many of them; end is what follows the values.
func insertMany(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any], end string) (n int64, err error) {
	per := max(1, sqliteBulkValues/len(columns))
	one := "(" + strings.Repeat("?,", len(columns)-1) + "?)"
	head := "INSERT INTO " + table + "(" + strings.Join(columns, ",") + ") VALUES "
	m, err := newManyInserter(tx, per*len(columns))
	if err != nil {
		return 0, fmt.Errorf("bulk insert into %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	for row := range rows {
		if len(row) != len(columns) {
			return n, fmt.Errorf("bulk insert into %s: row %d has %d values, want %d", table, n+1, len(row), len(columns))
		}
		if err := m.add(row); err != nil {
			return n, fmt.Errorf("bulk insert into %s: row %d: %w", table, n+1, err)
		}
		n++
		if !m.full() {
			continue
		}
		if err := m.exec(ctx, func() string { return head + strings.Repeat(one+",", per-1) + one + end }); err != nil {
			return n, fmt.Errorf("bulk insert into %s: %w", table, err)
		}
	}
	if left := m.n / len(columns); left > 0 {
		if _, err := tx.exec(ctx, head+strings.Repeat(one+",", left-1)+one+end, m.values(), false); err != nil {
			return n, fmt.Errorf("bulk insert into %s: %w", table, err)
		}
	}
	return n, nil
}

func bulkPostgres(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any]) (n int64, err error) {
	conn, err := tx.pgx()
	if err != nil {
		return 0, err
	}
	next, stop := iter.Pull(rows)
	defer stop()
	copied := make([]any, 0, len(columns)) // CopyFrom is done with a row before it asks for the next
	// The context ends the rows and not the connection: one that is cancelled while copying makes pgx v5.12 close a channel twice, which ends the
	// whole program. The transaction is rolled back by the error all the same.
	n, err = conn.CopyFrom(context.WithoutCancel(ctx), pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, ok := next()
		if !ok {
			return nil, nil
		}
		copied = append(copied[:0], row...)
		bindInPlace(copied)
		return copied, nil
	}))
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // the server says only that the copying failed
	}
	if err != nil {
		return n, fmt.Errorf("bulk insert into %s: %w", table, err)
	}
	return n, nil
}

// pgx returns the pgx connection that the transaction runs on: database/sql gives no way from a sql.Tx to
// its connection, so a Postgres transaction pins one itself.
func (t *Tx) pgx() (*pgx.Conn, error) {
	if t.over.Load() {
		return nil, errOver
	}
	var conn *pgx.Conn
	err := t.conn.Raw(func(dc any) error {
		conn = dc.(*fencedConn).Conn.Conn()
		return nil
	})
	return conn, err
}
