package canvass

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestTheOrderOfArrivalDoesNotMatter has two phones record at the same doors, and sends what they recorded once in order and once torn into pieces,
// mixed up and partly twice: people's records must say the same.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	run(t, func(w *world) {
		phones := []*phone{w.join(), w.join()}
		start := w.at
		rapid.Check(w.T, func(rt *rapid.T) {
			w.at = start
			logs := make([][]map[string]any, len(phones))
			for i, p := range phones {
				for range rapid.IntRange(1, 12).Draw(rt, "events") {
					w.at = w.at.Add(time.Minute)
					logs[i] = append(logs[i], draw(rt, w, p, logs[i]))
				}
			}
			w.at = w.at.Add(time.Hour)
			w.forget()
			for i, p := range phones {
				p.send(logs[i]...)
			}
			inOrder := w.truth()
			w.forget()
			for range 3 {
				for i, p := range phones {
					mixed := rapid.Permutation(logs[i]).Draw(rt, "order")
					p.send(mixed[:rapid.IntRange(0, len(mixed)).Draw(rt, "how many")]...)
				}
			}
			for i, p := range phones {
				p.send(logs[i]...)
			}
			if diff := cmp.Diff(inOrder, w.truth()); diff != "" {
				rt.Fatalf("in order (-) and torn into pieces (+):\n%s", diff)
			}
		})
	})
}

// draw makes one event that a canvasser could record, or takes an earlier one back.
func draw(t *rapid.T, w *world, p *phone, log []map[string]any) map[string]any {
	who := rapid.SampledFrom([]any{1, 2, nil}).Draw(t, "person")
	switch rapid.SampledFrom([]string{"attempt", "answer", "code", "ask", "note", "stop", "undo", "undo"}).Draw(t, "kind") {
	case "attempt":
		return p.say("attempt", "101", who, data{"result": rapid.SampledFrom([]string{"not_home", "reached", "do_not_knock", "deceased"}).Draw(t, "result")})
	case "answer":
		return p.say("answer", "101", who, data{"question": w.question.ID, "response": rapid.SampledFrom([]int64{yes(w), no(w)}).Draw(t, "response")})
	case "code":
		return p.say("code", "101", who, data{"code": w.code, "on": rapid.Bool().Draw(t, "on")})
	case "ask":
		return p.say("ask", "101", who, data{"step": rapid.SampledFrom([]string{"s2", "s3"}).Draw(t, "step"), "answer": rapid.SampledFrom([]string{"yes", "maybe", "no"}).Draw(t, "answer")})
	case "stop":
		return p.say("stop", "101", who, data{"channel": "door"})
	case "undo":
		if len(log) > 0 {
			return p.say("undo", "", nil, data{"of": log[rapid.IntRange(0, len(log)-1).Draw(t, "of")]["id"]})
		}
	}
	return p.say("note", "101", who, data{"text": fmt.Sprint("note ", p.seq)})
}

// forget empties what was recorded.
func (w *world) forget() {
	for _, table := range []string{"field_contact", "field_answer", "field_person_code", "field_signup", "field_suppression", "field_note", "field_correction", "field_canvass_hint",
		"field_canvass_door", "field_canvass_answer", "field_canvass_mark", "field_canvass_later", "field_canvass_met", "field_canvass_place", "offline_event"} {
		w.exec("DELETE FROM " + table)
	}
}
