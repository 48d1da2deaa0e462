package segmentbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/segment"
	"github.com/openprecinct/precinct/internal/db"
)

// Options says what to measure.
type Options struct {
	Voters     int
	Seed       uint64
	Dir        string // for databases and segments; kept, and used again by the next run of as many voters
	Postgres   string // URL of a server whose user may create databases; "" leaves Postgres out
	SQLite     bool   // measure SQLite beside Postgres; without Postgres it is measured anyway
	Lines      []db.Line
	Tile       int  // measure the state laid so many times beside itself, in files; 0 and 1: as it is
	NoDatabase bool // do not ask the databases
}

type bench struct {
	Options
	say    io.Writer
	state  State
	rows   []row          // of the table of queries
	at     map[string]int // row by query
	others []string       // lines of the second table
	engine *segment.Engine
	view   *segment.View
	began  time.Time
	slopes []slope
}

type row struct {
	name        string
	answer      int64
	first, warm stats // of segments
	sqlite, pg  time.Duration
	wrong       string
}

// stats are of some runs of the same: how long they took, and how much of the processors on average.
type stats struct{ least, p50, p95, cpu time.Duration }

func statsOf(all []time.Duration, cpu time.Duration) stats {
	slices.Sort(all)
	return stats{all[0], all[len(all)/2], all[len(all)*95/100], cpu / time.Duration(len(all))}
}

func (s stats) String() string {
	return fmt.Sprintf("p50 %.2f ms, p95 %.2f ms, least %.2f ms, processors %.2f ms", millis(s.p50), millis(s.p95), millis(s.least), millis(s.cpu))
}

// Run measures and writes tables to out; what is going on goes to say.
func Run(ctx context.Context, out, say io.Writer, o Options) (err error) {
	b := &bench{Options: o, say: say, state: State{Voters: o.Voters, Seed: o.Seed, File: 1, Org: 1}, at: map[string]int{}, began: time.Now()}
	if b.Dir == "" {
		if b.Dir, err = os.MkdirTemp("", "precinct-bench"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.Dir)) }()
	}
	for _, q := range b.state.queries() {
		b.at[q.name] = len(b.rows)
		b.rows = append(b.rows, row{name: q.name})
	}
	if o.Tile > 1 {
		b.NoDatabase = true // which has the people once
	}
	if o.SQLite || o.Postgres == "" {
		if err := b.on(ctx, db.Config{Dir: filepath.Join(b.Dir, "sqlite")}); err != nil {
			return fmt.Errorf("on SQLite: %w", err)
		}
	}
	if o.Postgres != "" {
		url, err := b.postgres(ctx)
		if err == nil {
			err = b.on(ctx, db.Config{URL: url})
		}
		if err != nil {
			return fmt.Errorf("on Postgres: %w", err)
		}
	}
	return b.tables(out)
}

func (b *bench) doing(format string, args ...any) {
	_, _ = fmt.Fprintf(b.say, "%5.0f s  "+format+"\n", append([]any{time.Since(b.began).Seconds()}, args...)...)
}

// note adds a line to the second table.
func (b *bench) note(what, figure string) {
	b.doing("%s: %s", what, figure)
	b.others = append(b.others, "| "+what+" | "+figure+" |")
}

func (b *bench) postgres(ctx context.Context) (string, error) {
	admin, err := db.Open(ctx, db.Config{URL: b.Postgres})
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("precinct_bench_lists_%d", b.Voters)
	_ = admin.CreateDatabase(ctx, name) // there from an earlier run, or the next call says why not
	url, query, _ := strings.Cut(b.Postgres, "?")
	i := strings.LastIndexByte(url, '/')
	if i < len("postgres://") {
		i = len(url)
	}
	if url = url[:i] + "/" + name; query != "" {
		url += "?" + query
	}
	return url, admin.Close()
}

// on makes the state on one database, builds segments from it, and measures both.
func (b *bench) on(ctx context.Context, c db.Config) (err error) {
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	engine := d.Engine().String()
	if !b.state.written(ctx, d) {
		if _, err := d.Migrate(ctx, b.Lines...); err != nil {
			return err
		}
		began := time.Now()
		if err := b.state.Write(ctx, d, func(t string) { b.doing("writing %s on %s", t, engine) }); err != nil {
			return err
		}
		b.doing("the wide table on %s", engine)
		if err := b.state.writeFlat(ctx, d); err != nil {
			return err
		}
		if err := analyze(ctx, d); err != nil {
			return err
		}
		b.doing("wrote the state on %s in %.0f s", engine, time.Since(began).Seconds())
	}
	bytes, err := size(ctx, d)
	if err != nil {
		return err
	}
	b.note("database on "+engine, fmt.Sprintf("%d MB", bytes>>20))
	if err := b.segments(ctx, d); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.engine.Close()) }()
	if b.Tile > 1 {
		if err := b.tile(ctx); err != nil {
			return err
		}
	}
	if err := b.ask(ctx); err != nil || b.NoDatabase {
		return err
	}
	return b.database(ctx, d)
}

// segments builds and opens the segments.
func (b *bench) segments(ctx context.Context, d *db.DB) error {
	dir := filepath.Join(b.Dir, "segments-"+d.Engine().String())
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	began, cpu := time.Now(), processorTime()
	e := segment.New(segment.Config{DB: d, Dir: dir})
	v, err := e.View(ctx, b.state.File)
	if err != nil {
		return err
	}
	b.note("build from "+d.Engine().String(), fmt.Sprintf("%.1f s for %d people; %.1f s of processors, the database's own not counted; at its most %d MB", time.Since(began).Seconds(), v.People(),
		(processorTime()-cpu).Seconds(), mostMemory()>>20))
	if err := e.Close(); err != nil {
		return err
	}
	began = time.Now()
	b.engine = segment.New(segment.Config{DB: d, Dir: dir})
	if b.view, err = b.engine.View(ctx, b.state.File); err != nil {
		return err
	}
	b.note("open", fmt.Sprintf("%.2f s, every file checked", time.Since(began).Seconds()))
	disk := int64(0)
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			disk += info.Size()
		}
		return err
	})
	b.note("disk", fmt.Sprintf("%d MB, %d bytes a person, %d columns", disk>>20, disk/max(v.People(), 1), v.Columns()))
	return err
}

// tile asks everything once, so that what is known is read, and lays the state beside itself.
func (b *bench) tile(ctx context.Context) error {
	for _, q := range b.state.queries() {
		if _, err := b.one(ctx, b.view, &q); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	whole := query{steps: where()}
	if _, err := b.view.Options(ctx, b.plan(&whole), 0, b.state.groups()); err != nil {
		return err
	}
	v, err := b.engine.View(ctx, b.state.File)
	if err != nil {
		return err
	}
	for n := 1; n < b.Tile; n *= 10 {
		if err := b.lay(v, n); err != nil {
			return err
		}
		if err := b.slope(ctx); err != nil {
			return err
		}
	}
	if err := b.lay(v, b.Tile); err != nil {
		return err
	}
	b.note("laid beside itself", fmt.Sprintf("%d times: %d people", b.Tile, b.view.People()))
	return b.slope(ctx)
}

// lay lays the state n times beside itself; what lay there before goes.
func (b *bench) lay(v *segment.View, n int) error {
	dir := filepath.Join(b.Dir, "tiled")
	if err := os.RemoveAll(dir); err != nil { // what is mapped of it stays until nobody looks at it
		return err
	}
	b.view = v
	runtime.GC()
	began := time.Now()
	t, err := v.Tiled(dir, n)
	if err != nil {
		return err
	}
	b.view = t
	b.doing("laid %d people beside each other in %.0f s", t.People(), time.Since(began).Seconds())
	return nil
}

func (b *bench) plan(q *query) list.Plan {
	return list.Plan{Universe: list.Universe{VoterFile: b.state.File, Org: b.state.Org, Contacts: []int64{b.state.Org}}, Today: today, Steps: q.steps}
}

func (b *bench) one(ctx context.Context, v *segment.View, q *query) (int64, error) {
	p := b.plan(q)
	if q.ask != nil {
		return q.ask(ctx, v, p)
	}
	r, err := v.Eval(ctx, p)
	if err != nil {
		return 0, err
	}
	return r.Set.Len(), nil
}

const runs = 41

// ask measures the queries on segments: with nothing kept of what was asked before, and as they are asked the second time.
func (b *bench) ask(ctx context.Context) error {
	for _, q := range b.state.queries() {
		r := &b.rows[b.at[q.name]]
		began := time.Now()
		n, err := b.one(ctx, b.view, &q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		if took := time.Since(began); took > 200*time.Millisecond {
			b.doing("%s for the first time, with reading what is known: %.0f ms", q.name, millis(took))
		}
		r.answer = n
		for _, kept := range []bool{false, true} {
			var all []time.Duration
			cpu := processorTime()
			for range runs {
				if !kept {
					b.view.Forget()
				}
				began := time.Now()
				if _, err := b.one(ctx, b.view, &q); err != nil {
					return err
				}
				all = append(all, time.Since(began))
			}
			if kept {
				r.warm = statsOf(all, processorTime()-cpu)
			} else {
				r.first = statsOf(all, processorTime()-cpu)
			}
		}
		b.doing("%s: %d; nothing kept: %s; kept: %s", q.name, n, r.first, r.warm)
	}
	return b.panel(ctx)
}

// panel measures what a page asks for besides.
func (b *bench) panel(ctx context.Context) error {
	groups := b.state.groups()
	whole := query{steps: where()}
	cd := query{steps: where(is(list.Congress, "7"), is(list.Sex, "F"))}
	for _, one := range []struct {
		what string
		f    func() error
	}{
		{"options panel, 20 groups, nothing chosen", func() error { _, err := b.view.Options(ctx, b.plan(&whole), 0, groups); return err }},
		{"options panel, 20 groups, district and sex chosen", func() error { _, err := b.view.Options(ctx, b.plan(&cd), 0, groups); return err }},
		{"people, doors, phones, e-mail addresses of the state", func() error {
			r, err := b.view.Eval(ctx, b.plan(&whole))
			if err == nil {
				_, err = r.Counts(ctx)
			}
			return err
		}},
		{"one per household, the oldest", func() error {
			q := query{steps: append(where(), list.Step{Do: list.OnePerHousehold, Prefer: list.Oldest})}
			_, err := b.one(ctx, b.view, &q)
			return err
		}},
		{"everybody who lives with a Democrat", func() error {
			q := query{steps: where(list.LivesWith{Who: is(list.Party, "DEM")})}
			_, err := b.one(ctx, b.view, &q)
			return err
		}},
	} {
		var all []time.Duration
		cpu := processorTime()
		for i := range 11 {
			if i == 1 {
				cpu = processorTime()
			}
			began := time.Now()
			if err := one.f(); err != nil {
				return fmt.Errorf("%s: %w", one.what, err)
			}
			all = append(all, time.Since(began))
		}
		first := all[0]
		b.note(one.what, fmt.Sprintf("%s; the first time %.0f ms", statsOf(all[1:], processorTime()-cpu), millis(first)))
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.note("memory, with all codes, answers, contacts and scores read", fmt.Sprintf("%d MB of heap; %d MB of columns mapped; the most that was ever resident %d MB", m.HeapInuse>>20,
		b.view.MappedBytes()>>20, mostMemory()>>20))
	if b.view.People() > largest {
		return nil
	}
	return b.crowd(ctx)
}

// largest is of how many people a crowd counts: more than any state has, they are not counted by a crowd at one site.
const largest = 25_000_000

// groups is what the page shows.
func (s *State) groups() []segment.Group {
	var g []segment.Group
	for _, a := range []list.Attr{list.Status, list.Party, list.Sex, list.Race, list.County, list.Congress, list.StateSenate, list.StateHouse, list.City, list.Precinct} {
		g = append(g, segment.Group{Kind: segment.Attribute, Attr: a})
	}
	g = append(g, segment.Group{Kind: segment.Bands, Attr: list.Age, Edges: append(slices.Clone(ages), 200)},
		segment.Group{Kind: segment.Bands, Attr: list.HouseholdSize, Edges: []int64{1, 2, 3, 4, 100}},
		segment.Group{Kind: segment.Bands, Attr: list.VotesCast, Edges: []int64{0, 1, 2, 4, 8, 100}},
		segment.Group{Kind: segment.Codes}, segment.Group{Kind: segment.Responses, Object: 1}, segment.Group{Kind: segment.Responses, Object: 2},
		segment.Group{Kind: segment.ScoreBands, Object: 1, Edges: []int64{0, 200, 400, 600, 800, 1001}},
		segment.Group{Kind: segment.ScoreBands, Object: 2, Edges: []int64{0, 200, 400, 600, 800, 1001}})
	var voted, reach []list.Node
	for _, e := range generals {
		voted = append(voted, list.Voted{Elections: []int64{e}, AtLeast: ptr(1), AtMost: ptr(1)})
	}
	reach = append(reach, list.Phone{}, list.Phone{Kinds: []string{"cell"}}, list.Phone{Textable: true}, list.Email{}, list.Suppressed{},
		list.Contact{AtLeast: ptr(1), Days: list.Days{Since: monthAgo}})
	return append(g, segment.Group{Kind: segment.Conditions, Nodes: voted}, segment.Group{Kind: segment.Conditions, Nodes: reach})
}

// crowd lets two hundred people count four times a second each, none the same as the one before.
func (b *bench) crowd(ctx context.Context) error {
	const people, each = 200, 20
	queries := b.state.queries()[:7]
	var mu sync.Mutex
	var all []time.Duration
	var first error
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * 250 * time.Millisecond / people)
			for k := range each {
				began := time.Now()
				q := queries[(i+k)%len(queries)]
				p := b.plan(&q)
				p.Steps = append(slices.Clone(p.Steps), list.Step{Do: list.Narrow, Where: is(list.County, fmt.Sprintf("%03d", (i*each+k)%counties*2+1), "001")})
				_, err := b.view.Eval(ctx, p)
				took := time.Since(began)
				mu.Lock()
				all, first = append(all, took), errors.Join(first, err)
				mu.Unlock()
				time.Sleep(250*time.Millisecond - took)
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	b.note("200 people counting four times a second", fmt.Sprintf("p50 %.1f ms, p99 %.1f ms", millis(all[len(all)/2]), millis(all[len(all)*99/100])))
	return first
}

// database asks the same of the database.
func (b *bench) database(ctx context.Context, d *db.DB) error {
	for _, q := range b.state.queries() {
		r := &b.rows[b.at[q.name]]
		var all []time.Duration
		b.doing("asking %s: %s", d.Engine(), q.name)
		for range 4 {
			began := time.Now()
			n, err := q.count(ctx, d)
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			all = append(all, time.Since(began))
			if n != r.answer {
				r.wrong = fmt.Sprintf("%s says %d", d.Engine(), n)
			}
			if all[0] > 5*time.Second {
				break // the first time is good enough for what takes so long
			}
		}
		if len(all) > 1 {
			all = all[1:]
		}
		took := statsOf(all, 0).p50
		if d.Engine() == db.Postgres {
			r.pg = took
		} else {
			r.sqlite = took
		}
		b.doing("%s on %s: %.0f ms %s", q.name, d.Engine(), millis(took), r.wrong)
	}
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) tables(out io.Writer) error {
	var t strings.Builder
	fmt.Fprintf(&t, "%d voters, %d processors, %s\n\n", b.Voters, runtime.NumCPU(), runtime.Version())
	t.WriteString("| Query | Answer | nothing kept: p50 / p95 ms | kept: p50 / p95 ms | SQLite ms | Postgres ms | Postgres / kept |\n|---|---:|---:|---:|---:|---:|---:|\n")
	var ratios, warm, first []float64
	for _, r := range b.rows {
		ratio := float64(r.pg) / float64(max(r.warm.p50, 1))
		ratios, warm, first = append(ratios, ratio), append(warm, millis(r.warm.p50)), append(first, millis(r.first.p50))
		fmt.Fprintf(&t, "| %s | %d %s | %.2f / %.2f | %.2f / %.2f | %.0f | %.0f | %.0f |\n", r.name, r.answer, r.wrong, millis(r.first.p50), millis(r.first.p95),
			millis(r.warm.p50), millis(r.warm.p95), millis(r.sqlite), millis(r.pg), ratio)
	}
	slices.Sort(ratios)
	slices.Sort(warm)
	slices.Sort(first)
	fmt.Fprintf(&t, "\nMedian: %.2f ms with nothing kept, %.2f ms kept; Postgres takes %.0f times as long as kept.\n\n| What | |\n|---|---|\n%s\n", first[len(first)/2],
		warm[len(warm)/2], ratios[len(ratios)/2], strings.Join(b.others, "\n"))
	b.writeSlopes(&t)
	fmt.Fprintf(&t, "\nAll of it took %.0f s.\n", time.Since(b.began).Seconds())
	_, err := io.WriteString(out, t.String())
	return err
}
