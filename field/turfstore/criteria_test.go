package turfstore_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/liststore/listtest"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/turfstore/turftest"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

func inTurf(n list.Node) liststore.Ask {
	k := listtest.Everybody()
	k.Criteria.Steps[0].Where = n
	return k
}

// finds returns whom a question finds by segments, after it found as many in the database alone.
func finds(w *turftest.World, a org.Actor, k liststore.Ask) []int64 {
	w.Helper()
	slow := liststore.New(liststore.Config{DB: w.DB, Orgs: w.Orgs})
	n, err := slow.Count(w.Context(), a, k)
	must(w.T, err)
	c, err := w.Lists.Check(w.Context(), a, k)
	must(w.T, err)
	w.Ready(a)
	rows, people, _, err := w.Lists.Each(w.Context(), c, liststore.Walk)
	must(w.T, err)
	if people != n.People {
		w.Errorf("segments find %d people, the database %d", people, n.People)
	}
	var ids []int64
	for r, err := range rows {
		must(w.T, err)
		ids = append(ids, r.Person)
	}
	slices.Sort(ids)
	return ids
}

// Criteria ask who is in a turf: those behind its doors when it was saved, also when it has been cut anew since, and as long as they are on the file.
func TestCriteriaAskWhoIsInATurf(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m, turfs := w.Cut(ana, "Millbrook")
		one := turfs[0]
		c, err := w.Turfs.Doors(ctx, w.DB, ana, one.ID)
		must(t, err)
		var want []int64
		for _, d := range c.Doors {
			for _, p := range d.People {
				want = append(want, p.ID)
			}
		}
		slices.Sort(want)
		in := inTurf(list.Turf{Turfs: []int64{int64(one.ID)}})
		if d := cmp.Diff(want, finds(w, ana, in)); d != "" {
			t.Errorf("people of a turf: %s", d)
		}
		if got := finds(w, ana, inTurf(list.Turf{Maps: []int64{int64(m.ID)}})); int64(len(got)) != m.People {
			t.Errorf("a map of %d people has %d", m.People, len(got))
		}
		cat, err := w.Lists.Catalog(ctx, ana, listtest.File, in.Criteria)
		must(t, err)
		if s := list.Plain(list.Sentence(in.Criteria, cat, w.Words.In("en"))); s != "People who are in the turf “Turf 1” of the map “Millbrook”." {
			t.Error(s)
		}
		d, err := w.Turfs.Edit(ctx, ana, m.ID, m.Edition, turfstore.Edit{Do: turfstore.DoCut, Wish: turfstore.Wish{Rules: turf.Rules{Target: 33}}})
		must(t, err)
		_, err = w.Turfs.Save(ctx, ana, m.ID, d.Map.Edition, turftest.Name)
		must(t, err)
		if d := cmp.Diff(want, finds(w, ana, in)); d != "" {
			t.Errorf("people of a turf that was cut anew: %s", d)
		}
		must(t, w.Turfs.Archive(ctx, ana, m.ID))
		if d := cmp.Diff(want, finds(w, ana, in)); d != "" {
			t.Errorf("people of a turf whose map was put away: %s", d)
		}
		w.Exec(`UPDATE field_person SET confidential = 1 WHERE person_id = ?`, want[0])
		must(t, w.Engine.Rebuild(db.WithSite(ctx), int64(listtest.File)))
		if d := cmp.Diff(want[1:], finds(w, ana, in)); d != "" {
			t.Errorf("people of a turf of whom one is protected now: %s", d)
		}
	})
}

// Only an organisation's own turfs are asked about, and only those of maps that the person sees: the rest is refused as what does not exist is.
func TestTurfsOfOthersDoNotExistInCriteria(t *testing.T) {
	turftest.Run(t, func(w *turftest.World) {
		ctx, ana := w.Context(), w.Sit(w.Table, "ana", "data-associate")
		m, turfs := w.Cut(ana, "Millbrook")
		asks := []liststore.Ask{inTurf(list.Turf{Turfs: []int64{int64(turfs[0].ID)}}), inTurf(list.Turf{Maps: []int64{int64(m.ID)}}),
			inTurf(list.LivesWith{Who: list.Turf{Maps: []int64{int64(m.ID)}}})}
		refused := func(a org.Actor, why string) {
			t.Helper()
			for _, k := range asks {
				_, err := w.Lists.Count(ctx, a, k)
				wants(t, err, fault.Invalid, why)
			}
		}
		refused(w.Sit(w.Partner, "ben", "data-associate"), "another organisation's turf")
		refused(org.Operate(w.Table, permit.NewSet(liststore.PermitCount)), "the turf of somebody who sees none")
		dan := w.Sit(w.Table, "dan", "organizer")
		if n, err := w.Lists.Count(ctx, dan, asks[1]); err != nil || n.People != m.People {
			t.Errorf("a colleague's map of %d people has %d: %v", m.People, n.People, err)
		}
		search, err := w.Lists.Save(ctx, ana, liststore.Save{Ask: asks[0], Kind: liststore.Search, Name: "First turf"})
		must(t, err)
		if _, err := w.Lists.Count(ctx, ana, inTurf(list.Saved{List: int64(search.ID)})); err != nil {
			t.Errorf("a search that names a turf, within a criteria: %v", err)
		}
		eve := w.Sit(w.Table, "eve", "administrator")
		folder, err := w.Orgs.PutFolder(ctx, eve, 0, "Hers")
		must(t, err)
		must(t, w.Turfs.Rename(ctx, eve, m.ID, turfstore.About{Name: m.Name, Folder: folder}))
		refused(dan, "a map in a folder that is not shared")
		if _, err := w.Lists.Count(ctx, eve, asks[1]); err != nil {
			t.Errorf("a map in a folder of one's own: %v", err)
		}
	})
}
