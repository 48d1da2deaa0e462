package contact

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

// run gives a test a site on each engine: people 1 to 5 in file 1 of organisation 1, person 6 in file 2 of organisation 2.
func run(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		err := d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, `INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'NC', 1), (2, 2, 'OH', 'oh', 'OH', 1)`); err != nil {
				return err
			}
			for id := range int64(6) {
				if err := insertPerson(ctx, tx, id+1, 1+id/5); err != nil {
					return err
				}
			}
			_, err := db.Exec(ctx, tx, `INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence) VALUES (1, '9195550101', 0, 'cell', 'file', 80)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, &Store{DB: d, Now: func() time.Time { return testNow }})
	})
}

func insertPerson(ctx context.Context, tx *db.Tx, id, file int64) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_person (person_id, voterfile_id, state_id, last_name, first_name, middle_name, suffix, last_key, first_key, birth_year,
		birth_date, sex, race, ethnicity, party, status, status_code, status_reason, registered_on, house, street, unit, address, city, region, zip, street_key,
		household_key, address_key, mailing, county, precinct, congress, state_senate, state_house, municipality, districts, confidential, minor, raw_import_id,
		raw_file, raw_offset, raw_length, raw_hash, import_id)
		VALUES (?, ?, ?, 'DOE', 'JANE', '', '', 'DOE', 'JANE', 1980, 0, 'F', '', '', '', 'active', 'A', '', 20000101, '1', 'ELM ST', '', '', '', 'NC', '', 'ELM',
		?, 0, '', '', '', '', '', '', '', '{}', 0, 0, 1, 0, 0, 0, 0, 1)`, id, file, strconv.FormatInt(id, 10), id)
	return err
}

func actor(t *testing.T, o org.ID) org.Actor {
	t.Helper()
	c, err := permit.NewCatalog(Permits, voterfile.Permits, org.Permits)
	if err != nil {
		t.Fatal(err)
	}
	return org.Operate(o, c.Expand(PermitRecord))
}

func record(t *testing.T, s *Store, attempts ...Attempt) error {
	t.Helper()
	a := actor(t, 1)
	return s.DB.Transact(a.Within(t.Context()), func(ctx context.Context, tx *db.Tx) error { return s.Record(ctx, tx, a, "hand", "", attempts) })
}

func rows(t *testing.T, s *Store, q string) []string {
	t.Helper()
	all, err := db.All[string](db.WithSite(t.Context()), s.DB, q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnAttemptSentTwiceIsKeptOnce(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		one := Attempt{ID: "a", Person: 1, Channel: person.ByDoor, Result: NotHome, At: testNow.Add(-time.Hour)}
		for range 2 {
			if err := record(t, s, one, Attempt{ID: "b", Person: 2, Channel: person.ByDoor, Result: Reached}, one); err != nil {
				t.Fatal(err)
			}
		}
		if err := record(t, s, Attempt{Person: 1, Channel: person.ByCall, Result: LeftMessage}); err != nil {
			t.Fatal(err)
		}
		past, err := s.History(t.Context(), actor(t, 1), 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range past {
			got = append(got, string(p.Channel)+" "+string(p.Result))
		}
		if diff := cmp.Diff([]string{"phone left_message", "door not_home"}, got); diff != "" {
			t.Error(diff)
		}
		if past, err := s.History(t.Context(), actor(t, 2), 1); err != nil || len(past) != 0 {
			t.Errorf("another organisation sees %v %v", past, err)
		}
	})
}

func TestResultsSayMoreThanHowItWent(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		err := record(t, s,
			Attempt{Person: 1, Channel: person.ByCall, Result: WrongNumber, Number: "9195550101"},
			Attempt{Person: 2, Channel: person.ByDoor, Result: DoNotCall}, Attempt{Person: 2, Channel: person.ByDoor, Result: DoNotCall},
			Attempt{Person: 3, Channel: person.ByDoor, Result: Deceased})
		if err != nil {
			t.Fatal(err)
		}
		got := rows(t, s, `SELECT person_id || ' ' || channel FROM field_suppression WHERE org_id = 1 ORDER BY person_id, channel`)
		if diff := cmp.Diff([]string{"2 phone", "3 door", "3 email", "3 mail", "3 phone", "3 text"}, got); diff != "" {
			t.Error(diff)
		}
		got = rows(t, s, `SELECT org_id || ' ' || wrong_at FROM field_phone ORDER BY org_id`)
		if diff := cmp.Diff([]string{"0 0", "1 " + strconv.FormatInt(testNow.UnixMilli(), 10)}, got); diff != "" {
			t.Error(diff)
		}
		got = rows(t, s, `SELECT DISTINCT what FROM field_change ORDER BY what`)
		if diff := cmp.Diff([]string{"contact", "phone", "suppression"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRecordRefuses(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		good := Attempt{Person: 1, Channel: person.ByDoor, Result: Reached}
		for name, c := range map[string]struct {
			bad  Attempt
			kind fault.Kind
		}{
			"an unknown result":         {Attempt{Person: 1, Channel: person.ByDoor, Result: "fine"}, fault.Invalid},
			"busy at a door":            {Attempt{Person: 1, Channel: person.ByDoor, Result: Busy}, fault.Invalid},
			"the day after tomorrow":    {Attempt{Person: 1, Channel: person.ByDoor, Result: Reached, At: testNow.AddDate(0, 0, 2)}, fault.Invalid},
			"a person of another table": {Attempt{Person: 6, Channel: person.ByDoor, Result: Reached}, fault.NotFound},
		} {
			if err := record(t, s, good, c.bad); fault.KindOf(err) != c.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(rows(t, s, `SELECT contact_id FROM field_contact`)); n != 0 {
			t.Errorf("%d attempts of refused batches were kept", n)
		}
	})
}

func TestEveryResultHasAMeaning(t *testing.T) {
	seen := map[string]Result{}
	for _, m := range Meanings() {
		if m.Name == "" || len(m.Channels) == 0 {
			t.Errorf("%s has no name or no channel", m.Result)
		}
		if was, twice := seen[m.Name]; twice {
			t.Errorf("%s and %s have one name", was, m.Result)
		}
		seen[m.Name] = m.Result
	}
}

func TestAnAttemptCanBeTakenBack(t *testing.T) {
	run(t, func(t *testing.T, s *Store) {
		if err := record(t, s, Attempt{ID: "a", Person: 1, Channel: person.ByDoor, Result: NotHome}, Attempt{ID: "b", Person: 1, Channel: person.ByDoor, Result: DoNotKnock}); err != nil {
			t.Fatal(err)
		}
		withdraw := func(o org.ID, taken ...Taken) {
			t.Helper()
			a := actor(t, o)
			if err := s.DB.Transact(a.Within(t.Context()), func(ctx context.Context, tx *db.Tx) error { return s.Withdraw(ctx, tx, a, FromDoor, taken) }); err != nil {
				t.Fatal(err)
			}
		}
		withdraw(2, Taken{"a", 1})
		withdraw(1, Taken{"b", 1}, Taken{"a", 2})
		withdraw(1, Taken{"b", 1})
		if diff := cmp.Diff([]string{"a"}, rows(t, s, `SELECT contact_id FROM field_contact`)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"door"}, rows(t, s, `SELECT channel FROM field_suppression`)); diff != "" {
			t.Error("a wish goes with the attempt that brought it: " + diff)
		}
		if diff := cmp.Diff([]string{"1"}, rows(t, s, `SELECT CAST(COUNT(*) AS TEXT) FROM ledger_entry WHERE kind = 'field.contact.withdraw'`)); diff != "" {
			t.Error(diff)
		}
	})
}

// The numbers are on paper and in other programs: two results with one number, or one that comes back as another, would be recorded wrongly.
func TestNumbersOfOtherProgramsComeBack(t *testing.T) {
	seen := map[int64]Result{}
	for _, m := range Meanings() {
		n := m.Result.Standard()
		if n.Number == 0 || n.Name == "" || seen[n.Number] != "" {
			t.Errorf("%s is number %d, as is %q", m.Result, n.Number, seen[n.Number])
		}
		seen[n.Number] = m.Result
		if got, ok := ResultOf(n.Number); !ok || got != m.Result {
			t.Errorf("number %d is %q, want %q", n.Number, got, m.Result)
		}
	}
	for n, want := range map[int64]Result{1: NotHome, 14: Reached, 17: CallBack, 23: DoNotKnock, 205: Reached} {
		if got, _ := ResultOf(n); got != want {
			t.Errorf("VAN's %d is %q, want %q", n, got, want)
		}
	}
	if r, ok := ResultOf(10); ok {
		t.Errorf("vacant is recorded as %q", r)
	}
	for _, c := range []person.Channel{person.ByDoor, person.ByCall, person.ByText} {
		s, ok := ContactType(c)
		if got, known := ChannelOf(s.Number); !ok || !known || got != c {
			t.Errorf("%s is contact type %d, which is %q", c, s.Number, got)
		}
	}
	for _, source := range []string{FromHand, FromFile, FromDoor, FromPhone, FromText, FromPaper, FromScan} {
		if s, ok := InputType(source); !ok || s.Number == 0 {
			t.Errorf("%s has no input type", source)
		}
	}
}
