package ranked

import (
	"slices"

	"github.com/openprecinct/precinct/internal/fault"
)

// level is everybody with the same number of votes.
type level struct {
	votes Decimal
	who   []int
}

// levels sorts candidates by votes, the fewest first. Equal ones keep their order.
func levels(who []int, votes []Decimal) []level {
	var all []level
	sorted := slices.Clone(who)
	slices.SortStableFunc(sorted, func(a, b int) int { return votes[a].Cmp(votes[b]) })
	for _, i := range sorted {
		if n := len(all); n > 0 && all[n-1].votes.Cmp(votes[i]) == 0 {
			all[n-1].who = append(all[n-1].who, i)
			continue
		}
		all = append(all, level{votes[i], []int{i}})
	}
	return all
}

// in returns the candidates of a round in the order of RCTab's set of names.
func (c *counter) in(rd *Round) []int {
	return slices.DeleteFunc(slices.Clone(c.names), func(i int) bool { return !rd.In[i] })
}

// writeInsLive reports whether undeclared write-ins hold votes: nobody can win while they do.
func (c *counter) writeInsLive(rd *Round) bool {
	i := len(c.contest.Candidates)
	return c.contest.WriteIns && rd.In[i] && rd.votes[i].Sign() > 0
}

// decide elects or eliminates.
func (c *counter) decide(rd *Round) error {
	who := c.in(rd)
	ranks := levels(who, rd.votes)
	won, err := c.winners(rd, who, ranks)
	if err != nil {
		return err
	}
	if len(won) > 0 {
		c.sortByName(won)
		rd.Elected = won
		for _, i := range won {
			c.result.elected[i] = c.now()
		}
		return nil
	}
	seats := count(c.result.elected) < c.rules.Winners
	further := c.rules.UntilTwoRemain && count(c.result.eliminated) < c.contest.running()-2
	if !seats && !further && c.rules.Method != BottomsUpPercent {
		return nil
	}
	if len(who) == 0 {
		if count(c.result.elected) > 0 {
			return nil
		}
		return fault.Invalidf("Nobody is left in round %d, and nobody has won. Check the share that is asked for, and who is excluded.", c.now())
	}
	out, err := c.losers(rd, who, ranks)
	if err != nil {
		return err
	}
	c.sortByName(out)
	rd.Eliminated = out
	for _, i := range out {
		c.result.eliminated[i] = c.now()
	}
	return nil
}

// winners returns who is elected in this round.
func (c *counter) winners(rd *Round, who []int, ranks []level) ([]int, error) {
	if c.writeInsLive(rd) {
		return nil, nil
	}
	if c.rules.Method == BottomsUpPercent {
		if len(ranks) > 0 && ranks[0].votes.Cmp(rd.Threshold) >= 0 {
			return slices.Clone(who), nil
		}
		return nil, nil
	}
	var won []int
	open := c.rules.Winners - count(c.result.elected)
	if open > 0 {
		switch {
		case len(who) <= open:
			won = slices.Clone(who)
		case c.rules.FirstRoundThreshold && len(who)-1 == c.rules.Winners:
			won = slices.Clone(ranks[len(ranks)-1].who)
		case c.rules.Method == BottomTwoRunoff:
		case c.rules.Method != BottomsUp:
			for _, l := range ranks {
				if l.votes.Cmp(rd.Threshold) >= 0 {
					won = append(won, l.who...)
				}
			}
			won = slices.DeleteFunc(won, func(i int) bool { return i == len(c.contest.Candidates) })
		}
	}
	several := len(won) > 1 && (c.rules.Method == OneWinnerARound || c.rules.FirstRoundThreshold)
	none := c.rules.Winners == 1 && len(won) == 0 && len(who) == 2 && open == 1 && c.rules.Method != BottomTwoRunoff
	if !several && !none {
		return won, nil
	}
	top := ranks[len(ranks)-1]
	if len(top.who) == 1 {
		return slices.Clone(top.who), nil
	}
	one, err := c.breakTie(rd, top, true)
	return []int{one}, err
}

// losers returns who is eliminated in this round.
func (c *counter) losers(rd *Round, who []int, ranks []level) ([]int, error) {
	if c.writeInsLive(rd) {
		rd.Reason = UndeclaredWriteIns
		return []int{len(c.contest.Candidates)}, nil
	}
	if c.rules.CutoffElimination {
		rd.Reason = BelowCutoff
		if out := below(ranks, rd.Threshold); len(out) == len(who) {
			return nil, fault.Invalidf("In round %d everybody is below the share of %s percent, so nobody can win. Check multiSeatBottomsUpPercentageThreshold.", c.now(), c.rules.Percent.Plain())
		} else if len(out) > 0 {
			return out, nil
		}
	}
	switch {
	case c.rules.Method == TopTwo:
		if out, err := c.allButTwo(rd, ranks); err != nil || len(out) > 0 {
			return out, err
		}
	case c.rules.Method == BottomTwoRunoff:
		return c.lastTwo(rd, ranks)
	case c.rules.BatchElimination:
		if out := c.together(ranks); len(out) > 1 {
			rd.Reason = TogetherFewer
			return out, nil
		}
	}
	rd.Reason = Last
	if len(ranks[0].who) == 1 {
		return slices.Clone(ranks[0].who), nil
	}
	one, err := c.breakTie(rd, ranks[0], false)
	return []int{one}, err
}

func below(ranks []level, threshold Decimal) []int {
	var out []int
	for _, l := range ranks {
		if l.votes.Cmp(threshold) < 0 {
			out = append(out, l.who...)
		}
	}
	return out
}

// together returns the largest number of last candidates whose votes together are fewer than those of the next: none of
// them can win. Where the count goes on until two remain, it leaves two.
func (c *counter) together(ranks []level) []int {
	var seen, out, before []int
	sum := Decimal{}
	for _, l := range ranks {
		if sum.Cmp(l.votes) < 0 && len(seen) > len(out) {
			before, out = out, slices.Clone(seen)
		}
		sum = sum.Plus(l.votes.Times(NewDecimal(int64(len(l.who)))))
		seen = append(seen, l.who...)
	}
	if c.rules.UntilTwoRemain && len(out)+count(c.result.eliminated) == c.contest.running()-1 {
		return before
	}
	return out
}

// allButTwo returns everybody but the first two. A tie for the second place is broken one by one.
func (c *counter) allButTwo(rd *Round, ranks []level) ([]int, error) {
	total := 0
	for _, l := range ranks {
		total += len(l.who)
	}
	var out []int
	rd.Reason = NotFirstTwo
	for _, l := range ranks {
		left := slices.Clone(l.who)
		for len(left) > 0 && total-len(out) > 2 {
			if total-len(out)-len(left) >= 2 {
				out = append(out, left...)
				break
			}
			one, err := c.breakTie(rd, level{l.votes, left}, false)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
			left = slices.DeleteFunc(left, func(i int) bool { return i == one })
		}
	}
	return out, nil
}

// lastTwo finds the last two and eliminates the one whom fewer ballots prefer to the other.
func (c *counter) lastTwo(rd *Round, ranks []level) ([]int, error) {
	var two []int
	for _, l := range ranks {
		left := slices.Clone(l.who)
		for len(two) < 2 && len(left) > 0 {
			one := left[0]
			if len(left) > 2-len(two) {
				var err error
				if one, err = c.breakTie(rd, level{l.votes, left}, false); err != nil {
					return nil, err
				}
			}
			two = append(two, one)
			left = slices.DeleteFunc(left, func(i int) bool { return i == one })
		}
	}
	rd.Reason = LostRunoff
	if c.pairs == nil {
		c.pairs = Pairwise(c.contest, c.profile)
	}
	m := c.pairs
	a, b := two[0], two[1]
	rd.Duel, rd.DuelVotes = [2]int{a, b}, [2]int64{m.Prefer(a, b), m.Prefer(b, a)}
	switch {
	case m.Prefer(a, b) < m.Prefer(b, a):
		return []int{a}, nil
	case m.Prefer(a, b) > m.Prefer(b, a):
		return []int{b}, nil
	}
	one, err := c.breakTie(rd, level{NewDecimal(m.Prefer(a, b)), two}, false)
	return []int{one}, err
}

// breakTie takes one of those who have the same number of votes: to win, or to be eliminated.
func (c *counter) breakTie(rd *Round, l level, winning bool) (int, error) {
	among := slices.Clone(l.who)
	c.sortByName(among)
	t := Tie{Round: c.now(), Among: among, Winning: winning, Votes: l.votes, By: c.rules.TieBreak}
	left := among
	if t.By == PreviousRandom || t.By == PreviousAsk {
		left = c.earlierRounds(&t)
		if len(left) == 1 {
			t.Chosen, t.By = left[0], PreviousRandom
			rd.Ties = append(rd.Ties, t)
			return t.Chosen, nil
		}
		t.Left = left
		t.By = map[TieBreak]TieBreak{PreviousRandom: Random, PreviousAsk: Ask}[t.By]
	}
	switch t.By {
	case Random:
		t.Chosen = left[int(c.random.float()*float64(len(left)))]
	case CandidateOrder, GivePermutation:
		t.Chosen = c.inOrder(left, winning)
	default:
		one, err := c.asked(&t, left)
		if err != nil {
			return 0, err
		}
		t.Chosen = one
	}
	rd.Ties = append(rd.Ties, t)
	return t.Chosen, nil
}

// inOrder returns the first of an order to win, the last to lose. Write-ins nobody declared are in no order: they are
// not taken while another one can be.
func (c *counter) inOrder(left []int, winning bool) int {
	order := slices.Clone(c.drawn)
	if !winning {
		slices.Reverse(order)
	}
	for _, i := range order {
		if slices.Contains(left, i) {
			return i
		}
	}
	return left[0]
}

// earlierRounds goes back round by round and keeps those who had the most votes (the fewest, to lose). The order of those
// who are left is that of a Java HashSet, since RCTab draws from it.
func (c *counter) earlierRounds(t *Tie) []int {
	left := t.Among
	for r := c.now() - 2; r >= 0; r-- {
		set := javaOrder(left, c.contest.NameOf, true)
		ranks := levels(set, c.result.Rounds[r].votes)
		l := ranks[0]
		if t.Winning {
			l = ranks[len(ranks)-1]
		}
		if left = l.who; len(left) == 1 {
			t.Earlier = r + 1
			return left
		}
	}
	return left
}

func (c *counter) asked(t *Tie, left []int) (int, error) {
	if c.ask == nil {
		return 0, c.unasked(t, left)
	}
	q := *t
	q.Among = left
	i, err := c.ask(&q)
	if err != nil {
		return 0, err
	}
	if i < 0 || i >= len(left) {
		return 0, c.unasked(t, left)
	}
	return left[i], nil
}

// unasked is the fault of a tie that nobody decided.
func (c *counter) unasked(t *Tie, left []int) error {
	names := ""
	for i, k := range left {
		if i > 0 {
			names += "; "
		}
		names += c.contest.NameOf(k)
	}
	if t.Winning {
		return fault.Invalidf("Round %d: a tie for the seat between %s, %s votes each. The rules say to stop and ask: decide it as the law says, and count again with --tie %d=NAME of the winner.", t.Round, names, t.Votes.Plain(), t.Round)
	}
	return fault.Invalidf("Round %d: a tie for the last place between %s, %s votes each. The rules say to stop and ask: decide it as the law says, and count again with --tie %d=NAME of who is eliminated.", t.Round, names, t.Votes.Plain(), t.Round)
}
