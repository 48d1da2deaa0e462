package record

import (
	"maps"
	"slices"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/internal/fault"
)

// judgement is what the rounds of a contest have shown.
type judgement struct {
	risk          audit.Risk
	papers        int // looked at
	draws         int
	missing       int
	discrepancies int
}

// take adds what was found in a round: of every paper drawn in it for the first time, and of no other.
func (c *contest) take(a Audited) error {
	if a.Round != len(c.rounds) || c.judged != a.Round-1 {
		return fault.Invalidf("“%s”: what was found in round %d does not follow what was drawn in it.", c.Name, a.Round)
	}
	c.judged++
	drawn := map[Paper]bool{}
	for _, d := range c.rounds[a.Round-1].all() {
		drawn[d.Paper] = true
	}
	mixed, err := c.mix(a.Combined)
	if err != nil {
		return err
	}
	for _, x := range a.Found {
		if err := c.check(x, a.Round, drawn, mixed); err != nil {
			return err
		}
		c.found[x.Paper] = x
	}
	for _, d := range c.rounds[a.Round-1].all() {
		if _, ok := c.found[d.Paper]; !ok && !mixed[d.Paper] {
			return fault.Invalidf("“%s”, round %d: %s was drawn, and the record does not say what was found. A ballot that is lost has to be written down as missing.", c.Name, a.Round, d.Paper.String())
		}
	}
	return nil
}

// check refuses what cannot have been found.
func (c *contest) check(x Found, round int, drawn, mixed map[Paper]bool) error {
	before, again := c.found[x.Paper]
	switch {
	case again && !same(before, x):
		return fault.Invalidf("“%s”, round %d: %s is written down as another than before. What was found once is not found otherwise later.", c.Name, round, x.Paper.String())
	case !drawn[x.Paper]:
		return fault.Invalidf("“%s”, round %d: %s was not drawn, but the record says what was found on it. Only what was drawn counts.", c.Name, round, x.Paper.String())
	case mixed[x.Paper]:
		return fault.Invalidf("“%s”, round %d: %s was counted by itself and also together with others. Its ballots cannot be in both counts.", c.Name, round, x.Paper.String())
	case x.Missing && c.Method == MACRO:
		return fault.Invalidf("“%s”, round %d: %s is a batch and is missing as a whole. Write down what was counted; ballots that are missing are no votes.", c.Name, round, x.Paper.String())
	case (x.Missing || x.Absent) && len(x.Votes) > 0:
		return fault.Invalidf("“%s”, round %d: %s is missing or does not have the contest, and has votes.", c.Name, round, x.Paper.String())
	}
	return c.checkVotes(x.Paper.String(), x.Votes, round)
}

func (c *contest) checkVotes(what string, votes map[string]int, round int) error {
	for _, name := range slices.Sorted(maps.Keys(votes)) {
		n := votes[name]
		if !slices.ContainsFunc(c.Choices, func(o Choice) bool { return o.Name == name }) {
			return fault.Invalidf("“%s”, round %d: %s has a vote for “%s”, who is not in the contest. Names must be those of the commitment.", c.Name, round, what, name)
		}
		if n < 0 || c.Method != MACRO && n > 1 {
			return fault.Invalidf("“%s”, round %d: %s has %d votes for “%s”.", c.Name, round, what, n, name)
		}
	}
	return nil
}

// mix takes batches that were counted together.
func (c *contest) mix(groups []Combined) (map[Paper]bool, error) {
	c.combined = append(c.combined, groups...)
	mixed := map[Paper]bool{}
	all := c.batches()
	for _, g := range c.combined {
		if c.Method != MACRO || len(g.Batches) < 2 {
			return nil, fault.Invalidf("“%s”: batches counted together are two or more, and only in a comparison of batches.", c.Name)
		}
		for _, b := range g.Batches {
			if !slices.Contains(all, b) {
				return nil, fault.Invalidf("“%s”: %s was counted together with others, and is in no manifest.", c.Name, b.String())
			}
			if _, alone := c.found[b]; alone || mixed[b] {
				return nil, fault.Invalidf("“%s”: %s was counted twice, alone or together with others. Its ballots cannot be in both counts.", c.Name, b.String())
			}
			mixed[b] = true
		}
		if err := c.checkVotes(g.Batches[0].String(), g.Votes, len(c.rounds)); err != nil {
			return nil, err
		}
	}
	return mixed, nil
}

func same(a, b Found) bool {
	return a.Missing == b.Missing && a.Absent == b.Absent && maps.Equal(a.Votes, b.Votes)
}

// judge derives the p-value of all rounds taken.
func (f *follower) judge(c *contest) (judgement, error) {
	var j judgement
	for _, r := range c.rounds[:c.judged] {
		j.draws += len(r.all())
	}
	j.papers = len(c.found)
	for _, x := range c.found {
		if x.Missing {
			j.missing++
		}
	}
	var err error
	switch c.Method {
	case SuperSimple, SHANGRLA, SUITE:
		err = f.judgeBallots(c, &j)
	case MACRO:
		err = c.judgeBatches(&j)
	default:
		j.risk, err = c.poll()
	}
	if err != nil {
		return j, fault.Invalidf("“%s”: what was found cannot be judged: %s.", c.Name, err.Error())
	}
	return j, nil
}

// judgeBallots compares ballots with their records.
func (f *follower) judgeBallots(c *contest, j *judgement) error {
	times, order := c.times()
	unknown := map[Paper]bool{}
	for _, p := range order {
		if _, ok := c.reported[p]; !ok {
			unknown[p] = true
		}
	}
	if err := f.lookUp(c, unknown); err != nil {
		return err
	}
	var sample []audit.BallotSample
	for _, p := range order {
		sample = append(sample, audit.BallotSample{Times: times[p], Reported: c.reads(p), Audited: c.audit(c.found[p])})
	}
	risk, differ, err := audit.SuperSimple{Contest: c.audited(), Limit: audit.Limit(c.RiskLimit)}.Risk(sample)
	j.discrepancies = len(differ)
	switch c.Method {
	case SHANGRLA:
		j.risk, err = c.bet()
	case SUITE:
		j.risk, err = c.suite(sample)
	default:
		j.risk = risk
	}
	return err
}

// reads is what the record of a paper says, as package audit takes it.
func (c *contest) reads(p Paper) audit.Mark {
	m, ok := c.reported[p]
	if !ok {
		return audit.Mark{Missing: true}
	}
	return audit.Mark{Votes: m.votes, Absent: !m.on, Over: m.over, Under: m.under}
}

// audit is what people found, as package audit takes it: too many votes are votes for nobody.
func (c *contest) audit(x Found) audit.Mark {
	m := audit.Mark{Votes: audit.Tally{}, Absent: x.Absent, Missing: x.Missing}
	if sum(x.Votes) <= c.VotesAllowed {
		maps.Copy(m.Votes, x.Votes)
	}
	return m
}

func sum(votes map[string]int) int {
	n := 0
	for _, v := range votes {
		n += v
	}
	return n
}

// times counts how often each paper was drawn, and returns the papers in the order of their first draw.
func (c *contest) times() (map[Paper]int, []Paper) {
	times := map[Paper]int{}
	var order []Paper
	for _, r := range c.rounds[:c.judged] {
		for _, d := range r.draws {
			if times[d.Paper]++; times[d.Paper] == 1 {
				order = append(order, d.Paper)
			}
		}
	}
	return times, order
}

// macro is the comparison of batches as package audit knows it.
func (c *contest) macro() audit.MACRO {
	m := audit.MACRO{Contest: c.audited(), Limit: audit.Limit(c.RiskLimit)}
	papers := c.batches()
	i := 0
	for _, p := range c.places {
		for _, b := range p.manifest.Batches {
			t := audit.Tally{}
			for k, o := range c.Choices {
				t[o.Name] = c.tallies[i].Votes[0][k]
			}
			m.Batches = append(m.Batches, audit.Batch{Ballots: b.Ballots, Votes: t})
			i++
		}
	}
	for _, g := range c.combined {
		var members []int
		for _, b := range g.Batches {
			members = append(members, slices.Index(papers, b))
		}
		m.Combined = append(m.Combined, members)
	}
	return m
}

func (c *contest) judgeBatches(j *judgement) error {
	m := c.macro()
	times, order := c.times()
	papers := c.batches()
	var sample []audit.BatchSample
	for _, p := range order {
		x := c.found[p]
		s := audit.BatchSample{Batch: slices.Index(papers, p), Draws: times[p], Votes: x.Votes, Lacks: x.Absent}
		for _, g := range c.combined {
			if slices.Contains(g.Batches, p) {
				s.Votes = g.Votes
			}
		}
		sample = append(sample, s)
		reported := m.Batches[s.Batch].Votes
		for name, n := range reported {
			if s.Votes[name] != n {
				j.discrepancies++
				break
			}
		}
	}
	risk, err := m.Risk(sample)
	j.risk = risk
	return err
}

// poll counts the votes of every draw, round by round.
func (c *contest) poll() (audit.Risk, error) {
	var rounds []audit.Round
	for _, r := range c.rounds[:c.judged] {
		k := audit.Round{Size: len(r.draws), Votes: audit.Tally{}}
		for _, d := range r.draws {
			x := c.found[d.Paper]
			if x.Missing {
				k.NotFound++
			}
			for name, n := range c.audit(x).Votes {
				k.Votes[name] += n
			}
		}
		rounds = append(rounds, k)
	}
	limit := audit.Limit(c.RiskLimit)
	switch c.Method {
	case Minerva:
		return audit.Minerva{Contest: c.audited(), Limit: limit}.Risk(rounds)
	case Providence:
		return audit.Providence{Contest: c.audited(), Limit: limit}.Risk(rounds)
	default:
		return audit.BRAVO{Contest: c.audited(), Limit: limit}.Risk(rounds)
	}
}
