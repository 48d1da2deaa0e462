package layout

import (
	"bytes"
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

// survey walks the row and returns its hash, whether it has bytes outside ASCII and whether it has NUL bytes. Two lanes are mixed at a
// time, so that one multiplication need not wait for the other.
func survey(b []byte) (hash uint64, high, nul bool) {
	nul = bytes.IndexByte(b, 0) >= 0
	h, g := uint64(len(b))^mixC, uint64(mixA)
	var seen uint64
	for len(b) >= 32 {
		x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		z, w := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		seen |= x | y | z | w
		h = mix(x^mixA^h, y^mixB)
		g = mix(z^mixB^g, w^mixC)
		b = b[32:]
	}
	var tail [32]byte
	copy(tail[:], b)
	x, y := binary.LittleEndian.Uint64(tail[:]), binary.LittleEndian.Uint64(tail[8:])
	z, w := binary.LittleEndian.Uint64(tail[16:]), binary.LittleEndian.Uint64(tail[24:])
	seen |= x | y | z | w
	h = mix(x^mixA^h, y^mixB^uint64(len(b)))
	g = mix(z^mixB^g, w^mixC)
	return mix(h^mixB, g^mixC), seen&0x8080808080808080 != 0, nul
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
