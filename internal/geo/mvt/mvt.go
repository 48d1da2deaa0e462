// Package mvt writes vector tiles as the Mapbox Vector Tile specification 2.1 has them: protobuf messages of layers, features and commands.
package mvt

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/openprecinct/precinct/internal/geo"
)

// Extent is the width of a tile in its own units.
const Extent = 4096

// Layer gathers the features of one layer.
type Layer struct {
	name     string
	features []byte
	keys     []string
	values   []int64
	texts    []string
	known    map[any]uint64
}

// NewLayer returns a layer called name without features.
func NewLayer(name string) *Layer { return &Layer{name: name, known: map[any]uint64{}} }

// The types of geometry: each chain of a Point is one place, of a Line two or more, of a Polygon a ring that is not closed (Wound).
const (
	Point   = 1
	Line    = 2
	Polygon = 3
)

// XY is a place in a tile, in parts of its width; y grows southwards, and places may lie outside.
type XY struct{ X, Y int64 }

// Add appends a feature: chains of points by type. Properties are whole numbers or text.
func (l *Layer) Add(kind int, chains [][]XY, properties map[string]any) {
	var tags, commands []uint64
	for _, k := range sortedKeys(properties) {
		tags = append(tags, l.key(k), l.value(properties[k]))
	}
	var at XY
	step := func(p XY) {
		commands = append(commands, zigzag(p.X-at.X), zigzag(p.Y-at.Y))
		at = p
	}
	if kind == Point {
		commands = append(commands, uint64(1|len(chains)<<3))
		for _, c := range chains {
			step(c[0])
		}
	} else {
		for _, c := range chains {
			commands = append(commands, 1|1<<3)
			step(c[0])
			commands = append(commands, uint64(2|(len(c)-1)<<3))
			for _, p := range c[1:] {
				step(p)
			}
			if kind == Polygon {
				commands = append(commands, 7|1<<3)
			}
		}
	}
	var f []byte
	f = packed(f, 2, tags)
	f = append(f, 3<<3, byte(kind))
	f = packed(f, 4, commands)
	l.features = field(l.features, 2, f)
}

func (l *Layer) key(k string) uint64 {
	for i, have := range l.keys {
		if have == k {
			return uint64(i)
		}
	}
	l.keys = append(l.keys, k)
	return uint64(len(l.keys) - 1)
}

func (l *Layer) value(v any) uint64 {
	if i, ok := l.known[v]; ok {
		return i
	}
	n := uint64(len(l.values))
	l.known[v] = n
	number, _ := v.(int64)
	text, _ := v.(string)
	l.values, l.texts = append(l.values, number), append(l.texts, text)
	return n
}

// Append writes the layer as part of a tile; one without features is left out.
func (l *Layer) Append(b []byte) []byte {
	if len(l.features) == 0 {
		return b
	}
	var m []byte
	m = append(m, 15<<3, 2)
	m = field(m, 1, []byte(l.name))
	m = append(m, l.features...)
	for _, k := range l.keys {
		m = field(m, 3, []byte(k))
	}
	for i, n := range l.values {
		var v []byte
		if l.texts[i] != "" {
			v = field(v, 1, []byte(l.texts[i]))
		} else {
			v = binary.AppendUvarint(append(v, 4<<3), uint64(n))
		}
		m = field(m, 4, v)
	}
	m = binary.AppendUvarint(append(m, 5<<3), Extent)
	return field(b, 3, m)
}

func field(b []byte, n byte, content []byte) []byte {
	b = binary.AppendUvarint(append(b, n<<3|2), uint64(len(content)))
	return append(b, content...)
}

func packed(b []byte, n byte, all []uint64) []byte {
	var c []byte
	for _, x := range all {
		c = binary.AppendUvarint(c, x)
	}
	return field(b, n, c)
}

func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func sortedKeys(m map[string]any) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	for i := 1; i < len(all); i++ {
		for j := i; j > 0 && all[j] < all[j-1]; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}

// Tile is one tile of the world in the web's Mercator projection (EPSG:3857): at zoom Z there are 2^Z by 2^Z of them, counted from the north-west.
type Tile struct{ Z, X, Y int }

// Valid reports whether there is such a tile, down to zoom 22.
func (t Tile) Valid() bool {
	return t.Z >= 0 && t.Z <= 22 && t.X >= 0 && t.Y >= 0 && t.X < 1<<t.Z && t.Y < 1<<t.Z
}

// Box returns the tile's corners.
func (t Tile) Box() geo.Box {
	n := float64(int(1) << t.Z)
	lat := func(y float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*y/n))) * 180 / math.Pi }
	return geo.Box{West: float64(t.X)/n*360 - 180, East: float64(t.X+1)/n*360 - 180, North: lat(float64(t.Y)), South: lat(float64(t.Y + 1))}
}

// At returns a point in the tile's units; it may lie outside.
func (t Tile) At(p geo.Point) XY {
	n := float64(int(1) << t.Z)
	lat := p.Lat * math.Pi / 180
	x := ((p.Lon+180)/360*n - float64(t.X)) * Extent
	y := ((1-math.Asinh(math.Tan(lat))/math.Pi)/2*n - float64(t.Y)) * Extent
	return XY{int64(math.Round(x)), int64(math.Round(y))}
}

// Chain turns points into the tile's units; points that fall together are one.
func (t Tile) Chain(points []geo.Point) []XY {
	var out []XY
	for _, p := range points {
		q := t.At(p)
		if len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	return out
}

// Wound turns a ring as tiles want it, in place: outer ones clockwise on the screen, holes the other way.
func Wound(c []XY, outer bool) []XY {
	area := int64(0)
	for i, p := range c {
		q := c[(i+1)%len(c)]
		area += p.X*q.Y - q.X*p.Y
	}
	if area > 0 != outer {
		for i, j := 0, len(c)-1; i < j; i, j = i+1, j-1 {
			c[i], c[j] = c[j], c[i]
		}
	}
	return c
}

// Parse reads the three numbers of a tile's address; false for what is no tile.
func Parse(z, x, y string) (t Tile, ok bool) {
	for _, n := range []struct {
		text string
		to   *int
	}{{z, &t.Z}, {x, &t.X}, {y, &t.Y}} {
		i, err := strconv.Atoi(n.text)
		if err != nil {
			return t, false
		}
		*n.to = i
	}
	return t, t.Valid()
}
