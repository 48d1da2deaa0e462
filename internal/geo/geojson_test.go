package geo

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func collect(doc string, l Limits) ([]Feature, error) {
	var out []Feature
	err := ReadGeoJSON(strings.NewReader(doc), l, func(f Feature) error {
		out = append(out, f)
		return nil
	})
	return out, err
}

func TestGeoJSONRoundTrip(t *testing.T) {
	want := []Feature{
		{ID: "a", Geometry: Geometry{Type: "Point", Point: Point{-78.5, 35.25}}, Properties: map[string]any{"NAME20": "Ward 1 \"x\""}},
		{Geometry: Geometry{Type: "LineString", Lines: []Line{{{-78, 35}, {-78.1, 35.1}}}}, Properties: map[string]any{"MTFCC": "S1400"}},
		{Geometry: Geometry{Type: "MultiLineString", Lines: []Line{{{-78, 35}, {-78.1, 35.1}}, {{1, 2}, {3, 4}}}}},
		{Geometry: Area(MultiPolygon{{square(-78, 35, 1), reversed(square(-77.5, 35.5, 0.25))}})},
		{Geometry: Area(MultiPolygon{{square(0, 0, 1)}, {square(3, 3, 1)}})},
		{Geometry: Geometry{}},
	}
	b := []byte(`{"type":"FeatureCollection","name":"x","features":[`)
	for i, f := range want {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = f.AppendGeoJSON(b); err != nil {
			t.Fatal(err)
		}
	}
	b = append(b, `]}`...)
	got, err := collect(string(b), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestGeoJSONRefuses(t *testing.T) {
	line := `{"type":"Feature","properties":null,"geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}}`
	wrap := func(f string) string { return `{"type":"FeatureCollection","features":[` + f + `]}` }
	geometry := func(g string) string { return wrap(`{"type":"Feature","geometry":` + g + `}`) }
	cases := []struct {
		name, doc string
		limits    Limits
		want      error
	}{
		{"empty", "", Limits{}, ErrNotGeoJSON},
		{"array", "[]", Limits{}, ErrNotGeoJSON},
		{"no type", `{"features":[]}`, Limits{}, ErrNotGeoJSON},
		{"bare geometry", `{"type":"Point","coordinates":[1,2]}`, Limits{}, ErrNotGeoJSON},
		{"truncated", wrap(line)[:70], Limits{}, ErrNotGeoJSON},
		{"tail", wrap(line) + "x", Limits{}, ErrNotGeoJSON},
		{"second document", wrap(line) + wrap(line), Limits{}, ErrNotGeoJSON},
		{"projected coordinates", geometry(`{"type":"Point","coordinates":[2100000,740000]}`), Limits{}, ErrNotGeoJSON},
		{"one number", geometry(`{"type":"Point","coordinates":[1]}`), Limits{}, ErrNotGeoJSON},
		{"no coordinates", geometry(`{"type":"Point"}`), Limits{}, ErrNotGeoJSON},
		{"wrong depth", geometry(`{"type":"Polygon","coordinates":[[1,2],[3,4]]}`), Limits{}, ErrNotGeoJSON},
		{"open ring", geometry(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}`), Limits{}, ErrNotGeoJSON},
		{"short ring", geometry(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}`), Limits{}, ErrNotGeoJSON},
		{"no rings", geometry(`{"type":"Polygon","coordinates":[]}`), Limits{}, ErrNotGeoJSON},
		{"collection of geometries", geometry(`{"type":"GeometryCollection","geometries":[]}`), Limits{}, ErrNotGeoJSON},
		{"not a feature", wrap(`{"type":"Topology"}`), Limits{}, ErrNotGeoJSON},
		{"too many bytes", wrap(line), Limits{Bytes: 50}, ErrTooLarge},
		{"too many features", wrap(line + "," + line), Limits{Features: 1}, ErrTooLarge},
		{"too many points", wrap(line + "," + line), Limits{Vertices: 3}, ErrTooLarge},
		{"endless value", `{"type":"` + strings.Repeat("x", 1<<20), Limits{Feature: 1000}, ErrTooLarge},
		{"too large a feature", wrap(line), Limits{Feature: 10}, ErrTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := collect(c.doc, c.limits); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestGeoJSONStopsOnError(t *testing.T) {
	stop := errors.New("enough")
	f := `{"type":"Feature","id":7,"properties":{"N":12},"geometry":null}`
	n := 0
	err := ReadGeoJSON(strings.NewReader(`{"features":[`+f+`,`+f+`],"type":"FeatureCollection"}`), Limits{}, func(f Feature) error {
		n++
		if f.Text("N") != "12" || f.ID != "7" || f.Text("none") != "" {
			t.Errorf("feature read as %+v", f)
		}
		return stop
	})
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("got %v after %d features", err, n)
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}`))
	f.Add([]byte(`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},"properties":{}}`))
	f.Add([]byte(`{"features":[{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[0,0,5],[1,0]]]}}],"type":"FeatureCollection"}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		limits := Limits{Bytes: 1 << 16, Features: 100, Vertices: 1000}
		_ = ReadGeoJSON(bytes.NewReader(doc), limits, func(g Feature) error {
			again, err := g.AppendGeoJSON(nil)
			if err != nil {
				t.Fatalf("read but not written: %v", err)
			}
			whole := append(append([]byte(`{"type":"FeatureCollection","features":[`), again...), `]}`...)
			if err := ReadGeoJSON(bytes.NewReader(whole), Limits{}, func(Feature) error { return nil }); err != nil {
				t.Fatalf("written but not read: %v\n%s", err, whole)
			}
			g.Geometry.Areas.Centroid()
			g.Geometry.Areas.Simplify(10)
			g.Geometry.Areas.Contains(Point{0.5, 0.5})
			return nil
		})
	})
}
