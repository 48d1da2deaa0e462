package listpage

import (
	"bytes"
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/place"
)

func square(lon, lat float64) geo.MultiPolygon {
	return geo.MultiPolygon{{{{Lon: lon, Lat: lat}, {Lon: lon + .1, Lat: lat}, {Lon: lon + .1, Lat: lat + .1}, {Lon: lon, Lat: lat + .1}, {Lon: lon, Lat: lat}}}}
}

// TestNamesOfPlaces: counties lie amid their precincts and are called as the voter file's state calls them; what the site has shapes of lies in those.
func TestNamesOfPlaces(t *testing.T) {
	precincts := map[string]place.Area{"63/1": {County: "63", Code: "1", Shape: square(-79, 36)}, "63/2": {County: "63", Code: "2", Shape: square(-78.8, 36)}}
	towns := []place.Area{{Kind: kindTown, Code: "9", Name: "PORT ANSEL", Shape: square(-78.9, 36)}}
	var counties []place.Area
	read := func(_ context.Context, _, kind string) ([]place.Area, error) {
		if kind == kindTown {
			return towns, nil
		}
		return counties, nil
	}
	calls := []list.Value{{Value: "063", Name: "DURHAM"}}
	whole, elsewhere := mvt.Tile{}, mvt.Tile{Z: 1, X: 1, Y: 1}
	for what, c := range map[string]struct {
		counties []place.Area
		at       mvt.Tile
		want     []string
		not      []string
	}{
		"amid its precincts": {nil, whole, []string{"Durham", "Port Ansel"}, nil},
		"in its own shape":   {[]place.Area{{Kind: place.County, Code: "7", Name: "Halden", Shape: square(-78, 35)}}, whole, []string{"Halden"}, []string{"Durham"}},
		"in another tile":    {nil, elsewhere, nil, []string{"Durham", "Port Ansel"}},
	} {
		counties = c.counties
		names, err := (&placeNames{of: map[string]stateNames{}, all: read}).get(context.Background(), "NC", precincts, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := namesTile(nil, c.at, names, calls)
		for _, s := range c.want {
			if !bytes.Contains(b, []byte(s)) {
				t.Errorf("%s: no %s", what, s)
			}
		}
		for _, s := range c.not {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s: %s", what, s)
			}
		}
	}
}

func TestTilesFarOutNamePlaces(t *testing.T) {
	s := newSite(t)
	form := emptyForm()
	for z, want := range map[string]bool{"0": true, "13": false} {
		form["z"], form["x"], form["y"] = []string{z}, []string{"0"}, []string{"0"}
		status, body := s.post(t, "associate", "/o/1/field/list/tile", url.Values(form))
		if status != 200 || bytes.Contains([]byte(body), []byte("Durham")) != want {
			t.Errorf("at level %s: status %d, names Durham %v", z, status, !want)
		}
	}
}
