package contact

import (
	"context"
	"errors"
	"fmt"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Taken names an attempt that is taken back.
type Taken struct {
	ID     string
	Person int64
}

// Withdraw takes attempts of the actor's organisation back, as if they had never been recorded; those that are not there are none. What their
// results said besides (suppressions, wrong numbers) stays: whoever recorded it may have had other reasons since, and takes it back apart.
func (s *Store) Withdraw(ctx context.Context, tx *db.Tx, a org.Actor, source string, all []Taken) error {
	if err := a.Must(PermitRecord); err != nil {
		return err
	}
	var people []int64
	for _, x := range all {
		n, err := dropAttempt(ctx, tx, int64(a.Org()), x)
		if err != nil {
			return fmt.Errorf("taking an attempt back: %w", err)
		}
		if n > 0 {
			people = append(people, x.Person)
		}
	}
	if len(people) == 0 {
		return nil
	}
	data := map[string]any{"attempts": len(people), "source": source}
	if len(people) == 1 {
		data["person"] = people[0]
	}
	n, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindWithdraw, Object: "field_contact", Data: data})
	if err != nil {
		return err
	}
	return change.Record(ctx, tx, n, change.Of(change.Contact, int64(a.Org()), 0, people)...)
}

// Newest returns the newest attempt of the organisation, from one source and with one result, to reach somebody, and whose it is; "" when there is none.
func (s *Store) Newest(ctx context.Context, tx *db.Tx, a org.Actor, source string, who int64, r Result) (id string, by int64, err error) {
	if err := a.Must(PermitRecord); err != nil {
		return "", 0, err
	}
	x, err := newest(ctx, tx, int64(a.Org()), source, who, r)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return "", 0, fmt.Errorf("reading who tried to reach person %d: %w", who, err)
	}
	return x.ID, x.By, nil
}
