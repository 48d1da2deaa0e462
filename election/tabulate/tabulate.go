// Package tabulate adds up what is marked on sheets: a pure fold from sheets to totals.
//
// Everywhere and always votes, overvotes and undervotes of a contest make its ballots times its seats ([Count.Complete]); VVSG 2.0 1.1.9 asks for each of them.
package tabulate

import (
	"cmp"
	_ "embed" // the sentences
	"slices"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish is what the package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// Sheet is one sheet of a ballot as it was read, or as people decided that it is to be read.
type Sheet struct {
	Precinct string // its id, and that of the split where it is known
	Split    string
	Style    string
	Use      ballot.Use
	Batch    string
	Scanner  string
	Number   int // of the sheet within its ballot, from 1
	Votes    []Vote
}

// Vote is what is marked in one contest that stands on a sheet; a contest without a mark stands here too.
type Vote struct {
	Contest int   // index into the contests of the election
	Options []int // indices into its options, each once
	Written int   // lines with a written name that are marked
}

// Rules say how marks become votes where a law leaves a choice.
type Rules struct {
	StraightParty StraightParty
}

// StraightParty says what a mark for a party does.
type StraightParty uint8

const (
	// Inclusive: marks for candidates count; then the party's others get a vote each, if there is a seat free for every one of them.
	Inclusive StraightParty = iota
	// Exclusive: a mark in a contest takes the party's vote away there.
	Exclusive
)

// Count is what is known of one contest in one group of sheets.
type Count struct {
	Ballots int64 // on which the contest stands
	Over    int64 // seats of ballots with more marks than seats
	Under   int64 // seats for which no mark was made
	Written int64 // votes for written names
	Votes   []int64
}

// Complete reports whether votes, overvotes and undervotes make ballots times seats.
func (c *Count) Complete(seats int) bool {
	sum := c.Over + c.Under + c.Written
	for _, n := range c.Votes {
		sum += n
	}
	return sum == c.Ballots*int64(seats)
}

// Add adds another count of the same contest; both have room for its options.
func (c *Count) Add(o *Count) {
	c.Ballots, c.Over, c.Under, c.Written = c.Ballots+o.Ballots, c.Over+o.Over, c.Under+o.Under, c.Written+o.Written
	for i, n := range o.Votes {
		c.Votes[i] += n
	}
}

// Group is what sheets that are added up together have in common. An empty field is of all.
type Group struct {
	Precinct, Split, Style, Party, Batch, Scanner string
	Use                                           string
}

// By says by what totals are grouped.
type By struct{ Precinct, Split, Style, Party, Use, Batch, Scanner bool }

func (b By) of(g Group) Group {
	keep := func(yes bool, s string) string {
		if yes {
			return s
		}
		return ""
	}
	return Group{Precinct: keep(b.Precinct, g.Precinct), Split: keep(b.Split, g.Split), Style: keep(b.Style, g.Style), Party: keep(b.Party, g.Party),
		Use: keep(b.Use, g.Use), Batch: keep(b.Batch, g.Batch), Scanner: keep(b.Scanner, g.Scanner)}
}

// Totals are the counts of sheets.
type Totals struct {
	election *ballot.Election
	rules    Rules
	groups   map[Group]*total
	last     Group // of the sheet before, which mostly is that of the next
	at       *total
	parties  []partyContest
	styles   map[string]*style
	votes    []Vote
	sheet    uint64   // number of the sheet that is looked at
	seen     []uint64 // by contest: number of the last sheet with it
}

// style is what stands on the sheets of a ballot style.
type style struct {
	party    string
	contests []int   // indices into those of the election
	slot     []int32 // by contest of the election: index into contests, or -1
}

// total is what is counted of one group, whose sheets are all of one style.
type total struct {
	sheets  int64
	ballots int64 // first sheets
	style   *style
	counts  []Count // by contest of the style
}

// New returns totals of nothing.
func New(e *ballot.Election, r Rules) *Totals {
	t := &Totals{election: e, rules: r, groups: map[Group]*total{}, styles: map[string]*style{}, seen: make([]uint64, len(e.Contests))}
	index := map[string]int{}
	for i, c := range e.Contests {
		index[c.ID] = i
	}
	for _, s := range e.Styles {
		x := &style{party: s.Party, slot: slices.Repeat([]int32{-1}, len(e.Contests))}
		for _, c := range e.ContestsOf(s) {
			x.slot[index[c.ID]] = int32(len(x.contests))
			x.contests = append(x.contests, index[c.ID])
		}
		t.styles[s.ID] = x
	}
	t.parties = partyContests(e)
	return t
}

// Add counts a sheet. It refuses one whose style, contests or options the election does not have, or that has a contest twice; then nothing of it is counted.
func (t *Totals) Add(s *Sheet) error {
	on := t.styles[s.Style]
	if err := t.check(on, s); err != nil {
		return err
	}
	g := Group{Precinct: s.Precinct, Split: s.Split, Style: s.Style, Party: on.party, Use: s.Use.String(), Batch: s.Batch, Scanner: s.Scanner}
	votes := s.Votes
	if t.election.Type == ballot.OpenPrimary {
		g.Party, votes = t.crossed(votes)
	}
	for _, p := range t.parties {
		votes = t.straight(p, votes)
	}
	if t.at == nil || g != t.last {
		t.last, t.at = g, t.group(g, on)
	}
	t.at.sheets++
	if s.Number == 1 {
		t.at.ballots++
	}
	for i := range votes {
		t.at.counts[on.slot[votes[i].Contest]].add(&votes[i], t.election.Contests[votes[i].Contest].Seats)
	}
	return nil
}

func (t *Totals) check(on *style, s *Sheet) error {
	t.sheet++
	if on == nil {
		return fault.Invalidf("A sheet is of ballot style “%s”, which the election does not have.", s.Style)
	}
	for i := range s.Votes {
		v := &s.Votes[i]
		if v.Contest < 0 || v.Contest >= len(on.slot) || on.slot[v.Contest] < 0 {
			return fault.Invalidf("A sheet of ballot style “%s” has votes in a contest that does not stand there.", s.Style)
		}
		c := &t.election.Contests[v.Contest]
		for j, o := range v.Options {
			if o < 0 || o >= len(c.Options) || slices.Contains(v.Options[:j], o) {
				return fault.Invalidf("A sheet has a mark in contest “%s” for an option that it does not have, or twice for one.", c.Title)
			}
		}
		if v.Written < 0 || v.Written > 0 && !c.WriteIns {
			return fault.Invalidf("A sheet has a written name in contest “%s”, which has no line for one.", c.Title)
		}
		if t.seen[v.Contest] == t.sheet {
			return fault.Invalidf("A sheet has contest “%s” twice.", c.Title)
		}
		t.seen[v.Contest] = t.sheet
	}
	return nil
}

func (t *Totals) group(g Group, on *style) *total {
	x := t.groups[g]
	if x == nil {
		x = &total{style: on, counts: make([]Count, len(on.contests))}
		for i, c := range on.contests {
			x.counts[i].Votes = make([]int64, len(t.election.Contests[c].Options))
		}
		t.groups[g] = x
	}
	return x
}

// add counts a vote: more marks than seats count for nobody.
func (c *Count) add(v *Vote, seats int) {
	c.Ballots++
	n := len(v.Options) + v.Written
	if n > seats {
		c.Over += int64(seats)
		return
	}
	c.Under += int64(seats - n)
	c.Written += int64(v.Written)
	for _, o := range v.Options {
		c.Votes[o]++
	}
}

// Merge adds totals of the same election, counted elsewhere by the same rules.
func (t *Totals) Merge(o *Totals) {
	for g, x := range o.groups {
		y := t.group(g, t.styles[g.Style])
		y.sheets, y.ballots = y.sheets+x.sheets, y.ballots+x.ballots
		for i := range x.counts {
			y.counts[i].Add(&x.counts[i])
		}
	}
}

// ByHand is a count that people made, of ballots of one sheet each.
type ByHand struct {
	Group   Group // Precinct, Style and Use are known
	Ballots int64
	Counts  map[int]Count // by contest of the election
}

// AddByHand adds a count that people made. It refuses one that is not Complete in a contest, or that leaves one out; then nothing of it is counted.
func (t *Totals) AddByHand(h *ByHand) error {
	on := t.styles[h.Group.Style]
	if on == nil {
		return fault.Invalidf("A count by hand is of ballot style “%s”, which the election does not have.", h.Group.Style)
	}
	for _, c := range on.contests {
		contest, count := &t.election.Contests[c], h.Counts[c]
		if count.Ballots != h.Ballots || len(count.Votes) != len(contest.Options) {
			return fault.Invalidf("The count by hand has %d ballots, and %d in contest “%s”.", h.Ballots, count.Ballots, contest.Title)
		}
		if !count.Complete(contest.Seats) {
			return fault.Invalidf("In contest “%s” votes, overvotes and undervotes do not make %d ballots times %d seats. Count again, or look for a typing error.", contest.Title, count.Ballots, contest.Seats)
		}
	}
	if len(h.Counts) != len(on.contests) {
		return fault.Invalidf("The count by hand has %d contests, and %d stand on ballot style “%s”.", len(h.Counts), len(on.contests), h.Group.Style)
	}
	x := t.group(h.Group, on)
	x.sheets, x.ballots = x.sheets+h.Ballots, x.ballots+h.Ballots
	for i, c := range on.contests {
		count := h.Counts[c]
		x.counts[i].Add(&count)
	}
	return nil
}

// Result is what is known of one group of sheets.
type Result struct {
	Group
	Sheets  int64
	Ballots int64   // first sheets
	Counts  []Count // by contest of the election; one with no ballots does not stand on these sheets
}

// Results returns the totals grouped, in the order of the groups' fields.
func (t *Totals) Results(by By) []Result {
	groups := map[Group]*Result{}
	for g, x := range t.groups {
		g = by.of(g)
		r := groups[g]
		if r == nil {
			r = &Result{Group: g, Counts: t.noCounts()}
			groups[g] = r
		}
		r.Sheets, r.Ballots = r.Sheets+x.sheets, r.Ballots+x.ballots
		for i, c := range x.style.contests {
			r.Counts[c].Add(&x.counts[i])
		}
	}
	all := make([]Result, 0, len(groups))
	for _, r := range groups {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Precinct, b.Precinct), cmp.Compare(a.Split, b.Split), cmp.Compare(a.Style, b.Style), cmp.Compare(a.Party, b.Party),
			cmp.Compare(a.Use, b.Use), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Scanner, b.Scanner))
	})
	return all
}

// All returns the totals of everything.
func (t *Totals) All() Result {
	if all := t.Results(By{}); len(all) > 0 {
		return all[0]
	}
	return Result{Counts: t.noCounts()}
}

func (t *Totals) noCounts() []Count {
	all := make([]Count, len(t.election.Contests))
	for i, c := range t.election.Contests {
		all[i].Votes = make([]int64, len(c.Options))
	}
	return all
}
