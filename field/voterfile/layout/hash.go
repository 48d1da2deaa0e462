package layout

import (
	"encoding/binary"
	"math/bits"
)

// The constants are those of wyhash (Wang Yi, public domain), from which the mixing step comes too.
const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
	mixC = 0x8ebc6af09c88c6e3
)

// Hash returns a deterministic 64-bit hash of a raw row: the same on every machine and in every version, because it is stored.
// It tells whether a row changed between two files; it is no protection against somebody who wants two rows to collide.
func Hash(row []byte) uint64 {
	h, _, _ := survey(row)
	return h
}

// survey walks the row once and returns its hash, whether it has bytes outside ASCII and whether it has NUL bytes.
func survey(b []byte) (hash uint64, high, nul bool) {
	h := uint64(len(b)) ^ mixC
	var seen, zero uint64
	for len(b) >= 16 {
		x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		seen |= x | y
		zero |= zeroByte(x) | zeroByte(y)
		h = mix(x^mixA^h, y^mixB)
		b = b[16:]
	}
	var tail [16]byte
	for i := range tail {
		tail[i] = 1 // not NUL, so that the padding is not taken for one
	}
	copy(tail[:], b)
	x, y := binary.LittleEndian.Uint64(tail[:]), binary.LittleEndian.Uint64(tail[8:])
	seen |= x | y
	zero |= zeroByte(x) | zeroByte(y)
	h = mix(x^mixA^h, y^mixB^uint64(len(b)))
	return mix(h^mixB, mixC), seen&0x8080808080808080 != 0, zero != 0
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// zeroByte is nonzero when one of the eight bytes is zero.
func zeroByte(x uint64) uint64 { return (x - 0x0101010101010101) & ^x & 0x8080808080808080 }
