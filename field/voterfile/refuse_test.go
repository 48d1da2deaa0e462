package voterfile

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

// onSQLite is for what happens before the database.
func onSQLite(t *testing.T) *Store {
	t.Helper()
	return newStore(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
}

func carolina(t *testing.T, voters int) (state *synth.State, f files, people, history string) {
	t.Helper()
	state = newState(t, synth.Options{Layout: layout.NC, Voters: voters, Seed: 3})
	f = write(t, state)
	for _, one := range f.Files {
		switch one.Kind {
		case "voters":
			people = string(f.content[one.Name])
		case "history":
			history = string(f.content[one.Name])
		}
	}
	return state, f, people, history
}

func voters(name, text string) Upload {
	return Upload{Name: name, Kind: layout.Voters, R: strings.NewReader(text)}
}

func votes(name, text string) Upload {
	return Upload{Name: name, Kind: layout.History, R: strings.NewReader(text)}
}

func TestFilesThatAreNotWhatTheyWereSaidToBeAreRefusedWhole(t *testing.T) {
	_, _, people, history := carolina(t, 300)
	ohio := write(t, newState(t, synth.Options{Layout: layout.OH, Voters: 300, Seed: 3}))
	rows := strings.SplitAfter(people, "\n")
	shifted := rows[0]
	for _, r := range rows[1:] {
		shifted += "\t" + r
	}
	for _, c := range []struct {
		name    string
		uploads []Upload
		say     string // a part of the sentence
	}{
		{"another state's file", []Upload{voters("ohio.csv", string(ohio.content[ohio.Files[0].Name]))}, "expected"},
		{"votes given as voters", []Upload{voters("h.txt", history)}, "expected"},
		{"voters given as votes", []Upload{voters("v.txt", people), votes("h.txt", people)}, "expected"},
		{"shifted columns", []Upload{voters("v.txt", shifted)}, "v.txt"},
		{"NUL bytes", []Upload{voters("v.txt", rows[0]+rows[1]+strings.Repeat("\x00", 5000))}, "v.txt"},
		{"a picture", []Upload{voters("v.txt", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")}, "v.txt"},
		{"a line without end", []Upload{voters("v.txt", people+strings.Repeat("x", layout.MaxLine+100))}, "v.txt"},
		{"a quote that is never closed", []Upload{voters("v.txt", people+"\"1\"\t\"ALAMANCE")}, "v.txt"},
		{"only a header", []Upload{voters("v.txt", rows[0])}, "v"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := onSQLite(t)
			id := receive(t, s, create(t, s, layout.NC), 20261003, c.uploads...)
			_, err := s.Rehearse(t.Context(), owner, id, nil)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.say) {
				t.Fatalf("got %v, want an Invalid fault that says %q", err, c.say)
			}
			imp, err := s.Status(t.Context(), owner, id)
			if err != nil || imp.State != StateRefused || imp.Message == "" {
				t.Errorf("the import is %s with message %q, %v", imp.State, imp.Message, err)
			}
			if _, err := s.Load(t.Context(), owner, id, LoadOptions{AllowLargeChange: true}, nil); fault.KindOf(err) != fault.Conflict {
				t.Errorf("a refused import was loaded: %v", err)
			}
			if n, _ := db.One[int64](db.WithSite(t.Context()), s.DB, `SELECT COUNT(*) FROM field_person`); n != 0 {
				t.Errorf("%d people are here", n)
			}
		})
	}
}

func TestReceiveRefuses(t *testing.T) {
	bomb := archive(t, "v.txt", strings.Repeat("0", 50<<20))
	good := archive(t, "v.txt", "county_id\n")
	for _, c := range []struct {
		name    string
		uploads []Upload
	}{
		{"no file", nil},
		{"only votes", []Upload{votes("h.txt", "x")}},
		{"an empty file", []Upload{voters("v.txt", "")}},
		{"a zip bomb", []Upload{voters("v.zip", bomb)}},
		{"half an archive", []Upload{voters("v.zip", good[:len(good)-30])}},
		{"an archive with a damaged file", []Upload{voters("v.zip", strings.Replace(archiveStored(t, "v.txt", "county_id\n"), "county_id\n", "county_xx\n", 1))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := onSQLite(t)
			_, err := s.Receive(t.Context(), owner, create(t, s, layout.NC), c.uploads, 20261003)
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want an Invalid fault", err)
			}
			if left, _ := os.ReadDir(s.Temp); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func archive(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func archiveStored(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZippedFilesAreReadAsTheyAre(t *testing.T) {
	s := onSQLite(t)
	_, f, people, history := carolina(t, 300)
	r := loadAll(t, s, receive(t, s, create(t, s, layout.NC), 20261003, voters("v.zip", archive(t, "ncvoter.txt", people)), votes("h.zip", archive(t, "ncvhis.txt", history))))
	if r.Counts.New != int64(f.Voters) || r.Counts.Votes != int64(f.Votes) {
		t.Errorf("got %+v, want %d voters and %d votes", r.Counts, f.Voters, f.Votes)
	}
}

func TestBrokenRowsAreListedAndLeftOut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := write(t, newState(t, synth.Options{Layout: layout.NC, Voters: 1000, Seed: 9, Dirty: true}))
		id := receive(t, s, create(t, s, layout.NC), 20261003, f.uploads()...)
		r := loadAll(t, s, id)
		if r.Counts.Refused != int64(len(f.Refused)) || r.Counts.New != int64(f.Voters) {
			t.Errorf("refused %d and loaded %d, want %d and %d", r.Counts.Refused, r.Counts.New, len(f.Refused), f.Voters)
		}
		var b bytes.Buffer
		if err := s.Refusals(t.Context(), owner, id, &b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range f.Refused {
			if !slices.ContainsFunc(rows, func(r []string) bool { return r[0] == want.File && r[1] == fmt.Sprint(want.Line) && r[4] == "row" }) {
				t.Errorf("%s line %d (%s) is not among the refusals", want.File, want.Line, want.Why)
			}
		}
	})
}

func TestRefusalsCannotBeFormulas(t *testing.T) {
	s := onSQLite(t)
	_, _, people, _ := carolina(t, 300)
	rows := strings.SplitAfter(people, "\n")
	header := strings.Split(strings.TrimSpace(rows[0]), "\t")
	at := slices.IndexFunc(header, func(h string) bool { return strings.Trim(h, `"`) == "ncid" })
	cells := strings.Split(rows[5], "\t")
	cells[at] = `"=HYPERLINK(1)"`
	rows[5] = strings.Join(cells, "\t")
	id := receive(t, s, create(t, s, layout.NC), 20261003, voters("v.txt", strings.Join(rows, "")))
	if _, err := s.Rehearse(t.Context(), owner, id, nil); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Refusals(t.Context(), owner, id, &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"'=HYPERLINK(1)"`) || strings.Contains(b.String(), `,"=`) {
		t.Errorf("a cell is a formula:\n%s", b.String())
	}
}

func TestRenamedColumnIsReported(t *testing.T) {
	s := onSQLite(t)
	_, _, people, _ := carolina(t, 300)
	file := create(t, s, layout.NC)
	loadAll(t, s, receive(t, s, file, 20261003, voters("v.txt", people)))
	again := strings.Replace(people, "drivers_lic", "driver_lic", 1)
	r := loadAll(t, s, receive(t, s, file, 20261103, voters("v.txt", again)))
	if len(r.Drift) != 1 || !strings.Contains(r.Drift[0].String(), "driver_lic") {
		t.Errorf("got %v, want one sentence about driver_lic", r.Drift)
	}
	if r.Counts.Unchanged != r.Counts.Read {
		t.Errorf("a new name of a column changed people: %+v", r.Counts)
	}
}

func TestLargeChangeStopsUntilAllowed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		_, f, people, _ := carolina(t, 1500)
		file := create(t, s, layout.NC)
		loadAll(t, s, receive(t, s, file, 20261003, voters("v.txt", people)))
		rows := strings.SplitAfter(people, "\n")
		id := receive(t, s, file, 20261103, voters("v.txt", strings.Join(rows[:len(rows)/2], "")))
		r, err := s.Rehearse(t.Context(), owner, id, nil)
		if err != nil || len(r.Stops) == 0 {
			t.Fatalf("half a file has no stops: %+v, %v", r.Counts, err)
		}
		_, err = s.Load(t.Context(), owner, id, LoadOptions{}, nil)
		if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "missing from the files") {
			t.Fatalf("got %v, want a Conflict that says what", err)
		}
		if n, _ := db.One[int64](db.WithSite(t.Context()), s.DB, `SELECT COUNT(*) FROM field_person WHERE dropped_on > 0`); n != 0 {
			t.Fatalf("%d people were dropped all the same", n)
		}
		if _, err := s.Load(t.Context(), owner, id, LoadOptions{AllowLargeChange: true}, nil); err != nil {
			t.Fatal(err)
		}
		got, err := db.One[int64](db.WithSite(t.Context()), s.DB, `SELECT COUNT(*) FROM field_person WHERE dropped_on = 20261103`)
		if want := int64(f.Voters - (len(rows)/2 - 1)); err != nil || got != want {
			t.Errorf("%d people dropped, want %d, %v", got, want, err)
		}
		back := loadAll(t, s, receive(t, s, file, 20261203, voters("v.txt", people)))
		if back.Counts.Returned != got {
			t.Errorf("%d people are back, want %d", back.Counts.Returned, got)
		}
	})
}
