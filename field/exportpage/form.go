package exportpage

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// form is the form that asks for an export.
type form struct {
	export.Request
	saved    liststore.Saved // the list, where it comes from one
	criteria string          // JSON
	format   string          // a name to keep the columns under
	offer    export.Offer
	columns  []export.Column
	formats  []export.Format
	catalog  *list.Catalog
	wrong    fault.Inputs
}

// newForm begins with a saved list. Without one there is nothing to export yet.
func (p pages) newForm(v *web.Visit) error {
	if err := v.Actor.Must(export.PermitMake); err != nil {
		return err
	}
	if v.Value("list") == "" {
		return v.Redirect(v.Path("field", "list"))
	}
	f := form{}
	if err := p.read(v, &f); err != nil {
		return err
	}
	f.Form, f.Columns = export.CSV, export.UsualColumns
	f.Sheet.Results = []contact.Result{contact.NotHome, contact.Refused, contact.Moved}
	return p.showForm(v, http.StatusOK, f)
}

// again shows the form with what was sent: from the list builder, or to choose the columns of a saved format.
func (p pages) again(v *web.Visit) error {
	f := form{}
	if err := p.read(v, &f); err != nil {
		return err
	}
	if f.Form == "" {
		f.Form, f.Columns = export.CSV, export.UsualColumns
		f.Sheet.Results = []contact.Result{contact.NotHome, contact.Refused, contact.Moved}
	}
	if id, err := strconv.ParseInt(v.Value("drop"), 10, 64); err == nil {
		if err := p.exports.DropFormat(v.R.Context(), v.Actor, export.FormatID(id)); err != nil {
			return err
		}
	}
	if err := p.load(v, &f); err != nil {
		return err
	}
	for _, x := range f.formats {
		if v.Value("use") == idText(x.ID) {
			f.Columns, f.Form = x.Columns, x.Form
		}
	}
	return p.showForm(v, http.StatusOK, f)
}

// ask asks for the export.
func (p pages) ask(v *web.Visit) error {
	f := form{}
	if err := p.read(v, &f); err != nil {
		return err
	}
	e, err := p.exports.Ask(v.R.Context(), v.Actor, f.Request)
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if f.format != "" && f.Form.Table() {
		if _, err := p.exports.SaveFormat(v.R.Context(), v.Actor, f.format, f.Form, f.Columns); err != nil {
			return err
		}
	}
	return v.Redirect(path(v, e.ID))
}

// read takes the form apart.
func (p pages) read(v *web.Visit, f *form) error {
	f.Lang = v.T.Lang
	if id, err := strconv.ParseInt(v.Value("list"), 10, 64); err == nil && id > 0 {
		saved, err := p.lists.List(v.R.Context(), v.Actor, liststore.ListID(id))
		if err != nil {
			return err
		}
		f.saved, f.List = saved, saved.ID
		f.Ask = saved.Ask
		if saved.Kind == liststore.Frozen { // its people, not whoever meets the criteria now
			f.Criteria = liststore.Of(saved.ID)
		}
	} else {
		id, err := strconv.ParseInt(v.Value("file"), 10, 64)
		if err != nil {
			return fault.Invalidf("Say which people to export: build a list first.")
		}
		f.File = voterfile.FileID(id)
		if f.Criteria, err = list.Parse([]byte(v.Value("criteria"))); err != nil {
			return err
		}
		f.criteria = v.Value("criteria")
		f.Dropped, f.Minors = v.Value("dropped") == "1", v.Value("minors") == "1"
	}
	if v.R.Form.Has("channel") {
		f.Channel = liststore.Channel(v.Value("channel"))
	}
	f.Form = export.Form(v.Value("form"))
	f.Columns = v.Values("columns")
	if v.Value("order") == "name" {
		f.Order = liststore.ByName
	}
	f.Purpose, f.format = v.Value("purpose"), v.Value("format")
	f.Sheet = export.Sheet{Title: v.Value("title"), Household: v.Value("household") != "", Scan: v.Value("scan") != "",
		Questions: numbers(v.Values("questions")), Codes: numbers(v.Values("codes"))}
	for _, r := range v.Values("results") {
		f.Sheet.Results = append(f.Sheet.Results, contact.Result(r))
	}
	return nil
}

func numbers(all []string) (out []int64) {
	for _, s := range all {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// load reads what the form offers.
func (p pages) load(v *web.Visit, f *form) (err error) {
	ctx := v.R.Context()
	if f.columns, err = p.exports.Columns(ctx, v.Actor, f.File); err != nil {
		return err
	}
	if f.formats, err = p.exports.Formats(ctx, v.Actor); err != nil {
		return err
	}
	f.catalog, err = p.lists.Defined(ctx, v.Actor, f.File)
	return err
}

func (p pages) showForm(v *web.Visit, status int, f form) error {
	if err := p.load(v, &f); err != nil {
		return err
	}
	var err error
	if f.offer, err = p.exports.Offer(v.R.Context(), v.Actor, f.Request); err != nil {
		return err
	}
	title := v.T.T("Export people")
	if f.saved.Name != "" {
		title = v.T.T("Export “%s”", f.saved.Name)
	}
	return v.Page(status, web.Head{Title: title, Crumbs: crumbs(v), Current: navKey}, formPage(v, f))
}

func (f form) err(name string) *fault.Error {
	for _, w := range f.wrong {
		if w.Name == name {
			return w.Err
		}
	}
	return nil
}

func (f form) forms(t words.Translator) (all []web.Option) {
	for _, x := range export.Forms() {
		all = append(all, web.Option{Value: string(x), Label: t.T(x.Name()), Hint: formHint(t, x), Chosen: x == f.Form})
	}
	return all
}

func formHint(t words.Translator, x export.Form) string {
	switch x {
	case export.CSV:
		return t.T("Every program reads it")
	case export.XLSX:
		return t.T("Opens in a spreadsheet program")
	case export.Walk:
		return t.T("Street by street, door by door, with boxes to tick. Only people who have a door to find.")
	case export.Calls:
		return t.T("With phone numbers and boxes to tick. Only people who have a number.")
	}
	return t.T("30 on a sheet, Avery 5160 and the like. Only people whom mail reaches.")
}

func (f form) channels(t words.Translator) []web.Option {
	all := []web.Option{{Value: "", Label: t.T("Not at all: this is for counting or matching"), Chosen: f.Channel == liststore.NoContact}}
	for _, c := range person.Channels() {
		all = append(all, web.Option{Value: string(c), Label: channelWord(t, c), Hint: t.T(liststore.WithoutSentence(c)), Chosen: f.Channel == c})
	}
	return all
}

func channelWord(t words.Translator, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return t.T("At the door")
	case person.ByCall:
		return t.T("By phone call")
	case person.ByText:
		return t.T("By text message")
	case person.ByMail:
		return t.T("By mail")
	}
	return t.T("By email")
}

// group is the columns of one group.
type group struct {
	title   string
	options []web.Option
	chosen  int
}

func (f form) groups(t words.Translator) (all []group) {
	for _, name := range export.Groups() {
		g := group{title: t.T(name)}
		for _, c := range f.columns {
			if c.Group != name {
				continue
			}
			o := web.Option{Value: c.Key, Label: c.Label(t), Chosen: slices.Contains(f.Columns, c.Key)}
			if o.Chosen {
				g.chosen++
			}
			g.options = append(g.options, o)
		}
		if len(g.options) > 0 {
			all = append(all, g)
		}
	}
	return all
}

func (f form) results(t words.Translator) (all []web.Option) {
	for _, m := range contact.Meanings() {
		if slices.Contains(m.Channels, person.ByDoor) || slices.Contains(m.Channels, person.ByCall) {
			all = append(all, web.Option{Value: string(m.Result), Label: t.T(m.Name), Chosen: slices.Contains(f.Sheet.Results, m.Result)})
		}
	}
	return all
}

func (f form) questions() (all []web.Option) {
	for id, q := range f.catalog.Questions {
		all = append(all, web.Option{Value: strconv.FormatInt(id, 10), Label: q.Name, Chosen: slices.Contains(f.Sheet.Questions, id)})
	}
	return byLabel(all)
}

func (f form) codes() (all []web.Option) {
	for id, c := range f.catalog.Codes {
		all = append(all, web.Option{Value: strconv.FormatInt(id, 10), Label: c.Name, Chosen: slices.Contains(f.Sheet.Codes, id)})
	}
	return byLabel(all)
}

func (f form) orders(t words.Translator) []web.Option {
	return []web.Option{{Value: "walk", Label: t.T("Street by street"), Chosen: f.Order != liststore.ByName}, {Value: "name", Label: t.T("By name"), Chosen: f.Order == liststore.ByName}}
}
