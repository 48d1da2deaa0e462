// Package synth makes up whole states: people on streets in precincts, with voter files in the states' own layouts that name nobody who lives.
//
// A state is drawn from a seed. The same options give the same bytes on every machine: all chance comes from PCG streams
// named by purpose, all geometry is in whole centimetres, and nothing is drawn in the order of a map. Files are written
// county by county, so memory stays flat whatever the number of voters.
//
// The model of the ground follows the turf measurements of the project (jittered grid, main streets every eighth line,
// T-junctions, a river with bridges, parks, three densities, 100 numbers to a block, precincts of 8×8 blocks). County names
// and codes are the state's real ones; towns, streets, shapes and their places are invented.
package synth

import (
	_ "embed"
	"io"
	"slices"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish holds the Spanish of this package's sentences for people.
//
//go:embed es.json
var Spanish []byte

// Options say what state to make.
type Options struct {
	Layout     layout.ID
	Generation layout.Generation // of the layout; the zero value is the newest
	Voters     int               // rows of the voter file, 100 to 50,000,000
	Seed       uint64
	Date       layout.Date // day of the file; 0 means DefaultDate
	Turnout    int         // lifts everybody's odds of voting, in quarters of a doubling; 0 is realistic, for load tests see TurnoutOfEight
	Dirty      bool        // add rows that a careful importer must refuse, named in the manifest
}

// TurnoutOfEight is the Options.Turnout that gives a voter of North Carolina about eight rows of history, as the state's
// own file of all years has. The realistic thirty elections give about five.
const TurnoutOfEight = 9

// DefaultDate is the day of the file where Options give none. It is a constant: nothing here reads a clock.
const DefaultDate layout.Date = 2026_10_03

// Limits of Options.Voters.
const (
	MinVoters = 100
	MaxVoters = 50_000_000
)

// Create opens a file of the state for writing. The names are those the state uses, without folders.
type Create func(name string) (io.WriteCloser, error)

// State is a made-up state on one day. It is not safe for concurrent use.
type State struct {
	opts      Options
	asOf      layout.Date
	changes   []Change // one for each later month
	land      land
	code      spelling
	groups    [communities]community
	elections []election
	counties  []county
	towns     []town
	precincts []precinct
	cells     []int32 // precinct of every cell
	names     map[string]bool
	nextZIP   int
	tlid      int
}

// New draws the state: its counties, towns, precincts, districts and calendar. People are made while writing.
func New(opts Options) (*State, error) {
	l, ok := lands[opts.Layout]
	if !ok {
		return nil, fault.Invalidf("There is no synthetic state in the layout %q. Choose one of fl, mi, nc, oh or wa.", string(opts.Layout))
	}
	if !slices.Contains(layout.Generations(opts.Layout), opts.Generation) {
		return nil, fault.Invalidf("The files of the layout %q never had this form. Choose another form, or the current one.", string(opts.Layout))
	}
	if opts.Voters < MinVoters || opts.Voters > MaxVoters {
		return nil, fault.Invalidf("A synthetic state has from %d to %d voters, not %d.", MinVoters, MaxVoters, opts.Voters)
	}
	if opts.Date == 0 {
		opts.Date = DefaultDate
	}
	if opts.Turnout < -60 || opts.Turnout > 60 {
		return nil, fault.Invalidf("The turnout of a synthetic state is lifted by -60 to 60 steps, not %d.", opts.Turnout)
	}
	if y := opts.Date.Year(); y < 2016 || y > 2060 || layout.MakeDate(y, opts.Date.Month(), opts.Date.Day()) != opts.Date {
		return nil, fault.Invalidf("A synthetic state needs a day from 2016 to 2060, not %s.", opts.Date.String())
	}
	s := &State{opts: opts, asOf: opts.Date, land: l, code: spellings[opts.Layout], groups: newCommunities(), names: map[string]bool{}, nextZIP: l.zip}
	s.elections = newElections(opts, opts.Date)
	s.cells = make([]int32, s.width()*s.height())
	s.layCounties(countyRows(opts.Layout))
	s.layTowns()
	s.cutPrecincts()
	for i := range s.precincts {
		p := &s.precincts[i]
		p.code = s.codeOf(p, i)
	}
	s.draw()
	return s, nil
}

// Change says what happens to a state from one file to the next. Shares are per 10,000 registrations; Change{} stands
// for an ordinary month.
type Change struct {
	Date  layout.Date // day of the newer file; 0 means a month later
	Moved int         // to another address in the county; 0 means 90
	Party int         // changed party; 0 means 20, and nothing happens where a state registers no party
	New   int         // registered since; 0 means 80
	Gone  int         // no longer in the file; 0 means 50
}

// Newer returns the same state one file later. People keep their ids; the manifest of the newer state counts, for each
// county, exactly what changed against the older one.
func (s *State) Newer(c Change) (*State, error) {
	if c.Date == 0 {
		y, m := s.asOf.Year(), s.asOf.Month()+1
		if m > 12 {
			y, m = y+1, 1
		}
		c.Date = layout.MakeDate(y, m, min(s.asOf.Day(), 28))
	}
	for _, d := range [...]struct {
		share   *int
		orDeflt int
	}{{&c.Moved, 90}, {&c.Party, 20}, {&c.New, 80}, {&c.Gone, 50}} {
		if *d.share == 0 {
			*d.share = d.orDeflt
		}
		if *d.share < 0 {
			*d.share = 0
		}
	}
	if len(s.code.parties[1]) == 0 {
		c.Party = 0
	}
	if c.Date <= s.asOf || c.Date.Year() > s.opts.Date.Year()+5 || c.Moved+c.Party+c.Gone > 5000 || c.New > 5000 {
		return nil, fault.Invalidf("A newer file needs a later day within five years and at most half of the voters changed.")
	}
	n := *s
	n.asOf = c.Date
	n.changes = append(append([]Change(nil), s.changes...), c)
	n.elections = newElections(s.opts, c.Date)
	return &n, nil
}

// Counties returns the names of the state's counties in its own order.
func (s *State) Counties() []string {
	out := make([]string, len(s.counties))
	for i := range s.counties {
		out[i] = s.counties[i].name
	}
	return out
}

// Elections returns the elections in the state's history files, oldest first.
func (s *State) Elections() []Election {
	out := make([]Election, len(s.elections))
	for i := range s.elections {
		out[i] = s.elections[i].Election
	}
	return out
}
