package orgpage

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// rightLine is one right as a role's page shows it.
type rightLine struct {
	def    permit.Def
	chosen bool
	may    bool // the reader holds it and so may give it
}

func (p pages) roles(v *web.Visit) error {
	all, err := p.orgs.Roles(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Roles"), Current: "people", Crumbs: peopleCrumb(v), Facts: v.T.T("A role is a set of rights. People get rights only through roles.")}
	if v.Actor.May(org.PermitRole) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Make a role"), Kind: web.Go, Icon: "plus", Href: v.Path("org", "role", "edit")})
	}
	return v.Page(http.StatusOK, h, rolesPage(v, p, all))
}

// roleView is the form of one role of the organisation's own.
type roleView struct {
	*web.Visit
	key, name, purpose string
	lines              []rightLine
	wrong              fault.Inputs
}

func (p pages) showRole(v *web.Visit, status int, f roleView, chosen permit.Set) error {
	f.Visit = v
	for _, d := range p.orgs.Catalog().All() {
		f.lines = append(f.lines, rightLine{def: d, chosen: chosen.Has(d.Permit), may: v.Actor.May(d.Permit)})
	}
	title := v.T.T("Make a role")
	if f.key != "" {
		title = v.T.T("Change a role")
	}
	h := web.Head{Title: title, Current: "people", Crumbs: append(peopleCrumb(v), web.Crumb{Title: v.T.T("Roles"), Href: v.Path("org", "role")})}
	return v.Page(status, h, rolePage(f))
}

func (p pages) roleForm(v *web.Visit) error {
	key := v.Value("role")
	if key == "" {
		return p.showRole(v, http.StatusOK, roleView{}, permit.NewSet())
	}
	all, err := p.orgs.Roles(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Key == key && r.Own {
			return p.showRole(v, http.StatusOK, roleView{key: key, name: r.Name, purpose: r.Purpose}, r.Permits)
		}
	}
	return fault.NotFoundf("The organization has no such role of its own.")
}

func (p pages) saveRole(v *web.Visit) error {
	var chosen []permit.Permit
	for _, s := range v.Values("permit") {
		chosen = append(chosen, permit.Permit(s))
	}
	f := roleView{key: v.Value("role"), name: v.Value("name"), purpose: v.Value("purpose")}
	if _, err := p.orgs.MakeRole(v.R.Context(), v.Actor, f.key, f.name, f.purpose, chosen); err != nil {
		var ok bool
		if f.wrong, ok = web.Inputs(err); !ok {
			return err
		}
		return p.showRole(v, http.StatusUnprocessableEntity, f, permit.NewSet(chosen...))
	}
	return v.Redirect(v.Path("org", "role"))
}

func (p pages) dropRole(v *web.Visit) error {
	if err := p.orgs.DropRole(v.R.Context(), v.Actor, v.Value("role")); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "role"))
}

func (p pages) groups(v *web.Visit) error {
	all, err := p.orgs.Groups(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("User groups"), Current: "people", Crumbs: peopleCrumb(v), Facts: v.T.T("Groups make sharing folders shorter. They give no rights.")}
	if v.Actor.May(org.PermitGroup) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Make a group"), Kind: web.Go, Icon: "plus", Href: v.Path("org", "group", "edit")})
	}
	return v.Page(http.StatusOK, h, groupsPage(v, all))
}

// groupView is the form of one group.
type groupView struct {
	*web.Visit
	id     org.GroupID
	name   string
	people []org.Membership
	chosen []account.ID
	wrong  fault.Inputs
}

func (p pages) showGroup(v *web.Visit, status int, f groupView) error {
	all, err := p.orgs.People(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	f.Visit = v
	for _, m := range all {
		if !slices.ContainsFunc(f.people, func(o org.Membership) bool { return o.Account == m.Account }) {
			f.people = append(f.people, m)
		}
	}
	title := v.T.T("Make a group")
	if f.id != 0 {
		title = v.T.T("Change a group")
	}
	h := web.Head{Title: title, Current: "people", Crumbs: append(peopleCrumb(v), web.Crumb{Title: v.T.T("User groups"), Href: v.Path("org", "group")})}
	return v.Page(status, h, groupPage(f))
}

func (p pages) groupForm(v *web.Visit) error {
	f := groupView{}
	if v.Value("group") == "" {
		return p.showGroup(v, http.StatusOK, f)
	}
	f.id = groupID(v.Value("group"))
	all, err := p.orgs.Groups(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.ID == f.id {
			f.name = g.Name
		}
	}
	if f.chosen, err = p.orgs.GroupPeople(v.R.Context(), v.Actor, f.id); err != nil {
		return err
	}
	return p.showGroup(v, http.StatusOK, f)
}

func groupID(s string) org.GroupID {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return -1 // no group
	}
	return org.GroupID(n)
}

func (p pages) saveGroup(v *web.Visit) error {
	f := groupView{name: v.Value("name")}
	if s := v.Value("group"); s != "" {
		f.id = groupID(s)
	}
	for _, s := range v.Values("people") {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fault.Invalidf("The form could not be read. Go back and send it again.")
		}
		f.chosen = append(f.chosen, account.ID(n))
	}
	if _, err := p.orgs.PutGroup(v.R.Context(), v.Actor, f.id, f.name, f.chosen); err != nil {
		var ok bool
		if f.wrong, ok = web.Inputs(err); !ok {
			return err
		}
		return p.showGroup(v, http.StatusUnprocessableEntity, f)
	}
	return v.Redirect(v.Path("org", "group"))
}

func (p pages) dropGroup(v *web.Visit) error {
	id, err := web.ID[org.GroupID](v, "id")
	if err != nil {
		return err
	}
	if err := p.orgs.DropGroup(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "group"))
}
