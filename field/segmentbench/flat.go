package segmentbench

import (
	"context"
	"iter"
	"strings"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/internal/db"
)

// flatColumns are those of the one wide table that somebody would make who wants to count with a database.
var flatColumns = strings.Fields(`id last first sex birth party status registered precinct congress senate city street house unit household lon lat
	cell dnc dropped minor hidden v0 v1 v2 v3 s0 s1`)

func (s *State) flat(yield func([]any) bool) {
	row := make([]any, len(flatColumns))
	for id := range s.ids() {
		v := s.voter(id)
		h := &v.home
		s0, _ := s.score(id, 0)
		var s1 any
		if x, ok := s.score(id, 1); ok {
			s1 = x
		}
		for i, x := range []any{id, v.last, v.first, v.sex, v.birth, v.party, v.status, v.registered, h.precinct, h.precinct*18/s.precincts() + 1,
			h.precinct*50/s.precincts() + 1, word(h.city), word(h.street) + " " + types[h.street%len(types)], h.house, h.unit, h.key,
			int64(list.ToMicro(h.lon)), int64(list.ToMicro(h.lat)), s.share(fPhone, uint64(id), 0.55), s.share(fSuppressed, uint64(id), 0.02), v.dropped, v.minor,
			v.confidential, s.vote(&v, 3), s.vote(&v, 2), s.vote(&v, 1), s.vote(&v, 0), s0, s1} {
			row[i] = x
		}
		if !yield(row) {
			return
		}
	}
}

// writeFlat makes the wide table with its indexes.
func (s *State) writeFlat(ctx context.Context, d *db.DB) error {
	var rows iter.Seq[[]any] = s.flat
	return d.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) error {
		if err := makeFlat(ctx, tx); err != nil {
			return err
		}
		if _, err := db.Bulk(ctx, tx, "bench_voter", flatColumns, rows); err != nil {
			return err
		}
		return indexFlat(ctx, tx)
	})
}
