package listpage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// namesTo is the level from which on streets and precincts say where one is.
const namesTo = 12

// placeName is a name on the large map.
type placeName struct {
	at   geo.Point
	kind string // place.County or kindTown
	code string // of a county without a name of its own in the data
	name string
}

const kindTown = "municipality"

// placeNames are where the counties and towns of a state lie; read once and believed for a while. Counties without shapes of their own lie where their
// precincts do.
type placeNames struct {
	mu  sync.Mutex
	of  map[string]stateNames
	all func(ctx context.Context, state, kind string) ([]place.Area, error)
}

type stateNames struct {
	until time.Time
	names []placeName
}

func (c *placeNames) get(ctx context.Context, state string, precincts map[string]place.Area, now time.Time) ([]placeName, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.of[state]; ok && now.Before(s.until) {
		return s.names, nil
	}
	s := stateNames{until: now.Add(shapesTime)}
	for _, kind := range []string{place.County, kindTown} {
		areas, err := c.all(ctx, state, kind)
		if err != nil {
			return nil, err
		}
		for _, a := range areas {
			s.names = append(s.names, placeName{a.Shape.Centroid(), kind, a.Code, a.Name})
		}
		if len(areas) == 0 && kind == place.County {
			s.names = countiesOf(precincts)
		}
	}
	c.of[state] = s
	return s.names, nil
}

// countiesOf returns where the counties of precincts lie: amid them.
func countiesOf(precincts map[string]place.Area) []placeName {
	boxes := map[string]geo.Box{}
	for _, a := range precincts {
		b, ok := boxes[a.County]
		if !ok {
			b = geo.EmptyBox()
		}
		boxes[a.County] = b.Union(a.Shape.Box())
	}
	all := make([]placeName, 0, len(boxes))
	for code, b := range boxes {
		all = append(all, placeName{at: b.Center(), kind: place.County, code: code})
	}
	slices.SortFunc(all, func(a, b placeName) int { return strings.Compare(a.code, b.code) })
	return all
}

// namesTile adds the names of the places in a tile. Counties are called as the voter file's state calls them.
func namesTile(b []byte, t mvt.Tile, all []placeName, counties []list.Value) []byte {
	layer := mvt.NewLayer("places")
	box := t.Box()
	for _, n := range all {
		if n.at.Lon < box.West || n.at.Lon >= box.East || n.at.Lat < box.South || n.at.Lat >= box.North {
			continue
		}
		name := n.name
		if i := slices.IndexFunc(counties, func(v list.Value) bool { return bare(v.Value+"/") == bare(n.code+"/") }); n.kind == place.County && i >= 0 {
			name = cmp.Or(counties[i].Name, name)
		}
		if name != "" {
			layer.Add(mvt.Point, [][]mvt.XY{{t.At(n.at)}}, map[string]any{"name": words.Name(name), "kind": n.kind})
		}
	}
	return layer.Append(b)
}
