package org

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
)

// People returns the live memberships of the actor's organisation, by name.
func (o *Orgs) People(ctx context.Context, a Actor) ([]Membership, error) {
	if err := a.Must(PermitPeople); err != nil {
		return nil, err
	}
	return o.people(ctx, o.db, a.org)
}

func (o *Orgs) people(ctx context.Context, r db.Reader, in ID) ([]Membership, error) {
	rows, err := membershipsIn(ctx, r, in, o.now())
	if err != nil {
		return nil, err
	}
	roles, err := o.rolesIn(ctx, r, in)
	if err != nil {
		return nil, err
	}
	names := roleNames(roles)
	all := make([]Membership, len(rows))
	for i, m := range rows {
		all[i] = m.membership(names[m.Role])
	}
	return all, nil
}

// Person returns one live membership of the actor's organisation, or a NotFound fault.
func (o *Orgs) Person(ctx context.Context, a Actor, id MembershipID) (Membership, error) {
	all, err := o.People(ctx, a)
	if err != nil {
		return Membership{}, err
	}
	for _, m := range all {
		if m.ID == id {
			return m, nil
		}
	}
	return Membership{}, errNoMember()
}

func errNoMember() error {
	return fault.NotFoundf("This person does not belong to the organization, or no longer.")
}

// Keepers returns the names of those who can change roles in the actor's organisation: whom to ask.
func (o *Orgs) Keepers(ctx context.Context, a Actor) []string {
	all, err := o.Holders(ctx, a, PermitChange)
	if err != nil {
		return nil // the page that names them is about something else
	}
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}

// Holders returns the members of the actor's organisation whose role gives them p in all of it. It is for those who have to be told of something, and asks
// the actor for no right.
func (o *Orgs) Holders(ctx context.Context, a Actor, p permit.Permit) ([]Membership, error) {
	all, err := o.people(ctx, o.db, a.org)
	if err != nil {
		return nil, err
	}
	own, err := o.ownRoleSets(ctx, o.db, a.org)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(m Membership) bool { return !m.Scope.Whole() || !o.permitsOf(m.Role, own).Has(p) }), nil
}

// ParseUntil checks the day on which a membership is to end: after today, at most two years away.
func (o *Orgs) ParseUntil(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil:
		return t, wrong("until", fault.Invalidf("Give the day as year, month and day, like 2027-11-30."))
	case !t.After(o.now()):
		return t, wrong("until", fault.Invalidf("This day is over. To end access now, use End access."))
	case t.After(o.now().Add(2 * MemberTime)):
		return t, wrong("until", fault.Invalidf("Access can last two years at most; it can be renewed."))
	}
	return t, nil
}

// Change gives a member another role or another end. The member's sessions end, so that nothing from before
// stays open.
func (o *Orgs) Change(ctx context.Context, a Actor, id MembershipID, role string, expires time.Time) error {
	if err := a.Must(PermitChange); err != nil {
		return err
	}
	return o.change(ctx, a.org, func(ctx context.Context, tx *db.Tx) error {
		m, err := o.touchable(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if m.Account == a.account && m.Role != role {
			return fault.Conflictf("You cannot change your own role. Another administrator can.")
		}
		if err := o.grantable(ctx, tx, a, role); err != nil {
			return err
		}
		if m.Role != role {
			if err := keepFormer(ctx, tx, a.org, id, o.now(), a.account); err != nil {
				return fmt.Errorf("keeping a former role: %w", err)
			}
		}
		if err := changedOne(errNoMember())(updateMembership(ctx, tx, a.org, id, role, expires)); err != nil {
			return err
		}
		if err := o.keeperLeft(ctx, tx, a.org); err != nil {
			return err
		}
		if m.Role != role {
			if _, err := o.accounts.EndAll(ctx, tx, a.Who(), m.Account, "role"); err != nil {
				return err
			}
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryRoleChange, Object: object("org_membership", id),
			Data: map[string]any{"account": int64(m.Account), "from": m.Role, "to": role, "until": expires.UTC().Format(time.DateOnly)}})
		return err
	})
}

// change runs fn while nobody else changes who belongs to an organisation: two administrators who end each
// other at the same moment would leave nobody.
func (o *Orgs) change(ctx context.Context, in ID, fn func(context.Context, *db.Tx) error) error {
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := db.Lock(ctx, tx, object("org", in)); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// touchable returns a membership whose role the actor holds in full: nobody can take away what they could not give.
func (o *Orgs) touchable(ctx context.Context, tx *db.Tx, a Actor, id MembershipID) (Membership, error) {
	all, err := o.people(ctx, tx, a.org)
	if err != nil {
		return Membership{}, err
	}
	own, err := o.ownRoleSets(ctx, tx, a.org)
	if err != nil {
		return Membership{}, err
	}
	for _, m := range all {
		if m.ID != id {
			continue
		}
		if !a.permits.Contains(o.permitsOf(m.Role, own)) {
			return m, fault.Deniedf("You can only give or take a role whose rights you all have yourself.")
		}
		return m, nil
	}
	return Membership{}, errNoMember()
}

// keeperLeft refuses to leave an organisation without anybody who could invite and change roles.
func (o *Orgs) keeperLeft(ctx context.Context, tx *db.Tx, in ID) error {
	all, err := o.people(ctx, tx, in)
	if err != nil {
		return err
	}
	own, err := o.ownRoleSets(ctx, tx, in)
	if err != nil {
		return err
	}
	for _, m := range all {
		held := o.permitsOf(m.Role, own)
		if m.Scope.Whole() && held.Has(PermitChange) && held.Has(PermitInvite) {
			return nil
		}
	}
	return fault.Conflictf("Then nobody would be left to look after the organization. Make somebody else an administrator first.")
}

// End ends memberships and all sessions of their people, all of them or none, and returns how many ended.
func (o *Orgs) End(ctx context.Context, a Actor, ids ...MembershipID) (int, error) {
	if err := a.Must(PermitEnd); err != nil {
		return 0, err
	}
	err := o.change(ctx, a.org, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			if err := o.endOne(ctx, tx, a, id); err != nil {
				return err
			}
		}
		return o.keeperLeft(ctx, tx, a.org)
	})
	if err != nil {
		return 0, err
	}
	return len(ids), nil
}

func (o *Orgs) endOne(ctx context.Context, tx *db.Tx, a Actor, id MembershipID) error {
	m, err := o.touchable(ctx, tx, a, id)
	if err != nil {
		return err
	}
	if err := changedOne(errNoMember())(endMembership(ctx, tx, a.org, id, o.now(), a.account)); err != nil {
		return err
	}
	n, err := o.accounts.EndAll(ctx, tx, a.Who(), m.Account, "access ended")
	if err != nil {
		return err
	}
	_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryEnd, Object: object("org_membership", id),
		Data: map[string]any{"account": int64(m.Account), "role": m.Role, "sessions": n}})
	return err
}

// Disable closes a member's account on the whole site. Only an organisation at the root can do that.
func (o *Orgs) Disable(ctx context.Context, a Actor, id MembershipID) error {
	if err := a.Must(PermitDisable); err != nil {
		return err
	}
	return o.change(ctx, a.org, func(ctx context.Context, tx *db.Tx) error {
		in, err := orgByID(ctx, tx, a.org)
		if err != nil {
			return err
		}
		if in.Parent != 0 {
			return fault.Deniedf("Only the organization that keeps the site can disable an account. You can end the access to your organization.")
		}
		m, err := o.touchable(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if m.Account == a.account {
			return fault.Conflictf("You cannot disable your own account.")
		}
		if err := o.accounts.Disable(ctx, tx, a.Who(), m.Account); err != nil {
			return err
		}
		if err := o.keeperLeft(ctx, tx, a.org); err != nil {
			return err
		}
		_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryDisableOrder, Object: object("account", m.Account)})
		return err
	})
}

// WarnExpiring writes to every member whose access ends within WarnTime and who has not been told, and
// returns how many. Call it daily.
func (o *Orgs) WarnExpiring(ctx context.Context) (int, error) {
	told := 0
	err := o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		told = 0
		now := o.now()
		rows, err := membershipsExpiring(ctx, tx, now, now.Add(WarnTime))
		if err != nil {
			return err
		}
		for _, m := range rows {
			if err := o.warnOne(ctx, tx, m); err != nil {
				return err
			}
			told++
		}
		return nil
	})
	return told, err
}

func (o *Orgs) warnOne(ctx context.Context, tx *db.Tx, m memberRow) error {
	if n, err := updateWarned(ctx, tx, m.ID, o.now()); err != nil || n == 0 {
		return err
	}
	if o.mailer != nil && m.Email != "" { // a guest has none
		t := o.words.In(m.Lang)
		err := o.mailer.Send(ctx, tx, account.Mail{To: m.Email, Lang: m.Lang,
			Subject: t.T("Your access to %s ends on %s", m.OrgName, t.Date(m.Expires)),
			Text: t.T("Hello %s,", m.Name) + "\n\n" +
				t.T("your access to %s on %s ends on %s. If you still need it, ask an administrator of %s to renew it.", m.OrgName, o.site, t.Date(m.Expires), m.OrgName) + "\n"})
		if err != nil {
			return err
		}
	}
	_, err := ledger.Append(ctx, tx, ledger.Who{Org: int64(m.Org), Via: "job"}, ledger.Entry{Kind: entryWarn, Object: object("org_membership", m.ID)})
	return err
}

// Catalog returns every permit the site knows, for pages that describe roles.
func (o *Orgs) Catalog() permit.Catalog { return o.catalog }

// Now returns the time by the clock of the organisations.
func (o *Orgs) Now() time.Time { return o.now() }
