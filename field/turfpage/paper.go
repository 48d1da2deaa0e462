package turfpage

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// paperResults are the results to tick that a sheet has room for, the usual ones first.
var paperResults = []contact.Result{contact.NotHome, contact.Refused, contact.Moved, contact.Inaccessible, contact.CallBack}

// paper prints turfs as a PDF.
func (p pages) paper(v *web.Visit) error {
	ctx := v.R.Context()
	m, err := p.mapOf(v)
	if err != nil {
		return err
	}
	var ids []turfstore.TurfID
	for _, s := range v.Values("turf") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			ids = append(ids, turfstore.TurfID(n))
		}
	}
	all, err := p.Turfs.Packet(ctx, v.Actor, m.ID, ids...)
	if err != nil {
		return err
	}
	out, err := p.Turfs.Handouts(ctx, v.Actor, m.ID)
	if err != nil {
		return err
	}
	k := export.Packet{Map: m.Name, Results: paperResults, Scan: v.Value("scan") != "", Demographic: v.Actor.May(person.PermitDemographic), ExactAge: v.Actor.May(person.PermitBirth)}
	if k.Catalog, err = p.Lists.Defined(ctx, v.Actor, m.File); err != nil {
		return err
	}
	lang, ok := words.ParseLang(v.Value("in"))
	if !ok {
		lang = v.T.Lang
	}
	if m.Script != 0 {
		s, err := p.Scripts.Packet(ctx, p.DB, v.Actor, scriptstore.ID(m.Script), 0)
		if err != nil {
			return err
		}
		speak(&k, s, string(lang))
	}
	for _, c := range all {
		t, err := p.paperTurf(v, c, out)
		if err != nil {
			return err
		}
		for _, h := range out {
			if h.Turf == c.Turf.ID && (k.ReturnBy.IsZero() || h.Ends.Before(k.ReturnBy)) {
				k.ReturnBy = h.Ends
			}
		}
		k.Turfs = append(k.Turfs, t)
	}
	var b bytes.Buffer
	if err := export.WritePacket(&b, p.Words.In(lang), k, v.Now); err != nil {
		return fmt.Errorf("printing turfs: %w", err)
	}
	v.W.Header().Set("Content-Type", "application/pdf")
	v.W.Header().Set("Content-Disposition", `attachment; filename="`+fileName(m.Name)+`.pdf"`)
	v.W.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	v.W.WriteHeader(http.StatusOK)
	_, _ = b.WriteTo(v.W)
	return nil
}

// speak puts onto the sheets what a script asks, and how it is said in a language. Who walks writes their own name where the script says one.
func speak(k *export.Packet, s scriptstore.Packet, lang string) {
	k.Asked, k.Labels = map[int64]string{}, map[export.Scan]string{}
	names := script.Names{First: "______", Last: "______", Canvasser: "____________"}
	for _, step := range s.Household {
		if said := step.Text.In(lang, s.Languages); said != "" && step.Kind != script.Question {
			k.AtTheDoor = append(k.AtTheDoor, script.Fill(said, names))
		}
	}
	for _, step := range slices.Concat(s.Household, s.Person) {
		ask(k, step)
		if step.Question != 0 {
			k.Asked[step.Question] = script.Fill(step.Text.In(lang, s.Languages), names)
		}
		for _, r := range step.Responses {
			k.Labels[export.Scan{Kind: export.ScanResponse, Object: r.ID}] = r.Text.In(lang, s.Languages)
		}
		for _, c := range step.Marks {
			k.Labels[export.Scan{Kind: export.ScanCode, Object: c.ID}] = c.Text.In(lang, s.Languages)
		}
	}
}

// ask puts what a step of a script asks onto the sheets.
func ask(k *export.Packet, s script.ResolvedStep) {
	if _, known := k.Catalog.Questions[s.Question]; known && !slices.Contains(k.Questions, s.Question) {
		k.Questions = append(k.Questions, s.Question)
	}
	for _, id := range s.Codes {
		if !slices.Contains(k.Codes, id) {
			k.Codes = append(k.Codes, id)
		}
	}
}

// fileName is a name that every file system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		case r == ' ', r == '-', r == '_':
			return '-'
		}
		return -1
	}, name)
	if name = strings.Trim(name, "-"); name == "" {
		return "turf"
	}
	return name[:min(len(name), 60)]
}

// mostSheetStreets is how many pieces of street the map of a cover draws.
const mostSheetStreets = 2000

// paperTurf is a turf as it is printed: without those who ask not to be visited.
func (p pages) paperTurf(v *web.Visit, c turfstore.Content, out []turfstore.Handout) (export.PacketTurf, error) {
	t := export.PacketTurf{Name: c.Turf.Name, Metres: c.Turf.Metres, Minutes: c.Turf.Minutes, Outline: c.Outline, Walk: c.Walk}
	box := geo.EmptyBox()
	for _, ring := range c.Outline {
		for _, x := range ring {
			box = box.Extend(x)
		}
	}
	for _, d := range c.Doors {
		box = box.Extend(d.At)
		x := export.PacketDoor{House: d.House, Street: d.Street, Unit: d.Unit, City: d.City, Side: d.Side(), At: d.At}
		for _, who := range d.People {
			if who.Knock {
				x.People = append(x.People, export.PacketPerson{ID: who.ID, First: who.First, Middle: who.Middle, Last: who.Last, Suffix: who.Suffix, BirthYear: who.BirthYear,
					BirthDate: who.BirthDate, Sex: who.Sex, Party: who.Party})
			}
		}
		t.Doors = append(t.Doors, x)
	}
	for _, h := range out {
		if h.Turf == c.Turf.ID && h.To == turfstore.ToNumber {
			t.Link, t.Number = link(p.Origin, h.Number), turfstore.WriteNumber(h.Number)
		}
	}
	if box.Empty() {
		return t, nil
	}
	var err error
	t.Streets, err = p.Places.StreetsNear(v.R.Context(), box, mostSheetStreets)
	if fault.KindOf(err) == fault.Invalid { // a turf of many kilometres: its cover has no streets
		t.Streets, err = []place.Street{}, nil
	}
	return t, err
}
