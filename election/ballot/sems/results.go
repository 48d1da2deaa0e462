package sems

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/openprecinct/precinct/internal/fault"
)

// Tallies are counts by precinct and contest, with the ids of the election.
type Tallies struct {
	ByPrecinct map[string]map[string]Tally `json:"talliesByPrecinct"`
}

// Tally is the count of a contest in a precinct. Votes are by option; written names together are under “write-in”.
type Tally struct {
	Ballots    int            `json:"ballots"`
	Overvotes  int            `json:"overvotes"`
	Undervotes int            `json:"undervotes"`
	Votes      map[string]int `json:"votes"`
}

// WriteInVotes is the id under which written names are counted together.
const WriteInVotes = "write-in"

// ReadTallies reads tallies as JSON.
func ReadTallies(r io.Reader) (*Tallies, error) {
	t := &Tallies{}
	d := json.NewDecoder(io.LimitReader(r, maxFile))
	d.DisallowUnknownFields()
	if err := d.Decode(t); err != nil {
		return nil, fault.Invalidf("The tallies cannot be read: they are JSON, {\"talliesByPrecinct\": {precinct: {contest: {ballots, overvotes, undervotes, votes}}}}.").Because(err)
	}
	return t, nil
}

// WriteResults writes tallies as SEMS takes them in: one row for each precinct, contest and option, those without a vote too; before them written names, times
// over voted and times under voted. It refuses tallies of a precinct, contest or option that the election does not have; warnings say where votes do not add up
// to ballots times seats.
func (f *File) WriteResults(w io.Writer, t *Tallies) (warnings []error, err error) {
	if warnings, err = f.check(t); err != nil {
		return nil, err
	}
	if f.windows1252 {
		w = charmap.Windows1252.NewEncoder().Writer(w)
	}
	out := bufio.NewWriter(w)
	for _, p := range f.Precincts {
		for _, c := range f.Contests {
			if p.votesIn(c) {
				f.contest(out, p, c, t.ByPrecinct[p.ID][c.ID])
			}
		}
	}
	return warnings, out.Flush()
}

func (p Precinct) votesIn(c Contest) bool {
	return slices.ContainsFunc(p.Splits, func(s Split) bool { return slices.Contains(s.Districts, c.District) })
}

// The ids of rows that are of no option.
const (
	writeInRow = iota
	overRow
	underRow
)

func (f *File) contest(out *bufio.Writer, p Precinct, c Contest, t Tally) {
	party, abbrev := f.party(c.Party)
	line := func(id, name, optionParty, optionAbbrev string, n int) {
		for _, v := range []string{f.County, p.ID, c.ID, c.title(), party, abbrev, id, name, optionParty, optionAbbrev, strconv.Itoa(n)} {
			_, _ = out.WriteString(`"` + strings.ReplaceAll(v, `"`, `""`) + `",`)
		}
		_, _ = out.WriteString("\r\n")
	}
	none, np := f.party("")
	if !c.Measure {
		line(strconv.Itoa(writeInRow), "Write-in", none, np, t.Votes[WriteInVotes])
	}
	line(strconv.Itoa(overRow), "Times Over Voted", none, np, t.Overvotes)
	line(strconv.Itoa(underRow), "Times Under Voted", none, np, t.Undervotes)
	for _, o := range c.Options {
		if n, ok := t.Votes[o.ID]; o.Kind == Named || ok && o.Kind == RegisteredWriteIn {
			id, word := f.party(o.Party)
			line(o.ID, c.name(o), id, word, n)
		}
	}
}

// party returns id and abbreviation as results have them.
func (f *File) party(id string) (string, string) {
	for _, p := range f.Parties {
		if p.ID == id {
			return id, p.Abbrev
		}
	}
	return "0", "NP"
}

func (f *File) check(t *Tallies) (warnings []error, err error) {
	for _, precinct := range slices.Sorted(maps.Keys(t.ByPrecinct)) {
		i := slices.IndexFunc(f.Precincts, func(p Precinct) bool { return p.ID == precinct })
		if i < 0 {
			return nil, fault.Invalidf("The tallies have precinct %s, which the election does not have. They must be of the same election.", precinct)
		}
		for _, contest := range slices.Sorted(maps.Keys(t.ByPrecinct[precinct])) {
			j := slices.IndexFunc(f.Contests, func(c Contest) bool { return c.ID == contest })
			if j < 0 || !f.Precincts[i].votesIn(f.Contests[j]) {
				return nil, fault.Invalidf("The tallies have contest %s in precinct %s, whose voters do not vote in it.", contest, precinct)
			}
			c, sum := f.Contests[j], 0
			x := t.ByPrecinct[precinct][contest]
			for _, id := range slices.Sorted(maps.Keys(x.Votes)) {
				if known := slices.ContainsFunc(c.Options, func(o Option) bool { return o.ID == id && o.Kind != WriteInLine }); !known && (id != WriteInVotes || c.Measure) {
					return nil, fault.Invalidf("The tallies of contest %s in precinct %s have votes for %s, who does not stand there.", contest, precinct, id)
				}
				sum += x.Votes[id]
			}
			if want := x.Ballots * max(c.Seats, 1); sum+x.Overvotes+x.Undervotes != want {
				warnings = append(warnings, fault.Invalidf("Contest %s in precinct %s: %d votes, %d over and %d under voted do not make %d ballots times %d.", contest, precinct, sum, x.Overvotes, x.Undervotes, x.Ballots, max(c.Seats, 1)))
			}
		}
	}
	return warnings, nil
}
