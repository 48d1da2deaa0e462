package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/internal/db"
)

// eraseMost is how many entries one statement, and one entry about it, names.
const eraseMost = 5000

// Erase deletes the personal parts of the entries with these numbers and records that it did. The entries
// stay and the ledger still verifies, but with the salt gone nobody can tell what the parts said, not even by
// guessing. Backups made earlier still hold them. It returns how many there were to erase.
func Erase(ctx context.Context, tx *db.Tx, who Who, purpose string, numbers ...int64) (int, error) {
	erased := 0
	for some := range slices.Chunk(numbers, eraseMost) {
		there, err := personalAmong(ctx, tx, some)
		if err != nil {
			return erased, fmt.Errorf("looking for personal parts: %w", err)
		}
		if len(there) == 0 {
			continue
		}
		if err := deletePersonal(ctx, tx, there); err != nil {
			return erased, fmt.Errorf("erasing personal parts: %w", err)
		}
		erased += len(there)
		if _, err := Append(ctx, tx, who, Entry{Kind: KindErase, Purpose: purpose, Data: map[string]any{"entries": there}}); err != nil {
			return erased, err
		}
	}
	return erased, nil
}

// EraseObject erases the personal parts of every entry about object.
func EraseObject(ctx context.Context, tx *db.Tx, who Who, purpose, object string) (int, error) {
	numbers, err := personalOf(ctx, tx, object)
	if err != nil {
		return 0, fmt.Errorf("looking for personal parts of %s: %w", object, err)
	}
	return Erase(ctx, tx, who, purpose, numbers...)
}
