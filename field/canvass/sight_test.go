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
			return []int64{b.Total.Attempts, int64(len(b.Maps)), int64(len(b.Turfs)), int64(len(b.People)), int64(len(b.Answers)), int64(len(b.Results)), int64(len(b.Out)), b.Aside, b.Met,
				int64(len(met)), int64(len(places)), int64(len(waits)), int64(len(b.Hours)), b.Hidden}
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

func TestABoardShowsTheFiguresOfThoseWhoShare(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		w.exec(`INSERT INTO org (id, parent_id, name, kind, created_at) VALUES (77, 1, 'Lakeshore Neighbors', 'partner', 1), (78, 1, 'Others', 'partner', 1)`)
		w.exec(`INSERT INTO org_folder (id, org_id, name, made_at) VALUES (501, 77, 'For the table', 1), (502, 77, 'Our own', 1), (503, 78, 'Not shared', 1)`)
		w.exec(fmt.Sprintf(`INSERT INTO org_folder_share (folder_id, kind, target_id, may_change) VALUES (501, 'org', %d, 0)`, int64(w.halden)))
		for id, x := range map[int][2]int{31: {77, 501}, 32: {77, 501}, 33: {77, 502}, 34: {78, 503}, 35: {78, 501}} {
			w.exec(fmt.Sprintf(`INSERT INTO field_turf_map (id, org_id, folder_id, voterfile_id, list_id, name, doors, people, ground, created_by, created_at, changed_at)
				VALUES (%d, %d, %d, 1, 31, 'Theirs', 10, 9, %s, 1, 1, 1)`, id, x[0], x[1], empty(w)))
			w.exec(fmt.Sprintf(`INSERT INTO field_canvass_door (org_id, event_id, map_id, turf_id, packet_id, account_id, door, result, talked, at)
				VALUES (%[1]d, 'a%[2]d', %[2]d, 1, '', 1, '7', 'reached', 1, %[3]d), (%[1]d, 'b%[2]d', %[2]d, 1, '', 1, '8', 'not_home', 0, %[3]d)`, x[0], id, w.at.UnixMilli()))
		}
		b, err := w.Board(t.Context(), w.reader(), Scope{})
		must(t, err)
		if len(b.Orgs) != 2 || b.Orgs[0].Org != int64(w.halden) || b.Orgs[0].Doors != 6 {
			t.Fatalf("%+v", b.Orgs)
		}
		x := b.Orgs[1]
		if got, want := fmt.Sprint(x.Maps, x.Doors, x.Attempted, x.Talked, x.Lately, " ", x.Name), "2 20 4 2 4 Lakeshore Neighbors"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if b.Total.Attempts != 0 || len(b.Maps) != 1 {
			t.Errorf("their figures are among ours: %+v", b.Total)
		}
		if b, err := w.Board(t.Context(), w.staff(), Scope{Map: 12}); err != nil || len(b.Orgs) != 0 {
			t.Errorf("a board of one map shows others: %v %v", b.Orgs, err)
		}
	})
}
