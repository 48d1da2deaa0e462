// Package planpage is where an office asks what an audit would cost before it promises one.
package planpage

import (
	_ "embed"
	"net/http"

	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// PermitPlan lets somebody plan audits.
const PermitPlan permit.Permit = "election.audit.plan"

// Permits are what this package lets people do.
var Permits = []permit.Def{{Permit: PermitPlan, Sentence: "Plan audits"}}

// Roles are what this package adds to the roles of the program. Planning shows nobody's data, so who looks after an office may do it.
var Roles = []permit.Role{
	{Key: "administrator", Name: "Administrator", Purpose: "Looks after the organization's people, roles and partners", Permits: []permit.Permit{PermitPlan}},
}

// Nav is the page's place in the side navigation.
var Nav = []web.NavGroup{{Area: "election", Title: "Audit", Items: []web.NavItem{
	{Key: navKey, Title: "Plan an audit", Icon: "chart", Path: "election/plan", Permit: PermitPlan},
}}}

const navKey = "plan"

// Routes returns the page, and the page to take along. What is asked is in the page's address, so that a plan can be kept and passed on; nobody's name is in it but
// those of candidates.
func Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/o/{org}/election/plan", Permit: PermitPlan, Handle: show},
		{Method: "GET", Path: "/o/{org}/election/plan/planner", Permit: PermitPlan, Handle: take},
	}
}

// moduleName is the asset that answers questions in browsers.
const moduleName = "plan.wasm.gz"

func show(v *web.Visit) error {
	v.AllowModules()
	h := web.Head{Title: v.T.T("Plan an audit"), Facts: v.T.T("How many ballots would people have to look at, and for how long?"), Current: navKey, Islands: []string{"plan"},
		Actions: web.LinkButton(web.Action{Label: v.T.T("Take the planner along"), Icon: "download", Href: v.Path("election", "plan", "planner")})}
	f := sheet.Read(v.Value)
	if f.Ballots == "" && f.Margin == "" && f.Tally == "" && !v.R.URL.Query().Has("ballots") {
		return v.Page(http.StatusOK, h, page(v, f, nil))
	}
	s, err := f.Answer(v.T)
	switch {
	case err != nil:
		return err
	case len(f.Wrong) > 0:
		return v.Page(http.StatusUnprocessableEntity, h, page(v, f, nil))
	}
	return v.Page(http.StatusOK, h, page(v, f, s))
}
