// Package pmtiles reads map tiles out of one file: PMTiles, version 3 of the specification, as base maps are handed around.
//
// A file is a header of 127 bytes, a root directory, leaf directories and tiles. A directory lists tiles by their number along Hilbert curves, zoom by zoom, so
// that a tile is found with two or three short reads, however large the file is.
package pmtiles

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Kind says what a file's tiles are, by the number the specification gives it.
type Kind uint8

// The kinds that browsers draw.
const (
	Vector Kind = 1 // Mapbox vector tiles
	PNG    Kind = 2
	JPEG   Kind = 3
	WebP   Kind = 4
)

// Type returns the media type of the tiles, "" for a kind that is not known.
func (k Kind) Type() string {
	switch k {
	case Vector:
		return "application/vnd.mapbox-vector-tile"
	case PNG:
		return "image/png"
	case JPEG:
		return "image/jpeg"
	case WebP:
		return "image/webp"
	}
	return ""
}

// Limits of a file: what is larger was not made for maps in a browser.
const (
	headerSize   = 127
	mostRoot     = 1 << 20 // bytes of the root directory, packed; the specification has 16 KB
	mostDir      = 8 << 20 // of a directory, packed
	mostUnpacked = 64 << 20
	mostMetadata = 4 << 20
	mostTile     = 8 << 20
	mostZoom     = 24
	mostKept     = 64 // leaf directories in memory
	deepest      = 4  // directories on the way to a tile
)

// Compressions of the specification; the others of it are not read.
const (
	plain   = 1
	gzipped = 2
)

// File is an open file. It may be used by many at once.
type File struct {
	Kind             Kind
	Gzip             bool // tiles are stored gzipped, and are returned as they are stored
	MinZoom, MaxZoom int
	Box              geo.Box
	Credit           string // whom its makers want named; it may hold HTML

	in                     io.ReaderAt
	leaves, leavesSize     uint64
	tiles, tilesSize, size uint64
	packed                 bool // directories are gzipped
	root                   []entry

	mu   sync.Mutex
	kept map[uint64][]entry // by the place of a leaf directory
}

// entry is a run of equal tiles, or a leaf directory when there are none in it.
type entry struct {
	tile, at, length, run uint64
}

// Open reads the header, the root directory and the metadata of a file of so many bytes. Errors say what the file is not.
func Open(in io.ReaderAt, size int64) (*File, error) {
	var h [headerSize]byte
	if size < headerSize {
		return nil, notOne()
	}
	if _, err := in.ReadAt(h[:], 0); err != nil {
		return nil, fmt.Errorf("reading the head of a file of tiles: %w", err)
	}
	if string(h[:7]) != "PMTiles" {
		return nil, notOne()
	}
	if h[7] != 3 {
		return nil, fault.Invalidf("The base map is PMTiles of version %d; version 3 is read. Convert it with the pmtiles tool.", h[7])
	}
	u := func(at int) uint64 { return binary.LittleEndian.Uint64(h[at:]) }
	degrees := func(at int) float64 { return float64(int32(binary.LittleEndian.Uint32(h[at:]))) / 1e7 } // #nosec G115 -- the same 32 bits with their sign
	f := &File{Kind: Kind(h[99]), Gzip: h[98] == gzipped, MinZoom: int(h[100]), MaxZoom: int(h[101]),
		Box: geo.Box{West: degrees(102), South: degrees(106), East: degrees(110), North: degrees(114)},
		in:  in, leaves: u(40), leavesSize: u(48), tiles: u(56), tilesSize: u(64), size: uint64(size), packed: h[97] == gzipped, kept: map[uint64][]entry{}} // #nosec G115 -- size ≥ headerSize
	if f.Kind.Type() == "" || h[97] != plain && h[97] != gzipped || h[98] > gzipped {
		return nil, fault.Invalidf("The base map holds tiles, or is packed, in a way that is not read here (kind %d, packed %d and %d). Make it with vector, PNG, JPEG or WebP tiles and gzip.", h[99], h[97], h[98])
	}
	if f.MinZoom > f.MaxZoom || f.MaxZoom > mostZoom {
		return nil, damaged()
	}
	var err error
	if f.root, err = f.directory(u(8), u(16), mostRoot); err != nil {
		return nil, err
	}
	return f, f.metadata(u(24), u(32))
}

func notOne() error {
	return fault.Invalidf("The base map is no PMTiles file. Give a file that ends in .pmtiles, or the address of tiles.")
}

func damaged() error {
	return fault.Invalidf("The base map's file is damaged, or was not copied whole. Copy it again.")
}

// read returns bytes of the file, bounded.
func (f *File) read(at, length, most uint64) ([]byte, error) {
	if length > most || at > f.size || length > f.size-at {
		return nil, damaged()
	}
	b := make([]byte, length)
	_, err := f.in.ReadAt(b, int64(at)) // #nosec G115 -- below size
	if err != nil && !(errors.Is(err, io.EOF) && at+length == f.size) {
		return nil, fmt.Errorf("reading a file of tiles: %w", err)
	}
	return b, nil
}

func (f *File) unpack(b []byte) ([]byte, error) {
	if !f.packed {
		return b, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, damaged()
	}
	out, err := io.ReadAll(io.LimitReader(z, mostUnpacked+1))
	if err != nil || len(out) > mostUnpacked {
		return nil, damaged()
	}
	return out, nil
}

// metadata reads what the makers say, of which only the credit is used.
func (f *File) metadata(at, length uint64) error {
	if length == 0 {
		return nil
	}
	b, err := f.read(at, length, mostMetadata)
	if err == nil {
		b, err = f.unpack(b)
	}
	if err != nil {
		return err
	}
	var says struct {
		Attribution string `json:"attribution"`
	}
	if json.Unmarshal(b, &says) == nil { // it is for people; what cannot be read is left out
		f.Credit = says.Attribution
	}
	return nil
}

// directory reads the entries of a directory.
func (f *File) directory(at, length, most uint64) ([]entry, error) {
	b, err := f.read(at, length, most)
	if err == nil {
		b, err = f.unpack(b)
	}
	if err != nil {
		return nil, err
	}
	bad := false
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			bad = true
			return 0
		}
		b = b[n:]
		return v
	}
	n := next()
	if bad || n > uint64(len(b)) { // each entry takes four bytes at least
		return nil, damaged()
	}
	all := make([]entry, n)
	tile := uint64(0)
	for i := range all {
		tile += next()
		all[i].tile = tile
	}
	for i := range all {
		all[i].run = next()
	}
	for i := range all {
		all[i].length = next()
	}
	for i := range all {
		if v := next(); v > 0 {
			all[i].at = v - 1
		} else if i > 0 {
			all[i].at = all[i-1].at + all[i-1].length
		} else {
			bad = true
		}
	}
	if bad || !slices.IsSortedFunc(all, func(a, b entry) int { return cmp.Compare(a.tile, b.tile) }) {
		return nil, damaged()
	}
	return all, nil
}

// Tile returns a tile as it is stored, and whether the file has it. Zooms and places that are none are not there.
func (f *File) Tile(z, x, y int) ([]byte, bool, error) {
	if z < f.MinZoom || z > f.MaxZoom || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return nil, false, nil
	}
	want, dir := Number(z, x, y), f.root
	for range deepest {
		i, exact := slices.BinarySearchFunc(dir, want, func(e entry, want uint64) int { return cmp.Compare(e.tile, want) })
		if !exact {
			i--
		}
		if i < 0 {
			return nil, false, nil
		}
		e := dir[i]
		if e.run > 0 {
			if want-e.tile >= e.run {
				return nil, false, nil
			}
			if e.at > f.tilesSize || e.length > f.tilesSize-e.at || f.tiles > f.size {
				return nil, false, damaged()
			}
			b, err := f.read(f.tiles+e.at, e.length, mostTile)
			return b, err == nil, err
		}
		var err error
		if dir, err = f.leaf(e); err != nil {
			return nil, false, err
		}
	}
	return nil, false, damaged()
}

// leaf returns a leaf directory, from memory where it was read before.
func (f *File) leaf(e entry) ([]entry, error) {
	f.mu.Lock()
	dir, ok := f.kept[e.at]
	f.mu.Unlock()
	if ok {
		return dir, nil
	}
	if e.at > f.leavesSize || e.length > f.leavesSize-e.at || f.leaves > f.size {
		return nil, damaged()
	}
	dir, err := f.directory(f.leaves+e.at, e.length, mostDir)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) >= mostKept {
		clear(f.kept) // a map looks at few places at a time
	}
	f.kept[e.at] = dir
	return dir, nil
}

// Number returns the number of a tile: all of lower zooms come first, and those of one zoom follow a Hilbert curve.
func Number(z, x, y int) uint64 {
	n := uint64(0)
	for i := range z {
		n += uint64(1) << (2 * i)
	}
	for s := 1 << z >> 1; s > 0; s >>= 1 {
		rx, ry := 0, 0
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		n += uint64(s) * uint64(s) * uint64((3*rx)^ry) // #nosec G115 -- s ≤ 2^23, the last factor ≤ 3
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-(x&(s-1)), s-1-(y&(s-1))
			}
			x, y = y, x
		}
	}
	return n
}
