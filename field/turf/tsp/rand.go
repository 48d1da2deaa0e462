package tsp

import "math/bits"

// Rand is a small generator of random numbers (SplitMix64, Steele, Lea and Flood 2014), the same everywhere.
type Rand uint64

// Uint64 returns the next 64 bits.
func (r *Rand) Uint64() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Intn returns a number from 0 to n-1; n is above 0.
func (r *Rand) Intn(n int) int {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n)) // #nosec G115 -- n is above 0
	return int(hi)                             // #nosec G115 -- below n
}

// Float returns a number from 0 to below 1.
func (r *Rand) Float() float64 { return float64(r.Uint64()>>11) / (1 << 53) }
