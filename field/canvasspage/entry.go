package canvasspage

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
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

// entryView is a sheet under way. All of it travels with the form, so nothing is lost with the server, and nothing is recorded before somebody says so.
type entryView struct {
	sheet sheet.Sheet
	day   string       // as written
	lines []sheet.Line // what the sheet holds, newest last
	last  []sheet.Line // what was scanned just now, refused ones too
	twice []string     // codes that were on the sheet already
	wrong fault.Inputs
}

func (e Entry) begin(v *web.Visit) error {
	s := entryView{sheet: sheet.Sheet{ID: newSheet(), Channel: person.ByDoor}, day: v.Now.Format(time.DateOnly)}
	if _, err := e.Sheets.Read(v.R.Context(), v.Actor, s.sheet); err != nil { // whether the reader may
		return err
	}
	return e.show(v, http.StatusOK, s)
}

func (e Entry) show(v *web.Visit, status int, s entryView) error {
	h := web.Head{Title: v.T.T("Results from paper"), Facts: v.T.T("Scan the codes of walk lists and call sheets, then record them all at once"), Current: entryKey, Islands: []string{"paper"},
		Actions: web.LinkButton(web.Action{Label: v.T.T("Fill in a grid"), Href: v.Path("field", "canvass", "paper", "grid")})}
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
	if err != nil {
		return err
	}
	what, rest, _ := strings.Cut(v.Value("do"), ":")
	var fresh []string
	switch {
	case what == "drop":
		s.sheet.Codes = slices.DeleteFunc(s.sheet.Codes, func(c string) bool { return c == rest })
	case what == "record" && len(s.wrong) == 0:
		n, err := e.Sheets.Record(v.R.Context(), v.Actor, s.sheet)
		if err == nil {
			return v.RedirectSaying(v.Path("field", "canvass", "paper"), "%s answers from paper are recorded.", strconv.Itoa(n))
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
