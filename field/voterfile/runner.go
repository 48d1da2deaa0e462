package voterfile

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Runner does the long work of imports behind the pages: one piece of work for each import, begun by a person, ended with the
// program. How far it is stands in the database, where any program can read it.
type Runner struct {
	store *Store
	log   *slog.Logger
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup

	mu   sync.Mutex
	runs map[ImportID]*Pace
}

// Pace is how an import moves, for a guess at what is left.
type Pace struct {
	Stage string
	Since time.Time // when the stage began
	Took  []Took    // the stages before it
	Err   error     // why the last run ended, nil while it runs and when it went well
}

// Took is how long a stage took.
type Took struct {
	Stage string
	Time  time.Duration
}

// NewRunner returns a runner that works until Close.
func NewRunner(s *Store, log *slog.Logger) *Runner {
	ctx, stop := context.WithCancel(context.Background())
	return &Runner{store: s, log: log, ctx: ctx, stop: stop, runs: map[ImportID]*Pace{}}
}

// Close stops all work between two chunks and waits until it is put down.
func (r *Runner) Close() {
	r.stop()
	r.work.Wait()
}

// Rehearse begins to rehearse an import, unless that is under way.
func (r *Runner) Rehearse(a org.Actor, id ImportID) {
	r.begin(id, func(p Progress) error {
		_, err := r.store.Rehearse(r.ctx, a, id, p)
		return err
	})
}

// Load begins to load an import, or goes on with it, unless that is under way.
func (r *Runner) Load(a org.Actor, id ImportID, opts LoadOptions) {
	r.begin(id, func(p Progress) error {
		_, err := r.store.Load(r.ctx, a, id, opts, p)
		return err
	})
}

// Pace returns how an import moves here; false when this program has not worked on it.
func (r *Runner) Pace(id ImportID) (Pace, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.runs[id]
	if !ok {
		return Pace{}, false
	}
	c := *p
	c.Took = append([]Took(nil), p.Took...)
	return c, true
}

// Running reports whether this program works on an import now.
func (r *Runner) Running(id ImportID) bool {
	p, ok := r.Pace(id)
	return ok && p.Stage != ""
}

// StageBegin is the stage before the first word of progress.
const StageBegin = "Starting"

func (r *Runner) begin(id ImportID, work func(Progress) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.runs[id]; ok && p.Stage != "" || r.ctx.Err() != nil {
		return
	}
	r.runs[id] = &Pace{Stage: StageBegin, Since: r.store.now()}
	r.work.Add(1)
	go func() {
		defer r.work.Done()
		r.end(id, work(func(stage string, _, _ int64) { r.move(id, stage) }))
	}()
}

// move notes that an import is in a stage.
func (r *Runner) move(id ImportID, stage string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.runs[id]
	if p.Stage == stage {
		return
	}
	now := r.store.now()
	if p.Stage != StageBegin {
		p.Took = append(p.Took, Took{Stage: p.Stage, Time: now.Sub(p.Since)})
	}
	p.Stage, p.Since = stage, now
}

func (r *Runner) end(id ImportID, err error) {
	r.mu.Lock()
	p := r.runs[id]
	if p.Stage != StageBegin {
		p.Took = append(p.Took, Took{Stage: p.Stage, Time: r.store.now().Sub(p.Since)})
	}
	p.Stage, p.Err = "", err
	r.mu.Unlock()
	if err != nil && fault.As(err) == nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		r.log.Error("working on an import", slog.Int64("import", int64(id)), slog.Any("error", err))
	}
}
