package offline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// id returns the n-th id of a test.
func id(n byte) string { return strings.Repeat(string("0123456789abcdef"[n]), 32) }

func reasons(r Receipt) map[string]string {
	m := map[string]string{}
	for _, x := range r.Aside {
		m[x.ID] = x.Why.Error()
	}
	return m
}

func TestTheSameRequestAgainAnswersTheSame(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		events := []json.RawMessage{event(id(1), 1, w.at, "attempt", nil), event(id(2), 2, w.at, "wrong", nil), event(id(3), 3, w.at, "nonsense", nil)}
		first := w.send(token, w.at, events...)
		w.at = w.at.Add(time.Hour)
		again := w.send(token, w.at, events...)
		if diff := cmp.Diff(first.Safe, again.Safe); diff != "" || len(first.Safe) != 3 {
			t.Error(first.Safe, diff)
		}
		if diff := cmp.Diff(map[string]string{id(2): "Wrong by 3."}, reasons(again)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(reasons(first), reasons(again)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]bool{id(1): true, id(3): true}, w.effects(w.org)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatAProgramCannotApplyIsSetAsideAloneAndNothingElse(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		got := w.send(token, w.at, event(id(1), 1, w.at, "attempt", nil), event(id(2), 2, w.at, "broken", nil), event(id(3), 3, w.at, "attempt", nil),
			json.RawMessage(`{"id":"`+id(4)+`","seq":"four","at":1,"kind":"attempt","packet":"p"}`), json.RawMessage(`{"id":"`+id(5)+`","kind":7,"new":[1]}`))
		if len(got.Safe) != 5 {
			t.Errorf("safe are %v", got.Safe)
		}
		want := map[string]State{id(1): Applied, id(2): Aside, id(3): Applied, id(4): Aside, id(5): Aside}
		if diff := cmp.Diff(want, w.states(w.org)); diff != "" {
			t.Error(diff)
		}
	})
}

// An event may come twice in one request too: a phone that was cut off in the middle of joining two tries.
func TestWhatComesTwiceInOneRequestIsNewOnce(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		one, two := event(id(1), 1, w.at, "attempt", nil), event(id(1), 1, w.at, "answer", nil)
		got := w.send(token, w.at, one, one, two, two, event(id(2), 2, w.at, KindUndo, map[string]any{"of": id(3)}), event(id(3), 3, w.at, "attempt", nil), one)
		if diff := cmp.Diff([]string{id(1), id(2), id(3)}, got.Safe); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]bool{id(1): true}, w.effects(w.org)); diff != "" {
			t.Error(diff)
		}
		if n := len(w.states(w.org)); n != 4 { // the second under one number has one of its own
			t.Errorf("%d records are kept, want 4", n)
		}
	})
}

func TestTwoRecordsUnderOneNumberAreBothKept(t *testing.T) {
	run(t, func(w *world) {
		_, mine := w.guest(w.org)
		_, yours := w.guest(w.org)
		other, _ := w.guest(w.found())
		w.send(mine, w.at, event(id(1), 1, w.at, "attempt", nil))
		for range 2 {
			got := w.send(yours, w.at, event(id(1), 1, w.at, "answer", nil))
			if diff := cmp.Diff(map[string]string{id(1): errTwins().Error()}, reasons(got)); diff != "" {
				t.Error(diff)
			}
		}
		if n := len(w.states(w.org)); n != 2 {
			t.Errorf("%d records are kept, want 2", n)
		}
		if n := len(w.states(other.Org)); n != 0 {
			t.Errorf("another organisation holds %d", n)
		}
	})
}

func TestAPersonDecidesAboutWhatWasSetAside(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		d, err := w.Known(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		w.send(token, w.at, event(id(1), 1, w.at, "wrong", nil), event(id(2), 2, w.at, "wrong", nil), event(id(3), 3, w.at, "broken", nil))
		if err := w.Revoke(t.Context(), w.staff(w.org), d.ID, "lost on a bus"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Welcome(t.Context(), token); !Unwelcome(err) {
			t.Errorf("a device that is shut out: %v", err)
		}
		if got := w.send(token, w.at, event(id(4), 4, w.at, "attempt", nil)); !got.Wipe || len(got.Safe) != 1 {
			t.Errorf("a device that is shut out gets %+v", got)
		}
		waiting, err := w.Aside(t.Context(), w.staff(w.org))
		if err != nil || len(waiting) != 4 || waiting[0].Why.Error() != "Wrong by 3." || waiting[0].By != d.Account {
			t.Fatalf("%+v %v", waiting, err)
		}
		stranger := w.staff(w.found())
		judge := func(a org.Actor, id string, apply bool) fault.Kind {
			return fault.KindOf(w.Judge(t.Context(), a, id, apply, "looked at it"))
		}
		for name, c := range map[string]struct{ got, want fault.Kind }{
			"a stranger": {judge(stranger, id(1), true), fault.NotFound}, "nobody": {judge(org.Actor{}, id(1), true), fault.Denied},
		} {
			if c.got != c.want {
				t.Errorf("%s: %v, want %v", name, c.got, c.want)
			}
		}
		for _, err := range []error{w.Judge(t.Context(), w.staff(w.org), id(1), true, ""), w.Judge(t.Context(), w.staff(w.org), id(2), false, "not so"), w.Judge(t.Context(), w.staff(w.org), id(4), true, "")} {
			if err != nil {
				t.Error(err)
			}
		}
		if err := w.Judge(t.Context(), w.staff(w.org), id(3), true, ""); err == nil {
			t.Error("what cannot be applied was applied")
		}
		want := map[string]State{id(1): Applied, id(2): Kept, id(3): Aside, id(4): Applied}
		if diff := cmp.Diff(want, w.states(w.org)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]bool{id(1): true, id(4): true}, w.effects(w.org)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheWrapIsADevicesOwnAndStays(t *testing.T) {
	run(t, func(w *world) {
		one, _ := w.guest(w.org)
		two, _ := w.guest(w.org)
		if first, again := w.Wrap(one), w.Wrap(one); first != again || first == w.Wrap(two) {
			t.Error("the half key changes, or is shared")
		}
		if _, _, err := w.Welcome(t.Context(), "no such token"); !errors.Is(err, ErrNoDevice) {
			t.Errorf("a wrong token: %v", err)
		}
	})
}

func TestTheLedgerCountsAndNamesNobody(t *testing.T) {
	run(t, func(w *world) {
		_, token := w.guest(w.org)
		w.send(token, w.at, event(id(1), 1, w.at, "attempt", map[string]any{"text": "Rosa Aguilar"}))
		all, err := db.All[string](db.WithSite(t.Context()), w.db, `SELECT data FROM ledger_entry WHERE kind = 'offline.receive'`)
		if err != nil || len(all) != 1 || strings.Contains(all[0], "Rosa") || !strings.Contains(all[0], `"applied":1`) {
			t.Errorf("%v %v", all, err)
		}
	})
}

func TestRequestsThatCannotBeTaken(t *testing.T) {
	many := make([]json.RawMessage, MostEvents+1)
	for i := range many {
		many[i] = json.RawMessage(`{}`)
	}
	var tooMany *TooMany
	if _, err := ParseBatch(body(time.Now(), many...)); !errors.As(err, &tooMany) || tooMany.Events != MostEvents+1 {
		t.Errorf("too many: %v", err)
	}
	var bad *Unreadable
	_, err := ParseBatch(body(time.Now(), event(id(1), 1, time.Now(), "attempt", nil), json.RawMessage(`{"id":"x"}`), json.RawMessage(`7`), json.RawMessage(`null`),
		event(id(2), 1, time.Now(), "note", map[string]any{"text": strings.Repeat("x", mostBytes)})))
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4}, bad.Index); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseBatch([]byte(`[]`)); err == nil {
		t.Error("a list is no request")
	}
}

// A clock that was days ahead and was then set right must not make the earlier answer the newer one.
func TestTimesFollowTheOrderOfTheDevice(t *testing.T) {
	now := time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)
	at := func(hours float64) int64 { return now.Add(time.Duration(hours * float64(time.Hour))).UnixMilli() }
	for name, c := range map[string]struct {
		skew   int64
		placed []place
		floor  time.Time
		events []Event
		want   []float64 // hours from now
	}{
		"a good clock":             {events: []Event{{Seq: 1, At: at(-3)}, {Seq: 2, At: at(-2)}}, want: []float64{-3, -2}},
		"a day behind":             {skew: 24 * 3600_000, events: []Event{{Seq: 1, At: at(-27)}, {Seq: 2, At: at(-26)}}, want: []float64{-3, -2}},
		"ahead, then set right":    {events: []Event{{Seq: 1, At: at(48)}, {Seq: 2, At: at(-2)}}, want: []float64{-2, -2}},
		"behind what came before":  {placed: []place{{seq: 1, when: at(-1), fixed: true}}, events: []Event{{Seq: 2, At: at(-5)}}, want: []float64{-1}},
		"ahead of what came after": {placed: []place{{seq: 9, when: at(-4), fixed: true}}, events: []Event{{Seq: 2, At: at(-1)}}, want: []float64{-4}},
		"the year 1970":            {floor: now.Add(-30 * time.Hour), events: []Event{{Seq: 1, At: 1}, {Seq: 2, At: at(-2)}}, want: []float64{-30, -2}},
		"no clock at all":          {events: []Event{{Seq: 1, At: 1 << 60}, {Seq: 2, At: -5}}, want: []float64{0, 0}},
	} {
		for i := range c.events {
			c.events[i].Floor = c.floor
		}
		times(c.events, c.placed, c.skew, now)
		for i, e := range c.events {
			if off := e.When.Sub(now).Hours() - c.want[i]; off > 0.0001 || off < -0.0001 {
				t.Errorf("%s: event %d at %v, want %v hours", name, i, e.When.Sub(now), c.want[i])
			}
			if i > 0 && e.When.Before(c.events[i-1].When) {
				t.Errorf("%s: event %d is before the one before it", name, i)
			}
		}
	}
}

func FuzzParseBatch(f *testing.F) {
	f.Add([]byte(`{"now":1760000000000,"held":["` + id(1) + `"],"events":[{"id":"` + id(2) + `","seq":1,"at":1760000000000,"packet":"p","kind":"attempt","data":{"result":"not_home"}}]}`))
	f.Add([]byte(`{"events":[{"id":"` + id(2) + `","kind":"undo","data":{"of":"` + id(1) + `"}}],"now":"x"}`))
	f.Add([]byte(`{"events":[null,{"id":1}],"held":7}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseBatch(b)
		if err != nil {
			return
		}
		for _, e := range got.Events {
			again, ok := parseEvent(e.Body)
			if !ok && len(e.Body) <= mostBytes || !ValidID(e.ID) {
				t.Fatalf("%q cannot be read again", e.Body)
			}
			if ok && (again.ID != e.ID || again.Kind != e.Kind || again.Seq != e.Seq) {
				t.Fatalf("%q reads as %+v, then as %+v", e.Body, e, again)
			}
		}
	})
}

// A phone that was in a drawer while its list number ended brings what was recorded before, by its clock set right, and it counts; what it recorded later
// waits for a person. A phone that was shut out brings nothing that counts.
func TestWhatWasRecordedBeforeTheEndCounts(t *testing.T) {
	for name, c := range map[string]struct {
		clock   time.Duration // how far ahead the phone's is
		revoked bool
		want    map[string]string
	}{
		"a good clock":      {want: map[string]string{id(3): "ended", id(4): "ended"}},
		"two days ahead":    {clock: 48 * time.Hour, want: map[string]string{id(3): "ended", id(4): "ended"}},
		"a month behind":    {clock: -30 * 24 * time.Hour, want: map[string]string{id(3): "ended", id(4): "ended"}},
		"and then shut out": {revoked: true, want: map[string]string{id(1): "shut", id(2): "shut", id(3): "shut", id(4): "shut"}},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(w *world) {
				d, token := w.guest(w.org)
				if _, a, err := w.Welcome(t.Context(), token); err != nil || !a.May(may) || a.May(walk) {
					t.Fatalf("a guest's device: %v", err)
				}
				var events []json.RawMessage
				put := func(n byte, kind string, data map[string]any) {
					events = append(events, event(id(n), int64(n), w.at.Add(c.clock), kind, data))
					w.at = w.at.Add(time.Hour)
				}
				put(1, "attempt", nil)
				put(2, "attempt", nil)
				ended := w.at
				w.end(d)
				w.at = w.at.Add(time.Hour)
				put(3, "attempt", nil)
				put(4, KindUndo, map[string]any{"of": id(1)})
				if c.revoked {
					if err := w.Revoke(t.Context(), w.staff(w.org), d.ID, "lost"); err != nil {
						t.Fatal(err)
					}
				}
				w.at = w.at.AddDate(0, 1, 0)
				if _, a, err := w.Welcome(t.Context(), token); !Unwelcome(err) || a.May(may) {
					t.Errorf("after the end: %v, holds %v", err, a.May(may))
				}
				want := map[string]string{}
				for id, why := range c.want {
					want[id] = map[string]string{"ended": errEnded(ended).Error(), "shut": errShutOut().Error()}[why]
				}
				for range 2 {
					got := w.send(token, w.at.Add(c.clock), events...)
					if diff := cmp.Diff(want, reasons(got)); diff != "" || !got.Wipe || len(got.Safe) != 4 {
						t.Errorf("%+v\n%s", got, diff)
					}
				}
				if n := len(w.effects(w.org)); n != 4-len(want) {
					t.Errorf("%d effects, want %d", n, 4-len(want))
				}
			})
		})
	}
}

func TestOnlyWhoMayWalkGetsADevice(t *testing.T) {
	run(t, func(w *world) {
		err := w.db.Transact(w.staff(w.org).Within(t.Context()), func(ctx context.Context, tx *db.Tx) error {
			_, _, err := w.Enrol(ctx, tx, w.staff(w.org), "phone", "")
			return err
		})
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody who may not walk: %v", err)
		}
	})
}
