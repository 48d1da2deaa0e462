// Package codebookpage is where an organisation defines its questions, codes, tags, scores, fields, targets and events, and looks at what was recorded.
package codebookpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Prepare", Items: []web.NavItem{
	{Key: navKey, Title: "Questions and codes", Icon: "flag", Path: "field/codebook", Permit: codebook.PermitSee},
}}}

const navKey = "codebook"

type pages struct {
	store  *codebook.Store
	people *person.Store // for the names of those who loaded and decided
}

// Routes returns the pages.
func Routes(store *codebook.Store, people *person.Store) []web.Route {
	p := pages{store: store, people: people}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error, many ...string) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/codebook" + path, Permit: need, Handle: h, Many: many}
	}
	return []web.Route{
		r("GET", "", codebook.PermitSee, p.list),
		r("GET", "/{kind}/new", codebook.PermitDefine, p.newForm),
		r("POST", "/{kind}/new", codebook.PermitDefine, p.create),
		r("GET", "/{kind}/{id}", codebook.PermitSee, p.one),
		r("GET", "/{kind}/{id}/change", codebook.PermitDefine, p.changeForm),
		r("POST", "/{kind}/{id}/change", codebook.PermitDefine, p.change),
		r("GET", "/score/{id}/load/{load}", codebook.PermitSee, p.load),
		r("POST", "/score/{id}/load/{load}/approve", codebook.PermitApprove, p.approve),
		r("POST", "/score/{id}/load/{load}/refuse", codebook.PermitApprove, p.refuse),
	}
}

func onePath(v *web.Visit, k codebook.Kind, id codebook.ID, below ...any) string {
	return v.Path(append([]any{"field", "codebook", string(k), int64(id)}, below...)...)
}

func crumbs(v *web.Visit, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Title: v.T.T("Questions and codes"), Href: v.Path("field", "codebook")}}, more...)
}

func kindCrumb(v *web.Visit, k codebook.Kind) web.Crumb {
	return web.Crumb{Title: plural(v.T, k), Href: v.Path("field", "codebook") + "?kind=" + string(k)}
}
