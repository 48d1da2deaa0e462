package auditbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/election/audit/sampler"
)

// drawRows measures drawing 1,000 ballots. The naive way makes every ballot's whole ticket and sorts them.
func drawRows(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, size := range []struct {
		ballots int
		times   int
		target  string
	}{{1_000_000, 5, "≤ 0.6 s"}, {10_000_000, 2, "≤ 6 s"}} {
		manifest := invented(size.ballots)
		o := sampler.Order{Seed: "31415926535897932384", Replace: true, Take: 1000, Digits: sampler.Digits}
		var drawn []sampler.Draw
		took, err := best(size.times, func() (err error) { drawn, err = sampler.Ballots(manifest, o); return err })
		if err != nil {
			return nil, err
		}
		row := Row{What: "Draw 1,000 ballots", Size: fmt.Sprintf("%d ballots", size.ballots), Ours: took, Target: size.target, How: "every whole ticket, sorted"}
		if size.ballots <= 1_000_000 {
			row.Naive, err = best(1, func() error { return sameFirst(manifest, o, drawn) })
			if err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// invented is a manifest of batches of 250.
func invented(ballots int) []sampler.Batch {
	const size = 250
	var m []sampler.Batch
	for i := 0; i*size < ballots; i++ {
		m = append(m, sampler.Batch{Key: sampler.Tuple(fmt.Sprintf("County %d", i%50), fmt.Sprintf("Tabulator %d", i%7), fmt.Sprintf("Batch %d", i)), Count: min(size, ballots-i*size)})
	}
	return m
}

// sameFirst draws naively, and compares.
func sameFirst(manifest []sampler.Batch, o sampler.Order, drawn []sampler.Draw) error {
	var all []string
	for _, b := range manifest {
		for p := range b.Count {
			all = append(all, sampler.FirstTicket(o.Seed, fmt.Sprintf("(%s, %d)", b.Key, p+1)))
		}
	}
	slices.SortFunc(all, strings.Compare)
	if sampler.Trim(all[0], o.Digits) != drawn[0].Ticket {
		return errors.New("the naive draw is another one")
	}
	return nil
}
