package codebook

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

var testNow = time.Date(2027, 10, 9, 18, 0, 0, 0, time.UTC)

const people = 200 // of voter file 1; 201 to 210 are of voter file 2, which organisation 1 may not see

// run gives a test a site on each engine: organisations 1 and 2 both see voter file 1, only 2 sees file 2.
func run(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Helper()
	lines := []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		err := d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error { return fill(ctx, tx) })
		if err != nil {
			t.Fatal(err)
		}
		f(t, &Store{DB: d, Now: func() time.Time { return testNow }})
	})
}

func fill(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`INSERT INTO org (id, name, kind, created_at) VALUES (1, 'Halden Voter Table', 'table', 1), (2, 'Lakeshore Neighbors', 'partner', 1)`,
		`INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (1, 1, 'NC', 'nc', 'North Carolina', 1), (2, 2, 'OH', 'oh', 'Ohio', 1)`,
		`INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, 4000000000000)`,
	} {
		if _, err := db.Exec(ctx, tx, q); err != nil {
			return err
		}
	}
	for id := range people + 10 {
		file := 1
		if id >= people {
			file = 2
		}
		if err := insertPerson(ctx, tx, int64(id+1), file); err != nil {
			return err
		}
	}
	return nil
}

func insertPerson(ctx context.Context, tx *db.Tx, id int64, file int) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO field_person (person_id, voterfile_id, state_id, last_name, first_name, middle_name, suffix, last_key, first_key, birth_year,
		birth_date, sex, race, ethnicity, party, status, status_code, status_reason, registered_on, house, street, unit, address, city, region, zip, street_key,
		household_key, address_key, mailing, county, precinct, congress, state_senate, state_house, municipality, districts, confidential, minor, raw_import_id,
		raw_file, raw_offset, raw_length, raw_hash, import_id)
		VALUES (?, ?, ?, 'DOE', 'JANE', '', '', 'DOE', 'JANE', 1980, 0, 'F', '', '', '', 'active', 'A', '', 20000101, '1', 'ELM ST', '', '', '', 'NC', '', 'ELM',
		?, 0, '', '', '', '', '', '', '', '{}', 0, 0, 1, 0, 0, 0, 0, 1)`, id, file, strconv.FormatInt(id, 10), id)
	return err
}

// actor returns somebody of an organisation who holds everything of this package; account tells two people apart only where an operator would not do.
func actor(t testing.TB, o org.ID, ps ...permit.Permit) org.Actor {
	t.Helper()
	c, err := permit.NewCatalog(Permits, voterfile.Permits, org.Permits)
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) == 0 {
		ps = []permit.Permit{PermitShare, PermitRecord, PermitApprove}
	}
	return org.Operate(o, c.Expand(ps...))
}

// write runs f in a transaction for the actor's organisation.
func write(t testing.TB, s *Store, a org.Actor, f func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return s.DB.Transact(a.Within(t.Context()), f)
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
