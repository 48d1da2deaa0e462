package placepage

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

func TestBaseMapsByAddress(t *testing.T) {
	for _, c := range []struct {
		where string
		want  web.BaseMap
		ok    bool
	}{
		{"https://tiles.example/{z}/{x}/{y}.pbf", web.BaseMap{Tiles: "https://tiles.example/{z}/{x}/{y}.pbf", Max: 14, Credit: "© us"}, true},
		{"https://tiles.example/a/{z}/{x}/{y}.png?key=1", web.BaseMap{Tiles: "https://tiles.example/a/{z}/{x}/{y}.png?key=1", Raster: true, Max: 19, Credit: "© us"}, true},
		{"http://tiles.example/{z}/{x}/{y}.pbf", web.BaseMap{}, false},
		{"https://me:secret@tiles.example/{z}/{x}/{y}.pbf", web.BaseMap{}, false},
		{"https:///{z}/{x}/{y}.pbf", web.BaseMap{}, false},
		{"https://tiles.example;script-src/{z}/{x}/{y}.pbf", web.BaseMap{}, false},
		{"https://tiles.example/{z}/{x}.pbf", web.BaseMap{}, false},
		{"https://tiles.example/{z}/{x}/{y}", web.BaseMap{}, false},
		{"javascript://tiles.example/{z}/{x}/{y}.pbf", web.BaseMap{}, false},
	} {
		b, err := OpenBase(c.where, "© us")
		if ok := err == nil; ok != c.ok || !ok && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", c.where, err)
		} else if ok {
			if diff := cmp.Diff(c.want, b.Map); diff != "" {
				t.Errorf("%s: %s", c.where, diff)
			}
		}
	}
	if b, err := OpenBase("", "© us"); err != nil || b.Map != (web.BaseMap{}) || b.Close() != nil {
		t.Errorf("none: %+v, %v", b.Map, err)
	}
}

func TestBaseMapsOfAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenBase(filepath.Join(dir, "none.pmtiles"), ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no file: %v", err)
	}
	name := filepath.Join(dir, "map.pmtiles")
	put := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("not a map"))
	if _, err := OpenBase(name, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no map: %v", err)
	}
	const says = `{"attribution":"<a href=\"https://osm.example\">© OpenStreetMap</a> &amp; others"}`
	h := make([]byte, 127)
	copy(h, "PMTiles\x03")
	root := []byte{0}
	binary.LittleEndian.PutUint64(h[8:], 127)
	binary.LittleEndian.PutUint64(h[16:], 1)
	binary.LittleEndian.PutUint64(h[24:], 128)
	binary.LittleEndian.PutUint64(h[32:], uint64(len(says)))
	h[97], h[98], h[99], h[101] = 1, 2, 2, 9
	put(append(append(h, root...), says...))
	b, err := OpenBase(name, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(web.BaseMap{Own: true, Raster: true, Max: 9, Credit: "© OpenStreetMap & others"}, b.Map); diff != "" {
		t.Error(diff)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
