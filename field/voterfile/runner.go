package voterfile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Runner does the long work of imports behind the pages: one piece of work for each import, begun by a person, ended with the
// program. How far it is stands in the database, where any program can read it (Store.Standing).
//
// What a person began goes on under that person's name, also when the role ends meanwhile: half a load helps nobody, the ledger says
// who began it, and whoever may import can stop it. It does not begin again by itself after a restart, because then nobody's right
// would stand behind it: the page says that it was interrupted, and whoever may import goes on.
type Runner struct {
	store *Store
	log   *slog.Logger
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup

	mu   sync.Mutex
	runs map[ImportID]*pace
}

// Pace is how the work of this program on an import moves.
type Pace struct {
	Loads bool          // else it rehearses
	Stage string        // "" when nothing runs
	So    time.Duration // that the stage has taken so far
	Done  int64         // of Total, in the unit of the stage
	Total int64
	Took  []Took // the stages before it, each once: voters and votes may be read side by side
	Err   error  // why the last run ended, nil while it runs and when it went well
}

// Took is how long a stage took.
type Took struct {
	Stage string
	Time  time.Duration
}

type pace struct {
	Pace
	since time.Time // when the stage began
}

// NewRunner returns a runner that works until Close.
func NewRunner(s *Store, log *slog.Logger) *Runner {
	ctx, stop := context.WithCancel(context.Background())
	return &Runner{store: s, log: log, ctx: ctx, stop: stop, runs: map[ImportID]*pace{}}
}

// Close stops all work between two chunks and waits until it is put down. Nothing begins afterwards.
func (r *Runner) Close() {
	r.mu.Lock()
	r.stop()
	r.mu.Unlock()
	r.work.Wait()
}

// Rehearse begins to rehearse an import, unless work on it is under way.
func (r *Runner) Rehearse(a org.Actor, id ImportID) { r.RehearseWith(a, id, Choices{}) }

// RehearseWith is Rehearse by what a person has chosen.
func (r *Runner) RehearseWith(a org.Actor, id ImportID, c Choices) {
	r.begin(id, false, func(p Progress) error {
		_, err := r.store.RehearseWith(r.ctx, a, id, c, p)
		return err
	})
}

// Load begins to load an import, or goes on with it, unless work on it is under way.
func (r *Runner) Load(a org.Actor, id ImportID, opts LoadOptions) {
	r.begin(id, true, func(p Progress) error {
		_, err := r.store.Load(r.ctx, a, id, opts, p)
		return err
	})
}

// Pace returns how an import moves here; the zero Pace when this program has not worked on it.
func (r *Runner) Pace(id ImportID) Pace {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.runs[id]
	if !ok {
		return Pace{}
	}
	c := p.Pace
	c.Took = nil
	if c.Stage != "" {
		c.So = r.store.now().Sub(p.since)
	}
	for _, t := range p.Took {
		if t.Stage == c.Stage {
			c.So += t.Time
		} else {
			c.Took = append(c.Took, t)
		}
	}
	return c
}

// StageBegin is the stage before the first word of progress.
const StageBegin = "Starting"

func (r *Runner) begin(id ImportID, loads bool, work func(Progress) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.runs[id]; ok && p.Stage != "" || r.ctx.Err() != nil {
		return
	}
	r.runs[id] = &pace{Pace: Pace{Loads: loads, Stage: StageBegin}, since: r.store.now()}
	r.work.Add(1)
	go func() {
		defer r.work.Done()
		r.end(id, guarded(work, func(stage string, done, total int64) { r.move(id, stage, done, total) }))
	}()
}

// guarded turns a panic into an error: one bad file must not end the program for everybody.
func guarded(work func(Progress) error, p Progress) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("panic: %v\n%s", x, debug.Stack())
		}
	}()
	return work(p)
}

// move notes how far an import is in a stage.
func (r *Runner) move(id ImportID, stage string, done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.runs[id]
	if p.Stage != stage {
		p.next(stage, r.store.now())
	}
	p.Done, p.Total = done, total
}

func (p *pace) next(stage string, now time.Time) {
	if i := slices.IndexFunc(p.Took, func(t Took) bool { return t.Stage == p.Stage }); i >= 0 {
		p.Took[i].Time += now.Sub(p.since)
	} else if p.Stage != StageBegin {
		p.Took = append(p.Took, Took{Stage: p.Stage, Time: now.Sub(p.since)})
	}
	p.Stage, p.since, p.Done, p.Total = stage, now, 0, 0
}

func (r *Runner) end(id ImportID, err error) {
	r.mu.Lock()
	p := r.runs[id]
	p.next("", r.store.now())
	p.Err = err
	r.mu.Unlock()
	if err != nil && fault.As(err) == nil && !errors.Is(err, ErrStopped) && !errors.Is(err, context.Canceled) {
		r.log.Error("working on an import", slog.Int64("import", int64(id)), slog.Any("error", err))
	}
}
