package liststore_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/liststore/listtest"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

func world(t *testing.T, f func(w *listtest.World)) {
	t.Helper()
	listtest.Run(t, listtest.Above{}, f)
}

// wants checks that err is of a kind.
func wants(t *testing.T, err error, k fault.Kind, what string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != k {
		t.Errorf("%s: %v, want %s", what, err, k)
	}
}

// suppress writes a wish as a person's profile would, feed included.
func suppress(w *listtest.World, a org.Actor, who int64, by person.Channel) {
	w.Helper()
	store := person.New(person.Config{DB: w.DB})
	err := w.DB.Transact(a.Within(w.Context()), func(ctx context.Context, tx *db.Tx) error {
		return store.Suppress(ctx, tx, a, person.ID(who), by, "asked on Monday")
	})
	if err != nil {
		w.Fatal(err)
	}
}

func count(w *listtest.World, a org.Actor, k liststore.Ask) liststore.Answer {
	w.Helper()
	n, err := w.Lists.Count(w.Context(), a, k)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func TestCountsAreTheSameWithAndWithoutASegment(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		suppress(w, ana, 3, person.ByCall)
		slow := liststore.New(liststore.Config{DB: w.DB, Orgs: w.Orgs})
		w.Ready(ana)
		for _, k := range []liststore.Ask{listtest.Everybody(), listtest.In("QUAY"), {File: 1, Criteria: listtest.In("QUAY").Criteria, Channel: person.ByCall},
			{File: 1, Criteria: listtest.Everybody().Criteria, Dropped: true, Minors: true}} {
			got := count(w, ana, k)
			want, err := slow.Count(w.Context(), ana, k)
			if err != nil {
				t.Fatal(err)
			}
			if got.Slow || !want.Slow {
				t.Errorf("the segment answered slowly: %v, the database did not: %v", got.Slow, !want.Slow)
			}
			if d := cmp.Diff(want.Counts, got.Counts); d != "" {
				t.Errorf("%+v: %s", k, d)
			}
			if d := cmp.Diff(want.Steps, got.Steps); d != "" {
				t.Errorf("%+v: %s", k, d)
			}
		}
		if n := count(w, ana, listtest.Everybody()); n.People != 11 { // of 15: one protected, one minor, one gone, one on another file
			t.Errorf("%d people, want 11", n.People)
		}
	})
}

func TestWhoDoesNotWishContactIsTakenOutBeforeAnybodyIsChosen(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		suppress(w, ana, 2, person.ByDoor) // of the two at one door, the one that the step below would keep
		w.Ready(ana)
		k := liststore.Ask{File: 1, Channel: person.ByDoor, Criteria: list.Criteria{Version: 1, Steps: []list.Step{
			{Do: list.Start, Where: list.Is{Attr: list.City, Values: []string{"PORT ANSEL"}}}, {Do: list.OnePerHousehold, Prefer: list.Oldest}}}}
		got := count(w, ana, k)
		if got.People != 1 {
			t.Errorf("%d people, want the other one at the door", got.People)
		}
		if d := cmp.Diff([]int{1}, got.Always); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]int{0, 2}, got.At); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]liststore.StepCount{{After: 2}, {Before: 2, After: 1, Always: true}, {Before: 1, After: 1}}, got.Steps); d != "" {
			t.Error(d)
		}
		k.Criteria.Steps = append(k.Criteria.Steps, list.Step{Do: list.Add, Where: list.Is{Attr: list.City, Values: []string{"QUAY"}}})
		if got := count(w, ana, k); !slices.Equal(got.Always, []int{1, 4}) || got.People != 9 {
			t.Errorf("always on at %v with %d people, want again after the last that adds", got.Always, got.People)
		}
	})
}

func TestARoleAsksOnlyForWhatItSees(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana, ben, vol := w.Sit(w.Table, "ana", "data-associate"), w.Sit(w.Table, "ben", "organizer"), w.Sit(w.Table, "vol", "volunteer")
		w.Ready(ana)
		party := listtest.Everybody()
		party.Criteria.Steps[0].Where = list.Is{Attr: list.Party, Values: []string{"UNA"}}
		if n := count(w, ana, party); n.People != 11 {
			t.Errorf("%d people, want 11", n.People)
		}
		if _, err := w.Lists.Count(w.Context(), ben, party); err == nil {
			t.Error("an organizer counted by party")
		}
		_, err := w.Lists.Count(w.Context(), vol, listtest.Everybody())
		wants(t, err, fault.Denied, "a volunteer counting")
		gone := listtest.Everybody()
		gone.Dropped = true
		_, err = w.Lists.Count(w.Context(), ben, gone)
		wants(t, err, fault.Denied, "an organizer counting those who are gone")
		foreign := listtest.Everybody()
		foreign.File = 2
		_, err = w.Lists.Count(w.Context(), ana, foreign)
		wants(t, err, fault.NotFound, "another organisation's file")

		cat, err := w.Lists.Catalog(w.Context(), ben, listtest.File)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := cat.Values[list.Race]; ok || cat.Attrs[list.Race] {
			t.Error("an organizer is offered races")
		}
		var cities []string
		for _, v := range cat.Values[list.City] {
			cities = append(cities, v.Value)
		}
		if d := cmp.Diff([]string{"PORT ANSEL", "QUAY", "SABLE POINT"}, cities); d != "" {
			t.Error(d)
		}
		rows, err := w.Lists.Page(w.Context(), ben, listtest.In("SABLE POINT"), liststore.ByName, 0, 10)
		if err != nil || len(rows) != 1 || rows[0].Last != "SMITH" || rows[0].Party != "" {
			t.Errorf("an organizer sees %+v, %v", rows, err)
		}
		w.Exec(`UPDATE field_person SET confidential = 1 WHERE person_id = 5`) // no segment knows of it
		if rows, err := w.Lists.Page(w.Context(), ana, listtest.In("SABLE POINT"), liststore.Walk, 0, 10); err != nil || len(rows) != 0 {
			t.Errorf("somebody who became protected is shown: %+v, %v", rows, err)
		}
		looks, err := ledger.Entries(w.Context(), w.DB, ledger.Filter{Kind: liststore.KindLook})
		if err != nil || len(looks) != 2 {
			t.Errorf("%d looks are recorded, %v; want 2", len(looks), err)
		}
	})
}

func save(w *listtest.World, a org.Actor, n liststore.Save) liststore.Saved {
	w.Helper()
	l, err := w.Lists.Save(w.Context(), a, n)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

func names(w *listtest.World, a org.Actor) (all []string, hidden int64) {
	w.Helper()
	found, err := w.Lists.Lists(w.Context(), a, liststore.Find{})
	if err != nil {
		w.Fatal(err)
	}
	for _, l := range found.Lists {
		all = append(all, l.Name)
	}
	slices.Sort(all)
	return all, found.Hidden
}

func TestListsAreSeenByThoseTheirFolderIsSharedWith(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana, dolores := w.Sit(w.Table, "ana", "data-associate"), w.Sit(w.Table, "dolores", org.Administrator)
		ben, carla := w.Sit(w.Table, "ben", "organizer"), w.Sit(w.Partner, "carla", "data-associate")
		w.Ready(ana)
		folder, err := w.Orgs.PutFolder(w.Context(), dolores, 0, "October doors")
		if err != nil {
			t.Fatal(err)
		}
		l := save(w, ana, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Frozen, Name: "Quay"})
		check := func(who string, a org.Actor, want []string, hidden int64) {
			t.Helper()
			if got, n := names(w, a); !slices.Equal(got, want) || n != hidden {
				t.Errorf("%s sees %v and %d hidden, want %v and %d", who, got, n, want, hidden)
			}
		}
		check("its maker", ana, []string{"Quay"}, 0)
		check("a colleague", ben, nil, 1)
		check("the partner", carla, nil, 0)
		_, err = w.Lists.List(w.Context(), ben, l.ID)
		wants(t, err, fault.NotFound, "another's list")

		err = w.Lists.Move(w.Context(), ana, l.ID, folder)
		wants(t, err, fault.Invalid, "into a folder that the maker does not reach")
		for _, s := range []org.Share{{Kind: "account", Target: int64(ana.Account()), MayChange: true}, {Kind: "org", Target: int64(w.Partner)}} {
			if err := w.Orgs.PutShare(w.Context(), dolores, folder, s); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Lists.Move(w.Context(), ana, l.ID, folder); err != nil {
			t.Fatal(err)
		}
		check("its maker", ana, []string{"Quay"}, 0)
		check("a colleague without the folder", ben, nil, 1)
		check("the partner", carla, []string{"Quay"}, 0)
		w.Ready(carla)
		if n := count(w, carla, liststore.Ask{File: 1, Criteria: liststore.Of(l.ID)}); n.People != 8 {
			t.Errorf("the partner counts %d people of the list, want 8", n.People)
		}
		wants(t, w.Lists.Rename(w.Context(), carla, l.ID, "Ours"), fault.Denied, "the partner renaming")
		w.Exec(`UPDATE field_voterfile_grant SET ends_at = 1`)
		check("the partner after the file's sharing ended", carla, nil, 0)
	})
}

// A folder can be shared with a partner so that it may change what is in it. What it puts there its owner must be able to ask, and be answered alike.
func TestAPartnerChangesWhatItsOwnerUnderstands(t *testing.T) {
	world(t, func(w *listtest.World) {
		dolores, carla := w.Sit(w.Table, "dolores", org.Administrator), w.Sit(w.Partner, "carla", "data-associate")
		folder, err := w.Orgs.PutFolder(w.Context(), dolores, 0, "October doors")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Orgs.PutShare(w.Context(), dolores, folder, org.Share{Kind: "org", Target: int64(w.Partner), MayChange: true}); err != nil {
			t.Fatal(err)
		}
		w.Ready(dolores)
		quay := save(w, dolores, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Frozen, Name: "Quay", Folder: folder})
		search := save(w, dolores, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Search, Name: "At the quay", Folder: folder})
		for i, who := range []org.ID{w.Table, w.Partner} {
			w.Exec(`INSERT INTO field_code (id, org_id, name, medium_name, short_name, shared, status, created_by, created_at, changed_at) VALUES (?, ?, ?, 'c', 'c', ?, 'active', 1, 1, 1)`, i+1, int64(who), []string{"Theirs", "Ours"}[i], 1-i)
		}
		own := save(w, carla, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Frozen, Name: "Ours"})

		done, err := w.Lists.Change(w.Context(), carla, quay.ID, listtest.In("PORT ANSEL"))
		if err != nil || done.People != 2 || done.Org != w.Table {
			t.Fatalf("changing a shared list: %+v, %v", done, err)
		}
		w.Ready(dolores)
		if n := count(w, dolores, liststore.Ask{File: 1, Criteria: liststore.Of(quay.ID)}); n.People != 2 {
			t.Errorf("its owner counts %d people, want 2", n.People)
		}
		if err := w.Lists.Rename(w.Context(), carla, quay.ID, "Ansel"); err != nil {
			t.Error(err)
		}
		history, err := w.Lists.History(w.Context(), dolores, quay.ID)
		if err != nil || len(history) != 3 || history[1].ByName != "carla" || history[1].Kind != liststore.KindChange {
			t.Errorf("the owner reads %+v, %v", history, err)
		}
		wants(t, w.Lists.Move(w.Context(), carla, quay.ID, 0), fault.Denied, "the partner moving it")
		wants(t, w.Lists.Delete(w.Context(), carla, quay.ID), fault.Denied, "the partner deleting it")

		asks := func(n list.Node) liststore.Ask {
			return liststore.Ask{File: 1, Criteria: list.Criteria{Version: 1, Steps: []list.Step{{Do: list.Start, Where: n}}}}
		}
		tried := asks(list.Contact{Channels: []string{"door"}})
		reach := listtest.In("QUAY")
		reach.Channel = person.ByDoor
		for name, c := range map[string]struct {
			of liststore.ListID
			k  liststore.Ask
			ok bool
		}{
			"a code of the owner's": {quay.ID, asks(list.Code{Codes: []int64{1}}), true},
			"a code of its own":     {quay.ID, asks(list.Code{Codes: []int64{2}}), false},
			"a list of its own":     {search.ID, asks(list.Saved{List: int64(own.ID)}), false},
			"frozen attempts":       {quay.ID, tried, false},
			"asked attempts":        {search.ID, tried, true},
			"frozen wishes":         {quay.ID, reach, false},
			"asked wishes":          {search.ID, reach, true},
		} {
			_, err := w.Lists.Change(w.Context(), carla, c.of, c.k)
			if c.ok != (err == nil) || err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.Orgs.PutShare(w.Context(), dolores, folder, org.Share{Kind: "org", Target: int64(w.Partner)}); err != nil {
			t.Fatal(err)
		}
		_, err = w.Lists.Rerun(w.Context(), carla, quay.ID)
		wants(t, err, fault.Denied, "when it may only look")
	})
}

func TestAListKeepsItsPeopleAndASearchItsQuestion(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		w.Ready(ana)
		frozen := save(w, ana, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Frozen, Name: "Quay in October"})
		search := save(w, ana, liststore.Save{Ask: listtest.In("QUAY"), Kind: liststore.Search, Name: "Quay"})
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, `UPDATE field_person SET city = 'SABLE POINT' WHERE person_id = 3`); err != nil {
				return err
			}
			n, err := ledger.Append(ctx, tx, ledger.Who{Via: "command"}, ledger.Entry{Kind: "test"})
			if err != nil {
				return err
			}
			return change.Record(ctx, tx, n, change.Change{Person: 3, What: change.Person})
		})
		w.Ready(ana)
		of := func(id liststore.ListID) int64 {
			return count(w, ana, liststore.Ask{File: 1, Criteria: liststore.Of(id)}).People
		}
		if a, b := of(frozen.ID), of(search.ID); a != 8 || b != 7 {
			t.Errorf("the list has %d people and the search %d, want 8 and 7", a, b)
		}
		both, err := w.Lists.Compare(w.Context(), ana, frozen.ID, search.ID)
		if err != nil || both.Both.People != 7 || both.OnlyA.People != 1 || both.OnlyB.People != 0 {
			t.Errorf("both %d, only the list %d, only the search %d, %v; want 7, 1, 0", both.Both.People, both.OnlyA.People, both.OnlyB.People, err)
		}
		again, err := w.Lists.Rerun(w.Context(), ana, frozen.ID)
		w.Ready(ana)
		if err != nil || again.People != 7 || of(frozen.ID) != 7 {
			t.Errorf("run again, the list says %d people and has %d, %v; want 7", again.People, of(frozen.ID), err)
		}
		if err := w.Lists.Rename(w.Context(), ana, frozen.ID, "Quay now"); err != nil {
			t.Fatal(err)
		}
		events, err := w.Lists.History(w.Context(), ana, frozen.ID)
		if err != nil {
			t.Fatal(err)
		}
		var told []ledger.Kind
		for _, e := range events {
			told = append(told, e.Kind)
		}
		if d := cmp.Diff([]ledger.Kind{liststore.KindRename, liststore.KindRerun, liststore.KindSave}, told); d != "" {
			t.Error(d)
		}
		if e := events[2]; e.People != 8 || e.Criteria == nil || e.ByName != "ana" || e.Name != "Quay in October" {
			t.Errorf("the beginning is %+v", e)
		}

		itself := listtest.Everybody()
		itself.Criteria.Steps[0].Where = list.Saved{List: int64(search.ID)}
		if _, err := w.Lists.Change(w.Context(), ana, search.ID, itself); err == nil {
			t.Error("a search asks for itself")
		}
		if err := w.Lists.Delete(w.Context(), ana, frozen.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Lists.Count(w.Context(), ana, liststore.Ask{File: 1, Criteria: liststore.Of(frozen.ID)}); err == nil {
			t.Error("a deleted list was counted")
		}
		wants(t, w.Lists.Delete(w.Context(), ana, frozen.ID), fault.NotFound, "deleting it again")
	})
}

func TestAListFromIDsHoldsOnlyWhoMayBeOnOne(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		w.Ready(ana)
		l, err := w.Lists.SaveIDs(w.Context(), ana, liststore.SaveIDs{File: 1, Name: "From a file", Origin: "ids.csv", IDs: []int64{2, 1, 1, 10, 11, 12, 15, 99, 4}})
		if err != nil {
			t.Fatal(err)
		}
		w.Ready(ana)
		if n := count(w, ana, liststore.Ask{File: 1, Criteria: liststore.Of(l.ID)}); l.People != 3 || l.Doors != 1 || n.People != 3 {
			t.Errorf("the list says %d people and %d doors, and has %d; want 3, 1 and 3", l.People, l.Doors, n.People)
		}
		_, err = w.Lists.SaveIDs(w.Context(), ana, liststore.SaveIDs{File: 1, Name: "Nobody", IDs: []int64{10, 15}})
		wants(t, err, fault.Invalid, "ids of nobody who may be on a list")
		_, err = w.Lists.Rerun(w.Context(), ana, l.ID)
		wants(t, err, fault.Invalid, "running ids again")
	})
}

func TestWhatCannotBeSavedIsRefusedBesideItsInput(t *testing.T) {
	world(t, func(w *listtest.World) {
		ana := w.Sit(w.Table, "ana", "data-associate")
		_, err := w.Lists.Save(w.Context(), ana, liststore.Save{Ask: listtest.Everybody(), Kind: "heap", Folder: 77})
		wants(t, err, fault.Invalid, "no name, kind or folder")
		var in fault.Inputs
		if !asInputs(err, &in) || len(in) != 3 {
			t.Errorf("%v, want three inputs", err)
		}
	})
}

func asInputs(err error, in *fault.Inputs) (ok bool) {
	*in, ok = err.(fault.Inputs) //nolint:errorlint // it is returned as it is
	return ok
}
