package ranked

import (
	"cmp"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// teller says what happened in a count in a reader's language.
type teller struct {
	words.Translator
	r *Result
}

// Explain says each round in plain words: who leads, what was needed, who was elected or eliminated and why, and where
// their votes went. One text a round.
func (r *Result) Explain(t words.Translator) []string {
	x := teller{t, r}
	var all []string
	for n := range r.Rounds {
		all = append(all, strings.Join(x.round(n), " "))
	}
	return all
}

// votes writes a number of votes, whole ones grouped.
func (x teller) votes(d Decimal) string {
	if d.scale == 0 && d.units.IsInt64() {
		return x.Number(d.units.Int64())
	}
	return d.Plain()
}

// list joins names as a sentence does.
func (x teller) list(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	last := len(names) - 1
	return x.T("%s and %s", strings.Join(names[:last], "; "), names[last])
}

func (x teller) names(list []int) string { return x.list(x.called(list)) }

func (x teller) called(list []int) []string {
	var all []string
	for _, i := range list {
		all = append(all, x.name(i))
	}
	return all
}

func (x teller) name(i int) string {
	if i == len(x.r.Contest.Candidates) {
		return x.T("the undeclared write-ins")
	}
	return x.r.Contest.NameOf(i)
}

func (x teller) round(n int) []string {
	r, rd := x.r, &x.r.Rounds[n]
	said := []string{x.T("Round %d.", n+1)}
	active := r.ActiveVotes(n, 0)
	switch {
	case r.Contest.Rules.Method == BottomsUp, r.Contest.Rules.Method == BottomTwoRunoff:
		said = append(said, x.T("%s votes count.", x.votes(active)))
	case r.Contest.Rules.Method == BottomsUpPercent:
		said = append(said, x.T("%s votes count. Everybody must have %s of them, %s percent.", x.votes(active), x.votes(rd.Threshold), r.Contest.Rules.Percent.Plain()))
	default:
		said = append(said, x.T("%s votes count. To be elected takes %s.", x.votes(active), x.votes(rd.Threshold)))
	}
	said = append(said, x.leaders(n)...)
	for i := range rd.Ties {
		said = append(said, x.tie(&rd.Ties[i]))
	}
	said = append(said, x.elected(n)...)
	if len(rd.Eliminated) > 0 {
		said = append(said, x.eliminated(n))
	}
	for _, i := range slices.Concat(rd.Elected, rd.Eliminated) {
		said = append(said, x.moved(n, i)...)
	}
	if len(rd.Elected)+len(rd.Eliminated) == 0 && n == len(r.Rounds)-1 {
		said = append(said, x.T("All seats are filled."))
	}
	return said
}

func (x teller) leaders(n int) []string {
	r := x.r
	var all []int
	for _, i := range r.Order {
		if _, in := r.Votes(n, 0, i); in && (r.elected[i] == 0 || r.elected[i] > n) {
			all = append(all, i)
		}
	}
	votes := func(i int) Decimal { v, _ := r.Votes(n, 0, i); return v }
	slices.SortStableFunc(all, func(a, b int) int { return votes(b).Cmp(votes(a)) })
	switch {
	case len(all) < 2:
		return nil
	case votes(all[0]).Cmp(votes(all[1])) == 0:
		return []string{x.T("%s and %s lead with %s votes each.", x.name(all[0]), x.name(all[1]), x.votes(votes(all[0])))}
	}
	return []string{x.T("%s leads with %s votes, before %s with %s.", x.name(all[0]), x.votes(votes(all[0])), x.name(all[1]), x.votes(votes(all[1])))}
}

func (x teller) tie(t *Tie) string {
	who, chosen, votes := x.names(t.Among), x.name(t.Chosen), x.votes(t.Votes)
	said := x.T("%s are tied with %s votes.", who, votes)
	switch t.By {
	case PreviousRandom:
		if t.Winning {
			return said + " " + x.T("%s had the most of them in round %d, which decides.", chosen, t.Earlier)
		}
		return said + " " + x.T("%s had the fewest of them in round %d, which decides.", chosen, t.Earlier)
	case Random:
		return said + " " + x.T("The lot, drawn from the published seed, falls on %s.", chosen)
	case Ask:
		return said + " " + x.T("It was decided by those who counted: %s.", chosen)
	case CandidateOrder:
		return said + " " + x.T("The order of the candidates decides: %s.", chosen)
	default:
		return said + " " + x.T("The order drawn from the published seed before the count decides: %s.", chosen)
	}
}

func (x teller) elected(n int) []string {
	r, rd := x.r, &x.r.Rounds[n]
	var said []string
	for _, i := range rd.Elected {
		v, _ := r.Votes(n, 0, i)
		switch {
		case v.Cmp(rd.Threshold) >= 0 || r.TieAt(n, i) != nil || r.Contest.Rules.Method == BottomsUp || r.Contest.Rules.Method == BottomTwoRunoff:
			said = append(said, x.T("%s is elected with %s votes.", x.name(i), x.votes(v)))
		case x.left(n) == 2 && r.Contest.Rules.Winners == 1:
			said = append(said, x.T("%s is elected with %s votes, the most of the last two.", x.name(i), x.votes(v)))
		default:
			said = append(said, x.T("%s is elected with %s votes: there are no more candidates than seats.", x.name(i), x.votes(v)))
		}
	}
	return said
}

// left returns how many candidates were in the race in a round.
func (x teller) left(n int) int {
	left := 0
	for i, in := range x.r.Rounds[n].In {
		if in && (x.r.elected[i] == 0 || x.r.elected[i] > n) {
			left++
		}
	}
	return left
}

func (x teller) eliminated(n int) string {
	r, rd := x.r, &x.r.Rounds[n]
	sum := NewDecimal(0)
	for _, i := range rd.Eliminated {
		v, _ := r.Votes(n, 0, i)
		sum = sum.Plus(v)
	}
	who := x.names(rd.Eliminated)
	switch rd.Reason {
	case UndeclaredWriteIns:
		return x.T("The undeclared write-ins, %s votes, are eliminated: nobody who was not declared can win.", x.votes(sum))
	case BelowCutoff:
		return x.T("Eliminated below the share: %s.", who)
	case TogetherFewer:
		return x.T("%s are eliminated together: all their votes, %s, are fewer than those of the next candidate, so none of them can win.", who, x.votes(sum))
	case NotFirstTwo:
		return x.T("Only the first two go on. Eliminated: %s.", who)
	case LostRunoff:
		a, b := rd.Duel[0], rd.Duel[1]
		return x.T("The last two are %s and %s: %s ballots prefer the first, %s the second. Eliminated: %s.", x.name(a), x.name(b), x.Number(rd.DuelVotes[0]), x.Number(rd.DuelVotes[1]), who)
	}
	return x.T("%s is eliminated with the fewest votes, %s.", who, x.votes(sum))
}

// moved says where a candidate's votes go.
func (x teller) moved(n, i int) []string {
	all := x.r.Transfers(n, 0, i)
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b Transfer) int { return cmp.Or(cmp.Compare(min(b.To, 0), min(a.To, 0)), b.Votes.Cmp(a.Votes)) })
	var parts []string
	for _, t := range all {
		switch t.To {
		case ToExhausted:
			parts = append(parts, x.T("%s to nobody, as their ballots are exhausted", x.votes(t.Votes)))
		case ToResidual:
			parts = append(parts, x.T("%s are lost to rounding", x.votes(t.Votes)))
		default:
			parts = append(parts, x.T("%s to %s", x.votes(t.Votes), x.name(t.To)))
		}
	}
	return []string{x.T("From %s go %s.", x.name(i), x.list(parts))}
}

// Tell says a ballot's way through the rounds, one sentence a round.
func (r *Result) Tell(marks []Mark, t words.Translator) []string {
	x := teller{t, r}
	var all []string
	for _, at := range r.Trace(marks) {
		said := x.T("Round %d: ", at.Round)
		switch {
		case at.Status == Active && at.Moved:
			said += x.T("counts for %s", x.name(at.Candidate))
		case at.Status == Active:
			said += x.T("stays with %s", x.name(at.Candidate))
		default:
			said += x.status(at.Status)
		}
		if at.Value.Cmp(NewDecimal(1)) != 0 {
			said += x.T(", with %s of a vote", at.Value.Plain())
		}
		for _, s := range at.Steps {
			said += "; " + x.step(s)
		}
		all = append(all, said+".")
	}
	return all
}

func (x teller) status(s Status) string {
	switch s {
	case DidNotRank:
		return x.T("ranks nobody")
	case ByOvervote:
		return x.T("counts for nobody, because of an overvote")
	case BySkipped:
		return x.T("counts for nobody, because ranks were left out")
	case ByRepeated:
		return x.T("counts for nobody, because a candidate is ranked twice")
	case FinalSurplus:
		return x.T("is left over: all seats are filled")
	}
	return x.T("counts for nobody: it ranks nobody who is left")
}

func (x teller) step(s Step) string {
	var names []string
	for _, c := range s.Candidates {
		if c == Overvote {
			names = append(names, x.T("several candidates"))
			continue
		}
		names = append(names, x.name(c))
	}
	who := x.list(names)
	switch s.Cause {
	case Counted:
		return x.T("rank %d, %s: counts", s.Rank, who)
	case Passed:
		return x.T("rank %d, %s: no longer in the race", s.Rank, who)
	case Skipped:
		return x.T("rank %d, %s: an overvote, passed over", s.Rank, who)
	case Overvoted:
		return x.T("rank %d, %s: an overvote, which ends the ballot", s.Rank, who)
	case TooManyGap:
		return x.T("before rank %d, %s: too many ranks left out, which ends the ballot", s.Rank, who)
	case Repeated:
		return x.T("rank %d, %s: ranked before, which ends the ballot", s.Rank, who)
	}
	return x.T("rank %d, %s: all seats are filled", s.Rank, who)
}

// Say says in words what another rule would have done.
func (a *Alternative) Say(contest *Contest, t words.Translator) string {
	x := teller{t, &Result{Contest: contest}}
	who := x.names(a.Winners)
	var said string
	switch a.Option {
	case OvervoteOption:
		said = x.T("Another rule for overvotes, %s instead of %s, would elect %s.", a.Rules.Overvote.String(), contest.Rules.Overvote.String(), who)
	case SkippedOption:
		said = x.T("Another rule for ranks left out, %s instead of %s, would elect %s.", x.skips(a.Rules.MaxSkipped), x.skips(contest.Rules.MaxSkipped), who)
	case DuplicateOption:
		said = x.T("The other rule for candidates ranked twice would elect %s.", who)
	case BatchOption:
		said = x.T("The other rule for eliminating several candidates at once would elect %s.", who)
	default:
		return x.T("In round %d a tie was broken for %s. Broken for %s, it would elect %s.", a.Round, x.name(a.Tie.Chosen), x.name(a.Instead), who)
	}
	if a.Ballots == 0 {
		return said
	}
	said += " " + x.T("It treats %s ballots another way, the first in round %d.", x.Number(a.Ballots), a.Round)
	for _, s := range a.Such {
		said += " " + x.T("%s ballots like “%s” would count in round %d for %s instead of %s.", x.Number(s.Count), x.ballot(s.Marks), s.Round, x.nameOrNobody(s.Would), x.nameOrNobody(s.Was))
	}
	return said
}

func (x teller) skips(n int) string {
	if n == Unlimited {
		return x.T("any number")
	}
	return x.Number(int64(n))
}

func (x teller) nameOrNobody(i int) string {
	if i < 0 {
		return x.T("nobody")
	}
	return x.name(i)
}

// ballot writes a ballot in one line: ranks in order, several at one rank joined by =.
func (x teller) ballot(marks []Mark) string {
	var b strings.Builder
	rank := 0
	for i, m := range marks {
		switch {
		case i > 0 && m.Rank == rank:
			b.WriteString(" = ")
		default:
			if i > 0 {
				b.WriteString(" > ")
			}
			for rank++; rank < m.Rank; rank++ {
				b.WriteString("– > ")
			}
		}
		if m.Candidate == Overvote {
			b.WriteString(x.T("several candidates"))
		} else {
			b.WriteString(x.name(m.Candidate))
		}
	}
	return b.String()
}

// Say writes a ballot in one line, by rank: several candidates at one rank are joined by =, a rank left out is –.
func (c *Contest) Say(marks []Mark, t words.Translator) string {
	return teller{t, &Result{Contest: c}}.ballot(marks)
}
