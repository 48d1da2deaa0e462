package offline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// State says what became of an event.
type State string

// The states.
const (
	Applied State = "applied" // what it means is written down
	Aside   State = "aside"   // a person must look at it
	Undone  State = "undone"  // its device took it back
	Kept    State = "kept"    // a person looked at it and left it without effect
)

// Receipt is the answer to a batch.
type Receipt struct {
	Safe  []string // the ids of the request's events: all are held now
	Aside []Reason // those among them that wait for a person
	Wipe  bool     // the device is shut out, and may forget what is safe
}

// Reason says why an event was set aside.
type Reason struct {
	ID  string
	Why *fault.Error
}

// Why an event is set aside, as far as this package knows.
func errShutOut() *fault.Error {
	return fault.Deniedf("It came from a device that is shut out, or whose person no longer belongs to the organization.")
}
func errEnded(at time.Time) *fault.Error {
	return fault.Deniedf("It was recorded after the access of its person had ended (%s UTC).", at.UTC().Format("2006-01-02 15:04"))
}
func errBroken() *fault.Error {
	return fault.Invalidf("It is not complete: the app that recorded it may be damaged.")
}
func errUndoEarly() *fault.Error {
	return fault.Conflictf("It takes back something that has not arrived yet.")
}
func errUndoOther() *fault.Error {
	return fault.Deniedf("It takes back something that another device recorded, or that cannot be taken back.")
}
func errTwins() *fault.Error {
	return fault.Conflictf("Another record came before under the same number.")
}
func errUnforeseen() *fault.Error {
	return fault.Invalidf("It could not be applied. Whoever looks after this site finds the cause in its log.")
}

// refused marks an error that came of the meaning of events and not of the database.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

// heardEvery is how often a device that sends nothing new is written down as heard of, unless its clock was moved by more than some seconds.
const (
	heardEvery = 30 * time.Second
	clockMoved = 5000 // ms
)

// Receive takes a batch of a device in: events it has not seen are written with what they mean, in the order of the device, and the answer is given
// only when all is on stable storage. The same batch again gives the same answer and changes nothing.
func (s *Store) Receive(ctx context.Context, d Device, b Batch) (Receipt, error) {
	a, standing, err := s.sit(ctx, d)
	if err != nil {
		return Receipt{}, err
	}
	t := &taking{Store: s, a: a, d: d, stands: standing, now: s.now()}
	switch {
	case b.Carried:
		t.skew = d.Skew
	case b.Now > 0 && b.Now < 1<<50:
		t.skew = t.now.UnixMilli() - b.Now
	}
	r, err := t.take(ctx, b.Events, false)
	var meant refused
	if !errors.As(err, &meant) {
		return r, err
	}
	s.log.ErrorContext(ctx, "events of a device could not be applied together", slog.String("device", d.ID), slog.Any("error", err))
	return t.takeSingly(ctx, b.Events)
}

// taking is one batch on its way in.
type taking struct {
	*Store
	a      org.Actor
	d      Device
	stands org.Standing
	now    time.Time
	skew   int64
}

// late reports whether an event was recorded when its person's access had ended already.
func (t *taking) late(e Event) bool { return !t.stands.Ended.IsZero() && e.When.After(t.stands.Ended) }

// takeSingly finds the events of a batch that cannot be applied, sets those aside, and applies the others.
func (t *taking) takeSingly(ctx context.Context, events []Event) (all Receipt, err error) {
	for _, e := range inOrder(events) {
		r, err := t.take(ctx, []Event{e}, false)
		var meant refused
		if errors.As(err, &meant) {
			t.log.ErrorContext(ctx, "an event could not be applied", slog.String("event", e.ID), slog.Any("error", err))
			r, err = t.take(ctx, []Event{e}, true)
		}
		if err != nil {
			return Receipt{}, err
		}
		all.Safe = append(all.Safe, r.Safe...)
		all.Aside = append(all.Aside, r.Aside...)
		all.Wipe = all.Wipe || r.Wipe
	}
	return all, nil
}

func (t *taking) take(ctx context.Context, events []Event, unforeseen bool) (r Receipt, err error) {
	moved := t.skew - t.d.Skew
	if len(events) == 0 && t.stands.Welcome && t.now.Sub(t.d.Seen) < heardEvery && -clockMoved < moved && moved < clockMoved {
		return Receipt{}, nil
	}
	err = t.db.Transact(t.a.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
		r, err = t.takeIn(ctx, tx, events, unforeseen)
		return err
	})
	return r, err
}

func (t *taking) takeIn(ctx context.Context, tx *db.Tx, events []Event, unforeseen bool) (Receipt, error) {
	// One request of a device at a time: one that takes something back must see what it takes back.
	if err := db.Lock(ctx, tx, object(t.d.ID)); err != nil {
		return Receipt{}, fmt.Errorf("waiting for another request of the device: %w", err)
	}
	if gone, err := isRevoked(ctx, tx, t.d.ID); err != nil {
		return Receipt{}, err
	} else if gone {
		t.stands = org.Standing{}
	}
	shutOut := t.stands == org.Standing{}
	r := Receipt{Wipe: !t.stands.Welcome}
	fresh, err := t.sift(ctx, tx, events, &r)
	if err != nil {
		return r, err
	}
	if len(fresh) == 0 {
		return r, heardOf(ctx, tx, t.d.ID, t.now, t.skew)
	}
	if err := t.clock(ctx, tx, fresh, shutOut); err != nil {
		return r, err
	}
	out := outcomes{}
	switch {
	case shutOut:
		out.all(fresh, errShutOut())
	case unforeseen:
		out.all(fresh, errUnforeseen())
	default:
		if err := t.apply(ctx, tx, fresh, out); err != nil {
			return r, refused{err}
		}
	}
	return r, t.keep(ctx, tx, fresh, out, &r)
}

// sift returns the events that are new, in the order of the device, and writes what became of the others into r.
func (t *taking) sift(ctx context.Context, tx *db.Tx, events []Event, r *Receipt) ([]Event, error) {
	ids := make([]string, 0, 2*len(events))
	for _, e := range events {
		r.Safe = append(r.Safe, e.ID)
		ids = append(ids, e.ID, twinID(t.d.ID, e))
	}
	slices.Sort(r.Safe)
	r.Safe = slices.Compact(r.Safe)
	rows, err := eventsByID(ctx, tx, int64(t.d.Org), ids)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	known := map[string]eventRow{}
	for _, x := range rows {
		known[x.ID] = x
	}
	var fresh []Event
	for _, e := range inOrder(events) {
		was, there := known[e.ID]
		id := e.ID
		if there && (was.Device != t.d.ID || was.Body != string(e.Body)) { // another record under the same number
			id = twinID(t.d.ID, e)
			was, there = known[id]
		}
		if there {
			if was.State == Aside {
				r.Aside = append(r.Aside, Reason{ID: e.ID, Why: unwritten(was.Why)})
			}
			continue
		}
		e.ID, e.Received, e.Device = id, t.now, t.d.ID
		fresh = append(fresh, e)
		known[id] = eventRow{ID: id, Device: t.d.ID, Body: string(e.Body)} // what comes twice in one request is new once
	}
	return fresh, nil
}

// twinMark stands in the id of an event whose own id another event has.
const twinMark = "~"

func twinID(device string, e Event) string {
	sum := sha256.Sum256(append([]byte(device+"\x00"), e.Body...))
	return e.ID + twinMark + hex.EncodeToString(sum[:8])
}

func isTwin(id string) bool { return strings.Contains(id, twinMark) }

// inOrder returns events in the order of their device; those of one seq stay as they were sent.
func inOrder(events []Event) []Event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b Event) int { return cmp.Compare(a.Seq, b.Seq) })
}

// clock corrects the times of fresh events.
func (t *taking) clock(ctx context.Context, tx *db.Tx, fresh []Event, shutOut bool) error {
	if t.program.Floors != nil && !shutOut {
		if err := t.program.Floors(ctx, tx, t.a, t.d, fresh); err != nil {
			return fmt.Errorf("reading when events can have been recorded: %w", err)
		}
	}
	rows, err := placesAround(ctx, tx, t.d.ID, fresh[0].Seq, fresh[len(fresh)-1].Seq)
	if err != nil {
		return fmt.Errorf("reading when earlier events were recorded: %w", err)
	}
	placed := make([]place, len(rows))
	for i, x := range rows {
		placed[i] = place{seq: x.Seq, when: x.When.UnixMilli(), fixed: true}
	}
	times(fresh, placed, t.skew, t.now)
	return nil
}

// outcome is what becomes of a fresh event.
type outcome struct {
	state State
	why   *fault.Error
}

type outcomes map[string]outcome

func (o outcomes) all(events []Event, why *fault.Error) {
	for _, e := range events {
		o[e.ID] = outcome{Aside, why}
	}
}

// apply decides about each fresh event and has the program write what they mean.
func (t *taking) apply(ctx context.Context, tx *db.Tx, fresh []Event, out outcomes) error {
	var plain, undos []Event
	for _, e := range fresh {
		switch {
		case t.late(e):
			out[e.ID] = outcome{Aside, errEnded(t.stands.Ended)}
		case isTwin(e.ID) && !e.Judged:
			out[e.ID] = outcome{Aside, errTwins()}
		case e.Broken:
			out[e.ID] = outcome{Aside, errBroken()}
		case e.Kind == KindUndo:
			undos = append(undos, e)
		default:
			plain = append(plain, e)
		}
	}
	early, err := t.undoneEarly(ctx, tx, plain, out)
	if err != nil {
		return err
	}
	if err := t.undo(ctx, tx, undos, plain, out); err != nil {
		return err
	}
	meant := slices.DeleteFunc(slices.Clone(plain), func(e Event) bool { return out[e.ID].state == Undone })
	if len(meant) > 0 {
		why, err := t.program.Apply(ctx, tx, t.a, t.d, meant)
		if err != nil {
			return err
		}
		for i, e := range meant {
			out[e.ID] = outcome{state: Applied}
			if why[i] != nil {
				out[e.ID] = outcome{Aside, why[i]}
			}
		}
	}
	for _, u := range early {
		if err := setState(ctx, tx, int64(t.d.Org), u.ID, Applied); err != nil {
			return err
		}
	}
	return nil
}

// undoneEarly finds those among events that were taken back before they arrived, and returns the undos that waited for them.
func (t *taking) undoneEarly(ctx context.Context, tx *db.Tx, events []Event, out outcomes) ([]eventRow, error) {
	if len(events) == 0 {
		return nil, nil
	}
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	waiting, err := undosOf(ctx, tx, t.d.ID, ids)
	early := slices.DeleteFunc(waiting, func(u eventRow) bool { return unwritten(u.Why).Format != errUndoEarly().Format }) // others wait for a person
	for _, u := range early {
		out[u.Undoes] = outcome{state: Undone}
	}
	return early, err
}

// undo takes back what undos name: of the same request, or received before.
func (t *taking) undo(ctx context.Context, tx *db.Tx, undos, plain []Event, out outcomes) error {
	var stored []string
	for _, u := range undos {
		if slices.ContainsFunc(plain, func(e Event) bool { return e.ID == u.Of }) {
			out[u.Of], out[u.ID] = outcome{state: Undone}, outcome{state: Applied}
		} else {
			stored = append(stored, u.Of)
		}
	}
	rows, err := eventsByID(ctx, tx, int64(t.d.Org), stored)
	if err != nil {
		return err
	}
	var back []Event
	by := map[string]string{} // the undo of each
	for _, u := range undos {
		if out[u.ID].state != "" {
			continue
		}
		i := slices.IndexFunc(rows, func(x eventRow) bool { return x.ID == u.Of })
		switch {
		case i < 0:
			out[u.ID] = outcome{Aside, errUndoEarly()}
		case rows[i].Device != u.Device || rows[i].Kind == KindUndo:
			out[u.ID] = outcome{Aside, errUndoOther()}
		default:
			out[u.ID] = outcome{state: Applied}
			if rows[i].State == Applied && by[u.Of] == "" { // a second undo finds nothing more to do
				back, by[u.Of] = append(back, rows[i].event()), u.ID
				continue
			}
			if err := setState(ctx, tx, int64(t.d.Org), u.Of, Undone); err != nil {
				return err
			}
		}
	}
	return t.takeBack(ctx, tx, back, by, out)
}

// takeBack has the program take applied events back.
func (t *taking) takeBack(ctx context.Context, tx *db.Tx, back []Event, by map[string]string, out outcomes) error {
	if len(back) == 0 {
		return nil
	}
	why, err := t.program.Undo(ctx, tx, t.a, t.d, back)
	if err != nil {
		return err
	}
	for i, e := range back {
		if why[i] != nil {
			out[by[e.ID]] = outcome{Aside, why[i]}
			continue
		}
		if err := setState(ctx, tx, int64(t.d.Org), e.ID, Undone); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the events down and enters the batch in the ledger.
func (t *taking) keep(ctx context.Context, tx *db.Tx, fresh []Event, out outcomes, r *Receipt) error {
	rows := make([]eventRow, len(fresh))
	count := map[State]int{}
	sum := sha256.New()
	for i, e := range fresh {
		o := out[e.ID]
		count[o.state]++
		rows[i] = eventRow{ID: e.ID, Device: e.Device, Seq: e.Seq, Kind: e.Kind, Thing: e.Thing, Undoes: e.Of, Body: string(e.Body), At: e.At, When: e.When,
			Received: e.Received, State: o.state, Why: written(o.why)}
		if o.state == Aside {
			own, _, _ := strings.Cut(e.ID, twinMark)
			r.Aside = append(r.Aside, Reason{ID: own, Why: o.why})
		}
		sum.Write(e.Body)
		sum.Write([]byte{'\n'})
	}
	if err := insertEvents(ctx, tx, int64(t.d.Org), rows); err != nil {
		return fmt.Errorf("keeping events: %w", err)
	}
	if err := sentBy(ctx, tx, t.d.ID, t.now, t.skew); err != nil {
		return err
	}
	_, err := ledger.Append(ctx, tx, t.a.Who(), ledger.Entry{Kind: KindReceive, Object: object(t.d.ID), Data: map[string]any{"events": len(fresh),
		"applied": count[Applied], "aside": count[Aside], "undone": count[Undone], "first": fresh[0].Seq, "last": fresh[len(fresh)-1].Seq, "hash": hex.EncodeToString(sum.Sum(nil))}})
	return err
}

// writtenFault is a fault as kept: people of either language read it later.
type writtenFault struct {
	Kind   fault.Kind `json:"kind"`
	Format string     `json:"format"`
	Args   []any      `json:"args,omitempty"`
}

func written(f *fault.Error) string {
	if f == nil {
		return ""
	}
	b, err := json.Marshal(writtenFault{f.Kind, f.Format, f.Args})
	if err != nil { // an argument that JSON does not know
		b, _ = json.Marshal(writtenFault{f.Kind, "%s", []any{f.Error()}})
	}
	return db.Storable(string(b))
}

func unwritten(s string) *fault.Error {
	var w writtenFault
	if json.Unmarshal([]byte(s), &w) != nil {
		return errUnforeseen()
	}
	for i, a := range w.Args { // JSON knows one kind of number
		if f, ok := a.(float64); ok && f == float64(int64(f)) {
			w.Args[i] = int64(f)
		}
	}
	return &fault.Error{Kind: w.Kind, Format: w.Format, Args: w.Args}
}
