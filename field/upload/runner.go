package upload

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/org"
)

// Runner rehearses and loads uploads behind the pages, under the name of whoever began it. How an upload ended stands in the database.
type Runner struct {
	store *Store
	log   *slog.Logger
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
}

// NewRunner returns a runner that works until Close.
func NewRunner(s *Store, log *slog.Logger) *Runner {
	ctx, stop := context.WithCancel(context.Background())
	return &Runner{store: s, log: log, ctx: ctx, stop: stop}
}

// patience is how long a page waits for work to end before it shows that it is under way.
const patience = 1500 * time.Millisecond

// Rehearse begins to rehearse an upload and waits a moment for it.
func (r *Runner) Rehearse(a org.Actor, id ID) {
	r.begin(func(ctx context.Context) error { return r.store.Rehearse(ctx, a, id) }, id)
}

// Load begins to load an upload and waits a moment for it.
func (r *Runner) Load(a org.Actor, id ID, leave bool) {
	r.begin(func(ctx context.Context) error { return r.store.LoadKept(ctx, a, id, leave) }, id)
}

func (r *Runner) begin(f func(context.Context) error, id ID) {
	done := make(chan struct{})
	r.work.Go(func() {
		defer close(done)
		if err := f(r.ctx); err != nil {
			r.log.Warn("upload ended with an error", "upload", int64(id), "error", err)
		}
	})
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// Close stops what is under way, which leaves nothing behind, and waits for it.
func (r *Runner) Close() {
	r.stop()
	r.work.Wait()
}
