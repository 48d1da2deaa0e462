package turfpage

import (
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// allMaps is what the page of all maps shows.
type allMaps struct {
	maps     []turfstore.Map
	hidden   int64
	folders  []org.Reached
	folder   string // "" all, "0" in none, else an id
	text     string
	archived bool
	pages    web.Pages
}

// regions are the maps by region, those without one last.
func (a allMaps) regions() (all []string) {
	all = turfstore.Regions(a.maps)
	for _, m := range a.maps {
		if m.Region == "" {
			return append(all, "")
		}
	}
	return all
}

func (a allMaps) of(region string) (all []turfstore.Map) {
	for _, m := range a.maps {
		if m.Region == region {
			all = append(all, m)
		}
	}
	return all
}

func (p pages) maps(v *web.Visit) error {
	ctx := v.R.Context()
	a := allMaps{folder: v.Value("folder"), text: v.Value("q"), archived: v.Value("archived") != ""}
	find := turfstore.Find{Text: a.text, Archived: a.archived}
	if n, err := strconv.ParseInt(a.folder, 10, 64); err == nil {
		id := org.FolderID(n)
		find.Folder = &id
	}
	var err error
	if a.maps, a.hidden, err = p.Turfs.Maps(ctx, v.Actor, find); err != nil {
		return err
	}
	a.maps, a.pages = onePage(v, a.maps, perMaps)
	if a.folders, err = p.folders(v); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Turf"), Facts: v.T.T("Doors of a list, cut so that one person walks each piece in one go"), Current: navKey}
	if v.Actor.May(turfstore.PermitCut) {
		h.Actions = web.LinkButton(web.Action{Label: v.T.T("Cut turf"), Kind: web.Go, Icon: "plus", Href: v.Path("field", "turf", "new")})
	}
	return v.Page(http.StatusOK, h, mapsPage(v, a))
}

// folders are those of the own organisation that the reader sees.
func (p pages) folders(v *web.Visit) (own []org.Reached, err error) {
	all, err := p.Orgs.Reach(v.R.Context(), v.Actor)
	for _, f := range all {
		if f.Org == v.Actor.Org() {
			own = append(own, f)
		}
	}
	return own, err
}

// mapForm is the form of a new map, and of what is said about one.
type mapForm struct {
	turfstore.About
	id      turfstore.MapID // 0: a new one
	list    liststore.ListID
	saved   []liststore.Saved // to choose from
	folders []org.Reached
	scripts []scriptstore.Script
	regions []string
	target  string
	by      turf.By
	divide  bool
	wrong   fault.Inputs
}

func (p pages) newMap(v *web.Visit) error {
	f := mapForm{target: "45", by: turf.ByDoors}
	if n, err := strconv.ParseInt(v.Value("list"), 10, 64); err == nil {
		f.list = liststore.ListID(n)
	}
	return p.showForm(v, http.StatusOK, f)
}

func (p pages) load(v *web.Visit, f *mapForm) error {
	ctx := v.R.Context()
	found, err := p.Lists.Lists(ctx, v.Actor, liststore.Find{})
	if err != nil {
		return err
	}
	f.saved = found.Lists
	if f.folders, err = p.folders(v); err != nil {
		return err
	}
	if f.scripts, err = p.Scripts.Offered(ctx, v.Actor, person.ByDoor); err != nil {
		return err
	}
	maps, _, err := p.Turfs.Maps(ctx, v.Actor, turfstore.Find{})
	f.regions = turfstore.Regions(maps)
	return err
}

func (p pages) showForm(v *web.Visit, status int, f mapForm) error {
	if err := p.load(v, &f); err != nil {
		return err
	}
	for _, l := range f.saved {
		if l.ID == f.list && f.Name == "" && f.wrong == nil {
			f.Name = l.Name
		}
	}
	return v.Page(status, web.Head{Title: v.T.T("Cut turf"), Crumbs: crumbs(v), Current: navKey}, newPage(v, f))
}

// readAbout takes what is said about a map out of a form.
func readAbout(v *web.Visit) (f mapForm) {
	f.Name, f.Region = v.Value("name"), v.Value("region")
	if n, err := strconv.ParseInt(v.Value("folder"), 10, 64); err == nil {
		f.Folder = org.FolderID(n)
	}
	if n, err := strconv.ParseInt(v.Value("script"), 10, 64); err == nil {
		f.Script = n
	}
	return f
}

// knownScript refuses a script that is not offered to the reader.
func (p pages) knownScript(v *web.Visit, id int64) error {
	if id == 0 {
		return nil
	}
	all, err := p.Scripts.Offered(v.R.Context(), v.Actor, person.ByDoor)
	if err != nil {
		return err
	}
	for _, s := range all {
		if int64(s.ID) == id {
			return nil
		}
	}
	return fault.Inputs{{Name: "script", Err: fault.Invalidf("Choose a script of the list.")}}
}

func (p pages) make(v *web.Visit) error {
	f := readAbout(v)
	f.target, f.by, f.divide = v.Value("target"), turf.By(v.Value("by")), v.Value("divide") != ""
	if n, err := strconv.ParseInt(v.Value("list"), 10, 64); err == nil {
		f.list = liststore.ListID(n)
	}
	target, err := strconv.Atoi(f.target)
	switch {
	case err != nil:
		err = fault.Inputs{{Name: "target", Err: fault.Invalidf("Give the size of a turf as a number.")}}
	case f.list == 0:
		err = fault.Inputs{{Name: "list", Err: fault.Invalidf("Choose a list.")}}
	default:
		err = p.knownScript(v, f.Script)
	}
	var m turfstore.Map
	if err == nil {
		m, err = p.Turfs.Make(v.R.Context(), v.Actor, f.list, f.About, turfstore.Wish{Rules: turf.Rules{Target: target, By: f.by}, Divide: f.divide})
	}
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showForm(v, http.StatusUnprocessableEntity, f)
	}
	if k := fault.As(err); k != nil && k.Kind == fault.Invalid { // about the whole list
		f.wrong = fault.Inputs{{Name: "list", Err: k}}
		return p.showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(path(v, m.ID))
}

func (p pages) about(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	return p.showAbout(v, http.StatusOK, m, mapForm{About: turfstore.About{Name: m.Name, Region: m.Region, Folder: m.Folder, Script: m.Script}})
}

func (p pages) showAbout(v *web.Visit, status int, m turfstore.Map, f mapForm) error {
	f.id = m.ID
	if err := p.load(v, &f); err != nil {
		return err
	}
	return v.Page(status, web.Head{Title: v.T.T("About this map"), Crumbs: mapCrumbs(v, m), Current: navKey}, aboutPage(v, m, f))
}

func (p pages) rename(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	f := readAbout(v)
	if err = p.knownScript(v, f.Script); err == nil || f.Script == m.Script {
		err = p.Turfs.Rename(v.R.Context(), v.Actor, m.ID, f.About)
	}
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showAbout(v, http.StatusUnprocessableEntity, m, f)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(path(v, m.ID), "The map is changed.")
}

func (p pages) archive(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	if err := p.Turfs.Archive(v.R.Context(), v.Actor, m.ID); err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "turf"), "The map is put away. What was recorded with it stays.")
}

func (p pages) mapOf(v *web.Visit) (turfstore.Map, error) {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return turfstore.Map{}, err
	}
	return p.Turfs.Map(v.R.Context(), v.Actor, id)
}

// mostLeft is how many doors that were left out are listed.
const mostLeft = 500

func (p pages) left(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	all, err := p.Turfs.LeftDoors(v.R.Context(), v.Actor, m.ID)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Doors that could not be cut in"), Facts: v.T.N(int64(len(all)), "%s door of the list is on no turf", "%s doors of the list are on no turf"), Crumbs: mapCrumbs(v, m), Current: navKey}
	return v.Page(http.StatusOK, h, leftPage(v, m, all[:min(len(all), mostLeft)], len(all)))
}
