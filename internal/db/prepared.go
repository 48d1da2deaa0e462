package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// SQLite compiles a statement each time it is given as text, which costs more than running a small one. So
// the compiled ones are kept: by the one connection that writes, and by the pool that reads. (pgx does the
// same for Postgres by itself.)
const (
	preparedForWriting = 256
	preparedForReading = 128
)

// prepared keeps the compiled statements of the connection that writes.
type prepared struct {
	conn *sql.Conn
	mu   sync.Mutex
	all  map[string]*statement
}

// statement is compiled once and runs one query at a time.
type statement struct {
	stmt *sql.Stmt
	busy bool
}

// take returns the compiled form of q, or nil when it is at work: a query inside a loop over the same query
// would take away its rows.
func (p *prepared) take(ctx context.Context, q string) (*statement, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.all[q]
	if !ok {
		stmt, err := p.conn.PrepareContext(ctx, q)
		if err != nil {
			return nil, err
		}
		s = &statement{stmt: stmt}
		p.makeRoom()
		p.all[q] = s
	}
	if s.busy {
		return nil, nil
	}
	s.busy = true
	return s, nil
}

// makeRoom forgets some statement that is not at work when there are too many.
func (p *prepared) makeRoom() {
	if len(p.all) < preparedForWriting {
		return
	}
	for q, s := range p.all {
		if !s.busy {
			delete(p.all, q)
			s.stmt.Close() //nolint:errcheck // there is nothing left of it
			return
		}
	}
}

func (p *prepared) giveBack(s *statement) {
	p.mu.Lock()
	s.busy = false
	p.mu.Unlock()
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, s := range p.all {
		err = errors.Join(err, s.stmt.Close())
	}
	clear(p.all)
	return err
}

// preparedReads keeps the compiled statements of the pool that reads; database/sql compiles each on every
// connection that meets it.
type preparedReads struct {
	mu  sync.Mutex
	all map[string]*sql.Stmt
}

func (p *preparedReads) of(ctx context.Context, pool *sql.DB, q string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.all[q]; ok {
		return s, nil
	}
	s, err := pool.PrepareContext(ctx, q) //nolint:sqlclosecheck // kept, and closed when it is forgotten or the database closes
	if err != nil {
		return nil, err
	}
	if len(p.all) >= preparedForReading {
		for old, o := range p.all {
			delete(p.all, old)
			o.Close() //nolint:errcheck // database/sql lets running queries end first
			break
		}
	}
	p.all[q] = s
	return s, nil
}

func (p *preparedReads) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, s := range p.all {
		err = errors.Join(err, s.Close())
	}
	clear(p.all)
	return err
}

// errOver is what a transaction says to whoever still holds it when its function has returned.
var errOver = errors.New("the transaction is over: its function has returned")

// exec runs a statement whose text is final.
func (t *Tx) exec(ctx context.Context, q string, args []any, keep bool) (sql.Result, error) {
	if t.over.Load() {
		return nil, errOver
	}
	if err := t.sameFence(ctx); err != nil {
		return nil, err
	}
	if t.prepared == nil {
		return t.tx.ExecContext(ctx, q, args...)
	}
	// A statement interrupted half-way would undo the work of all who share the commit.
	ctx = context.WithoutCancel(ctx)
	if !keep {
		return t.tx.ExecContext(ctx, q, args...)
	}
	s, err := t.prepared.take(ctx, q)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return t.tx.ExecContext(ctx, q, args...)
	}
	defer t.prepared.giveBack(s)
	return s.stmt.ExecContext(ctx, args...)
}

// nothing is what there is to do after most queries.
func nothing() {}

// query returns the rows and what to call once they are closed.
func (t *Tx) query(ctx context.Context, q string, args []any, keep bool) (*sql.Rows, func(), error) {
	if t.over.Load() {
		return nil, nothing, errOver
	}
	if err := t.sameFence(ctx); err != nil {
		return nil, nothing, err
	}
	if t.prepared == nil {
		rows, err := t.tx.QueryContext(ctx, q, args...)
		return rows, nothing, err
	}
	ctx = context.WithoutCancel(ctx)
	if keep {
		s, err := t.prepared.take(ctx, q)
		if err != nil {
			return nil, nothing, err
		}
		if s != nil {
			rows, err := s.stmt.QueryContext(ctx, args...)
			return rows, func() { t.prepared.giveBack(s) }, err
		}
	}
	rows, err := t.tx.QueryContext(ctx, q, args...)
	return rows, nothing, err
}

func (d *DB) query(ctx context.Context, q string, args []any, keep bool) (*sql.Rows, func(), error) {
	if d.reads == nil || !keep {
		rows, err := d.read.QueryContext(ctx, q, args...)
		return rows, nothing, err
	}
	s, err := d.reads.of(ctx, d.read, q) //nolint:sqlclosecheck // kept by preparedReads
	if err != nil {
		return nil, nothing, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil && err.Error() == "sql: statement is closed" { // forgotten between the two lines above
		rows, err = d.read.QueryContext(ctx, q, args...)
	}
	return rows, nothing, err
}

// refuseControl keeps functions from ending or nesting the transaction themselves.
func refuseControl(q string) error {
	switch firstWord(q) {
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "VACUUM", "ATTACH", "DETACH":
		return fmt.Errorf("%s is not for a transaction's function to say", firstWord(q))
	}
	return nil
}
