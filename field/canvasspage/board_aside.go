package canvasspage

import (
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/web"
)

// asideView is what was set aside.
type asideView struct {
	all   []asideItem
	wrong fault.Inputs
	at    string       // the event that wrong is about
	why   string       // as typed
	not   *fault.Error // why an event still cannot be applied
}

// asideItem is one piece of recorded work that waits.
type asideItem struct {
	offline.SetAside
	spot canvass.Spot
	who  string // records of whom
	says string
}

func (b Board) aside(v *web.Visit) error { return b.showAside(v, http.StatusOK, asideView{}) }

func (b Board) showAside(v *web.Visit, status int, s asideView) error {
	all, err := b.Canvass.Aside(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	at := make([]canvass.At, len(all))
	for i, x := range all {
		at[i] = canvass.At{Packet: x.Thing, Door: canvass.Tell(x.Event).Door}
	}
	spots, err := b.Canvass.Spots(v.R.Context(), v.Actor, at)
	if err != nil {
		return err
	}
	for i, x := range all {
		t := canvass.Tell(x.Event)
		item := asideItem{SetAside: x, spot: spots[at[i]], says: b.say(v, t)}
		if item.who = item.spot.People[t.Person]; item.who == "" && t.Person != 0 {
			item.who = v.T.T("Somebody who is not at that door now")
		}
		s.all = append(s.all, item)
	}
	h := web.Head{Title: v.T.T("Set aside"), Crumbs: boardCrumbs(v), Current: boardKey, Facts: v.T.T("Recorded work that could not be applied. Nothing of it is lost; somebody decides about each piece.")}
	return v.Page(status, h, asidePage(v, s))
}

// say says what one event records.
func (b Board) say(v *web.Visit, t canvass.Told) string {
	switch t.Kind {
	case "attempt":
		return v.T.T("Result: %s", resultName(v, t.Result))
	case "answer":
		asked, answer := b.answerName(v, t)
		return asked + ": " + answer
	case "code":
		name := b.definition(v, codebook.Code, t.Code).Name
		if t.On {
			return v.T.T("Code given: %s", name)
		}
		return v.T.T("Code taken away: %s", name)
	case "ask":
		return v.T.T("Asked for help: %s", map[string]string{"yes": v.T.T("yes"), "no": v.T.T("no"), "maybe": v.T.T("perhaps")}[t.Answer])
	case "note":
		return v.T.T("Note: “%s”", t.Text)
	case "stop":
		return v.T.T("Does not want to be reached: %s", channelName(v, person.Channel(t.Channel)))
	case "fix":
		return v.T.T("Correction: it should say “%s”", t.Text)
	case "met":
		return v.T.T("Somebody met who is not on the list")
	case "place":
		return v.T.T("A door that is not in the voter file")
	case offline.KindUndo:
		return v.T.T("Takes back something recorded before")
	}
	return v.T.T("Something this site does not know: “%s”", t.Kind)
}

func (b Board) definition(v *web.Visit, k codebook.Kind, id int64) codebook.Definition {
	d, err := b.Codebook.Definition(v.R.Context(), v.Actor, k, codebook.ID(id))
	if err != nil { // deleted, or not this organisation's: its number is all there is
		return codebook.Definition{Kind: k, Name: v.T.T("number %s", v.T.Number(id))}
	}
	return d
}

func (b Board) answerName(v *web.Visit, t canvass.Told) (asked, answer string) {
	d := b.definition(v, codebook.Question, t.Question)
	for _, p := range d.Parts {
		if int64(p.ID) == t.Response {
			return d.Name, p.Name
		}
	}
	return d.Name, v.T.T("number %s", v.T.Number(t.Response))
}

func channelName(v *web.Visit, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return v.T.T("at the door")
	case person.ByCall:
		return v.T.T("by phone")
	case person.ByText:
		return v.T.T("by text message")
	case person.ByMail:
		return v.T.T("by mail")
	case person.ByEmail:
		return v.T.T("by email")
	}
	return string(c)
}

// judge applies one piece of work after all, or leaves it without effect.
func (b Board) judge(v *web.Visit) error {
	id, why := v.Value("event"), v.Value("why")
	apply := v.Value("do") == "apply"
	err := b.Canvass.Judge(v.R.Context(), v.Actor, id, apply, why)
	if in, ok := web.Inputs(err); ok {
		return b.showAside(v, http.StatusUnprocessableEntity, asideView{wrong: in, at: id, why: why})
	}
	if f := fault.As(err); f != nil && f.Kind != fault.Denied {
		return b.showAside(v, http.StatusUnprocessableEntity, asideView{not: f, at: id, why: why})
	}
	if err != nil {
		return err
	}
	to := v.Path("field", "canvass", "aside")
	if apply {
		return v.RedirectSaying(to, "Applied. It counts now.")
	}
	return v.RedirectSaying(to, "Left without effect. It stays on record.")
}

// phonesView is the phones of the organisation.
type phonesView struct {
	all []offline.Device
}

// mostPhones is how many phones the page shows; the others were not heard of for longer.
const mostPhones = 200

func (b Board) phones(v *web.Visit) error {
	all, err := b.Canvass.Devices().Devices(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Phones"), Crumbs: boardCrumbs(v), Current: boardKey, Facts: v.T.T("Every phone that took turf along, the last heard of first")}
	return v.Page(http.StatusOK, h, phonesPage(v, phonesView{all: all[:min(len(all), mostPhones)]}))
}

func (b Board) revoke(v *web.Visit) error {
	if err := b.Canvass.Devices().Revoke(v.R.Context(), v.Actor, v.Value("phone"), v.Value("why")); err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "canvass", "phone"), "The phone is shut out. It empties itself when it calls next, after it has sent what it holds.")
}

// channels are those whose results can be chosen.
var channels = []person.Channel{person.ByDoor, person.ByCall, person.ByText}

// resultsView is which results can be chosen by one channel.
type resultsView struct {
	channel person.Channel
	chosen  []contact.Meaning
	others  []contact.Meaning
}

func (b Board) results(v *web.Visit) error {
	s := resultsView{channel: person.ByDoor}
	for _, c := range channels {
		if string(c) == v.Value("by") {
			s.channel = c
		}
	}
	err := v.Actor.Must(canvass.PermitSettings)
	if err != nil {
		return err
	}
	if s.chosen, err = b.Canvass.Results(v.R.Context(), v.Actor, s.channel); err != nil {
		return err
	}
	for _, m := range canvass.Choosable(s.channel) {
		if !chosenResult(s.chosen, m.Result) {
			s.others = append(s.others, m)
		}
	}
	h := web.Head{Title: v.T.T("Results to choose from"), Crumbs: boardCrumbs(v), Current: boardKey, Facts: v.T.T("What canvassers and callers can record when nobody was talked with, in this order. Of the first four, those that fit a door or a person have a button of their own.")}
	return v.Page(http.StatusOK, h, resultsPage(v, s))
}

func chosenResult(all []contact.Meaning, r contact.Result) bool {
	for _, m := range all {
		if m.Result == r {
			return true
		}
	}
	return false
}

// setResults takes the results in the order in which the form holds them, after what the pressed button does to one of them.
func (b Board) setResults(v *web.Visit) error {
	by := person.Channel(v.Value("by"))
	var all []contact.Result
	for _, r := range v.Values("result") {
		all = append(all, contact.Result(r))
	}
	do, what, _ := strings.Cut(v.Value("do"), ":")
	all = moved(all, do, contact.Result(what))
	if do == "usual" {
		all = nil
	}
	if err := b.Canvass.SetResults(v.R.Context(), v.Actor, by, all); err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "canvass", "results")+"?by="+string(by), "Saved. Phones have it with the next turf they take.")
}

// moved puts one result first, up, in or out.
func moved(all []contact.Result, do string, r contact.Result) []contact.Result {
	at := -1
	for i, x := range all {
		if x == r {
			at = i
		}
	}
	switch {
	case do == "add" && at < 0:
		return append(all, r)
	case do == "drop" && at >= 0 && len(all) > 1:
		return append(all[:at], all[at+1:]...)
	case do == "up" && at > 0:
		all[at-1], all[at] = all[at], all[at-1]
	case do == "down" && at >= 0 && at < len(all)-1:
		all[at+1], all[at] = all[at], all[at+1]
	}
	return all
}
