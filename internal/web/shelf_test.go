package web

import (
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

func TestShelfIsFoundOnlyByWhoPutItThere(t *testing.T) {
	begin := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	visit := func(session account.SessionID, in org.ID, after time.Duration) *Visit {
		return &Visit{Session: account.Session{ID: session, Account: 5}, Actor: org.Operate(in, permit.NewSet()), Now: begin.Add(after)}
	}
	var s Shelf[string]
	if _, ok := s.Get(visit(1, 3, 0), ""); ok {
		t.Error("an empty shelf gives something")
	}
	token := s.Put(visit(1, 3, 0), "rosa aguilar")
	if got, ok := s.Get(visit(1, 3, 0), token); !ok || got != "rosa aguilar" {
		t.Errorf("%q, %t", got, ok)
	}
	if got, ok := s.Get(visit(1, 3, shelfTime), token); !ok || got != "rosa aguilar" {
		t.Errorf("an hour later: %q, %t", got, ok)
	}
	for name, v := range map[string]*Visit{"another session": visit(2, 3, 0), "another organization": visit(1, 4, 0), "too late": visit(1, 3, shelfTime+1)} {
		if got, ok := s.Get(v, token); ok {
			t.Errorf("%s finds %q", name, got)
		}
	}
	for i := range shelfEach {
		s.Put(visit(2, 3, time.Duration(i)), "other")
	}
	if _, ok := s.Get(visit(1, 3, 0), token); !ok {
		t.Error("another session's many pushed this one out")
	}
	for i := range shelfEach {
		s.Put(visit(1, 3, time.Duration(i+1)), "more")
	}
	if _, ok := s.Get(visit(1, 3, 0), token); ok || len(s.all) != 2*shelfEach {
		t.Errorf("one session keeps more than %d: %d in all", shelfEach, len(s.all))
	}
	s.Put(visit(3, 3, 2*shelfTime), "late")
	if len(s.all) != 1 {
		t.Errorf("%d are kept too long", len(s.all)-1)
	}
}

func TestShelfHasABound(t *testing.T) {
	var s Shelf[int]
	now := time.Now()
	for i := range shelfMost + 100 {
		s.Put(&Visit{Session: account.Session{ID: account.SessionID(i + 1)}, Now: now.Add(time.Duration(i))}, i)
	}
	if len(s.all) != shelfMost {
		t.Errorf("%d are kept, want %d", len(s.all), shelfMost)
	}
}
