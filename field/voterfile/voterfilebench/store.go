package voterfilebench

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
)

// databaseSize returns the bytes the database takes on disk.
func databaseSize(ctx context.Context, d *db.DB) (int64, error) {
	if d.Engine() == db.Postgres {
		return db.One[int64](ctx, d, `SELECT pg_database_size(current_database())`)
	}
	return db.One[int64](ctx, d, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)
}

// naive is what a script does on SQLite: encoding/csv, and one prepared INSERT a row in one transaction; no types, no keys, no
// comparing, no votes joined, no search.
func (b *bench) naive(ctx context.Context, d *db.DB) error {
	return b.other(ctx, d, "by hand: encoding/csv and an INSERT for each row", func(ctx context.Context, tx *db.Tx, f *os.File) (int64, error) {
		in := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
		in.Comma, in.LazyQuotes, in.ReuseRecord = '\t', true, true
		header, err := in.Read()
		if err != nil {
			return 0, err
		}
		n := len(header)
		if _, err := db.Exec(ctx, tx, `CREATE TABLE by_hand (c`+strings.Join(numbers(n), " TEXT, c")+` TEXT)`); err != nil {
			return 0, err
		}
		insert, err := tx.SQL().PrepareContext(ctx, `INSERT INTO by_hand VALUES (`+strings.Repeat("?,", n-1)+`?)`)
		if err != nil {
			return 0, err
		}
		defer insert.Close() //nolint:errcheck // a benchmark
		args := make([]any, n)
		for rows := int64(0); ; rows++ {
			cells, err := in.Read()
			if errors.Is(err, io.EOF) {
				_, err := db.Exec(ctx, tx, `DROP TABLE by_hand`)
				return rows, err
			}
			if err != nil {
				return 0, err
			}
			for i := range args {
				args[i] = cells[i]
			}
			if _, err := insert.ExecContext(ctx, args...); err != nil {
				return 0, err
			}
		}
	})
}

func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "c" + string(rune('a'+i/26)) + string(rune('a'+i%26))
	}
	return all
}

// copyRaw is the least a Postgres user does: COPY of the lines as they are into one column of text.
func (b *bench) copyRaw(ctx context.Context, d *db.DB) error {
	return b.other(ctx, d, "by hand: COPY of raw lines into one text column", func(ctx context.Context, tx *db.Tx, f *os.File) (int64, error) {
		if _, err := db.Exec(ctx, tx, `CREATE TABLE by_hand (line TEXT)`); err != nil {
			return 0, err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		row := make([]any, 1)
		n, err := db.Bulk(ctx, tx, "by_hand", []string{"line"}, func(yield func([]any) bool) {
			for lines.Scan() {
				row[0] = strings.ToValidUTF8(lines.Text(), "?")
				if !yield(row) {
					return
				}
			}
		})
		if err = errors.Join(err, lines.Err()); err != nil {
			return 0, err
		}
		_, err = db.Exec(ctx, tx, `DROP TABLE by_hand`)
		return n, err
	})
}

// other measures another way of loading the voters and the votes of the first file.
func (b *bench) other(ctx context.Context, d *db.DB, what string, load func(context.Context, *db.Tx, *os.File) (int64, error)) error {
	forgetPeak()
	watch := newStopwatch()
	for _, m := range b.old.Files {
		if m.Kind != "voters" && m.Kind != "history" {
			continue
		}
		if err := b.loadOther(ctx, d, m, load); err != nil {
			return err
		}
	}
	total, cpu := watch.total()
	b.rows = append(b.rows, row{what: what, engine: d.Engine().String(), rows: int64(b.old.Voters), took: total, cpu: cpu, peak: peakMemory(), note: "no types, keys, comparing or search"})
	b.doing("%s: %.1f s", what, total.Seconds())
	return nil
}

func (b *bench) loadOther(ctx context.Context, d *db.DB, m synth.FileTruth, load func(context.Context, *db.Tx, *os.File) (int64, error)) error {
	f, err := os.Open(filepath.Join(b.dir, "old", m.Name))
	if err != nil {
		return err
	}
	err = d.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := load(ctx, tx, f)
		return err
	})
	return errors.Join(err, f.Close())
}
