package geo

import (
	"bytes"
	"encoding/json"
	"fmt"
)

func properties(raw json.RawMessage) (map[string]any, error) {
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return out, d.Decode(&out)
}

// position is one GeoJSON position: two numbers, or three of which the last is an elevation.
type position []float64

func (d *decoder) geometry(raw json.RawMessage) (Geometry, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return Geometry{}, nil
	}
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		return Geometry{}, notGeoJSON("geometry: %v", err)
	}
	out := Geometry{Type: g.Type}
	var err error
	switch g.Type {
	case "Point":
		var c position
		if err = coordinates(g.Coordinates, &c); err == nil {
			out.Point, err = d.point(c)
		}
	case "LineString":
		var c []position
		if err = coordinates(g.Coordinates, &c); err == nil {
			out.Lines, err = d.lines([][]position{c})
		}
	case "MultiLineString":
		var c [][]position
		if err = coordinates(g.Coordinates, &c); err == nil {
			out.Lines, err = d.lines(c)
		}
	case "Polygon":
		var c [][]position
		if err = coordinates(g.Coordinates, &c); err == nil {
			out.Areas, err = d.areas([][][]position{c})
		}
	case "MultiPolygon":
		var c [][][]position
		if err = coordinates(g.Coordinates, &c); err == nil {
			out.Areas, err = d.areas(c)
		}
	default:
		err = notGeoJSON("geometry type %q is not read here", g.Type)
	}
	if err != nil {
		return Geometry{}, err
	}
	return out, nil
}

func coordinates(raw json.RawMessage, into any) error {
	if len(raw) == 0 {
		return notGeoJSON("geometry without coordinates")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return notGeoJSON("coordinates: %v", err)
	}
	return nil
}

func (d *decoder) point(c position) (Point, error) {
	if d.vertices++; d.vertices > d.limits.Vertices {
		return Point{}, fmt.Errorf("%w: more than %d points", ErrTooLarge, d.limits.Vertices)
	}
	if len(c) < 2 || len(c) > 4 {
		return Point{}, notGeoJSON("a position has %d numbers", len(c))
	}
	p := Point{Lon: c[0], Lat: c[1]}
	if !p.Valid() {
		return Point{}, notGeoJSON("the position %v, %v is not longitude and latitude in degrees; reproject to WGS 84", c[0], c[1])
	}
	return p, nil
}

func (d *decoder) chain(c []position, least int) ([]Point, error) {
	if len(c) < least {
		return nil, notGeoJSON("a chain of %d positions, at least %d are needed", len(c), least)
	}
	out := make([]Point, len(c))
	for i := range c {
		var err error
		if out[i], err = d.point(c[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *decoder) lines(c [][]position) ([]Line, error) {
	out := make([]Line, 0, len(c))
	for i := range c {
		l, err := d.chain(c[i], 2)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func (d *decoder) areas(c [][][]position) (MultiPolygon, error) {
	out := make(MultiPolygon, 0, len(c))
	for i := range c {
		if len(c[i]) == 0 {
			return nil, notGeoJSON("a polygon without rings")
		}
		g := make(Polygon, 0, len(c[i]))
		for j := range c[i] {
			r, err := d.chain(c[i][j], 4)
			if err != nil {
				return nil, err
			}
			if r[0] != r[len(r)-1] {
				return nil, notGeoJSON("a ring does not end where it begins")
			}
			g = append(g, r)
		}
		out = append(out, g)
	}
	return out, nil
}
