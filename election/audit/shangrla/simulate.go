package shangrla

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Share says that a share of the population has the number X.
type Share struct{ X, Of float64 }

// Rates are how often, per card, a record overstates the margin of an assertion by one vote or two, or understates it.
type Rates struct{ Over1, Over2, Under1, Under2 float64 }

// Errors returns the population of a comparison whose records are wrong at these rates: what to simulate for a plan.
func (c *Comparison) Errors(r Rates) []Share {
	right := c.Linked(0, 0)
	return []Share{
		{right, 1 - r.Over1 - r.Over2 - r.Under1 - r.Under2},
		{right / 2, r.Over1}, {0, r.Over2}, {right * 3 / 2, r.Under1}, {right * 2, r.Under2},
	}
}

// Finish is after how many draws each of many simulated audits ended.
type Finish struct {
	draws []int // ascending; most + 1 where it did not end
	most  int
}

// Chance returns the share of the audits that ended after n draws or before.
func (f Finish) Chance(n int) float64 {
	k, _ := slices.BinarySearch(f.draws, min(n, f.most)+1)
	return float64(k) / float64(len(f.draws))
}

// Draws returns the least number of draws after which the share chance of the audits has ended; false if that share never ends within what was simulated.
func (f Finish) Draws(chance float64) (int, bool) {
	i := min(max(int(math.Ceil(chance*float64(len(f.draws))))-1, 0), len(f.draws)-1)
	return f.draws[i], f.draws[i] <= f.most
}

// Simulate runs a test on random samples of a population made up of shares until its p-value is limit or less, at most most draws, runs times. Shares of a finite
// population are rounded to whole cards, the first taking what is left. The same seed gives the same answer.
func (t Test) Simulate(population []Share, limit float64, most, runs int, seed uint64) (Finish, error) {
	f := Finish{most: most}
	if runs < 1 || most < 1 || len(population) == 0 {
		return f, errors.New("nothing to simulate")
	}
	cards := make([]int, len(population))
	n := t.Population
	if n == 0 {
		n = 1 << 40
	}
	left := n
	for i, s := range population[1:] {
		if !(s.Of >= 0 && s.Of <= 1) {
			return f, fmt.Errorf("a share of %g", s.Of)
		}
		cards[i+1] = int(math.Round(s.Of * float64(n)))
		left -= cards[i+1]
	}
	if cards[0] = left; left < 0 {
		return f, errors.New("the shares add up to more than all")
	}
	f.most = min(most, n)
	g := seeded(seed)
	for range runs {
		d, err := t.simulateOne(population, slices.Clone(cards), n, limit, f.most, &g)
		if err != nil {
			return f, err
		}
		f.draws = append(f.draws, d)
	}
	slices.Sort(f.draws)
	return f, nil
}

// simulateOne runs one audit and returns after how many draws it ended.
func (t Test) simulateOne(population []Share, cards []int, n int, limit float64, most int, g *seeded) (int, error) {
	s, err := t.Begin()
	if err != nil {
		return 0, err
	}
	for d := 1; d <= most; d++ {
		k := g.below(n)
		i := 0
		for ; k >= cards[i]; i++ {
			k -= cards[i]
		}
		if t.Population > 0 {
			cards[i]--
			n--
		}
		if err := s.Draw(population[i].X); err != nil {
			return 0, err
		}
		if s.P() <= limit {
			return d, nil
		}
	}
	return most + 1, nil
}

// seeded is the generator SplitMix64 (Steele, Lea, Flood 2014): for simulations, never for a draw of ballots.
type seeded uint64

func (g *seeded) next() uint64 {
	*g += 0x9e3779b97f4a7c15
	z := uint64(*g)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n − 1. n is so much less than 2⁶⁴ that what is left over does not matter.
func (g *seeded) below(n int) int {
	return int(g.next() % uint64(n)) // #nosec G115 -- n is positive
}
