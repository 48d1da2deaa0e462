package listpage

import (
	"errors"
	"net/http"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/geo/mvt"
	"github.com/openprecinct/precinct/internal/web"
)

// What a tile shows: below doorsFrom squares with their people, from there on doors.
const (
	doorsFrom   = 14
	mostDoors   = 6000
	tileSquares = 64
)

// tile answers a tile of the people of a list. The criteria comes with the request, as it may be long and is nobody's to read in an address.
func (p pages) tile(v *web.Visit) error {
	s, err := readState(v)
	if err != nil {
		return err
	}
	t, err := tileOf(v.Value("z"), v.Value("x"), v.Value("y"))
	if err != nil {
		return err
	}
	view, checked, err := p.lists.View(v.R.Context(), v.Actor, s.ask())
	if errors.Is(err, liststore.ErrNoSegment) {
		return answerTile(v, nil)
	}
	if err != nil {
		return err
	}
	result, err := view.Eval(v.R.Context(), checked.Plan)
	if err != nil {
		return err
	}
	b, err := peopleTile(view, result.Set, t)
	if err != nil {
		return err
	}
	if p.places != nil && t.Z <= namesTo {
		if b, err = p.named(v, b, t, s.file); err != nil {
			return err
		}
	}
	return answerTile(v, b)
}

// named adds the names of places to a tile.
func (p pages) named(v *web.Visit, b []byte, t mvt.Tile, file voterfile.FileID) ([]byte, error) {
	ctx := v.R.Context()
	state, err := p.stateOf(v, file)
	if err != nil {
		return nil, err
	}
	precincts, err := p.shapes.get(ctx, state, v.Now)
	if err != nil {
		return nil, err
	}
	all, err := p.names.get(ctx, state, precincts, v.Now)
	if err != nil {
		return nil, err
	}
	cat, err := p.lists.Catalog(ctx, v.Actor, file)
	if err != nil {
		return nil, err
	}
	return namesTile(b, t, all, cat.Values[list.County]), nil
}

// stateOf returns the state of a voter file, "" for one that the reader does not see.
func (p pages) stateOf(v *web.Visit, file voterfile.FileID) (string, error) {
	files, err := p.lists.Files(v.R.Context(), v.Actor)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if f.ID == file {
			return f.State, nil
		}
	}
	return "", nil
}

func tileOf(z, x, y string) (mvt.Tile, error) {
	t, ok := mvt.Parse(z, x, y)
	if !ok {
		return t, errTooFar()
	}
	return t, nil
}

func answerTile(v *web.Visit, b []byte) error {
	v.W.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
	v.W.WriteHeader(http.StatusOK)
	_, _ = v.W.Write(b)
	return nil
}

// peopleTile draws people as squares, or close in as doors.
func peopleTile(view *segment.View, set *segment.Set, t mvt.Tile) ([]byte, error) {
	box := t.Box()
	b := segment.Box{West: list.ToMicro(box.West), South: list.ToMicro(box.South), East: list.ToMicro(box.East), North: list.ToMicro(box.North)}
	if t.Z >= doorsFrom {
		doors, more, err := view.Doors(set, b, mostDoors)
		if err != nil {
			return nil, err
		}
		if !more {
			layer := mvt.NewLayer("doors")
			for _, d := range doors {
				layer.Add(mvt.Point, [][]mvt.XY{{t.At(geo.Point{Lon: micro(d.Lon), Lat: micro(d.Lat)})}}, map[string]any{"people": d.People})
			}
			return layer.Append(nil), nil
		}
	}
	lons, lats := grid(b.West, b.East, tileSquares), mercatorGrid(t)
	cells, err := view.Cells(set, lons, lats)
	if err != nil {
		return nil, err
	}
	layer := mvt.NewLayer("squares")
	for _, c := range cells {
		low, high := t.At(geo.Point{Lon: micro(lons[c.X]), Lat: micro(lats[c.Y])}), t.At(geo.Point{Lon: micro(lons[c.X+1]), Lat: micro(lats[c.Y+1])})
		layer.Add(mvt.Polygon, [][]mvt.XY{{{X: low.X, Y: high.Y}, {X: high.X, Y: high.Y}, {X: high.X, Y: low.Y}, {X: low.X, Y: low.Y}}}, map[string]any{"people": c.People})
	}
	return layer.Append(nil), nil
}

// mercatorGrid returns latitudes that divide the tile into squares on the screen, ascending.
func mercatorGrid(t mvt.Tile) []list.Micro {
	var all []list.Micro
	fine := mvt.Tile{Z: t.Z + 6, X: t.X << 6, Y: t.Y << 6}
	for i := tileSquares; i >= 0; i-- {
		fine.Y = t.Y<<6 + i
		if m := list.ToMicro(fine.Box().North); len(all) == 0 || m > all[len(all)-1] {
			all = append(all, m)
		}
	}
	return all
}
