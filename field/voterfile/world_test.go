package voterfile

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

func lines() []db.Line {
	return []db.Line{ledger.Schema(), account.Schema(), org.Schema(), {Program: "field", FS: os.DirFS("../schema")}}
}

var (
	owner    = org.Operate(1, permit.NewSet(PermitSee, PermitImport, PermitShare, PermitRaw))
	stranger = org.Operate(2, permit.NewSet(PermitSee, PermitImport, PermitShare, PermitRaw))
	nobody   = org.Operate(1, permit.NewSet())
)

// onBoth runs a test with a store on each engine.
func onBoth(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Helper()
	dbtest.Run(t, lines(), func(t *testing.T, d *db.DB) { f(t, newStore(t, d)) })
}

func newStore(t testing.TB, d *db.DB) *Store {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &Store{DB: d, Blobs: blobs, Temp: t.TempDir(), Memory: 1 << 20}
}

// files are the files of a made-up state, by name.
type files struct {
	synth.Manifest
	content map[string][]byte
}

type memoryFile struct {
	bytes.Buffer
	done func([]byte)
}

func (m *memoryFile) Close() error { m.done(m.Bytes()); return nil }

func write(t testing.TB, s *synth.State) files {
	t.Helper()
	f := files{content: map[string][]byte{}}
	var err error
	f.Manifest, err = s.Write(func(name string) (io.WriteCloser, error) {
		return &memoryFile{done: func(b []byte) { f.content[name] = b }}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newState(t testing.TB, o synth.Options) *synth.State {
	t.Helper()
	s, err := synth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// uploads returns the files of voters and votes.
func (f files) uploads() []Upload {
	var all []Upload
	for _, one := range f.Files {
		kind := layout.Voters
		switch one.Kind {
		case "history":
			kind = layout.History
		case "voters":
		default:
			continue
		}
		all = append(all, Upload{Name: one.Name, Kind: kind, R: bytes.NewReader(f.content[one.Name])})
	}
	return all
}

func create(t testing.TB, s *Store, id layout.ID) FileID {
	t.Helper()
	file, err := s.Create(context.Background(), owner, File{Name: "The state", Layout: id})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func receive(t testing.TB, s *Store, file FileID, made layout.Date, uploads ...Upload) ImportID {
	t.Helper()
	id, err := s.Receive(context.Background(), owner, file, uploads, made)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func loadAll(t testing.TB, s *Store, id ImportID) Report {
	t.Helper()
	r, err := s.Rehearse(context.Background(), owner, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := s.Load(context.Background(), owner, id, LoadOptions{AllowLargeChange: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Counts != r.Counts {
		t.Errorf("loaded %+v, rehearsed %+v", loaded.Counts, r.Counts)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Temp, "*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	return r
}
