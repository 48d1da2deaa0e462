package segment

import (
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/openprecinct/precinct/field/list"
)

// The rows of a household stand together: joined has a bit for each row that lives with the row before it. So distinct doors, and everybody who lives
// with somebody, are found 64 rows at a time. Rows that moved since the generation was built are strays: they and the households they left or came to are
// counted by their keys.

// strays are the rows whose household is not the one they were built into.
type strays struct {
	home map[int]int64   // their household keys now
	door map[int]int64   // their address keys now
	odd  *Set            // rows of all households that a stray left or came to
	rows map[int64][]int // of those by household key; a person without one is not in it
}

// homeOf returns the household key of a row, 0 without one.
func (v *View) homeOf(row int) int64 {
	if v.strays != nil {
		if k, ok := v.strays.home[row]; ok {
			return k
		}
	}
	return v.gen.home(row)
}

func (v *View) doorOf(row int) int64 {
	if v.strays != nil {
		if k, ok := v.strays.door[row]; ok {
			return k
		}
	}
	return v.gen.door(row)
}

// withStrays returns the strays once some rows live elsewhere.
func (v *View) withStrays(home, door map[int]int64) *strays {
	n := &strays{home: map[int]int64{}, door: map[int]int64{}, odd: v.newSet(), rows: map[int64][]int{}}
	for _, m := range []map[int]int64{v.strays.homes(), home} {
		for r, k := range m {
			n.home[r] = k
		}
	}
	if v.strays != nil {
		for r, k := range v.strays.door {
			n.door[r] = k
		}
	}
	for r, k := range door {
		n.door[r] = k
	}
	keys := map[int64]bool{}
	for r, k := range n.home {
		n.odd.add(r)
		keys[k], keys[v.gen.home(r)] = true, true
	}
	delete(keys, 0)
	group := -1
	for row := range v.rows { // once a change of address, some milliseconds
		if v.gen.joined[row>>6]>>(row&63)&1 == 0 {
			group++
		}
		if keys[v.gen.homeKeys[group]] {
			n.odd.add(row)
		}
	}
	for row := range n.odd.rowsFrom(0) {
		k, ok := n.home[row]
		if !ok {
			k = v.gen.home(row)
		}
		if k != 0 {
			n.rows[k] = append(n.rows[k], row)
		}
	}
	return n
}

func (s *strays) homes() map[int]int64 {
	if s == nil {
		return nil
	}
	return s.home
}

// apart splits a set into the rows whose households stand together and the odd ones; odd is nil where there are none.
func (v *View) apart(s *Set) (even, odd *Set) {
	if v.strays == nil {
		return s, nil
	}
	even, odd = v.newSet(), v.newSet()
	for i, w := range s.bits {
		odd.bits[i] = w & v.strays.odd.bits[i]
		even.bits[i] = w &^ v.strays.odd.bits[i]
	}
	return even, odd
}

// up spreads bits to the rows after them in their household; carry is whether the last row of the word before has its bit.
func up(s, joined, carry uint64) uint64 {
	s |= joined & carry
	p := joined
	s |= p & (s << 1)
	p &= p << 1
	s |= p & (s << 2)
	p &= p << 2
	s |= p & (s << 4)
	p &= p << 4
	s |= p & (s << 8)
	p &= p << 8
	s |= p & (s << 16)
	p &= p << 16
	return s | p&(s<<32)
}

// down spreads bits to the rows before them in their household. joined says of each row whether the row after it lives with it.
func down(s, joined uint64) uint64 {
	p := joined
	s |= p & (s >> 1)
	p &= p >> 1
	s |= p & (s >> 2)
	p &= p >> 2
	s |= p & (s >> 4)
	p &= p >> 4
	s |= p & (s >> 8)
	p &= p >> 8
	s |= p & (s >> 16)
	p &= p >> 16
	return s | p&(s>>32)
}

// flood adds to s everybody who lives with somebody in it.
func (v *View) flood(s *Set) {
	_, odd := v.apart(s)
	carry := uint64(0)
	j := v.gen.joined
	for i, w := range s.bits {
		if w|carry == 0 {
			continue
		}
		w = up(w, j[i], carry)
		s.bits[i], carry = w, w>>63
	}
	carry = 0 // whether the first row of the word after lives with this word's last and has its bit
	for i := len(s.bits) - 1; i >= 0; i-- {
		w := s.bits[i] | carry<<63
		if w != 0 {
			next := uint64(0)
			if i+1 < len(j) {
				next = j[i+1] & 1
			}
			w = down(w, j[i]>>1|next<<63)
			s.bits[i] = w
		}
		carry = w & j[i] & 1
	}
	if odd == nil {
		return
	}
	for i := range s.bits { // what the spreading did to odd rows does not count
		s.bits[i] = s.bits[i]&^v.strays.odd.bits[i] | odd.bits[i]
	}
	for row := range odd.rowsFrom(0) {
		for _, r := range v.strays.rows[v.homeOf(row)] {
			s.add(r)
		}
	}
}

// countDoors counts the households of a set's people.
func (v *View) countDoors(s *Set) int64 {
	even, odd := v.apart(s)
	sum := 0
	carry := uint64(0)
	for i, w := range even.bits {
		if w|carry == 0 {
			continue
		}
		w &= v.gen.homed[i]
		j := v.gen.joined[i]
		f := up(w, j, carry)
		before := j & (f<<1 | carry) // somebody of the same household stands before
		sum += bits.OnesCount64(w &^ before)
		carry = f >> 63
	}
	if odd == nil {
		return int64(sum)
	}
	homes := map[int64]bool{}
	for row := range odd.rowsFrom(0) {
		homes[v.homeOf(row)] = true
	}
	delete(homes, 0)
	return int64(sum + len(homes))
}

// homedOp is met by who has an address to knock at.
func (v *View) homedOp() op {
	s := &Set{gen: v.gen, bits: v.gen.homed}
	if v.strays != nil {
		s = &Set{gen: v.gen, bits: slices.Clone(s.bits)}
		for row, k := range v.strays.home {
			if k != 0 {
				s.add(row)
			} else {
				s.del(row)
			}
		}
	}
	return setOp{s, 0.95}
}

// eachHome calls f with the rows of each household that have their bit in s, ascending; who has no household comes alone.
func (v *View) eachHome(s *Set, f func(rows []int)) {
	even, odd := v.apart(s)
	var rows []int
	last := -1
	for row := range even.rowsFrom(0) {
		// Who does not live with the row before begins a household; else the household shows when the row before is in the set.
		joined := v.gen.joined[row>>6]>>(row&63)&1 != 0
		if joined && row != last+1 && len(rows) > 0 {
			joined = v.gen.group(row) == v.gen.group(last)
		}
		if !joined && len(rows) > 0 {
			f(rows)
			rows = rows[:0]
		}
		last = row
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		f(rows)
	}
	if odd == nil {
		return
	}
	homes := map[int64][]int{}
	for row := range odd.rowsFrom(0) {
		if k := v.homeOf(row); k != 0 {
			homes[k] = append(homes[k], row)
		} else {
			f([]int{row})
		}
	}
	for _, rows := range homes {
		f(rows)
	}
}

// sizes is how many people of a universe live in each row's household.
type sizes struct {
	homes uint64
	col   *column
}

func (v *View) householdSizes(c *compiler) (*column, error) {
	key := ""
	for _, in := range []bool{c.u.Dropped, c.u.Minors, c.u.Confidential} {
		if in {
			key += "1"
		} else {
			key += "0"
		}
	}
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	if s, ok := v.shared.sizes[key]; ok && s.homes == v.homes {
		return s.col, nil
	}
	s := v.newSet()
	in := c.universe()
	v.run(func(x *scratch, b int) {
		ones(v.rows, b, s.block(b))
		in.and(x, b, s.block(b))
	})
	col := v.countHomes(s)
	if v.shared.sizes == nil {
		v.shared.sizes = map[string]sizes{}
	}
	v.shared.sizes[key] = sizes{v.homes, col}
	return col, nil
}

// countHomes returns how many people of s live in each row's household, as codes of which 1 is none; rows that are not in s are unknown.
func (v *View) countHomes(s *Set) *column {
	col := &column{name: "household_size", width: 1, number: &codec{}, counts: &tally{}, blocks: make([]block, v.blocks())}
	even, odd := v.apart(s)
	over := make([][]int, v.blocks()) // of each block its last household, when it goes on in the next
	var large atomic.Bool
	v.run(func(x *scratch, b int) {
		col.blocks[b] = makeBlock(1, min(blockRows, v.rows-b*blockRows))
		from, to, end := v.homesIn(b)
		over[b] = even.rowsBetween(to, end)
		if !v.countIn8(x, even, b<<16, from, to, col.blocks[b].u8) {
			large.Store(true)
		}
	})
	set := func(rows []int) {
		code := min(uint32(len(rows)), 1<<16-2) + 1
		if code > maxCode(col.width) {
			col = col.widened(2)
		}
		for _, r := range rows {
			col.blocks[r>>16].set(r&(blockRows-1), code)
		}
	}
	if large.Load() { // a home of more people than a byte counts
		v.eachHome(s, set)
	} else {
		for _, rows := range over {
			set(rows)
		}
		if odd != nil {
			v.eachHome(odd, set)
		}
	}
	eachBlock(v.blocks(), func(_, b int) {
		col.blocks[b].zone()
		col.blocks[b].stamp = newStamp()
	})
	return col
}

// countIn8 counts the households from row from to row to of one block; false when one has too many people for a byte.
func (v *View) countIn8(x *scratch, in *Set, base, from, to int, codes []uint8) bool {
	size := x.homes()
	begins := x.get()
	defer x.put(begins)
	n, carry, most := 0, uint64(0), uint16(0)
	for i := from >> 6; i<<6 < to; i++ {
		w := bitsBetween(in.bits[i], i, from, to)
		begins[i-base>>6], carry = beginning(w, v.gen.joined[i], carry)
		for ; w != 0; w &= w - 1 {
			n += int(begins[i-base>>6] >> bits.TrailingZeros64(w) & 1)
			size[n]++
			most = max(most, size[n])
		}
	}
	fits := most < 1<<8-1
	for i, k := from>>6, 0; i<<6 < to && fits; i++ {
		for w := bitsBetween(in.bits[i], i, from, to); w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			k += int(begins[i-base>>6] >> bit & 1)
			codes[i<<6+bit-base] = uint8(size[k] + 1)
		}
	}
	clear(size[:n+1])
	return fits
}

// bitsBetween returns of word i's bits those of rows from from to, not including, to.
func bitsBetween(w uint64, i, from, to int) uint64 {
	if i<<6 < from {
		w &= ^uint64(0) << (from & 63)
	}
	if (i+1)<<6 > to {
		w &= 1<<(to&63) - 1
	}
	return w
}

// beginning has a bit for each row before which nobody of the same household stands in s; carry is for the next word.
func beginning(s, joined, carry uint64) (begins, next uint64) {
	f := up(s, joined, carry)
	return ^(joined & (f<<1 | carry)), f >> 63
}

// choose keeps of each household's people in s one, by preference.
func (v *View) choose(s *Set, p list.Prefer) *Set {
	o := v.preferred(p)
	out := v.newSet()
	pick := func(rows []int) {
		best := rows[0]
		for _, r := range rows[1:] {
			if o.better(r, best) {
				best = r
			}
		}
		out.add(best)
	}
	if o.col.width > 2 {
		v.eachHome(s, pick)
		return out
	}
	even, odd := v.apart(s)
	over := make([][]int, v.blocks()) // of each block its last household, when it goes on in the next
	v.run(func(x *scratch, b int) {
		from, to, end := v.homesIn(b)
		over[b] = even.rowsBetween(to, end)
		k := &o.col.blocks[b]
		if k.u8 != nil {
			pickIn(x, v, o, k.u8, even, out.block(b), b<<16, from, to)
		} else {
			pickIn(x, v, o, k.u16, even, out.block(b), b<<16, from, to)
		}
	})
	for _, rows := range over {
		if len(rows) > 0 {
			pick(rows)
		}
	}
	if odd != nil {
		v.eachHome(odd, pick)
	}
	return out
}

// homesIn returns the rows of the households that begin in block b: whole ones from the first row to, not including, the second; the last, from there to end, where
// it goes on in the next block.
func (v *View) homesIn(b int) (from, to, end int) {
	joined := func(row int) bool { return row < v.rows && v.gen.joined[row>>6]>>(row&63)&1 != 0 }
	last := min((b+1)*blockRows, v.rows)
	for from = b * blockRows; from < last && joined(from); from++ {
	}
	if !joined(last) {
		return from, last, last
	}
	for to = last - 1; to > from && joined(to); to-- {
	}
	for end = last; joined(end); end++ {
	}
	if from >= last { // all of the block lives with somebody in an earlier one
		return last, last, last
	}
	return from, to, end
}

// pickIn picks from the rows from to to of one block. Preference, person and row make one number, the least of which is a household's, without asking where households end.
func pickIn[T uint8 | uint16](x *scratch, v *View, o order, codes []T, in *Set, out *words, base, from, to int) {
	picks := x.homes()
	flip, less := uint16(1<<16-1), uint16(0)
	if !o.most { // the unknown, code 0, comes last
		flip, less = 0, 1
	}
	ids := v.gen.ids[base:]
	best, carry, n := uint64(0), uint64(0), 0
	for i := from >> 6; i<<6 < to; i++ {
		w := bitsBetween(in.bits[i], i, from, to)
		if w|carry == 0 {
			continue
		}
		var begins uint64
		begins, carry = beginning(w, v.gen.joined[i], carry)
		for ; w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			row := i<<6 + bit - base
			first := begins >> bit & 1
			picks[n] = uint16(best)
			n += int(first)
			best = min(best|-first, uint64((uint16(codes[row])^flip)-less)<<48|uint64(ids[row])<<16|uint64(row))
		}
	}
	if n == 0 {
		return
	}
	picks[n] = uint16(best)
	for _, r := range picks[1 : n+1] {
		out[r>>6] |= 1 << (r & 63)
	}
	clear(picks[:n+1])
}

// order is by what one of a household is preferred.
type order struct {
	v    *View
	col  *column
	most bool // the greatest, not the least; in either case the unknown, code 0, last
}

func (v *View) preferred(p list.Prefer) order {
	switch p {
	case list.Youngest:
		return order{v, v.cols["birth"], true}
	case list.MostVotes:
		return order{v, v.cols["votes_cast"], true}
	case list.LastToSignUp:
		return order{v, v.cols["registered_on"], true}
	}
	return order{v, v.cols["birth"], false}
}

// better reports whether row a is preferred to row b.
func (o *order) better(a, b int) bool {
	x, y := o.col.code(a), o.col.code(b)
	switch {
	case x == y:
		return o.v.gen.ids[a] < o.v.gen.ids[b]
	case x == 0 || y == 0:
		return y == 0
	}
	return x > y == o.most
}
