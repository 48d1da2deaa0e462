package segment

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/openprecinct/precinct/field/list"
)

// Chance orders units: people, or with Whole households and people without one. Each row of a unit has the unit's rank and key, so that once the two bounds
// are known every row says by itself whether it is taken. Of the rank its upper half is kept, which decides for all rows but some of those it has in common with a bound.

// ranks is the upper half of the rank of every row's unit for one seed.
type ranks struct {
	key   rankKey
	upper []uint16
}

type rankKey struct {
	seed  int64
	whole bool
	homes uint64 // with whole: who lives where
}

// keptRanks is for how many seeds the ranks of everybody are kept.
const keptRanks = 3

func (v *View) ranksFor(st list.Step) *ranks {
	key := rankKey{seed: st.Seed, whole: st.Whole}
	if st.Whole {
		key.homes = v.homes
	}
	v.shared.ranking.Lock()
	defer v.shared.ranking.Unlock()
	all := &v.shared.ranks
	for i, r := range *all {
		if r.key == key {
			*all = append(append((*all)[:i:i], (*all)[i+1:]...), r)
			return r
		}
	}
	r := &ranks{key: key, upper: make([]uint16, v.rows)}
	eachBlock(v.blocks(), func(_, b int) {
		for row := b * blockRows; row < min((b+1)*blockRows, v.rows); row++ {
			r.upper[row] = uint16(rankOf(v.unitKey(row, st.Whole), st.Seed) >> pieceBits)
		}
	})
	if len(*all) >= keptRanks {
		*all = (*all)[1:]
	}
	*all = append(slices.Clip(*all), r)
	return r
}

// unitKey returns the key of a row's unit.
func (v *View) unitKey(row int, whole bool) int64 {
	if whole {
		if k := v.homeOf(row); k != 0 {
			return k
		}
	}
	return v.gen.personAt(row)
}

const mersenne = 1<<31 - 1

// rankOf is list.Rank with the remainders of a Mersenne prime taken by shifts.
func rankOf(key, seed int64) uint32 {
	k := key % mersenne
	if k < 0 {
		k += mersenne
	}
	s := uint64(seed % mersenne)
	x := fifth(reduce(uint64(k)*48271 + s))
	return uint32(fifth(reduce(x*69621 + s*40692%mersenne + 1013904223)))
}

// reduce returns x modulo 2^31-1, for x below 2^62.
func reduce(x uint64) uint64 {
	x = x&mersenne + x>>31
	x = x&mersenne + x>>31
	if x >= mersenne {
		x -= mersenne
	}
	return x
}

func fifth(x uint64) uint64 {
	x2 := reduce(x * x)
	return reduce(reduce(x2*x2) * x)
}

// place is a place in the order of units.
type place struct {
	rank uint32
	key  int64
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key))
}

// drawn is what was found out about the order of one set's units: how many come before each piece of it, and the units in places that were asked for.
type drawn struct {
	ranks *ranks
	set   [2]uint64
	count []int64 // one for each upper half
	at    map[int64]bound
}

// bound is a place and all units of the set whose ranks have the same upper half.
type bound struct {
	place
	units []unit
}

func (b *bound) upper() uint16 { return uint16(b.rank >> pieceBits) }

// unit is a row and the place of its unit.
type unit struct {
	place
	row uint32
}

// Ranks have 31 bits; of the 15 of an upper half four are compared at once (near16).
const (
	pieceBits = 16
	allPieces = 1 << (31 - pieceBits)
)

// sum tells sets apart: two have the same about once in 2^128.
func (s *Set) sum() [2]uint64 {
	a, b := uint64(1), uint64(2)
	for _, w := range s.bits {
		a = (a ^ w) * 0x9E3779B97F4A7C15
		a ^= a >> 29
		b = (bits.RotateLeft64(b, 23) + w) * 0xD1B54A32D192ED03
	}
	return [2]uint64{a, b}
}

// drawnFrom returns the order of a set's units, kept for those who take one part of it after the other.
func (v *View) drawnFrom(s *Set, st list.Step) *drawn {
	r := v.ranksFor(st)
	sum := s.sum()
	v.shared.ranking.Lock()
	d := v.shared.drawn
	v.shared.ranking.Unlock()
	if d != nil && d.ranks == r && d.set == sum {
		return d
	}
	d = &drawn{ranks: r, set: sum, at: map[int64]bound{}, count: make([]int64, allPieces+1)}
	units := s
	if st.Whole {
		units = v.firsts(s)
	}
	parts := make([][]int32, workers())
	eachBlock(v.blocks(), func(w, b int) {
		if parts[w] == nil {
			parts[w] = make([]int32, allPieces)
		}
		n := (*[allPieces]int32)(parts[w])
		upper := r.upper[b*blockRows:]
		for i, m := range units.block(b) {
			for ; m != 0; m &= m - 1 {
				n[upper[i<<6+bits.TrailingZeros64(m)]]++
			}
		}
	})
	for _, n := range parts {
		for i, k := range n {
			d.count[i+1] += int64(k)
		}
	}
	for i := range allPieces {
		d.count[i+1] += d.count[i]
	}
	v.shared.ranking.Lock()
	v.shared.drawn = d
	v.shared.ranking.Unlock()
	return d
}

// draw orders the units of s by chance and keeps those in places from up to, not including, to; places says which of n.
func (v *View) draw(s *Set, st list.Step, places func(n int64) (from, to int64)) *Set {
	d := v.drawnFrom(s, st)
	n := d.count[allPieces]
	from, to := places(n)
	from, to = min(max(from, 0), n), min(max(to, 0), n)
	out := v.newSet()
	if from >= to {
		return out
	}
	span := span16{span: allPieces - 1}
	lo, hi := v.boundAt(s, st, d, from), bound{place: place{rank: 1 << 31}}
	span.lo = lo.upper()
	if to < n {
		hi = v.boundAt(s, st, d, to)
		span.span = hi.upper()
	}
	span.span -= span.lo
	copy(out.bits, s.bits)
	eachBlock(v.blocks(), func(_, b int) {
		fast.span16(d.ranks.upper[b*blockRows:min((b+1)*blockRows, v.rows)], &span, 0, allPieces-1, out.block(b))
	})
	for _, u := range slices.Concat(lo.units, hi.units) {
		if comparePlaces(u.place, lo.place) < 0 || comparePlaces(u.place, hi.place) >= 0 {
			out.del(int(u.row))
		}
	}
	return out
}

// boundAt returns the unit in a place, counted from 0.
func (v *View) boundAt(s *Set, st list.Step, d *drawn, at int64) bound {
	v.shared.ranking.Lock()
	known, ok := d.at[at]
	v.shared.ranking.Unlock()
	if ok {
		return known
	}
	piece, _ := slices.BinarySearchFunc(d.count[1:], at, func(below, at int64) int { return cmp.Compare(below, at+1) })
	found := make([][]unit, v.blocks())
	v.run(func(x *scratch, b int) {
		t := x.get()
		*t = *s.block(b)
		fast.span16(d.ranks.upper[b*blockRows:min((b+1)*blockRows, v.rows)], &span16{lo: uint16(piece)}, 0, allPieces-1, t)
		for i, m := range t {
			for ; m != 0; m &= m - 1 {
				row := b<<16 + i<<6 + bits.TrailingZeros64(m)
				key := v.unitKey(row, st.Whole)
				found[b] = append(found[b], unit{place{rankOf(key, st.Seed), key}, uint32(row)})
			}
		}
		x.put(t)
	})
	b := bound{units: slices.Concat(found...)}
	places := make([]place, len(b.units))
	for i, u := range b.units {
		places[i] = u.place
	}
	slices.SortFunc(places, comparePlaces)
	// A household's key is a hash of 63 bits. Should one be the number of a person without a household, both are one unit that was counted twice.
	places = slices.Compact(places)
	b.place = places[min(at-d.count[piece], int64(len(places)-1))]
	v.shared.ranking.Lock()
	defer v.shared.ranking.Unlock()
	d.at[at] = b
	return b
}

// firsts returns one row of each household that has somebody in s, and everybody in it without one.
func (v *View) firsts(s *Set) *Set {
	even, odd := v.apart(s)
	out := v.newSet()
	carry := uint64(0)
	for i, w := range even.bits {
		if w|carry == 0 {
			continue
		}
		j := v.gen.joined[i]
		f := up(w, j, carry)
		out.bits[i] = w &^ (j & (f<<1 | carry))
		carry = f >> 63
	}
	if odd != nil {
		seen := map[int64]bool{}
		for row := range odd.rowsFrom(0) {
			if k := v.homeOf(row); k == 0 || !seen[k] {
				out.add(row)
				seen[k] = true
			}
		}
	}
	return out
}
