package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Group commit: SQLite has one writer and each commit costs a flush to disk. Calls that wait while a flush
// runs share the next one. Each call is a savepoint, so that one's failure does not touch its neighbours,
// and nobody is answered before the shared commit is on disk.
const (
	groupMost = 512                  // calls that share a commit at the most
	groupTime = 5 * time.Millisecond // a commit starts no later than this after its first call, however many wait
)

type groupCall struct {
	ctx    context.Context
	fn     func(context.Context, *Tx) error
	err    error
	panics any
	done   chan struct{}
}

type groupWriter struct {
	pool  *sql.DB
	calls chan *groupCall
	quit  chan struct{}
	ended chan struct{}
}

var errClosed = errors.New("the database is closed")

func startGroupWriter(pool *sql.DB) *groupWriter {
	g := &groupWriter{pool: pool, calls: make(chan *groupCall), quit: make(chan struct{}), ended: make(chan struct{})}
	go g.loop()
	return g
}

func (g *groupWriter) stop() {
	close(g.quit)
	<-g.ended
}

func (g *groupWriter) do(ctx context.Context, fn func(context.Context, *Tx) error) error {
	c := &groupCall{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case g.calls <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	}
	<-c.done
	if c.panics != nil {
		panic(c.panics)
	}
	return c.err
}

func (g *groupWriter) loop() {
	defer close(g.ended)
	for {
		select {
		case c := <-g.calls:
			g.commit(c)
		case <-g.quit:
			return
		}
	}
}

// commit runs first and whoever else is waiting in one SQLite transaction, then answers them all.
func (g *groupWriter) commit(first *groupCall) {
	var kept []*groupCall // ran without error: their answer waits for the commit
	answer := func(err error) {
		for _, c := range kept {
			c.err = err
			close(c.done)
		}
	}
	tx, err := g.pool.BeginTx(context.Background(), nil)
	if err != nil {
		first.err = fmt.Errorf("beginning a transaction: %w", err)
		close(first.done)
		return
	}
	began := time.Now()
	for c, n := first, 1; c != nil; c, n = g.next(began, n), n+1 {
		broken := runSaved(tx, c)
		if c.err != nil || c.panics != nil {
			close(c.done)
		} else {
			kept = append(kept, c)
		}
		if broken != nil {
			answer(errors.Join(fmt.Errorf("a write beside this one broke the transaction; nothing of it was kept: %w", broken), tx.Rollback()))
			return
		}
	}
	if err := tx.Commit(); err != nil {
		answer(errors.Join(fmt.Errorf("committing: %w", err), ignoreTxDone(tx.Rollback())))
		return
	}
	answer(nil)
}

// next returns a call that is already waiting, or nil when it is time to commit.
func (g *groupWriter) next(began time.Time, n int) *groupCall {
	if n >= groupMost || time.Since(began) > groupTime {
		return nil
	}
	select {
	case c := <-g.calls:
		return c
	default:
		return nil
	}
}

// runSaved runs one call inside a savepoint and sets its outcome. The error it returns means that the
// whole transaction can no longer be used.
func runSaved(tx *sql.Tx, c *groupCall) (broken error) {
	if _, err := tx.Exec("SAVEPOINT one"); err != nil {
		c.err = fmt.Errorf("beginning a transaction: %w", err)
		return err
	}
	func() {
		defer func() { c.panics = recover() }()
		// A statement interrupted by a cancelled context would roll back the neighbours too.
		c.err = c.fn(context.WithoutCancel(c.ctx), &Tx{tx: tx, engine: SQLite})
	}()
	if c.err != nil || c.panics != nil {
		if _, err := tx.Exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := tx.Exec("RELEASE one")
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("committing: %w", err)
	}
	return err
}
