package segment

import (
	"errors"
	"iter"
	"math/bits"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

const (
	blockRows  = 1 << 16
	blockWords = blockRows / 64
)

// words are the bits of one block's rows.
type words = [blockWords]uint64

// Set is a set of people of one generation of a voter file. It is not changed once it is handed out.
type Set struct {
	gen  *generation
	bits []uint64 // whole blocks; bits past the last row are 0
}

func (v *View) newSet() *Set { return newSet(v.gen, v.rows) }

func newSet(g *generation, rows int) *Set {
	return &Set{gen: g, bits: make([]uint64, (rows+blockRows-1)/blockRows*blockWords)}
}

func (s *Set) block(b int) *words { return (*words)(s.bits[b*blockWords:]) }

// Len returns how many people are in the set.
func (s *Set) Len() int64 {
	n := 0
	for _, w := range s.bits {
		n += bits.OnesCount64(w)
	}
	return int64(n)
}

func (s *Set) has(row int) bool { return s.bits[row>>6]>>(row&63)&1 != 0 }
func (s *Set) add(row int)      { s.bits[row>>6] |= 1 << (row & 63) }
func (s *Set) del(row int)      { s.bits[row>>6] &^= 1 << (row & 63) }

// Has reports whether a person is in the set.
func (s *Set) Has(person int64) bool {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what a damaged file ends is this call
	row, ok := s.gen.rowOf(person)
	return ok && s.has(row)
}

// rowsFrom yields, from a word on, the rows of the set in walk order.
func (s *Set) rowsFrom(word int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := word; i < len(s.bits); i++ {
			for w := s.bits[i]; w != 0; w &= w - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// rowsBetween returns the rows of the set from from to, not including, to.
func (s *Set) rowsBetween(from, to int) []int {
	var rows []int
	for row := from; row < to; row++ {
		if s.has(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// IDs yields the people of the set in walk order.
func (s *Set) IDs() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		defer runtime.KeepAlive(s.gen)
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what a damaged file ends is this call
		for row := range s.rowsFrom(0) {
			if !yield(s.gen.personAt(row)) {
				return
			}
		}
	}
}

// ErrOther is returned when two sets are not of the same generation of a voter file.
var ErrOther = errors.New("the sets were counted on different states of the voter file")

func (s *Set) combine(o *Set, f func(a, b uint64) uint64) (*Set, error) {
	if s.gen != o.gen {
		return nil, ErrOther
	}
	out := &Set{gen: s.gen, bits: make([]uint64, len(s.bits))}
	for i := range s.bits {
		out.bits[i] = f(s.bits[i], o.bits[i])
	}
	return out, nil
}

// And returns who is in both sets.
func (s *Set) And(o *Set) (*Set, error) {
	return s.combine(o, func(a, b uint64) uint64 { return a & b })
}

// Or returns who is in one of the sets.
func (s *Set) Or(o *Set) (*Set, error) {
	return s.combine(o, func(a, b uint64) uint64 { return a | b })
}

// AndNot returns who is in s and not in o.
func (s *Set) AndNot(o *Set) (*Set, error) {
	return s.combine(o, func(a, b uint64) uint64 { return a &^ b })
}

// Chunks yields the set as rows of field_list_chunk: person id >> 16 ascending, and a roaring bitmap of the low 16 bits in its portable form.
func (s *Set) Chunks() iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		ids := slices.Sorted(s.IDs())
		for len(ids) > 0 {
			chunk := ids[0] >> 16
			n, _ := slices.BinarySearch(ids, (chunk+1)<<16)
			low := make([]uint32, n)
			for i, id := range ids[:n] {
				low[i] = uint32(id & 0xffff)
			}
			m := roaring.BitmapOf(low...)
			m.RunOptimize()
			b, err := m.ToBytes()
			if err != nil || !yield(chunk, b) { // writing into memory does not fail
				return
			}
			ids = ids[n:]
		}
	}
}

// SetOf returns the set of some people, and how many of them are not on the file.
func (v *View) SetOf(ids iter.Seq[int64]) (s *Set, missing int) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what a damaged file ends is this call
	defer runtime.KeepAlive(v)
	s = v.newSet()
	for id := range ids {
		if row, ok := v.gen.rowOf(id); ok {
			s.add(row)
		} else {
			missing++
		}
	}
	return s, missing
}

// ones fills the bits of block b with all its rows.
func ones(rows, b int, w *words) {
	n := min(rows-b*blockRows, blockRows)
	full := n >> 6
	for i := range w[:full] {
		w[i] = ^uint64(0)
	}
	if full < blockWords {
		w[full] = 1<<(n&63) - 1
		clear(w[full+1:])
	}
}

func countWords(w *words) int {
	n := 0
	for _, x := range w {
		n += bits.OnesCount64(x)
	}
	return n
}

func isZero(w *words) bool {
	for i := 0; i < blockWords; i += 8 {
		if w[i]|w[i+1]|w[i+2]|w[i+3]|w[i+4]|w[i+5]|w[i+6]|w[i+7] != 0 {
			return false
		}
	}
	return true
}
