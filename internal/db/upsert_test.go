package db_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// Few rows and many go different ways on Postgres; what is written is the same.
func TestFewRowsAndManyAreWrittenAlike(t *testing.T) {
	line := db.Line{Program: "test", FS: fstest.MapFS{"0001_thing.sql": {Data: []byte(`CREATE TABLE test_thing (id @int NOT NULL PRIMARY KEY, name @text NOT NULL, at @int NOT NULL, blob @bytes NOT NULL) @strict;`)}}}
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := db.WithSite(t.Context())
		columns := []string{"id", "name", "at", "blob"}
		rows := func(n int, name string) func(func([]any) bool) {
			return func(yield func([]any) bool) {
				row := make([]any, 4) // used again, as callers may
				for i := range n {
					row[0], row[1], row[2], row[3] = i, fmt.Sprint(name, i), time.UnixMilli(int64(i)), []byte{byte(i)}
					if !yield(row) {
						return
					}
				}
			}
		}
		for _, n := range []int{0, 1, 2, 63, 64, 65, 66, 300} {
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				if _, err := db.Exec(ctx, tx, `DELETE FROM test_thing`); err != nil {
					return err
				}
				if err := db.InsertNew(ctx, tx, "test_thing", columns, rows(n/2, "first ")); err != nil {
					return err
				}
				if err := db.InsertNew(ctx, tx, "test_thing", columns, rows(n, "second ")); err != nil {
					return err
				}
				if err := db.InsertNew(ctx, tx, "test_thing", columns, rows(n, "not ")); err != nil {
					return err
				}
				m, err := db.Upsert(ctx, tx, "test_thing", columns, 1, rows(n/4, "third "))
				if m != int64(n/4) {
					t.Errorf("%d rows were given, it says %d", n/4, m)
				}
				return err
			})
			if err != nil {
				t.Fatalf("%d rows: %v", n, err)
			}
			got, err := db.All[string](ctx, d, `SELECT name || ' ' || at FROM test_thing ORDER BY id`)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range n {
				name := "second "
				if i < n/4 {
					name = "third "
				} else if i < n/2 {
					name = "first "
				}
				want = append(want, fmt.Sprintf("%s%d %d", name, i, i))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d rows:\n%s", n, diff)
			}
		}
	})
}
