package org

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
)

// Config says what the organisations of a site are made of.
type Config struct {
	DB       *db.DB
	Accounts *account.Accounts
	Catalog  permit.Catalog
	Roles    []permit.Role // the product's; an organisation may add its own
	Mailer   account.Mailer
	Now      func() time.Time // nil: time.Now
}

// Orgs is the site's organisations and who belongs to them.
type Orgs struct {
	db       *db.DB
	accounts *account.Accounts
	catalog  permit.Catalog
	roles    []permit.Role
	mailer   account.Mailer
	now      func() time.Time
}

// New returns the site's organisations.
func New(c Config) *Orgs {
	o := &Orgs{db: c.DB, accounts: c.Accounts, catalog: c.Catalog, roles: c.Roles, mailer: c.Mailer, now: c.Now}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// MembershipID names one membership.
type MembershipID int64

// Membership is one person's role in one organisation, until when.
type Membership struct {
	ID       MembershipID `db:"id"`
	Org      ID           `db:"org_id"`
	OrgName  string       `db:"org_name"`
	OrgKind  string       `db:"org_kind"`
	Account  account.ID   `db:"account_id"`
	Role     string       `db:"role"` // key of a product role, or "own-…" of the organisation's
	RoleName string       `db:"-"`    // English for product roles, the organisation's own words otherwise
	Began    time.Time    `db:"began_at"`
	Expires  time.Time    `db:"expires_at"`
}

// Sit lets a signed-in person act for an organisation. It asks the database every time, so that a role
// taken away bites with the next request. Whoever does not belong gets the NotFound of an organisation
// that does not exist.
func (o *Orgs) Sit(ctx context.Context, s account.Session, in ID) (Actor, error) {
	return Actor{}, errNoOrg()
}

// Of returns the live memberships of an account, by name of organisation.
func (o *Orgs) Of(ctx context.Context, who account.ID) ([]Membership, error) {
	return nil, nil
}

// Operate returns the operator at the command line, who holds permits in o. Whoever can run the command
// can read the database file, so there is no session to ask.
func Operate(o ID, permits permit.Set) Actor {
	return Actor{org: o, permits: permits, via: "command"}
}

func errNoOrg() error {
	return fault.NotFoundf("There is no such organization here, or you do not belong to it.")
}
