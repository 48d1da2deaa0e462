package synth

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

func TestCalendar(t *testing.T) {
	for year, want := range map[int]layout.Date{2008: 20081104, 2016: 20161108, 2022: 20221108, 2024: 20241105, 2026: 20261103} {
		if got := electionDay(year); got != want {
			t.Errorf("election day %d: %s, want %s", year, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := layout.MakeDate(rapid.IntRange(1950, 2080).Draw(t, "y"), rapid.IntRange(1, 12).Draw(t, "m"), rapid.IntRange(1, 28).Draw(t, "d"))
		if got := dateOf(dayNumber(d)); got != d {
			t.Fatalf("%s comes back as %s", d, got)
		}
		n := rapid.IntRange(-4000, 4000).Draw(t, "days")
		if got := dayNumber(addDays(d, n)) - dayNumber(d); got != n {
			t.Fatalf("%d days after %s is %d days away", n, d, got)
		}
		age := rapid.IntRange(16, 99).Draw(t, "age")
		if got := ageOf(born(d, age, newChance(uint64(n))), d); got != age {
			t.Fatalf("born for age %d on %s is %d", age, d, got)
		}
	})
}

func TestLogistic(t *testing.T) {
	for q, want := range map[int]int{0: 32767, 4: 43690, -4: 21845, 8: 52428, 60: 65533, -60: 2} {
		if got := int(logistic(q)); got < want-2 || got > want+2 {
			t.Errorf("logistic(%d) = %d, want %d", q, got, want)
		}
	}
	for q := -70; q < 70; q++ {
		if logistic(q) > logistic(q+1) {
			t.Errorf("logistic falls at %d", q)
		}
	}
}

// What a state looks like as a whole stays inside what real files show.
func TestSharesAreReal(t *testing.T) {
	o := Options{Layout: layout.NC, Voters: 30_000, Seed: 21}
	_, f, m := make1(t, o)
	share := func(name string, n, of, lo, hi int) {
		t.Helper()
		if of == 0 || n*1000/of < lo || n*1000/of > hi {
			t.Errorf("%s: %d of %d, want %d to %d permille", name, n, of, lo, hi)
		}
	}
	share("inactive", m.Statuses["inactive"], o.Voters, 80, 125)
	share("removed", m.Statuses["removed"], o.Voters, 45, 75)
	share("confidential", m.Hidden, o.Voters, 2, 7)
	share("minors", m.Minors, o.Voters, 4, 25)
	share("phones", m.Phones, o.Voters, 320, 370)
	share("people in a home", o.Voters, m.Households, 1700, 2200)
	share("empty doors", m.Doors-m.Households, m.Doors, 30, 400)
	for kind, n := range m.Slips {
		if n == 0 {
			t.Errorf("no %s among %d", kind, o.Voters)
		}
	}
	race, hispanic, party, first := map[string]int{}, 0, map[string]int{}, map[string]bool{}
	surnames := map[string]int{}
	suffix, boxes, routes := 0, 0, 0
	readVoters(t, o, f, m, func(_ string, v *layout.Voter) {
		race[v.RaceCode]++
		party[v.Party]++
		surnames[v.Last]++
		first[v.First] = true
		if v.Ethnicity == layout.Hispanic {
			hispanic++
		}
		if v.Suffix != "" {
			suffix++
		}
		if len(v.Mailing.Lines[0]) > 6 && v.Mailing.Lines[0][:6] == "PO BOX" {
			boxes++
		}
		if len(v.Residence.Line) > 3 && v.Residence.Line[:3] == "RR " {
			routes++
		}
	})
	share("Black", race["B"], o.Voters, 120, 300)
	share("American Indian", race["I"], o.Voters, 5, 60)
	share("Asian", race["A"], o.Voters, 20, 120)
	share("Hispanic", hispanic, o.Voters, 40, 130)
	share("Democratic", party["DEM"], o.Voters, 280, 420)
	share("Republican", party["REP"], o.Voters, 220, 380)
	share("unaffiliated", party["UNA"], o.Voters, 240, 420)
	share("Jr, Sr and III", suffix, o.Voters, 5, 40)
	share("PO boxes", boxes, o.Voters, 15, 40)
	share("rural routes", routes, o.Voters, 2, 40)
	if len(surnames) < 2000 || len(first) < 800 {
		t.Errorf("%d family names, %d given names", len(surnames), len(first))
	}
	for name, n := range surnames {
		if n > o.Voters/50 {
			t.Errorf("%s is the name of %d of %d", name, n, o.Voters)
		}
	}
}

// Turnout falls from presidential years to midterms to primaries, municipal elections and runoffs.
func TestTurnout(t *testing.T) {
	s, err := New(Options{Layout: layout.NC, Voters: 60_000, Seed: 13})
	if err != nil {
		t.Fatal(err)
	}
	votes := map[scale][2]int{}
	w := &writer{s: s, r: newChance(1), county: &s.counties[0]}
	var h household
	for range 8_000 {
		w.populate(&h, &s.precincts[0], w.group(0), 6)
		for i := range h.people {
			p := &h.people[i]
			w.voted(p, true)
			cast := map[int]bool{}
			for _, v := range w.votes {
				cast[v.election] = true
			}
			for i := range s.elections {
				e := &s.elections[i]
				if p.status != layout.Active || e.Date < 20180101 || addDays(p.registered, 30) > e.Date || ageOf(p.born, e.Date) < 18 {
					if cast[i] && ageOf(p.born, e.Date) < 17 {
						t.Fatalf("born %s, voted %s", p.born, e.Date)
					}
					continue
				}
				v := votes[e.scale]
				v[1]++
				if cast[i] {
					v[0]++
				}
				votes[e.scale] = v
			}
		}
		if len(h.people) < 1 || len(h.people) > 6 {
			t.Fatalf("a home of %d", len(h.people))
		}
	}
	for _, c := range []struct {
		k      scale
		lo, hi int
	}{{presidential, 62, 82}, {midterm, 45, 66}, {statePrimary, 15, 34}, {municipal, 10, 30}, {runoff, 1, 12}} {
		v := votes[c.k]
		if v[1] == 0 || v[0]*100/v[1] < c.lo || v[0]*100/v[1] > c.hi {
			t.Errorf("scale %d: %d of %d voted, want %d to %d percent", c.k, v[0], v[1], c.lo, c.hi)
		}
	}
}

func TestMethodsShift(t *testing.T) {
	before, after := methodShares(layout.NC, 2008), methodShares(layout.NC, 2024)
	if before[atPolls] <= after[atPolls] {
		t.Errorf("at the polls in 2008 %d, in 2024 %d permille", before[atPolls], after[atPolls])
	}
	for _, id := range []layout.ID{layout.NC, layout.OH, layout.FL, layout.MI, layout.WA} {
		for y := 2006; y < 2030; y++ {
			m := methodShares(id, y)
			if m[len(m)-1] != 1000 {
				t.Errorf("%s %d: shares add up to %d", id, y, m[len(m)-1])
			}
		}
	}
}

// Homes hold what makes matching hard: twins, a son with his father's name, families with several names.
func TestHomesAreHardToTellApart(t *testing.T) {
	s, err := New(Options{Layout: layout.NC, Voters: 1000, Seed: 17})
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{s: s, r: newChance(5), county: &s.counties[91]}
	var h household
	twins, juniors, mixed, double, hyphen := 0, 0, 0, 0, 0
	for range 20_000 {
		w.populate(&h, &s.precincts[0], w.group(0), 6)
		for i, p := range h.people {
			if s.groups[p.group].double > 0 && strings.Contains(p.last, " ") {
				double++
			}
			if strings.Contains(p.last, "-") {
				hyphen++
			}
			for _, q := range h.people[:i] {
				switch {
				case p.last == q.last && p.born == q.born:
					twins++
				case p.last == q.last && p.first == q.first && p.suffix != q.suffix:
					juniors++
					if p.born < q.born {
						t.Fatalf("%s %s %s is older than %s", p.first, p.last, p.suffix, q.suffix)
					}
				case p.last != q.last:
					mixed++
				}
			}
		}
	}
	for name, n := range map[string]int{"twins": twins, "juniors": juniors, "homes of several names": mixed, "double names": double, "hyphens": hyphen} {
		if n < 20 {
			t.Errorf("%s: %d in 20000 homes", name, n)
		}
	}
}

func TestTurnoutOfEight(t *testing.T) {
	_, _, m := make1(t, Options{Layout: layout.NC, Voters: 5000, Seed: 1, Turnout: TurnoutOfEight})
	if each := m.Votes * 10 / m.Voters; each < 74 || each > 86 {
		t.Errorf("%d.%d votes for a voter", each/10, each%10)
	}
}
