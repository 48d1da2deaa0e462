package listpage

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

func crumbs(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("Lists"), Href: v.Path("field", "list")}}
}

// allLists is what the page of all lists shows.
type allLists struct {
	found   liststore.Found
	folders []org.Reached
	folder  string // "" all, "0" one's own, else an id
	text    string
	files   []liststore.File
	pages   web.Pages
}

// perList is how many lists stand on one page.
const perList = 50

func (p pages) all(v *web.Visit) error {
	ctx := v.R.Context()
	a := allLists{folder: v.Value("folder"), text: v.Value("q")}
	find := liststore.Find{Text: a.text}
	if n, err := strconv.ParseInt(a.folder, 10, 64); err == nil {
		id := org.FolderID(n)
		find.Folder = &id
	}
	var err error
	if a.found, err = p.lists.Lists(ctx, v.Actor, find); err != nil {
		return err
	}
	if a.folders, err = p.lists.Folders(ctx, v.Actor); err != nil {
		return err
	}
	if a.files, err = p.lists.Files(ctx, v.Actor); err != nil {
		return err
	}
	from, _ := strconv.Atoi(v.Value("from"))
	a.page(v, max(from, 0))
	h := web.Head{Title: v.T.T("Lists"), Facts: v.T.T("Lists are people, chosen and kept as they were. Searches are asked anew."), Current: navKey}
	if len(a.files) > 0 {
		h.Actions = newButton(v, a.several())
	}
	return v.Page(http.StatusOK, h, listsPage(v, a))
}

// any reports whether there is something to look for, several whether there are two lists to compare.
func (a *allLists) any() bool     { return a.pages.Total > 0 || a.text != "" || a.folder != "" }
func (a *allLists) several() bool { return a.pages.Total > 1 || a.text != "" || a.folder != "" }

// page keeps one page of what was found.
func (a *allLists) page(v *web.Visit, from int) {
	total := len(a.found.Lists)
	from = min(from/perList*perList, total)
	to := min(from+perList, total)
	at := func(n int) string {
		q := url.Values{"from": {strconv.Itoa(n)}}
		for k, s := range map[string]string{"q": a.text, "folder": a.folder} {
			if s != "" {
				q.Set(k, s)
			}
		}
		return v.Path("field", "list") + "?" + q.Encode()
	}
	a.pages = web.Pages{From: int64(from) + 1, To: int64(to), Total: int64(total)}
	if from > 0 {
		a.pages.Prev = at(max(0, from-perList))
	}
	if to < total {
		a.pages.Next = at(to)
	}
	a.found.Lists = a.found.Lists[from:to]
}

// oneList is what the page about one list shows.
type oneList struct {
	liststore.Saved
	sentence string
	history  []liststore.Event
	folders  []folderChoice
	others   []liststore.Saved // lists it can be compared with
	exports  bool
	form     web.Field
	cat      *list.Catalog
	wrong    []string // why it cannot be asked any more
	users    []string // saved searches that use it
}

func (p pages) about(v *web.Visit) error { return p.showAbout(v, http.StatusOK, nil) }

// showAbout shows the page about a list; err is what was wrong with a form on it.
func (p pages) showAbout(v *web.Visit, status int, err error) error {
	in, _ := web.Inputs(err)
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	ctx := v.R.Context()
	o := oneList{Saved: l, exports: v.Actor.May(permitExport)}
	if o.cat, err = p.lists.Catalog(ctx, v.Actor, l.File, origin(l)); err != nil {
		return err
	}
	o.sentence = list.Plain(list.Sentence(origin(l), o.cat, v.T))
	if o.history, err = p.lists.History(ctx, v.Actor, l.ID); err != nil {
		return err
	}
	if o.folders, err = p.folders(v); err != nil {
		return err
	}
	found, err := p.lists.Lists(ctx, v.Actor, liststore.Find{File: l.File})
	if err != nil {
		return err
	}
	for _, x := range found.Lists {
		if x.ID != l.ID {
			o.others = append(o.others, x)
		}
		if x.Uses(l.ID) {
			o.users = append(o.users, v.T.T("“%s”", x.Name))
		}
	}
	if o.wrong, err = p.wrongNow(v, l); err != nil {
		return err
	}
	o.form = web.Field{Name: "name", Label: v.T.T("Name"), Value: l.Name, Err: in.For("name"), Required: true}
	if status != http.StatusOK {
		o.form.Value = v.Value("name")
	}
	h := web.Head{Title: l.Name, Facts: o.facts(v), Crumbs: crumbs(v), Current: navKey, Actions: aboutActions(v, o)}
	return v.Page(status, h, aboutPage(v, o))
}

// wrongNow says why a search cannot be asked as it stands, and the people of a list not be frozen anew: something that it uses was deleted, or the reader does
// not see it.
func (p pages) wrongNow(v *web.Visit, l liststore.Saved) ([]string, error) {
	if len(l.Criteria.Steps) == 0 || l.Kind == liststore.Frozen && !l.MayChange {
		return nil, nil
	}
	_, err := p.lists.Check(v.R.Context(), v.Actor, l.Ask)
	return refused(v, err)
}

// refused returns the sentences of what cannot be asked, and any other error as it is.
func refused(v *web.Visit, err error) (all []string, other error) {
	in, ok := problems(v, err)
	switch {
	case ok:
		for _, x := range in {
			all = append(all, web.Say(v.T, x.Err))
		}
		return all, nil
	case fault.KindOf(err) == fault.Invalid:
		return []string{web.Say(v.T, fault.As(err))}, nil
	}
	return nil, err
}

func (o oneList) facts(v *web.Visit) string {
	s := kindWord(v.T, o.Kind) + " · " + v.T.T("counted %s", v.T.Time(o.Counted))
	if o.OrgName != "" {
		s += " · " + o.OrgName
	}
	return s
}

// moments tells the history of a list, newest first.
func (o oneList) moments(v *web.Visit) []web.Moment {
	var all []web.Moment
	for _, e := range o.history {
		m := web.Moment{Tone: web.On, When: v.T.Time(e.At), ISO: e.At.UTC().Format("2006-01-02T15:04:05Z"), Title: eventTitle(v.T, e), Entry: e.Number}
		if e.Criteria != nil && len(e.Criteria.Steps) > 0 {
			m.Text = list.Plain(list.Sentence(*e.Criteria, o.cat, v.T))
		}
		if e.Origin != "" {
			m.Text = v.T.T("From the file %s", e.Origin)
		}
		all = append(all, m)
	}
	return all
}

func eventTitle(t words.Translator, e liststore.Event) string {
	var s string
	switch e.Kind {
	case liststore.KindSave:
		s = t.T("Saved by %s", e.ByName)
	case liststore.KindChange:
		s = t.T("Built anew by %s", e.ByName)
	case liststore.KindRename:
		s = t.T("Renamed by %s: %s", e.ByName, e.Name)
	case liststore.KindMove:
		s = t.T("Moved by %s", e.ByName)
	case liststore.KindRerun:
		s = t.T("Run again by %s", e.ByName)
	default:
		s = t.T("Deleted by %s", e.ByName)
	}
	if e.People >= 0 {
		s += " · " + t.N(e.People, "%s person", "%s people")
	}
	return s
}

func (p pages) rename(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	err = p.lists.Rename(v.R.Context(), v.Actor, l.ID, v.Value("name"))
	return p.after(v, l, err, "The name is changed.")
}

func (p pages) move(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	n, _ := strconv.ParseInt(v.Value("folder"), 10, 64)
	err = p.lists.Move(v.R.Context(), v.Actor, l.ID, org.FolderID(n))
	return p.after(v, l, err, "The list is moved. Whoever sees the folder sees it.")
}

func (p pages) rerun(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	_, err = p.lists.Rerun(v.R.Context(), v.Actor, l.ID)
	return p.after(v, l, err, "The list is counted anew.")
}

func (p pages) after(v *web.Visit, l liststore.Saved, err error, told string) error {
	if _, ok := problems(v, err); ok {
		return p.showAbout(v, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "list", int64(l.ID), "about"), told)
}

func (p pages) remove(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	if err := p.lists.Delete(v.R.Context(), v.Actor, l.ID); err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "list"), "The list is deleted.")
}

// comparison is two lists side by side.
type comparison struct {
	liststore.Compared
	all     []liststore.Saved
	a, b    int64
	done    bool
	faults  []string // why they cannot be compared
	part    string
	wrong   web.Field
	folders []folderChoice
}

func (p pages) compare(v *web.Visit) error { return p.showCompare(v, http.StatusOK, comparison{}, nil) }

func (p pages) showCompare(v *web.Visit, status int, c comparison, err error) error {
	in, _ := web.Inputs(err)
	c.wrong = web.Field{Name: "name", Label: v.T.T("Name of the list"), Value: v.Value("name"), Err: in.For("name"), Required: true, Class: "mid"}
	found, err := p.lists.Lists(v.R.Context(), v.Actor, liststore.Find{})
	if err != nil {
		return err
	}
	c.all = found.Lists
	c.a, _ = strconv.ParseInt(v.Value("a"), 10, 64)
	c.b, _ = strconv.ParseInt(v.Value("b"), 10, 64)
	if c.a > 0 && c.b > 0 && c.a != c.b {
		c.Compared, err = p.lists.Compare(v.R.Context(), v.Actor, liststore.ListID(c.a), liststore.ListID(c.b))
		if c.faults, err = refused(v, err); err != nil {
			return err
		}
		if c.done = len(c.faults) == 0; !c.done {
			status = http.StatusUnprocessableEntity
		}
	}
	if c.folders, err = p.folders(v); err != nil {
		return err
	}
	return v.Page(status, web.Head{Title: v.T.T("Compare two lists"), Crumbs: crumbs(v), Current: navKey}, comparePage(v, c))
}

// parts of a comparison.
const (
	partBoth  = "both"
	partOnlyA = "a"
	partOnlyB = "b"
)

// keepPart saves one part of a comparison as a list.
func (p pages) keepPart(v *web.Visit) error {
	a, _ := strconv.ParseInt(v.Value("a"), 10, 64)
	b, _ := strconv.ParseInt(v.Value("b"), 10, 64)
	x, y := liststore.ListID(a), liststore.ListID(b)
	first, err := p.lists.List(v.R.Context(), v.Actor, x)
	if err != nil {
		return err
	}
	criteria := liststore.InBoth(x, y)
	switch v.Value("part") {
	case partOnlyA:
		criteria = liststore.InOne(x, y)
	case partOnlyB:
		criteria = liststore.InOne(y, x)
	}
	folder, _ := strconv.ParseInt(v.Value("folder"), 10, 64)
	done, err := p.lists.Save(v.R.Context(), v.Actor, liststore.Save{Ask: liststore.Ask{File: first.File, Criteria: criteria}, Kind: liststore.Frozen, Name: v.Value("name"), Folder: org.FolderID(folder)})
	if _, ok := web.Inputs(err); ok {
		return p.showCompare(v, http.StatusUnprocessableEntity, comparison{part: v.Value("part")}, err)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "list", int64(done.ID), "about"), "The list is saved.")
}
