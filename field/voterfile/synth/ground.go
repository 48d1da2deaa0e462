package synth

import (
	"cmp"
	"slices"
)

// The ground is one lattice for the whole state. Its unit is the cell, 800 m square before the ground is warped a little.
// Counties are blocks of cells, towns are heaps of cells inside a county, and a town's cell is one precinct of 8×8 street
// blocks. The rest of a county is cut into a few rural precincts. All borders run along the lattice, so that shapes share
// their corners exactly. Lengths are whole centimetres: integers are the same on every machine.
const (
	cellSize  = 80_000 // cm
	perCell   = 8      // street blocks along a cell
	doorsCell = 720    // doors a full town cell holds on average, see segments.go
)

// land says how a state's counties are laid out and where on the globe.
type land struct {
	cols, rows    int // counties
	width, height int // cells per county
	west, south   int // 1e-7 degrees: the south-west corner
	degreeLon     int // cm per degree of longitude in the middle of the state
	zip           int // first ZIP code
	areaCodes     []int
	fips          string
	congress      int // districts
	senate, house int
	city          string // the county of the big city
}

// degreeLat is the length of one degree of latitude in cm, as in package geo.
const degreeLat = 11_057_400

// cell is the position of a cell or of the lattice corner south-west of it.
type cell struct{ x, y int }

// county is one county on the ground.
type county struct {
	countyRow
	index    int // from 0, in the state's order
	from, to cell
	voters   int
	towns    []int // indexes of State.towns; the county seat first
	first    int   // first of its precincts
	count    int   // of its precincts
	rural    int   // voters outside towns
}

// town is a place with a street grid.
type town struct {
	county    int
	name      string // upper case
	middle    cell   // where its two main streets cross
	cells     []cell
	blocks    int // street blocks along a side when the town is smaller than one cell
	voters    int
	zip       int
	compass   bool // numbers count from the middle, with N, S, E and W before street names
	river     bool
	riverSide int // cells east of the middle
}

// precinct is one election precinct.
type precinct struct {
	county, town int // town is -1 outside towns
	zip          int
	code, name   string
	weight       int // voters expected
	at           cell
	districts    districtSet
}

func (s *State) layCounties(rows []countyRow) {
	l := s.land
	share := s.shares(rows)
	at := 0
	for r := range l.rows {
		n := min(l.cols, len(rows)-at)
		if r == l.rows-1 {
			n = len(rows) - at
		}
		total := l.cols * l.width
		cut := func(i int) int {
			if i == 0 || i == n {
				return total * i / n
			}
			return total*i/n + below(mix2(s.opts.Seed, uint64(r*100+i)), 9) - 4
		}
		for i := range n {
			c := county{countyRow: rows[at], index: at, voters: share[at]}
			c.from, c.to = cell{cut(i), r * l.height}, cell{cut(i + 1), (r + 1) * l.height}
			s.counties = append(s.counties, c)
			at++
		}
	}
}

// shares splits the voters among the counties by weight, the remainder to the largest fractions. A small state gives its
// big city's county more than its share, so that there is a city to look at.
func (s *State) shares(rows []countyRow) []int {
	total, city := 0, 0
	for i, r := range rows {
		total += r.weight
		if r.name == s.land.city {
			city = i
		}
	}
	n := s.opts.Voters
	out := make([]int, len(rows))
	fixed := max(n*rows[city].weight/total, min(n*2/5, 20_000))
	rest, weights := n-fixed, total-rows[city].weight
	left := rest
	order := make([]int, 0, len(rows))
	for i, r := range rows {
		if i != city {
			out[i] = rest * r.weight / weights
			left -= out[i]
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(rest*rows[b].weight%weights, rest*rows[a].weight%weights)
	})
	for i := range left {
		out[order[i%len(order)]]++
	}
	out[city] = fixed
	return out
}

// layTowns places each county's towns around its middle, which lies on the row's highway.
func (s *State) layTowns() {
	for i := range s.counties {
		c := &s.counties[i]
		r := newChance(s.opts.Seed, 'T', uint64(i))
		middle := cell{(c.from.x+c.to.x)/2 + r.in(-2, 2), s.highway(c)}
		big := c.name == s.land.city
		inTowns := c.voters * r.in(50, 68) / 100
		if big {
			inTowns = c.voters * 93 / 100
		}
		for p, share := range townShares(c.voters, big) {
			at := middle
			if p > 0 {
				at = s.siteNear(c, r, p, big)
			}
			s.addTown(c, r, at, inTowns*share/100)
		}
		c.rural = c.voters - inTowns
	}
}

// highway is the row of the lattice that the highway through a county's row of counties follows.
func (s *State) highway(c *county) int { return c.from.y + s.land.height/2 }

// townShares returns how the voters in towns divide among a county's towns, in percent.
func townShares(voters int, big bool) []int {
	switch {
	case big:
		return []int{86, 9, 5}
	case voters > 6000:
		return []int{72, 17, 11}
	case voters > 1500:
		return []int{74, 26}
	}
	return []int{100}
}

// siteNear picks the site of a county's second or third town, away from the middle and from the border; a big city's
// suburbs lie near it.
func (s *State) siteNear(c *county, r *chance, p int, big bool) cell {
	w, h := c.to.x-c.from.x, c.to.y-c.from.y
	if city := s.towns[c.towns[0]]; big {
		away := 3
		for away*away < len(city.cells) {
			away++
		}
		if p == 2 {
			return cell{city.middle.x - away, city.middle.y - away/2 - r.in(1, 3)}
		}
		return cell{city.middle.x + away/2 + r.in(1, 2), city.middle.y + away}
	}
	at := cell{c.from.x + w/5 + r.in(0, w/10), c.from.y + h/6 + r.in(0, h/10)}
	if p == 2 {
		at = cell{c.to.x - w/5 - r.in(0, w/10), c.to.y - h/6 - r.in(0, h/10)}
	}
	return at
}

func (s *State) addTown(c *county, r *chance, at cell, voters int) {
	doors := voters*10/18 + 8
	t := town{county: c.index, middle: at, voters: voters, compass: r.permille(600), zip: s.nextZIP}
	want := max(1, (doors+doorsCell/2)/doorsCell)
	if want == 1 {
		t.blocks = 2
		for t.blocks < perCell && t.blocks*t.blocks*16 < doors {
			t.blocks++
		}
		t.cells = []cell{at}
		if s.owner(at) != 0 {
			t.cells = s.heap(c, r, at, 1)
		}
	} else {
		t.cells = s.heap(c, r, at, want)
	}
	t.river = len(t.cells) >= 6
	for t.riverSide = 1; t.riverSide*t.riverSide*14 < len(t.cells); t.riverSide++ {
	}
	s.nextZIP += 1 + len(t.cells)/8
	t.name = s.townName(r)
	c.towns = append(c.towns, len(s.towns))
	s.towns = append(s.towns, t)
	for _, k := range t.cells {
		s.setOwner(k, len(s.towns)) // towns are marked by 1 + index until precincts are cut
	}
}

// heap takes the free cells nearest to the middle, with some noise so that the town's edge is ragged.
func (s *State) heap(c *county, r *chance, at cell, want int) []cell {
	type site struct {
		cell
		d int
	}
	var all []site
	for y := c.from.y + 1; y < c.to.y-1; y++ {
		for x := c.from.x + 1; x < c.to.x-1; x++ {
			if s.owner(cell{x, y}) != 0 {
				continue
			}
			// The middle is a corner; distances are to the centre of the cell, in half cells.
			dx, dy := 2*(x-at.x)+1, 2*(y-at.y)+1
			all = append(all, site{cell{x, y}, (dx*dx + dy*dy) * (100 + r.n(90))})
		}
	}
	slices.SortFunc(all, func(a, b site) int {
		return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
	out := make([]cell, 0, want)
	for _, k := range all[:min(want, len(all))] {
		out = append(out, k.cell)
	}
	return out
}

// townName returns a name no other town of the state has.
func (s *State) townName(r *chance) string {
	for try := 0; ; try++ {
		a, b := townFirst[r.n(len(townFirst))], townSecond[r.n(len(townSecond))]
		name := a + b
		if len(b) > 5 || a == "MOUNT" || a == "NEW" || a == "NORTH" {
			name = a + " " + b
		}
		if try > 8 {
			name = "NEW " + name
		}
		if !s.names[name] {
			s.names[name] = true
			return name
		}
	}
}

// cutPrecincts gives every cell its precinct: one per town cell, and a few rural rectangles.
func (s *State) cutPrecincts() {
	for i := range s.counties {
		c := &s.counties[i]
		c.first = len(s.precincts)
		owned := make(map[cell]int)
		for n, t := range c.towns {
			s.cutTown(c, n, t, owned)
		}
		s.cutRural(c, owned)
		c.count = len(s.precincts) - c.first
	}
}

func (s *State) cutTown(c *county, n, t int, owned map[cell]int) {
	for k, at := range s.towns[t].cells {
		owned[at] = len(s.precincts)
		s.precincts = append(s.precincts, precinct{county: c.index, town: t, at: at, zip: s.towns[t].zip + k/8,
			code: two(n+1) + "-" + two(k+1), name: s.towns[t].name + " " + itoa(k+1), weight: s.towns[t].voters / len(s.towns[t].cells)})
	}
}

func (s *State) cutRural(c *county, owned map[cell]int) {
	across, down := 1, 1
	for across*down*1500 < c.rural && across*down < 12 {
		if across <= down {
			across++
		} else {
			down++
		}
	}
	first := len(s.precincts)
	w, h := c.to.x-c.from.x, c.to.y-c.from.y
	for n := range across * down {
		at := cell{c.from.x + w*(2*(n%across)+1)/(2*across), c.from.y + h*(2*(n/across)+1)/(2*down)}
		s.precincts = append(s.precincts, precinct{county: c.index, town: -1, at: at, zip: s.towns[c.towns[0]].zip,
			code: "00-" + two(n+1), name: c.name + " RURAL " + itoa(n+1), weight: c.rural / (across * down)})
	}
	for y := c.from.y; y < c.to.y; y++ {
		for x := c.from.x; x < c.to.x; x++ {
			p, ok := owned[cell{x, y}]
			if !ok {
				p = first + (x-c.from.x)*across/w + (y-c.from.y)*down/h*across
			}
			s.setOwner(cell{x, y}, p)
		}
	}
}

func two(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

func (s *State) width() int  { return s.land.cols * s.land.width }
func (s *State) height() int { return s.land.rows * s.land.height }

// owner returns the precinct of a cell, or -1 outside the state.
func (s *State) owner(k cell) int {
	if k.x < 0 || k.y < 0 || k.x >= s.width() || k.y >= s.height() {
		return -1
	}
	return int(s.cells[k.y*s.width()+k.x])
}

func (s *State) setOwner(k cell, p int) { s.cells[k.y*s.width()+k.x] = int32(p) }
