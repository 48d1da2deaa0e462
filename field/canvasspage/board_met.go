package canvasspage

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/canvass"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// metView is the people met at doors who are not known yet.
type metView struct {
	all    []metItem
	places []canvass.Place
	open   string       // whom the reader looks up
	query  string       // by
	found  person.Found // who that could be
	asked  bool
	wrong  *fault.Error
	left   []*fault.Error // what could not be applied to whom was chosen
}

type metItem struct {
	canvass.Met
	spot canvass.Spot
	by   string
}

func (b Board) met(v *web.Visit) error { return b.showMet(v, http.StatusOK, metView{}) }

func (b Board) showMet(v *web.Visit, status int, s metView) error {
	ctx := v.R.Context()
	all, err := b.Canvass.Waiting(ctx, v.Actor)
	if err != nil {
		return err
	}
	if s.places, err = b.Canvass.Found(ctx, v.Actor); err != nil {
		return err
	}
	at := make([]canvass.At, len(all))
	for i, m := range all {
		at[i] = canvass.At{Packet: m.Packet, Door: m.Door}
	}
	spots, err := b.Canvass.Spots(ctx, v.Actor, at)
	if err != nil {
		return err
	}
	for i, m := range all {
		s.all = append(s.all, metItem{Met: m, spot: spots[at[i]], by: b.People.NameOf(ctx, m.Account)})
	}
	h := web.Head{Title: v.T.T("People met"), Crumbs: boardCrumbs(v), Current: boardKey, Facts: v.T.T("Canvassers talked with them at a door, and they are not on the list. Find them in the voter file, so that what they said counts."),
		Actions: web.LinkButton(web.Action{Label: v.T.T("Corrections"), Href: v.Path("field", "corrections")})}
	return v.Page(status, h, metPage(v, s))
}

func (m metItem) name() string { return strings.TrimSpace(m.Said.First + " " + m.Said.Last) }

// look is what to look this person up by: the name, and the street of the door.
func (m metItem) look() string {
	street, _, _ := strings.Cut(m.spot.Address, ",")
	if m.name() == "" {
		return strings.TrimSpace(m.Said.Phone)
	}
	return strings.TrimSpace(m.name() + " " + street)
}

// decideMet looks somebody up, says who they are, or leaves them without a match. Names are in the form and never in an address.
func (b Board) decideMet(v *web.Visit) error {
	ctx, id := v.R.Context(), v.Value("met")
	do, what, _ := strings.Cut(v.Value("do"), ":")
	to := v.Path("field", "canvass", "met")
	switch do {
	case "match":
		n, err := strconv.ParseInt(what, 10, 64)
		if err != nil {
			return fault.Invalidf("Choose a person.")
		}
		left, err := b.Canvass.Match(ctx, v.Actor, id, person.ID(n))
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return b.showMet(v, http.StatusOK, metView{left: left})
		}
		return v.RedirectSaying(to, "Matched. What was recorded about this person counts now.")
	case "keep":
		if err := b.Canvass.Keep(ctx, v.Actor, id); err != nil {
			return err
		}
		return v.RedirectSaying(to, "Kept without a match. What was recorded stays on record.")
	}
	s := metView{open: id, query: v.Value("q"), asked: true}
	if s.query == "" {
		s.wrong = fault.Invalidf("Type a name, a street or a phone number to look up.")
		return b.showMet(v, http.StatusUnprocessableEntity, s)
	}
	found, err := b.People.Find(ctx, v.Actor, person.Find{Query: s.query, Purpose: person.FollowUp})
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Busy) {
		s.wrong = fault.As(err)
		return b.showMet(v, http.StatusUnprocessableEntity, s)
	}
	if err != nil {
		return err
	}
	s.found = found
	s.found.Hits = found.Hits[:min(len(found.Hits), mostHits)]
	return b.showMet(v, http.StatusOK, s)
}

// mostHits is how many people could be somebody met; the nearest come first.
const mostHits = 6
