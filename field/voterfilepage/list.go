package voterfilepage

import (
	"net/http"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// oneFile is a voter file with its imports, the newest first.
type oneFile struct {
	voterfile.File
	imports []voterfile.Import
}

// last returns the import the people here come from.
func (f oneFile) last() (voterfile.Import, bool) {
	i := slices.IndexFunc(f.imports, func(i voterfile.Import) bool { return i.State == voterfile.StateLoaded })
	if i < 0 {
		return voterfile.Import{}, false
	}
	return f.imports[i], true
}

func (p pages) list(v *web.Visit) error {
	files, err := p.store.Files(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	all := make([]oneFile, len(files))
	for i, f := range files {
		imports, err := p.store.Imports(v.R.Context(), v.Actor, f.ID)
		if err != nil {
			return err
		}
		all[i] = oneFile{File: f, imports: imports}
	}
	h := web.Head{Title: v.T.T("Voter file"), Facts: v.T.T("Your organization's files, as licensed from the state"), Current: navKey}
	if v.Actor.May(voterfile.PermitImport) && len(all) > 0 {
		h.Actions = newButton(v, web.Plain)
	}
	return v.Page(http.StatusOK, h, listPage(v, all))
}

// fileForm is the form that sets a voter file up.
type fileForm struct {
	name, layout, terms string
	wrong               fault.Inputs
}

func (p pages) newForm(v *web.Visit) error {
	return showNew(v, http.StatusOK, fileForm{layout: tell})
}

func showNew(v *web.Visit, status int, f fileForm) error {
	return v.Page(status, web.Head{Title: v.T.T("Set up a voter file"), Crumbs: crumbs(v), Current: navKey}, newPage(v, f))
}

func (p pages) create(v *web.Visit) error {
	f := fileForm{name: v.Value("name"), layout: v.Value("layout"), terms: v.Value("terms")}
	n := voterfile.File{Name: f.name, Layout: layout.ID(f.layout), Terms: f.terms}
	if f.layout == tell {
		n.Layout = layout.Generic // until the first file says otherwise
	}
	id, err := p.store.Create(v.R.Context(), v.Actor, n)
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return showNew(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path("field", "voterfile", int64(id), "import"))
}

// newOptions are layoutOptions for a file that nobody has seen yet.
func newOptions(v *web.Visit, chosen string) []web.Option {
	first := web.Option{Value: tell, Label: v.T.T("Look at the first file"), Hint: v.T.T("We tell the state by the columns; you can choose another layout before anything is loaded"), Chosen: chosen == tell}
	return append([]web.Option{first}, layoutOptions(v, chosen)...)
}

// layoutOptions are the layouts to choose from.
func layoutOptions(v *web.Visit, chosen string) []web.Option {
	var all []web.Option
	for _, id := range layout.All() {
		o := web.Option{Value: string(id), Label: id.Title(), Chosen: string(id) == chosen}
		if id == layout.Generic {
			o.Label = v.T.T("Another state, or a file of our own")
			o.Hint = v.T.T("You say what each column is, once")
		}
		all = append(all, o)
	}
	return all
}

// fileView is what the page of one voter file shows.
type fileView struct {
	oneFile
	grants   []voterfile.Grant
	partners []org.Org
	wrong    fault.Inputs
}

func (f fileView) partner(id org.ID) string {
	for _, o := range f.partners {
		if o.ID == id {
			return o.Name
		}
	}
	return ""
}

func (p pages) file(v *web.Visit) error { return p.showFile(v, http.StatusOK, nil) }

func (p pages) showFile(v *web.Visit, status int, wrong fault.Inputs) error {
	ctx := v.R.Context()
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return err
	}
	f := fileView{wrong: wrong}
	if f.File, err = p.store.File(ctx, v.Actor, id); err != nil {
		return err
	}
	if f.imports, err = p.store.Imports(ctx, v.Actor, id); err != nil {
		return err
	}
	if f.grants, err = p.store.Grants(ctx, v.Actor, id); err != nil {
		return err
	}
	if v.Actor.May(voterfile.PermitShare) {
		if f.partners, err = p.orgs.Below(ctx, v.Actor); err != nil {
			return err
		}
	}
	h := web.Head{Title: f.Name, Facts: fileFacts(v, f.oneFile), Crumbs: crumbs(v), Current: navKey}
	if v.Actor.May(voterfile.PermitImport) {
		h.Actions = importButton(v, f.ID, web.Go)
	}
	return v.Page(status, h, filePage(v, f))
}

func fileFacts(v *web.Visit, f oneFile) string {
	facts := f.Layout.Title()
	if f.Layout == layout.Generic {
		facts = v.T.T("Own mapping")
	}
	if last, ok := f.last(); ok {
		facts += " · " + v.T.T("file of %s", day(v.T, last.FileDate))
	}
	return facts
}

func (p pages) share(v *web.Visit) error {
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return err
	}
	with, err := p.partnerOf(v)
	var until time.Time
	if err == nil {
		if until, err = p.orgs.ParseUntil(v.Value("until")); err != nil && !until.After(v.Now) { // its own words are for members
			err = fault.Inputs{{Name: "until", Err: fault.Invalidf("Say until when the voter file is shared: a day in the future.")}}
		}
	}
	if err == nil {
		err = p.store.Share(v.R.Context(), v.Actor, id, with, v.Value("terms"), until)
	}
	if in, ok := web.Inputs(err); ok {
		return p.showFile(v, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path("field", "voterfile", int64(id)))
}

// partnerOf returns the chosen partner: one below the actor's own organisation, nobody else's.
func (p pages) partnerOf(v *web.Visit) (org.ID, error) {
	below, err := p.orgs.Below(v.R.Context(), v.Actor)
	if err != nil {
		return 0, err
	}
	for _, o := range below {
		if v.Value("partner") == idText(o.ID) {
			return o.ID, nil
		}
	}
	return 0, fault.Inputs{{Name: "partner", Err: fault.Invalidf("Choose the partner organization to share with.")}}
}

func (p pages) unshare(v *web.Visit) error {
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return err
	}
	grants, err := p.store.Grants(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if v.Value("partner") != idText(g.Org) {
			continue
		}
		if err := p.store.Unshare(v.R.Context(), v.Actor, id, g.Org); err != nil {
			return err
		}
	}
	return v.Redirect(v.Path("field", "voterfile", int64(id)))
}

// day writes a file's date for people.
func day(t words.Translator, d layout.Date) string {
	if d == 0 {
		return "–"
	}
	return t.Day(d.Year(), time.Month(d.Month()), d.Day())
}
