package db

import (
	"context"
	"fmt"
)

// Fence says for whom statements run: for one organisation, for the whole site, or for nobody in particular. It travels on the context,
// because it belongs to the request and not to any one statement.
//
// On Postgres the tables that hold what is some organisation's own show a statement only the rows of its fence (row-level security), below and
// besides the conditions that stores write. Nobody in particular sees none of them. SQLite has no such thing; there the stores stand alone.
type Fence struct {
	org  int64
	site bool
}

// String says whose fence it is, for an error.
func (f Fence) String() string {
	switch {
	case f.site:
		return "the site"
	case f.org != 0:
		return fmt.Sprintf("organization %d", f.org)
	}
	return "nobody in particular"
}

type fenceKey struct{}

// WithOrg returns a context whose statements see what belongs to one organisation, and what is everybody's. Only package org calls it: an
// organisation comes from an actor.
func WithOrg(ctx context.Context, org int64) context.Context {
	return withFence(ctx, Fence{org: org})
}

// WithSite returns a context whose statements see every row: for migrations, imports, and keeping house. Whoever calls it has already decided
// who may ask.
func WithSite(ctx context.Context) context.Context {
	return withFence(ctx, Fence{site: true})
}

func withFence(ctx context.Context, f Fence) context.Context {
	if FenceOf(ctx) == f {
		return ctx
	}
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceOf returns for whom the statements of a context run.
func FenceOf(ctx context.Context) Fence {
	f, _ := ctx.Value(fenceKey{}).(Fence)
	return f
}

// sameFence refuses a statement that believes it runs for somebody else than its transaction does: what it found would be wrong.
func (t *Tx) sameFence(ctx context.Context) error {
	if f := FenceOf(ctx); f != t.fence {
		return fmt.Errorf("a statement for %s in a transaction for %s: say for whom before the transaction begins", f, t.fence)
	}
	return nil
}
