// Package scriptpage is where scripts are written, tried out as a canvasser would meet them, published and compared.
package scriptpage

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Prepare", Items: []web.NavItem{
	{Key: navKey, Title: "Scripts", Icon: "text", Path: "field/script", Permit: scriptstore.PermitSee},
}}}

const navKey = "script"

type pages struct {
	store  *scriptstore.Store
	people *person.Store // for the names of those who published
	spoken *words.Catalog
}

// Routes returns the pages.
func Routes(store *scriptstore.Store, people *person.Store, spoken *words.Catalog) []web.Route {
	p := pages{store: store, people: people, spoken: spoken}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error, many ...string) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/script" + path, Permit: need, Handle: h, Many: many}
	}
	return []web.Route{
		r("GET", "", scriptstore.PermitSee, p.list),
		r("GET", "/new", scriptstore.PermitWrite, p.newForm),
		r("POST", "/new", scriptstore.PermitWrite, p.create, "languages"),
		r("GET", "/{id}", scriptstore.PermitSee, p.show),
		r("GET", "/{id}/version/{version}", scriptstore.PermitSee, p.showVersion),
		r("POST", "/{id}/version/{version}/restore", scriptstore.PermitWrite, p.restore),
		r("GET", "/{id}/change", scriptstore.PermitWrite, p.changeForm),
		r("POST", "/{id}/change", scriptstore.PermitWrite, p.change),
		r("POST", "/{id}/share", scriptstore.PermitWrite, p.share),
		r("GET", "/{id}/write", scriptstore.PermitWrite, p.writeForm),
		r("POST", "/{id}/write", scriptstore.PermitWrite, p.write, "codes", "when", "languages"),
	}
}

// in returns who speaks a script's language: of what the site says itself there is English and Spanish.
func (p pages) in(lang string) words.Translator {
	l, _ := words.ParseLang(lang)
	return p.spoken.In(l)
}

func path(v *web.Visit, id scriptstore.ID, below ...any) string {
	return v.Path(append([]any{"field", "script", int64(id)}, below...)...)
}

func versionPath(v *web.Visit, id scriptstore.ID, n int64) string {
	return path(v, id, "version", n)
}

func crumbs(v *web.Visit, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Title: v.T.T("Scripts"), Href: v.Path("field", "script")}}, more...)
}

func scriptCrumb(v *web.Visit, x scriptstore.Script) web.Crumb {
	return web.Crumb{Title: x.Name, Href: path(v, x.ID)}
}

// asked returns the script that the address names.
func (p pages) asked(v *web.Visit) (scriptstore.Script, error) {
	id, err := web.ID[scriptstore.ID](v, "id")
	if err != nil {
		return scriptstore.Script{}, err
	}
	return p.store.Script(v.R.Context(), v.Actor, id)
}

// own reports whether the reader may write in x.
func own(v *web.Visit, x scriptstore.Script) bool {
	return x.Org == int64(v.Actor.Org()) && v.Actor.May(scriptstore.PermitWrite)
}

func langNames(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = script.LanguageName(c)
	}
	return strings.Join(names, ", ")
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
