package db_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// A bulk insert whose context ends stops on Postgres, says why, and leaves nothing; the program and the database go on. (SQLite's one writer is let go between
// two statements of a transaction only by the function itself.)
func TestBulkStopsWithItsContext(t *testing.T) {
	dbtest.Run(t, []db.Line{{Program: "cancel", FS: fstest.MapFS{"0001_cancel.sql": {Data: []byte(`CREATE TABLE cancel (n @int NOT NULL) @strict;`)}}}}, func(t *testing.T, d *db.DB) {
		if d.Engine() != db.Postgres {
			t.Skip("nothing is under way elsewhere that could be cancelled")
		}
		for range 20 {
			ctx, stop := context.WithCancel(t.Context())
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := db.Bulk(ctx, tx, "cancel", []string{"n"}, func(yield func([]any) bool) {
					time.AfterFunc(time.Millisecond, stop)
					for i := int64(0); yield([]any{i}); i++ {
						if i > 50_000_000 {
							t.Error("it went on without end")
							return
						}
					}
				})
				return err
			})
			stop()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("a cancelled bulk insert ended with %v", err)
			}
		}
		if n, err := db.One[int64](t.Context(), d, `SELECT COUNT(*) FROM cancel`); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
	})
}
