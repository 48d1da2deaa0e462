package liststore

import (
	"context"
	"strings"

	"github.com/openprecinct/precinct/internal/db"
)

// listPeople reads the people of a saved list, whosever it is, ascending.
func listPeople(ctx context.Context, r db.Reader, _, list int64) ([]int64, error) {
	rows, err := db.All[chunkRow](ctx, r, `SELECT chunk, people FROM field_list_chunk WHERE list_id = ? ORDER BY chunk`, list)
	if err != nil {
		return nil, err
	}
	return peopleOf(rows)
}

func slowPeople(ctx context.Context, r db.Reader, with sqlPart, step string) ([]int64, error) {
	return db.All[int64](ctx, r, with.text+` SELECT person_id FROM `+step+` ORDER BY person_id`, with.args...)
}

func slowFigures(ctx context.Context, r db.Reader, with sqlPart, step string, org int64) (SlowFigures, error) {
	type row struct {
		People int64 `db:"people"`
		Doors  int64 `db:"doors"`
		Phones int64 `db:"phones"`
		Emails int64 `db:"emails"`
	}
	of := func(table, what string) string {
		return `(SELECT COUNT(DISTINCT t.` + what + `) FROM ` + table + ` t WHERE t.person_id IN (SELECT person_id FROM ` + step + `) AND t.wrong_at = 0 AND ` + standing(table, what) + `)`
	}
	f, err := db.One[row](ctx, r, with.text+` SELECT COUNT(*) AS people, COUNT(DISTINCT NULLIF(household_key, 0)) AS doors,
		`+of("field_phone", "number")+` AS phones, `+of("field_email", "email")+` AS emails FROM `+step,
		with.with(org, org, org, org).args...)
	return SlowFigures{People: f.People, Doors: f.Doors, Phones: f.Phones, Emails: f.Emails}, err
}

// slowSteps counts the people after each step.
func slowSteps(ctx context.Context, r db.Reader, with sqlPart, steps []string) ([]int64, error) {
	selects := make([]string, len(steps))
	for i, s := range steps {
		selects[i] = `SELECT COUNT(*) AS people FROM ` + s
	}
	return db.All[int64](ctx, r, with.text+` `+strings.Join(selects, ` UNION ALL `), with.args...)
}
