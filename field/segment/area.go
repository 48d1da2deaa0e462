package segment

import (
	"math/bits"

	"github.com/openprecinct/precinct/field/list"
)

// miniRows is how many rows share a small box on the map.
const miniRows = 1 << 10

// boxes are the small boxes of one block's rows, in codes of lon and lat.
type boxes struct {
	stamp uint64
	all   [blockRows / miniRows]box
}

type box struct{ west, south, east, north uint32 } // of known places; west > east without one

// boxesOf returns the boxes of block b, kept until its places change.
func (v *View) boxesOf(b int) *boxes {
	lon, lat := &v.cols["lon"].blocks[b], &v.cols["lat"].blocks[b]
	stamp := mix(lon.stamp, lat.stamp)
	at := v.shared.boxesAt(v.blocks(), b)
	if k := at.Load(); k != nil && k.stamp == stamp {
		return k
	}
	k := &boxes{stamp: stamp}
	for i := range k.all {
		x := box{west: 1<<32 - 1, south: 1<<32 - 1}
		for r := min(i*miniRows, len(lon.u32)); r < min((i+1)*miniRows, len(lon.u32)); r++ {
			if c := lon.u32[r]; c != 0 {
				x.west, x.east = min(x.west, c), max(x.east, c)
				x.south, x.north = min(x.south, lat.u32[r]), max(x.north, lat.u32[r])
			}
		}
		k.all[i] = x
	}
	at.Store(k)
	return k
}

// placedOp is met by rows whose place is in a box and passes a test.
type placedOp struct {
	v    *View
	box  box
	test func(lon, lat list.Micro) bool
}

func microCodes(west, south, east, north list.Micro) box {
	return box{west: uint32(int64(west) - leastLon + 1), south: uint32(int64(south) - leastLat + 1),
		east: uint32(int64(east) - leastLon + 1), north: uint32(int64(north) - leastLat + 1)}
}

func lonOf(code uint32) list.Micro { return list.Micro(int64(code) + leastLon - 1) }
func latOf(code uint32) list.Micro { return list.Micro(int64(code) + leastLat - 1) }

func (x box) apart(y box) bool {
	return x.west > x.east || x.east < y.west || x.west > y.east || x.north < y.south || x.south > y.north
}

func (o *placedOp) and(_ *scratch, b int, w *words) {
	lon, lat := o.v.cols["lon"].blocks[b].u32, o.v.cols["lat"].blocks[b].u32
	small := o.v.boxesOf(b)
	const each = miniRows / 64
	for i := range small.all {
		part := w[i*each : (i+1)*each]
		if small.all[i].apart(o.box) {
			clear(part)
			continue
		}
		for j, m := range part {
			for t := m; t != 0; t &= t - 1 {
				bit := bits.TrailingZeros64(t)
				r := i*miniRows + j<<6 + bit
				x, y := lon[r], lat[r]
				if x == 0 || x < o.box.west || x > o.box.east || y < o.box.south || y > o.box.north || !o.test(lonOf(x), latOf(y)) {
					m &^= 1 << bit
				}
			}
			part[j] = m
		}
	}
}

func (o *placedOp) guess() (share, price float64) { return 0.05, 0.5 }

func (o *placedOp) stamp(b int) uint64 {
	return mix(o.v.cols["lon"].blocks[b].stamp, o.v.cols["lat"].blocks[b].stamp)
}

func (c *compiler) disc(n list.Disc) op {
	return c.keep(keyOf(n), false, &placedOp{v: c.v, box: microCodes(n.West, n.South, n.East, n.North), test: n.Has})
}

func (c *compiler) area(n list.Area) op {
	key := keyOf(n)
	return c.keep(key, false, &placedOp{v: c.v, box: microCodes(n.West, n.South, n.East, n.North), test: newGrid(n).has})
}

// grid answers whether places lie in an area: of most of its cells all of them do or none.
type grid struct {
	area       list.Area
	wide, tall int64 // of a cell
	cells      [gridSide * gridSide]uint8
	edges      [gridSide][][2][2]list.Micro // by row: those a ray eastward from a place in it may meet
}

const (
	gridSide                = 128
	outside, inside, border = 0, 1, 2
)

func newGrid(a list.Area) *grid {
	g := &grid{area: a}
	g.wide = (int64(a.East)-int64(a.West))/gridSide + 1
	g.tall = (int64(a.North)-int64(a.South))/gridSide + 1
	for _, r := range a.Rings {
		for i := 1; i < len(r); i++ {
			g.addEdge(r[i-1], r[i])
		}
	}
	for y := range gridSide {
		state := uint8(border)
		for x := range gridSide {
			c := &g.cells[y*gridSide+x]
			if *c == border {
				state = border
				continue
			}
			if state == border { // the first cell after a border: one place of it speaks for all up to the next
				state = outside
				if g.test(list.Micro(int64(a.West)+int64(x)*g.wide), list.Micro(int64(a.South)+int64(y)*g.tall)) {
					state = inside
				}
			}
			*c = state
		}
	}
	return g
}

// addEdge marks the cells of an edge's box, row by row, as those of the border.
func (g *grid) addEdge(p, q [2]list.Micro) {
	if p[1] > q[1] {
		p, q = q, p
	}
	y0, y1 := (int64(p[1])-int64(g.area.South))/g.tall, (int64(q[1])-int64(g.area.South))/g.tall
	for y := y0; y <= y1; y++ {
		g.edges[y] = append(g.edges[y], [2][2]list.Micro{p, q})
		// the part of the edge in this row, a microdegree wider on both sides
		south := max(int64(g.area.South)+y*g.tall, int64(p[1]))
		north := min(int64(g.area.South)+(y+1)*g.tall, int64(q[1]))
		a, b := alongX(p, q, south), alongX(p, q, north)
		if p[1] == q[1] {
			a, b = int64(p[0]), int64(q[0])
		}
		x0, x1 := (min(a, b)-1-int64(g.area.West))/g.wide, (max(a, b)+1-int64(g.area.West))/g.wide
		for x := max(x0, 0); x <= min(x1, gridSide-1); x++ {
			g.cells[y*gridSide+x] = border
		}
	}
}

func alongX(p, q [2]list.Micro, y int64) int64 {
	dy := int64(q[1]) - int64(p[1])
	if dy == 0 {
		return int64(p[0])
	}
	return int64(p[0]) + (int64(q[0])-int64(p[0]))*(y-int64(p[1]))/dy
}

func (g *grid) has(lon, lat list.Micro) bool {
	a := &g.area
	if lon < a.West || lon > a.East || lat < a.South || lat > a.North {
		return false
	}
	x, y := (int64(lon)-int64(a.West))/g.wide, (int64(lat)-int64(a.South))/g.tall
	switch g.cells[y*gridSide+x] {
	case inside:
		return true
	case outside:
		return false
	}
	return g.test(lon, lat)
}

// test is list.Area.Has with only the edges that matter in the place's row.
func (g *grid) test(lon, lat list.Micro) bool {
	y := (int64(lat) - int64(g.area.South)) / g.tall
	in := false
	for _, e := range g.edges[y] {
		p, q := e[0], e[1]
		if (p[1] > lat) == (q[1] > lat) {
			continue
		}
		px, py, qx, qy := int64(p[0]), int64(p[1]), int64(q[0]), int64(q[1])
		if (int64(lon)-px)*(qy-py) < (int64(lat)-py)*(qx-px) {
			in = !in
		}
	}
	return in
}
