package segmentbench

import (
	"context"
	"fmt"

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
