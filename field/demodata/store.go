package demodata

import (
	"context"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
)

func voters(ctx context.Context, r db.Reader, file voterfile.FileID) ([]voter, error) {
	return db.All[voter](ctx, r, `SELECT person_id, party, birth_year FROM field_person WHERE voterfile_id = ? AND dropped_on = 0 AND confidential = 0 AND minor = 0
		ORDER BY person_id`, int64(file))
}
