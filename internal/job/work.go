package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

// Run is one attempt at a task, as its worker sees it.
type Run struct {
	*attempt
}

type attempt struct {
	ID      ID
	Kind    string
	Attempt int // 1 for the first
	args    string
	cancel  context.CancelFunc

	mu      sync.Mutex
	stage   string
	done    int64
	total   int64
	changed bool
}

// Args reads what Enqueue was given into v.
func (r Run) Args(v any) error {
	if err := json.Unmarshal([]byte(r.args), v); err != nil {
		return fmt.Errorf("reading what task %d (%s) needs: %w", r.ID, r.Kind, err)
	}
	return nil
}

// Progress says how far the work is: done of total, where 0 means that the total is not known. It costs
// nothing to call often and may be called inside a transaction; a little later its owner sees it.
func (r Run) Progress(stage string, done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stage, r.done, r.total, r.changed = stage, done, total, true
}

// Start begins to work. It takes over at once what an earlier program let go of when it stopped, and after a
// minute what one left behind that died.
func (q *Queue) Start(ctx context.Context) error {
	if len(q.c.Workers) == 0 {
		return errors.New("a queue without workers cannot be started")
	}
	ctx = context.WithoutCancel(ctx) // Stop ends it, in order
	loop, stopLoop := context.WithCancel(ctx)
	works, stopWorks := context.WithCancel(ctx)
	q.loop, q.works, q.looping = stopLoop, stopWorks, make(chan struct{})
	go q.work(loop, works)
	return nil
}

// Stop takes no more tasks, and returns when those under way have ended. When ctx ends first their contexts
// end too, and they go back to wait for the next Start.
func (q *Queue) Stop(ctx context.Context) error {
	if q.loop == nil {
		return nil
	}
	q.loop()
	<-q.looping
	all := make(chan struct{})
	go func() {
		q.ended.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-ctx.Done():
		q.works()
		<-all
	}
	q.works()
	return nil
}

// work is the loop: take what is due, then sleep until something may be.
func (q *Queue) work(ctx, works context.Context) {
	defer close(q.looping)
	slots := make(chan struct{}, q.c.Parallel)
	swept := time.Time{}
	for {
		if time.Since(swept) > 24*time.Hour {
			swept = time.Now()
			if err := q.sweep(ctx); err != nil {
				q.c.Log.Error("forgetting finished tasks", "error", err)
			}
		}
		wait, err := q.takeDue(ctx, works, slots)
		if err != nil && ctx.Err() == nil {
			q.c.Log.Error("looking for tasks", "error", err)
		}
		sleep := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			sleep.Stop()
			return
		case <-q.wake:
		case <-sleep.C:
		}
		sleep.Stop()
	}
}

// takeDue begins the tasks that are due, as far as there are slots, and returns how long to sleep at the most.
// When nothing is due it costs one read.
func (q *Queue) takeDue(ctx, works context.Context, slots chan struct{}) (time.Duration, error) {
	for {
		next, err := nextDue(ctx, q.c.DB)
		if err != nil {
			return q.c.poll, err
		}
		wait := time.Until(next)
		if next.IsZero() || wait > 0 {
			if next.IsZero() || wait > q.c.poll {
				wait = q.c.poll
			}
			return wait, nil
		}
		select {
		case slots <- struct{}{}:
		default:
			return q.c.poll, nil // whoever ends rings
		}
		t, err := q.claim(ctx)
		if err != nil || t.ID == 0 { // an error, or another program was quicker
			<-slots
			if err != nil {
				return q.c.poll, err
			}
			continue
		}
		q.begin(works, t, slots)
	}
}

func (q *Queue) begin(works context.Context, t task, slots chan struct{}) {
	ctx, cancel := context.WithCancel(works)
	r := Run{&attempt{ID: t.ID, Kind: t.Kind, Attempt: t.Attempt, args: t.Args, cancel: cancel}}
	q.mu.Lock()
	q.running[r.ID] = &r
	q.mu.Unlock()
	q.c.tell("begin", r.ID)
	q.ended.Add(1)
	go func() {
		defer q.ended.Done()
		defer cancel()
		beats := make(chan struct{})
		over := make(chan struct{})
		go func() {
			defer close(beats)
			q.beat(ctx, r, over)
		}()
		err := q.try(ctx, r)
		close(over)
		<-beats
		q.finish(works, r, err)
		q.mu.Lock()
		delete(q.running, r.ID)
		q.mu.Unlock()
		<-slots
		q.ring()
		q.c.tell("end", r.ID)
	}()
}

// try calls the worker and turns a panic into an error.
func (q *Queue) try(ctx context.Context, r Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.c.Log.Error("a task panicked", "task", r.ID, "kind", r.Kind, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("task %s panicked: %v", r.Kind, p)
		}
	}()
	if r.Attempt > attemptsMost { // each time its program died before it could say why
		return fault.Conflictf("This was begun %d times and did not end once. Ask whoever runs this site to look into the log.", attemptsMost)
	}
	w, ok := q.c.Workers[r.Kind]
	if !ok {
		return fmt.Errorf("nobody works on tasks of kind %q in this version", r.Kind)
	}
	return w(ctx, r)
}

// beat renews the lease and writes progress until the attempt is over.
func (q *Queue) beat(ctx context.Context, r Run, over <-chan struct{}) {
	tick := time.NewTicker(q.c.report)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !r.isChanged() && time.Since(renewed) < q.c.lease/3 {
			continue
		}
		mine, err := q.renew(ctx, r)
		switch {
		case err != nil:
			q.c.Log.Warn("renewing the lease of a task", "task", r.ID, "error", err)
		case !mine: // cancelled, or taken over while this program slept
			r.cancel()
			return
		default:
			renewed = time.Now()
		}
	}
}

func (r Run) isChanged() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// finish writes how an attempt ended. Whoever lost the task meanwhile writes nothing.
func (q *Queue) finish(works context.Context, r Run, err error) {
	f := ending{state: Done, ended: time.Now()}
	if err != nil {
		f.message = err.Error()
		f.people = fault.KindOf(err) != fault.Internal
	}
	switch {
	case err == nil:
	case works.Err() != nil && errors.Is(err, context.Canceled): // told to stop: this was no attempt
		f = ending{state: Waiting, due: time.Now(), giveBack: true}
	case f.people && fault.KindOf(err) != fault.Busy, r.Attempt >= attemptsMost:
		f.state = Failed
	default:
		f.state, f.due, f.ended = Waiting, time.Now().Add(q.c.backoff(r.Attempt)), time.Time{}
	}
	if err != nil {
		q.c.Log.Warn("a task did not succeed", "task", r.ID, "kind", r.Kind, "attempt", r.Attempt, "then", f.state, "error", err)
	}
	// The lease must not run out only because the stop has begun, so this is not bound to works.
	if err := q.end(context.WithoutCancel(works), r, f); err != nil {
		q.c.Log.Error("writing how a task ended", "task", r.ID, "error", err)
	}
}
