package segment

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/openprecinct/precinct/field/list"
)

// Chance orders units: people, or with Whole households and people without one. Each row of a unit has the unit's rank and key, so that once the two bounds
// are known every row says by itself whether it is taken.

// ranks is the rank of every row's unit for one seed.
type ranks struct {
	key  rankKey
	rank []uint32
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
	r := &ranks{key: key, rank: make([]uint32, v.rows)}
	eachBlock(v.blocks(), func(_, b int) {
		for row := b * blockRows; row < min((b+1)*blockRows, v.rows); row++ {
			r.rank[row] = rankOf(v.unitKey(row, st.Whole), st.Seed)
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

// draw orders the units of s by chance and keeps those in places from up to, not including, to; places says which of n.
func (v *View) draw(s *Set, st list.Step, places func(n int64) (from, to int64)) *Set {
	r := v.ranksFor(st)
	units := s
	if st.Whole {
		units = v.firsts(s)
	}
	const shift = 15
	count := make([]int64, 1<<16+1) // of units below each piece of the order
	parts := make([][]int64, workers())
	eachBlock(v.blocks(), func(w, b int) {
		if isZero(units.block(b)) {
			return
		}
		if parts[w] == nil {
			parts[w] = make([]int64, 1<<16)
		}
		n := parts[w]
		each(units.block(b), b, func(row int) { n[r.rank[row]>>shift]++ })
	})
	for _, n := range parts {
		for i, k := range n {
			count[i+1] += k
		}
	}
	for i := range 1 << 16 {
		count[i+1] += count[i]
	}
	n := count[1<<16]
	from, to := places(n)
	from, to = min(max(from, 0), n), min(max(to, 0), n)
	out := v.newSet()
	if from >= to {
		return out
	}
	lo, hi := v.placeAt(units, st, r, count, from), place{rank: 1<<32 - 1}
	if to < n {
		hi = v.placeAt(units, st, r, count, to)
	}
	eachBlock(v.blocks(), func(_, b int) {
		each(s.block(b), b, func(row int) {
			k := r.rank[row]
			if k > lo.rank && k < hi.rank {
				out.add(row)
			} else if k == lo.rank || k == hi.rank {
				p := place{k, v.unitKey(row, st.Whole)}
				if comparePlaces(p, lo) >= 0 && comparePlaces(p, hi) < 0 {
					out.add(row)
				}
			}
		})
	})
	return out
}

// each calls f for the rows of block b whose bits are on.
func each(w *words, b int, f func(row int)) {
	for i, m := range w {
		for ; m != 0; m &= m - 1 {
			f(b<<16 + i<<6 + bits.TrailingZeros64(m))
		}
	}
}

// placeAt returns the unit in a place, counted from 0.
func (v *View) placeAt(units *Set, st list.Step, r *ranks, count []int64, at int64) place {
	piece, _ := slices.BinarySearchFunc(count[1:], at, func(below, at int64) int { return cmp.Compare(below, at+1) })
	found := make([][]place, v.blocks())
	eachBlock(v.blocks(), func(_, b int) {
		each(units.block(b), b, func(row int) {
			if k := r.rank[row]; int(k>>15) == piece {
				found[b] = append(found[b], place{k, v.unitKey(row, st.Whole)})
			}
		})
	})
	all := slices.Concat(found...)
	slices.SortFunc(all, comparePlaces)
	return all[at-count[piece]]
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
