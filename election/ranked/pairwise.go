package ranked

import "slices"

// Pairs counts, for every two candidates, the ballots that prefer one to the other: they rank the one above the other, or
// the one and not the other. A ballot that ranks both at once prefers neither. Nothing else of a ballot matters here: not
// ranks left out, nor overvotes of others. Undeclared write-ins are left out: they are not one person.
type Pairs struct {
	Candidates int
	prefer     []int64
}

// Prefer returns how many ballots prefer a to b.
func (p *Pairs) Prefer(a, b int) int64 { return p.prefer[a*p.Candidates+b] }

// Pairwise counts the pairs of a contest.
func Pairwise(contest *Contest, profile *Profile) *Pairs {
	n := len(contest.Candidates)
	p := &Pairs{Candidates: n, prefer: make([]int64, n*n)}
	best := make([]int, n)
	ranked := make([]int, 0, n)
	profile.Each(func(marks []Mark, count int64) {
		clear(best)
		ranked = ranked[:0]
		for _, m := range marks {
			if m.Candidate >= 0 && m.Candidate < n && !contest.excluded(m.Candidate) && best[m.Candidate] == 0 {
				best[m.Candidate] = m.Rank
				ranked = append(ranked, m.Candidate)
			}
		}
		for _, a := range ranked {
			for b := range n {
				if b != a && (best[b] == 0 || best[b] > best[a]) && !contest.excluded(b) {
					p.prefer[a*n+b] += count
				}
			}
		}
	})
	return p
}

// Condorcet is what comparing candidates two by two says (Condorcet 1785; Smith, Econometrica 1973).
type Condorcet struct {
	Pairs  *Pairs
	Winner int   // who beats everybody else, or -1
	Smith  []int // the smallest set of candidates each of whom beats everybody outside of it; only the winner, if there is one
	Loser  int   // who loses to everybody else, or -1
}

// Compare finds the Condorcet winner among the candidates who are not excluded.
func Compare(contest *Contest, profile *Profile) *Condorcet {
	p := Pairwise(contest, profile)
	var all []int
	for i := range contest.Candidates {
		if !contest.excluded(i) {
			all = append(all, i)
		}
	}
	c := &Condorcet{Pairs: p, Winner: -1, Loser: -1}
	wins := make([]int, len(contest.Candidates)) // Copeland: over how many others
	for _, a := range all {
		lost := 0
		for _, b := range all {
			switch {
			case a == b:
			case p.Prefer(a, b) > p.Prefer(b, a):
				wins[a]++
			case p.Prefer(a, b) < p.Prefer(b, a):
				lost++
			}
		}
		if len(all) > 1 && lost == len(all)-1 {
			c.Loser = a
		}
	}
	c.Smith = smith(p, all, wins)
	if len(c.Smith) == 1 {
		c.Winner = c.Smith[0]
	}
	return c
}

// smith begins with who beats most and takes in whoever is not beaten by all who are in, until nobody is left to take.
func smith(p *Pairs, all, wins []int) []int {
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b int) int { return wins[b] - wins[a] })
	if len(order) == 0 {
		return nil
	}
	in := order[:1]
	for {
		size := len(in)
		for i := len(order) - 1; i >= size; i-- {
			for _, a := range in {
				if p.Prefer(a, order[i]) <= p.Prefer(order[i], a) {
					// Everybody who beats as many belongs with the one taken in.
					size = i + 1
					break
				}
			}
			if size == i+1 {
				break
			}
		}
		if size == len(in) {
			return slices.Sorted(slices.Values(in))
		}
		in = order[:size]
	}
}
