package raire

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOverstatement(t *testing.T) {
	neb, nen := Assertion{Kind: NEB, Winner: 0, Loser: 1}, Assertion{Kind: NEN, Winner: 0, Loser: 1, Eliminated: []int{2}}
	for _, c := range []struct {
		reported, audited []int8
		neb, nen          int
	}{
		{[]int8{0, 1}, []int8{0, 1}, 0, 0},
		{[]int8{0}, []int8{1}, 2, 2},
		{[]int8{1}, []int8{0}, -2, -2},
		{[]int8{0}, nil, 1, 1},
		{[]int8{2, 0}, []int8{2, 1}, 1, 2},
		{[]int8{2, 0}, []int8{0, 2}, -1, 0},
		{nil, []int8{2, 1}, 1, 1},
	} {
		s := Sampled{Times: 1, Reported: c.reported, Audited: c.audited}
		if got := neb.Overstatement(s); got != c.neb {
			t.Errorf("NEB %v: %d", c, got)
		}
		if got := nen.Overstatement(s); got != c.nen {
			t.Errorf("NEN %v: %d", c, got)
		}
		for _, lost := range []Sampled{{NoRecord: true, Audited: c.audited}, {NotFound: true, Reported: c.reported}} {
			if neb.Overstatement(lost) != 2 || nen.Overstatement(lost) != 2 {
				t.Error("a lost record or paper is the worst")
			}
		}
	}
}

// Each assertion is judged by its own margin and the worst is what counts: an error of one vote against a close assertion weighs more than one of two votes against a
// wide one (the second known defect of the peers, here for ranked contests).
func TestTheWorstAssertionDecides(t *testing.T) {
	p := of(t, 3, "510:a", "480:b", "10:c")
	close, wide := Assertion{Kind: NEB, Winner: 0, Loser: 1}, Assertion{Kind: NEB, Winner: 0, Loser: 2}
	sample := []Sampled{{Times: 1, Reported: []int8{0}, Audited: []int8{2}}, {Times: 300, Reported: []int8{0}, Audited: []int8{0}}}
	all, err := Risk(p, 1000, []Assertion{wide, close}, sample)
	if err != nil {
		t.Fatal(err)
	}
	alone, _ := Risk(p, 1000, []Assertion{close}, sample)
	m := 0.03
	want := math.Pow(1-m/(2*gamma), 301) / (1 - 1/(2*gamma))
	if all != alone || math.Abs(all-min(1, want)) > 1e-12 {
		t.Error(all, alone, want)
	}
}

func TestDrawsAreNoFullCount(t *testing.T) {
	p := of(t, 2, "6:a", "4:b")
	a := []Assertion{{Kind: NEB, Winner: 0, Loser: 1}}
	s := Sampled{Times: 5, Reported: []int8{0}, Audited: []int8{1}}
	if r, err := Risk(p, 10, a, []Sampled{s, s}); err != nil || r != 1 {
		t.Error("ten draws of two ballots count as ten ballots:", r, err)
	}
	var papers []Sampled
	for i := range 10 {
		s := Sampled{Times: 1, Reported: []int8{0}, Audited: []int8{0}}
		if i >= 6 {
			s = Sampled{Times: 1, Reported: []int8{1}, Audited: []int8{1}}
		}
		papers = append(papers, s)
	}
	if r, _ := Risk(p, 10, a, papers); r != 0 {
		t.Error("a full count that shows the winner:", r)
	}
	papers[0].NotFound, papers[1].NotFound = true, true
	if r, _ := Risk(p, 10, a, papers); r != 1 {
		t.Error("a full count in which two votes are lost:", r)
	}
	if r, _ := Risk(p, 10, nil, papers); r != 1 {
		t.Error("nothing asserted proves nothing:", r)
	}
	if _, err := Risk(p, 0, a, papers); err == nil {
		t.Error("no ballots")
	}
}

func TestSize(t *testing.T) {
	p := of(t, 2, "60000:ab", "40000:ba")
	a := []Assertion{{Kind: NEB, Winner: 0, Loser: 1}}
	for _, c := range []struct {
		o    []Observed
		want int
	}{{[]Observed{{27, 1, 0}}, 11}, {[]Observed{{27, 0, 0}}, 0}, {[]Observed{{27, 0, 27}}, 100000 - 27}} {
		if got, err := Size(p, 100000, 0.1, a, c.o); err != nil || got != c.want {
			t.Errorf("%v: %d %v, want %d", c.o, got, err, c.want)
		}
	}
	if _, err := Size(p, 100000, 0.1, a, []Observed{{}, {}}); err == nil {
		t.Error("more observed than asserted")
	}
	if _, err := Size(p, 100000, 1, a, nil); err == nil {
		t.Error("no risk limit")
	}
}

// When the loser won by the paper, the chance of ever confirming is the risk limit at most.
func TestRiskOfRankedComparison(t *testing.T) {
	const limit, elections, size = 0.1, 400, 600
	r := rand.New(rand.NewPCG(9, 9))
	p := of(t, 2, "540:a", "460:b")
	a := []Assertion{{Kind: NEB, Winner: 0, Loser: 1}}
	confirmed := 0
	for range elections {
		for n, log := 0, 0.0; n < size; n++ {
			// 1,000 ballots of which 40 records for a are of papers for b: a tie, which the winner did not win.
			s := Sampled{Times: 1, Reported: []int8{0}, Audited: []int8{0}}
			switch k := r.IntN(1000); {
			case k < 460:
				s.Reported, s.Audited = []int8{1}, []int8{1}
			case k < 500:
				s.Audited = []int8{1}
			}
			one, err := Risk(p, 1000, a, []Sampled{s})
			if err != nil {
				t.Fatal(err)
			}
			if one == 1 { // capped for a single draw with an error
				one = (1 - 0.08/(2*gamma)) / (1 - float64(max(0, a[0].Overstatement(s)))/(2*gamma))
			}
			if log += math.Log(one); log <= math.Log(limit) {
				confirmed++
				break
			}
		}
	}
	if bound := limit*elections + 4*math.Sqrt(limit*(1-limit)*elections); float64(confirmed) > bound {
		t.Errorf("%d of %d wrong outcomes were confirmed; %.0f at the most", confirmed, elections, bound)
	}
}
