package exchange

import (
	"context"
	"fmt"
	"iter"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// Terms say how a plan is loaded.
type Terms struct {
	Purpose   string // for the ledger; may be empty where none is asked
	Rehearsed string // hash of the file that was rehearsed; another file is refused
	Leave     bool   // load the rows that fit though others are refused
}

// Load writes every row that fits in one transaction, or nothing: any error of write or of the file undoes all of it. Rows
// are tried again, since the world may have changed after the rehearsal; refused rows stop the load unless the terms leave
// them out. write takes the records from the sequence to its end; an error in it is to be returned. On Postgres write may see
// the rows a second time in a fresh transaction, so it must keep nothing outside tx.
func Load(ctx context.Context, d *db.DB, a org.Actor, p Plan, t Terms, write func(ctx context.Context, tx *db.Tx, rows iter.Seq2[Record, error]) error) (Report, error) {
	if t.Rehearsed != p.File.Hash {
		return Report{}, fault.Conflictf("This is not the file that was rehearsed. Rehearse it first.")
	}
	var report Report
	err := d.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		report = Report{Hash: p.File.Hash}
		if err := write(ctx, tx, p.fitting(ctx, t, &report)); err != nil {
			return fmt.Errorf("loading %s: %w", p.Noun.Key, err)
		}
		if report.Fit == 0 {
			return fault.Invalidf("No row of the file can be loaded.")
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindLoad, Object: p.Noun.Key, Purpose: t.Purpose,
			Data: map[string]any{"read": report.Read, "loaded": report.Fit, "refused": report.Refused, "sha256": p.File.Hash, "format": p.File.Format.String()}})
		return err
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// fitting yields the records that can be loaded and counts all. A refused row ends it with an error unless the terms leave such rows out.
func (p Plan) fitting(ctx context.Context, t Terms, report *Report) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for o, err := range p.try(ctx) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			report.add(o)
			switch {
			case !o.refused:
				if !yield(o.record, nil) {
					return
				}
			case !t.Leave:
				yield(Record{}, fault.Invalidf("Row %d cannot be loaded, so nothing was. Mend the refused rows, or choose to leave them out.", o.row.Number))
				return
			}
		}
	}
}
