package segment

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// texts is a dictionary that grows. Most texts of a voter file are short, so a slot of its table holds the whole of a short one: to find it takes one look into
// memory that is seldom in the processor's cache, not three.
type texts struct {
	all   []string
	slots []slot
	last  slot // of the text asked for last
}

// slot is one text: a short one is in text and tail, a long one has its hash there.
type slot struct {
	text uint64 // bytes 0 to 7
	tail uint32 // bytes 8 to 10, then the length, or longText and 24 bits of the length
	next uint32 // the code and one, 0 in an empty slot
}

const (
	shortText = 11
	longText  = 0xff << 24
)

var textSeed = maphash.MakeSeed()

func newTexts() *texts {
	t := &texts{slots: make([]slot, 16)}
	t.code(nil)
	return t
}

// code returns the code of a text; the empty one has 0.
func (t *texts) code(s []byte) uint32 {
	k := slotOf(s)
	if t.is(t.last, k, s) {
		return t.last.next - 1
	}
	mask := uint64(len(t.slots) - 1)
	i := k.index() & mask
	for ; t.slots[i].next != 0; i = (i + 1) & mask {
		if t.is(t.slots[i], k, s) {
			t.last = t.slots[i]
			return t.last.next - 1
		}
	}
	t.all = append(t.all, string(s))
	k.next = uint32(len(t.all))
	t.slots[i], t.last = k, k
	if 2*len(t.all) > len(t.slots) {
		t.grow()
	}
	return k.next - 1
}

// is reports whether a slot in use holds s, whose own slot is k.
func (t *texts) is(in, k slot, s []byte) bool {
	return in.text == k.text && in.tail == k.tail && in.next != 0 && (k.tail < longText || t.all[in.next-1] == string(s))
}

func (t *texts) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := uint64(len(t.slots) - 1)
	for _, k := range old {
		if k.next == 0 {
			continue
		}
		i := k.index() & mask
		for t.slots[i].next != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = k
	}
}

// slotOf returns the slot of a text without its code.
func slotOf(s []byte) slot {
	n := len(s)
	k := slot{tail: uint32(n) << 24}
	switch {
	case n > shortText:
		h := maphash.Bytes(textSeed, s)
		return slot{text: h, tail: longText | uint32(n)&0xffffff}
	case n >= 8: // the last four bytes, less those of the eight before
		k.text = binary.LittleEndian.Uint64(s)
		k.tail |= binary.LittleEndian.Uint32(s[n-4:]) >> (8 * (12 - n))
	case n >= 4:
		k.text = uint64(binary.LittleEndian.Uint32(s)) | uint64(binary.LittleEndian.Uint32(s[n-4:])>>(8*(8-n)))<<32
	default:
		for i, b := range s {
			k.text |= uint64(b) << (8 * i)
		}
	}
	return k
}

// textSalt keeps those who choose names from choosing where they stand in the table.
var textSalt = maphash.Bytes(textSeed, nil) | 1

func (k slot) index() uint64 {
	hi, lo := bits.Mul64(k.text^textSalt, uint64(k.tail)*0x9e3779b97f4a7c15^textSalt>>7|1)
	return hi ^ lo
}
