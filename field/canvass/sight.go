package canvass

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// sight is which maps of their organisation somebody sees: those in no folder, and those in folders that are shared with them.
type sight struct {
	all    []int64 // put away ones too
	live   []int64
	blind  []int64 // those they do not see
	hidden int64   // of them the live ones
}

func (x sight) sees(m int64) bool { return !slices.Contains(x.blind, m) }

// sight asks which maps the actor sees. It is asked each time, so that a folder that is not shared any more is gone with the next look.
func (s *Store) sight(ctx context.Context, a org.Actor) (sight, error) {
	x := sight{all: []int64{0}, live: []int64{0}} // 0: an IN of nothing is no SQL
	reached, err := s.c.Orgs.Reach(ctx, a)
	if err != nil {
		return x, fmt.Errorf("asking which folders somebody sees: %w", err)
	}
	rows, err := mapFolders(a.Within(ctx), s.c.DB, int64(a.Org()))
	if err != nil {
		return x, fmt.Errorf("asking which maps somebody sees: %w", err)
	}
	for _, m := range rows {
		live := m.Archived == 0
		if m.Folder != 0 && !slices.ContainsFunc(reached, func(f org.Reached) bool { return int64(f.ID) == m.Folder && f.Org == a.Org() }) {
			x.blind = append(x.blind, m.ID)
			if live {
				x.hidden++
			}
			continue
		}
		x.all = append(x.all, m.ID)
		if live {
			x.live = append(x.live, m.ID)
		}
	}
	return x, nil
}

// of narrows what is seen to a scope. A map that the actor does not see is the same as none.
func (x sight) of(scope Scope) ([]int64, error) {
	if scope.Map == 0 {
		return x.live, nil
	}
	if !slices.Contains(x.all, scope.Map) {
		return nil, fault.NotFoundf("There is no such map here, or its folder is not shared with you.")
	}
	return []int64{scope.Map}, nil
}

// Aside returns the work that was set aside, but for what was recorded in maps that the actor does not see. What belongs to no packet of the organisation
// is everybody's to look at.
func (s *Store) Aside(ctx context.Context, a org.Actor) ([]offline.SetAside, error) {
	all, err := s.devices.Aside(ctx, a)
	if err != nil {
		return nil, err
	}
	var packets []string
	for _, e := range all {
		packets = append(packets, e.Thing)
	}
	hidden, err := s.unseen(ctx, a, packets)
	return slices.DeleteFunc(all, func(e offline.SetAside) bool { return hidden[e.Thing] }), err
}

// Judge decides about a piece of work that was set aside, as offline.Store does, where the actor sees its map.
func (s *Store) Judge(ctx context.Context, a org.Actor, id string, apply bool, why string) error {
	if err := a.Must(PermitJudge); err != nil {
		return err
	}
	all, err := s.Aside(ctx, a)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(e offline.SetAside) bool { return e.ID == id }) {
		return fault.NotFoundf("Nothing waits under this number. Somebody else may have decided, or its map is in a folder that is not shared with you.")
	}
	return s.devices.Judge(ctx, a, id, apply, why)
}

// unseen returns which packets are of maps that the actor does not see.
func (s *Store) unseen(ctx context.Context, a org.Actor, packets []string) (map[string]bool, error) {
	hidden := map[string]bool{}
	if len(packets) == 0 {
		return hidden, nil
	}
	x, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	slices.Sort(packets)
	for some := range slices.Chunk(slices.Compact(packets), 500) {
		of, err := groundsOfPackets(a.Within(ctx), s.c.DB, int64(a.Org()), some)
		if err != nil {
			return nil, fmt.Errorf("asking of which maps packets are: %w", err)
		}
		for _, p := range of {
			hidden[p.ID] = !x.sees(p.Map)
		}
	}
	return hidden, nil
}

// mayMeet refuses somebody met in a map that the actor does not see, as if there were nobody.
func (s *Store) mayMeet(ctx context.Context, a org.Actor, id string) error {
	m, err := metByID(a.Within(ctx), s.c.DB, int64(a.Org()), id)
	if errors.Is(err, db.ErrNone) {
		return errNoMet()
	}
	if err != nil {
		return fmt.Errorf("reading somebody met: %w", err)
	}
	hidden, err := s.unseen(ctx, a, []string{m.Packet})
	if err == nil && hidden[m.Packet] {
		err = errNoMet()
	}
	return err
}
