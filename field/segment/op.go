package segment

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"sync"
)

// op is a condition made ready for one view.
type op interface {
	// and keeps of the rows of block b in w those that meet the condition.
	and(x *scratch, b int, w *words)
	// guess returns about which share of all rows meet the condition, and how many nanoseconds a row costs, to put cheap and rare ones first.
	guess() (share, price float64)
}

// leaf is an op whose answer for a block depends on nothing but data with a stamp.
type leaf interface {
	op
	stamp(b int) uint64
}

// scratch is the memory of one goroutine that evaluates.
type scratch struct {
	free    []*words
	counts  []uint16 // of each row of a block; all zero between uses
	cursors []int
	home    *[blockRows + 1]uint16 // of each household of a block; all zero between uses
}

// homes is memory for a number of each household of a block, which whoever uses it leaves zero.
func (x *scratch) homes() *[blockRows + 1]uint16 {
	if x.home == nil {
		x.home = new([blockRows + 1]uint16)
	}
	return x.home
}

func (x *scratch) get() *words {
	if n := len(x.free); n > 0 {
		w := x.free[n-1]
		x.free = x.free[:n-1]
		return w
	}
	return new(words)
}

func (x *scratch) put(w *words) { x.free = append(x.free, w) }

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// mix combines stamps.
func mix(a, b uint64) uint64 {
	return bits.RotateLeft64(a*0x9E3779B97F4A7C15, 29) ^ b*0xBF58476D1CE4E5B9
}

// everybodyOp and nobodyOp decide without looking.
type (
	everybodyOp struct{}
	nobodyOp    struct{}
)

func (everybodyOp) and(*scratch, int, *words)     {}
func (everybodyOp) guess() (share, price float64) { return 1, 0 }
func (everybodyOp) stamp(int) uint64              { return 1 }
func (nobodyOp) and(_ *scratch, _ int, w *words)  { clear(w[:]) }
func (nobodyOp) guess() (share, price float64)    { return 0, 0 }
func (nobodyOp) stamp(int) uint64                 { return 2 }

type allOp []op

// newAll puts the members in the order in which they leave least to do.
func newAll(all []op) op {
	if len(all) == 1 {
		return all[0]
	}
	rank := func(o op) float64 {
		share, price := o.guess()
		return (share - 1) / (price + 0.01)
	}
	slices.SortStableFunc(all, func(a, b op) int { return cmp.Compare(rank(a), rank(b)) })
	return allOp(all)
}

func (a allOp) and(x *scratch, b int, w *words) {
	for i, o := range a {
		if i > 0 && isZero(w) {
			return
		}
		o.and(x, b, w)
	}
}

func (a allOp) guess() (share, price float64) {
	share = 1
	for _, o := range a {
		s, p := o.guess()
		price += share * p
		share *= s
	}
	return share, price
}

func (a allOp) stamp(b int) uint64 {
	n := uint64(3)
	for _, o := range a {
		n = mix(n, o.(leaf).stamp(b))
	}
	return n
}

type anyOp []op

func (a anyOp) and(x *scratch, b int, w *words) {
	got, rest := x.get(), x.get()
	clear(got[:])
	*rest = *w
	for _, o := range a {
		t := x.get()
		*t = *rest
		o.and(x, b, t)
		for i := range t {
			got[i] |= t[i]
			rest[i] &^= t[i]
		}
		x.put(t)
	}
	*w = *got
	x.put(got)
	x.put(rest)
}

func (a anyOp) guess() (share, price float64) {
	for _, o := range a {
		s, p := o.guess()
		share += s
		price += p
	}
	return min(share, 1), price
}

type noneOp []op

func (a noneOp) and(x *scratch, b int, w *words) {
	for _, o := range a {
		t := x.get()
		*t = *w
		o.and(x, b, t)
		for i := range t {
			w[i] &^= t[i]
		}
		x.put(t)
	}
}

func (a noneOp) guess() (share, price float64) {
	share = 1
	for _, o := range a {
		s, p := o.guess()
		price += share * p
		share *= 1 - s
	}
	return share, price
}

func (a noneOp) stamp(b int) uint64 { return mix(5, allOp(a).stamp(b)) }

// codesOp is met by rows whose code is in a set or a range.
type codesOp struct {
	col    *column
	lo, hi uint32
	set    *codes // nil: the range
	set8   *set8  // of columns of one byte
	lut16  *lut16 // of columns of two, with a set
	share  float64
}

func newRange(c *column, lo, hi uint32) leaf {
	hi = min(hi, maxCode(c.width))
	if lo > hi {
		return nobodyOp{}
	}
	o := &codesOp{col: c, lo: lo, hi: hi}
	if c.width == 1 {
		o.set8 = newSet8(func(c uint32) bool { return lo <= c && c <= hi })
	}
	o.share = shareOf(c, func(n rowCounts) (sum int64) {
		for code := lo; code <= hi && int(code) < len(n); code++ {
			sum += n[code]
		}
		return sum
	})
	return o
}

func newCodes(c *column, set *codes) leaf {
	if set.n == 0 {
		return nobodyOp{}
	}
	slices.Sort(set.list)
	if lo, hi := set.list[0], set.list[set.n-1]; int(hi-lo) == set.n-1 {
		return newRange(c, lo, hi)
	}
	o := &codesOp{col: c, set: set}
	switch c.width {
	case 1:
		o.set8 = newSet8(set.has)
	case 2:
		o.lut16 = new(lut16)
		copy(o.lut16[:], set.bits)
	}
	o.share = shareOf(c, func(n rowCounts) (sum int64) {
		for _, code := range set.list {
			sum += n.of(code)
		}
		return sum
	})
	return o
}

func shareOf(c *column, sum func(rowCounts) int64) float64 {
	n := c.rowsOf()
	if n == nil {
		return 0.01
	}
	rows := 0
	for i := range c.blocks {
		rows += c.blocks[i].len()
	}
	return float64(sum(n)) / float64(max(rows, 1))
}

func (o *codesOp) guess() (share, price float64) {
	switch {
	case o.col.width == 1 && o.set8.spans != nil:
		return o.share, 0.1 * float64(len(o.set8.spans))
	case o.col.width == 2 && o.set == nil:
		return o.share, 0.2
	}
	return o.share, 0.5
}

func (o *codesOp) stamp(b int) uint64 { return o.col.blocks[b].stamp }

func (o *codesOp) and(_ *scratch, b int, w *words) {
	k := &o.col.blocks[b]
	if o.set == nil {
		switch {
		case k.max < o.lo || k.min > o.hi:
			clear(w[:])
		case o.lo <= k.min && k.max <= o.hi:
		case k.u8 != nil:
			fast.set8(k.u8, o.set8, k.max, w)
		case k.u16 != nil:
			fast.span16(k.u16, &span16{uint16(o.lo), uint16(o.hi - o.lo)}, k.min, k.max, w)
		default:
			and32(k.u32, o.lo, o.hi-o.lo, w)
		}
		return
	}
	switch {
	case !o.set.touches(k.min, k.max):
		clear(w[:])
	case k.min == k.max:
	case k.u8 != nil:
		fast.set8(k.u8, o.set8, k.max, w)
	case k.u16 != nil:
		andSet16(k.u16, o.lut16, w)
	default:
		and32set(k.u32, o.set, w)
	}
}

// setOp is met by rows of a set that is known.
type setOp struct {
	set   *Set
	share float64
}

func (o setOp) and(_ *scratch, b int, w *words) {
	fast.both(w, o.set.block(b))
}

func (o setOp) guess() (share, price float64) { return o.share, 0.01 }

// countOp is met by rows that meet at least lo and at most hi of its members. It adds bits up, 64 rows at a time.
type countOp struct {
	all    []op
	lo, hi int
}

func newCount(all []op, lo, hi int) op {
	hi = min(hi, len(all))
	switch {
	case lo > hi:
		return nobodyOp{}
	case lo <= 0 && hi >= len(all):
		return everybodyOp{}
	case lo == len(all):
		return newAll(all)
	case hi == 0:
		return noneOp(all)
	}
	return &countOp{all, max(lo, 0), hi}
}

// planes is how many bits a count has: up to 4,095 members.
const planes = 12

func (o *countOp) and(x *scratch, b int, w *words) {
	n := bits.Len(uint(len(o.all)))
	var sum [planes]*words
	for i := range n {
		sum[i] = x.get()
		clear(sum[i][:])
	}
	t := x.get()
	for k, m := range o.all {
		*t = *w
		m.and(x, b, t)
		for _, s := range sum[:bits.Len(uint(k+1))] { // t carries
			for i, y := range t {
				s[i], t[i] = s[i]^y, s[i]&y
			}
		}
	}
	x.put(t)
	for i := range w {
		if w[i] != 0 {
			w[i] &= atLeast(sum[:n], i, o.lo) &^ atLeast(sum[:n], i, o.hi+1)
		}
	}
	for _, s := range sum[:n] {
		x.put(s)
	}
}

// atLeast compares 64 counts with k at once.
func atLeast(sum []*words, i, k int) uint64 {
	if k >= 1<<len(sum) {
		return 0
	}
	more, equal := uint64(0), ^uint64(0)
	for p := len(sum) - 1; p >= 0; p-- {
		s := sum[p][i]
		if k>>p&1 == 1 {
			equal &= s
		} else {
			more |= equal & s
			equal &^= s
		}
	}
	return more | equal
}

func (o *countOp) guess() (share, price float64) {
	for _, m := range o.all {
		s, p := m.guess()
		share += s
		price += p + 0.02
	}
	if o.lo > 0 {
		share /= float64(o.lo)
	}
	return min(share, 0.7), price
}

func (o *countOp) stamp(b int) uint64 {
	return mix(uint64(o.lo)<<20|uint64(o.hi), allOp(o.all).stamp(b))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
