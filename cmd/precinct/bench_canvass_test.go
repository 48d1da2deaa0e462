package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/canvassbench"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// TestMain lets a test start this program as a process of its own, to kill it.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		if os.Getenv(careless) != "" {
			if err := withoutFlush(); err != nil {
				_, _ = os.Stderr.WriteString(err.Error())
				os.Exit(1)
			}
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// careless has a test binary that is the program never flush anything to the disk.
const careless = "PRECINCT_CARELESS"

// TestALossIsFound cuts the power of servers that say so before it is: what they lose must be seen, or the test below could see nothing.
func TestALossIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	for engine, o := range map[string]canvassbench.Options{
		"SQLite": {Serve: func(ctx context.Context, c db.Config, files, addr string) *exec.Cmd {
			cmd := serveCrowd(ctx, c, files, addr)
			cmd.Env = append(cmd.Env, careless+"=1")
			return cmd
		}},
		"Postgres": {Serve: serveCrowd, Careless: true},
	} {
		t.Run(engine, func(t *testing.T) {
			o.Phones, o.Results, o.Cuts, o.CutsOnly, o.Only, o.Dir, o.Make = 12, 20, 3, true, engine, t.TempDir(), makeCrowd
			var out bytes.Buffer
			err := canvassbench.Run(t.Context(), &out, o)
			if strings.Contains(out.String(), "NO POWER CUT") {
				t.Skip("NOT TESTED: " + strings.TrimSpace(out.String()))
			}
			if !errors.Is(err, canvassbench.ErrLost) {
				t.Errorf("a server that flushes nothing: %v\n%s", err, out.String())
			}
			t.Logf("%s: %v", strings.TrimSpace(out.String()), err)
		})
	}
}

// TestNothingSaidToBeSafeIsLost is the measurement in small: phones tell what they recorded while the server is killed and its power is cut.
func TestNothingSaidToBeSafeIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	o := canvassbench.Options{Phones: 12, Results: 20, Requests: 4, Over: 2 * time.Second, Kills: 3, Cuts: 2, Dir: t.TempDir(), Make: makeCrowd, Serve: serveCrowd}
	o.Postgres = os.Getenv(dbtest.Env) // one that is there: databases are made and dropped on it
	var out bytes.Buffer
	if err := canvassbench.Run(t.Context(), &out, o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if strings.Contains(out.String(), "NO POWER CUT") {
		t.Log(out.String())
	}
}
