package db_test

import (
	"context"
	"sync"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

func TestASiteHasOnePurposeForGood(t *testing.T) {
	dbtest.Run(t, nil, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if _, err := d.SiteOf(ctx); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before: %v", err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := d.Claim(ctx, "organizing", "Cedar County"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := d.Claim(ctx, "office", "Cedar County Clerk"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("claiming it for the other purpose: %v", err)
		}
		if s, err := d.SiteOf(ctx); err != nil || s.Purpose != "organizing" || s.Name != "Cedar County" || s.Created.IsZero() {
			t.Errorf("got %+v, %v", s, err)
		}
	})
}
