package turfbench

import (
	"context"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/city"
)

func TestTables(t *testing.T) {
	var b strings.Builder
	if err := Run(context.Background(), &b, Options{Doors: 700, Seeds: 1, Places: []int{60}, Own: city.Invent(city.Options{Doors: 300, Seed: 9})}); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if line != "" && !strings.HasPrefix(line, "|") {
			t.Errorf("no row of a table: %q", line)
		}
	}
	if n := strings.Count(b.String(), "\n| "); n != 2*3+2 {
		t.Errorf("%d rows:\n%s", n, b.String())
	}
}

// The naive method is measured as everybody else is: all doors, each once, and its walks longer than ours.
func TestNaiveIsFair(t *testing.T) {
	c := city.Invent(city.Options{Doors: 2000, Seed: 3})
	g, err := turf.Prepare(c.City, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]bool, len(c.Doors))
	naively := 0.0
	for _, doors := range naive(c.City, target) {
		loop, _ := g.Follow(doors)
		naively += loop
		for _, d := range doors {
			if seen[d] {
				t.Fatalf("door %d twice", d)
			}
			seen[d] = true
		}
	}
	p, err := g.Cut(context.Background(), turf.Rules{Target: target, Min: lowest, Max: highest})
	if err != nil {
		t.Fatal(err)
	}
	ours := 0.0
	for _, u := range p.Turfs {
		ours += u.Loop
		again, longest := g.Follow(u.Doors)
		if d := again - u.Loop; d > 0.5 || d < -0.5 || longest != u.Longest {
			t.Errorf("turf %d: %.1f m, followed %.1f m", u.ID, u.Loop, again)
		}
	}
	if ours > 0.8*naively {
		t.Errorf("%.0f m against %.0f m the naive way", ours, naively)
	}
}
