// Package voterfilebench measures how fast a voter file is imported and looked up, beside the ways a user would otherwise take, and prints a Markdown table.
package voterfilebench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// Options says what to measure.
type Options struct {
	Voters     int       // of the made-up North Carolina file
	Seed       uint64    // of the made-up file
	Dir        string    // for files and databases; "" takes a temporary folder that is removed in the end
	Lines      []db.Line // the tables: those of the ledger and of the program field
	Postgres   string    // URL of a server whose user may create databases; "" leaves Postgres out
	SkipSQLite bool
	Queries    int       // of each kind of look-up; 0: 200, below 0: none
	Pages      OpenPages // nil leaves the pages out
}

// bench is one run.
type bench struct {
	Options
	say   io.Writer // what is being done
	dir   string
	old   synth.Manifest
	newer synth.Manifest
	rows  []row
}

// row is one line of the table.
type row struct {
	what, engine string
	rows         int64
	took         time.Duration
	cpu          time.Duration
	peak         int64 // bytes of resident memory, 0 unknown
	note         string
}

// Run measures and writes the table to out; what is going on goes to say.
func Run(ctx context.Context, out, say io.Writer, o Options) (err error) {
	b := &bench{Options: o, say: say, dir: o.Dir}
	if b.Queries == 0 {
		b.Queries = 200
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "precinct-bench"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	}
	if err := b.files(); err != nil {
		return err
	}
	if !o.SkipSQLite {
		if err := b.onSQLite(ctx); err != nil {
			return fmt.Errorf("on SQLite: %w", err)
		}
	}
	if o.Postgres != "" {
		if err := b.onPostgres(ctx); err != nil {
			return fmt.Errorf("on Postgres: %w", err)
		}
	}
	return b.table(out)
}

func (b *bench) doing(format string, args ...any) { _, _ = fmt.Fprintf(b.say, format+"\n", args...) }

// files writes the made-up state and its next month.
func (b *bench) files() error {
	began := time.Now()
	s, err := synth.New(synth.Options{Layout: layout.NC, Voters: b.Voters, Seed: b.Seed, Turnout: synth.TurnoutOfEight})
	if err != nil {
		return err
	}
	if b.old, err = s.Write(createIn(filepath.Join(b.dir, "old"))); err != nil {
		return err
	}
	b.doing("made a state of %d voters in %.1f s", b.old.Voters, time.Since(began).Seconds())
	n, err := s.Newer(synth.Change{})
	if err != nil {
		return err
	}
	b.newer, err = n.Write(createIn(filepath.Join(b.dir, "newer")))
	return err
}

func createIn(dir string) synth.Create {
	return func(name string) (io.WriteCloser, error) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		return &buffered{Writer: bufio.NewWriterSize(f, 1<<20), f: f}, nil
	}
}

type buffered struct {
	*bufio.Writer
	f *os.File
}

func (b *buffered) Close() error { return errors.Join(b.Flush(), b.f.Close()) }

func (b *bench) onSQLite(ctx context.Context) error {
	site := filepath.Join(b.dir, "site")
	if err := os.RemoveAll(site); err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{Dir: site})
	if err != nil {
		return err
	}
	err = b.onEngine(ctx, d)
	if err == nil {
		err = b.naive(ctx, d)
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	return b.pages(ctx, d.Engine().String(), db.Config{Dir: site})
}

func (b *bench) onPostgres(ctx context.Context) (err error) {
	admin, err := db.Open(ctx, db.Config{URL: b.Postgres})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	const name = "precinct_bench"
	_ = admin.DropDatabase(ctx, name) // left over from a run that was interrupted
	if err := admin.CreateDatabase(ctx, name); err != nil {
		return err
	}
	url, err := withDatabase(b.Postgres, name)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{URL: url})
	if err != nil {
		return err
	}
	err = b.onEngine(ctx, d)
	if err == nil {
		err = b.copyRaw(ctx, d)
	}
	if err = errors.Join(err, d.Close()); err == nil {
		err = b.pages(ctx, d.Engine().String(), db.Config{URL: url})
	}
	return errors.Join(err, admin.DropDatabase(ctx, name))
}

// onEngine imports the first file, the same again, and the newer one, and looks people up.
func (b *bench) onEngine(ctx context.Context, d *db.DB) error {
	if _, err := d.Migrate(ctx, b.Lines...); err != nil {
		return err
	}
	blobs, err := blob.Open(filepath.Join(b.dir, "blob-"+d.Engine().String()))
	if err != nil {
		return err
	}
	s := &voterfile.Store{DB: d, Blobs: blobs, Temp: filepath.Join(b.dir, "temp-"+d.Engine().String())}
	var permits []permit.Permit
	for _, p := range voterfile.Permits {
		permits = append(permits, p.Permit)
	}
	for _, p := range person.Permits {
		permits = append(permits, p.Permit)
	}
	a := org.Operate(1, permit.NewSet(permits...))
	file, err := s.Create(ctx, a, voterfile.File{Name: "bench", Layout: layout.NC})
	if err != nil {
		return err
	}
	for _, one := range []struct {
		what, dir string
		m         synth.Manifest
		day       layout.Date
	}{
		{"first import", "old", b.old, 20261003},
		{"the same files again", "old", b.old, 20261003},
		{"next month's files", "newer", b.newer, 20261103},
	} {
		if err := b.importOne(ctx, s, a, file, one.what, filepath.Join(b.dir, one.dir), one.m, one.day); err != nil {
			return fmt.Errorf("%s: %w", one.what, err)
		}
	}
	size, err := databaseSize(ctx, d)
	if err != nil {
		return err
	}
	b.rows = append(b.rows, row{what: "size of the database", engine: d.Engine().String(), note: fmt.Sprintf("%d MB", size>>20)})
	if b.Queries < 0 {
		return nil
	}
	return b.lookUps(ctx, d, a)
}

func (b *bench) importOne(ctx context.Context, s *voterfile.Store, a org.Actor, file voterfile.FileID, what, dir string, m synth.Manifest, day layout.Date) error {
	runtime.GC()
	forgetPeak()
	watch := newStopwatch()
	id, err := b.receive(ctx, s, a, file, dir, m, day)
	if err != nil {
		return err
	}
	received := watch.lap()
	stages := newStages()
	if _, err := s.Rehearse(ctx, a, id, stages.progress); err != nil {
		return err
	}
	rehearsed := watch.lap()
	report, err := s.Load(ctx, a, id, voterfile.LoadOptions{}, stages.progress)
	if err != nil {
		return err
	}
	loaded := watch.lap()
	total, cpu := watch.total()
	r := row{what: what, engine: s.DB.Engine().String(), rows: report.Counts.Read, took: total, cpu: cpu, peak: peakMemory(),
		note: fmt.Sprintf("receive %.1f s, rehearse %.1f s, load %.1f s", received.Seconds(), rehearsed.Seconds(), loaded.Seconds())}
	b.rows = append(b.rows, r)
	b.doing("%s on %s: %.1f s (%.1f s of processor), peak %d MB; %s; %s", what, r.engine, total.Seconds(), cpu.Seconds(), r.peak>>20, r.note, stages)
	return nil
}

func (b *bench) receive(ctx context.Context, s *voterfile.Store, a org.Actor, file voterfile.FileID, dir string, m synth.Manifest, day layout.Date) (id voterfile.ImportID, err error) {
	var uploads []voterfile.Upload
	for _, f := range m.Files {
		kind := layout.Voters
		switch f.Kind {
		case "history":
			kind = layout.History
		case "voters":
		default:
			continue
		}
		in, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, in.Close()) }()
		uploads = append(uploads, voterfile.Upload{Name: f.Name, Kind: kind, R: in})
	}
	return s.Receive(ctx, a, file, uploads, day)
}

func (b *bench) lookUps(ctx context.Context, d *db.DB, a org.Actor) error {
	p := person.New(person.Config{DB: d})
	all, err := p.BenchQueries(ctx, a, b.Queries, b.Seed)
	if err != nil {
		return fmt.Errorf("looking people up: %w", err)
	}
	for _, q := range all {
		b.rows = append(b.rows, row{what: "look up: " + q.Name, engine: d.Engine().String(), rows: int64(q.N),
			note: fmt.Sprintf("p50 %.1f ms, p95 %.1f ms, found %d of %d", millis(q.P50), millis(q.P95), q.Found, q.N)})
	}
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) table(out io.Writer) error {
	var t strings.Builder
	fmt.Fprintf(&t, "%s voters, %s votes, %d processors, %s\n\n", thousands(int64(b.old.Voters)), thousands(int64(b.old.Votes)), runtime.NumCPU(), runtime.Version())
	t.WriteString("| What | Database | Seconds | Processor s | Voters/s | Peak MB | |\n|---|---|---:|---:|---:|---:|---|\n")
	for _, r := range b.rows {
		took, cpu, rate, peak := "", "", "", ""
		if r.took > 0 {
			took, rate = fmt.Sprintf("%.1f", r.took.Seconds()), thousands(int64(float64(r.rows)/r.took.Seconds()))
			cpu = fmt.Sprintf("%.1f", r.cpu.Seconds())
		}
		if r.peak > 0 {
			peak = fmt.Sprint(r.peak >> 20)
		}
		fmt.Fprintf(&t, "| %s | %s | %s | %s | %s | %s | %s |\n", r.what, r.engine, took, cpu, rate, peak, r.note)
	}
	_, err := io.WriteString(out, t.String())
	return err
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
