package offline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// phone is a device as the model sees it: what it recorded, and what it still keeps.
type phone struct {
	Device
	token   string
	clock   time.Duration // how far ahead of true time
	seq     int64
	log     []record
	waiting map[string]bool // not yet said to be safe
	revoked bool
	ended   time.Time // when the access of its person ended; zero for not
}

type record struct {
	id, undoes string
	raw        json.RawMessage
	arrived    bool // at the server, whether or not the phone knows
	welcome    bool // its device was not shut out when it arrived first
	after      bool // the access of its person had ended by then
	late       bool // and it was recorded after that, as the server reckons
}

type model struct {
	*rapid.T
	w      *world
	org    org.ID
	phones []*phone
}

// TestWhatPhonesRecordIsWhatTheServerHolds plays phones whose requests are lost, doubled, cut and mixed up, whose clocks jump, who may be shut
// out or whose access ends, and then compares the server with what was recorded.
func TestWhatPhonesRecordIsWhatTheServerHolds(t *testing.T) {
	run(t, func(w *world) {
		rapid.Check(w.T, func(rt *rapid.T) {
			m := &model{T: rt, w: w, org: w.found()}
			for range 2 {
				d, token := w.guest(m.org)
				m.phones = append(m.phones, &phone{Device: d, token: token, waiting: map[string]bool{}})
			}
			rt.Repeat(map[string]func(*rapid.T){"record": m.record, "undo": m.undo, "sync": m.sync, "time": m.time, "revoke": m.revoke, "end": m.end})
			for _, p := range m.phones {
				m.deliver(p, m.unsent(p), true)
			}
			m.compare()
		})
	})
}

func (m *model) phone(t *rapid.T) *phone {
	return m.phones[rapid.IntRange(0, len(m.phones)-1).Draw(t, "phone")]
}

func (m *model) put(p *phone, kind, undoes string) {
	p.seq++
	r := record{id: NewID(), undoes: undoes}
	var data map[string]any
	if undoes != "" {
		data = map[string]any{"of": undoes}
	}
	r.raw = event(r.id, p.seq, m.w.at.Add(p.clock), kind, data)
	p.log = append(p.log, r)
	p.waiting[r.id] = true
}

func (m *model) record(t *rapid.T) {
	p := m.phone(t)
	for range rapid.IntRange(1, 5).Draw(t, "events") {
		m.w.at = m.w.at.Add(time.Minute)
		m.put(p, rapid.SampledFrom([]string{"attempt", "answer", "wrong"}).Draw(t, "kind"), "")
	}
}

func (m *model) undo(t *rapid.T) {
	p := m.phone(t)
	for _, r := range p.log {
		if r.undoes == "" && rapid.IntRange(0, 4).Draw(t, "take back") == 0 {
			m.put(p, KindUndo, r.id)
			return
		}
	}
}

func (m *model) time(t *rapid.T) {
	m.w.at = m.w.at.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "minutes")) * time.Minute)
	m.phone(t).clock = time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "clock")) * time.Minute
}

func (m *model) revoke(t *rapid.T) {
	p := m.phone(t)
	if p.revoked || rapid.IntRange(0, 5).Draw(t, "mercy") > 0 {
		return
	}
	if err := m.w.Revoke(m.w.Context(), m.w.staff(m.org), p.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	p.revoked = true
}

func (m *model) end(t *rapid.T) {
	p := m.phone(t)
	if !p.ended.IsZero() || rapid.IntRange(0, 3).Draw(t, "mercy") > 0 {
		return
	}
	p.ended = m.w.at
	m.w.end(p.Device)
	m.w.at = m.w.at.Add(time.Minute)
}

func (m *model) unsent(p *phone) (all []int) {
	for i, r := range p.log {
		if p.waiting[r.id] {
			all = append(all, i)
		}
	}
	return all
}

// sync sends some of what waits, mixed up, once or twice, and perhaps loses the request or its answer.
func (m *model) sync(t *rapid.T) {
	p := m.phone(t)
	some := rapid.Permutation(m.unsent(p)).Draw(t, "order")
	some = some[:rapid.IntRange(0, len(some)).Draw(t, "how many")]
	switch rapid.SampledFrom([]string{"fine", "lost", "cut", "twice"}).Draw(t, "network") {
	case "fine":
		m.deliver(p, some, true)
	case "cut":
		m.deliver(p, some, false)
	case "twice":
		m.deliver(p, some, false)
		m.deliver(p, some, true)
	}
}

func (m *model) deliver(p *phone, which []int, answered bool) {
	var raws []json.RawMessage
	for _, i := range which {
		r := &p.log[i]
		if !r.arrived {
			r.arrived, r.welcome, r.after = true, !p.revoked, !p.ended.IsZero()
		}
		raws = append(raws, r.raw)
	}
	got := m.w.send(p.token, m.w.at.Add(p.clock), raws...)
	if gone := p.revoked || !p.ended.IsZero(); got.Wipe != gone {
		m.Fatalf("told to empty itself: %v, shut out or over: %v", got.Wipe, gone)
	}
	if !answered {
		return
	}
	held := m.w.states(m.org)
	for _, id := range got.Safe {
		if held[id] == "" {
			m.Fatalf("%s is said to be safe and is not there", id)
		}
		delete(p.waiting, id)
	}
}

// want says what must have become of a record.
func (p *phone) want(r record) State {
	by := func(ok func(record) bool) bool {
		for _, x := range p.log {
			if ok(x) {
				return true
			}
		}
		return false
	}
	switch {
	case !r.welcome || r.late:
		return Aside
	case r.undoes != "" && by(func(x record) bool { return x.id == r.undoes && x.welcome }):
		return Applied
	case r.undoes != "":
		return Aside
	case by(func(x record) bool { return x.undoes == r.id && x.welcome && !x.late }):
		return Undone
	case kindOf(r.raw) == "wrong":
		return Aside
	}
	return Applied
}

func kindOf(raw json.RawMessage) string {
	var e struct{ Kind string }
	_ = json.Unmarshal(raw, &e)
	return e.Kind
}

func (m *model) compare() {
	want, effects := map[string]State{}, map[string]bool{}
	when := m.times()
	for _, p := range m.phones {
		for i := range p.log {
			r := &p.log[i]
			r.late = r.after && when[r.id].After(p.ended)
		}
		for _, r := range p.log {
			want[r.id] = p.want(r)
			if want[r.id] == Applied && r.undoes == "" {
				effects[r.id] = true
			}
		}
		if len(p.waiting) > 0 {
			m.Fatalf("%d records are still only on the phone", len(p.waiting))
		}
		m.inOrder(p)
	}
	if diff := cmp.Diff(want, m.w.states(m.org)); diff != "" {
		m.Fatalf("what became of records (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(effects, m.w.effects(m.org)); diff != "" {
		m.Fatalf("effects (-want +got):\n%s", diff)
	}
}

// times returns when events were recorded, as the server reckons.
func (m *model) times() map[string]time.Time {
	rows, err := db.All[eventRow](m.w.staff(m.org).Within(m.w.Context()), m.w.db, eventColumns+` WHERE org_id = ?`, int64(m.org))
	if err != nil {
		m.Fatal(err)
	}
	when := map[string]time.Time{}
	for _, r := range rows {
		when[r.ID] = r.When
	}
	return when
}

// inOrder checks that nothing was recorded after it arrived, nor before what the device recorded before it.
func (m *model) inOrder(p *phone) {
	rows, err := db.All[eventRow](m.w.staff(m.org).Within(m.w.Context()), m.w.db, eventColumns+` WHERE device_id = ? ORDER BY seq`, p.ID)
	if err != nil {
		m.Fatal(err)
	}
	var last time.Time
	for _, r := range rows {
		if r.When.After(r.Received) {
			m.Fatalf("event %d was recorded at %v and arrived at %v", r.Seq, r.When, r.Received)
		}
		if r.When.Before(last) {
			m.Fatalf("event %d was recorded at %v, the one before it at %v", r.Seq, r.When, last)
		}
		last = r.When
	}
}
