package liststore

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// savedRow is a saved list as it is stored.
type savedRow struct {
	ID          ListID           `db:"id"`
	Org         org.ID           `db:"org_id"`
	File        voterfile.FileID `db:"voterfile_id"`
	Folder      org.FolderID     `db:"folder_id"`
	Kind        Kind             `db:"kind"`
	Name        string           `db:"name"`
	Channel     Channel          `db:"channel"`
	AlsoDropped bool             `db:"dropped"`
	Minors      bool             `db:"minors"`
	Criteria    string           `db:"criteria"` // JSON; '' when the people came from a file of ids
	People      int64            `db:"people"`
	Doors       int64            `db:"doors"`
	Epoch       int64            `db:"epoch"`
	Counted     time.Time        `db:"counted_at"`
	By          int64            `db:"created_by"`
	Created     time.Time        `db:"created_at"`
	Changed     time.Time        `db:"changed_at"`
	Deleted     time.Time        `db:"deleted_at"`
}

const savedColumns = `id, org_id, voterfile_id, folder_id, kind, name, channel, dropped, minors, criteria, people, doors, epoch, counted_at,
	created_by, created_at, changed_at, deleted_at`

// savedRows returns the lists of an organisation and those in folders that others share with it, last changed first.
func (s *Store) savedRows(ctx context.Context, in int64, shared []int64, file int64) ([]savedRow, error) {
	q := db.Q(`SELECT `+savedColumns+` FROM field_list WHERE deleted_at = 0 AND (org_id = ?`, in).
		If(len(shared) > 0, `OR folder_id IN (?)`, shared).Add(`)`).
		If(file != 0, `AND voterfile_id = ?`, file)
	return db.AllOf[savedRow](ctx, s.db, q.Add(`ORDER BY changed_at DESC, id DESC`))
}

func insertSaved(ctx context.Context, tx *db.Tx, r savedRow) (ListID, error) {
	return db.One[ListID](ctx, tx, `INSERT INTO field_list (org_id, voterfile_id, folder_id, kind, name, channel, dropped, minors, criteria, people, doors, epoch,
		counted_at, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Org, r.File, r.Folder, string(r.Kind), r.Name, string(r.Channel), r.AlsoDropped, r.Minors, r.Criteria, r.People, r.Doors, r.Epoch,
		r.Counted, r.By, r.Created, r.Changed)
}

// lockSaved reads a list that is about to be changed, and keeps others from changing it until the transaction ends.
func lockSaved(ctx context.Context, tx *db.Tx, id ListID, in org.ID) (savedRow, error) {
	if err := db.Lock(ctx, tx, "field.list"); err != nil {
		return savedRow{}, err
	}
	return db.One[savedRow](ctx, tx, `SELECT `+savedColumns+` FROM field_list WHERE id = ? AND org_id = ? AND deleted_at = 0`, id, in)
}

func updateSaved(ctx context.Context, tx *db.Tx, r savedRow) error {
	_, err := db.Exec(ctx, tx, `UPDATE field_list SET folder_id = ?, name = ?, channel = ?, dropped = ?, minors = ?, criteria = ?, people = ?, doors = ?,
		epoch = ?, counted_at = ?, changed_at = ?, deleted_at = ? WHERE id = ?`,
		r.Folder, r.Name, string(r.Channel), r.AlsoDropped, r.Minors, r.Criteria, r.People, r.Doors, r.Epoch, r.Counted, r.Changed, r.Deleted, r.ID)
	return err
}

func writeChunks(ctx context.Context, tx *db.Tx, id ListID, chunks iter.Seq2[int64, []byte]) error {
	if chunks == nil {
		return nil
	}
	_, err := db.Bulk(ctx, tx, "field_list_chunk", []string{"list_id", "chunk", "people"}, func(yield func([]any) bool) {
		for chunk, people := range chunks {
			if !yield([]any{int64(id), chunk, people}) {
				return
			}
		}
	})
	return err
}

func deleteChunks(ctx context.Context, tx *db.Tx, id ListID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM field_list_chunk WHERE list_id = ?`, id)
	return err
}

// idBatch is how many ids go into one statement.
const idBatch = 500

// onFile returns which of ids are people that a list of the file may hold.
func (s *Store) onFile(ctx context.Context, file int64, ids []int64) ([]int64, error) {
	var all []int64
	for some := range slices.Chunk(ids, idBatch) {
		found, err := db.All[int64](ctx, s.db, `SELECT person_id FROM field_person WHERE person_id IN (?) AND voterfile_id = ?
			AND dropped_on = 0 AND minor = 0 AND confidential = 0 ORDER BY person_id`, some, file)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// doorsOf counts the households of people.
func (s *Store) doorsOf(ctx context.Context, ids []int64) (int64, error) {
	doors := map[int64]bool{}
	for some := range slices.Chunk(ids, idBatch) {
		found, err := db.All[int64](ctx, s.db, `SELECT DISTINCT household_key FROM field_person WHERE person_id IN (?) AND household_key <> 0`, some)
		if err != nil {
			return 0, err
		}
		for _, key := range found {
			doors[key] = true
		}
	}
	return int64(len(doors)), nil
}
