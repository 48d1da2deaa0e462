package segment

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// sorts are the kernels that stand everywhere and those that this build chose; with GOEXPERIMENT=simd they are not the same.
var sorts = map[string]kernels{"scalar": scalar, "fast": fast}

// kernelCase is codes, the bits that are asked about, and what of the codes is looked for.
type kernelCase struct {
	in       words
	d8       []uint8
	d16      []uint16
	d32      []uint32
	lo, span uint32 // scaled like the codes
	wanted   []uint32
}

// newKernelCase makes a case of n rows whose codes are below most, those of two and four bytes times a step from a least one.
func newKernelCase(r *rand.Rand, n, most int) *kernelCase {
	k := &kernelCase{d8: make([]uint8, n), d16: make([]uint16, n), d32: make([]uint32, n)}
	least, step := r.IntN(1<<16), 1+r.IntN(1+65535/most)
	for i := range n {
		c := r.IntN(most)
		k.d8[i], k.d16[i], k.d32[i] = uint8(c%256), uint16(min(least+c*step, 1<<16-1)), uint32(c)*16_000_001
	}
	if r.IntN(3) == 0 { // stretches of the same, as in walk order
		for i := range n {
			k.d8[i], k.d16[i], k.d32[i] = k.d8[i/100*100], k.d16[i/100*100], k.d32[i/100*100]
		}
	}
	ones(n, 0, &k.in)
	for i := range k.in {
		switch r.IntN(4) {
		case 0:
			k.in[i] = 0
		case 1:
			k.in[i] &= r.Uint64() & r.Uint64() & r.Uint64() & r.Uint64()
		case 2:
			k.in[i] &= r.Uint64()
		}
	}
	k.lo, k.span = uint32(r.IntN(most)), uint32(r.IntN(most))
	for range r.IntN(20) {
		k.wanted = append(k.wanted, uint32(r.IntN(most)))
	}
	return k
}

// zoneOf is what a block knows of its codes.
func zoneOf[T uint8 | uint16](data []T) (least, most uint32) {
	return uint32(slices.Min(data)), uint32(slices.Max(data))
}

func (k *kernelCase) check(t *testing.T, name string, f func(w *words), want func(i int) bool) {
	t.Helper()
	got := k.in
	f(&got)
	for i, m := range k.in {
		for ; m != 0; m &= m - 1 {
			j := i<<6 + bits.TrailingZeros64(m)
			if got[i]>>(j&63)&1 != 0 != want(j) {
				t.Fatalf("%s: row %d of %d", name, j, len(k.d8))
			}
		}
		if got[i]&^k.in[i] != 0 {
			t.Fatalf("%s: rows that were not asked about", name)
		}
	}
}

// all compares every kernel with a loop.
func (k *kernelCase) all(t *testing.T) {
	t.Helper()
	set, wide := &codes{}, &codes{}
	var l16 lut16
	for _, c := range k.wanted {
		set.add(c & 255)
		wide.add(uint32(k.d16[int(c)%len(k.d16)]))
		wide.add(c * 16_000_001 & (1<<20 - 1))
	}
	for _, c := range wide.list {
		if c < 1<<16 {
			l16[c>>6] |= 1 << (c & 63)
		}
	}
	_, most8 := zoneOf(k.d8)
	least, most := zoneOf(k.d16)
	for name, by := range sorts {
		k.check(t, name+" set8", func(w *words) { by.set8(k.d8, newSet8(set.has), most8, w) }, func(i int) bool { return set.has(uint32(k.d8[i])) })
		lo8, hi8 := k.lo&255, min(k.lo&255+k.span, 255)
		one := newSet8(func(c uint32) bool { return lo8 <= c && c <= hi8 })
		k.check(t, name+" set8 of a span", func(w *words) { by.set8(k.d8, one, most8, w) }, func(i int) bool { return lo8 <= uint32(k.d8[i]) && uint32(k.d8[i]) <= hi8 })
		for _, at := range []uint32{k.lo, k.lo * 251 & 0xffff, uint32(k.d16[int(k.lo)%len(k.d16)])} {
			s := &span16{uint16(at), uint16(min(k.span*97, 1<<16-1-at&0xffff))}
			lo, hi := uint32(s.lo), uint32(s.lo)+uint32(s.span)
			if most < lo || least > hi { // a block without such a code is not looked at
				continue
			}
			k.check(t, name+" span16", func(w *words) { by.span16(k.d16, s, least, most, w) }, func(i int) bool { return lo <= uint32(k.d16[i]) && uint32(k.d16[i]) <= hi })
		}
		y := k.in
		for i := range y {
			y[i] = bits.RotateLeft64(y[i], i) ^ uint64(i)
		}
		k.check(t, name+" both", func(w *words) { by.both(w, &y) }, func(i int) bool { return y[i>>6]>>(i&63)&1 != 0 })
	}
	k.check(t, "andSet16", func(w *words) { andSet16(k.d16, &l16, w) }, func(i int) bool { return wide.has(uint32(k.d16[i])) })
	lo, span := k.lo*16_000_001, k.span*16_000_001
	k.check(t, "and32", func(w *words) { and32(k.d32, lo, span, w) }, func(i int) bool { return k.d32[i]-lo <= span })
	k.check(t, "and32set", func(w *words) { and32set(k.d32, wide, w) }, func(i int) bool { return wide.has(k.d32[i]) })
}

// TestKernelsAnswerRowByRow compares on dense, sparse and empty words and on a last word that is cut short.
func TestKernelsAnswerRowByRow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for try := range 300 {
		n := blockRows
		if try%2 == 1 {
			n = 1 + r.IntN(blockRows)
		}
		newKernelCase(r, n, 1+r.IntN([]int{4, 100, 128, 256, 60000}[r.IntN(5)])).all(t)
	}
}

// FuzzKernels compares on 128 and some rows of whatever codes.
func FuzzKernels(f *testing.F) {
	f.Add([]byte("ABCDEFGH"), ^uint64(0), uint16(65), uint16(3))
	f.Add([]byte{0, 0x80, 0x7f, 0xff, 0xfe, 1}, uint64(0x8000000000000001), uint16(0x7fff), uint16(0))
	f.Add(binary.LittleEndian.AppendUint64(nil, 0x7fff_8000_8001_0000), ^uint64(0), uint16(0x8000), uint16(0x7fff))
	f.Fuzz(func(t *testing.T, data []byte, m uint64, lo, span uint16) {
		if len(data) == 0 {
			return
		}
		n := 131
		k := &kernelCase{d8: make([]uint8, n), d16: make([]uint16, n), d32: make([]uint32, n), lo: uint32(lo), span: uint32(span)}
		for i := range n {
			k.d8[i] = data[i%len(data)]
			k.d16[i] = uint16(data[i%len(data)])<<8 | uint16(data[(i+1)%len(data)])
			k.d32[i] = uint32(k.d16[i])<<16 | uint32(data[(i+2)%len(data)])
		}
		ones(n, 0, &k.in)
		k.in[0], k.in[2] = m, k.in[2]&m
		for _, b := range data[:min(len(data), 20)] {
			k.wanted = append(k.wanted, uint32(b))
		}
		k.all(t)
	})
}

// TestSeekFindsWhatALookFromTheStartFinds asks for every row, from every place before it.
func TestSeekFindsWhatALookFromTheStartFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		rows := make([]uint16, r.IntN(200))
		most := 1 + r.IntN(blockRows)
		for i := range rows {
			rows[i] = uint16(r.IntN(most))
		}
		slices.Sort(rows)
		for range 100 {
			row := uint16(r.IntN(blockRows))
			want, _ := slices.BinarySearch(rows, row)
			if from := r.IntN(want + 1); seek(rows, from, row) != want {
				t.Fatalf("row %d from %d: %d, not %d in %v", row, from, seek(rows, from, row), want, rows)
			}
		}
	}
}

// BenchmarkKernels measures five million rows, with what this build found fastest and without.
func BenchmarkKernels(b *testing.B) {
	const rows = 5_000_000
	r := rand.New(rand.NewPCG(1, 2))
	blocks := (rows + blockRows - 1) / blockRows
	d8, d16 := make([]uint8, blocks*blockRows), make([]uint16, blocks*blockRows)
	for i := range d8 {
		d8[i], d16[i] = uint8(r.IntN(7)), uint16(1+r.IntN(32000))
	}
	var full, y words
	ones(blockRows, 0, &full)
	one, three := newSet8(func(c uint32) bool { return c == 2 }), newSet8(func(c uint32) bool { return c == 1 || c == 4 })
	many := newSet8(func(c uint32) bool { return c%2 == 0 })
	for _, name := range []string{"scalar", "fast"} {
		by := sorts[name]
		for _, x := range []struct {
			what string
			f    func(i int, w *words)
		}{
			{"one byte", func(i int, w *words) { by.set8(d8[i*blockRows:(i+1)*blockRows], one, 6, w) }},
			{"two bytes apart", func(i int, w *words) { by.set8(d8[i*blockRows:(i+1)*blockRows], three, 6, w) }},
			{"bytes looked up", func(i int, w *words) { by.set8(d8[i*blockRows:(i+1)*blockRows], many, 6, w) }},
			{"span of two bytes", func(i int, w *words) { by.span16(d16[i*blockRows:(i+1)*blockRows], &span16{9000, 5000}, 0, 32000, w) }},
			{"span of two bytes, far", func(i int, w *words) { by.span16(d16[i*blockRows:(i+1)*blockRows], &span16{9000, 5000}, 0, 60000, w) }},
			{"span of two bytes, across", func(i int, w *words) { by.span16(d16[i*blockRows:(i+1)*blockRows], &span16{9000, 30000}, 0, 60000, w) }},
			{"both", func(_ int, w *words) { by.both(w, &y) }},
		} {
			b.Run(x.what+"/"+name, func(b *testing.B) {
				for b.Loop() {
					for i := range blocks {
						w := full
						x.f(i, &w)
					}
				}
			})
		}
	}
}
