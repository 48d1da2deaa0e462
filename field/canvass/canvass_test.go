package canvass

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

type data = map[string]any

func yes(w *world) int64 { return int64(w.question.Parts[0].ID) }
func no(w *world) int64  { return int64(w.question.Parts[1].ID) }

// id writes an id that a phone made.
func id(n int) string { return fmt.Sprintf("%032x", n) }

func TestWhatHappensAtADoorIsOnRecord(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		rosa, met := 1, "n-"+id(77)
		p.fine(p.say("attempt", "103", nil, data{"result": "not_home"}),
			p.say("attempt", "101", rosa, data{"result": "reached"}),
			p.say("answer", "101", rosa, data{"step": "s1", "question": w.question.ID, "response": yes(w)}),
			p.say("code", "101", rosa, data{"code": w.code, "on": true}),
			p.say("ask", "101", rosa, data{"step": "s3", "answer": "yes"}),
			p.say("note", "101", rosa, data{"text": " Side stair "}),
			p.say("note", "101", nil, data{"text": "Buzzer broken"}),
			p.say("stop", "101", rosa, data{"channel": "phone"}),
			p.say("fix", "102", 3, data{"what": "phone_wrong", "about": "5550146630"}),
			p.say("attempt", "102", 3, data{"result": "moved"}),
			p.say("met", "101", met, data{"first": "Kai", "last": "Ng", "wants": "A sign"}),
			p.say("answer", "101", met, data{"step": "s1", "question": w.question.ID, "response": no(w)}),
			p.say("place", "n-"+id(5), nil, data{"house": "1144", "street": "Cedar St", "unit": "B", "city": "", "zip": ""}),
			p.say("attempt", "n-"+id(5), nil, data{"result": "not_home"}))
		t0 := w.at.Add(-time.Minute).UnixMilli()
		want := fmt.Sprintf(`attempt 1 reached %[1]d
attempt 3 moved %[2]d
attempt 4 not_home %[3]d
attempt 5 not_home %[3]d
answer 1 %[4]d %[5]d
code 1 %[6]d
event 1 signed_up
stop 1 phone
note 1 Side stair
fix 3 moved waiting
fix 3 phone_wrong waiting
hint 101 Buzzer broken
door 101 reached 1
door 102 moved 0
door 103 not_home 0
door n-%[7]s not_home 0
said 1 %[4]d
met n-%[8]s waiting
place n-%[7]s
`, t0-12, t0-4, t0-13, yes(w), t0-11, w.code, id(5), id(77))
		if diff := cmp.Diff(want, w.truth()); diff != "" {
			t.Error(diff)
		}
		if got := w.rows(`SELECT DISTINCT account_id || '' FROM field_contact`); len(got) != 1 || got[0] == "0" {
			t.Errorf("attempts were made by %v", got)
		}
	})
}

func TestWhatIsTakenBackLeavesNothing(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		before := w.truth()
		all := []map[string]any{
			p.say("attempt", "103", nil, data{"result": "not_home"}), p.say("attempt", "101", 1, data{"result": "deceased"}), p.say("attempt", "101", 2, data{"result": "do_not_knock"}),
			p.say("answer", "103", nil, data{"question": w.question.ID, "response": yes(w)}), p.say("code", "101", 1, data{"code": w.code, "on": true}),
			p.say("ask", "101", 1, data{"step": "s3", "answer": "maybe"}), p.say("ask", "101", 2, data{"step": "s2", "answer": "yes"}), p.say("note", "101", 1, data{"text": "x"}), p.say("note", "101", nil, data{"text": "y"}),
			p.say("stop", "102", 3, data{"channel": "mail"}), p.say("fix", "102", 3, data{"what": "name", "should": "Anne McAdam"}), p.say("met", "101", "n-"+id(3), data{"first": "Kai"}),
			p.say("attempt", "101", "n-"+id(3), data{"result": "reached"}), p.say("place", "n-"+id(4), nil, data{"house": "9"}),
		}
		p.fine(all...)
		if strings.Count(w.truth(), "\n") < 20 {
			t.Fatalf("too little was recorded to take back:\n%s", w.truth())
		}
		var undos []map[string]any
		for _, e := range all {
			undos = append(undos, p.say("undo", "", nil, data{"of": e["id"]}))
		}
		p.fine(undos...)
		p.fine(undos...) // again: nothing more
		if diff := cmp.Diff(before, w.truth()); diff != "" {
			t.Error(diff)
		}
		if got := w.rows(`SELECT person_id || what FROM field_canvass_mark UNION ALL SELECT event_id FROM field_canvass_later`); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
	})
}

// What the office knew before holds again when a phone takes its own word back.
func TestTakingBackRestoresWhatWasBefore(t *testing.T) {
	run(t, func(w *world) {
		p, a := w.join(), w.staff()
		p.fine(p.say("code", "101", 1, data{"code": w.code, "on": true}))
		if err := w.suppress(a, 3); err != nil {
			t.Fatal(err)
		}
		before := w.truth()
		off, stop := p.say("code", "101", 1, data{"code": w.code, "on": false}), p.say("stop", "102", 3, data{"channel": "door"})
		p.fine(off, stop)
		if strings.Contains(w.truth(), "code 1") {
			t.Error("the code was not taken")
		}
		p.fine(p.say("undo", "", nil, data{"of": off["id"]}), p.say("undo", "", nil, data{"of": stop["id"]}))
		if diff := cmp.Diff(before, w.truth()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheNewestWordCountsInWhicheverOrderItArrives(t *testing.T) {
	run(t, func(w *world) {
		one, two := w.join(), w.join()
		early, late := w.at.Add(-2*time.Hour).UnixMilli(), w.at.Add(-time.Hour).UnixMilli()
		say := func(p *phone, at int64, answer int64, on bool, ask string) []map[string]any {
			return []map[string]any{p.say("answer", "101", 1, data{"question": w.question.ID, "response": answer}, "at", at), p.say("code", "101", 1, data{"code": w.code, "on": on}, "at", at),
				p.say("ask", "101", 1, data{"step": "s3", "answer": ask}, "at", at)}
		}
		two.fine(say(two, late, no(w), false, "no")...)
		one.fine(say(one, early, yes(w), true, "yes")...) // a phone that was out of reach
		if got := w.rows(`SELECT response_id || '' FROM field_answer ORDER BY answered_at`); !cmp.Equal(got, []string{fmt.Sprint(yes(w)), fmt.Sprint(no(w))}) {
			t.Errorf("answers are %v: both are kept, the newest last", got)
		}
		truth := w.truth()
		if strings.Contains(truth, "code 1") || !strings.Contains(truth, "event 1 declined") {
			t.Errorf("an older word overwrote a newer one:\n%s", truth)
		}
		// The newer one is taken back: the older one holds.
		two.fine(two.say("undo", "", nil, data{"of": fmt.Sprintf("%016x%016x", two.n, 2)}), two.say("undo", "", nil, data{"of": fmt.Sprintf("%016x%016x", two.n, 3)}))
		truth = w.truth()
		if !strings.Contains(truth, "code 1") || !strings.Contains(truth, "event 1 signed_up") {
			t.Errorf("the earlier word does not hold again:\n%s", truth)
		}
	})
}

func TestBadInputIsSetAsideWithItsReason(t *testing.T) {
	run(t, func(w *world) {
		p, other := w.join(), w.join()
		cases := map[string]struct {
			event map[string]any
			want  *fault.Error
		}{
			"a kind of a later version":     {p.say("dance", "101", 1, data{}), errKind("dance")},
			"a packet nobody gave out":      {p.say("attempt", "101", 1, data{"result": "not_home"}, "packet", id(9)), errForeign()},
			"a packet of another phone":     {p.say("attempt", "101", 1, data{"result": "not_home"}, "packet", other.packet), errOtherPhone()},
			"a door that is not in it":      {p.say("attempt", "999", nil, data{"result": "not_home"}), errNoDoor()},
			"a person of another door":      {p.say("attempt", "101", 3, data{"result": "not_home"}), errNoPerson()},
			"a person of another table":     {p.say("note", "101", 7, data{"text": "x"}), errNoPerson()},
			"a result by phone":             {p.say("attempt", "101", 1, data{"result": "busy"}), fault.Invalidf("“%s” is no result of a visit.", "busy")},
			"a question of nobody":          {p.say("answer", "101", 1, data{"question": 999, "response": 1}), nil},
			"a response of another":         {p.say("answer", "101", 1, data{"question": w.question.ID, "response": 999}), nil},
			"an empty note":                 {p.say("note", "101", 1, data{"text": "  "}), fault.Invalidf("A note has 1 to %d letters.", longestNote)},
			"an ask that the script lacks":  {p.say("ask", "101", 1, data{"step": "s9", "answer": "yes"}), nil},
			"a correction about nobody":     {p.say("fix", "101", nil, data{"what": "name"}), errNobody()},
			"a correction that says little": {p.say("fix", "101", 1, data{"what": "name"}), nil},
			"data that is a list":           {p.say("note", "101", 1, nil, "data", []int{1}), errBadEvent()},
			"a person with a bad id":        {p.say("note", "101", "n-7", data{"text": "x"}), errBadEvent()},
			"a wish by pigeon":              {p.say("stop", "101", 1, data{"channel": "pigeon"}), errBadEvent()},
		}
		var all []map[string]any
		for _, c := range cases {
			all = append(all, c.event)
		}
		why := p.send(all...)
		for name, c := range cases {
			got := why[c.event["id"].(string)]
			if got == "" || c.want != nil && got != c.want.Error() {
				t.Errorf("%s: %q, want %v", name, got, c.want)
			}
		}
		if got := w.truth(); got != "" {
			t.Errorf("something was written all the same:\n%s", got)
		}
	})
}

func TestRecalledTurf(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		for _, q := range []string{fmt.Sprintf(`INSERT INTO field_turf_handout (id, org_id, map_id, turf_id, to_kind, given_by, given_at, ends_at, recalled_by, recalled_at) VALUES (1, 1, 12, 9, 'number', 1, 1, %d, 1, %d)`,
			w.at.AddDate(0, 0, 30).UnixMilli(), w.at.Add(time.Hour).UnixMilli())} {
			w.exec(q)
		}
		w.at = w.at.Add(3 * time.Hour)
		fine, late := p.say("attempt", "101", 1, data{"result": "not_home"}, "at", w.at.Add(-150*time.Minute).UnixMilli()), p.say("attempt", "101", 1, data{"result": "refused"})
		why := p.send(fine, late)
		if len(why) != 1 || !strings.Contains(why[late["id"].(string)], "taken back") {
			t.Errorf("%v", why)
		}
		d, a, err := w.Devices().Welcome(t.Context(), p.token)
		must(t, err)
		states, err := w.States(t.Context(), d, a, []string{p.packet, id(3)})
		must(t, err)
		if diff := cmp.Diff(map[string]State{p.packet: Recalled, id(3): Foreign}, states); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Take(t.Context(), d, a, p.packet); fault.KindOf(err) != fault.Conflict {
			t.Errorf("taking what was taken back: %v", err)
		}
	})
}

func TestAPacketIsSignedAndSaysWhatIsKnown(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		p.fine(p.say("answer", "101", 1, data{"question": w.question.ID, "response": yes(w)}), p.say("code", "101", 1, data{"code": w.code, "on": true}), p.say("attempt", "101", 1, data{"result": "reached"}), p.say("note", "101", nil, data{"text": "Dog"}))
		d, a, err := w.Devices().Welcome(t.Context(), p.token)
		must(t, err)
		signed, err := w.Take(t.Context(), d, a, p.packet)
		must(t, err)
		key, err := base64.StdEncoding.DecodeString(w.Keys()[0].Public)
		must(t, err)
		signature, err := base64.StdEncoding.DecodeString(signed.Signature)
		must(t, err)
		if !ed25519.Verify(key, []byte(signed.Packet), signature) || signed.Key != w.Keys()[0].ID {
			t.Error("the signature is not the site's")
		}
		if ed25519.Verify(key, []byte(strings.Replace(signed.Packet, "Rosa", "Rose", 1)), signature) {
			t.Error("a changed packet passes")
		}
		var got packetText
		must(t, json.Unmarshal([]byte(signed.Packet), &got))
		at := w.at.Add(-time.Minute)
		want := personText{ID: 1, First: "Rosa Elena", Last: "Aguilar", Age: 24, Sex: "F", List: true, Knock: true, Answers: map[string]int64{fmt.Sprint(w.question.ID): yes(w)}, Codes: []int64{int64(w.code)},
			Before: &beforeText{Result: contact.Reached, At: at.UnixMilli() - 1}}
		if diff := cmp.Diff(want, got.Doors[0].People[0]); diff != "" {
			t.Error(diff)
		}
		if d := got.Doors[0]; d.Hint != "Dog" || d.Street != "Cedar St" || d.Side != "even" || d.At == nil || got.Doors[1].At != nil {
			t.Errorf("%+v", d)
		}
		if r := got.Results[0]; r.Key != contact.NotHome || r.Text["es"] == r.Text["en"] || r.Text["es"] == "" || !r.Quick {
			t.Errorf("%+v", r)
		}
		if got.Script == nil || got.Script.Version != 2 || got.Turf.Map != "Cedar Hill" || got.Canvasser != "Sam" {
			t.Errorf("%+v", got)
		}
		if _, err := w.Take(t.Context(), d, a, id(1)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a packet of nobody: %v", err)
		}
		other := w.join()
		if _, err := w.Take(t.Context(), d, a, other.packet); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another phone's packet: %v", err)
		}
	})
}

func TestJoining(t *testing.T) {
	run(t, func(w *world) {
		from := account.From{Address: "198.51.100.7"}
		join := func(number, name, token string) (Joined, error) {
			return w.Join(t.Context(), Joining{Number: number, Name: name, Lang: words.EN, From: from, Token: token})
		}
		first, err := join("4821730", "Sam", "")
		must(t, err)
		if first.Org != "Halden Voter Table" || len(first.Packets) != 1 || first.Token == "" || !first.Ends.Equal(w.at.AddDate(0, 0, 30)) {
			t.Errorf("%+v", first)
		}
		again, err := join("4821 730", "Sam", first.Token)
		must(t, err)
		if again.Token != "" || again.Device.ID != first.Device.ID || again.Packets[0].ID != first.Packets[0].ID {
			t.Errorf("the same phone again: %+v", again)
		}
		if _, err := join("4821730", " ", ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a name: %v", err)
		}
		_, wrong := join("1111111", "Sam", "")
		w.turfs.handouts[0].Ends = w.at
		_, over := join("4821730", "Sam", "")
		if wrong == nil || over == nil || wrong.Error() != over.Error() {
			t.Errorf("a number of nobody (%v) and one that has ended (%v) do not look the same", wrong, over)
		}
		slowed := false
		for range 60 {
			_, err := join("1111111", "Sam", "")
			slowed = slowed || fault.KindOf(err) == fault.Busy
		}
		if !slowed {
			t.Error("numbers can be guessed as fast as one likes")
		}
	})
}

func TestTheNearestDoorsAreTakenAndGivenBack(t *testing.T) {
	run(t, func(w *world) {
		w.turfs.handouts[0].Turf, w.turfs.handouts[0].DoorsEach, w.turfs.handouts[0].Days = 0, 2, 2
		p := w.join()
		d, a, err := w.Devices().Welcome(t.Context(), p.token)
		must(t, err)
		_, maps, err := w.Packets(t.Context(), d, a)
		if err != nil || len(maps) != 1 {
			t.Fatalf("%v %v", maps, err)
		}
		got, err := w.Near(t.Context(), d, a, 12, geo.Point{Lon: -76.5, Lat: 35.1}, 20)
		must(t, err)
		if got.Doors != 2 || !got.Ends.Equal(w.at.AddDate(0, 0, 2)) {
			t.Errorf("%+v", got)
		}
		if _, err := w.Near(t.Context(), d, a, 13, geo.Point{}, 20); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a map that is not handed out: %v", err)
		}
		_, err = w.Take(t.Context(), d, a, got.ID)
		must(t, err)
		p.packet = got.ID
		p.fine(p.say("attempt", "101", nil, data{"result": "not_home"}))
		if why := p.send(p.say("attempt", "103", nil, data{"result": "not_home"})); len(why) != 1 {
			t.Error("a door that was not taken is as good as one that was")
		}
		w.at = w.at.Add(time.Hour)
		states, err := w.States(t.Context(), d, a, []string{got.ID})
		if err != nil || states[got.ID] != Open || len(w.turfs.claimed) != 2 {
			t.Fatalf("%v %v", states, err)
		}
		_, err = w.States(t.Context(), d, a, nil)
		must(t, err)
		if len(w.turfs.claimed) != 0 {
			t.Error("what the phone no longer holds is not free again")
		}
		next, err := w.Near(t.Context(), d, a, 12, geo.Point{Lon: -76.5, Lat: 35.1}, 20)
		must(t, err)
		h, err := next.held()
		must(t, err)
		if diff := cmp.Diff([]heldDoor{{Key: "102", People: []int64{3}}, {Key: "103", People: []int64{4, 5}}}, h.Doors); diff != "" {
			t.Error("a door where somebody was is taken again: " + diff)
		}
	})
}

func TestSomebodyMetTurnsOutToBeSomebody(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		kai := "n-" + id(77)
		p.fine(p.say("met", "101", kai, data{"first": "Kai", "last": "Ng", "wants": "A sign"}), p.say("answer", "101", kai, data{"question": w.question.ID, "response": yes(w)}),
			p.say("code", "101", kai, data{"code": w.code, "on": true}), p.say("answer", "101", kai, data{"question": 999, "response": 1}))
		all, err := w.Waiting(t.Context(), w.staff())
		if err != nil || len(all) != 1 || all[0].Said.First != "Kai" {
			t.Fatalf("%+v %v", all, err)
		}
		if _, err := w.Match(t.Context(), w.staff(), kai, 7); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a person of another table: %v", err)
		}
		if _, err := w.Match(t.Context(), org.Operate(w.halden, w.staff().Permits()), "n-"+id(1), 6); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody: %v", err)
		}
		left, err := w.Match(t.Context(), w.staff(), kai, 6)
		if err != nil || len(left) != 1 {
			t.Fatalf("%v %v", left, err)
		}
		p.fine(p.say("note", "101", kai, data{"text": "Came again"})) // what comes later is theirs at once
		truth := w.truth()
		for _, want := range []string{fmt.Sprintf("answer 6 %d", yes(w)), fmt.Sprintf("code 6 %d", w.code), "note 6 A sign", "note 6 Came again", "met " + kai + " matched"} {
			if !strings.Contains(truth, want) {
				t.Errorf("%q is not in\n%s", want, truth)
			}
		}
		if err := w.Keep(t.Context(), w.staff(), kai); fault.KindOf(err) != fault.NotFound {
			t.Errorf("deciding twice: %v", err)
		}
	})
}

func TestTheSetOfResultsIsTheOrganisations(t *testing.T) {
	run(t, func(w *world) {
		names := func() (all []contact.Result) {
			ms, err := w.Results(t.Context(), w.staff(), person.ByDoor)
			must(t, err)
			for _, m := range ms {
				all = append(all, m.Result)
			}
			return all
		}
		if diff := cmp.Diff(usual[person.ByDoor], names()); diff != "" {
			t.Error(diff)
		}
		must(t, w.SetResults(t.Context(), w.staff(), person.ByDoor, []contact.Result{contact.Refused, contact.NotHome}))
		if diff := cmp.Diff([]contact.Result{contact.Refused, contact.NotHome}, names()); diff != "" {
			t.Error(diff)
		}
		for _, bad := range [][]contact.Result{{contact.Busy}, {contact.NotHome, contact.NotHome}, {"fine"}, {contact.Reached}} {
			if err := w.SetResults(t.Context(), w.staff(), person.ByDoor, bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v: %v", bad, err)
			}
		}
		for c, all := range usual {
			can := Choosable(c)
			for _, r := range all {
				if !cmp.Equal(true, containsResult(can, r)) {
					t.Errorf("%s by %s is usual and cannot be chosen", r, c)
				}
			}
		}
	})
}

func containsResult(all []contact.Meaning, r contact.Result) bool {
	for _, m := range all {
		if m.Result == r {
			return true
		}
	}
	return false
}

var _ Turfs = (*turfstore.Store)(nil)

// A list number ends while a phone is out of reach. What was recorded before counts as if it had come in time; the rest waits for staff, who can still
// take it.
func TestAPhoneThatComesBackAfterItsNumberEnded(t *testing.T) {
	run(t, func(w *world) {
		p := w.join()
		early := []map[string]any{p.say("attempt", "101", 1, data{"result": "reached"}), p.say("answer", "101", 1, data{"question": w.question.ID, "response": yes(w)}), p.say("note", "101", 1, data{"text": "Side stair"})}
		w.at = w.turfs.handouts[0].Ends.Add(time.Hour)
		late := p.say("attempt", "103", 4, data{"result": "not_home"})
		w.at = w.at.AddDate(0, 1, 0)
		why := p.send(append(early, late)...)
		if len(why) != 1 || !strings.Contains(why[late["id"].(string)], "after the access of its person had ended") {
			t.Errorf("set aside: %v", why)
		}
		want := []string{"attempt 1 reached", "answer 1", "note 1 Side stair", "said 1"}
		truth := w.truth()
		for _, s := range want {
			if !strings.Contains(truth, s) {
				t.Errorf("%q is missing in\n%s", s, truth)
			}
		}
		if strings.Contains(truth, "not_home") {
			t.Errorf("what was recorded after the end counts:\n%s", truth)
		}
		must(t, w.Devices().Judge(t.Context(), w.staff(), late["id"].(string), true, "She asked us to come"))
		if truth := w.truth(); !strings.Contains(truth, "attempt 4 not_home") {
			t.Errorf("staff took it, and it does not count:\n%s", truth)
		}
	})
}
