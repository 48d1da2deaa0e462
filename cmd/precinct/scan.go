package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/election/scan"
	"github.com/openprecinct/precinct/internal/fault"
)

// scanFlags say how sheets are read.
type scanFlags struct {
	Election       string   `help:"Election package (zip) or definition (election.json)." placeholder:"FILE"`
	Settings       string   `help:"Settings of the machines (systemSettings.json), if not those of the package." placeholder:"FILE"`
	Test           bool     `help:"Read test ballots; official ones are refused."`
	OfficialInTest bool     `help:"In a test read official ballots too." name:"official-in-test"`
	Precinct       []string `help:"Read ballots of this precinct; may be given several times. All otherwise." placeholder:"ID"`
	Thresholds     string   `help:"Shares of an oval that are a marginal and a definite mark, and of a line that is a name: 0.05,0.07,0.05." placeholder:"MARGINAL,DEFINITE,WRITEIN"`
}

type scanReadCmd struct {
	answer
	scanFlags
	Template string `help:"Blank page, for ballots without timing marks." placeholder:"PNG"`
	Targets  string `help:"Where the ovals of the blank page are." placeholder:"JSON"`
	Batch    string `help:"Read the sheets of a file, one line of JSON each; one line is printed for each." placeholder:"FILE"`
	SideA    string `arg:"" optional:"" name:"side_a" help:"Image of one side: JPEG or PNG."`
	SideB    string `arg:"" optional:"" name:"side_b" help:"Image of the other side."`
}

type scanExplainCmd struct {
	scanFlags
	Out   string `help:"Folder for the pictures." required:"" placeholder:"DIR"`
	SideA string `arg:"" name:"side_a" help:"Image of one side: JPEG or PNG." type:"existingfile"`
	SideB string `arg:"" name:"side_b" help:"Image of the other side." type:"existingfile"`
}

// scanCall is one line of a batch. Paths are relative to the batch's folder.
type scanCall struct {
	ID             string   `json:"id"`
	Election       string   `json:"election"`
	Settings       string   `json:"settings"`
	Thresholds     *scanAim `json:"markThresholds"`
	Test           bool     `json:"test"`
	OfficialInTest bool     `json:"officialInTest"`
	Precincts      []string `json:"precincts"`
	SideA          string   `json:"sideA"`
	SideB          string   `json:"sideB"`
	Pages          []struct {
		Image    string `json:"image"`
		Template string `json:"template"`
		Targets  string `json:"targets"`
	} `json:"pages"`
}

// scanAim is thresholds as settings spell them.
type scanAim struct {
	Marginal float64 `json:"marginal"`
	Definite float64 `json:"definite"`
	WriteIn  float64 `json:"writeInTextArea"`
}

// call returns flags as a call.
func (f scanFlags) call() (scanCall, error) {
	c := scanCall{Election: f.Election, Settings: f.Settings, Test: f.Test, OfficialInTest: f.OfficialInTest, Precincts: f.Precinct}
	if f.Thresholds == "" {
		return c, nil
	}
	parts := strings.Split(f.Thresholds, ",")
	var v [3]float64
	for i := range v {
		var err error
		if len(parts) == len(v) {
			v[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		}
		if len(parts) != len(v) || err != nil {
			return c, fault.Invalidf("Thresholds are three shares: marginal, definite and for written names, as in 0.05,0.07,0.05.")
		}
	}
	c.Thresholds = &scanAim{v[0], v[1], v[2]}
	return c, nil
}

// scanner reads calls, and keeps what several of them share.
type scanner struct {
	dir       string
	elections map[string]*ballot.Definition
	packages  map[string]*ballot.Package
	templates map[[2]string]*scan.Template
}

func newScanner(dir string) *scanner {
	return &scanner{dir: dir, elections: map[string]*ballot.Definition{}, packages: map[string]*ballot.Package{}, templates: map[[2]string]*scan.Template{}}
}

func (s *scanner) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(s.dir, p)
}

// reader returns what reads the sheets of a call.
func (s *scanner) reader(c scanCall) (*ballot.Definition, scan.Options, error) {
	var o scan.Options
	if c.Election == "" {
		return nil, o, fault.Invalidf("Say which election the sheets belong to: --election FILE.")
	}
	d, ok := s.elections[c.Election]
	if !ok {
		var p *ballot.Package
		var err error
		if d, p, err = openElection(s.path(c.Election)); err != nil {
			return nil, o, err
		}
		s.elections[c.Election], s.packages[c.Election] = d, p
	}
	settings, err := ballot.ParseSettings([]byte("{}"))
	if p := s.packages[c.Election]; p != nil {
		settings = p.Settings
	}
	if c.Settings != "" {
		var data []byte
		if data, err = os.ReadFile(s.path(c.Settings)); err == nil {
			settings, err = ballot.ParseSettings(data)
		}
	}
	if err != nil {
		return nil, o, err
	}
	o = scan.OptionsOf(settings)
	o.Test, o.OfficialInTest, o.Precincts = c.Test, o.OfficialInTest || c.OfficialInTest, c.Precincts
	if t := c.Thresholds; t != nil {
		if t.Marginal <= 0 || t.Definite < t.Marginal || t.Definite > 1 || t.WriteIn < 0 || t.WriteIn > 1 {
			return nil, o, fault.Invalidf("Thresholds are shares above 0 and up to 1, and marginal is not above definite.")
		}
		o.Thresholds.Marginal, o.Thresholds.Definite = t.Marginal, t.Definite
		if t.WriteIn > 0 {
			o.Thresholds.WriteIn = t.WriteIn
		}
	}
	return d, o, nil
}

// image reads one image. What is no image is a refusal, what is not there is an error.
func (s *scanner) image(path string) (*image.Gray, *scan.Refusal, error) {
	data, err := os.ReadFile(s.path(path))
	if err != nil {
		return nil, nil, err
	}
	img, refused := scan.Decode(data)
	return img, refused, nil
}

// read answers one call.
func (s *scanner) read(c scanCall) (scan.Result, error) {
	start := time.Now()
	d, o, err := s.reader(c)
	if err != nil {
		return scan.Result{}, err
	}
	var out scan.Result
	if len(c.Pages) > 0 {
		out, err = s.pages(d, o, c)
	} else {
		out, err = s.sheet(d, o, c)
	}
	out.ID, out.MS = c.ID, float64(time.Since(start).Microseconds())/1000
	return out, err
}

func (s *scanner) sheet(d *ballot.Definition, o scan.Options, c scanCall) (scan.Result, error) {
	var sides [2]*image.Gray
	for i, path := range []string{c.SideA, c.SideB} {
		img, refused, err := s.image(path)
		if err != nil {
			return scan.Result{}, err
		}
		if refused != nil {
			return refused.Result(), nil
		}
		sides[i] = img
	}
	reading, refused := scan.NewReader(d, o).Sheet(sides[0], sides[1])
	if refused != nil {
		return refused.Result(), nil
	}
	return reading.Result(), nil
}

// pages reads pages without timing marks.
func (s *scanner) pages(d *ballot.Definition, o scan.Options, c scanCall) (scan.Result, error) {
	var all []*scan.PageReading
	for _, p := range c.Pages {
		t, err := s.template(p.Template, p.Targets)
		if err != nil {
			return scan.Result{}, err
		}
		img, refused, err := s.image(p.Image)
		if err != nil {
			return scan.Result{}, err
		}
		var page *scan.PageReading
		if refused == nil {
			page, refused = t.Page(&d.Election, img, o.Thresholds)
		}
		if refused != nil {
			return refused.Result(), nil
		}
		all = append(all, page)
	}
	return scan.ResultOfPages(&d.Election, all), nil
}

func (s *scanner) template(blank, targets string) (*scan.Template, error) {
	key := [2]string{blank, targets}
	if t, ok := s.templates[key]; ok {
		return t, nil
	}
	data, err := os.ReadFile(s.path(targets))
	if err != nil {
		return nil, err
	}
	list, err := scan.Targets(data)
	if err != nil {
		return nil, err
	}
	img, refused, err := s.image(blank)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused.Err()
	}
	s.templates[key] = scan.NewTemplate(img, list)
	return s.templates[key], nil
}

// Run reads one sheet, or those of a batch.
func (c *scanReadCmd) Run(s streams) error {
	if c.Batch != "" {
		return c.batch(s.out)
	}
	call, err := c.call()
	if err != nil {
		return err
	}
	if c.SideA == "" || c.SideB == "" && c.Template == "" {
		return fault.Invalidf("Give the images of both sides of a sheet.")
	}
	call.SideA, call.SideB = c.SideA, c.SideB
	if c.Template != "" {
		call.Pages = append(call.Pages, struct {
			Image    string `json:"image"`
			Template string `json:"template"`
			Targets  string `json:"targets"`
		}{c.SideA, c.Template, c.Targets})
	}
	out, err := newScanner("").read(call)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(out)
	}
	return printScan(s.out, out)
}

// batch answers one line for each line of a file. What cannot be read at all is a line that says so, and the next is read.
func (c *scanReadCmd) batch(w io.Writer) error {
	f, err := os.Open(c.Batch)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it is read
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 0, 1<<16), 1<<20)
	s, enc := newScanner(filepath.Dir(c.Batch)), json.NewEncoder(w)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var call scanCall
		err := json.Unmarshal(lines.Bytes(), &call)
		var out scan.Result
		if err == nil {
			out, err = s.read(call)
		}
		if err != nil {
			err = enc.Encode(struct {
				ID    string `json:"id,omitempty"`
				Error string `json:"error"`
			}{call.ID, err.Error()})
		} else {
			err = enc.Encode(out)
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

// printScan prints a result for people.
func printScan(w io.Writer, r scan.Result) error {
	var b strings.Builder
	if r.Outcome == "rejected" {
		fmt.Fprintf(&b, "Refused: %s\n", r.Message)
		if r.Evidence != "" {
			fmt.Fprintf(&b, "  %s: %s\n", r.Detail, r.Evidence)
		}
	} else {
		fmt.Fprintf(&b, "%s: ballot style %s, precinct %s, sheet %d\n", r.Outcome, r.Metadata.BallotStyleID, r.Metadata.PrecinctID, r.Metadata.SheetNumber)
		for _, o := range r.Options {
			fmt.Fprintf(&b, "  %-8s %5.3f  %s  %s\n", o.Class, o.Fill, o.ContestID, o.OptionID)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Run draws what was seen of a sheet into a folder.
func (c *scanExplainCmd) Run(s streams) error {
	call, err := c.call()
	if err != nil {
		return err
	}
	sc := newScanner("")
	d, o, err := sc.reader(call)
	if err != nil {
		return err
	}
	var sides [2]*image.Gray
	for i, path := range []string{c.SideA, c.SideB} {
		img, refused, err := sc.image(path)
		if err != nil {
			return err
		}
		if refused != nil {
			return refused.Err()
		}
		sides[i] = img
	}
	if err := os.MkdirAll(c.Out, 0o750); err != nil {
		return err
	}
	pictures, reading, refused := scan.NewReader(d, o).Explain(sides[0], sides[1])
	for _, p := range pictures {
		if err := writePicture(filepath.Join(c.Out, p.Name+".png"), p.Image); err != nil {
			return err
		}
	}
	if refused != nil {
		return printScan(s.out, refused.Result())
	}
	return printScan(s.out, reading.Result())
}

func writePicture(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}
