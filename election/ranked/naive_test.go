package ranked

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive counts a contest ballot by ballot and round by round with fractions, as the rules read, and shares nothing with the
// counter but the types. Ties go by the order of candidates.
type naive struct {
	c       *Contest
	ballots [][]Mark
	value   []*big.Rat
	at      []int // candidate, -1 not yet, -2 nobody
	why     []Status
	won     map[int]int
	out     map[int]int
	kept    map[int]*big.Rat
	rounds  []naiveRound
}

type naiveRound struct {
	threshold *big.Rat
	votes     map[int]*big.Rat
	inactive  map[Status]*big.Rat
	won, out  []int
	residual  *big.Rat
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// floor rounds a fraction down to d places.
func floor(r *big.Rat, d int) *big.Rat {
	p := power(d)
	n := new(big.Int).Mul(r.Num(), p)
	n.Quo(n, r.Denom())
	return new(big.Rat).SetFrac(n, p)
}

func (v *naive) live(i int) bool {
	_, out := v.out[i]
	_, won := v.won[i]
	return !v.c.excluded(i) && !out && (!won || v.c.Rules.UntilTwoRemain)
}

func (v *naive) surplus() bool {
	return (v.c.Rules.Method == OneWinnerARound || v.c.Rules.Method == ManyWinnersARound) && v.c.Rules.Winners > 1
}

// place finds a candidate for a ballot, by ranks from 1 on.
func (v *naive) place(marks []Mark) (int, Status) {
	if len(marks) == 0 {
		return -2, DidNotRank
	}
	most := marks[len(marks)-1].Rank
	seen := map[int]bool{}
	last := 0
	for rank := 1; rank <= most; rank++ {
		var at []int
		for _, m := range marks {
			if m.Rank == rank {
				at = append(at, m.Candidate)
			}
		}
		if len(at) == 0 {
			continue
		}
		if v.surplus() && len(v.won) == v.c.Rules.Winners {
			return -2, FinalSurplus
		}
		if v.c.Rules.MaxSkipped != Unlimited && rank-last-1 > v.c.Rules.MaxSkipped {
			return -2, BySkipped
		}
		last = rank
		if v.c.Rules.ExhaustOnDuplicate {
			for _, c := range at {
				if seen[c] {
					return -2, ByRepeated
				}
				seen[c] = true
			}
		}
		var going []int
		for _, c := range at {
			if c >= 0 && v.live(c) {
				going = append(going, c)
			}
		}
		if len(at) > 1 || at[0] == Overvote {
			switch v.c.Rules.Overvote {
			case ExhaustOvervote:
				return -2, ByOvervote
			case SkipOvervote:
				continue
			default:
				if len(going) > 1 {
					return -2, ByOvervote
				}
			}
		}
		if len(going) > 0 {
			return going[0], Active
		}
	}
	return -2, Exhausted
}

func (v *naive) count() error {
	for i := range v.ballots {
		v.value = append(v.value, rat(1))
		v.at = append(v.at, -1)
		v.why = append(v.why, Active)
		_ = i
	}
	for n := 1; v.more(n - 1); n++ {
		if n > 200 {
			return fmt.Errorf("no end")
		}
		if err := v.round(n); err != nil {
			return err
		}
	}
	return nil
}

func (v *naive) more(done int) bool {
	r := &v.c.Rules
	lastWon, lastOut := false, false
	for _, n := range v.won {
		lastWon = lastWon || n == done && done > 0
	}
	for _, n := range v.out {
		lastOut = lastOut || n == done && done > 0
	}
	switch {
	case done == 0:
		return true
	case r.StopAfter > 0 && done >= r.StopAfter:
		return false
	case len(v.won) > 0 && len(v.won)+len(v.out) == v.c.running() && r.Winners > len(v.won):
		return false
	case r.UntilTwoRemain:
		return len(v.out)+len(v.won)+1 < v.c.running() || lastOut
	case r.Method == BottomsUpPercent:
		return len(v.won) == 0
	}
	return len(v.won) < r.Winners || v.surplus() && lastWon
}

func (v *naive) round(n int) error {
	rules := &v.c.Rules
	rd := naiveRound{votes: map[int]*big.Rat{}, inactive: map[Status]*big.Rat{}, residual: rat(0)}
	var live []int
	for i := range v.c.Size() {
		if v.live(i) {
			live = append(live, i)
			rd.votes[i] = rat(0)
		}
	}
	active := rat(0)
	for b, marks := range v.ballots {
		if v.at[b] == -1 || v.at[b] >= 0 && !v.live(v.at[b]) {
			v.at[b], v.why[b] = v.place(marks)
		}
		if v.at[b] >= 0 {
			rd.votes[v.at[b]].Add(rd.votes[v.at[b]], v.value[b])
			active.Add(active, v.value[b])
			continue
		}
		if rd.inactive[v.why[b]] == nil {
			rd.inactive[v.why[b]] = rat(0)
		}
		rd.inactive[v.why[b]].Add(rd.inactive[v.why[b]], v.value[b])
	}
	v.threshold(&rd, active)
	var before *naiveRound
	if len(v.rounds) > 0 {
		before = &v.rounds[len(v.rounds)-1]
		rd.residual.Set(before.residual)
	}
	rd.won = v.winners(&rd, live)
	if rd.won == nil && (len(v.won) < rules.Winners || rules.UntilTwoRemain && len(v.out) < v.c.running()-2 || rules.Method == BottomsUpPercent) {
		if len(live) == 0 {
			if len(v.won) == 0 {
				return fmt.Errorf("nobody is left")
			}
		} else if rd.out = v.losers(&rd, live); rd.out == nil {
			return fmt.Errorf("nobody to eliminate")
		}
	}
	for _, i := range rd.won {
		v.won[i] = n
	}
	for _, i := range rd.out {
		v.out[i] = n
	}
	if v.surplus() {
		for i, when := range v.won {
			if when == n {
				continue
			}
			rd.votes[i] = new(big.Rat).Set(v.kept[i])
			if over := new(big.Rat).Sub(rd.votes[i], rd.threshold); when == n-1 && over.Sign() > 0 {
				rd.residual.Add(rd.residual, over)
				rd.votes[i].Set(rd.threshold)
				v.kept[i].Set(rd.threshold)
			}
		}
		for _, w := range rd.won {
			part := rat(0)
			if over := new(big.Rat).Sub(rd.votes[w], rd.threshold); over.Sign() > 0 {
				part = floor(over.Quo(over, rd.votes[w]), rules.Places)
			}
			v.kept[w] = rat(0)
			for b := range v.ballots {
				if v.at[b] == w {
					goes := floor(new(big.Rat).Mul(v.value[b], part), rules.Places)
					v.kept[w].Add(v.kept[w], new(big.Rat).Sub(v.value[b], goes))
					v.value[b] = goes
				}
			}
		}
	}
	v.rounds = append(v.rounds, rd)
	return nil
}

func (v *naive) threshold(rd *naiveRound, active *big.Rat) {
	r := &v.c.Rules
	if len(v.rounds) > 0 && (r.Winners > 1 || r.FirstRoundThreshold || r.UntilTwoRemain && len(v.won) > 0) {
		rd.threshold = v.rounds[len(v.rounds)-1].threshold
		return
	}
	d := 0
	if r.NonIntegerThreshold {
		d = r.Places
	}
	unit := new(big.Rat).SetFrac(big.NewInt(1), power(d))
	switch {
	case r.Method == BottomsUpPercent:
		share, _ := new(big.Rat).SetString(r.Percent.Plain())
		rd.threshold = share.Mul(share, active)
		rd.threshold.Quo(rd.threshold, rat(100))
	case r.Hare:
		q := new(big.Rat).Quo(active, rat(int64(r.Winners)))
		rd.threshold = floor(q, d)
		if rd.threshold.Cmp(q) < 0 {
			rd.threshold.Add(rd.threshold, unit)
		}
	default:
		rd.threshold = floor(new(big.Rat).Quo(active, rat(int64(r.Winners+1))), d)
		rd.threshold = new(big.Rat).Add(rd.threshold, unit)
	}
}

func (v *naive) writeIns(rd *naiveRound) bool {
	x, ok := rd.votes[len(v.c.Candidates)]
	return v.c.WriteIns && ok && x.Sign() > 0
}

// first returns, of those tied, the earliest of the settings to win and the latest to lose; write-ins are in no order.
func (v *naive) first(tied []int, win bool) int {
	declared := slices.DeleteFunc(slices.Clone(tied), func(i int) bool { return i == len(v.c.Candidates) })
	if len(declared) == 0 {
		return tied[0]
	}
	if win {
		return slices.Min(declared)
	}
	return slices.Max(declared)
}

func top(rd *naiveRound, live []int, least bool) []int {
	var best []int
	for _, i := range live {
		if len(best) > 0 {
			c := rd.votes[i].Cmp(rd.votes[best[0]])
			if least {
				c = -c
			}
			if c < 0 {
				continue
			}
			if c > 0 {
				best = nil
			}
		}
		best = append(best, i)
	}
	return best
}

func (v *naive) winners(rd *naiveRound, live []int) []int {
	r := &v.c.Rules
	if v.writeIns(rd) {
		return nil
	}
	if r.Method == BottomsUpPercent {
		for _, i := range live {
			if rd.votes[i].Cmp(rd.threshold) < 0 {
				return nil
			}
		}
		return live
	}
	open := r.Winners - len(v.won)
	var won []int
	if open > 0 {
		switch {
		case len(live) <= open:
			won = live
		case r.FirstRoundThreshold && len(live)-1 == r.Winners:
			won = top(rd, live, false)
		case r.Method != BottomsUp:
			for _, i := range live {
				if i != len(v.c.Candidates) && rd.votes[i].Cmp(rd.threshold) >= 0 {
					won = append(won, i)
				}
			}
		}
	}
	if len(won) > 1 && (r.Method == OneWinnerARound || r.FirstRoundThreshold) ||
		r.Winners == 1 && len(won) == 0 && len(live) == 2 && open == 1 {
		if won = top(rd, live, false); len(won) > 1 {
			won = []int{v.first(won, true)}
		}
	}
	if len(won) == 0 {
		return nil
	}
	return won
}

func (v *naive) losers(rd *naiveRound, live []int) []int {
	if v.writeIns(rd) {
		return []int{len(v.c.Candidates)}
	}
	if v.c.Rules.CutoffElimination {
		var out []int
		for _, i := range live {
			if rd.votes[i].Cmp(rd.threshold) < 0 {
				out = append(out, i)
			}
		}
		if len(out) == len(live) {
			return nil
		}
		if len(out) > 0 {
			return out
		}
	}
	if v.c.Rules.BatchElimination {
		// The largest set of last candidates who together have fewer than each of the others. For every number of votes,
		// those below it are such a set or not.
		var best []int
		for _, next := range live {
			var set []int
			sum := rat(0)
			for _, i := range live {
				if rd.votes[i].Cmp(rd.votes[next]) < 0 {
					set = append(set, i)
					sum.Add(sum, rd.votes[i])
				}
			}
			if len(set) > len(best) && sum.Cmp(rd.votes[next]) < 0 && !(v.c.Rules.UntilTwoRemain && len(set)+len(v.out) == v.c.running()-1) {
				best = set
			}
		}
		if len(best) > 1 {
			return best
		}
	}
	return []int{v.first(top(rd, live, true), false)}
}

// contests draws a small contest under random rules, and its ballots.
func contests(t *rapid.T) (*Contest, [][]Mark) {
	c := &Contest{Name: "c", WriteIns: rapid.Bool().Draw(t, "writeins")}
	for i := range rapid.IntRange(1, 6).Draw(t, "candidates") {
		c.Candidates = append(c.Candidates, Candidate{Name: string(rune('A' + i)), Excluded: i > 0 && rapid.IntRange(0, 9).Draw(t, "excluded") == 0})
	}
	r := &c.Rules
	r.Method = Method(rapid.IntRange(int(SingleWinner), int(BottomsUpPercent)).Draw(t, "method"))
	r.TieBreak = CandidateOrder
	r.Places = rapid.SampledFrom([]int{1, 2, 4, 8, 20}).Draw(t, "places")
	r.Overvote = OvervoteRule(rapid.IntRange(0, 2).Draw(t, "overvote"))
	r.MaxSkipped = rapid.SampledFrom([]int{0, 1, 2, Unlimited}).Draw(t, "skipped")
	r.ExhaustOnDuplicate = rapid.Bool().Draw(t, "duplicate")
	r.StopAfter = rapid.SampledFrom([]int{0, 0, 0, 2}).Draw(t, "stop")
	switch r.Method {
	case SingleWinner:
		r.Winners = 1
		r.UntilTwoRemain, r.BatchElimination, r.FirstRoundThreshold = rapid.Bool().Draw(t, "two"), rapid.Bool().Draw(t, "batch"), rapid.Bool().Draw(t, "first")
	case BottomsUpPercent:
		r.Percent, _ = ParseDecimal(rapid.SampledFrom([]string{"5", "7.5", "15", "33.3", "60"}).Draw(t, "percent"))
		r.CutoffElimination, r.FirstRoundThreshold = rapid.Bool().Draw(t, "cutoff"), rapid.Bool().Draw(t, "first")
	default:
		r.Winners = rapid.IntRange(2, 4).Draw(t, "winners")
		if r.Method != BottomsUp {
			r.Hare = rapid.Bool().Draw(t, "hare")
			r.NonIntegerThreshold = !r.Hare && rapid.Bool().Draw(t, "fractions")
		}
	}
	named := r.Overvote == ExhaustContinuing
	ballot := rapid.Custom(func(t *rapid.T) []Mark {
		var marks []Mark
		for rank := 1; rank <= rapid.IntRange(0, 5).Draw(t, "ranks"); rank++ {
			for range rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2}).Draw(t, "marks") {
				marks = append(marks, Mark{Rank: rank, Candidate: rapid.IntRange(0, c.Size()-1).Draw(t, "for")})
			}
			if !named && rapid.IntRange(0, 12).Draw(t, "explicit") == 0 {
				marks = slices.DeleteFunc(marks, func(m Mark) bool { return m.Rank == rank })
				marks = append(marks, Mark{Rank: rank, Candidate: Overvote})
			}
		}
		return marks
	})
	return c, rapid.SliceOfN(ballot, 1, 40).Draw(t, "ballots")
}

func profileOf(ballots [][]Mark, by ...Slice) *Profile {
	p := NewProfile(by...)
	for i, m := range ballots {
		p.Add(&Ballot{Marks: m, Precinct: fmt.Sprint("P", i%3), Batch: strings.Repeat("B", i%2)})
	}
	return p
}

func same(d Decimal, r *big.Rat) bool {
	x, _ := new(big.Rat).SetString(d.Plain())
	if r == nil {
		r = new(big.Rat)
	}
	return x.Cmp(r) == 0
}

func TestAgreesWithNaiveCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, ballots := contests(t)
		v := &naive{c: c, ballots: ballots, won: map[int]int{}, out: map[int]int{}, kept: map[int]*big.Rat{}}
		want := v.count()
		results, err := Tabulate(context.Background(), c, profileOf(ballots), nil)
		if (want != nil) != (err != nil) {
			t.Fatalf("naive: %v, ours: %v", want, err)
		}
		if err != nil {
			return
		}
		r := results[0]
		if len(r.Rounds) != len(v.rounds) {
			t.Fatalf("%d rounds, naively %d", len(r.Rounds), len(v.rounds))
		}
		for n := range r.Rounds {
			rd, nd := &r.Rounds[n], &v.rounds[n]
			slices.Sort(nd.won)
			slices.Sort(nd.out)
			if !slices.Equal(slices.Sorted(slices.Values(rd.Elected)), nd.won) || !slices.Equal(slices.Sorted(slices.Values(rd.Eliminated)), nd.out) {
				t.Fatalf("round %d: elected %v eliminated %v, naively %v and %v", n+1, rd.Elected, rd.Eliminated, nd.won, nd.out)
			}
			if !same(rd.Threshold, nd.threshold) || !same(rd.Residual, nd.residual) {
				t.Fatalf("round %d: threshold %s residual %s, naively %s and %s", n+1, rd.Threshold, rd.Residual, nd.threshold, nd.residual)
			}
			for i := range c.Size() {
				d, in := r.Votes(n, 0, i)
				if w, ok := nd.votes[i]; ok != in || in && !same(d, w) {
					t.Fatalf("round %d: %s has %s (%v), naively %v", n+1, c.NameOf(i), d, in, w)
				}
			}
			for s := DidNotRank; s < statuses; s++ {
				if !same(r.Inactive(n, 0, s), nd.inactive[s]) {
					t.Fatalf("round %d: status %d has %s, naively %v", n+1, s, r.Inactive(n, 0, s), nd.inactive[s])
				}
			}
		}
	})
}

// liveIn reports whether ballots may count for a candidate in a round (from 0).
func (r *Result) liveIn(i, n int) bool {
	f := newField(r.Contest)
	r.fieldAt(f, n)
	return f.continuing[i]
}

// Nothing is lost and nothing made: in every round votes, inactive ballots and residual together are the ballots, the
// parts together are the whole, and the ways of single ballots add up to the votes.
func TestVotesAreConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, ballots := contests(t)
		results, err := Tabulate(context.Background(), c, profileOf(ballots, ByPrecinct, ByBatch), nil)
		if err != nil {
			t.Skip(err.Error())
		}
		r := results[0]
		all := NewDecimal(int64(len(ballots)))
		for n := range r.Rounds {
			sum := r.ActiveVotes(n, 0).Plus(r.Rounds[n].Residual)
			for s := DidNotRank; s < FinalSurplus; s++ {
				sum = sum.Plus(r.Inactive(n, 0, s))
			}
			if sum.Cmp(all) != 0 {
				t.Fatalf("round %d: %s of %s", n+1, sum, all)
			}
			for _, by := range []Slice{ByPrecinct, ByBatch} {
				for s := DidNotRank; s < statuses; s++ {
					part := NewDecimal(0)
					for _, b := range r.BooksOf(by) {
						part = part.Plus(r.Inactive(n, b, s))
					}
					if part.Cmp(r.Inactive(n, 0, s)) != 0 {
						t.Fatalf("round %d: the parts have %s of status %d, the whole %s", n+1, part, s, r.Inactive(n, 0, s))
					}
				}
			}
		}
		sums := make([]map[int]Decimal, len(r.Rounds))
		for _, m := range ballots {
			order, fixed := c.Preferences(m)
			for n, at := range r.Trace(m) {
				if fixed && at.Status != FinalSurplus {
					first := slices.IndexFunc(order, func(i int) bool { return r.liveIn(i, n) })
					if (first >= 0) != (at.Status == Active) || first >= 0 && order[first] != at.Candidate {
						t.Fatalf("round %d: %v counts for %d, preferred are %v", n+1, m, at.Candidate, order)
					}
				}
				if sums[n] == nil {
					sums[n] = map[int]Decimal{}
				}
				if at.Status == Active {
					sums[n][at.Candidate] = sums[n][at.Candidate].Plus(at.Value)
				}
			}
		}
		for n := range r.Rounds {
			for i := range c.Size() {
				if v, in := r.Votes(n, 0, i); in && (r.elected[i] == 0 || r.elected[i] > n) && v.Cmp(sums[n][i]) != 0 {
					t.Fatalf("round %d: %s has %s, traced %s", n+1, c.NameOf(i), v, sums[n][i])
				}
			}
		}
	})
}
