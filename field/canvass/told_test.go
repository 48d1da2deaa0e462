package canvass

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/offline"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

func TestHoursAndVisitedDoors(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		p := w.join()
		w.at = w.at.Add(30 * time.Minute)
		p.fine(p.say("attempt", "101", 1, data{"result": "not_home"}), p.say("attempt", "102", nil, data{"result": "not_home"}), p.say("attempt", "n-"+id(5), nil, data{"result": "not_home"}))
		first := w.at
		w.at = w.at.Add(2 * time.Hour)
		p.fine(p.say("attempt", "101", 1, data{"result": "reached"}))
		b, err := w.Board(t.Context(), w.staff(), Scope{Map: 12})
		must(t, err)
		hours := b.Hours
		if len(hours) != 2 || hours[0].Attempts != 3 || hours[0].Talked != 0 || hours[1].Attempts != 1 || hours[1].Talked != 1 {
			t.Errorf("%+v", hours)
		}
		if began := hours[0].Began(); first.Before(began) || !first.Before(began.Add(time.Hour)) {
			t.Errorf("the first visits at %v stand in the hour from %v", first, began)
		}
		since, err := w.Board(t.Context(), w.staff(), Scope{Map: 12, Since: first.Add(time.Hour)})
		must(t, err)
		if len(since.Hours) != 1 {
			t.Errorf("%+v", since.Hours)
		}
		been, err := w.Visited(t.Context(), w.staff(), 12)
		must(t, err)
		if diff := cmp.Diff([]Visited{{Door: "101", Talked: true}, {Door: "102"}}, been); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Visited(t.Context(), w.staff(), 13); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestFiguresAreForThoseWhoMaySeeThem(t *testing.T) {
	run(t, func(w *world) {
		nobody := org.Operate(w.halden, permit.Set{})
		_, hours := w.Board(t.Context(), nobody, Scope{})
		_, visited := w.Visited(t.Context(), nobody, 12)
		_, spots := w.Spots(t.Context(), nobody, nil)
		for _, err := range []error{hours, visited, spots} {
			if fault.KindOf(err) != fault.Denied {
				t.Error(err)
			}
		}
	})
}

func TestWhatWasSetAsideSaysWhereAndWhat(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		p := w.join()
		p.send(p.say("dance", "101", 1, data{}), p.say("attempt", "999", 1, data{"result": "not_home"}))
		all, err := w.Devices().Aside(t.Context(), w.staff())
		must(t, err)
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		var at []At
		for _, x := range all {
			at = append(at, At{x.Thing, Tell(x.Event).Door})
		}
		spots, err := w.Spots(t.Context(), w.staff(), at)
		must(t, err)
		known, strange := spots[At{p.packet, "101"}], spots[At{p.packet, "999"}]
		if known.Address != "1140 Cedar St, Port Ansel" || known.People[1] != "Rosa Elena Aguilar" || known.TurfName != "Turf 14" || known.MapName != "Cedar Hill" {
			t.Errorf("%+v", known)
		}
		if strange.Address != "" || strange.TurfName != "Turf 14" {
			t.Errorf("%+v", strange)
		}
		if got := spots[At{id(7), "101"}]; got.Map != 0 {
			t.Errorf("a packet that is not there: %+v", got)
		}
	})
}

func TestTell(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       Told
	}{
		{"attempt", `{"door":"101","person":7,"data":{"result":"refused"}}`, Told{Door: "101", Person: 7, Result: contact.Refused}},
		{"answer", `{"door":"101","person":7,"data":{"question":12,"response":101}}`, Told{Door: "101", Person: 7, Question: 12, Response: 101}},
		{"note", `{"door":"101","data":{"text":" Bell broken "}}`, Told{Door: "101", Text: "Bell broken"}},
		{"fix", `{"door":"101","person":7,"data":{"what":"name","should":"Rosa"}}`, Told{Door: "101", Person: 7, What: "name", Text: "Rosa"}},
		{"code", `{"door":"101","person":"n-0123456789abcdef0123456789abcdef","data":{"code":4,"on":true}}`, Told{Door: "101", Met: "n-0123456789abcdef0123456789abcdef", Code: 4, On: true}},
		{"attempt", `{"door":"101","person":-1}`, Told{Door: "101"}},
		{"attempt", `[]`, Told{}},
	} {
		c.want.Kind = c.kind
		if diff := cmp.Diff(c.want, Tell(offline.Event{Kind: c.kind, Body: []byte(c.body)})); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
}
