package synth

import (
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/geo"
)

// countyFIPS returns the three digits the census gives a county: odd numbers in the order of names.
func countyFIPS(index int) string {
	t := itoa(2*index + 1)
	for len(t) < 3 {
		t = "0" + t
	}
	return t
}

func (w *writer) writePrecincts() error {
	s := w.s
	return w.collection("precincts.geojson", "precincts", func(add func(geo.Feature) error) error {
		for i, area := range s.outline(len(s.precincts), func(p int) int { return p }) {
			p := &s.precincts[i]
			c := &s.counties[p.county]
			if len(area) == 0 { // a rural precinct that towns took whole
				continue
			}
			fips := countyFIPS(c.index)
			err := add(geo.Feature{Geometry: geo.Area(area), Properties: map[string]any{
				"STATEFP20": s.land.fips, "COUNTYFP20": fips, "VTDST20": p.code, "GEOID20": s.land.fips + fips + p.code, "NAME20": p.name,
				"COUNTY": c.code, "COUNTYNAME": c.name, "CD": p.districts.congress + 1, "SLDU": p.districts.senate + 1, "SLDL": p.districts.house + 1,
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) writeDistricts() error {
	s := w.s
	layers := []struct {
		kind  string
		n     int
		label func(p int) int
		name  func(i int) (code, name string)
	}{
		{layout.Congress.String(), s.land.congress, func(p int) int { return s.precincts[p].districts.congress }, numbered("Congressional District ")},
		{layout.StateSenate.String(), s.land.senate, func(p int) int { return s.precincts[p].districts.senate }, numbered("State Senate District ")},
		{layout.StateHouse.String(), s.land.house, func(p int) int { return s.precincts[p].districts.house }, numbered("State House District ")},
		{layout.Municipality.String(), len(s.towns), func(p int) int { return s.precincts[p].town }, func(i int) (string, string) {
			return abbreviation(s.towns[i].name, i), s.towns[i].name
		}},
		{"county", len(s.counties), func(p int) int { return s.precincts[p].county }, func(i int) (string, string) {
			return s.counties[i].code, s.counties[i].name
		}},
	}
	if s.opts.Layout == layout.WA { // one legislative district elects a senator and two representatives
		layers = append(layers[:2], layers[3:]...)
	}
	return w.collection("districts.geojson", "districts", func(add func(geo.Feature) error) error {
		for _, l := range layers {
			for i, area := range s.outline(l.n, l.label) {
				if len(area) == 0 {
					continue
				}
				code, name := l.name(i)
				if err := add(geo.Feature{Geometry: geo.Area(area), Properties: map[string]any{"KIND": l.kind, "CODE": code, "NAME": name, "STATEFP": s.land.fips}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func numbered(before string) func(i int) (string, string) {
	return func(i int) (string, string) { return itoa(i + 1), before + itoa(i+1) }
}

// writeLandmarks writes parks (MTFCC K2180) and then rivers (H3010), which cross them, as areas for the map.
func (w *writer) writeLandmarks() error {
	s := w.s
	return w.collection("landmarks.geojson", "landmarks", func(add func(geo.Feature) error) error {
		for i := range s.towns {
			if t := &s.towns[i]; t.blocks == 0 {
				for _, k := range t.cells {
					if err := s.addPark(k, add); err != nil {
						return err
					}
				}
			}
		}
		for i := range s.towns {
			if t := &s.towns[i]; t.river {
				area := geo.MultiPolygon{{s.bank(s.riverLine(t))}}
				if err := add(geo.Feature{Geometry: geo.Area(area), Properties: map[string]any{"FULLNAME": t.name + " RIVER", "MTFCC": "H3010"}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *State) addPark(k cell, add func(geo.Feature) error) error {
	p := s.parkIn(k)
	if p == (park{}) {
		return nil
	}
	g := s.grid(k)
	var r geo.Ring
	for x := p.x0; x < p.x1; x++ {
		r = append(r, s.point(g[x][p.y0]))
	}
	for y := p.y0; y < p.y1; y++ {
		r = append(r, s.point(g[p.x1][y]))
	}
	for x := p.x1; x > p.x0; x-- {
		r = append(r, s.point(g[x][p.y1]))
	}
	for y := p.y1; y > p.y0; y-- {
		r = append(r, s.point(g[p.x0][y]))
	}
	r = append(r, r[0])
	name := streetWords[below(mix(uint64(k.y*s.width()+k.x)), len(streetWords))] + " PARK"
	return add(geo.Feature{Geometry: geo.Area(geo.MultiPolygon{{r}}), Properties: map[string]any{"FULLNAME": name, "MTFCC": "K2180"}})
}

// bank widens a river's course to an area.
func (s *State) bank(line []spot) geo.Ring {
	var r geo.Ring
	for _, at := range line { // up its east bank, down its west
		r = append(r, s.point(spot{at.x + riverHalf, at.y}))
	}
	for i := len(line) - 1; i >= 0; i-- {
		r = append(r, s.point(spot{line[i].x - riverHalf, line[i].y}))
	}
	return append(r, r[0])
}
