package sampler

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// PCG64 is numpy's default generator: PCG XSL RR 128/64 (M. O'Neill, HMC-CS-2014-0905), seeded through numpy's SeedSequence. The same
// seed gives the numbers of numpy.random.default_rng(seed). It is for drawing from a public seed, never for secrets.
type PCG64 struct {
	hi, lo       uint64 // state
	incHi, incLo uint64
}

// NewPCG64 seeds a generator with a number, most significant byte first.
func NewPCG64(seed []byte) *PCG64 {
	a := seedSequence(entropy(seed))
	g := &PCG64{incHi: a[2]<<1 | a[3]>>63, incLo: a[3]<<1 | 1}
	g.step()
	var carry uint64
	g.lo, carry = bits.Add64(g.lo, a[1], 0)
	g.hi, _ = bits.Add64(g.hi, a[0], carry)
	g.step()
	return g
}

// entropy splits a number into 32-bit words, least significant first, without leading zeros; zero is one word.
func entropy(seed []byte) []uint32 {
	padded := append(make([]byte, (4-len(seed)%4)%4), seed...)
	var all []uint32
	for i := len(padded); i > 0; i -= 4 {
		all = append(all, binary.BigEndian.Uint32(padded[i-4:]))
	}
	for len(all) > 1 && all[len(all)-1] == 0 {
		all = all[:len(all)-1]
	}
	if len(all) == 0 {
		all = []uint32{0}
	}
	return all
}

// seedSequence spreads entropy over four words of 64 bits as numpy's SeedSequence does (after M. O'Neill's seed_seq_fe128).
func seedSequence(words []uint32) (out [4]uint64) {
	h := uint32(0x43b0d7e5)
	hashmix := func(v uint32) uint32 {
		v ^= h
		h *= 0x931e8875
		v *= h
		return v ^ v>>16
	}
	mix := func(x, y uint32) uint32 {
		r := 0xca01f9dd*x - 0x4973f715*y
		return r ^ r>>16
	}
	var pool [4]uint32
	for i := range pool {
		var w uint32
		if i < len(words) {
			w = words[i]
		}
		pool[i] = hashmix(w)
	}
	for from := range pool {
		for to := range pool {
			if from != to {
				pool[to] = mix(pool[to], hashmix(pool[from]))
			}
		}
	}
	for i := 4; i < len(words); i++ {
		for to := range pool {
			pool[to] = mix(pool[to], hashmix(words[i]))
		}
	}
	g := uint32(0x8b51f9dd)
	for i := range 8 {
		v := pool[i%4] ^ g
		g *= 0x58f38ded
		v *= g
		v ^= v >> 16
		out[i/2] |= uint64(v) << (32 * (i % 2))
	}
	return out
}

// step moves the state on: state × multiplier + increment, modulo 2^128.
func (g *PCG64) step() {
	const mulHi, mulLo = 0x2360ED051FC65DA4, 0x4385DF649FCCF645
	hi, lo := bits.Mul64(g.lo, mulLo)
	hi += g.hi*mulLo + g.lo*mulHi
	var carry uint64
	g.lo, carry = bits.Add64(lo, g.incLo, 0)
	g.hi, _ = bits.Add64(hi, g.incHi, carry)
}

// Uint64 returns the next 64 bits.
func (g *PCG64) Uint64() uint64 {
	g.step()
	return bits.RotateLeft64(g.hi^g.lo, -int(g.hi>>58))
}

// Float64 returns the next number in [0, 1), with 53 bits.
func (g *PCG64) Float64() float64 { return float64(g.Uint64()>>11) * 0x1p-53 }

// ErrWeights means that weights are no probabilities: one is negative or no number, or all are nothing.
var ErrWeights = errors.New("weights must be numbers from 0 that are not all 0")

// Choose draws n indices with replacement, each in proportion to its weight, as numpy's Generator.choice does: the running sum of the weights, each divided
// by the last, and the first that is larger than a random number.
func (g *PCG64) Choose(weights []float64, n int) ([]int, error) {
	cdf := make([]float64, len(weights))
	sum := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, ErrWeights
		}
		sum += w
		cdf[i] = sum
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		return nil, ErrWeights
	}
	for i := range cdf {
		cdf[i] /= sum
	}
	out := make([]int, n)
	for i := range out {
		r := g.Float64()
		out[i] = sort.Search(len(cdf), func(k int) bool { return cdf[k] > r })
	}
	return out, nil
}

// BatchDraw is one batch drawn.
type BatchDraw struct {
	Ticket string
	Batch  int // index into the keys
}

// Batches draws size batches after those drawn before, in proportion to weights, with replacement. Each draw carries a ticket as Arlo prints it: the first
// of a batch follows from the seed and the batch, each later one from the published digits of the one before. As soon as the draws would be as many
// as there are batches, every batch that was not drawn yet is drawn once, in the order of its key.
func Batches(seed string, keys []Key, weights []float64, size int, before []Key) ([]BatchDraw, error) {
	if err := (Order{Drop: len(before), Take: size, Digits: Digits}).check(); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if seen[k.String()] {
			return nil, fmt.Errorf("batch %s is %w", k, ErrDuplicate)
		}
		seen[k.String()] = true
	}
	if len(before)+size >= len(keys) {
		return ticketed(seed, keys, others(keys, before)), nil
	}
	sum := sha256.Sum256([]byte(seed))
	order, err := NewPCG64(sum[:]).Choose(weights, len(before)+size)
	if err != nil {
		return nil, err
	}
	return ticketed(seed, keys, order)[len(before):], nil
}

// others are the batches not drawn before, in the order of their keys.
func others(keys, before []Key) []int {
	was := make(map[string]bool, len(before))
	for _, k := range before {
		was[k.String()] = true
	}
	var order []int
	for i, k := range keys {
		if !was[k.String()] {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return keys[a].Compare(keys[b]) })
	return order
}

// ticketed gives each draw its ticket.
func ticketed(seed string, keys []Key, order []int) []BatchDraw {
	last := map[int]string{}
	out := make([]BatchDraw, len(order))
	for n, i := range order {
		full := ""
		if t, again := last[i]; again {
			full = nextFraction(t)
		} else {
			full = FirstTicket(seed, keys[i].String())
		}
		last[i] = Trim(full, Digits)
		out[n] = BatchDraw{last[i], i}
	}
	return out
}
