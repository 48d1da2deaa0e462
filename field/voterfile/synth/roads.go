package synth

// ruralRoads draws the two highways through the county seat and as many country roads off them as its doors need. Roads
// run along the corners of the cells, so that every stretch is 800 m and borders a cell on either side.
func (p *plat) ruralRoads() {
	seat := p.s.towns[p.c.towns[0]].middle
	type stretch struct {
		at       cell
		vertical bool
	}
	used := map[stretch]bool{}
	need := p.c.rural*100/175 + 6
	var joints []stretch // where a road may leave one drawn before, across it
	y, x := p.s.highway(p.c), seat.x
	for i := p.c.from.x; i < p.c.to.x; i++ {
		used[stretch{cell{i, y}, false}] = true
		joints = append(joints, stretch{cell{i, y}, true})
	}
	for j := p.c.from.y; j < p.c.to.y; j++ {
		used[stretch{cell{x, j}, true}] = true
		joints = append(joints, stretch{cell{x, j}, false})
	}
	built := 0
	for tries := 0; built < need && tries < 4000; tries++ {
		start := joints[p.r.n(len(joints))]
		step, name := 1, p.roadName()
		if p.r.permille(500) {
			step = -1
		}
		low, at := 100, start.at
		for range p.r.in(4, 12) {
			e := stretch{at, start.vertical}
			next := at
			if start.vertical {
				next.y += step
			} else {
				next.x += step
			}
			if step < 0 {
				e.at = next
			}
			left, right := p.sides(e.at, e.vertical, step)
			if left < 0 || right < 0 || used[e] {
				break
			}
			used[e] = true
			built += p.country(at, next, name, low, left, right, "S1400")
			low += 160
			at = next
			joints = append(joints, stretch{at, !start.vertical})
		}
	}
	p.highways(y, x)
}

// sides returns the precincts left and right of a stretch in the direction of travel, -1 where a town or another county is.
func (p *plat) sides(at cell, vertical bool, step int) (left, right int) {
	other := cell{at.x, at.y - 1}
	if vertical {
		other = cell{at.x - 1, at.y}
	}
	a, b := p.countryside(at), p.countryside(other)
	if vertical == (step > 0) { // north: west is left; west: south is left
		return b, a
	}
	return a, b
}

func (p *plat) countryside(k cell) int {
	q := p.s.owner(k)
	if q < 0 || p.s.precincts[q].county != p.c.index || p.s.precincts[q].town >= 0 {
		return -1
	}
	return q
}

// country adds one stretch of a country road and returns its doors.
func (p *plat) country(from, to cell, name, low, left, right int, class string) int {
	g := segment{a: p.s.corner(from), b: p.s.corner(to), from: node{from.x * perCell, from.y * perCell}, to: node{to.x * perCell, to.y * perCell},
		street: name, low: low, span: 158, class: class, town: -1, off: 4_000}
	p.used[g.from], p.used[g.to] = true, true
	g.left = side{precinct: left, lots: p.r.in(2, 8)}
	g.right = side{precinct: right, lots: p.r.in(2, 8)}
	before := p.doors
	p.add(g)
	return p.doors - before
}

// highways adds the through roads: without doors, in pieces that end where another road meets them.
func (p *plat) highways(y, x int) {
	east, north := p.name(street{"US HIGHWAY " + itoa(p.c.from.y/p.s.land.height*7+11), ""}), p.name(street{"STATE HIGHWAY " + itoa(p.c.index+20), ""})
	piece := func(from, to cell, vertical bool, name int) {
		start := from
		for at := from; at != to; {
			next := cell{at.x + 1, at.y}
			if vertical {
				next = cell{at.x, at.y + 1}
			}
			free := p.free(at, vertical)
			end := node{next.x * perCell, next.y * perCell}
			far := next.x-start.x+next.y-start.y >= 4
			if free && (far || p.used[end] || next == to || !p.free(next, vertical)) {
				g := segment{a: p.s.corner(start), b: p.s.corner(next), from: node{start.x * perCell, start.y * perCell}, to: end, street: name,
					class: "S1100", town: -1, left: side{precinct: -1}, right: side{precinct: -1}}
				p.add(g)
				start = next
			} else if !free {
				p.leaveTown(at, vertical, name)
				start = next
			}
			at = next
		}
	}
	piece(cell{p.c.from.x, y}, cell{p.c.to.x, y}, false, east)
	piece(cell{x, p.c.from.y}, cell{x, p.c.to.y}, true, north)
	// Where the highway from the south ends at the border, a stretch along the border joins the two.
	if q := p.s.owner(cell{x, p.c.from.y - 1}); q >= 0 {
		south := p.s.towns[p.s.counties[p.s.precincts[q].county].towns[0]].middle.x
		piece(cell{min(x, south), p.c.from.y}, cell{max(x, south), p.c.from.y}, false, north)
	}
}

// free reports whether no town's street runs along the stretch that begins at k. A town smaller than its cell has streets
// on the south and west of it only.
func (p *plat) free(k cell, vertical bool) bool {
	other := cell{k.x, k.y - 1}
	if vertical {
		other = cell{k.x - 1, k.y}
	}
	next := p.townAt(other)
	return p.townAt(k) == nil && (next == nil || next.blocks > 0)
}

// townAt returns the town that a cell belongs to, or nil.
func (p *plat) townAt(k cell) *town {
	if q := p.s.owner(k); q >= 0 && p.s.precincts[q].town >= 0 {
		return &p.s.towns[p.s.precincts[q].town]
	}
	return nil
}

// leaveTown leads a highway on from the last crossing of a small town to the end of the town's cell.
func (p *plat) leaveTown(k cell, vertical bool, name int) {
	t := p.townAt(k)
	if t == nil || t.blocks == 0 || t.blocks == perCell {
		return
	}
	g := p.s.grid(k)
	e := segment{from: node{k.x*perCell + t.blocks, k.y * perCell}, to: node{(k.x + 1) * perCell, k.y * perCell}, a: g[t.blocks][0], b: g[perCell][0],
		street: name, class: "S1100", town: -1, left: side{precinct: -1}, right: side{precinct: -1}}
	if vertical {
		e.from, e.to = node{k.x * perCell, k.y*perCell + t.blocks}, node{k.x * perCell, (k.y + 1) * perCell}
		e.a, e.b = g[0][t.blocks], g[0][perCell]
	}
	p.add(e)
}

// roadName makes the name of a new country road.
func (p *plat) roadName() int {
	switch k := p.r.n(10); {
	case k < 2:
		return p.name(street{"COUNTY ROAD " + itoa(p.r.in(2, 99)), ""})
	case k < 3:
		return p.name(street{"STATE ROAD " + itoa(p.r.in(1001, 2999)), ""})
	case k < 9:
		return p.name(street{roadFirst[p.r.n(len(roadFirst))] + " " + roadSecond[p.r.n(len(roadSecond))], "RD"})
	}
	return p.name(street{streetWords[p.r.n(len(streetWords))] + " " + streetSeconds[p.r.n(len(streetSeconds))], "LN"})
}

// name adds a street name; if another street of the county has it, a word ahead tells them apart.
func (p *plat) name(n street) int {
	for _, ahead := range [...]string{"", "OLD ", "EAST ", "WEST ", "LOWER ", "UPPER ", "NEW "} {
		try := street{ahead + n.name, n.kind}
		if !p.names[try] {
			p.streets, p.names[try] = append(p.streets, try), true
			return len(p.streets) - 1
		}
	}
	return p.name(street{n.name + " " + itoa(len(p.streets)), n.kind})
}
