package ranked

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/words"
)

// java.util.Random of OpenJDK: new Random(seed) and then nextDouble, nextInt(n).
func TestJavaRandom(t *testing.T) {
	if got := newJavaRandom(0).float(); got != 0.730967787376657 {
		t.Errorf("seed 0: %v", got)
	}
	if got := newJavaRandom(42).float(); got != 0.7275636800328681 {
		t.Errorf("seed 42: %v", got)
	}
	r := newJavaRandom(42)
	var got []int32
	for range 5 {
		got = append(got, r.below(10))
	}
	if d := cmp.Diff([]int32{0, 3, 8, 4, 0}, got); d != "" {
		t.Error(d)
	}
}

func TestJavaOrder(t *testing.T) {
	names := []string{"Quentin Ivanov", "Nakamura, Kwame", "García, Lin", "Rosa Jones, Jr.", "Tran, Fátima", "Fátima Abara"}
	want := []string{"Nakamura, Kwame", "Fátima Abara", "Tran, Fátima", "Rosa Jones, Jr.", "García, Lin", "Quentin Ivanov"}
	if d := cmp.Diff(want, javaOrder(names, func(s string) string { return s }, false)); d != "" {
		t.Error(d)
	}
}

func TestDecimalsAreWrittenAsInJava(t *testing.T) {
	for _, x := range []struct {
		units int64
		scale int
		want  string
	}{{8, 0, "8"}, {80000, 4, "8.0000"}, {0, 4, "0.0000"}, {0, 7, "0E-7"}, {12, 8, "1.2E-7"}, {-5, 2, "-0.05"}, {123, 8, "0.00000123"}, {1, 7, "1E-7"}} {
		d := Decimal{*big.NewInt(x.units), x.scale}
		if got := d.String(); got != x.want {
			t.Errorf("%d at %d: %s, want %s", x.units, x.scale, got, x.want)
		}
	}
	for _, x := range []struct {
		part, of int64
		want     string
	}{{1, 3, "33.33%"}, {2, 3, "66.66%"}, {1, 1, "100.0%"}, {0, 5, "0.0%"}, {1, 0, ""}, {1, 8, "12.5%"}, {99999999, 100000000, "100.0%"}, {1, 20000, "0.0%"}, {1, 10000, "0.01%"}} {
		if got := NewDecimal(x.part).Percent(NewDecimal(x.of)); got != x.want {
			t.Errorf("%d of %d: %s, want %s", x.part, x.of, got, x.want)
		}
	}
}

const plainSettings = `{"tabulatorVersion":"2.0.1","outputSettings":{"contestName":"Mayor"},"cvrFileSources":[{"filePath":"v.xlsx","provider":"ess","firstVoteColumnIndex":"3","firstVoteRowIndex":"2"}],
 "candidates":[{"name":"A","excluded":false,"aliases":["a"]},{"name":"B"}],"rules":{"tiebreakMode":"useCandidateOrder","overvoteRule":"alwaysSkipToNextRank","winnerElectionMode":"singleWinnerMajority","numberOfWinners":"1","decimalPlacesForVoteArithmetic":"4","maxSkippedRanksAllowed":"1","maxRankingsAllowed":"max"}}`

func TestSettingsOfAllVersions(t *testing.T) {
	s, err := ParseSettings([]byte(plainSettings))
	if err != nil {
		t.Fatal(err)
	}
	if s.Sources[0].FirstVoteColumn != 2 || s.Sources[0].IDColumn != -1 || s.Candidates[0].Aliases[0] != "a" || s.Rules.MaxRanks != 0 || s.Rules.MaxSkipped != 1 {
		t.Errorf("%+v", s)
	}
	// 1.1: numbers are numbers, labels stand in the rules, candidates have codes, methods have other names.
	old := strings.NewReplacer(`"numberOfWinners":"1"`, `"numberOfWinners":1,"overvoteLabel":"OV","undervoteLabel":"UV","undeclaredWriteInLabel":"W"`, `"singleWinnerMajority"`, `"singleSeatContinueUntilTwoCandidatesRemain"`,
		`"useCandidateOrder"`, `"usePermutationInConfig"`, `"aliases":["a"]`, `"code":"a"`, `"provider":"ess"`, `"provider":"ES&S"`).Replace(plainSettings)
	s, err = ParseSettings([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Rules.UntilTwoRemain || s.Rules.Method != SingleWinner || s.Sources[0].OvervoteLabel != "OV" || s.Sources[0].SkippedLabel != "UV" || !s.WriteIns || s.Candidates[0].Aliases[0] != "a" || s.Rules.TieBreak != CandidateOrder {
		t.Errorf("%+v", s)
	}
	many := strings.NewReplacer(`"numberOfWinners":"1"`, `"numberOfWinners":"2"`, `"singleWinnerMajority"`, `"standard"`).Replace(plainSettings)
	if s, err = ParseSettings([]byte(many)); err != nil || s.Rules.Method != ManyWinnersARound {
		t.Errorf("%v %+v", err, s)
	}
	odd := strings.Replace(plainSettings, `"rules":{`, `"rules":{"newRule":true,`, 1)
	if s, err = ParseSettings([]byte(odd)); err != nil || !slices.Equal(s.Ignored, []string{"rules.newRule"}) {
		t.Errorf("%v %v", err, s.Ignored)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for _, x := range []struct{ name, old, new, key, want string }{
		{"no name", `"contestName":"Mayor"`, `"contestName":" "`, "outputSettings.contestName", "Give the contest a name"},
		{"tie", `useCandidateOrder`, `byHeight`, "rules.tiebreakMode", `"byHeight" is not known`},
		{"lot without seed", `useCandidateOrder`, `random`, "rules.randomSeed", "give the seed"},
		{"winners", `"numberOfWinners":"1"`, `"numberOfWinners":"3"`, "rules.numberOfWinners", "3 does not fit to singleWinnerMajority"},
		{"no winners", `"numberOfWinners":"1"`, `"numberOfWinners":"0"`, "rules.numberOfWinners", "can be 0 only"},
		{"places", `"decimalPlacesForVoteArithmetic":"4"`, `"decimalPlacesForVoteArithmetic":"21"`, "rules.decimalPlacesForVoteArithmetic", "between 1 and 20"},
		{"twice", `"name":"B"`, `"name":"a"`, "candidates[1]", `"a" stands for two candidates`},
		{"reserved", `"name":"B"`, `"name":"Exhausted"`, "candidates[1]", "means something else"},
		{"provider", `"provider":"ess"`, `"provider":"acme"`, "cvrFileSources[0].provider", `"acme" is not known`},
		{"column", `"firstVoteColumnIndex":"3"`, `"firstVoteColumnIndex":"0"`, "cvrFileSources[0].firstVoteColumnIndex", "between 1 and 1000"},
		{"overvotes unknown", `alwaysSkipToNextRank`, `exhaustIfMultipleContinuing`, "cvrFileSources[0].overvoteDelimiter", "Say what stands between"},
		{"precincts where", `"contestName":"Mayor"`, `"contestName":"Mayor","tabulateByPrecinct":true`, "cvrFileSources[0].precinctColumnIndex", "in which column"},
		{"hare", `"numberOfWinners"`, `"hareQuota":true,"numberOfWinners"`, "rules.hareQuota", "winners pass on"},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := strings.Replace(plainSettings, x.old, x.new, 1)
			if x.name == "provider" {
				text = strings.Replace(text, "v.xlsx", "v.dat", 1)
			}
			_, err := ParseSettings([]byte(text))
			var in fault.Inputs
			if !errors.As(err, &in) || in.For(x.key) == nil || !strings.Contains(in.For(x.key).Error(), x.want) {
				t.Errorf("got %v, want %s: %s", err, x.key, x.want)
			}
		})
	}
	if _, err := ParseSettings([]byte("{\n\"rules\": {,}\n}")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(plainSettings))
	f.Add([]byte(`{"candidates":[{"name":1,"aliases":null}],"rules":{"randomSeed":12}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSettings(b)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("an error for people was expected: %v", err)
		}
		if err == nil && (s.Rules.Winners == 0) != (s.Rules.Method == BottomsUpPercent) {
			t.Error("a contest without seats")
		}
	})
}

// ballots writes a profile down: "A>B=C>->D" with how often each was cast; * is an overvote that names nobody.
func ballots(c *Contest, counts map[string]int) *Profile {
	p := NewProfile()
	for _, text := range slices.Sorted(mapKeys(counts)) {
		var marks []Mark
		for rank, at := range strings.Split(text, ">") {
			for _, name := range strings.Split(at, "=") {
				i := slices.IndexFunc(c.Candidates, func(k Candidate) bool { return k.Name == name })
				if name == "*" || i >= 0 {
					marks = append(marks, Mark{Rank: rank + 1, Candidate: i})
				}
			}
		}
		for range counts[text] {
			p.Add(&Ballot{Marks: marks})
		}
	}
	return p
}

func mapKeys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func contest(names string, rules Rules) *Contest {
	c := &Contest{Name: "Test", Rules: rules}
	for _, n := range strings.Fields(names) {
		c.Candidates = append(c.Candidates, Candidate{Name: n})
	}
	return c
}

func winner(t *testing.T, c *Contest, p *Profile) string {
	t.Helper()
	r, err := Tabulate(context.Background(), c, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(c.named(r[0].Winners()), " ")
}

// A centre that is squeezed out: first choices L, instant runoff R, the centre beats both.
func TestMethodsDiffer(t *testing.T) {
	c := contest("L C R D", Rules{Winners: 1, TieBreak: CandidateOrder, MaxSkipped: Unlimited, Places: 4})
	p := ballots(c, map[string]int{"L>C>R": 38, "C>R>L": 20, "R>C>L": 28, "D>R>C": 9})
	for m, want := range map[Method]string{SingleWinner: "R", TopTwo: "R", BottomTwoRunoff: "C"} {
		c.Rules.Method = m
		if got := winner(t, c, p); got != want {
			t.Errorf("%s: %s, want %s", m, got, want)
		}
	}
	k := Compare(c, p)
	if k.Winner != 1 || k.Loser != 3 || k.Pairs.Prefer(1, 0) != 57 || k.Pairs.Prefer(0, 1) != 38 {
		t.Errorf("%+v", k)
	}
	cycle := ballots(c, map[string]int{"L>C>R>D": 3, "C>R>L>D": 3, "R>L>C>D": 3})
	if k = Compare(c, cycle); k.Winner != -1 || !slices.Equal(k.Smith, []int{0, 1, 2}) {
		t.Errorf("a cycle: %+v", k)
	}
}

func TestSmithSetIsTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, all := contests(t)
		p := profileOf(all)
		k := Compare(c, p)
		var in []int
		for i := range c.Candidates {
			if !c.excluded(i) {
				in = append(in, i)
			}
		}
		best := in
		for set := 1; set < 1<<len(in); set++ {
			var inside, outside []int
			for b, i := range in {
				if set&(1<<b) != 0 {
					inside = append(inside, i)
				} else {
					outside = append(outside, i)
				}
			}
			beats := true
			for _, a := range inside {
				for _, b := range outside {
					beats = beats && k.Pairs.Prefer(a, b) > k.Pairs.Prefer(b, a)
				}
			}
			if beats && len(inside) < len(best) {
				best = inside
			}
		}
		if !slices.Equal(best, k.Smith) {
			t.Fatalf("got %v, want %v", k.Smith, best)
		}
		// Whoever beats everybody wins a bottom two runoff.
		if k.Winner >= 0 {
			bt := *c
			bt.WriteIns = false
			bt.Rules = Rules{Method: BottomTwoRunoff, Winners: 1, TieBreak: CandidateOrder, MaxSkipped: Unlimited, Places: 1}
			var named [][]Mark
			for _, m := range all {
				named = append(named, slices.DeleteFunc(slices.Clone(m), func(x Mark) bool { return x.Candidate >= len(c.Candidates) || x.Candidate < 0 }))
			}
			if r, err := Tabulate(context.Background(), &bt, profileOf(named), nil); err != nil || r[0].Winners()[0] != k.Winner {
				t.Fatalf("the bottom two runoff elects somebody else than %d: %v", k.Winner, err)
			}
		}
	})
}

// The mistake of Alameda County in 2022: whether an overvote at the first rank stops a ballot or not decides the contest.
func TestOptionsThatWouldElectSomebodyElse(t *testing.T) {
	c := contest("Nick Mike Pecolia", Rules{Winners: 1, TieBreak: CandidateOrder, Overvote: ExhaustOvervote, MaxSkipped: Unlimited, Places: 4})
	p := ballots(c, map[string]int{"Nick": 40, "Mike>Pecolia": 38, "Pecolia>Mike": 10, "Pecolia>Nick": 9, "Nick=Pecolia>Mike": 3})
	base, err := Tabulate(context.Background(), c, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Options(context.Background(), c, p, base, nil)
	if err != nil || len(all) == 0 {
		t.Fatalf("nothing was found: %v", err)
	}
	a := all[0]
	if a.Option != OvervoteOption || a.Rules.Overvote != SkipOvervote || a.Ballots != 3 || a.Round != 1 || a.Winners[0] != 1 || base[0].Winners()[0] != 0 {
		t.Errorf("%+v", a)
	}
	said := a.Say(c, words.Translator{})
	want := "Another rule for overvotes, alwaysSkipToNextRank instead of exhaustImmediately, would elect Mike. It treats 3 ballots another way, the first in round 1. 3 ballots like “Nick = Pecolia > Mike” would count in round 1 for Mike instead of nobody."
	if said != want {
		t.Errorf("got  %s\nwant %s", said, want)
	}
	c.Rules.Overvote = SkipOvervote
	base, _ = Tabulate(context.Background(), c, ballots(c, map[string]int{"Nick": 50, "Mike": 20}), nil)
	if all, err = Options(context.Background(), c, ballots(c, map[string]int{"Nick": 50, "Mike": 20}), base, nil); err != nil || len(all) != 0 {
		t.Errorf("a clear outcome: %v %v", all, err)
	}
}

func TestNothingToCount(t *testing.T) {
	c := contest("Ana Ben", Rules{Winners: 1, TieBreak: CandidateOrder, MaxSkipped: Unlimited, Places: 4})
	if _, err := Tabulate(context.Background(), c, NewProfile(), nil); fault.As(err) == nil || !strings.Contains(err.Error(), "no ballot of this contest") {
		t.Errorf("got %v", err)
	}
	p := NewProfile(ByPrecinct)
	p.Add(&Ballot{Marks: []Mark{{Rank: 1}}})
	if _, err := Tabulate(context.Background(), c, p, nil); fault.As(err) == nil || !strings.Contains(err.Error(), "Reports by precinct are wanted") {
		t.Errorf("got %v", err)
	}
}

func TestTiesAreAskedAbout(t *testing.T) {
	c := contest("Ana Ben Cy", Rules{Winners: 1, TieBreak: Ask, MaxSkipped: Unlimited, Places: 4})
	p := ballots(c, map[string]int{"Ana": 3, "Ben>Ana": 2, "Cy>Ben": 2})
	_, err := Tabulate(context.Background(), c, p, nil)
	if fault.As(err) == nil || !strings.Contains(err.Error(), "Round 1: a tie for the last place between Ben; Cy, 2 votes each.") || !strings.Contains(err.Error(), "--tie 1=NAME") {
		t.Errorf("got %v", err)
	}
	r, err := Tabulate(context.Background(), c, p, func(q *Tie) (int, error) { return slices.Index(q.Among, 2), nil })
	if err != nil || r[0].EliminatedIn(2) != 1 || r[0].TieAt(0, 2) == nil {
		t.Errorf("%v %+v", err, r)
	}
}

func TestExplanationAndPicture(t *testing.T) {
	c := contest("Ana Ben Cy Di", Rules{Winners: 1, TieBreak: CandidateOrder, MaxSkipped: Unlimited, Places: 4})
	c.Name = "Mayor <of> \"Springfield\""
	p := ballots(c, map[string]int{"Ana": 4, "Ben>Ana": 3, "Cy>Ben": 2, "Di>Cy": 2})
	r, err := Tabulate(context.Background(), c, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := words.NewCatalog(Spanish)
	if err != nil {
		t.Fatal(err)
	}
	en := r[0].Explain(cat.In(words.EN))
	want := "Round 1. 11 votes count. To be elected takes 6. Ana leads with 4 votes, before Ben with 3. Cy and Di are tied with 2 votes. The order of the candidates decides: Di. Di is eliminated with the fewest votes, 2. From Di go 2 to Cy."
	if en[0] != want {
		t.Errorf("got  %s\nwant %s", en[0], want)
	}
	es := r[0].Explain(cat.In(words.ES))
	if !strings.HasPrefix(es[0], "Ronda 1. Cuentan 11 votos.") || len(es) != len(en) {
		t.Errorf("%s", es)
	}
	tell := r[0].Tell([]Mark{{Rank: 1, Candidate: 3}, {Rank: 2, Candidate: 2}}, cat.In(words.EN))
	if tell[0] != "Round 1: counts for Di; rank 1, Di: counts." || !strings.HasPrefix(tell[1], "Round 2: counts for Cy; rank 1, Di: no longer in the race; rank 2, Cy: counts") {
		t.Errorf("%q", tell)
	}
	for _, lang := range []words.Lang{words.EN, words.ES} {
		var b bytes.Buffer
		if err := r[0].WriteChart(&b, cat.In(lang)); err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(&b); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRecordsInCDF(t *testing.T) {
	c := contest("Ana Ben Cy", Rules{Winners: 2, Method: ManyWinnersARound, TieBreak: CandidateOrder, MaxSkipped: Unlimited, Places: 4})
	p := ballots(c, map[string]int{"Ana>Ben": 6, "Cy": 2, "Ben": 1})
	r, err := Tabulate(context.Background(), c, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := NewCDFWriter(&b, &Settings{Contest: *c, Sources: []Source{{}}}, r[0], []string{"P1"}, Generator{Name: "Precinct"}, "2026-11-03T20:00:00-05:00")
	w.Write(&Ballot{ID: "v.csv(1)", Precinct: "P1", Marks: []Mark{{Rank: 1}, {Rank: 2, Candidate: 1}}})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		CVR []struct {
			BallotStyleUnitId string
			CVRSnapshot       []struct {
				Type       string
				CVRContest []struct {
					CVRContestSelection []struct {
						SelectionPosition []struct {
							IsAllocable, FractionalVotes string
							NumberVotes                  int
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	snaps := got.CVR[0].CVRSnapshot
	if got.CVR[0].BallotStyleUnitId != "gpu-1" || snaps[0].Type != "original" || len(snaps) != len(r[0].Rounds)+1 {
		t.Fatalf("%+v", got)
	}
	second := snaps[2].CVRContest[0].CVRContestSelection
	if second[0].SelectionPosition[0].FractionalVotes != ".6667" || second[1].SelectionPosition[0].FractionalVotes != ".3333" || second[1].SelectionPosition[0].IsAllocable != "yes" {
		t.Errorf("in the second round Ana keeps two thirds: %+v", second)
	}
}
