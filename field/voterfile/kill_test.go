//go:build unix

package voterfile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
)

// childEnv makes the test binary a program that loads one import and may be killed at any moment.
const childEnv = "PRECINCT_TEST_IMPORT"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(strings.Split(spec, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child rehearses and loads. It kills itself, as hard as a system can, so many microseconds after the stage first shows.
func child(spec []string) error {
	dir, url, blobs, temp := spec[0], spec[1], spec[2], spec[3]
	id, _ := strconv.Atoi(spec[4])
	stage := spec[5]
	after, _ := strconv.Atoi(spec[6])
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Dir: dir, URL: url})
	if err != nil {
		return err
	}
	kept, err := blob.Open(blobs)
	if err != nil {
		return err
	}
	s := &Store{DB: d, Blobs: kept, Temp: temp, Memory: 100 << 10, chunk: 60}
	progress := func(now string, _, _ int64) {
		if now == stage {
			stage = ""
			go func() {
				time.Sleep(time.Duration(after) * time.Microsecond)
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}()
		}
	}
	imp, err := s.Status(ctx, owner, ImportID(id))
	if err != nil {
		return err
	}
	if imp.State == StateReceived {
		if _, err := s.Rehearse(ctx, owner, ImportID(id), progress); err != nil {
			return err
		}
	}
	_, err = s.Load(ctx, owner, ImportID(id), LoadOptions{AllowLargeChange: true}, progress)
	return err
}

// site is where a database is, so that another process can open it.
type site struct{ dir, url, blobs, temp string }

func (p site) open(t *testing.T) *Store {
	t.Helper()
	d := dbtest.Open(t, db.Config{Dir: p.dir, URL: p.url}, lines()...)
	kept, err := blob.Open(p.blobs)
	if err != nil {
		t.Fatal(err)
	}
	return &Store{DB: d, Blobs: kept, Temp: p.temp}
}

func TestKilledAnywhereTheResultIsThatOfAnUninterruptedImport(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	old := newState(t, synth.Options{Layout: layout.NC, Voters: 1200, Seed: 5})
	newer, err := old.Newer(synth.Change{Moved: 900, Party: 300, New: 800, Gone: 700})
	if err != nil {
		t.Fatal(err)
	}
	months := []files{write(t, old), write(t, newer)}
	test := func(t *testing.T, where func(t *testing.T) site) {
		calm := where(t).open(t)
		file := create(t, calm, layout.NC)
		for i, m := range months {
			loadAll(t, calm, receive(t, calm, file, layout.Date(20261003+100*i), m.uploads()...))
		}
		p := where(t)
		s := p.open(t)
		file = create(t, s, layout.NC)
		for i, m := range months {
			id := receive(t, s, file, layout.Date(20261003+100*i), m.uploads()...)
			killed := untilDone(t, p, id)
			t.Logf("month %d: killed %d times", i, killed)
			if killed < 3 {
				t.Errorf("month %d: only killed %d times: this tests nothing", i, killed)
			}
		}
		if diff := cmp.Diff(dump(t, calm.DB), dump(t, s.DB)); diff != "" {
			t.Errorf("(-uninterrupted +killed):\n%.3000s", diff)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		test(t, func(t *testing.T) site { return site{dir: t.TempDir(), blobs: t.TempDir(), temp: t.TempDir()} })
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, func(t *testing.T) site {
			return site{url: dbtest.PostgresURL(t), blobs: t.TempDir(), temp: t.TempDir()}
		})
	})
}

// untilDone runs the import in other processes, each of which is killed at another moment, until one gets to the end.
func untilDone(t *testing.T, p site, id ImportID) (killed int) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(id), 3))
	stages := []string{StageVoters, StageJoin, StageCompare, StageLoad, StageLoad, StageLoad, StageLoad, StageIndex}
	for try := 0; ; try++ {
		stage := ""
		if try < len(stages) {
			stage = stages[try]
		}
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{p.dir, p.url, p.blobs, p.temp, fmt.Sprint(id), stage, fmt.Sprint(r.IntN(8000))}, "\n"))
		out, err := cmd.CombinedOutput()
		if err == nil && try >= len(stages) {
			return killed
		}
		if err == nil {
			continue
		}
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || !status.Signaled() {
			t.Fatalf("%v: %s", err, out)
		}
		killed++
	}
}

// dump returns every row that an import writes, without times and tokens.
func dump(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	tables := map[string][]string{keyTable: keyColumns, personTable: personColumns, partTable: partColumns, phoneTable: append(slices.Clone(phoneColumns), "wrong_at"),
		emailTable: emailColumns, voteTable: voteColumns, electionTable: electionColumns, wordTable: wordColumns,
		"field_person_next":       {"next_id"},
		"field_voterfile_import":  {"id", "voterfile_id", "state", "file_date", "base_id", "cursor", "first_person_id", "next_person_id", "done", "total"},
		"field_voterfile_county":  {"import_id", "county", "before_people", "read_people", "new_people", "changed_people", "moved_people", "party_people", "dropped_people", "returned_people"},
		"field_voterfile_refusal": {"import_id", "number", "file", "line", "column_name", "value", "why", "args", "refused"}}
	all := map[string][]string{}
	for table, columns := range tables {
		rows, err := db.All[string](db.WithSite(t.Context()), d, `SELECT CAST(`+strings.Join(columns, ` AS TEXT) || '|' || CAST(`)+` AS TEXT) FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows)
		all[table] = rows
	}
	return all
}
