package geo

import "math"

// Simplify returns the line with the points removed that lie within tolerance metres of the simpler one; its ends stay
// (Ramer 1972; Douglas and Peucker 1973). A tolerance of 0 or less returns a copy.
func (l Line) Simplify(tolerance float64) Line {
	if len(l) < 3 || tolerance <= 0 {
		return append(Line(nil), l...)
	}
	plane := NewPlane(l.Box().Center())
	flat := make([]XY, len(l))
	for i, p := range l {
		flat[i] = plane.Project(p)
	}
	keep := make([]bool, len(l))
	keep[0], keep[len(l)-1] = true, true
	markKept(flat, keep, tolerance)
	var out Line
	for i, p := range l {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// markKept marks the points that stay. It keeps its own stack: a hostile line must not exhaust the goroutine's.
func markKept(flat []XY, keep []bool, tolerance float64) {
	stack := [][2]int{{0, len(flat) - 1}}
	for len(stack) > 0 {
		from, to := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		far, at := tolerance, -1
		for i := from + 1; i < to; i++ {
			if d := fromSegment(flat[i], flat[from], flat[to]); d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{from, at}, [2]int{at, to})
		}
	}
}

// fromSegment returns the distance of p from the segment a–b.
func fromSegment(p, a, b XY) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	along := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		along = max(0, min(1, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/n))
	}
	return math.Hypot(p.X-a.X-along*dx, p.Y-a.Y-along*dy)
}

// Simplify simplifies every ring by the same rule, for display: neighbours that share a border may part by up to the
// tolerance. Rings that would have fewer than four points stay as they are, so an area never vanishes.
func (m MultiPolygon) Simplify(tolerance float64) MultiPolygon {
	out := make(MultiPolygon, len(m))
	for i, g := range m {
		out[i] = make(Polygon, len(g))
		for j, r := range g {
			out[i][j] = r.simplify(tolerance)
		}
	}
	return out
}

// simplify splits the ring at the point farthest from its start, because a closed line has no two ends to keep.
func (r Ring) simplify(tolerance float64) Ring {
	far, at := 0.0, 0
	for i, p := range r {
		if d := Distance(r[0], p); d > far {
			far, at = d, i
		}
	}
	if at == 0 {
		return append(Ring(nil), r...)
	}
	out := append(Ring(Line(r[:at+1]).Simplify(tolerance)), Line(r[at:]).Simplify(tolerance)[1:]...)
	if len(out) < 4 {
		return append(Ring(nil), r...)
	}
	return out
}

// Nearest returns the point of the line closest to p, its distance from p in metres, and how far along the line it
// lies in metres. A line without points gives an infinite distance.
func (l Line) Nearest(p Point) (at Point, distance, along float64) {
	plane := NewPlane(p)
	distance = math.Inf(1)
	if len(l) == 1 {
		return l[0], Distance(l[0], p), 0
	}
	var walked float64
	for i := 1; i < len(l); i++ {
		a, b := plane.Project(l[i-1]), plane.Project(l[i])
		dx, dy := b.X-a.X, b.Y-a.Y
		length := math.Hypot(dx, dy)
		t := 0.0
		if length > 0 {
			t = max(0, min(1, -(a.X*dx+a.Y*dy)/(length*length)))
		}
		foot := XY{X: a.X + t*dx, Y: a.Y + t*dy}
		if d := math.Hypot(foot.X, foot.Y); d < distance {
			at, distance, along = plane.Unproject(foot), d, walked+t*length
		}
		walked += length
	}
	return at, distance, along
}
