package segment_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// TestPlansAnswerAsTheTablesSay asks plans at random of a view that follows random writes, and looks at one person after the other for the same.
func TestPlansAnswerAsTheTablesSay(t *testing.T) {
	run(t, 900, func(t *testing.T, w *world) {
		ctx := context.Background()
		e := w.engine(t, t.TempDir())
		if _, err := e.View(ctx, fileID); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 4))
		for round := range 12 {
			v, err := e.Wait(ctx, fileID, w.number)
			if err != nil {
				t.Fatal(err)
			}
			for range 60 {
				p := plan(r)
				compare(t, w, v, p, round)
				if t.Failed() {
					return
				}
			}
			for range 15 {
				w.write(r)
			}
		}
	})
}

func compare(t *testing.T, w *world, v *segment.View, p list.Plan, round int) {
	t.Helper()
	ctx := context.Background()
	n := oracle(t, w, p.Universe)
	want := n.steps(p.Steps)
	got, err := v.Eval(ctx, p)
	if err != nil {
		t.Fatalf("round %d: %v\n%s", round, err, show(p))
	}
	ids := slices.Sorted(got.Set.IDs())
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), ids); diff != "" {
		t.Errorf("round %d: other people than the tables say (-want +got):\n%s\n%s", round, diff, show(p))
		return
	}
	c, err := got.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if k := n.counts(want); k != [4]int64{c.People, c.Doors, c.Phones, c.Emails} {
		t.Errorf("round %d: counts are %v, the tables say %v\n%s", round, c, k, show(p))
	}
	if last := got.Steps[len(got.Steps)-1].People; last != c.People {
		t.Errorf("round %d: the last step left %d people, the list has %d", round, last, c.People)
	}
}

// oracle reads the tables once for each universe and state of the world.
func oracle(t testing.TB, w *world, u list.Universe) *naive {
	key := fmt.Sprint(t.Name(), w.number, u)
	if oracles[key] == nil {
		if len(oracles) > 40 {
			clear(oracles)
		}
		oracles[key] = readNaive(t, w.d, u)
	}
	return oracles[key]
}

var oracles = map[string]*naive{}

func show(p list.Plan) string { return fmt.Sprintf("%+v", p) }

// TestOptionsAreTheListsTheyPromise counts every option of a panel by asking the plan in which that option is chosen.
func TestOptionsAreTheListsTheyPromise(t *testing.T) {
	run(t, 700, func(t *testing.T, w *world) {
		ctx := context.Background()
		v, err := w.engine(t, t.TempDir()).View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(5, 6))
		voted := func(id int64) list.Node {
			return list.Voted{Elections: []int64{id}, AtLeast: ptr(1), AtMost: ptr(1)}
		}
		groups := []struct {
			g    segment.Group
			node func(segment.Option) list.Node
		}{
			{segment.Group{Kind: segment.Attribute, Attr: list.Party}, func(o segment.Option) list.Node { return list.Is{Attr: list.Party, Values: []string{o.Value}} }},
			{segment.Group{Kind: segment.Attribute, Attr: list.Precinct, Values: []string{"001/00", "nowhere"}}, func(o segment.Option) list.Node {
				return list.Is{Attr: list.Precinct, Values: []string{o.Value}}
			}},
			{segment.Group{Kind: segment.Attribute, Attr: "district:school"}, func(o segment.Option) list.Node { return list.Is{Attr: "district:school", Values: []string{o.Value}} }},
			{segment.Group{Kind: segment.Bands, Attr: list.Age, Edges: []int64{18, 30, 45, 100}}, func(o segment.Option) list.Node {
				return list.Between{Attr: list.Birth, From: ptr(20261103 - o.To*10000 + 1), To: ptr(20261103 - o.From*10000)}
			}},
			{segment.Group{Kind: segment.Bands, Attr: list.HouseholdSize, Edges: []int64{1, 2, 3, 9}}, func(o segment.Option) list.Node {
				return list.Between{Attr: list.HouseholdSize, From: ptr(o.From), To: ptr(o.To - 1)}
			}},
			{segment.Group{Kind: segment.ScoreBands, Object: 1, Edges: []int64{-100000, 0, 500, 2000}}, func(o segment.Option) list.Node {
				return list.Scored{Score: 1, From: o.From, To: o.To - 1}
			}},
			{segment.Group{Kind: segment.Codes, IDs: []int64{1, 2, 3}}, func(o segment.Option) list.Node { return list.Code{Codes: []int64{o.ID}} }},
			{segment.Group{Kind: segment.Responses, Object: 2}, func(o segment.Option) list.Node { return list.Answered{Question: 2, Responses: []int64{o.ID}} }},
			{segment.Group{Kind: segment.CustomValues, Object: 2}, func(o segment.Option) list.Node { return list.Custom{Field: 2, Values: []string{o.Value}} }},
			{segment.Group{Kind: segment.TargetGroups, Object: 1}, func(o segment.Option) list.Node { return list.Target{Target: 1, Groups: []int64{o.ID}} }},
			{segment.Group{Kind: segment.Statuses, Object: 1}, func(o segment.Option) list.Node { return list.Event{Events: []int64{1}, Statuses: []string{o.Value}} }},
			{segment.Group{Kind: segment.Conditions, Nodes: []list.Node{voted(elections[0]), voted(elections[1]), list.Phone{}, list.LivesWith{Who: list.Email{}}}},
				func(o segment.Option) list.Node {
					return []list.Node{voted(elections[0]), voted(elections[1]), list.Phone{}, list.LivesWith{Who: list.Email{}}}[o.ID]
				}},
		}
		for range 25 {
			p := list.Plan{Universe: universe, Today: 20261103}
			step := r.IntN(3)
			chosen := make([]list.Node, len(groups)) // at most one choice in each group, and something else
			for k := 0; k < 3; k++ {
				st := list.Step{Do: pick(r, list.Add, list.Narrow, list.Remove), Where: node(r, 1)}
				if k == 0 {
					st.Do = list.Start
				}
				p.Steps = append(p.Steps, st)
			}
			rest := list.All{list.Is{Attr: list.Sex, Values: []string{"F"}}}
			where := func(instead int, n list.Node) list.Node {
				all := slices.Clone(rest)
				for i, c := range chosen {
					if i == instead {
						c = n
					}
					if c != nil {
						all = append(all, c)
					}
				}
				return all
			}
			chosen[0] = pick(r, nil, list.Node(list.Is{Attr: list.Party, Values: []string{"DEM"}}))
			chosen[3] = pick(r, nil, list.Node(list.Between{Attr: list.Birth, From: ptr[int64](19700101), To: ptr[int64](19991231)}))
			chosen[11] = pick(r, nil, voted(elections[0]))
			p.Steps[step].Where = where(-1, nil)
			var asked []segment.Group
			for _, g := range groups {
				asked = append(asked, g.g)
			}
			panel, err := v.Options(ctx, p, step, asked)
			if err != nil {
				t.Fatal(err)
			}
			if !panel.Final || panel.At != 2 {
				t.Fatalf("the panel says it was counted after step %d, final %v", panel.At, panel.Final)
			}
			for i, g := range panel.Groups {
				for _, o := range g.Options {
					q := p
					q.Steps = slices.Clone(p.Steps)
					q.Steps[step].Where = where(i, groups[i].node(o))
					res, err := v.Eval(ctx, q)
					if err != nil {
						t.Fatal(err)
					}
					if got := res.Set.Len(); got != o.People {
						t.Fatalf("group %d %s promises %+v, the list has %d people; step %d of %s", i, g.Group.Kind, o, got, step, show(p))
					}
				}
			}
		}
	})
}

// TestPeopleComeInOrder reads a list in both orders, and in pages.
func TestPeopleComeInOrder(t *testing.T) {
	run(t, 600, func(t *testing.T, w *world) {
		ctx := context.Background()
		e := w.engine(t, t.TempDir())
		if _, err := e.View(ctx, fileID); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(8, 8))
		for range 30 {
			w.writePerson(r, w.person(r))
		}
		v, err := e.Wait(ctx, fileID, w.number)
		if err != nil {
			t.Fatal(err)
		}
		n := oracle(t, w, universe)
		place := map[int64]int{} // of everybody by name: the few are sorted in another way than the many
		for _, steps := range [][]list.Step{
			{{Do: list.Start}},
			{{Do: list.Start, Where: list.Is{Attr: list.Party, Values: []string{"GRE"}}}, {Do: list.Sample, Take: 12, Seed: 1}},
		} {
			res, err := v.Eval(ctx, list.Plan{Universe: universe, Today: 20261103, Steps: steps})
			if err != nil {
				t.Fatal(err)
			}
			for _, order := range []segment.Order{segment.Walk, segment.ByName} {
				var whole []segment.Row
				for row, err := range v.Each(ctx, universe, res.Set, order) {
					if err != nil {
						t.Fatal(err)
					}
					whole = append(whole, row)
				}
				if int64(len(whole)) != res.Set.Len() {
					t.Fatalf("%d of %d people came", len(whole), res.Set.Len())
				}
				var paged []segment.Row
				for len(paged) < len(whole) {
					page, err := v.Page(ctx, universe, res.Set, order, len(paged), 7)
					if err != nil || len(page) == 0 {
						t.Fatal("a page is empty", err)
					}
					paged = append(paged, page...)
				}
				if diff := cmp.Diff(whole, paged); diff != "" {
					t.Fatalf("pages differ from the whole:\n%s", diff)
				}
				for i, row := range whole {
					if _, known := place[row.Person]; order == segment.ByName && !known {
						place[row.Person] = i
					}
					p := n.people[row.Person]
					b, _ := n.number(p, list.Birth)
					phones := n.right(p.phones, nil)
					if row.Birth != b || row.Party != p.Party || row.City != p.City || row.ZIP != p.ZIP || row.Household != p.Household || row.Door != p.Door ||
						(row.Phone == "") != (len(phones) == 0) || row.Phone != "" && !slices.Contains(phones, row.Phone) || row.Placed != p.placed ||
						row.Precinct != list.PrecinctValue(p.County, p.Precinct) {
						t.Fatalf("%+v is not what the tables say: %+v", row, p)
					}
					if order == segment.ByName && i > 0 {
						before := n.people[whole[i-1].Person]
						if before.Last > p.Last || before.Last == p.Last && before.First > p.First {
							t.Fatalf("%s comes before %s", before.Last, p.Last)
						}
						if place[before.ID] > place[p.ID] {
							t.Fatalf("%d comes before %d, but not among all", before.ID, p.ID)
						}
					}
				}
			}
		}
	})
}

// TestChartsAndMapsAddUp compares tables, histograms and the map with the list they are of.
func TestChartsAndMapsAddUp(t *testing.T) {
	run(t, 800, func(t *testing.T, w *world) {
		ctx := context.Background()
		v, err := w.engine(t, t.TempDir()).View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		n := oracle(t, w, universe)
		res, err := v.Eval(ctx, list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start, Where: list.Is{Attr: list.Sex, Values: []string{"F"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		party := segment.Group{Kind: segment.Attribute, Attr: list.Party}
		table, err := v.Crosstab(ctx, universe, 20261103, res.Set, party, segment.Group{Kind: segment.Bands, Attr: list.BirthYear, Edges: []int64{1900, 1960, 1990, 2020}})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int64{}
		for id := range res.Set.IDs() {
			p := n.people[id]
			b, _ := n.number(p, list.Birth)
			band := ""
			for _, x := range []int64{1900, 1960, 1990} {
				if b/10000 >= x && b/10000 < 2020 {
					band = fmt.Sprint(x)
				}
			}
			want[p.Party+" "+band]++
		}
		got := map[string]int64{}
		for i, row := range table.Rows {
			for j, col := range table.Cols {
				band := fmt.Sprint(col.From)
				if j == len(table.Cols)-1 {
					band = ""
				}
				if k := table.Cells[i][j]; k > 0 {
					got[row.Value+" "+band] += k
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("crosstab (-want +got):\n%s", diff)
		}
		edges := []list.Micro{-90_000_000, -85_000_000, -84_000_000, -60_000_000}
		lats := []list.Micro{20_000_000, 27_000_000, 28_000_000, 29_500_000, 40_000_000}
		cells, err := v.Cells(res.Set, edges, lats)
		if err != nil {
			t.Fatal(err)
		}
		sum, placed := int64(0), int64(0)
		for _, c := range cells {
			box := segment.Box{West: edges[c.X], East: edges[c.X+1], South: lats[c.Y], North: lats[c.Y+1]}
			doors, more, err := v.Doors(res.Set, box, 1000)
			if err != nil || more {
				t.Fatal(err, more)
			}
			in := int64(0)
			for _, d := range doors {
				in += d.People
			}
			if in != c.People {
				t.Errorf("cell %+v has doors of %d people", c, in)
			}
			sum += c.People
		}
		for id := range res.Set.IDs() {
			if n.people[id].placed {
				placed++
			}
		}
		if sum != placed || placed == 0 {
			t.Errorf("the map shows %d of %d people who have a place", sum, placed)
		}
		back, missing := v.SetOf(res.Set.IDs())
		if back.Len() != res.Set.Len() || missing != 0 {
			t.Errorf("%d of %d people were found again", back.Len(), res.Set.Len())
		}
	})
}

// TestANewVoterFileIsCountedWhenItStands adds people as an import does, and counts them once the new generation has taken the old one's place; until then the old one answers.
func TestANewVoterFileIsCountedWhenItStands(t *testing.T) {
	run(t, 300, func(t *testing.T, w *world) {
		ctx := context.Background()
		e := w.engine(t, t.TempDir())
		old, err := e.View(ctx, fileID)
		if err != nil {
			t.Fatal(err)
		}
		p := list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start, Where: list.Any{list.Is{Attr: list.Sex, Values: []string{"F"}}, list.Code{Codes: []int64{2}}}}}}
		compare(t, w, old, p, 0)
		before, err := old.Eval(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		w.record([]change.Change{{What: change.People, VoterFile: fileID}}, sql(`UPDATE field_person SET sex = 'F' WHERE person_id < 100`),
			sql(`UPDATE field_person SET person_id = person_id + 1000000 WHERE person_id > 250`))
		deadline := time.Now().Add(time.Minute)
		for {
			v, err := e.Wait(ctx, fileID, w.number)
			if err != nil {
				t.Fatal(err)
			}
			if v.People() != old.People() {
				t.Fatalf("%d people on file, there were %d", v.People(), old.People())
			}
			if res, err := v.Eval(ctx, p); err == nil && res.Set.Len() != before.Set.Len() {
				compare(t, w, v, p, 1)
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the new generation did not come")
			}
			time.Sleep(20 * time.Millisecond)
		}
		if again, err := old.Eval(ctx, p); err != nil || again.Set.Len() != before.Set.Len() {
			t.Errorf("the old view does not answer as before: %v", err)
		}
	})
}

// TestTilesAreThePeopleAgain lays people beside each other and counts each of them as often as they lie there.
func TestTilesAreThePeopleAgain(t *testing.T) {
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...)
	w := newWorld(t, d, 700)
	ctx := context.Background()
	e := w.engine(t, t.TempDir())
	v, err := e.View(ctx, fileID)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	var plans []list.Plan
	var want []segment.Counts
	for range 60 {
		p := list.Plan{Universe: universe, Today: 20261103, Steps: []list.Step{{Do: list.Start, Where: node(r, 1)}}}
		if strings.Contains(fmt.Sprintf("%#v", p), "list.Sub{") { // a sample is not as many times as large
			continue
		}
		res, err := v.Eval(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		c, err := res.Counts(ctx)
		if err != nil {
			t.Fatal(err)
		}
		plans, want = append(plans, p), append(want, c)
	}
	if v, err = e.View(ctx, fileID); err != nil { // with all that was read for them
		t.Fatal(err)
	}
	const n = 97 // 67,900 rows: more than a block
	tiled, err := v.Tiled(filepath.Join(t.TempDir(), "tiles"), n)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range plans {
		res, err := tiled.Eval(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := res.Counts(ctx)
		if err != nil {
			t.Fatal(err)
		}
		once := want[i]
		if diff := cmp.Diff(segment.Counts{People: n * once.People, Doors: n * once.Doors, Phones: n * once.Phones, Emails: n * once.Emails}, got); diff != "" {
			t.Errorf("%s: %s", show(p), diff)
		}
	}
	place := map[int64]int{}
	for _, few := range []bool{false, true} { // the few are sorted in another way than the many
		steps := []list.Step{{Do: list.Start}}
		if few {
			steps = append(steps, list.Step{Do: list.Sample, Take: 200, Seed: 1})
		}
		res, err := tiled.Eval(ctx, list.Plan{Universe: universe, Today: 20261103, Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		last := -1
		for row, err := range tiled.Each(ctx, universe, res.Set, segment.ByName) {
			if err != nil {
				t.Fatal(err)
			}
			if !few {
				place[row.Person] = len(place)
			} else if at := place[row.Person]; at <= last {
				t.Fatalf("%d is number %d among all, and comes after number %d", row.Person, at, last)
			} else {
				last = at
			}
		}
	}
}
