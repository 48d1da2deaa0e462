package export

import (
	"context"
	"fmt"
	"slices"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// usualLimits are how many people one export of a role may hold unless the organisation says otherwise; other roles have none, so that every export of theirs
// waits for a yes.
var usualLimits = map[string]int64{org.Administrator: 100_000, "data-associate": 100_000, "organizer": 2_000}

// mostLimit is the highest limit: a state's whole file leaves only with two people's knowledge.
const mostLimit = 1_000_000

// Limit is how many people one export of a role may hold without approval.
type Limit struct {
	Role   string // key
	Name   string // English for product roles, the organisation's own words otherwise
	People int64
	Usual  int64 // what the product says
}

// Limits returns the limit of every role of the organisation that may export.
func (s *Store) Limits(ctx context.Context, a org.Actor) ([]Limit, error) {
	if err := a.Must(PermitLimit); err != nil {
		return nil, err
	}
	set, err := s.limits(a.Within(ctx), a.Org())
	if err != nil {
		return nil, fmt.Errorf("reading the limits of exports: %w", err)
	}
	roles, err := s.orgs.Roles(ctx, a)
	if err != nil {
		return nil, err
	}
	var all []Limit
	for _, r := range roles {
		if !r.Permits.Has(PermitMake) {
			continue
		}
		l := Limit{Role: r.Key, Name: r.Name, People: usualLimits[r.Key], Usual: usualLimits[r.Key]}
		if n, ok := set[r.Key]; ok {
			l.People = n
		}
		all = append(all, l)
	}
	return all, nil
}

// SetLimit sets how many people one export of a role may hold without approval.
func (s *Store) SetLimit(ctx context.Context, a org.Actor, role string, people int64) error {
	if err := a.Must(PermitLimit); err != nil {
		return err
	}
	all, err := s.Limits(ctx, a)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(l Limit) bool { return l.Role == role }) {
		return fault.NotFoundf("No role of this name may export.")
	}
	if people < 0 || people > mostLimit {
		return fault.Inputs{{Name: "people-" + role, Err: fault.Invalidf("Give a whole number from 0 to %s.", number(mostLimit))}}
	}
	return s.db.Transact(a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		if err := putLimit(ctx, tx, a.Org(), role, people, int64(a.Account()), s.now()); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLimit, Object: fmt.Sprintf("org/%d", a.Org()), Data: map[string]any{"role": role, "people": people}})
		return err
	})
}

// limitOf returns the highest limit among the actor's roles in the whole organisation. The operator at the command line, who can read the database anyway,
// has the highest of all.
func (s *Store) limitOf(ctx context.Context, a org.Actor) (int64, error) {
	if a.Account() == 0 {
		return mostLimit * 1000, nil
	}
	set, err := s.limits(a.Within(ctx), a.Org())
	if err != nil {
		return 0, fmt.Errorf("reading the limits of exports: %w", err)
	}
	seats, err := s.orgs.Of(ctx, a.Account())
	if err != nil {
		return 0, err
	}
	most := int64(0)
	for _, m := range seats {
		if m.Org != a.Org() || !m.Scope.Whole() {
			continue
		}
		n, ok := set[m.Role]
		if !ok {
			n = usualLimits[m.Role]
		}
		most = max(most, n)
	}
	return most, nil
}
