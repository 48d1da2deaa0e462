package segment

import (
	"math/bits"
	"unsafe"
)

// The kernels keep of a block's bits those whose codes match. A word without bits is not looked at, one with few is looked at bit by bit, and the
// others 64 rows at a time without a branch.

// fewBits is from how many bits on a whole word is looked at.
const fewBits = 12

// lut8 says of each code of one byte whether it matches: 1 or 0.
type lut8 [256]uint64

// lut16 is a bit for each code of two bytes.
type lut16 [1 << 16 / 64]uint64

func and8(data []uint8, lut *lut8, w *words) {
	full := len(data) >> 6
	for i := range w {
		m := w[i]
		switch {
		case m == 0:
		case i >= full || bits.OnesCount64(m) < fewBits:
			for t := m; t != 0; t &= t - 1 {
				j := bits.TrailingZeros64(t)
				m &^= (lut[data[i<<6+j]] ^ 1) << j
			}
			w[i] = m
		default:
			w[i] = m & match8((*[64]uint8)(data[i<<6:]), lut)
		}
	}
}

func match8(p *[64]uint8, lut *lut8) uint64 {
	var m uint64
	for j := 0; j < 64; j += 8 {
		m |= lut[p[j]]<<j | lut[p[j+1]]<<(j+1) | lut[p[j+2]]<<(j+2) | lut[p[j+3]]<<(j+3) |
			lut[p[j+4]]<<(j+4) | lut[p[j+5]]<<(j+5) | lut[p[j+6]]<<(j+6) | lut[p[j+7]]<<(j+7)
	}
	return m
}

// andByte keeps one code of one byte, eight rows at a time: where a byte is the code its difference is 0, and adding 127 to the rest leaves its upper bit off.
func andByte(data []uint8, code uint8, w *words) {
	const low, ones = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101
	full := len(data) >> 6
	c := uint64(code) * ones
	for i := range w {
		m := w[i]
		switch {
		case m == 0:
		case i >= full:
			for t := m; t != 0; t &= t - 1 {
				if j := bits.TrailingZeros64(t); data[i<<6+j] != code {
					m &^= 1 << j
				}
			}
			w[i] = m
		default:
			p := (*[8]uint64)(unsafe.Pointer(&data[i<<6]))
			var k uint64
			for j, x := range p {
				x ^= c
				x = ^((x&low + low) | x | low) >> 7
				k |= x * 0x0102040810204080 >> 56 << (j << 3)
			}
			w[i] = m & k
		}
	}
}

// and16 keeps codes from lo to lo+span.
func and16(data []uint16, lo, span uint16, w *words) {
	full := len(data) >> 6
	for i := range w {
		m := w[i]
		switch {
		case m == 0:
		case i >= full || bits.OnesCount64(m) < fewBits:
			for t := m; t != 0; t &= t - 1 {
				if j := bits.TrailingZeros64(t); data[i<<6+j]-lo > span {
					m &^= 1 << j
				}
			}
			w[i] = m
		default:
			w[i] = m & match16((*[64]uint16)(data[i<<6:]), lo, uint32(span)+1)
		}
	}
}

func match16(p *[64]uint16, lo uint16, end uint32) uint64 {
	var m uint64
	for j := 0; j < 64; j += 4 {
		m |= uint64((uint32(p[j]-lo)-end)>>31)<<j | uint64((uint32(p[j+1]-lo)-end)>>31)<<(j+1) |
			uint64((uint32(p[j+2]-lo)-end)>>31)<<(j+2) | uint64((uint32(p[j+3]-lo)-end)>>31)<<(j+3)
	}
	return m
}

func and16set(data []uint16, lut *lut16, w *words) {
	full := len(data) >> 6
	for i := range w {
		m := w[i]
		if m == 0 {
			continue
		}
		if i >= full || bits.OnesCount64(m) < fewBits {
			for t := m; t != 0; t &= t - 1 {
				j := bits.TrailingZeros64(t)
				c := data[i<<6+j]
				m &^= (lut[c>>6]>>(c&63)&1 ^ 1) << j
			}
			w[i] = m
			continue
		}
		p := (*[64]uint16)(data[i<<6:])
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
		case i >= full || bits.OnesCount64(m) < fewBits:
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
