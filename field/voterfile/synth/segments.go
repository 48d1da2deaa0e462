package synth

// segment is one stretch of street between two crossings, as one edge of a street file. Odd numbers stand on its left.
type segment struct {
	a, b        spot
	from, to    node
	street      int // index of streets.all
	pre         string
	low, span   int // numbers run from low to low+span+1
	left, right side
	class       string // MTFCC: S1100, S1200 main roads, S1400 local streets
	town        int    // -1 outside towns
	off         int    // cm from the middle of the street to a door
	tlid        int
}

// side is one side of a segment.
type side struct {
	precinct int // -1: nobody lives there
	lots     int
	units    int // of the apartment house on the lot in the middle, 0 without one
}

func (d side) doors() int {
	if d.units > 0 {
		return d.lots - 1 + d.units
	}
	return d.lots
}

// street is a name with its type.
type street struct{ name, kind string }

// plat is the ground of one county while it is written: its segments and the names of its streets.
type plat struct {
	s        *State
	c        *county
	r        *chance
	segments []segment
	streets  []street
	names    map[street]bool
	byLine   map[lineKey]int
	used     map[node]bool // crossings of rural roads
	mains    int           // main streets named
	doors    int
}

// lineKey is a stretch of one line of a town's lattice that carries one name.
type lineKey struct {
	town, line, part int
	vertical         bool
}

// survey draws the streets of a county.
func (s *State) survey(c *county) *plat {
	p := &plat{s: s, c: c, r: newChance(s.opts.Seed, 'S', uint64(c.index)), names: map[street]bool{}, byLine: map[lineKey]int{}, used: map[node]bool{}}
	for _, t := range c.towns {
		for _, k := range s.towns[t].cells {
			p.townCell(t, k)
		}
	}
	p.ruralRoads()
	p.fill()
	return p
}

// density is how close the doors stand: 0 at the edge of a town, 2 in its middle. It falls with the distance.
func (s *State) density(t *town, k cell) int {
	dx, dy := 2*(k.x-t.middle.x)+1, 2*(k.y-t.middle.y)+1
	d := (dx*dx + dy*dy) * 100 / (4 * len(t.cells))
	switch {
	case d < 6:
		return 2
	case d < 20:
		return 1
	}
	return 0
}

// townCell draws the streets that begin at the south and west of every block of the cell, and those on its north and east
// border where no other cell of the town would draw them.
func (p *plat) townCell(t int, k cell) {
	s, tw := p.s, &p.s.towns[t]
	g := s.grid(k)
	n := perCell
	if tw.blocks > 0 {
		n = tw.blocks
	}
	here := s.owner(k)
	owner := func(i, j int) int { // the precinct of a block, -1 outside the town
		at := k
		switch {
		case i < 0:
			at.x--
		case i >= perCell:
			at.x++
		case j < 0:
			at.y--
		case j >= perCell:
			at.y++
		case i >= n || j >= n:
			return -1
		default:
			return here
		}
		if q := s.owner(at); q >= 0 && s.precincts[q].town == t {
			return q
		}
		return -1
	}
	var green park
	if tw.blocks == 0 {
		green = s.parkIn(k)
	}
	lots := [3][2]int{{2, 3}, {2, 4}, {3, 5}}[s.density(tw, k)]
	flats := [3]int{3, 16, 60}[s.density(tw, k)]
	settle := func(q, i, j int) side {
		if q < 0 || green.has(i, j) {
			return side{precinct: -1}
		}
		d := side{precinct: q, lots: p.r.in(lots[0], lots[1])}
		if p.r.permille(flats * 2) {
			d.units = p.r.in(4, 12) * (1 + p.r.n(2)*s.density(tw, k))
		}
		return d
	}
	for i := range n + 1 {
		for j := range n + 1 {
			at := node{k.x*perCell + i, k.y*perCell + j}
			if i < n && (j < n || owner(i, n) < 0) { // eastward: north is left
				p.block(t, at, false, g[i][j], g[i+1][j], settle(owner(i, j), i, j), settle(owner(i, j-1), i, j-1), green.has(i, j) && green.has(i, j-1))
			}
			if j < n && (i < n || owner(n, j) < 0) { // northward: west is left
				p.block(t, at, true, g[i][j], g[i][j+1], settle(owner(i-1, j), i-1, j), settle(owner(i, j), i, j), green.has(i, j) && green.has(i-1, j))
			}
		}
	}
}

// block adds one town block's length of street unless a park, a river or chance takes it away.
func (p *plat) block(t int, at node, vertical bool, a, b spot, left, right side, gone bool) {
	tw := &p.s.towns[t]
	line, along := at.y, at.x
	if vertical {
		line, along = at.x, at.y
	}
	main := line%perCell == 0
	if gone || (left.precinct < 0 && right.precinct < 0 && !main) || (!main && p.r.permille(65)) {
		return
	}
	wet := p.wet(tw, vertical, a, b)
	bridge := main && !vertical && line%(2*perCell) == 0
	if wet && !bridge {
		return
	}
	g := segment{a: a, b: b, from: at, to: node{at.x + 1, at.y}, span: 98, class: "S1400", town: t, off: 1_500, left: left, right: right}
	if vertical {
		g.to = node{at.x, at.y + 1}
	}
	if main {
		g.class, g.off = "S1200", 2_100
	}
	if wet { // a bridge has no houses
		g.left, g.right = side{precinct: -1}, side{precinct: -1}
	}
	middle, lowest := tw.middle.x*perCell, tw.lowest(vertical)
	if vertical {
		middle = tw.middle.y * perCell
	}
	switch {
	case !tw.compass:
		g.low = 100 * (along - lowest + 1)
	case along >= middle:
		g.low, g.pre = 100*(along-middle+1), compassPoint(vertical, true)
	default: // numbers grow away from the middle: turn the segment round
		g.low, g.pre = 100*(middle-along), compassPoint(vertical, false)
		g.a, g.b, g.from, g.to, g.left, g.right = g.b, g.a, g.to, g.from, g.right, g.left
	}
	g.street = p.streetOn(lineKey{town: t, line: line, part: along / (3 * perCell), vertical: vertical}, main)
	p.add(g)
}

func compassPoint(vertical, up bool) string {
	switch {
	case vertical && up:
		return "N"
	case vertical:
		return "S"
	case up:
		return "E"
	}
	return "W"
}

// lowest returns the southernmost or westernmost line of the town.
func (t *town) lowest(vertical bool) int {
	lo := 1 << 30
	for _, k := range t.cells {
		if vertical {
			lo = min(lo, k.y)
		} else {
			lo = min(lo, k.x)
		}
	}
	return lo * perCell
}

// wet reports whether the river takes the segment.
func (p *plat) wet(t *town, vertical bool, a, b spot) bool {
	const bank = 2 * riverHalf
	for _, q := range [3]spot{a, {(a.x + b.x) / 2, (a.y + b.y) / 2}, b} {
		x, ok := p.s.riverAt(t, q.y)
		if !ok {
			return false
		}
		if q.x > x-bank && q.x < x+bank {
			return true
		}
	}
	if vertical {
		return false
	}
	x, _ := p.s.riverAt(t, a.y)
	return (a.x < x) != (b.x < x)
}

func (p *plat) add(g segment) {
	p.doors += g.left.doors() + g.right.doors()
	p.s.tlid++
	g.tlid = p.s.tlid
	p.segments = append(p.segments, g)
}

// streetOn names a line: main streets have one name throughout, local ones change it every three cells.
func (p *plat) streetOn(k lineKey, main bool) int {
	if main {
		k.part = 0
	}
	if i, ok := p.byLine[k]; ok {
		return i
	}
	i := len(p.streets)
	p.byLine[k] = i
	h := mix2(p.s.opts.Seed^uint64(p.c.index), uint64(i))
	var name street
	switch {
	case main && p.mains < len(arterialNames)*len(arterialTypes):
		name = street{arterialNames[p.mains%len(arterialNames)], arterialTypes[(p.mains+p.mains/len(arterialNames))%len(arterialTypes)]}
		p.mains++
	case k.vertical && !main && below(h, 3) == 0:
		name = street{ordinal(1 + k.line - p.s.towns[k.town].lowest(false)), "ST"}
		if p.names[name] {
			name = p.wordStreet(i, h)
		}
	default:
		name = p.wordStreet(i, h)
	}
	p.streets, p.names[name] = append(p.streets, name), true
	return i
}

// wordStreet composes a name no other street of the county has.
func (p *plat) wordStreet(i int, h uint64) street {
	n := i*7919 + p.c.index*101
	for {
		name := street{streetWords[n%len(streetWords)], localTypes[below(h, len(localTypes))]}
		if i > len(streetWords)/2 {
			name.name += " " + streetSeconds[n/len(streetWords)%len(streetSeconds)]
		}
		if !p.names[name] {
			return name
		}
		n, h = n+1, mix(h)
	}
}

func ordinal(n int) string {
	end := "TH"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "ST"
		case 2:
			end = "ND"
		case 3:
			end = "RD"
		}
	}
	return itoa(n) + end
}

// fill puts up apartment houses until the county has doors for all its voters.
func (p *plat) fill() {
	need := p.c.voters*1000/(10*perHome*92/100) + 4
	for tries := 0; p.doors < need && tries < 50*len(p.segments); tries++ {
		g := &p.segments[p.r.n(len(p.segments))]
		d := &g.left
		if p.r.permille(500) {
			d = &g.right
		}
		if d.precinct >= 0 && d.lots > 0 && d.units == 0 && g.town >= 0 {
			before := d.doors()
			d.units = p.r.in(6, 24)
			p.doors += d.doors() - before
		}
	}
}
