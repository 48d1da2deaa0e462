package liststore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/liststore/listtest"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// The whole way, as a person of one organisation goes it: whatever another organisation keeps to itself changes to, names and all, every count and every refusal
// stays as it was, with segments and without. What is the person's own changes them.
func TestCountsTellNothingOfAnotherOrganisation(t *testing.T) {
	world(t, func(w *listtest.World) {
		r := rand.New(rand.NewPCG(seed(), 6))
		table, partner := int64(w.Table), int64(w.Partner)
		m := &made{at: map[int64][2]float64{}, defs: map[string][]definition{}, lists: map[int64][]int64{}}
		m.define(r, table, partner)
		for id := range int64(15) {
			m.humans = append(m.humans, &human{id: id + 1})
		}
		m.learn(r, table)
		m.learn(r, partner)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			for _, x := range m.definitions() {
				if _, err := db.Bulk(ctx, tx, x.name, x.columns, x.rows); err != nil {
					return err
				}
			}
			return m.writeLearned(ctx, tx)
		})
		ana := w.Sit(w.Table, "ana", "data-associate")
		var asks []list.Criteria
		for range trials(120) {
			asks = append(asks, trees{Rand: r, w: m, org: table, unknown: true}.criteria())
		}
		before := told(w, ana, asks)
		counted := 0
		for _, x := range before {
			counted += min(1, int(x.Fast.People))
		}
		if counted < len(asks)/8 {
			t.Errorf("only %d of %d questions find anybody: the test sees too little", counted, len(asks))
		}
		change := func(org int64) {
			secretly(r, m, org)
			rewrite(w, m)
			w.Exec(`UPDATE field_code SET name = ?, status = 'archived' WHERE org_id = ? AND shared = 0`, fmt.Sprint("changed", org), org)
			w.At = w.At.Add(time.Minute)
			if err := w.Engine.Rebuild(db.WithSite(w.Context()), int64(listtest.File)); err != nil {
				t.Fatal(err)
			}
		}
		change(partner)
		if d := cmp.Diff(before, told(w, ana, asks)); d != "" {
			t.Errorf("the table sees what its partner changed in private: %s", d)
		}
		change(table)
		if cmp.Equal(before, told(w, ana, asks)) {
			t.Error("nor does the table see what it changed itself: the test sees nothing")
		}
	})
}

// figures are what a person is told.
type figures struct {
	Error string
	Fast  liststore.Counts
	Slow  liststore.Counts
	Steps []liststore.StepCount
}

func told(w *listtest.World, a org.Actor, asks []list.Criteria) []figures {
	w.Helper()
	slow := liststore.New(liststore.Config{DB: w.DB, Orgs: w.Orgs})
	w.Ready(a)
	var all []figures
	for _, c := range asks {
		k := liststore.Ask{File: listtest.File, Criteria: c, Channel: person.ByText}
		got, err := w.Lists.Count(w.Context(), a, k)
		if err != nil {
			all = append(all, figures{Error: err.Error()})
			continue
		}
		want, err := slow.Count(w.Context(), a, k)
		if err != nil {
			w.Fatal(err)
		}
		if got.Slow {
			w.Fatal("no segment answered")
		}
		all = append(all, figures{"", got.Counts, want.Counts, got.Steps})
	}
	return all
}

// rewrite puts what organisations know into the database anew.
func rewrite(w *listtest.World, m *made) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		for _, table := range []string{"field_phone", "field_email", "field_suppression", "field_contact", "field_person_code", "field_person_tag", "field_answer", "field_person_custom",
			"field_signup"} {
			if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE org_id <> 0`); err != nil {
				return err
			}
		}
		for _, table := range []string{"field_person_score", "field_person_target"} {
			if _, err := db.Exec(ctx, tx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		return m.writeLearned(ctx, tx)
	})
}
