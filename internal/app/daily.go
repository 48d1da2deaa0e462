package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/job"
)

// dailyKind is the task that keeps house once a day: it warns people whose access ends soon, forgets
// sign-in answers that can no longer be repeated, deletes files that nobody needs any more, and recomputes the whole ledger. Being a task and not a timer, it is done once however
// often the site restarts and however many programs serve it.
const dailyKind = "site.daily"

func (s *Site) startJobs(ctx context.Context) error {
	s.Jobs = job.New(job.Config{DB: s.DB, Log: s.Log, Workers: map[string]job.Worker{dailyKind: s.daily}})
	return s.planDaily(ctx, s.Now())
}

func (s *Site) planDaily(ctx context.Context, at time.Time) error {
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := s.Jobs.EnqueueAt(ctx, tx, dailyKind, at.UTC().Format(time.DateOnly), nil, at)
		return err
	})
}

func (s *Site) daily(ctx context.Context, _ job.Run) error {
	if _, err := s.Orgs.WarnExpiring(ctx); err != nil {
		return err
	}
	if err := s.Accounts.Sweep(ctx); err != nil {
		return err
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	r, err := s.seal.Recompute(ctx, s.DB)
	if err != nil {
		return err
	}
	if !r.OK() {
		s.Log.ErrorContext(ctx, "the ledger was changed: run 'precinct ledger verify'", slog.Int("findings", len(r.Findings)))
	}
	return s.planDaily(ctx, s.Now().Add(24*time.Hour))
}
