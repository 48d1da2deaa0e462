// Package personpage is the look-up of people, their profiles, and the page that the day begins with.
package personpage

import (
	_ "embed"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

// FindPath is where the look-up in the bar posts to, below the organisation.
const FindPath = "field/person"

const (
	todayKey       = "today"
	findKey        = "person"
	correctionsKey = "corrections"
)

// Nav is the pages' place in the side navigation.
var Nav = []web.NavGroup{{Area: "field", Items: []web.NavItem{
	{Key: todayKey, Title: "Today", Icon: "home", Path: "field", Permit: permit.SignedIn},
	{Key: findKey, Title: "Look up a person", Icon: "search", Path: FindPath, Permit: person.PermitFind},
	{Key: correctionsKey, Title: "Corrections", Icon: "flag", Path: "field/corrections", Permit: person.PermitCorrect},
}}}

type pages struct {
	people *person.Store
	places *place.Store // nil: no maps
	asked  *web.Shelf[person.Find]
	known  Known
}

// Routes returns the pages of people. places draws the small map of a profile; without it there is none. known is what organisations
// learned about them.
func Routes(people *person.Store, places *place.Store, known Known) []web.Route {
	p := pages{people, places, &web.Shelf[person.Find]{}, known}
	r := func(method, path string, need permit.Permit, h func(*web.Visit) error) web.Route {
		return web.Route{Method: method, Path: "/o/{org}/field" + path, Permit: need, Handle: h}
	}
	record := r("POST", "/person/{id}/record", contact.PermitRecord, p.record)
	record.Many = []string{"code-on", "code-off", "tag-on", "tag-off"}
	return []web.Route{
		r("GET", "", permit.SignedIn, p.today),
		r("GET", "/person", person.PermitFind, p.ready),
		r("POST", "/person", person.PermitFind, p.find),
		r("GET", "/person/last", person.PermitFind, p.last),
		r("GET", "/person/{id}", person.PermitLook, p.profile),
		r("GET", "/person/{id}/looks", person.PermitLooks, p.looks),
		r("GET", "/person/{id}/record", contact.PermitRecord, p.recordForm),
		record,
		r("POST", "/person/{id}/note", person.PermitNoteAdd, p.addNote),
		r("POST", "/person/{id}/phone", person.PermitPhoneAdd, p.addPhone),
		r("POST", "/person/{id}/phone/mark", person.PermitPhoneAdd, p.markPhone),
		r("POST", "/person/{id}/email", person.PermitEmailAdd, p.addEmail),
		r("POST", "/person/{id}/email/remove", person.PermitEmailAdd, p.removeEmail),
		r("POST", "/person/{id}/correct", person.PermitCorrect, p.correct),
		r("POST", "/person/{id}/correct/withdraw", person.PermitCorrect, p.withdraw),
		r("GET", "/corrections", person.PermitCorrect, p.corrections),
		r("POST", "/corrections", person.PermitJudge, p.judge),
		r("POST", "/person/{id}/suppress", person.PermitSuppress, p.suppress),
		r("POST", "/person/{id}/lift", person.PermitSuppress, p.lift),
	}
}
