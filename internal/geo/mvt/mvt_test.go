package mvt

import (
	"encoding/binary"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/geo"
)

// TestTilesHoldWhatLiesInTheirBox goes from a place to its tile and back.
func TestTilesHoldWhatLiesInTheirBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.IntRange(0, 18).Draw(t, "z")
		at := Tile{z, rapid.IntRange(0, 1<<z-1).Draw(t, "x"), rapid.IntRange(0, 1<<z-1).Draw(t, "y")}
		b := at.Box()
		for _, p := range []geo.Point{{Lon: b.West, Lat: b.North}, {Lon: b.East, Lat: b.South}} {
			q := at.At(p)
			want := XY{0, 0}
			if p.Lon == b.East {
				want = XY{Extent, Extent}
			}
			if q != want {
				t.Fatalf("%v of tile %v lies at %v, want %v", p, at, q, want)
			}
		}
	})
}

func TestOnlyTilesThatAre(t *testing.T) {
	for _, c := range []struct {
		z, x, y string
		ok      bool
	}{{"0", "0", "0", true}, {"3", "7", "7", true}, {"3", "8", "0", false}, {"-1", "0", "0", false}, {"99", "0", "0", false}, {"a", "0", "0", false}, {"2", "", "1", false}} {
		if _, ok := Parse(c.z, c.x, c.y); ok != c.ok {
			t.Errorf("%s/%s/%s: %v, want %v", c.z, c.x, c.y, ok, c.ok)
		}
	}
}

// TestRingsTurnAsTilesWant checks that outer rings are clockwise on the screen, where y grows downwards, and holes are not.
func TestRingsTurnAsTilesWant(t *testing.T) {
	square := func() []XY { return []XY{{0, 0}, {10, 0}, {10, 10}, {0, 10}} }
	back := func() []XY { return []XY{{0, 10}, {10, 10}, {10, 0}, {0, 0}} }
	for _, outer := range []bool{true, false} {
		a, b := Wound(square(), outer), Wound(back(), outer)
		for _, c := range [][]XY{a, b} {
			area := int64(0)
			for i, p := range c {
				q := c[(i+1)%len(c)]
				area += p.X*q.Y - q.X*p.Y
			}
			if (area > 0) != outer {
				t.Errorf("outer %v: area %d", outer, area)
			}
		}
	}
}

// TestLayersAreReadBack reads what a layer writes as the specification has it, far enough to know its shape.
func TestLayersAreReadBack(t *testing.T) {
	l := NewLayer("doors")
	l.Add(Point, [][]XY{{{5, 7}}}, map[string]any{"people": int64(300)})
	l.Add(Point, [][]XY{{{-1, 9}}}, map[string]any{"people": int64(300), "name": "Quay"})
	b := l.Append(nil)
	layer := fields(t, b)[3][0]
	f := fields(t, layer)
	if string(f[1][0]) != "doors" || len(f[2]) != 2 || len(f[3]) != 2 || len(f[4]) != 2 {
		t.Fatalf("layer %q: %d features, %d keys, %d values", f[1][0], len(f[2]), len(f[3]), len(f[4]))
	}
	first := fields(t, f[2][0])
	if got := first[4][0]; len(got) != 3 || got[0] != 9 || got[1] != 10 || got[2] != 14 { // move to, one point, (5, 7) in zigzag
		t.Errorf("geometry %v", got)
	}
	if NewLayer("empty").Append(nil) != nil {
		t.Error("a layer without features takes room")
	}
}

// fields reads the length-delimited fields of a protobuf message by number; numbers are skipped.
func fields(t *testing.T, b []byte) map[int][][]byte {
	t.Helper()
	out := map[int][][]byte{}
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		b = b[n:]
		v, n := binary.Uvarint(b)
		b = b[n:]
		if tag&7 == 2 {
			if v > uint64(len(b)) || v > math.MaxInt32 {
				t.Fatalf("field %d is longer than the message", tag>>3)
			}
			out[int(tag>>3)] = append(out[int(tag>>3)], b[:v])
			b = b[v:]
		}
	}
	return out
}
