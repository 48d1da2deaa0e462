package cast

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/election/ranked"
	"github.com/openprecinct/precinct/internal/fault"
)

// The parts of NIST SP 1500-103 that a ranked contest needs, in JSON and XML at once. Texts that the standard lets be
// numbers or truth values in JSON are cdfText.
type (
	cdfElection struct {
		Candidate []struct {
			ID   string `json:"@id" xml:"ObjectId,attr"`
			Name string
		}
		Contest []cdfContest
	}
	cdfContest struct {
		ID               string `json:"@id" xml:"ObjectId,attr"`
		Name             string
		ContestSelection []struct {
			ID           string   `json:"@id" xml:"ObjectId,attr"`
			CandidateIds cdfIDs   `xml:"-"`
			CandidateXML []string `json:"-" xml:"CandidateIds"`
			IsWriteIn    cdfText
		}
	}
	cdfUnit struct {
		ID   string `json:"@id" xml:"ObjectId,attr"`
		Name string
	}
	cdfRecord struct {
		BallotPrePrintedID string `json:"BallotPrePrintedId" xml:"BallotPrePrintedId"`
		UniqueID           string `json:"UniqueId" xml:"UniqueId"`
		BatchID            string `json:"BatchId" xml:"BatchId"`
		CreatingDeviceID   string `json:"CreatingDeviceId" xml:"CreatingDeviceId"`
		BallotStyleUnitID  string `json:"BallotStyleUnitId" xml:"BallotStyleUnitId"`
		CurrentSnapshotID  string `json:"CurrentSnapshotId" xml:"CurrentSnapshotId"`
		CVRSnapshot        []struct {
			ID         string `json:"@id" xml:"ObjectId,attr"`
			CVRContest []struct {
				ContestID           string `json:"ContestId" xml:"ContestId"`
				CVRContestSelection []cdfSelection
			}
		}
	}
	cdfSelection struct {
		ContestSelectionID string `json:"ContestSelectionId" xml:"ContestSelectionId"`
		Status             cdfText
		Rank               cdfText
		SelectionPosition  []struct {
			CVRWriteIn    *cdfWriteIn
			HasIndication cdfText
			IsAllocable   cdfText
			Rank          cdfText
		}
	}
	cdfWriteIn struct{}
)

// UnmarshalJSON takes whatever says that there is a written name: one, or a list.
func (*cdfWriteIn) UnmarshalJSON([]byte) error { return nil }

// cdfText is a text, number or truth value of JSON, or a text of XML.
type cdfText string

// UnmarshalJSON reads any single value; of a list, the first.
func (t *cdfText) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case len(b) > 0 && b[0] == '[':
		var all []cdfText
		if err := json.Unmarshal(b, &all); err != nil {
			return err
		}
		if len(all) > 0 {
			*t = all[0]
		}
	case string(b) != "null":
		*t = cdfText(b)
	}
	return nil
}

// cdfIDs is a list of ids, or one.
type cdfIDs []string

// UnmarshalJSON reads a list or a single id.
func (t *cdfIDs) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*t = cdfIDs{""}
		return json.Unmarshal(b, &(*t)[0])
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// cdfWritten is a selection for whomever the voter wrote down.
const cdfWritten = -3

// cdfContents is what records refer to.
type cdfContents struct {
	contest string            // its id
	choices map[string]person // whom its selections mean
	names   map[string]string
	units   map[string]string
}

// contents joins elections and units into what the contest's records refer to.
func (r *reader) contents(elections []cdfElection, units []cdfUnit) (*cdfContents, error) {
	c := &cdfContents{choices: map[string]person{}, names: map[string]string{}, units: map[string]string{}}
	for _, u := range units {
		if _, twice := c.units[u.ID]; twice {
			return nil, fault.Invalidf("%s has the id %q twice.", r.source.Path, u.ID)
		}
		c.units[u.ID] = u.Name
	}
	people := map[string]string{}
	var contest *cdfContest
	for i := range elections {
		for _, p := range elections[i].Candidate {
			if _, twice := people[p.ID]; twice {
				return nil, fault.Invalidf("%s has the id %q twice.", r.source.Path, p.ID)
			}
			people[p.ID] = p.Name
		}
		for j := range elections[i].Contest {
			k := &elections[i].Contest[j]
			if k.Name == r.source.ContestID || contest == nil && k.ID == r.source.ContestID {
				contest = k
			}
		}
	}
	if contest == nil {
		return nil, fault.Invalidf("%s has no contest %q. Check contestId.", r.source.Path, r.source.ContestID)
	}
	c.contest = contest.ID
	for _, s := range contest.ContestSelection {
		if _, twice := c.choices[s.ID]; twice {
			return nil, fault.Invalidf("%s has the id %q twice.", r.source.Path, s.ID)
		}
		ids := append(s.CandidateIds, s.CandidateXML...)
		switch {
		case strings.EqualFold(string(s.IsWriteIn), "true"), strings.EqualFold(string(s.IsWriteIn), "yes"), s.IsWriteIn == "1":
			c.choices[s.ID] = person{cdfWritten, 0}
			continue
		case len(ids) == 0:
			return nil, fault.Invalidf("%s: the selection %q names no candidate.", r.source.Path, s.ID)
		}
		name, ok := people[strings.Fields(ids[0] + " ")[0]]
		if !ok {
			return nil, fault.Invalidf("%s: the selection %q names the candidate %q, who is not in the file.", r.source.Path, s.ID, ids[0])
		}
		c.names[s.ID] = name
		c.choices[s.ID] = r.choice(name)
	}
	return c, nil
}

func (r *reader) choice(name string) person {
	if r.source.OvervoteLabel != "" && name == r.source.OvervoteLabel {
		return person{ranked.Overvote, 0}
	}
	return r.column(name)
}

// cdfBallot reads the current state of a record, as its system or people left it.
func (r *reader) cdfBallot(rec *cdfRecord, c *cdfContents, where string) error {
	current := -1
	for i := range rec.CVRSnapshot {
		if rec.CVRSnapshot[i].ID == rec.CurrentSnapshotID {
			current = i
			break
		}
	}
	if current < 0 {
		return fault.Invalidf("%s, %s: its current snapshot %q is not there.", r.source.Path, where, rec.CurrentSnapshotID)
	}
	var mine []cdfSelection
	found := false
	for _, k := range rec.CVRSnapshot[current].CVRContest {
		if k.ContestID == c.contest {
			mine, found = k.CVRContestSelection, true
			break
		}
	}
	if !found {
		return nil // a ballot without this contest
	}
	r.begin()
	b := &r.ballot
	b.ID, b.VendorID, b.Batch, b.Tabulator = r.id(), rec.BallotPrePrintedID, rec.BatchID, rec.CreatingDeviceID
	if b.VendorID == "" {
		b.VendorID = rec.UniqueID
	}
	if id := rec.BallotStyleUnitID; id != "" {
		name, ok := c.units[id]
		if !ok {
			return fault.Invalidf("%s, %s: its precinct %q is not in the file.", r.source.Path, where, id)
		}
		b.Precinct = name
	}
	for i := range mine {
		if err := r.cdfSelection(&mine[i], c, where); err != nil {
			return err
		}
	}
	return r.end(where)
}

func (r *reader) cdfSelection(s *cdfSelection, c *cdfContents, where string) error {
	if s.Status == "needs-adjudication" {
		return nil
	}
	k, ok := c.choices[s.ContestSelectionID]
	if !ok {
		return fault.Invalidf("%s, %s: its selection %q is not in the file.", r.source.Path, where, s.ContestSelectionID)
	}
	if s.Rank != "" {
		return r.cdfMark(s.Rank, k, s.ContestSelectionID, c, where)
	}
	for _, p := range s.SelectionPosition {
		if p.CVRWriteIn != nil {
			k = person{cdfWritten, 0}
		}
		if p.HasIndication == "no" || p.IsAllocable == "no" {
			continue
		}
		if err := r.cdfMark(p.Rank, k, s.ContestSelectionID, c, where); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) cdfMark(rank cdfText, k person, selection string, c *cdfContents, where string) error {
	n, err := strconv.Atoi(strings.TrimSpace(string(rank)))
	if err != nil || n < 1 {
		return fault.Invalidf("%s, %s: its rank %q is not a whole number from 1.", r.source.Path, where, string(rank))
	}
	switch {
	case k.candidate == unknown:
		r.strange(c.names[selection])
	case k.candidate == cdfWritten && !r.settings.WriteIns:
		r.strange("write-in")
	case k.candidate == cdfWritten:
		r.put(n, r.writeIn())
	default:
		r.put(n, k)
	}
	return nil
}

// cdfJSON goes through a file twice: for what records refer to, and for the records.
func (r *reader) cdfJSON(fsys fs.FS, name string) error {
	var elections []cdfElection
	var units []cdfUnit
	err := r.opened(fsys, name, func(f io.Reader) error {
		limit := &bounded{f, maxManifest}
		dec := json.NewDecoder(limit)
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			return errors.Join(err, shape(err))
		}
		for dec.More() {
			t, err := dec.Token()
			if err != nil {
				return err
			}
			limit.n = maxManifest
			switch t {
			case "Election":
				err = dec.Decode(&elections)
			case "GpUnit":
				err = dec.Decode(&units)
			default:
				err = pass(dec, func() { limit.n = maxManifest })
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return r.jsonError(err, path.Base(name), 0)
	}
	c, err := r.contents(elections, units)
	if err != nil {
		return err
	}
	n := 0
	err = r.opened(fsys, name, func(f io.Reader) error {
		return eachIn(f, []string{"CVR"}, func(dec *json.Decoder) error {
			var rec cdfRecord
			if err := dec.Decode(&rec); err != nil {
				return err
			}
			n++
			return r.cdfBallot(&rec, c, fmt.Sprintf("record %d", n))
		})
	})
	return r.jsonError(err, path.Base(name), n)
}

func (r *reader) opened(fsys fs.FS, name string, fn func(io.Reader) error) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fault.NotFoundf("The file of votes %s cannot be opened. Check filePath.", r.source.Path).Because(err)
	}
	return errors.Join(fn(f), f.Close())
}

// cdfXML goes through a file twice, as cdfJSON does.
func (r *reader) cdfXML(fsys fs.FS, name string) error {
	var elections []cdfElection
	var units []cdfUnit
	err := r.eachElement(fsys, name, func(dec *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "Election":
			elections = append(elections, cdfElection{})
			return dec.DecodeElement(&elections[len(elections)-1], &e)
		case "GpUnit":
			units = append(units, cdfUnit{})
			return dec.DecodeElement(&units[len(units)-1], &e)
		}
		return dec.Skip()
	})
	if err != nil {
		return err
	}
	c, err := r.contents(elections, units)
	if err != nil {
		return err
	}
	n := 0
	return r.eachElement(fsys, name, func(dec *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "CVR" {
			return dec.Skip()
		}
		var rec cdfRecord
		if err := dec.DecodeElement(&rec, &e); err != nil {
			return err
		}
		n++
		return r.cdfBallot(&rec, c, fmt.Sprintf("record %d", n))
	})
}

// eachElement calls fn for each child of the outermost element; fn reads it to its end.
func (r *reader) eachElement(fsys fs.FS, name string, fn func(*xml.Decoder, xml.StartElement) error) error {
	return r.opened(fsys, name, func(f io.Reader) error {
		limit := &bounded{f, maxManifest}
		dec := xml.NewDecoder(limit)
		depth := 0
		for {
			t, err := dec.Token()
			if errors.Is(err, io.EOF) && depth == 0 {
				return nil
			}
			if err != nil {
				return r.xmlError(err, path.Base(name), dec)
			}
			switch t := t.(type) {
			case xml.StartElement:
				if depth == 0 {
					depth++
					continue
				}
				limit.n = maxManifest
				if err := fn(dec, t); err != nil {
					return r.xmlError(err, path.Base(name), dec)
				}
			case xml.EndElement:
				depth--
			}
		}
	})
}

// xmlError names the line that cannot be read; sentences for people pass.
func (r *reader) xmlError(err error, file string, dec *xml.Decoder) error {
	if fault.As(err) != nil || r.ctx.Err() != nil {
		return err
	}
	line, _ := dec.InputPos()
	if errors.Is(err, errTooLong) {
		return fault.Invalidf("%s, line %d: a record is longer than this program takes.", file, line)
	}
	return fault.Invalidf("%s, line %d: it cannot be read (%s). Export the file anew.", file, line, err.Error()).Because(err)
}
