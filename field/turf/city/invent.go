package city

import (
	"fmt"
	"math"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/tsp"
	"github.com/openprecinct/precinct/internal/geo"
)

// Options say which city is made up.
type Options struct {
	Doors int    // doors of the list, about; 0: 3,000
	Seed  uint64 // the same seed makes the same city
}

// Measures of the cities made up here, in metres.
const (
	blockWide   = 135.0
	blockDeep   = 95.0
	jitter      = 12.0
	mainEvery   = 8 // each eighth line is an arterial
	setback     = 9.0
	perBlock    = 100 // house numbers
	precinctOf  = 8   // blocks a side
	riverWide   = 70.0
	bridgeEvery = 14 // columns
)

// inventor holds what a city under construction is made from.
type inventor struct {
	rand       tsp.Rand
	cols, rows int
	node       []int32 // by crossing of the lines; -1 in river and parks
	rates      map[[2]int]float64
	park       map[[2]int]bool
	lots       []lot // by edge
	city       *City
}

// Invent makes up a city: a jittered grid with an arterial every eighth line, streets that end at others, a river with a
// few bridges, parks, an inner city, suburbs and farms, houses of flats, odd numbers on one side and even ones on the
// other, a hundred numbers a block, and of each precinct a share of the doors between 35 and 90 %.
func Invent(o Options) *City {
	if o.Doors <= 0 {
		o.Doors = 3000
	}
	side := max(6, int(math.Round(math.Sqrt(float64(o.Doors)/9.2))))
	v := &inventor{rand: tsp.Rand(o.Seed*0x9e37 + 17), cols: side, rows: side, rates: map[[2]int]float64{}, park: map[[2]int]bool{}, city: &City{}}
	for range side * side / 120 {
		x, y := v.rand.Intn(side), v.rand.Intn(side)
		for k := range 4 {
			v.park[[2]int{x + k%2, y + k/2}] = true
		}
	}
	v.crossings()
	v.streets()
	v.houses()
	return v.city
}

// river says how far the middle of the river is from the bottom line at a column, in metres.
func (v *inventor) river(col int) float64 {
	t := float64(col) / float64(v.cols)
	return (0.42 + 0.08*math.Sin(7*t)) * float64(v.rows) * blockDeep
}

func (v *inventor) spread() float64 { return (2*v.rand.Float() - 1) * jitter }

func (v *inventor) crossings() {
	v.node = make([]int32, v.cols*v.rows)
	for row := range v.rows {
		for col := range v.cols {
			at := geo.XY{X: float64(col)*blockWide + v.spread(), Y: float64(row)*blockDeep + v.spread()}
			k := row*v.cols + col
			v.node[k] = -1
			if math.Abs(at.Y-v.river(col)) < riverWide || v.park[[2]int{col, row}] {
				continue
			}
			v.node[k] = int32(len(v.city.Nodes)) // #nosec G115 -- some thousands
			v.city.Nodes = append(v.city.Nodes, at)
		}
	}
}

// zone is how built up the place between two crossings is: 0 inner city, 1 suburb, 2 farms.
func (v *inventor) zone(col, row int) int {
	x, y := float64(col)/float64(v.cols)-0.45, float64(row)/float64(v.rows)-0.55
	r := math.Hypot(x, y) + 0.05*math.Sin(float64(col)*0.9)*math.Cos(float64(row)*0.7)
	switch {
	case r < 0.16:
		return 0
	case r < 0.40:
		return 1
	default:
		return 2
	}
}

func (v *inventor) streets() {
	for row := range v.rows {
		for col := range v.cols {
			a := v.node[row*v.cols+col]
			if a < 0 {
				continue
			}
			if col+1 < v.cols {
				v.street(a, v.node[row*v.cols+col+1], col, row, row%mainEvery == 0, avenue(row), col)
			}
			if row+1 < v.rows {
				b := v.node[(row+1)*v.cols+col]
				for up := row + 2; b < 0 && up < v.rows && col%bridgeEvery == bridgeEvery/2; up++ { // a bridge
					b = v.node[up*v.cols+col]
				}
				v.street(a, b, col, row, col%mainEvery == 0, fmt.Sprintf("%d St", col+1), row)
			}
		}
	}
}

func avenue(row int) string {
	names := []string{"Oak", "Elm", "Pine", "Cedar", "Ash", "Birch", "Walnut", "Cherry", "Poplar", "Linden", "Laurel", "Hazel"}
	if row < len(names) {
		return names[row] + " Ave"
	}
	return fmt.Sprintf("%s %d Ave", names[row%len(names)], row/len(names)+1)
}

func (v *inventor) street(a, b int32, col, row int, main bool, name string, block int) {
	zone := v.zone(col, row)
	if b < 0 || !main && v.rand.Float() < [3]float64{0.06, 0.14, 0.4}[zone] {
		return
	}
	p, q := v.city.Nodes[a], v.city.Nodes[b]
	long := math.Hypot(p.X-q.X, p.Y-q.Y)
	e := turf.Edge{From: a, To: b, Metres: tenths(long), Name: name}
	if main {
		e.Class = turf.Arterial
	}
	v.city.Edges = append(v.city.Edges, e)
	v.lots = append(v.lots, lot{zone, col, row, block, long > 3*blockDeep})
}

// lot is what is built along a street.
type lot struct {
	zone, col, row, block int
	bridge                bool // nobody lives on it
}

// houses puts doors on the streets that hang together with most others.
func (v *inventor) houses() {
	part := make([]int32, len(v.city.Nodes))
	for i := range part {
		part[i] = int32(i) // #nosec G115 -- some thousands
	}
	find := func(n int32) int32 {
		for part[n] != n {
			part[n] = part[part[n]]
			n = part[n]
		}
		return n
	}
	for _, e := range v.city.Edges {
		part[find(e.From)] = find(e.To)
	}
	size := map[int32]int{}
	most := int32(0)
	for i := range part {
		p := find(int32(i)) // #nosec G115 -- some thousands
		if size[p]++; size[p] > size[most] {
			most = p
		}
	}
	for i, l := range v.lots {
		if !l.bridge && find(v.city.Edges[i].From) == most {
			v.build(int32(i), l) // #nosec G115 -- some thousands
		}
	}
}

// build puts doors on both sides of a street.
func (v *inventor) build(edge int32, l lot) {
	zone, col, row, block := l.zone, l.col, l.row, l.block
	e := v.city.Edges[edge]
	p, q := v.city.Nodes[e.From], v.city.Nodes[e.To]
	precinct := [2]int{col / precinctOf, row / precinctOf}
	rate, ok := v.rates[precinct]
	if !ok {
		rate = 0.35 + 0.55*v.rand.Float()
		v.rates[precinct] = rate
	}
	name := fmt.Sprintf("P%02d%02d", precinct[0], precinct[1])
	width := [3]float64{10, 19, 55}[zone] * (0.85 + 0.3*v.rand.Float())
	if e.Class == turf.Arterial {
		width *= 2
	}
	for side := range 2 {
		for along := 8 + 6*v.rand.Float(); along < e.Metres-6; along += width {
			flats := 1
			if r := v.rand.Float(); zone == 0 && r < 0.035 || zone == 1 && r < 0.006 {
				flats = 4 + v.rand.Intn(20)
			}
			number := block*perBlock + 2*int(along/e.Metres*float64(perBlock/2)) + side
			at := v.beside(p, q, along/e.Metres, side)
			for f := range flats {
				if v.rand.Float() >= rate {
					continue
				}
				unit := ""
				if flats > 1 {
					unit = fmt.Sprintf("#%d", f+1)
				}
				v.city.City.Doors = append(v.city.City.Doors, turf.Door{Key: uint64(len(v.city.Doors)), At: at, Edge: edge, Side: int8(side),
					Along: tenths(along), Number: number, Street: e.Name})
				v.city.Doors = append(v.city.Doors, Door{Unit: unit, Precinct: name})
			}
		}
	}
}

func (v *inventor) beside(p, q geo.XY, share float64, side int) geo.XY {
	dx, dy := q.X-p.X, q.Y-p.Y
	long := math.Hypot(dx, dy)
	off := setback
	if side == 1 {
		off = -setback
	}
	return geo.XY{X: tenths(p.X + share*dx - off*dy/long), Y: tenths(p.Y + share*dy + off*dx/long)}
}

// tenths rounds to what the tables hold.
func tenths(m float64) float64 { return math.Round(m*10) / 10 }
