package raire

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openprecinct/precinct/internal/fault"
)

// of makes a profile of rankings written as "3:abc": three ballots that rank a, then b, then c. A dash is nobody on the list.
func of(t testing.TB, candidates int, rankings ...string) *Profile {
	t.Helper()
	names := make([]string, candidates)
	for i := range names {
		names[i] = string(rune('a' + i))
	}
	p, err := NewProfile(names)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rankings {
		var count int
		var who string
		if _, err := fmt.Sscanf(r+" ", "%d:%s", &count, &who); err != nil && !strings.HasSuffix(r, ":") {
			t.Fatal(r, err)
		}
		var ranking []int8
		for _, c := range who {
			ranking = append(ranking, int8(p.Number(string(c))))
		}
		if err := p.Add(ranking, count); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// invent makes a small contest at random: some close, with bullet votes, exhausted ballots, candidates without votes and ties.
func invent(r *rand.Rand) *Profile {
	n := 2 + r.IntN(5)
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("c", i)
	}
	p, _ := NewProfile(names)
	reach := 1 + r.IntN(n)  // nobody ranks more than this
	silent := r.IntN(3)     // this many candidates get nothing
	most := 1 + r.IntN(200) // ballots with one ranking
	for range 1 + r.IntN(25) {
		var ranking []int8
		for _, c := range r.Perm(n)[:r.IntN(reach+1)] {
			if c >= silent || silent >= n {
				ranking = append(ranking, int8(c))
			}
		}
		if r.IntN(12) == 0 && len(ranking) > 0 {
			ranking[r.IntN(len(ranking))] = Unlisted
		}
		_ = p.Add(ranking, r.IntN(most+1))
	}
	return p
}

// orders calls f with every elimination order of n candidates until it returns false.
func orders(n int, f func(order []int) bool) bool {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var rec func(k int) bool
	rec = func(k int) bool {
		if k == n {
			return f(order)
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			if !rec(k + 1) {
				return false
			}
			order[k], order[i] = order[i], order[k]
		}
		return true
	}
	return rec(0)
}

// contradicts says whether an assertion excludes an order, by what the assertion means.
func contradicts(a Assertion, order []int) bool {
	w, l := slices.Index(order, a.Winner), slices.Index(order, a.Loser)
	if a.Kind == NEB {
		return w < l
	}
	if w != len(a.Eliminated) || l < w {
		return false
	}
	for _, e := range a.Eliminated {
		if slices.Index(order, e) > w {
			return false
		}
	}
	return true
}

// every lists all assertions about n candidates, with their margins.
func every(p *Profile) []Assertion {
	n := len(p.Names)
	var list []Assertion
	for w := range n {
		for l := range n {
			if w == l {
				continue
			}
			list = append(list, Assertion{Kind: NEB, Winner: w, Loser: l})
			for out := range 1 << n {
				if out>>w&1 == 1 || out>>l&1 == 1 {
					continue
				}
				a := Assertion{Kind: NEN, Winner: w, Loser: l}
				for e := range n {
					if out>>e&1 == 1 {
						a.Eliminated = append(a.Eliminated, e)
					}
				}
				list = append(list, a)
			}
		}
	}
	for i := range list {
		list[i].Margin = p.Margin(list[i])
	}
	return list
}

// hardest finds by brute force the largest margin with which every order with another winner can be excluded.
func hardest(p *Profile, winner int) int {
	list := every(p)
	least := p.Ballots
	orders(len(p.Names), func(order []int) bool {
		if order[len(order)-1] == winner {
			return true
		}
		best := 0
		for _, a := range list {
			if a.Margin > best && contradicts(a, order) {
				best = a.Margin
			}
		}
		least = min(least, best)
		return true
	})
	return least
}

func TestHardestIsTheBestThereIs(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	possible := 0
	for i := range 600 {
		p := invent(r)
		for w := range p.Names {
			want := hardest(p, w)
			f, err := Assertions(p, w, 0)
			if want <= 0 {
				if fault.KindOf(err) != fault.Conflict {
					t.Fatalf("contest %d, winner %d: nothing proves it, got %v %v", i, w, f, err)
				}
				continue
			}
			possible++
			if err != nil || f.Hardest != want {
				t.Fatalf("contest %d, winner %d: hardest %d, want %d, %v", i, w, f.Hardest, want, err)
			}
			orders(len(p.Names), func(order []int) bool {
				if order[len(order)-1] != w && !slices.ContainsFunc(f.Assertions, func(a Assertion) bool { return contradicts(a, order) }) {
					t.Fatalf("contest %d, winner %d: order %v is open in %v", i, w, order, f.Assertions)
				}
				return true
			})
			for j, a := range f.Assertions {
				if a.Margin != p.Margin(a) || a.Margin < want {
					t.Fatalf("contest %d: margin of %s", i, p.Say(a))
				}
				if _, ok, _ := Sufficient(len(p.Names), w, slices.Delete(slices.Clone(f.Assertions), j, j+1)); ok && len(p.Names) < 6 {
					t.Fatalf("contest %d: %s is not needed", i, p.Say(a))
				}
			}
		}
	}
	if possible < 200 {
		t.Error("only", possible, "contests could be proven; the test looks at too little")
	}
}

func TestSufficientAgreesWithAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	yes := 0
	for i := range 3000 {
		n := 2 + r.IntN(4)
		p, _ := NewProfile(strings.Split("abcdef", "")[:n])
		list := every(p)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = list[:min(len(list), 1+r.IntN(3*n))]
		w := r.IntN(n)
		want := orders(n, func(order []int) bool {
			return order[n-1] == w || slices.ContainsFunc(list, func(a Assertion) bool { return contradicts(a, order) })
		})
		open, ok, err := Sufficient(n, w, list)
		if err != nil || ok != want {
			t.Fatalf("%d: %v sufficient %v, want %v (%v)", i, list, ok, want, err)
		}
		if ok {
			yes++
			continue
		}
		if len(open) != n || open[n-1] == w || slices.ContainsFunc(list, func(a Assertion) bool { return contradicts(a, open) }) {
			t.Fatalf("%d: %v is not open in %v", i, open, list)
		}
	}
	if yes < 50 || yes > 2950 {
		t.Error(yes, "of 3000 were sufficient; the test looks at too little")
	}
}

// Two losers tied with each other: the two assertions about them have the same margin, and dropping each because of the other leaves orders open (the sixth known
// defect of the peers).
func TestTiedLosersStayRuledOut(t *testing.T) {
	p := of(t, 4, "50:a", "20:bc", "20:cb", "9:d", "3:db", "3:dc", "6:ba", "6:ca")
	f, err := Assertions(p, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := hardest(p, 0); f.Hardest != want {
		t.Error(f.Hardest, want)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 { // contests that are symmetric in all losers
		n := 3 + r.IntN(3)
		p, _ := NewProfile(strings.Split("abcdef", "")[:n])
		_ = p.Add([]int8{0}, 40+r.IntN(100))
		for range 3 {
			ranking, count := r.Perm(n), 1+r.IntN(10)
			k := 1 + r.IntN(n)
			for shift := range n - 1 {
				turned := make([]int8, k)
				for i, c := range ranking[:k] {
					if c > 0 {
						c = 1 + (c-1+shift)%(n-1)
					}
					turned[i] = int8(c)
				}
				_ = p.Add(turned, count)
			}
		}
		want := hardest(p, 0)
		f, err := Assertions(p, 0, 0)
		if (err == nil) != (want > 0) || err == nil && f.Hardest != want {
			t.Fatalf("%v: %v %v, want %d", p.Groups, f, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		p      *Profile
		winner int
		want   string
	}{
		{"another won", of(t, 3, "10:a", "6:bc", "5:cb"), 0, "“b” is elected"},
		{"a tie at the end", of(t, 2, "5:a", "5:b"), 0, "tie"},
		{"a tie on the way", of(t, 3, "9:a", "5:b", "5:cb"), 1, "tie"},
		{"no votes at all", of(t, 3), 2, "tie"},
		{"nobody", of(t, 2, "5:a"), -1, "not a candidate"},
		{"a number too large", of(t, 2, "5:a"), 2, "not a candidate"},
	} {
		if _, err := Assertions(c.p, c.winner, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if f, err := Assertions(of(t, 1, "3:a"), 0, 0); err != nil || len(f.Assertions) != 0 {
		t.Error(f, err)
	}
}

func TestMarginsOfAssertions(t *testing.T) {
	p := of(t, 3, "7:abc", "5:-a", "4:ba", "3:cba", "2:c", "1:")
	for _, c := range []struct {
		a    Assertion
		want int
	}{
		{Assertion{Kind: NEB, Winner: 0, Loser: 1}, 7 - 4 - 3},
		{Assertion{Kind: NEB, Winner: 0, Loser: 2}, 7 - 3 - 2},
		{Assertion{Kind: NEB, Winner: 2, Loser: 0}, 5 - 7 - 5 - 4},
		{Assertion{Kind: NEN, Winner: 0, Loser: 1}, 12 - 4},
		{Assertion{Kind: NEN, Winner: 0, Loser: 1, Eliminated: []int{2}}, 12 - 7},
		{Assertion{Kind: NEN, Winner: 2, Loser: 1, Eliminated: []int{0}}, 5 - 11},
	} {
		if got := p.Margin(c.a); got != c.want {
			t.Errorf("%s: %d, want %d", p.Say(c.a), got, c.want)
		}
	}
	if p.Ballots != 22 {
		t.Error(p.Ballots)
	}
}

func TestProfileRefuses(t *testing.T) {
	for _, names := range [][]string{nil, {"a", "b", "a"}, make([]string, 65)} {
		if _, err := NewProfile(names); err == nil {
			t.Error(names)
		}
	}
	p := of(t, 2)
	for _, r := range [][]int8{{2}, {-2}} {
		if p.Add(r, 1) == nil {
			t.Error(r)
		}
	}
	if p.Add([]int8{0}, -1) == nil || p.Add([]int8{0}, 1<<31) == nil {
		t.Error("counts")
	}
}

// An order that the proof cannot exclude is never returned as proven, whatever the search says.
func TestProofDoesNotTrustTheSearch(t *testing.T) {
	p := of(t, 3, "10:abc", "5:bca", "4:cab")
	f, err := Assertions(p, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	less := f
	less.Assertions = f.Assertions[1:]
	if err := prove(p, 0, less); !errors.Is(err, errOpen) {
		t.Error(err)
	}
	wrong := f
	wrong.Assertions = slices.Clone(f.Assertions)
	wrong.Assertions[0].Margin++
	if err := prove(p, 0, wrong); !errors.Is(err, errOpen) {
		t.Error(err)
	}
}

// The answer does not hang on the order of rankings.
func TestOrderOfRankingsChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		p := invent(r)
		w, _ := p.Elect()
		f, err := Assertions(p, w, 0)
		q, _ := NewProfile(p.Names)
		for _, i := range r.Perm(len(p.Groups)) {
			_ = q.Add(p.Groups[i].Ranking, p.Groups[i].Count)
		}
		g, err2 := Assertions(q, w, 0)
		if d := cmp.Diff(f.Assertions, g.Assertions); d != "" || (err == nil) != (err2 == nil) {
			t.Fatal(d, err, err2)
		}
	}
}

// Margin given up and a search cut short change how hard the set is, never whether it proves the winner; what is given up has its limit.
func TestLessThanBestIsStillProven(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	cut, shorter := 0, 0
	for i := range 400 {
		p := invent(r)
		w, _ := p.Elect()
		f, err := Assertions(p, w, 0)
		if err != nil {
			continue
		}
		g, err := Assertions(p, w, 0.3)
		if err != nil || float64(g.Hardest) < 0.7*float64(f.Hardest) || g.Best > f.Hardest || g.Hardest > f.Hardest {
			t.Fatalf("%d: %+v after %+v, %v", i, g, f, err)
		}
		if len(g.Assertions) < len(f.Assertions) {
			shorter++
		}
		if c := newSearch(p, w).ceiling(); int(c) < f.Hardest {
			t.Fatalf("%d: ceiling %d below %d", i, c, f.Hardest)
		}
		s := newSearch(p, w)
		s.patient, s.few = r.IntN(20*(len(p.Groups)+64)), r.IntN(6)
		g, err = s.find(0)
		switch {
		case err != nil && fault.KindOf(err) != fault.Busy, err == nil && (g.Best > f.Hardest || g.Hardest > f.Hardest || g.Exact && g.Hardest != f.Hardest):
			t.Fatalf("%d: %+v after %+v, %v", i, g, f, err)
		case err == nil && !g.Exact:
			cut++
		}
	}
	if cut < 20 || shorter < 5 {
		t.Error("looked at too little:", cut, shorter)
	}
}

// The ends counted are those that a plain walk goes through.
func TestEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for range 200 {
		p := invent(r)
		n, w := len(p.Names), r.IntN(len(p.Names))
		list := every(p)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = list[:r.IntN(2*n)]
		want := map[string]bool{}
		orders(n, func(order []int) bool {
			if order[n-1] == w {
				return true
			}
			for k := n - 1; k >= 0; k-- {
				standing := setOf(order[k:])
				if newRules(n, list).excludes(order[k], standing) {
					break
				}
				want[fmt.Sprint(order[k:])] = true
			}
			return true
		})
		if got := ends(n, w, list); got != float64(len(want)) {
			t.Fatalf("%g, want %d", got, len(want))
		}
	}
}
