package person

import (
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// throttle slows down whoever looks up people faster than a person reads: a bucket of look-ups for each account, refilled with
// time. It is kept in memory: a restart forgives.
type throttle struct {
	mu   sync.Mutex
	took map[bucketKey]bucket
}

type bucketKey struct {
	account account.ID
	org     org.ID
}

type bucket struct {
	left float64
	at   time.Time
}

// pace is how many look-ups may come at once, and how long one takes to come back.
type pace struct {
	burst float64
	every time.Duration
}

var (
	paceOfStaff      = pace{60, time.Second}
	paceOfVolunteers = pace{12, 8 * time.Second}
)

const bucketsAtMost = 10_000

// take counts one look-up, or refuses it with a Busy fault that says how long to wait.
func (t *throttle) take(now time.Time, actor org.Actor) error {
	p := paceOfVolunteers
	if actor.May(PermitBrowse) {
		p = paceOfStaff
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	k := bucketKey{actor.Account(), actor.Org()}
	b, ok := t.took[k]
	if !ok {
		if len(t.took) >= bucketsAtMost {
			t.forget(now)
		}
		b = bucket{p.burst, now}
	}
	b.left = min(p.burst, b.left+float64(now.Sub(b.at))/float64(p.every))
	b.at = now
	if b.left < 1 {
		t.took[k] = b
		wait := time.Duration((1 - b.left) * float64(p.every))
		return fault.Busyf("You have looked up many people in a short time. Wait %d seconds and try again.", int(wait/time.Second)+1)
	}
	b.left--
	t.took[k] = b
	return nil
}

// forget drops the buckets that are full again by any pace.
func (t *throttle) forget(now time.Time) {
	for k, b := range t.took {
		if now.Sub(b.at) > time.Duration(paceOfStaff.burst)*paceOfVolunteers.every {
			delete(t.took, k)
		}
	}
}
