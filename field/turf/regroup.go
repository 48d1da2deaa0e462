package turf

import (
	"cmp"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/turf/tsp"
)

// Measures of regrouping: how many unions of turfs are tried for one that does not hang together, and how many trees for each.
const (
	mostUnions = 16
	treesEach  = 24
)

// regroup takes each turf that does not hang together with one or two of its neighbours and divides them anew, into as many
// that do: a spanning tree of what they hold is cut where sizes fit (DeFord, Duchin and Solomon 2021, recombination). Of the
// divisions found it keeps the one with the shortest walks, if they are not much longer. It says whether anything changed.
func (r *rounds) regroup() bool {
	x := r.worker(0)
	on := make([][]int32, len(r.g.net.edges)) // by street: sites
	for t := range r.walks {
		for _, s := range r.walks[t] {
			if e := r.g.sites[s].edge; e >= 0 {
				on[e] = append(on[e], s)
			}
		}
	}
	changed := false
	for t := range r.walks {
		t := int32(t) // #nosec G115 -- MaxDoors
		if x.apart(r.walks[t]) < 2 {
			continue
		}
		best := division{cost: math.MaxInt64}
		for _, union := range x.unions(t, on) {
			if d := x.divide(union); d.cost < best.cost {
				best = d
			}
		}
		if best.cost < 0 {
			r.settle(x, best)
			changed = true
		}
	}
	return changed
}

// division is a union of turfs divided anew; cost is what it costs in centimetres, less what it is worth.
type division struct {
	turfs []int32
	sites [][]int32
	cost  int64
}

// settle makes a division the turfs.
func (r *rounds) settle(x *exchanger, d division) {
	for i, t := range d.turfs {
		x.walk(int(t), d.sites[i])
		r.state[t]++
		for _, s := range d.sites[i] {
			r.of[s] = t
		}
	}
}

// apart counts the parts into which sites fall.
func (x *exchanger) apart(sites []int32) int {
	x.touch.begin()
	for _, s := range sites {
		if e := x.g.sites[s].edge; e >= 0 {
			x.touch.add(e)
		}
	}
	return x.touch.pieces()
}

// unions lists the turf with one or two of the turfs beside it, where fewer pieces may come of it.
func (x *exchanger) unions(t int32, on [][]int32) [][]int32 {
	var near []int32
	for _, s := range x.walks[t] {
		if e := x.g.sites[s].edge; e >= 0 {
			x.touch.beside(e, func(f int32) {
				for _, o := range on[f] {
					if o := x.rounds.of[o]; o != t && !slices.Contains(near, o) {
						near = append(near, o)
					}
				}
			})
		}
	}
	slices.Sort(near)
	var all [][]int32
	add := func(union ...int32) {
		var sites []int32
		parts := 0
		for _, u := range union {
			sites = append(sites, x.walks[u]...)
			parts += x.apart(x.walks[u])
		}
		if len(all) < mostUnions && x.apart(sites) <= max(1, parts-len(union)) {
			all = append(all, union)
		}
	}
	for _, a := range near {
		add(t, a)
	}
	for i, a := range near {
		for _, b := range near[i+1:] {
			add(t, a, b)
		}
	}
	return all
}

// divide divides a union of turfs as well as it can.
func (x *exchanger) divide(union []int32) division {
	d := division{turfs: union, cost: math.MaxInt64}
	var sites []int32
	var before int64
	for _, t := range union {
		sites = append(sites, x.walks[t]...)
		before += x.ways[t].around() + pieceWorth*int64(x.apart(x.walks[t])-1)
	}
	f := x.newForest(sites)
	groups := f.cut(len(union), tsp.Rand(uint64(union[0])+1)) // #nosec G115 -- a seed
	if groups == nil {
		return d
	}
	d.sites, d.cost = groups, -before
	for _, g := range groups {
		x.load(g)
		x.s.measure(&x.m, x.stops)
		_, loop := tsp.Solve(x.m.problem(), curve(x.stops), 0, 0)
		d.cost += loop + pieceWorth*int64(x.apart(g)-1)
	}
	return d
}

// around is the length of the round over stops in the order in which they are.
func (m *matrix) around() int64 {
	var cm int64
	for i := range m.n {
		cm += m.cost(int32(i), int32((i+1)%m.n)) // #nosec G115 -- MaxDoors
	}
	return cm
}

// forest is runs of buildings and what hangs together among them, of which spanning trees are made and cut.
type forest struct {
	p     *partition
	runs  []unit
	ties  []tie
	trees []int32 // by run: the one before it in the tree, -1 for the first
	order []int32 // runs, each after the one before it
	sum   []moment
}

// tie is two runs that hang together.
type tie struct {
	a, b int32
	far  float64
	rank float64 // in the tree that is made
}

func (x *exchanger) newForest(sites []int32) *forest {
	f := &forest{p: x.partition, runs: x.g.runs(sites, x.weight, max(1, (x.hi-x.lo)/2))}
	on := map[int32][]int32{}
	for i, u := range f.runs {
		on[u.edge] = append(on[u.edge], int32(i)) // #nosec G115 -- MaxDoors
	}
	have := map[[2]int32]bool{}
	for i, u := range f.runs {
		a := int32(i) // #nosec G115 -- MaxDoors
		add := func(b int32) {
			if pair := [2]int32{min(a, b), max(a, b)}; a != b && !have[pair] {
				have[pair] = true
				f.ties = append(f.ties, tie{a: pair[0], b: pair[1], far: dist(u.at, f.runs[b].at)})
			}
		}
		if u.edge < 0 { // what stands on no street hangs together with anything: with what is nearest
			add(f.nearest(a))
			continue
		}
		for _, b := range on[u.edge] {
			add(b)
		}
		x.touch.beside(u.edge, func(e int32) {
			for _, b := range on[e] {
				add(b)
			}
		})
	}
	f.bridge()
	return f
}

// bridge ties what does not hang together where it is nearest, so that there is a tree: what falls apart then falls apart there.
func (f *forest) bridge() {
	with := newSets(len(f.runs))
	for _, t := range f.ties {
		with.join(t.a, t.b)
	}
	for {
		best := tie{far: math.Inf(1)}
		for a := range f.runs {
			for b := range a {
				if a, b := int32(a), int32(b); with.find(a) != with.find(b) { // #nosec G115 -- MaxDoors
					if far := dist(f.runs[a].at, f.runs[b].at); far < best.far {
						best = tie{a: b, b: a, far: far}
					}
				}
			}
		}
		if math.IsInf(best.far, 1) {
			return
		}
		with.join(best.a, best.b)
		f.ties = append(f.ties, best)
	}
}

func (f *forest) nearest(a int32) int32 {
	best, at := math.Inf(1), a
	for b := range f.runs {
		if d := square(f.runs[a].at, f.runs[b].at); int32(b) != a && d < best { // #nosec G115 -- MaxDoors
			best, at = d, int32(b) // #nosec G115 -- MaxDoors
		}
	}
	return at
}

// moment is the weight of runs, and how far they are spread.
type moment struct {
	w          int32
	x, y, both float64
}

func (m moment) plus(o moment, sign int32) moment {
	s := float64(sign)
	return moment{m.w + sign*o.w, m.x + s*o.x, m.y + s*o.y, m.both + s*o.both}
}

// spread is the sum of squared distances to the middle, weighted.
func (m moment) spread() float64 {
	if m.w == 0 {
		return 0
	}
	return m.both - (m.x*m.x+m.y*m.y)/float64(m.w)
}

// cut divides the runs into k groups of sites that hang together and fit, the most compact of several trees'; nil when none does.
func (f *forest) cut(k int, rand tsp.Rand) [][]int32 {
	least := math.Inf(1)
	var groups [][]int32
	for range treesEach {
		f.grow(&rand)
		if a, b, spread := f.places(k); spread < least {
			least, groups = spread, f.groups(k, a, b)
		}
	}
	return groups
}

// grow makes a spanning tree, rather of short ties, and sums up what is behind each run.
func (f *forest) grow(rand *tsp.Rand) {
	for i := range f.ties {
		f.ties[i].rank = f.ties[i].far * (0.5 + rand.Float())
	}
	slices.SortFunc(f.ties, func(s, t tie) int {
		return cmp.Or(cmp.Compare(s.rank, t.rank), cmp.Compare(s.a, t.a), cmp.Compare(s.b, t.b))
	})
	n := len(f.runs)
	with, beside := newSets(n), make([][]int32, n)
	for _, t := range f.ties {
		if with.join(t.a, t.b) {
			beside[t.a], beside[t.b] = append(beside[t.a], t.b), append(beside[t.b], t.a)
		}
	}
	f.trees, f.order, f.sum = make([]int32, n), f.order[:0], make([]moment, n)
	f.trees[0] = -1
	f.order = append(f.order, 0)
	for i := 0; i < len(f.order); i++ {
		for _, b := range beside[f.order[i]] {
			if b != f.trees[f.order[i]] {
				f.trees[b] = f.order[i]
				f.order = append(f.order, b)
			}
		}
	}
	for _, a := range slices.Backward(f.order) {
		u := &f.runs[a]
		w := float64(u.weight)
		f.sum[a] = f.sum[a].plus(moment{u.weight, w * u.at.X, w * u.at.Y, w * (u.at.X*u.at.X + u.at.Y*u.at.Y)}, 1)
		if p := f.trees[a]; p >= 0 {
			f.sum[p] = f.sum[p].plus(f.sum[a], 1)
		}
	}
}

// places finds the best run, or for three groups the best two, behind which to cut the tree; the spread is infinite when none fits.
func (f *forest) places(k int) (a, b int32, spread float64) {
	spread = math.Inf(1)
	all := f.sum[0]
	fits := func(m moment) bool { return m.w >= f.p.lo && m.w <= f.p.hi }
	for i := 1; i < len(f.order); i++ {
		c := f.order[i]
		if k == 2 {
			if o := all.plus(f.sum[c], -1); fits(f.sum[c]) && fits(o) && f.sum[c].spread()+o.spread() < spread {
				a, b, spread = c, -1, f.sum[c].spread()+o.spread()
			}
			continue
		}
		for j := i + 1; j < len(f.order); j++ {
			d := f.order[j]
			m, o := f.sum[c], f.sum[d]
			if f.behind(d, c) {
				m = m.plus(o, -1)
			}
			rest := all.plus(m, -1).plus(o, -1)
			if fits(m) && fits(o) && fits(rest) && m.spread()+o.spread()+rest.spread() < spread {
				a, b, spread = c, d, m.spread()+o.spread()+rest.spread()
			}
		}
	}
	return a, b, spread
}

// behind says whether a run is reached by way of another, or is it.
func (f *forest) behind(a, b int32) bool {
	for a >= 0 && a != b {
		a = f.trees[a]
	}
	return a == b
}

// groups are the sites of the parts when the tree is cut at a, and at b.
func (f *forest) groups(k int, a, b int32) [][]int32 {
	groups := make([][]int32, k)
	for i, u := range f.runs {
		at := 0
		switch i := int32(i); { // #nosec G115 -- MaxDoors
		case b >= 0 && f.behind(i, b):
			at = 2
		case f.behind(i, a):
			at = 1
		}
		groups[at] = append(groups[at], u.sites...)
	}
	return groups
}
