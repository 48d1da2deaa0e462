// Package turfpage is where the doors of a list are cut into turfs on a map, handed out, recalled and printed.
package turfpage

import (
	_ "embed"
	"fmt"
	"strconv"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

const navKey = "turf"

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Reach", Items: []web.NavItem{
	{Key: navKey, Title: "Turf", Icon: "map", Path: "field/turf", Permit: turfstore.PermitSee},
}}}

// Config is what the pages stand on.
type Config struct {
	Turfs   *turfstore.Store
	Lists   *liststore.Store
	Orgs    *org.Orgs
	Scripts *scriptstore.Store
	Origin  string // where phones find the site
	Places  *place.Store
	DB      db.Reader      // to read scripts
	Words   *words.Catalog // for paper in another language than the reader's
}

type pages struct{ Config }

// Routes returns the pages of turf.
func Routes(c Config) []web.Route {
	p := pages{c}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/turf" + path, Permit: need, Handle: h, Many: []string{"turf", "handout"}}
	}
	return []web.Route{
		r("GET", "", turfstore.PermitSee, p.maps),
		r("GET", "/new", turfstore.PermitCut, p.newMap),
		r("POST", "", turfstore.PermitCut, p.make),
		r("GET", "/{id}", turfstore.PermitSee, p.cut),
		r("GET", "/{id}/plan", turfstore.PermitSee, p.plan),
		r("GET", "/{id}/find", turfstore.PermitSee, p.find),
		r("GET", "/{id}/walk/{turf}", turfstore.PermitSee, p.walk),
		r("POST", "/{id}/try", turfstore.PermitCut, p.try),
		r("POST", "/{id}/edit", turfstore.PermitCut, p.edit),
		r("POST", "/{id}/save", turfstore.PermitCut, p.save),
		r("GET", "/{id}/left", turfstore.PermitSee, p.left),
		r("GET", "/{id}/about", turfstore.PermitCut, p.about),
		r("POST", "/{id}/about", turfstore.PermitCut, p.rename),
		r("POST", "/{id}/archive", turfstore.PermitCut, p.archive),
		r("GET", "/{id}/give", turfstore.PermitGive, p.giveForm),
		r("POST", "/{id}/give", turfstore.PermitGive, p.give),
		r("POST", "/{id}/recall", turfstore.PermitGive, p.recall),
		r("GET", "/{id}/handout", turfstore.PermitSee, p.handouts),
		r("GET", "/{id}/number", turfstore.PermitGive, p.numbers),
		r("POST", "/{id}/paper", turfstore.PermitGive, p.paper),
	}
}

func crumbs(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("Turf"), Href: v.Path("field", "turf")}}
}

func mapCrumbs(v *web.Visit, m turfstore.Map) []web.Crumb {
	return append(crumbs(v), web.Crumb{Title: m.Name, Href: path(v, m.ID)})
}

func path(v *web.Visit, id turfstore.MapID, below ...any) string {
	return v.Path(append([]any{"field", "turf", int64(id)}, below...)...)
}

func idText[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

// turfName is what a turf is called that nobody named.
func turfName(v *web.Visit) func(int) string {
	return func(n int) string { return v.T.T("Turf %s", fmt.Sprint(n)) }
}
