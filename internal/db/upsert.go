package db

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// Upsert inserts rows into table, or changes the rows that are there with the same key, and returns how many rows were given. The
// first key columns are the table's primary key. No two of the rows may have the same key. Columns that are not named keep what they
// hold, or get their default.
func Upsert(ctx context.Context, tx *Tx, table string, columns []string, key int, rows iter.Seq[[]any]) (int64, error) {
	set := make([]string, 0, len(columns))
	for _, c := range columns[key:] {
		set = append(set, c+"=excluded."+c)
	}
	end := " ON CONFLICT (" + strings.Join(columns[:key], ",") + ") DO UPDATE SET " + strings.Join(set, ",")
	return insertOr(ctx, tx, table, columns, rows, end)
}

// InsertNew inserts the rows that are not there yet, by any unique key of table, and leaves the others alone.
func InsertNew(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any]) error {
	_, err := insertOr(ctx, tx, table, columns, rows, " ON CONFLICT DO NOTHING")
	return err
}

func insertOr(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any], end string) (int64, error) {
	if tx.engine == SQLite {
		return insertMany(ctx, tx, table, columns, rows, end)
	}
	return upsertPostgres(ctx, tx, table, columns, rows, end)
}

// upsertPostgres copies the rows into a temporary table, which is many times faster than a statement for each.
func upsertPostgres(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any], end string) (int64, error) {
	temp := "upsert_" + table
	if _, err := tx.tx.ExecContext(ctx, "CREATE TEMP TABLE "+temp+" (LIKE "+table+" INCLUDING DEFAULTS) ON COMMIT DROP"); err != nil {
		return 0, fmt.Errorf("upsert into %s: %w", table, err)
	}
	n, err := bulkPostgres(ctx, tx, temp, columns, rows)
	if err != nil {
		return n, err
	}
	list := strings.Join(columns, ",")
	if _, err := tx.tx.ExecContext(ctx, "INSERT INTO "+table+"("+list+") SELECT "+list+" FROM "+temp+end); err != nil {
		return n, fmt.Errorf("upsert into %s: %w", table, err)
	}
	if _, err := tx.tx.ExecContext(ctx, "DROP TABLE "+temp); err != nil {
		return n, fmt.Errorf("upsert into %s: %w", table, err)
	}
	return n, nil
}
