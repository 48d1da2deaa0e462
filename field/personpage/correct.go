package personpage

import (
	"context"
	"github.com/openprecinct/precinct/field/list"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// correct puts what was said into the queue. A button that says what kind of number it is carries the kind after a blank.
func (p pages) correct(v *web.Visit) error {
	kind, should, _ := strings.Cut(v.Value("kind"), " ")
	s := person.Said{Kind: person.Mistake(kind), About: v.Value("about"), Should: v.Value("should"), Why: v.Value("why")}
	if s.Kind == person.WrongPhoneKind {
		s.Should = should
	}
	return p.write(v, form{name: "correct", mistake: s.Kind}, "corrections", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.Correct(ctx, tx, v.Actor, id, s)
	})
}

func (p pages) withdraw(v *web.Visit) error {
	return p.write(v, form{name: "withdraw"}, "corrections", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.Withdraw(ctx, tx, v.Actor, id, v.Value("correction"))
	})
}

func (p pages) addEmail(v *web.Visit) error {
	return p.write(v, form{name: "email"}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.AddEmail(ctx, tx, v.Actor, id, v.Value("email"))
	})
}

func (p pages) removeEmail(v *web.Visit) error {
	return p.write(v, form{name: "email"}, "reach", func(ctx context.Context, tx *db.Tx, id person.ID) error {
		return p.people.RemoveEmail(ctx, tx, v.Actor, id, v.Value("email"))
	})
}

// correcting reports whether the form that came back is the one for kind.
func (f form) correcting(kind person.Mistake) bool { return f.name == "correct" && f.mistake == kind }

// queuePage is the queue of corrections and how they fare.
type queuePage struct {
	all       []person.Queued
	more      bool
	judged    bool
	rate      person.FixRate
	names     map[int64]string
	declining string // whose form came back
	wrong     fault.Inputs
}

func (p pages) corrections(v *web.Visit) error {
	return p.showQueue(v, http.StatusOK, queuePage{judged: v.R.URL.Query().Get("judged") == "1"})
}

func (p pages) showQueue(v *web.Visit, status int, q queuePage) (err error) {
	ctx := v.R.Context()
	if q.all, q.more, err = p.people.Corrections(ctx, v.Actor, q.judged); err != nil {
		return err
	}
	if q.rate, err = p.people.FixRate(ctx, v.Actor); err != nil {
		return err
	}
	q.names = map[int64]string{}
	for _, c := range q.all {
		for _, id := range []int64{c.Account, c.DecidedBy} {
			if _, ok := q.names[id]; !ok {
				q.names[id] = p.people.NameOf(ctx, id)
			}
		}
	}
	facts := v.T.T("What people here say is wrong about a person. The voter file stays as it is.")
	if !v.Actor.May(person.PermitJudge) {
		facts = v.T.T("What you said is wrong about a person, and what became of it.")
	}
	return v.Page(status, web.Head{Title: v.T.T("Corrections"), Current: correctionsKey, Facts: facts}, correctionsBody(v, q))
}

// judge accepts or declines one correction and comes back to the queue.
func (p pages) judge(v *web.Visit) error {
	id, err := strconv.ParseInt(v.Value("person"), 10, 64)
	if err != nil || id <= 0 || v.Value("verdict") != "accept" && v.Value("verdict") != "decline" {
		return fault.NotFoundf("There is no such correction.")
	}
	err = p.people.DB().Transact(v.R.Context(), func(ctx context.Context, tx *db.Tx) error {
		return p.people.Judge(ctx, tx, v.Actor, person.ID(id), v.Value("correction"), v.Value("verdict") == "accept", v.Value("answer"))
	})
	if in, ok := web.Inputs(err); ok {
		return p.showQueue(v, http.StatusUnprocessableEntity, queuePage{declining: v.Value("correction"), wrong: in})
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path("field", "corrections"))
}

// ---- what the templates compute

// said reports whether a correction of this kind stands already.
func (p profilePage) said(kind person.Mistake) bool {
	return slices.ContainsFunc(*p.Corrections, func(c person.Correction) bool { return c.Kind == kind })
}

// waitingAbout returns the corrections about a number or an address that nobody has judged: judged ones show in the number itself.
func (p profilePage) waitingAbout(about string) []person.Correction {
	var all []person.Correction
	if p.Corrections != nil {
		for _, c := range *p.Corrections {
			if c.About == about && c.State == person.Waiting {
				all = append(all, c)
			}
		}
	}
	return all
}

// gone returns the corrections that say the person has moved away or died.
func (p profilePage) gone() []person.Correction {
	var all []person.Correction
	if p.Corrections != nil {
		for _, c := range *p.Corrections {
			if c.Kind == person.HasMoved || c.Kind == person.HasDied {
				all = append(all, c)
			}
		}
	}
	return all
}

func whoWhen(v *web.Visit, name string, at time.Time) string {
	if name == "" || name == person.Nobody {
		return dayOfMoment(v.T, at)
	}
	return name + ", " + dayOfMoment(v.T, at)
}

func mistakeWord(t words.Translator, m person.Mistake) string {
	switch m {
	case person.HasMoved:
		return t.T("Has moved away")
	case person.HasDied:
		return t.T("Has died")
	case person.WrongName:
		return t.T("Name")
	case person.WrongAddress:
		return t.T("Address")
	case person.WrongPhone:
		return t.T("Wrong number")
	case person.WrongPhoneKind:
		return t.T("Kind of number")
	case person.WrongEmail:
		return t.T("Wrong email address")
	default:
		return t.T("Something else")
	}
}

func judgementWord(t words.Translator, s person.Judgement) string {
	switch s {
	case person.Accepted:
		return t.T("Accepted")
	case person.Declined:
		return t.T("Declined")
	case person.Withdrawn:
		return t.T("Taken back")
	default:
		return t.T("Not judged yet")
	}
}

func judgementTone(s person.Judgement) web.Tone {
	switch s {
	case person.Accepted:
		return web.OK
	case person.Declined:
		return web.Stop
	case person.Withdrawn:
		return web.Neutral
	default:
		return web.ToDo
	}
}

func aboutSaid(t words.Translator, c person.Correction) string {
	if c.Kind == person.WrongEmail {
		return c.About
	}
	return t.Phone(c.About)
}

func wasSaid(t words.Translator, c person.Correction) string {
	if c.Kind == person.WrongPhoneKind {
		return list.PhoneName(t, c.Was)
	}
	return c.Was
}

func shouldSaid(t words.Translator, c person.Correction) string {
	if c.Kind == person.WrongPhoneKind {
		return list.PhoneName(t, c.Should)
	}
	return c.Should
}

func besideWord(t words.Translator, c person.Correction) string {
	switch {
	case c.Kind == person.WrongPhoneKind:
		return kindCorrection(t, c.Should)
	case c.Kind == person.WrongEmail:
		return t.T("Said to be a wrong address")
	default:
		return t.T("Said to be a wrong number")
	}
}

func goneWaiting(t words.Translator, m person.Mistake) string {
	if m == person.HasDied {
		return t.T("Said to have died")
	}
	return t.T("Said to have moved away")
}

func goneWord(t words.Translator, m person.Mistake) string {
	if m == person.HasDied {
		return t.T("Has died")
	}
	return t.T("Has moved away")
}

// otherKinds are the kinds of number that a number of one kind could be instead.
func otherKinds(kind string) []string {
	return slices.DeleteFunc(person.PhoneKinds(), func(k string) bool { return k == kind || k == "unknown" })
}

func kindCorrection(t words.Translator, kind string) string {
	switch kind {
	case "cell":
		return t.T("It is a cell phone")
	case "home":
		return t.T("It is a home phone")
	default:
		return t.T("It is a work phone")
	}
}

// effectSaid says what accepting does beside showing it.
func effectSaid(t words.Translator, m person.Mistake) string {
	switch m {
	case person.HasDied:
		return t.T("Accepting ends visits, calls, texts, mail and email to this person.")
	case person.HasMoved:
		return t.T("Accepting ends visits and mail to this person.")
	case person.WrongPhone, person.WrongEmail:
		return t.T("Accepting marks it as wrong for your organization.")
	}
	return ""
}

// reasonSaid is the reason of a suppression; those that an accepted correction set are ours to say.
func reasonSaid(t words.Translator, reason string) string {
	if reason == person.ReasonMoved || reason == person.ReasonDied {
		return t.T(reason)
	}
	return reason
}

func rateFigures(v *web.Visit, r person.FixRate) []web.Figure {
	oldest := ""
	if r.Waiting > 0 {
		oldest = v.T.T("the oldest since %s", dayOfMoment(v.T, r.Oldest))
	}
	fixed := web.Figure{Label: v.T.T("Fixed within %d days", person.FixDays), Value: "–", Context: v.T.T("of those made in the last %d days", person.RateDays)}
	if r.Of > 0 {
		fixed.Value = v.T.Percent(r.InTime, r.Of)
		fixed.Context = v.T.T("%s of %s made in the last %d days", v.T.Number(r.InTime), v.T.Number(r.Of), person.RateDays)
	}
	return []web.Figure{
		{Label: v.T.T("Waiting"), Value: v.T.Number(r.Waiting), Context: oldest},
		fixed,
		{Label: v.T.T("Accepted"), Value: v.T.Number(r.Accepted), Context: v.T.T("in the last %d days", person.RateDays)},
		{Label: v.T.T("Declined"), Value: v.T.Number(r.Declined), Context: v.T.T("in the last %d days", person.RateDays)},
	}
}

func queueColumns(v *web.Visit, q queuePage) []web.Column {
	last := web.Column{Label: v.T.T("Judgement")}
	if !q.judged && v.Actor.May(person.PermitJudge) {
		last = web.Column{Label: v.T.T("Judge it")}
	}
	return []web.Column{{Label: v.T.T("Person")}, {Label: v.T.T("What is wrong")}, {Label: v.T.T("Said by")}, last}
}
