package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Reader is where a query can run: a *DB (outside any transaction) or a *Tx.
type Reader interface {
	query(ctx context.Context, q string, args []any) (*sql.Rows, error)
}

func (d *DB) query(ctx context.Context, q string, args []any) (*sql.Rows, error) {
	return d.read.QueryContext(ctx, q, bind(args)...)
}

func (t *Tx) query(ctx context.Context, q string, args []any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, q, bind(args)...)
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
		q, args, err := expand(engineOf(r), q, args)
		if err != nil {
			yield(zero, err)
			return
		}
		rows, err := r.query(ctx, q, args)
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
	q, args, err := expand(tx.engine, q, args)
	if err != nil {
		return 0, err
	}
	res, err := tx.tx.ExecContext(ctx, q, bind(args)...)
	if err != nil {
		return 0, fmt.Errorf("running %s: %w", firstWords(q), err)
	}
	return res.RowsAffected()
}

// firstWords names a statement in an error without printing values or all of it.
func firstWords(q string) string {
	f := strings.Fields(q)
	return strings.Join(f[:min(len(f), 6)], " ")
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

// expand widens (?) for slice arguments and, on Postgres, numbers the placeholders. A ? inside quotes is left alone.
func expand(e Engine, q string, args []any) (string, []any, error) {
	if !strings.Contains(q, "?") {
		if len(args) > 0 {
			return "", nil, fmt.Errorf("%s has no placeholder for %d values", firstWords(q), len(args))
		}
		return q, args, nil
	}
	var b strings.Builder
	b.Grow(len(q) + 16)
	out := make([]any, 0, len(args))
	put := func(v any) {
		out = append(out, v)
		if e == Postgres {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(len(out)))
		} else {
			b.WriteByte('?')
		}
	}
	next := 0
	quoted := byte(0)
	for i := 0; i < len(q); i++ {
		c := q[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
			b.WriteByte(c)
		case c == '\'' || c == '"':
			quoted = c
			b.WriteByte(c)
		case c != '?':
			b.WriteByte(c)
		case next == len(args):
			return "", nil, fmt.Errorf("%s has more placeholders than values", firstWords(q))
		default:
			vs, many := slice(args[next])
			next++
			if !many {
				put(args[next-1])
				continue
			}
			if len(vs) == 0 {
				b.WriteString("NULL") // x IN (NULL) holds for no x
			}
			for j, v := range vs {
				if j > 0 {
					b.WriteByte(',')
				}
				put(v)
			}
		}
	}
	if next != len(args) {
		return "", nil, fmt.Errorf("%s has fewer placeholders than values", firstWords(q))
	}
	return b.String(), out, nil
}
