package export

import (
	"context"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/db"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// personRow is a person as an export reads it.
type personRow struct {
	ID           int64  `db:"person_id"`
	StateID      string `db:"state_id"`
	Last         string `db:"last_name"`
	First        string `db:"first_name"`
	Middle       string `db:"middle_name"`
	Suffix       string `db:"suffix"`
	BirthYear    int64  `db:"birth_year"`
	BirthDate    int64  `db:"birth_date"`
	Sex          string `db:"sex"`
	Race         string `db:"race"`
	Ethnicity    string `db:"ethnicity"`
	Party        string `db:"party"`
	Status       string `db:"status"`
	RegisteredOn int64  `db:"registered_on"`
	House        string `db:"house"`
	Street       string `db:"street"`
	Unit         string `db:"unit"`
	Address      string `db:"address"`
	City         string `db:"city"`
	Region       string `db:"region"`
	ZIP          string `db:"zip"`
	Household    int64  `db:"household_key"`
	Mailing      string `db:"mailing"`
	County       string `db:"county"`
	Precinct     string `db:"precinct"`
	Congress     string `db:"congress"`
	StateSenate  string `db:"state_senate"`
	StateHouse   string `db:"state_house"`
	Municipality string `db:"municipality"`
	Districts    string `db:"districts"`
}

// people reads people of a voter file by id. Protected ones are never among them, and others only as the universe says: the segment that named them may be older.
func (s *Store) people(ctx context.Context, u list.Universe, ids []int64) ([]personRow, error) {
	return db.AllOf[personRow](ctx, s.db, db.Q(`SELECT person_id, state_id, last_name, first_name, middle_name, suffix, birth_year, birth_date, sex, race, ethnicity, party,
		status, registered_on, house, street, unit, address, city, region, zip, household_key, mailing, county, precinct, congress, state_senate, state_house,
		municipality, districts FROM field_person WHERE person_id IN (?) AND voterfile_id = ? AND confidential = 0`, ids, u.VoterFile).
		If(!u.Dropped, `AND dropped_on = 0`).If(!u.Minors, `AND minor = 0`))
}

func (s *Store) readPhones(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	phones, err := s.lists.Phones(ctx, u.Org, ids)
	for id, all := range phones {
		if r, ok := by[id]; ok {
			r.phones = all
		}
	}
	return err
}

func (s *Store) readEmails(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	type row struct {
		Person int64  `db:"person_id"`
		Email  string `db:"email"`
		Wrong  int64  `db:"wrong_at"`
	}
	judged := map[row]bool{} // what the organisation itself says of an address stands before what the file says
	for r, err := range db.Each[row](ctx, s.db, `SELECT person_id, email, wrong_at FROM field_email WHERE person_id IN (?) AND org_id IN (0, ?)
		ORDER BY person_id, org_id DESC, confidence DESC, email`, ids, u.Org) {
		if err != nil {
			return err
		}
		key := row{Person: r.Person, Email: r.Email}
		p, ok := by[r.Person]
		if !ok || judged[key] {
			continue
		}
		judged[key] = true
		if r.Wrong == 0 && p.email == "" {
			p.email = r.Email
		}
	}
	return nil
}

func (s *Store) readVotes(ctx context.Context, _ list.Universe, ids []int64, by map[int64]*record) error {
	type row struct {
		Person   int64  `db:"person_id"`
		Election int64  `db:"election_id"`
		Method   uint8  `db:"method"`
		Party    string `db:"party"`
	}
	for r, err := range db.Each[row](ctx, s.db, `SELECT person_id, election_id, method, party FROM field_vote WHERE person_id IN (?)`, ids) {
		if err != nil {
			return err
		}
		if p, ok := by[r.Person]; ok {
			put(&p.votes, r.Election, votedWord(layout.Method(r.Method), r.Party))
		}
	}
	return nil
}

// object is one thing of a person: a score and its value, a question and its latest answer.
type object struct {
	Person int64 `db:"person_id"`
	Object int64 `db:"object_id"`
	Value  int64 `db:"value"`
}

// each reads what hangs on people; q takes the ids and the organisation.
func (s *Store) each(ctx context.Context, by map[int64]*record, note func(*record, object), q string, args ...any) error {
	for o, err := range db.Each[object](ctx, s.db, q, args...) {
		if err != nil {
			return err
		}
		if r, ok := by[o.Person]; ok {
			note(r, o)
		}
	}
	return nil
}

func (s *Store) readScores(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	return s.each(ctx, by, func(r *record, o object) { put(&r.scores, o.Object, o.Value) },
		`SELECT v.person_id, v.score_id AS object_id, v.value FROM field_person_score v JOIN field_score d ON d.id = v.score_id
		WHERE v.person_id IN (?) AND (d.org_id = ? OR d.shared = 1)`, ids, u.Org)
}

// readAnswers keeps the latest answer to each question: rows come oldest first.
func (s *Store) readAnswers(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	return s.each(ctx, by, func(r *record, o object) { put(&r.answers, o.Object, o.Value) },
		`SELECT v.person_id, v.question_id AS object_id, v.response_id AS value FROM field_answer v JOIN field_question d ON d.id = v.question_id
		WHERE v.person_id IN (?) AND (d.shared = 1 OR d.org_id = ? AND v.org_id = ?) ORDER BY v.answered_at, v.answer_id`, ids, u.Org, u.Org)
}

func (s *Store) readCodes(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	return s.each(ctx, by, func(r *record, o object) { put(&r.codes, o.Object, true) },
		`SELECT v.person_id, v.code_id AS object_id, 1 AS value FROM field_person_code v JOIN field_code d ON d.id = v.code_id
		WHERE v.person_id IN (?) AND (d.shared = 1 OR d.org_id = ? AND v.org_id = ?)`, ids, u.Org, u.Org)
}

func (s *Store) readTags(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	return s.each(ctx, by, func(r *record, o object) { put(&r.tags, o.Object, true) },
		`SELECT v.person_id, v.tag_id AS object_id, 1 AS value FROM field_person_tag v JOIN field_tag d ON d.id = v.tag_id
		WHERE v.person_id IN (?) AND (d.shared = 1 OR d.org_id = ? AND v.org_id = ?)`, ids, u.Org, u.Org)
}

func (s *Store) readTargets(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	return s.each(ctx, by, func(r *record, o object) { put(&r.targets, o.Object, o.Value) },
		`SELECT v.person_id, v.target_id AS object_id, v.group_id AS value FROM field_person_target v JOIN field_target d ON d.id = v.target_id
		WHERE v.person_id IN (?) AND (d.org_id = ? OR d.shared = 1)`, ids, u.Org)
}

// readCustoms keeps the last value written where several organisations wrote one of a shared field.
func (s *Store) readCustoms(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	type row struct {
		Person int64  `db:"person_id"`
		Custom int64  `db:"custom_id"`
		Text   string `db:"text_value"`
		Number int64  `db:"number_value"`
	}
	for v, err := range db.Each[row](ctx, s.db, `SELECT v.person_id, v.custom_id, v.text_value, v.number_value FROM field_person_custom v JOIN field_custom d ON d.id = v.custom_id
		WHERE v.person_id IN (?) AND (d.shared = 1 OR d.org_id = ? AND v.org_id = ?) ORDER BY v.changed_at, v.org_id`, ids, u.Org, u.Org) {
		if err != nil {
			return err
		}
		if r, ok := by[v.Person]; ok {
			put(&r.customs, v.Custom, customValue{v.Text, v.Number})
		}
	}
	return nil
}

func (s *Store) readContacts(ctx context.Context, u list.Universe, ids []int64, by map[int64]*record) error {
	type row struct {
		Person int64     `db:"person_id"`
		Result string    `db:"result"`
		At     time.Time `db:"tried_at"`
	}
	for v, err := range db.Each[row](ctx, s.db, `SELECT person_id, result, tried_at FROM field_contact WHERE person_id IN (?) AND org_id IN (?)
		ORDER BY tried_at, contact_id`, ids, u.Contacts) {
		if err != nil {
			return err
		}
		if r, ok := by[v.Person]; ok {
			r.tried++
			r.lastTried, r.lastResult = v.At.UTC().Truncate(24*time.Hour), v.Result
		}
	}
	return nil
}
