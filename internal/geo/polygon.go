package geo

import "math"

// Line is a chain of places.
type Line []Point

// Ring is a closed chain: its last point repeats its first.
type Ring []Point

// Polygon is an outer ring followed by its holes.
type Polygon []Ring

// MultiPolygon is an area of several parts. A single polygon is a MultiPolygon of one.
type MultiPolygon []Polygon

// Length returns the length of the line in metres.
func (l Line) Length() float64 {
	var sum float64
	for i := 1; i < len(l); i++ {
		sum += Distance(l[i-1], l[i])
	}
	return sum
}

// Box returns the smallest box around the line, empty for no points.
func (l Line) Box() Box {
	b := EmptyBox()
	for _, p := range l {
		b = b.Extend(p)
	}
	return b
}

// Box returns the smallest box around the ring.
func (r Ring) Box() Box { return Line(r).Box() }

// crosses counts, modulo two, the edges of the ring that a ray eastward from p meets. An edge owns its lower end and
// not its upper one, and a point on the edge lies to its east (crossing number, W. R. Franklin's pnpoly).
func (r Ring) crosses(p Point) bool {
	odd := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a.Lat > p.Lat) == (b.Lat > p.Lat) {
			continue
		}
		// Order the ends so that a border shared by two rings gives both the same number, whichever way each runs.
		if a.Lat > b.Lat {
			a, b = b, a
		}
		if p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
			odd = !odd
		}
	}
	return odd
}

// Contains reports whether p lies in the area: inside the outer ring and in no hole.
//
// Borders are half open: a point on a border belongs to the area north or east of it. So where areas tile a plane with
// shared corners, every point belongs to exactly one of them, and a border point is never in two precincts or in none.
func (g Polygon) Contains(p Point) bool {
	in := false
	for _, r := range g {
		if r.crosses(p) {
			in = !in
		}
	}
	return in
}

// Contains reports whether one of the parts contains p; borders as for Polygon.
func (m MultiPolygon) Contains(p Point) bool {
	for _, g := range m {
		if len(g) > 0 && g[0].Box().Contains(p) && g.Contains(p) {
			return true
		}
	}
	return false
}

// Box returns the smallest box around all parts.
func (m MultiPolygon) Box() Box {
	b := EmptyBox()
	for _, g := range m {
		if len(g) > 0 {
			b = b.Union(g[0].Box())
		}
	}
	return b
}

// signedArea returns twice the ring's signed area, positive when it runs counter-clockwise, and the first moments
// about the plane's origin, for centroids (shoelace formula).
func (r Ring) signedArea(l Plane) (twice, mx, my float64) {
	for i := 1; i < len(r); i++ {
		a, b := l.Project(r[i-1]), l.Project(r[i])
		c := a.X*b.Y - b.X*a.Y
		twice += c
		mx += (a.X + b.X) * c
		my += (a.Y + b.Y) * c
	}
	return twice, mx, my
}

// CounterClockwise reports the direction of the ring; RFC 7946 wants outer rings so and holes the other way.
func (r Ring) CounterClockwise() bool {
	twice, _, _ := r.signedArea(NewPlane(r.Box().Center()))
	return twice > 0
}

// moments sums area and first moments of all parts, holes taken away, whatever way the rings run.
func (m MultiPolygon) moments(l Plane) (twice, mx, my float64) {
	for _, g := range m {
		for i, r := range g {
			t, x, y := r.signedArea(l)
			if (t < 0) != (i > 0) {
				t, x, y = -t, -x, -y
			}
			twice, mx, my = twice+t, mx+x, my+y
		}
	}
	return twice, mx, my
}

// Area returns the area in square metres, holes taken away.
func (m MultiPolygon) Area() float64 {
	if len(m) == 0 {
		return 0
	}
	twice, _, _ := m.moments(NewPlane(m.Box().Center()))
	return twice / 2
}

// Centroid returns the centre of mass; it may lie outside the area. Without area it is the centre of the box, and
// without points the zero Point.
func (m MultiPolygon) Centroid() Point {
	box := m.Box()
	if box.Empty() {
		return Point{}
	}
	l := NewPlane(box.Center())
	twice, mx, my := m.moments(l)
	if math.Abs(twice) < 1e-9 {
		return box.Center()
	}
	return l.Unproject(XY{X: mx / (3 * twice), Y: my / (3 * twice)})
}

// Perimeter returns the length of all rings in metres.
func (m MultiPolygon) Perimeter() float64 {
	var sum float64
	for _, g := range m {
		for _, r := range g {
			sum += Line(r).Length()
		}
	}
	return sum
}

// Vertices counts the points of all rings.
func (m MultiPolygon) Vertices() int {
	n := 0
	for _, g := range m {
		for _, r := range g {
			n += len(r)
		}
	}
	return n
}
