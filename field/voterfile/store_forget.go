package voterfile

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Over is an import whose files nobody needs any more: it was never loaded, or a newer one was and no person's raw row stands in it.
type Over struct {
	Import  ImportID  `db:"id"`
	Name    string    `db:"name"` // of the voter file
	Org     org.ID    `db:"org_id"`
	State   State     `db:"state"`
	Changed time.Time `db:"changed_at"`
	Files   string    `db:"files"` // JSON
}

// whatIsOver is asked when the files are named and again when they are given up: somebody may have taken hold of the import in between.
const whatIsOver = `i.forgotten_at = 0 AND i.changed_at < ? AND (i.run_token = '' OR i.run_seen_at < ?)
	AND (i.state IN ('received', 'refused', 'rehearsed') OR i.state = 'loaded' AND EXISTS
		(SELECT 1 FROM field_voterfile_import j WHERE j.voterfile_id = i.voterfile_id AND j.state = 'loaded' AND j.id > i.id))
	AND NOT EXISTS (SELECT 1 FROM field_person p WHERE p.raw_import_id = i.id)`

// Over returns the imports last touched before t whose files nobody needs any more, for the operator and the daily housekeeping.
func (s *Store) Over(ctx context.Context, t time.Time) ([]Over, error) {
	ctx = db.WithSite(ctx)
	all, err := db.All[Over](ctx, s.DB, `SELECT i.id, f.name, f.org_id, i.state, i.changed_at, i.files
		FROM field_voterfile_import i JOIN field_voterfile f ON f.id = i.voterfile_id WHERE `+whatIsOver+` ORDER BY i.id`, t, t)
	if err != nil {
		return nil, fmt.Errorf("looking for files that nobody needs: %w", err)
	}
	return all, nil
}

// Forget gives up the files of the imports that Over names. The files themselves are deleted by whoever knows that nothing else holds them.
func (s *Store) Forget(ctx context.Context, t time.Time) error {
	all, err := s.Over(ctx, t)
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := s.forget(db.WithSite(ctx), o, t); err != nil {
			return fmt.Errorf("giving up the files of import %d: %w", o.Import, err)
		}
	}
	return nil
}

func (s *Store) forget(ctx context.Context, o Over, t time.Time) error {
	files, err := importRow{FilesText: o.Files, Import: Import{ID: o.Import}}.received()
	if err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import AS i SET forgotten_at = ? WHERE i.id = ? AND `+whatIsOver, s.now(), o.Import, t, t)
		if err != nil || n == 0 {
			return err
		}
		_, err = ledger.Append(ctx, tx, ledger.Who{Org: int64(o.Org), Via: "job"}, ledger.Entry{Kind: KindForget, Object: object(o.Import),
			Data: map[string]any{"state": string(o.State), "files": blobsOf(files)}})
		return err
	})
}

// Held returns the names of the stored files that imports still need.
func (s *Store) Held(ctx context.Context) ([]string, error) {
	var all []string
	for row, err := range db.Each[importRow](db.WithSite(ctx), s.DB, `SELECT id, files FROM field_voterfile_import WHERE forgotten_at = 0`) {
		if err != nil {
			return nil, fmt.Errorf("looking for the files of imports: %w", err)
		}
		files, err := row.received()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all = append(all, f.Blob)
		}
	}
	return all, nil
}
