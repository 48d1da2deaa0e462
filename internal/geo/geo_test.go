package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func square(w, s, size float64) Ring {
	return Ring{{w, s}, {w + size, s}, {w + size, s + size}, {w, s + size}, {w, s}}
}

func TestDistanceKnown(t *testing.T) {
	// One degree of latitude on the mean sphere, and Des Moines to Chicago as published by great-circle tables.
	cases := []struct {
		a, b Point
		want float64
		tol  float64
	}{
		{Point{0, 0}, Point{0, 1}, 111195, 1},
		{Point{-93.625, 41.59}, Point{-87.63, 41.88}, 498_500, 1500},
		{Point{-93.6, 41.6}, Point{-93.6, 41.6}, 0, 0},
		{Point{0, 0}, Point{180, 0}, math.Pi * earthRadius, 1},
	}
	for _, c := range cases {
		if got := Distance(c.a, c.b); math.Abs(got-c.want) > c.tol {
			t.Errorf("Distance(%v, %v) = %v, want %v ± %v", c.a, c.b, got, c.want, c.tol)
		}
	}
}

func TestPlaneAgreesWithSphere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Point{rapid.Float64Range(-124, -70).Draw(t, "lon"), rapid.Float64Range(25, 49).Draw(t, "lat")}
		p := Point{o.Lon + rapid.Float64Range(-0.1, 0.1).Draw(t, "dlon"), o.Lat + rapid.Float64Range(-0.1, 0.1).Draw(t, "dlat")}
		l := NewPlane(o)
		v := l.Project(p)
		flat, round := math.Hypot(v.X, v.Y), Distance(o, p)
		if math.Abs(flat-round) > 0.007*round+0.01 {
			t.Fatalf("plane says %v m, sphere %v m", flat, round)
		}
		back := l.Unproject(v)
		if math.Abs(back.Lon-p.Lon) > 1e-12 || math.Abs(back.Lat-p.Lat) > 1e-12 {
			t.Fatalf("Unproject(Project(%v)) = %v", p, back)
		}
	})
}

func TestPolygonContains(t *testing.T) {
	withHole := MultiPolygon{{square(0, 0, 4), square(1, 1, 2)}, {square(10, 0, 1)}}
	cases := []struct {
		p    Point
		want bool
		why  string
	}{
		{Point{0.5, 0.5}, true, "inside the ring, outside the hole"},
		{Point{2, 2}, false, "in the hole"},
		{Point{10.5, 0.5}, true, "in the second part"},
		{Point{5, 2}, false, "between the parts"},
		{Point{0, 2}, true, "west border belongs to the area"},
		{Point{4, 2}, false, "east border belongs to the neighbour"},
		{Point{2, 0}, true, "south border belongs to the area"},
		{Point{2, 4}, false, "north border belongs to the neighbour"},
		{Point{1, 2}, false, "west border of the hole belongs to the hole"},
		{Point{3, 2}, true, "east border of the hole belongs to the area"},
	}
	for _, c := range cases {
		if got := withHole.Contains(c.p); got != c.want {
			t.Errorf("Contains(%v) = %v: %s", c.p, got, c.why)
		}
	}
}

// A plane cut into triangles with shared corners: every point is in exactly one, corners and borders too.
func TestTilingIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		var node [n + 1][n + 1]Point
		for i := range node {
			for j := range node[i] {
				node[i][j] = Point{float64(i), float64(j)}
				if i > 0 && i < n && j > 0 && j < n {
					node[i][j].Lon += rapid.Float64Range(-0.3, 0.3).Draw(t, "jitter")
					node[i][j].Lat += rapid.Float64Range(-0.3, 0.3).Draw(t, "jitter")
				}
			}
		}
		var tiles []Polygon
		for i := range n {
			for j := range n {
				a, b, c, d := node[i][j], node[i+1][j], node[i+1][j+1], node[i][j+1]
				tiles = append(tiles, Polygon{{a, b, c, a}}, Polygon{{a, c, d, a}})
			}
		}
		p := Point{rapid.Float64Range(0, n-1e-9).Draw(t, "x"), rapid.Float64Range(0, n-1e-9).Draw(t, "y")}
		if rapid.Bool().Draw(t, "corner") {
			p = node[rapid.IntRange(0, n-1).Draw(t, "i")][rapid.IntRange(0, n-1).Draw(t, "j")]
		}
		in := 0
		for _, g := range tiles {
			if g.Contains(p) {
				in++
			}
		}
		if in != 1 {
			t.Fatalf("%v is in %d tiles", p, in)
		}
	})
}

func TestAreaAndCentroid(t *testing.T) {
	o := Point{-78.6, 35.8}
	l := NewPlane(o)
	at := func(x, y float64) Point { return l.Unproject(XY{x, y}) }
	outer := Ring{at(0, 0), at(1000, 0), at(1000, 500), at(0, 500), at(0, 0)}
	hole := Ring{at(0, 0), at(0, 500), at(500, 500), at(500, 0), at(0, 0)}
	for name, m := range map[string]MultiPolygon{
		"hole clockwise":         {{outer, hole}},
		"hole counter-clockwise": {{outer, reversed(hole)}},
		"all turned":             {{reversed(outer), hole}},
	} {
		if got := m.Area(); math.Abs(got-250_000) > 250 {
			t.Errorf("%s: Area = %v, want 250000", name, got)
		}
		c := l.Project(m.Centroid())
		if math.Abs(c.X-750) > 1 || math.Abs(c.Y-250) > 1 {
			t.Errorf("%s: Centroid = %v, want 750, 250", name, c)
		}
	}
	if !outer.CounterClockwise() || hole.CounterClockwise() {
		t.Error("CounterClockwise is wrong about the direction")
	}
	if got := (MultiPolygon{}).Centroid(); got != (Point{}) {
		t.Errorf("centroid of nothing = %v", got)
	}
}

func reversed(r Ring) Ring {
	out := make(Ring, len(r))
	for i, p := range r {
		out[len(r)-1-i] = p
	}
	return out
}

func TestSimplify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		l := make(Line, n)
		for i := range l {
			l[i] = Point{-78 + float64(i)*0.001, 35 + rapid.Float64Range(0, 0.002).Draw(t, "y")}
		}
		tol := rapid.Float64Range(0.1, 100).Draw(t, "tolerance")
		s := l.Simplify(tol)
		if s[0] != l[0] || s[len(s)-1] != l[n-1] {
			t.Fatal("an end moved")
		}
		for _, p := range l {
			if _, d, _ := s.Nearest(p); d > tol*1.01+0.01 {
				t.Fatalf("%v is %v m from the simplified line, tolerance %v", p, d, tol)
			}
		}
	})
	m := MultiPolygon{{square(0, 0, 1)}}
	if got := m.Simplify(1e9); len(got[0][0]) < 4 {
		t.Errorf("the area vanished: %v", got)
	}
}

func TestNearest(t *testing.T) {
	l := NewPlane(Point{-78, 35})
	at := func(x, y float64) Point { return l.Unproject(XY{x, y}) }
	_, d, along := (Line{at(0, 0), at(100, 0), at(100, 100)}).Nearest(at(120, 40))
	if math.Abs(d-20) > 0.1 || math.Abs(along-140) > 0.2 {
		t.Errorf("distance %v along %v, want 20 and 140", d, along)
	}
	if _, d, _ := (Line{}).Nearest(at(0, 0)); !math.IsInf(d, 1) {
		t.Errorf("nearest of nothing at %v", d)
	}
}
