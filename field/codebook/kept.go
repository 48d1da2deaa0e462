package codebook

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// A count over all rows of millions of people takes seconds. What took long is believed for a while though something was written since; what is counted fast is
// always counted anew after a write.
const (
	countFast = 50 * time.Millisecond
	countKept = 10 * time.Minute
)

// counts are what Uses counted, kept between pages.
type counts struct {
	mu sync.Mutex
	of map[countKey]kept
}

type countKey struct {
	org  org.ID
	kind Kind
}

type kept struct {
	epoch int64 // the newest change that is counted
	at    time.Time
	took  time.Duration
	n     map[ID]int64
}

// good reports whether a count is to be believed at a time, when the feed of changes stands at epoch.
func (k kept) good(epoch int64, now time.Time) bool {
	return k.n != nil && (k.epoch == epoch || k.took > countFast && now.Before(k.at.Add(countKept)))
}

// Uses returns how many people have each definition of a kind recorded, as far as the actor's organisation may see. Where counting takes long the numbers may be
// ten minutes old.
func (s *Store) Uses(ctx context.Context, a org.Actor, k Kind) (map[ID]int64, error) {
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	epoch, err := change.Newest(db.WithSite(ctx), s.DB)
	if err != nil {
		return nil, err
	}
	key := countKey{a.Org(), k}
	s.counts.mu.Lock()
	have := s.counts.of[key]
	s.counts.mu.Unlock()
	if have.good(epoch, s.now()) {
		return maps.Clone(have.n), nil
	}
	began := time.Now()
	have = kept{epoch: epoch, at: s.now()}
	if have.n, err = uses(a.Within(ctx), s.DB, k, int64(a.Org())); err != nil {
		return nil, err
	}
	have.took = time.Since(began)
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if s.counts.of == nil {
		s.counts.of = map[countKey]kept{}
	}
	s.counts.of[key] = have
	return maps.Clone(have.n), nil
}

// Numbers returns how many definitions of each kind the actor's organisation sees.
func (s *Store) Numbers(ctx context.Context, a org.Actor, archived bool) (map[Kind]int64, error) {
	if err := a.Must(PermitSee); err != nil {
		return nil, err
	}
	return numbers(a.Within(ctx), s.DB, int64(a.Org()), archived)
}
