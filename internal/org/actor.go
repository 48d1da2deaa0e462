// Package org says who belongs where, with which role, and until when.
package org

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// ID names one organisation on this site: a table, a partner, a committee.
type ID int64

// Actor is one person acting for one organisation in one request. Stores demand it and take the
// organisation from nowhere else. Only this package can make one: Sit from a session, Operate for the
// operator at the command line, so the zero value may do nothing and sees nothing.
type Actor struct {
	account  account.ID
	name     string
	org      ID
	permits  permit.Set
	scoped   map[Scope]permit.Set // held only inside one folder or area
	via      string
	zone     *time.Location
	factorAt time.Time // when a second factor was last shown in this session
}

// Account returns whose account acts; 0 for the operator.
func (a Actor) Account() account.ID { return a.account }

// Name returns the person's name as others see it.
func (a Actor) Name() string { return a.name }

// Org returns the organisation the person acts for.
func (a Actor) Org() ID { return a.org }

// May reports whether the actor holds p.
func (a Actor) May(p permit.Permit) bool { return a.permits.Has(p) }

// Permits returns all the actor holds.
func (a Actor) Permits() permit.Set { return a.permits }

// MayIn reports whether the actor holds p for the whole organisation or inside one scope. May alone never
// counts a right that is narrowed to a scope, so a store that does not know scopes refuses.
func (a Actor) MayIn(p permit.Permit, s Scope) bool { return a.permits.Has(p) || a.scoped[s].Has(p) }

// FactorAt returns when a second factor was last shown in the actor's session; zero for the operator.
func (a Actor) FactorAt() time.Time { return a.factorAt }

// Must returns a Denied fault unless the actor holds p. Stores call it first.
func (a Actor) Must(p permit.Permit) error {
	if a.permits.Has(p) {
		return nil
	}
	return fault.Deniedf("Your role in this organization does not include this. An administrator of the organization can change that.")
}

// Who returns the actor as the ledger records it.
func (a Actor) Who() ledger.Who {
	return ledger.Who{Account: int64(a.account), Org: int64(a.org), Via: a.via}
}

// Within returns a context whose statements see what the actor's organisation may see, and of others' nothing. web does it for every request
// below an organisation; stores do it where they take an actor, so that no caller can forget.
func (a Actor) Within(ctx context.Context) context.Context { return db.WithOrg(ctx, int64(a.org)) }
