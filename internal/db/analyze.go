package db

import (
	"context"
	"fmt"
)

// Analyze lets Postgres look at tables whose content has changed a lot, so that it chooses the right indexes from the next query on
// and not some minutes later. SQLite, which goes by the shape of a query, has nothing to do.
func (d *DB) Analyze(ctx context.Context, tables ...string) error {
	if d.engine == SQLite {
		return nil
	}
	return d.Transact(WithSite(ctx), func(ctx context.Context, tx *Tx) error {
		for _, t := range tables {
			if _, err := tx.tx.ExecContext(ctx, "ANALYZE "+t); err != nil {
				return fmt.Errorf("analysing %s: %w", t, err)
			}
		}
		return nil
	})
}
