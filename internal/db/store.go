package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ensureOwnTables makes the two tables that are there before any migration.
func (d *DB) ensureOwnTables(ctx context.Context) error {
	return d.Transact(ctx, func(ctx context.Context, tx *Tx) error {
		if err := Lock(ctx, tx, "own tables"); err != nil { // IF NOT EXISTS is no protection against a racing twin on Postgres
			return err
		}
		_, err := tx.tx.ExecContext(ctx, dialect(d.engine, `CREATE TABLE IF NOT EXISTS migration (
			program @text NOT NULL, number @int NOT NULL, name @text NOT NULL, hash @text NOT NULL, applied_at @int NOT NULL,
			PRIMARY KEY (program, number)) @strict`))
		if err != nil {
			return fmt.Errorf("making the table of migrations: %w", err)
		}
		_, err = tx.tx.ExecContext(ctx, dialect(d.engine, `CREATE TABLE IF NOT EXISTS site (
			only_one @int PRIMARY KEY CHECK (only_one = 1), purpose @text NOT NULL, name @text NOT NULL, created_at @int NOT NULL) @strict`))
		if err != nil {
			return fmt.Errorf("making the table of the site: %w", err)
		}
		return nil
	})
}

func siteOf(ctx context.Context, r Reader) (Site, error) {
	return One[Site](ctx, r, `SELECT purpose, name, created_at FROM site`)
}

func insertSite(ctx context.Context, tx *Tx, s Site) error {
	_, err := Exec(ctx, tx, `INSERT INTO site (only_one, purpose, name, created_at) VALUES (1, ?, ?, ?)`, s.Purpose, s.Name, s.Created)
	return err
}

func (d *DB) migrationsApplied(ctx context.Context, program string) ([]Migration, error) {
	return All[Migration](ctx, d, `SELECT program, number, name, hash, applied_at FROM migration WHERE program = ? ORDER BY number`, program)
}

// applyMigration runs m unless another program has run it in the meantime.
func (d *DB) applyMigration(ctx context.Context, m Migration) (ran bool, err error) {
	err = d.Transact(ctx, func(ctx context.Context, tx *Tx) error {
		if err := Lock(ctx, tx, "migrate"); err != nil {
			return err
		}
		there, err := All[string](ctx, tx, `SELECT hash FROM migration WHERE program = ? AND number = ?`, m.Program, m.Number)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			if there[0] != m.Hash {
				return errors.New("another program has just run a different file of this number")
			}
			return nil
		}
		if _, err := tx.tx.ExecContext(ctx, m.sql); err != nil {
			return err
		}
		ran = true
		_, err = Exec(ctx, tx, `INSERT INTO migration (program, number, name, hash, applied_at) VALUES (?, ?, ?, ?, ?)`,
			m.Program, m.Number, m.Name, m.Hash, time.Now())
		return err
	})
	return ran, err
}

// CreateDatabase makes an empty database on a Postgres server. name holds letters, digits and _ only.
func (d *DB) CreateDatabase(ctx context.Context, name string) error {
	_, err := d.write.ExecContext(WithSite(ctx), `CREATE DATABASE `+name)
	return err
}

// DropDatabase removes a database from a Postgres server, throwing out whoever is connected.
func (d *DB) DropDatabase(ctx context.Context, name string) error {
	_, err := d.write.ExecContext(WithSite(ctx), `DROP DATABASE `+name+` WITH (FORCE)`)
	return err
}

// Lock makes tx wait until no other transaction holds name, and then hold it until it ends. SQLite has one
// writer, so there it costs nothing.
func Lock(ctx context.Context, tx *Tx, name string) error {
	if tx.engine == SQLite {
		return nil
	}
	_, err := Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, name)
	return err
}
