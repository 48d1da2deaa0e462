// Package listpage is where lists are described, counted while one clicks, saved, shared and compared.
package listpage

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

const (
	navKey                     = "list"
	permitExport permit.Permit = "field.export.make"
	permitTurf   permit.Permit = "field.turf.cut"
)

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Reach", Items: []web.NavItem{
	{Key: navKey, Title: "Lists", Icon: "list", Path: "field/list", Permit: liststore.PermitCount},
}}}

type pages struct {
	lists  *liststore.Store
	places *place.Store // nil: no maps
	shapes *precinctShapes
	names  *placeNames
	drafts *web.Shelf[state] // lists under construction: each has an address that says nothing about it
	wait   time.Duration     // how long a page that is opened waits for its numbers
}

// firstWait is pages.wait of a site.
const firstWait = time.Second

// Routes returns the pages of lists. Without places there are no maps.
func Routes(lists *liststore.Store, places *place.Store) []web.Route {
	return routes(lists, places, firstWait)
}

func routes(lists *liststore.Store, places *place.Store, wait time.Duration) []web.Route {
	p := pages{lists: lists, places: places, drafts: &web.Shelf[state]{}, wait: wait}
	if places != nil {
		p.shapes = &precinctShapes{of: map[string]stateShapes{}, made: func(ctx context.Context, state string) ([]place.Area, error) {
			return places.Areas(ctx, state, place.Precinct)
		}}
		p.names = &placeNames{of: map[string]stateNames{}, all: places.Areas}
	}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/list" + path, Permit: need, Handle: h, Many: many}
	}
	return []web.Route{
		r("GET", "", liststore.PermitCount, p.all),
		r("GET", "/new", liststore.PermitCount, p.newList),
		r("POST", "/new", liststore.PermitCount, p.build),
		r("POST", "/save", liststore.PermitSave, p.save),
		r("GET", "/compare", liststore.PermitCount, p.compare),
		r("POST", "/compare", liststore.PermitSave, p.keepPart),
		r("POST", "/tile", liststore.PermitCount, p.tile),
		r("GET", "/{id}", liststore.PermitCount, p.openList),
		r("POST", "/{id}", liststore.PermitCount, p.rebuild),
		r("GET", "/{id}/about", liststore.PermitCount, p.about),
		r("POST", "/{id}/rename", liststore.PermitSave, p.rename),
		r("POST", "/{id}/move", liststore.PermitSave, p.move),
		r("POST", "/{id}/rerun", liststore.PermitSave, p.rerun),
		r("POST", "/{id}/delete", liststore.PermitSave, p.remove),
	}
}

// turfPath is where the doors of a saved list are cut into turfs.
func turfPath(v *web.Visit, id liststore.ListID) string {
	return v.Path("field", "turf", "new") + "?list=" + strconv.FormatInt(int64(id), 10)
}
