package list

import "math"

// Born returns a person's birth as yyyymmdd from the stored date and year: the date where it is known, the first of January of the year where only that is,
// else 0, unknown.
func Born(date, year int64) int64 {
	switch {
	case date != 0:
		return date
	case year != 0:
		return year*10000 + 101
	}
	return 0
}

// PrecinctValue returns the value of Precinct for a person's stored county and precinct: "063/12-01", or "" without a precinct.
func PrecinctValue(county, precinct string) string {
	if precinct == "" {
		return ""
	}
	return county + "/" + precinct
}

// ZIPValue returns the value of ZIP for a stored ZIP code: its first five letters.
func ZIPValue(zip string) string { return zip[:min(5, len(zip))] }

// ToMicro returns degrees in whole microdegrees. Degrees must be between -180 and 180.
func ToMicro(degrees float64) Micro { return Micro(math.Floor(degrees*1e6 + 0.5)) }

// Has reports whether a place lies in the area: the even-odd rule over all rings, a place on a border belonging to what lies north or east of it.
// Products stay below 2^57.
func (a Area) Has(lon, lat Micro) bool {
	if lon < a.West || lon > a.East || lat < a.South || lat > a.North {
		return false
	}
	in := false
	for _, r := range a.Rings {
		for i := 1; i < len(r); i++ {
			if eastward(r[i-1], r[i], lon, lat) {
				in = !in
			}
		}
	}
	return in
}

// eastward reports whether a ray eastward from a place meets the edge from p to q. An edge owns its lower end and not its upper one.
func eastward(p, q [2]Micro, lon, lat Micro) bool {
	if (p[1] > lat) == (q[1] > lat) {
		return false
	}
	if p[1] > q[1] {
		p, q = q, p
	}
	px, py, qx, qy, x, y := int64(p[0]), int64(p[1]), int64(q[0]), int64(q[1]), int64(lon), int64(lat)
	return (x-px)*(qy-py) < (y-py)*(qx-px)
}

// Has reports whether a place lies in the disc.
func (d Disc) Has(lon, lat Micro) bool {
	if lon < d.West || lon > d.East || lat < d.South || lat > d.North {
		return false
	}
	dx := d.KX * (int64(lon) - int64(d.Lon)) / (1 << 20)
	dy := int64(lat) - int64(d.Lat)
	return dx*dx+dy*dy <= d.R2
}
