package turf

import (
	"cmp"
	"context"
	"slices"

	"github.com/openprecinct/precinct/field/turf/tsp"
)

// Measures of the exchange. A split block costs what a walker loses when two people work one block.
const (
	exchangeRounds = 4
	longestChunk   = 14
	splitCost      = 5000 // centimetres for each block that two turfs share
	least          = 50   // centimetres that a move must gain
)

// rounds is the walks of all turfs, over sites, while sites go from one to another.
type rounds struct {
	*partition
	of      []int32               // by site: its turf
	walks   [][]int32             // by turf: sites in walk order
	ways    []matrix              // by turf: how far they are from each other
	state   []int32               // by turf: how often it changed, from 1
	seen    map[[2]int32][2]int32 // by pair: the states in which nothing could be gained
	workers []*exchanger
}

// A surveyor is worth its memory for so many turfs or crossings, an exchanger, which is kept, for so many pairs.
const (
	worthSurveyor  = 32
	worthExchanger = 4
)

// exchange lets neighbouring turfs exchange buildings, runs of buildings and blocks while their walks get shorter together.
// Pairs that share no turf are worked on at the same time; the order of pairs, and so the result, does not depend on how many.
func (p *partition) exchange(ctx context.Context) (*rounds, error) {
	k := len(p.size)
	r := &rounds{partition: p, of: make([]int32, len(p.g.sites)), walks: make([][]int32, k), ways: make([]matrix, k), state: make([]int32, k), seen: map[[2]int32][2]int32{}}
	groups := p.turfs()
	inParts(k, worthExchanger, func(worker int) func(int) {
		x := r.worker(worker)
		return func(t int) {
			if len(groups[t]) > 0 {
				x.walk(t, p.sites(groups[t]))
				r.state[t] = 1
			}
		}
	})
	for t, w := range r.walks {
		for _, s := range w {
			r.of[s] = int32(t) // #nosec G115 -- MaxDoors
		}
	}
	for i := range exchangeRounds {
		if ctx.Err() != nil || !r.round() && i > 0 {
			break
		}
		if i == 1 {
			r.regroup()
		}
	}
	return r, ctx.Err()
}

// worker returns the exchanger of a worker.
func (r *rounds) worker(w int) *exchanger {
	for len(r.workers) <= w {
		r.workers = append(r.workers, newExchanger(r))
	}
	return r.workers[w]
}

func (p *partition) sites(units []int32) []int32 {
	var all []int32
	for _, u := range units {
		all = append(all, p.units[u].sites...)
	}
	return all
}

// round works on all pairs of neighbours of which one changed since the pair was looked at, and says whether anything changed.
func (r *rounds) round() bool {
	changed := false
	for _, batch := range r.batches() {
		moved := make([]bool, len(batch))
		inParts(len(batch), worthExchanger, func(worker int) func(int) {
			x := r.worker(worker)
			return func(i int) { moved[i] = x.improve(batch[i][0], batch[i][1]) }
		})
		for i, pair := range batch {
			if moved[i] {
				changed = true
				r.state[pair[0]]++
				r.state[pair[1]]++
			} else {
				r.seen[pair] = [2]int32{r.state[pair[0]], r.state[pair[1]]}
			}
		}
	}
	return changed
}

// batches sorts pairs of neighbours so that no turf is twice in one batch.
func (r *rounds) batches() [][][2]int32 {
	have := map[[2]int32]bool{}
	var pairs [][2]int32
	of := make([]int32, len(r.units))
	for u := range r.units {
		of[u] = r.of[r.units[u].sites[0]]
	}
	for u := range r.units {
		for _, v := range r.near[u] {
			a, b := min(of[u], of[v]), max(of[u], of[v])
			pair := [2]int32{a, b}
			if a != b && !have[pair] && r.seen[pair] != [2]int32{r.state[a], r.state[b]} {
				have[pair] = true
				pairs = append(pairs, pair)
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	var batches [][][2]int32
	in := make([]map[int]bool, len(r.walks))
	for _, p := range pairs {
		b := 0
		for in[p[0]][b] || in[p[1]][b] {
			b++
		}
		for _, t := range p {
			if in[t] == nil {
				in[t] = map[int]bool{}
			}
			in[t][b] = true
		}
		if b == len(batches) {
			batches = append(batches, nil)
		}
		batches[b] = append(batches[b], p)
	}
	return batches
}

// exchanger works on one pair at a time. Places are the sites of both turfs; each walk is a ring of them.
type exchanger struct {
	*rounds
	s     *surveyor
	m     matrix
	stops []stop
	sites []int32
	near  [][]int32
	turf  []int8 // by place: 0 or 1
	ring  [2][]int32
	size  [2]int32
	block []int32 // by place: its block's number here, -1 on no street
	edges []int32 // by block
	count [][2]int32
	sub   matrix
	bans  map[[3]int32]bool

	touch *contact
	saved memory
}

// Of ring, the first is what follows each place and the second what goes before it.
const (
	following = 0
	preceding = 1
)

func newExchanger(r *rounds) *exchanger {
	x := &exchanger{rounds: r, s: newSurveyor(r.g), touch: newContact(&r.g.net)}
	x.s.rough = true
	return x
}

func (x *exchanger) load(sites []int32) {
	x.sites = sites
	x.stops = x.stops[:0]
	for _, s := range sites {
		st := &x.g.sites[s]
		x.stops = append(x.stops, stop{edge: st.edge, along: st.along, side: st.side, at: st.at})
	}
}

// walk orders the sites of a turf quickly, as its first walk.
func (x *exchanger) walk(t int, sites []int32) {
	sites = slices.Sorted(slices.Values(sites))
	x.load(sites)
	x.s.measure(&x.m, x.stops)
	order, _ := tsp.Solve(x.m.problem(), curve(x.stops), 0, 0)
	x.remember(t, order, sites, &x.m)
}

// remember keeps a walk, the ways between its sites and who is near whom; those of m were found for it.
func (r *rounds) remember(t int, order, sites []int32, m *matrix) {
	n := len(order)
	walk, at := make([]int32, n), make([]int32, n)
	w := matrix{n: n, cm: make([]int32, n*n)}
	for i, a := range order {
		walk[i], at[a] = sites[a], int32(i) // #nosec G115 -- MaxDoors
	}
	k := w.begin()
	for i, a := range order {
		row := m.cm[int(a)*m.n:]
		for j, b := range order {
			w.cm[i*n+j] = row[b]
		}
		w.near[i] = w.flat[i*k : (i+1)*k : (i+1)*k]
		for j, b := range m.near[a] {
			w.near[i][j] = at[b]
		}
	}
	r.walks[t], r.ways[t] = walk, w
}

// improve moves what can be moved between two turfs.
func (x *exchanger) improve(a, b int32) bool {
	x.load(append(slices.Clone(x.walks[a]), x.walks[b]...))
	x.s.measureAcross(&x.m, x.stops, x.ways[a], x.ways[b])
	x.near = x.m.neighboursAcross(x.ways[a], x.ways[b])
	x.join(len(x.walks[a]))
	if !x.meet() {
		return false
	}
	moved := false
	for tries := 0; tries < 40; tries++ {
		if !x.step() && !x.stepSets() {
			break
		}
		moved = true
	}
	if moved {
		x.keep(a, 0)
		x.keep(b, 1)
	}
	return moved
}

// join makes the two rings of the first n places and the others, and counts.
func (x *exchanger) join(n int) {
	all := len(x.sites)
	x.turf = slices.Grow(x.turf[:0], all)[:all]
	x.block = slices.Grow(x.block[:0], all)[:all]
	x.count = x.count[:0]
	x.size = [2]int32{}
	x.bans = nil
	x.edges = x.edges[:0]
	for d := range x.ring {
		x.ring[d] = slices.Grow(x.ring[d][:0], all)[:all]
	}
	for i := range all {
		from, to, t := 0, n, int8(0)
		if i >= n {
			from, to, t = n, all, 1
		}
		x.turf[i] = t
		x.ring[following][i] = int32(from + (i+1-from)%(to-from))         // #nosec G115 -- MaxDoors
		x.ring[preceding][i] = int32(from + (i-from+to-from-1)%(to-from)) // #nosec G115 -- MaxDoors
		x.size[t] += x.weight[x.sites[i]]
		k := x.number(i)
		if k >= 0 {
			x.count[k][t]++
		}
		x.block[i] = k
	}
}

// number is the number here of the block of a place: mostly the one of the place before it.
func (x *exchanger) number(i int) int32 {
	e := x.stops[i].edge
	if e < 0 {
		return -1
	}
	if i > 0 && x.stops[i-1].edge == e {
		return x.block[i-1]
	}
	k := slices.Index(x.edges, e)
	if k < 0 {
		k = len(x.edges)
		x.edges, x.count = append(x.edges, e), append(x.count, [2]int32{})
	}
	return int32(k) // #nosec G115 -- MaxDoors
}

// meet says whether any place has a neighbour in the other turf.
func (x *exchanger) meet() bool {
	for i, near := range x.near {
		for _, c := range near {
			if x.turf[c] != x.turf[i] {
				return true
			}
		}
	}
	return false
}

// chunk is a run of places in one walk, from its first along a direction to its last, and where it would go: its first
// beside at, its last beside beyond.
type chunk struct {
	first, last, at, beyond int32
	dir                     int
	gain                    int64
}

// step makes the best move there is.
func (x *exchanger) step() bool {
	for {
		best := x.best(-1, least)
		if best.gain <= least {
			return false
		}
		if x.apply(best) {
			return true
		}
		if x.bans == nil {
			x.bans = map[[3]int32]bool{}
		}
		x.bans[[3]int32{best.first, best.last, best.at}] = true
		if len(x.bans) > 12 {
			return false
		}
	}
}

// best is the best move of a chunk out of turf t, or out of both when t is -1, that gains more than above.
func (x *exchanger) best(t int8, above int64) chunk {
	best := chunk{gain: above}
	for i := range x.sites {
		if t < 0 || x.turf[i] == t {
			x.extend(int32(i), following, &best) // #nosec G115 -- MaxDoors
			x.extend(int32(i), preceding, &best) // #nosec G115 -- MaxDoors
		}
	}
	return best
}

// extend looks at the runs that begin at a place.
func (x *exchanger) extend(first int32, dir int, best *chunk) {
	t := x.turf[first]
	o := 1 - t
	var others [4]int32
	n := 0
	for _, c := range x.near[first] {
		if x.turf[c] == o && n < len(others) {
			others[n] = c
			n++
		}
	}
	if n == 0 {
		return
	}
	before := x.ring[1-dir][first]
	last := first
	var weight int32
	var split int64
	var run [2]int32 // places of the block that is being passed, and the block
	run[1] = -1
	for length := 1; length <= longestChunk; length++ {
		if length > 1 {
			last = x.ring[dir][last]
		}
		after := x.ring[dir][last]
		if last == before || after == before {
			return
		}
		weight += x.weight[x.sites[last]]
		if x.size[t]-weight < x.lo || x.size[o]+weight > x.hi {
			return
		}
		fits := x.size[t]-weight <= x.hi && x.size[o]+weight >= x.lo
		if k := x.block[last]; k != run[1] {
			split += x.splits(run, t)
			run = [2]int32{1, k}
		} else {
			run[0]++
		}
		if !fits {
			continue
		}
		leave := x.m.cost(before, first) + x.m.cost(last, after) - x.m.cost(before, after) + split + x.splits(run, t)
		for _, c := range others[:n] {
			enter := leave - x.m.cost(first, c)
			if enter <= best.gain {
				continue
			}
			for d := range 2 {
				beyond := x.ring[d][c]
				if g := enter - x.m.cost(last, beyond) + x.m.cost(c, beyond); g > best.gain && !x.bans[[3]int32{first, last, c}] {
					*best = chunk{first, last, c, beyond, dir, g}
				}
			}
		}
	}
}

// splits is what is gained when so many places of a block leave turf t: the block is then no longer shared, or newly so.
func (x *exchanger) splits(run [2]int32, t int8) int64 {
	if run[1] < 0 {
		return 0
	}
	here, there := x.count[run[1]][t], x.count[run[1]][1-t]
	was, is := here > 0 && there > 0, here > run[0]
	switch {
	case was && !is:
		return splitCost
	case !was && is:
		return -splitCost
	default:
		return 0
	}
}

// apply makes a move, unless a turf would fall apart by it.
func (x *exchanger) apply(c chunk) bool {
	t := x.turf[c.first]
	before := x.pieces(0) + x.pieces(1)
	x.shift(c, t)
	if x.pieces(0)+x.pieces(1) <= before {
		x.relink(c)
		return true
	}
	x.shift(c, 1-t)
	return false
}

// shift counts the places of a chunk from turf t to the other. The rings stay.
func (x *exchanger) shift(c chunk, t int8) {
	for i := c.first; ; i = x.ring[c.dir][i] {
		x.turf[i] = 1 - t
		w := x.weight[x.sites[i]]
		x.size[t] -= w
		x.size[1-t] += w
		if k := x.block[i]; k >= 0 {
			x.count[k][t]--
			x.count[k][1-t]++
		}
		if i == c.last {
			return
		}
	}
}

// relink takes a chunk out of its ring and puts it between at and beyond.
func (x *exchanger) relink(c chunk) {
	var run []int32
	for i := c.first; ; i = x.ring[c.dir][i] {
		run = append(run, i)
		if i == c.last {
			break
		}
	}
	before, after := x.ring[1-c.dir][c.first], x.ring[c.dir][c.last]
	x.ring[c.dir][before], x.ring[1-c.dir][after] = after, before
	d := following
	if x.ring[following][c.at] != c.beyond {
		d = preceding
	}
	prev := c.at
	for _, i := range run {
		x.ring[d][prev], x.ring[1-d][i] = i, prev
		prev = i
	}
	x.ring[d][prev], x.ring[1-d][c.beyond] = c.beyond, prev
}

// pieces counts the parts into which a turf falls on its streets.
func (x *exchanger) pieces(t int8) int {
	x.touch.begin()
	for i := range x.sites {
		if x.turf[i] == t && x.stops[i].edge >= 0 {
			x.touch.add(x.stops[i].edge)
		}
	}
	return x.touch.pieces()
}

// keep makes the ring of a turf its walk, improved.
func (x *exchanger) keep(t int32, side int8) {
	var ring []int32
	first := int32(slices.Index(x.turf, side)) // #nosec G115 -- MaxDoors
	for i := first; ; {
		ring = append(ring, i)
		if i = x.ring[following][i]; i == first {
			break
		}
	}
	n := len(ring)
	x.sub.reset(n)
	sites := make([]int32, n)
	for a, i := range ring {
		sites[a] = x.sites[i]
		x.of[sites[a]] = t
		for b, j := range ring {
			x.sub.cm[a*n+b] = x.m.cm[int(i)*x.m.n+int(j)]
		}
	}
	order, _ := tsp.Solve(x.sub.problem(), nil, 0, 0)
	x.remember(int(t), order, sites, &x.sub)
}
