package segment

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestKernelsAnswerRowByRow compares every kernel with a loop, on dense, sparse and empty words and on a last word that is cut short.
func TestKernelsAnswerRowByRow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for try := range 200 {
		n := blockRows
		if try%2 == 1 {
			n = 1 + r.IntN(blockRows)
		}
		d8, d16, d32 := make([]uint8, n), make([]uint16, n), make([]uint32, n)
		most := 1 + r.IntN(256)
		for i := range n {
			d8[i], d16[i], d32[i] = uint8(r.IntN(most)), uint16(r.IntN(most)*251), uint32(r.IntN(most))*16_000_001
		}
		var in words
		ones(n, 0, &in)
		for i := range in {
			switch r.IntN(4) {
			case 0:
				in[i] = 0
			case 1:
				in[i] &= r.Uint64() & r.Uint64() & r.Uint64() & r.Uint64()
			case 2:
				in[i] &= r.Uint64()
			}
		}
		lo := uint32(r.IntN(most))
		span := uint32(r.IntN(most))
		set := &codes{}
		var l8 lut8
		var l16 lut16
		wide := &codes{}
		for range r.IntN(20) {
			c := uint32(r.IntN(most))
			set.add(c)
			l8[c] = 1
			c *= 251
			l16[c>>6] |= 1 << (c & 63)
			wide.add(c)
		}
		check := func(name string, f func(w *words), want func(i int) bool) {
			t.Helper()
			got := in
			f(&got)
			for i, m := range in {
				for ; m != 0; m &= m - 1 {
					j := i<<6 + bits.TrailingZeros64(m)
					if got[i]>>(j&63)&1 != 0 != want(j) {
						t.Fatalf("%s: row %d of %d", name, j, n)
					}
				}
				if got[i]&^in[i] != 0 {
					t.Fatalf("%s: rows that were not asked about", name)
				}
			}
		}
		check("and8", func(w *words) { and8(d8, &l8, w) }, func(i int) bool { return set.has(uint32(d8[i])) })
		check("andByte", func(w *words) { andByte(d8, uint8(lo), w) }, func(i int) bool { return d8[i] == uint8(lo) })
		check("and16", func(w *words) { and16(d16, uint16(lo*251), uint16(span*251), w) }, func(i int) bool {
			return uint32(d16[i])-lo*251 <= span*251&0xffff && uint32(d16[i]) >= lo*251 || uint16(d16[i]-uint16(lo*251)) <= uint16(span*251)
		})
		check("and16set", func(w *words) { and16set(d16, &l16, w) }, func(i int) bool { return wide.has(uint32(d16[i])) })
		check("and32", func(w *words) { and32(d32, lo*16_000_001, span*16_000_001, w) }, func(i int) bool { return d32[i]-lo*16_000_001 <= span*16_000_001 })
		check("and32set", func(w *words) { and32set(d32, wide, w) }, func(i int) bool { return wide.has(d32[i]) })
	}
}
