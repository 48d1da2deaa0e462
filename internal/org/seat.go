package org

import (
	"context"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// MembershipID names one membership.
type MembershipID int64

// Membership is one person's role in one organisation, until when.
type Membership struct {
	ID       MembershipID
	Org      ID
	OrgName  string
	OrgKind  Kind
	Account  account.ID
	Name     string // the person's
	Email    string
	Lang     words.Lang // in which the person is written to
	Role     string     // key of a product role, or "own-…" of the organisation's
	RoleName string     // English for product roles, the organisation's own words otherwise
	Scope    Scope      // the zero Scope is the whole organisation
	Began    time.Time
	Expires  time.Time
	Seen     time.Time // last visit to this organisation; zero for never
}

// Scope narrows a membership to one folder or one area.
type Scope struct {
	Kind string // "folder", "area", or "" for the whole organisation
	ID   int64
}

// Whole reports whether the scope is the whole organisation.
func (s Scope) Whole() bool { return s.Kind == "" }

func (r memberRow) membership(roleName string) Membership {
	return Membership{ID: r.ID, Org: r.Org, OrgName: r.OrgName, OrgKind: r.OrgKind, Account: r.Account, Name: r.Name, Email: r.Email, Lang: r.Lang, Role: r.Role,
		RoleName: roleName, Scope: Scope{r.ScopeKind, r.ScopeID}, Began: r.Began, Expires: r.Expires, Seen: r.Seen}
}

// Sit lets a signed-in person act for an organisation. It asks the database every time, so that a role
// taken away bites with the next request. Whoever does not belong gets the NotFound of an organisation
// that does not exist; whoever has shown no second factor yet is Denied.
func (o *Orgs) Sit(ctx context.Context, s account.Session, in ID) (Actor, error) {
	now := o.now()
	seats, err := seatsOf(ctx, o.db, s.Account, in, now)
	if err != nil {
		return Actor{}, fmt.Errorf("looking for a seat in org %d: %w", in, err)
	}
	if len(seats) == 0 || s.Account == 0 {
		return Actor{}, errNoOrg()
	}
	if s.FactorAt.IsZero() {
		return Actor{}, fault.Deniedf("Make a passkey first. It takes a minute, and then this opens.")
	}
	own, err := o.ownRoleSets(ctx, o.db, in)
	if err != nil {
		return Actor{}, err
	}
	a := Actor{account: s.Account, name: s.Name, org: in, via: "browser", factorAt: s.FactorAt, permits: permit.NewSet(), scoped: map[Scope]permit.Set{}}
	seen := now
	a.zone = zoneOf(seats[0].Zone)
	for _, m := range seats {
		if m.Seen.Before(seen) {
			seen = m.Seen
		}
		held := o.permitsOf(m.Role, own)
		if sc := (Scope{m.ScopeKind, m.ScopeID}); sc.Whole() {
			a.permits = a.permits.Union(held)
		} else {
			a.scoped[sc] = a.scoped[sc].Union(held)
		}
	}
	if now.Sub(seen) >= seenEvery {
		err := o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error { return updateMemberSeen(ctx, tx, s.Account, in, now) })
		if err != nil {
			return Actor{}, fmt.Errorf("noting a visit to org %d: %w", in, err)
		}
	}
	return a, nil
}

// Of returns the live memberships of an account, by name of organisation.
func (o *Orgs) Of(ctx context.Context, who account.ID) ([]Membership, error) {
	rows, err := membershipsOf(ctx, o.db, who, o.now())
	if err != nil {
		return nil, err
	}
	all := make([]Membership, 0, len(rows))
	names := map[ID]map[string]string{}
	for _, r := range rows {
		if names[r.Org] == nil {
			roles, err := o.rolesIn(ctx, o.db, r.Org)
			if err != nil {
				return nil, err
			}
			names[r.Org] = roleNames(roles)
		}
		all = append(all, r.membership(names[r.Org][r.Role]))
	}
	return all, nil
}

// Operate returns the operator at the command line, who holds permits in o. Whoever can run the command
// can read the database file, so there is no session to ask.
func Operate(o ID, permits permit.Set) Actor {
	return Actor{org: o, permits: permits, via: "command"}
}
