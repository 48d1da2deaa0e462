package scriptpage

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// form is what a person writes about a script, apart from its words.
type form struct {
	scriptstore.Script
	main   string               // of a new one: its first language
	others []string             // and the further ones
	from   string               // and with which content it begins: example, empty, or a script's id
	copies []scriptstore.Script // what a new one can begin with
	wrong  fault.Inputs
}

func (p pages) newForm(v *web.Visit) error {
	f := form{Script: scriptstore.Script{Channel: person.ByDoor, Status: codebook.Active}, main: string(v.T.Lang), from: example}
	f.others = []string{string(v.T.Lang.Other())}
	if from := v.Value("from"); from != "" {
		f.from = from
	}
	return p.showForm(v, http.StatusOK, f)
}

func (p pages) showForm(v *web.Visit, status int, f form) error {
	h := web.Head{Title: v.T.T("Write a script"), Crumbs: crumbs(v), Current: navKey}
	if f.ID != 0 {
		h.Title, h.Crumbs = v.T.T("Name and use"), crumbs(v, scriptCrumb(v, f.Script))
	} else {
		var err error
		if f.copies, err = p.store.All(v.R.Context(), v.Actor, false); err != nil {
			return err
		}
		f.copies = slices.DeleteFunc(f.copies, func(x scriptstore.Script) bool { return x.Version == 0 })
	}
	return v.Page(status, h, aboutPage(v, f))
}

func read(v *web.Visit, x scriptstore.Script) form {
	x.Name, x.Purpose, x.Channel, x.Shared = v.Value("name"), v.Value("purpose"), person.Channel(v.Value("channel")), v.Value("shared") != ""
	if x.ID != 0 {
		x.Status = codebook.Status(v.Value("status"))
	}
	return form{Script: x, main: v.Value("main"), others: v.Values("languages"), from: v.Value("from")}
}

func (p pages) create(v *web.Visit) error {
	f := read(v, scriptstore.Script{Status: codebook.Active})
	content, err := p.begin(v, f)
	var id scriptstore.ID
	if err == nil {
		id, err = p.store.Make(v.R.Context(), v.Actor, f.Script, content)
	}
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(path(v, id, "write"))
}

// What a new script begins with, when not with another script.
const (
	example = "example"
	empty   = "empty"
)

// begin returns what a new script begins with.
func (p pages) begin(v *web.Visit, f form) (script.Content, error) {
	c := script.Content{Version: script.Version, Languages: chosen(f.main, f.others)}
	switch f.from {
	case empty:
		return c, nil
	case example, "":
		p.exemplify(&c)
		return c, nil
	}
	id, err := strconv.ParseInt(f.from, 10, 64)
	if err != nil {
		return c, fault.Invalidf("Choose with what the script begins.")
	}
	x, err := p.store.Script(v.R.Context(), v.Actor, scriptstore.ID(id))
	if err != nil {
		return c, err
	}
	c, err = p.store.Content(v.R.Context(), v.Actor, x.ID, x.Version)
	c.Languages = chosen(f.main, f.others)
	return c, err
}

// chosen puts the main language first. Codes that are not offered are left out.
func chosen(main string, others []string) []string {
	var all []string
	for _, code := range append([]string{main}, others...) {
		offered := slices.Contains(script.Languages(), code)
		if offered && !slices.Contains(all, code) && len(all) < script.MaxLanguages {
			all = append(all, code)
		}
	}
	if len(all) == 0 {
		all = []string{"en"}
	}
	return all
}

// exemplify fills a script with the usual order of a talk at a door; the question is still to be chosen.
func (p pages) exemplify(c *script.Content) {
	line := func(id string, kind script.Kind, english string) script.Step {
		s := script.Step{ID: id, Kind: kind, Text: script.Text{}}
		for _, l := range c.Languages {
			if l == "en" || l == "es" {
				s.Text[l] = p.in(l).T(english)
			}
		}
		return s
	}
	c.Household = []script.Step{line("s1", script.Say, helloDoor)}
	c.Person = []script.Step{
		line("s2", script.Say, helloPerson),
		{ID: "s3", Kind: script.Question},
		line("s4", script.Ask, askHelp),
		line("s5", script.Say, thanks),
		line("s6", script.Note, noteHere),
	}
}

// What the usual talk says.
const (
	helloDoor   = "Hello, my name is {canvasser}. I live in the area and I am talking with neighbors today."
	helloPerson = "Is this {first} {last}? Do you have a minute?"
	askHelp     = "Would you help us for an hour or two?"
	thanks      = "Thank you for your time."
	noteHere    = "What else did you hear?"
)

func (p pages) changeForm(v *web.Visit) error {
	x, err := p.ownOne(v)
	if err != nil {
		return err
	}
	return p.showForm(v, http.StatusOK, form{Script: x})
}

// ownOne returns the script that the address names, when it is the reader's organisation's.
func (p pages) ownOne(v *web.Visit) (scriptstore.Script, error) {
	x, err := p.asked(v)
	if err == nil && !own(v, x) {
		err = fault.Deniedf("This belongs to %s, who share it with you. Only they can change it.", x.OrgName)
	}
	return x, err
}

func (p pages) change(v *web.Visit) error {
	x, err := p.ownOne(v)
	if err != nil {
		return err
	}
	f := read(v, x)
	err = p.store.Change(v.R.Context(), v.Actor, f.Script)
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return p.showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(openPath(v, x))
}
