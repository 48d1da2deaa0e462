package turfpage

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// cutting is what the cutting page shows.
type cutting struct {
	turfstore.Draft
	with   map[turfstore.TurfID][]turfstore.Handout // who has what
	chosen int                                      // the turf whose details are shown, by its ID in the plan
	wrong  *fault.Error                             // why the last change was not made
	tried  bool                                     // nothing of it is kept yet
	find   string                                   // an address that is looked for
	base   string                                   // the base map, for the page's script
	may    bool
	give   bool
}

func (p pages) cutting(v *web.Visit, d turfstore.Draft) (cutting, error) {
	c := cutting{Draft: d, may: v.Actor.May(turfstore.PermitCut) && d.Map.Archived.IsZero(), give: v.Actor.May(turfstore.PermitGive) && d.Map.Archived.IsZero()}
	var err error
	c.with, err = p.byTurf(v, d.Map.ID)
	c.chosen, _ = strconv.Atoi(v.Value("chosen"))
	return c, err
}

func (p pages) cut(v *web.Visit) error { return p.showCut(v, http.StatusOK, nil) }

func (p pages) showCut(v *web.Visit, status int, wrong *fault.Error) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	d, err := p.Turfs.Draft(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	c, err := p.cutting(v, d)
	if err != nil {
		return err
	}
	c.wrong, c.find, c.base = wrong, v.Value("find"), v.BaseMap()
	return v.Page(status, web.Head{Title: v.T.T("Cut turf"), Crumbs: mapCrumbs(v, d.Map), Current: navKey, Layout: web.Flush, Islands: []string{"cut"}}, cutPage(v, c))
}

// turf returns the turf whose details are shown.
func (c cutting) turf() (turfstore.DraftTurf, bool) {
	i := slices.IndexFunc(c.Turfs, func(t turfstore.DraftTurf) bool { return t.ID == c.chosen })
	if i < 0 {
		return turfstore.DraftTurf{}, false
	}
	return c.Turfs[i], true
}

// minutes is how long each turf takes on average.
func (c cutting) minutes() time.Duration {
	if len(c.Turfs) == 0 {
		return 0
	}
	sum := 0
	for _, t := range c.Turfs {
		sum += t.Mins
	}
	return time.Duration(sum/len(c.Turfs)) * time.Minute
}

// unsaved reports whether saving would change anything.
func (c cutting) unsaved() bool {
	for _, t := range c.Turfs {
		if t.Saved == 0 {
			return true
		}
	}
	return int64(len(c.Turfs)) != c.Map.Turfs
}

func (c cutting) name(v *web.Visit, t turfstore.DraftTurf) string {
	if t.Name != "" {
		return t.Name
	}
	return turfName(v)(t.ID)
}

// who says who has a turf.
func (c cutting) who(t words.Translator, x turfstore.DraftTurf) string {
	var names []string
	for _, h := range c.with[x.Saved] {
		if x.Saved != 0 {
			name := holder(t, h)
			if h.To == turfstore.ToNumber {
				name = turfstore.WriteNumber(h.Number)
			}
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func holder(t words.Translator, h turfstore.Handout) string {
	if h.To == turfstore.ToNumber {
		return t.T("Number %s", turfstore.WriteNumber(h.Number))
	}
	return h.ToName
}

// streets are the pieces of street of the chosen turf, each with one of its doors to point at.
func (c cutting) streets() (all []piece) {
	t, ok := c.turf()
	if !ok {
		return nil
	}
	doors := c.Doors()
	for _, i := range t.Doors {
		d := doors[i]
		j := slices.IndexFunc(all, func(x piece) bool { return x.street == d.Street })
		if j < 0 {
			j = len(all)
			all = append(all, piece{street: d.Street, at: d.At})
		}
		all[j].doors++
	}
	return all
}

type piece struct {
	street string
	doors  int
	at     geo.Point
}

// buildings are those of the chosen turf with several doors.
func (c cutting) buildings() (all []piece) {
	t, ok := c.turf()
	if !ok {
		return nil
	}
	doors := c.Doors()
	at := map[int64]int{}
	for _, i := range t.Doors {
		d := doors[i]
		j, ok := at[d.Building]
		if !ok {
			j = len(all)
			at[d.Building] = j
			all = append(all, piece{street: d.House + " " + words.Name(d.Street), at: d.At})
		}
		all[j].doors++
	}
	return slices.DeleteFunc(all, func(x piece) bool { return x.doors < mostAtDoor })
}

// mostAtDoor is how many doors a building has before it is offered to be divided.
const mostAtDoor = 6

// readEdit takes a change apart. What it cannot be is refused by the store.
func readEdit(v *web.Visit) (e turfstore.Edit, err error) {
	e = turfstore.Edit{Do: turfstore.Do(v.Value("do")), Name: v.Value("name")}
	for _, s := range v.Values("turf") {
		if n, err := strconv.Atoi(s); err == nil {
			e.Turfs = append(e.Turfs, n)
		}
	}
	e.To, _ = strconv.Atoi(v.Value("to"))
	e.Parts, _ = strconv.Atoi(v.Value("parts"))
	if e.Ring, err = points(v.Value("ring")); err != nil {
		return e, err
	}
	at, err := points(v.Value("at"))
	if err != nil {
		return e, err
	}
	if len(at) > 0 {
		e.At = &at[0]
	}
	if e.Do == turfstore.DoCut {
		e.Wish, err = readWish(v)
	}
	return e, err
}

// readWish takes apart what is asked of a cut.
func readWish(v *web.Visit) (w turfstore.Wish, err error) {
	number := func(name string) int {
		if v.Value(name) == "" {
			return 0
		}
		n, bad := strconv.Atoi(v.Value(name))
		if bad != nil && err == nil {
			err = fault.Inputs{{Name: name, Err: fault.Invalidf("Give the size of a turf as a number.")}}
		}
		return n
	}
	w.Rules = turf.Rules{Target: number("target"), Min: number("min"), Max: number("max"), By: turf.By(v.Value("by"))}
	w.Divide = v.Value("divide") != ""
	if err != nil {
		return w, err
	}
	for line := range strings.SplitSeq(v.Value("lines"), ";") {
		l, err := points(line)
		if err != nil {
			return w, err
		}
		if len(l) > 1 {
			w.Lines = append(w.Lines, l)
		}
	}
	return w, nil
}

// points reads "lon,lat lon,lat".
func points(s string) (all []geo.Point, err error) {
	for part := range strings.FieldsSeq(s) {
		x, y, ok := strings.Cut(part, ",")
		lon, err1 := strconv.ParseFloat(x, 64)
		lat, err2 := strconv.ParseFloat(y, 64)
		if !ok || err1 != nil || err2 != nil {
			return nil, fault.Invalidf("A corner of this shape is nowhere on the globe. Draw it again.")
		}
		all = append(all, geo.Point{Lon: lon, Lat: lat})
	}
	return all, nil
}

// pointsText is what points reads.
func pointsText(all ...geo.Point) string {
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatFloat(p.Lon, 'f', 6, 64) + "," + strconv.FormatFloat(p.Lat, 'f', 6, 64))
	}
	return b.String()
}

func linesText(lines [][]geo.Point) string {
	var all []string
	for _, l := range lines {
		all = append(all, pointsText(l...))
	}
	return strings.Join(all, ";")
}

// part reports whether the page's script asks, which wants the plan and no page.
func part(v *web.Visit) bool { return v.R.Header.Get("X-Part") != "" }

// edit makes one change, or goes back and forth between them.
func (p pages) edit(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	err = p.change(v, id)
	if k := fault.As(err); k != nil && k.Kind != fault.Denied && k.Kind != fault.Internal { // also of a turf that is not there any more
		if part(v) {
			return p.answerPlan(v, http.StatusUnprocessableEntity, id, k)
		}
		return p.showCut(v, http.StatusUnprocessableEntity, k)
	}
	if err != nil {
		return err
	}
	if part(v) {
		return p.answerPlan(v, http.StatusOK, id, nil)
	}
	to := path(v, id)
	if turf := v.Value("chosen"); turf != "" {
		if n, err := strconv.Atoi(turf); err == nil {
			to += "?chosen=" + strconv.Itoa(n)
		}
	}
	return v.Redirect(to)
}

func (p pages) change(v *web.Visit, id turfstore.MapID) error {
	ctx := v.R.Context()
	edition, err := strconv.ParseInt(v.Value("edition"), 10, 64)
	if err != nil {
		return fault.Invalidf("The form does not say which state of the map it is about. Open the page again.")
	}
	switch v.Value("do") {
	case "undo":
		return p.Turfs.Undo(ctx, v.Actor, id, edition)
	case "redo":
		return p.Turfs.Redo(ctx, v.Actor, id, edition)
	}
	e, err := readEdit(v)
	if err != nil {
		return firstInput(err)
	}
	_, err = p.Turfs.Edit(ctx, v.Actor, id, edition, e)
	return firstInput(err)
}

// firstInput makes of the first fault of a form one that stands alone: the cutting page has no form that comes back.
func firstInput(err error) error {
	if in, ok := web.Inputs(err); ok && len(in) > 0 {
		return in[0].Err
	}
	return err
}

// try cuts as a slider stands now, and keeps nothing.
func (p pages) try(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	w, err := readWish(v)
	if err != nil {
		return firstInput(err)
	}
	d, err := p.Turfs.Try(v.R.Context(), v.Actor, id, w)
	if err != nil {
		return firstInput(err)
	}
	c, err := p.cutting(v, d)
	if err != nil {
		return err
	}
	c.tried = true
	return p.answer(v, http.StatusOK, c)
}

func (p pages) plan(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	return p.answerPlan(v, http.StatusOK, id, nil)
}

func (p pages) answerPlan(v *web.Visit, status int, id turfstore.MapID, wrong *fault.Error) error {
	d, err := p.Turfs.Draft(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	c, err := p.cutting(v, d)
	if err != nil {
		return err
	}
	c.wrong = wrong
	return p.answer(v, status, c)
}

// answer sends the plan for the map, and the panel beside it.
func (p pages) answer(v *web.Visit, status int, c cutting) error {
	var b bytes.Buffer
	if err := panelPart(v, c).Render(v.R.Context(), &b); err != nil {
		return err
	}
	return v.JSON(status, planOf(v, c, b.String()))
}

func (p pages) save(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	edition, _ := strconv.ParseInt(v.Value("edition"), 10, 64)
	done, err := p.Turfs.Save(v.R.Context(), v.Actor, m.ID, edition, turfName(v))
	if k := fault.As(err); k != nil && (k.Kind == fault.Invalid || k.Kind == fault.Conflict) {
		return p.showCut(v, http.StatusUnprocessableEntity, k)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(path(v, m.ID, "handout"), "Saved: %s turfs, %s of them new.", v.T.Number(int64(done.Turfs)), v.T.Number(int64(done.Made)))
}

// walk answers the walk of one turf as a line.
func (p pages) walk(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.R.PathValue("turf"))
	if err != nil {
		return fault.NotFoundf("There is nothing at this address.")
	}
	d, err := p.Turfs.Draft(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	if _, ok := d.Plan.Turf(n); !ok {
		return fault.NotFoundf("There is nothing at this address.")
	}
	return v.JSON(http.StatusOK, map[string]any{"line": pairs(d.Walk(n))})
}
