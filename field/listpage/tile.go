package listpage

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
)

// What a tile shows: below doorsFrom squares with their people, from there on doors.
const (
	doorsFrom   = 14
	mostDoors   = 6000
	tileSquares = 64
	streetsFrom = 12
	mainsFrom   = 9
	mostStreets = 4000
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
	return answerTile(v, b)
}

func tileOf(z, x, y string) (tileAt, error) {
	var t tileAt
	for _, n := range []struct {
		text string
		to   *int
	}{{z, &t.z}, {x, &t.x}, {y, &t.y}} {
		i, err := strconv.Atoi(n.text)
		if err != nil {
			return t, errTooFar()
		}
		*n.to = i
	}
	if !t.valid() {
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
func peopleTile(view *segment.View, set *segment.Set, t tileAt) ([]byte, error) {
	box := t.box()
	b := segment.Box{West: list.ToMicro(box.West), South: list.ToMicro(box.South), East: list.ToMicro(box.East), North: list.ToMicro(box.North)}
	if t.z >= doorsFrom {
		doors, more, err := view.Doors(set, b, mostDoors)
		if err != nil {
			return nil, err
		}
		if !more {
			layer := newLayer("doors")
			for _, d := range doors {
				layer.add(tilePoint, [][]xy{{t.at(geo.Point{Lon: micro(d.Lon), Lat: micro(d.Lat)})}}, map[string]any{"people": d.People})
			}
			return layer.append(nil), nil
		}
	}
	lons, lats := grid(b.West, b.East, tileSquares), mercatorGrid(t)
	cells, err := view.Cells(set, lons, lats)
	if err != nil {
		return nil, err
	}
	layer := newLayer("squares")
	for _, c := range cells {
		low, high := t.at(geo.Point{Lon: micro(lons[c.X]), Lat: micro(lats[c.Y])}), t.at(geo.Point{Lon: micro(lons[c.X+1]), Lat: micro(lats[c.Y+1])})
		layer.add(tilePolygon, [][]xy{{{low.x, high.y}, {high.x, high.y}, {high.x, low.y}, {low.x, low.y}}}, map[string]any{"people": c.People})
	}
	return layer.append(nil), nil
}

// mercatorGrid returns latitudes that divide the tile into squares on the screen, ascending.
func mercatorGrid(t tileAt) []list.Micro {
	var all []list.Micro
	fine := tileAt{t.z + 6, t.x << 6, t.y << 6}
	for i := tileSquares; i >= 0; i-- {
		fine.y = t.y<<6 + i
		if m := list.ToMicro(fine.box().North); len(all) == 0 || m > all[len(all)-1] {
			all = append(all, m)
		}
	}
	return all
}

// ground answers a tile of the site's own streets, water, parks and precincts.
func (p pages) ground(v *web.Visit) error {
	t, err := tileOf(v.R.PathValue("z"), v.R.PathValue("x"), v.R.PathValue("y"))
	if err != nil {
		return err
	}
	if p.places == nil || t.z < mainsFrom {
		return answerTile(v, nil)
	}
	b, err := p.groundTile(v.R.Context(), t)
	if err != nil {
		return err
	}
	v.W.Header().Set("Cache-Control", "private, max-age=3600")
	return answerTile(v, b)
}

func (p pages) groundTile(ctx context.Context, t tileAt) ([]byte, error) {
	box := t.box()
	areas, err := p.places.AreasNear(ctx, box, 400, place.Water, place.Park, place.Precinct)
	if err != nil {
		return nil, err
	}
	layers := map[string]*tileLayer{place.Water: newLayer("water"), place.Park: newLayer("park"), place.Precinct: newLayer("precinct")}
	for _, a := range areas {
		var rings [][]xy
		for _, poly := range a.Shape {
			for i, ring := range poly {
				if c := t.chain(ring); len(c) > 3 {
					rings = append(rings, wound(c[:len(c)-1], i == 0))
				}
			}
		}
		if len(rings) > 0 {
			layers[a.Kind].add(tilePolygon, rings, map[string]any{"name": named(a.Name)})
		}
	}
	out := layers[place.Water].append(layers[place.Park].append(layers[place.Precinct].append(nil)))
	if t.z < streetsFrom {
		return out, nil
	}
	streets, err := p.places.StreetsNear(ctx, box, mostStreets)
	if err != nil {
		return nil, err
	}
	layer := newLayer("street")
	for _, s := range streets {
		if c := t.chain(s.Line); len(c) > 1 {
			layer.add(tileLine, [][]xy{c}, map[string]any{"name": named(s.Name), "main": mainRoad(s.Class)})
		}
	}
	return layer.append(out), nil
}

func mainRoad(class string) int64 {
	if len(class) > 2 && (class[:3] == "S11" || class[:3] == "S12") {
		return 1
	}
	return 0
}

// wound turns a ring as tiles want it: outer ones clockwise on the screen, holes the other way.
func wound(c []xy, outer bool) []xy {
	area := int64(0)
	for i, p := range c {
		q := c[(i+1)%len(c)]
		area += p.x*q.y - q.x*p.y
	}
	if area > 0 != outer {
		for i, j := 0, len(c)-1; i < j; i, j = i+1, j-1 {
			c[i], c[j] = c[j], c[i]
		}
	}
	return c
}
