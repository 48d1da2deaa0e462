package codebook

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// marks yields the rows of one code or tag. Each is used until the next is asked for.
func marks(id ID, org, account int64, now time.Time, people []int64) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, p := range distinct(people) {
			if !yield([]any{p, int64(id), org, account, now}) {
				return
			}
		}
	}
}

// distinct returns people in order, each once: Upsert takes no key twice, and the tables are clustered by it.
func distinct(people []int64) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(people)))
}

func putMarks(ctx context.Context, tx *db.Tx, k Kind, id ID, org, account int64, now time.Time, people []int64) (int64, error) {
	table, column := "field_person_code", "code_id"
	if k == Tag {
		table, column = "field_person_tag", "tag_id"
	}
	return int64(len(distinct(people))), db.InsertNew(ctx, tx, table, []string{"person_id", column, "org_id", "account_id", "applied_at"}, marks(id, org, account, now, people))
}

func dropMarks(ctx context.Context, tx *db.Tx, k Kind, id ID, org int64, people []int64) (sum int64, err error) {
	q := `DELETE FROM field_person_code WHERE code_id = ? AND org_id = ? AND person_id IN (?)`
	if k == Tag {
		q = `DELETE FROM field_person_tag WHERE tag_id = ? AND org_id = ? AND person_id IN (?)`
	}
	for part := range slices.Chunk(people, 5000) {
		n, err := db.Exec(ctx, tx, q, int64(id), org, part)
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

func putAnswers(ctx context.Context, tx *db.Tx, question ID, org, account int64, source string, answers []Answer) error {
	columns := []string{"person_id", "answer_id", "question_id", "response_id", "org_id", "account_id", "source", "answered_at"}
	return db.InsertNew(ctx, tx, "field_answer", columns, func(yield func([]any) bool) {
		for _, x := range answers {
			if !yield([]any{x.Person, x.ID, int64(question), int64(x.Response), org, account, source, x.At}) {
				return
			}
		}
	})
}

func dropAnswer(ctx context.Context, tx *db.Tx, question ID, org int64, x Answer) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_answer WHERE person_id = ? AND answer_id = ? AND question_id = ? AND org_id = ?`, x.Person, x.ID, int64(question), org)
}

func dropSignups(ctx context.Context, tx *db.Tx, event ID, org int64, people []int64) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM field_signup WHERE event_id = ? AND org_id = ? AND person_id IN (?)`, int64(event), org, people)
}

func putFillings(ctx context.Context, tx *db.Tx, field ID, org, account int64, now time.Time, fillings []Filling) error {
	last := map[int64]Filling{} // the last one of a person stands
	for _, f := range fillings {
		last[f.Person] = f
	}
	var cleared []int64
	columns := []string{"person_id", "custom_id", "org_id", "text_value", "number_value", "account_id", "changed_at"}
	_, err := db.Upsert(ctx, tx, "field_person_custom", columns, 3, func(yield func([]any) bool) {
		for _, p := range keys(last) {
			f := last[p]
			if f.Clear {
				cleared = append(cleared, p)
			} else if !yield([]any{p, int64(field), org, f.Text, f.Number, account, now}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(cleared, 5000) {
		if _, err := db.Exec(ctx, tx, `DELETE FROM field_person_custom WHERE custom_id = ? AND org_id = ? AND person_id IN (?)`, int64(field), org, part); err != nil {
			return err
		}
	}
	return nil
}

func keys[V any](m map[int64]V) []int64 {
	all := make([]int64, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func putSignups(ctx context.Context, tx *db.Tx, event ID, org int64, status string, now time.Time, people []int64) error {
	_, err := db.Upsert(ctx, tx, "field_signup", []string{"person_id", "event_id", "org_id", "status", "changed_at"}, 2, func(yield func([]any) bool) {
		for _, p := range distinct(people) {
			if !yield([]any{p, int64(event), org, status, now}) {
				return
			}
		}
	})
	return err
}

func putTargets(ctx context.Context, tx *db.Tx, target, group ID, people []int64) error {
	_, err := db.Upsert(ctx, tx, "field_person_target", []string{"person_id", "target_id", "group_id"}, 2, func(yield func([]any) bool) {
		for _, p := range distinct(people) {
			if !yield([]any{p, int64(target), int64(group)}) {
				return
			}
		}
	})
	return err
}
