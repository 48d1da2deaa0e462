package turfstore

import (
	"context"
	"slices"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// idBatch is how many ids go into one statement.
const idBatch = 500

// personRow is a person as a door needs them.
type personRow struct {
	ID        int64  `db:"person_id"`
	Household int64  `db:"household_key"`
	Address   int64  `db:"address_key"`
	Last      string `db:"last_name"`
	First     string `db:"first_name"`
	Middle    string `db:"middle_name"`
	Suffix    string `db:"suffix"`
	BirthYear int64  `db:"birth_year"`
	BirthDate int64  `db:"birth_date"`
	Sex       string `db:"sex"`
	Party     string `db:"party"`
	House     string `db:"house"`
	Street    string `db:"street"`
	Unit      string `db:"unit"`
	City      string `db:"city"`
	ZIP       string `db:"zip"`
	Minor     bool   `db:"minor"`
	DroppedOn int64  `db:"dropped_on"`
}

// people reads people by id; whoever is protected is not among them.
func people(ctx context.Context, r db.Reader, ids []int64) (map[int64]personRow, error) {
	all := make(map[int64]personRow, len(ids))
	for some := range slices.Chunk(ids, idBatch) {
		rows, err := db.All[personRow](ctx, r, `SELECT person_id, household_key, address_key, last_name, first_name, middle_name, suffix, birth_year, birth_date, sex, party,
			house, street, unit, city, zip, minor, dropped_on FROM field_person WHERE person_id IN (?) AND confidential = 0`, some)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			all[p.ID] = p
		}
	}
	return all, nil
}

// unvisited returns who of ids asks not to be visited, an organisation or anybody.
func unvisited(ctx context.Context, r db.Reader, in org.ID, ids []int64) (map[int64]bool, error) {
	all := map[int64]bool{}
	for some := range slices.Chunk(ids, idBatch) {
		rows, err := db.All[int64](ctx, r, `SELECT person_id FROM field_suppression WHERE person_id IN (?) AND org_id IN (0, ?) AND channel = 'door'`, some, in)
		if err != nil {
			return nil, err
		}
		for _, id := range rows {
			all[id] = true
		}
	}
	return all, nil
}
