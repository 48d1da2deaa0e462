package db

import (
	"context"
	"errors"
	"fmt"
)

// CreateIndex makes an index with memory that stays flat whatever the size of the table. SQLite's temporary data is otherwise kept in
// memory, and with it all rows of the index while they are sorted; for this one statement it goes to a file that has no name, sorted in
// pieces beside the reading. Where there is no folder for such a file the rows are sorted in memory after all.
func CreateIndex(ctx context.Context, tx *Tx, statement string) (err error) {
	if tx.engine == SQLite {
		// Refused while a temporary table is open: then the sorting takes memory, and nothing else is different.
		if onDisk := tx.pragma(ctx, "temp_store(FILE)"); onDisk == nil {
			defer func() { err = errors.Join(err, tx.pragma(ctx, "temp_store(MEMORY)"), tx.pragma(ctx, sqliteCache)) }()
			if err := tx.pragma(ctx, sqliteSortCache); err != nil {
				return err
			}
			if _, err := tx.exec(ctx, statement, nil, false); err == nil {
				return nil
			}
			if err := tx.pragma(ctx, "temp_store(MEMORY)"); err != nil {
				return err
			}
		}
	}
	_, err = tx.exec(ctx, statement, nil, false)
	return err
}

// The memory of the connection that writes, as a pragma: usually, and while an index is made, when it is also the size of the
// pieces sorted: small ones stay in the processor's own cache, and are sorted in half the time.
const (
	sqliteCache     = "cache_size(-65536)"
	sqliteSortCache = "cache_size(-2048)"
)

func (t *Tx) pragma(ctx context.Context, setting string) error {
	if _, err := t.exec(ctx, "PRAGMA "+setting, nil, false); err != nil {
		return fmt.Errorf("setting %s: %w", setting, err)
	}
	return nil
}
