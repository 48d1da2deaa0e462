package voterfile

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// errTaken is what a run finds that was thought dead and is not.
func errTaken() error {
	return fault.Conflictf("Another program has taken over this import. Nothing of this chunk was written here.")
}

// aliveFor is how long a run on another machine is believed to live after its last sign.
const aliveFor = 60 * time.Second

// claim takes hold of an import. It is refused while another program that is alive holds it.
func (s *Store) claim(ctx context.Context, id ImportID) (*run, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	r := &run{store: s, id: id, token: rand.Text()}
	err = s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		held, err := db.One[struct {
			Token string    `db:"run_token"`
			Host  string    `db:"run_host"`
			PID   int       `db:"run_pid"`
			Seen  time.Time `db:"run_seen_at"`
		}](ctx, tx, `SELECT run_token, run_host, run_pid, run_seen_at FROM field_voterfile_import WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if held.Token != "" && s.alive(held.Token, held.Host == host, held.PID, held.Seen) {
			return fault.Busyf("Import %d is being worked on by another program or another person. Wait until that has ended.", id)
		}
		_, err = db.Exec(ctx, tx, `UPDATE field_voterfile_import SET run_token = ?, run_host = ?, run_pid = ?, run_seen_at = ?, stop_asked = 0 WHERE id = ?`,
			r.token, host, os.Getpid(), s.now(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	running.Store(r.token, true)
	return r, nil
}

// alive reports whether the holder of an import still works on it.
func (s *Store) alive(token string, here bool, pid int, seen time.Time) bool {
	if here && pid == os.Getpid() {
		_, ok := running.Load(token)
		return ok
	}
	if here {
		return processLives(pid)
	}
	return s.now().Sub(seen) < aliveFor
}

func (s *Store) unclaim(ctx context.Context, r *run) error {
	running.Delete(r.token)
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET run_token = '', changed_at = ?,
			state = CASE WHEN state = 'loading' THEN 'stopped' ELSE state END WHERE id = ? AND run_token = ?`, s.now(), r.id, r.token)
		return err
	})
}

// tell writes how far a run is where others see it.
func (s *Store) tell(ctx context.Context, r *run, stage string, done, total int64) error {
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET stage = ?, done = ?, total = ?, run_seen_at = ?, changed_at = ? WHERE id = ? AND run_token = ?`,
			stage, done, total, s.now(), s.now(), r.id, r.token)
		return err
	})
}

// Stop asks whoever loads an import to stop between two chunks.
func (s *Store) Stop(ctx context.Context, a org.Actor, id ImportID) error {
	ctx = a.Within(ctx)
	if _, _, err := s.mine(ctx, a, id); err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET stop_asked = 1 WHERE id = ? AND run_token <> ''`, id); err != nil {
			return err
		}
		_, err := ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindStop, Object: object(id)})
		return err
	})
}

func (s *Store) stopping(ctx context.Context, r *run) (bool, error) {
	return db.One[bool](ctx, s.DB, `SELECT stop_asked FROM field_voterfile_import WHERE id = ?`, r.id)
}

// noOther refuses to begin a load beside an unfinished one of the same voter file.
func (s *Store) noOther(ctx context.Context, tx *db.Tx, imp importRow) error {
	other, err := db.One[int64](ctx, tx, `SELECT id FROM field_voterfile_import WHERE voterfile_id = ? AND id <> ? AND state IN ('loading', 'stopped')`, imp.File, imp.ID)
	if errors.Is(err, db.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.Conflictf("Import %d of this voter file is not finished. Load it to the end first.", other)
}

// takePersons sets n person ids aside and returns the first.
func (s *Store) takePersons(ctx context.Context, tx *db.Tx, n int64) (int64, error) {
	after, err := db.One[int64](ctx, tx, `UPDATE field_person_next SET next_id = next_id + ? WHERE one = 1 RETURNING next_id`, n)
	return after - n, err
}

func (s *Store) beginLoad(ctx context.Context, tx *db.Tx, r *run, first, next int64) error {
	n, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET state = 'loading', first_person_id = ?, next_person_id = ?, changed_at = ? WHERE id = ? AND run_token = ?`,
		first, next, s.now(), r.id, r.token)
	return oneRow(n, err)
}

// moveCursor notes in the chunk's own transaction how far the load is. A run that has lost its hold ends here.
func (s *Store) moveCursor(ctx context.Context, tx *db.Tx, r *run, cursor string, next, done, total int64) error {
	n, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET cursor = ?, next_person_id = ?, stage = ?, done = ?, total = ?, run_seen_at = ?, changed_at = ?
		WHERE id = ? AND run_token = ?`, cursor, next, StageLoad, done, total, s.now(), s.now(), r.id, r.token)
	return oneRow(n, err)
}

func (s *Store) endLoad(ctx context.Context, tx *db.Tx, r *run, total int64) error {
	n, err := db.Exec(ctx, tx, `UPDATE field_voterfile_import SET state = 'loaded', stage = '', done = ?, total = ?, changed_at = ? WHERE id = ? AND run_token = ?`, total, total, s.now(), r.id, r.token)
	return oneRow(n, err)
}

func oneRow(n int64, err error) error {
	if err == nil && n == 0 {
		return errTaken()
	}
	return err
}

func (s *Store) keysAfter(ctx context.Context, file FileID, after string, limit int) ([]existing, error) {
	return db.All[existing](ctx, s.DB, `SELECT state_id, person_id, row_hash, vote_hash, household_key, county, party, dropped_on FROM field_voter_key
		WHERE voterfile_id = ? AND state_id > ? ORDER BY state_id LIMIT ?`, file, after, limit)
}

func (s *Store) wordsOf(ctx context.Context, file FileID) (wordSet, error) {
	set := wordSet{}
	for w, err := range db.Each[struct {
		Kind int    `db:"kind"`
		Word string `db:"word"`
	}](ctx, s.DB, `SELECT kind, word FROM field_person_word WHERE voterfile_id = ?`, file) {
		if err != nil {
			return nil, err
		}
		set[wordHash(w.Kind, w.Word)] = struct{}{}
	}
	return set, nil
}

// idsAtOnce is how many ids one statement names.
const idsAtOnce = 500

// dropStale removes what came with earlier rows of the people and is not in their new ones: name parts, phones, e-mails. What an
// organisation noted itself, or about a phone that stays, is left alone.
func (s *Store) dropStale(ctx context.Context, tx *db.Tx, people []int64, w *written) error {
	phones, emails := map[phoneKey]bool{}, map[emailKey]bool{}
	for _, p := range w.phones {
		phones[phoneKey{p.person, p.phone.Number}] = true
	}
	for _, m := range w.emails {
		emails[emailKey{m.person, m.email}] = true
	}
	for some := range slices.Chunk(people, idsAtOnce) {
		if _, err := db.Exec(ctx, tx, `DELETE FROM field_person_name_part WHERE person_id IN (?)`, some); err != nil {
			return err
		}
		if err := s.dropPhones(ctx, tx, some, phones); err != nil {
			return err
		}
		if err := s.dropEmails(ctx, tx, some, emails); err != nil {
			return err
		}
	}
	return nil
}

type phoneKey struct {
	Person int64  `db:"person_id"`
	Number string `db:"number"`
}

type emailKey struct {
	Person int64  `db:"person_id"`
	Email  string `db:"email"`
}

func (s *Store) dropPhones(ctx context.Context, tx *db.Tx, people []int64, keep map[phoneKey]bool) error {
	old, err := db.All[phoneKey](ctx, tx, `SELECT person_id, number FROM field_phone WHERE person_id IN (?) AND org_id = 0`, people)
	if err != nil {
		return err
	}
	for _, p := range old {
		if keep[p] {
			continue
		}
		if _, err := db.Exec(ctx, tx, `DELETE FROM field_phone WHERE person_id = ? AND number = ? AND org_id = 0`, p.Person, p.Number); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) dropEmails(ctx context.Context, tx *db.Tx, people []int64, keep map[emailKey]bool) error {
	old, err := db.All[emailKey](ctx, tx, `SELECT person_id, email FROM field_email WHERE person_id IN (?) AND org_id = 0`, people)
	if err != nil {
		return err
	}
	for _, m := range old {
		if keep[m] {
			continue
		}
		if _, err := db.Exec(ctx, tx, `DELETE FROM field_email WHERE person_id = ? AND email = ? AND org_id = 0`, m.Person, m.Email); err != nil {
			return err
		}
	}
	return nil
}

// drop marks people who are missing from the file of day.
func (s *Store) drop(ctx context.Context, tx *db.Tx, file FileID, id ImportID, day int64, people []int64, stateIDs []string) error {
	for some := range slices.Chunk(people, idsAtOnce) {
		if _, err := db.Exec(ctx, tx, `UPDATE field_person SET dropped_on = ?, import_id = ? WHERE person_id IN (?)`, day, id, some); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(stateIDs, idsAtOnce) {
		if _, err := db.Exec(ctx, tx, `UPDATE field_voter_key SET dropped_on = ? WHERE voterfile_id = ? AND state_id IN (?)`, day, file, some); err != nil {
			return err
		}
	}
	return nil
}

// indexes are those of the schema that cost more to keep during a first load than to make after it. A test holds them against the
// migration.
var indexes = [...]string{
	`CREATE INDEX IF NOT EXISTS field_person_name ON field_person (last_key, first_key, birth_year)`,
	`CREATE INDEX IF NOT EXISTS field_person_street ON field_person (street_key, house)`,
	`CREATE INDEX IF NOT EXISTS field_person_household ON field_person (household_key)`,
	`CREATE INDEX IF NOT EXISTS field_person_name_part_part ON field_person_name_part (part, first_key, person_id)`,
	`CREATE INDEX IF NOT EXISTS field_phone_number ON field_phone (number)`,
	`CREATE INDEX IF NOT EXISTS field_person_first ON field_person (first_key, last_key, birth_year)`,
	`CREATE INDEX IF NOT EXISTS field_person_middle ON field_person (last_key, middle_begin) WHERE LENGTH(middle_name) >= 3`,
	`CREATE INDEX IF NOT EXISTS field_person_several ON field_person (last_key) WHERE first_name LIKE '% %'`,
	`CREATE INDEX IF NOT EXISTS field_email_begin ON field_email (email_begin)`,
}

// dropIndexes takes the indexes away before a first load. A load that is interrupted leaves them away until it is finished: look-ups
// are slow then, not wrong.
func (s *Store) dropIndexes(ctx context.Context) error {
	for _, name := range []string{"field_person_name", "field_person_street", "field_person_household", "field_person_name_part_part", "field_phone_number",
		"field_person_first", "field_person_middle", "field_person_several", "field_email_begin"} {
		if err := s.exec(ctx, `DROP INDEX IF EXISTS `+name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) createIndexes(ctx context.Context) error {
	for _, create := range indexes {
		err := s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error { return db.CreateIndex(ctx, tx, create) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) exec(ctx context.Context, q string) error {
	return s.DB.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, q)
		return err
	})
}
