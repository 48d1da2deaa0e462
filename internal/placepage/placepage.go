// Package placepage serves the ground of maps: the site's own streets, water, parks and precincts as vector tiles, and the base map of a site that has one. Nothing comes from elsewhere that nobody asked for.
package placepage

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the sentences of this package in Spanish.
//
//go:embed es.json
var Spanish []byte

// What a tile shows: nothing below mainsFrom, streets from streetsFrom on.
const (
	mainsFrom   = 9
	streetsFrom = 12
	mostStreets = 4000
	mostAreas   = 400
)

type pages struct {
	places *place.Store
	base   Base
}

// Routes returns the tiles of the ground, and those of the base map. They are public reference data, for everybody who is signed in.
func Routes(places *place.Store, base Base) []web.Route {
	p := pages{places, base}
	return []web.Route{
		{Method: "GET", Path: "/o/{org}/place/ground/{z}/{x}/{y}", Permit: permit.SignedIn, Handle: p.ground},
		{Method: "GET", Path: "/o/{org}/place/base/{z}/{x}/{y}", Permit: permit.SignedIn, Handle: p.tile},
	}
}

// ground answers a tile of the site's own streets, water, parks and precincts.
func (p pages) ground(v *web.Visit) error {
	t, ok := mvt.Parse(v.R.PathValue("z"), v.R.PathValue("x"), v.R.PathValue("y"))
	if !ok {
		return fault.Invalidf("This part of the map is not there.")
	}
	if t.Z < mainsFrom {
		return answer(v, nil)
	}
	b, err := p.groundTile(v.R.Context(), t)
	if err != nil {
		return err
	}
	v.W.Header().Set("Cache-Control", "private, max-age=3600")
	return answer(v, b)
}

func answer(v *web.Visit, b []byte) error {
	v.W.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
	v.W.WriteHeader(http.StatusOK)
	_, _ = v.W.Write(b)
	return nil
}

func (p pages) groundTile(ctx context.Context, t mvt.Tile) ([]byte, error) {
	box := t.Box()
	areas, err := p.places.AreasNear(ctx, box, mostAreas, place.Water, place.Park, place.Precinct)
	if err != nil {
		return nil, err
	}
	layers := map[string]*mvt.Layer{place.Water: mvt.NewLayer("water"), place.Park: mvt.NewLayer("park"), place.Precinct: mvt.NewLayer("precinct")}
	for _, a := range areas {
		var rings [][]mvt.XY
		for _, poly := range a.Shape {
			for i, ring := range poly {
				if c := t.Chain(ring); len(c) > 3 {
					rings = append(rings, mvt.Wound(c[:len(c)-1], i == 0))
				}
			}
		}
		if len(rings) > 0 {
			layers[a.Kind].Add(mvt.Polygon, rings, map[string]any{"name": words.Name(a.Name)})
		}
	}
	out := layers[place.Water].Append(layers[place.Park].Append(layers[place.Precinct].Append(nil)))
	if t.Z < streetsFrom {
		return out, nil
	}
	streets, err := p.places.StreetsNear(ctx, box, mostStreets)
	if err != nil {
		return nil, err
	}
	layer := mvt.NewLayer("street")
	for _, s := range streets {
		if c := t.Chain(s.Line); len(c) > 1 {
			layer.Add(mvt.Line, [][]mvt.XY{c}, map[string]any{"name": words.Name(s.Name), "main": mainRoad(s.Class)})
		}
	}
	return layer.Append(out), nil
}

func mainRoad(class string) int64 {
	if len(class) > 2 && (class[:3] == "S11" || class[:3] == "S12") {
		return 1
	}
	return 0
}
