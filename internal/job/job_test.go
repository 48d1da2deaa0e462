package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

// bench is a queue under test and what it told.
type bench struct {
	t    *testing.T
	d    *db.DB
	q    *Queue
	ends chan ID
}

func onBoth(t *testing.T, workers map[string]Worker, f func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Run(t, []db.Line{Schema()}, func(t *testing.T, d *db.DB) {
		b := &bench{t: t, d: d, ends: make(chan ID, 1000)}
		b.q = b.queue(workers)
		f(t, b)
	})
}

// queue returns a queue that tries again at once.
func (b *bench) queue(workers map[string]Worker) *Queue {
	return New(Config{DB: b.d, Workers: workers, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), poll: 50 * time.Millisecond, report: 20 * time.Millisecond,
		backoff: func(int) time.Duration { return 0 },
		tell: func(what string, id ID) {
			if what == "end" {
				b.ends <- id
			}
		}})
}

func (b *bench) start() {
	b.t.Helper()
	if err := b.q.Start(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { b.stop(b.q) })
}

func (b *bench) stop(q *Queue) {
	if err := q.Stop(context.Background()); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) write(f func(ctx context.Context, tx *db.Tx) error) error {
	return b.d.Transact(context.Background(), f)
}

func (b *bench) enqueue(kind, key string, args any) (id ID) {
	b.t.Helper()
	err := b.write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = b.q.EnqueueOnce(ctx, tx, kind, key, args)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) status(id ID) Status {
	b.t.Helper()
	s, err := StatusOf(context.Background(), b.d, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func TestWorkIsDoneExactlyWhenItsTransactionWas(t *testing.T) {
	var mu sync.Mutex
	var got []string
	done := make(chan struct{}, 10)
	workers := map[string]Worker{"greet": func(_ context.Context, r Run) error {
		var name string
		if err := r.Args(&name); err != nil {
			return err
		}
		mu.Lock()
		got = append(got, name)
		mu.Unlock()
		done <- struct{}{}
		return nil
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		got = nil
		b.start()
		undone := errors.New("undone")
		err := b.write(func(ctx context.Context, tx *db.Tx) error {
			if _, err := b.q.Enqueue(ctx, tx, "greet", "Eve"); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		id := b.enqueue("greet", "", "Ada")
		<-done
		<-b.ends
		if diff := cmp.Diff([]string{"Ada"}, got); diff != "" {
			t.Error(diff)
		}
		if s := b.status(id); s.State != Done || s.Attempt != 1 || s.Ended.IsZero() {
			t.Errorf("got %+v", s)
		}
		if n, err := db.One[int64](context.Background(), b.d, `SELECT COUNT(*) FROM job_task`); err != nil || n != 1 {
			t.Errorf("%d tasks are stored, %v", n, err)
		}
		if err := b.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := b.q.Enqueue(ctx, tx, "nobody", nil)
			return err
		}); err == nil {
			t.Error("a task was taken that nobody works on")
		}
	})
}

func TestAFailureIsTriedAgainAndAFaultIsNot(t *testing.T) {
	workers := map[string]Worker{
		"flaky": func(_ context.Context, r Run) error {
			switch r.Attempt {
			case 1:
				return errors.New("the line dropped")
			case 2:
				panic("out of luck")
			case 3:
				return fault.Busyf("Try later.")
			}
			return nil
		},
		"hopeless": func(context.Context, Run) error { return errors.New("no luck") },
		"refused":  func(context.Context, Run) error { return fault.Invalidf("The file is empty.") },
	}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		flaky, hopeless, refused := b.enqueue("flaky", "", nil), b.enqueue("hopeless", "", nil), b.enqueue("refused", "", nil)
		b.start()
		for range 4 + attemptsMost + 1 {
			<-b.ends
		}
		if s := b.status(flaky); s.State != Done || s.Attempt != 4 || s.Error != "" {
			t.Errorf("flaky: %+v", s)
		}
		if s := b.status(hopeless); s.State != Failed || s.Attempt != attemptsMost || s.Error != "no luck" || s.People {
			t.Errorf("hopeless: %+v", s)
		}
		if s := b.status(refused); s.State != Failed || s.Attempt != 1 || s.Error != "The file is empty." || !s.People {
			t.Errorf("refused: %+v", s)
		}
	})
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	var got []string
	for n := 1; n <= attemptsMost; n++ {
		got = append(got, backoff(n).String())
	}
	if diff := cmp.Diff([]string{"5s", "20s", "1m20s", "5m20s", "21m20s", "1h0m0s", "1h0m0s", "1h0m0s"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAKeyHasOneUnfinishedTask(t *testing.T) {
	onBoth(t, map[string]Worker{"count": func(context.Context, Run) error { return nil }}, func(t *testing.T, b *bench) {
		first := b.enqueue("count", "list/7", 1)
		if again := b.enqueue("count", "list/7", 2); again != first {
			t.Errorf("got a second task %d beside %d", again, first)
		}
		if other := b.enqueue("count", "list/8", 1); other == first {
			t.Error("another key shares the task")
		}
		b.start()
		<-b.ends
		<-b.ends
		if later := b.enqueue("count", "list/7", 3); later == first {
			t.Error("a finished task blocks its key")
		}
	})
}

func TestWorkOfADeadProgramIsTakenOver(t *testing.T) {
	attempts := make(chan int, 1)
	workers := map[string]Worker{"import": func(_ context.Context, r Run) error { attempts <- r.Attempt; return nil }}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		id := b.enqueue("import", "", nil)
		if err := b.write(func(ctx context.Context, tx *db.Tx) error { // as a program leaves it that is killed
			_, err := db.Exec(ctx, tx, `UPDATE job_task SET state = 'running', holder = 1, attempt = 1, due_at = ?`, time.Now().Add(-time.Second))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.start()
		if n := <-attempts; n != 2 {
			t.Errorf("attempt %d, want 2", n)
		}
		<-b.ends
		if s := b.status(id); s.State != Done {
			t.Errorf("got %+v", s)
		}
	})
}

func TestASlowWorkerLearnsThatItsTaskWasTakenOver(t *testing.T) {
	began := make(chan struct{})
	workers := map[string]Worker{"slow": func(ctx context.Context, r Run) error {
		began <- struct{}{}
		for ctx.Err() == nil {
			r.Progress("reading", 1, 2)
			time.Sleep(time.Millisecond)
		}
		return nil // too late to say so
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		id := b.enqueue("slow", "", nil)
		b.start()
		<-began
		if err := b.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE job_task SET holder = 1, attempt = 2, due_at = ?`, time.Now().Add(time.Hour))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		<-b.ends
		if s := b.status(id); s.State != Running || s.Attempt != 2 {
			t.Errorf("the first worker wrote over the second: %+v", s)
		}
	})
}

func TestProgressIsSeen(t *testing.T) {
	more := make(chan struct{})
	workers := map[string]Worker{"import": func(_ context.Context, r Run) error {
		r.Progress("Reading rows", 500, 2000)
		<-more
		r.Progress("Loading", 2000, 2000)
		return nil
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		id := b.enqueue("import", "", nil)
		b.start()
		for b.status(id).Done != 500 { // the test's own time limit ends it
			time.Sleep(time.Millisecond)
		}
		if s := b.status(id); s.State != Running || s.Stage != "Reading rows" || s.Total != 2000 {
			t.Errorf("under way: %+v", s)
		}
		more <- struct{}{}
		<-b.ends
		if s := b.status(id); s.State != Done || s.Stage != "Loading" || s.Done != 2000 {
			t.Errorf("at the end: %+v", s)
		}
	})
}

func TestStopWaitsAndThenGivesBack(t *testing.T) {
	began := make(chan struct{}, 1)
	workers := map[string]Worker{"endless": func(ctx context.Context, _ Run) error {
		began <- struct{}{}
		<-ctx.Done()
		return fmt.Errorf("reading: %w", ctx.Err())
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		id := b.enqueue("endless", "", nil)
		b.start()
		<-began
		patience, end := context.WithCancel(context.Background())
		end()
		if err := b.q.Stop(patience); err != nil {
			t.Fatal(err)
		}
		if s := b.status(id); s.State != Waiting || s.Attempt != 0 {
			t.Errorf("got %+v, want it to wait for the next start", s)
		}
		next := b.queue(workers)
		if err := next.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		<-began
		if err := next.Stop(patience); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCancelEndsATask(t *testing.T) {
	began := make(chan struct{}, 1)
	workers := map[string]Worker{"endless": func(ctx context.Context, _ Run) error {
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		running := b.enqueue("endless", "", nil)
		var later ID
		if err := b.write(func(ctx context.Context, tx *db.Tx) (err error) {
			later, err = b.q.EnqueueAt(ctx, tx, "endless", "", nil, time.Now().Add(time.Hour))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.start()
		<-began
		for _, id := range []ID{running, later} {
			if err := b.write(func(ctx context.Context, tx *db.Tx) error { return b.q.Cancel(ctx, tx, id) }); err != nil {
				t.Fatal(err)
			}
		}
		<-b.ends
		for _, id := range []ID{running, later} {
			if s := b.status(id); s.State != Cancelled {
				t.Errorf("got %+v", s)
			}
		}
	})
}

func TestTwoProgramsShareTheWork(t *testing.T) {
	const tasks = 120
	var mu sync.Mutex
	ran := map[ID]int{}
	workers := map[string]Worker{"count": func(_ context.Context, r Run) error {
		mu.Lock()
		ran[r.ID]++
		mu.Unlock()
		return nil
	}}
	onBoth(t, workers, func(t *testing.T, b *bench) {
		clear(ran)
		for i := range tasks {
			b.enqueue("count", "", i)
		}
		b.start()
		second := b.queue(workers)
		if err := second.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		for range tasks {
			<-b.ends
		}
		b.stop(second)
		mu.Lock()
		defer mu.Unlock()
		if len(ran) != tasks {
			t.Errorf("%d tasks ran, want %d", len(ran), tasks)
		}
		for id, n := range ran {
			if n != 1 {
				t.Errorf("task %d ran %d times", id, n)
			}
		}
	})
}

func TestFinishedTasksAreForgotten(t *testing.T) {
	onBoth(t, map[string]Worker{"x": func(context.Context, Run) error { return nil }}, func(t *testing.T, b *bench) {
		id := b.enqueue("x", "", nil)
		waiting := b.enqueue("x", "", nil)
		if err := b.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE job_task SET state = 'done', ended_at = ? WHERE id = ?`, time.Now().Add(-31*24*time.Hour), id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := b.q.sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := StatusOf(context.Background(), b.d, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		b.status(waiting)
	})
}

func BenchmarkTasks(b *testing.B) {
	run := func(b *testing.B, d *db.DB) {
		ended := make(chan struct{}, b.N+1)
		q := New(Config{DB: d, Workers: map[string]Worker{"x": func(context.Context, Run) error { return nil }},
			tell: func(what string, _ ID) {
				if what == "end" {
					ended <- struct{}{}
				}
			}})
		if err := q.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				_, err := q.Enqueue(ctx, tx, "x", nil)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			<-ended
		}
		if err := q.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("sqlite", func(b *testing.B) { run(b, dbtest.Open(b, db.Config{Dir: b.TempDir()}, Schema())) })
	b.Run("postgres", func(b *testing.B) { run(b, dbtest.Open(b, db.Config{URL: dbtest.PostgresURL(b)}, Schema())) })
}
