package db

import (
	"encoding/binary"
	"errors"
	"math"
)

// What is here reads pages of SQLite's file format (https://sqlite.org/fileformat2.html §1.6, §2.1): b-trees of tables, and of tables WITHOUT ROWID,
// which are b-trees of indexes.

var errPage = errors.New("a page of the database is not as the file format says")

// kinds of pages
const (
	indexInner = 2
	tableInner = 5
	indexLeaf  = 10
	tableLeaf  = 13
)

// page is one page of a b-tree.
type page struct {
	data   []byte
	usable int // bytes of a page that are SQLite's
	kind   byte
	cells  int
}

func newPage(data []byte, reserved int) (page, error) {
	p := page{data: data, usable: len(data) - reserved}
	if len(data) < 512 || p.usable < 480 {
		return p, errPage
	}
	p.kind, p.cells = data[0], int(binary.BigEndian.Uint16(data[3:]))
	switch p.kind {
	case indexInner, tableInner, indexLeaf, tableLeaf:
	default:
		return p, errPage
	}
	if p.head()+2*p.cells > p.usable {
		return p, errPage
	}
	return p, nil
}

func (p *page) inner() bool { return p.kind == indexInner || p.kind == tableInner }

func (p *page) head() int {
	if p.inner() {
		return 12
	}
	return 8
}

// last returns the page right of all cells of an inner page.
func (p *page) last() uint32 { return binary.BigEndian.Uint32(p.data[8:]) }

// cell is one entry of a page.
type cell struct {
	left     uint32 // the page left of it, on inner pages
	rowid    int64  // of tables
	size     int    // of the payload
	payload  []byte // what of it stands on the page
	overflow uint32 // the page on which it goes on, 0 none
}

func (p *page) cell(i int) (c cell, err error) {
	at := int(binary.BigEndian.Uint16(p.data[p.head()+2*i:]))
	if at < p.head() || at >= p.usable {
		return c, errPage
	}
	b := p.data[at:p.usable]
	if p.inner() {
		if len(b) < 4 {
			return c, errPage
		}
		c.left, b = binary.BigEndian.Uint32(b), b[4:]
	}
	if p.kind != tableInner {
		size, n := varint(b)
		if n == 0 || size < 0 || size > math.MaxInt32 {
			return c, errPage
		}
		c.size, b = int(size), b[n:]
	}
	if p.kind == tableInner || p.kind == tableLeaf {
		id, n := varint(b)
		if n == 0 {
			return c, errPage
		}
		c.rowid, b = id, b[n:]
	}
	if p.kind == tableInner {
		return c, nil
	}
	local := p.local(c.size)
	if local < c.size {
		if len(b) < local+4 {
			return c, errPage
		}
		c.overflow = binary.BigEndian.Uint32(b[local:])
	}
	if len(b) < local {
		return c, errPage
	}
	c.payload = b[:local:local]
	return c, nil
}

// local returns how much of a payload stands on the page itself.
func (p *page) local(size int) int {
	u := p.usable
	most := (u-12)*64/255 - 23
	if p.kind == tableLeaf {
		most = u - 35
	}
	if size <= most {
		return size
	}
	least := (u-12)*32/255 - 23
	if k := least + (size-least)%(u-4); k <= most {
		return k
	}
	return least
}

// varint reads a number of one to nine bytes; n is 0 when it is cut short.
func varint(b []byte) (v int64, n int) {
	if len(b) > 0 && b[0] < 0x80 {
		return int64(b[0]), 1
	}
	x := uint64(0)
	for i := range min(len(b), 9) {
		if i == 8 {
			return int64(x<<8 | uint64(b[i])), 9
		}
		x = x<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return int64(x), i + 1
		}
	}
	return 0, 0
}

// field is a value of a record: its serial type and its bytes.
type field struct {
	serial int64
	data   []byte
}

func sizeOfSerial(serial int64) int {
	if serial >= 12 {
		return int((serial - 12) / 2)
	}
	return [...]int{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0}[serial]
}

// record takes a payload apart into its first len(to) fields; a record made before a column was added has fewer, and the others stay NULL.
func record(payload []byte, to []field) error {
	size, n := varint(payload)
	if n == 0 || size < int64(n) || size > int64(len(payload)) {
		return errPage
	}
	types, data := payload[n:size], payload[size:]
	for i := range to {
		to[i] = field{}
		if len(types) == 0 {
			continue
		}
		serial, n := varint(types)
		if n == 0 || serial < 0 || serial > math.MaxInt32 {
			return errPage
		}
		types = types[n:]
		k := sizeOfSerial(serial)
		if k > len(data) {
			return errPage
		}
		to[i], data = field{serial, data[:k:k]}, data[k:]
	}
	return nil
}

// whole returns a whole number; false when the field is none.
func (f *field) whole() (int64, bool) {
	switch {
	case f.serial == 8 || f.serial == 9:
		return f.serial - 8, true
	case f.serial < 1 || f.serial > 6:
		return 0, false
	}
	v := int64(int8(f.data[0]))
	for _, b := range f.data[1:] {
		v = v<<8 | int64(b)
	}
	return v, true
}

// float returns a number; SQLite stores one without a fraction as a whole one.
func (f *field) float() (float64, bool) {
	if f.serial == 7 {
		return math.Float64frombits(binary.BigEndian.Uint64(f.data)), true
	}
	v, ok := f.whole()
	return float64(v), ok
}

// text returns the bytes of a text or a blob.
func (f *field) text() ([]byte, bool) { return f.data, f.serial >= 12 }
