package person

import (
	"context"

	"github.com/openprecinct/precinct/internal/db"
)

func (p *Store) lastPerson(ctx context.Context) (int64, error) {
	return db.One[int64](ctx, p.db, `SELECT COALESCE(MAX(person_id), 0) FROM field_person`)
}

// byStep returns the first person from id on.
func (p *Store) byStep(ctx context.Context, f fence, id int64) ([]row, error) {
	return db.AllOf[row](ctx, p.db, f.people(`field_person p`).Add(`AND p.person_id >= ? ORDER BY p.person_id LIMIT 1`, id))
}

func (p *Store) likeName(ctx context.Context, f fence, name string) ([]ID, error) {
	ctx = db.WithSite(ctx) // nobody else has fences
	return db.All[ID](ctx, p.db, `SELECT person_id FROM field_person WHERE voterfile_id IN (?) AND first_name || ' ' || last_name LIKE ? LIMIT 50`,
		f.files, "%"+name+"%")
}

// trigramName asks as the manual of pg_trgm does: the nearest by distance, by its index.
func (p *Store) trigramName(ctx context.Context, f fence, name string) ([]ID, error) {
	ctx = db.WithSite(ctx)
	return db.All[ID](ctx, p.db, `SELECT person_id FROM field_person WHERE voterfile_id IN (?) AND (first_name || ' ' || last_name) % ?
		ORDER BY (first_name || ' ' || last_name) <-> ? LIMIT 50`, f.files, name, name)
}

func (p *Store) makeTrigrams(ctx context.Context) error {
	return p.db.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `CREATE EXTENSION IF NOT EXISTS pg_trgm`); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `CREATE INDEX bench_trigram ON field_person USING gin ((first_name || ' ' || last_name) gin_trgm_ops)`)
		return err
	})
}

func (p *Store) dropTrigrams(ctx context.Context) error {
	return p.db.Transact(db.WithSite(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DROP INDEX bench_trigram`)
		return err
	})
}
