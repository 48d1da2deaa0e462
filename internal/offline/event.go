package offline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// KindUndo is the one kind of event this package knows: it takes back an earlier event of the same device, named by data.of.
const KindUndo = "undo"

// Limits of one request and of one event.
const (
	MostEvents = 500      // of one request; devices halve theirs when told
	mostHeld   = 1000     // things a device says it holds
	mostBytes  = 16 << 10 // of one event
)

// Event is one thing that a device recorded. It is never changed.
type Event struct {
	ID     string
	Seq    int64  // its place among the device's own
	Kind   string //
	Thing  string // what it was recorded in: a packet
	Of     string // of an undo: the id of the event it takes back
	Body   []byte // JSON as sent, compact
	At     int64  // by the device's clock, Unix milliseconds
	Broken bool   // its parts are not what they should be: it is kept and set aside

	When     time.Time // by our clock; never later than it was received
	Received time.Time
	Floor    time.Time // set by Program.Floors: it cannot be older
	Device   string
	Judged   bool // somebody looked at it and wants it applied although it was set aside
}

// Batch is one request of a device.
type Batch struct {
	Now    int64    // the device's clock, Unix milliseconds; 0: not said
	Held   []string // the things it holds
	Events []Event  // in the order sent

	Carried bool // by somebody else, who knows how long: Now says nothing
}

// TooMany is the error of a request with more than MostEvents.
type TooMany struct{ Events int }

func (e *TooMany) Error() string {
	return fmt.Sprintf("%d events in one request; at most %d", e.Events, MostEvents)
}

// Unreadable is the error of a request in which some events cannot even be kept: they have no id of their own, or are too large.
type Unreadable struct{ Index []int }

func (e *Unreadable) Error() string {
	return fmt.Sprintf("%d events that cannot be read", len(e.Index))
}

// wireBatch is a Batch as it is sent.
type wireBatch struct {
	Now    json.RawMessage   `json:"now"`
	Held   []json.RawMessage `json:"held"`
	Events []json.RawMessage `json:"events"`
}

// ParseBatch reads a request. Of an event only the id must be right: whatever else is wrong with it, it is kept. Its error is a *TooMany, an
// *Unreadable, or says that body is no JSON object of this shape.
func ParseBatch(body []byte) (Batch, error) {
	var w wireBatch
	if err := json.Unmarshal(body, &w); err != nil {
		return Batch{}, fmt.Errorf("reading a request of a device: %w", err)
	}
	if len(w.Events) > MostEvents {
		return Batch{}, &TooMany{Events: len(w.Events)}
	}
	var b Batch
	_ = json.Unmarshal(w.Now, &b.Now) // a device that does not say has a clock as good as ours
	for _, raw := range w.Held {
		var id string
		if json.Unmarshal(raw, &id) == nil && ValidID(id) && len(b.Held) < mostHeld {
			b.Held = append(b.Held, id)
		}
	}
	var bad []int
	for i, raw := range w.Events {
		e, ok := parseEvent(raw)
		if !ok {
			bad = append(bad, i)
			continue
		}
		b.Events = append(b.Events, e)
	}
	if bad != nil {
		return Batch{}, &Unreadable{Index: bad}
	}
	return b, nil
}

// parseEvent reads one event part by part, so that one wrong part does not hide the others.
func parseEvent(raw []byte) (Event, bool) {
	var parts map[string]json.RawMessage
	if len(raw) > mostBytes || json.Unmarshal(raw, &parts) != nil || parts == nil {
		return Event{}, false
	}
	var e Event
	if json.Unmarshal(parts["id"], &e.ID) != nil || !ValidID(e.ID) {
		return Event{}, false
	}
	part := func(name string, to any) {
		if json.Unmarshal(parts[name], to) != nil {
			e.Broken = true
		}
	}
	part("seq", &e.Seq)
	part("at", &e.At)
	part("kind", &e.Kind)
	part("packet", &e.Thing)
	if e.Kind == KindUndo {
		var data struct {
			Of string `json:"of"`
		}
		part("data", &data)
		e.Of = data.Of
		e.Broken = e.Broken || !ValidID(e.Of)
	}
	e.Broken = e.Broken || e.Seq <= 0 || e.Kind == ""
	e.Kind, e.Thing, e.Of = clip(e.Kind), clip(e.Thing), clip(e.Of)
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return Event{}, false
	}
	e.Body = []byte(db.Storable(compact.String()))
	return e, true
}

// place is one event of a device on the two clocks.
type place struct {
	seq   int64
	when  int64 // ours, Unix milliseconds
	fixed bool  // was received before
	event *Event
}

// times sets When of fresh events: the device's clock, corrected by how far it is off now, but never later than arrival, never before Floor, and
// in the order of seq, whatever its clock did between. placed are events of the device received before, whose times stand.
func times(fresh []Event, placed []place, skew int64, now time.Time) {
	all := slices.Clone(placed)
	for i := range fresh {
		e := &fresh[i]
		when := now.UnixMilli()
		if e.At > 0 && e.At < 1<<50 { // beyond are no clocks, and sums would overflow
			when = min(when, e.At+skew)
		}
		all = append(all, place{seq: e.Seq, when: max(when, e.Floor.UnixMilli()), event: e})
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.seq, b.seq) })
	for i := len(all) - 2; i >= 0; i-- { // nothing is later than what came after it
		if !all[i].fixed {
			all[i].when = min(all[i].when, all[i+1].when-1)
		}
	}
	for i := 1; i < len(all); i++ { // nor earlier than what came before it
		if !all[i].fixed {
			all[i].when = max(all[i].when, all[i-1].when+1)
		}
	}
	for i := len(all) - 1; i >= 0; i-- { // where there is no room between two that stand, several share a millisecond
		if i < len(all)-1 && !all[i].fixed {
			all[i].when = min(all[i].when, all[i+1].when)
		}
		if e := all[i].event; e != nil {
			e.When = time.UnixMilli(min(all[i].when, now.UnixMilli())).UTC()
		}
	}
}
