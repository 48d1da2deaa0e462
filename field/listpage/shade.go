package listpage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
)

// shading is the map of where a list's people live: precincts, or squares where precincts are unknown or too many.
type shading struct {
	said   string
	shapes [6]string // path data by step of the ramp, palest first
	names  []mapName
	key    []keyStep
	square bool
	high   float64
	box    string // west,south,east,north in degrees, for the large map
}

type mapName struct {
	x, y, text string
	strong     bool
}

type keyStep struct{ colour, text string }

// ramp is the house's six steps for amounts.
var ramp = [6]string{"#eef4f6", "#cfe2ea", "#9fc7d6", "#5f9db3", "#2e7591", "#0b4d69"}

const (
	mapWide, mapHigh = 352.0, 280.0
	mapLow           = 120.0
	mostPrecincts    = 400
	squaresAcross    = 44
)

// precinctShapes are the precincts of a state, thinned for small maps; read once and believed for a while.
type precinctShapes struct {
	mu   sync.Mutex
	of   map[string]stateShapes
	made func(context.Context, string) ([]place.Area, error)
}

type stateShapes struct {
	until time.Time
	areas map[string]place.Area // by list.PrecinctValue, both codes as places write them
}

const shapesTime = 5 * time.Minute

func (c *precinctShapes) get(ctx context.Context, state string, now time.Time) (map[string]place.Area, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.of[state]; ok && now.Before(s.until) {
		return s.areas, nil
	}
	all, err := c.made(ctx, state)
	if err != nil {
		return nil, err
	}
	s := stateShapes{until: now.Add(shapesTime), areas: make(map[string]place.Area, len(all))}
	for _, a := range all {
		a.Shape = a.Shape.Simplify(20)
		s.areas[a.County+"/"+a.Code] = a
	}
	c.of[state] = s
	return s.areas, nil
}

// bare strips the leading zeros that codes of precincts and counties may have in one source and not in the other.
func bare(value string) string {
	county, code, _ := strings.Cut(value, "/")
	trim := func(s string) string {
		if t := strings.TrimLeft(strings.ToUpper(strings.TrimSpace(s)), "0"); t != "" {
			return t
		}
		return "0"
	}
	return trim(county) + "/" + trim(code)
}

// shade draws where the people of the list live.
func (a asking) shade(v *web.Visit, p pages) (*shading, error) {
	if p.places == nil || !a.cat.Attrs[list.Precinct] {
		return nil, nil
	}
	counts, _, err := a.histogram(segment.Group{Kind: segment.Attribute, Attr: list.Precinct})
	if err != nil {
		return nil, err
	}
	counts = slices.DeleteFunc(counts, func(o segment.Option) bool { return o.People == 0 || o.Value == "" })
	if len(counts) == 0 {
		return nil, nil
	}
	state, err := p.stateOf(v, voterfile.FileID(a.plan.Universe.VoterFile))
	if err != nil {
		return nil, err
	}
	areas, err := p.shapes.get(a.ctx, state, v.Now)
	if err != nil {
		return nil, err
	}
	by := make(map[string]place.Area, len(areas))
	for k, x := range areas {
		by[bare(k)] = x
	}
	var drawn []shaded
	for _, o := range counts {
		if area, ok := by[bare(o.Value)]; ok {
			drawn = append(drawn, shaded{area.Name, area.Shape, o.People})
		}
	}
	if len(drawn) == 0 || len(drawn) > mostPrecincts || len(drawn)*2 < len(counts) {
		return a.squares(v)
	}
	out := drawShades(v, drawn)
	if b, ok := a.view.Bounds(a.set); ok {
		out.box = corners(geo.Box{West: micro(b.West), South: micro(b.South), East: micro(b.East), North: micro(b.North)})
	}
	return out, nil
}

type shaded struct {
	name  string
	shape geo.MultiPolygon
	n     int64
}

// sheet turns points into places on the drawing.
type sheet struct {
	plane geo.Plane
	mid   geo.XY
	scale float64
	high  float64 // as high as needed, within bounds
}

func newSheet(b geo.Box) sheet {
	s := sheet{plane: geo.NewPlane(b.Center())}
	low, high := s.plane.Project(geo.Point{Lon: b.West, Lat: b.South}), s.plane.Project(geo.Point{Lon: b.East, Lat: b.North})
	s.mid = geo.XY{X: (low.X + high.X) / 2, Y: (low.Y + high.Y) / 2}
	s.scale = min((mapWide-16)/max(high.X-low.X, 1), (mapHigh-16)/max(high.Y-low.Y, 1))
	s.high = min(max((high.Y-low.Y)*s.scale+16, mapLow), mapHigh)
	return s
}

func (s sheet) at(p geo.Point) (x, y float64) {
	xy := s.plane.Project(p)
	return mapWide/2 + (xy.X-s.mid.X)*s.scale, s.high/2 - (xy.Y-s.mid.Y)*s.scale
}

// path writes a shape; points closer than half a unit are one.
func (s sheet) path(b *strings.Builder, m geo.MultiPolygon) {
	for _, poly := range m {
		for _, ring := range poly {
			lastX, lastY, n := math.Inf(1), math.Inf(1), 0
			for _, p := range ring {
				x, y := s.at(p)
				if math.Abs(x-lastX) < .5 && math.Abs(y-lastY) < .5 {
					continue
				}
				letter := byte('L')
				if n == 0 {
					letter = 'M'
				}
				fmt.Fprintf(b, "%c%.1f %.1f", letter, x, y)
				lastX, lastY, n = x, y, n+1
			}
			if n > 0 {
				b.WriteByte('Z')
			}
		}
	}
}

// drawShades draws precincts, and names the fullest.
func drawShades(v *web.Visit, all []shaded) *shading {
	box := geo.EmptyBox()
	for _, x := range all {
		box = box.Union(x.shape.Box())
	}
	s := newSheet(box)
	slices.SortFunc(all, func(a, b shaded) int { return int(b.n - a.n) })
	bounds := stepsOf(all[0].n)
	out := &shading{said: v.T.T("Map of precincts shaded by people on the list; the most live in %s", named(all[0].name)), key: keyOfSteps(v, bounds), box: corners(box), high: s.high}
	var paths [6]strings.Builder
	for _, x := range all {
		s.path(&paths[stepOf(bounds, x.n)], x.shape)
	}
	for i := range paths {
		out.shapes[i] = paths[i].String()
	}
	out.name(s, all)
	return out
}

func (m *shading) view() string { return fmt.Sprintf("0 0 %.0f %.0f", mapWide, m.high) }

func (m *shading) frame() string { return fmt.Sprintf("M0 0H%.0fV%.0fH0z", mapWide, m.high) }

func corners(b geo.Box) string {
	return fmt.Sprintf("%.5f,%.5f,%.5f,%.5f", b.West, b.South, b.East, b.North)
}

// name writes the names of the fullest precincts where they do not run into each other.
func (m *shading) name(s sheet, all []shaded) {
	type at struct{ x, y float64 }
	var taken []at
	for i, x := range all {
		if len(taken) == 4 || i == 30 {
			return
		}
		px, py := s.at(x.shape.Centroid())
		name := named(x.name)
		wide := float64(len([]rune(name))) * 3.4
		if px-wide < 2 || px+wide > mapWide-2 || len(x.name) > 22 || slices.ContainsFunc(taken, func(t at) bool { return math.Abs(t.y-py) < 18 && math.Abs(t.x-px) < 110 }) {
			continue
		}
		taken = append(taken, at{px, py})
		m.names = append(m.names, mapName{fmt.Sprintf("%.0f", px), fmt.Sprintf("%.0f", py+4), name, i == 0})
	}
}

// stepsOf returns the five bounds above which the ramp is one step darker, in round numbers up to top.
func stepsOf(top int64) [5]int64 {
	var b [5]int64
	for i, part := range []float64{0, .08, .25, .5, .75} {
		b[i] = round(float64(top) * part)
		if i > 0 && b[i] <= b[i-1] {
			b[i] = b[i-1] + 1
		}
	}
	return b
}

// round makes a number one that people read easily.
func round(x float64) int64 {
	if x < 10 {
		return int64(x)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))) / 2
	return int64(math.Round(x/unit) * unit)
}

func stepOf(bounds [5]int64, n int64) int {
	i := 0
	for i < 5 && n > bounds[i] {
		i++
	}
	return i
}

func keyOfSteps(v *web.Visit, b [5]int64) []keyStep {
	out := []keyStep{{ramp[0], "0"}}
	for i := range 4 {
		out = append(out, keyStep{ramp[i+1], spanOf(v, b[i]+1, b[i+1])})
	}
	return append(out, keyStep{ramp[5], v.T.Number(b[4]+1) + "+"})
}

func spanOf(v *web.Visit, from, to int64) string {
	if from >= to {
		return v.T.Number(to)
	}
	return v.T.Number(from) + "–" + v.T.Number(to)
}

// squares draws a grid over where the people live.
func (a asking) squares(v *web.Visit) (*shading, error) {
	box, ok, err := a.extent()
	if err != nil || !ok {
		return nil, err
	}
	degrees := geo.Box{West: micro(box.West), South: micro(box.South), East: micro(box.East), North: micro(box.North)}
	s := newSheet(degrees)
	lons, lats := grid(box.West, box.East, squaresAcross), grid(box.South, box.North, squaresAcross*mapHigh/mapWide)
	cells, err := a.view.Cells(a.set, lons, lats)
	if err != nil || len(cells) == 0 {
		return nil, err
	}
	top := int64(0)
	for _, c := range cells {
		top = max(top, c.People)
	}
	bounds := stepsOf(top)
	out := &shading{said: v.T.T("Map of where the people on the list live, in squares"), key: keyOfSteps(v, bounds), square: true, box: corners(degrees), high: s.high}
	var paths [6]strings.Builder
	for _, c := range cells {
		x0, y0 := s.at(geo.Point{Lon: micro(lons[c.X]), Lat: micro(lats[c.Y])})
		x1, y1 := s.at(geo.Point{Lon: micro(lons[c.X+1]), Lat: micro(lats[c.Y+1])})
		fmt.Fprintf(&paths[stepOf(bounds, c.People)], "M%.1f %.1fH%.1fV%.1fH%.1fZ", x0, y0, x1, y1, x0)
	}
	for i := range paths {
		out.shapes[i] = paths[i].String()
	}
	return out, nil
}

func micro(m list.Micro) float64 { return float64(m) / 1e6 }

// grid returns n+1 ascending edges.
func grid(from, to list.Micro, n float64) []list.Micro {
	var all []list.Micro
	for i := range int(n) + 1 {
		e := int64(from) + (int64(to)-int64(from))*int64(i)/int64(n)
		if m := list.Micro(e); len(all) == 0 || m > all[len(all)-1] {
			all = append(all, m)
		}
	}
	if len(all) < 2 {
		all = append(all, all[0]+1)
	}
	return all
}

// extent finds the box in which the people of the list live: first on a grid of the whole country, then finer. A handful of strays far off do not
// make the map small: what holds fewer than one in a thousand is left out.
func (a asking) extent() (segment.Box, bool, error) {
	box := segment.Box{West: -180_000_000, South: -85_000_000, East: 180_000_000, North: 85_000_000}
	for range 4 {
		lons, lats := grid(box.West, box.East, 64), grid(box.South, box.North, 64)
		cells, err := a.view.Cells(a.set, lons, lats)
		if err != nil {
			return box, false, err
		}
		total := int64(0)
		for _, c := range cells {
			total += c.People
		}
		if total == 0 {
			return box, false, nil
		}
		x0, x1, y0, y1 := 64, 0, 64, 0
		for _, c := range cells {
			if c.People*1000 >= total {
				x0, x1, y0, y1 = min(x0, c.X), max(x1, c.X), min(y0, c.Y), max(y1, c.Y)
			}
		}
		if x0 > x1 {
			return box, true, nil
		}
		next := segment.Box{West: lons[x0], East: lons[min(x1+1, len(lons)-1)], South: lats[y0], North: lats[min(y1+1, len(lats)-1)]}
		if next == box {
			break
		}
		box = next
	}
	return box, true, nil
}
