package turfpage

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// given is who has what of a map.
type given struct {
	m     turfstore.Map
	turfs []turfstore.Turf
	out   map[turfstore.TurfID][]turfstore.Handout // by turf; of the whole map below 0
	give  bool
	pages web.Pages
}

func (p pages) given(v *web.Visit) (g given, err error) {
	if g.m, err = p.mapOf(v); err != nil {
		return g, err
	}
	if g.turfs, err = p.Turfs.Turfs(v.R.Context(), v.Actor, g.m.ID); err != nil {
		return g, err
	}
	g.give = v.Actor.May(turfstore.PermitGive) && g.m.Archived.IsZero()
	g.out, err = p.byTurf(v, g.m.ID)
	return g, err
}

// byTurf returns what of a map is handed out, by turf.
func (p pages) byTurf(v *web.Visit, m turfstore.MapID) (map[turfstore.TurfID][]turfstore.Handout, error) {
	all, err := p.Turfs.Handouts(v.R.Context(), v.Actor, m)
	by := make(map[turfstore.TurfID][]turfstore.Handout, len(all))
	for _, h := range all {
		by[h.Turf] = append(by[h.Turf], h)
	}
	return by, err
}

// numbered are the hand-outs by list number, in the order of the turfs.
func (g given) numbered() (all []turfstore.Handout) {
	for _, id := range append([]turfstore.TurfID{0}, turfIDs(g.turfs)...) {
		for _, h := range g.out[id] {
			if h.To == turfstore.ToNumber {
				all = append(all, h)
			}
		}
	}
	return all
}

func turfIDs(all []turfstore.Turf) []turfstore.TurfID {
	ids := make([]turfstore.TurfID, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	return ids
}

func (p pages) handouts(v *web.Visit) error {
	g, err := p.given(v)
	if err != nil {
		return err
	}
	g.turfs, g.pages = onePage(v, g.turfs, perHandouts)
	h := web.Head{Title: v.T.T("Who has what"), Facts: g.m.Name, Crumbs: mapCrumbs(v, g.m), Current: navKey}
	if g.give {
		h.Actions = wholeButton(v, g)
	}
	return v.Page(http.StatusOK, h, handoutPage(v, g))
}

// perHandouts is how many turfs a page of who has what shows, perMaps how many maps that of all maps.
const (
	perHandouts = 200
	perMaps     = 100
)

// onePage keeps one page of rows, as ?from= says, and where those before and after it are.
func onePage[T any](v *web.Visit, rows []T, per int) ([]T, web.Pages) {
	n, _ := strconv.Atoi(v.Value("from"))
	from := min(max(0, n)/per*per, max(0, len(rows)-1)/per*per)
	to := min(from+per, len(rows))
	at := func(n int) string {
		q := v.R.URL.Query()
		q.Set("from", strconv.Itoa(n))
		return v.R.URL.Path + "?" + q.Encode()
	}
	p := web.Pages{From: int64(from) + 1, To: int64(to), Total: int64(len(rows))}
	if from > 0 {
		p.Prev = at(from - per)
	}
	if to < len(rows) {
		p.Next = at(to)
	}
	return rows[from:to], p
}

// giveForm is the form by which turfs are handed out.
type giveForm struct {
	turfstore.Give
	m       turfstore.Map
	turfs   []turfstore.Turf // of the map
	whole   bool
	people  []org.Membership
	groups  []org.Group
	scripts []scriptstore.Script
	who     string // "account-7", "group-3", "number"
	days    string
	each    string
	hold    string
	clash   bool // somebody has one of them already
	wrong   fault.Inputs
}

func (p pages) readGive(v *web.Visit) (f giveForm, err error) {
	if f.m, err = p.mapOf(v); err != nil {
		return f, err
	}
	f.Map = f.m.ID
	f.whole = v.Value("whole") != ""
	for _, s := range v.Values("turf") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && !f.whole {
			f.Turfs = append(f.Turfs, turfstore.TurfID(n))
		}
	}
	f.who, f.days, f.each, f.hold = v.Value("who"), v.Value("days"), v.Value("each"), v.Value("hold")
	kind, id, _ := strings.Cut(f.who, "-")
	f.To = turfstore.ToKind(kind)
	f.ToID, _ = strconv.ParseInt(id, 10, 64)
	f.Script = f.m.Script
	if v.R.Form.Has("script") {
		f.Script, _ = strconv.ParseInt(v.Value("script"), 10, 64)
	}
	f.Also = v.Value("also") != ""
	for _, n := range []struct {
		name, text string
		to         *int
	}{{"days", f.days, &f.Days}, {"each", f.each, &f.DoorsEach}, {"hold", f.hold, &f.Hold}} {
		if n.text == "" {
			continue
		}
		if *n.to, err = strconv.Atoi(n.text); err != nil || *n.to == 0 {
			f.wrong.Add(n.name, "Give a whole number.")
		}
	}
	return f, nil
}

func (p pages) giveForm(v *web.Visit) error {
	f, err := p.readGive(v)
	if err != nil {
		return err
	}
	f.who, f.days, f.each, f.hold = "number", "30", "30", "2"
	return p.showGive(v, http.StatusOK, f)
}

func (p pages) showGive(v *web.Visit, status int, f giveForm) error {
	ctx := v.R.Context()
	var err error
	if f.turfs, err = p.Turfs.Turfs(ctx, v.Actor, f.m.ID); err != nil {
		return err
	}
	if f.people, err = p.Orgs.People(ctx, v.Actor); err != nil {
		return err
	}
	if f.groups, err = p.Orgs.Groups(ctx, v.Actor); err != nil {
		return err
	}
	if f.scripts, err = p.Scripts.Offered(ctx, v.Actor, person.ByDoor); err != nil {
		return err
	}
	title := v.T.T("Hand out turf")
	if f.whole {
		title = v.T.T("Hand out the whole map")
	}
	return v.Page(status, web.Head{Title: title, Facts: f.m.Name, Crumbs: mapCrumbs(v, f.m), Current: navKey}, givePage(v, f))
}

func (p pages) give(v *web.Visit) error {
	f, err := p.readGive(v)
	if err != nil {
		return err
	}
	if !f.whole && len(f.Turfs) == 0 {
		f.wrong.Add("turf", "Choose at least one turf first.")
	}
	if err = f.wrong.Or(); err == nil {
		err = p.knownScript(v, f.Script)
	}
	var done []turfstore.Handout
	if err == nil {
		done, err = p.Turfs.Give(v.R.Context(), v.Actor, f.Give)
	}
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showGive(v, http.StatusUnprocessableEntity, f)
	}
	if k := fault.As(err); k != nil && k.Kind == fault.Conflict {
		f.wrong, f.clash = fault.Inputs{{Name: "turf", Err: k}}, true
		return p.showGive(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if f.To == turfstore.ToNumber {
		ids := url.Values{}
		for _, h := range done {
			ids.Add("handout", idText(h.ID))
		}
		return v.Redirect(path(v, f.m.ID, "number") + "?" + ids.Encode())
	}
	return v.RedirectSaying(path(v, f.m.ID, "handout"), "Handed out.")
}

func (p pages) recall(v *web.Visit) error {
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(v.Value("handout"), 10, 64)
	if err != nil {
		return fault.Invalidf("The form does not say what to recall. Open the page again.")
	}
	if err := p.Turfs.Recall(v.R.Context(), v.Actor, turfstore.HandoutID(n)); err != nil {
		return err
	}
	return v.RedirectSaying(path(v, m.ID, "handout"), "Recalled. What was recorded on phones still comes in.")
}

// numbers shows list numbers with the code that opens the app, to show on a screen or to print and cut.
func (p pages) numbers(v *web.Visit) error {
	g, err := p.given(v)
	if err != nil {
		return err
	}
	all := g.numbered()
	if some := v.Values("handout"); len(some) > 0 {
		all = slices.DeleteFunc(all, func(h turfstore.Handout) bool { return !slices.Contains(some, idText(h.ID)) })
	}
	if len(all) == 0 {
		return fault.NotFoundf("There is no such hand-out here. Somebody may have recalled it.")
	}
	h := web.Head{Title: v.T.T("List numbers"), Facts: v.T.T("Whoever has a number can take its doors along on a phone. No account is needed."), Crumbs: mapCrumbs(v, g.m), Current: navKey}
	return v.Page(http.StatusOK, h, numbersPage(v, p.Origin, all))
}

// link is what the code of a list number opens.
func link(origin, number string) string { return origin + "/canvass#" + turfstore.WriteNumber(number) }

// code draws a QR code (ISO/IEC 18004) as one path, a unit for each module, with the quiet zone around it.
func code(text string) (d string, size int, err error) {
	const quiet = 4
	c, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("drawing the code of a list number: %w", err)
	}
	n := c.Bounds().Dx()
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; {
			from := x
			for x < n && dark(c.At(x, y).RGBA()) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
				continue
			}
			x++
		}
	}
	return b.String(), n + 2*quiet, nil
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }

// seen is what a hand-out opens, in words.
func seen(t words.Translator, h turfstore.Handout) string {
	if h.Turf == 0 {
		return t.T("%s, %s nearest doors at a time", h.MapName, t.Number(int64(h.DoorsEach)))
	}
	return h.MapName + " · " + h.TurfName
}

func (f giveForm) receivers(t words.Translator) []web.Option {
	all := []web.Option{{Value: "number", Label: t.T("Whoever has the list number"), Chosen: f.who == "number"}}
	for _, g := range f.groups {
		o := web.Option{Value: "group-" + idText(g.ID), Label: t.T("Group: %s", g.Name)}
		o.Chosen = o.Value == f.who
		all = append(all, o)
	}
	for _, m := range f.people {
		o := web.Option{Value: "account-" + idText(m.Account), Label: m.Name}
		o.Chosen = o.Value == f.who
		all = append(all, o)
	}
	return all
}

func (f giveForm) choices(t words.Translator) (all []web.Option) {
	for _, x := range f.turfs {
		all = append(all, web.Option{Value: idText(x.ID), Label: fmt.Sprintf("%s (%s)", x.Name, t.N(int64(x.Doors), "%s door", "%s doors")), Chosen: slices.Contains(f.Turfs, x.ID)})
	}
	return all
}

func (f giveForm) scriptOptions(t words.Translator) []web.Option {
	all := []web.Option{{Value: "0", Label: t.T("None: results and notes only"), Chosen: f.Script == 0}}
	for _, x := range f.scripts {
		all = append(all, web.Option{Value: idText(x.ID), Label: x.Name, Chosen: int64(x.ID) == f.Script})
	}
	return all
}

func (f giveForm) whoWrong() *fault.Error {
	if e := f.wrong.For("who"); e != nil {
		return e
	}
	return f.wrong.For("to")
}

func (g given) columns(t words.Translator) []web.Column {
	all := []web.Column{{Label: t.T("Turf")}, {Label: t.T("Doors"), Number: true}, {Label: t.T("People"), Number: true}, {Label: t.T("Time"), Number: true}, {Label: t.T("With")}}
	if g.give {
		return append([]web.Column{{Label: t.T("Choose"), Hidden: true}}, all...)
	}
	return all
}
