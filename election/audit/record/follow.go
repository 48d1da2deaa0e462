package record

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/openprecinct/precinct/election/audit/sampler"
	"github.com/openprecinct/precinct/election/cvr"
	"github.com/openprecinct/precinct/election/cvr/vendor"
	"github.com/openprecinct/precinct/election/manifest"
	"github.com/openprecinct/precinct/internal/fault"
)

// follower is an audit as far as its steps are known. Whoever makes a record and whoever checks one walk the same way.
type follower struct {
	parts    map[string]cvr.Source
	com      Commitment
	places   []*place // jurisdictions by name
	contests map[string]*contest
	seed     string
	seeded   bool
}

// place is a jurisdiction with its papers.
type place struct {
	Jurisdiction
	manifest *manifest.Manifest
	records  int
	at       []int32 // position of each card
}

// round is what was drawn: Polled is SUITE's sample of ballots without records.
type round struct{ draws, polled []Draw }

// all are the draws of both samples.
func (r round) all() []Draw { return slices.Concat(r.draws, r.polled) }

// contest is one contest with what was found so far.
type contest struct {
	Contest
	places   []*place
	tallies  []manifest.Tally // of all places in turn, of a batch comparison
	rounds   []round
	found    map[Paper]Found
	combined []Combined
	reported map[Paper]mark
	judged   int            // rounds
	counted  map[string]int // votes in the records
}

// commit takes the first step: reads manifests, records and tallies, and holds them against each other and what is reported.
func (f *follower) commit(c Commitment) error {
	if c.Format != Format || c.Version != Version {
		return fault.Invalidf("The record says it is “%s”, version %d; this program knows version %d of “%s”. Use a program of its time.", c.Format, c.Version, Version, Format)
	}
	f.com, f.contests = c, map[string]*contest{}
	hybrid := slices.ContainsFunc(c.Contests, func(k Contest) bool { return k.Method == SUITE })
	for _, j := range c.Jurisdictions {
		p, err := f.place(j, hybrid)
		if err != nil {
			return err
		}
		f.places = append(f.places, p)
	}
	slices.SortFunc(f.places, func(a, b *place) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for i := 1; i < len(f.places); i++ {
		if f.places[i].Name == f.places[i-1].Name {
			return fault.Invalidf("The commitment names the jurisdiction “%s” twice. Its ballots would be drawn twice as often as others.", f.places[i].Name)
		}
	}
	for _, k := range c.Contests {
		if err := f.contest(k); err != nil {
			return err
		}
	}
	if len(f.contests) == 0 {
		return fault.Invalidf("The commitment names no contest, so nothing is audited.")
	}
	for _, p := range f.places {
		if err := f.tally(p); err != nil {
			return err
		}
	}
	return f.outcomes()
}

// part returns a part that the commitment names.
func (f *follower) part(name string) (cvr.Source, error) {
	s, ok := f.parts[name]
	if _, committed := f.com.Parts[name]; !ok || !committed {
		return s, fault.Invalidf("The part “%s” is used, and is not among the parts that were committed to.", name)
	}
	return s, nil
}

func (f *follower) place(j Jurisdiction, hybrid bool) (*place, error) {
	s, err := f.part(j.Manifest)
	if err != nil {
		return nil, err
	}
	r, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", j.Manifest, err)
	}
	m, err := manifest.Read(j.Manifest, r, manifest.Options{Tabulator: j.Records != nil || hybrid, CVR: hybrid})
	return &place{Jurisdiction: j, manifest: m}, errors.Join(err, r.Close())
}

func (f *follower) contest(k Contest) error {
	c := &contest{Contest: k, found: map[Paper]Found{}, reported: map[Paper]mark{}}
	if f.contests[k.Name] != nil {
		return fault.Invalidf("The commitment names the contest “%s” twice.", k.Name)
	}
	if !k.Method.compares() && !k.Method.polls() && k.Method != MACRO {
		return fault.Invalidf("“%s” is audited by “%s”, a method that this program does not know.", k.Name, string(k.Method))
	}
	if err := k.audited().Check(); err != nil {
		return fault.Invalidf("The outcome reported for “%s” is not possible: %s.", k.Name, err.Error())
	}
	ballots := 0
	for _, p := range f.places {
		if len(k.Jurisdictions) == 0 || slices.Contains(k.Jurisdictions, p.Name) {
			c.places = append(c.places, p)
			ballots += p.manifest.Ballots
		}
	}
	if len(c.places) < len(k.Jurisdictions) || len(c.places) == 0 {
		return fault.Invalidf("“%s” was voted on where the commitment has no manifest of.", k.Name)
	}
	if ballots != k.Ballots {
		return fault.Invalidf("“%s” is audited as a contest of %d ballots, and the manifests of its jurisdictions list %d. With another number every p-value is another.", k.Name, k.Ballots, ballots)
	}
	for _, p := range c.places {
		if k.Method.compares() && k.Method != SUITE && p.Records == nil || k.Method == MACRO && p.Tallies == "" {
			return fault.Invalidf("“%s” is compared with what was reported, and the commitment has no records or tallies of %s.", k.Name, p.Name)
		}
	}
	f.contests[k.Name] = c
	return nil
}

// in reports whether a contest was voted on in a place.
func (c *contest) in(p *place) bool { return slices.Contains(c.places, p) }

// here returns the contests of a place by some method, in the order of the commitment.
func (f *follower) here(p *place, of func(Method) bool) []*contest {
	var all []*contest
	for _, k := range f.com.Contests {
		if c := f.contests[k.Name]; of(c.Method) && c.in(p) {
			all = append(all, c)
		}
	}
	return all
}

// tally reads the batch tallies of a place.
func (f *follower) tally(p *place) error {
	contests := f.here(p, func(m Method) bool { return m == MACRO })
	if len(contests) == 0 {
		return nil
	}
	s, err := f.part(p.Tallies)
	if err != nil {
		return err
	}
	var asked []manifest.Contest
	for _, c := range contests {
		k := manifest.Contest{Name: c.Name, VotesAllowed: c.VotesAllowed}
		for _, o := range c.Choices {
			k.Choices = append(k.Choices, o.Name)
		}
		asked = append(asked, k)
	}
	r, err := s.Open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", p.Tallies, err)
	}
	tallies, err := manifest.ReadTallies(p.Tallies, r, p.manifest, asked)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	for i, c := range contests {
		for _, t := range tallies {
			c.tallies = append(c.tallies, manifest.Tally{Batch: t.Batch, Votes: t.Votes[i : i+1]})
		}
	}
	return nil
}

// outcomes holds what is reported of each contest against its records or tallies.
func (f *follower) outcomes() error {
	counted := map[string]map[string]int{}
	for _, p := range f.places {
		if p.Records == nil {
			continue
		}
		if err := f.read(p, counted); err != nil {
			return err
		}
	}
	for _, k := range f.com.Contests {
		c := f.contests[k.Name]
		switch {
		case k.Method.compares():
			c.counted = counted[k.Name]
			if err := c.agrees(); err != nil {
				return err
			}
		case k.Method == MACRO:
			if err := c.fits(); err != nil {
				return err
			}
		}
	}
	return nil
}

// agrees wants the reported votes to be those of the records. Of SUITE the records hold only a part.
func (c *contest) agrees() error {
	votes := c.counted
	for _, o := range c.Choices {
		if votes[o.Name] > o.Votes || votes[o.Name] < o.Votes && c.Method != SUITE {
			return fault.Invalidf("“%s”: %d votes are reported for “%s”, and the records hold %d.", c.Name, o.Votes, o.Name, votes[o.Name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(votes)) {
		if votes[name] > 0 && !slices.ContainsFunc(c.Choices, func(o Choice) bool { return o.Name == name }) {
			return fault.Invalidf("“%s”: the records hold %d votes for “%s”, of whom the commitment says nothing.", c.Name, votes[name], name)
		}
	}
	return nil
}

// fits wants no choice to have more votes in the batches than reported. Fewer are in order: what no batch accounts for counts against the margin.
func (c *contest) fits() error {
	for i, o := range c.Choices {
		sum := 0
		for _, t := range c.tallies {
			sum += t.Votes[0][i]
		}
		if sum > o.Votes {
			return fault.Invalidf("“%s”: %d votes are reported for “%s”, and the tallies of the batches add up to %d.", c.Name, o.Votes, o.Name, sum)
		}
	}
	return nil
}

// open opens the records of a place.
func (f *follower) open(p *place) (*vendor.Reader, error) {
	var sources []cvr.Source
	for _, name := range p.Records.Parts {
		s, err := f.part(name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return vendor.Open(p.Records.Vendor, nil, sources...)
}

// each calls do with every card of a place and the contests known then.
func (f *follower) each(p *place, do func(i int, c *cvr.Card, contests []cvr.Contest) error) (err error) {
	r, err := f.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var c cvr.Card
	for i := 0; ; i++ {
		if err := r.Next(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if p.Records.Vendor == vendor.Hart {
			if err := p.manifest.Machine(&c); err != nil {
				return err
			}
		}
		if err := do(i, &c, r.Contests()); err != nil {
			return err
		}
	}
}

// read finds where each card of a place lies and counts the votes of its contests.
func (f *follower) read(p *place, counted map[string]map[string]int) error {
	ours := f.here(p, Method.compares)
	seen := map[string]bool{}
	var places cvr.Places
	err := f.each(p, func(_ int, card *cvr.Card, contests []cvr.Contest) error {
		p.records++
		for _, v := range card.Votes {
			k := contests[v.Contest]
			c := f.contests[k.Name]
			if c == nil || !slices.Contains(ours, c) {
				continue
			}
			seen[k.Name] = true
			if counted[k.Name] == nil {
				counted[k.Name] = map[string]int{}
			}
			for name := range c.marked(v, k).votes {
				counted[k.Name][name]++
			}
		}
		return places.Add(card)
	})
	if err != nil {
		return err
	}
	for _, c := range ours {
		if !seen[c.Name] {
			return fault.Invalidf("“%s” is on no record of %s. Either it was not voted on there, or the contest is called otherwise in the records.", c.Name, p.Name)
		}
	}
	keys, cards := places.Batches()
	if err := p.manifest.Agrees(keys, cards); err != nil {
		return err
	}
	for _, c := range ours {
		if b, ok := p.without(keys); ok && c.Method == SUITE {
			return fault.Invalidf("%s: the manifest says that there are no records of the batch “%s”, and there are. A batch is compared or polled, never both.", p.Name, b)
		}
	}
	at, err := places.Positions()
	if err != nil {
		return err
	}
	p.at = make([]int32, len(at))
	for i, n := range at {
		p.at[i] = int32(n) // a place in a batch of a manifest, which is bounded
	}
	return nil
}

// without finds a batch that has no records by the manifest.
func (p *place) without(keys []cvr.BatchKey) (name string, ok bool) {
	for _, b := range p.manifest.Batches {
		if !b.CVR && slices.Contains(keys, b.Key()) {
			return b.Name, true
		}
	}
	return "", false
}

// mark is what a record says of one contest.
type mark struct {
	votes       map[string]int // by choice; nobody's, if there are more than are allowed
	over, under bool           // the record says only that
	on          bool           // the contest is on the card
}

// marked reads a vote. Two choices of one name, as two lines for write-ins, are one.
func (c *contest) marked(v cvr.Vote, k cvr.Contest) mark {
	m := mark{votes: map[string]int{}, over: v.Over, under: v.Under, on: true}
	if len(v.Marks) <= c.VotesAllowed {
		for _, x := range v.Marks {
			m.votes[k.Choices[x.Choice].Name] = 1
		}
	}
	return m
}

// lookUp finds what the records say of papers of a contest; a paper of which they say nothing stays unknown.
func (f *follower) lookUp(c *contest, papers map[Paper]bool) error {
	for _, p := range c.places {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(papers)), func(x Paper) bool { return x.Jurisdiction == p.Name }) {
			continue
		}
		err := f.each(p, func(i int, card *cvr.Card, contests []cvr.Contest) error {
			paper := Paper{p.Name, card.Tabulator, card.Batch, int(p.at[i])}
			if !papers[paper] {
				return nil
			}
			m := mark{}
			for _, v := range card.Votes {
				if contests[v.Contest].Name == c.Name {
					m = c.marked(v, contests[v.Contest])
				}
			}
			c.reported[paper] = m
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// draw makes the next round of a contest from the seed: size of what is compared or polled and, of SUITE, polled of what has no records.
func (f *follower) draw(c *contest, size, polled int) (r round, err error) {
	if c.Method == MACRO {
		r.draws, err = f.drawBatches(c, size)
		return r, err
	}
	before, beforePolled := 0, 0
	for _, r := range c.rounds {
		before += len(r.draws)
		beforePolled += len(r.polled)
	}
	if c.Method != SUITE {
		all := func(manifest.Batch) bool { return true }
		r.draws, err = f.drawBallots(c, all, sampler.Order{Seed: f.seed, Replace: c.Method != SHANGRLA, Drop: before, Take: size, Digits: sampler.Digits})
		return r, err
	}
	with := func(b manifest.Batch) bool { return b.CVR }
	if r.draws, err = f.drawBallots(c, with, sampler.Order{Seed: f.seed, Replace: true, Drop: before, Take: size, Digits: sampler.Digits}); err != nil {
		return r, err
	}
	without := func(b manifest.Batch) bool { return !b.CVR }
	r.polled, err = f.drawBallots(c, without, sampler.Order{Seed: f.seed, Drop: beforePolled, Take: polled, Digits: sampler.Digits})
	return r, err
}

// drawBallots draws from some batches of a contest.
func (f *follower) drawBallots(c *contest, of func(manifest.Batch) bool, o sampler.Order) ([]Draw, error) {
	var stacks []sampler.Batch
	var papers []Paper
	for _, p := range c.places {
		for _, b := range p.manifest.Batches {
			if !of(b) {
				continue
			}
			key := sampler.Tuple(p.Name, b.Tabulator, b.Name)
			if b.Tabulator == "" {
				key = key.Without(1)
			}
			stacks = append(stacks, sampler.Batch{Key: key, Count: b.Ballots})
			papers = append(papers, Paper{Jurisdiction: p.Name, Tabulator: b.Tabulator, Batch: b.Name})
		}
	}
	drawn, err := sampler.Ballots(stacks, o)
	if err != nil {
		return nil, fmt.Errorf("drawing ballots of %s: %w", c.Name, err)
	}
	draws := make([]Draw, len(drawn))
	for i, d := range drawn {
		draws[i] = Draw{d.Ticket, papers[d.Batch]}
		draws[i].Position = d.Position
	}
	return draws, nil
}

// drawBatches draws batches in proportion to the error they could hide.
func (f *follower) drawBatches(c *contest, size int) ([]Draw, error) {
	bounds, err := c.macro().Bounds()
	if err != nil {
		return nil, fault.Invalidf("“%s” cannot be audited batch by batch: %s.", c.Name, err.Error())
	}
	if bounds.Weights == nil {
		return nil, fault.Invalidf("“%s” is so close that every batch must be counted; nothing is drawn.", c.Name)
	}
	var keys []sampler.Key
	papers := c.batches()
	for _, p := range papers {
		keys = append(keys, sampler.Tuple(p.Jurisdiction, p.Batch))
	}
	var before []sampler.Key
	for _, r := range c.rounds {
		for _, d := range r.draws {
			before = append(before, sampler.Tuple(d.Jurisdiction, d.Batch))
		}
	}
	drawn, err := sampler.Batches(f.seed, keys, bounds.Weights, size, before)
	if err != nil {
		return nil, fmt.Errorf("drawing batches of %s: %w", c.Name, err)
	}
	draws := make([]Draw, len(drawn))
	for i, d := range drawn {
		draws[i] = Draw{d.Ticket, papers[d.Batch]}
	}
	return draws, nil
}

// batches returns the batches of a contest in the order in which they are numbered.
func (c *contest) batches() []Paper {
	var all []Paper
	for _, p := range c.places {
		for _, b := range p.manifest.Batches {
			all = append(all, Paper{Jurisdiction: p.Name, Tabulator: b.Tabulator, Batch: b.Name})
		}
	}
	return all
}
