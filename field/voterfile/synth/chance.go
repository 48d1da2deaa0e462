package synth

import (
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
)

// chance is the generator's only source of randomness: PCG-DXSM of math/rand/v2, whose stream is fixed by its
// documentation. Everything drawn from it is integer arithmetic, because a float may be rounded differently where a
// processor fuses a multiplication and an addition.
type chance struct{ pcg rand.PCG }

// newChance returns the stream of one purpose under one seed.
func newChance(seed uint64, purpose ...uint64) *chance {
	c := new(chance)
	c.reseed(seed, purpose...)
	return c
}

func (c *chance) reseed(seed uint64, purpose ...uint64) {
	h := mix(seed)
	for _, p := range purpose {
		h = mix(h ^ p)
	}
	c.pcg.Seed(h, mix(h+1))
}

// n returns 0 ≤ x < k, without the bias that matters (k is far below 2^32).
func (c *chance) n(k int) int {
	hi, _ := bits.Mul64(c.pcg.Uint64(), uint64(k))
	return int(hi)
}

// in returns lo ≤ x ≤ hi.
func (c *chance) in(lo, hi int) int { return lo + c.n(hi-lo+1) }

// permille is true in k of 1,000 cases.
func (c *chance) permille(k int) bool { return c.n(1000) < k }

// zipf returns 0 ≤ x < k, small numbers more often: the smaller of two draws, squared towards zero.
func (c *chance) zipf(k int) int {
	u := c.pcg.Uint64()
	a, b := u>>32, u&0xffffffff
	return int((a * b >> 32) * uint64(k) >> 32)
}

// weighted returns an index of weights in proportion to them; total is their sum.
func (c *chance) weighted(weights []uint16, total int) int {
	x := c.n(total)
	for i, w := range weights {
		if x -= int(w); x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014): a hash of one word.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// mix2 hashes two words.
func mix2(a, b uint64) uint64 { return mix(mix(a) ^ b) }

// below turns a hash into 0 ≤ x < k.
func below(h uint64, k int) int {
	hi, _ := bits.Mul64(h, uint64(k))
	return int(hi)
}

// arena joins small strings in 64 KiB blocks, so that a row costs no allocation of its own.
type arena struct{ b *strings.Builder }

const arenaBlock = 64 << 10

// begin makes room for one string and returns where it starts.
func (a *arena) begin() int {
	if a.b == nil || a.b.Cap()-a.b.Len() < 512 {
		a.b = new(strings.Builder)
		a.b.Grow(arenaBlock)
	}
	return a.b.Len()
}

// since returns what was written after begin.
func (a *arena) since(start int) string { return a.b.String()[start:] }

// join returns the non-empty parts with a blank between them.
func (a *arena) join(parts ...string) string {
	start := a.begin()
	for _, p := range parts {
		if p == "" {
			continue
		}
		if a.b.Len() > start {
			a.b.WriteByte(' ')
		}
		a.b.WriteString(p)
	}
	return a.since(start)
}

// number returns prefix and n in decimal, padded with zeros to width digits.
func (a *arena) number(prefix string, n, width int) string {
	start := a.begin()
	a.b.WriteString(prefix)
	a.digits(n, width)
	return a.since(start)
}

func (a *arena) digits(n, width int) {
	var d [20]byte
	i := len(d)
	for n > 0 || i == len(d) || len(d)-i < width {
		i--
		d[i] = byte('0' + n%10)
		n /= 10
	}
	a.b.Write(d[i:])
}

func itoa(n int) string { return strconv.Itoa(n) }
