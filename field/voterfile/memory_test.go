package voterfile

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
)

// TestMemoryDoesNotGrowWithTheFile imports two files, one four times as large as the other. What is measured is the heap, so it holds
// for a database that keeps its own memory bounded.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 150,000 voters")
	}
	small, large := heapOfImport(t, 30_000), heapOfImport(t, 120_000)
	t.Logf("heap at most %d MB with 30,000 voters, %d MB with 120,000", small>>20, large>>20)
	if large > 2*small {
		t.Errorf("four times the voters took %d MB instead of %d MB", large>>20, small>>20)
	}
}

// heapOfImport returns the most bytes of live and dead objects seen during an import.
func heapOfImport(t *testing.T, voters int) uint64 {
	t.Helper()
	s := onSQLite(t)
	s.Memory = 4 << 20
	dir := t.TempDir()
	m, err := newState(t, synth.Options{Layout: layout.NC, Voters: voters, Seed: 1}).Write(func(name string) (io.WriteCloser, error) {
		return os.Create(filepath.Join(dir, name))
	})
	if err != nil {
		t.Fatal(err)
	}
	var uploads []Upload
	for _, f := range m.Files {
		kind, ok := map[string]layout.Kind{"voters": layout.Voters, "history": layout.History}[f.Kind]
		if !ok {
			continue
		}
		r, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		uploads = append(uploads, Upload{Name: f.Name, Kind: kind, R: r})
	}
	file := create(t, s, layout.NC)
	runtime.GC()
	quit := make(chan struct{})
	var most uint64
	var wait sync.WaitGroup
	wait.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-quit:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	r := loadAll(t, s, receive(t, s, file, 20261003, uploads...))
	close(quit)
	wait.Wait()
	if r.Counts.New != int64(voters) {
		t.Errorf("%d voters came in, want %d", r.Counts.New, voters)
	}
	return most
}
