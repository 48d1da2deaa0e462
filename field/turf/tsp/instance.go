package tsp

import (
	"math"
	"slices"
)

// Cost returns what it costs to go from place a to b, by the instance's kind.
func (n *Instance) Cost(a, b int32) int64 {
	switch n.Kind {
	case Explicit:
		return int64(n.matrix[int(a)*n.N+int(b)])
	case Geo:
		return n.geographic(a, b)
	}
	dx, dy := n.X[a]-n.X[b], n.Y[a]-n.Y[b]
	switch n.Kind {
	case Ceil2D:
		return int64(math.Ceil(math.Sqrt(float64(dx*dx) + float64(dy*dy))))
	case Man2D:
		return int64(math.Abs(dx) + math.Abs(dy) + 0.5)
	case Max2D:
		return max(int64(math.Abs(dx)+0.5), int64(math.Abs(dy)+0.5))
	case Att:
		r := math.Sqrt((float64(dx*dx) + float64(dy*dy)) / 10)
		t := math.Floor(r + 0.5)
		if t < r {
			t++
		}
		return int64(t)
	default:
		return int64(math.Sqrt(float64(dx*dx)+float64(dy*dy)) + 0.5)
	}
}

// geographic is TSPLIB's distance on a globe, with its value of pi and its degrees and minutes.
func (n *Instance) geographic(a, b int32) int64 {
	q1 := math.Cos(radians(n.Y[a]) - radians(n.Y[b]))
	q2 := math.Cos(radians(n.X[a]) - radians(n.X[b]))
	q3 := math.Cos(radians(n.X[a]) + radians(n.X[b]))
	v := 0.5 * ((1+q1)*q2 - (1-q1)*q3)
	return int64(6378.388*math.Acos(max(-1, min(1, v))) + 1)
}

func radians(degreesMinutes float64) float64 {
	deg := math.Trunc(degreesMinutes)
	return 3.141592 * (deg + 5*(degreesMinutes-deg)/3) / 180
}

// Neighbours looked at by the search. Quadrants keep the search from being shut up in a cluster (Johnson and McGeoch 1997).
const (
	nearest     = 8
	perQuadrant = 2
)

// Problem returns the instance with neighbour lists.
func (n *Instance) Problem() Problem {
	p := Problem{N: n.N, Cost: n.Cost}
	if n.Kind == Geo || n.Kind == Explicit {
		p.Cost = table(n.N, n.Cost)
	}
	if n.Kind == Explicit {
		p.Near = Nearest(n.N, nearest+2, p.Cost)
		return p
	}
	p.Near = planar(n.X, n.Y, p.Cost)
	return p
}

// table keeps the costs of a problem whose costs take long to compute, when it is small.
func table(n int, cost func(a, b int32) int64) func(a, b int32) int64 {
	if n > 3000 {
		return cost
	}
	m := make([]int64, n*n)
	for a := range n {
		for b := range a {
			c := cost(int32(a), int32(b)) // #nosec G115 -- n is small
			m[a*n+b], m[b*n+a] = c, c
		}
	}
	return func(a, b int32) int64 { return m[int(a)*n+int(b)] }
}

// Nearest returns for each place the k others that cost least, nearest first; of equals the lower number.
func Nearest(n, k int, cost func(a, b int32) int64) [][]int32 {
	near := make([][]int32, n)
	type to struct {
		place int32
		cost  int64
	}
	all := make([]to, 0, n)
	for a := range near {
		all = all[:0]
		for b := range n {
			if a != b {
				all = append(all, to{int32(b), cost(int32(a), int32(b))}) // #nosec G115 -- n is small
			}
		}
		slices.SortFunc(all, func(x, y to) int {
			if x.cost != y.cost {
				return int(max(-1, min(1, x.cost-y.cost)))
			}
			return int(x.place - y.place)
		})
		for _, t := range all[:min(k, len(all))] {
			near[a] = append(near[a], t.place)
		}
	}
	return near
}

// Start returns a tour to begin with: along a Hilbert curve, or as the file has the places where they have no coordinates.
func (n *Instance) Start() []int32 {
	if len(n.X) == 0 || n.Kind == Explicit {
		return nil
	}
	return Hilbert(n.X, n.Y)
}
