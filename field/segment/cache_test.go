package segment

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestKeptBitsStayWithinTheirBound asks many conditions again and again, of the whole and of few rows, and looks at what is kept after each.
func TestKeptBitsStayWithinTheirBound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	rows := 2*blockRows + 100
	codes := make([]uint32, rows)
	for i := range codes {
		codes[i] = uint32(r.IntN(200))
	}
	col := newColumn("any", 1, codes)
	for b := range col.blocks {
		col.blocks[b].zone()
		col.blocks[b].stamp = newStamp()
	}
	const limit = 40 * blockRows / 8
	c := newCache(limit)
	x := &scratch{}
	for range 3000 {
		lo := uint32(r.IntN(190))
		plain := newRange(col, lo, lo+uint32(r.IntN(9)))
		key := fmt.Sprint(plain.(*codesOp).lo, plain.(*codesOp).hi)
		kept := c.of(key, rows, r.IntN(2) == 0, plain)
		b := r.IntN(len(col.blocks))
		var got, want words
		ones(rows, b, &got)
		if r.IntN(2) == 0 {
			for i := range got {
				got[i] &= r.Uint64() & r.Uint64() & r.Uint64() & r.Uint64() & r.Uint64() & r.Uint64()
			}
		}
		want = got
		kept.and(x, b, &got)
		plain.and(x, b, &want)
		if got != want {
			t.Fatalf("what is kept of %s answers otherwise in block %d", key, b)
		}
		// One condition more than the bound may be there until the next is asked.
		if n := c.bytes.Load(); n > max(limit, leastKept*int64(rows)/8)+int64(len(col.blocks))*blockRows/8 {
			t.Fatalf("%d bytes are kept", n)
		}
	}
	sum := int64(0)
	for _, e := range c.all {
		sum += e.bytes.Load()
	}
	if sum != c.bytes.Load() || sum == 0 {
		t.Errorf("%d bytes are kept, counted were %d", sum, c.bytes.Load())
	}
}
