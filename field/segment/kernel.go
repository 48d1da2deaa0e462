package segment

import (
	"math/bits"
	"unsafe"
)

// The kernels keep of a block's bits those whose codes match. A word without bits is not looked at, one with few is looked at bit by bit, and of the
// others 64 rows are compared at once: a machine word holds eight codes of one byte, or four of two, and sums are chosen so that the upper bit of each
// says how it compares and nothing spills into its neighbour.

// kernels are those of which a processor may have faster ones; fast has them.
type kernels struct {
	set8   func(data []uint8, s *set8, most uint32, w *words)
	span16 func(data []uint16, s *span16, least, most uint32, w *words)
	both   func(w, y *words)
}

var scalar = kernels{set8: andSet8, span16: andSpan16, both: andWords}

// few reports whether a word has up to two bits: looking at them one by one takes less time than comparing 64 rows at once.
func few(m uint64) bool {
	m &= m - 1
	return m&(m-1) == 0
}

// lut16 is a bit for each code of two bytes.
type lut16 [1 << 16 / 64]uint64

// set8 is a set of codes of one byte.
type set8 struct {
	lut    [256]uint64  // 1 for a code that is in it
	spans  [][2]uint64  // of those below 128, as addends; nil when a lookup of each code is cheaper
	nibble [2][16]uint8 // bit h%8 of [h/8][l]: whether code 16h+l is in it
}

// mostSpans is up to how many spans are compared instead of looked up.
const mostSpans = 3

const (
	each8   = 0x0101010101010101
	upper8  = 0x8080808080808080
	each16  = 0x0001000100010001
	upper16 = 0x8000800080008000
)

func newSet8(has func(code uint32) bool) *set8 {
	s := &set8{}
	for c := range uint32(256) {
		if has(c) {
			s.lut[c] = 1
			s.nibble[c>>7][c&15] |= 1 << (c >> 4 & 7)
		}
	}
	for lo := uint64(0); lo < 128 && littleEndian; lo++ {
		if s.lut[lo] == 0 {
			continue
		}
		hi := lo
		for hi < 127 && s.lut[hi+1] != 0 {
			hi++
		}
		if len(s.spans) == mostSpans {
			s.spans = nil
			break
		}
		s.spans = append(s.spans, [2]uint64{(128 - lo) * each8, (127 - hi) * each8})
		lo = hi
	}
	return s
}

// andSet8 keeps codes of a set; most is the greatest code in data.
func andSet8(data []uint8, s *set8, most uint32, w *words) {
	if most > 127 || s.spans == nil {
		andLut8(data, &s.lut, w)
		return
	}
	if len(s.spans) == 1 {
		andSpan8(data, &s.lut, s.spans[0], w)
		return
	}
	var got words
	rest := *w
	for _, x := range s.spans {
		t := rest
		andSpan8(data, &s.lut, x, &t)
		for i, y := range t {
			got[i] |= y
			rest[i] &^= y
		}
	}
	*w = got
}

// andSpan8 compares codes below 128: adding 128-lo sets the upper bit of those from lo on, adding 127-hi that of those past hi, and those between are where
// the two differ.
func andSpan8(data []uint8, lut *[256]uint64, span [2]uint64, w *words) {
	a, b := span[0], span[1]
	full := len(data) >> 6
	for i, m := range w[:full] {
		if m&(m-1) == 0 { // one bit, or none
			if m != 0 {
				w[i] = m & -lut[data[i<<6+bits.TrailingZeros64(m)]]
			}
			continue
		}
		p := (*[8]uint64)(unsafe.Pointer(&data[i<<6]))
		k := (((p[0]+a)^(p[0]+b))&upper8)>>7 | (((p[1]+a)^(p[1]+b))&upper8)>>6 | (((p[2]+a)^(p[2]+b))&upper8)>>5 | (((p[3]+a)^(p[3]+b))&upper8)>>4 |
			(((p[4]+a)^(p[4]+b))&upper8)>>3 | (((p[5]+a)^(p[5]+b))&upper8)>>2 | (((p[6]+a)^(p[6]+b))&upper8)>>1 | ((p[7]+a)^(p[7]+b))&upper8
		// Bit j of byte i is row 8j+i so far: turn the eight by eight bits over.
		t := (k ^ k>>7) & 0x00AA00AA00AA00AA
		k ^= t ^ t<<7
		t = (k ^ k>>14) & 0x0000CCCC0000CCCC
		k ^= t ^ t<<14
		t = (k ^ k>>28) & 0x00000000F0F0F0F0
		w[i] = m & (k ^ t ^ t<<28)
	}
	if full < blockWords {
		w[full] = oneByOne8(data[full<<6:], lut, w[full])
	}
}

func andLut8(data []uint8, lut *[256]uint64, w *words) {
	full := len(data) >> 6
	for i, m := range w[:full] {
		if few(m) {
			if m != 0 {
				w[i] = oneByOne8(data[i<<6:], lut, m)
			}
			continue
		}
		w[i] = m & look8((*[64]uint8)(data[i<<6:]), lut)
	}
	if full < blockWords {
		w[full] = oneByOne8(data[full<<6:], lut, w[full])
	}
}

// oneByOne8 keeps of the bits m those whose codes match.
func oneByOne8(data []uint8, lut *[256]uint64, m uint64) uint64 {
	for t := m; t != 0; t &= t - 1 {
		j := bits.TrailingZeros64(t)
		m &^= (lut[data[j]] ^ 1) << j
	}
	return m
}

func look8(p *[64]uint8, lut *[256]uint64) uint64 {
	var m uint64
	for j := 0; j < 64; j += 8 {
		m |= lut[p[j]]<<j | lut[p[j+1]]<<(j+1) | lut[p[j+2]]<<(j+2) | lut[p[j+3]]<<(j+3) |
			lut[p[j+4]]<<(j+4) | lut[p[j+5]]<<(j+5) | lut[p[j+6]]<<(j+6) | lut[p[j+7]]<<(j+7)
	}
	return m
}

// span16 is the codes of two bytes from lo to lo+span.
type span16 struct{ lo, span uint16 }

// andSpan16 keeps codes of a span; least and most are those in data.
func andSpan16(data []uint16, s *span16, least, most uint32, w *words) {
	full := len(data) >> 6
	if !littleEndian {
		full = 0
	}
	lo, hi := max(uint32(s.lo), least), min(uint32(s.lo)+uint32(s.span), most)
	switch {
	case full == 0:
	case most-least < 1<<15:
		near16(data, s, uint64(1<<15+least-lo)*each16-uint64(least)*each16, uint64(1<<15-1+least-hi)*each16-uint64(least)*each16, w)
	case lo < 1<<15 && hi >= 1<<15-1:
		across16(data, s, uint64(lo), uint64(hi)+1, w)
	default:
		beside16(data, s, uint64(lo), uint64(hi)+1, w)
	}
	for i := full; i < blockWords; i++ {
		if w[i] != 0 {
			w[i] = s.oneByOne(data[i<<6:], w[i])
		}
	}
}

// near16 compares codes that are less than 32,768 above the least, as andSpan8 does.
func near16(data []uint16, s *span16, a, b uint64, w *words) {
	for i, m := range w[:len(data)>>6] {
		if few(m) {
			if m != 0 {
				w[i] = s.oneByOne(data[i<<6:], m)
			}
			continue
		}
		p := (*[16]uint64)(unsafe.Pointer(&data[i<<6]))
		var k uint64
		for g := range 4 {
			q := (*[4]uint64)(p[4*g:])
			k |= ((((q[0]+a)^(q[0]+b))&upper16)>>15 | (((q[1]+a)^(q[1]+b))&upper16)>>11 | (((q[2]+a)^(q[2]+b))&upper16)>>7 | (((q[3]+a)^(q[3]+b))&upper16)>>3) << g
		}
		w[i] = m & turn16(k)
	}
}

// Further apart, a code without its upper bit is at least a bound without its own when, 32,768 added, taking the bound away leaves the upper bit. What the upper
// bits themselves say depends on which bounds have one.

// across16 compares with a lower bound without upper bit and an upper bound, not included, with it.
func across16(data []uint16, s *span16, lo, end uint64, w *words) {
	from, to := lo*each16, end&(1<<15-1)*each16
	if end == 1<<16 {
		to = upper16
	}
	in := func(x uint64) uint64 { return ((x | upper16) - from | x) ^ ((x|upper16)-to)&x }
	for i, m := range w[:len(data)>>6] {
		if few(m) {
			if m != 0 {
				w[i] = s.oneByOne(data[i<<6:], m)
			}
			continue
		}
		p := (*[16]uint64)(unsafe.Pointer(&data[i<<6]))
		var k uint64
		for g := range 4 {
			q := (*[4]uint64)(p[4*g:])
			k |= ((in(q[0])&upper16)>>15 | (in(q[1])&upper16)>>11 | (in(q[2])&upper16)>>7 | (in(q[3])&upper16)>>3) << g
		}
		w[i] = m & turn16(k)
	}
}

// beside16 compares with bounds that both have the upper bit, or both have not.
func beside16(data []uint16, s *span16, lo, end uint64, w *words) {
	from, to := lo&(1<<15-1)*each16, end&(1<<15-1)*each16
	if end == 1<<16 {
		to = upper16
	}
	flip := uint64(upper16)
	if lo >= 1<<15 {
		flip = 0
	}
	in := func(x uint64) uint64 { return (((x | upper16) - from) ^ ((x | upper16) - to)) & (x ^ flip) }
	for i, m := range w[:len(data)>>6] {
		if few(m) {
			if m != 0 {
				w[i] = s.oneByOne(data[i<<6:], m)
			}
			continue
		}
		p := (*[16]uint64)(unsafe.Pointer(&data[i<<6]))
		var k uint64
		for g := range 4 {
			q := (*[4]uint64)(p[4*g:])
			k |= ((in(q[0])&upper16)>>15 | (in(q[1])&upper16)>>11 | (in(q[2])&upper16)>>7 | (in(q[3])&upper16)>>3) << g
		}
		w[i] = m & turn16(k)
	}
}

// oneByOne keeps of the bits m those whose codes match.
func (s *span16) oneByOne(data []uint16, m uint64) uint64 {
	for t := m; t != 0; t &= t - 1 {
		if j := bits.TrailingZeros64(t); data[j]-s.lo > s.span {
			m &^= 1 << j
		}
	}
	return m
}

// turn16 puts the bits of 64 rows in order: bit 16l+4j+g is row 16g+4j+l so far.
func turn16(k uint64) uint64 {
	t := (k ^ k>>30) & 0x00000000CCCCCCCC
	k ^= t ^ t<<30
	t = (k ^ k>>15) & 0x0000AAAA0000AAAA
	return k ^ t ^ t<<15
}

func andSet16(data []uint16, lut *lut16, w *words) {
	full := len(data) >> 6
	for i := range w {
		m := w[i]
		if m == 0 {
			continue
		}
		if i >= full || few(m) {
			for t := m; t != 0; t &= t - 1 {
				j := bits.TrailingZeros64(t)
				c := data[i<<6+j]
				m &^= (lut[c>>6]>>(c&63)&1 ^ 1) << j
			}
			w[i] = m
			continue
		}
		p := (*[64]uint16)(data[i<<6:])
		if c := p[0]; same16(p) { // in walk order most of what has to do with places
			w[i] = m & -(lut[c>>6] >> (c & 63) & 1)
			continue
		}
		var k uint64
		for j, c := range p {
			k |= lut[c>>6] >> (c & 63) & 1 << j
		}
		w[i] = m & k
	}
}

func and32(data []uint32, lo, span uint32, w *words) {
	full := len(data) >> 6
	end := uint64(span) + 1
	for i := range w {
		m := w[i]
		switch {
		case m == 0:
		case i >= full || few(m):
			for t := m; t != 0; t &= t - 1 {
				if j := bits.TrailingZeros64(t); data[i<<6+j]-lo > span {
					m &^= 1 << j
				}
			}
			w[i] = m
		default:
			p := (*[64]uint32)(data[i<<6:])
			var k uint64
			for j, c := range p {
				k |= (uint64(c-lo) - end) >> 63 << j
			}
			w[i] = m & k
		}
	}
}

func and32set(data []uint32, set *codes, w *words) {
	for i := range w {
		m := w[i]
		for t := m; t != 0; t &= t - 1 {
			if j := bits.TrailingZeros64(t); !set.has(data[i<<6+j]) {
				m &^= 1 << j
			}
		}
		w[i] = m
	}
}

func andWords(w, y *words) {
	for i, x := range y {
		w[i] &= x
	}
}
