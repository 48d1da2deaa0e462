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

type dense struct {
	County   string `db:"county"`
	Precinct string `db:"precinct"`
	City     string `db:"city"`
}

func densest(ctx context.Context, r db.Reader, file voterfile.FileID) ([]dense, error) {
	return db.All[dense](ctx, r, `SELECT county, precinct, city FROM field_person WHERE voterfile_id = ? AND dropped_on = 0 AND precinct <> '' AND city <> '' AND household_key <> 0
		GROUP BY county, precinct, city ORDER BY COUNT(*) DESC, county, precinct LIMIT 1`, int64(file))
}
