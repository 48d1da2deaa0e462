//go:build goexperiment.simd && amd64

package segment

import (
	"math/bits"
	"simd/archsimd"
)

// With AVX2, 32 codes of one byte or 16 of two are compared at once; words with few bits, and what does not fill a word of 64 rows, as in the scalar kernels.
// Each kernel leaves the upper halves of the registers clear: until they are, the older instructions that the compiler uses elsewhere wait for them. For the same
// reason nothing here shifts by a number in an ordinary register.

var fast = fastest()

func fastest() kernels {
	if !archsimd.X86.AVX2() {
		return scalar
	}
	return kernels{set8: set8AVX2, span16: span16AVX2, both: bothAVX2}
}

// set8AVX2 looks 32 codes up at once: the lower half of each chooses a byte, in which the upper half chooses a bit.
func set8AVX2(data []uint8, s *set8, _ uint32, w *words) {
	below, above := archsimd.LoadUint8x16(&s.nibble[0]), archsimd.LoadUint8x16(&s.nibble[1])
	lower := archsimd.Uint8x32{}.SetLo(below).SetHi(below)
	upper := archsimd.Uint8x32{}.SetLo(above).SetHi(above)
	bit := archsimd.LoadUint8x32(&[32]uint8{1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128})
	low, four := archsimd.BroadcastUint8x32(15), archsimd.BroadcastUint32x8(4)
	full := len(data) >> 6
	for i, m := range w[:full] {
		if m&(m-1) == 0 {
			if m != 0 {
				w[i] = m & -s.lut[data[i<<6+bits.TrailingZeros64(m)]]
			}
			continue
		}
		p := (*[64]uint8)(data[i<<6:])
		x, y := archsimd.LoadUint8x32((*[32]uint8)(p[:32])), archsimd.LoadUint8x32((*[32]uint8)(p[32:]))
		w[i] = m & (uint64(lookUp(x, lower, upper, bit, low, four)) | uint64(lookUp(y, lower, upper, bit, low, four))<<32)
	}
	if full < blockWords {
		w[full] = oneByOne8(data[full<<6:], &s.lut, w[full])
	}
	archsimd.ClearAVXUpperBits()
}

// lookUp chooses in lower by codes below 128 and in upper by the others, whose first bit makes them negative.
func lookUp(x, lower, upper, bit, low archsimd.Uint8x32, four archsimd.Uint32x8) uint32 {
	l := x.And(low).AsInt8x32()
	h := x.AsUint32x8().ShiftRight(four).AsUint8x32().And(low).AsInt8x32()
	at := lower.PermuteOrZeroGrouped(l).Merge(upper.PermuteOrZeroGrouped(l), x.AsInt8x32().GreaterEqual(archsimd.Int8x32{}))
	b := bit.PermuteOrZeroGrouped(h)
	return at.And(b).Equal(b).ToBits()
}

// span16AVX2 asks which codes, less the least of the span, are not past it.
func span16AVX2(data []uint16, s *span16, _, _ uint32, w *words) {
	lo, span := archsimd.BroadcastUint16x16(s.lo), archsimd.BroadcastUint16x16(s.span)
	even := archsimd.BroadcastUint16x16(0x00ff).AsUint8x32()
	sorted := archsimd.LoadInt8x32(&[32]int8{0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15})
	full := len(data) >> 6
	for i, m := range w[:full] {
		if few(m) {
			if m != 0 {
				w[i] = s.oneByOne(data[i<<6:], m)
			}
			continue
		}
		p := (*[64]uint16)(data[i<<6:])
		a := archsimd.LoadUint16x16((*[16]uint16)(p[:16])).Sub(lo)
		b := archsimd.LoadUint16x16((*[16]uint16)(p[16:32])).Sub(lo)
		c := archsimd.LoadUint16x16((*[16]uint16)(p[32:48])).Sub(lo)
		d := archsimd.LoadUint16x16((*[16]uint16)(p[48:])).Sub(lo)
		in := func(x archsimd.Uint16x16) archsimd.Uint8x32 { return x.Min(span).Equal(x).ToInt16x16().AsUint8x32() }
		// The first of two bytes of one vector and the second of the other, sorted within each half: rows 0 to 7, 16 to 23, 8 to 15, 24 to 31.
		k := uint64(in(a).And(even).Or(in(b).AndNot(even)).PermuteOrZeroGrouped(sorted).AsInt8x32().Less(archsimd.Int8x32{}).ToBits()) |
			uint64(in(c).And(even).Or(in(d).AndNot(even)).PermuteOrZeroGrouped(sorted).AsInt8x32().Less(archsimd.Int8x32{}).ToBits())<<32
		t := (k ^ k>>8) & 0x0000FF000000FF00
		w[i] = m & (k ^ t ^ t<<8)
	}
	if full < blockWords {
		w[full] = s.oneByOne(data[full<<6:], w[full])
	}
	archsimd.ClearAVXUpperBits()
}

func bothAVX2(w, y *words) {
	for i := 0; i < blockWords; i += 4 {
		p := (*[4]uint64)(w[i:])
		archsimd.LoadUint64x4(p).And(archsimd.LoadUint64x4((*[4]uint64)(y[i:]))).Store(p)
	}
	archsimd.ClearAVXUpperBits()
}
