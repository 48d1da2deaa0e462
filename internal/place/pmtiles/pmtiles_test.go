package pmtiles_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place/pmtiles"
)

func packed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

type item struct {
	tile, run uint64
	content   []byte
}

// directory writes entries whose contents stand one after the other from at.
func directory(items []item, at uint64) []byte {
	b := binary.AppendUvarint(nil, uint64(len(items)))
	last := uint64(0)
	for _, i := range items {
		b = binary.AppendUvarint(b, i.tile-last)
		last = i.tile
	}
	for _, i := range items {
		b = binary.AppendUvarint(b, i.run)
	}
	for _, i := range items {
		b = binary.AppendUvarint(b, uint64(len(i.content)))
	}
	for k := range items {
		if k == 0 {
			b = binary.AppendUvarint(b, at+1)
		} else {
			b = binary.AppendUvarint(b, 0)
		}
	}
	return b
}

// write makes a file of tiles by number; with leaf more than none, so many tiles to a leaf directory.
func write(tiles map[uint64]string, leaf int) []byte {
	var items []item
	var data []byte
	for _, n := range slices.Sorted(maps.Keys(tiles)) {
		items = append(items, item{n, 1, []byte(tiles[n])})
		data = append(data, tiles[n]...)
	}
	root, leaves := []byte(nil), []byte(nil)
	if leaf == 0 {
		root = packed(directory(items, 0))
	} else {
		var top []item
		at := uint64(0)
		for part := range slices.Chunk(items, leaf) {
			dir := packed(directory(part, at))
			for _, i := range part {
				at += uint64(len(i.content))
			}
			top = append(top, item{part[0].tile, 0, dir})
			leaves = append(leaves, dir...)
		}
		root = packed(directory(top, 0))
	}
	meta := packed([]byte(`{"attribution":"© the makers"}`))
	h := make([]byte, 127)
	copy(h, "PMTiles\x03")
	at := uint64(127)
	for i, part := range [][]byte{root, meta, leaves, data} {
		binary.LittleEndian.PutUint64(h[8+16*i:], at)
		binary.LittleEndian.PutUint64(h[16+16*i:], uint64(len(part)))
		at += uint64(len(part))
	}
	h[97], h[98], h[99], h[100], h[101] = 2, 2, 1, 0, 14
	for i, deg := range []float64{-79, 36, -78, 37} {
		binary.LittleEndian.PutUint32(h[102+4*i:], uint32(int32(math.Round(deg*1e7))))
	}
	return slices.Concat(h, root, meta, leaves, data)
}

func TestTilesAreFound(t *testing.T) {
	tiles := map[uint64]string{}
	for z := range 6 {
		for x := range 1 << z {
			for y := range 1 << z {
				if (x+y)%3 > 0 || z < 2 {
					tiles[pmtiles.Number(z, x, y)] = fmt.Sprintf("%d/%d/%d", z, x, y)
				}
			}
		}
	}
	for _, leaf := range []int{0, 7} {
		b := write(tiles, leaf)
		f, err := pmtiles.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind != pmtiles.Vector || !f.Gzip || f.MaxZoom != 14 || f.Credit != "© the makers" || f.Kind.Type() == "" {
			t.Errorf("%+v", f)
		}
		if diff := cmp.Diff(geo.Box{West: -79, South: 36, East: -78, North: 37}, f.Box); diff != "" {
			t.Error(diff)
		}
		for z := range 6 {
			for x := range 1 << z {
				for y := range 1 << z {
					got, ok, err := f.Tile(z, x, y)
					want, there := tiles[pmtiles.Number(z, x, y)]
					if err != nil || ok != there || string(got) != want {
						t.Fatalf("leaves of %d, tile %d/%d/%d: %q %v %v, want %q", leaf, z, x, y, got, ok, err, want)
					}
				}
			}
		}
		for _, no := range [][3]int{{-1, 0, 0}, {15, 0, 0}, {3, 8, 0}, {3, 0, -1}, {30, 0, 0}} {
			if _, ok, err := f.Tile(no[0], no[1], no[2]); ok || err != nil {
				t.Errorf("tile %v is there: %v", no, err)
			}
		}
	}
}

// The numbers that the specification itself gives.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		z, x, y int
		want    uint64
	}{{0, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 2}, {1, 1, 1, 3}, {1, 1, 0, 4}, {2, 0, 0, 5}, {12, 3423, 1763, 19078479}} {
		if got := pmtiles.Number(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d is %d, want %d", c.z, c.x, c.y, got, c.want)
		}
	}
}

func TestRunsShareATile(t *testing.T) {
	root := packed(directory([]item{{5, 4, []byte("sea")}}, 0))
	h := make([]byte, 127)
	copy(h, "PMTiles\x03")
	binary.LittleEndian.PutUint64(h[8:], 127)
	binary.LittleEndian.PutUint64(h[16:], uint64(len(root)))
	binary.LittleEndian.PutUint64(h[56:], uint64(127+len(root)))
	binary.LittleEndian.PutUint64(h[64:], 3)
	h[97], h[98], h[99], h[101] = 2, 1, 2, 3
	b := slices.Concat(h, root, []byte("sea"))
	f, err := pmtiles.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for x := range 4 {
		for y := range 4 {
			if got, ok, err := f.Tile(2, x, y); err != nil {
				t.Fatal(err)
			} else if ok && string(got) == "sea" {
				n++
			}
		}
	}
	if n != 4 {
		t.Errorf("%d tiles of a run of 4", n)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	whole := write(map[uint64]string{0: "world"}, 0)
	changed := func(at int, to byte) []byte {
		b := slices.Clone(whole)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{"nothing": nil, "something else": bytes.Repeat([]byte("x"), 500), "version 2": changed(7, 2), "brotli": changed(97, 3), "tiles in zstd": changed(98, 4),
		"avif": changed(99, 5), "zooms the wrong way round": changed(100, 20), "cut short": whole[:140], "a root that is elsewhere": changed(15, 200)} {
		if _, err := pmtiles.Open(bytes.NewReader(b), int64(len(b))); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(write(map[uint64]string{0: "world", 3: "quarter"}, 0))
	f.Add(write(map[uint64]string{0: "world", 3: "quarter", 9: "more"}, 1))
	f.Add([]byte("PMTiles\x03"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := pmtiles.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for z := range 4 {
			for x := range 1 << z {
				if got, ok, err := m.Tile(z, x, 0); err == nil && ok && len(got) > len(b) {
					t.Errorf("a tile of %d bytes out of %d", len(got), len(b))
				}
			}
		}
	})
}
