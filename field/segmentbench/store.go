package segmentbench

import (
	"context"
	"fmt"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
)

// define writes the voter file, the elections, and what the organisation defined.
func (s *State) define(ctx context.Context, d *db.DB) error {
	return d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (?, ?, 'FL', 'fl', ?, 1)`,
			s.File, s.Org, fmt.Sprint("Made up ", s.File)); err != nil {
			return err
		}
		for _, e := range elections_ {
			if _, err := db.Exec(ctx, tx, `INSERT INTO field_election (id, held_on, type, name) VALUES (?, ?, ?, '') ON CONFLICT DO NOTHING`, e, e/100, e%100); err != nil {
				return err
			}
		}
		type def struct {
			table, more, value string
			n                  int
		}
		for _, x := range []def{
			{"field_code", "medium_name, short_name", "'', ''", codes}, {"field_tag", "", "", 3}, {"field_question", "medium_name, short_name", "'', ''", questions},
			{"field_score", "medium_name, short_name, decimals, min_value, max_value", "'', '', 1, 0, 1000", scores},
		} {
			more, value := x.more, x.value
			if more != "" {
				more, value = ", "+more, ", "+value
			}
			for i := 1; i <= x.n; i++ {
				if _, err := db.Exec(ctx, tx, `INSERT INTO `+x.table+` (id, org_id, name, status, created_by, created_at, changed_at`+more+`)
					VALUES (?, ?, ?, 'active', 1, 1, 1`+value+`)`, i, s.Org, fmt.Sprint(x.table, " ", i)); err != nil {
					return err
				}
			}
		}
		for q := 1; q <= questions; q++ {
			for r := 1; r <= responses; r++ {
				if _, err := db.Exec(ctx, tx, `INSERT INTO field_response (id, question_id, position, name, medium_name, short_name, status) VALUES (?, ?, ?, ?, '', '', 'active')`,
					(q-1)*responses+r, q, r, fmt.Sprint("Answer ", r)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func makeFlat(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `CREATE TABLE bench_voter (id BIGINT PRIMARY KEY, last TEXT, first TEXT, sex TEXT, birth INTEGER, party TEXT, status TEXT, registered INTEGER,
		precinct INTEGER, congress SMALLINT, senate SMALLINT, city TEXT, street TEXT, house INTEGER, unit TEXT, household BIGINT, lon BIGINT, lat BIGINT, cell SMALLINT, dnc SMALLINT,
		dropped INTEGER, minor SMALLINT, hidden SMALLINT, v0 SMALLINT, v1 SMALLINT, v2 SMALLINT, v3 SMALLINT, s0 SMALLINT, s1 SMALLINT)`)
	return err
}

// indexFlat makes an index for whatever the queries choose by.
func indexFlat(ctx context.Context, tx *db.Tx) error {
	for _, columns := range []string{"sex, birth", "party, birth", "precinct, street, house, unit", "congress, s1", "senate", "last, first, id", "lon, lat", "party, household",
		"registered", "s1"} {
		name := "bench_voter_" + strings.NewReplacer(", ", "_").Replace(columns)
		if _, err := db.Exec(ctx, tx, `CREATE INDEX `+name+` ON bench_voter (`+columns+`)`); err != nil {
			return err
		}
	}
	return nil
}

// analyze tells the planner what is in the tables.
func analyze(ctx context.Context, d *db.DB) error {
	return d.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `ANALYZE`)
		return err
	})
}

// written reports whether the database holds a state of so many voters already.
func (s *State) written(ctx context.Context, d *db.DB) bool {
	n, err := db.One[int64](db.WithSite(ctx), d, `SELECT COUNT(*) FROM bench_voter`)
	return err == nil && n == int64(s.Voters)
}

// size returns the bytes of the whole database.
func size(ctx context.Context, d *db.DB) (int64, error) {
	if d.Engine() == db.Postgres {
		return db.One[int64](ctx, d, `SELECT pg_database_size(current_database())`)
	}
	return db.One[int64](ctx, d, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)
}

// count asks the database a query.
func (q *query) count(ctx context.Context, d *db.DB) (int64, error) {
	return db.One[int64](db.WithSite(ctx), d, q.sql, q.args...)
}
