package upload

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// keptFor is how long the file of an upload is kept after anything was last done with it; its report stays.
const keptFor = 30 * 24 * time.Hour

// Held returns the names of the stored files of uploads that somebody used lately: their reports are made from them again on asking.
func Held(ctx context.Context, d *db.DB, now time.Time) ([]string, error) {
	all, err := db.All[string](db.WithSite(ctx), d, `SELECT DISTINCT file_hash FROM field_upload WHERE changed_at > ?`, now.Add(-keptFor))
	if err != nil {
		return nil, fmt.Errorf("looking for the files of uploads: %w", err)
	}
	return all, nil
}
