package audit

import (
	"errors"
	"math"
	"testing"
)

// Each test here is a place where other software confirms a wrong outcome, or loses its way; docs/audit-methods.md lists them by the same numbers.

func two(n, w, l int) Contest {
	return Contest{Ballots: n, NumWinners: 1, VotesAllowed: 1, Candidates: []Candidate{{"W", w}, {"L", l}}}
}

func batchesOf(n, ballots, w, l int) []Batch {
	var all []Batch
	for range n {
		all = append(all, Batch{Ballots: ballots, Votes: Tally{"W": w, "L": l}})
	}
	return all
}

func TestDefect1ATaintIsAtMostOne(t *testing.T) {
	m := MACRO{Contest: two(1000, 600, 400), Limit: Percent(10), Batches: batchesOf(10, 100, 60, 40)}
	for name, s := range map[string][]BatchSample{
		"more votes than ballots":        {{Batch: 0, Draws: 1, Votes: Tally{"W": 0, "L": 300}}, {Batch: 1, Draws: 5, Votes: Tally{"W": 60, "L": 40}}},
		"an error as large as it can be": {{Batch: 0, Draws: 1, Votes: Tally{"L": 100}}},
	} {
		if r, err := m.Risk(s); err != nil || r.P != 1 || r.Met {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if n, err := m.Size(s); err != nil || n != 10 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	m.Combined = [][]int{{0, 1, 2}}
	r, err := m.Risk([]BatchSample{{Batch: 0, Draws: 1, Votes: Tally{"W": 90, "L": 210}}})
	if err != nil || r.Met || r.P < .99 {
		t.Errorf("an error that the batch drawn cannot hold is one of the whole combination: %+v, %v", r, err)
	}
}

func TestDefect2TheWorstPairIsTheOneWithTheLargestShareOfItsMargin(t *testing.T) {
	c := Contest{Ballots: 10_000, NumWinners: 1, VotesAllowed: 1, Candidates: []Candidate{{"A", 5000}, {"B", 4900}, {"C", 100}}}
	s := SuperSimple{Contest: c, Limit: Percent(10)}
	clean := BallotSample{Times: 400, Reported: Mark{Votes: Tally{"A": 1}}, Audited: Mark{Votes: Tally{"A": 1}}}
	toC := BallotSample{Times: 1, Reported: Mark{Votes: Tally{"A": 1}}, Audited: Mark{Votes: Tally{"C": 1}}} // 2 of 4900 against C, 1 of 100 against B
	toB := BallotSample{Times: 1, Reported: Mark{Votes: Tally{"A": 1}}, Audited: Mark{}}                     // 1 of 100 against B
	a, found, err := s.Risk([]BallotSample{clean, toC})
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := s.Risk([]BallotSample{clean, toB})
	if err != nil || a.P != b.P || a.P < 1.5*math.Exp(400*math.Log1p(-.01/(2*gammaFloat))) {
		t.Errorf("%v and %v, %v", a.P, b.P, err)
	}
	if len(found) != 1 || found[0] != (Discrepancy{1, 2}) {
		t.Error(found)
	}
}

func TestDefect3DrawsAreNoFullCount(t *testing.T) {
	b := BRAVO{Contest: two(10, 6, 4), Limit: Percent(10)}
	r, err := b.Risk([]Round{{Size: 10, Votes: Tally{"W": 4, "L": 6}}})
	if err != nil || r.P != 1 || r.Met {
		t.Errorf("%+v, %v", r, err)
	}
	s := SuperSimple{Contest: two(10, 6, 4), Limit: Percent(10)}
	one := func(times int, w Tally) BallotSample {
		return BallotSample{Times: times, Reported: Mark{Votes: Tally{"W": 1}}, Audited: Mark{Votes: w}}
	}
	if r, _, err := s.Risk([]BallotSample{one(5, Tally{"L": 1}), one(5, Tally{"W": 1})}); err != nil || r.P != 1 || r.Met {
		t.Errorf("ten draws of two ballots: %+v, %v", r, err)
	}
	var all []BallotSample
	for range 10 {
		all = append(all, one(1, Tally{"L": 1}))
	}
	if r, _, err := s.Risk(all); err != nil || r.P != 1 || r.Met {
		t.Errorf("all ten ballots, which show another winner: %+v, %v", r, err)
	}
	for i := range 6 {
		all[i] = one(1, Tally{"W": 1})
	}
	if r, _, err := s.Risk(all); err != nil || r.P != 0 || !r.Met {
		t.Errorf("all ten ballots, which confirm it: %+v, %v", r, err)
	}
	m := MACRO{Contest: two(200, 120, 80), Limit: Percent(10), Batches: batchesOf(2, 100, 60, 40)}
	if r, err := m.Risk([]BatchSample{{0, 1, Tally{"W": 30, "L": 70}, false}, {1, 1, Tally{"W": 60, "L": 40}, false}}); err != nil || r.P != 1 || r.Met {
		t.Errorf("all batches, which show another winner: %+v, %v", r, err)
	}
}

func TestDefect4CandidatesWithoutVotes(t *testing.T) {
	c := Contest{Ballots: 10_000, NumWinners: 1, VotesAllowed: 1, Candidates: []Candidate{{"A", 5100}, {"B", 4800}, {"Write-in", 0}}}
	without := c
	without.Candidates = c.Candidates[:2]
	for name, sizes := range map[string]func(Contest) (Sizes, error){
		"Minerva":    func(c Contest) (Sizes, error) { return Minerva{c, Percent(10)}.Sizes() },
		"Providence": func(c Contest) (Sizes, error) { return Providence{c, Percent(10)}.Sizes(nil) },
	} {
		a, err := sizes(c)
		b, err2 := sizes(without)
		if err != nil || err2 != nil || len(a.Options) != 3 {
			t.Fatal(name, err, err2)
		}
		for i := range a.Options {
			if a.Options[i] != b.Options[i] || a.Options[i].Size < 1000 {
				t.Errorf("%s: %+v with the write-in, %+v without", name, a, b)
			}
		}
	}
	for name, risk := range map[string]func([]Round) (Risk, error){
		"BRAVO": BRAVO{c, Percent(10)}.Risk, "Minerva": Minerva{c, Percent(10)}.Risk, "Providence": Providence{c, Percent(10)}.Risk,
	} {
		none, err := risk([]Round{{Size: 2950, Votes: Tally{"A": 1700, "B": 1200}}})
		if err != nil || !none.Met || none.P == 0 {
			t.Errorf("%s: %+v, %v", name, none, err)
		}
		for _, r := range []Round{{Size: 2950, Votes: Tally{"A": 1700, "B": 1200, "Write-in": 2}}, {Size: 2950, Votes: Tally{"A": 1700, "B": 1200}, NotFound: 1}} {
			if some, err := risk([]Round{r}); err != nil || some.P != 1 || some.Met {
				t.Errorf("%s: a vote that cannot be: %+v, %v", name, some, err)
			}
		}
	}
}

func TestDefect5AStratumCountedInFull(t *testing.T) {
	s := SUITE{
		Contest: two(2000, 1200, 800), Limit: Percent(5),
		Comparison: ComparisonStratum{Ballots: 1000, Votes: Tally{"W": 600, "L": 400}, Drawn: 60},
		Polling:    PollingStratum{Ballots: 1000, Votes: Tally{"W": 600, "L": 400}, Drawn: 1000, Found: []Tally{{"W": 600, "L": 400}}},
	}
	r, err := s.Risk()
	if want := math.Pow(1-400/(2*gammaFloat*1000), 60); err != nil || math.Abs(r.P-want) > 1e-12 || !r.Met {
		t.Errorf("%+v, %v; want %v", r, err, want)
	}
	s.Polling.Found = []Tally{{"W": 450, "L": 550}} // the report was wrong by 300 votes here
	if r, err := s.Risk(); err != nil || r.Met || math.Abs(r.P-math.Pow(1-100/(2*gammaFloat*1000), 60)) > 1e-12 {
		t.Errorf("%+v, %v", r, err)
	}
	s.Polling.Found = []Tally{{"W": 350, "L": 650}} // and here by more than the other stratum can make good
	if r, err := s.Risk(); err != nil || r.P != 1 || r.Met {
		t.Errorf("%+v, %v", r, err)
	}
	s.Polling.Drawn, s.Polling.Found = 100, []Tally{{"W": 60, "L": 40}}
	s.Comparison.Drawn = 1000 // draws, with replacement: some ballots were not seen
	if r, err := s.Risk(); err != nil || r.P == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestInputsThatCannotBe(t *testing.T) {
	for name, c := range map[string]Contest{
		"votes below nothing": two(10, -1, 0), "more votes than ballots": two(10, 6, 5), "no winner to find": {Ballots: 1, VotesAllowed: 1},
		"twice": {Ballots: 9, NumWinners: 1, VotesAllowed: 1, Candidates: []Candidate{{"A", 1}, {"A", 0}}},
	} {
		if _, err := (BRAVO{c, Percent(5)}).Sizes(nil); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := BRAVO{two(10, 6, 4), Percent(5)}
	for _, r := range []Round{{Size: -1}, {Size: 1, Votes: Tally{"X": 1}}, {Size: 1, Votes: Tally{"W": -1}}, {Size: 1, NotFound: -1}} {
		if _, err := b.Risk([]Round{r}); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, l := range []Limit{-1, 10_000} {
		if _, err := (BRAVO{two(10, 6, 4), l}).Sizes(nil); !errors.Is(err, ErrInput) {
			t.Errorf("limit %d: %v", l, err)
		}
	}
	if _, err := (Minerva{Contest{Ballots: 5, NumWinners: 2, VotesAllowed: 1, Candidates: []Candidate{{"A", 1}, {"B", 0}}}, Percent(5)}).Sizes(); !errors.Is(err, ErrNoLosers) {
		t.Error(err)
	}
}

// Two draws for the only one with votes are a p-value of exactly a quarter.
func TestALimitMetExactly(t *testing.T) {
	for _, c := range []struct {
		draws int
		limit Limit
		met   bool
	}{{2, 2500, true}, {2, 2499, false}, {3, 1250, true}, {3, 1249, false}} {
		r, err := BRAVO{two(100, 50, 0), c.limit}.Risk([]Round{{Size: c.draws, Votes: Tally{"W": c.draws}}})
		if err != nil || r.Met != c.met {
			t.Errorf("%+v: %+v, %v", c, r, err)
		}
	}
}
