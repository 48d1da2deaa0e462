package cdf

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/election/cvr"
)

// Head says what a report is of.
type Head struct {
	Election  string // its name
	Device    string // serial number of what makes the report
	Generated time.Time
}

// Writer writes a report card by card, in JSON or XML. Cards are written in the order they are given and without times: whoever publishes them shuffles them
// first, or the order in which people voted is published too.
type Writer struct {
	w        *bufio.Writer
	contests []cvr.Contest
	xml      bool
	head     m // of XML, where it stands behind the cards
	n        int
}

type m = map[string]any

// NewWriter begins a report in JSON with its definitions. All contests and choices must be known. Their own identifiers are not written: they need not be
// unique across contests, as the format asks for.
func NewWriter(w io.Writer, h Head, contests []cvr.Contest) (*Writer, error) {
	b, err := json.Marshal(definitionsOf(h, contests))
	if err != nil {
		return nil, fmt.Errorf("writing the head of a report: %w", err)
	}
	out := &Writer{w: bufio.NewWriterSize(w, 1<<16), contests: contests}
	_, err = out.w.Write(append(b[:len(b)-1], `,"CVR":[`...))
	return out, err
}

// NewXMLWriter begins a report in XML; see [NewWriter]. Its definitions stand behind the cards, as the schema orders elements by their names.
func NewXMLWriter(w io.Writer, h Head, contests []cvr.Contest) (*Writer, error) {
	out := &Writer{w: bufio.NewWriterSize(w, 1<<16), contests: contests, xml: true, head: definitionsOf(h, contests)}
	_, err := out.w.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<CastVoteRecordReport xmlns="` + namespace + `" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + "\n")
	return out, err
}

// namespace is that of version 1.0.
const namespace = "http://itl.nist.gov/ns/voting/1500-103/v1"

// definitionsOf is everything of a report but its cards.
func definitionsOf(h Head, contests []cvr.Contest) m {
	var candidates, defs []m
	for i, c := range contests {
		var selections []m
		for k, o := range c.Choices {
			candidates = append(candidates, m{"@type": "CVR.Candidate", "@id": candidate(i, k), "Name": o.Name})
			selections = append(selections, m{"@type": "CVR.CandidateSelection", "@id": choice(i, k), "CandidateIds": []string{candidate(i, k)}, "IsWriteIn": o.WriteIn})
		}
		def := m{"@type": "CVR.CandidateContest", "@id": contestID(i), "Name": c.Name, "ContestSelection": selections}
		if c.VotesAllowed > 0 {
			def["VotesAllowed"] = c.VotesAllowed
		}
		if c.Ranks > 0 {
			def["VoteVariation"] = "rcv"
		}
		defs = append(defs, def)
	}
	return m{
		"@type": "CVR.CastVoteRecordReport", "Version": "1.0.0", "ReportType": []string{"originating-device-export"},
		"GeneratedDate": h.Generated.UTC().Format(time.RFC3339), "ReportGeneratingDeviceIds": []string{"device"},
		"ReportingDevice": []m{{"@type": "CVR.ReportingDevice", "@id": "device", "SerialNumber": h.Device}},
		"GpUnit":          []m{{"@type": "CVR.GpUnit", "@id": "scope", "Type": "other", "OtherType": "election"}},
		"Election":        []m{{"@type": "CVR.Election", "@id": "election", "Name": h.Election, "ElectionScopeId": "scope", "Candidate": candidates, "Contest": defs}},
	}
}

func contestID(i int) string    { return "contest-" + strconv.Itoa(i+1) }
func choice(i, k int) string    { return "choice-" + strconv.Itoa(i+1) + "-" + strconv.Itoa(k+1) }
func candidate(i, k int) string { return "candidate-" + strconv.Itoa(i+1) + "-" + strconv.Itoa(k+1) }

// Write writes a card. Of a vote that says "overvote" and not which choices were marked, the number of overvotes is written and no marks.
func (w *Writer) Write(c *cvr.Card) error {
	w.n++
	snapshot := "snapshot-" + strconv.Itoa(w.n)
	votes := make([]m, 0, len(c.Votes))
	for _, v := range c.Votes {
		votes = append(votes, w.vote(v))
	}
	rec := m{
		"@type": "CVR.CVR", "ElectionId": "election", "CurrentSnapshotId": snapshot,
		"CVRSnapshot": []m{{"@type": "CVR.CVRSnapshot", "@id": snapshot, "Type": "interpreted", "CVRContest": votes}},
	}
	for key, s := range map[string]string{"CreatingDeviceId": c.Tabulator, "BatchId": c.Batch, "UniqueId": c.RecordID, "BallotAuditId": c.ImprintedID, "BallotStyleId": c.Style, "BallotStyleUnitId": c.Precinct} {
		if s != "" {
			rec[key] = s
		}
	}
	if c.Position > 0 {
		rec["BatchSequenceId"] = c.Position
	}
	if w.xml {
		return writeElement(w.w, "CVR", rec)
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("writing a card: %w", err)
	}
	if w.n > 1 {
		if err := w.w.WriteByte(','); err != nil {
			return err
		}
	}
	_, err = w.w.Write(b)
	return err
}

func (w *Writer) vote(v cvr.Vote) m {
	contest := w.contests[v.Contest]
	over := v.Over || contest.Ranks == 0 && contest.VotesAllowed > 0 && len(v.Marks) > contest.VotesAllowed
	selections := make([]m, 0, len(v.Marks))
	for _, k := range v.Marks {
		p := m{"@type": "CVR.SelectionPosition", "HasIndication": "yes", "NumberVotes": 1, "IsAllocable": "yes"}
		if over {
			p["IsAllocable"] = "no"
		}
		if k.Rank > 0 {
			p["Rank"] = k.Rank
		}
		selections = append(selections, m{"@type": "CVR.CVRContestSelection", "ContestSelectionId": choice(v.Contest, k.Choice), "SelectionPosition": []m{p}})
	}
	out := m{"@type": "CVR.CVRContest", "ContestId": contestID(v.Contest), "CVRContestSelection": selections}
	if over {
		out["Overvotes"] = max(contest.VotesAllowed, 1)
	}
	return out
}

// Close writes the end. It does not close what is written to.
func (w *Writer) Close() error {
	if w.xml {
		if err := children(w.w, w.head); err != nil {
			return err
		}
		if _, err := w.w.WriteString("</CastVoteRecordReport>\n"); err != nil {
			return err
		}
		return w.w.Flush()
	}
	if _, err := w.w.WriteString("]}\n"); err != nil {
		return err
	}
	return w.w.Flush()
}
