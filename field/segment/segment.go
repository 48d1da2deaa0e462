// Package segment counts people while somebody clicks: it keeps each voter file as columns in memory-mapped files and answers plans from them.
//
// A generation is one state's people in walk order, one file per column, built from the database and never the truth. What organisations know
// about people (codes, answers, contacts, scores …) are pieces aligned to its rows. A View is an immutable snapshot of a generation with
// all changes up to its epoch, a ledger number; the engine follows the feed of changes and puts a new view in the place of the old one, copying only the
// blocks that changed, so readers wait for nobody. Whatever is corrupt, old or too far behind is built anew.
package segment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
)

// Config says what an engine replicates and where it keeps its files.
type Config struct {
	DB  *db.DB
	Dir string // for the files; one folder per voter file inside
	Log *slog.Logger
	Now func() time.Time
}

// Engine keeps the segments of a site's voter files.
type Engine struct {
	db   *db.DB
	dir  string
	log  *slog.Logger
	now  func() time.Time
	stop context.CancelFunc
	ctx  context.Context // ends with Close: builds in the background run on it
	wg   sync.WaitGroup

	mu    sync.Mutex
	files map[int64]*replica
	defs  map[change.What]map[int64]definition
}

// New returns an engine without reading anything yet.
func New(c Config) *Engine {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	// Replicas hold what belongs to many organisations; which of it a plan may touch is decided when a piece is opened for it.
	ctx, stop := context.WithCancel(db.WithSite(context.Background()))
	return &Engine{db: c.DB, dir: c.Dir, log: c.Log, now: c.Now, ctx: ctx, stop: stop, files: map[int64]*replica{}, defs: map[change.What]map[int64]definition{}}
}

// Close ends what runs in the background.
func (e *Engine) Close() error {
	e.stop()
	e.wg.Wait()
	return nil
}

// State says how far the building of a segment is.
type State struct {
	Building bool
	Stage    string // people, votes, phones, sort, write
	Done     int64
	Total    int64
	Err      error // why the last attempt failed
}

// replica is one voter file as the engine holds it.
type replica struct {
	file int64
	dir  string
	view atomic.Pointer[View]

	building sync.Mutex // held while a generation is built; taken before the others
	loading  sync.Mutex // held while a piece is read; taken before mu

	mu    sync.Mutex // held while a view is opened, patched, given a piece or replaced
	stage atomic.Pointer[State]
	busy  atomic.Bool // something is being built in the background
	seen  time.Time   // when its files were looked at; under mu
	wake  chan struct{}
}

func (e *Engine) replica(file int64) *replica {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.files[file]
	if !ok {
		r = &replica{file: file, dir: filepath.Join(e.dir, strconv.FormatInt(file, 10)), wake: make(chan struct{})}
		r.stage.Store(&State{})
		e.files[file] = r
	}
	return r
}

// loaded returns the replicas that have a view.
func (e *Engine) loaded() []*replica {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []*replica
	for _, r := range e.files {
		if r.view.Load() != nil {
			all = append(all, r)
		}
	}
	return all
}

// View returns the newest view of a voter file, opening or building its segment first where there is none.
func (e *Engine) View(ctx context.Context, file int64) (*View, error) {
	r := e.replica(file)
	if v := r.view.Load(); v != nil {
		return v, nil
	}
	if err := e.openOrBuild(db.WithSite(ctx), r); err != nil {
		return nil, err
	}
	if v := r.view.Load(); v != nil {
		return v, nil
	}
	return nil, ErrDamaged
}

// Current returns the newest view without waiting. Where there is none it is nil, and one is being opened or built.
func (e *Engine) Current(file int64) (*View, State) {
	r := e.replica(file)
	v := r.view.Load()
	if v == nil {
		e.background(r, e.openOrBuild)
	}
	return v, *r.stage.Load()
}

// Rebuild builds the segment of a voter file anew and returns when it stands. Until then the old view answers.
func (e *Engine) Rebuild(ctx context.Context, file int64) error {
	return e.build(db.WithSite(ctx), e.replica(file))
}

// background runs f for r once at a time.
func (e *Engine) background(r *replica, f func(context.Context, *replica) error) {
	if e.ctx.Err() != nil || !r.busy.CompareAndSwap(false, true) {
		return
	}
	e.wg.Add(1)
	go func() {
		defer e.wg.Done()
		defer r.busy.Store(false)
		if err := f(e.ctx, r); err != nil && e.ctx.Err() == nil {
			e.log.Error("building a list segment", "voterfile", r.file, "error", err)
			r.stage.Store(&State{Err: err})
		}
	}()
}

// openOrBuild gives r a view: from its newest generation when that can be trusted, from the database otherwise.
func (e *Engine) openOrBuild(ctx context.Context, r *replica) error {
	r.building.Lock()
	defer r.building.Unlock()
	if r.view.Load() != nil {
		return nil
	}
	g, err := openNewest(r.dir, r.file, e.siteName(ctx))
	switch {
	case err == nil:
		v := newView(e, g)
		current, err := e.replace(ctx, r, v)
		if err != nil {
			return err
		}
		if current {
			e.warm(r)
			return nil
		}
		e.log.Info("a list segment is too far behind and is built anew", "voterfile", r.file)
	case errors.Is(err, errNoGeneration):
	default:
		e.log.Warn("a list segment cannot be used and is built anew", "voterfile", r.file, "error", err)
	}
	return e.buildNext(ctx, r)
}

// replace publishes a view of another generation, brought forward.
func (e *Engine) replace(ctx context.Context, r *replica, v *View) (current bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.catchUp(ctx, r, v)
}

// warm reads what is sure to be asked, in the background: what was asked before, and what nearly every plan asks of those who may ask about a voter file:
// attempts, wishes not to be reached, own numbers and addresses.
func (e *Engine) warm(r *replica) {
	e.wg.Go(func() {
		v := r.view.Load()
		if v == nil {
			return
		}
		keys := keptKeys(v.gen.dir)
		orgs, err := orgsOf(e.ctx, e.db, r.file)
		for _, org := range append(orgs, 0) {
			for _, what := range []change.What{change.Suppression, change.Contact, change.Phone, change.Email} {
				if org != 0 || what != change.Contact {
					keys = append(keys, pieceKey{What: what, Org: org})
				}
			}
		}
		for _, k := range keys {
			if w := r.view.Load(); err == nil && e.ctx.Err() == nil && w != nil && w.gen == v.gen {
				err = w.readAhead(e.ctx, k)
			}
		}
		if err != nil && e.ctx.Err() == nil {
			e.log.Info("what is known to organizations was not read ahead", "voterfile", r.file, "error", err)
		}
	})
}

func (v *View) readAhead(ctx context.Context, k pieceKey) (err error) {
	defer v.guard(&err)()
	_, err = v.piece(ctx, k)
	return err
}

// publish puts a view in the place of the old one and wakes who waits for its epoch. The caller holds r.mu.
func (r *replica) publish(v *View) {
	r.view.Store(v)
	close(r.wake)
	r.wake = make(chan struct{})
}

// Wait returns a view that knows of everything up to the ledger's number epoch.
func (e *Engine) Wait(ctx context.Context, file, epoch int64) (*View, error) {
	v, err := e.View(ctx, file)
	for err == nil && v.epoch < epoch {
		if err = e.Follow(ctx); err != nil {
			break
		}
		if v, err = e.View(ctx, file); err != nil || v.epoch >= epoch {
			break
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(pollEvery):
		}
	}
	if err != nil {
		return nil, fmt.Errorf("waiting for the lists to know of change %d: %w", epoch, err)
	}
	return v, nil
}

// View is an immutable snapshot of one voter file: all its rows, and what is known of them, at an epoch.
type View struct {
	engine   *Engine
	gen      *generation
	epoch    int64
	rows     int
	cols     map[string]*column
	votes    []election // by id
	strays   *strays    // nil while every household's rows stand together
	stale    bool       // it has to be built anew
	fromDisk bool       // nothing was taken in yet
	homes    uint64     // stamp of who lives where and is in which universe
	pieces   map[pieceKey]*piece
	shared   *sharedState // of all views of the generation
}

// sharedState is what the views of one generation share: they read it, and fill it in.
type sharedState struct {
	cache *cache

	counting sync.Mutex // of the next two; the first count of a state's numbers takes a second
	numbers  map[pieceKey]*numbers
	both     map[bothKey][]known

	mu     sync.Mutex // of the rest
	names  map[string]named
	sizes  map[string]sizes
	boxes  []atomic.Pointer[boxes]
	byName *nameOrder

	ranking sync.Mutex
	ranks   []*ranks
	drawn   *drawn
}

func (s *sharedState) boxesAt(blocks, b int) *atomic.Pointer[boxes] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boxes == nil {
		s.boxes = make([]atomic.Pointer[boxes], blocks)
	}
	return &s.boxes[b]
}

type election struct {
	id  int64
	col *column // values: method, and the party of a primary
}

func newView(e *Engine, g *generation) *View {
	return &View{engine: e, gen: g, epoch: g.epoch, rows: g.rows, cols: g.cols, votes: g.votes, pieces: g.pieces, homes: newStamp(), fromDisk: true,
		shared: &sharedState{cache: newCache(cacheBytes), numbers: maps.Clone(g.numbers)}}
}

// Epoch returns the ledger number of the newest change the view knows of.
func (v *View) Epoch() int64 { return v.epoch }

// VoterFile returns the file's id.
func (v *View) VoterFile() int64 { return v.gen.file }

// People returns how many people are on the file, those dropped from it included.
func (v *View) People() int64 { return int64(v.rows) }

func (v *View) blocks() int { return (v.rows + blockRows - 1) / blockRows }

// workers is how many goroutines share a scan.
func workers() int { return runtime.GOMAXPROCS(0) }

// eachBlock calls f for every block, on all processors; w tells the goroutines apart.
func eachBlock(blocks int, f func(w, b int)) {
	n := min(workers(), blocks)
	if n <= 1 {
		for b := range blocks {
			f(0, b)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	run := func(w int) {
		for {
			b := int(next.Add(1)) - 1
			if b >= blocks {
				return
			}
			f(w, b)
		}
	}
	var fault atomic.Pointer[any]
	for w := 1; w < n; w++ {
		wg.Go(func() { helper(&fault, func() { run(w) }) })
	}
	run(0)
	wg.Wait()
	if r := fault.Load(); r != nil {
		panic(*r)
	}
}
