package upload

import (
	"context"
	"fmt"

	"github.com/openprecinct/precinct/internal/db"
)

// Held returns the names of the stored files of all uploads: their reports are made from them again when somebody asks.
func Held(ctx context.Context, d *db.DB) ([]string, error) {
	all, err := db.All[string](db.WithSite(ctx), d, `SELECT DISTINCT file_hash FROM field_upload`)
	if err != nil {
		return nil, fmt.Errorf("looking for the files of uploads: %w", err)
	}
	return all, nil
}
