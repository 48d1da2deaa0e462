package personpage

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// Known is where what organisations learned about people is kept.
type Known struct {
	Codebook *codebook.Store
	Contacts *contact.Store
}

// fillKnown reads what is recorded about the person and what was tried to reach them, as far as the reader may see.
func (p pages) fillKnown(v *web.Visit, page *profilePage) (err error) {
	ctx := v.R.Context()
	if p.known.Codebook != nil && v.Actor.May(codebook.PermitSee) {
		if page.known, err = p.known.Codebook.About(ctx, v.Actor, int64(page.ID)); err != nil {
			return err
		}
	}
	if p.known.Contacts != nil && v.Actor.May(contact.PermitSee) {
		page.tried, err = p.known.Contacts.History(ctx, v.Actor, int64(page.ID))
		for _, t := range page.tried {
			if _, ok := page.names[t.By]; !ok {
				page.names[t.By] = p.people.NameOf(ctx, t.By)
			}
		}
	}
	return err
}

// mayRecord reports whether the reader may write anything down about people.
func mayRecord(v *web.Visit) bool {
	return v.Actor.May(codebook.PermitRecord) || v.Actor.May(contact.PermitRecord)
}

// recordPage is where an attempt, answers and codes are written down by hand.
type recordPage struct {
	person    person.Profile
	questions []codebook.Definition
	codes     []codebook.Definition
	tags      []codebook.Definition
	has       map[string]bool // names of the codes and tags that the person has from the reader's organisation
	wrong     fault.Inputs
	value     func(string) string
}

func (p pages) recordForm(v *web.Visit) error { return p.showRecord(v, http.StatusOK, nil) }

func (p pages) showRecord(v *web.Visit, status int, wrong fault.Inputs) error {
	ctx := v.R.Context()
	if err := v.Actor.Must(contact.PermitRecord); err != nil {
		return err
	}
	id, err := web.ID[person.ID](v, "id")
	if err != nil {
		return err
	}
	why := p.people.PurposeOf(v.Actor)
	if why == "" {
		return p.ask(v)
	}
	r := recordPage{wrong: wrong, value: v.Value, has: map[string]bool{}}
	if r.person, err = p.people.Look(ctx, v.Actor, id, why); err != nil {
		return err
	}
	if v.Actor.May(codebook.PermitRecord) {
		for _, x := range []struct {
			kind codebook.Kind
			to   *[]codebook.Definition
		}{{codebook.Question, &r.questions}, {codebook.Code, &r.codes}, {codebook.Tag, &r.tags}} {
			all, err := p.known.Codebook.Definitions(ctx, v.Actor, x.kind, false)
			if err != nil {
				return err
			}
			for _, d := range all {
				if d.Status == codebook.Active {
					*x.to = append(*x.to, d)
				}
			}
		}
		facts, err := p.known.Codebook.About(ctx, v.Actor, int64(id))
		if err != nil {
			return err
		}
		for _, f := range facts {
			if f.Kind == codebook.Code || f.Kind == codebook.Tag {
				r.has[string(f.Kind)+f.Name] = true
			}
		}
	}
	h := web.Head{Title: v.T.T("Record about %s", r.person.Name), Current: findKey,
		Crumbs: []web.Crumb{{Title: v.T.T("Look up a person"), Href: v.Path("field", "person")}, {Title: r.person.Name, Href: v.Path("field", "person", int64(id))}}}
	return v.Page(status, h, recordBody(v, r))
}

// record writes everything down that was chosen, or nothing.
func (p pages) record(v *web.Visit) error {
	id, err := web.ID[person.ID](v, "id")
	if err != nil {
		return err
	}
	n := 0
	err = p.people.DB().Transact(v.R.Context(), func(ctx context.Context, tx *db.Tx) error {
		n = 0
		for _, write := range []func(context.Context, *db.Tx, *web.Visit, int64) (int, error){p.recordAttempt, p.recordAnswers, p.recordMarks} {
			did, err := write(ctx, tx, v, int64(id))
			if err != nil {
				return err
			}
			n += did
		}
		if n == 0 {
			return fault.Inputs{{Name: "channel", Err: fault.Invalidf("Nothing is chosen yet. Choose what to write down.")}}
		}
		return nil
	})
	in, ok := web.Inputs(err)
	if e := fault.As(err); !ok && e != nil && e.Kind == fault.Invalid {
		in, ok = fault.Inputs{{Name: "channel", Err: e}}, true
	}
	if ok {
		return p.showRecord(v, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path("field", "person", int64(id)) + "#contacts")
}

func (p pages) recordAttempt(ctx context.Context, tx *db.Tx, v *web.Visit, id int64) (int, error) {
	channel, result := v.Value("channel"), v.Value("result")
	switch {
	case channel == "" && result == "":
		return 0, nil
	case channel == "":
		return 0, fault.Inputs{{Name: "channel", Err: fault.Invalidf("Say how the person was tried.")}}
	case result == "":
		return 0, fault.Inputs{{Name: "result", Err: fault.Invalidf("Say how it went.")}}
	}
	a := contact.Attempt{Person: id, Channel: person.Channel(channel), Result: contact.Result(result)}
	return 1, p.known.Contacts.Record(ctx, tx, v.Actor, "hand", "", []contact.Attempt{a})
}

func (p pages) recordAnswers(ctx context.Context, tx *db.Tx, v *web.Visit, id int64) (n int, err error) {
	for name, values := range v.R.Form {
		question, ok := strings.CutPrefix(name, "question-")
		q, err := strconv.ParseInt(question, 10, 64)
		if !ok || err != nil || len(values) == 0 || values[0] == "" {
			continue
		}
		response, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil {
			continue
		}
		answers := []codebook.Answer{{Person: id, Response: codebook.ID(response)}}
		if err := p.known.Codebook.Answers(ctx, tx, v.Actor, codebook.ID(q), answers, codebook.Batch{Source: "hand"}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (p pages) recordMarks(ctx context.Context, tx *db.Tx, v *web.Visit, id int64) (n int, err error) {
	for _, k := range []codebook.Kind{codebook.Code, codebook.Tag} {
		for _, on := range []bool{true, false} {
			name := string(k) + "-on"
			if !on {
				name = string(k) + "-off"
			}
			for _, value := range v.Values(name) {
				which, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					continue
				}
				if _, err := p.known.Codebook.Mark(ctx, tx, v.Actor, k, codebook.ID(which), []int64{id}, on, codebook.Batch{Source: "hand"}); err != nil {
					return n, err
				}
				n++
			}
		}
	}
	return n, nil
}

// knownFacts are the labels and values of what is recorded.
func knownFacts(v *web.Visit, all []codebook.Fact) []web.Fact {
	var out []web.Fact
	for _, f := range all {
		value := f.Value
		switch {
		case f.Choice:
			value = codebook.SignupWord(v.T, f.Value)
		case f.Kind == codebook.Code:
			value = v.T.T("activist code")
		case f.Kind == codebook.Tag:
			value = v.T.T("tag")
		}
		if !f.At.IsZero() {
			value += " · " + v.T.Date(f.At)
		}
		out = append(out, web.Fact{Label: f.Name, Value: web.Text(value)})
	}
	return out
}

// triedMoments are the attempts as a timeline.
func triedMoments(v *web.Visit, p profilePage) []web.Moment {
	var all []web.Moment
	for _, t := range p.tried {
		m, _ := contact.MeaningOf(t.Result)
		tone := web.Neutral
		if m.Counts {
			tone = web.OK
		}
		all = append(all, web.Moment{Tone: tone, When: v.T.Time(t.At), ISO: t.At.Format("2006-01-02T15:04:05Z07:00"), Title: v.T.T(m.Name),
			Text: channelWord(v.T, t.Channel) + " · " + p.names[t.By]})
	}
	return all
}
