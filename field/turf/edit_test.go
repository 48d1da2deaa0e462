package turf_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/city"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

// Random edits one after another: the plan stays whole, what was locked stays as it was, what was not touched too, and the
// plan from which an edit came is not changed.
func TestRandomEdits(t *testing.T) {
	c := city.Invent(city.Options{Doors: 300, Seed: 2}).City
	g := prepare(t, c)
	first := cut(t, g, fifty)
	rapid.Check(t, func(t *rapid.T) {
		p := first
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			was := clone(p)
			next, err := edit(t, g, p)
			if diff := cmp.Diff(was, p, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("an edit changed the plan it came from:\n%s", diff)
			}
			if err != nil {
				if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict && k != fault.NotFound {
					t.Fatalf("%v is no sentence for people", err)
				}
				continue
			}
			checkPlan(t, g, next, false)
			for _, u := range was.Turfs {
				v, ok := next.Turf(u.ID)
				if u.Locked && (!ok || !slices.Equal(u.Doors, v.Doors)) && v.Locked {
					t.Fatalf("turf %d was locked and changed", u.ID)
				}
				if ok && slices.Equal(u.Doors, v.Doors) && (u.Loop != v.Loop || u.Minutes != v.Minutes) {
					t.Fatalf("turf %d has the same walk and another length", u.ID)
				}
			}
			p = next
		}
	})
}

func clone(p turf.Plan) turf.Plan {
	p.Turfs, p.Loose, p.Split = slices.Clone(p.Turfs), slices.Clone(p.Loose), slices.Clone(p.Split)
	for i := range p.Turfs {
		p.Turfs[i].Doors, p.Turfs[i].Near = slices.Clone(p.Turfs[i].Doors), slices.Clone(p.Turfs[i].Near)
	}
	return p
}

func edit(t *rapid.T, g *turf.Ground, p turf.Plan) (turf.Plan, error) {
	id := func(name string) int {
		if len(p.Turfs) == 0 {
			return 99
		}
		return p.Turfs[rapid.IntRange(0, len(p.Turfs)-1).Draw(t, name)].ID
	}
	door := func() int32 { return int32(rapid.IntRange(0, len(g.City().Doors)-1).Draw(t, "door")) }
	to := func() int {
		return rapid.OneOf(rapid.SampledFrom([]int{0, turf.New, 12345}), rapid.Custom(func(t *rapid.T) int { return id("to") })).Draw(t, "where")
	}
	switch rapid.IntRange(0, 9).Draw(t, "edit") {
	case 0:
		a, b := g.City().Doors[door()].At, g.City().Doors[door()].At
		return g.Move(p, g.Inside([]geo.XY{a, {X: b.X, Y: a.Y}, b, {X: a.X, Y: b.Y}}), to())
	case 1:
		return g.MoveBlock(p, door(), to())
	case 2:
		return g.Bisect(p, id("turf"))
	case 3:
		return g.Merge(p, id("into"), id("from"))
	case 4:
		return g.SplitBuilding(p, door(), rapid.IntRange(0, 4).Draw(t, "parts"))
	case 5:
		return g.Lock(p, id("turf"), rapid.Bool().Draw(t, "on"))
	case 6:
		return g.Spare(p, id("turf"), true)
	case 7:
		at := g.City().Doors[door()].At
		return g.Reorder(p, id("turf"), &at)
	case 8:
		return g.Recut(context.Background(), p, turf.Rules{Target: 45, Seed: 3})
	default:
		return g.Renumber(p), nil
	}
}

func TestStartOfAWalk(t *testing.T) {
	g := prepare(t, line(60))
	p := cut(t, g, turf.Rules{Target: 60})
	at := geo.XY{X: 301, Y: 5}
	p, err := g.Reorder(p, 1, &at)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := p.Turf(1)
	if u.Doors[0] != 30 || u.Start == nil || len(u.Doors) != 60 {
		t.Errorf("the walk begins at door %d, asked for 30", u.Doors[0])
	}
	if u.Path >= u.Loop || u.Loop < 2*590 {
		t.Errorf("loop %g, path %g", u.Loop, u.Path)
	}
	p, err = g.Reorder(p, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if u, _ = p.Turf(1); u.Start != nil {
		t.Error("the start is kept although it was given up")
	}
}

func TestSparesAndReasons(t *testing.T) {
	g := prepare(t, line(200))
	p := cut(t, g, fifty)
	p, err := g.Spare(p, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	p, err = g.Merge(p, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	u, ok := p.Turf(2)
	if !ok || !u.Spare || u.Why != turf.WhyEdited || u.Size <= 60 {
		t.Errorf("after joining: %+v", u)
	}
	if _, ok := p.Turf(3); ok {
		t.Error("the turf that was joined to another is still there")
	}
	if _, err := g.Bisect(p, 3); fault.KindOf(err) != fault.NotFound {
		t.Errorf("cutting what is gone: %v", err)
	}
	if p, err = g.Bisect(p, 2); err != nil {
		t.Fatal(err)
	}
	if v, _ := p.Turf(2); v.Why != "" {
		t.Errorf("halves are within bounds: %q", v.Why)
	}
	other := prepare(t, line(150))
	if _, err := other.Move(p, []int32{1}, turf.New); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a plan of other doors: %v", err)
	}
}

func TestNearestDoors(t *testing.T) {
	g := prepare(t, line(100))
	got := g.Nearest(geo.XY{X: 500, Y: 0}, func(d int32) bool { return d%2 == 0 }, 10)
	want := []int32{42, 44, 46, 48, 50, 52, 54, 56, 58, 60}
	sorted := slices.Sorted(slices.Values(got))
	if len(sorted) != 10 || sorted[0] < 40 || sorted[9] > 60 || got[0] != 50 {
		t.Errorf("got %v, want about %v beginning at 50", got, want)
	}
	if none := g.Nearest(geo.XY{}, func(int32) bool { return false }, 10); none != nil {
		t.Errorf("none is free, got %v", none)
	}
}

// Every door lies in the outline of its own turf and in no other's, away from the drawn lines.
func TestOutlinesDoNotOverlap(t *testing.T) {
	c := city.Invent(city.Options{Doors: 1500, Seed: 6}).City
	g := prepare(t, c)
	p := cut(t, g, fifty)
	rings := map[int][][]geo.XY{}
	inside := func(id int, at geo.XY) bool {
		odd := false
		for _, r := range rings[id] {
			if len(r) > 2 && contains(r, at) {
				odd = !odd
			}
		}
		return odd
	}
	in := map[int32]int{}
	for _, u := range p.Turfs {
		rings[u.ID] = g.Outline(p, u.ID)
		if len(rings[u.ID]) == 0 {
			t.Fatalf("turf %d has no outline", u.ID)
		}
		for _, d := range u.Doors {
			in[d] = u.ID
		}
	}
	r := rapid.Custom(func(t *rapid.T) geo.XY {
		d := c.Doors[rapid.IntRange(0, len(c.Doors)-1).Draw(t, "door")]
		return geo.XY{X: d.At.X + rapid.Float64Range(-90, 90).Draw(t, "x"), Y: d.At.Y + rapid.Float64Range(-90, 90).Draw(t, "y")}
	})
	rapid.Check(t, func(t *rapid.T) {
		at, n := r.Draw(t, "at"), 0
		for id := range rings {
			if inside(id, at) {
				n++
			}
		}
		if n > 1 {
			t.Fatalf("%v lies in %d outlines", at, n)
		}
	})
	outside := 0
	for d, id := range in {
		if !inside(id, c.Doors[d].At) {
			outside++
		}
	}
	if outside > len(in)/20 {
		t.Errorf("%d of %d doors lie outside the outline of their turf", outside, len(in))
	}
}

func contains(ring []geo.XY, p geo.XY) bool {
	in := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			in = !in
		}
	}
	return in
}

// The line of a walk is as long as the walk's legs say, but for the setback of doors from their streets.
func TestLegsFollowStreets(t *testing.T) {
	c := city.Invent(city.Options{Doors: 600, Seed: 8}).City
	g := prepare(t, c)
	p := cut(t, g, fifty)
	for _, u := range p.Turfs {
		walk := g.Legs(p, u.ID)
		long := 0.0
		for i := 1; i < len(walk); i++ {
			long += math.Hypot(walk[i].X-walk[i-1].X, walk[i].Y-walk[i-1].Y)
		}
		if long < 0.5*u.Path || long > u.Path+25*float64(len(u.Doors)) {
			t.Errorf("turf %d: the line is %.0f m long, the walk %.0f m", u.ID, long, u.Path)
		}
	}
	if g.Legs(p, 12345) != nil || g.Outline(p, 12345) != nil {
		t.Error("a turf that is not there has a walk or an outline")
	}
}

func TestMatch(t *testing.T) {
	at := func(east, north float64) geo.Point {
		return geo.Point{Lon: -93.6 + east/83000, Lat: 41.6 + north/110574}
	}
	streets := []turf.Street{
		{Name: "Elm St", Line: geo.Line{at(0, 0), at(150, 0), at(300, 0)}},
		{Name: "Oak St", Class: turf.Arterial, Line: geo.Line{at(300, 0), at(300, 200)}},
		{Name: "I 80", Class: turf.Barrier, Line: geo.Line{at(0, 40), at(300, 40)}},
		{Name: "Faraway Rd", Line: geo.Line{at(90000, 0), at(90500, 0)}},
	}
	doors := []turf.Address{
		{Key: 1, At: at(200, 10), Located: true, Street: "Elm St", Number: 12},
		{Key: 2, At: at(200, -10), Located: true, Street: "Elm St", Number: 13},
		{Key: 3, At: at(285, 25), Located: true, Street: "Elm St"}, // nearer to Oak St
		{Key: 4, At: at(290, 100), Located: true, Street: "Unknown Way"},
		{Key: 5, Street: "Elm St"},
		{Key: 6, At: geo.Point{}, Located: true},
		{Key: 7, At: geo.Point{Lon: 12, Lat: 50}, Located: true},
		{Key: 8, At: at(100, 900), Located: true}, // no street for half a mile
		{Key: 9, At: at(100, 32), Located: true},  // nobody lives on the motorway
	}
	c, apart, err := turf.Match(streets, doors)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]turf.Apart{{Key: 5, Why: turf.WhyNowhere}, {Key: 6, Why: turf.WhyNowhere}, {Key: 7, Why: turf.WhyAstray}}, apart); diff != "" {
		t.Error(diff)
	}
	if len(c.Edges) != 3 || len(c.Nodes) != 5 {
		t.Errorf("%d streets and %d crossings, want 3 and 5", len(c.Edges), len(c.Nodes))
	}
	edge := map[uint64]int32{}
	for _, d := range c.Doors {
		edge[d.Key] = d.Edge
	}
	if diff := cmp.Diff(map[uint64]int32{1: 0, 2: 0, 3: 0, 4: 1, 8: -1, 9: 0}, edge); diff != "" {
		t.Errorf("streets of doors (-want +got):\n%s", diff)
	}
	d, e := c.Doors[0], c.Doors[1]
	if d.Side == e.Side || math.Abs(d.Along-200) > 2 || math.Abs(e.Along-200) > 2 {
		t.Errorf("opposite doors stand on sides %d and %d, %g and %g m along", d.Side, e.Side, d.Along, e.Along)
	}
	p := cut(t, prepare(t, c), turf.Rules{Target: 6, Min: 1})
	checkPlan(t, prepare(t, c), p, true)
}

func TestMatchWithoutAnything(t *testing.T) {
	c, apart, err := turf.Match(nil, []turf.Address{{Key: 3}})
	if err != nil || len(c.Doors) != 0 || len(apart) != 1 {
		t.Errorf("%v, %v, %v", c.Doors, apart, err)
	}
	if _, _, err := turf.Match([]turf.Street{{Line: geo.Line{{}}}}, []turf.Address{{Key: 3, At: geo.Point{Lon: 1, Lat: 1}, Located: true}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a street of one point: %v", err)
	}
}

func TestMinutes(t *testing.T) {
	if got := turf.Minutes(1600, 50); math.Abs(got-101.33) > 0.01 {
		t.Errorf("50 doors at 32 m take %.2f minutes, want 21.33 + 80", got)
	}
}

func TestCutByMinutes(t *testing.T) {
	c := city.Invent(city.Options{Doors: 3000, Seed: 12}).City
	g := prepare(t, c)
	r := turf.Rules{Target: 90, Min: 75, Max: 105, By: turf.ByMinutes, Seed: 1}
	p := cut(t, g, r)
	checkPlan(t, g, p, false)
	in := 0
	for _, u := range p.Turfs {
		if u.Minutes >= 75 && u.Minutes <= 105 {
			in++
		} else if u.Why == "" && (u.Minutes < 74 || u.Minutes > 106) {
			t.Errorf("turf %d takes %.0f minutes and has no reason", u.ID, u.Minutes)
		}
	}
	if in*10 < 9*len(p.Turfs) {
		t.Errorf("%d of %d turfs take between 75 and 105 minutes", in, len(p.Turfs))
	}
	t.Logf("%d of %d", in, len(p.Turfs))
}
