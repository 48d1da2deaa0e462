package ranked

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
)

// RecordWriter writes the ballots of a contest as RCTab's rctab_cvr.csv: a row a ballot, a column a rank, all vendors alike.
type RecordWriter struct {
	w        *bufio.Writer
	settings *Settings
	ranks    int
	dominion bool
	line     []byte
}

// NewRecordWriter writes the first row. Errors come from Close.
func NewRecordWriter(w io.Writer, s *Settings) *RecordWriter {
	rw := &RecordWriter{w: bufio.NewWriterSize(w, 1<<16), settings: s, ranks: s.Rules.MaxRanks}
	if rw.ranks == 0 {
		rw.ranks = len(s.Candidates)
	}
	// Dominion names a ballot by tabulator, batch and record; RCTab's rows are then without an id of its own.
	rw.dominion = !slices.ContainsFunc(s.Sources, func(x Source) bool { return x.Provider != Dominion })
	head := []string{"Source Filepath", "CVR Provider", "Contest Id", "RCTab CVR Id", "Tabulator Id", "Batch Id", "Vendor Id", "Precinct", "Precinct Portion"}
	if rw.dominion {
		head = []string{"Source Filepath", "CVR Provider", "Contest Id", "Tabulator Id", "Batch Id", "Record Id", "Precinct", "Precinct Portion"}
	}
	for n := 1; n <= rw.ranks; n++ {
		head = append(head, "Rank "+strconv.Itoa(n))
	}
	for i, h := range head {
		rw.cell(i, h)
	}
	rw.end()
	return rw
}

func (w *RecordWriter) cell(i int, s string) {
	if i > 0 {
		w.line = append(w.line, ',')
	}
	if !strings.ContainsAny(s, ",\"\r\n") && !strings.HasPrefix(s, " ") {
		w.line = append(w.line, s...)
		return
	}
	w.line = append(w.line, '"')
	w.line = append(w.line, strings.ReplaceAll(s, `"`, `""`)...)
	w.line = append(w.line, '"')
}

func (w *RecordWriter) end() {
	w.line = append(w.line, "\r\n"...)
	_, _ = w.w.Write(w.line)
	w.line = w.line[:0]
}

// Write writes a ballot.
func (w *RecordWriter) Write(b *Ballot) {
	src := &w.settings.Sources[b.Source]
	w.cell(0, src.Path)
	w.cell(1, src.Provider.String())
	w.cell(1, b.Contest)
	if !w.dominion {
		w.cell(1, b.ID)
	}
	for _, s := range [...]string{b.Tabulator, b.Batch, b.VendorID, b.Precinct, b.Portion} {
		w.cell(1, s)
	}
	marks := b.Marks
	for n := 1; n <= w.ranks; n++ {
		count := 0
		for count < len(marks) && marks[count].Rank == n {
			count++
		}
		switch count {
		case 0:
			w.cell(1, "undervote")
		case 1:
			w.cell(1, w.called(marks[0].Candidate, src))
		default:
			var all []string
			for _, m := range marks[:count] {
				all = append(all, w.called(m.Candidate, src))
			}
			w.cell(1, strings.Join(all, "\n"))
		}
		marks = marks[count:]
	}
	w.end()
}

func (w *RecordWriter) called(candidate int, src *Source) string {
	switch candidate {
	case Overvote:
		return "overvote"
	case len(w.settings.Candidates):
		return src.WriteInLabel
	}
	return w.settings.Candidates[candidate].Name
}

// Close writes what is left.
func (w *RecordWriter) Close() error { return w.w.Flush() }

// CDFWriter writes the ballots of a contest as RCTab does in NIST SP 1500-103 (JSON): each as it was read, and, if there is
// a count, as it stood in each round.
type CDFWriter struct {
	w        *bufio.Writer
	settings *Settings
	result   *Result
	by       Generator
	date     string
	first    bool
	units    map[string]string
	names    []string // precincts in the order of their ids
	err      error
}

// NewCDFWriter begins a report. result may be nil; date is the moment of writing (RFC 3339). precincts are given only where
// records are to name them.
func NewCDFWriter(w io.Writer, s *Settings, result *Result, precincts []string, by Generator, date string) *CDFWriter {
	c := &CDFWriter{w: bufio.NewWriterSize(w, 1<<16), settings: s, result: result, by: by, date: date, first: true, units: map[string]string{}}
	c.names = javaOrder(precincts, func(n string) string { return n }, false)
	for i, n := range c.names {
		c.units[n] = "gpu-" + strconv.Itoa(i+1)
	}
	c.raw("{\n  \"@type\": \"CVR.CastVoteRecordReport\",\n  \"CVR\": [")
	return c
}

func (c *CDFWriter) raw(s string) {
	if _, err := c.w.WriteString(s); err != nil && c.err == nil {
		c.err = err
	}
}

func (c *CDFWriter) value(v any) {
	b, err := json.Marshal(v)
	if err != nil && c.err == nil {
		c.err = err
	}
	c.raw(string(b))
}

// plainName keeps what ids may have.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, s)
}

// Write writes a ballot.
func (c *CDFWriter) Write(b *Ballot) {
	if !c.first {
		c.raw(",")
	}
	c.first = false
	id := plainName(b.ID)
	current := "ballot-" + id
	snapshots := []any{c.snapshot(b, current, nil)}
	if c.result != nil {
		for _, at := range c.result.Trace(b.Marks) {
			current = "ballot-" + id + "-round-" + strconv.Itoa(at.Round)
			snapshots = append(snapshots, c.snapshot(b, current, &at))
		}
	}
	record := map[string]any{"@type": "CVR", "BallotPrePrintedId": id, "CVRSnapshot": snapshots, "CurrentSnapshotId": current, "ElectionId": "election-001"}
	if len(c.units) > 0 {
		name := b.Precinct
		if name == "" {
			name = ByPrecinct.Missing()
		}
		record["BallotStyleUnitId"] = c.units[name]
	}
	c.raw("\n    ")
	c.value(record)
}

func (c *CDFWriter) nameOf(candidate int) string {
	if candidate == Overvote {
		return "overvote"
	}
	return c.settings.NameOf(candidate)
}

// snapshot writes a ballot as it was read, or as it stands in a round.
func (c *CDFWriter) snapshot(b *Ballot, id string, at *Station) any {
	type chosen struct {
		candidate int
		name      string
		ranks     []int
	}
	var all []chosen
	for _, m := range b.Marks {
		name := c.nameOf(m.Candidate)
		if m.Alias > 0 && at == nil {
			name = c.settings.Candidates[m.Candidate].Aliases[m.Alias-1] // as it was read
		}
		i := slices.IndexFunc(all, func(x chosen) bool { return x.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, chosen{candidate: m.Candidate, name: name})
		}
		all[i].ranks = append(all[i].ranks, m.Rank)
	}
	slices.SortStableFunc(all, func(x, y chosen) int {
		return cmp.Or(cmp.Compare(x.ranks[0], y.ranks[0]), javaCompare(x.name, y.name))
	})
	selections := []any{}
	for _, k := range all {
		allocable, votes := "unknown", NewDecimal(1)
		if at != nil {
			allocable, votes = c.holds(at, k.candidate)
		}
		positions := []any{}
		for _, rank := range k.ranks {
			p := map[string]any{"@type": "CVR.SelectionPosition", "HasIndication": "yes", "IsAllocable": allocable, "NumberVotes": json.Number(votes.Down(0).String()), "Rank": rank}
			if broken := votes.Minus(votes.Down(0)); broken.Sign() > 0 {
				p["FractionalVotes"] = strings.TrimPrefix(pointed(broken.units.String(), broken.scale), "0")
			}
			positions = append(positions, p)
			if allocable == "yes" {
				allocable = "no" // of a candidate ranked twice only the first rank counts
			}
		}
		selections = append(selections, map[string]any{"@type": "CVR.CVRContestSelection", "ContestSelectionId": "cs-" + strings.ToLower(plainName(k.name)), "SelectionPosition": positions})
	}
	kind := "original"
	if at != nil {
		kind = "interpreted"
	}
	return map[string]any{"@id": id, "@type": "CVR.CVRSnapshot", "Type": kind,
		"CVRContest": []any{map[string]any{"@type": "CVR.CVRContest", "ContestId": "contest-001", "CVRContestSelection": selections}}}
}

// holds says whether a ballot counts for a candidate in a round, and with how much.
func (c *CDFWriter) holds(at *Station, candidate int) (string, Decimal) {
	for _, k := range at.Kept {
		if k.Candidate == candidate {
			return "yes", k.Value
		}
	}
	if at.Status == Active && at.Candidate == candidate {
		return "yes", at.Value
	}
	return "no", NewDecimal(1)
}

// Close writes the election, its candidates and places.
func (c *CDFWriter) Close() error {
	s := c.settings
	names := []string{}
	for i := range s.Size() {
		names = append(names, s.NameOf(i))
	}
	if slices.ContainsFunc(s.Sources, func(x Source) bool { return x.OvervoteLabel != "" }) {
		names = append(names, "overvote")
	}
	slices.SortFunc(names, javaCompare)
	candidates, selections := []any{}, []any{}
	for _, n := range names {
		id := strings.ToLower(plainName(n))
		candidates = append(candidates, map[string]any{"@id": "c-" + id, "Name": n})
		selections = append(selections, map[string]any{"@id": "cs-" + id, "@type": "ContestSelection", "CandidateIds": []string{"c-" + id}})
	}
	units := []any{map[string]any{"@id": "gpu-election", "@type": "GpUnit", "Name": s.Jurisdiction, "OtherType": "Election Scope Jurisdiction", "Type": "other"}}
	for _, n := range c.names {
		units = append(units, map[string]any{"@id": c.units[n], "@type": "GpUnit", "Name": n, "Type": "precinct"})
	}
	c.raw("\n  ],\n  \"Election\": ")
	c.value([]any{map[string]any{"@id": "election-001", "@type": "Election", "Candidate": candidates, "ElectionScopeId": "gpu-election",
		"Contest": []any{map[string]any{"@id": "contest-001", "@type": "CandidateContest", "ContestSelection": selections, "Name": s.Name}}}})
	c.raw(",\n  \"GeneratedDate\": ")
	c.value(c.date)
	c.raw(",\n  \"GpUnit\": ")
	c.value(units)
	// The device is the form's, which readers of it know; who wrote this one stands in the notes.
	c.raw(",\n  \"ReportGeneratingDeviceIds\": [\"rd-001\"],\n  \"ReportingDevice\": ")
	c.value([]any{map[string]any{"@id": "rd-001", "@type": "CVR.ReportingDevice", "Application": "RCTab", "Manufacturer": "Bright Spots",
		"Notes": "Written by " + c.by.Name + " in the form of RCTab."}})
	c.raw(",\n  \"Version\": \"1.0.0\"\n}\n")
	if c.err != nil {
		return c.err
	}
	return c.w.Flush()
}
