package voterfile

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
)

func newRunner(t *testing.T, s *Store) *Runner {
	t.Helper()
	r := NewRunner(s, slog.New(slog.DiscardHandler))
	t.Cleanup(r.Close)
	return r
}

// idle waits until a runner does nothing with an import.
func idle(t *testing.T, r *Runner, id ImportID) Pace {
	t.Helper()
	for range 6000 {
		if p := r.Pace(id); p.Stage == "" {
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("import %d never ends: %+v", id, r.Pace(id))
	return Pace{}
}

// TestRunnerClosedWhileLoadingGoesOnAfterwards: closed again and again in the middle of a load, the rows in the end are those of a
// load that nobody closed.
func TestRunnerClosedWhileLoadingGoesOnAfterwards(t *testing.T) {
	f := write(t, newState(t, synth.Options{Layout: layout.NC, Voters: 2000, Seed: 5}))
	calm := newStore(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines()...))
	loadAll(t, calm, receive(t, calm, create(t, calm, layout.NC), 20261003, f.uploads()...))
	want := dump(t, calm.DB)
	onBoth(t, func(t *testing.T, s *Store) {
		s.chunk = 50
		id := receive(t, s, create(t, s, layout.NC), 20261003, f.uploads()...)
		r := newRunner(t, s)
		r.Rehearse(owner, id)
		if p := idle(t, r, id); p.Err != nil || p.Loads || len(p.Took) < 3 {
			t.Fatalf("after the rehearsal: %+v", p)
		}
		closed := 0
		for state(t, s, id) != StateLoaded {
			r = newRunner(t, s)
			r.Load(owner, id, LoadOptions{})
			before := r.Pace(id).Done
			for p := r.Pace(id); p.Stage != "" && (p.Stage != StageLoad || p.Done < before+300); p = r.Pace(id) {
				time.Sleep(100 * time.Microsecond)
			}
			r.Close()
			if got := state(t, s, id); got == StateStopped {
				closed++
			} else if got != StateLoaded {
				t.Fatalf("closed while loading, the import is %s: %v", got, r.Pace(id).Err)
			}
		}
		if closed < 2 {
			t.Errorf("only closed %d times: this tests nothing", closed)
		}
		if diff := cmp.Diff(want, dump(t, s.DB)); diff != "" {
			t.Errorf("(-uninterrupted +closed %d times):\n%.3000s", closed, diff)
		}
	})
}

func state(t *testing.T, s *Store, id ImportID) State {
	t.Helper()
	got, err := s.Standing(t.Context(), owner, id)
	if err != nil {
		t.Fatal(err)
	}
	return got.State
}

func TestRunnerStopsAndGoesOn(t *testing.T) {
	s := onSQLite(t)
	s.chunk = 20
	_, _, people, _ := carolina(t, 2000)
	id := receive(t, s, create(t, s, layout.NC), 20261003, voters("v.txt", people))
	r := newRunner(t, s)
	r.Rehearse(owner, id)
	idle(t, r, id)
	r.Load(owner, id, LoadOptions{})
	for r.Pace(id).Done == 0 && r.Pace(id).Stage != "" {
		time.Sleep(time.Millisecond)
	}
	if got, err := s.Standing(t.Context(), owner, id); err != nil || !got.Held || got.State != StateLoading {
		t.Fatalf("while it loads: %+v, %v", got, err)
	}
	if err := s.SetMapping(t.Context(), owner, 1, ""); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the mapping is changed while it loads: %v", err)
	}
	if err := s.Stop(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
	if p := idle(t, r, id); !errors.Is(p.Err, ErrStopped) {
		t.Fatalf("stopped: %v", p.Err)
	}
	if got, err := s.Standing(t.Context(), owner, id); err != nil || got.Held || got.State != StateStopped || got.Done == 0 || got.Done >= got.Total {
		t.Fatalf("stopped: %+v, %v", got, err)
	}
	r.Load(owner, id, LoadOptions{})
	if p := idle(t, r, id); p.Err != nil || state(t, s, id) != StateLoaded {
		t.Errorf("going on: %v", p.Err)
	}
}

func TestRunnerOutlivesAPanic(t *testing.T) {
	s := onSQLite(t)
	r := newRunner(t, s)
	r.begin(7, true, func(Progress) error { panic("a bad file") })
	if p := idle(t, r, 7); p.Err == nil || !strings.Contains(p.Err.Error(), "a bad file") {
		t.Errorf("got %v", p.Err)
	}
}

func TestRunnerDoesOneThingAtATimeAndNothingAfterClose(t *testing.T) {
	r := newRunner(t, onSQLite(t))
	begun, let := make(chan bool), make(chan bool)
	work := func(p Progress) error {
		begun <- true
		p(StageLoad, 3, 9)
		<-let
		return nil
	}
	r.begin(1, true, work)
	<-begun
	r.begin(1, true, func(Progress) error { t.Error("begun twice"); return nil })
	let <- true
	p := idle(t, r, 1)
	if p.Err != nil || len(p.Took) != 1 || p.Took[0].Stage != StageLoad {
		t.Errorf("after it: %+v", p)
	}
	r.Close()
	r.begin(1, true, func(Progress) error { t.Error("begun after Close"); return nil })
	r.Close()
}

func TestStagesSideBySideAreListedOnce(t *testing.T) {
	now := time.UnixMilli(1000)
	s := onSQLite(t)
	s.Now = func() time.Time { return now }
	r := newRunner(t, s)
	at, let := make(chan bool), make(chan bool)
	r.begin(1, false, func(p Progress) error {
		for n := range int64(100) {
			for _, stage := range []string{StageVoters, StageVotes} {
				p(stage, n, 100)
				now = now.Add(time.Second)
			}
		}
		at <- true
		<-let
		return nil
	})
	<-at
	want := Pace{Stage: StageVotes, So: 100 * time.Second, Done: 99, Total: 100, Took: []Took{{StageVoters, 100 * time.Second}}}
	if diff := cmp.Diff(want, r.Pace(1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	let <- true
	idle(t, r, 1)
}

func TestStandingIsFenced(t *testing.T) {
	s := onSQLite(t)
	_, _, people, _ := carolina(t, 200)
	id := receive(t, s, create(t, s, layout.NC), 20261003, voters("v.txt", people))
	if got, err := s.Standing(context.Background(), owner, id); err != nil || got != (Standing{State: StateReceived}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Standing(context.Background(), stranger, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another organization: %v", err)
	}
	if _, err := s.Standing(context.Background(), nobody, id); fault.KindOf(err) != fault.Denied {
		t.Errorf("without a permit: %v", err)
	}
}
