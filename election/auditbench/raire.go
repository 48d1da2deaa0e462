package auditbench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/openprecinct/precinct/election/audit/raire"
	"github.com/openprecinct/precinct/election/audit/sampler"
)

// raireRows measures finding assertions and proving them sufficient. The naive way looks at every end of every elimination order and counts every ballot each time.
func raireRows(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, c := range []struct {
		what    string
		shares  []float64
		ballots int
		target  string
		give    float64
		naive   bool
	}{
		{"close, 6 candidates", []float64{30, 28, 22, 12, 6, 2}, 20_000, "", 0, true},
		{"the size of Oakland 2010", []float64{33, 25, 22, 7, 4, 3, 2, 1.5, 1, 1, .5}, 122_000, "≤ 0.5 s", 0, false},
		{"the size of San Francisco 2007", []float64{74, 6, 5, 4, 3, 2, 1, 1, .8, .7, .6, .5, .4, .3, .3, .2, .1, .1}, 149_465, "≤ 10 s", 0, false},
		{"the same, a tenth of the margin given up", []float64{74, 6, 5, 4, 3, 2, 1, 1, .8, .7, .6, .5, .4, .3, .3, .2, .1, .1}, 149_465, "≤ 10 s", .1, false},
		{"the same, nobody far ahead", []float64{14, 13, 12, 11, 10, 9, 8, 7, 5, 3, 2, 1.5, 1, 1, 1, .5, .5, .5}, 149_465, "≤ 10 s", 0, false},
		{"the size of Minneapolis 2013", []float64{30, 26, 13, 9, 8, 5, 2, 1, 1, 1, .5, .5, .5, .4, .4, .4, .3, .3, .3, .2, .2, .2, .2, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1}, 80_101, "", 0, false},
	} {
		p, err := ranked(c.shares, c.ballots)
		if err != nil {
			return nil, err
		}
		winner, _ := p.Elect()
		var f raire.Found
		took, err := best(3, func() (err error) { f, err = raire.Assertions(p, winner, c.give); return err })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.what, err)
		}
		row := Row{
			What: "Assertions that prove a ranked winner: " + c.what, Size: fmt.Sprintf("%d candidates, %d ballots", len(c.shares), c.ballots), Ours: took, Target: c.target,
			Rate: fmt.Sprintf("%d assertions, hardest margin %d, %d sets", len(f.Assertions), f.Hardest, f.Looked),
		}
		if c.naive {
			began := time.Now()
			if hardest := hardestNaively(ctx, p, winner); hardest != f.Hardest && ctx.Err() == nil {
				return nil, errors.New("the naive search finds another hardest margin")
			}
			row.Naive, row.How = time.Since(began), "every end of every order, every ballot each time"
		}
		rows = append(rows, row)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// ranked invents ballots with up to three ranks: candidates stand on a line, voters near those they like, and shares say how well known each is.
func ranked(shares []float64, ballots int) (*raire.Profile, error) {
	g := sampler.NewPCG64([]byte("a ranked contest that did not happen"))
	names := make([]string, len(shares))
	place := make([]float64, len(shares))
	for i := range names {
		names[i], place[i] = fmt.Sprintf("Candidate %d", i+1), g.Float64()
	}
	p, err := raire.NewProfile(names)
	if err != nil {
		return nil, err
	}
	score := make([]float64, len(shares))
	order := make([]int8, len(shares))
	for range ballots {
		voter := g.Float64()
		for c := range score {
			away := voter - place[c]
			score[c] = math.Log(shares[c]) - 3*away*away - math.Log(-math.Log(g.Float64()+1e-300))
			order[c] = int8(c) // #nosec G115 -- a few
		}
		slices.SortFunc(order, func(a, b int8) int {
			if score[a] > score[b] {
				return -1
			}
			return 1
		})
		ranks := 1 + int(3*g.Float64())
		if err := p.Add(order[:ranks], 1); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// hardestNaively finds the hardest margin by looking at every end of every elimination order.
func hardestNaively(ctx context.Context, p *raire.Profile, winner int) int {
	n := len(p.Names)
	single := *p // every ballot by itself
	single.Groups = nil
	for _, g := range p.Groups {
		for range g.Count {
			single.Groups = append(single.Groups, raire.Group{Ranking: g.Ranking, Count: 1})
		}
	}
	least := p.Ballots
	var walk func(tail []int, best int)
	walk = func(tail []int, best int) {
		best = max(best, bestOf(&single, n, tail))
		if len(tail) == n {
			least = min(least, best)
			return
		}
		for c := range n {
			if !slices.Contains(tail, c) && ctx.Err() == nil {
				walk(append([]int{c}, tail...), best)
			}
		}
	}
	for c := range n {
		if c != winner {
			walk([]int{c}, 0)
		}
	}
	return least
}

// bestOf is the largest margin of an assertion that contradicts that the first of a tail goes while the tail stands.
func bestOf(p *raire.Profile, n int, tail []int) int {
	var out []int
	for c := range n {
		if !slices.Contains(tail, c) {
			out = append(out, c)
		}
	}
	best := 0
	for _, c := range out {
		best = max(best, p.Margin(raire.Assertion{Kind: raire.NEB, Winner: c, Loser: tail[0]}))
	}
	for _, c := range tail[1:] {
		best = max(best, p.Margin(raire.Assertion{Kind: raire.NEB, Winner: tail[0], Loser: c}),
			p.Margin(raire.Assertion{Kind: raire.NEN, Winner: tail[0], Loser: c, Eliminated: out}))
	}
	return best
}
