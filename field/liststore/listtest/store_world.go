package listtest

import (
	"context"

	"github.com/openprecinct/precinct/internal/db"
)

// files makes organisation 2 a partner of 1, gives each a voter file, and shares the first with the second.
func files(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{`UPDATE org SET parent_id = 1, kind = 'partner' WHERE id = 2`,
		`INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'North Carolina', 1), (2, 2, 'OH', 'oh', 'Ohio', 1)`,
		`INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, 4000000000000)`} {
		if _, err := db.Exec(ctx, tx, q); err != nil {
			return err
		}
	}
	return nil
}
