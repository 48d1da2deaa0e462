package voterfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

func TestImportOfEveryLayoutTwiceChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for _, form := range []synth.Options{{Layout: layout.NC}, {Layout: layout.OH}, {Layout: layout.FL}, {Layout: layout.MI},
			{Layout: layout.MI, Generation: layout.Fixed}, {Layout: layout.WA}} {
			id, name := form.Layout, fmt.Sprintf("%s-%d", form.Layout, form.Generation)
			t.Run(name, func(t *testing.T) {
				form.Voters, form.Seed = 1500, 7
				f := write(t, newState(t, form))
				file, err := s.Create(t.Context(), owner, File{Name: name, Layout: id, Mapping: string(f.content["mapping.json"])})
				if err != nil {
					t.Fatal(err)
				}
				first := loadAll(t, s, receive(t, s, file, synth.DefaultDate, f.uploads()...))
				want := Counts{Read: int64(f.Voters), New: int64(f.Voters), Votes: int64(f.Votes), Confidential: first.Counts.Confidential,
					Minors: first.Counts.Minors, Warnings: first.Counts.Warnings} // in Florida an empty file of a small county
				if id == layout.NC || id == layout.FL { // the others do not say who is confidential
					want.Confidential = int64(f.Hidden)
				}
				if diff := cmp.Diff(want, first.Counts); diff != "" {
					t.Errorf("first import (-want +got):\n%s", diff)
				}
				second := loadAll(t, s, receive(t, s, file, synth.DefaultDate, f.uploads()...))
				want.New, want.Unchanged = 0, int64(f.Voters)
				if diff := cmp.Diff(want, second.Counts); diff != "" {
					t.Errorf("second import (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestNewerFileIsCountedAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for _, id := range []layout.ID{layout.NC, layout.OH, layout.MI} {
			t.Run(string(id), func(t *testing.T) {
				old := newState(t, synth.Options{Layout: id, Voters: 3000, Seed: 11})
				newer, err := old.Newer(synth.Change{Moved: 300, Party: 200, New: 300, Gone: 250})
				if err != nil {
					t.Fatal(err)
				}
				file, err := s.Create(t.Context(), owner, File{Name: string(id), Layout: id})
				if err != nil {
					t.Fatal(err)
				}
				loadAll(t, s, receive(t, s, file, synth.DefaultDate, write(t, old).uploads()...))
				f := write(t, newer)
				got := loadAll(t, s, receive(t, s, file, 20261103, f.uploads()...))
				type county struct{ Code, Read, New, Moved, Party, Dropped any }
				var want, have []county
				for _, c := range f.Counties {
					if c.Read+c.Dropped == 0 {
						continue
					}
					want = append(want, county{c.Code, int64(c.Read), int64(c.New), int64(c.Moved), int64(c.Party), int64(c.Dropped)})
				}
				for _, c := range got.Counties {
					have = append(have, county{c.Code, c.Read, c.New, c.Moved, c.Party, c.Dropped})
				}
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("per county (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// TestMichiganFixedWidthHoldsTheVotesOfTheCSV: the fixed-width files of a state, whose history names elections by codes, end as the same
// votes as its CSV files.
func TestMichiganFixedWidthHoldsTheVotesOfTheCSV(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		type cast struct {
			ID       string `db:"state_id"`
			Election int64  `db:"election_id"`
			County   string `db:"county"`
		}
		votes := func(g layout.Generation) []cast {
			f := write(t, newState(t, synth.Options{Layout: layout.MI, Generation: g, Voters: 1500, Seed: 7}))
			mapping := strings.ReplaceAll(string(f.content["mapping.json"]), `"type"`, `"name"`) // as people write it: code and date
			for _, x := range []string{"general", "primary", "municipal", "special", "presidential_primary"} {
				mapping = strings.ReplaceAll(mapping, `"name": "`+x+`"`, `"name": ""`)
			}
			file, err := s.Create(t.Context(), owner, File{Name: fmt.Sprint("MI ", g), Layout: layout.MI, Mapping: mapping})
			if err != nil {
				t.Fatal(err)
			}
			loadAll(t, s, receive(t, s, file, synth.DefaultDate, f.uploads()...))
			got, err := db.All[cast](db.WithSite(t.Context()), s.DB, `SELECT k.state_id, v.election_id, v.county FROM field_vote v
				JOIN field_voter_key k ON k.person_id = v.person_id WHERE k.voterfile_id = ? ORDER BY 1, 2`, file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != f.Votes {
				t.Errorf("%d votes, the files have %d", len(got), f.Votes)
			}
			return got
		}
		if diff := cmp.Diff(votes(layout.Current), votes(layout.Fixed)); diff != "" {
			t.Errorf("(-CSV +fixed width):\n%s", diff)
		}
	})
}

// TestUnknownElectionCodesAreRefusedByRow: what is not in the mapping is not guessed.
func TestUnknownElectionCodesAreRefusedByRow(t *testing.T) {
	s := onSQLite(t)
	f := write(t, newState(t, synth.Options{Layout: layout.MI, Generation: layout.Fixed, Voters: 300, Seed: 7}))
	file, err := s.Create(t.Context(), owner, File{Name: "MI", Layout: layout.MI,
		Mapping: `{"version": 1, "columns": [], "elections": [{"code": "20241105", "date": "2024-11-05"}]}`})
	if err != nil {
		t.Fatal(err)
	}
	got := loadAll(t, s, receive(t, s, file, synth.DefaultDate, f.uploads()...)).Counts
	if got.New != 300 || got.Votes == 0 || got.Refused == 0 || got.Votes+got.Refused != int64(f.Votes) {
		t.Errorf("%+v, the files have %d votes", got, f.Votes)
	}
	if _, err := s.Create(t.Context(), owner, File{Name: "bad", Layout: layout.MI, Mapping: `{"version": 1, "elections": [{"code": "1", "date": "yesterday"}]}`}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a code without a date: %v", err)
	}
}
