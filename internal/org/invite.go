package org

import (
	"context"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/words"
)

// InvitationID names one invitation.
type InvitationID int64

// Invitation asks one person into one organisation, once, for a week.
type Invitation struct {
	ID       InvitationID
	Org      ID
	OrgName  string
	Email    string
	Name     string
	Role     string
	RoleName string
	Until    time.Time // when the membership will end
	Made     time.Time
	MadeBy   string
	Ends     time.Time
}

func (r inviteRow) invitation(roleName string) Invitation {
	return Invitation{ID: r.ID, Org: r.Org, OrgName: r.OrgName, Email: r.Email, Name: r.Name, Role: r.Role, RoleName: roleName,
		Until: r.Until, Made: r.Made, MadeBy: r.MadeName, Ends: r.Ends}
}

// Invitee is whom to invite, as what, until when.
type Invitee struct {
	Email, Name, Role string
	Until             time.Time // zero: the organisation's usual end
	Scope             Scope     // the zero Scope is the whole organisation
	Lang              words.Lang
}

// Invite mails a one-time link to a person, good for a week, and takes back an earlier one. It returns the link, for
// sites without mail and for telling it by another way.
func (o *Orgs) Invite(ctx context.Context, a Actor, who Invitee) (link string, err error) {
	if err := a.Must(PermitInvite); err != nil {
		return "", err
	}
	var in fault.Inputs
	if who.Name, err = account.ParseName(who.Name); err != nil {
		in = append(in, fault.Input{Name: "name", Err: fault.As(err)})
	}
	if who.Email, err = account.ParseEmail(who.Email); err != nil {
		in = append(in, fault.Input{Name: "email", Err: fault.As(err)})
	}
	if err := in.Or(); err != nil {
		return "", err
	}
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := o.grantable(ctx, tx, a, who.Role); err != nil {
			return err
		}
		all, err := o.people(ctx, tx, a.org)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.Email == who.Email && m.Scope == who.Scope {
				return wrong("email", fault.Invalidf("This person belongs to the organization already. Change the role instead."))
			}
		}
		link, err = o.invite(ctx, tx, a.Who(), a.name, a.org, who, entryInvite)
		return err
	})
	return link, err
}

// invite writes the invitation and its mail.
func (o *Orgs) invite(ctx context.Context, tx *db.Tx, by ledger.Who, byName string, in ID, who Invitee, kind ledger.Kind) (string, error) {
	to, err := orgByID(ctx, tx, in)
	if err != nil {
		return "", err
	}
	if who.Until.IsZero() {
		who.Until = o.until(to)
	}
	if err := endInvitations(ctx, tx, in, who.Email, o.now()); err != nil {
		return "", err
	}
	token, hash := account.NewToken()
	id, err := insertInvitation(ctx, tx, hash, inviteRow{Org: in, Email: who.Email, Name: who.Name, Role: who.Role, ScopeKind: who.Scope.Kind, ScopeID: who.Scope.ID,
		Until: who.Until, Made: o.now(), MadeBy: account.ID(by.Account), Ends: o.now().Add(InviteTime)})
	if err != nil {
		return "", err
	}
	link := o.accounts.Origin() + "/invitation?token=" + token
	if o.mailer != nil {
		if err := o.mailer.Send(ctx, tx, o.invitationMail(to.Name, byName, who, link)); err != nil {
			return "", err
		}
	}
	_, err = ledger.Append(ctx, tx, by, ledger.Entry{Kind: kind, Object: object("org_invitation", id),
		Data:     map[string]any{"org": int64(in), "role": who.Role, "until": who.Until.UTC().Format(time.DateOnly)},
		Personal: map[string]any{"name": who.Name, "email": who.Email}})
	return link, err
}

func (o *Orgs) invitationMail(orgName, byName string, who Invitee, link string) account.Mail {
	t := o.words.In(who.Lang)
	by := byName
	if by == "" {
		by = o.site
	}
	return account.Mail{To: who.Email, Lang: who.Lang,
		Subject: t.T("%s invites you to %s", by, orgName),
		Text: t.T("Hello %s,", who.Name) + "\n\n" +
			t.T("%s invites you to work with %s on %s. Open this link within a week, on the phone or computer you use most. You make a passkey there; you need no password.", by, orgName, o.site) +
			"\n\n" + link + "\n\n" +
			t.T("The link works once and only for you. If you did not expect it, do nothing.") + "\n"}
}

func errNoInvitation() error {
	return fault.NotFoundf("This invitation was used already, was taken back or is over. Ask the person who invited you for a new one.")
}

// Invitation returns the open invitation that token opens, without using it.
func (o *Orgs) Invitation(ctx context.Context, token string) (Invitation, error) {
	r, err := o.invitation(ctx, o.db, token)
	if err != nil {
		return Invitation{}, err
	}
	roles, err := o.rolesIn(ctx, o.db, r.Org)
	return r.invitation(roleNames(roles)[r.Role]), err
}

func (o *Orgs) invitation(ctx context.Context, from db.Reader, token string) (inviteRow, error) {
	hash, ok := account.HashToken(token)
	if !ok {
		return inviteRow{}, errNoInvitation()
	}
	r, err := invitationByHash(ctx, from, hash, o.now())
	if errors.Is(err, db.ErrNone) {
		return r, errNoInvitation()
	}
	return r, err
}

// Invitations returns the open invitations of the actor's organisation, newest first.
func (o *Orgs) Invitations(ctx context.Context, a Actor) ([]Invitation, error) {
	if err := a.Must(PermitPeople); err != nil {
		return nil, err
	}
	rows, err := invitationsIn(ctx, o.db, a.org, o.now())
	if err != nil {
		return nil, err
	}
	roles, err := o.rolesIn(ctx, o.db, a.org)
	if err != nil {
		return nil, err
	}
	names := roleNames(roles)
	all := make([]Invitation, len(rows))
	for i, r := range rows {
		all[i] = r.invitation(names[r.Role])
	}
	return all, nil
}

// TakeBack ends an open invitation.
func (o *Orgs) TakeBack(ctx context.Context, a Actor, id InvitationID) error {
	if err := a.Must(PermitInvite); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := changedOne(errNoInvitation())(endInvitation(ctx, tx, a.org, id, o.now())); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryInviteEnd, Object: object("org_invitation", id)})
		return err
	})
}

// ErrHasAccount means that the invited e-mail has an account: its owner signs in and uses AcceptAs.
var ErrHasAccount = errors.New("the invited person has an account")

// AcceptNew takes an invitation for somebody new: it makes the account and the membership and begins a
// session that can do nothing but make a passkey.
func (o *Orgs) AcceptNew(ctx context.Context, token, name string, lang words.Lang, from account.From) (session string, in ID, err error) {
	if name, err = account.ParseName(name); err != nil {
		return "", 0, wrong("name", fault.As(err))
	}
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := o.invitation(ctx, tx, token)
		if err != nil {
			return err
		}
		switch _, err := o.accounts.ByEmail(ctx, tx, r.Email); {
		case err == nil:
			return ErrHasAccount
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		who, err := o.accounts.Create(ctx, tx, ledger.Who{Org: int64(r.Org), Via: "browser"}, name, r.Email, lang)
		if err != nil {
			return err
		}
		in = r.Org
		if err := o.accept(ctx, tx, r, who); err != nil {
			return err
		}
		session, err = o.accounts.StartBare(ctx, tx, who, from)
		return err
	})
	return session, in, err
}

// AcceptAs takes an invitation for the signed-in person it was made out to.
func (o *Orgs) AcceptAs(ctx context.Context, token string, s account.Session) (in ID, err error) {
	err = o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := o.invitation(ctx, tx, token)
		if err != nil {
			return err
		}
		if r.Email != s.Email {
			return fault.Conflictf("This invitation is for another person. Sign out first, then open it again.")
		}
		in = r.Org
		return o.accept(ctx, tx, r, s.Account)
	})
	return in, err
}

// accept turns an invitation into a membership.
func (o *Orgs) accept(ctx context.Context, tx *db.Tx, r inviteRow, who account.ID) error {
	if err := changedOne(errNoInvitation())(acceptInvitation(ctx, tx, r.ID, o.now())); err != nil {
		return err
	}
	m := memberRow{Org: r.Org, Account: who, Role: r.Role, ScopeKind: r.ScopeKind, ScopeID: r.ScopeID, Began: o.now(), Expires: r.Until}
	id, err := insertMembership(ctx, tx, m, r.MadeBy)
	if err != nil {
		return err
	}
	_, err = ledger.Append(ctx, tx, ledger.Who{Account: int64(who), Org: int64(r.Org), Via: "browser"},
		ledger.Entry{Kind: entryAccept, Object: object("org_membership", id), Data: map[string]any{"invitation": int64(r.ID), "role": r.Role}})
	return err
}
