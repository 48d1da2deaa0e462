// Package orgpage shows who belongs to an organisation, with which rights and until when, and lets those with the
// right to it change that.
package orgpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav is the organisation's part of the side navigation, the same in every area.
var Nav = []web.NavGroup{
	{Title: "Oversee", Items: []web.NavItem{
		{Key: "people", Title: "People and rights", Icon: "people", Path: "org/person", Permit: org.PermitPeople},
		{Key: "audit", Title: "User audit", Icon: "shield", Path: "org/audit", Permit: org.PermitAudit},
		{Key: "partners", Title: "Partners", Icon: "merge", Path: "org/partner", Permit: org.PermitPeople},
		{Key: "folders", Title: "Folders", Icon: "layers", Path: "org/folder", Permit: permit.SignedIn},
	}},
}

type pages struct {
	accounts *account.Accounts
	orgs     *org.Orgs
}

// Routes returns the pages of an organisation.
func Routes(accounts *account.Accounts, orgs *org.Orgs) []web.Route {
	p := pages{accounts: accounts, orgs: orgs}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error, many ...string) web.Route {
		return web.Route{Method: method, Path: path, Permit: need, Handle: h, Many: many}
	}
	return []web.Route{
		r("GET", "/o/{org}", permit.SignedIn, p.home),
		r("POST", "/o/{org}/org/ask", permit.SignedIn, p.askFor),
		r("GET", "/o/{org}/org/person", org.PermitPeople, p.people),
		r("POST", "/o/{org}/org/person", org.PermitPeople, p.people), // searched for: a name is never in an address
		r("POST", "/o/{org}/org/person/end", org.PermitEnd, p.endMany, "member"),
		r("GET", "/o/{org}/org/invite", org.PermitInvite, p.inviteForm),
		r("POST", "/o/{org}/org/invite", org.PermitInvite, p.invite),
		r("POST", "/o/{org}/org/invite/{id}/end", org.PermitInvite, p.takeBack),
		r("GET", "/o/{org}/org/person/{id}", org.PermitPeople, p.person),
		r("POST", "/o/{org}/org/person/{id}", org.PermitChange, p.changePerson),
		r("POST", "/o/{org}/org/person/{id}/end", org.PermitEnd, p.endPerson),
		r("POST", "/o/{org}/org/person/{id}/disable", org.PermitDisable, p.disable),
		r("GET", "/o/{org}/org/audit", org.PermitAudit, p.audit),
		r("GET", "/o/{org}/org/audit.csv", org.PermitAudit, p.auditCSV),
		r("GET", "/o/{org}/org/role", org.PermitPeople, p.roles),
		r("GET", "/o/{org}/org/role/edit", org.PermitRole, p.roleForm),
		r("POST", "/o/{org}/org/role/edit", org.PermitRole, p.saveRole, "permit"),
		r("POST", "/o/{org}/org/role/remove", org.PermitRole, p.dropRole),
		r("GET", "/o/{org}/org/group", org.PermitPeople, p.groups),
		r("GET", "/o/{org}/org/group/edit", org.PermitGroup, p.groupForm),
		r("POST", "/o/{org}/org/group/edit", org.PermitGroup, p.saveGroup, "people"),
		r("POST", "/o/{org}/org/group/{id}/remove", org.PermitGroup, p.dropGroup),
		r("GET", "/o/{org}/org/folder", permit.SignedIn, p.folders),
		r("POST", "/o/{org}/org/folder", org.PermitFolder, p.addFolder),
		r("GET", "/o/{org}/org/folder/{id}", org.PermitFolder, p.folder),
		r("POST", "/o/{org}/org/folder/{id}", org.PermitFolder, p.renameFolder),
		r("POST", "/o/{org}/org/folder/{id}/remove", org.PermitFolder, p.dropFolder),
		r("POST", "/o/{org}/org/folder/{id}/share", org.PermitFolder, p.share),
		r("POST", "/o/{org}/org/folder/{id}/unshare", org.PermitFolder, p.unshare),
		r("GET", "/o/{org}/org/partner", org.PermitPeople, p.partners),
		r("GET", "/o/{org}/org/partner/add", org.PermitPartner, p.partnerForm),
		r("POST", "/o/{org}/org/partner/add", org.PermitPartner, p.addPartner),
		r("POST", "/o/{org}/org/partner/{id}/end", org.PermitPartner, p.endPartner),
	}
}
