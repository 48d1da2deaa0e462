package turf

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// gapWorth is how many metres of gap one door off the goal is worth when a cut is chosen.
const gapWorth = 0.3

// looseness is the share of the bounds' width that a cut may use up, before the square root of the turfs it concerns.
const looseness = 0.35

// bisect shares the units out over k turfs, numbered from first: recursively in two, across the principal axis, where the
// gap between the doors is wide, so that cuts fall into rivers and parks (Berger and Bokhari 1987).
func (p *partition) bisect(units []int32, k int, first int32) {
	if k <= 1 || len(units) <= 1 {
		for _, u := range units {
			p.of[u] = first
		}
		return
	}
	k1 := k / 2
	at := p.divide(units, k1, k-k1)
	var other sync.WaitGroup
	if len(units) > worthBisecting {
		other.Go(func() { p.bisect(units[:at], k1, first) })
	} else {
		p.bisect(units[:at], k1, first)
	}
	p.bisect(units[at:], k-k1, first+int32(k1)) // #nosec G115 -- MaxDoors
	other.Wait()
}

// worthBisecting is from how many units on the two halves are bisected at once.
const worthBisecting = 1000

// divide sorts the units along the principal axis and returns where to cut for k1 turfs before and k2 after.
func (p *partition) divide(units []int32, k1, k2 int) int {
	axisX, axisY := p.axis(units)
	type place struct {
		along float64
		unit  int32
	}
	places := make([]place, len(units))
	var total int64
	for i, u := range units {
		places[i] = place{float64(p.units[u].at.X*axisX) + float64(p.units[u].at.Y*axisY), u}
		total += int64(p.units[u].weight)
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.along < b.along {
			return -1
		} else if a.along > b.along {
			return 1
		}
		return cmp.Compare(a.unit, b.unit)
	})
	for i, q := range places {
		units[i] = q.unit
	}
	goal := float64(total) * float64(k1) / float64(k1+k2)
	give := looseness * float64(p.hi-p.lo) / 2 * math.Sqrt(float64(k1))
	perDoor := max(1, float64(p.goal)/50) // weight of one door, when weights are minutes
	best, bestScore := 1, math.Inf(-1)
	var sum int64
	for i := 1; i < len(units); i++ {
		sum += int64(p.units[units[i-1]].weight)
		off := math.Abs(float64(sum) - goal)
		fits := sum >= int64(p.lo)*int64(k1) && sum <= int64(p.hi)*int64(k1) &&
			total-sum >= int64(p.lo)*int64(k2) && total-sum <= int64(p.hi)*int64(k2)
		score := -off
		if fits && off <= give {
			score = places[i].along - places[i-1].along - gapWorth*off/perDoor
		} else if fits {
			score = -1e9 - off
		} else {
			score -= 1e12
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// axis returns the principal axis of the units, weighted.
func (p *partition) axis(units []int32) (x, y float64) {
	var w, mx, my float64
	for _, u := range units {
		v := float64(p.units[u].weight)
		w += v
		mx += v * p.units[u].at.X
		my += v * p.units[u].at.Y
	}
	mx, my = mx/w, my/w
	var sxx, syy, sxy float64
	for _, u := range units {
		v := float64(p.units[u].weight)
		dx, dy := p.units[u].at.X-mx, p.units[u].at.Y-my
		sxx += v * float64(dx*dx)
		syy += v * float64(dy*dy)
		sxy += v * float64(dx*dy)
	}
	y, x = math.Sincos(0.5 * math.Atan2(2*sxy, sxx-syy))
	return x, y
}
