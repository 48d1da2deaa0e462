package tsp

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
)

// planar returns for each place its nearest others and the nearest of each quadrant, nearest first.
func planar(x, y []float64, cost func(a, b int32) int64) [][]int32 {
	g := newGrid(x, y)
	near := make([][]int32, len(x))
	parts := max(1, min(len(x)/worthPlaces, runtime.GOMAXPROCS(0)))
	var all sync.WaitGroup
	for p := range parts {
		all.Go(func() {
			for a := len(x) * p / parts; a < len(x)*(p+1)/parts; a++ {
				a := int32(a) // #nosec G115 -- MaxPlaces
				near[a] = g.around(a)
				slices.SortFunc(near[a], func(b, c int32) int { return cmp.Or(cmp.Compare(cost(a, b), cost(a, c)), cmp.Compare(b, c)) })
			}
		})
	}
	all.Wait()
	return near
}

// worthPlaces is for how many places another processor is worth asking.
const worthPlaces = 1000

// Around returns for each place in the plane its nearest others and the nearest of each quadrant, nearest first.
func Around(x, y []float64) [][]int32 {
	return planar(x, y, func(a, b int32) int64 {
		dx, dy := x[a]-x[b], y[a]-y[b]
		return int64(1e3 * math.Sqrt(float64(dx*dx)+float64(dy*dy)))
	})
}

// grid sorts places into square cells of about two places each.
type grid struct {
	x, y       []float64
	west, low  float64
	size       float64
	cols, rows int
	first      []int32 // by cell: where its places begin in list
	list       []int32
}

func newGrid(x, y []float64) *grid {
	g := &grid{x: x, y: y, west: math.Inf(1), low: math.Inf(1)}
	east, high := math.Inf(-1), math.Inf(-1)
	for i := range x {
		g.west, east = min(g.west, x[i]), max(east, x[i])
		g.low, high = min(g.low, y[i]), max(high, y[i])
	}
	n := float64(len(x))
	w, h := east-g.west, high-g.low
	g.size = max(math.Sqrt(w*h*2/n), max(w, h)*2/n, 1e-9)
	g.cols, g.rows = int(w/g.size)+1, int(h/g.size)+1
	g.first = make([]int32, g.cols*g.rows+1)
	for i := range x {
		g.first[g.cell(i)+1]++
	}
	for c := 1; c < len(g.first); c++ {
		g.first[c] += g.first[c-1]
	}
	g.list = make([]int32, len(x))
	at := slices.Clone(g.first)
	for i := range x {
		c := g.cell(i)
		g.list[at[c]] = int32(i) // #nosec G115 -- MaxPlaces
		at[c]++
	}
	return g
}

func (g *grid) cell(i int) int {
	col := min(g.cols-1, int((g.x[i]-g.west)/g.size))
	row := min(g.rows-1, int((g.y[i]-g.low)/g.size))
	return row*g.cols + col
}

type candidate struct {
	place int32
	d     float64
}

// best keeps the few nearest candidates, sorted.
type best struct {
	at []candidate
	k  int
}

func (b *best) offer(c candidate) {
	if len(b.at) == b.k && c.d >= b.at[b.k-1].d {
		return
	}
	i := len(b.at)
	for i > 0 && b.at[i-1].d > c.d {
		i--
	}
	if len(b.at) < b.k {
		b.at = append(b.at, candidate{})
	}
	copy(b.at[i+1:], b.at[i:])
	b.at[i] = c
}

func (b *best) full(d float64) bool { return len(b.at) == b.k && b.at[b.k-1].d <= d }

// around looks in growing squares of cells until no cell further out can hold a nearer place. Quadrants are looked for
// only a few cells further than the nearest are found: an empty quadrant at the border of a map has nobody to offer.
func (g *grid) around(a int32) []int32 {
	all := best{k: nearest}
	quads := [4]best{{k: perQuadrant}, {k: perQuadrant}, {k: perQuadrant}, {k: perQuadrant}}
	c := g.cell(int(a))
	col, row := c%g.cols, c/g.cols
	for ring, extra := 0, 0; ring <= max(g.cols, g.rows); ring++ {
		g.ring(col, row, ring, func(b int32) {
			if b == a {
				return
			}
			dx, dy := g.x[b]-g.x[a], g.y[b]-g.y[a]
			f := candidate{b, float64(dx*dx) + float64(dy*dy)}
			all.offer(f)
			quads[quadrant(dx, dy)].offer(f)
		})
		r := float64(ring) * g.size
		if all.full(r * r) {
			if extra++; extra > 4 {
				break
			}
		}
	}
	var out []int32
	for _, b := range append(quads[:], all) {
		for _, f := range b.at {
			if !slices.Contains(out, f.place) {
				out = append(out, f.place)
			}
		}
	}
	return out
}

func quadrant(dx, dy float64) int {
	switch {
	case dx > 0 && dy >= 0:
		return 0
	case dx <= 0 && dy > 0:
		return 1
	case dx < 0:
		return 2
	default:
		return 3
	}
}

// ring calls each for the places in the cells that are ring cells away.
func (g *grid) ring(col, row, ring int, each func(int32)) {
	for r := max(0, row-ring); r <= min(g.rows-1, row+ring); r++ {
		step := 1
		if r != row-ring && r != row+ring && ring > 0 {
			step = 2 * ring
		}
		for c := col - ring; c <= col+ring; c += step {
			if c < 0 || c >= g.cols {
				continue
			}
			k := r*g.cols + c
			for _, b := range g.list[g.first[k]:g.first[k+1]] {
				each(b)
			}
		}
	}
}

// Hilbert returns the places in the order of a Hilbert curve over their square: a tour some 25 % too long, made at once.
func Hilbert(x, y []float64) []int32 {
	west, low, size := math.Inf(1), math.Inf(1), 0.0
	for i := range x {
		west, low = min(west, x[i]), min(low, y[i])
	}
	for i := range x {
		size = max(size, x[i]-west, y[i]-low)
	}
	keys := make([]uint64, len(x))
	order := make([]int32, len(x))
	for i := range x {
		order[i] = int32(i) // #nosec G115 -- MaxPlaces
		if size > 0 {
			keys[i] = HilbertKey((x[i]-west)/size, (y[i]-low)/size)
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	return order
}

// HilbertKey returns where on a Hilbert curve of the unit square the point lies (Hamilton and Rau-Chaplin 2006).
func HilbertKey(x, y float64) uint64 {
	const bits = 20
	const side = 1 << bits
	u, v := uint32(min(side-1, max(0, x*side))), uint32(min(side-1, max(0, y*side)))
	var key uint64
	for s := uint32(side / 2); s > 0; s /= 2 {
		var rx, ry uint32
		if u&s > 0 {
			rx = 1
		}
		if v&s > 0 {
			ry = 1
		}
		key += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				u, v = side-1-u, side-1-v
			}
			u, v = v, u
		}
	}
	return key
}
