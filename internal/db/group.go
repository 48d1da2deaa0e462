package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Group commit: SQLite has one writer and each commit costs a flush to disk. Calls that wait while a flush
// runs share the next one. Each call is a savepoint, so that one's failure does not touch its neighbours,
// and nobody is answered before the shared commit is on disk. A call's function runs on its caller's own
// goroutine, so a panic or a runtime.Goexit in it ends that goroutine and no other.
const (
	groupMost = 512                  // calls that share a commit at the most
	groupTime = 5 * time.Millisecond // a commit starts no later than this after its first call, however many wait
)

// groupCall is one call of Transact.
type groupCall struct {
	ctx   context.Context
	turn  chan *Tx  // the writer lends its transaction; closed when err is the final answer
	ran   chan bool // the caller gives it back, and says whether what it did is to be kept
	err   error
	after []func()
}

type groupWriter struct {
	prepared *prepared
	calls    chan *groupCall
	quit     chan struct{}
	once     sync.Once
	ended    chan struct{}
}

var errClosed = errors.New("the database is closed")

func startGroupWriter(conn *sql.Conn) *groupWriter {
	g := &groupWriter{prepared: &prepared{conn: conn, all: map[string]*statement{}},
		calls: make(chan *groupCall), quit: make(chan struct{}), ended: make(chan struct{})}
	go g.loop()
	return g
}

// stop waits for the calls under way and gives the connection back.
func (g *groupWriter) stop() error {
	var err error
	g.once.Do(func() {
		close(g.quit)
		<-g.ended
		err = errors.Join(g.prepared.close(), g.prepared.conn.Close())
	})
	return err
}

func (g *groupWriter) do(ctx context.Context, fn func(context.Context, *Tx) error) error {
	c := &groupCall{ctx: ctx, turn: make(chan *Tx), ran: make(chan bool)}
	select {
	case g.calls <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	}
	for tx := range c.turn { // more than once only when a neighbour broke the transaction
		c.run(tx, fn)
	}
	if c.err == nil {
		for _, f := range c.after {
			f()
		}
	}
	return c.err
}

func (c *groupCall) run(tx *Tx, fn func(context.Context, *Tx) error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		c.ran <- false
		for range c.turn { //nolint:revive // a panic goes on once the writer has rolled back
		}
	}()
	err := fn(context.WithoutCancel(c.ctx), tx)
	returned = true
	c.err = err
	c.ran <- err == nil
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
	tx, err := g.begin()
	if err != nil {
		first.answer(err)
		return
	}
	var kept []*groupCall // ran without error: their answer waits for the commit
	began := time.Now()
	for c, n := first, 1; c != nil; c, n = g.next(began, n), n+1 {
		keep, broken := g.lend(tx, c)
		if keep {
			kept = append(kept, c)
		} else {
			close(c.turn)
		}
		if broken {
			g.rollBack(tx)
			g.eachAlone(kept)
			return
		}
	}
	switch err := tx.Commit(); {
	case err == nil:
		for _, c := range kept {
			close(c.turn)
		}
	case len(kept) == 1:
		g.rollBack(tx)
		kept[0].answer(fmt.Errorf("committing: %w", err))
	default: // one of them, say by a key checked only now: find out which
		g.rollBack(tx)
		g.eachAlone(kept)
	}
}

func (c *groupCall) answer(err error) {
	c.err = err
	close(c.turn)
}

func (g *groupWriter) begin() (*sql.Tx, error) {
	tx, err := g.prepared.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", busy(err))
	}
	return tx, nil
}

// rollBack ends a transaction of which SQLite may have left nothing to end.
func (g *groupWriter) rollBack(tx *sql.Tx) {
	tx.Rollback() //nolint:errcheck // it fails when SQLite has rolled back by itself, and the next BEGIN tells of anything worse
}

// eachAlone runs calls again, each in a transaction of its own, after the one they shared was lost through no
// fault of theirs.
func (g *groupWriter) eachAlone(calls []*groupCall) {
	for _, c := range calls {
		tx, err := g.begin()
		if err != nil {
			c.answer(err)
			continue
		}
		keep, _ := g.lend(tx, c)
		if !keep {
			g.rollBack(tx)
			close(c.turn)
			continue
		}
		if err := tx.Commit(); err != nil {
			g.rollBack(tx)
			c.answer(fmt.Errorf("committing: %w", err))
			continue
		}
		close(c.turn)
	}
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

// lend gives the transaction to one call, inside a savepoint. keep says that the call's answer waits for the
// commit; broken, that the whole transaction can no longer be used.
func (g *groupWriter) lend(tx *sql.Tx, c *groupCall) (keep, broken bool) {
	if c.err = c.ctx.Err(); c.err != nil {
		return false, false
	}
	t := &Tx{tx: tx, prepared: g.prepared, engine: SQLite, fence: FenceOf(c.ctx)}
	if err := t.control("SAVEPOINT one"); err != nil {
		c.err = fmt.Errorf("beginning a transaction: %w", err)
		return false, true
	}
	c.turn <- t
	keep = <-c.ran
	t.over.Store(true)
	if !keep {
		if err := t.control("ROLLBACK TO one"); err != nil {
			return false, true
		}
	}
	if err := t.control("RELEASE one"); err != nil {
		if c.err == nil {
			c.err = fmt.Errorf("committing: %w", err)
		}
		return false, true
	}
	c.after = t.after
	return keep, false
}

// control runs one of the three statements about savepoints.
func (t *Tx) control(q string) error {
	s, err := t.prepared.take(context.Background(), q)
	if err != nil {
		return err
	}
	defer t.prepared.giveBack(s)
	_, err = s.stmt.ExecContext(context.Background())
	return err
}
