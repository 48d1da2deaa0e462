package list

import (
	"cmp"
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// makeArea closes the rings of an area, brings them to whole microdegrees, and refuses what is none: too few or too many points, places off the globe,
// rings that cross. Rings may touch, lie in one another and share borders: the even-odd rule says what is inside.
func makeArea(rings [][][2]float64) (Area, *fault.Error) {
	points := 0
	for _, r := range rings {
		for _, p := range r {
			if !onEarth(p[0], p[1]) {
				return Area{}, notOnEarth(p[0], p[1])
			}
		}
		points += len(r)
	}
	a := Area{West: math.MaxInt32, South: math.MaxInt32, East: math.MinInt32, North: math.MinInt32}
	left := 0
	for _, r := range rings {
		apart := int64(0)
		if points > MaxPoints {
			apart = metre
		}
		c := closedRing(r, apart)
		if len(c) < 4 {
			return Area{}, fault.Invalidf("A ring of an area needs three corners that are not in a line.")
		}
		left += len(c) - 1
		a.Rings = append(a.Rings, c)
		for _, p := range c {
			a.West, a.East = min(a.West, p[0]), max(a.East, p[0])
			a.South, a.North = min(a.South, p[1]), max(a.North, p[1])
		}
	}
	if len(rings) == 0 {
		return Area{}, fault.Invalidf("Draw an area first: it has no corner.")
	}
	if left > MaxPoints {
		return Area{}, fault.Invalidf("The area has %d corners; it may have %d. Draw it with fewer, or choose precincts or districts instead.", left, MaxPoints)
	}
	at, crossing, done := crosses(a.Rings)
	if !done {
		return Area{}, fault.Invalidf("The border of the area runs to and fro so often that it cannot be checked. Draw it with fewer corners.")
	}
	if crossing {
		return Area{}, fault.Invalidf("The border of the area crosses itself near latitude %.5f, longitude %.5f. Move a corner so that it does not.", at[1], at[0])
	}
	return a, nil
}

func notOnEarth(lon, lat float64) *fault.Error {
	return fault.Invalidf("Longitude %v, latitude %v is no place. Longitudes lie between -180 and 180 degrees, latitudes between -90 and 90.", lon, lat)
}

// metre is a metre of latitude in microdegrees.
const metre = 9

// closedRing brings a ring to microdegrees and closes it. It leaves out corners that change nothing: those that repeat the one before or lie on the line
// between their neighbours, and, with apart, those that are less than so many microdegrees from the one before.
func closedRing(ring [][2]float64, apart int64) [][2]Micro {
	var out [][2]Micro
	for _, p := range ring {
		q := [2]Micro{ToMicro(p[0]), ToMicro(p[1])}
		if n := len(out); n > 0 && (q == out[n-1] || nearer(out[n-1], q, apart)) {
			continue
		}
		out = addCorner(out, q)
	}
	for n := len(out); n > 1 && out[n-1] == out[0]; n = len(out) {
		out = out[:n-1]
	}
	// The ends too may lie on a line.
	for n := len(out); n >= 3; n = len(out) {
		switch {
		case inLine(out[n-2], out[n-1], out[0]):
			out = out[:n-1]
		case inLine(out[n-1], out[0], out[1]):
			out = out[1:]
		default:
			return append(out, out[0])
		}
	}
	return nil
}

func nearer(p, q [2]Micro, apart int64) bool {
	dx, dy := int64(p[0])-int64(q[0]), int64(p[1])-int64(q[1])
	if dx > apart || -dx > apart || dy > apart || -dy > apart {
		return false
	}
	return dx*dx+dy*dy < apart*apart
}

// addCorner appends a corner; the one before goes when it lies on the line to the new one, or sticks out of it as a thorn without width.
func addCorner(out [][2]Micro, q [2]Micro) [][2]Micro {
	for n := len(out); n >= 2 && inLine(out[n-2], out[n-1], q); n = len(out) {
		out = out[:n-1]
	}
	if n := len(out); n > 0 && out[n-1] == q {
		return out
	}
	return append(out, q)
}

func inLine(a, b, c [2]Micro) bool { return turn(a, b, c) == 0 }

// turn is positive where a, b, c turn left, negative where right. It stays below 2^58.
func turn(a, b, c [2]Micro) int64 {
	return (int64(b[0])-int64(a[0]))*(int64(c[1])-int64(a[1])) - (int64(b[1])-int64(a[1]))*(int64(c[0])-int64(a[0]))
}

// mostPairs bounds how many pairs of edges are compared. Borders that people draw, and those of states, need a small part of it.
const mostPairs = 10_000_000

// crosses returns a place where two edges cross in their inner, if there is one: a sweep from west to east. It is not done when there were too many pairs.
func crosses(rings [][][2]Micro) (at [2]float64, crossing, done bool) {
	pairs := 0
	type edge struct{ p, q [2]Micro } // p is not east of q
	var all []edge
	for _, r := range rings {
		for i := 1; i < len(r); i++ {
			e := edge{r[i-1], r[i]}
			if e.p[0] > e.q[0] {
				e.p, e.q = e.q, e.p
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b edge) int { return cmp.Compare(a.p[0], b.p[0]) })
	var open []edge
	for _, e := range all {
		if pairs += len(open); pairs > mostPairs {
			return at, false, false
		}
		still := open[:0]
		for _, o := range open {
			if o.q[0] < e.p[0] {
				continue
			}
			still = append(still, o)
			if min(o.p[1], o.q[1]) > max(e.p[1], e.q[1]) || max(o.p[1], o.q[1]) < min(e.p[1], e.q[1]) {
				continue
			}
			d1, d2 := turn(e.p, e.q, o.p), turn(e.p, e.q, o.q)
			d3, d4 := turn(o.p, o.q, e.p), turn(o.p, o.q, e.q)
			if (d1 > 0 && d2 < 0 || d1 < 0 && d2 > 0) && (d3 > 0 && d4 < 0 || d3 < 0 && d4 > 0) {
				t := float64(d1) / (float64(d1) - float64(d2))
				return [2]float64{(float64(o.p[0]) + t*(float64(o.q[0])-float64(o.p[0]))) / 1e6,
					(float64(o.p[1]) + t*(float64(o.q[1])-float64(o.p[1]))) / 1e6}, true, true
			}
		}
		open = append(still, e)
	}
	return at, false, true
}

// makeDisc brings a point and a distance to whole numbers.
func makeDisc(n Near) Disc {
	d := Disc{Lon: ToMicro(n.Lon), Lat: ToMicro(n.Lat)}
	here := geo.Point{Lon: n.Lon, Lat: n.Lat}
	plane := geo.NewPlane(here)
	east := plane.Project(geo.Point{Lon: n.Lon + 1, Lat: n.Lat}).X // metres
	north := plane.Project(geo.Point{Lon: n.Lon, Lat: n.Lat + 1}).Y
	d.KX = max(1, int64(math.Round(east/north*(1<<20))))
	r := float64(n.Metres) / north * 1e6
	d.R2 = int64(math.Round(r * r))
	tall := int64(math.Ceil(r))
	wide := min(int64(math.Ceil(r/float64(d.KX)*(1<<20)))+1, 360_000_000)
	d.West, d.East = degrees(int64(d.Lon)-wide, 180), degrees(int64(d.Lon)+wide, 180)
	d.South, d.North = degrees(int64(d.Lat)-tall, 90), degrees(int64(d.Lat)+tall, 90)
	return d
}

// degrees keeps a coordinate on the globe.
func degrees(micro int64, most int64) Micro {
	return Micro(max(-most*1_000_000, min(most*1_000_000, micro)))
}
