package db_test

import (
	"context"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// TestCreateIndex: the index is there, a second one like it is refused and touches nothing, and the connection is left as it was.
func TestCreateIndex(t *testing.T) {
	dbtest.Run(t, nil, func(t *testing.T, d *db.DB) {
		ctx := db.WithSite(t.Context())
		do := func(f func(ctx context.Context, tx *db.Tx) error) error { return d.Transact(ctx, f) }
		before := settings(t, d)
		err := do(func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `CREATE TABLE word (id BIGINT PRIMARY KEY, text TEXT NOT NULL)`)
			if err != nil {
				return err
			}
			_, err = db.Bulk(ctx, tx, "word", []string{"id", "text"}, func(yield func([]any) bool) {
				for i := range 5000 {
					if !yield([]any{int64(i), string(rune('a' + i%26))}) {
						return
					}
				}
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		create := func(ctx context.Context, tx *db.Tx) error {
			return db.CreateIndex(ctx, tx, `CREATE UNIQUE INDEX word_text ON word (text, id)`)
		}
		if err := do(create); err != nil {
			t.Fatal(err)
		}
		if err := do(create); err == nil {
			t.Error("the same index twice is no error")
		}
		bad := func(ctx context.Context, tx *db.Tx) error {
			return db.CreateIndex(ctx, tx, `CREATE UNIQUE INDEX word_only ON word (text)`)
		}
		if err := do(bad); err == nil {
			t.Error("a unique index over equal rows is no error")
		}
		if n, err := db.One[int64](ctx, d, `SELECT COUNT(*) FROM word WHERE text = ?`, "c"); err != nil || n != 193 {
			t.Errorf("%d rows, %v", n, err)
		}
		if after := settings(t, d); after != before {
			t.Errorf("settings %v, before %v", after, before)
		}
	})
}

// settings are those of the connection that writes.
func settings(t *testing.T, d *db.DB) (out [2]int64) {
	t.Helper()
	if d.Engine() != db.SQLite {
		return out
	}
	err := d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
		for i, q := range []string{`SELECT temp_store FROM pragma_temp_store`, `SELECT cache_size FROM pragma_cache_size`} {
			var err error
			if out[i], err = db.One[int64](ctx, tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
