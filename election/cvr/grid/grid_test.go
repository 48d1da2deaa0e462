package grid

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/table"
)

// Columns in any order say the same: each contest once, with the choices that are marked.
func TestColumnsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type col struct{ contest, choice int }
		var all []col
		for contest := range 3 {
			for choice := range 3 {
				all = append(all, col{contest, choice})
			}
		}
		order := rapid.Permutation(all).Draw(t, "columns")
		cells := make([]string, len(order))
		want := map[string][]string{}
		var g Grid
		head := table.New("f", strings.NewReader("x,y\n"), table.Usual)
		if err := head.Next(); err != nil {
			t.Fatal(err)
		}
		g.Begin(1)
		on := [3]bool{rapid.Bool().Draw(t, "a"), rapid.Bool().Draw(t, "b"), rapid.Bool().Draw(t, "c")}
		for i, c := range order {
			contest, choice := string(rune('A'+c.contest)), string(rune('x'+c.choice))
			if err := g.Add(head, Title{Contest: contest, Allowed: 2, Choice: choice}); err != nil {
				t.Fatal(err)
			}
			if !on[c.contest] {
				continue
			}
			if want[contest] == nil {
				want[contest] = []string{}
			}
			cells[i] = rapid.SampledFrom([]string{"0", "1", `="1"`}).Draw(t, "cell")
			if cells[i] != "0" {
				want[contest] = append(want[contest], choice)
			}
		}
		s := table.New("f", strings.NewReader("id,"+strings.Join(cells, ",")+"\n"), table.Usual)
		if err := s.Next(); err != nil {
			t.Fatal(err)
		}
		var c cvr.Card
		if err := g.Votes(s, &c); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		last := -1
		for _, v := range c.Votes {
			if v.Contest <= last {
				t.Fatalf("contests out of order: %+v", c.Votes)
			}
			last = v.Contest
			k := g.Contests[v.Contest]
			got[k.Name] = []string{}
			for _, m := range v.Marks {
				got[k.Name] = append(got[k.Name], k.Choices[m.Choice].Name)
			}
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("set", func(s []string) map[string]bool {
			set := map[string]bool{}
			for _, x := range s {
				set[x] = true
			}
			return set
		})); diff != "" {
			t.Fatalf("cells %q (-want +got):\n%s", cells, diff)
		}
	})
}

func TestWriteIn(t *testing.T) {
	for name, want := range map[string]bool{"Write-in": true, "WRITE IN 2": true, "Write-In Candidate": true, "Ann Wright": false, "": false} {
		if got := WriteIn(name); got != want {
			t.Errorf("WriteIn(%q) = %v", name, got)
		}
	}
}

// A head that calls every column the same is read in a moment: it is hostile, not large.
func TestManyColumnsOfOneName(t *testing.T) {
	s := table.New("f", strings.NewReader(strings.Repeat("1,", 19_999)+"1\n"), table.Usual)
	if err := s.Next(); err != nil {
		t.Fatal(err)
	}
	var g Grid
	g.Begin(0)
	for range 20_000 {
		if err := g.Add(s, Title{Contest: "Mayor", Allowed: 1, Choice: "Write-in"}); err != nil {
			t.Fatal(err)
		}
	}
	var c cvr.Card
	if err := g.Votes(s, &c); err != nil {
		t.Fatal(err)
	}
	if len(g.Contests[0].Choices) != 20_000 || len(c.Votes) != 1 || len(c.Votes[0].Marks) != 20_000 {
		t.Errorf("%d choices, %d votes", len(g.Contests[0].Choices), len(c.Votes))
	}
}
