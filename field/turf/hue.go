package turf

import "slices"

// colour finds who is whose neighbour on the map, and gives hues to turfs that have none or a neighbour's.
func (g *Ground) colour(p *Plan) {
	near := neighbours(newOutliner(g, *p), len(p.Turfs))
	for t := range p.Turfs {
		ids := make([]int, len(near[t]))
		for i, v := range near[t] {
			ids[i] = p.Turfs[v].ID
		}
		slices.Sort(ids)
		p.Turfs[t].Near = ids
	}
	for t := range p.Turfs {
		used := p.hues(near[t])
		if h := p.Turfs[t].Hue; h >= 0 && h < Hues && !used[h] {
			continue
		}
		h := p.rarest(used)
		if h < 0 {
			p.colourAll(near)
			return
		}
		p.Turfs[t].Hue = h
	}
}

// rarest is the hue that the fewest turfs have among those not used next door, or -1 when all are.
func (p *Plan) rarest(used [Hues]bool) int {
	var count [Hues]int
	for _, t := range p.Turfs {
		if t.Hue >= 0 && t.Hue < Hues {
			count[t.Hue]++
		}
	}
	best := -1
	for h, n := range count {
		if !used[h] && (best < 0 || n < count[best]) {
			best = h
		}
	}
	return best
}

func (p *Plan) hues(turfs []int) (used [Hues]bool) {
	for _, v := range turfs {
		if h := p.Turfs[v].Hue; h >= 0 && h < Hues {
			used[h] = true
		}
	}
	return used
}

// colourAll colours from the turf with the most neighbours left to the one with the fewest, backwards (smallest last,
// Matula and Beck 1983): six hues are enough for any map whose turfs are each in one piece.
func (p *Plan) colourAll(near [][]int) {
	degree := make([]int, len(near))
	for t := range near {
		degree[t] = len(near[t])
	}
	order := make([]int, 0, len(near))
	for range near {
		least := -1
		for t, d := range degree {
			if d >= 0 && (least < 0 || d < degree[least]) {
				least = t
			}
		}
		degree[least] = -1
		order = append(order, least)
		for _, v := range near[least] {
			if degree[v] > 0 {
				degree[v]--
			}
		}
	}
	for t := range p.Turfs {
		p.Turfs[t].Hue = -1
	}
	for _, t := range slices.Backward(order) {
		used := p.hues(near[t])
		p.Turfs[t].Hue = max(0, p.rarest(used))
	}
}

// neighbours lists for each turf, by position, those whose cells touch its own, ascending.
func neighbours(o *outliner, turfs int) [][]int {
	near := make([][]int, turfs)
	last := make([][2]int32, turfs+1) // pairs seen a moment ago, to keep the lists short
	meet := func(a, b int32) {
		if a == b || a == 0 || b == 0 || last[a][0] == b || last[a][1] == b {
			return
		}
		last[a] = [2]int32{b, last[a][0]}
		near[a-1] = append(near[a-1], int(b-1))
		near[b-1] = append(near[b-1], int(a-1))
	}
	for y := range o.rows {
		for x := range o.cols {
			if a := o.label(x, y); a != 0 {
				meet(a, o.label(x+1, y))
				meet(a, o.label(x, y+1))
			}
		}
	}
	for t := range near {
		slices.Sort(near[t])
		near[t] = slices.Compact(near[t])
	}
	return near
}
