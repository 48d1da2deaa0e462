package turf

// refinePasses bounds how often all units are looked at.
const refinePasses = 8

// refine moves units, or exchanges two, between neighbouring turfs while the sum of squared distances to the middles of
// the turfs falls and sizes keep to the bounds (Hartigan and Wong 1979).
func (p *partition) refine() {
	for range refinePasses {
		moved := false
		for u := range p.units {
			moved = p.better(u) || moved
		}
		if !moved {
			return
		}
	}
}

func (p *partition) better(u int) bool {
	a, w := p.of[u], p.units[u].weight
	if p.size[a] == w {
		return false
	}
	leave := p.d2(u, a) * float64(w) * float64(p.size[a]) / float64(p.size[a]-w)
	bestGain, to, with := 1e-6, int32(-1), -1
	for _, v := range p.near[u] {
		b := p.of[v]
		if b == a {
			continue
		}
		enter := p.d2(u, b) * float64(w) * float64(p.size[b]) / float64(p.size[b]+w)
		x := p.units[v].weight
		switch {
		case p.size[a]-w >= p.lo && p.size[b]+w <= p.hi:
			if g := leave - enter; g > bestGain {
				bestGain, to, with = g, b, -1
			}
		case p.size[b] != x && p.size[a]-w+x >= p.lo && p.size[a]-w+x <= p.hi && p.size[b]-x+w >= p.lo && p.size[b]-x+w <= p.hi:
			back := p.d2(int(v), b)*float64(x)*float64(p.size[b])/float64(p.size[b]-x) - p.d2(int(v), a)*float64(x)*float64(p.size[a])/float64(p.size[a]+x)
			if g := leave - enter + back; g > bestGain {
				bestGain, to, with = g, b, int(v)
			}
		}
	}
	if to < 0 {
		return false
	}
	p.move(u, to)
	if with >= 0 {
		p.move(with, a)
	}
	return true
}

// balance moves units from turfs above the upper bound, and into those below the lower one, as long as it helps and no
// other turf suffers.
func (p *partition) balance() {
	for range 2 * refinePasses {
		moved := false
		for u := range p.units {
			a, w := p.of[u], p.units[u].weight
			to, best := int32(-1), 0.0
			for _, v := range p.near[u] {
				b := p.of[v]
				if b == a || excess(p.size[a]-w, p.lo, p.hi)+excess(p.size[b]+w, p.lo, p.hi) >= excess(p.size[a], p.lo, p.hi)+excess(p.size[b], p.lo, p.hi) || p.size[a] == w {
					continue
				}
				if d := p.d2(u, b); to < 0 || d < best {
					to, best = b, d
				}
			}
			if to >= 0 {
				p.move(u, to)
				moved = true
			}
		}
		if !moved {
			return
		}
	}
}

// excess is how far a size is out of bounds.
func excess(size, lo, hi int32) int32 { return max(0, lo-size, size-hi) }
