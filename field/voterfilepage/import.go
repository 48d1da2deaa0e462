package voterfilepage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	held    bool // some program works on it
	settled bool // files of the layout are loaded: it stays
	wrong   *fault.Error
}

// running reports whether the import is worked on: by this program, or by another one that is alive.
func (i importView) running() bool { return i.pace.Stage != "" || i.held }

// loading reports whether people are being loaded now.
func (i importView) loading() bool {
	return i.running() && (i.pace.Loads || i.State == voterfile.StateLoading)
}

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

// of returns the import that the path names, with its files and report.
func (p pages) of(v *web.Visit) (voterfile.Import, error) {
	file, id, err := importID(v)
	if err != nil {
		return voterfile.Import{}, err
	}
	i, err := p.store.Status(v.R.Context(), v.Actor, id)
	if err == nil && i.File != file {
		err = fault.NotFoundf("There is no import %d here.", id)
	}
	return i, err
}

func (p pages) view(v *web.Visit) (importView, error) {
	ctx := v.R.Context()
	var i importView
	var err error
	if i.Import, err = p.of(v); err != nil {
		return i, err
	}
	if i.file, err = p.store.File(ctx, v.Actor, i.File); err != nil {
		return i, err
	}
	if err := p.refresh(v, &i); err != nil {
		return i, err
	}
	all, err := p.store.Imports(ctx, v.Actor, i.File)
	if err != nil {
		return i, err
	}
	for _, e := range all {
		i.settled = i.settled || e.State == voterfile.StateLoaded || e.State == voterfile.StateLoading || e.State == voterfile.StateStopped
		if e.State == voterfile.StateLoaded && e.ID < i.ID && len(i.earlier) < 5 {
			i.earlier = append(i.earlier, e)
		}
	}
	if v.Actor.May(voterfile.PermitImport) {
		i.rows, err = p.store.RefusalList(ctx, v.Actor, i.ID, 0, rowsShown)
	}
	return i, err
}

// refresh asks again how far an import is: one row, and what this program remembers.
func (p pages) refresh(v *web.Visit, i *importView) error {
	i.pace = p.run.Pace(i.ID)
	s, err := p.store.Standing(v.R.Context(), v.Actor, i.ID)
	if err != nil {
		return err
	}
	i.State, i.Stage, i.Done, i.Total, i.held = s.State, s.Stage, s.Done, s.Total, s.Held
	switch {
	case i.pace.Stage != "": // fresher than the row
		i.Stage, i.Done, i.Total = i.pace.Stage, i.pace.Done, i.pace.Total
	case i.State == voterfile.StateLoading && i.held && i.Stage != voterfile.StageLoad && i.Stage != voterfile.StageIndex: // left from the rehearsal
		i.Stage, i.Done, i.Total = voterfile.StageBegin, 0, 0
	}
	return nil
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

const (
	tickTime   = 500 * time.Millisecond
	streamTime = time.Minute
)

// live streams how far the work is until it ends. After a minute the browser asks for the stream again, and whoever may no longer see
// it is turned away.
func (p pages) live(v *web.Visit) error {
	i, err := p.view(v)
	if err != nil {
		return err
	}
	e, err := v.Events()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(v.R.Context(), streamTime)
	defer stop()
	tick := time.NewTicker(tickTime)
	defer tick.Stop()
	for i.running() {
		if err := e.Show(workPart(v, i)); err != nil {
			return nil // the reader has gone
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := p.refresh(v, &i); err != nil {
			return nil // the head is written: the page says what is wrong when it is asked for again
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
	c, err := i.choices(v)
	if err != nil {
		return err
	}
	p.run.RehearseWith(v.Actor, i.ID, c)
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
		if !typed(v.Value("number"), i.willLoad()) {
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

// typed reports whether a person typed n, with or without the signs that part thousands.
func typed(text string, n int64) bool {
	bare := strings.Map(func(r rune) rune {
		if r == ',' || r == '.' || r == '’' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	return bare == strconv.FormatInt(n, 10)
}

func (p pages) stop(v *web.Visit) error {
	i, err := p.of(v)
	if err != nil {
		return err
	}
	if err := p.store.Stop(v.R.Context(), v.Actor, i.ID); err != nil {
		return err
	}
	return v.Redirect(importPath(v, i.File, i.ID, "report"))
}

func (p pages) refusals(v *web.Visit) error {
	i, err := p.of(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer // at most 10,000 rows; what goes wrong is still a page
	if err := p.store.Refusals(v.R.Context(), v.Actor, i.ID, &b); err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="import-%d-rows-to-look-at.csv"`, i.ID))
	_, _ = b.WriteTo(v.W) // a reader who has gone needs no file
	return nil
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
	case i.loading() || i.State == voterfile.StateLoading || i.State == voterfile.StateStopped:
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
	case voterfile.StageBegin, "":
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
		if i.pace.Stage == "" {
			break // of an earlier run
		}
		all = append(all, web.Stage{Name: stageWord(v.T, s.Stage), Took: v.T.Duration(s.Time), Tone: web.OK})
	}
	if i.running() {
		now := web.Stage{Name: stageWord(v.T, i.Stage), Tone: web.On}
		if i.pace.Stage != "" {
			now.Took = v.T.T("%s so far", v.T.Duration(i.pace.So))
		}
		all = append(all, now)
	}
	return all
}

// work is how far the stage under way is. What is left is guessed from its own pace, and said only after a moment.
func (i importView) work(v *web.Visit) web.Work {
	w := web.Work{Label: stageWord(v.T, i.Stage), Done: i.Done, Total: i.Total, Said: v.T.T("%s of %s", v.T.Number(i.Done), v.T.Number(i.Total))}
	if i.Total == 0 {
		w.Said = stageWord(v.T, i.Stage)
	}
	if so := i.pace.So; i.Done > 0 && i.Total > i.Done && so > 2*time.Second {
		w.Left = v.T.T("about %s left", v.T.Duration(time.Duration(float64(so)*float64(i.Total-i.Done)/float64(i.Done))))
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

// stopsBy are the stops of each county, the counties in the order of the report.
func (i importView) stopsBy() (counties []string, stops map[string][]voterfile.Stop) {
	stops = map[string][]voterfile.Stop{}
	for _, s := range i.Report.Stops {
		if len(stops[s.County]) == 0 {
			counties = append(counties, s.County)
		}
		stops[s.County] = append(stops[s.County], s)
	}
	return counties, stops
}

// county is a county with why it stops a load.
type county struct {
	voterfile.County
	stops []voterfile.Stop
}

// counties returns the counties of the report: those that stop the load, and the others.
func (i importView) counties() (over, within []county) {
	_, stops := i.stopsBy()
	for _, c := range i.Report.Counties {
		if s := stops[c.Code]; len(s) > 0 {
			over = append(over, county{c, s})
		} else {
			within = append(within, county{c, nil})
		}
	}
	return over, within
}

func stopWord(t words.Translator, what string) string {
	switch what {
	case "new":
		return t.T("New")
	case "moved":
		return t.T("Moved")
	case "party":
		return t.T("Party changed")
	case "dropped":
		return t.T("Dropped")
	}
	return what
}

// wasWord says how many people the file before held.
func wasWord(v *web.Visit, i importView) string {
	if len(i.earlier) == 0 {
		return ""
	}
	return v.T.T("was %s", v.T.Number(i.earlier[0].Report.Counts.Read))
}

// whyEnded says why the last work here ended early, "" when it did not or the import's state says it.
func (i importView) whyEnded(t words.Translator) string {
	err := i.pace.Err
	switch {
	case err == nil || i.State == voterfile.StateRefused || i.State == voterfile.StateLoaded || errors.Is(err, voterfile.ErrStopped):
		return ""
	case fault.As(err) != nil:
		return web.Say(t, fault.As(err))
	default:
		return t.T("The work ended because something on this server went wrong. Nothing is half-loaded. Begin again; if it ends again, whoever looks after the server finds the reason in its log.")
	}
}

// reasonWord says why the files of an import were refused, in the reader's language.
func reasonWord(t words.Translator, r voterfile.Reason) string {
	if r.Format == "" {
		return ""
	}
	said := t.T(r.Format, r.Args...)
	if r.File != "" {
		return r.File + ": " + said
	}
	return said
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
	low, high, ok := c.usual()
	switch {
	case !ok:
		return web.ToDo, t.T("Too few imports to say")
	case high > 0 && c.now > 3*high:
		return web.Stop, t.T("More than three times the usual")
	case c.now > high+high/2+10:
		return web.Warn, t.T("More than usual")
	case low > 20 && c.now < low/3:
		return web.Warn, t.T("Less than a third of the usual")
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
