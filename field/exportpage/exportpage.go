// Package exportpage is how people of a list leave: asked for with a purpose, approved by another person where they are many, and downloaded.
package exportpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav returns the pages' place in the side navigation; beside it stands how many exports wait for the reader's decision.
func Nav(exports *export.Store) []web.NavGroup {
	return []web.NavGroup{{Area: "field", Title: "Prepare", Items: []web.NavItem{
		{Key: navKey, Title: "Exports", Icon: "download", Path: "field/export", Permit: export.PermitMake, Count: exports.Waiting},
	}}}
}

const navKey = "export"

type pages struct {
	exports *export.Store
	lists   *liststore.Store
}

// Routes returns the pages of exports.
func Routes(exports *export.Store, lists *liststore.Store) []web.Route {
	p := pages{exports: exports, lists: lists}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/export" + path, Permit: need, Handle: h, Many: many}
	}
	return []web.Route{
		r("GET", "", export.PermitMake, p.list),
		r("GET", "/new", export.PermitMake, p.newForm),
		r("POST", "/new", export.PermitMake, p.again),
		r("POST", "", export.PermitMake, p.ask),
		r("GET", "/limit", export.PermitLimit, p.limits),
		r("POST", "/limit", export.PermitLimit, p.setLimits),
		r("GET", "/{id}", export.PermitMake, p.show),
		r("POST", "/{id}/file", export.PermitMake, p.file),
		r("POST", "/{id}/approve", export.PermitApprove, p.approve),
		r("POST", "/{id}/refuse", export.PermitApprove, p.refuse),
	}
}

// many are the groups of checkboxes of the form.
var many = []string{"columns", "results", "questions", "codes"}

func crumbs(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("Exports"), Href: v.Path("field", "export")}}
}

func path(v *web.Visit, e export.ID, below ...any) string {
	return v.Path(append([]any{"field", "export", int64(e)}, below...)...)
}
