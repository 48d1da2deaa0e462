package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openprecinct/precinct/internal/fault"
)

// Backup copies an embedded database into a new file while others go on reading and writing: the copy is
// the database as it was at one moment. A Postgres server has its own tools for that.
func (d *DB) Backup(ctx context.Context, path string) error {
	if d.engine != SQLite {
		return fault.Invalidf("Back up Postgres with pg_dump; this command copies an embedded database.")
	}
	if _, err := os.Stat(path); err == nil {
		return fault.Conflictf("%s is there already. Give a name that is not, so that no older copy is lost.", path)
	}
	own, err := sql.Open("sqlite", sqliteDSN(filepath.Join(d.dir, FileName), "", []string{"busy_timeout(10000)"})) // the readers' connections refuse to write any file
	if err != nil {
		return fmt.Errorf("copying the database to %s: %w", path, err)
	}
	_, err = own.ExecContext(ctx, `VACUUM INTO ?`, path)
	if err = errors.Join(err, own.Close()); err != nil {
		return fmt.Errorf("copying the database to %s: %w", path, err)
	}
	return os.Chmod(path, 0o600)
}
