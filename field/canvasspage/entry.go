package canvasspage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/sheet"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// Entry is where results come in from paper.
type Entry struct {
	Sheets   *sheet.Store
	Lists    *liststore.Store
	Codebook *codebook.Store
	Canvass  *canvass.Store // for the results that an organisation chooses from
	People   *person.Store  // for the names of those who recorded
}

// EntryNav is its place in the side navigation.
var EntryNav = []web.NavGroup{{Area: "field", Title: "Reach", Items: []web.NavItem{
	{Key: entryKey, Title: "Results from paper", Icon: "doc", Path: "field/canvass/paper", Permit: canvass.PermitSee},
}}}

const entryKey = "paper"

// EntryRoutes returns the pages.
func EntryRoutes(e Entry) []web.Route {
	const at = "/o/{org}/field/canvass/paper"
	return []web.Route{
		{Method: "GET", Path: at, Permit: canvass.PermitSee, Handle: e.begin},
		{Method: "POST", Path: at, Permit: canvass.PermitSee, Handle: e.scan},
		{Method: "GET", Path: at + "/grid", Permit: canvass.PermitSee, Handle: e.grid, Many: []string{"column"}},
		{Method: "POST", Path: at + "/grid", Permit: canvass.PermitSee, Handle: e.saveGrid, Many: []string{"column"}},
	}
}

// work says whose work is entered, and of which turf.
type work struct {
	turf    canvass.GivenTurf // the zero value for none
	walkers canvass.Walkers
	who     int64 // account
	given   []canvass.GivenTurf
}

// work reads it from the address or the form. Without a word it is the work of whom the turf was handed to, else the reader's own.
func (e Entry) work(v *web.Visit) (w work, err error) {
	ctx := v.R.Context()
	if text := v.Value("turf"); text != "" && text != "0" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return w, fault.NotFoundf("There is no such turf here, or its folder is not shared with you.")
		}
		if w.turf, err = e.Canvass.Turf(ctx, v.Actor, id); err != nil {
			return w, err
		}
	}
	if w.walkers, err = e.Canvass.Walkers(ctx, v.Actor, w.turf.Turf); err != nil {
		return w, err
	}
	if w.who, err = strconv.ParseInt(v.Value("who"), 10, 64); err != nil {
		w.who = cmp.Or(w.walkers.Likely, int64(v.Actor.Account()))
	}
	w.given, err = e.Canvass.Given(ctx, v.Actor)
	return w, err
}

func (w work) whoOptions(v *web.Visit) (all []web.Option) {
	own := int64(v.Actor.Account())
	if !w.walkers.Has(own) {
		all = append(all, web.Option{Value: strconv.FormatInt(own, 10), Label: v.T.T("%s (you)", v.Actor.Name())})
	}
	for _, x := range w.walkers.All {
		o := web.Option{Value: strconv.FormatInt(x.Account, 10), Label: x.Name}
		if x.Account == own {
			o.Label = v.T.T("%s (you)", x.Name)
		}
		all = append(all, o)
	}
	return all
}

func (w work) turfOptions(none string) []web.Option {
	all := []web.Option{{Value: "0", Label: none}}
	for _, t := range w.given {
		all = append(all, web.Option{Value: strconv.FormatInt(t.Turf, 10), Label: t.Name + " · " + t.MapName})
	}
	return all
}

// turfText names the turf in a form.
func (w work) turfText() string { return strconv.FormatInt(w.turf.Turf, 10) }

// entryView is a sheet under way. All of it travels with the form, so nothing is lost with the server, and nothing is recorded before somebody says so.
type entryView struct {
	work
	sheet sheet.Sheet
	day   string       // as written
	lines []sheet.Line // what the sheet holds, newest last
	last  []sheet.Line // what was scanned just now, refused ones too
	twice []string     // codes that were on the sheet already
	wrong fault.Inputs
}

func (e Entry) begin(v *web.Visit) error {
	s := entryView{sheet: sheet.Sheet{ID: newSheet(), Channel: person.ByDoor}, day: v.Now.Format(time.DateOnly)}
	_, err := e.Sheets.Read(v.R.Context(), v.Actor, s.sheet) // whether the reader may
	if err == nil {
		s.work, err = e.work(v)
	}
	if err != nil {
		return err
	}
	return e.show(v, http.StatusOK, s)
}

func (e Entry) show(v *web.Visit, status int, s entryView) error {
	grid := v.Path("field", "canvass", "paper", "grid")
	if s.turf.Turf != 0 {
		grid += "?turf=" + s.turfText()
	}
	h := web.Head{Title: v.T.T("Results from paper"), Facts: v.T.T("Scan the codes of walk lists and call sheets, then record them all at once"), Current: entryKey, Islands: []string{"paper"},
		Actions: web.LinkButton(web.Action{Label: v.T.T("Fill in a grid"), Href: grid})}
	return v.Page(status, h, entryPage(v, s))
}

// readEntry takes the sheet as it was sent.
func readEntry(v *web.Visit) (entryView, error) {
	s := entryView{sheet: sheet.Sheet{ID: v.Value("sheet"), Channel: person.Channel(v.Value("channel")), Codes: strings.Fields(v.Value("codes"))}, day: v.Value("day")}
	if !slices.Contains([]person.Channel{person.ByDoor, person.ByCall}, s.sheet.Channel) {
		return s, fault.Invalidf("Choose walk lists or call sheets.")
	}
	if s.day != "" {
		day, err := time.Parse(time.DateOnly, s.day)
		if err != nil {
			s.wrong.Add("day", "This is not a day. Write it like 2027-10-09.")
		}
		s.sheet.Day = day
	}
	return s, nil
}

// scan does what the pressed button says; a scanner that types and ends with return presses the first, which adds.
func (e Entry) scan(v *web.Visit) error {
	s, err := readEntry(v)
	if err == nil {
		s.work, err = e.work(v)
	}
	if err != nil {
		return err
	}
	s.sheet.By, s.sheet.Turf = s.who, s.turf.Turf
	what, rest, _ := strings.Cut(v.Value("do"), ":")
	var fresh []string
	switch {
	case what == "drop":
		s.sheet.Codes = slices.DeleteFunc(s.sheet.Codes, func(c string) bool { return c == rest })
	case what == "record" && len(s.wrong) == 0:
		n, err := e.Sheets.Record(v.R.Context(), v.Actor, s.sheet)
		if err == nil {
			to := v.Path("field", "canvass", "paper")
			if s.turf.Turf != 0 {
				to += "?turf=" + s.turfText()
			}
			return v.RedirectSaying(to, "%s answers from paper are recorded.", strconv.Itoa(n))
		}
		if in, ok := web.Inputs(err); ok {
			s.wrong = in
		} else {
			return err
		}
	default:
		fresh = s.add(strings.Fields(v.Value("scan")))
	}
	lines, err := e.Sheets.Read(v.R.Context(), v.Actor, s.sheet, fresh...)
	if err != nil {
		return err
	}
	s.keep(lines, fresh)
	status := http.StatusOK
	if len(s.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return e.show(v, status, s)
}

// add puts what was scanned on the sheet and returns what is new there.
func (s *entryView) add(scanned []string) (fresh []string) {
	for _, c := range scanned {
		if slices.Contains(s.sheet.Codes, c) {
			s.twice = append(s.twice, c)
			continue
		}
		s.sheet.Codes = append(s.sheet.Codes, c)
		fresh = append(fresh, c)
	}
	return fresh
}

// keep takes what the codes say. Refused ones are said once and are not on the sheet.
func (s *entryView) keep(lines []sheet.Line, fresh []string) {
	for _, l := range lines {
		if slices.Contains(fresh, l.Code) {
			s.last = append(s.last, l)
		}
		if l.Refused == nil {
			s.lines = append(s.lines, l)
		}
	}
	s.sheet.Codes = s.sheet.Codes[:0]
	for _, l := range s.lines {
		s.sheet.Codes = append(s.sheet.Codes, l.Code)
	}
}

// good counts the lines that will be recorded.
func (s entryView) good() int64 {
	n := int64(0)
	for _, l := range s.lines {
		if l.Good() {
			n++
		}
	}
	return n
}

// sayLine says what a code records: "Support: Strong yes".
func sayLine(t words.Translator, l sheet.Line) string {
	switch l.Kind {
	case export.ScanResult:
		m, _ := contact.MeaningOf(l.Result)
		switch {
		case m.BadNumber && l.Number != "":
			return t.T(l.What) + ": " + t.Phone(l.Number)
		case m.BadNumber:
			return t.T("%s, of a number that is not on record", t.T(l.What))
		}
		return t.T(l.What)
	case export.ScanResponse:
		return fmt.Sprintf("%s: %s", l.Asked, l.What)
	}
	return l.What
}

// tone is what the last scan sounds like.
func (s entryView) tone() string {
	switch {
	case slices.ContainsFunc(s.last, func(l sheet.Line) bool { return l.Refused != nil }):
		return "refused"
	case len(s.last) > 0:
		return "good"
	case len(s.twice) > 0:
		return "refused"
	}
	return ""
}
