// Package uploadpage loads what an organisation knows about people from a file: choose it, say what its columns are, look at what would happen, load.
package uploadpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Prepare", Items: []web.NavItem{
	{Key: navKey, Title: "Upload results", Icon: "upload", Path: "field/upload", Permit: upload.PermitLoad},
}}}

const navKey = "upload"

// uploadBytes is the most that one file may hold: exchange's own limit and the form around it.
const uploadBytes = 257 << 20

type pages struct {
	store    *upload.Store
	run      *upload.Runner
	codebook *codebook.Store
	people   *person.Store // for the names of those who loaded
}

// Routes returns the pages.
func Routes(store *upload.Store, run *upload.Runner, people *person.Store) []web.Route {
	p := pages{store: store, run: run, codebook: store.Codebook, people: people}
	r := func(method, path string, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/upload" + path, Permit: upload.PermitLoad, Handle: h}
	}
	receive := r("POST", "/new", p.receive)
	receive.Body = uploadBytes
	return []web.Route{
		r("GET", "", p.list),
		r("GET", "/new", p.choose),
		receive,
		r("GET", "/{id}", p.show),
		r("GET", "/{id}/columns", p.columns),
		r("POST", "/{id}/columns", p.saveColumns),
		r("POST", "/{id}/load", p.load),
		r("GET", "/{id}/troubles.csv", p.troubles),
		r("GET", "/{id}/refused.csv", p.refused),
	}
}

func uploadPath(v *web.Visit, id upload.ID, below ...any) string {
	return v.Path(append([]any{"field", "upload", int64(id)}, below...)...)
}

func crumbs(v *web.Visit, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Title: v.T.T("Upload results"), Href: v.Path("field", "upload")}}, more...)
}

// steps are the way of a file, with links to what is done.
func steps(v *web.Visit, id upload.ID) []web.Step {
	all := []web.Step{{Title: v.T.T("Choose the file")}, {Title: v.T.T("Match the columns")}, {Title: v.T.T("Look at the rehearsal")}, {Title: v.T.T("Loaded")}}
	if id != 0 {
		all[1].Href = uploadPath(v, id, "columns")
	}
	return all
}
