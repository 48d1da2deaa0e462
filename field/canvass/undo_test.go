package canvass

import (
	"strings"
	"testing"
)

// Two canvassers are told that somebody has died. The first takes it back after the second's word came; the second's stands, and goes when they take it back.
func TestWhatAnotherSaidTooStands(t *testing.T) {
	run(t, func(w *world) {
		one, two := w.join(), w.join()
		first := one.say("attempt", "101", 1, data{"result": "deceased"})
		second := two.say("attempt", "101", 1, data{"result": "deceased"})
		one.fine(first)
		two.fine(second)
		one.fine(one.say("undo", "", nil, data{"of": first["id"]}))
		if got := w.truth(); !strings.Contains(got, "deceased waiting") {
			t.Errorf("the second one's word is lost:\n%s", got)
		}
		two.fine(two.say("undo", "", nil, data{"of": second["id"]}))
		if got := w.truth(); strings.Contains(got, "waiting") {
			t.Errorf("what both took back still waits:\n%s", got)
		}
	})
}
