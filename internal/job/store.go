package job

import (
	"context"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// task is a row as the one who takes it needs it.
type task struct {
	ID      ID     `db:"id"`
	Kind    string `db:"kind"`
	Args    string `db:"args"`
	Attempt int    `db:"attempt"`
}

func insertTask(ctx context.Context, tx *db.Tx, kind, key, args string, at time.Time) (ID, error) {
	for {
		id, err := db.One[ID](ctx, tx, `INSERT INTO job_task (kind, args, ukey, state, due_at, made_at) VALUES (?, ?, ?, 'waiting', ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, kind, args, key, at, time.Now())
		if !errors.Is(err, db.ErrNone) {
			return id, err
		}
		id, err = db.One[ID](ctx, tx, `SELECT id FROM job_task WHERE ukey = ? AND state IN ('waiting', 'running')`, key)
		if !errors.Is(err, db.ErrNone) { // it ended between the two statements: insert after all
			return id, err
		}
	}
}

// nextDue returns when the next task may be taken; zero when there is none.
func nextDue(ctx context.Context, r db.Reader) (time.Time, error) {
	t, err := db.One[time.Time](ctx, r, `SELECT due_at FROM job_task WHERE state IN ('waiting', 'running') ORDER BY due_at LIMIT 1`)
	if errors.Is(err, db.ErrNone) {
		return time.Time{}, nil
	}
	return t, err
}

// claim takes one due task, or returns the zero one when somebody else was quicker. The state is compared a
// second time outside: on Postgres a rival's claim may commit between the two.
func (q *Queue) claim(ctx context.Context) (t task, err error) {
	err = q.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := time.Now()
		t, err = db.One[task](ctx, tx, `UPDATE job_task SET state = 'running', holder = ?, attempt = attempt + 1, due_at = ?, began_at = ?
			WHERE id IN (SELECT id FROM job_task WHERE state IN ('waiting', 'running') AND due_at <= ? ORDER BY due_at, id LIMIT 1)
			AND state IN ('waiting', 'running') AND due_at <= ? RETURNING id, kind, args, attempt`,
			q.holder, now.Add(q.c.lease), now, now, now)
		if errors.Is(err, db.ErrNone) {
			return nil
		}
		return err
	})
	return t, err
}

// renew extends the lease and writes progress; mine is false when the task is no longer this attempt's.
func (q *Queue) renew(ctx context.Context, r Run) (mine bool, err error) {
	r.mu.Lock()
	stage, done, total := r.stage, r.done, r.total
	r.changed = false
	r.mu.Unlock()
	err = q.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `UPDATE job_task SET due_at = ?, stage = ?, done = ?, total = ? WHERE id = ? AND holder = ? AND attempt = ? AND state = 'running'`,
			time.Now().Add(q.c.lease), stage, done, total, r.ID, q.holder, r.Attempt)
		mine = n == 1
		return err
	})
	return mine, err
}

// ending is how an attempt ended.
type ending struct {
	state    State
	due      time.Time
	ended    time.Time
	message  string
	people   bool
	giveBack bool // the attempt does not count
}

func (q *Queue) end(ctx context.Context, r Run, f ending) error {
	r.mu.Lock()
	stage, done, total := r.stage, r.done, r.total
	r.mu.Unlock()
	attempt := r.Attempt
	if f.giveBack {
		attempt--
	}
	return q.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE job_task SET state = ?, due_at = ?, ended_at = ?, attempt = ?, error = ?, for_people = ?, stage = ?, done = ?, total = ?
			WHERE id = ? AND holder = ? AND attempt = ? AND state = 'running'`,
			string(f.state), f.due, f.ended, attempt, f.message, f.people, stage, done, total, r.ID, q.holder, r.Attempt)
		return err
	})
}

func cancelTask(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := db.Exec(ctx, tx, `UPDATE job_task SET state = 'cancelled', ended_at = ? WHERE id = ? AND state IN ('waiting', 'running')`, time.Now(), id)
	return err
}

func statusOf(ctx context.Context, r db.Reader, id ID) (Status, error) {
	return db.One[Status](ctx, r, `SELECT id, kind, state, attempt, stage, done, total, error, for_people, made_at, began_at, ended_at FROM job_task WHERE id = ?`, id)
}

// sweep forgets tasks that ended long ago.
func (q *Queue) sweep(ctx context.Context) error {
	return q.c.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM job_task WHERE ended_at > 0 AND ended_at < ?`, time.Now().Add(-q.c.keep))
		return err
	})
}
