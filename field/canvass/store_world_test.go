package canvass

import (
	"context"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

func (w *world) exec(q string) {
	w.Helper()
	must(w.T, w.d.Transact(db.WithSite(w.Context()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q)
		return err
	}))
}

// suppress has the office note that a person is not to be visited.
func (w *world) suppress(a org.Actor, who person.ID) error {
	return w.d.Transact(a.Within(w.Context()), func(ctx context.Context, tx *db.Tx) error {
		return w.c.People.Suppress(ctx, tx, a, who, person.ByDoor, "said so on the phone")
	})
}
