package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/place"
)

type importCmd struct {
	where
	answer
	Layout  string   `help:"The state's layout: nc, oh, fl, mi, wa, or generic with --mapping." required:"" enum:"nc,oh,fl,mi,wa,generic"`
	Voters  []string `help:"Files of voters, as the state gives them; .zip too." required:"" sep:"none" type:"existingfile" placeholder:"FILE"`
	History []string `help:"Files of vote history." sep:"none" type:"existingfile" placeholder:"FILE"`
	Map     []string `help:"Streets, precincts, districts (.geojson) and address points (.csv) for maps." sep:"none" type:"existingfile" placeholder:"FILE"`
	Mapping string   `help:"JSON file that says what each column of a generic layout is, or (mi, fixed width) what the election codes of the history mean." type:"existingfile" placeholder:"FILE"`
	Date    string   `help:"Day the state made the files, as 2026-11-21. Default: today." placeholder:"DAY"`
	Name    string   `help:"Name of the voter file on this site. Default: the state's."`
	Org     int64    `help:"Organization that licensed the file; needed when the site has several." placeholder:"ID"`

	Rehearse         bool   `help:"Only say what would change."`
	AllowLargeChange bool   `help:"Load although more of a county changes than usual."`
	Duplicates       string `help:"Of rows with one voter id keep the first, the last or none. Default: the registration that stands, or the later one." enum:",first,last,none" default:"" placeholder:"first|last|none"`
}

// Run rehearses and, unless that is all that was asked, loads.
func (c *importCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openOrMake(ctx, s)
	if err != nil {
		return err
	}
	r, err := c.run(ctx, s, site)
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	return printImport(s.out, r)
}

// importReport is what the command answers.
type importReport struct {
	voterfile.Counts
	Twice    int64              `json:"twice"` // voter ids on several rows
	Import   voterfile.ImportID `json:"import"`
	Loaded   bool               `json:"loaded"`
	Stops    []voterfile.Stop   `json:"stops,omitempty"`
	Drift    []string           `json:"drift,omitempty"`
	Counties []voterfile.County `json:"counties,omitempty"`
	Seconds  float64            `json:"seconds"`
	PeakMB   int64              `json:"peakMB,omitempty"`
}

func (c *importCmd) run(ctx context.Context, s streams, site *app.Site) (importReport, error) {
	began := time.Now()
	actor, err := operator(ctx, site, c.Org)
	if err != nil {
		return importReport{}, err
	}
	if err := importPlaces(ctx, site.Places, actor, c.Map); err != nil {
		return importReport{}, err
	}
	store := field.VoterFiles(&site.Ground)
	file, err := c.file(ctx, store, actor)
	if err != nil {
		return importReport{}, err
	}
	progress := progressLine(s.err)
	id, err := c.interrupted(ctx, store, actor, file)
	var report voterfile.Report
	if err == nil && id == 0 {
		if id, err = c.receive(ctx, store, actor, file); err == nil {
			report, err = store.RehearseWith(ctx, actor, id, voterfile.Choices{Duplicates: voterfile.Duplicates(c.Duplicates)}, progress)
		}
	} else if err == nil {
		c.AllowLargeChange = true // it was decided when the load began
		_, _ = fmt.Fprintf(s.err, "going on with import %d where it was interrupted\n", id)
	}
	if err == nil && !c.Rehearse {
		report, err = store.Load(ctx, actor, id, voterfile.LoadOptions{AllowLargeChange: c.AllowLargeChange}, progress)
	}
	progress("", 0, 0)
	if err != nil {
		return importReport{}, err
	}
	r := importReport{Counts: report.Counts, Twice: report.Twice, Import: id, Loaded: !c.Rehearse, Stops: report.Stops,
		Counties: report.Counties, Seconds: time.Since(began).Seconds(), PeakMB: peakMB()}
	for _, d := range report.Drift {
		r.Drift = append(r.Drift, d.String())
	}
	return r, nil
}

// file finds the voter file to import into by its name, or sets it up.
func (c *importCmd) file(ctx context.Context, store *voterfile.Store, actor org.Actor) (voterfile.FileID, error) {
	n := voterfile.File{Name: c.Name}
	var err error
	if n.Layout, err = layout.Parse(c.Layout); err != nil {
		return 0, err
	}
	if n.Name == "" {
		n.Name = strings.ToUpper(c.Layout) + " voter file"
	}
	all, err := store.Files(ctx, actor)
	if err != nil {
		return 0, err
	}
	for _, f := range all {
		switch {
		case f.Name != n.Name:
		case f.Layout != n.Layout:
			return 0, fmt.Errorf("%q on this site has the layout %s: give another --name, or --layout %s", n.Name, f.Layout, f.Layout)
		case c.Mapping == "":
			return f.ID, nil
		default:
			text, err := c.mapping(f.Layout)
			if err != nil {
				return 0, err
			}
			return f.ID, store.SetMapping(ctx, actor, f.ID, text)
		}
	}
	if n.Mapping, err = c.mapping(n.Layout); err != nil {
		return 0, err
	}
	return store.Create(ctx, actor, n)
}

func (c *importCmd) mapping(id layout.ID) (string, error) {
	if c.Mapping == "" {
		if id == layout.Generic {
			return "", errors.New("a new voter file of the generic layout needs --mapping FILE; make one in the browser, or see docs/guides/voter-file.md")
		}
		return "", nil
	}
	b, err := os.ReadFile(c.Mapping)
	if err != nil {
		return "", fmt.Errorf("reading the mapping: %w", err)
	}
	if _, err := layout.DecodeMappingFor(id, b); err != nil {
		return "", fmt.Errorf("%s: %w", c.Mapping, err)
	}
	return string(b), nil
}

func (c *importCmd) receive(ctx context.Context, store *voterfile.Store, actor org.Actor, file voterfile.FileID) (voterfile.ImportID, error) {
	day, err := fileDay(c.Date)
	if err != nil {
		return 0, err
	}
	var uploads []voterfile.Upload
	defer func() {
		for _, u := range uploads {
			_ = u.R.(io.Closer).Close()
		}
	}()
	add := func(paths []string, kind layout.Kind) error {
		for _, p := range paths {
			f, err := os.Open(p)
			if err != nil {
				return err
			}
			uploads = append(uploads, voterfile.Upload{Name: filepath.Base(p), Kind: kind, R: f})
		}
		return nil
	}
	if err := errors.Join(add(c.Voters, layout.Voters), add(c.History, layout.History)); err != nil {
		return 0, err
	}
	return store.Receive(ctx, actor, file, uploads, day)
}

// interrupted returns the import of the very same files that was interrupted while it loaded, or 0.
func (c *importCmd) interrupted(ctx context.Context, store *voterfile.Store, actor org.Actor, file voterfile.FileID) (voterfile.ImportID, error) {
	all, err := store.Imports(ctx, actor, file)
	if err != nil {
		return 0, err
	}
	for _, i := range all {
		if i.State != voterfile.StateLoading && i.State != voterfile.StateStopped {
			continue
		}
		given, err := sums(append(slices.Clone(c.Voters), c.History...))
		if err != nil {
			return 0, err
		}
		var had []string
		for _, f := range i.Files {
			had = append(had, f.Blob)
		}
		slices.Sort(had)
		if slices.Equal(given, had) {
			return i.ID, nil
		}
		return 0, fmt.Errorf("import %d of other files was interrupted: give its files again to end it, or end it in the browser", i.ID)
	}
	return 0, nil
}

// sums returns the SHA-256 of each file, of each member for archives, in order of the sums.
func sums(paths []string) ([]string, error) {
	var all []string
	for _, p := range paths {
		z, err := zip.OpenReader(p)
		if err != nil {
			sum, err := sumOf(func() (io.ReadCloser, error) { return os.Open(p) })
			if err != nil {
				return nil, err
			}
			all = append(all, sum)
			continue
		}
		for _, m := range z.File {
			if m.FileInfo().IsDir() || strings.HasPrefix(filepath.Base(m.Name), ".") {
				continue
			}
			sum, err := sumOf(m.Open)
			if err != nil {
				return nil, errors.Join(err, z.Close())
			}
			all = append(all, sum)
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
	}
	slices.Sort(all)
	return all, nil
}

func sumOf(open func() (io.ReadCloser, error)) (string, error) {
	f, err := open()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

func fileDay(s string) (layout.Date, error) {
	if s == "" {
		now := time.Now()
		return layout.MakeDate(now.Year(), int(now.Month()), now.Day()), nil
	}
	day, ok := layout.ParseDate(s, layout.ISODate)
	if !ok || day == 0 {
		return 0, fmt.Errorf("%q is no day: write it as 2026-11-21", s)
	}
	return day, nil
}

// importPlaces loads what maps need.
func importPlaces(ctx context.Context, places *place.Store, actor org.Actor, paths []string) error {
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		_, err = places.Import(ctx, actor, filepath.Base(p), f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return nil
}

// progressLine shows how far the work is on one line of a terminal; elsewhere it stays silent.
func progressLine(w io.Writer) voterfile.Progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64, int64) {}
	}
	return func(stage string, done, total int64) {
		switch {
		case stage == "":
			_, _ = fmt.Fprint(w, "\r\033[K")
		case total > 0:
			_, _ = fmt.Fprintf(w, "\r\033[K%s: %d%%", stage, done*100/total)
		default:
			_, _ = fmt.Fprintf(w, "\r\033[K%s: %d", stage, done)
		}
	}
}

func printImport(w io.Writer, r importReport) error {
	verb := "loaded"
	if !r.Loaded {
		verb = "would change (nothing is loaded)"
	}
	_, err := fmt.Fprintf(w, "%d rows read, %s in %.1f s\n  new       %9d\n  changed   %9d  (moved %d, party %d, returned %d)\n  unchanged %9d\n  dropped   %9d  kept here, marked with the day\n  refused   %9d  see: precinct field voterfile refusals %d\n  warnings  %9d\n",
		r.Read, verb, r.Seconds, r.New, r.Changed, r.Moved, r.Party, r.Returned, r.Unchanged, r.Dropped, r.Refused, r.Import, r.Warnings)
	if r.Twice > 0 {
		_, _ = fmt.Fprintf(w, "- %d voter ids stand on several rows; --duplicates first, last or none chooses among them\n", r.Twice)
	}
	for _, d := range r.Drift {
		_, _ = fmt.Fprintln(w, "-", d)
	}
	return err
}

type synthCmd struct {
	answer
	Layout string `help:"The state's layout: nc, oh, fl, mi, wa." enum:"nc,oh,fl,mi,wa" default:"nc"`
	Form   string `help:"Which of the forms that the state's files have had: current; since22 or before22 (nc), before22 (wa), fixed (mi)." enum:"current,since22,before22,fixed" default:"current"`
	Voters int    `help:"How many voters." default:"50000"`
	Seed   uint64 `help:"The same seed makes the same state, byte for byte." default:"1"`
	Out    string `help:"Folder to write to." required:"" placeholder:"DIR"`
	Next   int    `help:"Write the file of so many months later instead of the first: people have moved, changed party, come and gone."`
	Dirty  bool   `help:"Add a few rows of every kind that an import refuses."`
}

var synthForms = map[string]layout.Generation{"current": layout.Current, "since22": layout.Since22, "before22": layout.Before22, "fixed": layout.Fixed}

func (c *synthCmd) Run(s streams) error {
	began := time.Now()
	id, err := layout.Parse(c.Layout)
	if err != nil {
		return err
	}
	m, err := writeSynth(synth.Options{Layout: id, Generation: synthForms[c.Form], Voters: c.Voters, Seed: c.Seed, Dirty: c.Dirty}, c.Next, c.Out)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, m)
	}
	for _, f := range m.Files {
		_, _ = fmt.Fprintf(s.out, "%12d  %s\n", f.Bytes, filepath.Join(c.Out, f.Name))
	}
	_, err = fmt.Fprintf(s.out, "%d voters and %d votes of a state that does not exist, in %.1f s\n", m.Voters, m.Votes, time.Since(began).Seconds())
	return err
}

// writeSynth writes a synthetic state, months later than its first file, into dir.
func writeSynth(o synth.Options, months int, dir string) (synth.Manifest, error) {
	state, err := synth.New(o)
	for range months {
		if err == nil {
			state, err = state.Newer(synth.Change{})
		}
	}
	if err != nil {
		return synth.Manifest{}, err
	}
	if err := folder(dir); err != nil {
		return synth.Manifest{}, err
	}
	return state.Write(func(name string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(dir, filepath.Base(name)), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	})
}

type rowCmd struct {
	where
	answer
	StateID string `arg:"" help:"The state's own voter id."`
	Org     int64  `help:"Organization that licensed the file." placeholder:"ID"`
}

func (c *rowCmd) Run(ctx context.Context, s streams) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) error {
		row, err := field.VoterFiles(&site.Ground).RawRowOf(ctx, actor, c.StateID)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, row)
		}
		_, err = fmt.Fprintf(s.out, "%s at byte %d; its hash is what it was when it was read.\n%s\n", row.File, row.Offset, row.Text)
		return err
	})
}

type refusalsCmd struct {
	where
	Import int64 `arg:"" help:"Number of the import."`
	Org    int64 `help:"Organization that licensed the file." placeholder:"ID"`
}

func (c *refusalsCmd) Run(ctx context.Context, s streams) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) error {
		return field.VoterFiles(&site.Ground).Refusals(ctx, actor, voterfile.ImportID(c.Import), s.out)
	})
}

type findCmd struct {
	where
	answer
	Words   []string `arg:"" help:"Name, address, phone or id."`
	Purpose string   `help:"Why; it goes into the ledger: ${purposes}." default:"${purpose}" enum:"${purposes}"`
	Dropped bool     `help:"Also people who are no longer in the newest file."`
	Org     int64    `help:"Organization to look up for." placeholder:"ID"`
}

// findWords are the words in findCmd's tags.
func findWords() kong.Vars {
	var all []string
	for _, p := range person.Purposes() {
		all = append(all, string(p))
	}
	return kong.Vars{"purposes": strings.Join(all, ","), "purpose": all[0]}
}

func (c *findCmd) Run(ctx context.Context, s streams) error {
	return c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) error {
		found, err := field.People(&site.Ground).Find(ctx, actor, person.Find{Query: strings.Join(c.Words, " "), Purpose: person.Purpose(c.Purpose), Dropped: c.Dropped})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]any{"people": append([]person.Hit{}, found.Hits...), "more": found.More})
		}
		for _, p := range found.Hits {
			_, _ = fmt.Fprintf(s.out, "%8d  %-34s %-9s %s, %s\n", p.ID, p.Name, p.Status, p.Address, p.City)
		}
		if len(found.Hits) == 0 {
			_, _ = fmt.Fprintln(s.out, "Nobody was found.")
		}
		return nil
	})
}

// withActor opens the organizing site, acts as its operator and closes it.
func (w where) withActor(ctx context.Context, id int64, act func(*app.Site, org.Actor) error) error {
	site, err := w.openAny(ctx)
	if err != nil {
		return err
	}
	actor, err := operator(ctx, site, id)
	if err == nil {
		err = act(site, actor)
	}
	return errors.Join(err, site.Close())
}
