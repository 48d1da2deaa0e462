package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// openToAll are the tables with a column that says whose their rows are, and without a fence of Postgres around them.
var openToAll = map[string]string{
	"org_role":       "what a seat may do is read before there is an actor",
	"org_membership": "a seat is looked for before there is an actor, and a table looks after its partners' people",
	"org_invitation": "opened by its link, before there is an actor",
	"org_group":      "its people hold rights in folders of other organizations",
	"org_folder":     "shared with other organizations, by org_folder_share",
	"outbox_message": "sent for everybody by one sender; no page shows an organization its mail",
	"field_change":   "the feed from which the segments of all are built; it holds numbers",
}

// siteOnPostgres opens a site with voter file 1 and person 1 of organization 1, and voter file 2 and person 2 of organization 2, each with a note of its own.
func siteOnPostgres(t *testing.T) *app.Site {
	t.Helper()
	if err := ledger.Declare(app.Kinds(programs(web.Organizing))); err != nil {
		t.Fatal(err)
	}
	site, err := app.Open(t.Context(), app.Config{DB: db.Config{URL: dbtest.PostgresURL(t)}, Files: t.TempDir(), New: true, Programs: programs(web.Organizing)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	})
	for o := 1; o <= 2; o++ {
		if err := makeOrg(t.Context(), site, fmt.Sprint("Organization ", o)); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			`INSERT INTO field_voterfile (id, org_id, state, layout, name, created_at) VALUES (?1, ?1, 'NC', 'nc', 'File', 1)`,
			`INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (?1, 90 + ?1, 1, 1, 99999999999999)`,
			`INSERT INTO field_voterfile_import (id, voterfile_id, state, files, file_date, account_id, created_at, changed_at) VALUES (?1, ?1, 'loaded', '[]', 20261003, 1, 1, 1)`,
			`INSERT INTO field_voterfile_refusal (import_id, number, file, line, column_name, value, why, args, refused) VALUES (?1, 1, 'v', 1, 'c', 'secret', 'w', '[]', 1)`,
			`INSERT INTO field_voter_key (voterfile_id, state_id, person_id, row_hash, vote_hash, household_key, county, party, dropped_on) VALUES (?1, 'AA?1', ?1, 1, 1, 1, '1', 'X', 0)`,
			`INSERT INTO field_person_word (voterfile_id, kind, word) VALUES (?1, 1, 'ocampo'), (?1, 2, 'rosa')`,
			`INSERT INTO field_person (person_id, voterfile_id, state_id, last_name, first_name, middle_name, suffix, last_key, first_key, birth_year, birth_date, sex, race, ethnicity,
				party, status, status_code, status_reason, registered_on, house, street, unit, address, city, region, zip, street_key, household_key, address_key, mailing, county,
				precinct, congress, state_senate, state_house, municipality, districts, confidential, minor, raw_import_id, raw_file, raw_offset, raw_length, raw_hash, import_id)
				VALUES (?1, ?1, 'AA?1', 'OCAMPO', 'ROSA', '', '', 'ocampo', 'rosa', 1980, 0, 'F', '', '', '', 'active', 'A', '', 0, '1', 'ELM ST', '', '1 ELM ST', 'HALDEN', 'NC', '27601',
				'elm', 1, 1, '', '1', '', '', '', '', '', '{}', 0, 0, ?1, 0, 0, 1, 1, ?1)`,
			`INSERT INTO field_person_name_part (person_id, part, first_key) VALUES (?1, 'ocampo', 'rosa')`,
			`INSERT INTO field_vote (person_id, election_id, method, party, county) VALUES (?1, 1, 1, '', '')`,
			`INSERT INTO field_phone (person_id, number, org_id, kind, source, confidence) VALUES (?1, '5550142200', 0, 'cell', 'file', 50), (?1, '5550142201', ?1, 'cell', 'own', 50)`,
			`INSERT INTO field_email (person_id, email, org_id, source, confidence) VALUES (?1, 'rosa@people.example', 0, 'file', 50), (?1, 'rosa2@people.example', ?1, 'own', 50)`,
			`INSERT INTO field_note (person_id, note_id, org_id, body, account_id, created_at) VALUES (?1, 'n', ?1, 'secret of ?1', 1, 1)`,
			`INSERT INTO field_suppression (person_id, org_id, channel, reason, account_id, created_at) VALUES (?1, ?1, 'door', 'secret', 1, 1)`,
			`INSERT INTO exchange_template (org_id, noun, name, mapping, created_by, created_at, used_at) VALUES (?1, 'x', 'secret', '{}', 1, 1, 1)`,
		} {
			asSite(t, site, strings.ReplaceAll(q, "?1", fmt.Sprint(o)))
		}
	}
	return site
}

func asSite(t *testing.T, site *app.Site, q string) {
	t.Helper()
	if err := site.DB.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// fencedTables are the tables that siteOnPostgres fills, with how many rows of each organization 2 may see: its own.
var fencedTables = map[string]int64{"field_voterfile": 1, "field_voterfile_grant": 1, "field_voterfile_import": 1, "field_voterfile_refusal": 1, "field_voter_key": 1,
	"field_person_word": 2, "field_person": 1, "field_person_name_part": 1, "field_vote": 1, "field_phone": 2, "field_email": 2, "field_note": 1, "field_suppression": 1, "exchange_template": 1}

// TestPostgresFencesWhatAStoreForgets takes the stores' fence away: the queries below ask for everything.
func TestPostgresFencesWhatAStoreForgets(t *testing.T) {
	site := siteOnPostgres(t)
	count := func(ctx context.Context) map[string]int64 {
		all := map[string]int64{}
		for table := range fencedTables {
			n, err := db.One[int64](ctx, site.DB, `SELECT COUNT(*) FROM `+table)
			if err != nil {
				t.Fatal(err)
			}
			all[table] = n
		}
		return all
	}
	nothing, twice := map[string]int64{}, map[string]int64{}
	for table, n := range fencedTables {
		nothing[table], twice[table] = 0, 2*n
	}
	two := org.Operate(2, site.Permits.Everything()).Within(t.Context())
	for name, c := range map[string]struct {
		ctx  context.Context
		want map[string]int64
	}{
		"organization 2":            {two, fencedTables},
		"nobody in particular":      {t.Context(), nothing},
		"the zero actor":            {org.Actor{}.Within(t.Context()), nothing},
		"an organization with none": {org.Operate(3, site.Permits.Everything()).Within(t.Context()), nothing},
		"the site":                  {db.WithSite(t.Context()), twice},
	} {
		if diff := cmp.Diff(c.want, count(c.ctx)); diff != "" {
			t.Errorf("%s sees (-want +got):\n%s", name, diff)
		}
	}
	bodies, err := db.All[string](two, site.DB, `SELECT body FROM field_note`)
	if err != nil || !slices.Equal(bodies, []string{"secret of 2"}) {
		t.Errorf("organization 2 reads the notes %q, %v", bodies, err)
	}

	// A grant opens the people of the file, and nothing that its owner knows beside it; its end closes them.
	asSite(t, site, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, 99999999999999)`)
	granted := maps.Clone(fencedTables)
	for _, table := range []string{"field_voterfile", "field_voterfile_grant", "field_voterfile_import", "field_voterfile_refusal", "field_voter_key", "field_person_word", "field_person",
		"field_person_name_part", "field_vote", "field_phone", "field_email"} {
		granted[table]++
	}
	granted["field_person_word"]++ // there are two of each file
	if diff := cmp.Diff(granted, count(two)); diff != "" {
		t.Errorf("with a grant (-want +got):\n%s", diff)
	}
	asSite(t, site, fmt.Sprintf(`UPDATE field_voterfile_grant SET ends_at = %d WHERE voterfile_id = 1 AND org_id = 2`, time.Now().Add(-time.Minute).UnixMilli()))
	ended := maps.Clone(fencedTables)
	ended["field_voterfile_grant"]++ // it may know what it had
	if diff := cmp.Diff(ended, count(two)); diff != "" {
		t.Errorf("after the grant (-want +got):\n%s", diff)
	}
}

// TestStoresFenceWithoutPostgres takes Postgres's fences down: the stores' own must hold. (On SQLite, where the whole route table is walked, there are no others.)
func TestStoresFenceWithoutPostgres(t *testing.T) {
	site := siteOnPostgres(t)
	fenced, err := db.All[string](db.WithSite(t.Context()), site.DB, `SELECT relname::text FROM pg_class WHERE relrowsecurity AND relkind = 'r'`)
	if err != nil || len(fenced) < len(fencedTables) {
		t.Fatal(fenced, err)
	}
	for _, table := range fenced {
		asSite(t, site, `ALTER TABLE `+table+` DISABLE ROW LEVEL SECURITY`)
	}
	two := org.Operate(2, site.Permits.Everything())
	if n, err := db.One[int64](two.Within(t.Context()), site.DB, `SELECT COUNT(*) FROM field_note`); err != nil || n != 2 {
		t.Fatalf("the fences are not down: %d notes, %v", n, err)
	}
	people, files := field.People(&site.Ground), field.VoterFiles(&site.Ground)
	if found, err := people.Find(t.Context(), two, person.Find{Query: "rosa ocampo", Purpose: person.AnswerQuestion}); err != nil || len(found.Hits) != 1 || found.Hits[0].ID != 2 {
		t.Errorf("a look-up finds %v, %v", found.Hits, err)
	}
	if _, err := people.Look(t.Context(), two, 1, person.AnswerQuestion); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a look at another's person: %v", err)
	}
	if _, err := files.File(t.Context(), two, 1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another's voter file: %v", err)
	}
	if _, err := files.Status(t.Context(), two, voterfile.ImportID(1)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another's import: %v", err)
	}
	asSite(t, site, `INSERT INTO field_voterfile_grant (voterfile_id, org_id, granted_by, granted_at, ends_at) VALUES (1, 2, 1, 1, 99999999999999)`)
	profile, err := people.Look(t.Context(), two, 1, person.AnswerQuestion)
	if err != nil || len(*profile.Notes) != 0 || len(profile.Suppressions) != 0 || len(*profile.Phones) != 1 || len(*profile.Emails) != 1 {
		t.Errorf("with a grant the profile holds what its owner knows: %+v, %v", profile, err)
	}
}

// TestEveryTableOfSomebodysHasAFence walks the catalog: a table that says whose its rows are, or about whom, is fenced or has a reason not to be.
func TestEveryTableOfSomebodysHasAFence(t *testing.T) {
	site := siteOnPostgres(t)
	type table struct {
		Name   string `db:"name"`
		Column string `db:"col"`
		Fenced bool   `db:"fenced"`
	}
	all, err := db.All[table](db.WithSite(t.Context()), site.DB, `SELECT c.relname::text AS name, MIN(a.attname::text) AS col,
		BOOL_AND(c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)) AS fenced
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attname IN ('org_id', 'person_id', 'voterfile_id', 'import_id')
		GROUP BY c.relname ORDER BY c.relname`)
	if err != nil || len(all) < len(fencedTables) {
		t.Fatal(all, err)
	}
	known := map[string]bool{}
	for _, x := range all {
		known[x.Name] = true
		switch why, open := openToAll[x.Name]; {
		case x.Fenced && open:
			t.Errorf("%s is fenced: take it off the list of tables that are not", x.Name)
		case !x.Fenced && !open:
			t.Errorf("%s has a column %s and no fence: add FENCE %s BY … to its program's schema/fence.sql", x.Name, x.Column, x.Name)
		case open && why == "":
			t.Errorf("%s is open to all for no reason", x.Name)
		}
	}
	for name := range openToAll {
		if !known[name] {
			t.Errorf("%s is on the list of tables without a fence, and says of nobody whose it is", name)
		}
	}
}
