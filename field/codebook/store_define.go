package codebook

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// columns are the kind's own columns as a row of Definition, its table first.
var selects = map[Kind]string{
	Code: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.medium_name, d.short_name, d.purpose, d.cycle, d.status, d.shared, d.created_at, d.changed_at
		FROM field_code d JOIN org o ON o.id = d.org_id`,
	Tag: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.purpose, d.status, d.shared, d.created_at, d.changed_at
		FROM field_tag d JOIN org o ON o.id = d.org_id`,
	Question: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.medium_name, d.short_name, d.script AS purpose, d.cycle, d.status, d.shared, d.created_at, d.changed_at
		FROM field_question d JOIN org o ON o.id = d.org_id`,
	Score: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.medium_name, d.short_name, d.purpose, d.decimals, d.min_value, d.max_value, d.status, d.shared,
		d.created_at, d.changed_at FROM field_score d JOIN org o ON o.id = d.org_id`,
	Custom: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.purpose, d.kind AS type, d.choices, d.status, d.shared, d.created_at, d.changed_at
		FROM field_custom d JOIN org o ON o.id = d.org_id`,
	Target: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.purpose, d.status, d.shared, d.created_at, d.changed_at
		FROM field_target d JOIN org o ON o.id = d.org_id`,
	Event: `SELECT d.id, d.org_id, o.name AS org_name, d.name, d.purpose, d.starts_at, d.status, d.shared, d.created_at, d.changed_at
		FROM field_event d JOIN org o ON o.id = d.org_id`,
}

// row is a Definition as stored.
type row struct {
	Definition
	Choices string `db:"choices"`
}

func (r row) definition(k Kind) (Definition, error) {
	var err error
	r.Definition.Kind = k
	r.Definition.Choices, err = choicesOf(r.Choices)
	return r.Definition, err
}

func visible(ctx context.Context, r db.Reader, k Kind, org int64, archived bool) ([]Definition, error) {
	rows, err := db.All[row](ctx, r, selects[k]+` WHERE (d.org_id = ? OR d.shared = 1) AND (d.status <> 'archived' OR ? = 1) ORDER BY d.name, d.id`, org, archived)
	if err != nil {
		return nil, err
	}
	all := make([]Definition, len(rows))
	for i, x := range rows {
		if all[i], err = x.definition(k); err != nil {
			return nil, err
		}
	}
	return all, fillParts(ctx, r, k, all)
}

func selectOne(ctx context.Context, r db.Reader, k Kind, id ID) (Definition, error) {
	x, err := db.One[row](ctx, r, selects[k]+` WHERE d.id = ?`, int64(id))
	if err != nil {
		return Definition{}, err
	}
	return x.definition(k)
}

// fillParts reads the responses or groups of all at once.
func fillParts(ctx context.Context, r db.Reader, k Kind, all []Definition) error {
	var q string
	switch k {
	case Question:
		q = `SELECT id, question_id AS part_of, name, medium_name, short_name, CASE status WHEN 'active' THEN 1 ELSE 0 END AS active FROM field_response
			WHERE question_id IN (?) ORDER BY question_id, position`
	case Target:
		q = `SELECT id, target_id AS part_of, name, points, 1 AS active FROM field_target_group WHERE target_id IN (?) ORDER BY target_id, position`
	default:
		return nil
	}
	if len(all) == 0 {
		return nil
	}
	ids := make([]int64, len(all))
	at := map[ID]int{}
	for i, d := range all {
		ids[i], at[d.ID] = int64(d.ID), i
	}
	parts, err := db.All[Part](ctx, r, q, ids)
	for _, p := range parts {
		d := &all[at[p.Of]]
		d.Parts = append(d.Parts, p)
	}
	return err
}

func nameTaken(ctx context.Context, tx *db.Tx, org int64, d Definition) (bool, error) {
	q := map[Kind]string{
		Code:     `SELECT COUNT(*) FROM field_code WHERE org_id = ? AND name = ? AND id <> ?`,
		Tag:      `SELECT COUNT(*) FROM field_tag WHERE org_id = ? AND name = ? AND id <> ?`,
		Question: `SELECT COUNT(*) FROM field_question WHERE org_id = ? AND name = ? AND id <> ? AND cycle = ?`,
		Score:    `SELECT COUNT(*) FROM field_score WHERE org_id = ? AND name = ? AND id <> ?`,
		Custom:   `SELECT COUNT(*) FROM field_custom WHERE org_id = ? AND name = ? AND id <> ?`,
		Target:   `SELECT COUNT(*) FROM field_target WHERE org_id = ? AND name = ? AND id <> ?`,
	}[d.Kind]
	args := []any{org, d.Name, int64(d.ID)}
	if d.Kind == Question {
		args = append(args, d.Cycle)
	}
	n, err := db.One[int64](ctx, tx, q, args...)
	return n > 0, err
}

func insert(ctx context.Context, tx *db.Tx, org, account int64, now time.Time, d Definition) (ID, error) {
	switch d.Kind {
	case Code:
		return db.One[ID](ctx, tx, `INSERT INTO field_code (org_id, name, medium_name, short_name, purpose, cycle, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Medium, d.Short, d.Purpose, d.Cycle, string(d.Status), d.Shared, account, now, now)
	case Tag:
		return db.One[ID](ctx, tx, `INSERT INTO field_tag (org_id, name, purpose, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Purpose, string(d.Status), d.Shared, account, now, now)
	case Question:
		return db.One[ID](ctx, tx, `INSERT INTO field_question (org_id, name, medium_name, short_name, script, cycle, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Medium, d.Short, d.Purpose, d.Cycle, string(d.Status), d.Shared, account, now, now)
	case Score:
		return db.One[ID](ctx, tx, `INSERT INTO field_score (org_id, name, medium_name, short_name, purpose, decimals, min_value, max_value, status, shared, created_by,
			created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			org, d.Name, d.Medium, d.Short, d.Purpose, d.Decimals, d.Min, d.Max, string(d.Status), d.Shared, account, now, now)
	case Custom:
		choices, err := json.Marshal(append([]string{}, d.Choices...))
		if err != nil {
			return 0, err
		}
		return db.One[ID](ctx, tx, `INSERT INTO field_custom (org_id, name, purpose, kind, choices, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Purpose, string(d.Type), string(choices), string(d.Status), d.Shared, account, now, now)
	case Target:
		return db.One[ID](ctx, tx, `INSERT INTO field_target (org_id, name, purpose, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Purpose, string(d.Status), d.Shared, account, now, now)
	default:
		return db.One[ID](ctx, tx, `INSERT INTO field_event (org_id, name, purpose, starts_at, status, shared, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, org, d.Name, d.Purpose, d.Starts, string(d.Status), d.Shared, account, now, now)
	}
}

func update(ctx context.Context, tx *db.Tx, now time.Time, d Definition) error {
	var err error
	id := int64(d.ID)
	switch d.Kind {
	case Code:
		_, err = db.Exec(ctx, tx, `UPDATE field_code SET name = ?, medium_name = ?, short_name = ?, purpose = ?, cycle = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
			d.Name, d.Medium, d.Short, d.Purpose, d.Cycle, string(d.Status), d.Shared, now, id)
	case Tag:
		_, err = db.Exec(ctx, tx, `UPDATE field_tag SET name = ?, purpose = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
			d.Name, d.Purpose, string(d.Status), d.Shared, now, id)
	case Question:
		_, err = db.Exec(ctx, tx, `UPDATE field_question SET name = ?, medium_name = ?, short_name = ?, script = ?, cycle = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
			d.Name, d.Medium, d.Short, d.Purpose, d.Cycle, string(d.Status), d.Shared, now, id)
	case Score:
		_, err = db.Exec(ctx, tx, `UPDATE field_score SET name = ?, medium_name = ?, short_name = ?, purpose = ?, min_value = ?, max_value = ?, status = ?, shared = ?,
			changed_at = ? WHERE id = ?`, d.Name, d.Medium, d.Short, d.Purpose, d.Min, d.Max, string(d.Status), d.Shared, now, id)
	case Custom:
		var choices []byte
		if choices, err = json.Marshal(append([]string{}, d.Choices...)); err == nil {
			_, err = db.Exec(ctx, tx, `UPDATE field_custom SET name = ?, purpose = ?, choices = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
				d.Name, d.Purpose, string(choices), string(d.Status), d.Shared, now, id)
		}
	case Target:
		_, err = db.Exec(ctx, tx, `UPDATE field_target SET name = ?, purpose = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
			d.Name, d.Purpose, string(d.Status), d.Shared, now, id)
	case Event:
		_, err = db.Exec(ctx, tx, `UPDATE field_event SET name = ?, purpose = ?, starts_at = ?, status = ?, shared = ?, changed_at = ? WHERE id = ?`,
			d.Name, d.Purpose, d.Starts, string(d.Status), d.Shared, now, id)
	}
	return err
}

// putParts writes the responses or groups of a definition. Their places are moved out of the way first, so that two can change places.
func putParts(ctx context.Context, tx *db.Tx, k Kind, of ID, was, parts []Part) error {
	if k != Question && k != Target {
		return nil
	}
	for i, p := range was {
		if err := placePart(ctx, tx, k, p, -1-i); err != nil {
			return err
		}
	}
	for i, p := range parts {
		known := slices.ContainsFunc(was, func(w Part) bool { return w.ID == p.ID })
		if p.ID != 0 && !known {
			return errUnknown()
		}
		p.Active = true
		var err error
		if known {
			if err = renamePart(ctx, tx, k, p); err == nil {
				err = placePart(ctx, tx, k, p, i)
			}
		} else {
			err = insertPart(ctx, tx, k, of, p, i)
		}
		if err != nil {
			return err
		}
	}
	place := len(parts)
	for _, p := range was {
		if slices.ContainsFunc(parts, func(x Part) bool { return x.ID == p.ID }) {
			continue
		}
		p.Active = false
		if err := placePart(ctx, tx, k, p, place); err != nil {
			return err
		}
		place++
	}
	return nil
}

func placePart(ctx context.Context, tx *db.Tx, k Kind, p Part, position int) error {
	var err error
	if k == Question {
		status := "inactive"
		if p.Active {
			status = "active"
		}
		_, err = db.Exec(ctx, tx, `UPDATE field_response SET position = ?, status = ? WHERE id = ?`, position, status, int64(p.ID))
	} else {
		_, err = db.Exec(ctx, tx, `UPDATE field_target_group SET position = ? WHERE id = ?`, position, int64(p.ID))
	}
	return err
}

func renamePart(ctx context.Context, tx *db.Tx, k Kind, p Part) error {
	var err error
	if k == Question {
		_, err = db.Exec(ctx, tx, `UPDATE field_response SET name = ?, medium_name = ?, short_name = ? WHERE id = ?`, p.Name, p.Medium, p.Short, int64(p.ID))
	} else {
		_, err = db.Exec(ctx, tx, `UPDATE field_target_group SET name = ?, points = ? WHERE id = ?`, p.Name, p.Points, int64(p.ID))
	}
	return err
}

func insertPart(ctx context.Context, tx *db.Tx, k Kind, of ID, p Part, position int) error {
	var err error
	if k == Question {
		_, err = db.Exec(ctx, tx, `INSERT INTO field_response (question_id, position, name, medium_name, short_name, status) VALUES (?, ?, ?, ?, ?, 'active')`,
			int64(of), position, p.Name, p.Medium, p.Short)
	} else {
		_, err = db.Exec(ctx, tx, `INSERT INTO field_target_group (target_id, position, name, points) VALUES (?, ?, ?, ?)`, int64(of), position, p.Name, p.Points)
	}
	return err
}
