package synth

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// snapshot is a state's voters by id, as an importer sees them.
func snapshot(t *testing.T, o Options, s *State) (map[string]layout.Voter, Manifest) {
	t.Helper()
	f, m := write1(t, s)
	out := map[string]layout.Voter{}
	readVoters(t, o, f, m, func(_ string, v *layout.Voter) { out[v.StateID] = v.Clone() })
	return out, m
}

// The manifest of a newer file counts exactly what an importer finds, county by county, month after month.
func TestNewerTellsTheTruth(t *testing.T) {
	for _, o := range []Options{{Layout: layout.NC}, {Layout: layout.OH}, {Layout: layout.MI}, {Layout: layout.WA}} {
		t.Run(o.name(), func(t *testing.T) {
			o.Voters, o.Seed = 6_000, 8
			s, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := snapshot(t, o, s)
			for month := range 3 {
				change := Change{}
				if month == 1 { // a month with much moving, and over the election of November 2026
					change = Change{Date: 20261220, Moved: 400, New: 300}
				}
				if s, err = s.Newer(change); err != nil {
					t.Fatal(err)
				}
				after, m := snapshot(t, o, s)
				want := map[string]CountyTruth{}
				for _, c := range m.Counties {
					c.Name = ""
					want[c.Code] = c
				}
				if d := cmp.Diff(want, compare(before, after, want)); d != "" {
					t.Fatalf("month %d (-manifest +files):\n%s", month+1, d)
				}
				before = after
			}
		})
	}
}

// compare counts what changed between two files. A row of an election's column or of an age is no change of registration.
func compare(before, after map[string]layout.Voter, counties map[string]CountyTruth) map[string]CountyTruth {
	out := map[string]CountyTruth{}
	for code := range counties {
		out[code] = CountyTruth{Code: code}
	}
	for id, a := range after {
		c := out[a.CountyCode]
		c.Read++
		b, old := before[id]
		switch {
		case !old:
			c.New++
		case a.Residence != b.Residence:
			c.Moved++
		case a.Party != b.Party:
			c.Party++
		case a.StatusCode != b.StatusCode:
			c.Status++
		default:
			c.Unchanged++
		}
		out[a.CountyCode] = c
	}
	for id, b := range before {
		if _, still := after[id]; !still {
			c := out[b.CountyCode]
			c.Dropped++
			out[b.CountyCode] = c
		}
	}
	return out
}

func TestNewerSharesAndHistory(t *testing.T) {
	o := Options{Layout: layout.NC, Voters: 30_000, Seed: 4}
	s, old, first := make1(t, o)
	n, err := s.Newer(Change{})
	if err != nil {
		t.Fatal(err)
	}
	f, m := write1(t, n)
	var sum CountyTruth
	for _, c := range m.Counties {
		sum.New += c.New
		sum.Moved += c.Moved
		sum.Party += c.Party
		sum.Dropped += c.Dropped
	}
	for name, x := range map[string][3]int{"new": {sum.New, 70, 90}, "moved": {sum.Moved, 75, 100}, "party": {sum.Party, 14, 26}, "dropped": {sum.Dropped, 42, 58}} {
		if share := x[0] * 10_000 / o.Voters; share < x[1] || share > x[2] {
			t.Errorf("%s: %d of ten thousand, want %d to %d", name, share, x[1], x[2])
		}
	}
	if m.Voters != first.Voters+sum.New-sum.Dropped {
		t.Errorf("%d voters after %d with %d new and %d gone", m.Voters, first.Voters, sum.New, sum.Dropped)
	}
	if old["streets.geojson"].String() != f["streets.geojson"].String() || old["addresses.csv"].String() != f["addresses.csv"].String() {
		t.Error("the ground changed with the month")
	}
	later, err := n.Newer(Change{Date: 20261220})
	if err != nil {
		t.Fatal(err)
	}
	if e := later.Elections(); len(e) != 31 || e[30].Date != 20261103 || !slices.Equal(e[:30], s.Elections()) {
		t.Errorf("elections of the later state: %v", e)
	}
}
