package synth

import (
	"slices"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// districtSet is the districts of a precinct: numbers for the map, and the list that every voter of it carries.
type districtSet struct {
	congress, senate, house int // from 0
	list                    []layout.District
}

// District is a district of the state with its shape's place in districts.geojson.
type District struct {
	Kind layout.DistrictKind
	Code string
	Name string
}

// draw cuts the state into districts of about equal numbers of voters: precincts are taken in the order of a snake over
// the rows of counties and over the rows of cells inside a county.
func (s *State) draw() {
	order := make([]int, len(s.precincts))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) [4]int {
		p := &s.precincts[i]
		c := &s.counties[p.county]
		row := c.from.y / s.land.height
		return [4]int{row, snake(row, c.from.x), p.at.y / 3, snake(p.at.y/3, p.at.x)}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		ra, rb := rank(a), rank(b)
		return slices.Compare(ra[:], rb[:])
	})
	s.share(order, s.land.congress, func(p *precinct, k int) { p.districts.congress = k })
	s.share(order, s.land.senate, func(p *precinct, k int) { p.districts.senate = k })
	s.share(order, s.land.house, func(p *precinct, k int) { p.districts.house = k })
	for i := range s.precincts {
		s.precincts[i].districts.list = s.listDistricts(i)
	}
}

// share deals precincts in order to n districts: each takes its fair part of the voters that are left, and at least one
// precinct.
func (s *State) share(order []int, n int, set func(p *precinct, k int)) {
	left := 0
	for i := range s.precincts {
		left += s.precincts[i].weight + 1
	}
	k, taken := 0, 0
	for at, i := range order {
		p := &s.precincts[i]
		weight := p.weight + 1
		full := (taken+weight/2)*(n-k) > left
		if taken > 0 && k < n-1 && (full || len(order)-at <= n-1-k) {
			k, left, taken = k+1, left-taken, 0
		}
		set(p, k)
		taken += weight
	}
}

func snake(row, x int) int {
	if row%2 == 0 {
		return x
	}
	return -x
}

// listDistricts spells a precinct's districts in the state's own way and in the order of its columns.
func (s *State) listDistricts(i int) []layout.District {
	p := &s.precincts[i]
	c := &s.counties[p.county]
	var out []layout.District
	add := func(k layout.DistrictKind, code, name string) {
		out = append(out, layout.District{Kind: k, Code: code, Name: name})
	}
	congress, senate, house := itoa(p.districts.congress+1), itoa(p.districts.senate+1), itoa(p.districts.house+1)
	commission := itoa(1 + (i-c.first)*5/max(1, c.count))
	townName, townCode := "", ""
	if p.town >= 0 {
		townName = s.towns[p.town].name
		townCode = abbreviation(townName, p.town)
	}
	switch s.opts.Layout {
	case layout.NC:
		if townName != "" {
			add(layout.Municipality, townCode, townName)
			add(layout.Ward, townCode+commission, "WARD "+commission)
		}
		add(layout.Congress, congress, "")
		add(layout.SuperiorCourt, two(1+c.index/3)+string(rune('A'+c.index%3)), "")
		add(layout.Judicial, two(1+c.index*40/100), "")
		add(layout.StateSenate, senate, "")
		add(layout.StateHouse, house, "")
		add(layout.CountyCommission, commission, "COMMISSIONER DISTRICT "+commission)
		add(layout.School, "SCH"+commission, "SCHOOL BOARD "+commission)
		if p.town < 0 {
			add(layout.Fire, itoa(10+i-c.first), c.name+" FIRE "+itoa(1+i-c.first))
		}
		add(layout.Prosecutorial, itoa(1+c.index*43/100), itoa(1+c.index*43/100)+" PROSECUTORIAL DISTRICT")
		add(layout.VTD, p.code, p.name)
	case layout.OH:
		if townName != "" {
			add(layout.Municipality, townName+" CITY", "")
			add(layout.School, townName+" CITY SD", "")
		}
		add(layout.Congress, two(p.districts.congress+1), "")
		add(layout.AppealsCourt, two(1+c.index*12/88), "")
		add(layout.EducationService, "ESC OF "+c.name+" COUNTY", "")
		if townName == "" {
			add(layout.LocalSchool, c.name+" LOCAL SD", "")
		}
		add(layout.BoardOfEducation, two(1+p.districts.senate/3), "")
		add(layout.StateHouse, two(p.districts.house+1), "")
		add(layout.StateSenate, two(p.districts.senate+1), "")
		if townName == "" {
			add(layout.Township, c.name+" TWP", "")
		}
	case layout.FL:
		add(layout.Congress, congress, "")
		add(layout.StateHouse, house, "")
		add(layout.StateSenate, senate, "")
		add(layout.CountyCommission, commission, "")
		add(layout.SchoolBoard, commission, "")
	case layout.MI:
		code, name := five(80_000+c.index*10), c.name+" TOWNSHIP"
		if townName != "" {
			code, name = five(10_000+p.town*20), townName+" CITY"
			add(layout.Ward, two(1+(i-c.first)%9), "")
		}
		add(layout.Jurisdiction, code, name)
		add(layout.School, five(20_000+c.index*10), c.name+" PUBLIC SCHOOLS")
		add(layout.StateHouse, five(p.districts.house+1), "STATE HOUSE DISTRICT "+house)
		add(layout.StateSenate, five(p.districts.senate+1), "STATE SENATE DISTRICT "+senate)
		add(layout.Congress, five(p.districts.congress+1), "US CONGRESS DISTRICT "+congress)
		add(layout.CountyCommission, five(c.index*10+i%5+1), c.name+" COMMISSIONER "+commission)
	case layout.WA:
		add(layout.PrecinctPart, itoa(1000+i)+".0", "")
		add(layout.StateSenate, senate, "")
		add(layout.Congress, congress, "")
	}
	return out
}

func five(n int) string {
	t := itoa(n)
	for len(t) < 5 {
		t = "0" + t
	}
	return t
}

// abbreviation is a short code no other town has: letters of its name and its number.
func abbreviation(name string, number int) string { return name[:2] + itoa(number+1) }

// codeOf returns the precinct's code as the state writes it.
func (s *State) codeOf(p *precinct, index int) string {
	c := &s.counties[p.county]
	n := index - c.first
	switch s.opts.Layout {
	case layout.OH:
		return c.code + "-P-" + string([]byte{byte('A' + n/676%26), byte('A' + n/26%26), byte('A' + n%26)})
	case layout.FL:
		return itoa(100 + n)
	case layout.MI:
		return two(1 + n%99)
	case layout.WA:
		return itoa(1000 + index)
	}
	return p.code
}
