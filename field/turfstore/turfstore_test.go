package turfstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/turfstore/turftest"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/org"
)

func wants(t *testing.T, err error, k fault.Kind, what string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != k {
		t.Errorf("%s: %v, want %s", what, err, k)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// suppress writes a wish not to be visited.
func suppress(w *turftest.World, a org.Actor, who ...int64) {
	w.Helper()
	store := person.New(person.Config{DB: w.DB})
	for _, id := range who {
		must(w.T, w.DB.Transact(a.Within(w.Context()), func(ctx context.Context, tx *db.Tx) error {
			return store.Suppress(ctx, tx, a, person.ID(id), person.ByDoor, "asked on Monday")
		}))
	}
}

func TestAMapHoldsTheDoorsOfItsList(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		suppress(w, ana, turftest.Person(0, 0), turftest.Person(0, 1), turftest.Person(1, 0)) // a whole door, and one of two
		w.Exec(`DELETE FROM place_address WHERE key IN (SELECT address_key FROM field_person WHERE person_id = ?)`, turftest.Person(2, 0))
		w.Exec(`UPDATE field_person SET household_key = 0, address_key = 0 WHERE person_id = ?`, turftest.Person(3, 0))
		w.Exec(`UPDATE field_person SET confidential = 1 WHERE person_id IN (?, ?, ?)`, turftest.Person(4, 0), turftest.Person(4, 1), turftest.Person(5, 0))
		m := w.Made(ana, "Millbrook")
		all := turftest.Streets * turftest.Houses
		if want := int64(all - 3); m.Doors != want { // asked, without a place, protected
			t.Errorf("%d doors, want %d", m.Doors, want)
		}
		if want := int64(2*all - 2 - 1 - 2 - 1 - 3); m.People != want {
			t.Errorf("%d people, want %d", m.People, want)
		}
		if d := cmp.Diff(map[turfstore.Reason]int{turfstore.Asked: 1, turfstore.NoPlace: 1, turfstore.NoAddress: 1}, m.LeftOut); d != "" {
			t.Error(d)
		}
		left, err := w.Turfs.LeftDoors(w.Context(), ana, m.ID)
		must(t, err)
		if len(left) != m.Left() {
			t.Errorf("%d doors left out, the map says %d", len(left), m.Left())
		}
		d, err := w.Turfs.Draft(w.Context(), ana, m.ID)
		must(t, err)
		seen := map[int64]int{}
		for i, of := range d.Of() {
			if of == 0 {
				t.Errorf("door %d is in no turf", d.Doors()[i].Key)
			}
			seen[d.Doors()[i].Key]++
		}
		if len(seen) != int(m.Doors) || seen[turftest.Door(4)] != 0 || seen[turftest.Door(0)] != 0 || seen[turftest.Door(5)] != 1 {
			t.Errorf("the doors cut in are not those of the list: %d", len(seen))
		}
		outlines := d.Outlines()
		for _, x := range d.Turfs {
			if len(outlines[x.ID]) == 0 || len(d.Walk(x.ID)) < 2 {
				t.Errorf("turf %d has no outline or no walk", x.ID)
			}
		}
	})
}

func TestAListWithoutPlacesIsRefused(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		w.Exec(`DELETE FROM place_address`)
		l := w.Saved(ana, "Millbrook")
		_, err := w.Turfs.Make(w.Context(), ana, l.ID, turfstore.About{Name: "Millbrook"}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
		wants(t, err, fault.Invalid, "a list of which no door lies anywhere")
		_, err = w.Turfs.Make(w.Context(), ana, l.ID, turfstore.About{Name: " "}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
		wants(t, err, fault.Invalid, "a map without a name")
		_, err = w.Turfs.Make(w.Context(), ana, l.ID, turfstore.About{Name: "Millbrook", Folder: 99}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
		wants(t, err, fault.Invalid, "a folder that is not there")
		_, err = w.Turfs.Make(w.Context(), ana, 999, turfstore.About{Name: "Millbrook"}, turfstore.Wish{Rules: turf.Rules{Target: 20}})
		wants(t, err, fault.NotFound, "a list that is not there")
	})
}

// cuts is how the doors are shared out, for comparison.
func cuts(t *testing.T, w *turftest.World, a org.Actor, id turfstore.MapID) (turfstore.Draft, []int) {
	t.Helper()
	d, err := w.Turfs.Draft(w.Context(), a, id)
	must(t, err)
	return d, d.Of()
}

func TestEditsAreStepsThatCanBeUndone(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m := w.Made(ana, "Millbrook")
		d, first := cuts(t, w, ana, m.ID)
		if d.Undo || d.Redo {
			t.Error("a new map has nothing to undo")
		}
		n := len(d.Turfs)
		d2, err := w.Turfs.Edit(ctx, ana, m.ID, m.Edition, turfstore.Edit{Do: turfstore.DoBisect, Turfs: []int{d.Turfs[0].ID}})
		must(t, err)
		if len(d2.Turfs) != n+1 || !d2.Undo || d2.Redo {
			t.Errorf("%d turfs after dividing one of %d; undo %v, redo %v", len(d2.Turfs), n, d2.Undo, d2.Redo)
		}
		_, err = w.Turfs.Edit(ctx, ana, m.ID, m.Edition, turfstore.Edit{Do: turfstore.DoLock, Turfs: []int{1}})
		wants(t, err, fault.Conflict, "an edit of what somebody else has changed")
		must(t, w.Turfs.Undo(ctx, ana, m.ID, d2.Map.Edition))
		back, of := cuts(t, w, ana, m.ID)
		if d := cmp.Diff(first, of); d != "" || !back.Redo || back.Undo {
			t.Errorf("undone is not as before: %s", d)
		}
		must(t, w.Turfs.Redo(ctx, ana, m.ID, back.Map.Edition))
		again, of := cuts(t, w, ana, m.ID)
		if d := cmp.Diff(d2.Of(), of); d != "" {
			t.Errorf("redone is not as it was: %s", d)
		}
		wants(t, w.Turfs.Redo(ctx, ana, m.ID, again.Map.Edition), fault.Conflict, "more redo than there is")
		must(t, w.Turfs.Undo(ctx, ana, m.ID, again.Map.Edition))
		back, _ = cuts(t, w, ana, m.ID)
		d3, err := w.Turfs.Edit(ctx, ana, m.ID, back.Map.Edition, turfstore.Edit{Do: turfstore.DoName, Turfs: []int{d.Turfs[0].ID}, Name: "Riverside"})
		must(t, err)
		if d3.Redo || d3.Turfs[0].Name != "Riverside" {
			t.Errorf("a change after an undo keeps what was undone: redo %v; the name is %q", d3.Redo, d3.Turfs[0].Name)
		}
	})
}

func TestEveryEdit(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m := w.Made(ana, "Millbrook")
		d, _ := cuts(t, w, ana, m.ID)
		a, b := d.Turfs[0].ID, d.Turfs[1].ID
		at := d.Doors()[d.Turfs[1].Doors[0]].At
		box := func(p geo.Point, r float64) []geo.Point {
			return []geo.Point{{Lon: p.Lon - r, Lat: p.Lat - r}, {Lon: p.Lon + r, Lat: p.Lat - r}, {Lon: p.Lon + r, Lat: p.Lat + r}, {Lon: p.Lon - r, Lat: p.Lat + r}}
		}
		all := len(d.Of())
		for _, c := range []struct {
			e     turfstore.Edit
			holds func(x turfstore.Draft) bool
		}{
			{turfstore.Edit{Do: turfstore.DoLock, Turfs: []int{a}}, func(x turfstore.Draft) bool { return x.Turfs[0].Locked }},
			{turfstore.Edit{Do: turfstore.DoUnlock, Turfs: []int{a}}, func(x turfstore.Draft) bool { return !x.Turfs[0].Locked }},
			{turfstore.Edit{Do: turfstore.DoSpare, Turfs: []int{a, b}}, func(x turfstore.Draft) bool { return x.Turfs[0].Spare && x.Turfs[1].Spare }},
			{turfstore.Edit{Do: turfstore.DoUsual, Turfs: []int{a, b}}, func(x turfstore.Draft) bool { return !x.Turfs[0].Spare }},
			{turfstore.Edit{Do: turfstore.DoStart, Turfs: []int{b}, At: &at}, func(x turfstore.Draft) bool { return x.Turfs[1].Start != nil }},
			{turfstore.Edit{Do: turfstore.DoStart, Turfs: []int{b}}, func(x turfstore.Draft) bool { return x.Turfs[1].Start == nil }},
			{turfstore.Edit{Do: turfstore.DoMove, At: &at, To: a}, func(x turfstore.Draft) bool { return x.Of()[d.Turfs[1].Doors[0]] == a }},
			{turfstore.Edit{Do: turfstore.DoNew, Ring: box(at, 0.0005)}, func(x turfstore.Draft) bool { return x.Of()[d.Turfs[1].Doors[0]] > b }},
			{turfstore.Edit{Do: turfstore.DoDrop, Ring: box(at, 0.0003)}, func(x turfstore.Draft) bool { return x.Loose > 0 && x.Of()[d.Turfs[1].Doors[0]] == 0 }},
			{turfstore.Edit{Do: turfstore.DoBlock, At: &at, To: a}, nil},
			{turfstore.Edit{Do: turfstore.DoJoin, Turfs: []int{a, b}}, func(x turfstore.Draft) bool { _, ok := x.Plan.Turf(b); return !ok }},
			{turfstore.Edit{Do: turfstore.DoBisect, Turfs: []int{a}}, nil},
			{turfstore.Edit{Do: turfstore.DoCut, Wish: turfstore.Wish{Rules: turf.Rules{Target: 40}, Divide: true,
				Lines: [][]geo.Point{{{Lon: -79.001, Lat: 36.0018}, {Lon: -78.99, Lat: 36.0018}}}}}, func(x turfstore.Draft) bool { return len(x.Turfs) < len(d.Turfs) && x.Loose == 0 }},
		} {
			now, err := w.Turfs.Map(ctx, ana, m.ID)
			must(t, err)
			x, err := w.Turfs.Edit(ctx, ana, m.ID, now.Edition, c.e)
			if err != nil {
				if c.holds == nil && fault.KindOf(err) == fault.Invalid { // what it needs may not be there after the edits before
					continue
				}
				t.Fatalf("%s: %v", c.e.Do, err)
			}
			if c.holds != nil && !c.holds(x) {
				t.Errorf("%s did not do what it says", c.e.Do)
			}
			doors := x.Loose
			for _, y := range x.Turfs {
				doors += len(y.Doors)
			}
			if doors != all {
				t.Errorf("%s: %d doors, there were %d", c.e.Do, doors, all)
			}
		}
	})
}

func TestAnEditThatCannotBeIsRefusedAndChangesNothing(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m := w.Made(ana, "Millbrook")
		_, before := cuts(t, w, ana, m.ID)
		far := geo.Point{Lon: 10, Lat: 10}
		nowhere := geo.Point{Lon: 500, Lat: 10}
		for _, e := range []turfstore.Edit{
			{Do: "explode"}, {Do: turfstore.DoBisect}, {Do: turfstore.DoBisect, Turfs: []int{999}}, {Do: turfstore.DoJoin, Turfs: []int{1}},
			{Do: turfstore.DoMove, To: 1}, {Do: turfstore.DoMove, To: 1, At: &far}, {Do: turfstore.DoMove, To: 1, At: &nowhere},
			{Do: turfstore.DoNew, Ring: []geo.Point{far, far, far}}, {Do: turfstore.DoNew, Ring: []geo.Point{nowhere, nowhere, nowhere}},
			{Do: turfstore.DoSplit, At: &far, Parts: 2}, {Do: turfstore.DoName, Turfs: []int{1, 2}, Name: "x"}, {Do: turfstore.DoDrop},
			{Do: turfstore.DoCut, Wish: turfstore.Wish{Rules: turf.Rules{Target: 0}}},
			{Do: turfstore.DoCut, Wish: turfstore.Wish{Rules: turf.Rules{Target: 20}, Lines: [][]geo.Point{{nowhere, far}}}},
		} {
			_, err := w.Turfs.Edit(ctx, ana, m.ID, m.Edition, e)
			if slices.Contains(e.Turfs, 999) {
				wants(t, err, fault.NotFound, string(e.Do))
				continue
			}
			wants(t, err, fault.Invalid, string(e.Do))
		}
		if _, after := cuts(t, w, ana, m.ID); !slices.Equal(before, after) {
			t.Error("a refused edit changed the map")
		}
	})
}

func TestATurfThatSomebodyHasDoesNotChange(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m, turfs := w.Cut(ana, "Millbrook")
		if len(turfs) < 4 || int(m.Turfs) != len(turfs) {
			t.Fatalf("%d turfs, the map says %d", len(turfs), m.Turfs)
		}
		again, err := w.Turfs.Save(ctx, ana, m.ID, m.Edition, turftest.Name)
		must(t, err)
		if d := cmp.Diff(turfstore.Saved{Turfs: len(turfs)}, again); d != "" {
			t.Errorf("saving the same again: %s", d)
		}
		held := turfs[0]
		given, err := w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{held.ID}, To: turfstore.ToAccount, ToID: int64(ana.Account())})
		must(t, err)
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{held.ID}, To: turfstore.ToNumber})
		wants(t, err, fault.Conflict, "a turf that somebody has")
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{held.ID}, To: turfstore.ToNumber, Also: true})
		must(t, err)

		d, _ := cuts(t, w, ana, m.ID)
		if !d.Turfs[0].Held || d.Turfs[0].Saved != held.ID || d.Turfs[1].Held {
			t.Errorf("the draft does not know what is with somebody: %+v", d.Turfs[0])
		}
		_, err = w.Turfs.Edit(ctx, ana, m.ID, d.Map.Edition, turfstore.Edit{Do: turfstore.DoBisect, Turfs: []int{d.Turfs[0].ID}})
		wants(t, err, fault.Conflict, "dividing what somebody has")
		x, err := w.Turfs.Edit(ctx, ana, m.ID, d.Map.Edition, turfstore.Edit{Do: turfstore.DoCut, Wish: turfstore.Wish{Rules: turf.Rules{Target: 35}}})
		must(t, err)
		kept := slices.ContainsFunc(x.Turfs, func(y turfstore.DraftTurf) bool { return y.Saved == held.ID && y.Held })
		if !kept || len(x.Turfs) >= len(d.Turfs) {
			t.Errorf("cut again: kept %v, %d turfs of %d", kept, len(x.Turfs), len(d.Turfs))
		}
		_, err = w.Turfs.Save(ctx, ana, m.ID, x.Map.Edition, turftest.Name)
		must(t, err)
		now, err := w.Turfs.Turfs(ctx, ana, m.ID)
		must(t, err)
		if !slices.ContainsFunc(now, func(r turfstore.Turf) bool { return r.ID == held.ID && r.Name == held.Name }) {
			t.Error("the turf that somebody has was replaced")
		}
		c, err := w.Turfs.Doors(ctx, w.DB, ana, turfs[1].ID)
		must(t, err)
		if len(c.Doors) != turfs[1].Doors || c.Turf.Retired.IsZero() {
			t.Error("a retired turf lost its doors, or is not retired")
		}
		handouts, err := w.Turfs.Handouts(ctx, ana, m.ID)
		must(t, err)
		for _, h := range handouts {
			must(t, w.Turfs.Recall(ctx, ana, h.ID))
		}
		h, err := w.Turfs.Handout(ctx, w.DB, ana, given[0].ID)
		must(t, err)
		if h.Live(w.At) || h.RecalledAt.IsZero() {
			t.Error("recalled, and it still holds")
		}
	})
}

func TestListNumbers(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m, turfs := w.Cut(ana, "Millbrook")
		given, err := w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{turfs[0].ID, turfs[1].ID}, To: turfstore.ToNumber, Days: 5})
		must(t, err)
		if given[0].Number == given[1].Number || given[0].Turf != turfs[0].ID || given[0].MapName != "Millbrook" || given[0].TurfName != "Turf 1" {
			t.Errorf("handed out %+v", given)
		}
		site := db.WithSite(ctx)
		find := func(text string) int {
			all, err := w.Turfs.ByNumber(site, w.DB, text)
			must(t, err)
			return len(all)
		}
		n := given[0].Number
		for text, want := range map[string]int{n: 1, turfstore.WriteNumber(n): 1, n[:4] + " " + n[4:]: 1, "0000000": 0, "": 0, "12": 0, "drop table": 0} {
			if got := find(text); got != want {
				t.Errorf("%q finds %d, want %d", text, got, want)
			}
		}
		must(t, w.Turfs.Recall(ctx, ana, given[1].ID))
		if find(given[1].Number) != 0 {
			t.Error("a recalled number still opens")
		}
		w.At = w.At.Add(6 * 24 * time.Hour)
		if find(n) != 0 {
			t.Error("a number whose time is over still opens")
		}
		for _, g := range []turfstore.Give{{Map: m.ID, To: "pigeon"}, {Map: m.ID, To: turfstore.ToNumber, Days: 999}, {Map: m.ID, To: turfstore.ToNumber, Days: -1},
			{Map: m.ID, To: turfstore.ToAccount, ToID: 999}, {Map: m.ID, To: turfstore.ToGroup, ToID: 999}, {Map: m.ID, To: turfstore.ToNumber, DoorsEach: 9999}} {
			_, err := w.Turfs.Give(ctx, ana, g)
			wants(t, err, fault.Invalid, "a hand-out that cannot be")
		}
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, To: turfstore.ToNumber, Turfs: []turfstore.TurfID{999}})
		wants(t, err, fault.NotFound, "a turf that is not there")
	})
}

func TestWhoFindsWhatIsHandedOut(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "administrator")
		vol, ben := w.Sit(w.Table, "vol", "volunteer"), w.Sit(w.Partner, "ben", "administrator")
		m, turfs := w.Cut(ana, "Millbrook")
		group, err := w.Orgs.PutGroup(ctx, ana, 0, "Saturday", []account.ID{vol.Account()})
		must(t, err)
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{turfs[0].ID}, To: turfstore.ToAccount, ToID: int64(vol.Account())})
		must(t, err)
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{turfs[1].ID}, To: turfstore.ToGroup, ToID: int64(group)})
		must(t, err)
		_, err = w.Turfs.Give(ctx, ana, turfstore.Give{Map: m.ID, Turfs: []turfstore.TurfID{turfs[2].ID}, To: turfstore.ToAccount, ToID: int64(ana.Account())})
		must(t, err)
		got := func(a org.Actor) (all []turfstore.TurfID) {
			found, err := w.Turfs.For(ctx, w.DB, a)
			must(t, err)
			for _, h := range found {
				all = append(all, h.Turf)
			}
			return all
		}
		if d := cmp.Diff([]turfstore.TurfID{turfs[0].ID, turfs[1].ID}, got(vol)); d != "" {
			t.Error(d)
		}
		if all := got(ben); len(all) != 0 {
			t.Errorf("another organization finds %v", all)
		}
		named, err := w.Turfs.Handouts(ctx, ana, m.ID)
		must(t, err)
		if named[1].ToName != "Saturday" || named[2].ToName != "vol" {
			t.Errorf("names: %q, %q", named[1].ToName, named[2].ToName)
		}

		_, err = w.Turfs.Map(ctx, vol, m.ID)
		wants(t, err, fault.Denied, "a volunteer who looks at a map")
		_, err = w.Turfs.Map(ctx, ben, m.ID)
		wants(t, err, fault.NotFound, "another organization's map")
		_, err = w.Turfs.Doors(ctx, w.DB, ben, turfs[0].ID)
		wants(t, err, fault.NotFound, "another organization's turf")
		_, err = w.Turfs.Handout(ctx, w.DB, ben, named[0].ID)
		wants(t, err, fault.NotFound, "another organization's hand-out")
		wants(t, w.Turfs.Recall(ctx, ben, named[0].ID), fault.NotFound, "recalling another organization's hand-out")
		_, err = w.Turfs.Edit(ctx, ben, m.ID, m.Edition, turfstore.Edit{Do: turfstore.DoLock, Turfs: []int{1}})
		wants(t, err, fault.NotFound, "cutting another organization's map")

		folder, err := w.Orgs.PutFolder(ctx, ana, 0, "North")
		must(t, err)
		must(t, w.Turfs.Rename(ctx, ana, m.ID, turfstore.About{Name: "Millbrook north", Region: " North  side ", Folder: folder}))
		org := w.Sit(w.Table, "olga", "organizer")
		_, err = w.Turfs.Map(ctx, org, m.ID)
		wants(t, err, fault.NotFound, "a map in a folder that is not shared")
		if all, hidden, err := w.Turfs.Maps(ctx, org, turfstore.Find{}); err != nil || len(all) != 0 || hidden != 1 {
			t.Errorf("%d maps, %d hidden, %v", len(all), hidden, err)
		}
		all, _, err := w.Turfs.Maps(ctx, ana, turfstore.Find{Text: "north SIDE"})
		must(t, err)
		if len(all) != 1 || all[0].FolderName != "North" || all[0].Out != 3 {
			t.Errorf("found %+v", all)
		}
		must(t, w.Turfs.Archive(ctx, ana, m.ID))
		if len(got(vol)) != 0 {
			t.Error("a map is put away, and what is handed out of it still holds")
		}
	})
}

func TestWhatIsTakenAlongIsTrueNow(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m, turfs := w.Cut(ana, "Millbrook")
		c, err := w.Turfs.Doors(ctx, w.DB, ana, turfs[0].ID)
		must(t, err)
		if len(c.Doors) != turfs[0].Doors || c.People != 2*turfs[0].Doors || c.Gone != 0 || c.Map.ID != m.ID {
			t.Fatalf("%d doors, %d people, %d gone of %+v", len(c.Doors), c.People, c.Gone, turfs[0])
		}
		d := c.Doors
		suppress(w, ana, d[0].People[0].ID, d[1].People[0].ID, d[1].People[1].ID)
		w.Exec(`UPDATE field_person SET confidential = 1 WHERE person_id = ?`, d[2].People[0].ID)
		w.Exec(`UPDATE field_person SET household_key = 1 WHERE person_id IN (?, ?)`, d[3].People[0].ID, d[3].People[1].ID)
		w.Exec(`UPDATE field_person SET dropped_on = 20271001 WHERE person_id = ?`, d[4].People[1].ID)
		now, err := w.Turfs.Doors(ctx, w.DB, ana, turfs[0].ID)
		must(t, err)
		if now.Gone != 2 || len(now.Doors) != len(d)-2 || now.People != c.People-1-2-1-2-1 {
			t.Errorf("%d doors, %d people, %d gone", len(now.Doors), now.People, now.Gone)
		}
		if p := now.Doors[0].People; len(p) != 2 || p[0].Knock || !p[1].Knock {
			t.Errorf("who asks not to be visited: %+v", p)
		}
		if now.Doors[1].Key != d[2].Key || len(now.Doors[1].People) != 1 || len(now.Doors[2].People) != 1 {
			t.Errorf("protected and dropped people are still there: %+v", now.Doors[1:3])
		}
		printed, err := w.Turfs.Packet(ctx, ana, m.ID, turfs[0].ID, turfs[1].ID)
		must(t, err)
		if len(printed) != 2 || len(printed[0].Doors) != len(now.Doors) {
			t.Error("what is printed is not what is taken along")
		}
	})
}

func TestPhonesTakeTheNearestFreeDoors(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m := w.Made(ana, "Millbrook")
		claim := func(packet string, most int, skip map[int64]bool) (doors []int64, err error) {
			err = w.DB.Transact(ana.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
				doors, err = w.Turfs.Claim(ctx, tx, ana, m.ID, packet, geo.Point{Lon: -79, Lat: 36}, most, w.At.Add(24*time.Hour), skip)
				return err
			})
			return doors, err
		}
		a, err := claim("aa", 20, nil)
		must(t, err)
		b, err := claim("bb", 20, map[int64]bool{turftest.Door(20): true})
		must(t, err)
		if len(a) != 20 || len(b) != 20 || !slices.Contains(a, turftest.Door(0)) {
			t.Errorf("took %v and %v", a, b)
		}
		for _, k := range b {
			if slices.Contains(a, k) || k == turftest.Door(20) {
				t.Errorf("door %d was taken twice, or is done", k)
			}
		}
		c, err := w.Turfs.MapDoors(ctx, w.DB, ana, m.ID, a)
		must(t, err)
		if len(c.Doors) != 20 || c.Doors[0].Key != a[0] {
			t.Errorf("%d doors, the first %d", len(c.Doors), c.Doors[0].Key)
		}
		must(t, w.DB.Transact(ana.Within(ctx), func(ctx context.Context, tx *db.Tx) error {
			n, err := w.Turfs.Release(ctx, tx, ana, "aa")
			if n != 20 {
				t.Errorf("gave %d doors back", n)
			}
			return err
		}))
		again, err := claim("cc", 20, nil)
		must(t, err)
		if d := cmp.Diff(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(again))); d != "" {
			t.Errorf("what was given back is not taken again: %s", d)
		}
		for range 10 {
			if _, err = claim("dd", 150, nil); err != nil {
				break
			}
		}
		wants(t, err, fault.Conflict, "a map without free doors")
		w.At = w.At.Add(48 * time.Hour)
		free, err := claim("ee", 150, nil)
		must(t, err)
		if len(free) != 150 {
			t.Errorf("%d doors are free after their time", len(free))
		}
	})
}

func TestTryingKeepsNothing(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m := w.Made(ana, "Millbrook")
		_, before := cuts(t, w, ana, m.ID)
		x, err := w.Turfs.Try(ctx, ana, m.ID, turfstore.Wish{Rules: turf.Rules{Target: 50}})
		must(t, err)
		if d, after := cuts(t, w, ana, m.ID); !slices.Equal(before, after) || d.Map.Edition != m.Edition || len(x.Turfs) >= len(d.Turfs) {
			t.Error("trying changed the map, or cut nothing")
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"4821-730", "4821 730", "", "48217301", "٤", "4821–730", "-------"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := turfstore.ParseNumber(s)
		if !ok {
			return
		}
		if back, ok := turfstore.ParseNumber(turfstore.WriteNumber(n)); !ok || back != n || len(n) != 7 {
			t.Errorf("%q became %q and then %q", s, n, back)
		}
	})
}
