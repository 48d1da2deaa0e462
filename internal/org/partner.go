package org

import (
	"context"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
)

// Below returns the organisations right below the actor's, with how many people they have.
func (o *Orgs) Below(ctx context.Context, a Actor) ([]Org, error) {
	if err := a.Must(PermitPeople); err != nil {
		return nil, err
	}
	rows, err := orgsBelow(ctx, o.db, a.org, o.now())
	all := make([]Org, len(rows))
	for i, r := range rows {
		all[i] = r.org()
	}
	return all, err
}

// AddPartner adds an organisation below the actor's and invites its first administrator. A partner starts
// with nothing of ours: folders and files are shared with it one by one.
func (o *Orgs) AddPartner(ctx context.Context, a Actor, kind Kind, name string, first Invitee) (id ID, link string, err error) {
	if err := a.Must(PermitPartner); err != nil {
		return 0, "", err
	}
	var in fault.Inputs
	if kind != Partner && kind != Committee {
		in.Add("kind", "Choose partner organization or committee.")
	}
	if name, err = ParseName(name); err != nil {
		in = append(in, fault.Input{Name: "org", Err: fault.As(err)})
	}
	if first.Name, err = account.ParseName(first.Name); err != nil {
		in = append(in, fault.Input{Name: "name", Err: fault.As(err)})
	}
	if first.Email, err = account.ParseEmail(first.Email); err != nil {
		in = append(in, fault.Input{Name: "email", Err: fault.As(err)})
	}
	if err := in.Or(); err != nil {
		return 0, "", err
	}
	first.Role = Administrator
	err = o.change(ctx, a.org, func(ctx context.Context, tx *db.Tx) error {
		if err := o.grantable(ctx, tx, a, first.Role); err != nil {
			return err
		}
		have, err := orgsBelow(ctx, tx, a.org, o.now())
		if err != nil {
			return err
		}
		for _, h := range have {
			if h.Name == name {
				return wrong("org", fault.Invalidf("There is an organization of this name below yours already."))
			}
		}
		if id, err = insertOrg(ctx, tx, orgRow{Parent: a.org, Kind: kind, Name: name, Created: o.now()}); err != nil {
			return err
		}
		if link, err = o.invite(ctx, tx, a.Who(), a.name, id, first, entryInvite); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryPartner, Object: object("org", id), Data: map[string]any{"name": name, "kind": string(kind)}})
		return err
	})
	return id, link, err
}

// EndPartner ends an organisation right below the actor's: all its memberships at once, and the sessions of
// its people. What the partner made stays and can be handed to it.
func (o *Orgs) EndPartner(ctx context.Context, a Actor, id ID) error {
	if err := a.Must(PermitPartner); err != nil {
		return err
	}
	return o.change(ctx, id, func(ctx context.Context, tx *db.Tx) error {
		people, err := o.people(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := changedOne(errNoOrg())(endOrg(ctx, tx, id, a.org, o.now())); err != nil {
			return err
		}
		for _, m := range people {
			if _, err := o.accounts.EndAll(ctx, tx, a.Who(), m.Account, "partner ended"); err != nil {
				return err
			}
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryPartnerEnd, Object: object("org", id), Data: map[string]any{"people": len(people)}})
		return err
	})
}
