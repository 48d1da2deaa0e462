package turf

import (
	"cmp"
	"slices"
)

// repairPasses bounds how often turfs that do not hang together are looked at.
const repairPasses = 3

// repairer moves the parts of turfs that are cut off from the rest into turfs with which they hang together.
type repairer struct {
	*partition
	touch *contact
	units [][]int32 // by turf
}

func (p *partition) repair() {
	r := &repairer{p, newContact(&p.g.net), p.turfs()}
	for range repairPasses {
		moved := false
		for t := range r.units {
			moved = r.gather(int32(t)) || moved // #nosec G115 -- MaxDoors
		}
		if !moved {
			return
		}
	}
}

// pieces counts the parts of what remains of units without some, and with others.
func (r *repairer) pieces(units, without, with []int32) int {
	r.touch.begin()
	for _, u := range units {
		if e := r.partition.units[u].edge; e >= 0 && !slices.Contains(without, u) {
			r.touch.add(e)
		}
	}
	for _, u := range with {
		if e := r.partition.units[u].edge; e >= 0 {
			r.touch.add(e)
		}
	}
	return r.touch.pieces()
}

// gather tries to give away each part of a turf but the heaviest.
func (r *repairer) gather(t int32) bool {
	parts := r.parts(r.units[t])
	if len(parts) < 2 {
		return false
	}
	moved := false
	for _, part := range parts[1:] {
		moved = r.give(t, part) || moved
	}
	return moved
}

// parts are the units of a turf by what hangs together, heaviest first.
func (r *repairer) parts(units []int32) [][]int32 {
	var parts [][]int32
	left := slices.Clone(units)
	for len(left) > 0 {
		r.touch.begin()
		for _, u := range left {
			if e := r.partition.units[u].edge; e >= 0 {
				r.touch.add(e)
			}
		}
		if len(r.touch.edges) == 0 {
			break // what stands on no street hangs together with anything
		}
		r.touch.flood(r.touch.edges[0])
		var part, rest []int32
		for _, u := range left {
			if e := r.partition.units[u].edge; e >= 0 && r.touch.reached(e) {
				part = append(part, u)
			} else {
				rest = append(rest, u)
			}
		}
		parts, left = append(parts, part), rest
	}
	slices.SortStableFunc(parts, func(a, b []int32) int { return cmp.Compare(r.heavy(b), r.heavy(a)) })
	return parts
}

func (r *repairer) heavy(units []int32) (w int32) {
	for _, u := range units {
		w += r.partition.units[u].weight
	}
	return w
}

// give moves a part into a neighbouring turf with which it hangs together, against a unit in return if sizes ask for it.
func (r *repairer) give(t int32, part []int32) bool {
	w := r.heavy(part)
	var tried []int32
	for _, u := range part {
		for _, v := range r.near[u] {
			b := r.of[v]
			if b == t || slices.Contains(tried, b) {
				continue
			}
			tried = append(tried, b)
			whole := r.pieces(r.units[b], nil, nil)
			if r.size[t]-w >= r.lo && r.size[b]+w <= r.hi {
				if r.pieces(r.units[b], nil, part) <= whole {
					r.swap(t, b, part, nil)
					return true
				}
			} else if back := r.inReturn(t, b, part, w, whole); back != nil {
				r.swap(t, b, part, back)
				return true
			}
		}
	}
	return false
}

// inReturn looks for a unit of b, near what remains of t, that makes sizes fit and leaves both turfs in no more pieces.
func (r *repairer) inReturn(t, b int32, part []int32, w int32, whole int) []int32 {
	mine := r.pieces(r.units[t], nil, nil)
	for _, u := range r.units[t] {
		if slices.Contains(part, u) {
			continue
		}
		for _, v := range r.near[u] {
			x := r.partition.units[v].weight
			if r.of[v] != b || r.size[t]-w+x < r.lo || r.size[t]-w+x > r.hi || r.size[b]+w-x < r.lo || r.size[b]+w-x > r.hi {
				continue
			}
			back := []int32{v}
			if r.pieces(r.units[b], back, part) <= whole && r.pieces(r.units[t], part, back) < mine {
				return back
			}
		}
	}
	return nil
}

func (r *repairer) swap(t, b int32, part, back []int32) {
	for _, u := range part {
		r.move(int(u), b)
	}
	for _, u := range back {
		r.move(int(u), t)
	}
	r.units[t] = append(slices.DeleteFunc(r.units[t], func(u int32) bool { return r.of[u] != t }), back...)
	r.units[b] = append(slices.DeleteFunc(r.units[b], func(u int32) bool { return r.of[u] != b }), part...)
}
