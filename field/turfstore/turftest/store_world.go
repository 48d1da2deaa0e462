package turftest

import (
	"context"

	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/place"
)

// addressKeys says in which place each of the people lives, as an import does.
func addressKeys(ctx context.Context, tx *db.Tx, all []persontest.Human) error {
	for _, h := range all {
		if _, err := db.Exec(ctx, tx, `UPDATE field_person SET address_key = ? WHERE person_id = ?`, place.Key(h.House, h.Street, h.City, h.ZIP), h.ID); err != nil {
			return err
		}
	}
	return nil
}
