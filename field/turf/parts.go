package turf

import (
	"cmp"
	"math"
	"slices"
)

// sum is the weight of units.
func (p *partition) sum(units []int32) (w int64) {
	for _, u := range units {
		w += int64(p.units[u].weight)
	}
	return w
}

// parts divides the units by where one can walk: what a river without a bridge or a barrier keeps apart is cut on its own,
// unless it is too little for turfs of its own; then it goes with what is nearest.
func (p *partition) parts() [][]int32 {
	label := p.labels()
	groups := map[int32][]int32{}
	for u, l := range label {
		groups[l] = append(groups[l], int32(u)) // #nosec G115 -- MaxDoors
	}
	var parts [][]int32
	for _, g := range groups {
		parts = append(parts, g)
	}
	byFirst := func(a, b []int32) int { return cmp.Compare(a[0], b[0]) }
	slices.SortFunc(parts, byFirst)
	for len(parts) > 1 {
		worst := -1
		for i, part := range parts {
			if _, fits := howMany(p.sum(part), p.lo, p.goal, p.hi); !fits && (worst < 0 || p.sum(part) < p.sum(parts[worst])) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		to := p.nearestPart(parts, worst)
		parts[to] = append(parts[to], parts[worst]...)
		parts = slices.Delete(parts, worst, worst+1)
	}
	for _, part := range parts {
		slices.Sort(part)
	}
	slices.SortFunc(parts, byFirst)
	return parts
}

// keepApart lets units forget neighbours in other parts, so that none moves there.
func (p *partition) keepApart(parts [][]int32) {
	if len(parts) < 2 {
		return
	}
	in := make([]int, len(p.units))
	for i, part := range parts {
		for _, u := range part {
			in[u] = i
		}
	}
	for u, near := range p.near {
		p.near[u] = slices.DeleteFunc(near, func(v int32) bool { return in[v] != in[u] })
	}
}

// nearestPart finds the part with the unit nearest to any unit of one part.
func (p *partition) nearestPart(parts [][]int32, one int) int {
	best, at := math.Inf(1), -1
	for i, part := range parts {
		if i == one {
			continue
		}
		for _, v := range part {
			for _, u := range parts[one][:min(len(parts[one]), 50)] {
				if d := square(p.units[u].at, p.units[v].at); d < best {
					best, at = d, i
				}
			}
		}
	}
	return at
}

// labels says for each unit in which part of the streets it stands. Units on no street, or between two barriers on one
// street, go with a unit near them.
func (p *partition) labels() []int32 {
	node := p.g.net.part
	label := make([]int32, len(p.units))
	for u := range p.units {
		label[u] = -1
		s := &p.g.sites[p.units[u].sites[0]]
		if s.edge < 0 {
			continue
		}
		from, to := p.g.net.toEnds(s.edge, s.along)
		if from < nowhere {
			label[u] = node[p.g.net.edges[s.edge].from]
		} else if to < nowhere {
			label[u] = node[p.g.net.edges[s.edge].to]
		}
	}
	for range len(p.units) {
		open := false
		for u := range p.units {
			if label[u] >= 0 {
				continue
			}
			for _, v := range p.near[u] {
				if label[v] >= 0 {
					label[u] = label[v]
					open = true
					break
				}
			}
		}
		if !open {
			break
		}
	}
	for u := range label {
		label[u] = max(label[u], 0)
	}
	return label
}

// labels numbers the parts into which the streets fall, by crossing.
func (n *network) labels() []int32 {
	label := make([]int32, len(n.at))
	for i := range label {
		label[i] = -1
	}
	var stack []int32
	next := int32(1)
	for v := range label {
		if label[v] >= 0 {
			continue
		}
		label[v] = next
		stack = append(stack[:0], int32(v)) // #nosec G115 -- MaxEdges
		for len(stack) > 0 {
			c := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, a := range n.arcs[n.first[c]:n.first[c+1]] {
				if label[a.to] < 0 {
					label[a.to] = next
					stack = append(stack, a.to)
				}
			}
		}
		next++
	}
	return label
}
