package canvass

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

// mapped writes down the map and the turfs that the packets of the world are of.
func (w *world) mapped() {
	w.exec(fmt.Sprintf(`INSERT INTO field_turf_map (id, org_id, voterfile_id, list_id, name, doors, people, ground, created_by, created_at, changed_at) VALUES (12, %d, 1, 31, 'Cedar Hill', 6, 9, %s, 1, %d, 1)`,
		int64(w.halden), empty(w), w.at.UnixMilli()))
	for id, name := range map[int]string{9: "Turf 14", 10: "Turf 15"} {
		w.exec(fmt.Sprintf(`INSERT INTO field_turf (id, map_id, org_id, number, name, hue, doors, people, metres, minutes, hash, content, created_by, created_at)
			VALUES (%d, 12, %d, %d, '%s', 1, 3, 5, 100, 30, '', %s, 1, 1)`, id, int64(w.halden), id, name, empty(w)))
	}
}

func empty(w *world) string {
	if w.d.Engine().String() == "postgres" {
		return `''::bytea`
	}
	return `x''`
}

func TestTheBoardCountsWhatHappened(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		one, two := w.join(), w.join()
		one.fine(one.say("attempt", "101", 1, data{"result": "reached"}), one.say("answer", "101", 1, data{"question": w.question.ID, "response": no(w)}), one.say("attempt", "103", nil, data{"result": "not_home"}),
			one.say("attempt", "n-"+id(5), nil, data{"result": "not_home"}))
		w.at = w.at.Add(30 * time.Minute)
		two.fine(two.say("attempt", "101", 2, data{"result": "refused"}), two.say("answer", "101", 1, data{"question": w.question.ID, "response": yes(w)}))
		two.send(two.say("dance", "101", nil, data{}), two.say("met", "101", "n-"+id(8), data{"first": "Kai"}))
		b, err := w.Board(t.Context(), w.staff(), Scope{Map: 12})
		must(t, err)
		if len(b.Turfs) != 2 || len(b.Maps) != 1 || len(b.People) != 2 {
			t.Fatalf("%+v", b)
		}
		for _, x := range b.Turfs {
			if int64(x.Number) != x.Turf { // as the turfs of this test are numbered
				t.Errorf("turf %d is number %d on its map", x.Turf, x.Number)
			}
		}
		got := []int64{b.Total.Doors, b.Total.Attempted, b.Total.Talked, b.Total.Attempts, b.Total.Lately, b.Turfs[0].Attempted, b.Turfs[1].Attempted, b.Aside, b.Turfs[0].Aside, b.Met, int64(len(b.Out)), int64(len(b.Turfs[0].Out))}
		if diff := cmp.Diff([]int64{6, 2, 1, 4, 2, 2, 0, 1, 1, 1, 2, 2}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]AnswerFigures{{Question: int64(w.question.ID), Asked: "Support", Response: yes(w), Answer: "Yes", People: 1}}, b.Answers); diff != "" {
			t.Error("the newest answer counts: " + diff)
		}
		if diff := cmp.Diff([]ResultFigures{{contact.NotHome, 2}, {contact.Refused, 1}}, b.Results); diff != "" {
			t.Error(diff)
		}
		if rate := b.Total.Rate(); rate != 50 {
			t.Errorf("contact rate %v", rate)
		}
		if p := b.People[0]; p.Name != "Sam" || p.Attempted != 2 {
			t.Errorf("%+v", p)
		}
		if all, err := w.Board(t.Context(), w.staff(), Scope{Since: w.at.Add(-10 * time.Minute)}); err != nil || all.Total.Attempts != 1 {
			t.Errorf("lately: %+v %v", all.Total, err)
		}
		if _, err := w.Board(t.Context(), org.Operate(w.halden, org.Actor{}.Permits()), Scope{}); fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody who may not see it: %v", err)
		}
		other := org.Operate(w.halden+1, w.staff().Permits())
		if b, err := w.Board(t.Context(), other, Scope{}); err != nil || len(b.Turfs)+len(b.Maps)+len(b.People)+len(b.Out)+len(b.Answers)+len(b.Results) != 0 || b.Met+b.Aside != 0 {
			t.Errorf("another organisation sees %+v %v", b, err)
		}
	})
}

// Turf 9 was handed out by one organizer and then by another, turf 10 by the first: each leads what they gave last.
func TestTheBoardByOrganizer(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		w.exec(`INSERT INTO account (id, handle, name, email, created_at) VALUES (901, 'olga', 'Olga', 'olga@halden.example', 1), (902, 'pia', 'Pia', 'pia@halden.example', 1)`)
		for i, x := range [][2]int{{9, 901}, {10, 901}, {9, 902}} {
			w.exec(fmt.Sprintf(`INSERT INTO field_turf_handout (org_id, map_id, turf_id, to_kind, to_id, given_by, given_at, ends_at) VALUES (%d, 12, %d, 'account', 1, %d, %d, 9999999999999)`,
				int64(w.halden), x[0], x[1], i+1))
		}
		one := w.join()
		one.fine(one.say("attempt", "101", 1, data{"result": "reached"}))
		b, err := w.Board(t.Context(), w.staff(), Scope{})
		must(t, err)
		var got []string
		for _, o := range b.Led {
			got = append(got, fmt.Sprint(o.Name, " ", len(o.Turfs), " ", o.Doors, " ", o.Attempted, " ", o.Talked))
		}
		if diff := cmp.Diff([]string{"Olga 1 3 0 0", "Pia 1 3 1 1"}, got); diff != "" {
			t.Error(diff)
		}
		if b, err := w.Board(t.Context(), org.Operate(w.halden+1, w.staff().Permits()), Scope{}); err != nil || len(b.Led) != 0 {
			t.Errorf("another organization sees them: %+v %v", b.Led, err)
		}
	})
}

func TestNumbersOpenTheirLists(t *testing.T) {
	m := MapFigures{Map: 12, Created: time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)}
	for _, c := range []list.Criteria{m.Behind(nil), m.BehindTurfs([]int64{9}), m.Behind([]int64{7}, Talked()...), m.Answered(AnswerFigures{Question: 5, Response: 51})} {
		text, err := c.MarshalJSON()
		must(t, err)
		again, err := list.Parse(text)
		must(t, err)
		if diff := cmp.Diff(c, again); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPaceAndWhenItIsDone(t *testing.T) {
	now := time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	for name, c := range map[string]struct {
		t    Tally
		pace float64
		left time.Duration
	}{
		"nothing yet":       {Tally{Doors: 60}, 0, 0},
		"a minute in":       {Tally{Doors: 60, Attempted: 2, Lately: 2, First: ago(1), Last: now}, 0, 0},
		"half an hour":      {Tally{Doors: 60, Attempted: 12, Lately: 12, First: ago(30), Last: now}, 24, 2 * time.Hour},
		"three hours":       {Tally{Doors: 60, Attempted: 50, Lately: 20, First: ago(180), Last: now}, 20, 30 * time.Minute},
		"since yesterday":   {Tally{Doors: 60, Attempted: 40, First: ago(1560), Last: ago(1440)}, 20, 0},
		"all doors visited": {Tally{Doors: 20, Attempted: 20, Lately: 20, First: ago(60), Last: now}, 20, 0},
	} {
		if got := c.t.Pace(now); got != c.pace {
			t.Errorf("%s: %v doors an hour, want %v", name, got, c.pace)
		}
		done := c.t.Done(now)
		if c.left == 0 != done.IsZero() || c.left != 0 && done.Sub(now) != c.left {
			t.Errorf("%s: done at %v, want in %v", name, done, c.left)
		}
	}
}
