package liststore_test

import (
	"math/rand/v2"
	"testing"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// What a count costs while there are no segments yet, on either database, for PRECINCT_PEOPLE people.
func BenchmarkSlow(b *testing.B) {
	w := makeWorld(rand.New(rand.NewPCG(1, 1)), int(setting("PRECINCT_PEOPLE", 10_000)))
	def := func(kind string) int64 { return w.defs[kind][1].id }
	engines := map[string]func() db.Config{"sqlite": func() db.Config { return db.Config{Dir: b.TempDir()} }, "postgres": func() db.Config { return db.Config{URL: dbtest.PostgresURL(b)} }}
	for name, config := range engines {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Open(b, config(), lines...)
			w.write(b, d, false)
			if err := d.Analyze(db.WithSite(b.Context()), "field_person", "field_vote", "field_answer", "field_contact", "field_phone", "field_email",
				"place_address", "field_suppression"); err != nil {
				b.Fatal(err)
			}
			for _, c := range []struct {
				name  string
				where list.Node
			}{
				{"party", list.Is{Attr: list.Party, Values: []string{"DEM"}}},
				{"voted", list.Voted{Last: 4, AtLeast: ptr(2)}},
				{"answered", list.Answered{Question: def("question"), Responses: w.defs["question"][1].parts[:1]}},
				{"contacted", list.None{list.Contact{Days: list.Days{Within: 30}}}},
				{"household", list.LivesWith{Who: list.Is{Attr: list.Party, Values: []string{"DEM"}}}},
				{"near", list.Near{Lon: -78.65, Lat: 35.75, Metres: 2000}},
			} {
				p, err := list.Check(list.Criteria{Steps: []list.Step{{Do: list.Start, Where: c.where}, {Do: list.OnePerHousehold, Prefer: list.Oldest}}}, w.catalog(ours, list.Universe{}))
				if err != nil {
					b.Fatal(err)
				}
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						if _, err := liststore.SlowCounts(db.WithSite(b.Context()), d, p); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
