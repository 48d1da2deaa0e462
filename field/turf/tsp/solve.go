// Package tsp finds short round tours, and reads and writes the files of TSPLIB.
//
// Solve is an iterated local search: from a start it exchanges edges in chains of 2-opt moves (Croes 1958; Lin and
// Kernighan 1973) and moves short runs elsewhere (Or 1976), looking only at near neighbours and only where something
// changed (Bentley 1992). Then it kicks: two adjacent short runs change places (the double bridge of Martin, Otto and
// Felten 1991, kept local), the neighbourhood is improved again, and a tour that got longer is taken back move by move.
// Lengths are whole numbers, so a tour is the same on every machine.
package tsp

import "slices"

// Problem is n places, what it costs to go from one to another, and who is near whom.
type Problem struct {
	N    int
	Cost func(a, b int32) int64 // symmetric, ≥ 0, below 2^40
	Near [][]int32              // for each place, those worth an edge, nearest first
	// Costs, when there, is what Cost says as a table of N rows: quicker where N is small.
	Costs []int32
	// Depth is how many flips are tried in a chain: 1 is 2-opt, quick; 0 means the depth that makes the best tours.
	Depth int
}

// Limits of the moves: measured on TSPLIB, see docs/performance.md.
const (
	orLength   = 3   // longest run that is moved elsewhere
	chainDepth = 3   // flips in a chain
	tryLength  = 100 // longest reversal that is only tried
	kickSpan   = 50  // length of the two runs that a kick exchanges
)

// Solve returns a closed tour of all places and its length. It begins with start (nil: 0, 1, 2, …) and kicks so many
// times; the same arguments give the same tour. start must hold each place once.
func Solve(p Problem, start []int32, kicks int, seed uint64) (tour []int32, length int64) {
	s := newSearch(p, start)
	if p.N > 3 {
		for _, c := range s.tour {
			s.wake(c)
		}
		s.settle()
		s.log = s.log[:0]
		s.kick(kicks, seed)
	}
	return s.tour, Length(p, s.tour)
}

// Length returns the length of the closed tour.
func Length(p Problem, tour []int32) int64 {
	if len(tour) < 2 {
		return 0
	}
	sum := p.Cost(tour[len(tour)-1], tour[0])
	for i := 1; i < len(tour); i++ {
		sum += p.Cost(tour[i-1], tour[i])
	}
	return sum
}

// cost is Cost, from the table where there is one.
func (s *search) cost(a, b int32) int64 {
	if s.Costs != nil {
		return int64(s.Costs[int(a)*s.N+int(b)])
	}
	return s.Cost(a, b)
}

// search is a tour under improvement. A flip is a reversal of positions; log holds those since the last kick.
type search struct {
	Problem
	tour  []int32 // places in order
	pos   []int32 // where each place stands in tour
	log   []span
	queue []int32 // places whose surroundings changed
	awake []bool

	touched []int32 // by the chain that is followed
}

type span struct{ i, j int32 }

func newSearch(p Problem, start []int32) *search {
	if p.Depth <= 0 {
		p.Depth = chainDepth
	}
	s := &search{Problem: p, tour: slices.Clone(start), pos: make([]int32, p.N), awake: make([]bool, p.N)}
	if start == nil {
		s.tour = make([]int32, p.N)
		for i := range s.tour {
			s.tour[i] = int32(i) // #nosec G115 -- places are counted in 31 bits
		}
	}
	for i, c := range s.tour {
		s.pos[c] = int32(i) // #nosec G115 -- as above
	}
	return s
}

func (s *search) wake(c int32) {
	if !s.awake[c] {
		s.awake[c] = true
		s.queue = append(s.queue, c)
	}
}

// settle improves until nothing near a changed place can be improved, and returns how much was gained.
func (s *search) settle() (gain int64) {
	for head := 0; head < len(s.queue); head++ {
		c := s.queue[head]
		s.awake[c] = false
		for {
			g := s.chain(c)
			if g == 0 {
				g = s.moveRun(c)
			}
			if g == 0 {
				break
			}
			gain += g
		}
		if head > 1<<16 && head > len(s.queue)/2 {
			s.queue = append(s.queue[:0], s.queue[head+1:]...)
			head = -1
		}
	}
	s.queue = s.queue[:0]
	return gain
}

// step returns the place after c, or before it.
func (s *search) step(c int32, forward bool) int32 {
	i := s.pos[c]
	if forward {
		if i++; int(i) == len(s.tour) {
			i = 0
		}
	} else {
		if i--; i < 0 {
			i = int32(len(s.tour) - 1) // #nosec G115 -- places are counted in 31 bits
		}
	}
	return s.tour[i]
}

// flip takes out the edge ab and the edge from c to d, what follows it, and puts in ac and bd. It is for the direction of
// the tour, either, in which b follows a.
func (s *search) flip(a, b, c int32) {
	if s.step(a, true) == b {
		s.reverse(s.pos[b], s.pos[c])
	} else {
		s.reverse(s.pos[c], s.pos[b])
	}
}

func (s *search) wakeAll(places ...int32) {
	for _, c := range places {
		s.wake(c)
	}
}

// reverse turns the positions i to j round, going forward from i, or what is not between them, whichever is shorter.
func (s *search) reverse(i, j int32) {
	n := int32(len(s.tour)) // #nosec G115 -- as above
	inner := j - i
	if inner < 0 {
		inner += n
	}
	inner++
	if 2*inner > n {
		i, j = j+1, i-1
		if i == n {
			i = 0
		}
		if j < 0 {
			j = n - 1
		}
		inner = n - inner
	}
	s.log = append(s.log, span{i, j})
	s.turn(i, j, inner)
}

func (s *search) turn(i, j, length int32) {
	n := int32(len(s.tour)) // #nosec G115 -- as above
	for k := length / 2; k > 0; k-- {
		a, b := s.tour[i], s.tour[j]
		s.tour[i], s.tour[j] = b, a
		s.pos[b], s.pos[a] = i, j
		if i++; i == n {
			i = 0
		}
		if j--; j < 0 {
			j = n - 1
		}
	}
}

// undo takes back the flips after the first keep.
func (s *search) undo(keep int) {
	n := int32(len(s.tour)) // #nosec G115 -- as above
	for k := len(s.log) - 1; k >= keep; k-- {
		f := s.log[k]
		length := f.j - f.i
		if length < 0 {
			length += n
		}
		s.turn(f.i, f.j, length+1)
	}
	s.log = s.log[:keep]
}

// chain looks for flips that begin with an edge of the tour at a and gain together.
func (s *search) chain(a int32) int64 {
	for _, forward := range [2]bool{true, false} {
		b := s.step(a, forward)
		open := s.cost(a, b)
		for _, c := range s.Near[b] {
			won := open - s.cost(b, c)
			if won <= 0 {
				break
			}
			if c == a || c == s.step(b, forward) {
				continue
			}
			if gain := s.follow(a, b, c, won, forward); gain > 0 {
				return gain
			}
		}
	}
	return 0
}

// follow joins b to c, lets the tour end at the place before c, and goes on greedily from there; what does not gain in
// the end is taken back. won is what the edge ab costs more than bc.
func (s *search) follow(a, b, c int32, won int64, forward bool) int64 {
	var best int64
	bestAt := len(s.log)
	s.touched = append(s.touched[:0], a, b)
	for depth := 1; ; depth++ {
		d := s.step(c, !forward)
		won += s.cost(c, d)
		gain := won - s.cost(d, a)
		if gain <= best && (depth == s.Depth || s.far(b, d)) {
			break
		}
		s.flip(a, b, d)
		s.touched = append(s.touched, c, d)
		if gain > best {
			best, bestAt = gain, len(s.log)
		}
		if depth == s.Depth {
			break
		}
		b, forward = d, s.step(a, true) == d // the flip may have turned the other part round instead
		if c, won = s.next(a, b, won, forward); c < 0 {
			break
		}
	}
	s.undo(bestAt)
	if best > 0 {
		s.wakeAll(s.touched...)
	}
	return best
}

// far says that a flip of what lies between costs too much to be only tried.
func (s *search) far(b, d int32) bool {
	n := abs(s.pos[b] - s.pos[d])
	return min(n, int32(s.N)-n) > tryLength // #nosec G115 -- places are counted in 31 bits
}

func abs(n int32) int32 { return max(n, -n) }

// next chooses the edge from b that leaves the most when the edge it forces out is counted.
func (s *search) next(a, b int32, won int64, forward bool) (c int32, left int64) {
	c = -1
	var most int64
	for _, e := range s.Near[b] {
		g := won - s.cost(b, e)
		if g <= 0 {
			break
		}
		if e == a || e == s.step(b, forward) {
			continue
		}
		if v := g + s.cost(e, s.step(e, !forward)); c < 0 || v > most {
			c, most, left = e, v, g
		}
	}
	return c, left
}

// moveRun moves a run of up to orLength places that begins or ends with a to between two neighbours near a.
func (s *search) moveRun(a int32) int64 {
	for _, forward := range [2]bool{true, false} {
		last := a
		before := s.step(a, !forward)
		for length := 1; length <= orLength; length++ {
			if length > 1 {
				last = s.step(last, forward)
			}
			after := s.step(last, forward)
			if after == before || last == before {
				break
			}
			base := s.cost(before, a) + s.cost(last, after) - s.cost(before, after)
			if g := s.moveTo(before, a, last, after, base, forward); g > 0 {
				return g
			}
		}
	}
	return 0
}

// moveTo looks for a place beside c, near a, for the run a…last that stands between before and after; base is what its leaving gains.
func (s *search) moveTo(before, a, last, after int32, base int64, forward bool) int64 {
	for _, c := range s.Near[a] {
		g := base - s.cost(a, c)
		if g <= 0 {
			return 0
		}
		if s.inRun(c, a, last, forward) {
			continue
		}
		if d := s.step(c, forward); c != before {
			if gain := g + s.cost(c, d) - s.cost(last, d); gain > 0 {
				s.shift(before, a, last, after, c, d, true)
				return gain
			}
		}
		if e := s.step(c, !forward); c != after {
			if gain := g + s.cost(c, e) - s.cost(last, e); gain > 0 {
				s.shift(before, a, last, after, e, c, false)
				return gain
			}
		}
	}
	return 0
}

func (s *search) inRun(c, first, last int32, forward bool) bool {
	for x := first; ; x = s.step(x, forward) {
		if x == c {
			return true
		}
		if x == last {
			return false
		}
	}
}

// shift moves the run first…last from between before and after to between c and d, in its direction or turned round.
func (s *search) shift(before, first, last, after, c, d int32, same bool) {
	s.flip(before, first, c) // before c…after last…first d
	s.flip(before, c, after) // before after…c last…first d
	if same {
		s.flip(c, last, first)
	}
	s.wakeAll(before, first, last, after, c, d)
}

// kick exchanges two adjacent runs somewhere, improves around them, and keeps what is not longer.
func (s *search) kick(kicks int, seed uint64) {
	n := len(s.tour)
	if n < 5 {
		return
	}
	r := Rand(seed)
	half := min(kickSpan, n-2) / 2
	for range kicks {
		at, l1, l2 := r.Intn(n), 1+r.Intn(half), 1+r.Intn(half)
		place := func(k int) int32 { return s.tour[(at+k)%n] }
		p, a1, a2 := place(0), place(1), place(l1)
		b1, b2, q := place(l1+1), place(l1+l2), place(l1+l2+1)
		loss := s.cost(p, b1) + s.cost(b2, a1) + s.cost(a2, q) - s.cost(p, a1) - s.cost(a2, b1) - s.cost(b2, q)
		s.flip(p, a1, b2)  // p b2…b1 a2…a1 q
		s.flip(p, b2, b1)  // p b1…b2 a2…a1 q
		s.flip(b2, a2, a1) // p b1…b2 a1…a2 q
		s.wakeAll(p, a1, a2, b1, b2, q)
		if s.settle() < loss {
			s.undo(0)
		}
		s.log = s.log[:0]
	}
}
