package geo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Geometry is one GeoJSON geometry. Exactly the field that Type names is used: Point for "Point", Lines for
// "LineString" (one) and "MultiLineString", Areas for "Polygon" (one) and "MultiPolygon". Type "" is a null geometry.
type Geometry struct {
	Type  string
	Point Point
	Lines []Line
	Areas MultiPolygon
}

// Box returns the smallest box around the geometry, empty for a null geometry.
func (g Geometry) Box() Box {
	switch g.Type {
	case "Point":
		return EmptyBox().Extend(g.Point)
	case "LineString", "MultiLineString":
		b := EmptyBox()
		for _, l := range g.Lines {
			b = b.Union(l.Box())
		}
		return b
	}
	return g.Areas.Box()
}

// Feature is a geometry with named values. Numbers among Properties are json.Number; nested values are kept.
type Feature struct {
	ID         string
	Geometry   Geometry
	Properties map[string]any
}

// Text returns the named value as text: a string as it is, a number as written, anything else as "".
func (f Feature) Text(name string) string {
	switch v := f.Properties[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Limits bound what ReadGeoJSON takes from a stranger. A zero field means its default.
type Limits struct {
	Bytes    int64 // of the whole document; default 1 GiB
	Features int   // default 5,000,000
	Vertices int   // of all geometries together; default 50,000,000
	Feature  int   // bytes of one feature; default 16 MiB
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 1 << 30
	}
	if l.Features <= 0 {
		l.Features = 5_000_000
	}
	if l.Vertices <= 0 {
		l.Vertices = 50_000_000
	}
	if l.Feature <= 0 {
		l.Feature = 16 << 20
	}
	return l
}

// ErrTooLarge is wrapped by the error of a document that exceeds a limit.
var ErrTooLarge = errors.New("the GeoJSON document is larger than allowed")

// ErrNotGeoJSON is wrapped by the error of a document that is not GeoJSON as RFC 7946 defines it.
var ErrNotGeoJSON = errors.New("this is not GeoJSON")

func notGeoJSON(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotGeoJSON, fmt.Sprintf(format, args...))
}

// ReadGeoJSON reads a FeatureCollection or a single Feature (RFC 7946) and calls each for every feature in order,
// holding one at a time. Coordinates are checked to be on the globe, rings to be closed; a third coordinate is dropped.
// GeometryCollection, MultiPoint and other coordinate systems are refused. An error of each ends the reading and is
// returned as it is.
func ReadGeoJSON(r io.Reader, limits Limits, each func(Feature) error) error {
	limits = limits.orDefault()
	d := decoder{limits: limits, each: each, in: &guard{r: r, limits: limits, total: limits.Bytes}}
	d.json = json.NewDecoder(d.in)
	d.json.UseNumber()
	d.in.next()
	if err := d.document(); d.in.err == nil {
		return err
	}
	return d.in.err
}

// guard stops the reading before a limit's worth of memory is filled: the decoder holds one whole value at a time.
type guard struct {
	r      io.Reader
	limits Limits
	total  int64 // bytes left of the document
	value  int64 // bytes left of the present value, read-ahead included
	err    error
}

// readAhead is more than the decoder reads beyond the value it decodes.
const readAhead = 64 << 10

// next begins a new value.
func (g *guard) next() { g.value = int64(g.limits.Feature) + readAhead }

func (g *guard) Read(p []byte) (int, error) {
	switch {
	case g.err != nil:
		return 0, g.err
	case g.total < 0:
		g.err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, g.limits.Bytes)
		return 0, g.err
	case g.value <= 0:
		g.err = fmt.Errorf("%w: one value has more than %d bytes", ErrTooLarge, g.limits.Feature)
		return 0, g.err
	}
	if most := min(g.total+1, g.value, readAhead/2); int64(len(p)) > most {
		p = p[:most]
	}
	n, err := g.r.Read(p)
	g.total -= int64(n)
	g.value -= int64(n)
	return n, err
}

type decoder struct {
	limits   Limits
	in       *guard
	json     *json.Decoder
	each     func(Feature) error
	features int
	vertices int
}

// rawFeature is a feature before its geometry is looked at.
type rawFeature struct {
	Type       string          `json:"type"`
	ID         any             `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties json.RawMessage `json:"properties"`
}

func (d *decoder) document() error {
	if err := d.delim('{'); err != nil {
		return err
	}
	var top rawFeature
	seen := false
	for d.json.More() {
		d.in.next()
		key, err := d.json.Token()
		if err != nil {
			return notGeoJSON("%v", err)
		}
		switch key {
		case "features":
			seen = true
			if err := d.list(); err != nil {
				return err
			}
			continue
		case "type":
			err = d.json.Decode(&top.Type)
		case "id":
			err = d.json.Decode(&top.ID)
		case "geometry":
			err = d.json.Decode(&top.Geometry)
		case "properties":
			err = d.json.Decode(&top.Properties)
		default:
			var skipped json.RawMessage
			err = d.json.Decode(&skipped)
		}
		if err != nil {
			return notGeoJSON("%v", err)
		}
	}
	if err := d.delim('}'); err != nil {
		return err
	}
	if _, err := d.json.Token(); err != io.EOF {
		return notGeoJSON("something follows the end of the document")
	}
	switch {
	case top.Type == "Feature" && !seen:
		return d.feature(top)
	case top.Type != "FeatureCollection" || !seen:
		return notGeoJSON("expected a FeatureCollection, found type %q", top.Type)
	}
	return nil
}

func (d *decoder) delim(want json.Delim) error {
	t, err := d.json.Token()
	if err != nil {
		return notGeoJSON("%v", err)
	}
	if t != want {
		return notGeoJSON("expected %v, found %v", want, t)
	}
	return nil
}

func (d *decoder) list() error {
	if err := d.delim('['); err != nil {
		return err
	}
	for d.json.More() {
		var raw rawFeature
		d.in.next()
		from := d.json.InputOffset()
		if err := d.json.Decode(&raw); err != nil {
			return notGeoJSON("feature %d: %v", d.features+1, err)
		}
		if d.json.InputOffset()-from > int64(d.limits.Feature) {
			return fmt.Errorf("%w: feature %d has more than %d bytes", ErrTooLarge, d.features+1, d.limits.Feature)
		}
		if err := d.feature(raw); err != nil {
			return err
		}
	}
	return d.delim(']')
}

func (d *decoder) feature(raw rawFeature) error {
	d.features++
	if d.features > d.limits.Features {
		return fmt.Errorf("%w: more than %d features", ErrTooLarge, d.limits.Features)
	}
	if raw.Type != "Feature" {
		return notGeoJSON("feature %d has type %q", d.features, raw.Type)
	}
	var f Feature
	switch id := raw.ID.(type) {
	case string:
		f.ID = id
	case json.Number:
		f.ID = id.String()
	}
	var err error
	if f.Geometry, err = d.geometry(raw.Geometry); err != nil {
		return fmt.Errorf("feature %d: %w", d.features, err)
	}
	if len(raw.Properties) > 0 {
		if f.Properties, err = properties(raw.Properties); err != nil {
			return notGeoJSON("feature %d: properties: %v", d.features, err)
		}
	}
	return d.each(f)
}

// AppendPoint appends p as a GeoJSON position with seven decimals, about one centimetre.
func AppendPoint(b []byte, p Point) []byte {
	b = append(b, '[')
	b = strconv.AppendFloat(b, p.Lon, 'f', 7, 64)
	b = append(b, ',')
	b = strconv.AppendFloat(b, p.Lat, 'f', 7, 64)
	return append(b, ']')
}

// AppendLine appends the positions of a line, or of a ring, as a GeoJSON array.
func AppendLine(b []byte, l Line) []byte {
	b = append(b, '[')
	for i, p := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendPoint(b, p)
	}
	return append(b, ']')
}

func appendPolygon(b []byte, g Polygon) []byte {
	b = append(b, '[')
	for i, r := range g {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendLine(b, Line(r))
	}
	return append(b, ']')
}

// AppendGeoJSON appends the geometry as GeoJSON. Rings are written in the direction they have.
func (g Geometry) AppendGeoJSON(b []byte) []byte {
	switch g.Type {
	case "Point":
		b = append(b, `{"type":"Point","coordinates":`...)
		b = AppendPoint(b, g.Point)
	case "LineString":
		b = append(b, `{"type":"LineString","coordinates":`...)
		b = AppendLine(b, g.Lines[0])
	case "MultiLineString":
		b = append(b, `{"type":"MultiLineString","coordinates":[`...)
		for i, l := range g.Lines {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendLine(b, l)
		}
		b = append(b, ']')
	case "Polygon":
		b = append(b, `{"type":"Polygon","coordinates":`...)
		b = appendPolygon(b, g.Areas[0])
	case "MultiPolygon":
		b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
		for i, p := range g.Areas {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendPolygon(b, p)
		}
		b = append(b, ']')
	default:
		return append(b, "null"...)
	}
	return append(b, '}')
}

// Area returns m as a Polygon when it has one part and as a MultiPolygon otherwise.
func Area(m MultiPolygon) Geometry {
	if len(m) == 1 {
		return Geometry{Type: "Polygon", Areas: m}
	}
	return Geometry{Type: "MultiPolygon", Areas: m}
}

// AppendGeoJSON appends the feature as GeoJSON, its properties in the order of their names.
func (f Feature) AppendGeoJSON(b []byte) ([]byte, error) {
	b = append(b, `{"type":"Feature",`...)
	if f.ID != "" {
		id, err := json.Marshal(f.ID)
		if err != nil {
			return b, fmt.Errorf("encoding the feature id: %w", err)
		}
		b = append(append(append(b, `"id":`...), id...), ',')
	}
	b = append(b, `"properties":`...)
	p, err := json.Marshal(f.Properties)
	if err != nil {
		return b, fmt.Errorf("encoding the properties: %w", err)
	}
	b = append(append(b, p...), `,"geometry":`...)
	return append(f.Geometry.AppendGeoJSON(b), '}'), nil
}
