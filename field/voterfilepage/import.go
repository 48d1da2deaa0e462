package voterfilepage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// importView is what the page of one import shows.
type importView struct {
	voterfile.Import
	file    voterfile.File
	earlier []voterfile.Import // loaded before this one, the newest first
	rows    []voterfile.Refusal
	pace    voterfile.Pace
	here    bool // this program has worked on it since it started
	wrong   *fault.Error
}

func (i importView) running() bool { return i.here && i.pace.Stage != "" }

// mapped reports whether the import can be rehearsed: a generic file needs its columns said first.
func (i importView) mapped() bool { return i.file.Layout != layout.Generic || i.file.Mapping != "" }

// willLoad is the number of people a load would put in or change, mark or leave as they are.
func (i importView) willLoad() int64 {
	c := i.Report.Counts
	return c.New + c.Changed + c.Unchanged
}

// importID returns the voter file and the import that the path names.
func importID(v *web.Visit) (file voterfile.FileID, id voterfile.ImportID, err error) {
	if file, err = web.ID[voterfile.FileID](v, "id"); err == nil {
		id, err = web.ID[voterfile.ImportID](v, "import")
	}
	return file, id, err
}

const rowsShown = 20

func (p pages) view(v *web.Visit) (importView, error) {
	ctx := v.R.Context()
	file, id, err := importID(v)
	if err != nil {
		return importView{}, err
	}
	var i importView
	if i.Import, err = p.store.Status(ctx, v.Actor, id); err != nil {
		return i, err
	}
	if i.File != file {
		return i, fault.NotFoundf("There is no import %d here.", id)
	}
	if i.file, err = p.store.File(ctx, v.Actor, i.File); err != nil {
		return i, err
	}
	i.pace, i.here = p.run.Pace(id)
	all, err := p.store.Imports(ctx, v.Actor, i.File)
	if err != nil {
		return i, err
	}
	for _, e := range all {
		if e.State == voterfile.StateLoaded && e.ID < id && len(i.earlier) < 5 {
			i.earlier = append(i.earlier, e)
		}
	}
	if v.Actor.May(voterfile.PermitImport) {
		i.rows, err = p.store.RefusalList(ctx, v.Actor, id, 0, rowsShown)
	}
	return i, err
}

func (p pages) show(v *web.Visit) error {
	i, err := p.view(v)
	if err != nil {
		return err
	}
	return p.showImport(v, http.StatusOK, i)
}

func (p pages) showImport(v *web.Visit, status int, i importView) error {
	h := web.Head{Title: v.T.T("Import the voter file"), Facts: importFacts(v.T, i), Crumbs: crumbs(v, fileCrumb(v, i.file)), Current: navKey}
	if i.running() {
		h.Islands, h.Reload = []string{"live"}, 5
	}
	return v.Page(status, h, importPage(v, i))
}

func importFacts(t words.Translator, i importView) string {
	var names []string
	size := int64(0)
	for _, f := range i.Files {
		names = append(names, f.Name)
		size += f.Bytes
	}
	name := strings.Join(names, ", ")
	if len(names) > 3 {
		name = t.T("%s and %d more", names[0], len(names)-1)
	}
	return fmt.Sprintf("%s · %s · %s", name, t.Bytes(size), t.T("file of %s", day(t, i.FileDate)))
}

// live streams how far the work is until it ends.
func (p pages) live(v *web.Visit) error {
	i, err := p.view(v)
	if err != nil {
		return err
	}
	e, err := v.Events()
	if err != nil {
		return err
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for p.run.Running(i.ID) {
		if err := e.Show(workPart(v, i)); err != nil {
			return nil // the reader has gone
		}
		select {
		case <-v.R.Context().Done():
			return nil
		case <-tick.C:
		}
		if i, err = p.view(v); err != nil {
			return nil
		}
	}
	_ = e.Done() // a reader who has gone needs no end
	return nil
}

func (p pages) rehearse(v *web.Visit) error {
	i, err := p.view(v)
	if err != nil {
		return err
	}
	if !i.mapped() {
		return v.Redirect(importPath(v, i.File, i.ID, "columns"))
	}
	p.run.Rehearse(v.Actor, i.ID)
	return v.Redirect(importPath(v, i.File, i.ID, "report"))
}

// load begins to load. Above the stop share the reader has typed how many people the file holds.
func (p pages) load(v *web.Visit) error {
	i, err := p.view(v)
	if err != nil {
		return err
	}
	o := voterfile.LoadOptions{}
	if len(i.Report.Stops) > 0 && i.State == voterfile.StateRehearsed {
		if strings.NewReplacer(",", "", " ", "", ".", "").Replace(v.Value("number")) != fmt.Sprint(i.willLoad()) {
			i.wrong = fault.Invalidf("Type the number of people in the file to load it although so much changes.")
			return p.showImport(v, http.StatusUnprocessableEntity, i)
		}
		o.AllowLargeChange = true
	}
	if i.State == voterfile.StateLoading || i.State == voterfile.StateStopped {
		o.AllowLargeChange = true // it was decided when the load began
	}
	p.run.Load(v.Actor, i.ID, o)
	return v.Redirect(importPath(v, i.File, i.ID, "report"))
}

func (p pages) stop(v *web.Visit) error {
	file, id, err := importID(v)
	if err != nil {
		return err
	}
	if err := p.store.Stop(v.R.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Redirect(importPath(v, file, id, "report"))
}

func (p pages) refusals(v *web.Visit) error {
	file, id, err := importID(v)
	if err != nil {
		return err
	}
	if i, err := p.store.Status(v.R.Context(), v.Actor, id); err != nil || i.File != file {
		return errors.Join(err, fault.NotFoundf("There is no import %d here.", id))
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="import-%d-rows-to-look-at.csv"`, id))
	return p.store.Refusals(context.WithoutCancel(v.R.Context()), v.Actor, id, v.W)
}

// stateWord says how far an import is.
func stateWord(t words.Translator, s voterfile.State) string {
	switch s {
	case voterfile.StateRefused:
		return t.T("Refused")
	case voterfile.StateRehearsed:
		return t.T("Rehearsed, not loaded")
	case voterfile.StateLoading:
		return t.T("Loading")
	case voterfile.StateStopped:
		return t.T("Stopped, can go on")
	case voterfile.StateLoaded:
		return t.T("Loaded")
	default:
		return t.T("Received")
	}
}

func stateTone(s voterfile.State) web.Tone {
	switch s {
	case voterfile.StateRefused:
		return web.Stop
	case voterfile.StateRehearsed, voterfile.StateStopped:
		return web.Warn
	case voterfile.StateLoading:
		return web.On
	case voterfile.StateLoaded:
		return web.OK
	default:
		return web.ToDo
	}
}

// step is where in the task an import is: choose, columns, rehearse, load.
func (i importView) step() int {
	switch {
	case i.State == voterfile.StateLoaded:
		return 4
	case i.State == voterfile.StateLoading || i.State == voterfile.StateStopped:
		return 3
	case !i.mapped():
		return 1
	default:
		return 2
	}
}

func (i importView) steps(v *web.Visit) []web.Step {
	all := []web.Step{{Title: v.T.T("Choose the files")}, {Title: v.T.T("Match columns")}, {Title: v.T.T("Rehearse")}, {Title: v.T.T("Load")}}
	if i.file.Layout == layout.Generic && i.State != voterfile.StateLoaded && v.Actor.May(voterfile.PermitImport) {
		all[1].Href = importPath(v, i.File, i.ID, "columns")
	}
	return all
}

// stageWord says a stage; the words are the store's.
func stageWord(t words.Translator, stage string) string {
	switch stage {
	case voterfile.StageBegin:
		return t.T("Starting")
	case voterfile.StageVoters:
		return t.T("Reading the voters")
	case voterfile.StageVotes:
		return t.T("Reading the vote history")
	case voterfile.StageJoin:
		return t.T("Putting voters and votes together")
	case voterfile.StageCompare:
		return t.T("Comparing with what is here")
	case voterfile.StageLoad:
		return t.T("Loading")
	case voterfile.StageIndex:
		return t.T("Making it searchable")
	}
	return stage
}

// stages lists the stages behind and the one under way.
func (i importView) stages(v *web.Visit) []web.Stage {
	var all []web.Stage
	for _, s := range i.pace.Took {
		all = append(all, web.Stage{Name: stageWord(v.T, s.Stage), Took: v.T.Duration(s.Time), Tone: web.OK})
	}
	if i.running() {
		all = append(all, web.Stage{Name: stageWord(v.T, i.pace.Stage), Took: v.T.T("%s so far", v.T.Duration(v.Now.Sub(i.pace.Since))), Tone: web.On})
	}
	return all
}

// work is how far the stage under way is. What is left is guessed from its own pace, and said only after a moment.
func (i importView) work(v *web.Visit) web.Work {
	w := web.Work{Label: stageWord(v.T, i.pace.Stage), Done: i.Done, Total: i.Total, Said: v.T.T("%s of %s", v.T.Number(i.Done), v.T.Number(i.Total))}
	if i.Total == 0 {
		w.Said = stageWord(v.T, i.pace.Stage)
	}
	so := time.Since(i.pace.Since)
	if i.Done > 0 && i.Total > i.Done && so > 2*time.Second && i.Stage == i.pace.Stage {
		left := time.Duration(float64(so) * float64(i.Total-i.Done) / float64(i.Done))
		w.Left = v.T.T("about %s left", v.T.Duration(left))
	}
	return w
}

// change is one kind of change beside earlier imports.
type change struct {
	name string
	now  int64
	past []int64 // oldest first
}

// usual returns the smallest and largest number of earlier imports; false when there are too few to say.
func (c change) usual() (low, high int64, ok bool) {
	if len(c.past) < 2 {
		return 0, 0, false
	}
	low, high = c.past[0], c.past[0]
	for _, n := range c.past {
		low, high = min(low, n), max(high, n)
	}
	return low, high, true
}

func (i importView) changes(t words.Translator) []change {
	all := []change{{name: t.T("New")}, {name: t.T("Moved")}, {name: t.T("Party changed")}, {name: t.T("Left the file")}}
	set := func(c voterfile.Counts, put func(*change, int64)) {
		for n, x := range []int64{c.New, c.Moved, c.Party, c.Dropped} {
			put(&all[n], x)
		}
	}
	set(i.Report.Counts, func(c *change, n int64) { c.now = n })
	for n := len(i.earlier) - 1; n >= 0; n-- {
		if n == len(i.earlier)-1 && i.earlier[n].Report.Counts.Unchanged+i.earlier[n].Report.Counts.Changed == 0 {
			continue // the first import: everybody was new
		}
		set(i.earlier[n].Report.Counts, func(c *change, x int64) { c.past = append(c.past, x) })
	}
	return all
}

// judge says whether a change is usual.
func (c change) judge(t words.Translator) (web.Tone, string) {
	_, high, ok := c.usual()
	switch {
	case !ok:
		return web.ToDo, t.T("Too few imports to say")
	case high > 0 && c.now > 3*high:
		return web.Stop, t.T("More than three times the usual")
	case c.now > high+high/2+10:
		return web.Warn, t.T("More than usual")
	default:
		return web.OK, t.T("Usual")
	}
}

func lastFigures(v *web.Visit, i voterfile.Import) []web.Figure {
	c := i.Report.Counts
	return []web.Figure{
		{Label: v.T.T("In the state file"), Value: v.T.Number(c.Read - c.Refused), Context: v.T.T("file of %s", day(v.T, i.FileDate))},
		{Label: v.T.T("Votes on record"), Value: v.T.Number(c.Votes)},
		{Label: v.T.T("Confidential"), Value: v.T.Number(c.Confidential), Context: v.T.T("hidden by default")},
		{Label: v.T.T("16 and 17 years old"), Value: v.T.Number(c.Minors), Context: v.T.T("hidden by default")},
	}
}
