package ranked

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// javaRandom is java.util.Random: a linear congruential generator of 48 bits (Knuth, The Art of Computer Programming,
// volume 2, 3.2.1, with the constants of the POSIX function drand48). RCTab breaks ties with it, so a published seed
// decides the same ties here.
type javaRandom struct{ state uint64 }

const (
	javaMultiplier = 0x5DEECE66D
	javaMask       = 1<<48 - 1
)

func newJavaRandom(seed int64) *javaRandom {
	return &javaRandom{(uint64(seed) ^ javaMultiplier) & javaMask} // #nosec G115 -- the bits are what matters
}

func (r *javaRandom) next(n int) uint64 {
	r.state = (r.state*javaMultiplier + 0xB) & javaMask
	return r.state >> (48 - n)
}

// float returns a number in [0,1) of 53 bits: Random.nextDouble.
func (r *javaRandom) float() float64 {
	return float64(r.next(26)<<27+r.next(27)) / (1 << 53)
}

// below returns a number in [0,n): Random.nextInt(n). n is at least 1.
func (r *javaRandom) below(n int32) int32 {
	if n&(n-1) == 0 {
		return int32(uint64(n) * r.next(31) >> 31) // #nosec G115 -- below n
	}
	for {
		u := int32(r.next(31)) // #nosec G115 -- 31 bits
		v := u % n
		if u-v+(n-1) >= 0 {
			return v
		}
	}
}

// shuffle is Collections.shuffle.
func shuffle[T any](list []T, r *javaRandom) {
	for i := len(list); i > 1; i-- {
		j := r.below(int32(i)) // #nosec G115 -- candidates are few
		list[i-1], list[j] = list[j], list[i-1]
	}
}

// javaCompare orders strings as String.compareTo does: by UTF-16 unit.
func javaCompare(a, b string) int {
	return slices.CompareFunc(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)), func(x, y uint16) int { return cmp.Compare(x, y) })
}

// javaHash is String.hashCode with HashMap's spreading of the high bits.
func javaHash(s string) uint32 {
	var h uint32
	for _, u := range utf16.Encode([]rune(s)) {
		h = 31*h + uint32(u)
	}
	return h ^ h>>16
}

// javaOrder returns the order in which a java.util.HashMap or HashSet yields keys that were put into it in the given
// order. copied tells of a set made from another collection, whose table has its size from the start.
func javaOrder[T any](keys []T, name func(T) string, copied bool) []T {
	table := 16
	if copied {
		for table < int(float32(len(keys))/.75+1) {
			table *= 2
		}
	} else {
		for len(keys)*4 > table*3 {
			table *= 2
		}
	}
	slot := func(k T) uint32 { return javaHash(name(k)) & uint32(table-1) } // #nosec G115 -- a small power of two
	sorted := slices.Clone(keys)
	slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(slot(a), slot(b)) })
	return sorted
}
