// Package turfbench measures cutting and ordering beside the naive method, and prints the tables of docs/performance.md.
package turfbench

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/city"
	"github.com/openprecinct/precinct/field/turf/tsp"
)

// Options say what is measured.
type Options struct {
	Doors  int        // of each made-up city, about
	Seeds  int        // how many cities are made up
	Places []int      // sizes of the problems for tours
	Own    *city.City // measured too, when there
}

// Run measures and prints.
func Run(ctx context.Context, out io.Writer, o Options) error {
	_, _ = fmt.Fprintln(out, "| City | Method | Turfs | In bounds | Loop, m/door | Path, m/door | Split blocks | Split buildings | Do not hang together | Prepare, ms | Cut and order, ms |")
	_, _ = fmt.Fprintln(out, "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	if o.Own != nil {
		if err := cuts(ctx, out, "own", o.Own); err != nil {
			return err
		}
	}
	for seed := range o.Seeds {
		c := city.Invent(city.Options{Doors: o.Doors, Seed: uint64(seed) + 1}) // #nosec G115 -- small
		if err := cuts(ctx, out, fmt.Sprintf("made up, seed %d", seed+1), c); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(out, "\n| Places | Nearest neighbour | 0 kicks | 1·n | 10·n | Long run (100·n), length | 10·n, ms |")
	_, _ = fmt.Fprintln(out, "|---:|---:|---:|---:|---:|---:|---:|")
	for _, n := range o.Places {
		if err := ctx.Err(); err != nil {
			return err
		}
		tours(out, n)
	}
	return nil
}

// bounds of the turfs that are measured.
const (
	target, lowest, highest = 50, 40, 60
)

func cuts(ctx context.Context, out io.Writer, name string, c *city.City) error {
	began := time.Now()
	g, err := turf.Prepare(c.City, nil)
	if err != nil {
		return err
	}
	prepared := time.Since(began)
	began = time.Now()
	groups := naive(c.City, target)
	took := time.Since(began)
	p := turf.Plan{Rules: turf.Rules{Target: target, Min: lowest, Max: highest}}
	for i, doors := range groups {
		t := turf.Turf{ID: i + 1, Doors: doors, Size: len(doors), Whole: g.HangsTogether(doors)}
		t.Loop, t.Longest = g.Follow(doors)
		t.Path = t.Loop - t.Longest
		p.Turfs = append(p.Turfs, t)
	}
	row(out, name, "naive: Hilbert chunks, straight-line order", g.Summary(p), 0, took)
	for _, m := range []struct {
		name  string
		quick bool
	}{{"bisection, street order (`--quick`)", true}, {"with exchange between neighbours", false}} {
		began = time.Now()
		p, err := g.Cut(ctx, turf.Rules{Target: target, Min: lowest, Max: highest, Seed: 1, Quick: m.quick})
		if err != nil {
			return err
		}
		row(out, name, m.name, g.Summary(p), prepared, time.Since(began))
	}
	return nil
}

func row(out io.Writer, city, method string, s turf.Summary, prepare, cut time.Duration) {
	percent := func(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }
	_, _ = fmt.Fprintf(out, "| %s, %d doors | %s | %d | %.1f %% | %.2f | %.2f | %.1f %% | %d | %.1f %% | %d | %d |\n", city, s.Doors, method, s.Turfs,
		percent(s.InBounds, s.Turfs), s.LoopPerDoor, s.PathPerDoor, percent(s.SplitBlocks, s.Blocks), s.SplitBuilding, percent(s.Apart, s.Turfs),
		prepare.Milliseconds(), cut.Milliseconds())
}

// tours measures tours through random points, half of them in clusters, against a run ten times as long.
func tours(out io.Writer, n int) {
	inst := points(n, 7)
	p, start := inst.Problem(), inst.Start()
	_, long := tsp.Solve(p, start, 100*n, 99)
	gap := func(length int64) float64 { return 100 * (float64(length)/float64(long) - 1) }
	_, none := tsp.Solve(p, start, 0, 1)
	_, one := tsp.Solve(p, start, n, 1)
	began := time.Now()
	_, ten := tsp.Solve(p, start, 10*n, 1)
	took := time.Since(began)
	_, _ = fmt.Fprintf(out, "| %d | +%.1f %% | +%.2f %% | +%.2f %% | +%.2f %% | %d | %d |\n", n, gap(nearestNeighbour(p)), gap(none), gap(one), gap(ten), long, took.Milliseconds())
}

// points makes up a problem: half of its places anywhere in a square, half in twenty clusters.
func points(n int, seed uint64) *tsp.Instance {
	r := tsp.Rand(seed)
	inst := &tsp.Instance{Name: fmt.Sprint("made up ", n), Kind: tsp.Euc2D, N: n}
	side := 100 * math.Sqrt(float64(n))
	var centres [20][2]float64
	for i := range centres {
		centres[i] = [2]float64{r.Float() * side, r.Float() * side}
	}
	for i := range n {
		x, y := r.Float()*side, r.Float()*side
		if i%2 == 1 {
			c := centres[r.Intn(len(centres))]
			x, y = c[0]+(x-side/2)/8, c[1]+(y-side/2)/8
		}
		inst.X, inst.Y, inst.IDs = append(inst.X, x), append(inst.Y, y), append(inst.IDs, i+1)
	}
	return inst
}

// nearestNeighbour is the tour of who always goes to the nearest place not yet visited.
func nearestNeighbour(p tsp.Problem) int64 {
	left := make([]int32, p.N-1)
	for i := range left {
		left[i] = int32(i + 1) // #nosec G115 -- some thousands
	}
	tour := []int32{0}
	for at := int32(0); len(left) > 0; {
		best := 0
		for i, c := range left {
			if p.Cost(at, c) < p.Cost(at, left[best]) {
				best = i
			}
		}
		at = left[best]
		tour = append(tour, at)
		left[best] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	return tsp.Length(p, tour)
}

func straight(x, y []float64, a, b int32) float64 { return math.Hypot(x[a]-x[b], y[a]-y[b]) }
