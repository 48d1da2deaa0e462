package voterfile

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// Standing is how far an import is, as its row says: cheap enough to be asked for twice a second.
type Standing struct {
	State State  `db:"state"`
	Stage string `db:"stage"` // a words key
	Done  int64  `db:"done"`  // of Total, in the unit of the stage
	Total int64  `db:"total"`
	Held  bool   `db:"-"` // a program that is alive works on it, this one or another
}

type standingRow struct {
	Standing
	Token string    `db:"run_token"`
	Host  string    `db:"run_host"`
	PID   int       `db:"run_pid"`
	Seen  time.Time `db:"run_seen_at"`
}

// Standing returns how far an import of the actor's organisation is.
func (s *Store) Standing(ctx context.Context, a org.Actor, id ImportID) (Standing, error) {
	ctx = a.Within(ctx)
	if err := a.Must(PermitSee); err != nil {
		return Standing{}, err
	}
	row, err := db.One[standingRow](ctx, s.DB, `SELECT i.state, i.stage, i.done, i.total, i.run_token, i.run_host, i.run_pid, i.run_seen_at
		FROM field_voterfile_import i JOIN field_voterfile f ON f.id = i.voterfile_id WHERE i.id = ? AND f.org_id = ?`, id, a.Org())
	if errors.Is(err, db.ErrNone) {
		return Standing{}, fault.NotFoundf("There is no import %d here.", id)
	}
	if err != nil {
		return Standing{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return Standing{}, err
	}
	row.Held = row.Token != "" && s.alive(row.Token, row.Host == host, row.PID, row.Seen)
	return row.Standing, nil
}

// noneBegun refuses to change what the columns mean while people are loaded by it: the load would go on as another one.
func (s *Store) noneBegun(ctx context.Context, tx *db.Tx, file FileID) error {
	id, err := db.One[ImportID](ctx, tx, `SELECT id FROM field_voterfile_import WHERE voterfile_id = ? AND state IN ('loading', 'stopped')`, file)
	if errors.Is(err, db.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.Conflictf("Import %d of this voter file is not finished. Load it to the end first.", id)
}
