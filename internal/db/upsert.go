package db

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
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

// fewRows is up to how many rows one statement with all their values is cheaper on Postgres than a temporary table: making and dropping one costs
// milliseconds, and every insert of a handful of rows would pay them.
const fewRows = 64

// upsertPostgres inserts a few rows at once, and copies many into a temporary table first, which is many times faster than a statement for each.
func upsertPostgres(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any], end string) (int64, error) {
	next, stop := iter.Pull(rows)
	defer stop()
	var few [][]any
	for len(few) <= fewRows {
		row, ok := next()
		if !ok {
			return int64(len(few)), insertFew(ctx, tx, table, columns, few, end)
		}
		few = append(few, slices.Clone(row))
	}
	return upsertMany(ctx, tx, table, columns, func(yield func([]any) bool) {
		for _, row := range few {
			if !yield(row) {
				return
			}
		}
		for row, ok := next(); ok && yield(row); row, ok = next() { //nolint:revive // the condition does the work
		}
	}, end)
}

// insertFew inserts rows with one statement.
func insertFew(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any, end string) error {
	if len(rows) == 0 {
		return nil
	}
	var q strings.Builder
	q.WriteString("INSERT INTO " + table + "(" + strings.Join(columns, ",") + ") VALUES ")
	args := make([]any, 0, len(rows)*len(columns))
	for i, row := range rows {
		if len(row) != len(columns) {
			return fmt.Errorf("inserting into %s: row %d has %d values, want %d", table, i+1, len(row), len(columns))
		}
		for j, v := range row {
			switch {
			case j > 0:
				q.WriteString(",$")
			case i > 0:
				q.WriteString(",($")
			default:
				q.WriteString("($")
			}
			args = append(args, v)
			q.WriteString(strconv.Itoa(len(args)))
		}
		q.WriteByte(')')
	}
	bindInPlace(args)
	if _, err := tx.exec(ctx, q.String()+end, args, true); err != nil {
		return fmt.Errorf("inserting into %s: %w", table, err)
	}
	return nil
}

// upsertMany copies rows into a temporary table and moves them from there.
func upsertMany(ctx context.Context, tx *Tx, table string, columns []string, rows iter.Seq[[]any], end string) (int64, error) {
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
