package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/audit/plan"
)

type auditPlanCmd struct {
	answer
	Ballots   int            `help:"Ballots with the contest on them." required:"" placeholder:"N"`
	Margin    float64        `help:"Margin between winner and runner-up, in percent of all ballots." xor:"outcome" required:"" placeholder:"PERCENT"`
	Tally     map[string]int `help:"Reported votes by candidate: A=600;B=400." xor:"outcome" required:"" placeholder:"NAME=VOTES"`
	Winners   int            `help:"How many win." default:"1"`
	Allowed   int            `help:"Votes a voter may cast in the contest." default:"1"`
	Method    string         `help:"bravo, minerva, providence, alpha-polling, supersimple, alpha-comparison or macro." default:"alpha-comparison" enum:"bravo,minerva,providence,alpha-polling,supersimple,alpha-comparison,macro"`
	RiskLimit float64        `help:"Risk limit in percent." default:"5" placeholder:"PERCENT"`
	Over1     float64        `help:"Ballots in a thousand whose record overstates the margin by one vote." default:"1" placeholder:"N"`
	Over2     float64        `help:"The same, by two votes." default:"0.1" placeholder:"N"`
	Under1    float64        `help:"Ballots in a thousand whose record understates it by one vote." default:"1" placeholder:"N"`
	Under2    float64        `help:"The same, by two votes." default:"0.1" placeholder:"N"`
	Batch     int            `help:"Ballots in a batch (macro)." default:"500" placeholder:"N"`
	County    []string       `help:"A county: its name, its ballots, and its teams if there is more than one: Adams=75000:3. Repeat for each." placeholder:"NAME=BALLOTS:TEAMS" sep:"none"`
	Minutes   float64        `help:"Minutes to find a ballot and write down what is on it." default:"3"`
	Seed      uint64         `help:"The same seed gives the same plan." default:"1"`
	Curve     bool           `help:"Print the whole curve too."`
}

func (c *auditPlanCmd) Run(s streams) error {
	q, err := c.question()
	if err != nil {
		return err
	}
	a, err := q.Ask()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, a)
	}
	return c.print(s.out, a)
}

func (c *auditPlanCmd) question() (plan.Question, error) {
	q := plan.Question{
		Contest: plan.FromMargin(c.Ballots, c.Margin/100), Method: plan.Method(c.Method), Limit: audit.Limit(c.RiskLimit * 100), BatchSize: c.Batch, Minutes: c.Minutes, Seed: c.Seed,
		Rates: plan.Rates{Over1: c.Over1 / 1000, Over2: c.Over2 / 1000, Under1: c.Under1 / 1000, Under2: c.Under2 / 1000},
	}
	if len(c.Tally) > 0 {
		q.Contest = audit.Contest{Ballots: c.Ballots, NumWinners: c.Winners, VotesAllowed: c.Allowed}
		for _, id := range slices.Sorted(maps.Keys(c.Tally)) {
			q.Contest.Candidates = append(q.Contest.Candidates, audit.Candidate{ID: id, Votes: c.Tally[id]})
		}
	}
	for _, text := range c.County {
		county, err := parseCounty(text)
		if err != nil {
			return q, err
		}
		q.Counties = append(q.Counties, county)
	}
	return q, nil
}

// parseCounty reads NAME=BALLOTS or NAME=BALLOTS:TEAMS.
func parseCounty(text string) (plan.County, error) {
	name, rest, ok := strings.Cut(text, "=")
	ballots, teams, more := strings.Cut(rest, ":")
	c := plan.County{Name: name, Teams: 1}
	var err, err2 error
	if c.Ballots, err = strconv.Atoi(ballots); more {
		c.Teams, err2 = strconv.Atoi(teams)
	}
	if !ok || name == "" || err != nil || err2 != nil {
		return c, fmt.Errorf("--county %q: write it as Adams=75000 or Adams=75000:3", text)
	}
	return c, nil
}

func (c *auditPlanCmd) print(out io.Writer, a plan.Answer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(w, "chance to finish\t%s to draw\tballots to look at\thours\t\n", a.Draws)
	for _, t := range a.Targets {
		note := ""
		if t.Full {
			note = "  a full count"
		}
		_, _ = fmt.Fprintf(w, "%.0f %%\t%d\t%d\t%.1f\t%s\n", 100*t.Chance, t.Draws, t.Ballots, t.Hours, note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\nA sample that grows until the audit ends draws %d %s on average.\n", a.Expected, a.Draws)
	if len(c.County) > 0 {
		c.printCounties(out, a)
	}
	if c.Curve {
		for _, p := range a.Curve {
			_, _ = fmt.Fprintf(out, "%d\t%.4f\n", p.Draws, p.Chance)
		}
	}
	return nil
}

// planned is the chance for which the counties' work is printed.
const planned = .9

func (c *auditPlanCmd) printCounties(out io.Writer, a plan.Answer) {
	t := a.Targets[slices.Index(plan.Chances, planned)]
	_, _ = fmt.Fprintf(out, "\nFor a chance of %.0f %%:\n", 100*planned)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, x := range t.Each {
		_, _ = fmt.Fprintf(w, "%s\t%d ballots\t%d teams\t%.1f hours\n", x.County.Name, x.Ballots, max(1, x.County.Teams), x.Hours)
	}
	_ = w.Flush()
}
