package liststore

import (
	"context"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/turfpeople"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/org"
)

// turfs adds to a catalogue the maps of turf that the actor sees, and those turfs of them that some criteria, or the saved searches, name: an organisation can
// have tens of thousands. all says to add all maps, not only those that are named.
func (s *Store) turfs(ctx context.Context, a org.Actor, c *list.Catalog, file voterfile.FileID, about []list.Criteria, all bool) error {
	if !a.May(turfpeople.PermitSee) {
		return nil
	}
	named := namedTurfs(c, about)
	if !all && len(named.Turfs)+len(named.Maps) == 0 {
		return nil
	}
	own := int64(a.Org())
	turfs, err := turfpeople.TurfsOf(ctx, s.db, own, named.Turfs)
	if err != nil {
		return fmt.Errorf("reading the turfs: %w", err)
	}
	for _, t := range turfs {
		named.Maps = append(named.Maps, t.Map)
	}
	maps, err := turfpeople.MapsOf(ctx, s.db, own, int64(file), once(named.Maps))
	if err == nil && all {
		var more []turfpeople.Map
		more, err = turfpeople.Maps(ctx, s.db, own, int64(file))
		maps = append(maps, more...)
	}
	if err != nil {
		return fmt.Errorf("reading the maps of turf: %w", err)
	}
	folders, err := s.orgs.Reach(ctx, a)
	if err != nil {
		return err
	}
	c.Maps, c.Turfs = map[int64]list.Definition{}, map[int64]list.TurfDef{}
	for _, m := range maps {
		if m.Folder == 0 || slices.ContainsFunc(folders, func(f org.Reached) bool { return int64(f.ID) == m.Folder && f.Org == a.Org() }) {
			c.Maps[m.ID] = list.Definition{ID: m.ID, Org: own, Name: m.Name}
		}
	}
	for _, t := range turfs {
		if _, seen := c.Maps[t.Map]; seen {
			c.Turfs[t.ID] = list.TurfDef{Definition: list.Definition{ID: t.ID, Org: own, Name: t.Name}, Map: t.Map}
		}
	}
	return nil
}

// namedTurfs returns the turfs and maps that criteria and the saved searches of a catalogue name.
func namedTurfs(c *list.Catalog, about []list.Criteria) (named list.Turf) {
	note := func(n list.Node) {
		if t, ok := n.(list.Turf); ok {
			named.Turfs, named.Maps = append(named.Turfs, t.Turfs...), append(named.Maps, t.Maps...)
		}
	}
	for _, k := range about {
		conditions(k.Steps, note)
	}
	for _, d := range c.Saved {
		if d.Criteria != nil {
			conditions(d.Criteria.Steps, note)
		}
	}
	named.Turfs, named.Maps = once(named.Turfs), once(named.Maps)
	return named
}

func once(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// conditions calls f with every condition of steps that has none within.
func conditions(steps []list.Step, f func(list.Node)) {
	var walk func(n list.Node)
	walk = func(n list.Node) {
		switch n := n.(type) {
		case nil:
		case list.All:
			each(n, walk)
		case list.Any:
			each(n, walk)
		case list.None:
			each(n, walk)
		case list.LivesWith:
			walk(n.Who)
		case list.Sub:
			conditions(n.Steps, f)
		default:
			f(n)
		}
	}
	for _, s := range steps {
		walk(s.Where)
	}
}

func each(all []list.Node, f func(list.Node)) {
	for _, n := range all {
		f(n)
	}
}
