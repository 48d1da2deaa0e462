package orgpage

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// homeView is the first page of an organisation.
type homeView struct {
	*web.Visit
	org     org.Org
	mine    []org.Membership
	folders []org.Folder
	shared  []org.Folder
	invited int
	ending  int // members whose access ends soon
	people  int
}

func (p pages) home(v *web.Visit) error {
	ctx := v.R.Context()
	h := homeView{Visit: v}
	var err error
	if h.org, err = p.orgs.Own(ctx, v.Actor); err != nil {
		return err
	}
	all, err := p.orgs.Of(ctx, v.Session.Account)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Org == v.Actor.Org() {
			h.mine = append(h.mine, m)
		}
	}
	if h.folders, err = p.orgs.Folders(ctx, v.Actor); err != nil {
		return err
	}
	if h.shared, err = p.orgs.SharedWith(ctx, v.Actor); err != nil {
		return err
	}
	if v.Actor.May(org.PermitPeople) {
		if err := p.countPeople(v, &h); err != nil {
			return err
		}
	}
	return v.Page(http.StatusOK, web.Head{Title: h.org.Name, Facts: kindWord(v.T, h.org.Kind)}, homePage(h))
}

func (p pages) countPeople(v *web.Visit, h *homeView) error {
	people, err := p.orgs.People(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	invited, err := p.orgs.Invitations(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h.people, h.invited = len(people), len(invited)
	for _, m := range people {
		if m.Expires.Sub(v.Now) <= org.WarnTime {
			h.ending++
		}
	}
	return nil
}

func kindWord(t words.Translator, k org.Kind) string {
	switch k {
	case org.Table:
		return t.T("Table: keeps this site and its voter files")
	case org.Committee:
		return t.T("Committee")
	default:
		return t.T("Partner organization")
	}
}

// peopleView is who belongs to the organisation.
type peopleView struct {
	*web.Visit
	people  []org.Membership
	invited []org.Invitation
	query   string
	total   int
}

func (p pages) people(v *web.Visit) error {
	all, err := p.orgs.People(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	view := peopleView{Visit: v, query: strings.TrimSpace(v.R.PostFormValue("q")), total: len(all)}
	for _, m := range all {
		if matches(m, view.query) {
			view.people = append(view.people, m)
		}
	}
	if view.invited, err = p.orgs.Invitations(v.R.Context(), v.Actor); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("People and rights"), Current: "people",
		Facts: v.T.N(int64(len(all)), "%s person has access", "%s people have access")}
	if v.Actor.May(org.PermitInvite) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Invite a person"), Kind: web.Go, Icon: "plus", Href: v.Path("org", "invite")})
	}
	return v.Page(http.StatusOK, h, peoplePage(view))
}

// endMany ends several memberships. The first time it shows whom and what depends on it; with the number
// confirmed it does it.
func (p pages) endMany(v *web.Visit) error {
	var ids []org.MembershipID
	for _, s := range v.Values("member") {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fault.Invalidf("The form could not be read. Go back and send it again.")
		}
		ids = append(ids, org.MembershipID(n))
	}
	if len(ids) == 0 {
		return v.Redirect(v.Path("org", "person"))
	}
	if v.Value("sure") == strconv.Itoa(len(ids)) {
		if _, err := p.orgs.End(v.R.Context(), v.Actor, ids...); err != nil {
			return err
		}
		return v.Redirect(v.Path("org", "person"))
	}
	all, err := p.orgs.People(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(all, func(m org.Membership) bool { return !slices.Contains(ids, m.ID) })
	if len(chosen) != len(ids) {
		return fault.Conflictf("Some of these people no longer belong to the organization. Choose again.")
	}
	h := web.Head{Title: v.T.N(int64(len(chosen)), "End the access of %s person?", "End the access of %s people?"), Current: "people", Crumbs: peopleCrumb(v)}
	return v.Page(http.StatusOK, h, endPage(v, chosen))
}

func peopleCrumb(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("People and rights"), Href: v.Path("org", "person")}}
}

// inviteView is the form that invites a person.
type inviteView struct {
	*web.Visit
	name, email, role, until, lang string
	roles                          []org.Role
	wrong                          fault.Inputs
	link                           string // made; shown once
}

func (p pages) showInvite(v *web.Visit, status int, f inviteView) error {
	f.Visit = v
	var err error
	if f.roles, err = p.orgs.Roles(v.R.Context(), v.Actor); err != nil {
		return err
	}
	return v.Page(status, web.Head{Title: v.T.T("Invite a person"), Current: "people", Crumbs: peopleCrumb(v)}, invitePage(f))
}

func (p pages) inviteForm(v *web.Visit) error {
	own, err := p.orgs.Own(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	until := v.Now.Add(org.MemberTime)
	if own.CycleEnds.After(v.Now) && own.CycleEnds.Before(until) {
		until = own.CycleEnds
	}
	return p.showInvite(v, http.StatusOK, inviteView{until: until.Format(time.DateOnly), lang: string(v.T.Lang)})
}

func (p pages) invite(v *web.Visit) error {
	f := inviteView{name: v.Value("name"), email: v.Value("email"), role: v.Value("role"), until: v.Value("until"), lang: v.Value("language")}
	lang, _ := words.ParseLang(f.lang)
	until, err := p.orgs.ParseUntil(f.until)
	if err == nil {
		f.link, err = p.orgs.Invite(v.R.Context(), v.Actor, org.Invitee{Email: f.email, Name: f.name, Role: f.role, Until: until, Lang: lang})
	}
	if err != nil {
		var ok bool
		if f.wrong, ok = web.Inputs(err); !ok {
			return err
		}
		return p.showInvite(v, http.StatusUnprocessableEntity, f)
	}
	h := web.Head{Title: v.T.T("Invitation sent"), Current: "people", Crumbs: peopleCrumb(v)}
	return v.Page(http.StatusOK, h, invitedPage(v, f.name, f.email, f.link, p.accounts.Mails()))
}

func (p pages) takeBack(v *web.Visit) error {
	id, err := web.ID[org.InvitationID](v, "id")
	if err != nil {
		return err
	}
	if err := p.orgs.TakeBack(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "person"))
}

// personView is one member.
type personView struct {
	*web.Visit
	who     org.Membership
	role    org.Role
	roles   []org.Role
	until   string
	factors account.Factors
	live    int // sessions
	wrong   fault.Inputs
	rights  []string
	root    bool
}

func (p pages) showPerson(v *web.Visit, status int, f personView) error {
	ctx := v.R.Context()
	id, err := web.ID[org.MembershipID](v, "id")
	if err != nil {
		return err
	}
	if f.who, err = p.orgs.Person(ctx, v.Actor, id); err != nil {
		return err
	}
	if f.roles, err = p.orgs.Roles(ctx, v.Actor); err != nil {
		return err
	}
	for _, r := range f.roles {
		if r.Key == f.who.Role {
			f.role = r
		}
	}
	if f.until == "" {
		f.until = f.who.Expires.Format(time.DateOnly)
	}
	factors, err := p.accounts.FactorsOf(ctx, []account.ID{f.who.Account})
	if err != nil {
		return err
	}
	f.factors = factors[f.who.Account]
	sessions, err := p.accounts.Sessions(ctx, f.who.Account)
	if err != nil {
		return err
	}
	own, err := p.orgs.Own(ctx, v.Actor)
	if err != nil {
		return err
	}
	f.Visit, f.live, f.root, f.rights = v, len(sessions), own.Parent == 0, p.rights(v.T, f.role)
	return v.Page(status, web.Head{Title: f.who.Name, Facts: f.who.Email, Current: "people", Crumbs: peopleCrumb(v)}, personPage(f))
}

// rights are the sentences of all a role holds.
func (p pages) rights(t words.Translator, r org.Role) []string {
	var all []string
	for _, pm := range r.Permits.List() {
		if d, ok := p.orgs.Catalog().Def(pm); ok {
			all = append(all, t.T(d.Sentence))
		}
	}
	return all
}

func (p pages) person(v *web.Visit) error { return p.showPerson(v, http.StatusOK, personView{}) }

func (p pages) changePerson(v *web.Visit) error {
	id, err := web.ID[org.MembershipID](v, "id")
	if err != nil {
		return err
	}
	until, err := p.orgs.ParseUntil(v.Value("until"))
	if err == nil {
		err = p.orgs.Change(v.R.Context(), v.Actor, id, v.Value("role"), until)
	}
	if err != nil {
		wrong, ok := web.Inputs(err)
		if !ok {
			return err
		}
		return p.showPerson(v, http.StatusUnprocessableEntity, personView{until: v.Value("until"), wrong: wrong})
	}
	return v.Redirect(v.Path("org", "person", id))
}

func (p pages) endPerson(v *web.Visit) error {
	id, err := web.ID[org.MembershipID](v, "id")
	if err != nil {
		return err
	}
	if _, err := p.orgs.End(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	if v.Value("to") == "audit" {
		return v.Redirect(v.Path("org", "audit"))
	}
	return v.Redirect(v.Path("org", "person"))
}

func (p pages) disable(v *web.Visit) error {
	id, err := web.ID[org.MembershipID](v, "id")
	if err != nil {
		return err
	}
	if err := p.orgs.Disable(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "person"))
}

// askFor asks those who can change roles for a right, and goes back to where the reader missed it.
func (p pages) askFor(v *web.Visit) error {
	if err := p.orgs.AskFor(v.R.Context(), v.Actor, permit.Permit(v.Value("permit"))); err != nil {
		return err
	}
	back := v.Value("back")
	if !strings.HasPrefix(back, v.Path()+"/") {
		back = v.Path()
	}
	return v.RedirectSaying(back, "Those who can change your role are asked. They have a message.")
}
