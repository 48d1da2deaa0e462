package canvasspage

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/sheet"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// perGrid is how many people a page of the grid has: with the most columns they fit one sheet.
const (
	perGrid       = 40
	mostQuestions = 4
	mostCodes     = 6
)

// gridView is some people of a list, or of turf, with room to write down what came of them.
type gridView struct {
	work
	lists            []liststore.Saved
	list             liststore.Saved // the zero value while none is chosen
	by               person.Channel
	sent             bool // what the grid is of was chosen
	id, day          string
	offered          []codebook.Definition // questions and codes to choose columns from
	questions, codes []codebook.Definition // the columns
	results          []contact.Meaning
	rows             []gridRow
	from             int
	wrong            fault.Inputs
}

type gridRow struct {
	id            int64
	name, address string
	phone         string // of a call, the number that results are about
	past          sheet.Past
	by            string
}

func (e Entry) grid(v *web.Visit) error {
	g, err := e.readGrid(v)
	if err != nil {
		return err
	}
	return e.showGrid(v, http.StatusOK, g)
}

// readGrid takes the list and the columns that the address names.
func (e Entry) readGrid(v *web.Visit) (gridView, error) {
	ctx := v.R.Context()
	q := v.R.URL.Query()
	g := gridView{by: person.Channel(q.Get("by")), sent: q.Has("by"), day: v.Now.Format(time.DateOnly), id: newSheet()}
	if g.by != person.ByCall {
		g.by = person.ByDoor
	}
	g.from, _ = strconv.Atoi(q.Get("from"))
	g.from = min(max(g.from, 0), 10_000_000)
	if _, err := e.Sheets.Read(ctx, v.Actor, sheet.Sheet{}); err != nil { // whether the reader may
		return g, err
	}
	found, err := e.Lists.Lists(ctx, v.Actor, liststore.Find{})
	if err != nil {
		return g, err
	}
	g.lists = found.Lists
	for _, l := range found.Lists {
		if strconv.FormatInt(int64(l.ID), 10) == q.Get("list") {
			g.list = l
		}
	}
	if g.work, err = e.work(v); err != nil {
		return g, err
	}
	if g.turf.Turf != 0 {
		g.by, g.list = person.ByDoor, liststore.Saved{}
	} else if q.Get("list") != "" && g.list.ID == 0 {
		return g, fault.NotFoundf("There is no such list here, or it is not shared with you.")
	}
	for _, k := range []codebook.Kind{codebook.Question, codebook.Code} {
		all, err := e.Codebook.Definitions(ctx, v.Actor, k, false)
		if err != nil {
			return g, err
		}
		g.offer(slices.DeleteFunc(all, func(d codebook.Definition) bool { return d.Status != codebook.Active }), q["column"])
	}
	g.results, err = e.Canvass.Results(ctx, v.Actor, g.by)
	return g, err
}

// offer takes definitions that can be columns, and of them those that are.
func (g *gridView) offer(all []codebook.Definition, chosen []string) {
	g.offered = append(g.offered, all...)
	for _, d := range all {
		switch is := slices.Contains(chosen, column(d)); {
		case is && d.Kind == codebook.Question && len(g.questions) < mostQuestions:
			g.questions = append(g.questions, d)
		case is && d.Kind == codebook.Code && len(g.codes) < mostCodes:
			g.codes = append(g.codes, d)
		}
	}
}

// column names a definition in the address.
func column(d codebook.Definition) string {
	return string(d.Kind) + "-" + strconv.FormatInt(int64(d.ID), 10)
}

func (e Entry) showGrid(v *web.Visit, status int, g gridView) error {
	h := web.Head{Title: v.T.T("Results in a grid"), Current: entryKey, Crumbs: []web.Crumb{{Title: v.T.T("Results from paper"), Href: v.Path("field", "canvass", "paper")}}, Islands: []string{"grid"}}
	if !g.chosen() {
		return v.Page(status, h, gridChoice(v, g))
	}
	h.Facts = g.list.Name
	if g.turf.Turf != 0 {
		h.Facts = g.turf.Name + " · " + g.turf.MapName
	}
	if err := e.fillGrid(v, &g); err != nil {
		return err
	}
	return v.Page(status, h, gridPage(v, g))
}

// chosen reports whether the form that asks whose results these are was sent.
func (g gridView) chosen() bool { return g.sent && (g.list.ID != 0 || g.turf.Turf != 0) }

// fillGrid reads the people of the page, in walk order, and what was last recorded about each.
func (e Entry) fillGrid(v *web.Visit, g *gridView) error {
	ctx := v.R.Context()
	var err error
	if g.turf.Turf != 0 {
		err = e.turfRows(v, g)
	} else {
		err = e.listRows(v, g)
	}
	if err != nil {
		return err
	}
	ids := make([]int64, len(g.rows))
	for i, r := range g.rows {
		ids[i] = r.id
	}
	past, err := e.Sheets.Last(ctx, v.Actor, g.by, ids)
	if err != nil {
		return err
	}
	phones := map[int64][]liststore.Phone{}
	if g.by == person.ByCall && v.Actor.May(person.PermitPhone) {
		if phones, err = e.Lists.Phones(ctx, int64(v.Actor.Org()), ids); err != nil {
			return err
		}
	}
	names := map[int64]string{}
	for i := range g.rows {
		r := &g.rows[i]
		r.past = past[r.id]
		if all := phones[r.id]; len(all) > 0 {
			r.phone = all[0].Number
		}
		if r.past.Result != "" {
			if _, ok := names[r.past.By]; !ok {
				names[r.past.By] = e.People.NameOf(ctx, r.past.By)
			}
			r.by = names[r.past.By]
		}
	}
	return nil
}

func (e Entry) listRows(v *web.Visit, g *gridView) error {
	ask := g.list.Ask
	if g.list.Kind == liststore.Frozen {
		ask.Criteria = liststore.Of(g.list.ID)
	}
	people, err := e.Lists.Page(v.R.Context(), v.Actor, ask, liststore.Walk, g.from, perGrid)
	for _, p := range people {
		g.rows = append(g.rows, newRow(p.Person, p.First, p.Last, p.House, p.Street, p.Unit))
	}
	return err
}

// turfRows takes whom a printed turf has, in its order.
func (e Entry) turfRows(v *web.Visit, g *gridView) error {
	c, err := e.Canvass.OnTurf(v.R.Context(), v.Actor, g.turf.Turf)
	if err != nil {
		return err
	}
	var shown []int64
	at := 0
	for _, d := range c.Doors {
		for _, p := range d.People {
			if !p.Knock {
				continue
			}
			if at++; at > g.from && at <= g.from+perGrid {
				g.rows = append(g.rows, newRow(p.ID, p.First, p.Last, d.House, d.Street, d.Unit))
				shown = append(shown, p.ID)
			}
		}
	}
	return e.Sheets.Show(v.R.Context(), v.Actor, shown)
}

func newRow(id int64, first, last, house, street, unit string) gridRow {
	return gridRow{id: id, name: person.Proper(last) + ", " + person.Proper(first), address: person.ProperAddress(strings.Join(strings.Fields(house+" "+street+" "+unit), " "))}
}

// saveGrid records what was filled in. A row that was left empty says nothing.
func (e Entry) saveGrid(v *web.Visit) error {
	g, err := e.readGrid(v)
	if err != nil {
		return err
	}
	if !g.chosen() {
		return fault.NotFoundf("There is no such list here, or it is not shared with you.")
	}
	s := sheet.Sheet{ID: v.Value("sheet"), Channel: g.by, Grid: true, By: g.who, Turf: g.turf.Turf, Codes: g.filled(v)}
	if g.day = v.Value("day"); g.day != "" {
		if s.Day, err = time.Parse(time.DateOnly, g.day); err != nil {
			g.wrong.Add("day", "This is not a day. Write it like 2027-10-09.")
			return e.showGrid(v, http.StatusUnprocessableEntity, g)
		}
	}
	n := 0
	if len(s.Codes) > 0 {
		n, err = e.Sheets.Record(v.R.Context(), v.Actor, s)
	}
	if in, ok := web.Inputs(err); ok {
		g.wrong = in
		return e.showGrid(v, http.StatusUnprocessableEntity, g)
	}
	if err != nil {
		return err
	}
	if strings.Contains(v.R.Header.Get("Accept"), "application/json") {
		return v.JSON(http.StatusOK, map[string]any{"recorded": n, "sheet": newSheet()})
	}
	next := g.from
	if v.Value("do") == "next" {
		next += perGrid
	}
	return v.RedirectSaying(gridPath(v, g, next), "%s answers from paper are recorded.", strconv.Itoa(n))
}

// filled turns the inputs of the grid into the codes that a sheet would have beside them.
func (g gridView) filled(v *web.Visit) []string {
	var all []string
	for name := range v.R.PostForm {
		what, rest, _ := strings.Cut(name, "-")
		value := v.Value(name)
		if value == "" {
			continue
		}
		if what == "result" {
			who, err := strconv.ParseInt(rest, 10, 64)
			if n := contact.Result(value).Standard().Number; err == nil && who > 0 && n > 0 {
				all = append(all, export.Scan{Kind: export.ScanResult, Object: n, Person: who}.OfNumber(about(contact.Result(value), v.Value("number-"+rest))).String())
			}
			continue
		}
		_, of, _ := strings.Cut(rest, "-")
		who, err := strconv.ParseInt(of, 10, 64)
		object, err2 := strconv.ParseInt(value, 10, 64)
		if err != nil || err2 != nil || who <= 0 || object <= 0 {
			continue
		}
		switch what {
		case "answer":
			all = append(all, export.Scan{Kind: export.ScanResponse, Object: object, Person: who}.String())
		case "code":
			all = append(all, export.Scan{Kind: export.ScanCode, Object: object, Person: who}.String())
		}
	}
	slices.Sort(all) // one order, whatever the map's
	return all
}

// about returns the number that a result is about, "" for other results.
func about(r contact.Result, number string) string {
	if m, _ := contact.MeaningOf(r); !m.BadNumber {
		return ""
	}
	return number
}

func newSheet() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// gridPath is the grid from a person on.
func gridPath(v *web.Visit, g gridView, from int) string {
	q := url.Values{"by": {string(g.by)}}
	if g.turf.Turf != 0 {
		q.Set("turf", g.turfText())
	} else {
		q.Set("list", strconv.FormatInt(int64(g.list.ID), 10))
	}
	if v.Value("who") != "" {
		q.Set("who", strconv.FormatInt(g.who, 10))
	}
	for _, d := range slices.Concat(g.questions, g.codes) {
		q.Add("column", column(d))
	}
	if from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	return v.Path("field", "canvass", "paper", "grid") + "?" + q.Encode()
}
