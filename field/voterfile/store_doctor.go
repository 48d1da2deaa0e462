package voterfile

import (
	"context"
	"fmt"

	"github.com/openprecinct/precinct/internal/db"
)

// Unfinished returns a sentence for each import that was begun and not ended, for the operator of the site.
func (s *Store) Unfinished(ctx context.Context) ([]string, error) {
	ctx = db.WithSite(ctx)
	ids, err := db.All[ImportID](ctx, s.DB, `SELECT id FROM field_voterfile_import WHERE state IN ('loading', 'stopped') ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("looking for unfinished imports: %w", err)
	}
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf("Import %d of a voter file was interrupted: load it again, in the browser or with the same files, and it goes on where it was.", id))
	}
	return all, nil
}
