package sheet

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/export"
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

const sheetID = "0123456789abcdef0123456789abcdef"

// world has people 1 to 4 in a voter file of organisation 1, of whom 4 is protected, and 9 in one that only organisation 2 may see.
type world struct {
	*Store
	question, code codebook.Definition
}

func run(t *testing.T, f func(t *testing.T, w world)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		must(t, d.Transact(db.WithSite(t.Context()), fill))
		now := func() time.Time { return testNow }
		book := &codebook.Store{DB: d, Now: now}
		w := world{Store: New(Config{DB: d, Codebook: book, Contacts: &contact.Store{DB: d, Now: now}, Now: now})}
		for _, x := range []struct {
			to *codebook.Definition
			d  codebook.Definition
		}{
			{&w.question, codebook.Definition{Kind: codebook.Question, Name: "Support", Parts: []codebook.Part{{Name: "Yes"}, {Name: "No"}}}},
			{&w.code, codebook.Definition{Kind: codebook.Code, Name: "Yard sign"}},
		} {
			id, err := book.Define(t.Context(), actor(t, 1), x.d)
			must(t, err)
			*x.to, err = book.Definition(t.Context(), actor(t, 1), x.d.Kind, id)
			must(t, err)
		}
		f(t, w)
	})
}

func fill(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`INSERT INTO org (id, name, kind, created_at) VALUES (1, 'Halden Voter Table', 'table', 1), (2, 'Lakeshore Neighbors', 'partner', 1)`,
		`INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'North Carolina', 1), (2, 2, 'OH', 'oh', 'Ohio', 1)`,
	} {
		if _, err := db.Exec(ctx, tx, q); err != nil {
			return err
		}
	}
	for _, p := range []struct{ id, file, confidential int }{{1, 1, 0}, {2, 1, 0}, {3, 1, 0}, {4, 1, 1}, {9, 2, 0}} {
		_, err := db.Exec(ctx, tx, `INSERT INTO field_person (person_id, voterfile_id, state_id, last_name, first_name, middle_name, suffix, last_key, first_key, birth_year,
			birth_date, sex, race, ethnicity, party, status, status_code, status_reason, registered_on, house, street, unit, address, city, region, zip, street_key,
			household_key, address_key, mailing, county, precinct, congress, state_senate, state_house, municipality, districts, confidential, minor, raw_import_id,
			raw_file, raw_offset, raw_length, raw_hash, import_id)
			VALUES (?, ?, ?, 'AGUILAR', 'ROSA', '', 'JR', 'AGUILAR', 'ROSA', 1980, 0, 'F', '', '', '', 'active', 'A', '', 20000101, '1', 'ELM ST', 'APT 3', '', '', 'NC', '',
			'ELM', 1, 0, '', '', '', '', '', '', '', '{}', ?, 0, 1, 0, 0, 0, 0, 1)`, p.id, p.file, strconv.Itoa(p.id), p.confidential)
		if err != nil {
			return err
		}
	}
	return nil
}

func actor(t testing.TB, o org.ID, ps ...permit.Permit) org.Actor {
	t.Helper()
	c, err := permit.NewCatalog(codebook.Permits, contact.Permits, person.Permits, voterfile.Permits, org.Permits)
	must(t, err)
	if len(ps) == 0 {
		ps = []permit.Permit{codebook.PermitShare, codebook.PermitRecord, contact.PermitRecord, person.PermitLook}
	}
	return org.Operate(o, c.Expand(ps...))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// digits are what the scanner types.
func (w world) yes(who int64) string {
	return export.Scan{Kind: export.ScanResponse, Object: int64(w.question.Parts[0].ID), Person: who}.String()
}

func (w world) no(who int64) string {
	return export.Scan{Kind: export.ScanResponse, Object: int64(w.question.Parts[1].ID), Person: who}.String()
}

func (w world) sign(who int64) string {
	return export.Scan{Kind: export.ScanCode, Object: int64(w.code.ID), Person: who}.String()
}

func notHome(who int64) string {
	return export.Scan{Kind: export.ScanResult, Object: 1, Person: who}.String()
}

func byDoor(codes ...string) Sheet { return Sheet{ID: sheetID, Channel: person.ByDoor, Codes: codes} }

func TestRead(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		wrongNumber := export.Scan{Kind: export.ScanResult, Object: 20, Person: 1}.String()
		gone := export.Scan{Kind: export.ScanCode, Object: 99, Person: 1}.String()
		lines, err := w.Read(t.Context(), actor(t, 1), byDoor(w.yes(1), notHome(2), w.sign(1), "123", wrongNumber, gone, notHome(4), notHome(9), w.no(1)), w.yes(1))
		must(t, err)
		var got []string
		for _, l := range lines {
			s := strings.TrimSpace(l.Name + ", " + l.Address + ", " + l.Asked + ", " + l.What)
			if l.Replaced {
				s += ", replaced"
			}
			if l.Refused != nil {
				s = l.Refused.Error()
			}
			got = append(got, s)
		}
		want := []string{
			"Rosa Aguilar Jr, 1 Elm St Apt 3, Support, Yes, replaced", "Rosa Aguilar Jr, 1 Elm St Apt 3, , Not home", "Rosa Aguilar Jr, 1 Elm St Apt 3, , Yard sign",
			"“123” is no code of a walk list or call sheet. Scan it again.", "This cannot be the result of a visit. Is it a call sheet?",
			"What this code records is gone, or no longer shared with your organization.",
			"This person is not in a voter file that your organization may see, or the address is protected.",
			"This person is not in a voter file that your organization may see, or the address is protected.",
			"Rosa Aguilar Jr, 1 Elm St Apt 3, Support, No",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		looks, err := db.All[string](db.WithSite(t.Context()), w.c.DB, `SELECT data FROM ledger_entry WHERE kind = 'field.sheet.look'`)
		must(t, err)
		if len(looks) != 1 || !strings.Contains(looks[0], `"people":[1]`) {
			t.Errorf("recorded about the look: %v", looks)
		}
	})
}

func (w world) count(t *testing.T, q string) int64 {
	t.Helper()
	n, err := db.One[int64](db.WithSite(t.Context()), w.c.DB, q)
	must(t, err)
	return n
}

func TestRecordOnceHoweverOftenItIsSent(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		sh := byDoor(w.yes(1), notHome(2), w.sign(3), w.no(1), "123")
		sh.Day = testNow.AddDate(0, 0, -3).Truncate(24 * time.Hour)
		for range 2 {
			n, err := w.Record(t.Context(), actor(t, 1), sh)
			must(t, err)
			if n != 3 {
				t.Errorf("recorded %d", n)
			}
		}
		for q, want := range map[string]int64{
			`SELECT COUNT(*) FROM field_contact`:                                              3,
			`SELECT COUNT(*) FROM field_contact WHERE result = 'reached' AND source = 'scan'`: 2,
			`SELECT COUNT(*) FROM field_contact WHERE person_id = 2 AND result = 'not_home'`:  1,
			`SELECT COUNT(*) FROM field_answer`:                                               1,
			`SELECT COUNT(*) FROM field_person_code WHERE person_id = 3`:                      1,
		} {
			if got := w.count(t, q); got != want {
				t.Errorf("%s: %d, want %d", q, got, want)
			}
		}
		at, err := db.One[time.Time](db.WithSite(t.Context()), w.c.DB, `SELECT tried_at FROM field_contact WHERE person_id = 1`)
		must(t, err)
		if want := time.Date(2027, 10, 6, 12, 0, 0, 0, time.UTC); !at.Equal(want) {
			t.Errorf("kept as of %v, want %v", at, want)
		}
	})
}

func TestRecordRefuses(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		good, future := byDoor(notHome(1)), byDoor(notHome(1))
		future.Day = testNow.AddDate(0, 0, 2)
		noID, many := byDoor(notHome(1)), byDoor(make([]string, Most+1)...)
		noID.ID = "x"
		for name, x := range map[string]struct {
			a    org.Actor
			s    Sheet
			want fault.Kind
		}{
			"nothing":       {actor(t, 1), byDoor(), fault.Invalid},
			"nothing good":  {actor(t, 1), byDoor("123", notHome(9)), fault.Invalid},
			"the future":    {actor(t, 1), future, fault.Invalid},
			"no sheet":      {actor(t, 1), noID, fault.Invalid},
			"too much":      {actor(t, 1), many, fault.Invalid},
			"may not write": {actor(t, 1, codebook.PermitRecord, person.PermitLook), good, fault.Denied},
			"may not look":  {actor(t, 1, codebook.PermitRecord, contact.PermitRecord), good, fault.Denied},
		} {
			if _, err := w.Record(t.Context(), x.a, x.s); fault.KindOf(err) != x.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := w.count(t, `SELECT COUNT(*) FROM field_contact`); n != 0 {
			t.Errorf("%d attempts were recorded all the same", n)
		}
	})
}

func wrongNumber(who int64, number string) string {
	return export.Scan{Kind: export.ScanResult, Object: contact.WrongNumber.Standard().Number, Person: who}.OfNumber(number).String()
}

func TestAScannedWrongNumberMarksTheNumber(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		must(t, w.c.DB.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
			for _, p := range []struct {
				who, confidence int
				number          string
			}{{1, 90, "5550140001"}, {1, 50, "5550140002"}, {2, 50, "5550140003"}, {2, 90, "5550140004"}} {
				if _, err := db.Exec(ctx, tx, `INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence, wrong_at) VALUES (?, ?, 0, 'cell', 'file', ?, 0)`, p.who, p.number, p.confidence); err != nil {
					return err
				}
			}
			return nil
		}))
		sh := Sheet{ID: sheetID, Channel: person.ByCall, Codes: []string{wrongNumber(1, "5550140002"), wrongNumber(2, ""), wrongNumber(3, "5550140009")}}
		lines, err := w.Read(t.Context(), actor(t, 1), sh)
		must(t, err)
		var numbers []string
		for _, l := range lines {
			numbers = append(numbers, l.Number)
		}
		// The second of a person whose sheet names it; the surest where no number is in the code; none where nobody has it.
		if d := cmp.Diff([]string{"5550140002", "5550140004", ""}, numbers); d != "" {
			t.Error(d)
		}
		if n, err := w.Record(t.Context(), actor(t, 1), sh); err != nil || n != 3 {
			t.Errorf("recorded %d: %v", n, err)
		}
		marked, err := db.All[string](db.WithSite(t.Context()), w.c.DB, `SELECT number FROM field_phone WHERE wrong_at > 0 AND org_id = 1 ORDER BY number`)
		must(t, err)
		if d := cmp.Diff([]string{"5550140002", "5550140004"}, marked); d != "" {
			t.Error(d)
		}
	})
}

func TestWorkIsRecordedUnderWhoDidIt(t *testing.T) {
	run(t, func(t *testing.T, w world) {
		other := byDoor(w.yes(1), notHome(2))
		other.By = 77
		if _, err := w.Record(t.Context(), actor(t, 1), other); fault.KindOf(err) != fault.Invalid {
			t.Errorf("somebody of no organization: %v", err)
		}
		if n := w.count(t, `SELECT COUNT(*) FROM field_contact`); n != 0 {
			t.Errorf("%d attempts are recorded all the same", n)
		}
	})
}
