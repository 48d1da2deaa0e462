package canvass

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	seen, err := x.of(Scope{Map: of})
	if err != nil {
		return nil, err
	}
	var all []Visited
	err = s.visits.read(ctx, s.c.DB, boardQuery{org: int64(a.Org()), seen: seen}, func(maps map[int64]*ground) {
		for _, g := range maps {
			all = append(all, g.visited()...)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading which doors were visited: %w", err)
	}
	return all, nil
}

// visited returns the doors at which somebody was, by name.
func (g *ground) visited() (all []Visited) {
	been := make([]Visited, len(g.names))
	for _, t := range g.turfs {
		for _, v := range t.all {
			if !v.made {
				been[v.door] = Visited{g.names[v.door], v.talked || been[v.door].Talked}
			}
		}
	}
	for _, d := range been {
		if d.Door != "" {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(x, y Visited) int { return cmp.Compare(x.Door, y.Door) })
	return all
}
