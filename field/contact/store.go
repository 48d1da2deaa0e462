package contact

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// putAttempts writes the attempts that are not there yet and returns them.
func putAttempts(ctx context.Context, tx *db.Tx, org, account int64, source string, attempts []Attempt) ([]Attempt, error) {
	known := map[string]bool{}
	for part := range slices.Chunk(attempts, 2000) {
		ids, err := knownIDs(ctx, tx, part)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	var fresh []Attempt
	for _, x := range attempts {
		if !known[x.ID] {
			known[x.ID] = true
			fresh = append(fresh, x)
		}
	}
	columns := []string{"person_id", "contact_id", "org_id", "account_id", "channel", "result", "source", "tried_at"}
	_, err := db.Bulk(ctx, tx, "field_contact", columns, func(yield func([]any) bool) {
		for _, x := range fresh {
			if !yield([]any{x.Person, x.ID, org, cmp.Or(x.By, account), string(x.Channel), string(x.Result), source, x.At}) {
				return
			}
		}
	})
	return fresh, err
}

func knownIDs(ctx context.Context, tx *db.Tx, attempts []Attempt) ([]string, error) {
	ids := make([]string, len(attempts))
	for i, x := range attempts {
		ids[i] = x.ID
	}
	return db.All[string](ctx, tx, `SELECT contact_id FROM field_contact WHERE person_id IN (?) AND contact_id IN (?)`, peopleOf(attempts), ids)
}

func dropAttempt(ctx context.Context, tx *db.Tx, org int64, x Taken) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_contact WHERE person_id = ? AND contact_id = ? AND org_id = ?`, x.Person, x.ID, org)
}

func putSuppressions(ctx context.Context, tx *db.Tx, org, account int64, now time.Time, all []suppression) error {
	slices.SortFunc(all, func(a, b suppression) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.channel, b.channel))
	})
	return db.InsertNew(ctx, tx, "field_suppression", []string{"person_id", "org_id", "channel", "reason", "account_id", "created_at"}, func(yield func([]any) bool) {
		for _, x := range all {
			if !yield([]any{x.person, org, string(x.channel), x.reason, account, now}) {
				return
			}
		}
	})
}

// markWrong notes for the organisation that a number is not the person's; what the voter file says stays.
func markWrong(ctx context.Context, tx *db.Tx, org int64, now time.Time, bad []Attempt) error {
	type key struct {
		person int64
		number string
	}
	seen := map[key]bool{}
	_, err := db.Upsert(ctx, tx, "field_phone", []string{"person_id", "number", "org_id", "kind", "source", "confidence", "wrong_at"}, 3, func(yield func([]any) bool) {
		for _, x := range bad {
			k := key{x.Person, x.Number}
			if seen[k] {
				continue
			}
			seen[k] = true
			if !yield([]any{x.Person, x.Number, org, "unknown", "attempt", 0, now}) {
				return
			}
		}
	})
	return err
}

func history(ctx context.Context, r db.Reader, org, who int64) ([]Past, error) {
	return db.All[Past](ctx, r, `SELECT channel, result, source, account_id, tried_at FROM field_contact WHERE person_id = ? AND org_id = ?
		ORDER BY tried_at DESC, contact_id LIMIT 200`, who, org)
}

type attemptOf struct {
	ID string `db:"contact_id"`
	By int64  `db:"account_id"`
}

func newest(ctx context.Context, r db.Reader, org int64, source string, who int64, result Result) (attemptOf, error) {
	return db.One[attemptOf](ctx, r, `SELECT contact_id, account_id FROM field_contact WHERE person_id = ? AND org_id = ? AND source = ? AND result = ?
		ORDER BY tried_at DESC, contact_id LIMIT 1`, who, org, source, string(result))
}
