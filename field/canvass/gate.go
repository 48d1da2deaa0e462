package canvass

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
)

// Why recorded work is set aside.
func errKind(kind string) *fault.Error {
	return fault.Invalidf("This program does not know what “%s” means. The app may be newer than the site.", kind)
}
func errForeign() *fault.Error {
	return fault.NotFoundf("It was recorded in a packet that this organization never gave out.")
}
func errOtherPhone() *fault.Error {
	return fault.Deniedf("It was recorded in a packet that another phone was given.")
}
func errOver(at time.Time) *fault.Error {
	return fault.Conflictf("It was recorded after the turf was taken back or its time was over (%s UTC).", at.UTC().Format("2006-01-02 15:04"))
}
func errNoDoor() *fault.Error {
	return fault.NotFoundf("It was recorded at a door that is not in the packet.")
}
func errNoPerson() *fault.Error {
	return fault.NotFoundf("It is about a person who is not at that door in the packet.")
}
func errUnseen() *fault.Error {
	return fault.NotFoundf("It is about a person whom this organization may not see any more.")
}
func errNobody() *fault.Error {
	return fault.Invalidf("It does not say which person it is about.")
}

// work is one batch of events on its way to what they mean.
type work struct {
	*Store
	a       org.Actor
	d       offline.Device
	now     time.Time
	packets map[string]*Packet
	holds   map[string]held
	asks    map[string]map[string]script.ResolvedStep // the ask steps of each packet's script
	metAs   map[string]int64                          // who people met turned out to be
	may     map[string]*fault.Error                   // what the codebook said already
	bare    []bared
}

// floors sets before when events cannot have been recorded: a day before their packet was made, to allow for the clocks.
func (s *Store) floors(ctx context.Context, tx *db.Tx, a org.Actor, _ offline.Device, events []offline.Event) error {
	packets, err := packetsByID(ctx, tx, int64(a.Org()), things(events))
	if err != nil {
		return err
	}
	for i := range events {
		for _, p := range packets {
			if p.ID == events[i].Thing {
				events[i].Floor = p.Made.Add(-24 * time.Hour)
			}
		}
	}
	return nil
}

func things(events []offline.Event) []string {
	ids := []string{""} // so that there is always one to ask for
	for _, e := range events {
		ids = append(ids, e.Thing)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// open reads what a batch needs to be understood.
func (s *Store) open(ctx context.Context, tx *db.Tx, a org.Actor, d offline.Device, events []offline.Event) (*work, error) {
	w := &work{Store: s, a: a, d: d, now: s.c.Now(), packets: map[string]*Packet{}, holds: map[string]held{}, asks: map[string]map[string]script.ResolvedStep{}, may: map[string]*fault.Error{}}
	packets, err := packetsByID(ctx, tx, int64(a.Org()), things(events))
	if err != nil {
		return nil, fmt.Errorf("reading packets: %w", err)
	}
	for _, p := range packets {
		if w.holds[p.ID], err = p.held(); err != nil {
			return nil, err
		}
		w.packets[p.ID] = &p
	}
	return w, nil
}

// gather reads events and finds whom each is about; those that cannot be understood get a reason.
func (w *work) gather(ctx context.Context, tx *db.Tx, events []offline.Event) ([]said, []*fault.Error, error) {
	all, why := make([]said, len(events)), make([]*fault.Error, len(events))
	var met []string
	for i, e := range events {
		x, f := read(e)
		if f == nil {
			f = w.place(&x)
		}
		if x.met != "" {
			met = append(met, x.met)
		}
		all[i], why[i] = x, f
	}
	var err error
	if w.metAs, err = matchedAs(ctx, tx, int64(w.a.Org()), met); err != nil {
		return nil, nil, fmt.Errorf("reading who was met: %w", err)
	}
	for i := range all {
		if p := w.metAs[all[i].met]; p != 0 && all[i].Kind != kindMet {
			all[i].about, all[i].met, all[i].people = p, "", []int64{p}
		}
	}
	return all, why, w.unseen(ctx, tx, all, why)
}

// place finds the packet and the door of an event, and the people it is about.
func (w *work) place(x *said) *fault.Error {
	p := w.packets[x.Thing]
	switch {
	case p == nil:
		return errForeign()
	case p.Device != x.Device && !x.Judged:
		return errOtherPhone()
	case x.When.After(p.over()) && !x.Judged:
		return errOver(p.over())
	}
	x.packet = p
	if isNew(x.door) || x.met != "" && x.door == "" {
		if x.about != 0 {
			return errNoPerson()
		}
		return nil
	}
	d, ok := w.holds[p.ID].door(x.door)
	switch {
	case !ok && !x.Judged:
		return errNoDoor()
	case x.about != 0 && !slices.Contains(d.People, x.about) && !x.Judged:
		return errNoPerson()
	case x.about != 0:
		x.people = []int64{x.about}
	case x.met == "":
		x.people = d.People
	}
	return nil
}

// unseen sets aside what is about people whom the organisation may not see any more, and leaves them out of what is about a whole door.
func (w *work) unseen(ctx context.Context, tx *db.Tx, all []said, why []*fault.Error) error {
	var people []int64
	for _, x := range all {
		people = append(people, x.people...)
	}
	files, err := voterfile.Visible(ctx, tx, w.a, w.now)
	if err != nil {
		return err
	}
	seen, err := shown(ctx, tx, files, people)
	if err != nil {
		return fmt.Errorf("reading whom the organization may see: %w", err)
	}
	is := make(map[int64]bool, len(seen))
	for _, p := range seen {
		is[p] = true
	}
	for i := range all {
		x := &all[i]
		x.people = slices.DeleteFunc(slices.Clone(x.people), func(p int64) bool { return !is[p] })
		if why[i] == nil && x.about != 0 && len(x.people) == 0 {
			why[i] = errUnseen()
		}
	}
	return nil
}

// check says what is wrong with the meaning of an event, nil for nothing. Events about somebody met are checked when it is known who that is.
func (w *work) check(ctx context.Context, tx *db.Tx, x said) (*fault.Error, error) {
	later := x.met != ""
	switch x.Kind {
	case kindAttempt:
		m, ok := contact.MeaningOf(contact.Result(x.data.Result))
		if !ok || !slices.Contains(m.Channels, person.ByDoor) {
			return fault.Invalidf("“%s” is no result of a visit.", x.data.Result), nil
		}
		return nil, nil
	case kindAnswer, kindCode, kindAsk:
		if later {
			return nil, nil
		}
		if x.about == 0 && len(x.people) == 0 {
			return errNobody(), nil
		}
		return w.checkCodebook(ctx, tx, x)
	case kindNote:
		text := strings.TrimSpace(x.data.Text)
		if text == "" || utf8.RuneCountInString(text) > longestNote {
			return fault.Invalidf("A note has 1 to %d letters.", longestNote), nil
		}
		return nil, nil
	case kindStop:
		if _, ok := person.ParseChannel(x.data.Channel); !ok {
			return errBadEvent(), nil
		}
		if !later && len(x.people) == 0 {
			return errNobody(), nil
		}
		return nil, nil
	case kindFix:
		if later || x.about == 0 {
			return errNobody(), nil
		}
		return nil, nil
	case kindMet:
		return checkMade(x.met, x), nil
	case kindPlace:
		return checkMade(x.door, x), nil
	}
	return errKind(x.Kind), nil
}

// longestNote is the longest note, in letters.
const longestNote = 2000

// checkMade looks at what a phone made: somebody met or a place found.
func checkMade(id string, x said) *fault.Error {
	if !isNew(id) || !json.Valid(x.data.Raw) {
		return errBadEvent()
	}
	return nil
}

func (w *work) checkCodebook(ctx context.Context, tx *db.Tx, x said) (*fault.Error, error) {
	switch x.Kind {
	case kindAnswer:
		return w.asked(fmt.Sprintf("answer %d %d", x.data.Question, x.data.Response), func() (*fault.Error, error) {
			return w.c.Codebook.MayAnswer(ctx, tx, w.a, codebook.ID(x.data.Question), codebook.ID(x.data.Response))
		})
	case kindCode:
		return w.mayUse(ctx, tx, codebook.Code, x.data.Code)
	}
	step, ok, err := w.askOf(ctx, tx, x)
	if err != nil {
		return nil, err
	}
	if !ok || !slices.Contains(script.AskValues(), script.Value(x.data.Answer)) {
		return fault.NotFoundf("It answers something that the script of the packet does not ask."), nil
	}
	for _, c := range step.Codes {
		if f, err := w.mayUse(ctx, tx, codebook.Code, c); f != nil || err != nil {
			return f, err
		}
	}
	if step.Event == 0 {
		return nil, nil
	}
	return w.mayUse(ctx, tx, codebook.Event, step.Event)
}

func (w *work) mayUse(ctx context.Context, tx *db.Tx, k codebook.Kind, id int64) (*fault.Error, error) {
	return w.asked(k.Object(codebook.ID(id)), func() (*fault.Error, error) { return w.c.Codebook.MayUse(ctx, tx, w.a, k, codebook.ID(id)) })
}

// asked remembers what the codebook said: a batch asks the same over and over.
func (w *work) asked(what string, ask func() (*fault.Error, error)) (*fault.Error, error) {
	if f, ok := w.may[what]; ok {
		return f, nil
	}
	f, err := ask()
	if err == nil {
		w.may[what] = f
	}
	return f, err
}

// askOf returns the step of the packet's script that an ask answers.
func (w *work) askOf(ctx context.Context, tx *db.Tx, x said) (script.ResolvedStep, bool, error) {
	steps, ok := w.asks[x.packet.ID]
	if !ok {
		steps = map[string]script.ResolvedStep{}
		p, err := w.scriptOf(ctx, tx, w.a, *x.packet, x.packet.ScriptVersion)
		if err != nil {
			return script.ResolvedStep{}, false, err
		}
		if p != nil {
			for _, step := range slices.Concat(p.Household, p.Person) {
				if step.Kind == script.Ask {
					steps[step.ID] = step
				}
			}
		}
		w.asks[x.packet.ID] = steps
	}
	step, ok := steps[x.data.Step]
	return step, ok, nil
}
