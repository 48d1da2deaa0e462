package turf

import (
	"cmp"
	"slices"
)

// Measures of moves of whole blocks and of parts that are cut off.
const (
	pieceWorth = 80_000 // centimetres that a walk may grow for a turf to hang together
	slack      = 30     // how far a size may leave the bounds for a moment, in doors, when something comes back
)

// memory is how an exchanger stood before a move was tried.
type memory struct {
	ring  [2][]int32
	turf  []int8
	size  [2]int32
	count [][2]int32
}

func (x *exchanger) save() {
	m := &x.saved
	for d := range m.ring {
		m.ring[d] = append(m.ring[d][:0], x.ring[d]...)
	}
	m.turf = append(m.turf[:0], x.turf...)
	m.count = append(m.count[:0], x.count...)
	m.size = x.size
}

func (x *exchanger) restore() {
	m := &x.saved
	for d := range m.ring {
		copy(x.ring[d], m.ring[d])
	}
	copy(x.turf, m.turf)
	copy(x.count, m.count)
	x.size = m.size
}

// stepSets moves all places of a block, or a part of a turf that is cut off from the rest, from one turf to the other,
// with a chunk in return where sizes ask for it.
func (x *exchanger) stepSets() bool {
	x.save()
	before := x.pieces(0) + x.pieces(1)
	if before > 2 && x.mend(before) {
		return true
	}
	for k := range x.count {
		for t := range int8(2) {
			if set := x.onBlock(int32(k), t); len(set) > 0 && x.try(set, t, before, least, false) { // #nosec G115 -- MaxDoors
				return true
			}
		}
	}
	return false
}

// mend makes two turfs hang together better, as cheaply as it can: a part that is cut off goes over, or a block between
// two parts comes.
func (x *exchanger) mend(before int) bool {
	for _, worth := range [3]int64{pieceWorth / 16, pieceWorth / 4, pieceWorth} {
		for t := range int8(2) {
			for _, set := range x.cutOff(t) {
				if x.try(set, t, before, -worth, true) {
					return true
				}
			}
		}
		for k := range x.count {
			for t := range int8(2) {
				if set := x.onBlock(int32(k), t); len(set) > 0 && x.try(set, t, before, -worth, true) { // #nosec G115 -- MaxDoors
					return true
				}
			}
		}
	}
	return false
}

// cutOff lists the places of the parts of a turf but its heaviest.
func (x *exchanger) cutOff(t int8) [][]int32 {
	if x.pieces(t) < 2 {
		return nil
	}
	var parts [][]int32
	var heavy []int32
	done := make([]bool, len(x.sites))
	for i := range x.sites {
		if done[i] || x.turf[i] != t || x.stops[i].edge < 0 {
			continue
		}
		x.touch.begin()
		for j := range x.sites {
			if x.turf[j] == t && x.stops[j].edge >= 0 {
				x.touch.add(x.stops[j].edge)
			}
		}
		x.touch.flood(x.stops[i].edge)
		var part []int32
		var w int32
		for j := range x.sites {
			if x.turf[j] == t && x.stops[j].edge >= 0 && x.touch.reached(x.stops[j].edge) {
				part = append(part, int32(j)) // #nosec G115 -- MaxDoors
				w += x.weight[x.sites[j]]
				done[j] = true
			}
		}
		parts, heavy = append(parts, part), append(heavy, w)
	}
	main := slices.Index(heavy, slices.Max(heavy))
	return slices.Delete(parts, main, main+1)
}

// onBlock lists the places of turf t on a block, in the order of the block, when one of them has a neighbour in the other turf.
func (x *exchanger) onBlock(k int32, t int8) []int32 {
	if x.count[k][t] == 0 {
		return nil
	}
	var set []int32
	border := false
	for i, b := range x.block {
		if b != k || x.turf[i] != t {
			continue
		}
		set = append(set, int32(i)) // #nosec G115 -- MaxDoors
		for _, c := range x.near[i] {
			border = border || x.turf[c] != t
		}
	}
	if !border {
		return nil
	}
	slices.SortFunc(set, func(a, b int32) int {
		p, q := &x.stops[a], &x.stops[b]
		return cmp.Or(cmp.Compare(p.side, q.side), cmp.Compare(p.along, q.along), cmp.Compare(a, b))
	})
	return set
}

// try moves a set out of turf t and keeps the move if it gains more than floor, and the turfs are in no more pieces by it,
// or in fewer when mend. Otherwise everything is as it was.
func (x *exchanger) try(set []int32, t int8, before int, floor int64, mend bool) bool {
	var w int32
	for _, i := range set {
		w += x.weight[x.sites[i]]
	}
	o := 1 - t
	room := slack * max(1, x.goal/50)
	if x.size[t]-w < x.lo-room || x.size[o]+w > x.hi+room || x.size[t] == w {
		return false
	}
	gain := x.moveSet(set, t)
	if gain > floor && (x.size[t] < x.lo || x.size[o] > x.hi) {
		back := x.best(o, floor-gain)
		if back.gain <= floor-gain {
			gain = floor
		} else {
			gain += back.gain
			x.shift(back, o)
			x.relink(back)
		}
	}
	if gain > floor {
		if after := x.pieces(0) + x.pieces(1); after < before || after == before && !mend {
			return true
		}
	}
	x.restore()
	return false
}

// moveSet takes places out of the walk of turf t one by one and puts each where it costs least in the other, and returns
// what is gained.
func (x *exchanger) moveSet(set []int32, t int8) int64 {
	var gain int64
	for _, i := range set {
		p, n := x.ring[preceding][i], x.ring[following][i]
		gain += x.m.cost(p, i) + x.m.cost(i, n) - x.m.cost(p, n)
		x.ring[following][p], x.ring[preceding][n] = n, p
	}
	for _, i := range set {
		at, add := x.cheapest(i, 1-t)
		n := x.ring[following][at]
		x.ring[following][at], x.ring[preceding][i] = i, at
		x.ring[following][i], x.ring[preceding][n] = n, i
		gain -= add
		if k := x.block[i]; k >= 0 {
			gain += x.splits([2]int32{1, k}, t)
			x.count[k][t]--
			x.count[k][1-t]++
		}
		x.turf[i] = 1 - t
		w := x.weight[x.sites[i]]
		x.size[t] -= w
		x.size[1-t] += w
	}
	return gain
}

// cheapest finds the place of a turf after which another costs least to visit.
func (x *exchanger) cheapest(i int32, t int8) (at int32, add int64) {
	at = -1
	for c := range x.turf {
		c := int32(c) // #nosec G115 -- MaxDoors
		if x.turf[c] != t {
			continue
		}
		n := x.ring[following][c]
		if v := x.m.cost(c, i) + x.m.cost(i, n) - x.m.cost(c, n); at < 0 || v < add {
			at, add = c, v
		}
	}
	return at, add
}
