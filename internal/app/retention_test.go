package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
)

func TestOnlyOldFilesThatNothingHoldsAreDeleted(t *testing.T) {
	if err := ledger.Declare(Kinds(nil)); err != nil {
		t.Fatal(err)
	}
	var held []string
	var asked error
	forgot := 0
	dir := t.TempDir()
	program := Program{Name: "field", Schema: db.Line{Program: "field", FS: os.DirFS(t.TempDir())}, Open: func(*Ground) Work {
		return Work{Retention: &Retention{
			Held:   func(context.Context) ([]string, error) { return held, asked },
			Over:   func(context.Context, time.Time) ([]string, error) { return []string{"An old import."}, nil },
			Forget: func(context.Context, time.Time) error { forgot++; return nil },
		}}
	}}
	s, err := Open(t.Context(), Config{DB: db.Config{Dir: dir}, New: true, Programs: []Program{program}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	put := func(text string, age time.Duration) string {
		ref, err := s.Blobs.Put(t.Context(), bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, "blob", "blob", ref.Hash[:2], ref.Hash), at, at); err != nil {
			t.Fatal(err)
		}
		return ref.Hash
	}
	needed, young, left := put("needed", 2*KeepTime), put("young", KeepTime-time.Hour), put("left over", KeepTime+time.Hour)
	held = []string{needed}
	all := func() (there []string) {
		for hash, err := range s.Blobs.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			there = append(there, hash)
		}
		return there
	}
	said, err := s.Leftovers(t.Context())
	if err != nil || len(said) != 2 || said[0] != "An old import." || !strings.HasPrefix(said[1], "1 stored file") {
		t.Errorf("the doctor says %q, %v", said, err)
	}
	asked = errors.New("the database is away")
	if err := s.sweep(t.Context()); !errors.Is(err, asked) || len(all()) != 3 {
		t.Errorf("it is not known what is held, and %d of 3 files are left, %v", len(all()), err)
	}
	asked = nil
	if err := s.sweep(t.Context()); err != nil || forgot != 2 {
		t.Errorf("sweeping: %v, %d times forgotten", err, forgot)
	}
	if got := all(); len(got) != 2 || !slices.Contains(got, needed) || !slices.Contains(got, young) {
		t.Errorf("left: %v, want %s and %s", got, needed, young)
	}
	if _, err := s.Blobs.Stat(t.Context(), left); !errors.Is(err, blob.ErrNone) {
		t.Errorf("the leftover: %v", err)
	}
	if err := s.sweep(t.Context()); err != nil {
		t.Error(err)
	}
	entries, err := ledger.Entries(t.Context(), s.DB, ledger.Filter{Kind: entrySweep, Limit: 10})
	if err != nil || len(entries) != 1 || !strings.Contains(fmt.Sprint(entries[0].Data), left) {
		t.Errorf("the ledger holds %+v, %v", entries, err)
	}
}
