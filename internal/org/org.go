package org

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/words"
)

// How long things last.
const (
	MemberTime  = 365 * 24 * time.Hour // a membership, unless the cycle ends earlier
	InviteTime  = 7 * 24 * time.Hour
	WarnTime    = 14 * 24 * time.Hour // a member is told this long before the end
	DormantTime = 60 * 24 * time.Hour // who was not here for longer shows in the user audit
	seenEvery   = time.Hour           // how often a member's last visit is written down
)

// Config says what the organisations of a site are made of.
type Config struct {
	DB       *db.DB
	Accounts *account.Accounts
	Catalog  permit.Catalog
	Roles    []permit.Role  // the programs'; the ground's own are added, roles of one key become one
	Mailer   account.Mailer // nil: no mail is sent, invitations are handed over as links
	Words    *words.Catalog
	Site     string           // the site's name, for mails
	Now      func() time.Time // nil: time.Now
}

// Orgs is the site's organisations and who belongs to them.
type Orgs struct {
	db       *db.DB
	accounts *account.Accounts
	catalog  permit.Catalog
	roles    []permit.Role
	mailer   account.Mailer
	words    *words.Catalog
	site     string
	now      func() time.Time
}

// New returns the site's organisations.
func New(c Config) *Orgs {
	o := &Orgs{db: c.DB, accounts: c.Accounts, catalog: c.Catalog, roles: join(Roles, c.Roles), mailer: c.Mailer, words: c.Words, site: c.Site, now: c.Now}
	if o.site == "" {
		o.site = "Precinct"
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// join makes roles of one key one role that holds the permits of all; name and purpose are the first's.
func join(groups ...[]permit.Role) []permit.Role {
	var all []permit.Role
	for _, r := range slices.Concat(groups...) {
		i := slices.IndexFunc(all, func(a permit.Role) bool { return a.Key == r.Key })
		if i < 0 {
			r.Permits = slices.Clone(r.Permits)
			all = append(all, r)
			continue
		}
		all[i].Permits = append(all[i].Permits, r.Permits...)
	}
	return all
}

// Kind says what an organisation is in the tree.
type Kind string

// The kinds. A table is at the root and licenses the voter file; partners belong to it; committees belong
// to either.
const (
	Table     Kind = "table"
	Partner   Kind = "partner"
	Committee Kind = "committee"
)

// Org is one organisation.
type Org struct {
	ID        ID
	Parent    ID // 0 at the root
	Kind      Kind
	Name      string
	CycleEnds time.Time // when its election cycle ends and memberships with it; zero for none
	Created   time.Time
	People    int64 // only where organisations are listed
}

func (r orgRow) org() Org { return Org(r) }

// Own returns the organisation the actor acts for.
func (o *Orgs) Own(ctx context.Context, a Actor) (Org, error) {
	r, err := orgByID(ctx, o.db, a.org)
	return r.org(), err
}

// ParseName returns the name of an organisation, group, folder or role without surplus spaces.
func ParseName(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if n := utf8.RuneCountInString(s); n == 0 || n > 100 || !utf8.ValidString(s) {
		return "", fault.Invalidf("Write a name of up to 100 characters.")
	}
	return s, nil
}

// Found makes an organisation at the root and its first member with role: what the operator does first on a
// new site. The owner's account is created if there is none.
func (o *Orgs) Found(ctx context.Context, tx *db.Tx, name, ownerName, ownerEmail, role string, lang words.Lang) (ID, account.ID, error) {
	id, err := o.Establish(ctx, tx, name)
	if err != nil {
		return 0, 0, err
	}
	owner, err := o.Admit(ctx, tx, Operate(id, o.catalog.Everything()), ownerName, ownerEmail, role, lang)
	return id, owner, err
}

// Establish makes an organisation at the root with nobody in it yet, as a command line that begins with data does.
func (o *Orgs) Establish(ctx context.Context, tx *db.Tx, name string) (ID, error) {
	name, err := ParseName(name)
	if err != nil {
		return 0, err
	}
	id, err := insertOrg(ctx, tx, orgRow{Kind: Table, Name: name, Created: o.now()})
	if err != nil {
		return 0, fmt.Errorf("founding an organization: %w", err)
	}
	_, err = ledger.Append(ctx, tx, ledger.Who{Via: "command"}, ledger.Entry{Kind: entryFound, Object: object("org", id), Data: map[string]any{"name": name}})
	return id, err
}

// All returns every organisation of the site, oldest first: only the operator at the command line asks.
func (o *Orgs) All(ctx context.Context) ([]Org, error) {
	rows, err := allOrgs(ctx, o.db)
	all := make([]Org, len(rows))
	for i, r := range rows {
		all[i] = r.org()
	}
	return all, err
}

// Admit lets the operator make somebody a member without an invitation; the account is created if there is none.
func (o *Orgs) Admit(ctx context.Context, tx *db.Tx, operator Actor, name, email, role string, lang words.Lang) (account.ID, error) {
	if operator.via != "command" {
		return 0, fault.Deniedf("People come in by invitation.")
	}
	if err := o.grantable(ctx, tx, operator, role); err != nil {
		return 0, err
	}
	in, err := orgByID(ctx, tx, operator.org)
	if err != nil {
		return 0, err
	}
	who := account.ID(0)
	switch have, err := o.accounts.ByEmail(ctx, tx, email); {
	case err == nil:
		who = have.ID
	case fault.KindOf(err) != fault.NotFound:
		return 0, err
	default:
		if who, err = o.accounts.Create(ctx, tx, operator.Who(), name, email, lang); err != nil {
			return 0, err
		}
	}
	m := memberRow{Org: operator.org, Account: who, Role: role, Began: o.now(), Expires: o.until(in)}
	id, err := insertMembership(ctx, tx, m, 0)
	if err != nil {
		return 0, err
	}
	_, err = ledger.Append(ctx, tx, operator.Who(), ledger.Entry{Kind: entryAdmit, Object: object("org_membership", id), Data: map[string]any{"account": int64(who), "role": role}})
	return who, err
}

// until is when a membership that begins now ends unless somebody says otherwise: after a year or with the cycle.
func (o *Orgs) until(in orgRow) time.Time {
	year := o.now().Add(MemberTime)
	if in.CycleEnds.After(o.now()) && in.CycleEnds.Before(year) {
		return in.CycleEnds
	}
	return year
}

// SetCycle sets when the organisation's election cycle ends; new memberships end with it.
func (o *Orgs) SetCycle(ctx context.Context, a Actor, ends time.Time) error {
	if err := a.Must(PermitChange); err != nil {
		return err
	}
	return o.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := updateCycle(ctx, tx, a.org, ends); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: entryCycle, Object: object("org", a.org), Data: map[string]any{"ends": ends.UTC().Format(time.DateOnly)}})
		return err
	})
}

func errNoOrg() error {
	return fault.NotFoundf("There is no such organization here, or you do not belong to it.")
}
