package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

var line = db.Line{Program: "test", FS: fstest.MapFS{"0001_door.sql": {Data: []byte(
	`CREATE TABLE door (id @identity, street @text NOT NULL, number @int NOT NULL, seen_at @int, locked @int NOT NULL DEFAULT 0) @strict;
	 CREATE INDEX door_street ON door (street);`)}}}

type door struct {
	ID     int64     `db:"id"`
	Street string    `db:"street"`
	Number int64     `db:"number"`
	Seen   time.Time `db:"seen_at"`
	Locked bool      `db:"locked"`
}

func TestTransactKeepsAllOrNothing(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		stop := errors.New("stop")
		insert := func(fail error) error {
			return d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				if _, err := db.Exec(ctx, tx, `INSERT INTO door (street, number, locked) VALUES (?, ?, ?)`, "Cedar", 1140, true); err != nil {
					return err
				}
				return fail
			})
		}
		if err := insert(stop); !errors.Is(err, stop) {
			t.Fatalf("got %v, want the function's own error", err)
		}
		if err := insert(nil); err != nil {
			t.Fatal(err)
		}
		got, err := db.All[door](ctx, d, `SELECT id, street, number, seen_at, locked FROM door WHERE street IN (?) AND number = ?`, []string{"Cedar", "Mill"}, 1140)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].ID = 0
		}
		if diff := cmp.Diff([]door{{Street: "Cedar", Number: 1140, Locked: true}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTransactRefusesNesting(t *testing.T) {
	dbtest.Run(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Transact(context.Background(), func(ctx context.Context, _ *db.Tx) error {
			return d.Transact(ctx, func(context.Context, *db.Tx) error { return nil })
		})
		if !errors.Is(err, db.ErrNested) {
			t.Errorf("got %v, want ErrNested", err)
		}
	})
}

func TestBulkCountsAndKeepsEveryRow(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		const want = 12_345 // no multiple of the statement's rows
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			row := make([]any, 2)
			n, err := db.Bulk(ctx, tx, "door", []string{"street", "number"}, func(yield func([]any) bool) {
				for i := range want {
					row[0], row[1] = "Cedar", i
					if !yield(row) {
						return
					}
				}
			})
			if n != want {
				t.Errorf("Bulk says %d rows, want %d", n, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := db.One[int64](ctx, d, `SELECT CAST(SUM(number) AS BIGINT) FROM door`)
		if err != nil || sum != want*(want-1)/2 {
			t.Errorf("sum %d, %v", sum, err)
		}
	})
}

// sorted returns rows in the order of less.
func sorted[T any](rows []T, less func(a, b T) bool) []T {
	slices.SortFunc(rows, func(a, b T) int {
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return 0
	})
	return rows
}
