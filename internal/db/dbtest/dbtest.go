// Package dbtest gives tests a fresh database on each engine.
package dbtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// Env names the variable that holds the URL of a Postgres server whose user may create databases. Without
// it each test binary starts a server of its own, when Postgres is installed.
const Env = "PRECINCT_TEST_POSTGRES"

// Run runs f on SQLite always and on Postgres when there is one, each on a fresh database brought forward
// along lines. Where PRECINCT_REQUIRE_POSTGRES is set, a missing Postgres fails the test.
func Run(t *testing.T, lines []db.Line, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, db.Config{Dir: t.TempDir()}, lines...)) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, db.Config{URL: PostgresURL(t)}, lines...)) })
}

// Open opens and migrates a database that closes with the test.
func Open(t testing.TB, c db.Config, lines ...db.Line) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	if _, err := d.Migrate(context.Background(), lines...); err != nil {
		t.Fatal(err)
	}
	return d
}

var databases atomic.Int64

// PostgresURL creates an empty database and returns its URL; it is dropped with the test. It skips the test
// when there is no Postgres.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server, err := startOnce()
	if err != nil {
		if os.Getenv("PRECINCT_REQUIRE_POSTGRES") != "" {
			t.Fatalf("Postgres is required here: %v", err)
		}
		t.Skipf("NOT TESTED ON POSTGRES: %v", err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	admin, err := db.Open(context.Background(), db.Config{URL: server})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close() //nolint:errcheck // only an administrator's connection
	if err := admin.CreateDatabase(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dropDatabase(t, server, name) })
	return strings.Replace(server, "/postgres?", "/"+name+"?", 1)
}

func dropDatabase(t testing.TB, server, name string) {
	admin, err := db.Open(context.Background(), db.Config{URL: server})
	if err != nil {
		t.Errorf("dropping %s: %v", name, err)
		return
	}
	defer admin.Close() //nolint:errcheck // only an administrator's connection
	if err := admin.DropDatabase(context.Background(), name); err != nil {
		t.Errorf("dropping %s: %v", name, err)
	}
}

var startOnce = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(Env); url != "" {
		return url, nil
	}
	return startServer()
})

// lifelines are held open until this process ends: one that the collector could close would stop its server.
var lifelines []io.WriteCloser

// startServer runs a throw-away Postgres that ends with this process: a shell waits on a pipe that only this
// process holds, then stops the server and removes its folder.
func startServer() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("no initdb under /usr/lib/postgresql: install postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "precinct-pg")
	if err != nil {
		return "", err
	}
	attr, err := ordinaryUser(dir)
	if err != nil {
		return "", err
	}
	script := `"$0/initdb" -D "$1/data" -A trust -U precinct -E UTF8 --locale=C.UTF-8 --no-sync >"$1/init.log" 2>&1 || exit 1
"$0/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 >"$1/log" 2>&1 &
pid=$!; cat >/dev/null; kill -INT $pid; wait $pid; rm -rf "$1"`
	cmd := exec.Command("/bin/sh", "-c", script, bin, dir)
	cmd.SysProcAttr = attr
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	lifelines = append(lifelines, lifeline)
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("starting Postgres: %w", err)
	}
	url := "postgres://precinct@/postgres?host=" + dir
	return url, waitForServer(url, dir)
}

// ordinaryUser lets the server run as user postgres when we are root, which it refuses.
func ordinaryUser(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("the Postgres server refuses root and there is no user postgres: %w", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

func waitForServer(url, dir string) error {
	var last error
	for range 300 {
		d, err := db.Open(context.Background(), db.Config{URL: url})
		if err == nil {
			return d.Close()
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	return fmt.Errorf("postgres did not answer: %w\n%s", last, log)
}
