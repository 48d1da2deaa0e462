package ballot

import (
	"encoding/base64"
	"encoding/hex"
	"math/bits"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// Page is what a page of a ballot says about itself.
type Page struct {
	Format    Format
	HashStart string // the first 20 hexadecimal digits of the ballot hash
	Precinct  int    // index into the precincts of the election
	Style     int    // index into its styles
	Number    int    // of the page, from 1: odd pages are fronts
	Test      bool
	For       Use
	AuditID   string // "" where none is printed
}

// Use says for whom a ballot is printed.
type Use uint8

// The uses that a page can name.
const (
	AtPrecinct Use = iota
	Absentee
	Provisional
)

// String returns the word that packages and records have for it.
func (u Use) String() string {
	if u > Provisional {
		return "unknown"
	}
	return [...]string{"precinct", "absentee", "provisional"}[u]
}

// Sheet returns the number of the page's sheet, from 1.
func (p Page) Sheet() int { return (p.Number + 1) / 2 }

// Side returns Front or Back.
func (p Page) Side() int { return 1 - p.Number%2 }

// hashDigits is how much of the ballot hash a page carries.
const hashDigits = 20

// MaxPage is the highest page number.
const MaxPage = 31

// The bytes with which a page's code begins, by version.
var preludes = [...][3]byte{V40: {'V', 'P', 2}, V41: {'V', 'B', 1}}

// styleBits is how many bits hold the index of a style, by version.
var styleBits = [...]int{V40: 13, V41: 16}

const (
	precinctBits = 13
	pageBits     = 5
	useBits      = 4
)

// Encode returns the bytes of a page's code, most significant bit first: prelude, 80 bits of the ballot hash, precinct, style, page, test, use, whether there
// is an audit id, and it with its length; the last byte is filled with zeros (VxSuite, "Ballot metadata encoding").
func (p Page) Encode() ([]byte, error) {
	hash, err := hex.DecodeString(p.HashStart)
	switch {
	case err != nil || len(hash) != hashDigits/2:
		return nil, fault.Invalidf("A page carries the first %d digits of its ballot hash; “%s” is not that.", hashDigits, p.HashStart)
	case p.Format > V41 || p.Precinct < 0 || p.Precinct >= 1<<precinctBits || p.Style < 0 || p.Style >= 1<<styleBits[p.Format]:
		return nil, fault.Invalidf("Precinct %d and ballot style %d of the election do not fit into a page's code.", p.Precinct+1, p.Style+1)
	case p.Number < 1 || p.Number > MaxPage:
		return nil, fault.Invalidf("A ballot has pages 1 to %d; there is no page %d.", MaxPage, p.Number)
	case p.For > Provisional || len(p.AuditID) > 255 || !utf8.ValidString(p.AuditID):
		return nil, fault.Invalidf("The audit id of a page is text of at most 255 bytes.")
	}
	w := bitWriter{bytes: append(append([]byte{}, preludes[p.Format][:]...), hash...)}
	w.put(uint64(p.Precinct), precinctBits)
	w.put(uint64(p.Style), styleBits[p.Format])
	w.put(uint64(p.Number), pageBits)
	w.flag(p.Test)
	w.put(uint64(p.For), useBits)
	w.flag(p.AuditID != "")
	if p.AuditID != "" {
		w.put(uint64(len(p.AuditID)), 8)
		for i := range len(p.AuditID) {
			w.put(uint64(p.AuditID[i]), 8)
		}
	}
	return w.bytes, nil
}

// Text returns what stands in a page's QR code: its bytes in base64.
func (p Page) Text() (string, error) {
	b, err := p.Encode()
	return base64.StdEncoding.EncodeToString(b), err
}

// PageOf reads what stands in a page's QR code.
func PageOf(text string) (Page, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Page{}, fault.Invalidf("The QR code is not that of a ballot.").Because(err)
	}
	return DecodePage(b)
}

// DecodePage reads the bytes of a page's code. It accepts exactly what Encode writes.
func DecodePage(b []byte) (Page, error) {
	p := Page{}
	switch {
	case len(b) >= 3 && [3]byte(b) == preludes[V40]:
	case len(b) >= 3 && [3]byte(b) == preludes[V41]:
		p.Format = V41
	default:
		return p, fault.Invalidf("The QR code is not that of a ballot.")
	}
	r := bitReader{bytes: b, at: 24}
	hash := make([]byte, hashDigits/2)
	for i := range hash {
		hash[i] = byte(r.take(8))
	}
	p.HashStart = hex.EncodeToString(hash)
	p.Precinct, p.Style, p.Number = int(r.take(precinctBits)), int(r.take(styleBits[p.Format])), int(r.take(pageBits))
	p.Test, p.For = r.take(1) == 1, Use(r.take(useBits))
	if r.take(1) == 1 {
		id := make([]byte, r.take(8))
		for i := range id {
			id[i] = byte(r.take(8))
		}
		p.AuditID = string(id)
		r.short = r.short || len(id) == 0 || !utf8.Valid(id)
	}
	if r.short || !r.done() || p.Number < 1 || p.For > Provisional {
		return Page{}, fault.Invalidf("The QR code begins as that of a ballot and is damaged.")
	}
	return p, nil
}

// bitWriter appends numbers, the most significant bit first.
type bitWriter struct {
	bytes []byte
	free  int // bits of the last byte that are not written
}

func (w *bitWriter) put(v uint64, n int) {
	for n > 0 {
		if w.free == 0 {
			w.bytes, w.free = append(w.bytes, 0), 8
		}
		k := min(n, w.free)
		part := v >> (n - k) & (1<<k - 1)
		w.bytes[len(w.bytes)-1] |= byte(part << (w.free - k))
		w.free, n = w.free-k, n-k
	}
}

func (w *bitWriter) flag(b bool) {
	if b {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
}

type bitReader struct {
	bytes []byte
	at    int
	short bool // it ended too early
}

func (r *bitReader) take(n int) uint64 {
	v := uint64(0)
	for range n {
		if r.at >= 8*len(r.bytes) {
			r.short = true
			return 0
		}
		v = v<<1 | uint64(r.bytes[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

// done reports whether only the zeros that fill the last byte are left.
func (r *bitReader) done() bool {
	for r.at%8 != 0 {
		if r.take(1) != 0 {
			return false
		}
	}
	return r.at == 8*len(r.bytes)
}

// CardFront is what the timing marks of the bottom row say on the front of an AccuVote ballot: 32 bits, bit i is the mark at column 32-i.
type CardFront struct {
	Batch    int // or the precinct
	Card     int // number of the card: ballot style “card-number-N”
	Sequence int
}

// CardBack is what they say on its back.
type CardBack struct {
	Day, Month, Year int // of the election; the year of the century
	Type             byte
}

const (
	cardStart = 1 << 31
	cardEnd   = 0b01111011110 // bits 21 to 31 of a back
)

// CardFrontOf reads the marks of a front. It reports false when the checksum or the start bit is not that of a front.
func CardFrontOf(marks uint32) (CardFront, bool) {
	f := CardFront{Batch: int(marks >> 2 & 0x1fff), Card: int(marks >> 15 & 0x1fff), Sequence: int(marks >> 28 & 7)}
	return f, marks&cardStart != 0 && uint32(bits.OnesCount32(marks>>2)%4) == marks&3
}

// Marks returns the marks of a front.
func (f CardFront) Marks() uint32 {
	m := uint32(f.Batch&0x1fff)<<2 | uint32(f.Card&0x1fff)<<15 | uint32(f.Sequence&7)<<28 | cardStart
	return m | uint32(bits.OnesCount32(m>>2)%4)
}

// CardBackOf reads the marks of a back. It reports false when the last bits are not those of a back.
func CardBackOf(marks uint32) (CardBack, bool) {
	b := CardBack{Day: int(marks & 31), Month: int(marks >> 5 & 15), Year: int(marks >> 9 & 127), Type: 'A' + byte(marks>>16&31)}
	return b, marks>>21 == cardEnd && b.Day >= 1 && b.Month >= 1 && b.Month <= 12
}

// Marks returns the marks of a back.
func (b CardBack) Marks() uint32 {
	return uint32(b.Day&31) | uint32(b.Month&15)<<5 | uint32(b.Year&127)<<9 | uint32((b.Type-'A')&31)<<16 | cardEnd<<21
}
