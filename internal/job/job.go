// Package job runs work later, beside the pages: work that was asked for in a transaction is done exactly when that transaction was.
//
// A task is a row. Enqueue writes it in the caller's transaction; a worker takes it with a lease that it
// renews while it lives, so work that died with its program is taken over soon after. A worker may therefore
// run twice for one task and must be able to: it looks at what is already done, as an import does. Why this
// is a table of ours and not a library: docs/decisions/0007-job-queue.md.
package job

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

//go:embed schema/*.sql
var schema embed.FS

// Schema returns the queue's migrations.
func Schema() db.Line { return db.Embedded("job", schema) }

// Spanish is this package's sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// ID names one task.
type ID int64

// Worker does the work of one kind of task. An error is tried again later, unless it is a fault other than
// Busy: that needs a person, not patience. Its context ends when the task is cancelled, taken over or has no
// more time to end in.
type Worker func(ctx context.Context, r Run) error

// State is where a task stands.
type State string

// The states of a task.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Config says what a Queue works with. DB and Workers are needed.
type Config struct {
	DB       *db.DB
	Workers  map[string]Worker // by kind
	Parallel int               // tasks at once; 0 means 2
	Log      *slog.Logger      // nil means slog.Default

	lease   time.Duration            // 0 means a minute
	poll    time.Duration            // 0 means five seconds
	backoff func(int) time.Duration  // nil means backoff
	report  time.Duration            // 0 means half a second
	keep    time.Duration            // how long finished tasks are kept; 0 means 30 days
	tell    func(what string, id ID) // for tests: what the queue just did
}

// attemptsMost is how often a task is begun before it has failed.
const attemptsMost = 8

// backoff is how long a task waits after its attempt failed: 5 s, 20 s, 80 s and so on up to an hour.
func backoff(attempt int) time.Duration {
	d := 5 * time.Second
	for range attempt - 1 {
		d = min(d*4, time.Hour)
	}
	return d
}

// Queue takes tasks and works on them between Start and Stop.
type Queue struct {
	c      Config
	holder int64
	wake   chan struct{}

	mu      sync.Mutex
	running map[ID]*Run
	ended   sync.WaitGroup
	loop    context.CancelFunc
	looping chan struct{}
	works   context.CancelFunc
}

// New returns a queue that does not work yet: Enqueue is all that a program without workers needs.
func New(c Config) *Queue {
	if c.Parallel == 0 {
		c.Parallel = 2
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.lease == 0 {
		c.lease = time.Minute
	}
	if c.poll == 0 {
		c.poll = 5 * time.Second
	}
	if c.report == 0 {
		c.report = 500 * time.Millisecond
	}
	if c.backoff == nil {
		c.backoff = backoff
	}
	if c.keep == 0 {
		c.keep = 30 * 24 * time.Hour
	}
	if c.tell == nil {
		c.tell = func(string, ID) {}
	}
	holder := rand.Int64() //nolint:gosec // tells queues apart and is no secret
	return &Queue{c: c, holder: holder, wake: make(chan struct{}, 1), running: map[ID]*Run{}}
}

// Enqueue asks for work of a kind, in the caller's transaction: no commit, no work. args are kept as JSON.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, kind string, args any) (ID, error) {
	return q.enqueue(ctx, tx, kind, "", args, time.Now())
}

// EnqueueOnce is Enqueue unless a task with this key is waiting or running: then it returns that one.
func (q *Queue) EnqueueOnce(ctx context.Context, tx *db.Tx, kind, key string, args any) (ID, error) {
	return q.enqueue(ctx, tx, kind, key, args, time.Now())
}

// EnqueueAt is EnqueueOnce, not to begin before at. An empty key means that there may be any number.
func (q *Queue) EnqueueAt(ctx context.Context, tx *db.Tx, kind, key string, args any, at time.Time) (ID, error) {
	return q.enqueue(ctx, tx, kind, key, args, at)
}

func (q *Queue) enqueue(ctx context.Context, tx *db.Tx, kind, key string, args any, at time.Time) (ID, error) {
	if _, ok := q.c.Workers[kind]; !ok && q.c.Workers != nil {
		return 0, fmt.Errorf("nobody works on tasks of kind %q", kind)
	}
	text, err := json.Marshal(args)
	if err != nil {
		return 0, fmt.Errorf("keeping what task %s needs: %w", kind, err)
	}
	id, err := insertTask(ctx, tx, kind, key, string(text), at)
	if err != nil {
		return 0, fmt.Errorf("enqueuing %s: %w", kind, err)
	}
	tx.AfterCommit(q.ring)
	return id, nil
}

// ring wakes the loop, if it sleeps.
func (q *Queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Cancel ends a task that waits, or tells the worker of one that runs to stop. It is no error when it has ended.
func (q *Queue) Cancel(ctx context.Context, tx *db.Tx, id ID) error {
	if err := cancelTask(ctx, tx, id); err != nil {
		return fmt.Errorf("cancelling task %d: %w", id, err)
	}
	tx.AfterCommit(func() { // another program's worker finds out when it renews its lease
		q.mu.Lock()
		defer q.mu.Unlock()
		if r := q.running[id]; r != nil {
			r.cancel()
		}
	})
	return nil
}

// Status is what its owner may see of a task.
type Status struct {
	ID      ID        `db:"id"`
	Kind    string    `db:"kind"`
	State   State     `db:"state"`
	Attempt int       `db:"attempt"`
	Stage   string    `db:"stage"` // what the worker said it is at
	Done    int64     `db:"done"`
	Total   int64     `db:"total"`      // 0: not known
	Error   string    `db:"error"`      // of the last attempt
	People  bool      `db:"for_people"` // Error is a sentence for people; otherwise it is for the log
	Made    time.Time `db:"made_at"`
	Began   time.Time `db:"began_at"`
	Ended   time.Time `db:"ended_at"`
}

// StatusOf returns how a task stands, or a NotFound fault.
func StatusOf(ctx context.Context, r db.Reader, id ID) (Status, error) {
	s, err := statusOf(ctx, r, id)
	if errors.Is(err, db.ErrNone) {
		return Status{}, fault.NotFoundf("There is no such task any more.")
	}
	if err != nil {
		return Status{}, fmt.Errorf("reading task %d: %w", id, err)
	}
	return s, nil
}
