package listpage

import (
	"encoding/binary"
	"math"

	"github.com/openprecinct/precinct/internal/geo"
)

// Vector tiles as the Mapbox Vector Tile specification 2.1 has them: protobuf messages of layers, features and commands.

// extent is the width of a tile in its own units.
const extent = 4096

// tileLayer gathers the features of one layer.
type tileLayer struct {
	name     string
	features []byte
	keys     []string
	values   []int64
	texts    []string
	known    map[any]uint64
}

func newLayer(name string) *tileLayer { return &tileLayer{name: name, known: map[any]uint64{}} }

// The types of geometry.
const (
	tilePoint   = 1
	tileLine    = 2
	tilePolygon = 3
)

type xy struct{ x, y int64 }

// add appends a feature: chains of points by type. Properties are whole numbers or text.
func (l *tileLayer) add(kind int, chains [][]xy, properties map[string]any) {
	var tags, commands []uint64
	for _, k := range sortedKeys(properties) {
		tags = append(tags, l.key(k), l.value(properties[k]))
	}
	var at xy
	step := func(p xy) {
		commands = append(commands, zigzag(p.x-at.x), zigzag(p.y-at.y))
		at = p
	}
	if kind == tilePoint {
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
			if kind == tilePolygon {
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

func (l *tileLayer) key(k string) uint64 {
	for i, have := range l.keys {
		if have == k {
			return uint64(i)
		}
	}
	l.keys = append(l.keys, k)
	return uint64(len(l.keys) - 1)
}

func (l *tileLayer) value(v any) uint64 {
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

// append writes the layer as part of a tile; one without features is left out.
func (l *tileLayer) append(b []byte) []byte {
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
	m = binary.AppendUvarint(append(m, 5<<3), extent)
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

// tileAt is one tile of the world in the web's Mercator projection.
type tileAt struct{ z, x, y int }

func (t tileAt) valid() bool {
	return t.z >= 0 && t.z <= 22 && t.x >= 0 && t.y >= 0 && t.x < 1<<t.z && t.y < 1<<t.z
}

// box returns the tile's corners.
func (t tileAt) box() geo.Box {
	n := float64(int(1) << t.z)
	lat := func(y float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*y/n))) * 180 / math.Pi }
	return geo.Box{West: float64(t.x)/n*360 - 180, East: float64(t.x+1)/n*360 - 180, North: lat(float64(t.y)), South: lat(float64(t.y + 1))}
}

// at returns a point in the tile's units; it may lie outside.
func (t tileAt) at(p geo.Point) xy {
	n := float64(int(1) << t.z)
	lat := p.Lat * math.Pi / 180
	x := ((p.Lon+180)/360*n - float64(t.x)) * extent
	y := ((1-math.Asinh(math.Tan(lat))/math.Pi)/2*n - float64(t.y)) * extent
	return xy{int64(math.Round(x)), int64(math.Round(y))}
}

// chain turns points into the tile's units; points that fall together are one.
func (t tileAt) chain(points []geo.Point) []xy {
	var out []xy
	for _, p := range points {
		q := t.at(p)
		if len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	return out
}
