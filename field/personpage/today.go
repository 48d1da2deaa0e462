package personpage

import (
	"net/http"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/web"
)

func (p pages) today(v *web.Visit) error {
	files, err := p.people.Today(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	var rate person.FixRate
	if v.Actor.May(person.PermitJudge) {
		if rate, err = p.people.FixRate(v.R.Context(), v.Actor); err != nil {
			return err
		}
	}
	return v.Page(http.StatusOK, web.Head{Title: v.T.Date(v.Now), Current: todayKey, Facts: todayFacts(v, files)},
		todayBody(v, files, nexts(v, files, rate.Waiting), p.people.PurposeOf(v.Actor)))
}

func todayFacts(v *web.Visit, files []person.FileToday) string {
	people := int64(0)
	for _, f := range files {
		people += f.People
	}
	if people == 0 {
		return ""
	}
	return v.T.N(people, "%s person in the voter files you can see", "%s people in the voter files you can see")
}

func fileFigures(v *web.Visit, f person.FileToday) []web.Figure {
	return []web.Figure{
		{Label: v.T.T("People"), Value: v.T.Number(f.People), Context: v.T.T("in the file of %s", day(v.T, f.FileDate))},
		{Label: v.T.T("New"), Value: v.T.Number(f.New), Context: v.T.T("since the file before")},
		{Label: v.T.T("Moved"), Value: v.T.Number(f.Moved)},
		{Label: v.T.T("Party changed"), Value: v.T.Number(f.Party)},
		{Label: v.T.T("Dropped"), Value: v.T.Number(f.Dropped), Context: v.T.T("kept, and marked")},
	}
}

// next is one thing to do next.
type next struct{ icon, title, text, href string }

// nexts are the things to do next; waiting is how many corrections the reader could judge.
func nexts(v *web.Visit, files []person.FileToday, waiting int64) []next {
	var all []next
	loaded := false
	for _, f := range files {
		loaded = loaded || f.FileDate != 0
	}
	if !loaded && v.Actor.May(voterfile.PermitImport) {
		all = append(all, next{"upload", v.T.T("Load a voter file"), v.T.T("Look-ups, lists and turf begin with the state's file. You see what would change before anything is loaded."),
			v.Path("field", "voterfile")})
	}
	if loaded && v.Actor.May(person.PermitFind) {
		all = append(all, next{"search", v.T.T("Check a registration"), v.T.T("Look the person up, open the profile, and read status, precinct and districts."),
			v.Path("field", "person")})
	}
	if waiting > 0 {
		all = append(all, next{"flag", v.T.N(waiting, "Judge %s correction", "Judge %s corrections"), v.T.T("Somebody found a mistake in a record and waits to hear what became of it."),
			v.Path("field", "corrections")})
	}
	if v.Actor.May(voterfile.PermitSee) && loaded {
		all = append(all, next{"doc", v.T.T("See what the last file changed"), v.T.T("New, moved and dropped voters, county by county, and rows that were refused."),
			v.Path("field", "voterfile")})
	}
	return all
}
