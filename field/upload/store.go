package upload

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/exchange"
)

// key is a voter id and whose it is.
type key struct {
	State  string `db:"state_id"`
	Person int64  `db:"person_id"`
}

func peopleByVoterID(ctx context.Context, r db.Reader, f voterfile.FileID, states []string) (map[string]int64, error) {
	all := make(map[string]int64, len(states))
	if len(states) == 0 {
		return all, nil
	}
	keys, err := db.All[key](ctx, r, `SELECT state_id, person_id FROM field_voter_key WHERE voterfile_id = ? AND state_id IN (?)`, int64(f), states)
	for _, k := range keys {
		all[k.State] = k.Person
	}
	return all, err
}

func peopleKnown(ctx context.Context, r db.Reader, f voterfile.FileID, ids []int64) (map[int64]bool, error) {
	all := make(map[int64]bool, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	known, err := db.All[int64](ctx, r, `SELECT person_id FROM field_person WHERE voterfile_id = ? AND person_id IN (?)`, int64(f), ids)
	for _, id := range known {
		all[id] = true
	}
	return all, err
}

// distinct returns the records in order of person and of a column, the last row of each pair: tables are clustered so, and take no key twice.
func distinct(all []exchange.Record, column string) []exchange.Record {
	out := slices.Clone(all)
	text := func(r exchange.Record) string {
		if c, ok := r.Values[column].(person.Channel); ok {
			return string(c)
		}
		return r.Text(column)
	}
	same := func(a, b exchange.Record) int {
		return cmp.Or(cmp.Compare(who(a), who(b)), cmp.Compare(text(a), text(b)))
	}
	slices.SortStableFunc(out, func(a, b exchange.Record) int { return cmp.Or(same(a, b), cmp.Compare(b.Row, a.Row)) })
	return slices.CompactFunc(out, func(a, b exchange.Record) bool { return same(a, b) == 0 })
}

// fileConfidence is how sure a number or address from an organisation's own file is, of 100: above a guess, below what a person confirmed.
const fileConfidence = 60

func putPhones(ctx context.Context, tx *db.Tx, org int64, file string, all []exchange.Record) error {
	columns := []string{"person_id", "number", "org_id", "kind", "source", "confidence", "wrong_at"}
	_, err := db.Upsert(ctx, tx, "field_phone", columns, 3, func(yield func([]any) bool) {
		for _, r := range distinct(all, colPhone) {
			if !yield([]any{who(r), r.Text(colPhone), org, cmp.Or(r.Text(colKind), "unknown"), file, fileConfidence, 0}) {
				return
			}
		}
	})
	return err
}

func putEmails(ctx context.Context, tx *db.Tx, org int64, file string, all []exchange.Record) error {
	columns := []string{"person_id", "email", "org_id", "source", "confidence", "wrong_at"}
	_, err := db.Upsert(ctx, tx, "field_email", columns, 3, func(yield func([]any) bool) {
		for _, r := range distinct(all, colEmail) {
			if !yield([]any{who(r), r.Text(colEmail), org, file, fileConfidence, 0}) {
				return
			}
		}
	})
	return err
}

func putSuppressions(ctx context.Context, tx *db.Tx, org, account int64, now time.Time, all []exchange.Record) error {
	columns := []string{"person_id", "org_id", "channel", "reason", "account_id", "created_at"}
	return db.InsertNew(ctx, tx, "field_suppression", columns, func(yield func([]any) bool) {
		for _, r := range distinct(all, colChannel) {
			channel, _ := r.Values[colChannel].(person.Channel)
			if !yield([]any{who(r), org, string(channel), r.Text(colReason), account, now}) {
				return
			}
		}
	})
}

// Source is a voter file whose people may be named.
type Source struct {
	ID   voterfile.FileID `db:"id"`
	Name string           `db:"name"`
}

func sources(ctx context.Context, r db.Reader, files []voterfile.FileID) ([]Source, error) {
	if len(files) == 0 {
		return nil, nil
	}
	return db.All[Source](ctx, r, `SELECT id, name FROM field_voterfile WHERE id IN (?) ORDER BY name, id`, files)
}
