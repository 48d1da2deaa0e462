package canvass

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/org"
)

// Hour is what was tried at doors in one hour.
type Hour struct {
	Number   int64 `db:"hour"`     // hours since 1970
	Attempts int64 `db:"attempts"` // visits, all of them
	Talked   int64 `db:"talked"`   // of them where somebody was talked with
}

// Began is when the hour began.
func (h Hour) Began() time.Time { return time.Unix(h.Number*3600, 0).UTC() }

// Hours returns the hours of a canvass in which somebody was at a door, in order.
func (s *Store) Hours(ctx context.Context, a org.Actor, of Scope) ([]Hour, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	x, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	seen, err := x.of(of)
	if err != nil {
		return nil, err
	}
	all, err := boardQuery{org: int64(a.Org()), Scope: of, seen: seen, now: s.c.Now()}.hours(ctx, s.c.DB)
	if err != nil {
		return nil, fmt.Errorf("reading a canvass by hour: %w", err)
	}
	return all, nil
}

// Visited is a door at which somebody was.
type Visited struct {
	Door   string `db:"door"` // household_key
	Talked bool   `db:"talked"`
}

// Visited returns the doors of a map at which somebody was.
func (s *Store) Visited(ctx context.Context, a org.Actor, of int64) ([]Visited, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	x, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	if _, err := x.of(Scope{Map: of}); err != nil {
		return nil, err
	}
	all, err := visited(ctx, s.c.DB, int64(a.Org()), of)
	if err != nil {
		return nil, fmt.Errorf("reading which doors were visited: %w", err)
	}
	return all, nil
}
