package tabulate

import (
	"slices"

	"github.com/openprecinct/precinct/election/ballot"
)

// partyContest is a straight-party contest and what a mark in it can mean elsewhere.
type partyContest struct {
	contest int
	of      [][]ofParty // by option of the contest
}

// ofParty is a contest with candidates of a party.
type ofParty struct {
	contest int
	options []int
}

func partyContests(e *ballot.Election) []partyContest {
	var all []partyContest
	for i, c := range e.Contests {
		if c.Kind != ballot.StraightParty {
			continue
		}
		p := partyContest{contest: i, of: make([][]ofParty, len(c.Options))}
		for o, party := range c.Options {
			for j, other := range e.Contests {
				x := ofParty{contest: j}
				for k, candidate := range other.Options {
					if other.Kind == ballot.Candidates && slices.Contains(candidate.Parties, party.ID) {
						x.options = append(x.options, k)
					}
				}
				if len(x.options) > 0 {
					p.of[o] = append(p.of[o], x)
				}
			}
		}
		all = append(all, p)
	}
	return all
}

// straight gives a party's candidates the votes of a mark for it. A party contest with no mark or with several changes nothing.
func (t *Totals) straight(p partyContest, votes []Vote) []Vote {
	i := slices.IndexFunc(votes, func(v Vote) bool { return v.Contest == p.contest })
	if i < 0 || len(votes[i].Options) != 1 || votes[i].Written > 0 {
		return votes
	}
	t.votes = append(t.votes[:0], votes...)
	for _, x := range p.of[votes[i].Options[0]] {
		j := slices.IndexFunc(t.votes, func(v Vote) bool { return v.Contest == x.contest })
		if j < 0 {
			continue
		}
		v := &t.votes[j]
		direct := len(v.Options) + v.Written
		if t.rules.StraightParty == Exclusive && direct > 0 {
			continue
		}
		var others []int
		for _, o := range x.options {
			if !slices.Contains(v.Options, o) {
				others = append(others, o)
			}
		}
		if t.election.Contests[x.contest].Seats-direct >= len(others) {
			v.Options = slices.Concat(v.Options, others)
		}
	}
	return t.votes
}

// noParty is the party of a ballot of a combined primary without a vote for any.
const noParty = "none"

// crossed finds whose ballot of a combined primary it is. Where votes were given in the contests of two parties, none of those count: they are as if nothing
// were marked. The contests of other parties are not the voter's; they do not stand in what is returned.
func (t *Totals) crossed(votes []Vote) (party string, mine []Vote) {
	crossed := false
	for _, v := range votes {
		of := t.election.Contests[v.Contest].Party
		if of == "" || len(v.Options)+v.Written == 0 {
			continue
		}
		crossed = crossed || party != "" && party != of
		party = of
	}
	if crossed {
		party = ""
	}
	mine = make([]Vote, 0, len(votes))
	for _, v := range votes {
		if of := t.election.Contests[v.Contest].Party; of == "" || of == party {
			mine = append(mine, v)
		}
	}
	if party == "" {
		party = noParty
	}
	return party, mine
}
