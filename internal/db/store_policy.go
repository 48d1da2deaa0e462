package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"
)

// fenceFile stands beside a program's migrations and says who may see which rows of its tables on Postgres. It has no number: it is the whole
// picture, and is put up anew whenever it or a migration has changed. Its statements end with a semicolon at the end of a line.
//
//	FENCE field_note BY org_id;                                      -- the rows of the organisation in the column, nobody else's
//	FENCE field_phone BY org_id IN (0, @org) WRITE org_id = @org;    -- any condition; what may be written can be narrower
//	CREATE OR REPLACE FUNCTION …;                                    -- what conditions call
//
// @org is the organisation that a statement runs for, NULL for nobody in particular. Conditions are asked for every row: what is the same for
// all of them belongs into (SELECT …), which is asked once.
const fenceFile = "fence.sql"

var (
	fenceLine   = regexp.MustCompile(`(?s)^FENCE\s+([a-z0-9_]+)\s+BY\s+(.+?)(?:\s+WRITE\s+(.+))?$`)
	fenceColumn = regexp.MustCompile(`^[a-z0-9_]+$`)
	fenceNote   = regexp.MustCompile(`(?m)[ \t]*(--.*)?$`)
)

const thisOrg = "(SELECT precinct_org())"

// policies turns a fence file into Postgres's own statements.
func policies(text string) ([]string, error) {
	var all []string
	for _, part := range strings.Split(fenceNote.ReplaceAllString(text, "")+"\n", ";\n") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case !strings.HasPrefix(part, "FENCE"):
			all = append(all, dialect(Postgres, part))
		default:
			m := fenceLine.FindStringSubmatch(part)
			if m == nil {
				return nil, fmt.Errorf("%s: want FENCE table BY column or condition, not %q", fenceFile, part)
			}
			all = append(all, policiesOf(m[1], fenceCondition(m[2]), fenceCondition(m[3]))...)
		}
	}
	return all, nil
}

// policiesOf are the policies of one table; write is "" where all that is seen may be written.
func policiesOf(table, see, write string) []string {
	all := []string{"ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY"}
	put := func(name, does, conditions string) {
		all = append(all, "DROP POLICY IF EXISTS "+name+" ON "+table)
		if conditions != "" {
			all = append(all, "CREATE POLICY "+name+" ON "+table+" FOR "+does+" TO "+fencedRole+" "+conditions)
		}
	}
	if write == "" {
		put("fence", "ALL", "USING ("+see+")")
		put("fence_insert", "INSERT", "")
		put("fence_update", "UPDATE", "")
		put("fence_delete", "DELETE", "")
		return all
	}
	put("fence", "SELECT", "USING ("+see+")")
	put("fence_insert", "INSERT", "WITH CHECK ("+write+")")
	put("fence_update", "UPDATE", "USING ("+write+")")
	put("fence_delete", "DELETE", "USING ("+write+")")
	return all
}

func fenceCondition(s string) string {
	if fenceColumn.MatchString(s) {
		return s + " = " + thisOrg
	}
	return strings.ReplaceAll(s, "@org", thisOrg)
}

// readyRole makes the role that statements run as, once for a whole Postgres server.
func (d *DB) readyRole(ctx context.Context) error {
	if d.engine == SQLite {
		return nil
	}
	return d.Transact(ctx, func(ctx context.Context, tx *Tx) error {
		if err := Lock(ctx, tx, "migrate"); err != nil {
			return err
		}
		if _, err := tx.tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS fence (program TEXT PRIMARY KEY, hash TEXT NOT NULL, put_up_at BIGINT NOT NULL)`); err != nil {
			return fmt.Errorf("making the table of fences: %w", err)
		}
		there, err := One[struct {
			Role  bool `db:"role"`
			Super bool `db:"super"`
		}](ctx, tx, `SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?) AS role, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`, fencedRole)
		if err != nil {
			return err
		}
		if !there.Role { // another database of the server may make it at the same moment: the lock is this database's alone
			_, err = tx.tx.ExecContext(ctx, `DO $$ BEGIN CREATE ROLE `+fencedRole+` NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`)
			if err != nil {
				return errNoRole(err)
			}
		}
		if there.Super { // who may be anybody
			return nil
		}
		may, err := One[bool](ctx, tx, `SELECT pg_has_role(current_user, ?, 'MEMBER')`, fencedRole)
		if err != nil || may && there.Role {
			return err
		}
		if _, err = tx.tx.ExecContext(ctx, `GRANT `+fencedRole+` TO CURRENT_USER`); err != nil {
			return errNoRole(err)
		}
		return nil
	})
}

func errNoRole(err error) error {
	return fmt.Errorf("what one organization keeps is fenced off from the others by the role %s, which this user may not use; "+
		"have an administrator of the server run CREATE ROLE %s NOLOGIN and GRANT %s TO this user: %w", fencedRole, fencedRole, fencedRole, err)
}

// fence puts up a line's fences and opens the tables inside them, unless that has been done since its files last changed.
func (d *DB) fence(ctx context.Context, l Line, migrations []Migration) error {
	if d.engine == SQLite {
		return nil
	}
	text, err := fs.ReadFile(l.FS, fenceFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the fences of %s: %w", l.Program, err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n", policyVersion, text)
	for _, m := range migrations {
		fmt.Fprintln(sum, m.Hash)
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	statements, err := policies(string(text))
	if err != nil {
		return fmt.Errorf("fences of %s: %w", l.Program, err)
	}
	statements = append([]string{whoseFence}, statements...)
	statements = append(statements, `DO $$ BEGIN
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO `+fencedRole+`', current_schema());
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO `+fencedRole+`', current_schema());
		EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %I.migration, %I.site, %I.fence FROM `+fencedRole+`', current_schema(), current_schema(), current_schema());
		EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO `+fencedRole+`', current_database());
	END $$`)
	return d.Transact(ctx, func(ctx context.Context, tx *Tx) error {
		if err := Lock(ctx, tx, "migrate"); err != nil {
			return err
		}
		there, err := One[string](ctx, tx, `SELECT hash FROM fence WHERE program = ?`, l.Program)
		if err != nil && !errors.Is(err, ErrNone) || there == hash {
			return err
		}
		for _, q := range statements {
			if _, err := tx.tx.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("fences of %s: %s: %w", l.Program, firstWords(q), err)
			}
		}
		_, err = Exec(ctx, tx, `INSERT INTO fence (program, hash, put_up_at) VALUES (?, ?, ?)
			ON CONFLICT (program) DO UPDATE SET hash = excluded.hash, put_up_at = excluded.put_up_at`, l.Program, hash, time.Now())
		return err
	})
}

// policyVersion changes when this file makes other statements of the same fences.
const policyVersion = "1"

// whoseFence is what conditions compare with.
const whoseFence = `CREATE OR REPLACE FUNCTION precinct_org() RETURNS BIGINT LANGUAGE sql STABLE PARALLEL SAFE
	AS 'SELECT NULLIF(pg_catalog.current_setting(''precinct.org'', true), '''')::BIGINT'`
