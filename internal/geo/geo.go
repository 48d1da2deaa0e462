// Package geo holds the small plane and globe geometry that places doors, precincts and districts.
//
// Coordinates are WGS 84 degrees, longitude first, as GeoJSON (RFC 7946) orders them. Lengths are metres and
// areas square metres, taken in a local plane around the shape: true to about one part in a thousand over 50 km
// away from the poles, which is more than voter files deserve. Shapes that cross the 180th meridian are not handled.
package geo

import "math"

// Metres per degree used by every local plane here: one degree of longitude on the equator, one of latitude at
// middle latitudes. The pair is the one of the turf cutting measurements, so that distances agree everywhere.
const (
	metresPerDegreeLon = 111320.0
	metresPerDegreeLat = 110574.0
)

// earthRadius is the mean radius of the WGS 84 ellipsoid in metres.
const earthRadius = 6371008.8

// Point is a place: degrees east and degrees north.
type Point struct {
	Lon, Lat float64
}

// Valid reports whether p is on the globe: finite, |Lon| ≤ 180 and |Lat| ≤ 90.
func (p Point) Valid() bool {
	return p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90
}

// XY is a place in a local plane: metres east and metres north of the plane's origin.
type XY struct {
	X, Y float64
}

// Plane is an equirectangular plane that touches the globe at its origin.
type Plane struct {
	origin Point
	kx, ky float64
}

// NewPlane returns the local plane around origin. Away from the poles, distances in it err by less than 0.1 % within
// 20 km of the origin's latitude.
func NewPlane(origin Point) Plane {
	return Plane{origin: origin, kx: math.Cos(origin.Lat*math.Pi/180) * metresPerDegreeLon, ky: metresPerDegreeLat}
}

// Project returns where p lies in the plane.
func (l Plane) Project(p Point) XY {
	return XY{X: (p.Lon - l.origin.Lon) * l.kx, Y: (p.Lat - l.origin.Lat) * l.ky}
}

// Unproject is the inverse of Project.
func (l Plane) Unproject(v XY) Point {
	return Point{Lon: l.origin.Lon + v.X/l.kx, Lat: l.origin.Lat + v.Y/l.ky}
}

// Distance returns the great-circle distance between two places in metres (haversine formula, mean earth radius).
func Distance(a, b Point) float64 {
	const rad = math.Pi / 180
	sinLat := math.Sin((b.Lat - a.Lat) * rad / 2)
	sinLon := math.Sin((b.Lon - a.Lon) * rad / 2)
	h := sinLat*sinLat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// Box is a rectangle along the axes, borders included. The zero Box is the single point 0, 0; start from EmptyBox.
type Box struct {
	West, South, East, North float64
}

// EmptyBox returns the box that contains nothing and that Extend can grow.
func EmptyBox() Box {
	return Box{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}
}

// Empty reports whether the box contains no point.
func (b Box) Empty() bool { return b.West > b.East || b.South > b.North }

// Extend returns the smallest box that holds b and p.
func (b Box) Extend(p Point) Box {
	return Box{West: min(b.West, p.Lon), South: min(b.South, p.Lat), East: max(b.East, p.Lon), North: max(b.North, p.Lat)}
}

// Union returns the smallest box that holds both.
func (b Box) Union(c Box) Box {
	return Box{West: min(b.West, c.West), South: min(b.South, c.South), East: max(b.East, c.East), North: max(b.North, c.North)}
}

// Contains reports whether p is in the box or on its border.
func (b Box) Contains(p Point) bool {
	return p.Lon >= b.West && p.Lon <= b.East && p.Lat >= b.South && p.Lat <= b.North
}

// Intersects reports whether the boxes share at least one point.
func (b Box) Intersects(c Box) bool {
	return b.West <= c.East && c.West <= b.East && b.South <= c.North && c.South <= b.North
}

// Center returns the middle of the box.
func (b Box) Center() Point { return Point{Lon: (b.West + b.East) / 2, Lat: (b.South + b.North) / 2} }
