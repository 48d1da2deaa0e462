package audit

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/election/audit/sampler"
)

// elections is how many wrong outcomes each method is tried on: few in an ordinary run, as many as PRECINCT_AUDIT_ELECTIONS says in a long one.
func elections(t *testing.T) int {
	if text := os.Getenv("PRECINCT_AUDIT_ELECTIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 300
}

// holds runs audits of wrong outcomes and fails if more of them end than the limit allows, five standard deviations of chance granted.
func holds(t *testing.T, l Limit, audit func(r *rand.Rand) bool) {
	t.Helper()
	n, ended := elections(t), 0
	for i := range n {
		if audit(rand.New(rand.NewPCG(uint64(i), 1))) {
			ended++
		}
	}
	a := l.Alpha()
	if got, most := float64(ended)/float64(n), a+5*math.Sqrt(a*(1-a)/float64(n)); got > most {
		t.Errorf("%.1f %% of wrong outcomes were confirmed, at a limit of %.1f %%", 100*got, 100*a)
	}
}

// tied polls a contest that is a tie in truth.
func tied(r *rand.Rand, size int) Round {
	w := 0
	for range size {
		w += r.IntN(2)
	}
	return Round{Size: size, Votes: Tally{"W": w, "L": size - w}}
}

func TestPollingConfirmsFewWrongOutcomes(t *testing.T) {
	c, l := two(20_000, 11_000, 9_000), Percent(20)
	for name, risk := range map[string]func([]Round) (Risk, error){
		"BRAVO": BRAVO{c, l}.Risk, "Minerva": Minerva{c, l}.Risk, "Providence": Providence{c, l}.Risk,
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, l, func(r *rand.Rand) bool {
				var rounds []Round
				for _, size := range []int{120, 180, 270, 400} {
					rounds = append(rounds, tied(r, size))
					v, err := risk(rounds)
					if err != nil {
						t.Fatal(err)
					}
					if v.Met {
						return true
					}
				}
				return false
			})
		})
	}
}

func TestMacroConfirmsFewWrongOutcomes(t *testing.T) {
	m := MACRO{Contest: two(5000, 2700, 2300), Limit: Percent(20), Batches: batchesOf(50, 100, 54, 46)}
	bounds, err := m.Bounds()
	if err != nil {
		t.Fatal(err)
	}
	for name, errs := range map[string]int{"few large errors": 80, "many small ones": 10} { // votes moved in a batch
		t.Run(name, func(t *testing.T) {
			holds(t, m.Limit, func(r *rand.Rand) bool {
				wrong := map[int]bool{}
				for len(wrong)*errs < 400 {
					wrong[r.IntN(50)] = true
				}
				drawn, err := sampler.NewPCG64([]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}).Choose(bounds.Weights, 25)
				if err != nil {
					t.Fatal(err)
				}
				var sample []BatchSample
				for _, i := range drawn {
					if k := slices.IndexFunc(sample, func(s BatchSample) bool { return s.Batch == i }); k >= 0 {
						sample[k].Draws++
						continue
					}
					s := BatchSample{Batch: i, Draws: 1, Votes: Tally{"W": 54, "L": 46}}
					if wrong[i] {
						s.Votes = Tally{"W": 54 - errs/2, "L": 46 + errs/2}
					}
					sample = append(sample, s)
				}
				v, err := m.Risk(sample)
				if err != nil {
					t.Fatal(err)
				}
				return v.Met
			})
		})
	}
}

// overstated is a ballot of a contest in which some records show the loser's vote as the winner's.
func overstated(r *rand.Rand, wrong float64) BallotSample {
	b := BallotSample{Times: 1, Reported: Mark{Votes: Tally{"W": 1}}, Audited: Mark{Votes: Tally{"W": 1}}}
	if r.Float64() < wrong {
		b.Audited.Votes = Tally{"L": 1}
	}
	return b
}

func TestSuperSimpleConfirmsFewWrongOutcomes(t *testing.T) {
	s := SuperSimple{Contest: two(1000, 550, 450), Limit: Percent(20)}
	holds(t, s.Limit, func(r *rand.Rand) bool {
		var sample []BallotSample
		for range 80 {
			sample = append(sample, overstated(r, .05)) // 50 of 1000 records hide a vote for the loser
		}
		v, _, err := s.Risk(sample)
		if err != nil {
			t.Fatal(err)
		}
		return v.Met
	})
}

func TestSuiteConfirmsFewWrongOutcomes(t *testing.T) {
	for name, share := range map[string]float64{"all in the records": 1, "half in each": .5, "all in the others": 0} {
		t.Run(name, func(t *testing.T) {
			holds(t, Percent(20), func(r *rand.Rand) bool {
				s := SUITE{
					Contest: two(2000, 1100, 900), Limit: Percent(20),
					Comparison: ComparisonStratum{Ballots: 1000, Votes: Tally{"W": 550, "L": 450}, Drawn: 60, Errors: map[PairID]Overstatements{}},
					Polling:    PollingStratum{Ballots: 1000, Votes: Tally{"W": 550, "L": 450}, Drawn: 120},
				}
				var e Overstatements
				for range 60 {
					if r.Float64() < share*100/1000 {
						e.Two++
					}
				}
				s.Comparison.Errors[PairID{"W", "L"}] = e
				w, left, votes := 0, 1000, 550-int((1-share)*100)
				for range 120 {
					if r.IntN(left) < votes {
						w, votes = w+1, votes-1
					}
					left--
				}
				s.Polling.Found = []Tally{{"W": w, "L": 120 - w}}
				v, err := s.Risk()
				if err != nil {
					t.Fatal(err)
				}
				return v.Met
			})
		})
	}
}

func TestOrderChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 2))
		s := SuperSimple{Contest: two(1000, 550, 450), Limit: Percent(10)}
		var ballots []BallotSample
		m := MACRO{Contest: two(2000, 1200, 800), Limit: Percent(10), Batches: batchesOf(20, 100, 60, 40)}
		var batches []BatchSample
		for i := range 12 {
			ballots = append(ballots, overstated(r, .1))
			batches = append(batches, BatchSample{Batch: i, Draws: 1 + r.IntN(3), Votes: Tally{"W": 60 - r.IntN(3), "L": 40}})
		}
		a, _, err := s.Risk(ballots)
		b, err2 := m.Risk(batches)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		r.Shuffle(12, func(i, j int) {
			ballots[i], ballots[j] = ballots[j], ballots[i]
			batches[i], batches[j] = batches[j], batches[i]
		})
		a2, _, err := s.Risk(ballots)
		b2, err2 := m.Risk(batches)
		if err != nil || err2 != nil || math.Abs(a.P-a2.P) > 1e-12 || math.Abs(b.P-b2.P) > 1e-12 || a.Met != a2.Met || b.Met != b2.Met {
			t.Fatal(a, a2, b, b2, err, err2)
		}
	})
}

// A p-value is a chance, more evidence for the loser never lowers it, and the polling methods ask no less than nothing of a sample.
func TestPValuesAreChancesAndDoNotFallWithBadNews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "ballots")
		w := rapid.IntRange(0, n).Draw(t, "w")
		l := rapid.IntRange(0, min(w, n-w)).Draw(t, "l")
		c, limit := two(n, w, l), Percent(rapid.IntRange(1, 30).Draw(t, "limit"))
		round := func(label string) Round {
			x := rapid.IntRange(0, 200).Draw(t, label)
			y := rapid.IntRange(0, 200).Draw(t, label)
			return Round{Size: x + y, Votes: Tally{"W": x, "L": y}}
		}
		rounds := []Round{round("first"), round("second")}
		worse := slices.Clone(rounds)
		worse[1] = Round{Size: worse[1].Size, Votes: Tally{"W": worse[1].Votes["W"], "L": worse[1].Votes["L"] + 1}}
		for name, risk := range map[string]func([]Round) (Risk, error){"BRAVO": BRAVO{c, limit}.Risk, "Minerva": Minerva{c, limit}.Risk, "Providence": Providence{c, limit}.Risk} {
			a, err := risk(rounds)
			if err != nil {
				t.Fatal(name, err)
			}
			if !(a.P >= 0 && a.P <= 1) || a.Met && a.P > limit.Alpha()*(1+1e-12) {
				t.Fatalf("%s: %+v", name, a)
			}
			if name != "BRAVO" {
				continue // in the others one more vote is another round size
			}
			if b, err := risk(worse); err != nil || b.P < a.P*(1-1e-12) {
				t.Fatalf("%s: %+v, then %+v, %v", name, a, b, err)
			}
		}
	})
}

// Whatever the numbers, nothing takes forever and nothing breaks.
func TestSizesOfAnyContest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 3, 10, 1000, 99_999, 100_001, 5_000_000}).Draw(t, "ballots")
		w := rapid.IntRange(0, n).Draw(t, "w")
		l := rapid.IntRange(0, min(w, n-w)).Draw(t, "l")
		c, limit := two(n, w, l), Percent(rapid.IntRange(1, 20).Draw(t, "limit"))
		if s, err := (BRAVO{c, limit}).Sizes(nil); err == nil {
			for i := 1; i < len(s.Options)-1; i++ {
				if s.Options[i].Size > s.Options[i+1].Size {
					t.Fatalf("%+v", s)
				}
			}
		}
		if s, err := (Minerva{c, limit}).Sizes(); err != nil || len(s.Options) != 3 || s.Options[0].Size < 1 {
			t.Fatal(s, err)
		}
		if s, err := (SuperSimple{c, limit}).Size(Observed{}); err != nil || s < 0 || s > n {
			t.Fatal(s, err)
		}
	})
}

func TestBinomialAgainstPlainSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := binomial{rapid.IntRange(0, 60).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "p")}
		k := rapid.IntRange(-1, 61).Draw(t, "k")
		want := 0.
		for i := max(0, k); i <= b.n; i++ {
			x := math.Pow(b.p, float64(i)) * math.Pow(1-b.p, float64(b.n-i))
			for j := range i {
				x *= float64(b.n-j) / float64(j+1)
			}
			want += x
		}
		if got := math.Exp(b.lnAtLeast(k)); math.Abs(got-want) > 1e-11*want+1e-300 {
			t.Fatalf("P(X ≥ %d) of %+v: got %v, want %v", k, b, got, want)
		}
	})
}

func TestMinervaAgainstPlainTables(t *testing.T) {
	p := pair{Candidate{"W", 600}, Candidate{"L", 400}}
	m := Minerva{two(1000, 600, 400), Percent(10)}
	rounds := []Round{{Size: 20, Votes: Tally{"W": 11, "L": 9}}, {Size: 30, Votes: Tally{"W": 17, "L": 13}}, {Size: 40, Votes: Tally{"W": 25, "L": 15}}}
	got, err := m.Risk(rounds)
	if err != nil {
		t.Fatal(err)
	}
	if want := plainMinerva(p, .1, rounds); math.Abs(got.P-want) > 1e-12 {
		t.Errorf("got %v, want %v", got.P, want)
	}
}

// plainMinerva is the definition, table by table.
func plainMinerva(p pair, alpha float64, rounds []Round) float64 {
	share := float64(p.w.Votes) / float64(p.w.Votes+p.l.Votes)
	p1, p0 := []float64{1}, []float64{1}
	k, n, value := 0, 0, 1.
	grow := func(from []float64, m int, q float64) []float64 {
		out := make([]float64, len(from)+m)
		for i, a := range from {
			for j := range m + 1 {
				out[i+j] += a * math.Exp(binomial{m, q}.lnPmf(j))
			}
		}
		return out
	}
	tail := func(a []float64, k int) (s float64) {
		for i := k; i < len(a); i++ {
			s += a[i]
		}
		return s
	}
	for _, r := range rounds {
		w, l := r.Votes["W"], r.Votes["L"]
		k, n = k+w, n+w+l
		p1, p0 = grow(p1, w+l, share), grow(p0, w+l, .5)
		value = tail(p0, k) / tail(p1, k)
		for kmin := n / 2; kmin <= n; kmin++ {
			if alpha*tail(p1, kmin) >= tail(p0, kmin) {
				clear(p1[kmin:])
				clear(p0[kmin:])
				break
			}
		}
	}
	return value
}

func TestRunoff(t *testing.T) {
	c := Contest{Ballots: 1000, NumWinners: 1, VotesAllowed: 1, Runoff: true, Candidates: []Candidate{{"A", 400}, {"B", 350}, {"C", 250}}}
	var got []string
	for _, a := range c.assertions(0) {
		got = append(got, a.w[0]+">"+a.l[0]+strconv.Itoa(len(a.w))+strconv.Itoa(len(a.l))+" "+strconv.Itoa(a.margin))
	}
	if d := cmp.Diff([]string{"A>C11 150", "B>C11 100", "B>A21 200"}, got); d != "" {
		t.Error(d)
	}
	c.Candidates[0].Votes = 600
	c.Candidates[2].Votes = 50
	got = nil
	for _, a := range c.assertions(0) {
		got = append(got, a.w[0]+">"+a.l[0]+strconv.Itoa(len(a.l))+" "+strconv.Itoa(a.margin))
	}
	if d := cmp.Diff([]string{"A>B1 250", "A>C1 550", "A>B2 200"}, got); d != "" {
		t.Error(d)
	}
}
