package personpage

import (
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// findPage is one look-up: what was asked and what came of it.
type findPage struct {
	query   string
	purpose person.Purpose
	dropped bool
	asked   bool // there is an answer, or a refusal
	found   person.Found
	wrong   *fault.Error // of the query
	why     bool         // the purpose is missing
	focus   bool         // the page is for nothing else: the reader can type at once
}

// ready shows the form, or what came of the look-up that the address names by a word that says nothing.
func (p pages) ready(v *web.Visit) error {
	token := v.Value("found")
	if token == "" {
		return p.answer(v, findPage{purpose: p.people.PurposeOf(v.Actor)})
	}
	f, ok := p.asked.Get(v, token)
	if !ok {
		return v.RedirectSaying(v.Path("field", "person"), "These results are not kept any more. Look up again.")
	}
	if f.Purpose == "" {
		f.Purpose = p.people.PurposeOf(v.Actor)
	}
	return p.answer(v, findPage{query: f.Query, purpose: f.Purpose, dropped: f.Dropped})
}

// find keeps what was typed and sends the reader on to the answer: a name in an address would stay in histories and logs, and a page that
// answers a form cannot be reloaded.
func (p pages) find(v *web.Visit) error {
	if err := v.Actor.Must(person.PermitFind); err != nil {
		return err
	}
	f := person.Find{Query: v.Value("q"), Dropped: v.Value("dropped") == "1"}
	f.Purpose, _ = person.ParsePurpose(v.Value("purpose"))
	if f.Query == "" {
		return v.Redirect(v.Path("field", "person"))
	}
	return v.Redirect(v.Path("field", "person") + "?found=" + p.asked.Put(v, f))
}

// last comes back to the results that the reader left for a profile.
func (p pages) last(v *web.Visit) error {
	l, ok := p.people.LastFind(v.Actor)
	if !ok {
		return v.Redirect(v.Path("field", "person"))
	}
	return p.answer(v, findPage{query: l.Query, purpose: l.Purpose, dropped: l.Dropped})
}

func (p pages) answer(v *web.Visit, f findPage) error {
	f.focus = f.query == ""
	status := http.StatusOK
	switch {
	case f.query == "":
	case f.purpose == "":
		f.why = true
	default:
		f.asked = true
		found, err := p.people.Find(v.R.Context(), v.Actor, person.Find{Query: f.query, Purpose: f.purpose, Dropped: f.dropped})
		if err != nil {
			if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Busy {
				return err
			}
			f.wrong = fault.As(err)
			if status = http.StatusUnprocessableEntity; fault.KindOf(err) == fault.Busy {
				status = http.StatusTooManyRequests
			}
		}
		f.found = found
	}
	return v.Page(status, web.Head{Title: v.T.T("Look up a person"), Current: findKey,
		Facts: v.T.T("A name, an address, a phone number, an email address or a voter id. Spelling and order need not be exact.")}, findBody(v, f))
}

// said is the sentence over the results.
func (f findPage) said(t words.Translator) string {
	if f.found.More && f.found.Alone {
		return t.T("More than %s people have this name. Add the other name, a year of birth or a zip code.", t.Number(int64(len(f.found.Hits))))
	}
	if f.found.More {
		return t.T("More than %s people match. The nearest are shown: a city, a middle name or a year of birth narrows them down.", t.Number(int64(len(f.found.Hits))))
	}
	return t.N(int64(len(f.found.Hits)), "%s person found", "%s people found")
}

// tried says how the query was read, for an answer without people.
func (f findPage) tried(t words.Translator) string {
	var all []string
	for _, w := range f.found.Tried {
		all = append(all, wayWord(t, w))
	}
	return t.T("“%s” was read %s. Other spellings, nicknames and the other order of the names were tried too.", f.query, strings.Join(all, ", "))
}

func whys(t words.Translator, all []person.Why) string {
	var s []string
	for _, w := range all {
		s = append(s, whyWord(t, w))
	}
	return strings.Join(s, ", ")
}

func purposes(t words.Translator, chosen person.Purpose) []web.Option {
	var all []web.Option
	if chosen == "" {
		all = append(all, web.Option{Value: "", Label: t.T("Choose a purpose"), Chosen: true})
	}
	for _, o := range purposeRadios(t) {
		o.Chosen = o.Value == string(chosen)
		all = append(all, o)
	}
	return all
}

// purposeRadios are the purposes with none chosen: a purpose that is given unasked says nothing.
func purposeRadios(t words.Translator) []web.Option {
	var all []web.Option
	for _, p := range person.Purposes() {
		all = append(all, web.Option{Value: string(p), Label: t.T(p.Sentence())})
	}
	return all
}

// placeOf is the city and zip code of a hit.
func placeOf(h person.Hit) string { return strings.TrimSpace(h.City + " " + h.Zip) }
