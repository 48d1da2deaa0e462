package db_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

func TestBackupIsADatabaseOfItsOwn(t *testing.T) {
	ctx := context.Background()
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, line)
	insert := func() {
		t.Helper()
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `INSERT INTO door (street, number) VALUES ('Cedar', 1)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	insert()
	dir := t.TempDir()
	copied := filepath.Join(dir, db.FileName)
	if err := d.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	insert()
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	b := dbtest.Open(t, db.Config{Dir: dir}, line)
	if n, err := db.One[int64](ctx, b, `SELECT COUNT(*) FROM door`); err != nil || n != 1 {
		t.Errorf("the copy has %d doors (%v), want the one from before", n, err)
	}
	if err := d.Backup(ctx, copied); fault.KindOf(err) != fault.Conflict {
		t.Errorf("copying over a copy: %v", err)
	}
}
