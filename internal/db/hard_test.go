package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

func insertDoor(ctx context.Context, tx *db.Tx, street string, number int) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO door (street, number) VALUES (?, ?)`, street, number)
	return err
}

func countDoors(t *testing.T, d *db.DB, street string) int64 {
	t.Helper()
	n, err := db.One[int64](context.Background(), d, `SELECT COUNT(*) FROM door WHERE street = ?`, street)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoCallHurtsAnother(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		stop := errors.New("stop")
		var kept atomic.Int64
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				defer func() { recover() }()
				err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
					if err := insertDoor(ctx, tx, "Cedar", i); err != nil {
						return err
					}
					switch {
					case i%7 == 1:
						return stop
					case i%11 == 1:
						panic("a mistake")
					case i%13 == 1:
						runtime.Goexit() // what t.Fatal does
					case i%17 == 1: // SQLite rolls back everything, Postgres nothing more than usual
						q := `INSERT INTO door (id, street, number) VALUES (?, 'twin', 1)`
						if tx.Engine() == db.SQLite {
							q = strings.Replace(q, "INSERT", "INSERT OR ROLLBACK", 1)
						}
						if _, err := db.Exec(ctx, tx, q, -i); err != nil {
							return err
						}
						_, err := db.Exec(ctx, tx, q, -i)
						return err
					}
					return nil
				})
				switch {
				case err == nil:
					kept.Add(1)
				case i%7 != 1 && i%17 != 1:
					t.Errorf("call %d did nothing wrong: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := countDoors(t, d, "Cedar"); got != kept.Load() || got < 150 {
			t.Errorf("%d rows are there, %d were acknowledged", got, kept.Load())
		}
		if got := countDoors(t, d, "twin"); got != 0 {
			t.Errorf("%d rows of failed calls are there", got)
		}
	})
}

func TestCloseWhileWritingLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(context.Background(), db.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(context.Background(), line); err != nil {
		t.Fatal(err)
	}
	var kept atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error { return insertDoor(ctx, tx, "Mill", 1) })
				if err != nil {
					return
				}
				kept.Add(1)
			}
		})
	}
	for kept.Load() < 50 {
		runtime.Gosched()
	}
	for range 2 { // a second time changes nothing
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	again := dbtest.Open(t, db.Config{Dir: dir}, line)
	if got := countDoors(t, again, "Mill"); got != kept.Load() {
		t.Errorf("%d rows are there, %d were acknowledged", got, kept.Load())
	}
}

func TestACancelledCallKeepsAllOrNothing(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			err := insertDoor(ctx, tx, "Cedar", 1)
			cancel()
			return errors.Join(err, insertDoor(ctx, tx, "Cedar", 2))
		})
		want := int64(2)
		if err != nil {
			want = 0
		}
		if got := countDoors(t, d, "Cedar"); got != want {
			t.Errorf("%d rows after %v", got, err)
		}
		ran := false
		if err := d.Transact(ctx, func(context.Context, *db.Tx) error { ran = true; return nil }); !errors.Is(err, context.Canceled) || ran {
			t.Errorf("a call with a cancelled context: %v, ran %v", err, ran)
		}
	})
}

func TestATransactionIsOverWhenItsFunctionReturned(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var kept *db.Tx
		if err := d.Transact(ctx, func(_ context.Context, tx *db.Tx) error { kept = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := insertDoor(ctx, kept, "Late", 1); err == nil {
			t.Error("it still writes")
		}
		if _, err := db.All[int64](ctx, kept, `SELECT id FROM door`); err == nil {
			t.Error("it still reads")
		}
		for _, q := range []string{"COMMIT", " rollback", "\nBegin IMMEDIATE", "PRAGMA synchronous = OFF", "SAVEPOINT x"} {
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := db.Exec(ctx, tx, q)
				return err
			})
			if err == nil {
				t.Errorf("%q was let through", q)
			}
		}
	})
}

func TestAfterCommitRunsOnlyThen(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		var told []string
		for _, c := range []struct {
			name string
			err  error
		}{{"kept", nil}, {"dropped", errors.New("no")}} {
			_ = d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				tx.AfterCommit(func() { told = append(told, c.name, fmt.Sprint(countDoors(t, d, c.name))) })
				return errors.Join(insertDoor(ctx, tx, c.name, 1), c.err)
			})
		}
		if diff := cmp.Diff([]string{"kept", "1"}, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPostgresRunsASerializationFailureAgain(t *testing.T) {
	d := dbtest.Open(t, db.Config{URL: dbtest.PostgresURL(t)}, line)
	for failures, wantErr := range map[int]bool{2: false, 99: true} {
		runs := 0
		err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			runs++
			if err := insertDoor(ctx, tx, fmt.Sprint("try", failures), runs); err != nil {
				return err
			}
			if runs <= failures {
				return fmt.Errorf("writing: %w", &pgconn.PgError{Code: "40001"})
			}
			return nil
		})
		if (err != nil) != wantErr || runs != min(failures+1, 5) {
			t.Errorf("%d failures: ran %d times, %v", failures, runs, err)
		}
	}
	if got := countDoors(t, d, "try2"); got != 1 {
		t.Errorf("%d rows, want only the last run's", got)
	}
}

func TestPostgresOutlivesADeadlock(t *testing.T) {
	d := dbtest.Open(t, db.Config{URL: dbtest.PostgresURL(t)}, line)
	ctx := context.Background()
	if err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(insertDoor(ctx, tx, "a", 0), insertDoor(ctx, tx, "b", 0))
	}); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	var wg sync.WaitGroup
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		first := true
		wg.Go(func() {
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				if _, err := db.Exec(ctx, tx, `UPDATE door SET number = number + 1 WHERE street = ?`, order[0]); err != nil {
					return err
				}
				if first { // both hold one row before either asks for the other
					first = false
					both.Done()
					both.Wait()
				}
				_, err := db.Exec(ctx, tx, `UPDATE door SET number = number + 1 WHERE street = ?`, order[1])
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := db.All[int64](ctx, d, `SELECT number FROM door ORDER BY street`)
	if err != nil || !cmp.Equal(got, []int64{2, 2}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAnotherProgramsLockIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	d := dbtest.Open(t, db.Config{Dir: dir}, line)
	other, err := sql.Open("sqlite", "file:"+filepath.Join(dir, db.FileName)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error { return insertDoor(ctx, tx, "Cedar", 1) })
	}()
	if countDoors(t, d, "Cedar") != 0 { // reading goes on meanwhile
		t.Error("somebody wrote past the lock")
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || countDoors(t, d, "Cedar") != 1 {
		t.Errorf("after the lock was let go: %v", err)
	}
}

func migrations(files map[string]string) db.Line {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return db.Line{Program: "test", FS: m}
}

func TestMigrateRefusesWhatItCannotTrust(t *testing.T) {
	one := map[string]string{"0001_door.sql": `CREATE TABLE door (id @id, street @text) @strict`}
	two := map[string]string{"0001_door.sql": one["0001_door.sql"], "0002_number.sql": `ALTER TABLE door ADD COLUMN number @int`}
	for _, c := range []struct {
		name  string
		first map[string]string
		then  map[string]string
		want  string // in the error; "" means that it must pass
	}{
		{"forward", one, two, ""},
		{"nothing new", two, two, ""},
		{"edited", one, map[string]string{"0001_door.sql": one["0001_door.sql"] + " "}, "is not the file that ran here"},
		{"newer database", two, one, "use the newer program"},
		{"gap", one, map[string]string{"0001_door.sql": one["0001_door.sql"], "0003_x.sql": ``}, "want number 0002"},
		{"twice the number", one, map[string]string{"0001_door.sql": one["0001_door.sql"], "0001_again.sql": ``}, "want number 0002"},
		{"odd name", nil, map[string]string{"door.sql": ``}, "want a name like"},
		{"one dialect each", nil, map[string]string{"0001_x.sqlite.sql": `CREATE TABLE lite (a @int) @strict`, "0001_x.postgres.sql": `CREATE TABLE pg (a @int)`}, ""},
		{"broken", one, map[string]string{"0001_door.sql": one["0001_door.sql"], "0002_bad.sql": `CREATE TABLE ok (a @int) @strict; CREATE TABLE (`}, "migration test 0002_bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, nil, func(t *testing.T, d *db.DB) {
				ctx := context.Background()
				if c.first != nil {
					if _, err := d.Migrate(ctx, migrations(c.first)); err != nil {
						t.Fatal(err)
					}
				}
				_, err := d.Migrate(ctx, migrations(c.then))
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if c.name == "broken" {
					if _, err := db.All[int64](ctx, d, `SELECT a FROM ok`); err == nil {
						t.Error("half of a migration was kept")
					}
				}
			})
		})
	}
}

func TestTwoProgramsMayMigrateAtOnce(t *testing.T) {
	url := dbtest.PostgresURL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := db.Open(context.Background(), db.Config{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			if _, err := d.Migrate(context.Background(), line); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

type street string

type all struct {
	part
	Name street    `db:"name"`
	N    *int64    `db:"n"`
	F    float64   `db:"f"`
	B    bool      `db:"b"`
	Raw  []byte    `db:"raw"`
	At   time.Time `db:"at"`
}

type part struct {
	ID int64 `db:"id"`
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	types := migrations(map[string]string{"0001_all.sql": `CREATE TABLE everything (id @id, name @text, n @int, f @real, b @small, raw @bytes, at @int) @strict`})
	dbtest.Run(t, []db.Line{types}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		n := int64(-7)
		want := []all{
			{part{1}, "Cedar", &n, 1.5, true, []byte{0, 1, 255}, time.Date(2026, 11, 3, 6, 0, 0, 123e6, time.UTC)},
			{part{2}, "", nil, 0, false, nil, time.Time{}},
			{part{3}, "ü ? ' \" $1", nil, -1e300, true, nil, time.Date(1899, 1, 2, 0, 0, 0, 0, time.UTC)},
		}
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i, w := range want {
				var at *time.Time
				if !w.At.IsZero() {
					at = &w.At
				}
				values := []any{w.ID, w.Name, w.N, w.F, w.B, w.Raw, at}
				if i == 1 {
					values = []any{w.ID, nil, nil, nil, nil, nil, nil}
				}
				if _, err := db.Exec(ctx, tx, `INSERT INTO everything (id, name, n, f, b, raw, at) VALUES (?, ?, ?, ?, ?, ?, ?)`, values...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		const q = `SELECT id, name, n, f, b, raw, at FROM everything ORDER BY id`
		got, err := db.All[all](ctx, d, q)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(all{}, part{})); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		names, err := db.All[street](ctx, d, `SELECT name FROM everything WHERE id IN (?) ORDER BY id`, []int64{1, 2, 3})
		if diff := cmp.Diff([]street{"Cedar", "", "ü ? ' \" $1"}, names); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if _, err := db.All[part](ctx, d, q); err == nil {
			t.Error("a column without a field was let through")
		}
		if _, err := db.One[all](ctx, d, q+` LIMIT 0`); !errors.Is(err, db.ErrNone) {
			t.Errorf("no row: %v", err)
		}
	})
}

func TestAQueryInsideALoopOverTheSameQuery(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		const q = `SELECT number FROM door WHERE street = ? ORDER BY number`
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i := range 20 {
				if err := insertDoor(ctx, tx, "Cedar", i); err != nil {
					return err
				}
			}
			if tx.Engine() == db.Postgres {
				return nil // there a connection answers one query at a time
			}
			seen := 0
			for n, err := range db.Each[int64](ctx, tx, q, "Cedar") {
				if err != nil {
					return err
				}
				inner, err := db.All[int64](ctx, tx, q, "Cedar")
				if err != nil || len(inner) != 20 || n != int64(seen) {
					t.Errorf("row %d: %d, inner %v, %v", seen, n, inner, err)
				}
				seen++
			}
			if seen != 20 {
				t.Errorf("saw %d rows", seen)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, err := range db.Each[int64](ctx, d, q, "Cedar") {
			if err != nil {
				t.Fatal(err)
			}
			if inner, err := db.All[int64](ctx, d, q, "Cedar"); err != nil || len(inner) != 20 {
				t.Fatal(inner, err)
			}
			seen++
		}
		if seen != 20 {
			t.Errorf("saw %d rows", seen)
		}
	})
}

func TestManyDifferentStatements(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := range 400 { // more than are kept compiled
					q := fmt.Sprintf(`SELECT CAST(? + %d AS BIGINT)`, i)
					if got, err := db.One[int64](ctx, d, q, int64(worker)); err != nil || got != int64(worker+i) {
						t.Errorf("got %d, %v", got, err)
						return
					}
				}
			})
		}
		wg.Wait()
		err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i := range 400 {
				if _, err := db.Exec(ctx, tx, fmt.Sprintf(`UPDATE door SET number = %d WHERE id = ?`, i), 1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestBulkEdges(t *testing.T) {
	dbtest.Run(t, []db.Line{line}, func(t *testing.T, d *db.DB) {
		bulk := func(rows ...[]any) (n int64, err error) {
			err = d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				n, err = db.Bulk(ctx, tx, "door", []string{"street", "number", "seen_at", "locked"}, func(yield func([]any) bool) {
					for _, r := range rows {
						if !yield(r) {
							return
						}
					}
				})
				return err
			})
			return n, err
		}
		if n, err := bulk(); n != 0 || err != nil {
			t.Errorf("no rows: %d, %v", n, err)
		}
		if _, err := bulk([]any{"Cedar", 1, time.Now(), true}, []any{"Cedar", 2, nil}); err == nil {
			t.Error("a row that is too short was let through")
		}
		if _, err := bulk([]any{"Cedar", 1, nil, true}, []any{nil, 2, nil, true}); err == nil {
			t.Error("a NULL was let through")
		}
		if got := countDoors(t, d, "Cedar"); got != 0 {
			t.Errorf("%d rows of failed loads are there", got)
		}
		seen := time.Date(2026, 11, 3, 6, 0, 0, 0, time.UTC)
		if n, err := bulk([]any{"Cedar", 1, seen, true}, []any{"Cedar", 2, nil, false}); n != 2 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		got, err := db.All[door](context.Background(), d, `SELECT street, number, seen_at, locked FROM door ORDER BY number`)
		if diff := cmp.Diff([]door{{Street: "Cedar", Number: 1, Seen: seen, Locked: true}, {Street: "Cedar", Number: 2}}, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

// TestBothEnginesAgree runs random programs of statements on both and compares the tables.
func TestBothEnginesAgree(t *testing.T) {
	lite := dbtest.Open(t, db.Config{Dir: t.TempDir()}, line)
	pg := dbtest.Open(t, db.Config{URL: dbtest.PostgresURL(t)}, line)
	rapid.Check(t, func(t *rapid.T) {
		type step struct {
			q    string
			args []any
		}
		name := rapid.SampledFrom([]string{"Cedar", "Mill", "3rd", "O'Neill", "Ñandú", ""})
		number := rapid.IntRange(-3, 3)
		one := rapid.Custom(func(t *rapid.T) step {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				return step{`INSERT INTO door (street, number, seen_at, locked) VALUES (?, ?, ?, ?)`, []any{name.Draw(t, "street"), number.Draw(t, "n"), time.UnixMilli(int64(number.Draw(t, "at"))), rapid.Bool().Draw(t, "locked")}}
			case 1:
				return step{`UPDATE door SET number = number + ? WHERE street IN (?)`, []any{number.Draw(t, "n"), rapid.SliceOfN(name, 0, 5).Draw(t, "streets")}}
			case 2:
				return step{`DELETE FROM door WHERE number < ? AND NOT street IN (?)`, []any{number.Draw(t, "n"), rapid.SliceOfN(name, 1, 5).Draw(t, "streets")}}
			case 3:
				return step{`UPDATE door SET locked = ?, street = street || ? WHERE number = ? AND seen_at IS NOT NULL -- isn't it?`, []any{rapid.Bool().Draw(t, "locked"), "'", number.Draw(t, "n")}}
			default:
				return step{`INSERT INTO door (street, number) SELECT street, ? FROM door WHERE locked = ? ORDER BY street, number LIMIT 3`, []any{number.Draw(t, "n"), rapid.Bool().Draw(t, "locked")}}
			}
		})
		program := rapid.SliceOfN(one, 1, 12).Draw(t, "program")
		fail := rapid.Bool().Draw(t, "roll back at the end")
		run := func(d *db.DB) (rows []door, changed []int64) {
			ctx := context.Background()
			begin := func(ctx context.Context, tx *db.Tx) error { _, err := db.Exec(ctx, tx, `DELETE FROM door`); return err }
			if err := d.Transact(ctx, begin); err != nil {
				t.Fatal(err)
			}
			stop := errors.New("stop")
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				changed = nil
				for _, s := range program {
					n, err := db.Exec(ctx, tx, s.q, s.args...)
					if err != nil {
						return err
					}
					changed = append(changed, n)
				}
				if fail {
					return stop
				}
				return nil
			})
			if err != nil && !errors.Is(err, stop) {
				t.Fatal(err)
			}
			if rows, err = db.All[door](ctx, d, `SELECT street, number, seen_at, locked FROM door`); err != nil {
				t.Fatal(err)
			}
			return rows, changed
		}
		rows1, changed1 := run(lite)
		rows2, changed2 := run(pg)
		if diff := cmp.Diff(changed1, changed2); diff != "" {
			t.Errorf("changed rows differ:\n%s", diff)
		}
		less := func(a, b door) bool { return fmt.Sprint(a) < fmt.Sprint(b) }
		if diff := cmp.Diff(sorted(rows1, less), sorted(rows2, less)); diff != "" {
			t.Errorf("rows differ:\n%s", diff)
		}
	})
}
