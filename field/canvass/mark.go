package canvass

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// Some facts about a person are one word of which only the newest counts: whether they have a code, where they stand with an event, whether they may be
// reached. Each thing said is kept as a mark with its time, so that what arrives late changes nothing newer, and what is taken back uncovers what was
// said before it.
type mark struct {
	Person int64  `db:"person_id"`
	What   string `db:"what"`
	Event  string `db:"event_id"`
	Value  string `db:"value"`
	Was    string `db:"was"` // before phones said anything
	At     int64  `db:"at"`
}

// The values of codes and wishes; those of sign-ups are their statuses. asItWas says nothing: what was before holds.
const (
	on      = "on"
	off     = "off"
	asItWas = ""
)

const (
	codeMark  = "code/"
	eventMark = "event/"
	stopMark  = "stop/"
)

type markKey struct {
	person int64
	what   string
}

func (m mark) key() markKey { return markKey{m.Person, m.What} }

func (m mark) id() int64 {
	_, id, _ := strings.Cut(m.What, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// mark keeps what events say in this way, and returns the facts that are now different, with what they are.
func (w *work) mark(ctx context.Context, tx *db.Tx, all []said) ([]mark, error) {
	var fresh []mark
	for _, x := range all {
		said, err := w.marksOf(ctx, tx, x)
		if err != nil {
			return nil, err
		}
		for _, p := range x.people {
			for what, value := range said {
				fresh = append(fresh, mark{Person: p, What: what, Event: x.ID, Value: value, At: x.When.UnixMilli()})
			}
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	was, err := w.baselines(ctx, tx, fresh)
	if err != nil {
		return nil, err
	}
	for i := range fresh {
		fresh[i].Was = was[fresh[i].key()]
	}
	if err := putMarks(ctx, tx, int64(w.a.Org()), fresh); err != nil {
		return nil, fmt.Errorf("keeping what was said at doors: %w", err)
	}
	newest, err := w.newest(ctx, tx, fresh)
	if err != nil {
		return nil, err
	}
	// What is not the newest has been said otherwise since, at a door or in the office: it changes nothing.
	return slices.DeleteFunc(newest, func(m mark) bool {
		return !slices.ContainsFunc(fresh, func(f mark) bool { return f.Event == m.Event })
	}), nil
}

// marksOf returns what an event says in this way, by what it is about.
func (w *work) marksOf(ctx context.Context, tx *db.Tx, x said) (map[string]string, error) {
	m := map[string]string{}
	switch x.Kind {
	case kindAttempt:
		meaning, _ := contact.MeaningOf(contact.Result(x.data.Result))
		for _, c := range meaning.Suppresses {
			m[stopMark+string(c)] = on
		}
	case kindStop:
		m[stopMark+x.data.Channel] = on
	case kindCode:
		m[codeMark+doorID(x.data.Code)] = off
		if x.data.On {
			m[codeMark+doorID(x.data.Code)] = on
		}
	case kindAsk:
		step, _, err := w.askOf(ctx, tx, x)
		if err != nil {
			return nil, err
		}
		for _, c := range step.Codes {
			m[codeMark+doorID(c)] = asItWas
			if x.data.Answer == string(script.Yes) {
				m[codeMark+doorID(c)] = on
			}
		}
		if step.Event != 0 {
			m[eventMark+doorID(step.Event)] = map[string]string{string(script.Yes): "signed_up", string(script.Maybe): "invited", string(script.No): "declined"}[x.data.Answer]
		}
	}
	return m, nil
}

// baselines returns how each fact was before phones said anything about it: as an earlier mark remembers, or as it is now.
func (w *work) baselines(ctx context.Context, tx *db.Tx, marks []mark) (map[markKey]string, error) {
	was, err := w.current(ctx, tx, marks)
	if err != nil {
		return nil, err
	}
	before, err := marksOn(ctx, tx, int64(w.a.Org()), marks)
	for _, m := range before {
		was[m.key()] = m.Was
	}
	return was, err
}

// newest returns the newest mark of each fact that marks are about; one without any left has no event, and the value it had before.
func (w *work) newest(ctx context.Context, tx *db.Tx, marks []mark) ([]mark, error) {
	all, err := marksOn(ctx, tx, int64(w.a.Org()), marks)
	if err != nil {
		return nil, fmt.Errorf("reading what was said at doors: %w", err)
	}
	last := map[markKey]mark{}
	for _, m := range marks {
		last[m.key()] = mark{Person: m.Person, What: m.What, Was: m.Was, Value: asItWas, At: -1}
	}
	for _, m := range all {
		l, asked := last[m.key()]
		if asked && (m.At > l.At || m.At == l.At && m.Event > l.Event) {
			last[m.key()] = m
		}
	}
	out := make([]mark, 0, len(last))
	for _, m := range last {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b mark) int {
		if a.Person != b.Person {
			return int(min(max(a.Person-b.Person, -1), 1))
		}
		return strings.Compare(a.What, b.What)
	})
	return out, nil
}

// current returns how the facts that marks are about are now.
func (w *work) current(ctx context.Context, tx *db.Tx, marks []mark) (map[markKey]string, error) {
	in, now := int64(w.a.Org()), map[markKey]string{}
	var people, codes, events []int64
	for _, m := range marks {
		people = append(people, m.Person)
		switch {
		case strings.HasPrefix(m.What, codeMark):
			codes = append(codes, m.id())
			now[m.key()] = off
		case strings.HasPrefix(m.What, eventMark):
			events = append(events, m.id())
		default:
			now[m.key()] = off
		}
	}
	given, err := givenCodes(ctx, tx, in, people, codes)
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	for _, x := range given {
		now[markKey{x.Person, codeMark + doorID(x.Code)}] = on
	}
	signed, err := signups(ctx, tx, in, people, events)
	if err != nil {
		return nil, fmt.Errorf("reading sign-ups: %w", err)
	}
	for _, x := range signed {
		now[markKey{x.Person, eventMark + doorID(x.Event)}] = x.Status
	}
	stopped, err := suppressed(ctx, tx, in, people)
	if err != nil {
		return nil, fmt.Errorf("reading who is not to be reached: %w", err)
	}
	for _, x := range stopped {
		now[markKey{x.Person, stopMark + x.Channel}] = on
	}
	return now, nil
}

// settle makes facts what their newest marks say.
func (w *work) settle(ctx context.Context, tx *db.Tx, marks []mark) error {
	if len(marks) == 0 {
		return nil
	}
	now, err := w.current(ctx, tx, marks)
	if err != nil {
		return err
	}
	type change struct{ what, value string }
	people := map[change][]int64{}
	var order []change
	for _, m := range marks {
		value := m.Value
		if value == asItWas {
			value = m.Was
		}
		if now[m.key()] == value {
			continue
		}
		c := change{m.What, value}
		if people[c] == nil {
			order = append(order, c)
		}
		people[c] = append(people[c], m.Person)
	}
	for _, c := range order {
		if err := w.turn(ctx, tx, mark{What: c.what, Value: c.value}, people[c]); err != nil {
			return err
		}
	}
	return nil
}

// turn writes one fact about some people.
func (w *work) turn(ctx context.Context, tx *db.Tx, m mark, people []int64) error {
	kind, rest, _ := strings.Cut(m.What, "/")
	switch kind + "/" {
	case codeMark:
		_, err := w.c.Codebook.Mark(ctx, tx, w.a, codebook.Code, codebook.ID(m.id()), people, m.Value == on, batch)
		return err
	case eventMark:
		if m.Value == "" {
			return w.c.Codebook.WithdrawSignup(ctx, tx, w.a, codebook.ID(m.id()), people, batch)
		}
		return w.c.Codebook.SignUp(ctx, tx, w.a, codebook.ID(m.id()), m.Value, people, batch)
	}
	for _, p := range people {
		var err error
		if m.Value == on {
			err = w.c.People.Suppress(ctx, tx, w.a, person.ID(p), person.Channel(rest), wish(person.Channel(rest)))
		} else {
			err = w.c.People.Lift(ctx, tx, w.a, person.ID(p), person.Channel(rest), reasonUndone)
		}
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

// reasonUndone is why a wish is lifted that was recorded by mistake, for whoever reads the ledger.
const reasonUndone = "The canvasser took it back."

// wish names a wish as the result that says the same does.
func wish(c person.Channel) string {
	r := map[person.Channel]contact.Result{person.ByDoor: contact.DoNotKnock, person.ByCall: contact.DoNotCall, person.ByText: contact.DoNotText, person.ByMail: contact.DoNotMail, person.ByEmail: contact.DoNotEmail}[c]
	m, _ := contact.MeaningOf(r)
	return m.Name
}

// firstInput returns the first of several faults.
func firstInput(err error) *fault.Error {
	var in fault.Inputs
	if errors.As(err, &in) && len(in) > 0 {
		return in[0].Err
	}
	return errBadEvent()
}
