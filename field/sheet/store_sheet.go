package sheet

import (
	"cmp"
	"context"
	"slices"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
)

// personRow is a person as a line shows them.
type personRow struct {
	ID     int64  `db:"person_id"`
	First  string `db:"first_name"`
	Last   string `db:"last_name"`
	Suffix string `db:"suffix"`
	House  string `db:"house"`
	Street string `db:"street"`
	Unit   string `db:"unit"`
}

// peopleOf reads people of the files, without those whose address is protected.
func peopleOf(ctx context.Context, r db.Reader, files []voterfile.FileID, ids []int64) (map[int64]personRow, error) {
	people := make(map[int64]personRow, len(ids))
	if len(files) == 0 || len(ids) == 0 {
		return people, nil
	}
	rows, err := db.All[personRow](ctx, r, `SELECT person_id, first_name, last_name, suffix, house, street, unit FROM field_person
		WHERE person_id IN (?) AND voterfile_id IN (?) AND confidential = 0`, ids, files)
	for _, p := range rows {
		people[p.ID] = p
	}
	return people, err
}

func attempts(ctx context.Context, r db.Reader, in int64, by person.Channel, people []int64) ([]Past, error) {
	if len(people) == 0 {
		return nil, nil
	}
	return db.All[Past](ctx, r, `SELECT person_id, result, account_id, tried_at FROM field_contact WHERE person_id IN (?) AND org_id = ? AND channel = ?
		ORDER BY tried_at, contact_id`, people, in, string(by))
}

// numberRow is a phone number of somebody.
type numberRow struct {
	Person     int64  `db:"person_id"`
	Number     string `db:"number"`
	Confidence int    `db:"confidence"`
	Wrong      bool   `db:"wrong"`
}

// numbersOf returns the numbers of people in the order in which sheets print them, the surest first. What the organisation itself says of a number stands
// before what the file says.
func numbersOf(ctx context.Context, r db.Reader, in int64, people []int64) (map[int64][]numberRow, error) {
	all := map[int64][]numberRow{}
	if len(people) == 0 {
		return all, nil
	}
	rows, err := db.All[numberRow](ctx, r, `SELECT person_id, number, confidence, CASE WHEN wrong_at > 0 THEN 1 ELSE 0 END AS wrong FROM field_phone
		WHERE person_id IN (?) AND org_id IN (0, ?) ORDER BY person_id, number, org_id DESC`, people, in)
	for i, n := range rows {
		if i == 0 || n.Person != rows[i-1].Person || n.Number != rows[i-1].Number {
			all[n.Person] = append(all[n.Person], n)
		}
	}
	for _, numbers := range all {
		slices.SortStableFunc(numbers, func(x, y numberRow) int { return cmp.Compare(y.Confidence, x.Confidence) })
	}
	return all, err
}
