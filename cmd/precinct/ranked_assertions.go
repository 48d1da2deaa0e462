package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/election/audit/raire"
	"github.com/openprecinct/precinct/election/ranked"
)

type rankedAssertionsCmd struct {
	answer
	countedBy
	Config string `help:"The contest: RCTab's file of settings. It has one seat." required:"" placeholder:"FILE"`
}

// assertionsReport is what the command answers.
type assertionsReport struct {
	Contest    string          `json:"contest"`
	Winner     string          `json:"winner"`
	Ballots    int64           `json:"ballots"`
	Assertions []assertionLine `json:"assertions"`
}

type assertionLine struct {
	Kind   string `json:"kind"`
	Says   string `json:"says"`
	Margin int    `json:"margin"` // ballots
}

func (c *rankedAssertionsCmd) Run(ctx context.Context, s streams) error {
	f, err := readContest(c.Config)
	if err != nil {
		return err
	}
	ask, err := c.asker(&f.settings.Contest)
	if err != nil {
		return err
	}
	if f.settings.Rules.Winners != 1 {
		return errors.New("assertions are for contests with one seat; nobody knows yet how to audit others this way")
	}
	p, err := f.profile(ctx, nil, nil)
	if err != nil {
		return err
	}
	results, err := ranked.Tabulate(ctx, &f.settings.Contest, p, ask)
	if err != nil {
		return err
	}
	won := results[0].Winners()
	if len(won) != 1 {
		return errors.New("the count stopped before anybody won")
	}
	r, err := assertionsFor(&f.settings.Contest, p, won[0])
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	out := bufio.NewWriter(s.out)
	_, _ = fmt.Fprintf(out, "%s: %s won, if all of this is true of the %d ballots on paper:\n", r.Contest, r.Winner, r.Ballots)
	for _, a := range r.Assertions {
		_, _ = fmt.Fprintf(out, "%s (margin %d)\n", a.Says, a.Margin)
	}
	return out.Flush()
}

// assertionsFor finds what suffices to prove the winner of a ranked contest, on ballots as the rules of the count read them.
func assertionsFor(contest *ranked.Contest, p *ranked.Profile, winner int) (*assertionsReport, error) {
	var names []string
	for i := range contest.Size() {
		names = append(names, contest.NameOf(i))
	}
	q, err := raire.NewProfile(names)
	if err != nil {
		return nil, err
	}
	p.Each(func(marks []ranked.Mark, count int64) {
		if err != nil {
			return
		}
		order, ok := contest.Preferences(marks)
		if !ok {
			err = fmt.Errorf("a ballot has an overvote, and under exhaustIfMultipleContinuing its ranking hangs on the order of eliminations: such a contest cannot be proven by assertions")
			return
		}
		var ranking []int8
		for _, i := range order {
			ranking = append(ranking, int8(i)) // #nosec G115 -- NewProfile takes few
		}
		err = q.Add(ranking, int(count))
	})
	if err != nil {
		return nil, err
	}
	found, err := raire.Assertions(q, winner, 0)
	if err != nil {
		return nil, err
	}
	r := &assertionsReport{Contest: contest.Name, Winner: contest.NameOf(winner), Ballots: p.Ballots}
	for _, a := range found.Assertions {
		r.Assertions = append(r.Assertions, assertionLine{a.Kind.String(), q.Say(a), q.Margin(a)})
	}
	return r, nil
}
