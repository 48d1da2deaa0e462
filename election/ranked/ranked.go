// Package ranked counts contests in which voters rank candidates.
//
// It counts as RCTab does (github.com/BrightSpots/rcv, whose reports election offices publish): instant-runoff and single
// transferable vote by the weighted inclusive Gregory method, bottoms-up, and several passes; it reads RCTab's files of
// settings and writes its reports, number for number. Beside these it has what RCTab lacks: top-two, bottom-two runoff and
// Condorcet counts, the way of a single ballot through the rounds, each round in plain words and as a picture, and whether
// another rule would have elected somebody else.
//
// Equal ballots are counted once and weighed, so a count takes as much memory as there are different ballots. Numbers are
// exact: votes are integers in units of the contest's last decimal place, and everything that RCTab rounds down is rounded
// down here.
//
// Ballots come from package cast. A ballot's way through a round is function walk; everything else is arithmetic.
package ranked

import (
	_ "embed"
	"math"
)

// Spanish holds the sentences of this package in Spanish, keyed by the English ones.
//
//go:embed es.json
var Spanish []byte

// Method says who wins.
type Method uint8

// The methods. The first six are RCTab's, the others ours.
const (
	SingleWinner      Method = iota // eliminate the last until one has a majority of what is still active
	OneWinnerARound                 // single transferable vote, at most one elected in a round
	ManyWinnersARound               // single transferable vote, everybody at the threshold is elected
	BottomsUp                       // eliminate the last until as many are left as there are seats
	BottomsUpPercent                // eliminate the last until everybody left has a share
	MultiPass                       // one winner by majority, then all again without that one
	TopTwo                          // after the first round only the first two go on
	BottomTwoRunoff                 // of the last two, eliminate the one whom fewer ballots prefer to the other
)

// methods are the words of settings, by Method.
var methods = [...]string{"singleWinnerMajority", "multiWinnerAllowOnlyOneWinnerPerRound", "multiWinnerAllowMultipleWinnersPerRound",
	"bottomsUp", "bottomsUpUsingPercentageThreshold", "multiPassIrv", "topTwo", "bottomTwoRunoff"}

// String returns the word that settings use.
func (m Method) String() string { return methods[m] }

// transfers reports whether winners pass on what they have too much.
func (m Method) transfers() bool { return m == OneWinnerARound || m == ManyWinnersARound }

// single reports whether there is one seat.
func (m Method) single() bool { return m == SingleWinner || m == TopTwo || m == BottomTwoRunoff }

// TieBreak says who of several with the same number of votes is taken.
type TieBreak uint8

// The ways to break a tie.
const (
	Random          TieBreak = iota // by the seed
	Ask                             // whoever counts is asked
	PreviousRandom                  // by the rounds before, then by the seed
	PreviousAsk                     // by the rounds before, then whoever counts is asked
	CandidateOrder                  // by the order of the settings
	GivePermutation                 // by an order that is drawn from the seed before the count
)

var tieBreaks = [...]string{"random", "stopCountingAndAsk", "previousRoundCountsThenRandom", "previousRoundCountsThenAsk", "useCandidateOrder", "generatePermutation"}

// String returns the word that settings use.
func (t TieBreak) String() string { return tieBreaks[t] }

func (t TieBreak) seeded() bool { return t == Random || t == PreviousRandom || t == GivePermutation }

// OvervoteRule says what becomes of a ballot at a rank with several candidates.
type OvervoteRule uint8

// The rules for overvotes.
const (
	SkipOvervote      OvervoteRule = iota // go on to the next rank
	ExhaustOvervote                       // the ballot counts for nobody from here
	ExhaustContinuing                     // the ballot counts for nobody if several of them still continue; for the one who does, else
)

var overvoteRules = [...]string{"alwaysSkipToNextRank", "exhaustImmediately", "exhaustIfMultipleContinuing"}

// String returns the word that settings use.
func (o OvervoteRule) String() string { return overvoteRules[o] }

// Unlimited is the number of skipped ranks that never exhaust a ballot.
const Unlimited = math.MaxInt32

// Rules are the rules of a count.
type Rules struct {
	Method     Method
	Winners    int // seats; 0 for BottomsUpPercent
	TieBreak   TieBreak
	Seed       int64 // of ties that are drawn by lot
	Overvote   OvervoteRule
	MaxSkipped int // ranks that may be left out in a row, or Unlimited
	MaxRanks   int // ranks that a voter has, or 0 for as many as the ballot has

	ExhaustOnDuplicate  bool // a candidate ranked twice exhausts the ballot at the second rank
	BatchElimination    bool // eliminate together all who together have fewer than the next
	CutoffElimination   bool // eliminate together all below the share (BottomsUpPercent)
	UntilTwoRemain      bool // go on after somebody won until two are left
	FirstRoundThreshold bool // the threshold of the first round holds for all
	NonIntegerThreshold bool
	Hare                bool // the threshold is votes/seats instead of votes/(seats+1)
	StopAfter           int  // rounds, or 0
	Places              int  // decimal places of a vote, 1 to 20
	Percent             Decimal
}

// Candidate is somebody who can be ranked.
type Candidate struct {
	Name     string
	Excluded bool     // is passed over
	Aliases  []string // how files of votes call the candidate besides
}

// WriteIns is how undeclared write-ins are called in reports.
const WriteIns = "Undeclared Write-ins"

// Contest is what is to be counted, and how.
type Contest struct {
	Name         string
	Date         string
	Jurisdiction string
	Office       string
	Candidates   []Candidate // declared
	WriteIns     bool        // votes for people nobody declared are kept as one candidate, the last
	Rules        Rules
}

// Size returns the number of candidates with the undeclared write-ins as one of them.
func (c *Contest) Size() int {
	if c.WriteIns {
		return len(c.Candidates) + 1
	}
	return len(c.Candidates)
}

// NameOf returns the name of a candidate.
func (c *Contest) NameOf(i int) string {
	if i == len(c.Candidates) {
		return WriteIns
	}
	return c.Candidates[i].Name
}

func (c *Contest) excluded(i int) bool { return i < len(c.Candidates) && c.Candidates[i].Excluded }

// running returns the number of candidates who are not excluded, write-ins among them.
func (c *Contest) running() int {
	n := c.Size()
	for _, k := range c.Candidates {
		if k.Excluded {
			n--
		}
	}
	return n
}
