package liststore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

// files returns the voter files an organisation owns or was granted until later than now.
func (s *Store) files(ctx context.Context, in int64, now time.Time) ([]File, error) {
	// An owner's terms lie on the file, a partner's on the grant.
	return db.All[File](ctx, s.db, `SELECT f.id, f.org_id, f.name, f.state, f.layout, COALESCE(g.terms, f.terms) AS terms,
		COALESCE((SELECT MAX(i.file_date) FROM field_voterfile_import i WHERE i.voterfile_id = f.id AND i.state = 'loaded'), 0) AS file_date,
		COALESCE((SELECT MAX(i.id) FROM field_voterfile_import i WHERE i.voterfile_id = f.id AND i.state = 'loaded'), 0) AS loaded
		FROM field_voterfile f LEFT JOIN field_voterfile_grant g ON g.voterfile_id = f.id AND g.org_id = ? AND g.ends_at > ?
		WHERE f.org_id = ? OR g.org_id IS NOT NULL ORDER BY f.name, f.id`, in, now, in)
}

type definitionRow struct {
	ID       int64  `db:"id"`
	Org      int64  `db:"org_id"`
	Name     string `db:"name"`
	Decimals int    `db:"decimals"`
	Min      int64  `db:"min_value"`
	Max      int64  `db:"max_value"`
	Kind     string `db:"kind"`
	Choices  string `db:"choices"`
	Of       int64  `db:"of_id"` // the question or target it belongs to
}

func (r definitionRow) definition() list.Definition {
	return list.Definition{ID: r.ID, Org: r.Org, Name: r.Name}
}

// visible is what an organisation sees of a table of definitions: its own, and what others share.
const visible = ` WHERE status <> 'archived' AND (org_id = ? OR shared = 1) ORDER BY name, id`

func (s *Store) defined(ctx context.Context, table string, in int64) ([]definitionRow, error) {
	return db.All[definitionRow](ctx, s.db, `SELECT id, org_id, name FROM `+table+visible, in)
}

func (s *Store) scores(ctx context.Context, in int64) (map[int64]list.ScoreDef, error) {
	m := map[int64]list.ScoreDef{}
	for r, err := range db.Each[definitionRow](ctx, s.db, `SELECT id, org_id, name, decimals, min_value, max_value FROM field_score`+visible, in) {
		if err != nil {
			return nil, err
		}
		m[r.ID] = list.ScoreDef{Definition: r.definition(), Decimals: r.Decimals, Min: r.Min, Max: r.Max}
	}
	return m, nil
}

func (s *Store) customs(ctx context.Context, in int64) (map[int64]list.CustomDef, error) {
	m := map[int64]list.CustomDef{}
	for r, err := range db.Each[definitionRow](ctx, s.db, `SELECT id, org_id, name, kind, choices FROM field_custom`+visible, in) {
		if err != nil {
			return nil, err
		}
		c := list.CustomDef{Definition: r.definition(), Type: r.Kind}
		if err := json.Unmarshal([]byte(r.Choices), &c.Choices); err != nil {
			return nil, fmt.Errorf("reading the choices of custom field %d: %w", r.ID, err)
		}
		m[r.ID] = c
	}
	return m, nil
}

// questions adds the responses to questions; inactive ones stay, since people gave them.
func (s *Store) questions(ctx context.Context, all map[int64]list.Definition) (map[int64]list.Question, error) {
	m := map[int64]list.Question{}
	for id, d := range all {
		m[id] = list.Question{Definition: d}
	}
	for r, err := range db.Each[definitionRow](ctx, s.db, `SELECT id, question_id AS of_id, name FROM field_response ORDER BY question_id, position`) {
		if err != nil {
			return nil, err
		}
		if q, ok := m[r.Of]; ok {
			q.Responses = append(q.Responses, list.Definition{ID: r.ID, Org: q.Org, Name: r.Name})
			m[r.Of] = q
		}
	}
	return m, nil
}

func (s *Store) targets(ctx context.Context, all map[int64]list.Definition) (map[int64]list.TargetDef, error) {
	m := map[int64]list.TargetDef{}
	for id, d := range all {
		m[id] = list.TargetDef{Definition: d}
	}
	for r, err := range db.Each[definitionRow](ctx, s.db, `SELECT id, target_id AS of_id, name FROM field_target_group ORDER BY target_id, position`) {
		if err != nil {
			return nil, err
		}
		if t, ok := m[r.Of]; ok {
			t.Groups = append(t.Groups, list.Definition{ID: r.ID, Org: t.Org, Name: r.Name})
			m[r.Of] = t
		}
	}
	return m, nil
}

func (s *Store) elections(ctx context.Context) ([]list.Election, error) {
	type row struct {
		ID   int64  `db:"id"`
		Day  int64  `db:"held_on"`
		Type uint8  `db:"type"`
		Name string `db:"name"`
	}
	rows, err := db.All[row](ctx, s.db, `SELECT id, held_on, type, name FROM field_election ORDER BY held_on DESC, id DESC`)
	all := make([]list.Election, len(rows))
	for i, r := range rows {
		all[i] = list.Election{ID: r.ID, Day: r.Day, Type: layout.ElectionType(r.Type).String(), Name: r.Name}
	}
	return all, err
}

// distinct returns the values that occur in a voter file, by one pass over its people.
func (s *Store) distinct(ctx context.Context, f File) (map[list.Attr]map[string]bool, error) {
	type row struct {
		Status       string `db:"status"`
		Party        string `db:"party"`
		Sex          string `db:"sex"`
		Race         string `db:"race"`
		Ethnicity    string `db:"ethnicity"`
		County       string `db:"county"`
		Precinct     string `db:"precinct"`
		City         string `db:"city"`
		ZIP          string `db:"zip"`
		Congress     string `db:"congress"`
		StateSenate  string `db:"state_senate"`
		StateHouse   string `db:"state_house"`
		Municipality string `db:"municipality"`
		Districts    string `db:"districts"`
	}
	found := map[list.Attr]map[string]bool{}
	note := func(a list.Attr, v string) {
		if found[a] == nil {
			found[a] = map[string]bool{}
		}
		found[a][v] = true
	}
	for r, err := range db.Each[row](ctx, s.db, `SELECT DISTINCT status, party, sex, race, ethnicity, county, precinct, city, SUBSTR(zip, 1, 5) AS zip,
		congress, state_senate, state_house, municipality, districts FROM field_person
		WHERE voterfile_id = ? AND dropped_on = 0 AND minor = 0 AND confidential = 0`, f.ID) {
		if err != nil {
			return nil, err
		}
		precinct := list.PrecinctValue(r.County, r.Precinct)
		for a, v := range map[list.Attr]string{list.Status: r.Status, list.Party: r.Party, list.Sex: r.Sex, list.Race: r.Race, list.Ethnicity: r.Ethnicity,
			list.County: r.County, list.Precinct: precinct, list.City: r.City, list.ZIP: r.ZIP, list.Congress: r.Congress,
			list.StateSenate: r.StateSenate, list.StateHouse: r.StateHouse, list.Municipality: r.Municipality} {
			note(a, v)
		}
		for kind, code := range districtsOf(r.Districts) {
			note(list.District+list.Attr(kind), code)
		}
	}
	return found, nil
}

// everyFile returns the voter files of the site.
func (s *Store) everyFile(ctx context.Context) ([]voterfile.FileID, error) {
	return db.All[voterfile.FileID](ctx, s.db, `SELECT id FROM field_voterfile ORDER BY id`)
}

// everybody counts the people of a voter file, whatever they are.
func (s *Store) everybody(ctx context.Context, file int64) (int64, error) {
	return db.One[int64](ctx, s.db, `SELECT COUNT(*) FROM field_person WHERE voterfile_id = ?`, file)
}
