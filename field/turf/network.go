package turf

import (
	"math"
	"slices"

	"github.com/openprecinct/precinct/internal/geo"
)

// network is the streets one may walk. Lengths are whole centimetres.
type network struct {
	at     []geo.XY
	edges  []street
	first  []int32 // by node: where its arcs begin
	arcs   []arc
	home   []int32   // edges with doors, ascending
	around []nearby  // by node; empty where no door is near
	cuts   [][]int32 // by edge: where along it barriers cross, ascending; nil for most
	part   []int32   // by crossing: which part of the streets it belongs to

	links map[int32][]int32 // by edge: others with doors, far off, that are its nearest
}

type street struct {
	from, to int32
	length   int32
	crossing int32
	main     bool
	open     bool // may be walked from end to end
}

type arc struct {
	to, length, edge int32
}

// nearby is the crossings around one crossing, by number, and how far each is.
type nearby struct {
	nodes []int32
	cm    []int32
	rim   int32 // how far the last is
}

const (
	settled = 80        // crossings looked at around each crossing
	nowhere = 1 << 29   // farther than any walk: no way
	detour  = 1.25      // walking against straight line, where no street is known
	penalty = 500 * 100 // centimetres for a way that is not on the streets although both ends are
)

func newNetwork(c City, lines []Line, doors []door) network {
	n := network{at: c.Nodes, edges: make([]street, len(c.Edges)), cuts: make([][]int32, len(c.Edges))}
	for i, e := range c.Edges {
		n.edges[i] = street{from: e.From, to: e.To, length: centimetres(e.Metres), crossing: centimetres(e.Class.Crossing()),
			main: e.Class != Local, open: e.Class != Barrier}
	}
	n.cross(c, lines)
	n.link()
	n.part = n.labels()
	n.lookAround(doors)
	n.tie()
	return n
}

// link makes the arcs of the streets that may be walked.
func (n *network) link() {
	n.first = make([]int32, len(n.at)+1)
	for _, e := range n.edges {
		if e.open {
			n.first[e.from+1]++
			n.first[e.to+1]++
		}
	}
	for i := 1; i < len(n.first); i++ {
		n.first[i] += n.first[i-1]
	}
	n.arcs = make([]arc, n.first[len(n.at)])
	at := slices.Clone(n.first)
	for i, e := range n.edges {
		if e.open {
			n.arcs[at[e.from]] = arc{e.to, e.length, int32(i)} // #nosec G115 -- MaxEdges
			at[e.from]++
			n.arcs[at[e.to]] = arc{e.from, e.length, int32(i)} // #nosec G115 -- MaxEdges
			at[e.to]++
		}
	}
}

// cross closes the streets that barriers drawn by hand cross, and notes where.
func (n *network) cross(c City, lines []Line) {
	for _, l := range lines {
		for k := 1; k < len(l); k++ {
			a, b := l[k-1], l[k]
			for i := range c.Edges {
				path := c.path(i)
				walked, total := 0.0, length(path)
				for j := 1; j < len(path); j++ {
					leg := dist(path[j-1], path[j])
					if t, ok := meet(path[j-1], path[j], a, b); ok {
						share := 0.5
						if total > 0 {
							share = (walked + t*leg) / total
						}
						n.edges[i].open = false
						n.cuts[i] = append(n.cuts[i], int32(share*float64(n.edges[i].length)))
					}
					walked += leg
				}
			}
		}
	}
	for i := range n.cuts {
		slices.Sort(n.cuts[i])
	}
}

// path returns the line of an edge.
func (c City) path(edge int) []geo.XY {
	e := c.Edges[edge]
	if len(e.Line) > 1 {
		return e.Line
	}
	return []geo.XY{c.Nodes[e.From], c.Nodes[e.To]}
}

func length(path []geo.XY) float64 {
	sum := 0.0
	for i := 1; i < len(path); i++ {
		sum += dist(path[i-1], path[i])
	}
	return sum
}

func dist(a, b geo.XY) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// meet says whether the segments ab and cd cross, and at which share of ab.
func meet(a, b, c, d geo.XY) (t float64, ok bool) {
	rx, ry, sx, sy := b.X-a.X, b.Y-a.Y, d.X-c.X, d.Y-c.Y
	den := rx*sy - ry*sx
	if den == 0 {
		return 0, false
	}
	t = ((c.X-a.X)*sy - (c.Y-a.Y)*sx) / den
	u := ((c.X-a.X)*ry - (c.Y-a.Y)*rx) / den
	return t, t >= 0 && t <= 1 && u >= 0 && u <= 1
}

// lookAround finds the crossings around each end of a street with doors.
func (n *network) lookAround(doors []door) {
	has := make([]bool, len(n.edges))
	for _, d := range doors {
		if d.edge >= 0 {
			has[d.edge] = true
		}
	}
	var ends []int32
	seen := make([]bool, len(n.at))
	for i, h := range has {
		if !h {
			continue
		}
		n.home = append(n.home, int32(i)) // #nosec G115 -- MaxEdges
		for _, v := range [2]int32{n.edges[i].from, n.edges[i].to} {
			if !seen[v] {
				seen[v] = true
				ends = append(ends, v)
			}
		}
	}
	n.around = make([]nearby, len(n.at))
	inParts(len(ends), worthSurveyor, func(int) func(int) {
		w := newWalker(n)
		return func(i int) { n.around[ends[i]] = w.settle(ends[i], settled) }
	})
}

// guess estimates the way between two crossings of one part that are not around each other: not less than to the last of those that are.
func (n *network) guess(a, b int32) int32 {
	return max(int32(dist(n.at[a], n.at[b])*140), n.around[a].rim, n.around[b].rim)
}

// toEnds returns how far a place along an edge is from the edge's two ends, without leaving the edge.
func (n *network) toEnds(edge, along int32) (from, to int32) {
	e := n.edges[edge]
	from, to = along, e.length-along
	for _, c := range n.cuts[edge] {
		if c < along {
			from = nowhere
		} else {
			to = nowhere
		}
	}
	return from, to
}

// cutBetween says whether a barrier crosses the edge between two places along it.
func (n *network) cutBetween(edge, a, b int32) bool {
	for _, c := range n.cuts[edge] {
		if c < a != (c < b) {
			return true
		}
	}
	return false
}

// walker searches shortest ways (Dijkstra 1959) and keeps its memory from one search to the next.
type walker struct {
	net  *network
	cm   []int32
	mark []uint32 // search in which cm holds
	done []uint32
	turn uint32
	heap []step
	out  []step
}

type step struct {
	cm   int32
	node int32
}

func newWalker(n *network) *walker {
	return &walker{net: n, cm: make([]int32, len(n.at)), mark: make([]uint32, len(n.at)), done: make([]uint32, len(n.at))}
}

// run settles crossings from one on, nearest first, until stop says so.
func (w *walker) run(from int32, stop func(step) bool) {
	w.begin()
	w.sow(from)
	for len(w.heap) > 0 {
		s := w.pop()
		if w.done[s.node] == w.turn {
			continue
		}
		w.done[s.node] = w.turn
		if stop(s) {
			return
		}
		w.spread(s, func(int32) {})
	}
}

// begin forgets the search before, sow adds a crossing to begin from.
func (w *walker) begin() {
	w.turn++
	w.heap = w.heap[:0]
}

func (w *walker) sow(v int32) {
	if w.mark[v] != w.turn {
		w.mark[v], w.cm[v] = w.turn, 0
		w.push(step{0, v})
	}
}

// spread offers the crossings beside a settled one the way over it, and calls for those that take it.
func (w *walker) spread(s step, took func(to int32)) {
	for _, a := range w.net.arcs[w.net.first[s.node]:w.net.first[s.node+1]] {
		cm := s.cm + a.length
		if w.mark[a.to] != w.turn || cm < w.cm[a.to] {
			w.mark[a.to], w.cm[a.to] = w.turn, cm
			w.push(step{cm, a.to})
			took(a.to)
		}
	}
}

// grow settles the crossings around those sown as far as most, and calls when a crossing is reached by way of another.
func (w *walker) grow(most int32, took func(v, to int32)) {
	for len(w.heap) > 0 {
		s := w.pop()
		if w.done[s.node] == w.turn {
			continue
		}
		w.done[s.node] = w.turn
		if s.cm > most {
			return
		}
		w.spread(s, func(to int32) { took(s.node, to) })
	}
}

// settle returns the first most crossings around one.
func (w *walker) settle(from int32, most int) nearby {
	w.out = w.out[:0]
	w.run(from, func(s step) bool {
		w.out = append(w.out, s)
		return len(w.out) == most || s.cm > nowhere/4
	})
	near := nearby{nodes: make([]int32, len(w.out)), cm: make([]int32, len(w.out)), rim: nowhere}
	if len(w.out) == most {
		near.rim = w.out[most-1].cm
	}
	slices.SortFunc(w.out, func(a, b step) int { return int(a.node - b.node) })
	for i, s := range w.out {
		near.nodes[i], near.cm[i] = s.node, s.cm
	}
	return near
}

// ways finds the ways from one crossing to several.
func (w *walker) ways(from int32, to []int32, each func(i int, cm int32)) {
	left := len(to)
	w.run(from, func(s step) bool {
		for i, v := range to {
			if v == s.node {
				each(i, s.cm)
				left--
			}
		}
		return left == 0 || s.cm > nowhere/4
	})
}

// less orders steps by length and then by number, so that ties are broken the same way everywhere.
func (s step) less(t step) bool { return s.cm < t.cm || s.cm == t.cm && s.node < t.node }

func (w *walker) push(s step) {
	h := append(w.heap, s)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !s.less(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = s
	w.heap = h
}

func (w *walker) pop() step {
	h := w.heap
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].less(h[c]) {
			c++
		}
		if !h[c].less(last) {
			break
		}
		h[i] = h[c]
		i = c
	}
	if len(h) > 0 {
		h[i] = last
	}
	w.heap = h
	return top
}
