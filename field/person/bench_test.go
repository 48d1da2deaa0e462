package person

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/openprecinct/precinct/field/person/persontest"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// BenchmarkLookUp prints what look-ups cost beside what the databases offer by themselves, on PRECINCT_BENCH_VOTERS people:
//
//	PRECINCT_BENCH_VOTERS=1000000 go test -run '^$' -bench LookUp -benchtime 1x ./field/person
func BenchmarkLookUp(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("PRECINCT_BENCH_VOTERS"))
	if err != nil {
		b.Skip("set PRECINCT_BENCH_VOTERS")
	}
	for _, c := range []struct {
		name string
		open func() db.Config
	}{{"sqlite", func() db.Config { return db.Config{Dir: b.TempDir()} }}, {"postgres", func() db.Config { return db.Config{URL: dbtest.PostgresURL(b)} }}} {
		b.Run(c.name, func(b *testing.B) {
			p := newPeople(b, dbtest.Open(b, c.open(), lines()...))
			insert(b, p, persontest.Many(n, 7))
			for b.Loop() {
				rows, err := p.BenchQueries(context.Background(), role(b, 1, "organizer"), 200, 1)
				if err != nil {
					b.Fatal(err)
				}
				fmt.Printf("| %s, %d voters | found | p50 | p95 |\n|---|---|---|---|\n", c.name, n)
				for _, r := range rows {
					fmt.Printf("| %s | %d of %d | %.1f ms | %.1f ms |\n", r.Name, r.Found, r.N, ms(r.P50.Microseconds()), ms(r.P95.Microseconds()))
				}
			}
		})
	}
}

func ms(us int64) float64 { return float64(us) / 1000 }
