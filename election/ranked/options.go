package ranked

import (
	"cmp"
	"context"
	"slices"
)

// Option is a rule that could be another.
type Option uint8

// The options that are tried.
const (
	OvervoteOption Option = iota
	SkippedOption
	DuplicateOption
	BatchOption
	TieOption
)

// Alternative is a count under another rule than the contest's, with another outcome.
type Alternative struct {
	Option  Option
	Rules   Rules // all rules of the alternative
	Tie     *Tie  // TieOption: the tie that was broken another way
	Instead int   // TieOption: who was taken
	Winners []int
	// What the rule does to ballots, in the rounds as they were counted: how many it treats another way, from which round
	// on, and the most frequent of them.
	Ballots int64
	Round   int
	Such    []Such
}

// Such is a ballot that a rule treats another way.
type Such struct {
	Marks      []Mark
	Count      int64
	Round      int // the first in which it differs
	Was, Would int // candidate for whom it counts, or -1
}

const maxSuch = 5

// Options counts a contest under every other option for overvotes, ranks left out, repeated candidates, elimination in
// batches, and under the other choices in its ties, and returns those that elect somebody else. It is what an election
// office should know before it publishes: in Alameda County in 2022 one such option, set wrongly, elected the wrong person.
func Options(ctx context.Context, contest *Contest, p *Profile, counted []*Result, ask Asker) ([]Alternative, error) {
	p = p.whole()
	var all []Alternative
	for _, a := range otherRules(contest, p) {
		other := *contest
		other.Rules = a.Rules
		results, err := Tabulate(ctx, &other, p, ask)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || sameOutcome(counted, results) {
			continue // an option under which nothing can be counted elects nobody else
		}
		a.Winners = outcome(results)
		a.affected(contest, p, counted[0])
		all = append(all, a)
	}
	ties, err := otherTies(ctx, p, counted)
	return append(all, ties...), err
}

func outcome(results []*Result) []int {
	var all []int
	for _, r := range results {
		all = append(all, r.Winners()...)
	}
	return all
}

func sameOutcome(a, b []*Result) bool {
	x, y := outcome(a), outcome(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// otherRules returns every change of one rule.
func otherRules(contest *Contest, p *Profile) []Alternative {
	r := contest.Rules
	var all []Alternative
	named := true // an overvote says who was marked
	p.Each(func(marks []Mark, _ int64) {
		named = named && !slices.ContainsFunc(marks, func(m Mark) bool { return m.Candidate == Overvote })
	})
	for _, o := range []OvervoteRule{SkipOvervote, ExhaustOvervote, ExhaustContinuing} {
		if o != r.Overvote && (o != ExhaustContinuing || named) {
			a := r
			a.Overvote = o
			all = append(all, Alternative{Option: OvervoteOption, Rules: a})
		}
	}
	for _, n := range []int{0, 1, Unlimited} {
		if n != r.MaxSkipped {
			a := r
			a.MaxSkipped = n
			all = append(all, Alternative{Option: SkippedOption, Rules: a})
		}
	}
	a := r
	a.ExhaustOnDuplicate = !r.ExhaustOnDuplicate
	all = append(all, Alternative{Option: DuplicateOption, Rules: a})
	if r.Method == SingleWinner || r.Method == MultiPass {
		a = r
		a.BatchElimination = !r.BatchElimination
		all = append(all, Alternative{Option: BatchOption, Rules: a})
	}
	return all
}

// affected finds the ballots that the alternative treats another way while the rounds are as they were.
func (a *Alternative) affected(contest *Contest, p *Profile, counted *Result) {
	other := *contest
	other.Rules = a.Rules
	as, would := newField(contest), newField(&other)
	p.Each(func(marks []Mark, count int64) {
		for n := range counted.Rounds {
			counted.fieldAt(as, n)
			copy(would.continuing, as.continuing)
			would.filled = as.filled
			x, _ := as.walk(marks)
			y, _ := would.walk(marks)
			if x == y {
				continue
			}
			a.Ballots += count
			if a.Round == 0 || n+1 < a.Round {
				a.Round = n + 1
			}
			a.keep(Such{slices.Clone(marks), count, n + 1, x, y})
			return
		}
	})
}

func (a *Alternative) keep(s Such) {
	a.Such = append(a.Such, s)
	slices.SortStableFunc(a.Such, func(x, y Such) int { return cmp.Compare(y.Count, x.Count) })
	if len(a.Such) > maxSuch {
		a.Such = a.Such[:maxSuch]
	}
}

const maxTies = 20

// otherTies counts again with each tie of the count broken for somebody else.
func otherTies(ctx context.Context, p *Profile, counted []*Result) ([]Alternative, error) {
	var all []Alternative
	tried := 0
	for _, r := range counted {
		for n := range r.Rounds {
			for i := range r.Rounds[n].Ties {
				t := &r.Rounds[n].Ties[i]
				if t.By == PreviousRandom {
					continue // votes decided it, not chance or order
				}
				if tried++; tried > maxTies {
					return all, nil
				}
				some, err := breakOtherwise(ctx, r, p, t)
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
		}
	}
	return all, nil
}

func breakOtherwise(ctx context.Context, r *Result, p *Profile, t *Tie) ([]Alternative, error) {
	var all []Alternative
	among := t.Among
	if t.Left != nil {
		among = t.Left
	}
	for _, other := range among {
		if other == t.Chosen {
			continue
		}
		contest := *r.Contest
		contest.Rules.TieBreak = Ask
		again, err := tabulateOnce(ctx, &contest, p, func(q *Tie) (int, error) { return answer(r, q, t, other), nil }, r.Pass)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && !sameWinners(r, again) {
			all = append(all, Alternative{Option: TieOption, Rules: r.Contest.Rules, Tie: t, Instead: other, Winners: again.Winners(), Round: t.Round})
		}
	}
	return all, nil
}

// answer breaks ties as they were broken, but for one; those that were not there before go to the first.
func answer(r *Result, q, t *Tie, other int) int {
	if q.Round == t.Round && q.Winning == t.Winning && slices.Contains(q.Among, t.Chosen) && slices.Contains(q.Among, other) {
		return slices.Index(q.Among, other)
	}
	if q.Round < t.Round && q.Round <= len(r.Rounds) {
		for _, was := range r.Rounds[q.Round-1].Ties {
			if i := slices.Index(q.Among, was.Chosen); i >= 0 {
				return i
			}
		}
	}
	return 0
}
