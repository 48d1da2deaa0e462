package synth

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"testing"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/geo"
)

func features(t *testing.T, b *bytes.Buffer) []geo.Feature {
	t.Helper()
	var out []geo.Feature
	err := geo.ReadGeoJSON(bytes.NewReader(b.Bytes()), geo.Limits{}, func(f geo.Feature) error {
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type house struct {
	line, key, tlid, side string
	at                    geo.Point
}

func houses(t *testing.T, b *bytes.Buffer) []house {
	t.Helper()
	rows, err := csv.NewReader(b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []house
	for _, r := range rows[1:] {
		lon, err1 := strconv.ParseFloat(r[4], 64)
		lat, err2 := strconv.ParseFloat(r[5], 64)
		if err1 != nil || err2 != nil {
			t.Fatal(r)
		}
		out = append(out, house{line: r[0], key: r[6] + "/" + r[7], tlid: r[8], side: r[9], at: geo.Point{Lon: lon, Lat: lat}})
	}
	return out
}

// Every address lies in the shape of its own precinct and in no other, whatever the state and the size of its towns.
func TestPrecinctsHoldTheirAddresses(t *testing.T) {
	for _, o := range []Options{{Layout: layout.NC, Voters: 15_000, Seed: 1}, {Layout: layout.WA, Voters: 20_000, Seed: 2}, {Layout: layout.MI, Voters: 500, Seed: 3}} {
		s, f, m := make1(t, o)
		shapes := features(t, f["precincts.geojson"])
		if len(shapes) != m.Precincts && len(shapes) < m.Precincts-3 {
			t.Errorf("%d shapes for %d precincts", len(shapes), m.Precincts)
		}
		keys, boxes := make([]string, len(shapes)), make([]geo.Box, len(shapes))
		for i, p := range shapes {
			keys[i], boxes[i] = p.Text("COUNTY")+"/"+p.Text("VTDST20"), p.Geometry.Box()
			for _, g := range p.Geometry.Areas {
				if !g[0].CounterClockwise() {
					t.Fatalf("%s: the outer ring runs clockwise", keys[i])
				}
			}
		}
		seen := map[string]bool{}
		for _, h := range houses(t, f["addresses.csv"]) {
			in := ""
			for i := range shapes {
				if boxes[i].Contains(h.at) && shapes[i].Geometry.Areas.Contains(h.at) {
					in += keys[i] + " "
				}
			}
			if in != h.key+" " {
				t.Fatalf("%s %v is in %q, its precinct is %s", h.line, h.at, in, h.key)
			}
			seen[h.key] = true
		}
		if len(seen) < len(s.counties) {
			t.Errorf("only %d precincts have addresses", len(seen))
		}
	}
}

// Counties, precincts and each kind of district cover the same ground once.
func TestDistrictsTileTheState(t *testing.T) {
	s, f, _ := make1(t, Options{Layout: layout.NC, Voters: 20_000, Seed: 9})
	area, count := map[string]float64{}, map[string]int{}
	for _, p := range features(t, f["precincts.geojson"]) {
		area["precinct"] += p.Geometry.Areas.Area()
	}
	for _, d := range features(t, f["districts.geojson"]) {
		area[d.Text("KIND")] += d.Geometry.Areas.Area()
		count[d.Text("KIND")]++
	}
	for _, k := range []string{"county", "congress", "state_senate", "state_house"} {
		if math.Abs(area[k]/area["precinct"]-1) > 0.002 {
			t.Errorf("%s cover %.0f m², precincts %.0f m²", k, area[k], area["precinct"])
		}
	}
	if count["county"] != 100 || count["congress"] != 14 || count["state_senate"] != 50 || count["state_house"] != 120 || count["municipality"] != len(s.towns) {
		t.Errorf("counts %v", count)
	}
	people := make([]int, 14)
	for i := range s.precincts {
		people[s.precincts[i].districts.congress] += s.precincts[i].weight
	}
	for i, n := range people {
		if n < 20_000/14*7/10 || n > 20_000/14*13/10 {
			t.Errorf("congressional district %d has %d voters of 20000", i+1, n)
		}
	}
}

// Streets form a network: nearly everything of a county hangs together; house numbers are in the range of their side,
// odd on the left.
func TestStreetsAreANetwork(t *testing.T) {
	_, f, _ := make1(t, Options{Layout: layout.NC, Voters: 15_000, Seed: 6})
	streets := map[string]geo.Feature{}
	parent := map[string]string{}
	var find func(string) string
	find = func(x string) string {
		if parent[x] == "" || parent[x] == x {
			parent[x] = x
			return x
		}
		parent[x] = find(parent[x])
		return parent[x]
	}
	all := features(t, f["streets.geojson"])
	for _, e := range all {
		streets[e.Text("TLID")] = e
		parent[find(e.Text("TNIDF"))] = find(e.Text("TNIDT"))
	}
	if len(streets) != len(all) {
		t.Error("a TLID is used twice")
	}
	parts, most := map[string]int{}, 0
	for _, e := range all {
		parts[find(e.Text("TNIDF"))]++
		most = max(most, parts[find(e.Text("TNIDF"))])
	}
	if most*100 < len(all)*90 {
		t.Errorf("the largest part has %d of %d streets", most, len(all))
	}
	taken := map[string]bool{}
	for _, h := range houses(t, f["addresses.csv"]) {
		e, ok := streets[h.tlid]
		number, err := strconv.Atoi(h.line[:max(0, bytes.IndexByte([]byte(h.line), ' '))])
		if err != nil || !ok { // a rural route box
			continue
		}
		lo, _ := strconv.Atoi(e.Text(h.side + "FROMADD"))
		hi, _ := strconv.Atoi(e.Text(h.side + "TOADD"))
		if number < lo || number > hi || number%2 != lo%2 || (h.side == "L") != (number%2 == 1) {
			t.Fatalf("%s stands on side %s of a street numbered %d to %d", h.line, h.side, lo, hi)
		}
		if _, d, _ := e.Geometry.Lines[0].Nearest(h.at); d > 60 || d < 8 {
			t.Errorf("%s is %.0f m from its street", h.line, d)
		}
		if key := h.key[:2] + h.line + h.tlid; taken[key] {
			t.Errorf("%s stands twice on one street", h.line)
		} else {
			taken[key] = true
		}
	}
}

// A town of several hundred cells, with holes and arms, is traced to rings that hold the area of its cells.
func TestOutlineAreas(t *testing.T) {
	s, err := New(Options{Layout: layout.WA, Voters: 2_000_000, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, area := range s.outline(len(s.towns), func(p int) int { return s.precincts[p].town }) {
		want := float64(len(s.towns[i].cells)) * 800 * 800
		if got := area.Area(); math.Abs(got/want-1) > 0.25 {
			t.Errorf("%s: %.0f m² for %d cells", s.towns[i].name, got, len(s.towns[i].cells))
		}
	}
}
