package segment

import (
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// stamps number the versions of blocks, so that what was computed from one is known to be old when the block is not the same any more.
var stamps atomic.Uint64

func newStamp() uint64 { return stamps.Add(1) }

// block is the codes of up to blockRows rows; one of the slices is used.
type block struct {
	u8       []uint8
	u16      []uint16
	u32      []uint32
	min, max uint32 // the zone: least and greatest code
	stamp    uint64
}

func (b *block) at(i int) uint32 {
	switch {
	case b.u8 != nil:
		return uint32(b.u8[i])
	case b.u16 != nil:
		return uint32(b.u16[i])
	}
	return b.u32[i]
}

func (b *block) len() int { return len(b.u8) + len(b.u16) + len(b.u32) }

// zone finds the least and greatest code.
func (b *block) zone() {
	b.min, b.max = math.MaxUint32, 0
	for i := range b.len() {
		c := b.at(i)
		b.min, b.max = min(b.min, c), max(b.max, c)
	}
}

// column is one attribute of all rows, as codes of one, two or four bytes. Code 0 is unknown.
type column struct {
	name   string
	width  int // bytes
	blocks []block
	words  *dict  // of texts; nil for numbers
	number *codec // of numbers; nil for texts
	counts *tally
}

func (c *column) code(row int) uint32 { return c.blocks[row>>16].at(row & (blockRows - 1)) }
func (c *column) text(row int) string { return c.words.at(c.code(row)) }

// value returns the number at a row; false when it is unknown.
func (c *column) value(row int) (int64, bool) { return c.number.value(c.code(row)) }

func maxCode(width int) uint32 { return uint32(1<<(8*width) - 1) }

func widthOf(codes int) int {
	switch {
	case codes <= 1<<8:
		return 1
	case codes <= 1<<16:
		return 2
	}
	return 4
}

// with returns a column in which some rows have other codes; blocks without them are shared. rows are ascending.
func (c *column) with(rows []int, codes []uint32) *column {
	n := *c
	n.counts = &tally{}
	if most := slices.Max(codes); most > maxCode(c.width) {
		n = *c.widened(widthOf(int(most) + 1))
	} else {
		n.blocks = slices.Clone(c.blocks)
	}
	for i := 0; i < len(rows); {
		b := rows[i] >> 16
		nb := n.blocks[b].clone()
		for ; i < len(rows) && rows[i]>>16 == b; i++ {
			nb.set(rows[i]&(blockRows-1), codes[i])
		}
		nb.zone()
		nb.stamp = newStamp()
		n.blocks[b] = nb
	}
	return &n
}

func (b *block) clone() block {
	return block{u8: slices.Clone(b.u8), u16: slices.Clone(b.u16), u32: slices.Clone(b.u32), stamp: b.stamp}
}

func (b *block) set(i int, code uint32) {
	switch {
	case b.u8 != nil:
		b.u8[i] = uint8(code)
	case b.u16 != nil:
		b.u16[i] = uint16(code)
	default:
		b.u32[i] = code
	}
}

// widened returns the same column with wider codes.
func (c *column) widened(width int) *column {
	return c.recoded(width, func(code uint32) uint32 { return code })
}

// recoded returns the column with other codes of another width.
func (c *column) recoded(width int, f func(uint32) uint32) *column {
	n := *c
	n.width, n.counts = width, &tally{}
	n.blocks = make([]block, len(c.blocks))
	for b := range c.blocks {
		from := &c.blocks[b]
		to := makeBlock(width, from.len())
		for i := range from.len() {
			to.set(i, f(from.at(i)))
		}
		to.zone()
		to.stamp = newStamp()
		n.blocks[b] = to
	}
	return &n
}

// blockIn returns the block whose codes are in b.
func blockIn(b []byte, width int) block {
	switch width {
	case 1:
		return block{u8: b}
	case 2:
		return block{u16: sliceOf[uint16](b)}
	}
	return block{u32: sliceOf[uint32](b)}
}

// bytes is the inverse of blockIn.
func (b *block) bytes() []byte {
	switch {
	case b.u8 != nil:
		return b.u8
	case b.u16 != nil:
		return bytesOf(b.u16)
	}
	return bytesOf(b.u32)
}

// first returns the first n rows.
func (b *block) first(n int) block {
	switch {
	case b.u8 != nil:
		return block{u8: b.u8[:n:n]}
	case b.u16 != nil:
		return block{u16: b.u16[:n:n]}
	}
	return block{u32: b.u32[:n:n]}
}

// blockOf returns a block of rows that all have the same code.
func blockOf(width int, code uint32, rows int) block {
	k := makeBlock(width, rows)
	for i := range rows {
		k.set(i, code)
	}
	return k
}

func makeBlock(width, rows int) block {
	switch width {
	case 1:
		return block{u8: make([]uint8, rows)}
	case 2:
		return block{u16: make([]uint16, rows)}
	}
	return block{u32: make([]uint32, rows)}
}

// tally counts the rows of each code, once, when first asked for.
type tally struct {
	once sync.Once
	n    rowCounts
}

// rowCounts is how many rows have each code, up to the greatest that is there.
type rowCounts []int64

func (n rowCounts) of(code uint32) int64 {
	if int(code) < len(n) {
		return n[code]
	}
	return 0
}

// rowsOf returns how many rows have each code, of columns with at most 65,536 of them; nil for others.
func (c *column) rowsOf() rowCounts {
	if c.width > 2 {
		return nil
	}
	c.counts.once.Do(func() {
		most := uint32(0)
		for b := range c.blocks {
			most = max(most, c.blocks[b].max)
		}
		n := make(rowCounts, most+1)
		for b := range c.blocks {
			for _, x := range c.blocks[b].u8 {
				n[x]++
			}
			for _, x := range c.blocks[b].u16 {
				n[x]++
			}
		}
		c.counts.n = n
	})
	return c.counts.n
}

// dict is the texts of a column by code. The first are sorted, as they were built; later ones were added by changes.
type dict struct {
	sorted []string
	added  []string
}

func (d *dict) len() int { return len(d.sorted) + len(d.added) }

func (d *dict) at(code uint32) string {
	if int(code) < len(d.sorted) {
		return d.sorted[code]
	}
	return d.added[int(code)-len(d.sorted)]
}

func (d *dict) find(s string) (uint32, bool) {
	if i, ok := slices.BinarySearch(d.sorted, s); ok {
		return uint32(i), true
	}
	if i := slices.Index(d.added, s); i >= 0 {
		return uint32(len(d.sorted) + i), true
	}
	return 0, false
}

// with returns the dictionary with s in it, and the code of s.
func (d *dict) with(s string) (*dict, uint32) {
	if c, ok := d.find(s); ok {
		return d, c
	}
	return &dict{sorted: d.sorted, added: append(slices.Clip(d.added), s)}, uint32(d.len())
}

// where returns the codes of texts for which f holds.
func (d *dict) where(f func(string) bool) *codes {
	m := &codes{}
	for i := range d.len() {
		if f(d.at(uint32(i))) {
			m.add(uint32(i))
		}
	}
	return m
}

// codec turns whole numbers into codes that keep their order; 0 is unknown.
type codec struct {
	Dates bool  `json:"dates,omitempty"` // yyyymmdd, 416 codes to a year
	Least int64 `json:"least"`           // the number, or with Dates the year, that has the lowest codes
}

const (
	daysPerYear  = 13 * 32
	daysPerMonth = 32
)

// encode returns the code of a number; false when there is none.
func (k *codec) encode(v int64) (uint32, bool) {
	if !k.Dates {
		c := v - k.Least + 1
		return uint32(c), c >= 1 && c <= math.MaxUint32
	}
	y, m, d := v/10000, v/100%100, v%100
	c := (y-k.Least)*daysPerYear + m*daysPerMonth + d + 1
	return uint32(c), y >= k.Least && m <= 12 && d <= 31 && c <= math.MaxUint16
}

func (k *codec) value(code uint32) (int64, bool) {
	if code == 0 {
		return 0, false
	}
	c := int64(code) - 1
	if !k.Dates {
		return c + k.Least, true
	}
	return (c/daysPerYear+k.Least)*10000 + c%daysPerYear/daysPerMonth*100 + c%daysPerMonth, true
}

// between returns the codes of known numbers from a to b, empty when lo > hi. most is the greatest code of the column.
func (k *codec) between(from, to *int64, most uint32) (lo, hi uint32) {
	lo, hi = 1, most
	if from != nil {
		lo = uint32(sort.Search(int(most), func(i int) bool { v, _ := k.value(uint32(i) + 1); return v >= *from })) + 1
	}
	if to != nil {
		hi = uint32(sort.Search(int(most), func(i int) bool { v, _ := k.value(uint32(i) + 1); return v > *to }))
	}
	return lo, hi
}

// codecFor chooses the codec of numbers between least and greatest.
func codecFor(dates bool, least, greatest int64) (*codec, int) {
	if dates {
		k := &codec{Dates: true, Least: least / 10000}
		if _, ok := k.encode(greatest/10000*10000 + 1231); ok && least >= 0 {
			return k, 2
		}
	}
	return &codec{Least: least}, widthOf(int(min(greatest-least, math.MaxUint32-2)) + 2)
}

// codes is a set of codes.
type codes struct {
	bits []uint64
	n    int
	list []uint32 // ascending once sorted
}

func (m *codes) add(c uint32) {
	if m.has(c) {
		return
	}
	for int(c>>6) >= len(m.bits) {
		m.bits = append(m.bits, 0)
	}
	m.bits[c>>6] |= 1 << (c & 63)
	m.n++
	m.list = append(m.list, c)
}

func (m *codes) has(c uint32) bool {
	return int(c>>6) < len(m.bits) && m.bits[c>>6]>>(c&63)&1 != 0
}

// touches reports whether one of the codes is in a zone.
func (m *codes) touches(lo, hi uint32) bool {
	i, _ := slices.BinarySearch(m.list, lo)
	return i < len(m.list) && m.list[i] <= hi
}
