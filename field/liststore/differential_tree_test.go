package liststore_test

import (
	"math/rand/v2"

	"github.com/openprecinct/precinct/field/list"
)

// trees draws criteria over every kind of node. unknown lets them name what org may not see, and what does not exist.
type trees struct {
	*rand.Rand
	w       *made
	org     int64
	unknown bool
}

func ptr[T any](x T) *T { return &x }

func (g trees) criteria() list.Criteria {
	c := list.Criteria{Version: 1, Steps: []list.Step{{Do: list.Start}}}
	if g.IntN(4) > 0 {
		c.Steps[0].Where = g.node(3)
	}
	for range g.IntN(4) {
		c.Steps = append(c.Steps, g.step())
	}
	return c
}

func (g trees) step() list.Step {
	seed, whole := g.Int64N(1<<31-1), g.IntN(2) == 0
	switch do := pick(g.Rand, list.Add, list.Narrow, list.Remove, list.Narrow, list.Remove, list.Households, list.OnePerHousehold, list.Sample, list.Part); do {
	case list.OnePerHousehold:
		return list.Step{Do: do, Prefer: pick(g.Rand, list.Oldest, list.Youngest, list.MostVotes, list.LastToSignUp)}
	case list.Sample:
		return list.Step{Do: do, Take: 1 + g.Int64N(int64(len(g.w.humans))/2), Seed: seed, Whole: whole}
	case list.Part:
		parts := 2 + g.IntN(6)
		return list.Step{Do: do, Part: 1 + g.IntN(parts), Parts: parts, Seed: seed, Whole: whole}
	case list.Households:
		if g.IntN(2) == 0 {
			return list.Step{Do: do}
		}
		return list.Step{Do: do, Where: g.node(2)}
	default:
		return list.Step{Do: do, Where: g.node(2)}
	}
}

func (g trees) nodes(depth int) []list.Node {
	all := []list.Node{}
	for range g.IntN(4) {
		all = append(all, g.node(depth))
	}
	return all
}

func (g trees) node(depth int) list.Node {
	if depth > 0 {
		switch g.IntN(10) {
		case 0:
			return list.All(g.nodes(depth - 1))
		case 1:
			return list.Any(g.nodes(depth - 1))
		case 2:
			return list.None(g.nodes(depth - 1))
		case 3:
			return list.LivesWith{Who: g.node(depth - 1)}
		}
	}
	if g.IntN(2) == 0 {
		return g.registration()
	}
	return g.learned()
}

func few[T any](g trees, of ...T) []T {
	all := []T{pick(g.Rand, of...)}
	for range g.IntN(3) {
		all = append(all, pick(g.Rand, of...))
	}
	return all
}

func maybe[T any](g trees, of ...T) []T {
	if g.IntN(2) == 0 {
		return nil
	}
	return few(g, of...)
}

func (g trees) bounds(from, to int64) (*int64, *int64) {
	a, b := from+g.Int64N(to-from+1), from+g.Int64N(to-from+1)
	a, b = min(a, b), max(a, b)
	switch g.IntN(5) {
	case 0:
		return nil, &b
	case 1:
		return &a, nil
	case 2:
		return nil, nil
	}
	return &a, &b
}

func (g trees) days() list.Days {
	switch g.IntN(5) {
	case 0:
		return list.Days{Within: 1 + g.Int64N(200)}
	case 1:
		return list.Days{Since: 20260301, Until: 20260801}
	case 2:
		return list.Days{Since: 20261119}
	case 3:
		return list.Days{Until: 20261120}
	}
	return list.Days{}
}

func (g trees) registration() list.Node {
	switch g.IntN(12) {
	case 0:
		return list.Is{Attr: list.Status, Values: few(g, "active", "inactive", "unknown", "")}
	case 1:
		attr := pick(g.Rand, list.Party, list.Sex, list.Race, list.Ethnicity)
		return list.Is{Attr: attr, Values: map[list.Attr][]string{list.Party: few(g, "DEM", "REP", "L'IB", ""), list.Sex: few(g, "F", "M", "U"), list.Race: few(g, "black", "white", ""),
			list.Ethnicity: few(g, "hispanic", "")}[attr]}
	case 2:
		attr := pick(g.Rand, list.County, list.Precinct, list.City, list.ZIP, list.Congress, list.StateSenate, list.StateHouse, list.Municipality)
		return list.Is{Attr: attr, Values: map[list.Attr][]string{list.County: few(g, "063", "999", ""), list.Precinct: few(g, "063/12-01", "/7", "001/12-02", ""), list.City: few(g, "PORT ANSEL", "ÑUÑOA", ""),
			list.ZIP: few(g, "27601", "27603", ""), list.Congress: few(g, "7", ""), list.StateSenate: few(g, "3", "4"), list.StateHouse: few(g, "33", ""), list.Municipality: few(g, "RA", "")}[attr]}
	case 3:
		return list.Is{Attr: pick(g.Rand, list.Attr("district:school"), "district:ward", "district:none"), Values: few(g, "4", "B", `É "9"`, "A&B<", "")}
	case 4:
		attr := pick(g.Rand, list.Age, list.BirthYear, list.Birth, list.RegisteredOn)
		from, to := g.bounds(map[list.Attr]int64{list.Age: 18, list.BirthYear: 1930}[attr], map[list.Attr]int64{list.Age: 90, list.BirthYear: 2010}[attr])
		if attr == list.Birth || attr == list.RegisteredOn {
			from, to = pick(g.Rand, nil, ptr(int64(19600101))), pick(g.Rand, nil, ptr(int64(20050531)))
		}
		return list.Between{Attr: attr, From: from, To: to}
	case 5:
		from, to := g.bounds(0, 6)
		return list.Between{Attr: pick(g.Rand, list.HouseholdSize, list.VotesCast), From: from, To: to}
	case 6:
		return list.Known{Attr: pick(g.Rand, append(list.Attrs()[:17:17], "district:ward", list.VotesCast, list.HouseholdSize, list.Door, list.Place)...)}
	case 7:
		return list.Name{Part: pick(g.Rand, "first", "last"), Begins: g.IntN(2) == 0, Values: few(g, "Ort", "Ortiz", "O'Neal", "MARI", "john")}
	case 8, 9:
		return g.voted()
	case 10:
		return g.area()
	}
	return list.Near{Lon: -78.7 + 0.1*g.Float64(), Lat: 35.7 + 0.1*g.Float64(), Metres: 1 + g.Int64N(6000)}
}

func (g trees) voted() list.Node {
	v := list.Voted{Methods: maybe(g, "polls", "early", "mail", "unknown"), Parties: maybe(g, "DEM", "REP", "")}
	if g.IntN(2) == 0 {
		v.Last, v.LastType = 1+g.IntN(3), pick(g.Rand, "", "general")
	} else {
		for range 1 + g.IntN(4) {
			v.Elections = append(v.Elections, pick(g.Rand, elections...).ID)
		}
	}
	most := max(v.Last, len(v.Elections))
	a, b := g.IntN(most+1), g.IntN(most+1)
	switch g.IntN(3) {
	case 0:
		v.AtLeast = &a
	case 1:
		v.AtMost = &a
	default:
		v.AtLeast, v.AtMost = ptr(min(a, b)), ptr(max(a, b))
	}
	return v
}

// area draws one ring that does not cross itself, by walking around a point, and at times a hole.
func (g trees) area() list.Node {
	x, y := -78.65+0.02*g.Float64(), 35.75+0.02*g.Float64()
	ring := func(size float64) [][2]float64 {
		west, east, south, north := x-size*(0.2+g.Float64()), x+size*(0.2+g.Float64()), y-size*(0.2+g.Float64()), y+size*(0.2+g.Float64())
		return [][2]float64{{west, y}, {x - size*0.05, south}, {x, y - size*0.1}, {x + size*0.05, south}, {east, y}, {x, north}}
	}
	rings := [][][2]float64{ring(0.04)}
	if g.IntN(2) == 0 {
		rings = append(rings, [][2]float64{{x - 0.001, y}, {x, y - 0.001}, {x + 0.001, y}, {x, y + 0.001}})
	}
	return list.Inside{Rings: rings}
}

// def draws a definition that the organisation may name, or with unknown any and none.
func (g trees) def(kind string) definition {
	for {
		d := pick(g.Rand, g.w.defs[kind]...)
		if g.unknown && g.IntN(3) == 0 {
			if g.IntN(3) == 0 {
				d.id = 9_000_000 + d.id
			}
			return d
		}
		if d.org == g.org || d.shared {
			return d
		}
	}
}

func (g trees) learned() list.Node {
	by := maybe(g, int64(30), 31, 32)
	switch g.IntN(12) {
	case 0:
		return list.Phone{Kinds: maybe(g, "cell", "home", "unknown"), Textable: g.IntN(2) == 0}
	case 1:
		return list.Email{}
	case 2:
		return list.Suppressed{Channels: maybe(g, "door", "text", "mail")}
	case 3:
		from, to := g.bounds(0, 100)
		return list.Score{Score: g.def("score").id, From: float(from), To: float(to)}
	case 4, 5:
		d := g.def("question")
		return list.Answered{Question: d.id, Responses: maybe(g, d.parts...), Ever: g.IntN(2) == 0, By: by, Days: g.days()}
	case 6:
		return list.Code{Codes: []int64{g.def("code").id, g.def("code").id}, By: by, Days: g.days()}
	case 7:
		return list.Tag{Tags: []int64{g.def("tag").id}}
	case 8:
		from, to := g.bounds(1, 4)
		c := list.Contact{Channels: maybe(g, "door", "phone"), Results: maybe(g, "not_home", "refused"), By: by, AtLeast: small(from), AtMost: small(to), Days: g.days()}
		if g.IntN(3) == 0 {
			c.AtLeast = ptr(0)
		}
		return c
	case 9:
		return list.Event{Events: []int64{g.def("event").id}, Statuses: maybe(g, "invited", "came")}
	case 10:
		d := g.def("custom")
		if d.kind == "text" || d.kind == "choice" {
			return list.Custom{Field: d.id, Values: maybe(g, "Spanish", "a", "")}
		}
		from, to := g.bounds(-3, 15)
		if d.kind == "date" {
			from, to = nil, nil
		}
		return list.Custom{Field: d.id, From: from, To: to}
	}
	if g.IntN(2) == 0 {
		d := g.def("target")
		return list.Target{Target: d.id, Groups: maybe(g, d.parts...)}
	}
	if g.org == ours && !g.unknown && g.IntN(3) == 0 {
		return pick[list.Node](g.Rand, list.Turf{Turfs: []int64{2001}}, list.Turf{Turfs: []int64{2002, 2001}}, list.Turf{Maps: []int64{2000}})
	}
	return list.Saved{List: pick(g.Rand, int64(1000), 1001, 1002, 1003)}
}

func float(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return ptr(float64(*n))
}

func small(n *int64) *int {
	if n == nil {
		return nil
	}
	return ptr(int(*n))
}
