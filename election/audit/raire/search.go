package raire

import (
	"container/heap"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// Found is what proves a winner.
type Found struct {
	Assertions []Assertion // hardest first
	Hardest    int         // the smallest margin, in ballots
	Best       int         // the largest smallest margin there is, or, if not Exact, one that it is known to reach
	Exact      bool        // Best is exact: the search went to its end, which it does if nothing may be given up
	Looked     int         // sets of candidates that the search looked at
}

// Assertions returns assertions that prove the winner and that are all true of the profile. With give 0, no other such set has a larger smallest margin. The last
// ballots of margin can be dear: in a landslide among many they may take an assertion for every group of losers; give is the share of that margin, 0 to 1, that may
// be given up for a shorter list. Where so many candidates are so close that the search would take very long, it ends with the margin reached until then.
// A winner who did not win by these ballots, or only by a tie, is refused.
func Assertions(p *Profile, winner int, give float64) (Found, error) {
	if winner < 0 || winner >= len(p.Names) {
		return Found{}, fault.Invalidf("The reported winner is not a candidate of this contest.")
	}
	if !(give >= 0 && give < 1) {
		return Found{}, fmt.Errorf("giving up %g of a margin", give)
	}
	if len(p.Names) == 1 {
		return Found{Hardest: p.Ballots, Best: p.Ballots, Exact: true}, nil
	}
	elected, tied := p.Elect()
	if elected != winner && !tied {
		return Found{}, fault.Conflictf("By these ballots “%s” is elected and not “%s”, so nothing can be audited. Count again, or correct the reported winner.", p.Names[elected], p.Names[winner])
	}
	return newSearch(p, winner).find(give)
}

// find searches, chooses and proves.
func (s *search) find(give float64) (Found, error) {
	if give > 0 {
		s.enough = share(1-give, s.ceiling())
	}
	best, exact := s.bottleneck()
	switch {
	case best <= 0 && exact:
		return Found{}, fault.Conflictf("By these ballots the win of “%s” hangs on a tie, so no sample can confirm it. Count by hand.", s.p.Names[s.winner])
	case best <= 0:
		return Found{}, tooMany(s.n)
	}
	least := share(1-give, best)
	switch {
	case s.enough > 0 && best >= s.enough:
		least = s.enough
	case !exact:
		least = min(least, s.modest())
	}
	f := Found{Assertions: s.choose(least), Best: int(best), Exact: exact, Looked: len(s.settled)}
	f.Hardest = f.Assertions[0].Margin
	return f, prove(s.p, s.winner, f)
}

// share returns a part of a margin, at least 1.
func share(of float64, margin int32) int32 {
	return max(1, int32(math.Ceil(of*float64(margin))))
}

// tooMany says that a contest is beyond what can be proven.
func tooMany(n int) error {
	return fault.Busyf("With %d candidates so close to each other there are too many elimination orders to prove the winner. Count by hand, or join write-ins under one name.", n)
}

// prove reads a set as somebody would who did not find it: every margin from the rankings, and every order.
func prove(p *Profile, winner int, f Found) error {
	for _, a := range f.Assertions {
		if m := p.Margin(a); m != a.Margin || m < f.Hardest {
			return errOpen
		}
	}
	_, ok, err := Sufficient(len(p.Names), winner, f.Assertions)
	if err == nil && !ok {
		err = errOpen
	}
	return err
}

// search looks for the elimination order that is hardest to rule out.
type search struct {
	p       *Profile
	n       int
	winner  int
	neb     [][]int32        // margin of NEB(w, l)
	settled map[uint64]int32 // the least that must be asserted to rule out some order that ends with this set
	tally   map[uint64][]int32
	edges   edges
	enough  int32 // a margin at which the search may end; 0 is none
	patient int   // how many rankings may still be counted
	few     int   // sets from which ways out are listed when the search has not ended
}

func newSearch(p *Profile, winner int) *search {
	n := len(p.Names)
	s := &search{p: p, n: n, winner: winner, neb: make([][]int32, n), settled: map[uint64]int32{}, tally: map[uint64][]int32{}, patient: patience, few: 4096}
	for w := range n {
		s.neb[w] = make([]int32, n)
	}
	for _, g := range p.Groups {
		s.addNEB(g)
	}
	return s
}

// addNEB counts one ranking in all the margins of NEB assertions: for the first candidate against all, and for every ranked candidate against those who come after
// it or are missing.
func (s *search) addNEB(g Group) {
	count := int32(g.Count) // #nosec G115 -- all ballots fit
	var before uint64
	for i, c := range g.Ranking {
		if c < 0 || before>>uint(c)&1 == 1 { // #nosec G115 -- not negative
			continue
		}
		before |= 1 << uint(c) // #nosec G115 -- not negative
		for o := range s.n {
			if i == 0 {
				s.neb[c][o] += count
			}
			if before>>uint(o)&1 == 0 { // #nosec G115 -- not negative
				s.neb[o][c] -= count
			}
		}
	}
}

// before is the largest margin of a NEB assertion that contradicts that c goes while the set stands; not positive where there is none.
func (s *search) before(c int, standing uint64) (margin int32) {
	for o := range s.n {
		switch {
		case o == c:
		case standing>>uint(o)&1 == 1: // #nosec G115 -- not negative
			margin = max(margin, s.neb[c][o])
		default:
			margin = max(margin, s.neb[o][c])
		}
	}
	return margin
}

// next is the largest margin of a NEN assertion that contradicts it, and its loser.
func (s *search) next(c int, standing uint64) (margin int32, loser int) {
	t := s.tally[standing]
	if t == nil {
		t = make([]int32, s.n)
		s.p.tallies(standing, t)
		s.tally[standing] = t
	}
	loser = -1
	for o := range s.n {
		if o != c && standing>>uint(o)&1 == 1 && (loser < 0 || t[o] < t[loser]) { // #nosec G115 -- not negative
			loser = o
		}
	}
	if loser < 0 {
		return 0, loser
	}
	return t[c] - t[loser], loser
}

// edge is one candidate going while a set stands, with the set after it already looked at.
type edge struct {
	key   int32 // the largest margin that rules out the order so far, or, until exact, not more than that
	c     int8
	exact bool
	set   uint64 // standing, with c
}

// edges is a heap: least key first, then the larger set, so that of equals one order is followed to its end.
type edges []edge

func (e edges) Len() int { return len(e) }
func (e edges) Less(i, j int) bool {
	if e[i].key != e[j].key {
		return e[i].key < e[j].key
	}
	return bits.OnesCount64(e[i].set) > bits.OnesCount64(e[j].set)
}
func (e edges) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push adds an edge, for container/heap.
func (e *edges) Push(x any) { *e = append(*e, x.(edge)) }

// Pop takes the last edge, for container/heap.
func (e *edges) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// ceiling returns a margin that no set of assertions can have more of: the hardest step of some order. The orders tried begin with each candidate at the end and go on
// with whoever is easiest to imagine next.
func (s *search) ceiling() int32 {
	least := int32(math.MaxInt32)
	for last := range s.n {
		if last == s.winner {
			continue
		}
		set := uint64(1) << uint(last) // #nosec G115 -- not negative
		worst := s.before(last, set)
		for set != all(s.n) {
			step, next := int32(math.MaxInt32), set
			for c := range s.n {
				with := set | 1<<uint(c) // #nosec G115 -- not negative
				if with == set {
					continue
				}
				m, _ := s.next(c, with)
				if m = max(m, s.before(c, with)); m < step {
					step, next = m, with
				}
			}
			set, worst = next, max(worst, step)
		}
		least = min(least, worst)
	}
	return least
}

// patience is how many rankings the search may count in all before it takes what it has: some seconds.
const patience = 2_000_000_000

// bottleneck returns the least margin that some order with another winner can be ruled out with at best; 0 if there is one that cannot be. exact is false if patience
// ended before; the margin is then one that every order can be ruled out with.
func (s *search) bottleneck() (margin int32, exact bool) {
	everybody := all(s.n)
	reached := int32(0)
	s.expand(0, 0)
	for len(s.edges) > 0 {
		e := heap.Pop(&s.edges).(edge)
		if _, ok := s.settled[e.set]; ok {
			continue
		}
		if !e.exact {
			e.exact = true
			if m, _ := s.next(int(e.c), e.set); m > e.key {
				e.key = m
				heap.Push(&s.edges, e)
				continue
			}
		}
		s.settled[e.set], reached = e.key, e.key
		if e.set == everybody {
			return reached, true
		}
		if s.patient -= len(s.p.Groups) + 64; s.patient < 0 || s.enough > 0 && reached >= s.enough || len(s.settled) > provable/4 {
			return reached, false
		}
		s.expand(e.set, e.key)
	}
	return reached, false // not met: the whole set can always be reached
}

// modest returns a margin below which few enough sets were reached to list the ways out of them.
func (s *search) modest() int32 {
	keys := slices.Sorted(maps.Values(s.settled))
	return max(1, keys[min(s.few, len(keys)-1)])
}

// expand lets every candidate outside the set go just before it.
func (s *search) expand(set uint64, key int32) {
	for c := range s.n {
		with := set | 1<<uint(c) // #nosec G115 -- not negative
		if with == set || set == 0 && c == s.winner {
			continue
		}
		if _, ok := s.settled[with]; !ok {
			heap.Push(&s.edges, edge{key: max(key, s.before(c, with)), c: int8(c), set: with}) // #nosec G115 -- below 64
		}
	}
}

// choose returns assertions with at least the margin hardest that rule out every order. The sets that can be reached without meeting such an assertion are known;
// every way out of them has one. Assertions of the first kind rule out many, so those that rule out most are taken first.
func (s *search) choose(hardest int32) []Assertion {
	ways := s.waysOut(hardest)
	var chosen []Assertion
	for {
		w, l, any := s.mostWays(ways, hardest)
		if !any {
			break
		}
		chosen = append(chosen, Assertion{Kind: NEB, Winner: w, Loser: l, Margin: int(s.neb[w][l])})
		ways = slices.DeleteFunc(ways, func(e elimination) bool {
			gone := false
			s.eachNEB(e, hardest, func(w2, l2 int) { gone = gone || w2 == w && l2 == l })
			return gone
		})
	}
	for _, e := range ways {
		m, l := s.next(e.c, e.standing)
		a := Assertion{Kind: NEN, Winner: e.c, Loser: l, Margin: int(m)}
		for o := range s.n {
			if e.standing>>uint(o)&1 == 0 { // #nosec G115 -- not negative
				a.Eliminated = append(a.Eliminated, o)
			}
		}
		chosen = append(chosen, a)
	}
	slices.SortStableFunc(chosen, func(a, b Assertion) int { return a.Margin - b.Margin })
	return s.leaveOut(chosen)
}

// mostWays returns the NEB assertion that rules out most of the eliminations; of several the one with the largest margin, of those the first.
func (s *search) mostWays(ways []elimination, hardest int32) (winner, loser int, any bool) {
	counts := make([]int, s.n*s.n)
	for _, e := range ways {
		s.eachNEB(e, hardest, func(w, l int) { counts[w*s.n+l]++ })
	}
	best := 0
	for i, k := range counts {
		if d := k - counts[best]; d > 0 || d == 0 && s.neb[i/s.n][i%s.n] > s.neb[best/s.n][best%s.n] {
			best = i
		}
	}
	return best / s.n, best % s.n, counts[best] > 0
}

// waysOut lists the eliminations that lead from a set that can be reached to one that cannot, in a fixed order.
func (s *search) waysOut(hardest int32) []elimination {
	reached := []uint64{0}
	for set, key := range s.settled {
		if key < hardest {
			reached = append(reached, set)
		}
	}
	slices.Sort(reached)
	var ways []elimination
	for _, set := range reached {
		for c := range s.n {
			with := set | 1<<uint(c) // #nosec G115 -- not negative
			if with == set || set == 0 && c == s.winner {
				continue
			}
			if key, ok := s.settled[with]; !ok || key >= hardest {
				ways = append(ways, elimination{with, c})
			}
		}
	}
	return ways
}

// eachNEB calls f for every NEB assertion, with at least that margin, that contradicts an elimination.
func (s *search) eachNEB(e elimination, hardest int32, f func(w, l int)) {
	for o := range s.n {
		switch {
		case o == e.c:
		case e.standing>>uint(o)&1 == 1: // #nosec G115 -- not negative
			if s.neb[e.c][o] >= hardest {
				f(e.c, o)
			}
		case s.neb[o][e.c] >= hardest:
			f(o, e.c)
		}
	}
}

// thorough is how many steps may be spent on leaving out what is not needed.
const thorough = 3_000_000

// legible is how many ends of orders somebody who checks a set by hand, or by the plainest program, may have to go through more because of an assertion left out.
const legible = 2000

// leaveOut takes away assertions that the others make needless, hardest first. The proof decides each time; a set of any size that remains is sufficient.
func (s *search) leaveOut(chosen []Assertion) []Assertion {
	if len(chosen)*len(s.settled)*s.n > thorough {
		return chosen
	}
	most := max(legible, ends(s.n, s.winner, chosen))
	for i := 0; i < len(chosen); {
		without := slices.Delete(slices.Clone(chosen), i, i+1)
		if _, ok, err := Sufficient(s.n, s.winner, without); ok && err == nil && ends(s.n, s.winner, without) <= most {
			chosen = without
		} else {
			i++
		}
	}
	return chosen
}
