package shangrla

import (
	"math"
	"math/rand/v2"
	"testing"
)

// vote draws the assorter's number of a card: 1 for the winner, 0 for the loser, 1/2 for neither.
func deck(w, l, neither int) []float64 {
	var d []float64
	for range w {
		d = append(d, 1)
	}
	for range l {
		d = append(d, 0)
	}
	for range neither {
		d = append(d, half)
	}
	return d
}

func drawn(r *rand.Rand, deck []float64, n int) []float64 {
	var x []float64
	for _, i := range r.Perm(len(deck))[:n] {
		x = append(x, deck[i])
	}
	return x
}

// mixed makes a stratum with records that all say what reported says on the mean, and one without.
func mixed(t *testing.T, cards int, compared []float64, reported float64, cards2 int, polled []float64) []*Stratum {
	t.Helper()
	a, err := NewCompared(cards, 1, reported, compared, Guess{.999, .03, 50})
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPolling(cards2, 1, polled, Guess{.55, .5, 20})
	if err != nil {
		t.Fatal(err)
	}
	return []*Stratum{a, b}
}

// The p-value is never below the value at any way to be wrong, and not far above the largest: looked at on a fine grid.
func TestNoWayToBeWrongIsMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for i := range 16 {
		n1, n2 := 200+r.IntN(2000), 200+r.IntN(2000)
		over := make([]float64, 10+r.IntN(100))
		for k := range over {
			over[k] = []float64{0, 0, 0, 0, 0, 0, .5, 1, -.5}[r.IntN(9)] * float64(r.IntN(2))
		}
		w := r.IntN(40)
		s := mixed(t, n1, over, .5+r.Float64()*.2, n2, drawn(r, deck(100+w, 90, 10), 30+r.IntN(150)))
		for _, how := range []Combination{Fisher, Product} {
			got, err := Combine(how, s...)
			if err != nil {
				t.Fatal(err)
			}
			c := &combining{how: how, strata: s, cards: float64(n1 + n2)}
			most := 0.0
			lo1, hi1 := s[0].possible()
			lo2, hi2 := s[1].possible()
			for k := range 2001 {
				a := lo1 + (hi1-lo1)*float64(k)/2000
				edge := min(hi2, (c.cards/2-a*float64(n1))/float64(n2))
				for _, b := range []float64{edge, lo2 + (edge-lo2)*r.Float64()} { // on the edge of the null hypothesis, and inside it
					if b >= lo2 {
						most = max(most, c.together(c.each([]float64{a, b})))
					}
				}
			}
			if got.P < most || !got.Tight {
				t.Errorf("%d: p %g, but %g on the grid (%+v)", i, got.P, most, got)
			}
			if got.P > c.together(c.each(got.Worst))*(1+2*near) && got.P > tiny {
				t.Errorf("%d: p %g, attained only %g", i, got.P, c.together(c.each(got.Worst)))
			}
		}
	}
}

// What Combine rests on: between two means a stratum's fortune is never below its bound, and the bound of a single mean is the fortune.
func TestFortunesStayAboveTheirBound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 300 {
		n := 20 + r.IntN(200)
		x := drawn(r, deck(n/2, n/3, n-n/2-n/3), r.IntN(n+1))
		s, err := NewPolling(n, 1, x, Guess{min(1, r.Float64()+.01), .3, 5*r.Float64() + .1})
		if err != nil {
			t.Fatal(err)
		}
		least, most := s.possible()
		lo := least + (most-least)*r.Float64()
		hi := lo + (most-lo)*r.Float64()*r.Float64()
		last, best := s.fortunes(lo, hi)
		for range 50 {
			theta := lo + (hi-lo)*r.Float64()
			if a, b := s.fortunes(theta, theta); a < last-1e-9 || b < best-1e-9 {
				t.Fatalf("at %g of %g to %g: %g, bound %g; %g, bound %g", theta, lo, hi, a, last, b, best)
			}
		}
	}
}

// The bets are fair: the mean of the fortune against a stratum's own mean is 1, over all orders of all its cards.
func TestFortunesAreFair(t *testing.T) {
	cards := []float64{1, 0, 0, half, 1}
	var sum, count float64
	var rec func(x, left []float64)
	rec = func(x, left []float64) {
		if len(x) == 4 {
			s, err := NewPolling(5, 1, x, Guess{.6, .2, 2})
			if err != nil {
				t.Fatal(err)
			}
			last, _ := s.fortunes(half, half)
			sum, count = sum+math.Exp(last), count+1
			return
		}
		for i := range left {
			rest := append(append([]float64(nil), left[:i]...), left[i+1:]...)
			rec(append(append([]float64(nil), x...), left[i]), rest)
		}
	}
	rec(nil, cards)
	if math.Abs(sum/count-1) > 1e-12 {
		t.Error(sum/count, count)
	}
}

// A stratum that is counted in full keeps its evidence, and the other one is still heard (the fifth known defect of the peers).
func TestFullyCountedStratum(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	whole := drawn(r, deck(60, 40, 0), 100)
	a, err := NewPolling(100, 1, whole, Guess{.6, .5, 20})
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPolling(1000, 1, drawn(r, deck(600, 400, 0), 500), Guess{.6, .5, 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []Combination{Fisher, Product} {
		both, err := Combine(how, a, b)
		if err != nil || both.P > .05 {
			t.Errorf("way %d: %+v %v", how, both, err)
		}
		worse, _ := NewPolling(100, 1, drawn(r, deck(5, 95, 0), 100), Guess{.6, .5, 20})
		if other, _ := Combine(how, worse, b); other.P < both.P {
			t.Errorf("way %d: a stratum counted and lost is no better than one won: %g, %g", how, other.P, both.P)
		}
	}
	lost, _ := NewPolling(100, 1, drawn(r, deck(40, 60, 0), 100), Guess{.6, .5, 20})
	if c, err := Combine(Product, lost); err != nil || c.P != 1 {
		t.Error("all counted and lost:", c, err)
	}
	won, _ := NewPolling(100, 1, whole, Guess{.6, .5, 20})
	if c, err := Combine(Product, won); err != nil || c.P != 0 {
		t.Error("all counted and won:", c, err)
	}
}

// Wrong outcomes over two strata are confirmed no more often than the risk limit allows, wherever the error lies.
func TestRiskOfStrata(t *testing.T) {
	const limit = .1
	runs := elections(t)
	r := rand.New(rand.NewPCG(9, 2))
	for name, c := range map[string]struct {
		overstated []float64 // errors of all 400 cards with records, which say 220 : 180
		polled     []float64 // 400 cards without
	}{
		"error where records are":   {append(make([]float64, 380), repeat(1, 20)...), deck(200, 200, 0)},
		"error where no records":    {make([]float64, 400), deck(180, 220, 0)},
		"error in both":             {append(make([]float64, 390), repeat(1, 10)...), deck(190, 210, 0)},
		"a tie by errors of halves": {append(make([]float64, 360), repeat(.5, 40)...), deck(180, 180, 40)},
	} {
		confirmed := map[Combination]int{}
		for range runs {
			s := mixed(t, 400, drawn(r, c.overstated, 80), .55, 400, drawn(r, c.polled, 120))
			for _, how := range []Combination{Fisher, Product} {
				got, err := Combine(how, s...)
				if err != nil {
					t.Fatal(err)
				}
				if got.P <= limit {
					confirmed[how]++
				}
			}
		}
		within(t, name+", Fisher", confirmed[Fisher], runs, limit)
		within(t, name+", product", confirmed[Product], runs, limit)
	}
}

func repeat(v float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// A right outcome over two strata is confirmed.
func TestPowerOfStrata(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 4))
	s := mixed(t, 4000, make([]float64, 120), .56, 2000, drawn(r, deck(1160, 840, 0), 150))
	for _, how := range []Combination{Fisher, Product} {
		if got, err := Combine(how, s...); err != nil || got.P > .05 {
			t.Errorf("way %d: %+v %v", how, got, err)
		}
	}
}

func TestThreeStrata(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 5))
	var s []*Stratum
	for range 3 {
		one, err := NewPolling(500, 1, drawn(r, deck(320, 150, 30), 90), Guess{.6, .5, 20})
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, one)
	}
	for _, how := range []Combination{Fisher, Product} {
		got, err := Combine(how, s...)
		if err != nil || got.P > .05 {
			t.Errorf("way %d: %+v %v", how, got, err)
		}
		c := &combining{how: how, strata: s, cards: 1500}
		for range 20_000 {
			a, b := r.Float64(), r.Float64()
			if d := 1.5 - a - b; d >= 0 && d <= 1 && c.together(c.each([]float64{a, b, d})) > got.P*(1+1e-9) {
				t.Fatal("missed", a, b, d)
			}
		}
	}
}

func TestStrataRefused(t *testing.T) {
	for _, bad := range []func() error{
		func() error { _, err := NewPolling(1, 1, []float64{1, 1}, Guess{.6, .5, 20}); return err },
		func() error { _, err := NewPolling(5, 1, []float64{1.5}, Guess{.6, .5, 20}); return err },
		func() error { _, err := NewPolling(0, 1, nil, Guess{.6, .5, 20}); return err },
		func() error { _, err := NewCompared(5, 1, 1.5, nil, Guess{.6, .5, 20}); return err },
		func() error { _, err := NewCompared(5, 1, .5, []float64{1.5}, Guess{.6, .5, 20}); return err },
		func() error { _, err := Combine(Fisher); return err },
	} {
		if bad() == nil {
			t.Error("taken")
		}
	}
	s, err := NewPolling(10, 1, nil, Guess{.6, .5, 20})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Combine(Fisher, s); err != nil || c.P != 1 {
		t.Error("nothing drawn:", c, err)
	}
}
