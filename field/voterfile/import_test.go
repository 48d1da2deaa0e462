package voterfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
)

func TestImportOfEveryLayoutTwiceChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for _, id := range []layout.ID{layout.NC, layout.OH, layout.FL, layout.MI, layout.WA} {
			t.Run(string(id), func(t *testing.T) {
				f := write(t, newState(t, synth.Options{Layout: id, Voters: 1500, Seed: 7}))
				file, err := s.Create(t.Context(), owner, File{Name: string(id), Layout: id})
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
