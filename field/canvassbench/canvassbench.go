// Package canvassbench measures how many phones a site hears at once, and looks for what it forgets when it is killed or loses its power.
//
// The server is a process of its own, reached over HTTP as phones reach it. Phones keep what they recorded until they are told that it is safe; afterwards
// the database must hold each record that was said to be safe, once.
package canvassbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// Options say what to measure.
type Options struct {
	Phones   int           // how many phones there are
	Results  int           // how many doors each tried
	Requests int           // in how many requests it tells
	Over     time.Duration // in which time all of them do
	Kills    int           // how often the server is killed while they do, in a second run
	Cuts     int           // how often its power is cut, in further runs
	Dir      string        // for the databases; "": a temporary folder
	Postgres string        // URL of a server whose user may create databases; "": Postgres is left out, but for its power cuts, which need one of their own
	Careless bool          // when its power is cut Postgres runs without flushes: a loss that must be found
	CutsOnly bool          // nothing is measured
	Only     string        // cuts the power of this database alone: "SQLite" or "Postgres"; "": of both

	// Make makes a site with a crowd of phones, each with a packet; Serve is the command that serves it.
	Make  func(ctx context.Context, c db.Config, files string, phones, doors int) (Crowd, error)
	Serve func(ctx context.Context, c db.Config, files, addr string) *exec.Cmd
}

// Run measures and prints tables.
func Run(ctx context.Context, out io.Writer, o Options) (err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "precinct-canvass-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	if o.CutsOnly {
		return o.cuts(ctx, out)
	}
	_, _ = fmt.Fprintf(out, "%d phones, %d results each in %d requests, within %s\n\n", o.Phones, o.Results, o.Requests, o.Over)
	_, _ = fmt.Fprintln(out, "| database | what | requests | results safe | p50 | p99 | slowest | lost | twice |")
	_, _ = fmt.Fprintln(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|")
	engines := []string{"SQLite"}
	if o.Postgres != "" {
		engines = append(engines, "Postgres")
	}
	for _, e := range engines {
		if err := o.engine(ctx, out, e); err != nil {
			return fmt.Errorf("on %s: %w", e, err)
		}
	}
	return o.cuts(ctx, out)
}

// few is how many phones compare one way of telling with another: the slow way would take an hour with all of them.
const few = 24

// engine measures one database: all phones at once, then with the server killed under them, then one result at a time.
func (o Options) engine(ctx context.Context, out io.Writer, engine string) error {
	runs := []struct {
		what   string
		phones int
		way    Way
		kill   int
	}{
		{what: "all phones", phones: o.Phones, way: Way{Requests: o.Requests, Over: o.Over}},
		{what: fmt.Sprintf("killed %d times", o.Kills), phones: o.Phones, way: Way{Requests: o.Requests, Over: time.Duration(o.Kills) * 1500 * time.Millisecond}, kill: o.Kills},
		{what: "as fast as it goes, all in one request", phones: min(o.Phones, few), way: Way{Requests: 1}},
		{what: "as fast as it goes, a request for each", phones: min(o.Phones, few), way: Way{Requests: 3 * o.Results}},
	}
	for i, r := range runs {
		if i == 1 && o.Kills == 0 {
			continue
		}
		f, err := o.once(ctx, engine, r.phones, r.way, r.kill)
		if err != nil {
			return err
		}
		f.print(out, engine, r.what)
		if f.Lost+f.Twice > 0 {
			return fmt.Errorf("%s: %d records were lost and %d are there twice", r.what, f.Lost, f.Twice)
		}
	}
	return nil
}

// once makes a fresh site, lets the phones tell what they have, and compares.
func (o Options) once(ctx context.Context, engine string, phones int, way Way, kills int) (f Figures, err error) {
	c, files, drop, err := o.fresh(ctx, engine)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	crowd, err := o.Make(ctx, c, files, phones, o.Results)
	if err != nil {
		return f, fmt.Errorf("making a site: %w", err)
	}
	s := &server{start: func(addr string) *exec.Cmd { return o.Serve(ctx, c, files, addr) }}
	if err := s.up(ctx); err != nil {
		return f, err
	}
	told := crowd.phones(s.addr)
	killing := make(chan error, 1)
	go func() { killing <- s.killed(ctx, kills) }()
	f, err = drive(ctx, told, way)
	err = errors.Join(err, <-killing, s.down())
	if err != nil {
		return f, err
	}
	return f, compare(ctx, c, crowd, told, &f)
}

// fresh returns an empty place for a site, and how to be rid of it.
func (o Options) fresh(ctx context.Context, engine string) (c db.Config, files string, drop func() error, err error) {
	files, err = os.MkdirTemp(o.Dir, "site")
	if err != nil || engine == "SQLite" {
		return db.Config{Dir: files}, files, func() error { return os.RemoveAll(files) }, err
	}
	name := fmt.Sprintf("canvass_%d_%d", os.Getpid(), rand.IntN(1_000_000)) //nolint:gosec // a name that is free is enough
	admin, err := db.Open(ctx, db.Config{URL: o.Postgres})
	if err != nil {
		return c, "", nil, err
	}
	if err := errors.Join(admin.CreateDatabase(ctx, name), admin.Close()); err != nil {
		return c, "", nil, err
	}
	u, err := url.Parse(o.Postgres)
	if err != nil {
		return c, "", nil, errors.New("the URL of the Postgres server cannot be read")
	}
	u.Path = "/" + name
	c.URL = u.String()
	return c, files, func() error {
		admin, err := db.Open(ctx, db.Config{URL: o.Postgres})
		if err != nil {
			return err
		}
		return errors.Join(admin.DropDatabase(ctx, name), admin.Close(), os.RemoveAll(files))
	}, nil
}

// compare looks for what phones were told is safe and is not there, and for what is there twice.
func compare(ctx context.Context, c db.Config, crowd Crowd, told []*phone, f *Figures) error {
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	lost, twice, err := missing(ctx, d, crowd.Org, safeOf(told))
	f.Lost, f.Twice = lost, twice
	return errors.Join(err, d.Close())
}

func safeOf(told []*phone) map[string]bool {
	safe := map[string]bool{}
	for _, p := range told {
		for id := range p.safe {
			safe[id] = true
		}
	}
	return safe
}

// cuts cuts the power: the site lies on a file system inside a file, which is copied the moment the server is killed. What was never flushed is not in
// the copy, as it would not be on a disk.
func (o Options) cuts(ctx context.Context, out io.Writer) error {
	if o.Cuts == 0 {
		return nil
	}
	if why := noLoop(ctx, o.Dir); why != "" {
		_, err := fmt.Fprintf(out, "\nNO POWER CUT: %s\n", why)
		return err
	}
	var lost []error
	if o.Only != "Postgres" {
		lost = append(lost, o.cutMany(ctx, out, "SQLite", embedded{o}))
	}
	if o.Only == "SQLite" {
		return errors.Join(lost...)
	}
	c, why, err := newCluster()
	switch {
	case err != nil:
		return errors.Join(append(lost, err)...)
	case why != "":
		_, _ = fmt.Fprintf(out, "\nNO POWER CUT of Postgres: %s\n", why)
	default:
		lost = append(lost, o.cutMany(ctx, out, "Postgres", standing{c, o}), c.gone())
	}
	return errors.Join(lost...)
}

// cutMany cuts the power of one database again and again, each time of a fresh copy.
func (o Options) cutMany(ctx context.Context, out io.Writer, engine string, r rig) error {
	base, err := os.MkdirTemp("", "precinct-cut") // where the user postgres may pass through
	if err != nil {
		return err
	}
	defer os.RemoveAll(base)                      //nolint:errcheck // it is a copy
	if err := os.Chmod(base, 0o711); err != nil { //nolint:gosec // as said
		return err
	}
	template := filepath.Join(base, "template")
	crowd, err := r.make(ctx, template)
	if err != nil {
		return fmt.Errorf("making a site on %s: %w", engine, err)
	}
	acked, lost, twice := 0, 0, 0
	for range o.Cuts {
		f, err := o.cut(ctx, r, crowd, template)
		if err != nil {
			return fmt.Errorf("cutting the power of %s: %w", engine, err)
		}
		acked, lost, twice = acked+f.Safe, lost+f.Lost, twice+f.Twice
	}
	_, err = fmt.Fprintf(out, "\n%s, power cut %d times while phones told: %d records were said to be safe, %d of them lost, %d there twice.\n", engine, o.Cuts, acked, lost, twice)
	if err == nil && lost+twice > 0 {
		err = fmt.Errorf("%w: %d of %d on %s", ErrLost, lost, acked, engine)
	}
	return err
}

// ErrLost is the error of a run in which records that were said to be safe are not there, or there twice.
var ErrLost = errors.New("records were lost when the power was cut")
