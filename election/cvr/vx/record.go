package vx

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/election/tabulate"
	"github.com/openprecinct/precinct/internal/fault"
)

// Record is what one sheet says, with the ids of the definition.
type Record struct {
	ID       string
	Hash     [32]byte // of its report
	Election string   // ballot hash
	Style    string
	Precinct string
	Batch    string
	Scanner  string
	Sheet    int
	Use      ballot.Use
	Test     bool
	Contests []Contest
	images   []image
}

// Contest is what is marked in one contest.
type Contest struct {
	ID      string
	Marked  []string // ids of options; “write-in-0” and so on are lines for names
	Over    int      // as the scanner counted
	Under   int
	Overs   bool // the scanner says that there are too many marks
	Invalid bool
}

type image struct{ hash, location string }

// writeIn begins the id of a line for a name.
const writeIn = "write-in"

type report struct {
	ReportType      []string
	OtherReportType string
	CVR             []struct {
		BallotStyleID     string `json:"BallotStyleId"`
		BallotStyleUnitID string `json:"BallotStyleUnitId"`
		CreatingDeviceID  string `json:"CreatingDeviceId"`
		ElectionID        string `json:"ElectionId"`
		BatchID           string `json:"BatchId"`
		UniqueID          string `json:"UniqueId"`
		BallotSheetID     string `json:"BallotSheetId"`
		CurrentSnapshotID string `json:"CurrentSnapshotId"`
		BallotImage       []struct {
			Hash     struct{ Type, Value string }
			Location string
		}
		CVRSnapshot []struct {
			ID          string `json:"@id"`
			OtherStatus string
			CVRContest  []struct {
				ContestID           string `json:"ContestId"`
				Overvotes           int
				Undervotes          int
				Status              []string
				CVRContestSelection []struct {
					ContestSelectionID string `json:"ContestSelectionId"`
					SelectionPosition  []struct {
						HasIndication string
						NumberVotes   int
						IsAllocable   string
					}
				}
			}
		}
	}
}

// parse reads the report of the record with an id.
func parse(id string, data []byte) (*Record, error) {
	var w report
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fault.Invalidf("Record %s cannot be read: its report is not what NIST SP 1500-103 describes.", id).Because(err)
	}
	if len(w.CVR) != 1 {
		return nil, fault.Invalidf("Record %s: the report holds %d records, not 1.", id, len(w.CVR))
	}
	c := &w.CVR[0]
	if c.UniqueID != id {
		return nil, fault.Invalidf("Record %s: the report is that of another record, %s.", id, c.UniqueID)
	}
	r := &Record{ID: id, Election: c.ElectionID, Style: c.BallotStyleID, Precinct: c.BallotStyleUnitID, Batch: c.BatchID, Scanner: c.CreatingDeviceID, Sheet: 1,
		Test: isTest(w.OtherReportType)}
	if c.BallotSheetID != "" {
		n, err := strconv.Atoi(c.BallotSheetID)
		if err != nil || n < 1 {
			return nil, fault.Invalidf("Record %s: its sheet is “%s”, not a number from 1.", id, c.BallotSheetID)
		}
		r.Sheet = n
	}
	for _, i := range c.BallotImage {
		r.images = append(r.images, image{i.Hash.Value, i.Location})
	}
	at := -1
	for i := range c.CVRSnapshot {
		if c.CVRSnapshot[i].ID == c.CurrentSnapshotID {
			at = i
		}
	}
	if at < 0 {
		return nil, fault.Invalidf("Record %s does not hold its current snapshot, %s.", id, c.CurrentSnapshotID)
	}
	s := &c.CVRSnapshot[at]
	var status struct{ BallotType string }
	if s.OtherStatus != "" && json.Unmarshal([]byte(s.OtherStatus), &status) == nil {
		switch status.BallotType {
		case "absentee":
			r.Use = ballot.Absentee
		case "provisional":
			r.Use = ballot.Provisional
		}
	}
	for _, x := range s.CVRContest {
		contest := Contest{ID: x.ContestID, Over: x.Overvotes, Under: x.Undervotes, Overs: slices.Contains(x.Status, "overvoted"), Invalid: slices.Contains(x.Status, "invalidated-rules")}
		for _, sel := range x.CVRContestSelection {
			votes := 0
			for _, p := range sel.SelectionPosition {
				if p.HasIndication == "yes" {
					votes += p.NumberVotes
				}
			}
			if votes > 1 && !strings.HasPrefix(sel.ContestSelectionID, writeIn) {
				votes = 1 // a candidate of two parties, marked for both, has one vote
			}
			if votes > 0 {
				contest.Marked = append(contest.Marked, sel.ContestSelectionID)
			}
		}
		r.Contests = append(r.Contests, contest)
	}
	return r, nil
}

// Reader turns records into sheets of one election.
type Reader struct {
	election *ballot.Definition
	hash     string
	contests map[string]int
	options  []map[string]int
	styles   map[string]*onStyle
}

// onStyle is what a record of a style must have.
type onStyle struct {
	precincts []string
	sheets    []map[string]bool // contests by sheet; nil where positions are not known
}

// NewReader returns a reader of records of an election.
func NewReader(d *ballot.Definition) *Reader {
	r := &Reader{election: d, hash: d.HashText(), contests: map[string]int{}, styles: map[string]*onStyle{}}
	for i, c := range d.Contests {
		r.contests[c.ID] = i
		options := map[string]int{}
		for j, o := range c.Options {
			options[o.ID] = j
		}
		r.options = append(r.options, options)
	}
	for _, s := range d.Styles {
		x := &onStyle{precincts: s.Precincts}
		for _, sheet := range s.Sheets {
			contests := map[string]bool{}
			for _, side := range sheet {
				for _, p := range side {
					contests[p.Contest] = true
				}
			}
			x.sheets = append(x.sheets, contests)
		}
		r.styles[s.ID] = x
	}
	return r
}

// Sheet returns a record as a sheet to be counted. It refuses a record of another definition, style, precinct or contest, one that leaves out a contest of its
// sheet, and one whose marks do not make the overvotes and undervotes that it claims.
func (r *Reader) Sheet(x *Record) (*tabulate.Sheet, error) {
	if x.Election != r.hash {
		return nil, fault.Invalidf("Record %s is of another election definition: %.7s, and this one is %.7s.", x.ID, x.Election, r.hash)
	}
	style := r.styles[x.Style]
	if style == nil {
		return nil, fault.Invalidf("Record %s is of ballot style “%s”, which the election does not have.", x.ID, x.Style)
	}
	if !slices.Contains(style.precincts, x.Precinct) {
		return nil, fault.Invalidf("Record %s is of precinct “%s”, which does not get ballot style “%s”.", x.ID, x.Precinct, x.Style)
	}
	if style.sheets != nil {
		if err := style.complete(x); err != nil {
			return nil, err
		}
	}
	s := &tabulate.Sheet{Precinct: x.Precinct, Style: x.Style, Use: x.Use, Batch: x.Batch, Scanner: x.Scanner, Number: x.Sheet, Votes: make([]tabulate.Vote, 0, len(x.Contests))}
	for i := range x.Contests {
		v, err := r.vote(x, &x.Contests[i])
		if err != nil {
			return nil, err
		}
		s.Votes = append(s.Votes, v)
	}
	return s, nil
}

func (s *onStyle) complete(x *Record) error {
	if x.Sheet > len(s.sheets) {
		return fault.Invalidf("Record %s is of sheet %d; ballot style “%s” has %d.", x.ID, x.Sheet, x.Style, len(s.sheets))
	}
	want := s.sheets[x.Sheet-1]
	for _, c := range x.Contests {
		if !want[c.ID] {
			return fault.Invalidf("Record %s has contest “%s”, which does not stand on its sheet.", x.ID, c.ID)
		}
	}
	if len(x.Contests) != len(want) {
		return fault.Invalidf("Record %s has %d contests, and %d stand on its sheet.", x.ID, len(x.Contests), len(want))
	}
	return nil
}

func (r *Reader) vote(x *Record, c *Contest) (tabulate.Vote, error) {
	i, ok := r.contests[c.ID]
	if !ok {
		return tabulate.Vote{}, fault.Invalidf("Record %s has contest “%s”, which the election does not have.", x.ID, c.ID)
	}
	contest := &r.election.Contests[i]
	v := tabulate.Vote{Contest: i}
	for _, id := range c.Marked {
		o, ok := r.options[i][id]
		switch {
		case ok:
			v.Options = append(v.Options, o)
		case strings.HasPrefix(id, writeIn):
			v.Written++
		default:
			return v, fault.Invalidf("Record %s has a mark for “%s” in contest “%s”, which does not have that option.", x.ID, id, c.ID)
		}
	}
	over, under := 0, contest.Seats-len(v.Options)-v.Written
	if under < 0 {
		over, under = contest.Seats, 0
	}
	if !c.Invalid && r.election.Type != ballot.OpenPrimary && (c.Over != over || c.Under != under) {
		return v, fault.Invalidf("Record %s claims %d overvotes and %d undervotes in contest “%s”; its marks make %d and %d.", x.ID, c.Over, c.Under, c.ID, over, under)
	}
	return v, nil
}
