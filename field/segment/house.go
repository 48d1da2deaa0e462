package segment

import (
	"math/bits"
	"slices"

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
	return v.gen.doorKeys[row]
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
	data := make([]uint16, v.rows)
	v.eachHome(s, func(rows []int) {
		n := uint16(min(len(rows), 1<<16-2))
		for _, r := range rows {
			data[r] = n + 1 // of the codec below: code 1 is none
		}
	})
	col := &column{name: "household_size", width: 2, number: &codec{}, counts: &tally{}, blocks: make([]block, v.blocks())}
	eachBlock(v.blocks(), func(_, b int) {
		k := block{u16: data[b*blockRows : min((b+1)*blockRows, v.rows)], stamp: newStamp()}
		k.zone()
		col.blocks[b] = k
	})
	if v.shared.sizes == nil {
		v.shared.sizes = map[string]sizes{}
	}
	v.shared.sizes[key] = sizes{v.homes, col}
	return col, nil
}

// choose keeps of each household's people in s one, by preference.
func (v *View) choose(s *Set, p list.Prefer) *Set {
	better := v.better(p)
	out := v.newSet()
	v.eachHome(s, func(rows []int) {
		best := rows[0]
		for _, r := range rows[1:] {
			if better(r, best) {
				best = r
			}
		}
		out.add(best)
	})
	return out
}

// better reports whether row a is preferred to row b.
func (v *View) better(p list.Prefer) func(a, b int) bool {
	col, most, last := v.cols["birth"], false, true // last: the unknown, code 0, comes last though its code is the least
	switch p {
	case list.Youngest:
		most = true
	case list.MostVotes:
		col, most, last = v.cols["votes_cast"], true, false
	case list.LastToSignUp:
		col, most = v.cols["registered_on"], true
	}
	return func(a, b int) bool {
		x, y := col.code(a), col.code(b)
		switch {
		case x == y:
			return v.gen.ids[a] < v.gen.ids[b]
		case last && (x == 0 || y == 0):
			return y == 0
		case most:
			return x > y
		}
		return x < y
	}
}
