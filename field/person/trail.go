package person

import (
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/org"
)

// trails keep each account's last result list, so that a profile can offer the previous and the next person, and the purpose last
// given, so that it is asked once. In memory only, forgotten after trailAge.
type trails struct {
	mu sync.Mutex
	of map[trailKey]trail
}

type trailKey = bucketKey

type trail struct {
	query   string
	dropped bool
	purpose Purpose
	ids     []ID
	at      time.Time
}

const (
	trailAge      = 12 * time.Hour
	trailsAtMost  = 5_000
	trailsForgets = trailsAtMost / 5
)

func (t *trails) keep(now time.Time, actor org.Actor, f Find, hits []Hit) {
	ids := make([]ID, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	t.put(now, actor, trail{query: f.Query, dropped: f.Dropped, purpose: f.Purpose, ids: ids, at: now})
}

func (t *trails) put(now time.Time, actor org.Actor, v trail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.of) >= trailsAtMost {
		t.forget(now)
	}
	t.of[trailKey{actor.Account(), actor.Org()}] = v
}

// forget drops the old ones, and when all are young, some.
func (t *trails) forget(now time.Time) {
	n := 0
	for k, v := range t.of {
		if now.Sub(v.at) > trailAge || n < trailsForgets {
			delete(t.of, k)
			n++
		}
	}
}

// Place is where a person stands in the reader's last result list.
type Place struct {
	Query          string
	Number, Of     int // 1 is the first
	Previous, Next ID  // 0 at the ends
}

// PurposeOf returns the purpose the actor gave last, "" when none or too long ago.
func (p *Store) PurposeOf(actor org.Actor) Purpose {
	p.trails.mu.Lock()
	defer p.trails.mu.Unlock()
	t := p.trails.of[trailKey{actor.Account(), actor.Org()}]
	if p.now().Sub(t.at) > trailAge {
		return ""
	}
	return t.purpose
}

// LastFind returns the actor's last look-up that was answered, so that its results can be come back to without a name in an
// address; false when there is none or it is too long ago.
func (p *Store) LastFind(actor org.Actor) (Find, bool) {
	p.trails.mu.Lock()
	defer p.trails.mu.Unlock()
	t := p.trails.of[trailKey{actor.Account(), actor.Org()}]
	if t.query == "" || p.now().Sub(t.at) > trailAge {
		return Find{}, false
	}
	return Find{Query: t.query, Purpose: t.purpose, Dropped: t.dropped}, true
}

// keepPurpose remembers a purpose beside the last results.
func (p *Store) keepPurpose(actor org.Actor, why Purpose) {
	p.trails.mu.Lock()
	t := p.trails.of[trailKey{actor.Account(), actor.Org()}]
	p.trails.mu.Unlock()
	if p.now().Sub(t.at) > trailAge {
		t = trail{}
	}
	t.purpose, t.at = why, p.now()
	p.trails.put(t.at, actor, t)
}

// PlaceOf returns where id stands in the actor's last look-up, or false.
func (p *Store) PlaceOf(actor org.Actor, id ID) (Place, bool) {
	p.trails.mu.Lock()
	defer p.trails.mu.Unlock()
	t, ok := p.trails.of[trailKey{actor.Account(), actor.Org()}]
	i := slices.Index(t.ids, id)
	if !ok || i < 0 || p.now().Sub(t.at) > trailAge {
		return Place{}, false
	}
	at := Place{Query: t.query, Number: i + 1, Of: len(t.ids)}
	if i > 0 {
		at.Previous = t.ids[i-1]
	}
	if i+1 < len(t.ids) {
		at.Next = t.ids[i+1]
	}
	return at, true
}
