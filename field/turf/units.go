package turf

import (
	"cmp"
	"math"
	"slices"

	"github.com/openprecinct/precinct/field/turf/tsp"
	"github.com/openprecinct/precinct/internal/geo"
)

// unit is some buildings beside each other on one street: what is moved between turfs as a whole.
type unit struct {
	sites  []int32 // in order along the street
	at     geo.XY
	edge   int32
	weight int32
}

// partition is the units of a city and the turf each is in. Weights are doors, or hundredths of a minute.
type partition struct {
	g      *Ground
	lo, hi int32
	goal   int32
	units  []unit
	near   [][]int32 // by unit: units around it, nearest first
	of     []int32   // by unit: its turf, from 0
	size   []int32   // by turf: sum of weights
	sumX   []float64 // by turf: sum of weight·x
	sumY   []float64
	weight []int32 // by site
}

// runs makes units of at most most weight of the buildings along each street; an inner gap is where a run ends, rather
// than a row of doors, when both halves are large enough.
func (g *Ground) runs(sites []int32, weight []int32, most int32) []unit {
	sites = slices.Clone(sites)
	slices.SortFunc(sites, func(a, b int32) int {
		s, t := &g.sites[a], &g.sites[b]
		if c := cmp.Compare(s.edge, t.edge); c != 0 || s.edge < 0 {
			return cmp.Or(c, g.compareAddresses(a, b))
		}
		return cmp.Or(cmp.Compare(s.along, t.along), cmp.Compare(a, b))
	})
	var units []unit
	for from := 0; from < len(sites); {
		to := from + 1
		for to < len(sites) && g.together(sites[to-1], sites[to]) {
			to++
		}
		units = g.split(units, sites[from:to], weight, most)
		from = to
	}
	return units
}

// compareAddresses orders buildings on no street by street and number.
func (g *Ground) compareAddresses(a, b int32) int {
	d, e := g.doorOf(a), g.doorOf(b)
	return cmp.Or(cmp.Compare(d.Street, e.Street), cmp.Compare(d.Number, e.Number), cmp.Compare(a, b))
}

func (g *Ground) doorOf(s int32) *Door { return &g.city.Doors[g.order[g.sites[s].doors[0]]] }

// farOff is how far apart neighbours in the order of addresses, on no street, may be and still be one unit, in metres.
const farOff = 150

// together says whether two buildings, neighbours in the order of runs, may be in one unit.
func (g *Ground) together(a, b int32) bool {
	s, t := &g.sites[a], &g.sites[b]
	if s.edge != t.edge {
		return false
	}
	if s.edge >= 0 {
		return !g.net.cutBetween(s.edge, s.along, t.along)
	}
	d, e := g.doorOf(a), g.doorOf(b)
	return d.Street == e.Street && d.Number/100 == e.Number/100 && dist(s.at, t.at) <= farOff
}

// split cuts a row of buildings into as few units as their weight allows, about equal.
func (g *Ground) split(units []unit, row []int32, weight []int32, most int32) []unit {
	var total int32
	for _, s := range row {
		total += weight[s]
	}
	parts := (total + most - 1) / most
	for len(row) > 0 {
		share := (total + parts - 1) / max(1, parts)
		n, w := 1, weight[row[0]]
		for n < len(row) && (w+weight[row[n]] <= share || parts <= 1) {
			w += weight[row[n]]
			n++
		}
		units = append(units, g.newUnit(row[:n:n], weight))
		row, total, parts = row[n:], total-w, max(1, parts-1)
		if parts*most < total {
			parts++
		}
	}
	return units
}

func (g *Ground) newUnit(sites []int32, weight []int32) unit {
	u := unit{sites: sites, edge: g.sites[sites[0]].edge}
	for _, s := range sites {
		w := float64(weight[s])
		u.at.X += w * g.sites[s].at.X
		u.at.Y += w * g.sites[s].at.Y
		u.weight += weight[s]
	}
	u.at.X /= float64(u.weight)
	u.at.Y /= float64(u.weight)
	return u
}

// newPartition makes units of sites and finds who is near whom.
func (g *Ground) newPartition(sites []int32, weight []int32, lo, goal, hi int32) *partition {
	p := &partition{g: g, lo: lo, goal: goal, hi: hi, weight: weight}
	p.units = g.runs(sites, weight, max(1, (hi-lo)/2))
	x, y := make([]float64, len(p.units)), make([]float64, len(p.units))
	for i, u := range p.units {
		x[i], y[i] = u.at.X, u.at.Y
	}
	p.near = tsp.Around(x, y)
	p.of = make([]int32, len(p.units))
	return p
}

// open makes the sums for k turfs, as of says.
func (p *partition) open(k int) {
	p.size, p.sumX, p.sumY = make([]int32, k), make([]float64, k), make([]float64, k)
	for u, t := range p.of {
		p.add(t, u, 1)
	}
}

func (p *partition) add(t int32, u int, sign int32) {
	w := sign * p.units[u].weight
	p.size[t] += w
	p.sumX[t] += float64(w) * p.units[u].at.X
	p.sumY[t] += float64(w) * p.units[u].at.Y
}

func (p *partition) move(u int, to int32) {
	p.add(p.of[u], u, -1)
	p.of[u] = to
	p.add(to, u, 1)
}

// d2 returns the squared distance from unit u to the middle of turf t.
func (p *partition) d2(u int, t int32) float64 {
	w := float64(p.size[t])
	dx, dy := p.units[u].at.X-p.sumX[t]/w, p.units[u].at.Y-p.sumY[t]/w
	return float64(dx*dx) + float64(dy*dy)
}

// turfs returns the units of each turf, ascending.
func (p *partition) turfs() [][]int32 {
	all := make([][]int32, len(p.size))
	for u, t := range p.of {
		all[t] = append(all[t], int32(u)) // #nosec G115 -- MaxDoors
	}
	return all
}

// howMany chooses the number of turfs for a weight: the one nearest to the goal that keeps to the bounds, and where none
// does, the fewest that do not exceed the upper one.
func howMany(total int64, lo, goal, hi int32) (k int, fits bool) {
	if total == 0 {
		return 0, true
	}
	k = max(1, int(math.Round(float64(total)/float64(goal))))
	least := int((total + int64(hi) - 1) / int64(hi))
	most := int(total / int64(lo))
	if least <= most {
		return min(max(k, least), most), true
	}
	return max(1, least), false
}
