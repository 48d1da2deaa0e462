package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turf/city"
	"github.com/openprecinct/precinct/field/turf/tsp"
)

type turfCutCmd struct {
	answer
	City    string `help:"Folder with nodes.csv, edges.csv and doors.csv." required:"" type:"existingdir" placeholder:"DIR"`
	Target  int    `help:"Doors (or minutes) a turf should have." default:"50"`
	Min     int    `help:"Doors a turf has at least. Default: four fifths of the target." placeholder:"N"`
	Max     int    `help:"Doors a turf has at most. Default: six fifths of the target." placeholder:"N"`
	Minutes bool   `help:"Sizes are minutes of walking and talking instead of doors."`
	Seed    uint64 `help:"The same seed cuts the same turfs." default:"1"`
	Quick   bool   `help:"Only the first cut: quicker, and walks some 8 % longer."`
	Out     string `help:"File for the plan: door, turf, and place in the walk." required:"" placeholder:"FILE"`
}

// turfReport is what the command answers.
type turfReport struct {
	turf.Summary
	Times struct {
		Read    float64 `json:"read"`
		Prepare float64 `json:"prepare"`
		Cut     float64 `json:"cut"` // walks too
	} `json:"ms"`
	Left    []leftDoor  `json:"leftOut,omitempty"`
	Doubted int         `json:"doubted,omitempty"` // see turf.Ground
	Unknown []string    `json:"unknownClasses,omitempty"`
	Each    []turfBrief `json:"each"`
}

type leftDoor struct {
	Door   uint64 `json:"door"`
	Reason string `json:"reason"`
}

type turfBrief struct {
	Turf    int     `json:"turf"`
	Doors   int     `json:"doors"`
	Metres  float64 `json:"metres"`
	Minutes float64 `json:"minutes"`
	Why     string  `json:"why,omitempty"`
}

func (c *turfCutCmd) Run(ctx context.Context, s streams) error {
	rules, err := c.rules()
	if err != nil {
		return err
	}
	began := time.Now()
	town, err := readCity(c.City)
	if err != nil {
		return err
	}
	if name := filepath.Join(c.City, city.DoorsFile); len(town.Doors) == 0 && len(town.Apart) > 0 {
		return fmt.Errorf("none of the %d doors of %s has coordinates: fill in x and y, or lon and lat", len(town.Apart), name)
	} else if len(town.Doors) == 0 {
		return fmt.Errorf("%s has no door: there is nothing to cut", name)
	}
	read := time.Now()
	ground, err := turf.Prepare(town.City, nil)
	if err != nil {
		return err
	}
	prepared := time.Now()
	plan, err := ground.Cut(ctx, rules)
	if err != nil {
		return err
	}
	done := time.Now()
	if err := writeFile(c.Out, func(w io.Writer) error { return city.WritePlan(w, town.City, plan) }); err != nil {
		return err
	}
	r := turfReport{Summary: ground.Summary(plan), Unknown: town.Unknown, Doubted: ground.Doubted()}
	r.Times.Read, r.Times.Prepare, r.Times.Cut = milliseconds(read.Sub(began)), milliseconds(prepared.Sub(read)), milliseconds(done.Sub(prepared))
	for _, a := range town.Apart {
		r.Left = append(r.Left, leftDoor{a.Key, a.Reason})
	}
	for _, t := range plan.Turfs {
		r.Each = append(r.Each, turfBrief{t.ID, len(t.Doors), t.Loop, t.Minutes, string(t.Why)})
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	return r.print(s.out)
}

func (c *turfCutCmd) rules() (turf.Rules, error) {
	r := turf.Rules{Target: c.Target, Min: c.Min, Max: c.Max, Seed: c.Seed, Quick: c.Quick}
	if c.Minutes {
		r.By = turf.ByMinutes
	}
	return r.Check()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// readCity reads the three tables of a folder.
func readCity(dir string) (c *city.City, err error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
	}()
	for _, name := range []string{city.NodesFile, city.EdgesFile, city.DoorsFile} {
		f, err := os.Open(filepath.Join(dir, name)) // #nosec G304 -- the operator names it
		if err != nil {
			return nil, fmt.Errorf("a city needs %s, %s and %s: %w", city.NodesFile, city.EdgesFile, city.DoorsFile, err)
		}
		files = append(files, f)
	}
	return city.Read(files[0], files[1], files[2])
}

// writeFile writes a file as a whole; an error on closing counts.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func (r turfReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "turf\tdoors\tmetres\tminutes\t")
	for _, t := range r.Each {
		note := ""
		if t.Why != "" {
			note = "  " + t.Why
		}
		_, _ = fmt.Fprintf(w, "%d\t%d\t%.0f\t%.0f\t%s\n", t.Turf, t.Doors, t.Metres, t.Minutes, note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n%d doors in %d turfs of %d to %d; %d turfs within bounds.\n", r.Doors, r.Turfs, r.Smallest, r.Largest, r.InBounds)
	_, _ = fmt.Fprintf(out, "%.1f m of walking a door (%.1f without the way back), %.0f minutes a turf on average.\n", r.LoopPerDoor, r.PathPerDoor, r.Minutes/float64(max(1, r.Turfs)))
	_, _ = fmt.Fprintf(out, "%d of %d blocks and %d of %d buildings are shared by turfs; %d turfs do not hang together.\n", r.SplitBlocks, r.Blocks, r.SplitBuilding, r.Buildings, r.Apart)
	if len(r.Left) > 0 {
		_, _ = fmt.Fprintf(out, "%d doors are left out; the first is door %d: %s.\n", len(r.Left), r.Left[0].Door, r.Left[0].Reason)
	}
	if r.Doubted > 0 {
		_, _ = fmt.Fprintf(out, "%d doors of different addresses stand at one point with many others, which is probably the middle of a postal code: they are shared out by address, and their walks are not known.\n", r.Doubted)
	}
	if len(r.Unknown) > 0 {
		_, _ = fmt.Fprintf(out, "Streets of an unknown class were taken for local ones: %s.\n", strings.Join(r.Unknown, ", "))
	}
	_, err := fmt.Fprintf(out, "Read in %.0f ms, prepared in %.0f ms, cut and ordered in %.0f ms.\n", r.Times.Read, r.Times.Prepare, r.Times.Cut)
	return err
}

type turfTourCmd struct {
	answer
	File  string `arg:"" help:"A symmetric problem of TSPLIB 95." type:"existingfile"`
	Kicks string `help:"How long to search: a number of kicks, or a multiple of the places, as 5n." default:"5n"`
	Seed  uint64 `help:"The same seed finds the same tour." default:"1"`
	Out   string `help:"File for the tour." required:"" placeholder:"FILE"`
}

func (c *turfTourCmd) Run(s streams) error {
	f, err := os.Open(c.File) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	inst, err := tsp.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	kicks, err := kicksOf(c.Kicks, inst.N)
	if err != nil {
		return err
	}
	began := time.Now()
	tour, length := tsp.Solve(inst.Problem(), inst.Start(), kicks, c.Seed)
	took := milliseconds(time.Since(began))
	if err := writeFile(c.Out, func(w io.Writer) error { return tsp.WriteTour(w, inst, tour, length) }); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, map[string]any{"name": inst.Name, "places": inst.N, "kind": inst.Kind, "length": length, "kicks": kicks, "ms": took})
	}
	_, err = fmt.Fprintf(s.out, "%s: %d places, a tour of length %d after %d kicks in %.0f ms.\n", inst.Name, inst.N, length, kicks, took)
	return err
}

// maxKicks bounds a search to some hours.
const maxKicks = 1_000_000_000

// kicksOf reads a number of kicks, or a multiple of n.
func kicksOf(text string, n int) (int, error) {
	number, times := strings.CutSuffix(text, "n")
	k, err := strconv.ParseFloat(number, 64)
	if times {
		k *= float64(n)
	}
	if err != nil || !(k >= 0 && k <= maxKicks) {
		return 0, fmt.Errorf("--kicks %q: give a number from 0, or a multiple of the places as 5n", text)
	}
	return int(k), nil
}
