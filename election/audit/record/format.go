// Package record is the published record of an audit, from which anybody can follow the audit again without asking anybody.
//
// A record is a zip file of parts (manifests, cast vote records, batch tallies: the files as they are) and steps (JSON). The first step commits to
// contests, rules and the SHA-256 of every part, before the seed is known; then come the seed, and for each round what was drawn and what was found. Every
// step names the SHA-256 of the one before it, so no earlier step can be changed without changing all that was published after it. docs/audit-record.md
// describes the format; [Verify] derives everything again and says the first thing that does not follow.
package record

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/openprecinct/precinct/election/audit"
	"github.com/openprecinct/precinct/election/cvr/vendor"
)

// Spanish holds the Spanish of this package's sentences.
//
//go:embed es.json
var Spanish []byte

// Format and Version name what is described in docs/audit-record.md. A reader refuses other versions.
const (
	Format  = "precinct audit record"
	Version = 1
)

// Method is how a contest is audited.
type Method string

// The methods that a record may name; package audit says what they are.
const (
	SuperSimple Method = "supersimple" // ballot comparison
	SHANGRLA    Method = "shangrla"    // ballot comparison without replacement, by ALPHA's bets (package shangrla)
	SUITE       Method = "suite"       // ballots with records compared, ballots without polled
	MACRO       Method = "macro"       // batch comparison
	BRAVO       Method = "bravo"       // ballot polling
	Minerva     Method = "minerva"
	Providence  Method = "providence"
)

// compares reports whether the method needs cast vote records.
func (m Method) compares() bool { return m == SuperSimple || m == SHANGRLA || m == SUITE }

// polls reports whether the method looks only at ballots without records.
func (m Method) polls() bool { return m == BRAVO || m == Minerva || m == Providence }

// Commitment is the first step, published before the seed.
type Commitment struct {
	Format        string            `json:"format"`
	Version       int               `json:"version"`
	Election      string            `json:"election"`
	Contests      []Contest         `json:"contests"`
	Jurisdictions []Jurisdiction    `json:"jurisdictions"`
	Parts         map[string]string `json:"parts"` // SHA-256 in hexadecimal, by the name of the part
}

// Contest is one contest that is audited, with the outcome as reported.
type Contest struct {
	Name          string   `json:"name"`
	Method        Method   `json:"method"`
	RiskLimit     int      `json:"risk_limit_hundredths_percent"` // 500 is 5 %
	Winners       int      `json:"winners"`
	VotesAllowed  int      `json:"votes_allowed"`
	Ballots       int      `json:"ballots"` // in the manifests of its jurisdictions
	Choices       []Choice `json:"choices"`
	Jurisdictions []string `json:"jurisdictions,omitempty"` // where it was voted on; all, if none is named
	// ErrorRate2 is how often SHANGRLA expects a record to be wrong by two votes; 1e-5 if it is not given. It is chosen before the seed.
	ErrorRate2 float64 `json:"error_rate_2,omitempty"`
}

// Choice is what could be voted for, with the votes reported.
type Choice struct {
	Name  string `json:"name"`
	Votes int    `json:"votes"`
}

// audited is the contest as package audit knows it.
func (c Contest) audited() audit.Contest {
	a := audit.Contest{Ballots: c.Ballots, NumWinners: c.Winners, VotesAllowed: c.VotesAllowed}
	for _, o := range c.Choices {
		a.Candidates = append(a.Candidates, audit.Candidate{ID: o.Name, Votes: o.Votes})
	}
	return a
}

// Jurisdiction is who holds ballots, and the parts that say which.
type Jurisdiction struct {
	Name     string   `json:"name"`
	Manifest string   `json:"manifest"`
	Records  *Records `json:"records,omitempty"` // cast vote records, for ballot comparison
	Tallies  string   `json:"tallies,omitempty"` // batch tallies, for batch comparison
}

// Records are the parts that hold cast vote records.
type Records struct {
	Vendor vendor.Vendor `json:"vendor"`
	Parts  []string      `json:"parts"`
}

// Seed is the second step: the text from which everything is drawn.
type Seed struct {
	Seed string `json:"seed"`
}

// Paper names a ballot, or a batch if it has no position.
type Paper struct {
	Jurisdiction string `json:"jurisdiction"`
	Tabulator    string `json:"tabulator,omitempty"`
	Batch        string `json:"batch"`
	Position     int    `json:"position,omitempty"` // in the batch, from 1
}

// String writes the names in a row, in no language: "North / 12 / B-7 / 31".
func (p Paper) String() string {
	s := p.Jurisdiction
	if p.Tabulator != "" {
		s += " / " + p.Tabulator
	}
	s += " / " + p.Batch
	if p.Position > 0 {
		s += " / " + strconv.Itoa(p.Position)
	}
	return s
}

// Draw is one draw of a round. The same paper may be drawn again.
type Draw struct {
	Ticket string `json:"ticket"`
	Paper
}

// Drawn is a step: what the seed gave for one round of one contest.
type Drawn struct {
	Contest string `json:"contest"`
	Round   int    `json:"round"` // from 1
	Draws   []Draw `json:"draws"`
	Polled  []Draw `json:"polled,omitempty"` // of SUITE: ballots without records, drawn apart from the others
}

// Found is what people found on a ballot, or counted in a batch.
type Found struct {
	Paper
	Missing bool           `json:"missing,omitempty"` // the ballot was not found; it is taken for the worst
	Absent  bool           `json:"absent,omitempty"`  // the contest is not on the ballot, or on none of the batch
	Votes   map[string]int `json:"votes,omitempty"`   // by choice: 1 for each mark of a ballot, or how many in a batch
}

// Combined is batches whose ballots were mixed and counted as one.
type Combined struct {
	Batches []Paper        `json:"batches"`
	Votes   map[string]int `json:"votes"`
}

// Audited is a step: what was found in one round of one contest, and what its publishers say follows from it and the rounds before.
type Audited struct {
	Contest  string     `json:"contest"`
	Round    int        `json:"round"`
	Found    []Found    `json:"found"` // each paper of the round once; those known from earlier rounds are left out
	Combined []Combined `json:"combined,omitempty"`
	P        float64    `json:"p_value"`
	Met      bool       `json:"risk_limit_met"`
}

// step is one file of steps/: exactly one of its parts is set.
type step struct {
	Before     string      `json:"before,omitempty"` // SHA-256 of the step before, in hexadecimal
	Commitment *Commitment `json:"commitment,omitempty"`
	Seed       *Seed       `json:"seed,omitempty"`
	Drawn      *Drawn      `json:"drawn,omitempty"`
	Audited    *Audited    `json:"audited,omitempty"`
}

// encode writes a step as it is published.
func (s step) encode() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing a step: %w", err)
	}
	return append(b, '\n'), nil
}
