// Package voterfilepage is the import of a voter file in the browser: choose the files, say what the columns are, rehearse, load, share.
package voterfilepage

import (
	_ "embed"
	"net/url"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Title: "Prepare", Items: []web.NavItem{
	{Key: navKey, Title: "Voter file", Icon: "upload", Path: "field/voterfile", Permit: voterfile.PermitSee},
}}}

const navKey = "voterfile"

// uploadBytes is the most that one upload may hold: some states' files are larger than what a browser sends
// well, and go in at the command line.
const uploadBytes = 32 << 30

type pages struct {
	store *voterfile.Store
	run   *voterfile.Runner
	orgs  *org.Orgs
	looks *web.Shelf[url.Values] // columns as said, on their way to the page that shows them
}

// Routes returns the pages of voter files.
func Routes(store *voterfile.Store, run *voterfile.Runner, orgs *org.Orgs) []web.Route {
	p := pages{store: store, run: run, orgs: orgs, looks: &web.Shelf[url.Values]{}}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/voterfile" + path, Permit: need, Handle: h}
	}
	upload := r("POST", "/{id}/import", voterfile.PermitImport, p.receive)
	upload.Body = uploadBytes
	return []web.Route{
		r("GET", "", voterfile.PermitSee, p.list),
		r("GET", "/new", voterfile.PermitImport, p.newForm),
		r("POST", "/new", voterfile.PermitImport, p.create),
		r("GET", "/{id}", voterfile.PermitSee, p.file),
		r("GET", "/{id}/edit", voterfile.PermitEdit, p.editForm),
		r("POST", "/{id}/edit", voterfile.PermitEdit, p.edit),
		r("POST", "/{id}/share", voterfile.PermitShare, p.share),
		r("POST", "/{id}/unshare", voterfile.PermitShare, p.unshare),
		r("GET", "/{id}/import", voterfile.PermitImport, p.choose),
		upload,
		r("GET", "/{id}/import/{import}/report", voterfile.PermitSee, p.show),
		r("GET", "/{id}/import/{import}/live", voterfile.PermitSee, p.live),
		r("GET", "/{id}/import/{import}/layout", voterfile.PermitImport, p.layoutForm),
		r("POST", "/{id}/import/{import}/layout", voterfile.PermitImport, p.chooseLayout),
		r("GET", "/{id}/import/{import}/columns", voterfile.PermitImport, p.columns),
		r("POST", "/{id}/import/{import}/columns", voterfile.PermitImport, p.saveColumns),
		r("POST", "/{id}/import/{import}/rehearse", voterfile.PermitImport, p.rehearse),
		r("POST", "/{id}/import/{import}/load", voterfile.PermitImport, p.load),
		r("POST", "/{id}/import/{import}/stop", voterfile.PermitImport, p.stop),
		r("GET", "/{id}/import/{import}/refusals.csv", voterfile.PermitImport, p.refusals),
	}
}

// importPath is the address of an import, or of something below it.
func importPath(v *web.Visit, file voterfile.FileID, id voterfile.ImportID, below ...any) string {
	return v.Path(append([]any{"field", "voterfile", int64(file), "import", int64(id)}, below...)...)
}

func crumbs(v *web.Visit, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Title: v.T.T("Voter file"), Href: v.Path("field", "voterfile")}}, more...)
}

func fileCrumb(v *web.Visit, f voterfile.File) web.Crumb {
	return web.Crumb{Title: f.Name, Href: v.Path("field", "voterfile", int64(f.ID))}
}
