package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/turfpeople"
	"github.com/openprecinct/precinct/internal/db"
)

// definition says whose a code, tag, question, score, custom field, target or event is, and whether the others see it.
type definition struct {
	ID     int64 `db:"id"`
	Org    int64 `db:"org_id"`
	Shared int64 `db:"shared"`
}

// key returns where what is known of it is kept: of a shared one everybody's rows, of another only the owner's.
func (d definition) key(what change.What) pieceKey {
	k := pieceKey{What: what, Object: d.ID, Org: d.Org}
	if d.Shared != 0 {
		k.Org = 0
	}
	return k
}

var definitionTables = map[change.What]string{
	change.Code: "field_code", change.Tag: "field_tag", change.Answer: "field_question", change.Score: "field_score", change.Custom: "field_custom",
	change.Target: "field_target", change.Signup: "field_event",
}

func readDefinitions(ctx context.Context, r db.Reader, what change.What) (map[int64]definition, error) {
	all, err := db.All[definition](ctx, r, `SELECT id, org_id, shared FROM `+definitionTables[what])
	if err != nil {
		return nil, err
	}
	m := make(map[int64]definition, len(all))
	for _, d := range all {
		m[d.ID] = d
	}
	return m, nil
}

// orgsOf returns who may ask about a voter file: whose it is, and who has a grant.
func orgsOf(ctx context.Context, r db.Reader, file int64) ([]int64, error) {
	return db.All[int64](ctx, r, `SELECT org_id FROM field_voterfile WHERE id = ? UNION SELECT org_id FROM field_voterfile_grant WHERE voterfile_id = ?`, file, file)
}

// savedOnFile refuses a saved list of another voter file.
func (e *Engine) savedOnFile(ctx context.Context, id, file int64) error {
	on, err := db.One[int64](db.WithSite(ctx), e.db, `SELECT voterfile_id FROM field_list WHERE id = ? AND deleted_at = 0`, id)
	if errors.Is(err, db.ErrNone) || err == nil && on != file {
		return fmt.Errorf("%w: list %d", ErrFence, id)
	}
	return err
}

// turfsOnFile refuses turfs and maps of another organisation or another voter file.
func (e *Engine) turfsOnFile(ctx context.Context, n list.Turf, org, file int64) error {
	ctx = db.WithSite(ctx)
	turfs, err := turfpeople.TurfsOf(ctx, e.db, org, n.Turfs)
	if err != nil {
		return err
	}
	of := slices.Clone(n.Maps)
	for _, t := range turfs {
		of = append(of, t.Map)
	}
	slices.Sort(of)
	of = slices.Compact(of)
	maps, err := turfpeople.MapsOf(ctx, e.db, org, file, of)
	if err == nil && (len(turfs) < len(n.Turfs) || len(maps) < len(of)) {
		err = fmt.Errorf("%w: turf", ErrFence)
	}
	return err
}

// learnedRow is one fact of any kind.
type learnedRow struct {
	Person  int64  `db:"person_id"`
	Text    string `db:"text_value"`
	Number  int64  `db:"number_value"`
	Account int64  `db:"account_id"`
	At      int64  `db:"at"`
	ID      string `db:"id"`
}

// learnedSelect says how each kind of fact is read: what comes in the place of text, number, account, moment and id, the table, the column of the object, and
// whether rows belong to organisations.
type learnedSelect struct {
	columns string
	table   string
	object  string
	orgs    bool
}

var learnedSelects = map[change.What]learnedSelect{
	change.Code:        {`'' AS text_value, 0 AS number_value, account_id, applied_at AS at, '' AS id`, "field_person_code", "code_id", true},
	change.Tag:         {`'' AS text_value, 0 AS number_value, account_id, applied_at AS at, '' AS id`, "field_person_tag", "tag_id", true},
	change.Answer:      {`'' AS text_value, response_id AS number_value, account_id, answered_at AS at, answer_id AS id`, "field_answer", "question_id", true},
	change.Custom:      {`text_value, number_value, account_id, changed_at AS at, '' AS id`, "field_person_custom", "custom_id", true},
	change.Target:      {`'' AS text_value, group_id AS number_value, 0 AS account_id, 0 AS at, '' AS id`, "field_person_target", "target_id", false},
	change.Signup:      {`status AS text_value, 0 AS number_value, 0 AS account_id, changed_at AS at, '' AS id`, "field_signup", "event_id", true},
	change.Contact:     {`channel || '/' || result AS text_value, 0 AS number_value, account_id, tried_at AS at, '' AS id`, "field_contact", "", true},
	change.Suppression: {`channel AS text_value, 0 AS number_value, 0 AS account_id, 0 AS at, '' AS id`, "field_suppression", "", true},
	change.Phone:       {`kind AS text_value, wrong_at AS number_value, 0 AS account_id, 0 AS at, number AS id`, "field_phone", "", true},
	change.Email:       {`'' AS text_value, wrong_at AS number_value, 0 AS account_id, 0 AS at, email AS id`, "field_email", "", true},
	change.Score:       {`'' AS text_value, value AS number_value, 0 AS account_id, 0 AS at, '' AS id`, "field_person_score", "score_id", false},
}

// query selects the facts of a piece.
func (k pieceKey) query(s learnedSelect, columns string) *db.Query {
	q := db.Q(`SELECT ` + columns + ` FROM ` + s.table + ` WHERE 1 = 1`)
	q.If(s.object != "", `AND `+s.object+` = ?`, k.Object)
	switch {
	case s.orgs && s.object == "" && k.Org == 0: // the file's own
		q.Add(`AND org_id = 0`)
	case s.orgs && s.object == "": // the second condition lets the index of organisations' own rows serve
		q.Add(`AND org_id = ? AND org_id <> 0`, k.Org)
	case s.orgs && k.Org != 0:
		q.Add(`AND org_id = ?`, k.Org)
	}
	return q
}

// learnedOf returns the facts of a piece about some people, in no order.
func learnedOf(ctx context.Context, r db.Reader, k pieceKey, people []int64) ([]learnedRow, error) {
	s := learnedSelects[k.What]
	return db.AllOf[learnedRow](ctx, r, k.query(s, `person_id, `+s.columns).Add(`AND person_id IN (?)`, people))
}

// packedLearned returns the facts of a piece about people in a stretch of ids.
func packedLearned(ctx context.Context, r db.Reader, k pieceKey, ids idRange) (packed, error) {
	s := learnedSelects[k.What]
	inner := k.query(s, `person_id, `+s.columns).Add(`AND person_id >= ? AND person_id < ?`, ids.from, ids.to)
	q := db.Q(`SELECT COUNT(*) AS n, string_agg(concat_ws(CAST(? AS TEXT), person_id, text_value, number_value, account_id, at, id), CAST(? AS TEXT)) AS t FROM (`,
		fieldEnd, rowEnd)
	return db.OneOf[packed](ctx, r, q.Join(inner).Add(`) AS f`))
}

func learnedIn(ctx context.Context, r db.Reader, k pieceKey, ids idRange) ([]learnedRow, error) {
	s := learnedSelects[k.What]
	return db.AllOf[learnedRow](ctx, r, k.query(s, `person_id, `+s.columns).Add(`AND person_id >= ? AND person_id < ?`, ids.from, ids.to))
}

// factRange returns the least and greatest person id of a piece's facts, and how many there are.
func factRange(ctx context.Context, r db.Reader, k pieceKey) (idRange, int64, error) {
	type row struct {
		From int64 `db:"a"`
		To   int64 `db:"b"`
		N    int64 `db:"n"`
	}
	x, err := db.OneOf[row](ctx, r, k.query(learnedSelects[k.What], `COALESCE(MIN(person_id), 0) AS a, COALESCE(MAX(person_id), -1) AS b, COUNT(*) AS n`))
	return idRange{x.From, x.To + 1}, x.N, err
}

type chunkRow struct {
	Chunk  int64  `db:"chunk"`
	People []byte `db:"people"`
}

// savedPeople returns the people of a saved list, whosever it is.
func savedPeople(ctx context.Context, r db.Reader, _, id int64) ([]int64, error) {
	all, err := db.All[chunkRow](ctx, r, `SELECT chunk, people FROM field_list_chunk WHERE list_id = ? ORDER BY chunk`, id)
	if err != nil {
		return nil, err
	}
	var people []int64
	for _, c := range all {
		m := roaring.New()
		if err := m.UnmarshalBinary(c.People); err != nil {
			return nil, fmt.Errorf("chunk %d of list %d cannot be read: %w", c.Chunk, id, err)
		}
		it := m.Iterator()
		for it.HasNext() {
			people = append(people, c.Chunk<<16|int64(it.Next()))
		}
	}
	return people, nil
}
