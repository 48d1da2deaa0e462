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
	_, _ = fmt.Fprintln(out, "\n| Places (problems) | Nearest neighbour | 0 kicks | 1·n | 10·n | 10·n, ms |")
	_, _ = fmt.Fprintln(out, "|---:|---:|---:|---:|---:|---:|")
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

// tours measures tours through random points against what is known of them: the bound of Held and Karp for n points spread
// evenly over a square (Johnson, McGeoch and Rothberg 1996); shortest tours are some 0.75 % longer than it.
func tours(out io.Writer, n int) {
	seeds := max(1, min(10, 5000/n)) // few points differ more from problem to problem
	var neighbour, none, one, ten float64
	var took time.Duration
	for seed := range seeds {
		inst := points(n, uint64(seed)+7) // #nosec G115 -- small
		p, start, bound := inst.Problem(), inst.Start(), heldKarp(n)
		over := func(length int64) float64 { return 100 * (float64(length)/bound - 1) / float64(seeds) }
		neighbour += over(nearestNeighbour(p))
		_, length := tsp.Solve(p, start, 0, 1)
		none += over(length)
		_, length = tsp.Solve(p, start, n, 1)
		one += over(length)
		began := time.Now()
		_, length = tsp.Solve(p, start, 10*n, 1)
		took += time.Since(began)
		ten += over(length)
	}
	_, _ = fmt.Fprintf(out, "| %d (%d) | +%.1f %% | +%.2f %% | +%.2f %% | +%.2f %% | %d |\n", n, seeds, neighbour, none, one, ten, took.Milliseconds()/int64(seeds))
}

// side of the square of made-up points.
const side = 1e6

func heldKarp(n int) float64 {
	f := float64(n)
	return (0.70805 + 0.52229/math.Sqrt(f) + 1.31572/f - 3.07474/(f*math.Sqrt(f))) * math.Sqrt(f) * side
}

// points makes up a problem: places anywhere in a square.
func points(n int, seed uint64) *tsp.Instance {
	r := tsp.Rand(seed)
	inst := &tsp.Instance{Name: fmt.Sprint("made up ", n), Kind: tsp.Euc2D, N: n}
	for i := range n {
		inst.X, inst.Y, inst.IDs = append(inst.X, r.Float()*side), append(inst.Y, r.Float()*side), append(inst.IDs, i+1)
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
