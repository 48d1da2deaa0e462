package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/election/ballot/sems"
)

type ballotShowCmd struct {
	File string `arg:"" help:"Election package (zip) or definition (election.json)." type:"existingfile"`
}

type ballotCheckCmd struct {
	answer
	File string `arg:"" help:"Election package (zip) or definition (election.json)." type:"existingfile"`
}

type semsFiles struct {
	File    string `arg:"" name:"election" help:"Election as the state hands it out." type:"existingfile"`
	Candmap string `help:"Candidate map of the same election." required:"" type:"existingfile" placeholder:"FILE"`
}

type semsImportCmd struct {
	semsFiles
	Out string `help:"File for the election definition." required:"" placeholder:"FILE"`
}

type semsExportCmd struct {
	semsFiles
	Tallies string `help:"Counts by precinct and contest, as JSON." required:"" type:"existingfile" placeholder:"FILE"`
	Out     string `help:"File for the results." required:"" placeholder:"FILE"`
}

// openElection reads a package or a definition by itself. The package is nil without one.
func openElection(path string) (*ballot.Definition, *ballot.Package, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if !bytes.HasPrefix(data, []byte("PK")) {
		d, err := ballot.Parse(data)
		return d, nil, err
	}
	p, err := ballot.OpenPackage(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	return p.Definition, p, nil
}

// Run prints what an election is: when, where, who votes on what.
func (c *ballotShowCmd) Run(s streams) error {
	d, p, err := openElection(c.File)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	line := func(what string, values ...any) {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", what, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	line("Election", d.Title)
	line("Held", d.Date, "in", d.Jurisdiction.Name+",", d.State)
	line("Definition", "VxSuite", d.Format)
	line("Ballot hash", d.HashText())
	if p != nil {
		line("Package hash", p.HashText())
		line("Election id", p.ElectionID())
		n := 0
		for _, err := range p.Ballots() {
			if err != nil {
				return err
			}
			n++
		}
		line("Printed ballots", n)
		t := p.Settings.Thresholds
		line("Marks", fmt.Sprintf("count from %g, doubtful from %g, written names from %g", t.Definite, t.Marginal, t.WriteIn))
	}
	line("Paper", d.Paper, "with", d.Codes)
	line("Districts", len(d.Districts))
	line("Precincts", len(d.Precincts))
	line("Ballot styles", len(d.Styles))
	if err := w.Flush(); err != nil {
		return err
	}
	for _, x := range d.Contests {
		_, _ = fmt.Fprintf(s.out, "\n%s (%s)%s\n", x.Title, x.ID, contestFacts(d, x))
		for _, o := range x.Options {
			_, _ = fmt.Fprintf(s.out, "  %s%s\n", o.Name, partyNames(d, o.Parties))
		}
		if x.WriteIns {
			_, _ = fmt.Fprintf(s.out, "  and %d written\n", x.Seats)
		}
	}
	return nil
}

func contestFacts(d *ballot.Definition, c ballot.Contest) string {
	facts := fmt.Sprintf(", vote for %d", c.Seats)
	for _, x := range d.Districts {
		if x.ID == c.District {
			facts += ", " + x.Name
		}
	}
	if p, ok := d.Party(c.Party); ok {
		facts += ", " + p.FullName
	}
	return facts
}

func partyNames(d *ballot.Definition, ids []string) string {
	var names []string
	for _, id := range ids {
		if p, ok := d.Party(id); ok {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// Run prints every problem of an election, and fails when one of them keeps it from being used.
func (c *ballotCheckCmd) Run(s streams) error {
	d, _, err := openElection(c.File)
	if err != nil {
		return err
	}
	type problem struct {
		Where   string `json:"where"`
		What    string `json:"what"`
		Warning bool   `json:"warning"`
	}
	all := []problem{}
	wrong := 0
	for _, p := range ballot.Check(&d.Election) {
		all = append(all, problem{p.Where, p.Err.Error(), p.Warning})
		if !p.Warning {
			wrong++
		}
	}
	if c.JSON {
		if err := printJSON(s.out, map[string]any{"problems": all}); err != nil || wrong == 0 {
			return err
		}
		return errSaid
	}
	for _, p := range all {
		kind := "wrong  "
		if p.Warning {
			kind = "look at"
		}
		_, _ = fmt.Fprintf(s.out, "%s  %s: %s\n", kind, p.Where, p.What)
	}
	if len(all) == 0 {
		_, _ = fmt.Fprintln(s.out, "Nothing is wrong: every voter gets one ballot, and every option on it can be marked in one place.")
	}
	if wrong > 0 {
		_, _ = fmt.Fprintf(s.err, "precinct: the definition cannot be used: %d wrong.\n", wrong)
		return errSaid
	}
	return nil
}

func (c *semsFiles) read() (*sems.File, error) {
	election, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer election.Close() //nolint:errcheck // it is read
	candmap, err := os.Open(c.Candmap)
	if err != nil {
		return nil, err
	}
	defer candmap.Close() //nolint:errcheck // it is read
	return sems.Read(election, candmap, [2]string{c.File, c.Candmap})
}

// Run writes the definition of an election of SEMS.
func (c *semsImportCmd) Run(s streams) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	e, err := f.Election()
	if err != nil {
		return err
	}
	d, err := ballot.Define(e, ballot.V41)
	if err != nil {
		return err
	}
	for _, p := range ballot.Check(e) {
		_, _ = fmt.Fprintln(s.err, p)
	}
	if err := os.WriteFile(c.Out, d.Bytes, 0o600); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "%s: %d precincts, %d contests, %d ballot styles; ballot hash %s\n", e.Title, len(e.Precincts), len(e.Contests), len(e.Styles), d.ShortHash())
	return nil
}

// Run writes results as SEMS takes them in.
func (c *semsExportCmd) Run(s streams) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	in, err := os.Open(c.Tallies)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it is read
	tallies, err := sems.ReadTallies(in)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	warnings, err := f.WriteResults(&out, tallies)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		_, _ = fmt.Fprintln(s.err, w)
	}
	return os.WriteFile(c.Out, out.Bytes(), 0o600)
}
