package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Reader is where a query can run: a *DB (outside any transaction) or a *Tx. Inside a transaction one query
// must be read to its end before the next begins: Postgres has one answer under way per connection.
type Reader interface {
	query(ctx context.Context, q string, args []any, keep bool) (rows *sql.Rows, closed func(), err error)
}

// engineOf lets the query functions rebind for the right dialect.
func engineOf(r Reader) Engine {
	switch r := r.(type) {
	case *DB:
		return r.engine
	case *Tx:
		return r.engine
	}
	return SQLite
}

// ErrNone is returned by One when no row matches.
var ErrNone = errors.New("no such row")

// All runs q and scans every row into a T: a struct by its db tags, or a single value.
func All[T any](ctx context.Context, r Reader, q string, args ...any) ([]T, error) {
	var all []T
	for v, err := range Each[T](ctx, r, q, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// One runs q and returns its first row, or ErrNone.
func One[T any](ctx context.Context, r Reader, q string, args ...any) (T, error) {
	for v, err := range Each[T](ctx, r, q, args...) {
		return v, err
	}
	var none T
	return none, ErrNone
}

// Each runs q and yields its rows one by one; it stops at the first error.
func Each[T any](ctx context.Context, r Reader, q string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		q, args, keep, err := expand(engineOf(r), q, args)
		if err != nil {
			yield(zero, err)
			return
		}
		rows, closed, err := r.query(ctx, q, bind(args), keep)
		defer closed()
		if err != nil {
			yield(zero, fmt.Errorf("running %s: %w", firstWords(q), err))
			return
		}
		defer rows.Close() //nolint:errcheck // rows.Err below has what matters
		scan, err := scannerOf[T](rows)
		if err != nil {
			yield(zero, fmt.Errorf("reading the columns of %s: %w", firstWords(q), err))
			return
		}
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				yield(zero, fmt.Errorf("reading a row of %s: %w", firstWords(q), err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, fmt.Errorf("reading the rows of %s: %w", firstWords(q), err))
		}
	}
}

// Exec runs a statement that changes rows and returns how many it changed.
func Exec(ctx context.Context, tx *Tx, q string, args ...any) (int64, error) {
	if err := refuseControl(q); err != nil {
		return 0, err
	}
	q, args, keep, err := expand(tx.engine, q, args)
	if err != nil {
		return 0, err
	}
	res, err := tx.exec(ctx, q, bind(args), keep)
	if err != nil {
		return 0, fmt.Errorf("running %s: %w", firstWords(q), err)
	}
	return res.RowsAffected()
}

// Storable returns s without what one of the engines would refuse: bytes that are no UTF-8, and NUL.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// firstWords names a statement in an error without printing values or all of it.
func firstWords(q string) string {
	f := strings.Fields(q)
	return strings.Join(f[:min(len(f), 6)], " ")
}

// firstWord returns a statement's verb in capitals.
func firstWord(q string) string {
	q = strings.TrimLeft(q, " \t\r\n")
	if i := strings.IndexAny(q, " \t\r\n;("); i >= 0 {
		q = q[:i]
	}
	return strings.ToUpper(q)
}

// bind turns the values of our own kinds into the few that both engines take.
func bind(args []any) []any {
	out := slices.Clone(args)
	bindInPlace(out)
	return out
}

func bindInPlace(args []any) {
	for i, a := range args {
		switch v := a.(type) {
		case bool:
			args[i] = btoi(v)
		case time.Time:
			args[i] = millis(v)
		case *time.Time:
			args[i] = nil
			if v != nil {
				args[i] = millis(*v)
			}
		case nil, string, int64, int, []byte, float64:
		default:
			if k := reflect.ValueOf(a); k.Kind() == reflect.Bool { // a named bool
				args[i] = btoi(k.Bool())
			}
		}
	}
}

func btoi(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// millis stores the zero time as 0, not as a date two thousand years ago.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
