package sampler

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/bits"
	"strconv"
)

// FirstTicket returns the whole first ticket of an id: with H(x) the SHA-256 of x in hexadecimal, it is "0." and the decimal digits of H(H(seed) + id),
// filled with zeros to 64, last digit first (Rivest 2018, section 4).
func FirstTicket(seed, id string) string {
	h := newHasher(seed)
	var sum [32]byte
	h.sum([]byte(id), &sum)
	return fraction(&sum)
}

// NextTicket returns the ticket after one, as text larger and below 1: everything from the first digit that is not a nine is replaced by digits of
// H(ticket:1), H(ticket:2) … until the result is larger. The ticket begins with "0.".
func NextTicket(ticket string) string { return nextFraction(ticket) }

// Trim truncates a ticket to some digits after its leading nines, as it is published.
func Trim(ticket string, digits int) string {
	return ticket[:min(len(ticket), nines(ticket)+digits)]
}

// nines returns where the first digit is that is not a nine, or the length.
func nines(ticket string) int {
	i := min(2, len(ticket))
	for i < len(ticket) && ticket[i] == '9' {
		i++
	}
	return i
}

func nextFraction(x string) string {
	x0 := x + "0"
	head := x0[:nines(x0)]
	for i := 1; ; i++ {
		sum := sha256.Sum256([]byte(x + ":" + strconv.Itoa(i)))
		if y := head + fraction(&sum)[2:]; y > x0 {
			return y
		}
	}
}

// ten19 is the largest power of ten in 64 bits.
const ten19 = 10_000_000_000_000_000_000

// words reads a hash as a number, most significant word first.
func words(sum *[32]byte) (w [4]uint64) {
	for i := range w {
		w[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return w
}

// divide divides a number by 10^19 in place and returns the rest.
func divide(w *[4]uint64) (rest uint64) {
	for i := range w {
		w[i], rest = bits.Div64(rest, w[i], ten19)
	}
	return rest
}

// leading returns the first 19 digits of a hash's ticket as a number. They are its last 19 decimal digits in reverse.
func leading(sum *[32]byte) uint64 {
	w := words(sum)
	rest := divide(&w)
	var n uint64
	for range 19 {
		n = n*10 + rest%10
		rest /= 10
	}
	return n
}

// fraction writes the ticket that a hash gives: 64 to 78 digits.
func fraction(sum *[32]byte) string {
	var buf [2 + 5*19]byte
	out := append(buf[:0], "0."...)
	w := words(sum)
	for range 5 {
		rest := divide(&w)
		for range 19 {
			out = append(out, '0'+byte(rest%10))
			rest /= 10
		}
	}
	end := len(out)
	for end > 2+64 && out[end-1] == '0' { // zeros in front of the number, which are at the end of the ticket
		end--
	}
	return string(out[:end])
}

// hasher hashes ids after the hash of a seed. That hash has 64 letters, one block of SHA-256, so it is hashed once and its state is used again.
type hasher struct {
	h     hash.Hash
	start []byte // the state after the seed's hash
}

func newHasher(seed string) *hasher {
	sum := sha256.Sum256([]byte(seed))
	h := sha256.New()
	h.Write([]byte(hex.EncodeToString(sum[:])))
	start, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err) // the standard library promises that it can
	}
	return &hasher{h, start}
}

func (h *hasher) sum(id []byte, into *[32]byte) {
	if err := h.h.(encoding.BinaryUnmarshaler).UnmarshalBinary(h.start); err != nil {
		panic(err) // it made the state itself
	}
	h.h.Write(id)
	h.h.Sum(into[:0])
}
