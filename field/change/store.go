package change

import (
	"context"

	"github.com/openprecinct/precinct/internal/db"
)

// Record appends changes made under the ledger entry number, which ledger.Append returned in the same transaction.
func Record(ctx context.Context, tx *db.Tx, number int64, changes ...Change) error {
	_, err := db.Bulk(ctx, tx, "field_change", []string{"number", "place", "voterfile_id", "person_id", "org_id", "what", "object_id"}, func(yield func([]any) bool) {
		row := make([]any, 7)
		for i, c := range changes {
			row[0], row[1], row[2], row[3], row[4], row[5], row[6] = number, i, c.VoterFile, c.Person, c.Org, string(c.What), c.Object
			if !yield(row) {
				return
			}
		}
	})
	return err
}

// Since returns up to limit changes with numbers above after, in order. The last number may be cut short by limit: a reader that got limit changes
// holds back those of the last number and asks again from the one before it, or with a larger limit.
func Since(ctx context.Context, r db.Reader, after int64, limit int) ([]Change, error) {
	return db.All[Change](ctx, r, `SELECT number, voterfile_id, person_id, org_id, what, object_id FROM field_change
		WHERE number > ? ORDER BY number, place LIMIT ?`, after, limit)
}

// Newest returns the highest number in the feed, 0 for an empty one.
func Newest(ctx context.Context, r db.Reader) (int64, error) {
	return db.One[int64](ctx, r, `SELECT COALESCE(MAX(number), 0) FROM field_change`)
}

// Trim forgets changes up to number. A replica older than that rebuilds.
func Trim(ctx context.Context, tx *db.Tx, number int64) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_change WHERE number <= ?`, number)
	return err
}
