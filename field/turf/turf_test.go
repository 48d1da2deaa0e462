package turf_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/city"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
)

const village = "../../../shared/samples/geo/turf/village3k"

func readVillage(t testing.TB) *city.City {
	t.Helper()
	var files []*os.File
	for _, name := range []string{city.NodesFile, city.EdgesFile, city.DoorsFile} {
		f, err := os.Open(filepath.Join(village, name))
		if err != nil {
			t.Skipf("NO SAMPLES: %v", err)
		}
		defer f.Close() // read only
		files = append(files, f)
	}
	c, err := city.Read(files[0], files[1], files[2])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func prepare(t testing.TB, c turf.City) *turf.Ground {
	t.Helper()
	g, err := turf.Prepare(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func cut(t testing.TB, g *turf.Ground, r turf.Rules) turf.Plan {
	t.Helper()
	p, err := g.Cut(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var fifty = turf.Rules{Target: 50, Min: 40, Max: 60, Seed: 1}

// scorer is a second way to measure a walk, as slow and plain as can be: all shortest ways by Floyd and Warshall.
type scorer struct {
	c    turf.City
	ways [][]float64
}

func newScorer(c turf.City) *scorer {
	n := len(c.Nodes)
	s := &scorer{c, make([][]float64, n)}
	for i := range s.ways {
		s.ways[i] = slices.Repeat([]float64{math.Inf(1)}, n)
		s.ways[i][i] = 0
	}
	for _, e := range c.Edges {
		s.ways[e.From][e.To] = min(s.ways[e.From][e.To], e.Metres)
		s.ways[e.To][e.From] = min(s.ways[e.To][e.From], e.Metres)
	}
	for k := range n {
		for i := range n {
			for j := range n {
				s.ways[i][j] = min(s.ways[i][j], s.ways[i][k]+s.ways[k][j])
			}
		}
	}
	return s
}

func (s *scorer) leg(a, b int32) float64 {
	d, e := s.c.Doors[a], s.c.Doors[b]
	f, g := s.c.Edges[d.Edge], s.c.Edges[e.Edge]
	if d.Edge == e.Edge {
		if d.Side != e.Side {
			return math.Abs(d.Along-e.Along) + f.Class.Crossing()
		}
		return math.Abs(d.Along - e.Along)
	}
	best := math.Inf(1)
	for _, x := range [2]struct {
		node int32
		off  float64
	}{{f.From, d.Along}, {f.To, f.Metres - d.Along}} {
		for _, y := range [2]struct {
			node int32
			off  float64
		}{{g.From, e.Along}, {g.To, g.Metres - e.Along}} {
			best = min(best, x.off+s.ways[x.node][y.node]+y.off)
		}
	}
	return best
}

func (s *scorer) loop(doors []int32) (loop, longest float64) {
	for i := range doors {
		leg := s.leg(doors[i], doors[(i+1)%len(doors)])
		loop, longest = loop+leg, max(longest, leg)
	}
	return loop, longest
}

// checkPlan holds a plan of a connected city without oversize buildings against what a plan promises.
func checkPlan(t rapid.TB, g *turf.Ground, p turf.Plan, bounds bool) {
	t.Helper()
	c := g.City()
	in := map[int32]int{}
	site := map[geo.XY]int{}
	ids := map[int]bool{}
	for _, u := range p.Turfs {
		if ids[u.ID] || u.ID < 1 || u.ID >= p.Next {
			t.Fatalf("turf %d: an ID twice, or beyond the next one, %d", u.ID, p.Next)
		}
		ids[u.ID] = true
		size := 0
		for _, d := range u.Doors {
			if in[d] != 0 {
				t.Fatalf("door %d is in turfs %d and %d", d, in[d], u.ID)
			}
			in[d] = u.ID
			size++
			if was := site[c.Doors[d].At]; len(p.Split) == 0 && was != 0 && was != u.ID {
				t.Fatalf("a building is in turfs %d and %d", was, u.ID)
			}
			site[c.Doors[d].At] = u.ID
		}
		if size != u.Size || size == 0 {
			t.Fatalf("turf %d: size %d, has %d doors", u.ID, u.Size, size)
		}
		if bounds && (u.Size < p.Rules.Min || u.Size > p.Rules.Max) {
			t.Fatalf("turf %d has %d doors; bounds are %d to %d", u.ID, u.Size, p.Rules.Min, p.Rules.Max)
		}
		if u.Why == "" && p.Rules.By == turf.ByDoors && (u.Size < p.Rules.Min || u.Size > p.Rules.Max) {
			t.Fatalf("turf %d has %d doors and no reason", u.ID, u.Size)
		}
	}
	for _, d := range p.Loose {
		if in[d] != 0 {
			t.Fatalf("door %d is loose and in turf %d", d, in[d])
		}
		in[d] = -1
	}
	if len(in) != len(c.Doors) {
		t.Fatalf("%d of %d doors are in the plan", len(in), len(c.Doors))
	}
	checkHues(t, p)
}

func checkHues(t rapid.TB, p turf.Plan) {
	t.Helper()
	hue := map[int]int{}
	for _, u := range p.Turfs {
		hue[u.ID] = u.Hue
	}
	for _, u := range p.Turfs {
		for _, n := range u.Near {
			h, ok := hue[n]
			if !ok || n == u.ID {
				t.Fatalf("turf %d has the neighbour %d, which is not there", u.ID, n)
			}
			if h == u.Hue {
				t.Fatalf("turfs %d and %d are neighbours of one hue", u.ID, n)
			}
		}
	}
}

func TestVillage(t *testing.T) {
	c := readVillage(t)
	g := prepare(t, c.City)
	p := cut(t, g, fifty)
	checkPlan(t, g, p, true)
	s := newScorer(c.City)
	for _, u := range p.Turfs {
		loop, longest := s.loop(u.Doors)
		if math.Abs(loop-u.Loop) > 0.5 || math.Abs(longest-u.Longest) > 0.1 || math.Abs(loop-longest-u.Path) > 0.5 {
			t.Errorf("turf %d: loop %.1f, longest leg %.1f; measured again %.1f and %.1f", u.ID, u.Loop, u.Longest, loop, longest)
		}
	}
	sum := g.Summary(p)
	t.Logf("%+v", sum)
	if sum.LoopPerDoor > 26.5 || sum.SplitBuilding != 0 || sum.InBounds != sum.Turfs {
		t.Errorf("%.2f m a door, %d split buildings, %d of %d in bounds", sum.LoopPerDoor, sum.SplitBuilding, sum.InBounds, sum.Turfs)
	}
}

func TestMadeUpCities(t *testing.T) {
	for seed := range uint64(3) {
		c := city.Invent(city.Options{Doors: 6000, Seed: seed + 20})
		g := prepare(t, c.City)
		p := cut(t, g, fifty)
		checkPlan(t, g, p, true)
		sum := g.Summary(p)
		t.Logf("seed %d: %+v", seed, sum)
		if sum.LoopPerDoor > 32 || sum.SplitBuilding != 0 || float64(sum.Apart) > 0.03*float64(sum.Turfs) {
			t.Errorf("seed %d: %.2f m a door, %d split buildings, %d of %d turfs do not hang together", seed, sum.LoopPerDoor, sum.SplitBuilding, sum.Apart, sum.Turfs)
		}
	}
}

// Where only every fifth household is on the list, turfs of the country hang together too.
func TestSparseCity(t *testing.T) {
	c := city.Invent(city.Options{Doors: 30000, Seed: 1}).City
	c.Doors = slices.DeleteFunc(c.Doors, func(d turf.Door) bool { return (d.Key*7919+13)%100 < 70 })
	g := prepare(t, c)
	p := cut(t, g, fifty)
	checkPlan(t, g, p, true)
	sum := g.Summary(p)
	t.Logf("%+v", sum)
	if float64(sum.Apart) > 0.03*float64(sum.Turfs) {
		t.Errorf("%d of %d turfs do not hang together", sum.Apart, sum.Turfs)
	}
}

// A hamlet hangs together with the next streets that have doors, however many empty ones lie between, up to a kilometre.
func TestHamletHangsTogether(t *testing.T) {
	for _, c := range []struct {
		empty int // pieces of street of 150 m
		want  bool
	}{{0, true}, {1, true}, {2, true}, {5, true}, {7, false}} {
		var town turf.City
		for i := range c.empty + 3 {
			town.Nodes = append(town.Nodes, geo.XY{X: float64(150 * i)})
			if i > 0 {
				town.Edges = append(town.Edges, turf.Edge{From: int32(i - 1), To: int32(i), Metres: 150})
			}
		}
		for i, e := range []int32{0, int32(c.empty) + 1} {
			town.Doors = append(town.Doors, turf.Door{Key: uint64(i), At: geo.XY{X: float64(150*e) + 75}, Edge: e, Along: 75})
		}
		g := prepare(t, town)
		p := cut(t, g, turf.Rules{Target: 5})
		if len(p.Turfs) != 1 || p.Turfs[0].Whole != c.want || g.HangsTogether([]int32{0, 1}) != c.want {
			t.Errorf("with %d empty pieces of street between: %+v", c.empty, p.Turfs)
		}
	}
}

func TestSamePlanAgain(t *testing.T) {
	c := city.Invent(city.Options{Doors: 3000, Seed: 4})
	want := marshal(t, cut(t, prepare(t, c.City), fifty))
	before := runtime.GOMAXPROCS(1)
	got := marshal(t, cut(t, prepare(t, c.City), fifty))
	runtime.GOMAXPROCS(7)
	many := marshal(t, cut(t, prepare(t, c.City), fifty))
	runtime.GOMAXPROCS(before)
	if got != want || many != want {
		t.Error("the plan depends on how many processors there are")
	}
	if other := marshal(t, cut(t, prepare(t, c.City), turf.Rules{Target: 50, Min: 40, Max: 60, Seed: 2})); other == want {
		t.Error("another seed cut the very same plan: the seed is not used")
	}
}

func marshal(t testing.TB, p turf.Plan) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back turf.Plan
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, back); diff != "" {
		t.Errorf("a plan is not what it was after JSON (-was +is):\n%s", diff)
	}
	return string(b)
}

// The order in which doors come makes no difference: plans name the same doors by their keys.
func TestOrderOfDoorsMakesNoDifference(t *testing.T) {
	c := city.Invent(city.Options{Doors: 1500, Seed: 9}).City
	keys := func(c turf.City) [][]uint64 {
		var all [][]uint64
		for _, u := range cut(t, prepare(t, c), fifty).Turfs {
			var k []uint64
			for _, d := range u.Doors {
				k = append(k, c.Doors[d].Key)
			}
			all = append(all, k)
		}
		return all
	}
	want := keys(c)
	turned := c
	turned.Doors = slices.Clone(c.Doors)
	slices.Reverse(turned.Doors)
	if diff := cmp.Diff(want, keys(turned)); diff != "" {
		t.Errorf("doors the other way round are cut differently:\n%s", diff)
	}
}

func TestRandomRulesOnRandomCities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := city.Invent(city.Options{Doors: rapid.IntRange(1, 1200).Draw(t, "doors"), Seed: rapid.Uint64Range(0, 1000).Draw(t, "seed")})
		if len(c.City.Doors) == 0 {
			t.Skip("an empty city")
		}
		target := rapid.IntRange(1, 120).Draw(t, "target")
		r := turf.Rules{Target: target, Min: rapid.IntRange(1, target).Draw(t, "min"), Max: rapid.IntRange(target, 3*target).Draw(t, "max"),
			Seed: 3, Quick: rapid.Bool().Draw(t, "quick"), Effort: rapid.SampledFrom([]int{-1, 0, 2}).Draw(t, "effort")}
		if rapid.Bool().Draw(t, "minutes") {
			r.By = turf.ByMinutes
		}
		g, err := turf.Prepare(c.City, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := g.Cut(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		checkPlan(t, g, p, false)
	})
}

// line is a city of one street with doors every ten metres.
func line(doors int) turf.City {
	c := turf.City{Nodes: []geo.XY{{}, {X: float64(10 * doors)}}, Edges: []turf.Edge{{To: 1, Metres: float64(10 * doors), Name: "Only St"}}}
	for i := range doors {
		c.Doors = append(c.Doors, turf.Door{Key: uint64(i + 1), At: geo.XY{X: float64(10 * i), Y: 5}, Along: float64(10 * i), Number: 2 * i, Street: "Only St"})
	}
	return c
}

func TestStrangeCities(t *testing.T) {
	point := func(n int, street func(i int) string) turf.City {
		var c turf.City
		for i := range n {
			c.Doors = append(c.Doors, turf.Door{Key: uint64(i), At: geo.XY{X: 3, Y: 4}, Edge: -1, Street: street(i), Number: i})
		}
		return c
	}
	nameless := line(300)
	for i := range nameless.Doors {
		nameless.Doors[i].Edge = -1
	}
	two := line(200)
	two.Nodes = append(two.Nodes, geo.XY{X: 0, Y: 300}, geo.XY{X: 2000, Y: 300})
	two.Edges = append(two.Edges, turf.Edge{From: 2, To: 3, Metres: 2000})
	for i := range 30 {
		two.Doors = append(two.Doors, turf.Door{Key: uint64(1000 + i), At: geo.XY{X: float64(60 * i), Y: 300}, Edge: 1, Along: float64(60 * i)})
	}
	for _, c := range []struct {
		name  string
		city  turf.City
		turfs int
		why   turf.Why // of the first turf out of bounds
	}{
		{"no doors", turf.City{}, 0, ""},
		{"one door", line(1), 1, turf.WhyFew},
		{"fewer than a turf", line(39), 1, turf.WhyFew},
		{"one street", line(500), 10, ""},
		{"cannot be shared", line(70), 2, turf.WhyShare},
		{"no streets", nameless, 6, ""},
		{"many addresses at one point", point(300, func(int) string { return "" }), 6, ""},
		{"two buildings at one point", point(20, func(int) string { return "" }), 1, turf.WhyFew},
		{"two islands", two, 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := prepare(t, c.city)
			p := cut(t, g, fifty)
			if len(c.city.Doors) > 0 && c.name != "many addresses at one point" {
				checkPlan(t, g, p, c.why == "")
			}
			if len(p.Turfs) != c.turfs {
				t.Errorf("%d turfs, want %d: %+v", len(p.Turfs), c.turfs, g.Summary(p))
			}
			var why turf.Why
			for _, u := range p.Turfs {
				if u.Why != "" {
					why = u.Why
					break
				}
			}
			if doubted := map[string]int{"many addresses at one point": 300}[c.name]; g.Doubted() != doubted {
				t.Errorf("%d doors are doubted, want %d", g.Doubted(), doubted)
			}
			if why != c.why {
				t.Errorf("why %q, want %q", why, c.why)
			}
		})
	}
}

// A building with more doors than a turf may have is a turf of its own, says so, and can be split.
func TestTowerIsSplitOnlyByHand(t *testing.T) {
	c := line(100)
	for i := range 130 {
		c.Doors = append(c.Doors, turf.Door{Key: uint64(5000 + i), Building: 77, At: geo.XY{X: 333, Y: -5}, Side: 1, Along: 333, Number: 9})
	}
	g := prepare(t, c)
	p := cut(t, g, fifty)
	checkPlan(t, g, p, false)
	at := slices.IndexFunc(p.Turfs, func(u turf.Turf) bool { return u.Size == 130 })
	if at < 0 || p.Turfs[at].Why != turf.WhyBuilding || len(p.Turfs) != 3 {
		t.Fatalf("turfs %+v", p.Turfs)
	}
	p, err := g.SplitBuilding(p, 100, 3)
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, g, p, false)
	if len(p.Turfs) != 5 {
		t.Errorf("%d turfs after the split, want 5", len(p.Turfs))
	}
	p, err = g.Recut(context.Background(), p, fifty)
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, g, p, true)
}

func TestRefusedCities(t *testing.T) {
	for name, spoil := range map[string]func(*turf.City){
		"a door twice":            func(c *turf.City) { c.Doors[1].Key = c.Doors[0].Key },
		"an edge to nowhere":      func(c *turf.City) { c.Edges[0].To = 9 },
		"a negative length":       func(c *turf.City) { c.Edges[0].Metres = -1 },
		"a length that is none":   func(c *turf.City) { c.Edges[0].Metres = math.NaN() },
		"a door nowhere":          func(c *turf.City) { c.Doors[2].At.X = math.NaN() },
		"a door out of the world": func(c *turf.City) { c.Doors[2].At.Y = math.Inf(1) },
		"a street not there":      func(c *turf.City) { c.Doors[2].Edge = 5 },
		"a third side":            func(c *turf.City) { c.Doors[2].Side = 2 },
		"beyond the street":       func(c *turf.City) { c.Doors[2].Along = 1e5 },
		"a crossing nowhere":      func(c *turf.City) { c.Nodes[1].X = math.Inf(-1) },
		"a weight below 0":        func(c *turf.City) { c.Doors[0].Weight = -1 },
	} {
		c := line(50)
		spoil(&c)
		if _, err := turf.Prepare(c, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestRefusedRules(t *testing.T) {
	g := prepare(t, line(50))
	for _, r := range []turf.Rules{{}, {Target: -1}, {Target: 50, Min: 60, Max: 70}, {Target: 50, Min: 40, Max: 45}, {Target: 5000}, {Target: 50, By: "hours"}, {Target: 50, Effort: 1000}} {
		if _, err := g.Cut(context.Background(), r); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: error %v", r, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := g.Cut(ctx, fifty); err == nil {
		t.Error("a cut that was called off gave a plan")
	}
}

// grid is a square of blocks of a hundred metres with four doors on each side.
func grid(side int) turf.City {
	var c turf.City
	street := func(a, b int32, name string) {
		p, q := c.Nodes[a], c.Nodes[b]
		c.Edges = append(c.Edges, turf.Edge{From: a, To: b, Metres: 100, Name: name})
		for i := range 8 {
			along := 14 + 24*float64(i%4)
			d := turf.Door{Key: uint64(len(c.Doors) + 1), Edge: int32(len(c.Edges) - 1), Side: int8(i / 4), Along: along, Street: name, Number: i}
			off := 8 - 16*float64(i/4)
			d.At = geo.XY{X: p.X + (q.X-p.X)*along/100 - (q.Y-p.Y)*off/100, Y: p.Y + (q.Y-p.Y)*along/100 + (q.X-p.X)*off/100}
			c.Doors = append(c.Doors, d)
		}
	}
	for i := range side * side {
		c.Nodes = append(c.Nodes, geo.XY{X: float64(100 * (i % side)), Y: float64(100 * (i / side))})
	}
	for i := range side * side {
		if i%side+1 < side {
			street(int32(i), int32(i+1), "Row")
		}
		if i+side < side*side {
			street(int32(i), int32(i+side), "Column")
		}
	}
	return c
}

// A line drawn by hand through the middle of blocks keeps turfs on either side of it.
func TestBarrierDrawnByHand(t *testing.T) {
	c := grid(9)
	const middle = 450
	g, err := turf.Prepare(c, []turf.Line{{{X: middle, Y: -1e5}, {X: middle, Y: 1e5}}})
	if err != nil {
		t.Fatal(err)
	}
	across := func(g *turf.Ground) (n int) {
		for _, u := range cut(t, g, fifty).Turfs {
			left := 0
			for _, d := range u.Doors {
				if c.Doors[d].At.X < middle {
					left++
				}
			}
			if left > 0 && left < len(u.Doors) {
				n++
			}
		}
		return n
	}
	if n := across(g); n != 0 {
		t.Errorf("%d turfs lie on both sides of a barrier", n)
	}
	if across(prepare(t, c)) == 0 {
		t.Error("without the barrier no turf lies on both sides: the test shows nothing")
	}
}
