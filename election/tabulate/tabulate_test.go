package tabulate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/ballot"
)

func options(n int, party ...string) []ballot.Option {
	var all []ballot.Option
	for i := range n {
		o := ballot.Option{ID: fmt.Sprint("o", i)}
		if len(party) > 0 {
			o.Parties = []string{party[i%len(party)]}
		}
		all = append(all, o)
	}
	return all
}

// town has a party contest, a council of three seats with two parties' candidates in turn, and a measure.
func town() *ballot.Election {
	return &ballot.Election{
		Parties: []ballot.Party{{ID: "a"}, {ID: "b"}}, Districts: []ballot.District{{ID: "t"}},
		Contests: []ballot.Contest{{ID: "party", District: "t", Kind: ballot.StraightParty, Seats: 1, Options: []ballot.Option{{ID: "a"}, {ID: "b"}}},
			{ID: "council", District: "t", Seats: 3, WriteIns: true, Options: options(5, "a", "b")}, // a: 0, 2, 4; b: 1, 3
			{ID: "park", District: "t", Kind: ballot.Measure, Seats: 1, Options: options(2)}},
		Styles: []ballot.Style{{ID: "1", Districts: []string{"t"}}}}
}

func TestStraightParty(t *testing.T) {
	for _, c := range []struct {
		what     string
		rule     StraightParty
		party    []int
		council  []int
		written  int
		want     []int64
		under    int64
		over     int64
		writeIns int64
	}{
		{"party alone", Inclusive, []int{0}, nil, 0, []int64{1, 0, 1, 0, 1}, 0, 0, 0},
		{"party of fewer", Inclusive, []int{1}, nil, 0, []int64{0, 1, 0, 1, 0}, 1, 0, 0},
		{"one of its own marked too", Inclusive, []int{0}, []int{0}, 0, []int64{1, 0, 1, 0, 1}, 0, 0, 0},
		{"another's marked: two seats for three", Inclusive, []int{0}, []int{1}, 0, []int64{0, 1, 0, 0, 0}, 2, 0, 0},
		{"a name written: two seats for two", Inclusive, []int{1}, nil, 1, []int64{0, 1, 0, 1, 0}, 0, 0, 1},
		{"full already", Inclusive, []int{1}, []int{0, 2, 4}, 0, []int64{1, 0, 1, 0, 1}, 0, 0, 0},
		{"too many", Inclusive, []int{1}, []int{0, 2, 4, 3}, 0, []int64{0, 0, 0, 0, 0}, 0, 3, 0},
		{"two parties", Inclusive, []int{0, 1}, []int{1}, 0, []int64{0, 1, 0, 0, 0}, 2, 0, 0},
		{"no party", Inclusive, nil, []int{1}, 0, []int64{0, 1, 0, 0, 0}, 2, 0, 0},
		{"exclusive, party alone", Exclusive, []int{0}, nil, 0, []int64{1, 0, 1, 0, 1}, 0, 0, 0},
		{"exclusive, one marked", Exclusive, []int{0}, []int{0}, 0, []int64{1, 0, 0, 0, 0}, 2, 0, 0},
	} {
		tot := New(town(), Rules{StraightParty: c.rule})
		s := &Sheet{Number: 1, Style: "1", Votes: []Vote{{Contest: 0, Options: c.party}, {Contest: 1, Options: c.council, Written: c.written}, {Contest: 2}}}
		add(t, tot, s)
		add(t, tot, &Sheet{Number: 1, Style: "1", Votes: []Vote{{Contest: 2, Options: []int{1}}}}) // what was added before leaves no trace
		got := tot.All().Counts[1]
		if diff := cmp.Diff(Count{Ballots: 1, Over: c.over, Under: c.under, Written: c.writeIns, Votes: c.want}, got); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
		if diff := cmp.Diff(c.council, s.Votes[1].Options); diff != "" {
			t.Errorf("%s: counting changed the sheet: %s", c.what, diff)
		}
	}
}

func TestCombinedPrimary(t *testing.T) {
	e := &ballot.Election{Type: ballot.OpenPrimary, Styles: []ballot.Style{{ID: "1", Districts: []string{"t"}}},
		Contests: []ballot.Contest{{ID: "a", District: "t", Party: "a", Seats: 1, Options: options(2)}, {ID: "b", District: "t", Party: "b", Seats: 1, Options: options(2)},
			{ID: "judge", District: "t", Seats: 1, Options: options(2)}}}
	for _, c := range []struct {
		what  string
		votes [3][]int
		party string
		want  [3]Count
	}{
		{"one party's", [3][]int{{1}, nil, {0}}, "a", [3]Count{{Ballots: 1, Votes: []int64{0, 1}}, {Votes: []int64{0, 0}}, {Ballots: 1, Votes: []int64{1, 0}}}},
		{"crossed over", [3][]int{{1}, {0}, {0}}, "none", [3]Count{{Votes: []int64{0, 0}}, {Votes: []int64{0, 0}}, {Ballots: 1, Votes: []int64{1, 0}}}},
		{"no party's", [3][]int{nil, nil, {1}}, "none", [3]Count{{Votes: []int64{0, 0}}, {Votes: []int64{0, 0}}, {Ballots: 1, Votes: []int64{0, 1}}}},
		{"crossed by too many marks", [3][]int{{0, 1}, {0}, nil}, "none", [3]Count{{Votes: []int64{0, 0}}, {Votes: []int64{0, 0}}, {Ballots: 1, Under: 1, Votes: []int64{0, 0}}}},
	} {
		tot := New(e, Rules{})
		add(t, tot, &Sheet{Number: 1, Style: "1", Votes: []Vote{{Contest: 0, Options: c.votes[0]}, {Contest: 1, Options: c.votes[1]}, {Contest: 2, Options: c.votes[2]}}})
		all := tot.Results(By{Party: true})
		if len(all) != 1 || all[0].Party != c.party {
			t.Errorf("%s: %+v", c.what, all)
			continue
		}
		if diff := cmp.Diff(c.want[:], all[0].Counts); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}

// TestTotalsAreComplete adds random sheets and looks whether votes, over and under make ballots times seats in every group, whether groups add up to all, and
// whether a slow count of each sheet by itself says the same.
func TestTotalsAreComplete(t *testing.T) {
	e := town()
	rapid.Check(t, func(r *rapid.T) {
		rule := StraightParty(rapid.IntRange(0, 1).Draw(r, "rule"))
		tot, parts := New(e, Rules{rule}), []*Totals{New(e, Rules{rule}), New(e, Rules{rule})}
		slow := map[string]int64{}
		for i := range rapid.IntRange(0, 40).Draw(r, "sheets") {
			s := &Sheet{Precinct: rapid.SampledFrom([]string{"1", "2"}).Draw(r, "precinct"), Style: "1", Batch: rapid.SampledFrom([]string{"x", "y"}).Draw(r, "batch"), Number: 1 + i%2,
				Use: ballot.Use(rapid.IntRange(0, 1).Draw(r, "use"))}
			for c, contest := range e.Contests {
				v := Vote{Contest: c, Written: 0}
				for o := range contest.Options {
					if rapid.IntRange(0, 2).Draw(r, "mark") == 0 {
						v.Options = append(v.Options, o)
					}
				}
				if contest.WriteIns {
					v.Written = rapid.IntRange(0, 2).Draw(r, "written")
				}
				s.Votes = append(s.Votes, v)
			}
			one := New(e, Rules{rule})
			add(r, tot, s)
			add(r, parts[i%2], s)
			add(r, one, s)
			for c, count := range one.All().Counts {
				for o, n := range count.Votes {
					slow[fmt.Sprint(s.Precinct, " ", c, " ", o)] += n
				}
			}
		}
		parts[0].Merge(parts[1])
		if diff := cmp.Diff(tot.Results(By{Precinct: true, Batch: true, Use: true}), parts[0].Results(By{Precinct: true, Batch: true, Use: true})); diff != "" {
			r.Fatalf("counted in two parts: %s", diff)
		}
		sum := New(e, Rules{}).All()
		for _, g := range tot.Results(By{Precinct: true}) {
			sum.Ballots += g.Ballots
			for c := range g.Counts {
				if !g.Counts[c].Complete(e.Contests[c].Seats) {
					r.Fatalf("precinct %s, contest %s: %+v does not add up", g.Precinct, e.Contests[c].ID, g.Counts[c])
				}
				for o, n := range g.Counts[c].Votes {
					if want := slow[fmt.Sprint(g.Precinct, " ", c, " ", o)]; n != want {
						r.Fatalf("precinct %s, contest %d, option %d: %d, counted one by one %d", g.Precinct, c, o, n, want)
					}
				}
				sum.Counts[c].Add(&g.Counts[c])
			}
		}
		all := tot.All()
		if all.Ballots != sum.Ballots {
			r.Fatalf("%d ballots in all, %d in precincts", all.Ballots, sum.Ballots)
		}
		for c := range all.Counts {
			if diff := cmp.Diff(all.Counts[c], sum.Counts[c]); diff != "" {
				r.Fatalf("contest %d: %s", c, diff)
			}
		}
	})
}

func add(t interface{ Fatal(...any) }, tot *Totals, s *Sheet) {
	if err := tot.Add(s); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotCounted(t *testing.T) {
	tot := New(town(), Rules{})
	for _, c := range []struct {
		sheet Sheet
		says  string
	}{
		{Sheet{Style: "9"}, "A sheet is of ballot style “9”, which the election does not have."},
		{Sheet{Style: "1", Votes: []Vote{{Contest: 7}}}, "A sheet of ballot style “1” has votes in a contest that does not stand there."},
		{Sheet{Style: "1", Votes: []Vote{{Contest: 2, Options: []int{2}}}}, "A sheet has a mark in contest “” for an option that it does not have, or twice for one."},
		{Sheet{Style: "1", Votes: []Vote{{Contest: 2, Options: []int{1, 1}}}}, "A sheet has a mark in contest “” for an option that it does not have, or twice for one."},
		{Sheet{Style: "1", Votes: []Vote{{Contest: 2, Written: 1}}}, "A sheet has a written name in contest “”, which has no line for one."},
		{Sheet{Style: "1", Votes: []Vote{{Contest: 2}, {Contest: 2}}}, "A sheet has contest “” twice."},
	} {
		if err := tot.Add(&c.sheet); err == nil || err.Error() != c.says {
			t.Errorf("%+v: %v", c.sheet, err)
		}
	}
	if diff := cmp.Diff(New(town(), Rules{}).All(), tot.All()); diff != "" {
		t.Errorf("what was refused left a trace: %s", diff)
	}
}

func TestCountsByHand(t *testing.T) {
	full := func() *ByHand {
		return &ByHand{Group: Group{Style: "1"}, Ballots: 2, Counts: map[int]Count{0: {Ballots: 2, Under: 2, Votes: []int64{0, 0}},
			1: {Ballots: 2, Under: 1, Over: 3, Written: 1, Votes: []int64{1, 0, 0, 0, 0}}, 2: {Ballots: 2, Votes: []int64{1, 1}}}}
	}
	for _, c := range []struct {
		spoil func(*ByHand)
		says  string
	}{
		{func(*ByHand) {}, ""},
		{func(h *ByHand) { h.Group.Style = "2" }, "A count by hand is of ballot style “2”, which the election does not have."},
		{func(h *ByHand) { delete(h.Counts, 2) }, "The count by hand has 2 ballots, and 0 in contest “”."},
		{func(h *ByHand) { h.Counts[3] = Count{} }, "The count by hand has 4 contests, and 3 stand on ballot style “1”."},
		{func(h *ByHand) { h.Counts[2] = Count{Ballots: 2, Votes: []int64{1, 2}} }, "In contest “” votes, overvotes and undervotes do not make 2 ballots times 1 seats. Count again, or look for a typing error."},
	} {
		tot, h := New(town(), Rules{}), full()
		c.spoil(h)
		err := tot.AddByHand(h)
		if said := fmt.Sprint(err); err == nil && c.says != "" || err != nil && said != c.says {
			t.Errorf("%v, want %q", err, c.says)
		}
		if err != nil && tot.All().Ballots != 0 || err == nil && tot.All().Counts[1].Over != 3 {
			t.Errorf("%q: %+v", c.says, tot.All())
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	e := &ballot.Election{Styles: []ballot.Style{{ID: "1", Districts: []string{"t"}}}}
	s := &Sheet{Precinct: "1", Style: "1", Number: 1}
	for c := range 30 {
		e.Contests = append(e.Contests, ballot.Contest{ID: fmt.Sprint(c), District: "t", Seats: 1, Options: options(4)})
		s.Votes = append(s.Votes, Vote{Contest: c, Options: []int{c % 4}})
	}
	t := New(e, Rules{})
	b.ReportAllocs()
	for b.Loop() {
		if err := t.Add(s); err != nil {
			b.Fatal(err)
		}
	}
}
