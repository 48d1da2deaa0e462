package db_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// TestAFullDiskIsAnErrorAndNotALoss fills a small file system, as an import on a small server would.
func TestAFullDiskIsAnErrorAndNotALoss(t *testing.T) {
	if why := noLoopDevice(t); why != "" {
		t.Skipf("NOT TESTED: %s", why)
	}
	mount := mountImage(t, makeImage(t))
	t.Cleanup(func() { unmount(t, mount) }) // after the database is closed
	d := dbtest.Open(t, db.Config{Dir: filepath.Join(mount, "site")}, line)
	ctx := context.Background()
	ballast := filepath.Join(mount, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	write := func() error {
		return d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `INSERT INTO door (street, number) VALUES (?, 1)`, strings.Repeat("x", 256<<10))
			return err
		})
	}
	acked := int64(0)
	var full error
	for full == nil && acked < 1000 {
		if full = write(); full == nil {
			acked++
		}
	}
	if full == nil || acked == 0 {
		t.Fatalf("the disk did not fill up: %d writes, %v", acked, full)
	}
	count := func() int64 {
		n, err := db.One[int64](ctx, d, `SELECT COUNT(*) FROM door`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != acked {
		t.Errorf("on a full disk there are %d rows, %d were acknowledged", n, acked)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if n := count(); n != acked+1 {
		t.Errorf("with room again there are %d rows, want %d", n, acked+1)
	}
}
