package codebook

import (
	"context"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
)

func personIn(ctx context.Context, r db.Reader, files []voterfile.FileID, person int64) (bool, error) {
	if len(files) == 0 {
		return false, nil
	}
	n, err := db.One[int64](ctx, r, `SELECT COUNT(*) FROM field_person WHERE person_id = ? AND voterfile_id IN (?)`, person, files)
	return n > 0, err
}

// factRow is a Fact with what a score or number needs to be written.
type factRow struct {
	Fact
	Place    int   `db:"place"` // of its kind in AllKinds
	Number   int64 `db:"number"`
	Decimals int   `db:"decimals"`
}

// What decimals says of values that are no numbers.
const dateValue = -2 // a date; -1 is a text

// facts reads all kinds at once: a profile asks this on every look. Where a definition is shared everybody's rows of it are seen, else one's own.
func facts(ctx context.Context, r db.Reader, org, person int64) ([]Fact, error) {
	rows, err := db.All[factRow](ctx, r, `SELECT 0 AS place, q.name, r.name AS value, 0 AS number, -1 AS decimals, a.answered_at AS at, o.name AS org_name
			FROM field_answer a JOIN field_question q ON q.id = a.question_id JOIN field_response r ON r.id = a.response_id JOIN org o ON o.id = a.org_id
			WHERE a.person_id = ? AND (a.org_id = ? OR q.shared = 1) AND NOT EXISTS (SELECT 1 FROM field_answer b WHERE b.person_id = a.person_id
			AND b.question_id = a.question_id AND (b.org_id = ? OR q.shared = 1)
			AND (b.answered_at > a.answered_at OR b.answered_at = a.answered_at AND b.answer_id > a.answer_id))
		UNION ALL SELECT 1, d.name, '', 0, -1, c.applied_at, o.name FROM field_person_code c JOIN field_code d ON d.id = c.code_id JOIN org o ON o.id = c.org_id
			WHERE c.person_id = ? AND (c.org_id = ? OR d.shared = 1)
		UNION ALL SELECT 2, d.name, '', 0, -1, c.applied_at, o.name FROM field_person_tag c JOIN field_tag d ON d.id = c.tag_id JOIN org o ON o.id = c.org_id
			WHERE c.person_id = ? AND (c.org_id = ? OR d.shared = 1)
		UNION ALL SELECT 3, d.name, '', c.value, d.decimals, 0, o.name FROM field_person_score c JOIN field_score d ON d.id = c.score_id JOIN org o ON o.id = d.org_id
			WHERE c.person_id = ? AND (d.org_id = ? OR d.shared = 1) AND d.status <> 'archived'
		UNION ALL SELECT 4, d.name, c.text_value, c.number_value, CASE d.kind WHEN 'number' THEN 0 WHEN 'date' THEN -2 ELSE -1 END, c.changed_at, o.name
			FROM field_person_custom c JOIN field_custom d ON d.id = c.custom_id JOIN org o ON o.id = c.org_id WHERE c.person_id = ? AND (c.org_id = ? OR d.shared = 1)
		UNION ALL SELECT 5, d.name, g.name, 0, -1, 0, o.name FROM field_person_target c JOIN field_target d ON d.id = c.target_id
			JOIN field_target_group g ON g.id = c.group_id JOIN org o ON o.id = d.org_id WHERE c.person_id = ? AND (d.org_id = ? OR d.shared = 1)
		UNION ALL SELECT 6, d.name, c.status, 0, -1, c.changed_at, o.name FROM field_signup c JOIN field_event d ON d.id = c.event_id JOIN org o ON o.id = c.org_id
			WHERE c.person_id = ? AND (c.org_id = ? OR d.shared = 1)
		ORDER BY 1, 6 DESC, 2, 7`,
		person, org, org, person, org, person, org, person, org, person, org, person, org, person, org)
	all := make([]Fact, len(rows))
	for i, x := range rows {
		f := x.Fact
		f.Kind = AllKinds()[x.Place]
		f.Choice = f.Kind == Event
		switch {
		case x.Decimals >= 0:
			f.Value = Unscaled(x.Number, x.Decimals)
		case x.Decimals == dateValue:
			s := Unscaled(x.Number, 0)
			f.Value = s[:4] + "-" + s[4:6] + "-" + s[6:]
		}
		all[i] = f
	}
	return all, err
}

type use struct {
	ID ID    `db:"id"`
	N  int64 `db:"n"`
}

func usesFrom(all []use, err error) (map[ID]int64, error) {
	m := make(map[ID]int64, len(all))
	for _, u := range all {
		m[u.ID] = u.N
	}
	return m, err
}

// The people of each definition by kind.
var useQueries = map[Kind]string{
	Question: `SELECT question_id AS id, COUNT(DISTINCT person_id) AS n FROM field_answer WHERE question_id IN (SELECT id FROM field_question WHERE shared = 1 OR org_id = ?) GROUP BY question_id`,
	Code:     `SELECT code_id AS id, COUNT(DISTINCT person_id) AS n FROM field_person_code WHERE code_id IN (SELECT id FROM field_code WHERE shared = 1 OR org_id = ?) GROUP BY code_id`,
	Tag:      `SELECT tag_id AS id, COUNT(DISTINCT person_id) AS n FROM field_person_tag WHERE tag_id IN (SELECT id FROM field_tag WHERE shared = 1 OR org_id = ?) GROUP BY tag_id`,
	Score:    `SELECT score_id AS id, COUNT(*) AS n FROM field_person_score WHERE score_id IN (SELECT id FROM field_score WHERE shared = 1 OR org_id = ?) GROUP BY score_id`,
	Custom: `SELECT custom_id AS id, COUNT(DISTINCT person_id) AS n FROM field_person_custom WHERE custom_id IN (SELECT id FROM field_custom WHERE shared = 1 OR org_id = ?)
		GROUP BY custom_id`,
	Target: `SELECT target_id AS id, COUNT(*) AS n FROM field_person_target WHERE target_id IN (SELECT id FROM field_target WHERE shared = 1 OR org_id = ?) GROUP BY target_id`,
	Event:  `SELECT event_id AS id, COUNT(*) AS n FROM field_signup WHERE event_id IN (SELECT id FROM field_event WHERE shared = 1 OR org_id = ?) GROUP BY event_id`,
}

func uses(ctx context.Context, r db.Reader, k Kind, org int64) (map[ID]int64, error) {
	return usesFrom(db.All[use](ctx, r, useQueries[k], org))
}

func numbers(ctx context.Context, r db.Reader, org int64, archived bool) (map[Kind]int64, error) {
	type number struct {
		Kind Kind  `db:"kind"`
		N    int64 `db:"n"`
	}
	all, err := db.All[number](ctx, r, `SELECT kind, COUNT(*) AS n FROM (SELECT 'code' AS kind, org_id, shared, status FROM field_code
		UNION ALL SELECT 'tag', org_id, shared, status FROM field_tag UNION ALL SELECT 'question', org_id, shared, status FROM field_question
		UNION ALL SELECT 'score', org_id, shared, status FROM field_score UNION ALL SELECT 'custom', org_id, shared, status FROM field_custom
		UNION ALL SELECT 'target', org_id, shared, status FROM field_target UNION ALL SELECT 'event', org_id, shared, status FROM field_event) d
		WHERE (org_id = ? OR shared = 1) AND (status <> 'archived' OR ? = 1) GROUP BY kind`, org, archived)
	m := make(map[Kind]int64, len(all))
	for _, x := range all {
		m[x.Kind] = x.N
	}
	return m, err
}

func partUses(ctx context.Context, r db.Reader, d Definition, org int64) (map[ID]int64, error) {
	if d.Kind == Target {
		return usesFrom(db.All[use](ctx, r, `SELECT group_id AS id, COUNT(*) AS n FROM field_person_target WHERE target_id = ? GROUP BY group_id`, int64(d.ID)))
	}
	return usesFrom(db.All[use](ctx, r, `SELECT response_id AS id, COUNT(*) AS n FROM (SELECT response_id, ROW_NUMBER() OVER (PARTITION BY person_id
		ORDER BY answered_at DESC, answer_id DESC) AS place FROM field_answer WHERE question_id = ? AND (org_id = ? OR ? = 1)) latest
		WHERE place = 1 GROUP BY response_id`, int64(d.ID), org, d.Shared))
}

func spread(ctx context.Context, r db.Reader, d Definition) ([]int64, error) {
	counted, err := db.All[bin](ctx, r, `SELECT (value - ?) * ? / ? AS bin, COUNT(*) AS n FROM field_person_score WHERE score_id = ? AND value BETWEEN ? AND ? GROUP BY 1`,
		d.Min, int64(bins), d.Max-d.Min+1, int64(d.ID), d.Min, d.Max)
	out := make([]int64, bins)
	for _, b := range counted {
		out[b.Bin] = b.N
	}
	return out, err
}
