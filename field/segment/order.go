package segment

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// sortKey puts a row into walk order.
type sortKey struct {
	hi, lo uint64
	index  uint32
}

// sort finds the walk order: county, precinct, city, street, house, unit, household, person.
func (b *builder) sort() {
	keys := make([]sortKey, b.n)
	for i := range keys {
		keys[i].index = uint32(i)
	}
	for _, f := range []struct {
		name string
		rank []uint32
	}{{"county", nil}, {"precinct", nil}, {"city", nil}, {"street", nil}, {"house", b.naturally("house")}, {"unit", b.naturally("unit")}} {
		col := textIndex(f.name)
		width := bits.Len(uint(len(b.words[col].sorted)))
		for i, c := range b.textCodes(col) {
			if f.rank != nil {
				c = f.rank[c]
			}
			k := &keys[i]
			k.hi = k.hi<<width | k.lo>>(64-width)
			k.lo = k.lo<<width | uint64(c)
		}
	}
	home := make([]int64, 0, b.n)
	ids := make([]int64, 0, b.n)
	for _, p := range b.parts {
		home, ids = append(home, p.home...), append(ids, p.ids...)
	}
	sortParallel(keys, func(x, y sortKey) int {
		switch {
		case x.hi != y.hi:
			return cmp.Compare(x.hi, y.hi)
		case x.lo != y.lo:
			return cmp.Compare(x.lo, y.lo)
		case home[x.index] != home[y.index]:
			return cmp.Compare(home[x.index], home[y.index])
		}
		return cmp.Compare(ids[x.index], ids[y.index])
	})
	b.order = make([]uint32, b.n)
	for i, k := range keys {
		b.order[i] = k.index
	}
	b.gatherHomes(home)
}

// gatherHomes brings the people of a household together at the place of the first of them, where a spelling parted them.
func (b *builder) gatherHomes(home []int64) {
	var begun []int64 // a household's key, each time its people begin
	last := int64(0)
	for _, o := range b.order {
		if k := home[o]; k != last {
			if k != 0 {
				begun = append(begun, k)
			}
			last = k
		}
	}
	sortParallel(begun, cmp.Compare)
	first := map[int64]uint32{} // of the households that begin more than once
	for i := 1; i < len(begun); i++ {
		if begun[i] == begun[i-1] {
			first[begun[i]] = math.MaxUint32
		}
	}
	if len(first) == 0 {
		return
	}
	place := make([]uint32, b.n)
	at := make([]uint32, b.n)
	for i, o := range b.order {
		at[i], place[i] = uint32(i), uint32(i)
		if row, apart := first[home[o]]; apart {
			first[home[o]] = min(row, uint32(i))
			place[i] = first[home[o]]
		}
	}
	slices.SortStableFunc(at, func(x, y uint32) int { return cmp.Compare(place[x], place[y]) })
	order := make([]uint32, b.n)
	for i, x := range at {
		order[i] = b.order[x]
	}
	b.order = order
}

// naturally returns the rank of each text of a column in the order of their numbers: 9 before 10, 12 before 12 1/2.
func (b *builder) naturally(name string) []uint32 {
	all := b.words[textIndex(name)].sorted
	at := make([]uint32, len(all))
	for i := range at {
		at[i] = uint32(i)
	}
	slices.SortStableFunc(at, func(x, y uint32) int { return compareNaturally(all[x], all[y]) })
	rank := make([]uint32, len(all))
	for r, x := range at {
		rank[x] = uint32(r)
	}
	return rank
}

func compareNaturally(a, b string) int {
	na, ra := leadingNumber(a)
	nb, rb := leadingNumber(b)
	return cmp.Or(cmp.Compare(na, nb), strings.Compare(ra, rb), strings.Compare(a, b))
}

func leadingNumber(s string) (int64, string) {
	n := int64(0)
	i := 0
	for i < len(s) && i < 15 && '0' <= s[i] && s[i] <= '9' {
		n = n*10 + int64(s[i]-'0')
		i++
	}
	return n, s[i:]
}

// sortParallel sorts pieces on all processors and merges them.
func sortParallel[T any](all []T, compare func(a, b T) int) {
	n := workers()
	if n < 2 || len(all) < 1<<12 {
		slices.SortFunc(all, compare)
		return
	}
	each := (len(all) + n - 1) / n
	var parts [][]T
	for p := range slices.Chunk(all, each) {
		parts = append(parts, p)
	}
	eachBlock(len(parts), func(_, i int) { slices.SortFunc(parts[i], compare) })
	for len(parts) > 1 {
		var next [][]T
		for i := 0; i < len(parts); i += 2 {
			if i+1 == len(parts) {
				next = append(next, parts[i])
				continue
			}
			next = append(next, mergeSorted(parts[i], parts[i+1], compare))
		}
		parts = next
	}
	copy(all, parts[0])
}

func mergeSorted[T any](a, b []T, compare func(a, b T) int) []T {
	out := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compare(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// sortIDs finds the order of person ids. Mostly few are left out between the least and the greatest, and each has a place of its own.
func (g *generation) sortIDs() {
	g.byID = make([]uint32, g.rows)
	most := maxOf(g.ids)
	if int(most) >= 4*g.rows {
		for i := range g.byID {
			g.byID[i] = uint32(i)
		}
		sortParallel(g.byID, func(x, y uint32) int { return cmp.Compare(g.ids[x], g.ids[y]) })
		return
	}
	at := make([]uint32, most+1) // row + 1
	for row, id := range g.ids {
		at[id] = uint32(row) + 1
	}
	n := 0
	for _, row := range at {
		if row > 0 {
			g.byID[n] = row - 1
			n++
		}
	}
}

// sortNames finds the order of names: of those with the same name the least person id comes first.
func (g *generation) sortNames() {
	g.first, g.last = g.cols["first"].nameRanks(), g.cols["last"].nameRanks()
	g.byName = sortedBy(sortedBy(g.byID, g.cols["first"], g.first), g.cols["last"], g.last)
}

// sortedBy returns rows in the order of their names, whose ranks are given by code; rows with the same rank stay in order.
func sortedBy(rows []uint32, c *column, ranks []uint32) []uint32 {
	keys := make([]uint32, len(rows))
	next := make([]uint32, len(ranks)+1)
	for b := range c.blocks {
		k := &c.blocks[b]
		for i := range k.len() {
			rank := ranks[k.at(i)]
			keys[b*blockRows+i] = rank
			next[rank+1]++
		}
	}
	for k := range ranks {
		next[k+1] += next[k]
	}
	out := make([]uint32, len(rows))
	for _, row := range rows {
		k := keys[row]
		out[next[k]] = row
		next[k]++
	}
	return out
}

// nameRanks returns the place of each name in the order of folded ones, below as many as there are.
func (c *column) nameRanks() []uint32 {
	keys := make([]string, c.words.len())
	at := make([]uint32, len(keys))
	for i := range keys {
		_, keys[i] = nameKey(c.words.at(uint32(i)))
		at[i] = uint32(i)
	}
	sortParallel(at, func(x, y uint32) int { return strings.Compare(keys[x], keys[y]) })
	rank := make([]uint32, len(keys))
	for i, x := range at {
		if i > 0 && keys[at[i-1]] == keys[x] {
			rank[x] = rank[at[i-1]]
		} else {
			rank[x] = uint32(i)
		}
	}
	return rank
}
