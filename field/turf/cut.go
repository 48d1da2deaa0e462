package turf

import (
	"context"
	"math"
)

// Cut shares all doors out over turfs.
func (g *Ground) Cut(ctx context.Context, r Rules) (Plan, error) {
	r, err := r.Check()
	if err != nil {
		return Plan{}, err
	}
	turfs, err := g.cut(ctx, r, 1)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Rules: r, Turfs: turfs, Next: len(turfs) + 1}
	g.colour(&p)
	return p, nil
}

// cut makes turfs of all sites, numbered from first.
func (g *Ground) cut(ctx context.Context, r Rules, first int) ([]Turf, error) {
	if len(g.sites) == 0 {
		return nil, ctx.Err()
	}
	p := g.share(r)
	walks := p.exchange().walks
	turfs := make([]Turf, len(walks))
	inParts(len(walks), func(from, to int) {
		s := newSurveyor(g)
		var m matrix
		for t := from; t < to && ctx.Err() == nil; t++ {
			w := s.tour(g.doorsOf(walks[t]), &m, r.kicks(), r.Seed)
			turfs[t] = g.turf(first+t, &w)
		}
	})
	return turfs, ctx.Err()
}

// doors lists the inner numbers of the doors of units.
func (p *partition) doors(units []int32) []int32 {
	var all []int32
	for _, u := range units {
		for _, s := range p.units[u].sites {
			all = append(all, p.g.sites[s].doors...)
		}
	}
	return all
}

func (g *Ground) doorsOf(sites []int32) []int32 {
	var all []int32
	for _, s := range sites {
		all = append(all, g.sites[s].doors...)
	}
	return all
}

// share makes a partition of the sites by the rules.
func (g *Ground) share(r Rules) *partition {
	p := g.newPartition(allOf(len(g.sites)), g.weights(), int32(r.Min), int32(r.Target), int32(r.Max)) // #nosec G115 -- checked
	k, _ := howMany(p.total(), p.lo, p.goal, p.hi)
	p.bisect(allOf(len(p.units)), k, 0)
	p.open(k)
	p.refine()
	p.balance()
	p.repair()
	return p
}

// turf makes a Turf of a walk.
func (g *Ground) turf(id int, t *tour) Turf {
	doors := t.doors(g)
	u := Turf{ID: id, Hue: -1, Doors: make([]int32, len(doors)), Loop: metres(t.loop), Path: metres(t.loop - t.long), Longest: metres(t.long)}
	for i, k := range doors {
		u.Doors[i] = g.order[k]
		u.Size += int(g.doors[k].weight)
	}
	u.Minutes = math.Round(10*Minutes(u.Loop, len(doors))) / 10
	return u
}
