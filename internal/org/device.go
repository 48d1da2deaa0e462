package org

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// Standing is how somebody stands to what they want to do by a device.
type Standing struct {
	Welcome bool      // they may
	Ended   time.Time // they might until then; zero for whoever never did, and for a disabled account, which is shut out of everything
}

// SitByDevice lets a device act for its person in its organisation, as package offline has found both by the device's secret; only that package
// calls it. The actor holds exactly what may names, whatever else the person's role includes: a lost phone opens no more than the work it was
// taken along for. Whoever is not welcome any more holds it too, for what they recorded until their access ended: the caller sees to it that it is
// used for nothing else. Who never was holds nothing.
func (o *Orgs) SitByDevice(ctx context.Context, r db.Reader, who account.ID, in ID, needs permit.Permit, may []permit.Permit) (Actor, Standing, error) {
	a := Actor{account: who, org: in, via: "device", permits: permit.NewSet()}
	seats, err := everySeatOf(ctx, r, who, in)
	if err != nil {
		return a, Standing{}, fmt.Errorf("looking for a seat in org %d: %w", in, err)
	}
	own, err := o.ownRoleSets(ctx, r, in)
	if err != nil {
		return a, Standing{}, err
	}
	var s Standing
	now := o.now()
	for _, m := range seats {
		a.name = m.Name
		if !(Scope{m.ScopeKind, m.ScopeID}).Whole() || !o.permitsOf(m.Role, own).Has(needs) {
			continue
		}
		switch end := m.end(); {
		case end.After(now):
			s.Welcome = true
		case end.After(s.Ended):
			s.Ended = end
		}
	}
	if s.Welcome {
		s.Ended = time.Time{}
	}
	if s.Welcome || !s.Ended.IsZero() {
		a.permits = o.catalog.Expand(may...)
	}
	return a, s, nil
}

// AdmitGuest makes somebody a member without account of their own, until ends: they showed a secret that the organisation gave out, which package
// offline has checked; only that package calls it. The account has no e-mail and no way to sign in, so it can do nothing but through a device.
func (o *Orgs) AdmitGuest(ctx context.Context, tx *db.Tx, in ID, name string, lang words.Lang, role string, ends time.Time) (account.ID, error) {
	if !slices.ContainsFunc(o.roles, func(r permit.Role) bool { return r.Key == role }) {
		return 0, fmt.Errorf("admitting a guest: there is no role %q", role)
	}
	if _, err := orgByID(ctx, tx, in); err != nil {
		return 0, err
	}
	by := ledger.Who{Org: int64(in), Via: "device"}
	who, err := o.accounts.CreateGuest(ctx, tx, by, name, lang)
	if err != nil {
		return 0, err
	}
	id, err := insertMembership(ctx, tx, memberRow{Org: in, Account: who, Role: role, Began: o.now(), Expires: ends}, 0)
	if err != nil {
		return 0, err
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: entryGuest, Object: object("org_membership", id), Data: map[string]any{"account": int64(who), "role": role}})
	return who, err
}

// Prolong lets a guest stay until ends, if that is later than now agreed: the same device was given further work.
func (o *Orgs) Prolong(ctx context.Context, tx *db.Tx, in ID, who account.ID, ends time.Time) error {
	return prolongMembership(ctx, tx, in, who, ends)
}
