package raire

import "slices"

// provable is how many sets of candidates a proof may look at.
const provable = 1 << 22

// Sufficient goes through every order in which n candidates can be eliminated so that somebody other than winner is left, and finds one that no assertion
// excludes. Such an order, first eliminated first, is returned with false; true means that the assertions prove the winner, if they are true of the ballots.
//
// Orders are read from their end. The elimination of c while the set S stands (c in S) contradicts NEB(c, l) if l is in S, NEB(k, c) if k is not in S and so went
// before c, and NEN(c, l, E) if E is everybody outside S and l is in S. This depends on c and S alone, so orders that agree in how they end are gone through once
// for each set S and not once for each order.
func Sufficient(n, winner int, assertions []Assertion) (open []int, ok bool, err error) {
	r := newRules(n, assertions)
	seen := map[uint64]bool{}
	var tail []int // last eliminated and winner at the end, as a stack: tail[0] is left over
	var walk func(standing uint64) (found bool, err error)
	walk = func(standing uint64) (bool, error) {
		if len(tail) == n {
			return true, nil
		}
		for c := range n {
			bit := uint64(1) << uint(c) // #nosec G115 -- not negative
			if standing&bit != 0 || standing == 0 && c == winner || seen[standing|bit] || r.excludes(c, standing|bit) {
				continue
			}
			if len(seen) >= provable {
				return false, tooMany(n)
			}
			seen[standing|bit] = true
			tail = append(tail, c)
			if found, err := walk(standing | bit); found || err != nil {
				return found, err
			}
			tail = tail[:len(tail)-1]
		}
		return false, nil
	}
	found, err := walk(0)
	if err != nil || !found {
		return nil, err == nil, err
	}
	slices.Reverse(tail)
	return tail, false, nil
}

// rules are assertions by what they exclude.
type rules struct {
	outlasts []uint64 // by candidate c: the l of NEB(c, l)
	outlived []uint64 // by candidate c: the k of NEB(k, c)
	next     map[elimination]uint64
}

// elimination is one candidate going while a set, in which it is, stands.
type elimination struct {
	standing uint64
	c        int
}

func newRules(n int, assertions []Assertion) rules {
	r := rules{make([]uint64, n), make([]uint64, n), map[elimination]uint64{}}
	everybody := ^uint64(0) >> uint(64-n) // #nosec G115 -- 1 to 64
	for _, a := range assertions {
		w, l := uint64(1)<<uint(a.Winner), uint64(1)<<uint(a.Loser) // #nosec G115 -- candidates
		if a.Kind == NEB {
			r.outlasts[a.Winner] |= l
			r.outlived[a.Loser] |= w
			continue
		}
		standing := everybody
		for _, e := range a.Eliminated {
			standing &^= 1 << uint(e) // #nosec G115 -- a candidate
		}
		if standing&w != 0 && standing&l != 0 {
			r.next[elimination{standing, a.Winner}] |= l
		}
	}
	return r
}

// excludes says whether an assertion contradicts that c goes while the set stands.
func (r rules) excludes(c int, standing uint64) bool {
	return r.outlasts[c]&standing != 0 || r.outlived[c]&^standing != 0 || len(r.next) > 0 && r.next[elimination{standing, c}] != 0
}

// ends returns how many ends of elimination orders no assertion excludes: what a walk through all orders, one by one, goes through before it is done. Orders that agree
// in which candidates stand are counted together.
func ends(n, winner int, assertions []Assertion) float64 {
	r := newRules(n, assertions)
	level := map[uint64]float64{0: 1} // sets of candidates, and in how many orders each can come last
	total := 0.0
	for len(level) > 0 {
		deeper := map[uint64]float64{}
		for standing, k := range level {
			for c := range n {
				bit := uint64(1) << uint(c) // #nosec G115 -- not negative
				if standing&bit == 0 && !(standing == 0 && c == winner) && !r.excludes(c, standing|bit) {
					deeper[standing|bit] += k
					total += k
				}
			}
		}
		level = deeper
	}
	return total
}
