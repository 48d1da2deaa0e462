package canvasspage

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Board is where a canvass is led from: what happens at the doors now, and what waits for somebody to decide.
type Board struct {
	Canvass  *canvass.Store
	Turfs    *turfstore.Store
	People   *person.Store
	Codebook *codebook.Store

	pictures *pictures
}

// BoardNav is its place in the side navigation.
var BoardNav = []web.NavGroup{{Area: "field", Title: "Reach", Items: []web.NavItem{
	{Key: boardKey, Title: "Canvass", Icon: "door", Path: "field/canvass", Permit: canvass.PermitSee},
}}}

const boardKey = "canvass"

// BoardRoutes returns the pages.
func BoardRoutes(b Board) []web.Route {
	b.pictures = &pictures{}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field/canvass" + path, Permit: need, Handle: h, Many: []string{"result"}}
	}
	return []web.Route{
		r("GET", "", canvass.PermitSee, b.board),
		r("GET", "/live", canvass.PermitSee, b.live),
		r("GET", "/map/{id}", canvass.PermitSee, b.board),
		r("GET", "/map/{id}/live", canvass.PermitSee, b.live),
		r("GET", "/map/{id}/doors", canvass.PermitSee, b.liveDoors),
		r("GET", "/aside", canvass.PermitSee, b.aside),
		r("POST", "/aside", canvass.PermitJudge, b.judge),
		r("GET", "/met", canvass.PermitSee, b.met),
		r("POST", "/met", canvass.PermitJudge, b.decideMet),
		r("GET", "/phone", canvass.PermitSee, b.phones),
		r("POST", "/phone", canvass.PermitJudge, b.revoke),
		r("GET", "/results", canvass.PermitSettings, b.results),
		r("POST", "/results", canvass.PermitSettings, b.setResults),
	}
}

// boardView is a board as one reader sees it.
type boardView struct {
	canvass.Board
	one     *canvass.MapFigures // what it is about, when that is one map
	alone   bool                // reached as the page of one map
	every   bool                // all turfs are shown, however many they are
	turfs   []canvass.TurfFigures
	more    int64          // turfs that somebody has or began and that are not shown
	hours   []canvass.Hour // of the last day on which somebody was out
	day     time.Time      // that day
	phones  []phoneOut
	picture *picture // nil: no map to draw
}

// phoneOut is a phone that has turf, with all that it has.
type phoneOut struct {
	canvass.Out
	turfs []string
}

// silentAfter is how long a phone may say nothing: it tells what it has within seconds, and calls every few minutes while it has a network.
const silentAfter = 20 * time.Minute

func (p phoneOut) silent(now time.Time) bool { return now.Sub(p.Heard) > silentAfter }

// view reads the board. Only one map has a page of its own; with one map alone both are the same.
func (b Board) view(v *web.Visit) (w boardView, err error) {
	of := canvass.Scope{}
	if v.R.PathValue("id") != "" {
		id, err := web.ID[turfstore.MapID](v, "id")
		if err != nil {
			return w, err
		}
		if _, err := b.Turfs.Map(v.R.Context(), v.Actor, id); err != nil {
			return w, err
		}
		of.Map, w.alone = int64(id), true
	}
	if w.Board, err = b.Canvass.Board(v.R.Context(), v.Actor, of); err != nil {
		return w, err
	}
	if len(w.Maps) == 1 {
		w.one = &w.Maps[0]
	}
	if w.alone && w.one == nil { // it was put away this moment
		return w, fault.NotFoundf("There is no such map here, or its folder is not shared with you.")
	}
	w.every = v.Value("turfs") == "all"
	w.turfs, w.more = w.busy()
	w.hours, w.day = lastDay(slices.Clone(w.Hours), v.Now.Location())
	w.phones = w.out()
	return w, nil
}

// lastDay returns the hours of the last day, in the reader's time.
func lastDay(all []canvass.Hour, in *time.Location) ([]canvass.Hour, time.Time) {
	if len(all) == 0 {
		return nil, time.Time{}
	}
	day := all[len(all)-1].Began().In(in)
	return slices.DeleteFunc(all, func(h canvass.Hour) bool { return h.Began().In(in).Format(time.DateOnly) != day.Format(time.DateOnly) }), day
}

// out returns the phones, those that say nothing first.
func (w boardView) out() (all []phoneOut) {
	names := map[int64]string{}
	for _, t := range w.Turfs {
		names[t.Turf] = t.Name
	}
	for _, o := range w.Out {
		i := slices.IndexFunc(all, func(p phoneOut) bool { return p.Device == o.Device })
		if i < 0 {
			i = len(all)
			all = append(all, phoneOut{Out: o})
		}
		if n := names[o.Turf]; n != "" {
			all[i].turfs = append(all[i].turfs, n)
		}
	}
	slices.SortStableFunc(all, func(x, y phoneOut) int {
		if x.silent(w.At) != y.silent(w.At) {
			if x.silent(w.At) {
				return -1
			}
			return 1
		}
		return 0
	})
	return all
}

func (w boardView) silent() (n int64) {
	for _, p := range w.phones {
		if p.silent(w.At) {
			n++
		}
	}
	return n
}

// path is where the board is, and what lies below it.
func (w boardView) path(v *web.Visit, below ...any) string {
	if w.alone {
		return v.Path(append([]any{"field", "canvass", "map", w.one.Map}, below...)...)
	}
	return v.Path(append([]any{"field", "canvass"}, below...)...)
}

// livePath is where the board is told anew, as the reader looks at it.
func (w boardView) livePath(v *web.Visit) string {
	if w.every {
		return w.path(v, "live") + "?turfs=all"
	}
	return w.path(v, "live")
}

func (b Board) board(v *web.Visit) error {
	w, err := b.view(v)
	if err != nil {
		return err
	}
	if w.one != nil && v.Actor.May(turfstore.PermitSee) {
		if w.picture, err = b.draw(v, turfstore.MapID(w.one.Map)); err != nil {
			return err
		}
	}
	h := web.Head{Title: v.T.T("Canvass"), Current: boardKey, Islands: []string{"live"}, Reload: 30, Actions: boardActions(v, w)}
	if w.alone {
		h.Title, h.Crumbs = w.one.Name, boardCrumbs(v)
	}
	if !w.Total.Last.IsZero() {
		h.Facts = v.T.T("Last visit %s", v.T.Time(w.Total.Last.In(v.Now.Location())))
	}
	return v.Page(http.StatusOK, h, boardPage(v, w))
}

func boardCrumbs(v *web.Visit) []web.Crumb {
	return []web.Crumb{{Title: v.T.T("Canvass"), Href: v.Path("field", "canvass")}}
}

const (
	boardTick   = 3 * time.Second
	boardStream = time.Minute
)

// live sends the board whenever it is different. After a minute the browser asks again, and whoever may no longer see it is turned away.
func (b Board) live(v *web.Visit) error {
	return stream(v, func() (templ.Component, error) {
		w, err := b.view(v)
		w.At = v.Now
		return boardPart(v, w), err
	})
}

// liveDoors sends the visited doors of a map.
func (b Board) liveDoors(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	return stream(v, func() (templ.Component, error) {
		p, err := b.draw(v, id)
		if err != nil {
			return nil, err
		}
		return visitedDoors(v, p), nil
	})
}

func stream(v *web.Visit, part func() (templ.Component, error)) error {
	first, err := part()
	if err != nil {
		return err
	}
	e, err := v.Events()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(v.R.Context(), boardStream)
	defer stop()
	tick := time.NewTicker(boardTick)
	defer tick.Stop()
	var shown string
	for next := first; err == nil; next, err = part() {
		var now bytes.Buffer
		if err := next.Render(ctx, &now); err != nil {
			return nil
		}
		if now.String() != shown {
			shown = now.String()
			err = e.Show(templ.Raw(shown)) // written by a component, which escaped it
		} else {
			err = e.Beat()
		}
		if err != nil {
			return nil // the reader has gone
		}
		if !strings.Contains(v.R.Header.Get("Accept"), "text/event-stream") { // it does not listen: once is all it wants
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			v.Now = v.Now.Add(boardTick)
		}
	}
	return nil // the head is written: the page says what is wrong when it is asked for again
}

// hourBar is one hour of the chart.
type hourBar struct {
	x, wide, tall, talked int
	label, title          string
	count                 string
	marked                bool // the hour is written below
}

const (
	chartWide = 720
	chartTall = 150
	chartBase = 130

	fewestBars = 8
)

// bars draws the hours of the day to the last visit.
func (w boardView) bars(v *web.Visit) []hourBar {
	if len(w.hours) == 0 {
		return nil
	}
	last := w.hours[len(w.hours)-1].Number
	n := max(int(last-w.hours[0].Number)+1, fewestBars)
	first := last - int64(n) + 1 // the newest hour stands at the end, where phones show the chart first
	most := int64(1)
	for _, h := range w.hours {
		most = max(most, h.Attempts)
	}
	wide := chartWide / n
	all := make([]hourBar, n)
	for i := range all {
		at := canvass.Hour{Number: first + int64(i)}
		if j := slices.IndexFunc(w.hours, func(h canvass.Hour) bool { return h.Number == at.Number }); j >= 0 {
			at = w.hours[j]
		}
		began := v.T.Clock(at.Began().In(v.Now.Location()))
		all[i] = hourBar{x: i * wide, wide: wide - 10, tall: int(at.Attempts * (chartBase - 20) / most), talked: int(at.Talked * (chartBase - 20) / most), marked: n <= 9 || i%3 == 0,
			label: began, count: v.T.Number(at.Attempts), title: v.T.T("%s: %s, talked with somebody at %s", began, v.T.N(at.Attempts, "%s visit", "%s visits"), v.T.Number(at.Talked))}
	}
	return all
}

// finding says the chart in a sentence.
func (w boardView) finding(v *web.Visit) string {
	best := w.hours[0]
	for _, h := range w.hours {
		if h.Attempts > best.Attempts {
			best = h
		}
	}
	return v.T.T("Most visits were in the hour from %s: %s", v.T.Clock(best.Began().In(v.Now.Location())), v.T.Number(best.Attempts))
}

// question is the answers to one question.
type question struct {
	asked   string
	answers []canvass.AnswerFigures
	all     int64
}

func (w boardView) questions() (all []question) {
	for _, x := range w.Answers {
		if len(all) == 0 || all[len(all)-1].answers[0].Question != x.Question {
			all = append(all, question{asked: x.Asked})
		}
		q := &all[len(all)-1]
		q.answers = append(q.answers, x)
		q.all += x.People
	}
	return all
}

func (w boardView) mostResults() int64 {
	most := int64(1)
	for _, r := range w.Results {
		most = max(most, r.Doors)
	}
	return most
}

func (w boardView) several() bool { return len(w.Maps) > 1 }

// tried says which people are behind a number: those of the board's one map. Of several maps a list cannot be made: each has its own.
func (w boardView) tried(accounts []int64, results ...contact.Result) string {
	if w.one == nil {
		return ""
	}
	return asked(w.one.Behind(accounts, results...))
}

// inTurf says which people are behind a number of a turf; doors that phones took from a whole map are no turf.
func (w boardView) inTurf(t canvass.TurfFigures, results ...contact.Result) string {
	m := w.mapOf(t.Map)
	if m == nil || t.Turf == 0 {
		return ""
	}
	return asked(m.BehindTurfs([]int64{t.Turf}, results...))
}

// led is the criteria behind a number of an organizer, on the board of one map. Doors that phones took from the whole map are in none of their turfs.
func (w boardView) led(o canvass.OrganizerFigures, results ...contact.Result) string {
	if w.one == nil || o.Whole {
		return ""
	}
	return asked(w.one.BehindTurfs(o.Turfs, results...))
}

func (w boardView) mapOf(id int64) *canvass.MapFigures {
	if i := slices.IndexFunc(w.Maps, func(m canvass.MapFigures) bool { return m.Map == id }); i >= 0 {
		return &w.Maps[i]
	}
	return nil
}

func (w boardView) answered(x canvass.AnswerFigures) string {
	if w.one == nil {
		return ""
	}
	return asked(w.one.Answered(x))
}

// asked is a criteria as the list builder takes it.
func asked(c list.Criteria) string {
	b, err := json.Marshal(c)
	if err != nil { // a criteria nobody can write names no list
		return ""
	}
	return string(b)
}

// opens reports whether the reader may look at lists of people in turf.
func opens(v *web.Visit) bool {
	return v.Actor.May(liststore.PermitCount) && v.Actor.May(turfstore.PermitSee)
}

// pace writes doors an hour.
func pace(t words.Translator, x canvass.Tally, now time.Time) string {
	p := x.Pace(now)
	if p == 0 {
		return "–"
	}
	return t.Number(int64(p + .5))
}

// done says when all doors will have been visited.
func done(v *web.Visit, x canvass.Tally, now time.Time) string {
	at := x.Done(now)
	switch {
	case x.Doors > 0 && x.Attempted >= x.Doors:
		return v.T.T("Done")
	case at.IsZero():
		return "–"
	}
	return v.T.Clock(at.In(v.Now.Location()).Round(5 * time.Minute))
}

// doneNote says what done goes by, and the day when that is not today.
func doneNote(v *web.Visit, x canvass.Tally, now time.Time) string {
	at := x.Done(now).In(v.Now.Location()).Round(5 * time.Minute)
	if !x.Done(now).IsZero() && at.Format(time.DateOnly) != v.Now.Format(time.DateOnly) {
		return v.T.T("on %s, if it goes on like that", v.T.Date(at))
	}
	return v.T.T("at the pace of the last hour")
}

// heard says when a phone was last heard of.
func heard(v *web.Visit, at time.Time) string {
	at = at.In(v.Now.Location())
	if at.Format(time.DateOnly) == v.Now.Format(time.DateOnly) {
		return v.T.Clock(at)
	}
	return v.T.Time(at)
}

// lastHeard is when the last phone of a turf was heard of.
func lastHeard(t canvass.TurfFigures) (at time.Time) {
	for _, o := range t.Out {
		if o.Heard.After(at) {
			at = o.Heard
		}
	}
	return at
}

func namesOut(t canvass.TurfFigures) (all []string) {
	for _, o := range t.Out {
		if !slices.Contains(all, o.Name) {
			all = append(all, o.Name)
		}
	}
	return all
}

// onMap is the page that shows a turf on its map; the map alone when the turf is not on it any more.
func onMap(v *web.Visit, m int64, number int) string {
	at := v.Path("field", "turf", m)
	if number != 0 {
		at += "?chosen=" + strconv.Itoa(number)
	}
	return at
}

func formOf(id int64) string { return "people-" + strconv.FormatInt(id, 10) }

// mostTurfs is how many turfs a board shows at first: what somebody can look over, and what can be sent every few seconds.
const mostTurfs = 60

// busy returns the turfs that somebody has or began, in order; doors that phones took from a whole map are among them. Of many it returns those where
// something happened last, and how many more there are.
func (w boardView) busy() (all []canvass.TurfFigures, more int64) {
	all = slices.DeleteFunc(slices.Clone(w.Turfs), func(t canvass.TurfFigures) bool { return t.Attempts == 0 && len(t.Out) == 0 })
	if w.every || len(all) <= mostTurfs {
		return all, 0
	}
	slices.SortStableFunc(all, func(x, y canvass.TurfFigures) int { return stirred(y).Compare(stirred(x)) })
	return all[:mostTurfs], int64(len(all) - mostTurfs)
}

// stirred is when something was last heard of a turf.
func stirred(t canvass.TurfFigures) time.Time {
	if at := lastHeard(t); at.After(t.Last) {
		return at
	}
	return t.Last
}

func (w boardView) idle() int64 { return int64(len(w.Turfs)-len(w.turfs)) - w.more }
