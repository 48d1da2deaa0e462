package cast

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// dominionList is what Dominion's lists of things have.
type dominionList struct {
	List []struct {
		Description string
		ID          json.Number `json:"Id"`
		ContestID   json.Number `json:"ContestId"`
		NumOfRanks  int
	}
}

// dominionSession is one ballot of CvrExport.json, reduced to what counts.
type dominionSession struct {
	TabulatorID json.Number `json:"TabulatorId"`
	BatchID     json.Number `json:"BatchId"`
	RecordID    json.Number `json:"RecordId"`
	Original    dominionRead
	Modified    *dominionRead
}

type dominionRead struct {
	PrecinctID json.Number `json:"PrecinctId"`
	PortionID  json.Number `json:"PrecinctPortionId"`
	IsCurrent  bool
	Contests   []dominionContest
	Cards      []struct{ Contests []dominionContest }
}

type dominionContest struct {
	ID         json.Number   `json:"Id"`
	Conditions []json.Number `json:"OutstackConditionIds"`
	Marks      []struct {
		CandidateID json.Number `json:"CandidateId"`
		Rank        int
		IsAmbiguous bool
	}
}

// dominionFolder is the lists of a folder.
type dominionFolder struct {
	precincts, portions map[string]string
	candidates          map[string]bool // of the contest
	invalid             map[string]bool // conditions for which a contest on a card is not counted
}

// dominion reads a folder of Dominion's JSON export: lists, and ballots in CvrExport.json or in CvrExport_1.json and on.
// A ballot changed by people counts as they changed it; a mark that is ambiguous is none. Whether the machine took a mark
// for a vote (IsVote) is not asked: the rules of the count decide. A contest that is set aside as invalid is left out.
func (r *reader) dominion(fsys fs.FS, dir string) error {
	var d dominionFolder
	var err error
	if d.precincts, err = r.descriptions(fsys, path.Join(dir, "PrecinctManifest.json"), true); err != nil {
		return err
	}
	if d.portions, err = r.descriptions(fsys, path.Join(dir, "PrecinctPortionManifest.json"), false); err != nil {
		return err
	}
	if err := r.dominionContest(fsys, dir, &d); err != nil {
		return err
	}
	conditions, err := r.descriptions(fsys, path.Join(dir, "OutstackConditionManifest.json"), true)
	if err != nil {
		return err
	}
	d.invalid = map[string]bool{}
	for id, name := range conditions {
		d.invalid[id] = name == "InvalidContest"
	}
	files, err := exports(fsys, dir)
	if err != nil || len(files) == 0 {
		return fault.NotFoundf("The folder %s has neither CvrExport.json nor CvrExport_1.json and on. Check filePath.", r.source.Path).Because(err)
	}
	before := r.count
	for _, name := range files {
		if err := r.dominionFile(fsys, name, &d); err != nil {
			return err
		}
	}
	if r.count == before {
		return fault.Invalidf("The folder %s has no ballot of the contest %s. Check contestId.", r.source.Path, r.source.ContestID)
	}
	return nil
}

// exports returns the files of ballots: one, or all that are numbered, in the order of their numbers.
func exports(fsys fs.FS, dir string) ([]string, error) {
	one := path.Join(dir, "CvrExport.json")
	if _, err := fs.Stat(fsys, one); err == nil {
		return []string{one}, nil
	}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "CvrExport_%d.json", &n); err == nil && n >= 0 && e.Name() == fmt.Sprintf("CvrExport_%d.json", n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var names []string
	for _, n := range numbers {
		names = append(names, path.Join(dir, fmt.Sprintf("CvrExport_%d.json", n)))
	}
	return names, nil
}

func (r *reader) list(fsys fs.FS, name string) (*dominionList, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var l dominionList
	if err := json.NewDecoder(&bounded{f, maxManifest}).Decode(&l); err != nil {
		return nil, fault.Invalidf("%s in %s is not a list of Dominion's.", path.Base(name), r.source.Path).Because(err)
	}
	return &l, nil
}

func (r *reader) descriptions(fsys fs.FS, name string, optional bool) (map[string]string, error) {
	l, err := r.list(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		if optional {
			return nil, nil // old exports know only portions
		}
		return nil, fault.NotFoundf("%s is missing in %s. Export the folder whole.", path.Base(name), r.source.Path).Because(err)
	}
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, x := range l.List {
		m[x.ID.String()] = x.Description
	}
	return m, nil
}

// dominionContest finds the contest and its candidates in the lists.
func (r *reader) dominionContest(fsys fs.FS, dir string, d *dominionFolder) error {
	contests, err := r.list(fsys, path.Join(dir, "ContestManifest.json"))
	if err == nil {
		found := false
		for _, x := range contests.List {
			if x.ID.String() == r.source.ContestID {
				found, r.tooMany = true, x.NumOfRanks
			}
		}
		if !found {
			return fault.Invalidf("%s has no contest with the id %s. Check contestId.", r.source.Path, r.source.ContestID)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	} else {
		return fault.NotFoundf("%s is missing in %s. Export the folder whole.", "ContestManifest.json", r.source.Path).Because(err)
	}
	candidates, err := r.list(fsys, path.Join(dir, "CandidateManifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return fault.NotFoundf("%s is missing in %s. Export the folder whole.", "CandidateManifest.json", r.source.Path).Because(err)
	}
	if err != nil {
		return err
	}
	d.candidates = map[string]bool{}
	for _, x := range candidates.List {
		if x.ContestID.String() == r.source.ContestID {
			d.candidates[x.ID.String()] = true
		}
	}
	return nil
}

func (r *reader) dominionFile(fsys fs.FS, name string, d *dominionFolder) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fault.NotFoundf("The file of votes %s cannot be opened. Check filePath.", name).Because(err)
	}
	defer func() { _ = f.Close() }()
	n := 0
	err = eachIn(f, []string{"Sessions"}, func(dec *json.Decoder) error {
		var s dominionSession
		if err := dec.Decode(&s); err != nil {
			return err
		}
		n++
		return r.dominionBallot(&s, d, fmt.Sprintf("%s, record %d", path.Base(name), n))
	})
	return r.jsonError(err, path.Base(name), n)
}

func (r *reader) dominionBallot(s *dominionSession, d *dominionFolder, where string) error {
	read := &s.Original
	if !read.IsCurrent {
		if s.Modified == nil {
			return nil // set aside, and nobody has decided yet: RCTab leaves it out too
		}
		read = s.Modified
	}
	cards := read.Cards
	if cards == nil {
		cards = append(cards, struct{ Contests []dominionContest }{read.Contests})
	}
	for i := range cards {
		for j := range cards[i].Contests {
			c := &cards[i].Contests[j]
			if c.ID.String() != r.source.ContestID || slices.ContainsFunc(c.Conditions, func(n json.Number) bool { return d.invalid[n.String()] }) {
				continue
			}
			if err := r.dominionMarks(s, read, c, d, where); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) dominionMarks(s *dominionSession, read *dominionRead, c *dominionContest, d *dominionFolder, where string) error {
	r.begin()
	b := &r.ballot
	b.VendorID, b.Contest, b.Tabulator, b.Batch = s.RecordID.String(), c.ID.String(), s.TabulatorID.String(), s.BatchID.String()
	b.ID = b.Tabulator + "-" + b.Batch + "-" + b.VendorID
	var ok bool
	if id := read.PrecinctID.String(); id != "" && d.precincts != nil {
		if b.Precinct, ok = d.precincts[id]; !ok {
			return fault.Invalidf("%s, %s: the precinct %s is not in PrecinctManifest.json.", r.source.Path, where, id)
		}
	}
	if id := read.PortionID.String(); id != "" {
		if b.Portion, ok = d.portions[id]; !ok {
			return fault.Invalidf("%s, %s: the precinct portion %s is not in PrecinctPortionManifest.json.", r.source.Path, where, id)
		}
	}
	for _, m := range c.Marks {
		if m.IsAmbiguous {
			continue
		}
		id := m.CandidateID.String()
		if id != r.source.WriteInLabel && !d.candidates[id] {
			return fault.Invalidf("%s, %s: the candidate %s is not in this contest, says CandidateManifest.json.", r.source.Path, where, id)
		}
		r.mark(m.Rank, id)
	}
	return r.end(where)
}

// jsonError names the record that cannot be read; sentences for people pass.
func (r *reader) jsonError(err error, file string, record int) error {
	switch {
	case err == nil:
		return nil
	case fault.As(err) != nil, r.ctx.Err() != nil:
		return err
	case errors.Is(err, errTooLong):
		return fault.Invalidf("%s, record %d: it is longer than %d megabytes.", file, record+1, maxRecord>>20)
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, errShape) {
		return fault.Invalidf("%s, record %d: it cannot be read (%s). Export the file anew.", file, record+1, strings.TrimPrefix(err.Error(), "json: ")).Because(err)
	}
	return err
}

var errShape = errors.New("something else is expected here")

// eachIn goes into an object by keys and calls fn at every element of the array there. fn decodes the element. Keys that
// come before are passed over.
func eachIn(f io.Reader, keys []string, fn func(*json.Decoder) error) error {
	limit := &bounded{f, maxRecord * 2}
	dec := json.NewDecoder(limit)
	refill := func() { limit.n = maxRecord * 2 }
	for _, key := range keys {
		if err := enter(dec, key, refill); err != nil {
			return err
		}
	}
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(err, shape(err))
	}
	for dec.More() {
		refill()
		if err := fn(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func shape(err error) error {
	if err != nil {
		return nil
	}
	return errShape
}

// enter goes into an object up to the value of a key.
func enter(dec *json.Decoder, key string, refill func()) error {
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') {
		return errors.Join(err, shape(err))
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		if t == key {
			return nil
		}
		if err := pass(dec, refill); err != nil {
			return err
		}
	}
	return errShape
}

// pass goes over one value without holding more of it than an element of an array.
func pass(dec *json.Decoder, refill func()) error {
	refill()
	t, err := dec.Token()
	if err != nil {
		return err
	}
	var one json.RawMessage
	switch t {
	case json.Delim('{'):
		for dec.More() {
			if _, err := dec.Token(); err != nil {
				return err
			}
			refill()
			if err := dec.Decode(&one); err != nil {
				return err
			}
		}
	case json.Delim('['):
		for dec.More() {
			refill()
			if err := dec.Decode(&one); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = dec.Token()
	return err
}
