package liststore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Compared is how the people of two lists overlap.
type Compared struct {
	A, B               Saved
	Both, OnlyA, OnlyB Counts
}

// InBoth describes who is on both of two saved lists.
func InBoth(a, b ListID) list.Criteria {
	return start(list.All{list.Saved{List: int64(a)}, list.Saved{List: int64(b)}})
}

// InOne describes who is on a saved list and not on another.
func InOne(a, but ListID) list.Criteria {
	return start(list.All{list.Saved{List: int64(a)}, list.None{list.Saved{List: int64(but)}}})
}

func start(n list.Node) list.Criteria {
	return list.Criteria{Version: list.Version, Steps: []list.Step{{Do: list.Start, Where: n}}}
}

// Of describes who is on a saved list, or who a saved search finds.
func Of(id ListID) list.Criteria { return start(list.Saved{List: int64(id)}) }

// Compare counts who is on both of two saved lists of one voter file, and on one of them alone.
func (s *Store) Compare(ctx context.Context, a org.Actor, x, y ListID) (Compared, error) {
	var got Compared
	var err error
	if got.A, err = s.List(ctx, a, x); err != nil {
		return got, err
	}
	if got.B, err = s.List(ctx, a, y); err != nil {
		return got, err
	}
	if got.A.File != got.B.File {
		return got, fault.Invalidf("These lists are of two voter files, so nobody can be on both.")
	}
	k := Ask{File: got.A.File, Dropped: got.A.Dropped || got.B.Dropped, Minors: got.A.Minors || got.B.Minors}
	for _, part := range []struct {
		of list.Criteria
		to *Counts
	}{{InBoth(x, y), &got.Both}, {InOne(x, y), &got.OnlyA}, {InOne(y, x), &got.OnlyB}} {
		k.Criteria = part.of
		n, err := s.Count(ctx, a, k)
		if err != nil {
			return got, err
		}
		*part.to = n.Counts
	}
	return got, nil
}

// Event is one thing that was done with a saved list.
type Event struct {
	Number   int64 // of the ledger entry
	At       time.Time
	By       int64
	ByName   string
	Kind     ledger.Kind
	Name     string // it got, "" where it kept its own
	Before   string // the name it had
	People   int64  // counted then, -1 where nothing was
	Channel  Channel
	Origin   string         // the file its people came from
	Criteria *list.Criteria // what it asked for then; nil where it was erased or is the maker's alone
}

// History returns what was done with a saved list, newest first: who built it from what.
func (s *Store) History(ctx context.Context, a org.Actor, id ListID) ([]Event, error) {
	if _, err := s.List(ctx, a, id); err != nil {
		return nil, err
	}
	kinds := []ledger.Kind{KindSave, KindChange, KindRename, KindMove, KindRerun, KindDelete}
	entries, err := ledger.Entries(ctx, s.db, ledger.Filter{Object: id.Object(), Kinds: kinds, Limit: 200})
	if err != nil {
		return nil, err
	}
	all := make([]Event, len(entries))
	for i, e := range entries {
		all[i] = Event{Number: e.Number, At: e.At, By: e.Account, ByName: s.nameOf(ctx, e.Account), Kind: e.Kind, People: -1,
			Name: textOf(e.Data["name"]), Before: textOf(e.Data["before"]), Channel: Channel(textOf(e.Data["channel"])), Origin: textOf(e.Data["origin"])}
		if n, ok := e.Data["people"].(json.Number); ok {
			all[i].People, _ = n.Int64()
		}
		if text := textOf(e.Personal["criteria"]); text != "" {
			c, err := list.Parse([]byte(text))
			if err != nil {
				return nil, fmt.Errorf("reading the criteria of entry %d: %w", e.Number, err)
			}
			all[i].Criteria = &c
		}
	}
	return all, nil
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}
