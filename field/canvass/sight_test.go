package canvass

import (
	"context"
	"fmt"
	"testing"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/words"
)

// reader is somebody of Halden who sees the canvass and decides, and edits no folders.
func (w *world) reader() org.Actor {
	w.Helper()
	var who account.ID
	must(w.T, w.d.Transact(db.WithSite(w.Context()), func(ctx context.Context, tx *db.Tx) (err error) {
		who, err = w.c.Orgs.Admit(ctx, tx, w.staff(), "Olga Brandt", "olga@halden.example", "organizer", words.EN)
		return err
	}))
	a, err := w.c.Orgs.Sit(w.Context(), account.Session{Account: who, Name: "Olga Brandt", FactorAt: w.at}, w.halden)
	must(w.T, err)
	return a
}

func TestABoardShowsMapsOfSharedFoldersOnly(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		one := w.join()
		one.fine(one.say("attempt", "101", 1, data{"result": "reached"}), one.say("answer", "101", 1, data{"question": w.question.ID, "response": yes(w)}))
		one.send(one.say("dance", "101", nil, data{}), one.say("met", "101", "n-"+id(8), data{"first": "Kai"}), one.say("place", "n-"+id(9), nil, data{"house": "9", "street": "CEDAR ST"}))
		a := w.reader()
		folder, err := w.c.Orgs.PutFolder(t.Context(), w.staff(), 0, "North")
		must(t, err)
		aside, err := w.Aside(t.Context(), w.staff())
		must(t, err)

		figures := func() []int64 {
			b, err := w.Board(t.Context(), a, Scope{})
			must(t, err)
			met, err := w.Waiting(t.Context(), a)
			must(t, err)
			places, err := w.Found(t.Context(), a)
			must(t, err)
			waits, err := w.Aside(t.Context(), a)
			must(t, err)
			hours, err := w.Hours(t.Context(), a, Scope{})
			must(t, err)
			return []int64{b.Total.Attempts, int64(len(b.Maps)), int64(len(b.Turfs)), int64(len(b.People)), int64(len(b.Answers)), int64(len(b.Results)), int64(len(b.Out)), b.Aside, b.Met,
				int64(len(met)), int64(len(places)), int64(len(waits)), int64(len(hours)), b.Hidden}
		}
		sees, nothing := []int64{1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, []int64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
		same := func(when string, want []int64) {
			t.Helper()
			if got := figures(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		same("in no folder", sees)
		w.exec(fmt.Sprintf(`UPDATE field_turf_map SET folder_id = %d WHERE id = 12`, int64(folder)))
		same("in a folder of others", nothing)
		refused := func(what string, err error) {
			t.Helper()
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = w.Board(t.Context(), a, Scope{Map: 12})
		refused("the board of the map", err)
		_, err = w.Hours(t.Context(), a, Scope{Map: 12})
		refused("its hours", err)
		_, err = w.Visited(t.Context(), a, 12)
		refused("its doors", err)
		refused("a decision about its work", w.Judge(t.Context(), a, aside[0].ID, false, "because"))
		_, err = w.Match(t.Context(), a, "n-"+id(8), 6)
		refused("who was met there", err)
		refused("keeping who was met there", w.Keep(t.Context(), a, "n-"+id(8)))
		spots, err := w.Spots(t.Context(), a, []At{{Packet: one.packet, Door: "101"}})
		must(t, err)
		if x := spots[At{Packet: one.packet, Door: "101"}]; x.Address != "" || len(x.People) != 0 || x.MapName != "" {
			t.Errorf("a door of it is told: %+v", x)
		}

		must(t, w.c.Orgs.PutShare(t.Context(), w.staff(), folder, org.Share{Kind: "account", Target: int64(a.Account())}))
		same("shared", sees)
		must(t, w.Judge(t.Context(), a, aside[0].ID, false, "because"))
		must(t, w.Keep(t.Context(), a, "n-"+id(8)))
		must(t, w.c.Orgs.DropShare(t.Context(), w.staff(), folder, org.Share{Kind: "account", Target: int64(a.Account())}))
		same("shared no more", nothing)
	})
}
