package segment

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/list"
)

// streets is a view of three blocks and a bit in which households run over the ends of blocks, some of them over a whole block, and its rows by household.
func streets(r *rand.Rand) (v *View, homes [][]int) {
	rows := 3*blockRows + 777
	g := &generation{rows: rows, firstID: 5, ids: make([]uint32, rows), joined: make([]uint64, 4*blockWords), cols: map[string]*column{}}
	for i, id := range r.Perm(rows) {
		g.ids[i] = uint32(id)
	}
	crowd := r.IntN(2) * (blockRows + 50)
	tower := 2*blockRows + 1000 // of 300 people, more than a byte counts, within one block
	for row := range rows {
		if row > tower && row < tower+300 || row%blockRows > 0 && r.IntN(2) == 0 && row < blockRows-3 || row >= blockRows-3 && row < blockRows-3+crowd || row%blockRows < 4 && row > 4 {
			g.joined[row>>6] |= 1 << (row & 63)
			homes[len(homes)-1] = append(homes[len(homes)-1], row)
		} else {
			homes = append(homes, []int{row})
		}
	}
	for name, width := range map[string]int{"birth": 2, "registered_on": 2, "votes_cast": 1} {
		codes := make([]uint32, rows)
		for i := range codes {
			codes[i] = uint32(r.IntN(7)) * uint32(r.IntN(2)) * (1 + uint32(width-1)*9000)
		}
		g.cols[name] = newColumn(name, width, codes)
	}
	return newView(&Engine{}, g), homes
}

// TestOnePerHouseholdAcrossBlocks compares with a sort of each household.
func TestOnePerHouseholdAcrossBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 4 {
		v, homes := streets(r)
		s := v.newSet()
		for row := range v.rows {
			if r.IntN(3) > 0 {
				s.add(row)
			}
		}
		for _, p := range []list.Prefer{list.Oldest, list.Youngest, list.MostVotes, list.LastToSignUp} {
			o := v.preferred(p)
			var want []int
			for _, home := range homes {
				rows := slices.DeleteFunc(slices.Clone(home), func(row int) bool { return !s.has(row) })
				if len(rows) > 0 {
					want = append(want, slices.MinFunc(rows, func(a, b int) int {
						x, y := int(o.col.code(a)), int(o.col.code(b))
						if x != y && (x == 0 || y == 0) {
							return cmp.Compare(y, x)
						}
						if o.most {
							x, y = y, x
						}
						return cmp.Or(cmp.Compare(x, y), cmp.Compare(v.gen.ids[a], v.gen.ids[b]))
					}))
				}
			}
			if diff := gocmp.Diff(want, slices.Collect(v.choose(s, p).rowsFrom(0))); diff != "" {
				t.Fatalf("%s: (-want +got) %.2000s", p, diff)
			}
		}
	}
}

// TestHouseholdsAreCountedAcrossBlocks counts each household's people in a set by looking at them.
func TestHouseholdsAreCountedAcrossBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for try := range 4 {
		v, homes := streets(r)
		s := v.newSet()
		for row := range v.rows {
			if r.IntN(1+try) > 0 {
				s.add(row)
			}
		}
		want := make([]uint32, v.rows)
		for _, home := range homes {
			rows := slices.DeleteFunc(slices.Clone(home), func(row int) bool { return !s.has(row) })
			for _, row := range rows {
				want[row] = uint32(min(len(rows), 1<<16-2)) + 1
			}
		}
		col := v.countHomes(s)
		for row, n := range want {
			if col.code(row) != n {
				t.Fatalf("row %d: code %d, not %d", row, col.code(row), n)
			}
		}
	}
}

// TestPartsAreTheOrderOfChance compares with a sort of everybody by list.Rank, over several blocks.
func TestPartsAreTheOrderOfChance(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	v, _ := streets(r)
	s := v.newSet()
	var order []int
	for row := range v.rows {
		if r.IntN(3) > 0 {
			s.add(row)
			order = append(order, row)
		}
	}
	const seed = 42
	rank := func(row int) (int64, int64) { id := v.gen.personAt(row); return list.Rank(id, seed), id }
	slices.SortFunc(order, func(a, b int) int {
		x, i := rank(a)
		y, j := rank(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(i, j))
	})
	for _, cut := range [][2]int{{0, 1}, {0, len(order)}, {len(order) / 3, 2 * len(order) / 3}, {len(order) - 1, len(order)}, {7, 7}, {100, 101}} {
		got := v.draw(s, list.Step{Do: list.Sample, Seed: seed}, func(int64) (int64, int64) { return int64(cut[0]), int64(cut[1]) })
		want := slices.Sorted(slices.Values(order[cut[0]:cut[1]]))
		if diff := gocmp.Diff(want, slices.Collect(got.rowsFrom(0))); diff != "" {
			t.Fatalf("%v: (-want +got) %.2000s", cut, diff)
		}
	}
}
