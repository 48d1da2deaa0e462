package db

import (
	"context"
	"iter"
	"strings"
)

// Query is a statement put together from parts, each with its own values.
type Query struct {
	sql  strings.Builder
	args []any
}

// Q begins a query.
func Q(part string, args ...any) *Query { return new(Query).Add(part, args...) }

// Add appends a part and its values.
func (q *Query) Add(part string, args ...any) *Query {
	if q.sql.Len() > 0 {
		q.sql.WriteByte(' ')
	}
	q.sql.WriteString(part)
	q.args = append(q.args, args...)
	return q
}

// If appends a part and its values when ok holds.
func (q *Query) If(ok bool, part string, args ...any) *Query {
	if ok {
		q.Add(part, args...)
	}
	return q
}

// AllOf runs q and scans every row, as All.
func AllOf[T any](ctx context.Context, r Reader, q *Query) ([]T, error) {
	return All[T](ctx, r, q.sql.String(), q.args...)
}

// OneOf runs q and returns its first row, as One.
func OneOf[T any](ctx context.Context, r Reader, q *Query) (T, error) {
	return One[T](ctx, r, q.sql.String(), q.args...)
}

// EachOf runs q and yields its rows, as Each.
func EachOf[T any](ctx context.Context, r Reader, q *Query) iter.Seq2[T, error] {
	return Each[T](ctx, r, q.sql.String(), q.args...)
}

// Join appends another query and its values.
func (q *Query) Join(o *Query) *Query { return q.Add(o.sql.String(), o.args...) }
