package voterfile

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
)

func TestStoppedLoadGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.chunk = 50
		f := write(t, newState(t, synth.Options{Layout: layout.NC, Voters: 1000, Seed: 2}))
		file := create(t, s, layout.NC)
		id := receive(t, s, file, 20261003, f.uploads()...)
		if _, err := s.Rehearse(t.Context(), owner, id, nil); err != nil {
			t.Fatal(err)
		}
		stop := func(stage string, done, _ int64) {
			if stage == StageLoad && done == 200 {
				if err := s.Stop(t.Context(), owner, id); err != nil {
					t.Error(err)
				}
			}
		}
		if _, err := s.Load(t.Context(), owner, id, LoadOptions{}, stop); !errors.Is(err, ErrStopped) {
			t.Fatalf("got %v, want ErrStopped", err)
		}
		imp, err := s.Status(t.Context(), owner, id)
		if err != nil || imp.State != StateStopped || imp.Done != 200 {
			t.Fatalf("the import is %s at %d, %v", imp.State, imp.Done, err)
		}
		other := receive(t, s, file, 20261003, f.uploads()...)
		if _, err := s.Rehearse(t.Context(), owner, other, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), owner, other, LoadOptions{AllowLargeChange: true}, nil); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another import was loaded over an unfinished one: %v", err)
		}
		if err := os.RemoveAll(s.folder(id)); err != nil { // somebody tidied up
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), owner, id, LoadOptions{}, nil); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One[int64](db.WithSite(t.Context()), s.DB, `SELECT COUNT(*) FROM field_person`); err != nil || n != int64(f.Voters) {
			t.Errorf("%d people, want %d, %v", n, f.Voters, err)
		}
		if _, err := s.Load(t.Context(), owner, other, LoadOptions{AllowLargeChange: true}, nil); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a rehearsal of what was here before was loaded: %v", err)
		}
	})
}

func TestOneRunHoldsAnImport(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		_, _, people, _ := carolina(t, 200)
		id := receive(t, s, create(t, s, layout.NC), 20261003, voters("v.txt", people))
		held, err := s.claim(db.WithSite(t.Context()), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Rehearse(t.Context(), owner, id, nil); fault.KindOf(err) != fault.Busy {
			t.Errorf("got %v, want Busy", err)
		}
		// The holder is on another machine and has said nothing for long: it is thought dead, and finds out.
		execute(t, s.DB, `UPDATE field_voterfile_import SET run_host = 'elsewhere', run_seen_at = ? WHERE id = ?`, time.Now().Add(-2*aliveFor), id)
		if _, err := s.claim(db.WithSite(t.Context()), id); err != nil {
			t.Fatal(err)
		}
		err = s.DB.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error { return s.moveCursor(ctx, tx, held, "A", 1, 1, 1) })
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("a run that lost its hold went on: %v", err)
		}
	})
}

func execute(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	if err := d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		_, _, people, _ := carolina(t, 200)
		file := create(t, s, layout.NC)
		id := receive(t, s, file, 20261003, voters("v.txt", people))
		loadAll(t, s, id)
		person, err := db.One[int64](ctx, s.DB, `SELECT MIN(person_id) FROM field_person WHERE confidential = 0`)
		if err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Hour)
		acts := map[string]func(a org.Actor) error{
			"File": func(a org.Actor) error { _, err := s.File(ctx, a, file); return err },
			"Receive": func(a org.Actor) error {
				_, err := s.Receive(ctx, a, file, []Upload{voters("v", people)}, 1)
				return err
			},
			"Rehearse":    func(a org.Actor) error { _, err := s.Rehearse(ctx, a, id, nil); return err },
			"Load":        func(a org.Actor) error { _, err := s.Load(ctx, a, id, LoadOptions{}, nil); return err },
			"Status":      func(a org.Actor) error { _, err := s.Status(ctx, a, id); return err },
			"Imports":     func(a org.Actor) error { _, err := s.Imports(ctx, a, file); return err },
			"Refusals":    func(a org.Actor) error { return s.Refusals(ctx, a, id, io.Discard) },
			"Stop":        func(a org.Actor) error { return s.Stop(ctx, a, id) },
			"Share":       func(a org.Actor) error { return s.Share(ctx, a, file, 3, "", later) },
			"Unshare":     func(a org.Actor) error { return s.Unshare(ctx, a, file, 3) },
			"Grants":      func(a org.Actor) error { _, err := s.Grants(ctx, a, file); return err },
			"SetMapping":  func(a org.Actor) error { return s.SetMapping(ctx, a, file, "") },
			"RawRow":      func(a org.Actor) error { _, err := s.RawRow(ctx, a, person); return err },
			"RefusalList": func(a org.Actor) error { _, err := s.RefusalList(ctx, a, id, 0, 1); return err },
		}
		for name, act := range acts {
			if err := act(stranger); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s by a stranger: got %v, want NotFound", name, err)
			}
			if err := act(nobody); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s without permit: got %v, want Denied", name, err)
			}
		}
		seen := func() []FileID {
			all, err := Visible(stranger.Within(ctx), s.DB, stranger, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if got := seen(); got != nil {
			t.Errorf("a stranger sees %v", got)
		}
		if err := s.Share(ctx, owner, file, stranger.Org(), "get out the vote", later); err != nil {
			t.Fatal(err)
		}
		if got := seen(); !cmp.Equal(got, []FileID{file}) {
			t.Errorf("a partner sees %v", got)
		}
		if err := s.Unshare(ctx, owner, file, stranger.Org()); err != nil {
			t.Fatal(err)
		}
		if got := seen(); got != nil {
			t.Errorf("after the sharing ended the partner sees %v", got)
		}
	})
}

func TestConfidentialVotersLoseWhatWasKnown(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		v := layout.Voter{StateID: "AA12345", CountyCode: "92", County: "WAKE", Last: "SMITH", First: "ANA", Status: layout.Active, StatusCode: "A", Reason: "VERIFIED",
			ReasonCode: "AV", Party: "UNA", Sex: 'F', BirthYear: 1980, Registered: 20100101, Phones: []layout.Phone{{Number: "9195550101"}},
			Residence: layout.Address{Line: "12 MAIN ST", City: "RALEIGH", State: "NC", ZIP5: "27601"}}
		file := create(t, s, layout.NC)
		in := func(day layout.Date) ImportID {
			b := inLayout(t, layout.Voters, func(w *layout.Writer) error { return w.WriteVoter(&v) })
			id := receive(t, s, file, day, voters("v.txt", string(b)))
			loadAll(t, s, id)
			return id
		}
		in(20261003)
		raw, err := s.RawRow(ctx, owner, 1)
		if err != nil || !strings.Contains(raw.Text, "12 MAIN ST") || len(raw.Header) < 60 {
			t.Fatalf("the raw row is %q, %v", raw.Text, err)
		}
		v.Confidential = true // a careless state leaves the address in
		in(20261103)
		type left struct {
			House     string `db:"house"`
			Street    string `db:"street"`
			Address   string `db:"address"`
			City      string `db:"city"`
			ZIP       string `db:"zip"`
			Mailing   string `db:"mailing"`
			StreetKey string `db:"street_key"`
			Household int64  `db:"household_key"`
			Key       int64  `db:"address_key"`
			Hidden    bool   `db:"confidential"`
		}
		got, err := db.One[left](db.WithSite(ctx), s.DB, `SELECT house, street, address, city, zip, mailing, street_key, household_key, address_key, confidential FROM field_person`)
		if err != nil || got != (left{Hidden: true}) {
			t.Errorf("still here: %+v, %v", got, err)
		}
		if n, err := db.One[int64](db.WithSite(ctx), s.DB, `SELECT COUNT(*) FROM field_phone`); err != nil || n != 0 {
			t.Errorf("%d phones are still here, %v", n, err)
		}
		if _, err := s.RawRow(ctx, owner, 1); fault.KindOf(err) != fault.Denied {
			t.Errorf("the raw row of a confidential voter: got %v, want Denied", err)
		}
	})
}

func TestIndexesAreThoseOfTheSchema(t *testing.T) {
	var schema []byte
	for _, name := range []string{"0001_voter_file.sql", "0006_corrections.sql"} {
		b, err := os.ReadFile("../schema/" + name)
		if err != nil {
			t.Fatal(err)
		}
		schema = append(schema, b...)
	}
	for _, create := range indexes {
		if want := strings.Replace(create, "IF NOT EXISTS ", "", 1) + ";"; !strings.Contains(string(schema), want) {
			t.Errorf("the schema has no %s", want)
		}
	}
}
