package canvass

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// seesTurf is staff that may see turf too.
func (w *world) seesTurf() org.Actor {
	w.Helper()
	c, err := permit.NewCatalog(org.Permits, Permits, contact.Permits, codebook.Permits, person.Permits, voterfile.Permits, turfstore.Permits[:1])
	must(w.T, err)
	return org.Operate(w.halden, c.Expand(PermitJudge, turfstore.PermitSee, org.PermitFolder))
}

func TestWhatComesBackOnPaperIsOnTheBoard(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		a := w.seesTurf()
		before, err := w.Walkers(t.Context(), a, 9)
		must(t, err)
		if before.Likely != 0 || len(before.All) != 0 {
			t.Errorf("nobody has it yet: %+v", before)
		}
		w.join()
		who, err := w.Walkers(t.Context(), a, 9)
		must(t, err)
		if len(who.All) != 1 || who.All[0].Name != "Sam" || who.Likely != who.All[0].Account || !who.Has(who.Likely) || who.Has(99) {
			t.Errorf("who took it along: %+v", who)
		}
		olga := w.reader()
		w.exec(fmt.Sprintf(`INSERT INTO field_turf_handout (org_id, map_id, turf_id, to_kind, to_id, given_by, given_at, ends_at) VALUES (%d, 12, 9, 'account', %d, 1, 5, 9)`, int64(w.halden), int64(olga.Account())))
		who, err = w.Walkers(t.Context(), a, 9)
		must(t, err)
		if who.Likely != int64(olga.Account()) || len(who.All) != 2 {
			t.Errorf("whom it was handed to comes first: %+v", who)
		}
		given, err := w.Given(t.Context(), a)
		must(t, err)
		if d := cmp.Diff([]GivenTurf{{Turf: 9, Name: "Turf 14", Map: 12, MapName: "Cedar Hill"}}, given); d != "" {
			t.Error(d)
		}

		sheet := OnPaper{Turf: 9, By: who.Likely, Tried: []contact.Attempt{{Person: 4, Result: contact.NotHome, At: w.at}, {Person: 5, Result: contact.NotHome, At: w.at}, {Person: 1, Result: contact.Reached, At: w.at},
			{Person: 6, Result: contact.NotHome, At: w.at}}, Answered: map[codebook.ID][]codebook.Answer{w.question.ID: {{ID: "s-1", Person: 1, Response: codebook.ID(yes(w)), At: w.at}, {ID: "s-6", Person: 6, Response: codebook.ID(yes(w)), At: w.at}}}}
		for range 2 { // sent twice it counts once
			must(t, w.d.Transact(a.Within(t.Context()), func(ctx context.Context, tx *db.Tx) error { return w.Walked(ctx, tx, a, sheet) }))
		}
		b, err := w.Board(t.Context(), a, Scope{Map: 12})
		must(t, err)
		if got := fmt.Sprintf("%d %d %d %d %s", b.Total.Attempts, b.Total.Attempted, b.Total.Talked, b.Answers[0].People, b.People[0].Name); got != "2 2 1 1 Olga Brandt" {
			t.Errorf("the board says %s", got)
		}

		folder, err := w.c.Orgs.PutFolder(t.Context(), a, 0, "North")
		must(t, err)
		w.exec(fmt.Sprintf(`UPDATE field_turf_map SET folder_id = %d WHERE id = 12`, int64(folder)))
		_, walkers := w.Walkers(t.Context(), olga, 9)
		_, gone := w.Walkers(t.Context(), a, 4711)
		for _, err := range []error{walkers, gone} {
			if fault.KindOf(err) != fault.NotFound {
				t.Error(err)
			}
		}
		if _, err := w.OnTurf(t.Context(), olga, 9); fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody who may not see turf: %v", err)
		}
		if given, err := w.Given(t.Context(), olga); err != nil || len(given) != 0 {
			t.Errorf("turf of a folder that is not shared is offered: %v %v", given, err)
		}
	})
}
