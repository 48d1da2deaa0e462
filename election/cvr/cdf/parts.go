package cdf

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// definitions are the parts of a report that are read, in both of its forms.
type definitions struct {
	Election []electionDef
	GpUnit   []unitDef
}

type unitDef struct {
	ID   string `json:"@id" xml:"ObjectId,attr"`
	Name string
}

type electionDef struct {
	Candidate []struct {
		ID   string `json:"@id" xml:"ObjectId,attr"`
		Name string
	}
	Contest []contestDef
}

type contestDef struct {
	ID           string `json:"@id" xml:"ObjectId,attr"`
	Name         string
	VotesAllowed number
	Selection    []selectionDef `json:"ContestSelection" xml:"ContestSelection"`
}

type selectionDef struct {
	ID           string `json:"@id" xml:"ObjectId,attr"`
	CandidateIDs ids    `json:"CandidateIds" xml:"CandidateIds"`
	Selection    string // of a measure: "Yes"
	WriteIn      truth  `json:"IsWriteIn" xml:"IsWriteIn"`
}

type record struct {
	Style      string     `json:"BallotStyleId" xml:"BallotStyleId"`
	Unit       string     `json:"BallotStyleUnitId" xml:"BallotStyleUnitId"`
	Device     string     `json:"CreatingDeviceId" xml:"CreatingDeviceId"`
	Batch      string     `json:"BatchId" xml:"BatchId"`
	Sequence   number     `json:"BatchSequenceId" xml:"BatchSequenceId"`
	UniqueID   string     `json:"UniqueId" xml:"UniqueId"`
	AuditID    string     `json:"BallotAuditId" xml:"BallotAuditId"`
	PrePrinted string     `json:"BallotPrePrintedId" xml:"BallotPrePrintedId"`
	Current    string     `json:"CurrentSnapshotId" xml:"CurrentSnapshotId"`
	Snapshot   []snapshot `json:"CVRSnapshot" xml:"CVRSnapshot"`
}

type snapshot struct {
	ID      string        `json:"@id" xml:"ObjectId,attr"`
	Contest []contestVote `json:"CVRContest" xml:"CVRContest"`
}

type contestVote struct {
	ID        string `json:"ContestId" xml:"ContestId"`
	Overvotes number
	Selection []selection `json:"CVRContestSelection" xml:"CVRContestSelection"`
}

type selection struct {
	ID       string     `json:"ContestSelectionId" xml:"ContestSelectionId"`
	Position []position `json:"SelectionPosition" xml:"SelectionPosition"`
}

type position struct {
	Indication string  `json:"HasIndication" xml:"HasIndication"`
	Allocable  string  `json:"IsAllocable" xml:"IsAllocable"`
	Votes      *number `json:"NumberVotes" xml:"NumberVotes"`
	Rank       number
	WriteIn    *struct{} `json:"CVRWriteIn" xml:"CVRWriteIn"`
}

// number is a whole number from 0, bare or as text.
type number int

// mostNumber bounds what a file may count: votes, ranks, places in a batch.
const mostNumber = 1 << 30

func (n *number) set(s string) error {
	if s == "" || s == "null" {
		return nil
	}
	v, err := strconv.ParseUint(s, 10, 31)
	if err != nil || v > mostNumber {
		return fmt.Errorf("%q is not a whole number", s)
	}
	*n = number(v)
	return nil
}

func (n *number) UnmarshalJSON(b []byte) error { return n.set(strings.Trim(string(b), `"`)) }
func (n *number) UnmarshalText(b []byte) error { return n.set(strings.TrimSpace(string(b))) }

// truth is true or false, bare or as text.
type truth bool

func (t *truth) UnmarshalJSON(b []byte) error {
	*t = strings.Trim(string(b), `"`) == "true"
	return nil
}
func (t *truth) UnmarshalText(b []byte) error {
	*t = strings.TrimSpace(string(b)) == "true"
	return nil
}

// ids are references: a list in JSON, words in XML.
type ids []string

func (i *ids) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*i = strings.Fields(one)
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return fmt.Errorf("reading references: %w", err)
	}
	*i = many
	return nil
}

func (i *ids) UnmarshalText(b []byte) error {
	*i = append(*i, strings.Fields(string(b))...)
	return nil
}

// xmlCards reads the elements CVR of a report.
type xmlCards struct {
	d *xml.Decoder
	g *guard
}

// newXML checks the root. Of the definitions it reads to the end of the file.
func newXML(g *guard, defs bool, define func(definitions) error) (cards, error) {
	d := xml.NewDecoder(g)
	root, err := element(d)
	if err != nil {
		return nil, err
	}
	if root == nil || root.Name.Local != "CastVoteRecordReport" {
		return nil, errors.New("the root is not CastVoteRecordReport")
	}
	if !defs {
		return &xmlCards{d, g}, nil
	}
	for {
		g.renew()
		e, err := element(d)
		if err != nil || e == nil {
			return none{}, err
		}
		var some definitions
		switch e.Name.Local {
		case "Election":
			some.Election = make([]electionDef, 1)
			err = d.DecodeElement(&some.Election[0], e)
		case "GpUnit":
			some.GpUnit = make([]unitDef, 1)
			err = d.DecodeElement(&some.GpUnit[0], e)
		default:
			err = d.Skip()
		}
		if err == nil {
			err = define(some)
		}
		if err != nil {
			return nil, err
		}
	}
}

// element returns the next element, or nil at the end of the one around it.
func element(d *xml.Decoder) (*xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("reading XML: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.Directive:
			return nil, errors.New("a document type is not read")
		}
	}
}

func (x *xmlCards) next(rec *record) error {
	for {
		x.g.renew()
		e, err := element(x.d)
		switch {
		case err != nil:
			return err
		case e == nil:
			return io.EOF
		case e.Name.Local != "CVR":
			if err := x.d.Skip(); err != nil {
				return fmt.Errorf("reading XML: %w", err)
			}
		default:
			if err := x.d.DecodeElement(rec, e); err != nil {
				return fmt.Errorf("decoding a card: %w", err)
			}
			return nil
		}
	}
}
