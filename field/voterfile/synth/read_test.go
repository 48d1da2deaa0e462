package synth

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

// readVoters reads all voter files of a state with the layout's own reader, refusing nothing silently.
func readVoters(t *testing.T, o Options, f files, m Manifest, each func(file string, v *layout.Voter)) {
	t.Helper()
	for _, file := range m.Files {
		if file.Kind != "voters" || file.Rows < 20 { // a handful of rows is too few to be recognised
			continue
		}
		in, err := layout.Open(o.Layout, layout.Voters, bytes.NewReader(f[file.Name].Bytes()), nil)
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		var v layout.Voter
		for {
			err := in.ReadVoter(&v)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file.Name, err)
			}
			each(file.Name, &v)
		}
		if notes := in.Notes(); len(notes) > 0 && o.Layout != layout.WA {
			t.Errorf("%s: the reader notes %v", file.Name, notes[0])
		}
	}
}

// Every state reads back through the layout's own reader: unique ids, the manifest's counts, votes after registration.
func TestReadBack(t *testing.T) {
	for _, o := range forms {
		o.Voters, o.Seed = 6000, 11
		t.Run(o.name(), func(t *testing.T) {
			s, f, m := make1(t, o)
			registered := map[string]layout.Date{}
			statuses := map[string]int{}
			hidden, skipped, inline := 0, 0, 0
			for _, file := range m.Files {
				if file.Kind == "voters" && file.Rows < 20 {
					skipped += file.Rows
				}
			}
			readVoters(t, o, f, m, func(file string, v *layout.Voter) {
				if _, twice := registered[v.StateID]; twice {
					t.Fatalf("id %s twice", v.StateID)
				}
				registered[v.StateID] = v.Registered
				statuses[v.Status.String()]++
				if v.Confidential {
					hidden++
					if v.Residence.Line != "" || v.Mailing.Lines[0] != "" || len(v.Phones) > 0 || len(v.Emails) > 0 {
						t.Errorf("confidential %s shows where they live: %+v", v.StateID, v.Residence)
					}
				}
				if v.Precinct == "" || v.County == "" || len(v.Districts) < 2 {
					t.Errorf("%s has no precinct, county or districts", v.StateID)
				}
				for _, x := range v.Votes {
					inline++
					if x.Date <= v.Registered {
						t.Errorf("%s votes on %s, registered %s", v.StateID, x.Date, v.Registered)
					}
				}
			})
			if len(registered)+skipped != o.Voters {
				t.Errorf("%d voters read, %d in files too small, want %d", len(registered), skipped, o.Voters)
			}
			if skipped == 0 {
				for k, n := range m.Statuses {
					if statuses[k] != n {
						t.Errorf("status %s: %d read, manifest says %d", k, statuses[k], n)
					}
				}
			}
			if o.Layout == layout.OH {
				if inline != m.Votes {
					t.Errorf("%d votes read, manifest says %d", inline, m.Votes)
				}
				return
			}
			readVotes(t, o, s, f, m, registered)
		})
	}
}

func readVotes(t *testing.T, o Options, s *State, f files, m Manifest, registered map[string]layout.Date) {
	calendar := map[layout.Date]Election{}
	for _, e := range s.Elections() {
		calendar[e.Date] = e
	}
	var mapping *layout.Mapping // Michigan's fixed-width history names elections by codes
	if text, ok := f["mapping.json"]; ok {
		var err error
		if mapping, err = layout.DecodeMappingFor(o.Layout, text.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	votes, all := 0, 0
	for _, file := range m.Files {
		if file.Kind != "history" {
			continue
		}
		all += file.Rows
		if file.Rows < 20 {
			continue
		}
		in, err := layout.Open(o.Layout, layout.History, bytes.NewReader(f[file.Name].Bytes()), mapping)
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		var x layout.Vote
		for {
			err := in.ReadVote(&x)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file.Name, err)
			}
			votes++
			e, known := calendar[x.Date]
			if !known {
				t.Fatalf("%s: a vote on %s, when there was no election", file.Name, x.Date)
			}
			if x.Type != e.Type && (o.Layout == layout.FL || o.Layout == layout.NC && e.Type != layout.Special) {
				t.Errorf("%s is read as %s, it was %s", x.Name, x.Type, e.Type)
			}
			if r, ok := registered[x.StateID]; ok && x.Date <= r {
				t.Errorf("%s votes on %s, registered %s", x.StateID, x.Date, r)
			}
		}
	}
	if all != m.Votes || votes > all || votes < all*9/10 {
		t.Errorf("%d votes read of %d, manifest says %d", votes, all, m.Votes)
	}
}

func TestDirtyRowsAreWhereTheManifestSays(t *testing.T) {
	o := Options{Layout: layout.NC, Voters: 20_000, Seed: 5, Dirty: true}
	_, f, m := make1(t, o)
	if len(m.Refused) < 20 || m.Voters != o.Voters {
		t.Fatalf("%d broken rows, %d good", len(m.Refused), m.Voters)
	}
	lines := strings.Split(f["ncvoter_Statewide.txt"].String(), "\r\n")
	kinds := map[string]int{}
	for _, r := range m.Refused {
		kinds[r.Why]++
		cells := strings.Split(lines[r.Line-1], "\t")
		before := strings.Split(lines[r.Line-2], "\t")
		id := ""
		if len(cells) > 3 {
			id = strings.Trim(cells[3], `"`)
		}
		switch r.Why {
		case "duplicate_id":
			if cells[3] != before[3] {
				t.Errorf("line %d: id %s, before it %s", r.Line, cells[3], before[3])
			}
		case "short_row":
			if len(cells) != 2 {
				t.Errorf("line %d has %d cells", r.Line, len(cells))
			}
		case "no_id":
			if id != "" {
				t.Errorf("line %d has the id %s", r.Line, id)
			}
		case "bad_id":
			if id[0] != '?' {
				t.Errorf("line %d has the id %s", r.Line, id)
			}
		}
	}
	if len(kinds) != len(spoils) {
		t.Errorf("kinds %v", kinds)
	}
}

// The layout's reader refuses the broken rows, except repeated ids, which only an importer can see.
func TestDirtyRowsAreRefused(t *testing.T) {
	o := Options{Layout: layout.NC, Voters: 20_000, Seed: 5, Dirty: true}
	_, f, m := make1(t, o)
	want, got := map[int64]bool{}, map[int64]bool{}
	for _, r := range m.Refused {
		if r.Why != "duplicate_id" {
			want[int64(r.Line)] = true
		}
	}
	in, err := layout.Open(o.Layout, layout.Voters, bytes.NewReader(f["ncvoter_Statewide.txt"].Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	var v layout.Voter
	for {
		err := in.ReadVoter(&v)
		var bad *layout.RowError
		if errors.As(err, &bad) {
			got[bad.Line] = true
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Names outside ASCII are written in Latin-1, one byte a letter.
func TestLettersOutsideASCII(t *testing.T) {
	_, f, _ := make1(t, Options{Layout: layout.FL, Voters: 20_000, Seed: 2})
	found := map[byte]bool{}
	for name, b := range f {
		if !strings.HasSuffix(name, ".txt") {
			continue
		}
		for _, c := range b.Bytes() {
			if c >= 0x80 {
				found[c] = true
			}
		}
	}
	for _, c := range []byte{0xd1, 0xc1} { // Ñ Á
		if !found[c] {
			t.Errorf("no byte %x in the files", c)
		}
	}
	if found[0xc3] && len(found) < 4 {
		t.Error("the file looks like UTF-8")
	}
}
