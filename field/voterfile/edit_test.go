package voterfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// simple is a generic file with ids A (three rows), B (one) and C (two rows, the second of them removed).
const simple = "id,last,first,status\nA,Ash,One,A\nB,Birch,Only,A\nA,Ash,Two,A\nC,Cedar,Stands,A\nA,Ash,Three,A\nC,Cedar,Gone,R\n"

const simpleMapping = `{"version":1,"kind":"voters","header":true,"name":"x","columns":[{"name":"id","field":"state_id"},{"name":"last","field":"last_name"},{"name":"first","field":"first_name"},{"name":"status","field":"status"}],"values":{"status":{"A":"active","R":"removed"}}}`

func simpleFile(t *testing.T, s *Store) FileID {
	t.Helper()
	file, err := s.Create(context.Background(), owner, File{Name: "Simple", Layout: layout.Generic, Mapping: simpleMapping})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func csvUpload(text string) Upload {
	return Upload{Name: "simple.csv", Kind: layout.Voters, R: strings.NewReader(text)}
}

// firsts are the first names of those in the file, by id.
func firsts(t *testing.T, s *Store) string {
	t.Helper()
	rows, err := db.All[string](db.WithSite(context.Background()), s.DB, `SELECT first_name FROM field_person WHERE dropped_on = 0 ORDER BY state_id`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, " ")
}

func TestRowsWithOneIDGoInAsChosen(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		file := simpleFile(t, s)
		for day, c := range []struct {
			name    string
			choices Choices
			want    string
			refused int64
			lines   []int64
		}{
			{"as they stand", Choices{}, "One Only Stands", 3, []int64{4, 6, 7}},
			{"first", Choices{Duplicates: KeepFirst}, "One Only Stands", 3, []int64{4, 6, 7}},
			{"last", Choices{Duplicates: KeepLast}, "Three Only Gone", 3, []int64{2, 4, 5}},
			{"none", Choices{Duplicates: KeepNone}, "Only", 5, []int64{2, 4, 5, 6, 7}},
			{"one of them otherwise", Choices{Duplicates: KeepNone, ByID: map[string]Duplicates{"C": KeepLast}}, "Only Gone", 4, []int64{2, 4, 5, 6}},
		} {
			id := receive(t, s, file, layout.MakeDate(2026, 10, day+1), csvUpload(simple))
			r, err := s.RehearseWith(ctx, owner, id, c.choices, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Counts.Refused != c.refused || r.Twice != 2 {
				t.Errorf("%s: %d refused, %d ids twice", c.name, r.Counts.Refused, r.Twice)
			}
			all, err := s.RefusalList(ctx, owner, id, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			var lines []int64
			for _, x := range all {
				lines = append(lines, x.Line)
				if !x.Duplicate() || x.Value != "A" && x.Value != "C" {
					t.Errorf("%s: %+v cannot be chosen about", c.name, x)
				}
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if err := os.RemoveAll(s.folder(id)); err != nil { // the load must make it again by the same choices
				t.Fatal(err)
			}
			if _, err := s.Load(ctx, owner, id, LoadOptions{AllowLargeChange: true}, nil); err != nil {
				t.Fatal(err)
			}
			if got := firsts(t, s); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestChoicesAreChecked(t *testing.T) {
	s := newStore(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
	id := receive(t, s, simpleFile(t, s), 20261001, csvUpload(simple))
	many := map[string]Duplicates{}
	for i := range choicesMost + 1 {
		many[fmt.Sprint(i)] = KeepFirst
	}
	for _, c := range []Choices{{Duplicates: "both"}, {ByID: map[string]Duplicates{"A": "x"}}, {ByID: many}} {
		if _, err := s.RehearseWith(context.Background(), owner, id, c, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d choices: %v", len(c.ByID), err)
		}
	}
}

func TestEditChangesTermsAndLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		file := create(t, s, layout.NC)
		old := newState(t, synth.Options{Layout: layout.NC, Voters: 1500, Seed: 7})
		loadAll(t, s, receive(t, s, file, 20261003, write(t, old).uploads()...))
		half := write(t, old)
		rows := bytes.SplitAfter(half.content["ncvoter_Statewide.txt"], []byte("\n"))
		half.content["ncvoter_Statewide.txt"] = bytes.Join(rows[:len(rows)/2], nil)
		id := receive(t, s, file, 20261103, half.uploads()...)
		r, err := s.Rehearse(ctx, owner, id, nil)
		if err != nil || len(r.Stops) == 0 {
			t.Fatalf("%d stops, %v", len(r.Stops), err)
		}
		editor := org.Operate(1, permit.NewSet(PermitSee, PermitEdit))
		for _, c := range []struct {
			who   org.Actor
			terms string
			share float64
			want  fault.Kind
		}{
			{owner, "x", 0.5, fault.Denied}, {org.Operate(2, permit.NewSet(PermitEdit)), "x", 0.5, fault.NotFound},
			{editor, "x", 0, fault.Invalid}, {editor, "x", 1.01, fault.Invalid}, {editor, strings.Repeat("x", termsMost+1), 0.5, fault.Invalid},
		} {
			err := s.Edit(ctx, c.who, file, c.terms, c.share)
			var in fault.Inputs
			if fault.KindOf(err) != c.want && !(c.want == fault.Invalid && errors.As(err, &in)) {
				t.Errorf("%.20s, %g: %v", c.terms, c.share, err)
			}
		}
		if err := s.Edit(ctx, editor, file, "Only until the primary.", 1); err != nil {
			t.Fatal(err)
		}
		if err := s.Edit(ctx, editor, file, "Only until the primary.", 1); err != nil {
			t.Fatal(err)
		}
		f, err := s.File(ctx, editor, file)
		if err != nil || f.Terms != "Only until the primary." || f.StopShare != 1 {
			t.Errorf("%+v, %v", f, err)
		}
		i, err := s.Status(ctx, owner, id)
		if err != nil || len(i.Report.Stops) != 0 {
			t.Errorf("the rehearsal still stops: %+v, %v", i.Report.Stops, err)
		}
		entries, err := ledger.Entries(ctx, s.DB, ledger.Filter{Kind: KindEdit, Org: 1})
		if err != nil || len(entries) != 1 || fmt.Sprint(entries[0].Data["stop_permille"]) != "1000" || fmt.Sprint(entries[0].Data["stop_permille_before"]) != "100" {
			t.Errorf("%+v, %v", entries, err)
		}
		if _, err := s.Load(ctx, owner, id, LoadOptions{}, nil); err != nil {
			t.Errorf("a load within the new limit: %v", err)
		}
	})
}

func TestLayoutCanChangeUntilSomethingIsLoaded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		file := create(t, s, layout.OH)
		f := write(t, newState(t, synth.Options{Layout: layout.NC, Voters: 300, Seed: 7}))
		id := receive(t, s, file, 20261003, f.uploads()...)
		if _, err := s.Rehearse(ctx, owner, id, nil); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("a file of another state: %v", err)
		}
		if err := s.SetLayout(ctx, stranger, file, layout.NC); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		if err := s.SetLayout(ctx, owner, file, "xx"); err == nil {
			t.Error("an unknown layout is taken")
		}
		if err := s.SetLayout(ctx, owner, file, layout.NC); err != nil {
			t.Fatal(err)
		}
		if i, err := s.Status(ctx, owner, id); err != nil || i.State != StateReceived || i.Message != "" {
			t.Errorf("%s %q, %v", i.State, i.Message, err)
		}
		if settled, err := s.Settled(ctx, owner, file); err != nil || settled {
			t.Errorf("%t, %v", settled, err)
		}
		loadAll(t, s, id)
		if settled, err := s.Settled(ctx, owner, file); err != nil || !settled {
			t.Errorf("%t, %v", settled, err)
		}
		if err := s.SetLayout(ctx, owner, file, layout.OH); fault.KindOf(err) != fault.Conflict {
			t.Errorf("after a load: %v", err)
		}
		if got, err := s.File(ctx, owner, file); err != nil || got.Layout != layout.NC || got.State != "NC" {
			t.Errorf("%+v, %v", got, err)
		}
		if !bytes.Contains(f.content["ncvoter_Statewide.txt"], []byte("ncid")) {
			t.Error("the test does not look at a file of North Carolina")
		}
	})
}
