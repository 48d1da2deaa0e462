// Package ledgerpage shows an organisation what was done in it, by whom and when, and proves each entry of that record.
package ledgerpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// PermitRead opens the ledger of the organisation.
const PermitRead permit.Permit = "ledger.read"

// Permits describes it for the page where roles are made.
var Permits = []permit.Def{
	{Permit: PermitRead, Sentence: "Read the ledger: what was done in the organization, by whom, and prove it", Implies: []permit.Permit{org.PermitPeople}},
}

// Roles give it to those who oversee.
var Roles = []permit.Role{
	{Key: org.Administrator, Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitRead}},
	{Key: "auditor", Name: "Auditor", Purpose: "Checks who did what and changes nothing", Permits: []permit.Permit{PermitRead}},
}

const navKey = "ledger"

// Nav is the ledger's place in the side navigation.
var Nav = []web.NavGroup{{Title: "Oversee", Items: []web.NavItem{
	{Key: navKey, Title: "Ledger", Icon: "seal", Path: "ledger", Permit: PermitRead},
}}}

// Group is kinds of entries that people look for together.
type Group struct {
	Key   string // what its kinds begin with: "field.person"
	Title string // English; "" where nobody has given it one, and then the key is shown
	Kinds []ledger.KindDef
}

// Config is what the pages read from.
type Config struct {
	DB       *db.DB
	Seal     *ledger.Seal
	Accounts *account.Accounts
	Orgs     *org.Orgs
	Groups   []Group
}

type pages struct {
	Config
	defs map[ledger.Kind]ledger.KindDef
}

// Routes returns the pages of the ledger.
func Routes(c Config) []web.Route {
	p := pages{Config: c, defs: map[ledger.Kind]ledger.KindDef{}}
	for _, g := range c.Groups {
		for _, k := range g.Kinds {
			p.defs[k.Kind] = k
		}
	}
	r := func(method, path string, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/ledger" + path, Permit: PermitRead, Handle: h}
	}
	return []web.Route{
		r("GET", "", p.list),
		r("POST", "/seal", p.seal),
		r("GET", "/{id}", p.entry),
		r("GET", "/{id}/proof.json", p.proof),
	}
}
