package main

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/canvassbench"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// TestMain lets a test start this program as a process of its own, to kill it.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
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
