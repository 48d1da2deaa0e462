package field

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/segment"
)

// rebuildHour is when, in UTC, segments are built anew each day: early morning in all of the states.
const rebuildHour = 8

// keepSegments opens the segments of a site, keeps them current and builds them anew each night until ctx ends. Lists are counted without them too, so
// trouble here is logged by the engine and stops nothing.
func keepSegments(ctx context.Context, lists *liststore.Store, e *segment.Engine) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return e.Run(ctx) })
	g.Go(func() error {
		lists.Warm(ctx)
		for {
			wait := time.NewTimer(untilHour(time.Now().UTC(), rebuildHour))
			select {
			case <-ctx.Done():
				wait.Stop()
				return nil
			case <-wait.C:
				if err := lists.Rebuild(ctx); err != nil && ctx.Err() == nil {
					slog.ErrorContext(ctx, "building the list segments anew", slog.Any("error", err))
				}
			}
		}
	})
	return g.Wait()
}

// untilHour is how long it is from now to the next time that the clock shows the hour.
func untilHour(now time.Time, hour int) time.Duration {
	next := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, now.Location())
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next.Sub(now)
}
