package personpage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
)

// profilePage is one person as the reader may see them, and a form that came back.
type profilePage struct {
	person.Profile
	why    person.Purpose
	at     person.Place
	inList bool
	door   doorMap
	mapped bool
	names  map[int64]string // of those who wrote notes and set suppressions
	form   form
	known  []codebook.Fact
	tried  []contact.Past
}

// form is what was typed into the form that was refused.
type form struct {
	name    string // note, phone, email, correct, suppress, lift
	channel person.Channel
	mistake person.Mistake
	wrong   fault.Inputs
	value   func(string) string
}

// kept returns what was typed into an input of the form called name.
func (f form) kept(name, input string) string {
	if f.name != name || f.value == nil {
		return ""
	}
	return f.value(input)
}

// fault returns what is wrong with an input of the form called name.
func (f form) fault(name, input string) *fault.Error {
	if f.name != name {
		return nil
	}
	return f.wrong.For(input)
}

func (p pages) profile(v *web.Visit) error { return p.show(v, http.StatusOK, form{}) }

func (p pages) show(v *web.Visit, status int, f form) error {
	id, err := web.ID[person.ID](v, "id")
	if err != nil {
		return err
	}
	why, ok := person.ParsePurpose(v.R.URL.Query().Get("purpose"))
	if !ok {
		why = p.people.PurposeOf(v.Actor)
	}
	if why == "" {
		return p.ask(v)
	}
	prof, err := p.people.Look(v.R.Context(), v.Actor, id, why)
	if err != nil {
		return err
	}
	page := profilePage{Profile: prof, why: why, form: f, names: p.names(v.R.Context(), prof)}
	page.at, page.inList = p.people.PlaceOf(v.Actor, id)
	if err := p.fillKnown(v, &page); err != nil {
		return err
	}
	if page.door, page.mapped, err = p.drawDoor(v.R.Context(), prof); err != nil {
		return err
	}
	return v.Page(status, web.Head{Title: prof.Name, Current: findKey, Facts: page.facts(v), Crumbs: page.crumbs(v), Actions: profileActions(v, page)},
		profileBody(v, page))
}

// ask is shown instead of a profile to a reader who has given no purpose yet.
func (p pages) ask(v *web.Visit) error {
	var wrong fault.Inputs
	status := http.StatusOK
	if v.Value("asked") == "1" {
		wrong.Add("purpose", "Say why you open this record. The purpose is recorded.")
		status = http.StatusUnprocessableEntity
	}
	return v.Page(status, web.Head{Title: v.T.T("Why do you open this record?"), Current: findKey,
		Facts:  v.T.T("The purpose stands in the ledger beside your name. You are asked once."),
		Crumbs: []web.Crumb{{Title: v.T.T("Look up a person"), Href: v.Path("field", "person")}}}, askBody(v, wrong))
}

// names reads the names of those who wrote about the person, each once.
func (p pages) names(ctx context.Context, prof person.Profile) map[int64]string {
	names := map[int64]string{}
	add := func(id int64) {
		if _, ok := names[id]; !ok {
			names[id] = p.people.NameOf(ctx, id)
		}
	}
	if prof.Notes != nil {
		for _, n := range *prof.Notes {
			add(n.Account)
		}
	}
	for _, s := range prof.Suppressions {
		add(s.Account)
	}
	if prof.Corrections != nil {
		for _, c := range *prof.Corrections {
			add(c.Account)
		}
	}
	return names
}

// facts is the line under the name.
func (p profilePage) facts(v *web.Visit) string {
	var all []string
	if p.Age > 0 {
		all = append(all, v.T.T("%d years old", p.Age))
	}
	switch {
	case p.Confidential:
		all = append(all, v.T.T("address protected by law"))
	case p.Address != nil:
		all = append(all, strings.Trim(p.Address.Line+", "+p.Address.City+" "+p.Address.Zip, ", "))
	}
	return strings.Join(all, " · ")
}

func (p profilePage) crumbs(v *web.Visit) []web.Crumb {
	all := []web.Crumb{{Title: v.T.T("Look up a person"), Href: v.Path("field", "person")}}
	if p.inList {
		all[0].Title, all[0].Href = v.T.T("Look-up: %s", p.at.Query), v.Path("field", "person", "last")
		all = append(all, web.Crumb{Title: v.T.T("%s of %s", v.T.Number(int64(p.at.Number)), v.T.Number(int64(p.at.Of)))})
	}
	return all
}

// suppressed returns the suppressions of one channel.
func (p profilePage) suppressed(c person.Channel) []person.Suppression {
	var all []person.Suppression
	for _, s := range p.Suppressions {
		if s.Channel == c {
			all = append(all, s)
		}
	}
	return all
}

// write runs one change and goes back to the profile, or shows it again with what was wrong.
func (p pages) write(v *web.Visit, f form, anchor string, do func(context.Context, *db.Tx, person.ID) error) error {
	id, err := web.ID[person.ID](v, "id")
	if err != nil {
		return err
	}
	err = p.people.DB().Transact(v.R.Context(), func(ctx context.Context, tx *db.Tx) error { return do(ctx, tx, id) })
	if in, ok := web.Inputs(err); ok {
		f.wrong, f.value = in, v.Value
		return p.show(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path("field", "person", int64(id)) + "#" + anchor)
}

func (p pages) addNote(v *web.Visit) error {
	return p.write(v, form{name: "note"}, "notes", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.AddNote(ctx, tx, v.Actor, id, v.Value("note"))
	})
}

func (p pages) addPhone(v *web.Visit) error {
	return p.write(v, form{name: "phone"}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.AddPhone(ctx, tx, v.Actor, id, v.Value("phone"), v.Value("kind"))
	})
}

func (p pages) markPhone(v *web.Visit) error {
	return p.write(v, form{name: "mark"}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.MarkPhone(ctx, tx, v.Actor, id, v.Value("number"), v.Value("wrong") == "1")
	})
}

func (p pages) suppress(v *web.Visit) error {
	c := person.Channel(v.Value("channel"))
	return p.write(v, form{name: "suppress", channel: c}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.Suppress(ctx, tx, v.Actor, id, c, v.Value("reason"))
	})
}

func (p pages) lift(v *web.Visit) error {
	c := person.Channel(v.Value("channel"))
	return p.write(v, form{name: "lift", channel: c}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.Lift(ctx, tx, v.Actor, id, c, v.Value("reason"))
	})
}

// oneLook is one person's opening of the profile; openings close together are one.
type oneLook struct {
	ledger.Record
	name string
}

const together = 30 * time.Minute

func (p pages) looks(v *web.Visit) error {
	id, err := web.ID[person.ID](v, "id")
	if err != nil {
		return err
	}
	records, err := p.people.Looks(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	var all []oneLook
	for _, r := range records {
		if n := len(all); n > 0 && all[n-1].Account == r.Account && all[n-1].Purpose == r.Purpose && all[n-1].At.Sub(r.At) < together {
			continue
		}
		all = append(all, oneLook{r, p.people.NameOf(v.R.Context(), r.Account)})
	}
	return v.Page(http.StatusOK, web.Head{Title: v.T.T("Who looked"), Current: findKey,
		Facts:  v.T.T("Everybody of your organization who opened this record, newest first. Looks within half an hour are one line."),
		Crumbs: []web.Crumb{{Title: v.T.T("The person's profile"), Href: v.Path("field", "person", int64(id))}}}, looksBody(v, all))
}

func purposeOf(v *web.Visit, s string) string {
	if p, ok := person.ParsePurpose(s); ok {
		return v.T.T(p.Sentence())
	}
	return s
}
