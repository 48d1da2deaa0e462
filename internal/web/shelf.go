package web

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
)

// Shelf keeps what somebody posted until the page that answers it is asked for, so that the answer has an address of its own, can be
// reloaded, and what was typed is not in that address. Only the session that put something there finds it, in the same organisation.
// It is memory: after a restart, an hour, or too many others, nothing is found, and the page says so or shows its empty form.
// The zero Shelf is empty and ready.
type Shelf[T any] struct {
	mu  sync.Mutex
	all map[string]kept[T]
}

type kept[T any] struct {
	session account.SessionID
	org     org.ID
	at      time.Time
	value   T
}

const (
	shelfTime = time.Hour
	shelfEach = 20    // one session keeps
	shelfMost = 5_000 // all keep together
)

// Put keeps value and returns the word by which it is found again: it says nothing about value and cannot be guessed.
func (s *Shelf[T]) Put(v *Visit, value T) (token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]kept[T]{}
	}
	s.tidy(v)
	token = rand.Text()
	s.all[token] = kept[T]{v.Session.ID, v.Actor.Org(), v.Now, value}
	return token
}

// Get returns what token stands for; false when it stands for nothing, or for something of another session or organisation.
func (s *Shelf[T]) Get(v *Visit, token string) (value T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.all[token]
	if !ok || k.session != v.Session.ID || k.org != v.Actor.Org() || v.Now.Sub(k.at) > shelfTime {
		return value, false
	}
	return k.value, true
}

// tidy makes room for one more: what is too old goes, then the oldest of a session that keeps too many, then the oldest of all.
func (s *Shelf[T]) tidy(v *Visit) {
	var own, others []string
	for token, k := range s.all {
		switch {
		case v.Now.Sub(k.at) > shelfTime:
			delete(s.all, token)
		case k.session == v.Session.ID:
			own = append(own, token)
		default:
			others = append(others, token)
		}
	}
	s.drop(own, len(own)-shelfEach+1)
	s.drop(append(own, others...), len(s.all)-shelfMost+1)
}

// drop takes away the n oldest of some.
func (s *Shelf[T]) drop(tokens []string, n int) {
	if n <= 0 {
		return
	}
	slices.SortFunc(tokens, func(a, b string) int { return s.all[a].at.Compare(s.all[b].at) })
	for _, t := range tokens[:min(n, len(tokens))] {
		delete(s.all, t)
	}
}
