package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

const things = `CREATE TABLE thing (id @id, org_id @int NOT NULL, name @text NOT NULL) @strict;
CREATE TABLE part (id @id, thing_id @int NOT NULL) @strict;
CREATE TABLE open (id @id) @strict;`

const thingFences = `-- Own things, and those of the house (0), which nobody may change; parts go with their things.
FENCE thing BY org_id IN (0, @org) WRITE org_id = @org;
FENCE part BY thing_id IN (SELECT id FROM thing);
`

func fencedLine(fences string) db.Line {
	return db.Line{Program: "things", FS: fstest.MapFS{"0001_things.sql": {Data: []byte(things)}, "fence.sql": {Data: []byte(fences)}}}
}

// openFenced returns a Postgres database with things 1 of the house, 2 and 3 of organisation 7, 4 of organisation 8, one part each.
func openFenced(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.Open(t, db.Config{URL: dbtest.PostgresURL(t)}, fencedLine(thingFences))
	must(t, d.Transact(db.WithSite(t.Context()), func(ctx context.Context, tx *db.Tx) error {
		for i, org := range []int64{0, 7, 7, 8} {
			if _, err := db.Exec(ctx, tx, `INSERT INTO thing (id, org_id, name) VALUES (?, ?, ?)`, i+1, org, fmt.Sprint("thing ", i+1)); err != nil {
				return err
			}
			if _, err := db.Exec(ctx, tx, `INSERT INTO part (id, thing_id) VALUES (?, ?)`, i+1, i+1); err != nil {
				return err
			}
		}
		_, err := db.Exec(ctx, tx, `INSERT INTO open (id) VALUES (1)`)
		return err
	}))
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func seen(t *testing.T, ctx context.Context, r db.Reader, table string) []int64 { //nolint:revive // the test comes first
	t.Helper()
	ids, err := db.All[int64](ctx, r, `SELECT id FROM `+table+` ORDER BY id`)
	must(t, err)
	return ids
}

// What is the house's (0) is everybody's.
func TestFencedRows(t *testing.T) {
	d := openFenced(t)
	for name, c := range map[string]struct {
		within func(context.Context) context.Context
		want   []int64
	}{
		"nobody in particular": {func(ctx context.Context) context.Context { return ctx }, []int64{1}},
		"organisation 7":       {func(ctx context.Context) context.Context { return db.WithOrg(ctx, 7) }, []int64{1, 2, 3}},
		"organisation 8":       {func(ctx context.Context) context.Context { return db.WithOrg(ctx, 8) }, []int64{1, 4}},
		"an empty one":         {func(ctx context.Context) context.Context { return db.WithOrg(ctx, 9) }, []int64{1}},
		"no organisation":      {func(ctx context.Context) context.Context { return db.WithOrg(ctx, 0) }, []int64{1}},
		"the site":             {db.WithSite, []int64{1, 2, 3, 4}},
		"the site, then 8":     {func(ctx context.Context) context.Context { return db.WithOrg(db.WithSite(ctx), 8) }, []int64{1, 4}},
	} {
		ctx := c.within(t.Context())
		for _, table := range []string{"thing", "part"} {
			if got := seen(t, ctx, d, table); !slices.Equal(got, c.want) {
				t.Errorf("%s, outside a transaction, sees %v of %s, want %v", name, got, table, c.want)
			}
			must(t, d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				if got := seen(t, ctx, tx, table); !slices.Equal(got, c.want) {
					t.Errorf("%s, in a transaction, sees %v of %s, want %v", name, got, table, c.want)
				}
				return nil
			}))
		}
		if got := seen(t, ctx, d, "open"); len(got) != 1 {
			t.Errorf("%s does not see a table without a fence", name)
		}
	}
}

func TestFencedWrites(t *testing.T) {
	d := openFenced(t)
	write := func(ctx context.Context, q string, args ...any) (n int64, err error) {
		err = d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			n, err = db.Exec(ctx, tx, q, args...)
			return err
		})
		return n, err
	}
	seven := db.WithOrg(t.Context(), 7)
	for name, c := range map[string]struct {
		ctx  context.Context
		q    string
		want int64 // rows; -1 refused
	}{
		"own row":                {seven, `INSERT INTO thing (id, org_id, name) VALUES (10, 7, 'x')`, 1},
		"another's row":          {seven, `INSERT INTO thing (id, org_id, name) VALUES (11, 8, 'x')`, -1},
		"a row of the house":     {seven, `INSERT INTO thing (id, org_id, name) VALUES (12, 0, 'x')`, -1},
		"giving a row away":      {seven, `UPDATE thing SET org_id = 8 WHERE id = 2`, -1},
		"changing own":           {seven, `UPDATE thing SET name = 'y' WHERE id = 2`, 1},
		"changing another's":     {seven, `UPDATE thing SET name = 'y' WHERE id = 4`, 0},
		"changing the house's":   {seven, `UPDATE thing SET name = 'y' WHERE id = 1`, 0},
		"deleting the house's":   {seven, `DELETE FROM thing WHERE id = 1`, 0},
		"part of another's":      {seven, `INSERT INTO part (id, thing_id) VALUES (12, 4)`, -1},
		"nobody in particular":   {t.Context(), `INSERT INTO thing (id, org_id, name) VALUES (13, 7, 'x')`, -1},
		"nobody, organisation 0": {t.Context(), `INSERT INTO thing (id, org_id, name) VALUES (14, 0, 'x')`, -1},
		"an open table":          {t.Context(), `INSERT INTO open (id) VALUES (2)`, 1},
		"the list of fences":     {seven, `DELETE FROM fence`, -1},
		"the list of migrations": {seven, `DELETE FROM migration`, -1},
		"a new table":            {seven, `CREATE TABLE mine (id BIGINT)`, -1},
		"taking the fence down":  {seven, `ALTER TABLE thing DISABLE ROW LEVEL SECURITY`, -1},
	} {
		n, err := write(c.ctx, c.q)
		if (err != nil) != (c.want < 0) || err == nil && n != c.want {
			t.Errorf("%s: %d rows, %v; want %d", name, n, err, c.want)
		}
	}
	rows := func(org int64) func(func([]any) bool) {
		return slices.Values([][]any{{int64(100 + org), org, "many"}, {int64(200 + org), org, "many"}})
	}
	for org, refused := range map[int64]bool{7: false, 8: true} {
		for name, load := range map[string]func(context.Context, *db.Tx) error{
			"Bulk": func(ctx context.Context, tx *db.Tx) error {
				n, err := db.Bulk(ctx, tx, "thing", []string{"id", "org_id", "name"}, rows(org))
				if err == nil && n != 2 {
					t.Errorf("Bulk put %d rows", n)
				}
				return err
			},
			"Upsert": func(ctx context.Context, tx *db.Tx) error {
				_, err := db.Upsert(ctx, tx, "thing", []string{"id", "org_id", "name"}, 1, rows(org))
				return err
			},
		} {
			err := d.Transact(seven, func(ctx context.Context, tx *db.Tx) error {
				if err := load(ctx, tx); err != nil {
					return err
				}
				return errors.New("only a try")
			})
			if violation := strings.Contains(err.Error(), "row-level security"); violation != refused {
				t.Errorf("%s of rows of %d by 7: %v", name, org, err)
			}
		}
	}
}

// TestAStatementIsWhoseItsTransactionIs holds on both engines: SQLite has no fences, but a mistake is the same there.
func TestAStatementIsWhoseItsTransactionIs(t *testing.T) {
	dbtest.Run(t, []db.Line{fencedLine(thingFences)}, func(t *testing.T, d *db.DB) {
		err := d.Transact(db.WithOrg(t.Context(), 7), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.All[int64](db.WithOrg(ctx, 7), tx, `SELECT id FROM thing`); err != nil {
				t.Errorf("the same organisation: %v", err)
			}
			if _, err := db.All[int64](db.WithSite(ctx), tx, `SELECT id FROM thing`); err == nil || !strings.Contains(err.Error(), "organization 7") {
				t.Errorf("a query for the site: %v", err)
			}
			_, err := db.Exec(db.WithOrg(ctx, 8), tx, `DELETE FROM thing`)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "organization 8") {
			t.Errorf("a statement for 8 in a transaction for 7: %v", err)
		}
	})
}

// TestConnectionsForgetWhoseTheyWere has many goroutines ask for different organisations over few connections.
func TestConnectionsForgetWhoseTheyWere(t *testing.T) {
	d := openFenced(t)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			for range 50 {
				ctx, want := t.Context(), []int64{1}
				switch i % 4 {
				case 1:
					ctx, want = db.WithOrg(ctx, 7), []int64{1, 2, 3}
				case 2:
					ctx, want = db.WithOrg(ctx, 8), []int64{1, 4}
				case 3:
					ctx, want = db.WithSite(ctx), []int64{1, 2, 3, 4}
				}
				got, err := db.All[int64](ctx, d, `SELECT id FROM thing ORDER BY id`)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%d sees %v, %v; want %v", i%4, got, err, want)
					return
				}
				if _, err := db.All[int64](ctx, d, `SELECT id / (id - id) FROM open`); err == nil { // an error on the way
					t.Error("nothing was divided by zero")
				}
			}
		})
	}
	all.Wait()
}

func TestFencedQueriesReadEveryKindOfValue(t *testing.T) {
	d := openFenced(t)
	type values struct {
		Small  int64   `db:"small"`
		Whole  int64   `db:"whole"`
		Sum    int64   `db:"sum"`
		Real   float64 `db:"real"`
		Text   string  `db:"text"`
		Bytes  []byte  `db:"bytes"`
		Truth  bool    `db:"truth"`
		Number bool    `db:"number"`
		Empty  string  `db:"empty"`
		Name   string  `db:"name"`
	}
	const q = `SELECT 3::smallint AS small, 4::int AS whole, SUM(id) AS sum, 1.5::float4 AS real, 'ñ' AS text, '\x00ff'::bytea AS bytes, true AS truth, 1::bigint AS number,
		NULL::text AS empty, current_user AS name FROM thing`
	want := values{Small: 3, Whole: 4, Sum: 6, Real: 1.5, Text: "ñ", Bytes: []byte{0, 255}, Truth: true, Number: true, Name: "precinct_fenced"}
	ctx := db.WithOrg(t.Context(), 7)
	got, err := db.One[values](ctx, d, q)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outside a transaction (-want +got):\n%s", diff)
	}
	must(t, d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		got, err := db.One[values](ctx, tx, q)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in a transaction (-want +got):\n%s", diff)
		}
		return err
	}))
	if _, err := db.One[int64](ctx, d, `SELECT id FROM thing WHERE id = ?`, 99); !errors.Is(err, db.ErrNone) {
		t.Errorf("no row: %v", err)
	}
	for range db.Each[int64](ctx, d, `SELECT generate_series(1, 100000)`) { // left before its end
		break
	}
	if got := seen(t, ctx, d, "thing"); len(got) != 3 {
		t.Errorf("after an answer that was left: %v", got)
	}
}

// TestFencesFollowTheirFile changes fence.sql without a migration.
func TestFencesFollowTheirFile(t *testing.T) {
	d := openFenced(t)
	seven := db.WithOrg(t.Context(), 7)
	for _, c := range []struct {
		fences string
		want   []int64
	}{
		{thingFences, []int64{1, 2, 3}},
		{"FENCE thing BY org_id;\n", []int64{2, 3}},
		{"FENCE thing BY org_id = @org OR id = 4; -- so far\n", []int64{2, 3, 4}},
		{"", []int64{2, 3, 4}}, // what is no longer named stays closed
	} {
		_, err := d.Migrate(t.Context(), fencedLine(c.fences))
		must(t, err)
		if got := seen(t, seven, d, "thing"); !slices.Equal(got, c.want) {
			t.Errorf("%q: 7 sees %v, want %v", c.fences, got, c.want)
		}
	}
	for _, wrong := range []string{"FENCE thing;\n", "FENCE BY x;\n", "FENCE nothing BY org_id;\n", "FENCE thing BY org;\n"} {
		if _, err := d.Migrate(t.Context(), fencedLine(wrong)); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}
