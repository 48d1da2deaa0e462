package turf

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/turf/tsp"
	"github.com/openprecinct/precinct/internal/geo"
)

// Cut shares all doors out over turfs.
func (g *Ground) Cut(ctx context.Context, r Rules) (Plan, error) {
	r, err := r.Check()
	if err != nil {
		return Plan{}, err
	}
	go g.cells() // colours need them at the end; until then much of the work is for one processor
	turfs, err := g.cut(ctx, r, 1)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Rules: r, Turfs: turfs, Next: len(turfs) + 1}
	g.colour(&p)
	return p, nil
}

// cut makes turfs of all sites, numbered from first.
func (g *Ground) cut(ctx context.Context, r Rules, first int) ([]Turf, error) {
	groups, err := g.share(ctx, r)
	if err != nil {
		return nil, err
	}
	turfs, err := g.walks(ctx, r, groups)
	if err != nil {
		return nil, err
	}
	inMapOrder(turfs)
	for i := range turfs {
		turfs[i].ID = first + i
		turfs[i].Why = g.why(r, &turfs[i])
	}
	return turfs, nil
}

// walks makes a turf of each group of sites, which come in the order of a first walk unless the cut was quick.
func (g *Ground) walks(ctx context.Context, r Rules, groups [][]int32) ([]Turf, error) {
	turfs := make([]Turf, len(groups))
	inParts(len(groups), worthSurveyor, func(int) func(int) {
		s := newSurveyor(g)
		touch := newContact(&g.net)
		var m matrix
		return func(t int) {
			if ctx.Err() == nil {
				w := s.tour(g.doorsOf(groups[t]), !r.Quick, &m, r.kicks(), r.Seed)
				turfs[t] = g.turf(0, &w, touch)
			}
		}
	})
	return turfs, ctx.Err()
}

// share divides the sites into groups by the rules. Buildings larger than a turf may be are groups of their own.
func (g *Ground) share(ctx context.Context, r Rules) ([][]int32, error) {
	var groups [][]int32
	var sites []int32
	for s := range g.sites {
		s := int32(s) // #nosec G115 -- MaxDoors
		if r.By == ByDoors && int(g.sites[s].weight) > r.Max || r.By == ByMinutes && Minutes(0, int(g.sites[s].weight)) > float64(r.Max) {
			groups = append(groups, []int32{s})
		} else {
			sites = append(sites, s)
		}
	}
	if len(sites) == 0 {
		return groups, ctx.Err()
	}
	if r.By == ByMinutes {
		shared, err := g.shareMinutes(ctx, r, sites)
		return append(groups, shared...), err
	}
	p := g.newPartition(sites, g.weights(), int32(r.Min), int32(r.Target), int32(r.Max)) // #nosec G115 -- checked
	shared, err := p.share(ctx, r)
	return append(groups, shared...), err
}

// share divides the units of a partition into groups of sites.
func (p *partition) share(ctx context.Context, r Rules) ([][]int32, error) {
	k := 0
	parts := p.parts()
	p.keepApart(parts)
	for _, part := range parts {
		n, _ := howMany(p.sum(part), p.lo, p.goal, p.hi)
		p.bisect(part, n, int32(k)) // #nosec G115 -- MaxDoors
		k += n
	}
	p.open(k)
	p.refine()
	p.balance()
	p.repair()
	if r.Quick {
		groups := p.turfs()
		for t, units := range groups {
			groups[t] = p.sites(units)
		}
		return p.filled(groups), ctx.Err()
	}
	x, err := p.exchange(ctx)
	if err != nil {
		return nil, err
	}
	return p.filled(x.walks), nil
}

// filled leaves out groups without sites: there are some when there are fewer units than turfs.
func (p *partition) filled(groups [][]int32) [][]int32 {
	return slices.DeleteFunc(groups, func(s []int32) bool { return len(s) == 0 })
}

// Rounds of cutting by minutes: the walk of a door is known only when its turf is.
const minuteRounds = 4

// shareMinutes cuts, looks how long the walks are, gives each door its share of its walk, and cuts again. Of the rounds it
// returns the one with the most turfs in bounds. Weights are hundredths of a minute.
func (g *Ground) shareMinutes(ctx context.Context, r Rules, sites []int32) ([][]int32, error) {
	weight := make([]int32, len(g.sites))
	for _, s := range sites {
		weight[s] = hundredths(Minutes(usualLeg*float64(len(g.sites[s].doors)), len(g.sites[s].doors)))
	}
	best, bestIn := [][]int32(nil), -1.0
	for range minuteRounds {
		p := g.newPartition(sites, weight, int32(100*r.Min), int32(100*r.Target), int32(100*r.Max)) // #nosec G115 -- checked
		groups, err := p.share(ctx, r)
		if err != nil {
			return nil, err
		}
		turfs, err := g.walks(ctx, r, groups)
		if err != nil {
			return nil, err
		}
		in := 0
		for t := range turfs {
			if r.within(&turfs[t]) {
				in++
			}
			g.reweigh(weight, groups[t], &turfs[t])
		}
		if share := float64(in) / float64(len(turfs)); share > bestIn {
			best, bestIn = groups, share
		}
		if in == len(turfs) {
			break
		}
	}
	return best, nil
}

// usualLeg is what a door costs in metres of walking before anything is known.
const usualLeg = 30

func hundredths(minutes float64) int32 { return max(1, int32(math.Round(100*minutes))) }

// reweigh gives each door its share of the walk of its turf, half of it at once, so that rounds do not swing.
func (g *Ground) reweigh(weight, sites []int32, t *Turf) {
	perDoor := t.Minutes / float64(len(t.Doors))
	for _, s := range sites {
		weight[s] = (weight[s] + hundredths(perDoor*float64(len(g.sites[s].doors)))) / 2
	}
}

func (g *Ground) doorsOf(sites []int32) []int32 {
	var all []int32
	for _, s := range sites {
		all = append(all, g.sites[s].doors...)
	}
	return all
}

// turf makes a Turf of a walk.
func (g *Ground) turf(id int, t *tour, touch *contact) Turf {
	doors := t.doors(g)
	u := Turf{ID: id, Hue: -1, Doors: make([]int32, len(doors)), Loop: metres(t.loop), Path: metres(t.loop - t.long), Longest: metres(t.long)}
	var mean geo.XY
	for i, k := range doors {
		u.Doors[i] = g.order[k]
		u.Size += int(g.doors[k].weight)
		mean.X += g.doors[k].at.X / float64(len(doors))
		mean.Y += g.doors[k].at.Y / float64(len(doors))
	}
	u.Minutes = math.Round(10*Minutes(u.Loop, len(doors))) / 10
	nearest := math.Inf(1)
	for _, k := range doors {
		if d := square(g.doors[k].at, mean); d < nearest {
			nearest, u.Centre = d, g.doors[k].at
		}
	}
	touch.begin()
	for i := range t.stops {
		if e := t.stops[i].edge; e >= 0 {
			touch.add(e)
		}
	}
	u.Whole = touch.pieces() <= 1
	u.Main = g.crossesMain(t)
	return u
}

// crossesMain says whether somewhere in the walk two doors in a row lie across a main street from each other.
func (g *Ground) crossesMain(t *tour) bool {
	for i, c := range t.order {
		a, b := &t.stops[c], &t.stops[t.order[(i+1)%len(t.order)]]
		if a.edge >= 0 && a.edge == b.edge && a.side != b.side && g.net.edges[a.edge].main {
			return true
		}
	}
	return false
}

// why says why a turf just cut is out of bounds.
func (g *Ground) why(r Rules, t *Turf) Why {
	if r.within(t) {
		return ""
	}
	large := t.Size > r.Max
	if r.By == ByMinutes {
		large = t.Minutes > float64(r.Max)
	}
	first := g.doors[g.inner[t.Doors[0]]].site
	oneSite := !slices.ContainsFunc(t.Doors, func(i int32) bool { return g.doors[g.inner[i]].site != first })
	switch {
	case large && oneSite:
		return WhyBuilding
	case large && r.By == ByMinutes && len(t.Doors) < r.Target/2:
		return WhyFar
	case large:
		return WhyShare
	case !large && len(g.doors) < r.Min:
		return WhyFew
	default:
		return WhyShare
	}
}

// inMapOrder sorts turfs along a Hilbert curve through their centres, so that those beside each other in the list mostly
// are on the map.
func inMapOrder(turfs []Turf) {
	x, y := make([]float64, len(turfs)), make([]float64, len(turfs))
	for i, t := range turfs {
		x[i], y[i] = t.Centre.X, -t.Centre.Y // from the north-west
	}
	order := tsp.Hilbert(x, y)
	sorted := make([]Turf, len(turfs))
	for i, t := range order {
		sorted[i] = turfs[t]
	}
	copy(turfs, sorted)
}

// Renumber gives turfs the IDs 1, 2, 3, … in the order of Cut.
func (g *Ground) Renumber(p Plan) Plan {
	p.Turfs = slices.Clone(p.Turfs)
	inMapOrder(p.Turfs)
	is := map[int]int{}
	for i := range p.Turfs {
		is[p.Turfs[i].ID] = i + 1
	}
	for i := range p.Turfs {
		t := &p.Turfs[i]
		t.ID = i + 1
		near := make([]int, 0, len(t.Near))
		for _, id := range t.Near {
			near = append(near, is[id])
		}
		slices.SortFunc(near, cmp.Compare[int])
		t.Near = near
	}
	p.Next = len(p.Turfs) + 1
	return p
}
