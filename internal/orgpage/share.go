package orgpage

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// foldersView lists folders, the organisation's and those shared with it.
type foldersView struct {
	*web.Visit
	own, shared []org.Folder
	name        string
	wrong       fault.Inputs
}

func (p pages) showFolders(v *web.Visit, status int, f foldersView) error {
	var err error
	if f.own, err = p.orgs.Folders(v.R.Context(), v.Actor); err != nil {
		return err
	}
	if f.shared, err = p.orgs.SharedWith(v.R.Context(), v.Actor); err != nil {
		return err
	}
	f.Visit = v
	h := web.Head{Title: v.T.T("Folders"), Current: "folders", Facts: v.T.T("What is in a folder is seen by those it is shared with, and by nobody else.")}
	return v.Page(status, h, foldersPage(f))
}

func (p pages) folders(v *web.Visit) error {
	return p.showFolders(v, http.StatusOK, foldersView{})
}

func (p pages) addFolder(v *web.Visit) error {
	id, err := p.orgs.PutFolder(v.R.Context(), v.Actor, 0, v.Value("name"))
	if err != nil {
		wrong, ok := web.Inputs(err)
		if !ok {
			return err
		}
		return p.showFolders(v, http.StatusUnprocessableEntity, foldersView{name: v.Value("name"), wrong: wrong})
	}
	return v.Redirect(v.Path("org", "folder", id))
}

// folderView is one folder and with whom it is shared.
type folderView struct {
	*web.Visit
	folder org.Folder
	shares []org.Share
	with   []web.Option
	name   string
	wrong  fault.Inputs
}

func (p pages) showFolder(v *web.Visit, status int, f folderView) error {
	id, err := web.ID[org.FolderID](v, "id")
	if err != nil {
		return err
	}
	if f.folder, f.shares, err = p.orgs.Folder(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	if f.with, err = p.shareOptions(v); err != nil {
		return err
	}
	if f.name == "" {
		f.name = f.folder.Name
	}
	f.Visit = v
	h := web.Head{Title: f.folder.Name, Current: "folders", Crumbs: []web.Crumb{{Title: v.T.T("Folders"), Href: v.Path("org", "folder")}}}
	return v.Page(status, h, folderPage(f))
}

// shareOptions are all with whom a folder can be shared, as "org:7".
func (p pages) shareOptions(v *web.Visit) ([]web.Option, error) {
	ctx := v.R.Context()
	all := []web.Option{{Label: v.T.T("Choose…")}}
	below, err := p.orgs.Below(ctx, v.Actor)
	if err != nil {
		return nil, err
	}
	for _, o := range below {
		all = append(all, web.Option{Value: fmt.Sprintf("org:%d", o.ID), Label: o.Name})
	}
	groups, err := p.orgs.Groups(ctx, v.Actor)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		all = append(all, web.Option{Value: fmt.Sprintf("group:%d", g.ID), Label: v.T.T("Group: %s", g.Name)})
	}
	people, err := p.orgs.People(ctx, v.Actor)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, m := range people {
		o := web.Option{Value: fmt.Sprintf("account:%d", m.Account), Label: m.Name}
		if !seen[o.Value] {
			seen[o.Value] = true
			all = append(all, o)
		}
	}
	return all, nil
}

func shareWord(t words.Translator, kind string) string {
	switch kind {
	case "account":
		return t.T("Person")
	case "group":
		return t.T("Group")
	default:
		return t.T("Organization")
	}
}

// parseShare reads "org:7".
func parseShare(s string) org.Share {
	kind, id, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return org.Share{}
	}
	return org.Share{Kind: kind, Target: n}
}

func (p pages) folder(v *web.Visit) error { return p.showFolder(v, http.StatusOK, folderView{}) }

// changeFolder does one thing to a folder and shows it again.
func (p pages) changeFolder(v *web.Visit, f folderView, do func(org.FolderID) error) error {
	id, err := web.ID[org.FolderID](v, "id")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		var ok bool
		if f.wrong, ok = web.Inputs(err); !ok {
			return err
		}
		return p.showFolder(v, http.StatusUnprocessableEntity, f)
	}
	return v.Redirect(v.Path("org", "folder", id))
}

func (p pages) renameFolder(v *web.Visit) error {
	return p.changeFolder(v, folderView{name: v.Value("name")}, func(id org.FolderID) error {
		_, err := p.orgs.PutFolder(v.R.Context(), v.Actor, id, v.Value("name"))
		return err
	})
}

func (p pages) dropFolder(v *web.Visit) error {
	id, err := web.ID[org.FolderID](v, "id")
	if err != nil {
		return err
	}
	if err := p.orgs.DropFolder(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "folder"))
}

func (p pages) share(v *web.Visit) error {
	return p.changeFolder(v, folderView{}, func(id org.FolderID) error {
		s := parseShare(v.Value("with"))
		s.MayChange = v.Value("change") != ""
		return p.orgs.PutShare(v.R.Context(), v.Actor, id, s)
	})
}

func (p pages) unshare(v *web.Visit) error {
	return p.changeFolder(v, folderView{}, func(id org.FolderID) error {
		return p.orgs.DropShare(v.R.Context(), v.Actor, id, parseShare(v.Value("with")))
	})
}

func (p pages) partners(v *web.Visit) error {
	all, err := p.orgs.Below(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Partners"), Current: "partners", Facts: v.T.T("Organizations that work under yours. Each sees its own data, and yours only where you share it.")}
	if v.Actor.May(org.PermitPartner) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Add a partner"), Kind: web.Go, Icon: "plus", Href: v.Path("org", "partner", "add")})
	}
	return v.Page(http.StatusOK, h, partnersPage(v, all))
}

// partnerView is the form that adds a partner.
type partnerView struct {
	*web.Visit
	org, kind, name, email string
	wrong                  fault.Inputs
}

func partnerCrumb(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("Partners"), Href: v.Path("org", "partner")}}
}

func (p pages) showPartner(v *web.Visit, status int, f partnerView) error {
	f.Visit = v
	return v.Page(status, web.Head{Title: v.T.T("Add a partner"), Current: "partners", Crumbs: partnerCrumb(v)}, partnerPage(f))
}

func (p pages) partnerForm(v *web.Visit) error {
	return p.showPartner(v, http.StatusOK, partnerView{kind: string(org.Partner)})
}

func (p pages) addPartner(v *web.Visit) error {
	f := partnerView{org: v.Value("org"), kind: v.Value("kind"), name: v.Value("name"), email: v.Value("email")}
	_, link, err := p.orgs.AddPartner(v.R.Context(), v.Actor, org.Kind(f.kind), f.org, org.Invitee{Name: f.name, Email: f.email, Lang: v.T.Lang})
	if err != nil {
		var ok bool
		if f.wrong, ok = web.Inputs(err); !ok {
			return err
		}
		return p.showPartner(v, http.StatusUnprocessableEntity, f)
	}
	h := web.Head{Title: v.T.T("%s was added", f.org), Current: "partners", Crumbs: partnerCrumb(v)}
	return v.Page(http.StatusOK, h, invitedPage(v, f.name, f.email, link, p.accounts.Mails()))
}

func (p pages) endPartner(v *web.Visit) error {
	id, err := web.ID[org.ID](v, "id")
	if err != nil {
		return err
	}
	if err := p.orgs.EndPartner(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(v.Path("org", "partner"))
}
