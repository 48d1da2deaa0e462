// Package db opens SQLite or Postgres, runs transactions and migrations, and speaks one SQL to both.
//
// Transact is the only way to write. Queries use ? placeholders and may be built with Q. Values are few
// and the same on both engines: int64, float64, string, []byte; a bool is stored as 0 or 1, a time as
// Unix milliseconds, and both are converted on the way in and out. This package alone names a driver or
// a dialect.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the SQLite driver
)

// Engine is one of the two databases.
type Engine uint8

// The engines.
const (
	SQLite Engine = iota
	Postgres
)

// String returns the engine's name in lower case.
func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// FileName is the database inside a site's folder.
const FileName = "precinct.db"

// Durability says what an acknowledged write has survived. The zero value is the only one the product uses.
type Durability uint8

const (
	// Full means an acknowledged write is on stable storage.
	Full Durability = iota
	// Lax skips the flush at each commit. Only the power-cut test uses it, to prove that it can see a loss.
	Lax
)

// Config says which database to open: a folder (SQLite inside) or a Postgres URL, not both.
type Config struct {
	Dir        string
	URL        string
	Durability Durability
}

// DB is an open database: one place to write, many to read.
type DB struct {
	engine Engine
	dir    string
	write  *sql.DB
	read   *sql.DB
	group  *groupWriter   // SQLite only
	reads  *preparedReads // SQLite only
}

// Open opens the database of c, creating the SQLite file when there is none.
func Open(ctx context.Context, c Config) (*DB, error) {
	switch {
	case c.URL != "" && c.Dir != "":
		return nil, errors.New("give either a site folder or a database URL, not both")
	case c.URL != "":
		return openPostgres(ctx, c)
	case c.Dir != "":
		return openSQLite(ctx, c)
	default:
		return nil, errors.New("say where the data is: --site DIR or --database URL")
	}
}

func openSQLite(ctx context.Context, c Config) (*DB, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the site folder: %w", err)
	}
	path := filepath.Join(c.Dir, FileName)
	level := "FULL"
	if c.Durability == Lax {
		level = "NORMAL"
	}
	common := []string{"busy_timeout(10000)", "foreign_keys(1)", "synchronous(" + level + ")", "temp_store(MEMORY)"}
	writer := append(slices.Clone(common), "journal_mode(WAL)", sqliteCache,
		"journal_size_limit(67108864)", // give the disk back after a large import
		"secure_delete(FAST)",          // what is erased leaves the file, where that costs no further reading
		"threads(2)")                   // a large index is sorted beside the reading
	write, err := sql.Open("sqlite", sqliteDSN(path, "immediate", writer))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), write.Close())
	}
	// No mmap: each of the connections would map the file for itself, and a large file read once would count as resident memory
	// eight times over. The system's own cache serves a page in a microsecond.
	read, err := sql.Open("sqlite", sqliteDSN(path, "", append(common, "query_only(1)", "cache_size(-4096)")))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	read.SetConnMaxIdleTime(time.Minute) // each holds a few MB
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), write.Close(), read.Close())
	}
	return &DB{engine: SQLite, dir: c.Dir, write: write, read: read, group: startGroupWriter(conn), reads: &preparedReads{all: map[string]*sql.Stmt{}}}, nil
}

func sqliteDSN(path, txlock string, pragmas []string) string {
	v := url.Values{"_pragma": pragmas}
	if txlock != "" {
		v.Set("_txlock", txlock)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

func openPostgres(ctx context.Context, c Config) (*DB, error) {
	pool, err := openFenced(c.URL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read: want postgres://user@host/name")
	}
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(8)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reaching Postgres: %w", err), pool.Close())
	}
	return &DB{engine: Postgres, write: pool, read: pool}, nil
}

// Engine returns which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Dir returns the site's folder, or "" on Postgres.
func (d *DB) Dir() string { return d.dir }

// Close waits for writes under way and closes the database.
func (d *DB) Close() error {
	var err error
	if d.group != nil {
		err = errors.Join(d.group.stop(), d.reads.close())
	}
	err = errors.Join(err, d.write.Close())
	if d.read != d.write {
		err = errors.Join(err, d.read.Close())
	}
	return err
}
