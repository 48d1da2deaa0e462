package db_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

var sweepLine = db.Line{Program: "sweep", FS: fstest.MapFS{"0001_sweep.sql": {Data: []byte(`
CREATE TABLE swept_row (key @int NOT NULL PRIMARY KEY, a @text NOT NULL, n @small NOT NULL, b @text NOT NULL, x @real NOT NULL, c @text NOT NULL, m @int NOT NULL, d @text NOT NULL) @strict;
CREATE TABLE swept_many (n @int NOT NULL, key @int NOT NULL, a @text NOT NULL, PRIMARY KEY (key, n)) @clustered;
`)}}}

// sweptRow is a row as Each hands it out, and as SELECT does.
type sweptRow struct {
	Key int64   `db:"key"`
	N   int64   `db:"n"`
	M   int64   `db:"m"`
	X   float64 `db:"x"`
	A   string  `db:"a"`
	B   string  `db:"b"`
	C   string  `db:"c"`
	D   string  `db:"d"`
}

func compareSwept(a, b sweptRow) int {
	return strings.Compare(fmt.Sprintf("%020d %020d", a.Key, a.N), fmt.Sprintf("%020d %020d", b.Key, b.N))
}

// TestSweepIsSelect sweeps random rows, among them long ones, strange numbers and texts with the mark that joins texts, and compares with SELECT.
func TestSweepIsSelect(t *testing.T) {
	dbtest.Run(t, []db.Line{sweepLine}, func(t *testing.T, d *db.DB) {
		ctx := db.WithSite(context.Background())
		rapid.Check(t, func(r *rapid.T) {
			text := rapid.Custom(func(r *rapid.T) string {
				s := rapid.SampledFrom([]string{"", "a", "NORTH\x1fSOUTH", "\x1f", "Peña", strings.Repeat("long", 300)}).Draw(r, "text")
				return strings.Repeat(s, rapid.IntRange(1, 12).Draw(r, "times"))
			})
			keys := rapid.SliceOfNDistinct(rapid.OneOf(rapid.Int64Range(-40, 3000), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64 - 1, 1 << 40})), 0, 300,
				rapid.ID[int64]).Draw(r, "keys")
			slices.Sort(keys)
			whole := rapid.OneOf(rapid.SampledFrom([]int64{0, 1, -1, 127, 128, -32768, 1 << 23, 1 << 31, 1 << 47, math.MaxInt64}), rapid.Int64())
			err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
				for _, q := range []string{`DELETE FROM swept_row`, `DELETE FROM swept_many`} {
					if _, err := db.Exec(ctx, tx, q); err != nil {
						return err
					}
				}
				for _, k := range keys {
					if _, err := db.Exec(ctx, tx, `INSERT INTO swept_row (key, a, n, b, x, c, m, d) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, k, text.Draw(r, "a"),
						rapid.Int16().Draw(r, "n"), text.Draw(r, "b"), rapid.SampledFrom([]float64{0, 1, -80.25, 1e300}).Draw(r, "x"), "c", whole.Draw(r, "m"), text.Draw(r, "d")); err != nil {
						return err
					}
					for n := range rapid.IntRange(0, 3).Draw(r, "many") {
						if _, err := db.Exec(ctx, tx, `INSERT INTO swept_many (n, key, a) VALUES (?, ?, ?)`, n, k, text.Draw(r, "a")); err != nil {
							return err
						}
					}
				}
				return nil
			})
			if err != nil {
				r.Fatal(err)
			}
			from := rapid.SampledFrom([]int64{math.MinInt64, 0, 17}).Draw(r, "from")
			to := rapid.SampledFrom([]int64{math.MaxInt64, 1000, 18, -5}).Draw(r, "to")
			var got []sweptRow
			err = db.Sweep{Table: "swept_row", Key: "key", From: from, To: to, Ints: []string{"m", "n"}, Reals: []string{"x"}, Texts: []string{"d", "a", "c", "b"}}.Each(ctx, d,
				func(s *db.Swept) error {
					got = append(got, sweptRow{s.Key, s.Ints[1], s.Ints[0], s.Reals[0], string(s.Texts[1]), string(s.Texts[3]), string(s.Texts[2]), string(s.Texts[0])})
					return nil
				})
			if err != nil {
				r.Fatal(err)
			}
			slices.SortFunc(got, compareSwept)
			want, err := db.All[sweptRow](ctx, d, `SELECT key, n, m, x, a, b, c, d FROM swept_row WHERE key >= ? AND key < ?`, from, to)
			slices.SortFunc(want, compareSwept)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				r.Fatal(err, diff)
			}
			got = nil
			err = db.Sweep{Table: "swept_many", Key: "key", From: from, To: to, Ints: []string{"n"}, Texts: []string{"a"}}.Each(ctx, d, func(s *db.Swept) error {
				got = append(got, sweptRow{Key: s.Key, N: s.Ints[0], A: string(s.Texts[0])})
				return nil
			})
			if err != nil {
				r.Fatal(err)
			}
			slices.SortFunc(got, compareSwept)
			want, err = db.All[sweptRow](ctx, d, `SELECT key, n, a FROM swept_many WHERE key >= ? AND key < ?`, from, to)
			slices.SortFunc(want, compareSwept)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				r.Fatal(err, diff)
			}
		})
	})
}

func TestSweepRefuses(t *testing.T) {
	dbtest.Run(t, []db.Line{sweepLine}, func(t *testing.T, d *db.DB) {
		ctx := db.WithSite(context.Background())
		for name, s := range map[string]db.Sweep{
			"no table":  {Table: "swept_none", Key: "key", To: 9},
			"no column": {Table: "swept_row", Key: "key", Ints: []string{"none"}, To: 9},
		} {
			if err := s.Each(ctx, d, func(*db.Swept) error { return nil }); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
}
