package listpage

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// partHeader is what the island asks with: the answer is the builder alone.
const partHeader = "X-Part"

// perPage is how many people the builder shows at a time.
const perPage = 8

var prefers = []list.Prefer{list.Oldest, list.Youngest, list.MostVotes, list.LastToSignUp}

func (p pages) newList(v *web.Visit) error {
	files, err := p.lists.Files(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return v.Page(http.StatusOK, web.Head{Title: v.T.T("Build a list"), Crumbs: crumbs(v), Current: navKey}, noFile(v))
	}
	if d, ok := p.drafts.Get(v, v.Value(draftKey)); ok && d.saved == nil {
		return p.show(v, d)
	}
	s := state{file: files[0].ID, open: opened, blocks: blocks(inTurf(v)), finds: v.R.Form, opening: true}
	if s.channel, err = channel(v.Value("channel")); err != nil {
		return err
	}
	for _, f := range files {
		if fmt.Sprint(int64(f.ID)) == v.Value("file") {
			s.file = f.ID
		}
	}
	return p.show(v, s)
}

// inTurf is the start of a list of whom the address names: "turf=7,8" or "map=3", as the pages of turf link to it. Ids in an address say nothing of anybody.
func inTurf(v *web.Visit) []list.Step {
	for key, param := range map[string]string{keyTurf: "turf", keyMap: "map"} {
		if which := ids(numbers(strings.Split(v.Value(param), ","))); len(which) > 0 {
			return []list.Step{{Do: list.Start, Where: choice(key, which)}}
		}
	}
	return nil
}

// build answers the builder's form: with the whole page, or with its main part for the island.
func (p pages) build(v *web.Visit) error {
	s, err := readState(v)
	if err != nil {
		in, ok := problems(v, err)
		if !ok {
			return err
		}
		return in
	}
	return p.answer(v, s)
}

// draftKey names the draft in an address: reloading, going back and the other language keep the list as far as it is.
const draftKey = "draft"

// answer keeps the draft and shows it: to a browser without script at its own address, so that reloading sends nothing again. People are shown at once and
// not kept, as each showing is recorded.
func (p pages) answer(v *web.Visit, s state) error {
	d := s
	d.people, d.wrong = false, nil
	token := p.drafts.Put(v, d)
	if v.R.Header.Get(partHeader) != "" || s.people || len(s.wrong) > 0 {
		s.draft = token
		return p.show(v, s)
	}
	at := v.Path("field", "list", "new")
	if s.saved != nil {
		at = v.Path("field", "list", int64(s.saved.ID))
	}
	return v.Redirect(at + "?" + draftKey + "=" + token)
}

func (p pages) openList(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	if d, ok := p.drafts.Get(v, v.Value(draftKey)); ok && d.saved != nil && d.saved.ID == l.ID {
		d.saved = &l
		return p.show(v, d)
	}
	s := state{saved: &l, file: l.File, channel: l.Channel, open: opened, blocks: blocks(origin(l).Steps), name: l.Name, finds: v.R.Form, opening: true}
	// Somebody else's list may ask what the reader may not: then the list itself is what one builds on.
	if _, err := p.lists.Check(v.R.Context(), v.Actor, s.ask()); err != nil {
		itself := s
		itself.blocks = blocks(liststore.Of(l.ID).Steps)
		if _, err := p.lists.Check(v.R.Context(), v.Actor, itself.ask()); err == nil {
			s = itself
		}
	}
	return p.show(v, s)
}

// origin is what a list was built from; of one that came from a file, the list itself.
func origin(l liststore.Saved) list.Criteria {
	if len(l.Criteria.Steps) == 0 {
		return liststore.Of(l.ID)
	}
	return l.Criteria
}

func (p pages) rebuild(v *web.Visit) error {
	l, err := p.saved(v)
	if err != nil {
		return err
	}
	s, err := readState(v)
	if err != nil {
		return err
	}
	s.saved, s.file = &l, l.File
	return p.answer(v, s)
}

func (p pages) saved(v *web.Visit) (liststore.Saved, error) {
	n, err := web.ID[liststore.ListID](v, "id")
	if err != nil {
		return liststore.Saved{}, err
	}
	return p.lists.List(v.R.Context(), v.Actor, n)
}

func (p pages) show(v *web.Visit, s state) error {
	l, err := p.see(v, s)
	if err != nil {
		return err
	}
	l.exports = v.Actor.May(permitExport)
	status := http.StatusOK
	if len(l.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if v.R.Header.Get(partHeader) != "" { // the island takes faults as parts of the page, not as a failure
		return v.Fragment(http.StatusOK, builderPage(v, l))
	}
	return v.Page(status, web.Head{Title: l.title(v), Current: navKey, Layout: web.Flush, Islands: []string{"build"}}, builderPage(v, l))
}

// save keeps what the builder shows: a list, a search, or changes of the list that is open.
func (p pages) save(v *web.Visit) error {
	s, err := readState(v)
	if err != nil {
		return err
	}
	ctx := v.R.Context()
	var done liststore.Saved
	id, _ := strconv.ParseInt(v.Value("id"), 10, 64)
	if id > 0 {
		open, err := p.lists.List(ctx, v.Actor, liststore.ListID(id))
		if err != nil {
			return err
		}
		s.saved = &open
	}
	if len(s.wrong) > 0 {
		return p.show(v, s)
	}
	switch how := v.Value("save"); {
	case how == "change" && s.saved != nil:
		if done, err = p.lists.Change(ctx, v.Actor, s.saved.ID, s.ask()); err == nil && s.name != "" && s.name != done.Name {
			err = p.lists.Rename(ctx, v.Actor, s.saved.ID, s.name)
		}
	default:
		done, err = p.lists.Save(ctx, v.Actor, liststore.Save{Ask: s.ask(), Kind: liststore.Kind(how), Name: s.name, Folder: org.FolderID(s.folder)})
	}
	if in, ok := problems(v, err); ok {
		s.wrong = append(s.wrong, in...)
		return p.show(v, s)
	}
	if err != nil {
		return err
	}
	told := "The list is saved."
	if done.Kind == liststore.Search {
		told = "The search is saved."
	}
	return v.RedirectSaying(v.Path("field", "list", int64(done.ID), "about"), told)
}

func (p pages) folders(v *web.Visit) ([]folderChoice, error) {
	all, err := p.lists.Folders(v.R.Context(), v.Actor)
	if err != nil {
		return nil, err
	}
	var mine []folderChoice
	for _, f := range all {
		if f.Org == v.Actor.Org() && f.MayChange {
			mine = append(mine, folderChoice{int64(f.ID), f.Name})
		}
	}
	return mine, nil
}

func (l look) action(v *web.Visit) string {
	if l.saved != nil {
		return v.Path("field", "list", int64(l.saved.ID))
	}
	return v.Path("field", "list", "new")
}

// address is where the list under construction is found again.
func (l look) address(v *web.Visit) string {
	if l.draft == "" {
		return l.action(v)
	}
	return l.action(v) + "?" + draftKey + "=" + l.draft
}

func (l look) title(v *web.Visit) string {
	if l.saved != nil {
		return l.saved.Name
	}
	return v.T.T("Build a list")
}

func (l look) maySave(v *web.Visit) bool { return v.Actor.May(liststore.PermitSave) }

// countedPeople is the number of people for scripts, where there is one.
func (l look) countedPeople() templ.Attributes {
	if !l.counted {
		return nil
	}
	return templ.Attributes{"data-people": strconv.FormatInt(l.answer.People, 10)}
}

// facts is the line under the figures: of how many, which file, how fast.
func (l look) facts(v *web.Visit) string {
	var parts []string
	if l.onFile > 0 {
		parts = append(parts, v.T.T("Of %s people on file", v.T.Number(l.onFile)))
	}
	for _, f := range l.files {
		if f.ID == l.file && f.FileDate > 0 {
			parts = append(parts, v.T.T("file of %s", day(v.T, f.FileDate)))
		}
	}
	if l.counted {
		parts = append(parts, v.T.T("counted in %s ms", v.T.Number(max(l.answer.Took.Milliseconds(), 1))), v.T.T("up to ledger entry %s", v.T.Number(l.answer.Epoch)))
	}
	if l.waiting {
		parts = append(parts, v.T.T("Counting takes some seconds the first time."))
	}
	return strings.Join(parts, " · ")
}

// preparing says how far the building of a segment is.
func (l look) preparing(v *web.Visit) string {
	b := l.building
	switch {
	case b.Err != nil:
		return v.T.T("It failed, and is tried again. Counts come from the database meanwhile: they are right, and slow. Options have no numbers.")
	case b.Total > 0:
		return v.T.T("%s done. Counts come from the database meanwhile: they are right, and slow. Options have no numbers yet.", v.T.Percent(b.Done, b.Total))
	}
	return v.T.T("Counts come from the database meanwhile: they are right, and slow. Options have no numbers yet.")
}

// phrase is a piece of the sentence: text, or a button that opens its criterion.
type phrase struct {
	text, open, group string
	not, strong       bool
}

// phrases turns the sentence's conditions into buttons. A condition of a step that the panel can edit opens there.
func (l look) phrases() []phrase {
	steps, at := said(l.blocks)
	var all []phrase
	for _, p := range l.sentence {
		x := phrase{text: p.Text, not: p.Negative, strong: p.Phrase}
		if p.Phrase && p.Path.Step >= 0 && p.Path.Step < len(steps) {
			x.group = groupAt(steps[p.Path.Step].Where, p.Path.Nodes)
			for chained, saidAt := range at {
				if saidAt == p.Path.Step && conditional(steps[saidAt].Do) {
					x.open = fmt.Sprintf("%d~%s", chained, x.group)
				}
			}
		}
		all = append(all, x)
	}
	return all
}

// groupAt returns the group of the panel that shows the node at a path.
func groupAt(n list.Node, path []int) string {
	for {
		if k := keyOf(n); k != "" {
			return groupOf(k)
		}
		var below []list.Node
		switch n := n.(type) {
		case list.All:
			below = n
		case list.Any:
			below = n
		case list.None:
			below = n
		}
		if len(below) == 0 {
			return groupOther
		}
		i := 0
		if len(path) > 0 {
			i, path = path[0], path[1:]
		}
		if i < 0 || i >= len(below) {
			return groupOther
		}
		n = below[i]
	}
}

// groupOfStep returns the group of the panel in which a step's first condition stands.
func (l look) groupOfStep(at int) string {
	steps := chain(l.blocks)
	if at >= len(steps) {
		return ""
	}
	return groupAt(steps[at].Where, nil)
}

// an addition is one sort of step that can be added.
type addition struct {
	do          list.Do
	title, text string
}

func adds(t words.Translator) []addition {
	return []addition{
		{list.Add, t.T("Add people"), t.T("Also those who meet other criteria")},
		{list.Narrow, t.T("Narrow"), t.T("Of these only those who meet more")},
		{list.Remove, t.T("Remove people"), t.T("Except those who meet something")},
		{list.Households, t.T("Add who lives with them"), t.T("Everybody at the same doors")},
		{list.OnePerHousehold, t.T("One per door"), t.T("One person of each household")},
		{list.Sample, t.T("Random sample"), t.T("So many of them, by chance")},
		{list.Part, t.T("Split"), t.T("One of several equal parts, by chance")},
	}
}

func changeSaid(t words.Translator, r stepRow) string {
	switch {
	case r.people < r.before:
		return t.T("%s fewer than before", t.Number(r.before-r.people))
	case r.people > r.before && r.before > 0:
		return t.T("%s more than before", t.Number(r.people-r.before))
	}
	return ""
}

func keys(t words.Translator) [][2]string {
	return [][2]string{
		{"/", t.T("Find a criterion")}, {"↑ ↓", t.T("Move between options")}, {t.T("Space"), t.T("Choose or unchoose")}, {"n", t.T("Exclude the option")},
		{"1–9", t.T("Jump to a step")}, {"u", t.T("Undo")}, {"r", t.T("Do it again")}, {"s", t.T("Save")}, {"Esc", t.T("Back to the sentence")}, {"?", t.T("These keys")},
	}
}

func peopleColumns(v *web.Visit, l look) []web.Column {
	all := []web.Column{{Label: v.T.T("Name"), Order: "ascending"}, {Label: v.T.T("Address")}, {Label: v.T.T("Age"), Number: true}}
	if l.cat.Attrs[list.Party] {
		all = append(all, web.Column{Label: v.T.T("Party")})
	}
	if l.cat.Phones {
		all = append(all, web.Column{Label: v.T.T("Phone")})
	}
	return all
}

func rowName(r liststore.Row) string {
	given := strings.TrimSpace(named(r.First) + " " + named(r.Middle))
	return strings.TrimSpace(strings.TrimSuffix(named(r.Last)+", "+given, ", ") + " " + r.Suffix)
}

func rowAddress(r liststore.Row) string {
	line := strings.TrimSpace(r.House + " " + named(r.Street))
	if r.Unit != "" {
		line += ", " + r.Unit
	}
	return cmp.Or(line, "–")
}

func (l look) age(r liststore.Row) string {
	if r.Birth == 0 {
		return "–"
	}
	return fmt.Sprint((l.cat.Today - r.Birth) / 10000)
}

func (m *shading) stroke() string {
	if m.square {
		return "0"
	}
	return "1"
}

func (m *shading) unit(v *web.Visit) string {
	if m.square {
		return v.T.T("People in each square")
	}
	return v.T.T("People per precinct")
}

func errTooFar() error { return fault.Invalidf("This part of the map is not there.") }
