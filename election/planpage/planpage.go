// Package planpage is where an office asks what an audit would cost before it promises one.
package planpage

import (
	_ "embed"
	"errors"
	"net/http"

	"github.com/openprecinct/precinct/election/audit"
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

// Routes returns the page. What is asked is in its address, so that a plan can be kept and passed on; nobody's name is in it but those of candidates.
func Routes() []web.Route {
	return []web.Route{{Method: "GET", Path: "/o/{org}/election/plan", Permit: PermitPlan, Handle: show}}
}

// runs is how many audits a page simulates.
const runs = 500

func show(v *web.Visit) error {
	f := read(v)
	h := web.Head{Title: v.T.T("Plan an audit"), Facts: v.T.T("How many ballots would people have to look at, and for how long?"), Current: navKey}
	if !f.asked {
		return v.Page(http.StatusOK, h, page(v, f, nil))
	}
	q := f.question()
	if len(f.wrong) > 0 {
		return v.Page(http.StatusUnprocessableEntity, h, page(v, f, nil))
	}
	a, err := q.Ask()
	switch {
	case errors.Is(err, audit.ErrNoLosers):
		f.wrong.Add("tally", "Everybody on this list wins. Name at least one who did not.")
	case errors.Is(err, audit.ErrInput):
		f.wrong.Add("ballots", "These numbers contradict each other: there are more votes than the ballots can hold, or the counties' ballots do not add up. Correct them.")
	case err != nil:
		return err
	}
	if len(f.wrong) > 0 {
		return v.Page(http.StatusUnprocessableEntity, h, page(v, f, nil))
	}
	return v.Page(http.StatusOK, h, page(v, f, newView(v, q, a)))
}
