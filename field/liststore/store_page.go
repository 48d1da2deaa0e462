package liststore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/db"
)

// slowPerson is a person as a page shows it without a segment.
type slowPerson struct {
	ID        int64  `db:"person_id"`
	Household int64  `db:"household_key"`
	Address   int64  `db:"address_key"`
	Last      string `db:"last_name"`
	First     string `db:"first_name"`
	Middle    string `db:"middle_name"`
	Suffix    string `db:"suffix"`
	House     string `db:"house"`
	Street    string `db:"street"`
	Unit      string `db:"unit"`
	City      string `db:"city"`
	ZIP       string `db:"zip"`
	County    string `db:"county"`
	Precinct  string `db:"precinct"`
	Sex       string `db:"sex"`
	Party     string `db:"party"`
	BirthDate int64  `db:"birth_date"`
	BirthYear int64  `db:"birth_year"`
}

// rowsOf reads people by id.
func (s *Store) rowsOf(ctx context.Context, u list.Universe, ids []int64) (map[int64]Row, error) {
	people, err := db.All[slowPerson](ctx, s.db, `SELECT person_id, household_key, address_key, last_name, first_name, middle_name, suffix, house, street, unit, city,
		zip, county, precinct, sex, party, birth_date, birth_year FROM field_person WHERE person_id IN (?)`, ids)
	if err != nil {
		return nil, err
	}
	rows := make(map[int64]Row, len(people))
	for _, p := range people {
		rows[p.ID] = p.row()
	}
	phones, err := s.phonesOf(ctx, u.Org, ids)
	if err != nil {
		return nil, err
	}
	for id, all := range phones {
		if r, ok := rows[id]; ok && len(all) > 0 {
			r.Phone, r.PhoneKind = all[0].Number, all[0].Kind
			rows[id] = r
		}
	}
	return rows, nil
}

// unprotected returns which of ids are people without a protected address.
func (s *Store) unprotected(ctx context.Context, ids []int64) (map[int64]bool, error) {
	open := make(map[int64]bool, len(ids))
	for some := range slices.Chunk(ids, idBatch) {
		found, err := db.All[int64](ctx, s.db, `SELECT person_id FROM field_person WHERE person_id IN (?) AND confidential = 0`, some)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			open[id] = true
		}
	}
	return open, nil
}

// sortKey is what the order of people is made of.
type sortKey struct {
	ID        int64  `db:"person_id"`
	County    string `db:"county"`
	Precinct  string `db:"precinct"`
	City      string `db:"city"`
	Street    string `db:"street"`
	StreetKey string `db:"street_key"`
	House     string `db:"house"`
	Unit      string `db:"unit"`
	Household int64  `db:"household_key"`
	LastKey   string `db:"last_key"`
	FirstKey  string `db:"first_key"`
}

// sorted brings people into an order.
func (s *Store) sorted(ctx context.Context, ids []int64, o Order) ([]int64, error) {
	keys := make([]sortKey, 0, len(ids))
	for some := range slices.Chunk(ids, idBatch) {
		found, err := db.All[sortKey](ctx, s.db, `SELECT person_id, county, precinct, city, street, street_key, house, unit, household_key, last_key, first_key
			FROM field_person WHERE person_id IN (?)`, some)
		if err != nil {
			return nil, err
		}
		keys = append(keys, found...)
	}
	slices.SortFunc(keys, func(x, y sortKey) int {
		if o == ByName {
			return cmp.Or(strings.Compare(x.LastKey, y.LastKey), strings.Compare(x.FirstKey, y.FirstKey), cmp.Compare(x.ID, y.ID))
		}
		return cmp.Or(strings.Compare(x.County, y.County), strings.Compare(x.Precinct, y.Precinct), strings.Compare(x.City, y.City),
			strings.Compare(x.StreetKey, y.StreetKey), strings.Compare(x.Street, y.Street), natural(x.House, y.House), natural(x.Unit, y.Unit),
			cmp.Compare(x.Household, y.Household), cmp.Compare(x.ID, y.ID))
	})
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids[:len(keys)], nil
}

// Phone is a number of a person that is not known to be wrong.
type Phone struct {
	Number string `db:"number"`
	Kind   string `db:"kind"` // cell, home, work, unknown
}

// phonesOf returns the numbers of people that are not known to be wrong, the surest first. What the organisation itself says of a number stands before
// what the file says.
func (s *Store) phonesOf(ctx context.Context, in int64, ids []int64) (map[int64][]Phone, error) {
	type row struct {
		Phone
		Person     int64 `db:"person_id"`
		Confidence int   `db:"confidence"`
		Wrong      int64 `db:"wrong_at"`
	}
	all := map[int64][]row{}
	last := row{}
	for r, err := range db.Each[row](ctx, s.db, `SELECT person_id, number, kind, confidence, wrong_at FROM field_phone
		WHERE person_id IN (?) AND org_id IN (0, ?) ORDER BY person_id, number, org_id DESC`, ids, in) {
		if err != nil {
			return nil, err
		}
		if r.Person != last.Person || r.Number != last.Number {
			all[r.Person] = append(all[r.Person], r)
		}
		last = r
	}
	out := make(map[int64][]Phone, len(all))
	for id, rows := range all {
		slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(y.Confidence, x.Confidence) })
		for _, r := range rows {
			if r.Wrong == 0 {
				out[id] = append(out[id], r.Phone)
			}
		}
	}
	return out, nil
}
