package ledger

import (
	"context"
	"syscall"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

var look = Entry{Kind: "field.person.look", Object: "field_person/12", Purpose: "Return a call"}

// cpu reports the processor time of this process for each operation: unlike ns/op it does not change with
// what else the machine does. Postgres works in processes of its own, which it leaves out.
func cpu(b *testing.B) func() {
	var began, ended syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &began)
	return func() {
		syscall.Getrusage(syscall.RUSAGE_SELF, &ended)
		spent := ended.Utime.Nano() + ended.Stime.Nano() - began.Utime.Nano() - began.Stime.Nano()
		b.ReportMetric(float64(spent)/float64(b.N), "cpu-ns/op")
	}
}

func benchOnBoth(b *testing.B, f func(b *testing.B, d *db.DB)) {
	b.Run("sqlite", func(b *testing.B) { f(b, dbtest.Open(b, db.Config{Dir: b.TempDir()}, Schema())) })
	b.Run("postgres", func(b *testing.B) { f(b, dbtest.Open(b, db.Config{URL: dbtest.PostgresURL(b)}, Schema())) })
}

func appendOne(d *db.DB) error {
	return d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := Append(ctx, tx, Who{Account: 1, Org: 2, Via: "browser"}, look)
		return err
	})
}

// BenchmarkAppendAlone is one person looking at records, one after the other.
func BenchmarkAppendAlone(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *db.DB) {
		defer cpu(b)()
		for b.Loop() {
			if err := appendOne(d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAppendTogether is 64 people looking at once.
func BenchmarkAppendTogether(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *db.DB) {
		defer cpu(b)()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := appendOne(d); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkAppendBatch records 1000 entries in a transaction; ns/op is for all of them.
func BenchmarkAppendBatch(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *db.DB) {
		batch := make([]Entry, 1000)
		for i := range batch {
			batch[i] = look
		}
		defer cpu(b)()
		for b.Loop() {
			err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				_, err := AppendAll(ctx, tx, Who{Account: 1, Org: 2, Via: "job"}, batch...)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerify checks 20,000 entries; ns/op is for all of them.
func BenchmarkVerify(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, d *db.DB) {
		batch := make([]Entry, 20_000)
		for i := range batch {
			batch[i] = look
		}
		err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := AppendAll(ctx, tx, Who{Account: 1, Org: 2, Via: "job"}, batch...)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		defer cpu(b)()
		for b.Loop() {
			if r, err := Verify(context.Background(), d, Options{}); err != nil || !r.OK() {
				b.Fatal(r, err)
			}
		}
	})
}
