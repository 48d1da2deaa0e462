package turf

import (
	"cmp"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/turf/tsp"
	"github.com/openprecinct/precinct/internal/geo"
)

// stop is a place where a walker stands: doors on one spot of one side of one street.
type stop struct {
	edge, along int32
	side        int8
	at          geo.XY
	doors       []int32 // inner numbers, ascending
	weight      int32
}

// stops gathers doors into stops, in the order of the lowest door of each.
func (g *Ground) stops(doors []int32) []stop {
	type spot struct {
		edge, along int32
		side        int8
		at          geo.XY
	}
	doors = slices.Sorted(slices.Values(doors))
	spots := make(map[spot]int, len(doors))
	all := make([]stop, 0, len(doors))
	for _, k := range doors {
		d := &g.doors[k]
		key := spot{edge: d.edge, along: d.along, side: d.side}
		if d.edge < 0 {
			key.at = d.at
		}
		i, ok := spots[key]
		if !ok {
			i = len(all)
			spots[key] = i
			all = append(all, stop{edge: d.edge, along: d.along, side: d.side, at: d.at})
		}
		all[i].doors = append(all[i].doors, k)
		all[i].weight += d.weight
	}
	return all
}

// surveyor measures walks between stops. It keeps memory and is for one at a time.
type surveyor struct {
	g     *Ground
	walk  *walker
	local []int32 // by node: its number here, while turn holds
	mark  []uint32
	turn  uint32
	nodes []int32
	ends  [][2]int32 // by stop: numbers here of the ends of its edge
	off   [][2]int32 // by stop: centimetres to them
	whose []uint8    // by node here: 1 an end of the first stops', 2 of the others', 3 of both
	cm    []int32    // nodes × nodes
	row   []int32    // by node here: from the stop that is looked at
	rough bool       // estimate the ways that are not known, instead of searching
}

func newSurveyor(g *Ground) *surveyor {
	return &surveyor{g: g, walk: newWalker(&g.net), local: make([]int32, len(g.net.at)), mark: make([]uint32, len(g.net.at))}
}

// matrix is what it costs to walk between stops, in centimetres.
type matrix struct {
	n    int
	cm   []int32
	flat []int32 // memory of near
	near [][]int32
}

func (m *matrix) cost(a, b int32) int64 { return int64(m.cm[int(a)*m.n+int(b)]) }

// measure fills m with the ways between all stops.
func (s *surveyor) measure(m *matrix, stops []stop) {
	m.reset(len(stops))
	s.locate(stops, len(stops))
	s.ways(false)
	for i := range stops {
		m.cm[i*m.n+i] = 0
		s.from(i)
		for j := range i {
			cm := s.between(stops, i, j)
			m.cm[i*m.n+j], m.cm[j*m.n+i] = cm, cm
		}
	}
}

// measureAcross fills m where the ways among the first stops, and those among the others, are known already.
func (s *surveyor) measureAcross(m *matrix, stops []stop, first, others matrix) {
	m.reset(len(stops))
	s.locate(stops, first.n)
	s.ways(true)
	for i := range first.n {
		copy(m.cm[i*m.n:], first.cm[i*first.n:(i+1)*first.n])
	}
	for i := range others.n {
		at := first.n + i
		copy(m.cm[at*m.n+first.n:], others.cm[i*others.n:(i+1)*others.n])
		s.from(at)
		for j := range first.n {
			cm := s.between(stops, at, j)
			m.cm[at*m.n+j], m.cm[j*m.n+at] = cm, cm
		}
	}
}

func (m *matrix) reset(n int) {
	m.n = n
	m.cm = slices.Grow(m.cm[:0], n*n)[:n*n]
}

// from readies row: the way from a stop to each crossing, by either end of its street.
func (s *surveyor) from(i int) {
	k := len(s.nodes)
	s.row = slices.Grow(s.row[:0], k)[:k]
	if k == 0 {
		return
	}
	e, o := s.ends[i], s.off[i]
	r0, r1 := s.cm[int(e[0])*k:int(e[0])*k+k], s.cm[int(e[1])*k:int(e[1])*k+k]
	for v := range s.row {
		s.row[v] = min(o[0]+r0[v], o[1]+r1[v])
	}
}

// between is the way from the stop that row is ready for to another: on one street along it, with the crossing where sides
// differ; else the best of four ways between the ends of the two streets.
func (s *surveyor) between(stops []stop, i, j int) int32 {
	a, b := &stops[i], &stops[j]
	if a.edge < 0 || b.edge < 0 {
		return straight(a.at, b.at, 0)
	}
	if a.edge == b.edge && !s.g.net.cutBetween(a.edge, a.along, b.along) {
		cm := a.along - b.along
		if cm < 0 {
			cm = -cm
		}
		if a.side != b.side {
			cm += s.g.net.edges[a.edge].crossing
		}
		return cm
	}
	f, p := s.ends[j], s.off[j]
	cm := min(s.row[f[0]]+p[0], s.row[f[1]]+p[1])
	if cm >= nowhere {
		return straight(a.at, b.at, penalty)
	}
	return cm
}

func straight(a, b geo.XY, more float64) int32 { return int32(dist(a, b)*100*detour + more) }

// locate numbers the ends of the stops' streets, and notes for each whether it is an end of the first stops', or of others.
func (s *surveyor) locate(stops []stop, first int) {
	s.turn++
	s.nodes, s.ends, s.off, s.whose = s.nodes[:0], s.ends[:0], s.off[:0], s.whose[:0]
	whose := uint8(1)
	number := func(v int32) int32 {
		if s.mark[v] != s.turn {
			s.mark[v], s.local[v] = s.turn, int32(len(s.nodes)) // #nosec G115 -- MaxEdges
			s.nodes, s.whose = append(s.nodes, v), append(s.whose, 0)
		}
		s.whose[s.local[v]] |= whose
		return s.local[v]
	}
	for i := range stops {
		if i == first {
			whose = 2
		}
		st := &stops[i]
		if st.edge < 0 {
			s.ends, s.off = append(s.ends, [2]int32{}), append(s.off, [2]int32{})
			continue
		}
		e := s.g.net.edges[st.edge]
		from, to := s.g.net.toEnds(st.edge, st.along)
		s.ends, s.off = append(s.ends, [2]int32{number(e.from), number(e.to)}), append(s.off, [2]int32{from, to})
	}
}

// unknown is a way that was not looked for yet.
const unknown = -1

// ways fills in how far the numbered crossings are from each other, or with across only those of the first stops from those
// of the others: mostly known already, else searched for.
func (s *surveyor) ways(across bool) {
	k := len(s.nodes)
	s.cm = slices.Grow(s.cm[:0], k*k)[:k*k]
	for i := range s.cm {
		s.cm[i] = unknown
	}
	for a, v := range s.nodes {
		near := &s.g.net.around[v]
		for i, n := range near.nodes {
			if s.mark[n] == s.turn {
				b := int(s.local[n])
				s.cm[a*k+b], s.cm[b*k+a] = near.cm[i], near.cm[i]
			}
		}
		s.cm[a*k+a] = 0
	}
	for a := range k {
		missing := 0
		for b := range a {
			if s.cm[a*k+b] != unknown || across && s.whose[a]|s.whose[b] != 3 {
				continue
			}
			cm := int32(nowhere)
			if s.g.net.part[s.nodes[a]] == s.g.net.part[s.nodes[b]] {
				if cm = unknown; s.rough {
					cm = s.g.net.guess(s.nodes[a], s.nodes[b])
				} else {
					missing++
				}
			}
			s.cm[a*k+b], s.cm[b*k+a] = cm, cm
		}
		if missing > 0 {
			s.search(a, missing)
		}
	}
}

// search finds the ways from one numbered crossing to those before it that are not known; so many are missing, and there is a
// way to each.
func (s *surveyor) search(a, missing int) {
	k := len(s.nodes)
	s.walk.run(s.nodes[a], func(at step) bool {
		if s.mark[at.node] == s.turn {
			if b := int(s.local[at.node]); b < a && s.cm[a*k+b] == unknown {
				s.cm[a*k+b], s.cm[b*k+a] = at.cm, at.cm
				missing--
			}
		}
		return missing == 0
	})
}

// nearStops is how many neighbours the search of a walk looks at.
const nearStops = 8

// neighbours finds the nearest stops of each.
func (m *matrix) neighbours() [][]int32 {
	k := m.begin()
	for a := range m.n {
		l := shortlist{kept: m.flat[a*k : a*k : (a+1)*k], worst: math.MaxInt32}
		row := m.cm[a*m.n : (a+1)*m.n]
		l.above(row, a+1, m.n, k) // those beside a in the list are mostly near: found first, they keep the rest out
		l.below(row, 0, a, k)
		m.near[a] = l.kept
	}
	return m.near
}

// neighboursAcross finds the nearest stops of each where those among the first stops, and those among the others, are known already.
func (m *matrix) neighboursAcross(first, others matrix) [][]int32 {
	k := m.begin()
	for a := range m.n {
		l := shortlist{kept: m.flat[a*k : a*k : (a+1)*k], worst: math.MaxInt32}
		row := m.cm[a*m.n : (a+1)*m.n]
		if a < first.n {
			l.know(row, first.near[a], 0, k)
			l.above(row, first.n, m.n, k)
		} else {
			l.know(row, others.near[a-first.n], first.n, k)
			l.below(row, 0, first.n, k)
		}
		m.near[a] = l.kept
	}
	return m.near
}

// begin readies the memory of the lists and returns how long each is.
func (m *matrix) begin() int {
	k := max(0, min(nearStops, m.n-1))
	m.flat = slices.Grow(m.flat[:0], k*m.n)[:k*m.n]
	m.near = slices.Grow(m.near[:0], m.n)[:m.n]
	return k
}

// shortlist keeps the nearest few stops, nearest first, and what they cost.
type shortlist struct {
	kept  []int32
	cm    [nearStops]int32
	worst int32 // what a stop must cost less than to be taken
}

// above takes from a row the stops from one number up to before another, below takes them downwards.
func (l *shortlist) above(row []int32, from, to, most int) {
	for b := from; b < to; b++ {
		if row[b] < l.worst {
			l.take(int32(b), row[b], most) // #nosec G115 -- MaxDoors
		}
	}
}

func (l *shortlist) below(row []int32, from, to, most int) {
	for b := to - 1; b >= from; b-- {
		if row[b] < l.worst {
			l.take(int32(b), row[b], most) // #nosec G115 -- MaxDoors
		}
	}
}

// know begins with stops that are sorted already, and numbered from another first here.
func (l *shortlist) know(row, near []int32, first, most int) {
	for i, b := range near {
		b += int32(first) // #nosec G115 -- MaxDoors
		l.kept, l.cm[i] = append(l.kept, b), row[b]
	}
	if len(near) > 0 && len(near) == most {
		l.worst = l.cm[most-1]
	}
}

func (l *shortlist) take(b, cm int32, most int) {
	if len(l.kept) < most {
		l.kept = append(l.kept, 0)
	}
	i := len(l.kept) - 1
	for i > 0 && l.cm[i-1] > cm {
		l.kept[i], l.cm[i] = l.kept[i-1], l.cm[i-1]
		i--
	}
	l.kept[i], l.cm[i] = b, cm
	if len(l.kept) == most {
		l.worst = l.cm[most-1]
	}
}

// problem returns the stops as a travelling salesman's.
func (m *matrix) problem() tsp.Problem {
	return tsp.Problem{N: m.n, Cost: m.cost, Costs: m.cm, Near: m.neighbours(), Depth: 1}
}

// curve orders stops along a Hilbert curve: where each walk's search begins.
func curve(stops []stop) []int32 {
	x, y := make([]float64, len(stops)), make([]float64, len(stops))
	for i, s := range stops {
		x[i], y[i] = s.at.X, s.at.Y
	}
	return tsp.Hilbert(x, y)
}

// tour is the walk over the stops of one turf.
type tour struct {
	stops []stop
	order []int32 // a round
	loop  int64   // centimetres
	long  int64   // its longest leg
}

// tour finds the round over doors. When they come in the order of a walk, the search begins with it, else with a curve.
func (s *surveyor) tour(doors []int32, inOrder bool, m *matrix, kicks int, seed uint64) tour {
	t := tour{stops: s.g.stops(doors)}
	s.measure(m, t.stops)
	start := curve
	if inOrder {
		start = func(stops []stop) []int32 { return asWalked(stops, doors) }
	}
	t.order, t.loop = tsp.Solve(m.problem(), start(t.stops), kicks*len(t.stops), seed^s.g.city.Doors[s.g.order[t.stops[0].doors[0]]].Key)
	t.open(m)
	return t
}

// asWalked orders stops as their first doors come.
func asWalked(stops []stop, doors []int32) []int32 {
	of := make(map[int32]int32, len(doors))
	for i := range stops {
		for _, k := range stops[i].doors {
			of[k] = int32(i) // #nosec G115 -- MaxDoors
		}
	}
	order, seen := make([]int32, 0, len(stops)), make([]bool, len(stops))
	for _, k := range doors {
		if i := of[k]; !seen[i] {
			seen[i] = true
			order = append(order, i)
		}
	}
	return order
}

// open turns the round so that its longest leg is the way back, and gives it a direction that does not depend on chance.
func (t *tour) open(m *matrix) {
	n := len(t.order)
	if n < 2 {
		return
	}
	at := 0
	t.long = -1
	for i, c := range t.order {
		if cm := m.cost(c, t.order[(i+1)%n]); cm > t.long {
			t.long, at = cm, (i+1)%n
		}
	}
	t.order = append(slices.Clone(t.order[at:]), t.order[:at]...)
	if t.order[0] > t.order[n-1] {
		slices.Reverse(t.order)
	}
}

// begin turns the round so that it begins at the stop nearest to a place, and then the shorter way first: the longer of the
// two legs at the start becomes the way back.
func (t *tour) begin(m *matrix, start geo.XY) {
	n := len(t.order)
	if n < 2 {
		return
	}
	at := 0
	nearest := math.Inf(1)
	for i, c := range t.order {
		if d := dist(t.stops[c].at, start); d < nearest {
			nearest, at = d, i
		}
	}
	t.order = append(slices.Clone(t.order[at:]), t.order[:at]...)
	if m.cost(t.order[0], t.order[1]) > m.cost(t.order[0], t.order[n-1]) {
		slices.Reverse(t.order[1:])
	}
	t.long = m.cost(t.order[n-1], t.order[0])
}

// doors lists the doors in the order of the walk; at one stop by house number, then by apartment, then as their keys are.
func (t *tour) doors(g *Ground) []int32 {
	var all []int32
	for _, c := range t.order {
		at := len(all)
		all = append(all, t.stops[c].doors...)
		slices.SortStableFunc(all[at:], func(a, b int32) int {
			x, y := &g.city.Doors[g.order[a]], &g.city.Doors[g.order[b]]
			return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.Unit, y.Unit), cmp.Compare(a, b))
		})
	}
	return all
}
