package personpage

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
)

// The small map of a profile: the door, its precinct, and the streets around, drawn on the server. Units of the drawing.
const (
	mapWidth, mapHeight = 336, 220
	mapLeast, mapMost   = 260.0, 700.0 // metres from the door to the edge above and below
	streetsAtMost       = 250
)

// doorMap is the map, ready to print: path data.
type doorMap struct {
	parks, waters, small, main, precinct string
	x, y                                 string
	name                                 string // of the precinct
}

// drawDoor makes the map, or false when the door is not on it yet.
func (p pages) drawDoor(ctx context.Context, prof person.Profile) (doorMap, bool, error) {
	if p.places == nil || prof.Address == nil || prof.Address.Key == 0 {
		return doorMap{}, false, nil
	}
	points, err := p.places.Points(ctx, []int64{prof.Address.Key})
	if err != nil {
		return doorMap{}, false, err
	}
	door, ok := points[prof.Address.Key]
	if !ok {
		return doorMap{}, false, nil
	}
	var precinct place.Area
	if prof.Districts != nil && prof.Districts.Precinct != "" {
		precinct, _, err = p.places.AreaByCode(ctx, prof.Registration.State, place.Precinct, prof.Registration.County, prof.Districts.Precinct)
		if err != nil {
			return doorMap{}, false, err
		}
	}
	m, err := p.drawAround(ctx, door, precinct)
	return m, err == nil, err
}

func (p pages) drawAround(ctx context.Context, door geo.Point, precinct place.Area) (doorMap, error) {
	s := newSheet(door, precinct)
	m := doorMap{name: precinct.Name}
	streets, err := p.places.StreetsNear(ctx, s.box, streetsAtMost)
	if err != nil {
		return m, err
	}
	var small, main strings.Builder
	for _, st := range streets {
		b := &small
		if strings.HasPrefix(st.Class, "S11") || strings.HasPrefix(st.Class, "S12") {
			b = &main
		}
		s.line(b, st.Line, false)
	}
	m.small, m.main = small.String(), main.String()
	grounds, err := p.places.AreasNear(ctx, s.box, 40, place.Park, place.Water)
	if err != nil {
		return m, err
	}
	for _, g := range grounds {
		if g.Kind == place.Park {
			m.parks += s.shape(g.Shape)
		} else {
			m.waters += s.shape(g.Shape)
		}
	}
	m.precinct = s.shape(precinct.Shape)
	m.x, m.y = fmt.Sprint(mapWidth/2), fmt.Sprint(mapHeight/2)
	return m, nil
}

// sheet turns points into places on the drawing, the door in the middle.
type sheet struct {
	plane geo.Plane
	scale float64 // units for a metre
	box   geo.Box
}

func newSheet(door geo.Point, precinct place.Area) sheet {
	s := sheet{plane: geo.NewPlane(door)}
	half := mapLeast
	if b := precinct.Shape.Box(); !b.Empty() {
		for _, corner := range []geo.Point{{Lon: b.West, Lat: b.South}, {Lon: b.East, Lat: b.North}} {
			xy := s.plane.Project(corner)
			half = max(half, math.Abs(xy.Y)*1.08, math.Abs(xy.X)*1.08*mapHeight/mapWidth)
		}
	}
	half = min(half, mapMost)
	s.scale = mapHeight / 2 / half
	wide := half * mapWidth / mapHeight
	low, high := s.plane.Unproject(geo.XY{X: -wide, Y: -half}), s.plane.Unproject(geo.XY{X: wide, Y: half})
	s.box = geo.Box{West: low.Lon, South: low.Lat, East: high.Lon, North: high.Lat}
	return s
}

func (s sheet) line(b *strings.Builder, points []geo.Point, closed bool) {
	for i, pt := range points {
		xy := s.plane.Project(pt)
		letter := byte('L')
		if i == 0 {
			letter = 'M'
		}
		var at [32]byte
		b.WriteByte(letter)
		b.Write(strconv.AppendFloat(at[:0], mapWidth/2+xy.X*s.scale, 'f', 1, 64))
		b.WriteByte(' ')
		b.Write(strconv.AppendFloat(at[:0], mapHeight/2-xy.Y*s.scale, 'f', 1, 64))
	}
	if closed {
		b.WriteByte('Z')
	}
}

func (s sheet) shape(m geo.MultiPolygon) string {
	var b strings.Builder
	for _, poly := range m {
		for _, ring := range poly {
			s.line(&b, ring, true)
		}
	}
	return b.String()
}
