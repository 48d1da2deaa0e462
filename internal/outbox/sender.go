package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

const (
	lease     = 5 * time.Minute     // how long an attempt may take before another sender takes the message over
	tries     = 14                  // attempts before a message is given up: about two days
	keep      = 30 * 24 * time.Hour // how long the outbox remembers to whom it wrote
	idle      = 30 * time.Second    // how often the loop looks for messages of other processes
	sweepEach = time.Hour
)

// wait returns how long after the n-th attempt the next may begin: 1, 2, 4 … minutes, at most 6 hours.
func wait(n int) time.Duration {
	if n > 9 {
		return 6 * time.Hour
	}
	return min(time.Minute<<max(0, n-1), 6*time.Hour)
}

// settle is when the loop looks again after Send: the transaction it was part of commits a little later.
var settle = [...]time.Duration{20 * time.Millisecond, 200 * time.Millisecond, time.Second, 5 * time.Second}

// Run sends messages as they become due until ctx ends. An attempt under way at that time is finished or tried again later.
func (o *Outbox) Run(ctx context.Context) {
	swept := time.Time{}
	looks := 0 // how many of settle have passed since the last wake
	for {
		if err := o.Flush(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("sending mail", "error", err)
		}
		if now := o.now(); now.Sub(swept) > sweepEach {
			swept = now
			if err := o.sweep(ctx, now); err != nil && ctx.Err() == nil {
				o.log.Error("forgetting old mail", "error", err)
			}
		}
		pause := o.pause(ctx)
		if looks < len(settle) {
			pause = min(pause, settle[looks])
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-o.wake:
			timer.Stop()
			looks = 0
		case <-timer.C:
			looks++
		}
	}
}

// pause returns how long nothing will be due, at most idle.
func (o *Outbox) pause(ctx context.Context) time.Duration {
	next, err := o.nextDue(ctx)
	if err != nil || next.IsZero() {
		return idle
	}
	return min(idle, max(time.Second, next.Sub(o.now())))
}

// Flush attempts every message that is due now, once.
func (o *Outbox) Flush(ctx context.Context) error {
	for ctx.Err() == nil {
		rows, err := o.due(ctx, o.now(), 50)
		if err != nil {
			return fmt.Errorf("looking for messages: %w", err)
		}
		for _, r := range rows {
			if ctx.Err() != nil {
				return nil
			}
			if err := o.attempt(ctx, r); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
	}
	return nil
}

// attempt claims r, hands it over and records what came of it. What was handed over is recorded even when ctx has ended
// meanwhile.
func (o *Outbox) attempt(ctx context.Context, r Row) error {
	mine := false
	err := o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		mine, err = claim(ctx, tx, r, o.now(), lease)
		return err
	})
	if err != nil || !mine {
		return err
	}
	r.Attempts++
	reply, failed := o.transport.Deliver(ctx, o.from, r)
	if err := o.db.Transact(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		return o.record(ctx, tx, r, reply, failed)
	}); err != nil {
		return fmt.Errorf("recording what became of message %d: %w", r.ID, err)
	}
	return nil
}

func (o *Outbox) record(ctx context.Context, tx *db.Tx, r Row, reply string, failed error) error {
	now := o.now()
	if failed == nil {
		o.log.Info("mail sent", "message", int64(r.ID), "kind", r.Kind, "attempt", r.Attempts)
		if err := markSent(ctx, tx, r.ID, now, brief(reply), o.Catches()); err != nil {
			return err
		}
		return enter(ctx, tx, KindSent, r, 0)
	}
	var no *Refused
	code := 0
	if errors.As(failed, &no) {
		code = no.Code
	}
	if no != nil && no.Final || r.Attempts >= tries {
		o.log.Warn("mail given up", "message", int64(r.ID), "kind", r.Kind, "attempt", r.Attempts, "code", code)
		if err := markFailed(ctx, tx, r.ID, now, brief(failed.Error())); err != nil {
			return err
		}
		return enter(ctx, tx, KindGivenUp, r, code)
	}
	due := now.Add(wait(r.Attempts))
	o.log.Warn("mail put off", "message", int64(r.ID), "kind", r.Kind, "attempt", r.Attempts, "code", code, "until", due)
	return markLater(ctx, tx, r.ID, due, brief(failed.Error()))
}

// brief cuts a server's words to what a page shows.
func brief(s string) string {
	if r := []rune(s); len(r) > 500 {
		return string(r[:500]) + "…"
	}
	return s
}

// sweep forgets messages that were done with long ago: whom we wrote to is personal data.
func (o *Outbox) sweep(ctx context.Context, now time.Time) error {
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := deleteOld(ctx, tx, now.Add(-keep))
		return err
	})
}
